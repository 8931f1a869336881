//! Customers' security systems as standing cases, and training (policy security-systems).

use super::{
    month::{DAY, WORK, date_text, time_text},
    people::{DEPARTMENT_HEAD, MAINTENANCE_ENGINEER, TECHNICAL_DEPARTMENT},
    script::{Brief, Hours, Script},
};
use crate::case::Case;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    PatrolSkipped,
    SectionUnnamed,
    TestIncomplete,
    PointsSkipped,
    Unsolved,
    NoPager,
    NoRoster,
    NoOwnPlan,
    NotPosted,
    UsersUntrained,
    NotSealed,
    Unanswered,
    VisitLate,
}

const MISHAPS: &[Mishap] = &[
    Mishap::PatrolSkipped,
    Mishap::SectionUnnamed,
    Mishap::TestIncomplete,
    Mishap::PointsSkipped,
    Mishap::Unsolved,
    Mishap::NoPager,
    Mishap::NoRoster,
    Mishap::NoOwnPlan,
    Mishap::NotPosted,
    Mishap::UsersUntrained,
    Mishap::NotSealed,
    Mishap::Unanswered,
    Mishap::VisitLate,
];

/// A system under a contract that began in the month.
pub(super) fn customer_system(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "CS", "customer-system", 0, 14);
    let mishap = s.mishap(MISHAPS);
    let key = matches!(mishap, Some(Mishap::SectionUnnamed | Mishap::NoOwnPlan)) || s.rng.chance(40);
    let sections = s.rng.between(2, 4);
    let points = s.rng.between(8, 60);
    let weeks = s.rng.between(1, 2);
    s.asked("project_class", if key { "key" } else { "ordinary" });
    s.fact("sections", sections);
    s.fact("test_points", points);
    s.fact("patrol_interval", if weeks == 1 { "1wk" } else { "2wk" });
    let begun = s.today();
    s.act("contract_started", DEPARTMENT_HEAD);
    set_up(&mut s, mishap, key, sections);
    patrols(&mut s, mishap, begun, weeks * 7);
    s.now = (begun + 10).max(14) * DAY;
    s.work(30, 5 * WORK);
    monthly_test(&mut s, mishap, points);
    incidents(&mut s, mishap, begun);
    s.end()
}

fn set_up(s: &mut Script, mishap: Option<Mishap>, key: bool, sections: i64) {
    let named = if mishap == Some(Mishap::SectionUnnamed) { sections - 1 } else { sections };
    if key {
        for section in 1..=named {
            let person = s.rng.pick(MAINTENANCE_ENGINEER.people);
            s.wait(1, 9);
            s.act("responsible_named", DEPARTMENT_HEAD).with("section", format!("section {section}")).with("person", person);
        }
    }
    s.work(60, 2 * WORK);
    s.act("requirements_entered", TECHNICAL_DEPARTMENT);
    s.work(60, 2 * WORK);
    s.act("schedule_drawn", TECHNICAL_DEPARTMENT);
    s.act("contact_card_issued", TECHNICAL_DEPARTMENT).with("head_phone", "0571-8800 1200").with("staff_phone", "0571-8800 1207").with_if(
        mishap != Some(Mishap::NoPager),
        "pager",
        "127-33812",
    );
    let untrained = mishap == Some(Mishap::UsersUntrained);
    if untrained || s.rng.chance(30) {
        s.act("handed_over", TECHNICAL_DEPARTMENT);
        let here = s.now;
        s.work(if untrained { 12 * WORK } else { WORK }, if untrained { 14 * WORK } else { 7 * WORK });
        s.act("operators_trained", MAINTENANCE_ENGINEER);
        s.now = here;
    }
    if key && mishap != Some(Mishap::NoOwnPlan) {
        s.work(60, 2 * WORK);
        s.act("own_plan_drawn", TECHNICAL_DEPARTMENT);
    }
}

fn patrols(s: &mut Script, mishap: Option<Mishap>, begun: i64, interval: i64) {
    if mishap == Some(Mishap::PatrolSkipped) {
        return;
    }
    let mut day = begun;
    while day + interval <= 30 {
        // The day before it is due, and never on a weekend that would push it past.
        day += interval - 1;
        day -= (day.rem_euclid(7) - 4).max(0);
        s.now = day * DAY + 560 + s.rng.between(0, 300);
        s.act("patrolled", MAINTENANCE_ENGINEER);
    }
}

fn monthly_test(s: &mut Script, mishap: Option<Mishap>, points: i64) {
    let checked = if mishap == Some(Mishap::PointsSkipped) { points - 2 } else { points };
    s.act("tested", MAINTENANCE_ENGINEER)
        .with("front_end", "good")
        .with_if(mishap != Some(Mishap::TestIncomplete), "cabling", "good")
        .with("central_control", "good")
        .with("functions", "all there")
        .with("points_checked", checked)
        .with("attachments", ["test-record-sheet"].as_slice());
    register(s, mishap);
}

