//! Complaints: graded, visited, answered; and those about the staff (policies repair-dispatch and console-repair).

use rust_decimal::Decimal;

use super::{
    month::{WORK, add_work},
    people::{
        AFTER_SALES_DEPARTMENT, AFTER_SALES_STAFF, CLERK, COMPANY, CUSTOMER_SERVICE, SERVICE_DEPARTMENT, SERVICE_DIRECTOR, SERVICE_UNIT,
    },
    script::{Brief, Hours, Script},
};
use crate::case::Case;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    HandledLate,
    SanctionUnproven,
    WrongChannel,
    NotVisited,
    GradedLate,
    SubmittedLate,
    NotReported,
    NotUrged,
    HeadNotFined,
}

const MISHAPS: &[Mishap] = &[
    Mishap::HandledLate,
    Mishap::SanctionUnproven,
    Mishap::WrongChannel,
    Mishap::NotVisited,
    Mishap::GradedLate,
    Mishap::SubmittedLate,
    Mishap::NotReported,
    Mishap::NotUrged,
    Mishap::HeadNotFined,
];

/// A complaint from its receipt to the answer.
pub(super) fn complaint(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "C", "complaint", Hours::Office);
    let mishap = s.mishap(MISHAPS);
    let major = mishap == Some(Mishap::SubmittedLate) || s.rng.chance(25);
    let attitude = mishap == Some(Mishap::SanctionUnproven) || s.rng.chance(15);
    let about_head = mishap == Some(Mishap::HeadNotFined) || s.rng.chance(4);
    let quality = mishap != Some(Mishap::NotReported) && !attitude && s.rng.chance(65);
    let suggestion = mishap != Some(Mishap::NotVisited) && s.rng.chance(10);
    s.asked("complaint_severity", if major { "major" } else { "general" });
    s.fact("suggestion_only", suggestion);
    s.fact("quality_related", quality);
    s.asked("about_attitude", attitude);
    s.fact("about_head", about_head);
    s.note("received");
    if about_head {
        aside(&mut s, |s| {
            s.work(2 * WORK, 9 * WORK);
            // Ten yuan are what the policy asks for; a fine of another amount does not settle it.
            s.act("fined", COMPANY).with("amount", Decimal::from(if mishap == Some(Mishap::HeadNotFined) { 5 } else { 10 }));
        });
    }
    class(&mut s, mishap, quality);
    if attitude {
        aside(&mut s, |s| sanction(s, mishap));
    }
    handle(&mut s, mishap, major, suggestion);
    s.end()
}

/// Something that goes on beside the story, which continues from where it is.
fn aside(s: &mut Script, story: impl FnOnce(&mut Script)) {
    let here = s.now;
    story(s);
    s.now = here;
}

fn class(s: &mut Script, mishap: Option<Mishap>, quality: bool) {
    s.work(5, 60);
    s.act("classed", AFTER_SALES_STAFF);
    if !quality {
        aside(s, |s| {
            s.work(5, 100);
            s.act("recorded", AFTER_SALES_STAFF);
            if mishap == Some(Mishap::NotReported) {
                s.work(3 * WORK, 9 * WORK);
            } else {
                s.work(5, 240);
            }
            s.act("reported_to_company", AFTER_SALES_STAFF);
        });
    }
}

fn sanction(s: &mut Script, mishap: Option<Mishap>) {
    let hasty = mishap == Some(Mishap::SanctionUnproven);
    if !hasty {
        s.work(WORK, 4 * WORK);
        let verified = s.rng.chance(60);
        s.act("investigated", COMPANY).with("verified", verified);
        if !verified {
            return;
        }
    }
    s.work(WORK, 5 * WORK);
    let sanction = s.rng.pick(&["probation", "probation", "dismissal"]);
    s.act("sanction_decided", COMPANY).with("sanction", sanction);
    let amount = s.rng.between(2, 10) * 50;
    s.work(10, 400);
    s.act("fined", COMPANY).with("amount", Decimal::from(amount));
    if hasty && s.rng.chance(50) {
        s.work(WORK, 3 * WORK);
        s.act("investigated", COMPANY).with("verified", true);
    }
}

fn handle(s: &mut Script, mishap: Option<Mishap>, major: bool, suggestion: bool) {
    if mishap == Some(Mishap::GradedLate) {
        s.work(3 * WORK, 5 * WORK);
    } else {
        s.work(10, 300);
    }
    let graded = s.now;
    s.act("severity_graded", CLERK);
    if major {
        aside(s, |s| {
            if mishap == Some(Mishap::SubmittedLate) {
                s.work(150, 900);
            } else {
                s.work(5, 110);
            }
            s.act("submitted_to_deputy", SERVICE_DEPARTMENT);
        });
    }
    if !suggestion {
        aside(s, |s| {
            let late = mishap == Some(Mishap::NotVisited);
            s.work(if late { 5 * WORK } else { 30 }, if late { 9 * WORK } else { WORK });
            s.act("customer_visited", SERVICE_DIRECTOR).with("sent_by", "service-director").with("learnt", "what the customer wishes");
        });
    }
    let limit = if major { 3 } else { 10 };
    let (low, high) = match mishap {
        Some(Mishap::HandledLate) => (limit * WORK + 500, (limit + 5) * WORK),
        Some(Mishap::NotUrged) => (limit.max(9) * WORK, (limit.max(9) + 1) * WORK),
        // Of the two documents the stricter: five working days even for an ordinary one.
        _ => (limit.min(4) * WORK / 2, limit.min(4) * WORK - 20),
    };
    let handled = add_work(graded, s.rng.between(low, high));
    let passed_on = mishap == Some(Mishap::NotUrged) || (!major && s.rng.chance(30));
    if passed_on {
        s.work(20, 200);
        s.act("passed_to_unit", SERVICE_DEPARTMENT);
        // A week is the longest time between two reminders.
        while mishap != Some(Mishap::NotUrged) {
            s.work(3 * WORK, 4 * WORK);
            if s.now >= handled || s.is_over() {
                break;
            }
            s.act("urged", SERVICE_DEPARTMENT);
        }
    }
    s.now = handled;
    // An ordinary complaint is handled by the service department, a grave one by the unit that caused it.
    s.act("handled", if major { SERVICE_UNIT } else { SERVICE_DEPARTMENT });
    // After-sales keeps the complaint until it is settled on its side as well.
    s.wait(2, 9);
    s.act("handled", AFTER_SALES_DEPARTMENT);
    let wrong = mishap == Some(Mishap::WrongChannel);
    let channel = match (major, wrong) {
        (true, false) => "letter",
        (true, true) => "telephone",
        (false, false) => s.rng.pick(&["letter", "message", "telephone"]),
        (false, true) => "in-person",
    };
    s.work(20, 200);
    s.act("outcome_told", CLERK).with("channel", channel);
    s.wait(2, 15);
    s.act("outcome_told", CUSTOMER_SERVICE).with("channel", "telephone");
}
