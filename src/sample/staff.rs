//! Employees as standing cases: engineers, after-sales staff, technicians, makers of precast parts.

use rust_decimal::Decimal;

use super::{
    month::{DAY, WORK, add_work, date_text, is_working_day, working_day_from},
    people::{AFTER_SALES_STAFF, MAINTENANCE_ENGINEER, SERVICE_DIRECTOR, SUPERVISOR, TECHNICIAN},
    script::{Brief, Script},
};
use crate::case::Case;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engineer {
    NoQualification,
    CoversTooFew,
    NoReport,
}

/// A maintenance engineer, who reports each quarter.
pub(super) fn engineer(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "E", "employee", 0, 10);
    s.fact("function_area", "other");
    let mishap = s.mishap(&[Engineer::NoQualification, Engineer::CoversTooFew, Engineer::NoReport]);
    if mishap == Some(Engineer::NoReport) {
        // Joined in December and reported nothing for that quarter.
        s.now -= 84 * DAY;
    }
    let assigned = s.rng.between(2, 9);
    s.fact("maintains_systems", true);
    if mishap != Some(Engineer::NoQualification) {
        s.fact("qualification", "security installer, grade 3");
    }
    let years = Decimal::new(s.rng.between(10, 200), 1);
    s.fact("practice_years", years);
    s.asked("systems_assigned", assigned);
    s.act("joined", MAINTENANCE_ENGINEER);
    if mishap != Some(Engineer::NoReport) {
        let covered = if mishap == Some(Engineer::CoversTooFew) { assigned - 1 } else { assigned };
        s.morning_of(23);
        s.work(30, 8 * WORK);
        s.act("report_submitted", MAINTENANCE_ENGINEER).with("systems_covered", covered);
    }
    s.end()
}

/// A member of the after-sales staff, whose mobile is to stay reachable.
pub(super) fn reachable(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "E", "employee", 0, 15);
    s.fact("function_area", "other");
    let silent = s.mishap(&[true]).is_some();
    s.act("joined", AFTER_SALES_STAFF);
    s.work(WORK, 5 * WORK);
    s.act("mobile_unreachable", AFTER_SALES_STAFF).with_if(!silent, "reason", "in the metro");
    if !silent || s.rng.chance(40) {
        s.work(30, 300);
        s.act("mobile_on_again", AFTER_SALES_STAFF);
    }
    s.end()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Technician {
    DaySkipped,
    NotReviewed,
}

/// A technician with a report for each working day and an appraisal each month.
pub(super) fn technician(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "E", "employee", 14, 24);
    s.fact("function_area", "other");
    let mishap = s.mishap(&[Technician::DaySkipped, Technician::NotReviewed]);
    s.fact("service_position", "technician");
    let first = s.today();
    s.now = first * DAY + 540;
    s.act("joined", TECHNICIAN);
    let odd = first + s.rng.between(1, 3);
    let odd = working_day_from(odd);
    for day in (first..=29).filter(|day| is_working_day(*day)) {
        // The report that was forgotten is filed next morning: late, while the days after it are in time.
        let forgotten = day == odd && mishap == Some(Technician::DaySkipped);
        let next = working_day_from(day + 1);
        s.now = if forgotten { next * DAY + 560 } else { day * DAY + 17 * 60 + s.rng.between(0, 55) };
        if !forgotten && s.rng.chance(4) {
            s.act("absence_recorded", SUPERVISOR);
            continue;
        }
        let hours = Decimal::new(s.rng.between(30, 80), 1);
        let work = s.rng.pick(&["on site", "in the shop", "on site and travel"]);
        s.act("technician_report_filed", TECHNICIAN).with("report_date", date_text(day)).with("work_type", work).with("time_spent", hours);
        if !(day == odd && mishap == Some(Technician::NotReviewed)) {
            s.now = add_work(s.now, s.rng.between(70, 400));
            s.act("technician_report_reviewed", SUPERVISOR).with("report_date", date_text(day));
        }
    }
    if s.rng.chance(60) {
        let score = Decimal::new(s.rng.between(700, 990), 1);
        s.now = 28 * DAY + 900;
        s.act("appraised", SERVICE_DIRECTOR).with("customer_ratings", score);
    }
    s.end()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maker {
    NoDuties,
    NotTrained,
}

/// One who makes precast parts and inspects them: duties in writing, training each year.
pub(super) fn maker(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "E", "employee", -320, -200);
    s.fact("function_area", "other");
    let mishap = s.mishap(&[Maker::NoDuties, Maker::NotTrained]);
    let inspects = s.rng.chance(50);
    s.fact("makes_precast", true);
    s.fact("inspects_quality", inspects);
    if mishap != Some(Maker::NoDuties) {
        s.fact("quality_duties", "checks formwork and cover before casting");
    }
    if mishap == Some(Maker::NotTrained) {
        s.now -= 180 * DAY;
    }
    s.note("joined");
    if mishap != Some(Maker::NotTrained) {
        s.work(5 * WORK, 60 * WORK);
        s.note("quality_training_taken");
        if inspects {
            s.work(10, 200);
            s.note("inspection_training_taken");
        }
    }
    s.end()
}