fn register(s: &mut Script, mishap: Option<Mishap>) {
    s.work(20, 300);
    s.act("register_filled", MAINTENANCE_ENGINEER)
        .with_if(mishap != Some(Mishap::NotSealed), "sealed_by", "customer's security office")
        .with("signatures", ["maintenance-engineer", "customer"].as_slice());
}

fn incidents(s: &mut Script, mishap: Option<Mishap>, begun: i64) {
    let late = mishap == Some(Mishap::Unsolved);
    if late || s.rng.chance(30) {
        s.now = (begun + 4) * DAY;
        s.work(10, 300);
        let found_in = s.rng.pick(&["patrol", "monthly-test"]);
        s.act("problem_found", MAINTENANCE_ENGINEER).with("problem", "camera 3 blurred").with("found_in", found_in);
        s.work(if late { 8 * WORK } else { 30 }, if late { 11 * WORK } else { 4 * WORK });
        s.act("problem_solved", MAINTENANCE_ENGINEER).with("problem", "camera 3 blurred");
        register(s, None);
    }
    let late = mishap == Some(Mishap::NotPosted);
    if late || s.rng.chance(10) {
        let begins = (begun + 9) * DAY + 480;
        s.now = (begun + 3) * DAY + 600;
        s.act("on_site_duty_required", DEPARTMENT_HEAD).with("period", "opening day").with("begins_at", time_text(begins));
        s.now = if late { begins + 90 } else { begins - 60 };
        s.act("on_site_posted", MAINTENANCE_ENGINEER).with("period", "opening day");
    }
    let late = mishap == Some(Mishap::NoRoster);
    if late || s.rng.chance(20) {
        let begins = (begun + 12) * DAY;
        s.now = (begun + 5) * DAY + 600;
        s.act("special_period_planned", DEPARTMENT_HEAD).with("period", "trade fair").with("begins_at", time_text(begins));
        s.now = if late { begins + 600 } else { begins - 2 * DAY };
        s.act("roster_set", DEPARTMENT_HEAD).with("period", "trade fair");
        s.now = begins - DAY - 300;
        s.act("emergency_prepared", TECHNICAL_DEPARTMENT).with("period", "trade fair");
    }
    opinions(s, mishap, begun);
    let late = mishap == Some(Mishap::VisitLate);
    if late || s.rng.chance(40) {
        s.now = (begun + 2) * DAY + 600;
        let planned = begun + 9;
        s.act("visit_scheduled", TECHNICAL_DEPARTMENT).with("visit", "V1").with("planned_on", date_text(planned));
        s.now = (planned + if late { 3 } else { 0 }) * DAY + 840;
        s.act("maintained", MAINTENANCE_ENGINEER).with("visit", "V1").with("attachments", ["test-record-sheet"].as_slice());
    }
}

fn opinions(s: &mut Script, mishap: Option<Mishap>, begun: i64) {
    if s.rng.chance(30) {
        s.now = (begun + 1) * DAY;
        s.work(10, 300);
        s.act("opinion_form_sent", TECHNICAL_DEPARTMENT);
        s.work(4 * WORK, 15 * WORK);
        s.note("opinion_form_returned");
    }
    let late = mishap == Some(Mishap::Unanswered);
    if late || s.rng.chance(20) {
        s.now = (begun + 3) * DAY;
        s.work(10, 300);
        s.note("opinion_received").with("opinion", "alarm too sensitive");
        s.work(if late { 7 * WORK } else { 60 }, if late { 10 * WORK } else { 4 * WORK });
        s.act("opinion_answered", DEPARTMENT_HEAD).with("opinion", "alarm too sensitive");
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Training {
    NoFormAfter,
    NoOpinion,
}

/// A training of the customer's operators, with a form before and a form after.
pub(super) fn training(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "T", "training", Hours::Office);
    let mishap = s.mishap(&[Training::NoFormAfter, Training::NoOpinion]);
    s.fact("for_operators", true);
    s.fact("audience", "employees");
    s.act("training_form_filled", TECHNICAL_DEPARTMENT);
    s.work(60, 3 * WORK);
    s.act("held", MAINTENANCE_ENGINEER);
    s.work(10, 100);
    let passed = s.rng.chance(90);
    s.act("operators_assessed", MAINTENANCE_ENGINEER).with("passed", passed);
    if !passed {
        s.work(2 * WORK, 8 * WORK);
        s.act("held", MAINTENANCE_ENGINEER);
        s.act("operators_assessed", MAINTENANCE_ENGINEER).with("passed", true);
    }
    if mishap != Some(Training::NoFormAfter) {
        s.work(10, 200);
        s.act("training_form_filled", TECHNICAL_DEPARTMENT).with_if(mishap != Some(Training::NoOpinion), "opinion", "clear and useful");
    }
    s.work(10, 200);
    s.act("closed", TECHNICAL_DEPARTMENT);
    s.end()
}
