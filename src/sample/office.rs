//! Departments as standing cases: what they owe every day, week and month, whatever the other cases show.

use rust_decimal::Decimal;

use super::{
    month::{DAY, WORK, add_work, date_text, is_working_day, time_text, working_day_from},
    people::{
        AFTER_SALES_DEPARTMENT, AFTER_SALES_HEAD, BRANCH_MANAGER, CLERK, SERVICE_DEPARTMENT, SERVICE_DIRECTOR, SUPERVISOR,
        TECHNICAL_DEPARTMENT, WAREHOUSE_KEEPER,
    },
    script::{Brief, Script},
};
use crate::case::Case;

/// What is on file of every department, whatever it does.
fn of_any_kind(s: &mut Script) {
    s.fact("function_area", "other");
    s.fact("duties_document", "duties of 2025");
    s.fact("manages_supply", false);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Technical {
    NoChannel,
    NotCorrected,
}

/// The technical department, which maintains security systems.
pub(super) fn technical(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "D", "department", 0, 4);
    of_any_kind(&mut s);
    let mishap = s.mishap(&[Technical::NoChannel, Technical::NotCorrected]);
    s.fact("maintains_systems", true);
    if mishap != Some(Technical::NoChannel) {
        s.fact("feedback_channel", "service telephone and suggestion box");
    }
    s.note("set_up");
    s.work(WORK, 3 * WORK);
    let found = s.now;
    s.act("shortcoming_found", TECHNICAL_DEPARTMENT).with("shortcoming", "test sheets filed late");
    let late = mishap == Some(Technical::NotCorrected);
    s.work(if late { 12 * WORK } else { 2 * WORK }, if late { 18 * WORK } else { 8 * WORK });
    s.act("shortcoming_corrected", TECHNICAL_DEPARTMENT).with("shortcoming", "test sheets filed late");
    s.now = found;
    s.work(2 * WORK, 4 * WORK);
    s.act("norm_problem_met", TECHNICAL_DEPARTMENT).with("problem", "cable length");
    s.work(4 * WORK, 16 * WORK);
    s.act("norm_problem_summed_up", TECHNICAL_DEPARTMENT).with("problem", "cable length");
    s.now = found;
    s.work(4 * WORK, 8 * WORK);
    s.act("satisfaction_analysed", TECHNICAL_DEPARTMENT);
    s.work(2 * WORK, 9 * WORK);
    s.act("satisfaction_reported", TECHNICAL_DEPARTMENT);
    s.end()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Console {
    WeekSkipped,
    NoLedger,
    NotForwarded,
    SheetsLate,
}

/// The after-sales department for consoles: weekly feedback, monthly reports, telephones over a holiday.
pub(super) fn console(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "D", "department", 0, 4);
    of_any_kind(&mut s);
    let mishap = s.mishap(&[Console::WeekSkipped, Console::NoLedger, Console::NotForwarded, Console::SheetsLate]);
    s.fact("serves_consoles", true);
    if mishap != Some(Console::NoLedger) {
        s.fact("own_ledger", "after-sales ledger 2026");
    }
    s.note("set_up");
    for week in 0..5 {
        // The feedback that was forgotten goes out on the Monday after.
        let late = week == 1 && mishap == Some(Console::WeekSkipped);
        s.now = (week * 7 + if late { 7 } else { 4 }) * DAY + 15 * 60 + s.rng.between(0, 150);
        s.act("feedback_sent", AFTER_SALES_DEPARTMENT)
            .with("quality", "fewer screen faults")
            .with("needs", "longer opening hours")
            .with("problems", "parts late");
    }
    s.now = 16 * DAY + 600 + s.rng.between(0, 300);
    s.act("sheets_collated", AFTER_SALES_DEPARTMENT);
    let late = mishap == Some(Console::SheetsLate);
    s.work(if late { 4 * WORK } else { 60 }, if late { 6 * WORK } else { WORK });
    s.act("sheets_sent_up", AFTER_SALES_DEPARTMENT);
    s.now = 10 * DAY + 600;
    let begins = 19 * DAY;
    s.act("holiday_announced", AFTER_SALES_HEAD).with("holiday", "company day").with("begins_at", time_text(begins));
    for line in ["after-sales", "office"] {
        let late = line == "after-sales" && mishap == Some(Console::NotForwarded);
        s.now = if late { begins + 700 } else { begins - 390 };
        s.act("forwarding_on", AFTER_SALES_DEPARTMENT).with("holiday", "company day").with("line", line).with("to_mobile", true);
    }
    // Some departments leave the month's end to the last day; that is when it falls due.
    s.now = if s.rng.chance(60) { 25 * DAY + 600 } else { 29 * DAY + 1200 };
    s.act("parts_costs_sent", AFTER_SALES_HEAD);
    s.wait(5, 60);
    s.act("month_reported", AFTER_SALES_HEAD);
    s.end()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    NewerFirst,
    NotSealed,
    DaySkipped,
    RegisterNotSent,
}

