//! Making precast parts: batches, equipment, the quality system (policy precast-after-sales).

use super::{
    month::WORK,
    people::{COMPANY, INVESTIGATION_TEAM, TECHNICAL_ENGINEER},
    script::{Brief, Hours, Script},
};
use crate::case::Case;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    ProcessUnseen,
    TooFewIndicators,
    CorrectedLate,
}

const INDICATORS: &[&str] = &["strength", "cover", "flatness", "sound", "water absorption"];

/// A batch from the material to its release.
pub(super) fn batch(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "PB", "production-batch", Hours::Office);
    let mishap = s.mishap(&[Mishap::ProcessUnseen, Mishap::TooFewIndicators, Mishap::CorrectedLate]);
    let required = s.rng.between(2, 4);
    s.asked("indicators_required", required);
    s.act("material_inspected", TECHNICAL_ENGINEER);
    s.work(100, WORK);
    if mishap != Some(Mishap::ProcessUnseen) {
        s.act("process_inspected", TECHNICAL_ENGINEER);
    }
    let tested = if mishap == Some(Mishap::TooFewIndicators) { required - 1 } else { required };
    for indicator in INDICATORS.iter().take(usize::try_from(tested).unwrap_or(0)) {
        s.work(20, 200);
        s.act("indicator_tested", INVESTIGATION_TEAM).with("indicator", *indicator);
    }
    let late = mishap == Some(Mishap::CorrectedLate);
    if late || s.rng.chance(20) {
        s.act("defect_found", INVESTIGATION_TEAM).with("defect", "edge broken");
        s.work(if late { 4 * WORK } else { 60 }, if late { 6 * WORK } else { WORK });
        s.act("defect_corrected", TECHNICAL_ENGINEER).with("defect", "edge broken");
    }
    s.work(30, 300);
    s.act("final_inspected", INVESTIGATION_TEAM);
    s.work(30, 300);
    s.act("batch_released", COMPANY);
    if matches!(mishap, Some(Mishap::ProcessUnseen | Mishap::TooFewIndicators)) && s.rng.chance(30) {
        s.work(WORK, 3 * WORK);
        s.act("batch_recalled", COMPANY);
    }
    s.end()
}

/// A machine of the works: maintained twice a year, calibrated once.
pub(super) fn equipment(brief: Brief) -> Case {
    // Begun some five months ago, so that its maintenance falls into the month or soon after.
    let mut s = Script::begin_between(brief, "PE", "production-equipment", -175, -130);
    let neglected = s.mishap(&[true]).is_some();
    let begun = s.today();
    s.act("commissioned", COMPANY);
    if !neglected {
        let after = s.rng.between(120, 165);
        s.morning_of(begun + after);
        s.act("maintained", TECHNICAL_ENGINEER);
    }
    s.work(20, 200);
    s.act("calibrated", TECHNICAL_ENGINEER);
    s.end()
}

/// The quality system of a works: audits, reviews and activities once a year.
pub(super) fn quality_system(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "QS", "quality-system", -355, -330);
    let neglected = s.mishap(&[true]).is_some();
    let begun = s.today();
    s.act("set_up", COMPANY);
    for kind in ["internal_audit_held", "management_review_held", "quality_activity_held"] {
        let after = s.rng.between(250, 325);
        s.morning_of(begun + after);
        if !(neglected && kind == "management_review_held") {
            s.act(kind, COMPANY);
        }
    }
    s.end()
}
