//! Contracts that expire or are signed with suppliers, and customer surveys (policies repair-dispatch and
//! precast-after-sales).

use super::{
    month::{WORK, date_text},
    people::{CLERK, PURCHASER, SERVICE_DEPARTMENT, SERVICE_UNIT},
    script::{Brief, Hours, Script},
};
use crate::case::Case;

/// A maintenance contract near its end.
pub(super) fn maintenance(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "CT", "contract", -13, 6);
    let late = s.mishap(&[true]).is_some();
    // Notice is due a month before the end: late only where the end is less than a month off.
    let end = if late { s.rng.between(24, 50) } else { s.rng.between(40, 75) };
    s.fact("contract_type", "maintenance");
    s.asked("contract_end", date_text(end));
    let filed = s.now;
    s.act("filed", CLERK);
    s.morning_of(if late { (end - 24).max(s.today()) } else { (end - 36).max(s.today()) });
    s.now = s.now.max(filed + 15);
    s.act("expiry_notice_mailed", CLERK);
    s.morning_of((end - 26).max(s.today() + 1));
    s.work(10, 2 * WORK);
    s.act("renewal_visited", SERVICE_UNIT);
    s.end()
}

/// A contract with a supplier.
pub(super) fn purchase(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "CT", "contract", Hours::Office);
    let incomplete = s.mishap(&[true]).is_some();
    s.fact("contract_type", "purchase");
    s.act("purchase_contract_signed", PURCHASER)
        .with("rights", "inspection on receipt")
        .with("duties", "payment in thirty days")
        .with_if(!incomplete, "quality_terms", "national standard")
        .with("delivery_terms", "two weeks from the order");
    if incomplete && s.rng.chance(40) {
        s.work(WORK, 5 * WORK);
        s.act("terms_added", PURCHASER).with("quality_terms", "national standard");
    }
    s.end()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    FiveDegrees,
    ClassedLate,
}

/// A survey card, from its printing to the opinion classed.
pub(super) fn survey(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "SV", "survey", Hours::Office);
    let mishap = s.mishap(&[Mishap::FiveDegrees, Mishap::ClassedLate]);
    let wrong = mishap == Some(Mishap::FiveDegrees);
    s.act("card_drawn_up", SERVICE_DEPARTMENT)
        .with("attitude_degrees", 4)
        .with("skill_degrees", if wrong { 5 } else { 4 })
        .with("arrival_degrees", 4)
        .with("promise_degrees", 4);
    if wrong && s.rng.chance(30) {
        s.work(WORK, 3 * WORK);
        s.act("card_corrected", SERVICE_DEPARTMENT).with("skill_degrees", 4);
    }
    if mishap.is_none() && s.rng.chance(25) {
        // Not every card comes back.
        return s.end();
    }
    s.work(WORK, 6 * WORK);
    s.note("card_returned");
    let late = mishap == Some(Mishap::ClassedLate);
    s.work(if late { 4 * WORK } else { 60 }, if late { 8 * WORK } else { 2 * WORK - 60 });
    let opinion = s.rng.pick(&["suggestion-or-complaint", "technician-rating"]);
    s.act("opinion_classed", SERVICE_DEPARTMENT).with("opinion_type", opinion);
    s.end()
}