/// A service centre or branch: reports, registers and the dispatch book of each working day.
pub(super) fn service_unit(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "D", "department", 17, 24);
    of_any_kind(&mut s);
    let mishap = s.mishap(&[Unit::NewerFirst, Unit::NotSealed, Unit::DaySkipped, Unit::RegisterNotSent]);
    let branch = mishap == Some(Unit::NotSealed) || s.rng.chance(50);
    s.fact("service_unit", if branch { "branch" } else { "service-center" });
    let first = s.today();
    s.now = first * DAY + 545;
    s.note("set_up");
    let odd = working_day_from(first + 1);
    for day in (first..=29).filter(|day| is_working_day(*day)) {
        let wrong = mishap.filter(|_| day == odd);
        dispatch_book(&mut s, day, wrong == Some(Unit::NewerFirst));
        let forgotten = wrong == Some(Unit::DaySkipped);
        let next = working_day_from(day + 1);
        s.now = if forgotten { next * DAY + 560 } else { day * DAY + 17 * 60 + s.rng.between(0, 20) };
        chief_report(&mut s, day, branch, wrong == Some(Unit::NotSealed));
        s.now = day * DAY + 17 * 60 + s.rng.between(20, 55);
        s.act("register_checked", CLERK).with("register_date", date_text(day));
        if wrong != Some(Unit::RegisterNotSent) {
            s.now = add_work(s.now, s.rng.between(20, 200));
            s.act("register_sent", CLERK).with("register_date", date_text(day));
        }
    }
    s.end()
}

fn dispatch_book(s: &mut Script, day: i64, newer_first: bool) {
    let calls = s.rng.between(2, 9);
    s.now = day * DAY + 560;
    s.act("call_booked", CLERK).with("call_date", date_text(day)).with("calls", calls);
    // A part of the day's calls before the rest of the day before: the older lot is passed over.
    let (early, late) = if newer_first { (1, calls - 1) } else { (0, calls) };
    if early > 0 {
        let older = date_text(day - 1);
        s.act("call_booked", CLERK).with("call_date", older.as_str()).with("calls", 1);
        s.wait(5, 10);
        s.act("call_dispatched", SUPERVISOR).with("call_date", date_text(day)).with("calls", early);
        s.wait(5, 10);
        s.act("call_dispatched", SUPERVISOR).with("call_date", older).with("calls", 1);
    }
    s.wait(20, 200);
    s.act("call_dispatched", SUPERVISOR).with("call_date", date_text(day)).with("calls", late);
}

fn chief_report(s: &mut Script, day: i64, branch: bool, unsealed: bool) {
    let hours = Decimal::new(s.rng.between(60, 90), 1);
    s.act("chief_report_filed", SERVICE_DIRECTOR)
        .with("report_date", date_text(day))
        .with("service_types", "paid, contract, free")
        .with("time_spent", hours);
    if branch {
        s.now = add_work(s.now, s.rng.between(70, 200));
        if !unsealed {
            s.act("chief_report_sealed", BRANCH_MANAGER).with("report_date", date_text(day));
        }
        s.now = add_work(s.now, s.rng.between(20, 200));
        s.act("chief_report_forwarded", BRANCH_MANAGER).with("report_date", date_text(day));
    }
}

/// The service department at headquarters, which draws measures from the surveys every quarter.
pub(super) fn headquarters(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "D", "department", -115, -95);
    of_any_kind(&mut s);
    let idle = s.mishap(&[true]).is_some();
    let begun = s.today();
    s.fact("service_unit", "headquarters");
    s.note("set_up");
    if !idle {
        let after = s.rng.between(50, 85);
        s.morning_of(begun + after);
        s.act("measures_derived", SERVICE_DEPARTMENT);
    }
    s.end()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parts {
    NoDuties,
    PlanLate,
    NoAnalysis,
    NoSuppliers,
}

/// The department that keeps the spare parts of precast components.
pub(super) fn parts(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "D", "department", 0, 3);
    of_any_kind(&mut s);
    let mishap = s.mishap(&[Parts::NoDuties, Parts::PlanLate, Parts::NoAnalysis, Parts::NoSuppliers]);
    if mishap == Some(Parts::PlanLate) {
        // Set up before the Spring Festival: its first purchase plan was due within the month.
        s.now = -20 * DAY + 600;
    }
    for (name, value) in [("makes_precast", true), ("keeps_spare_parts", true), ("purchases_parts", true)] {
        s.fact(name, value);
    }
    if mishap != Some(Parts::NoDuties) {
        s.fact("quality_duties", "parts in stock are checked at each count");
    }
    if mishap != Some(Parts::NoSuppliers) {
        s.fact("supplier_list", "suppliers 2026");
    }
    s.note("set_up");
    s.now = s.now.max(600);
    s.work(WORK, 8 * WORK);
    s.act("stock_plan_drawn", AFTER_SALES_DEPARTMENT)
        .with("sales", "320 components a month")
        .with("repair_frequency", "four repairs in a hundred")
        .with("demand_forecast", "rising in spring");
    s.work(60, 4 * WORK);
    if mishap != Some(Parts::PlanLate) {
        s.act("purchase_plan_drawn", AFTER_SALES_DEPARTMENT).with("stock", "as counted").with("repair_need", "ten repairs");
    }
    s.work(60, 2 * WORK);
    s.act("issues_totalled", WAREHOUSE_KEEPER).with_if(mishap != Some(Parts::NoAnalysis), "usage_analysis", "sleeves lead");
    if s.rng.chance(60) {
        s.morning_of(24);
        s.act("stock_counted", WAREHOUSE_KEEPER).with("full", false);
    }
    s.end()
}
