//! The repair shop for game consoles: batches of machines, design defects, returns, tools (policy console-repair).

use rust_decimal::Decimal;

use super::{
    dispatch::basis_facts,
    month::WORK,
    people::{
        AFTER_SALES_DEPARTMENT, AFTER_SALES_HEAD, AFTER_SALES_STAFF, BUSINESS_HANDLER, BUSINESS_MANAGER, COMPANY, GENERAL_MANAGER,
        INSPECTOR,
    },
    script::{Brief, Hours, Script},
};
use crate::case::Case;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slip {
    RepairedLate,
    NotRevisited,
    NoRecord,
    ManagerNotTold,
    SheetLate,
}

const SLIPS: &[Slip] = &[Slip::RepairedLate, Slip::NotRevisited, Slip::NoRecord, Slip::ManagerNotTold, Slip::SheetLate];

/// A batch of machines sent in for repair.
pub(super) fn repair(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "R", "repair", Hours::Office);
    let slip = s.mishap(SLIPS);
    let units = s.rng.pick(&[1, 2, 3, 5, 8, 12, 18, 25, 34, 60]);
    let days = (units + 9) / 10;
    s.asked("units", units);
    let paid = s.rng.chance(50);
    basis_facts(&mut s, paid, false);
    s.act("received", AFTER_SALES_STAFF);
    if slip == Some(Slip::ManagerNotTold) || s.rng.chance(4) {
        s.work(60, 200);
        s.act("unrepairable_found", AFTER_SALES_STAFF);
        let here = s.now;
        let late = slip == Some(Slip::ManagerNotTold);
        s.work(if late { 3 * WORK } else { 10 }, if late { 6 * WORK } else { 240 });
        s.act("reported_to_gm", AFTER_SALES_STAFF);
        s.now = here;
    }
    if slip == Some(Slip::RepairedLate) {
        // Days of the calendar, weekends included: enough to be late in any week.
        s.work((days + 4) * WORK, (days + 7) * WORK);
    } else {
        // A weekend may lie among the days: what is left of them in office hours.
        let left = (days - 2).max(1) * WORK;
        s.work(left / 3, left);
    }
    s.act("repaired", AFTER_SALES_STAFF);
    if slip != Some(Slip::NoRecord) {
        s.work(10, 240);
        s.act("repair_record_filled", AFTER_SALES_STAFF);
    }
    s.work(30, 600);
    s.act("returned", AFTER_SALES_STAFF);
    let returned = s.now;
    let late = slip == Some(Slip::NotRevisited);
    s.work(if late { 5 * WORK } else { 200 }, if late { 8 * WORK } else { WORK });
    s.act("revisited", AFTER_SALES_STAFF);
    let revisited = s.now;
    s.now = returned;
    s.work(5, 60);
    s.act("service_done", AFTER_SALES_STAFF);
    s.work(20, 300);
    s.act("sheet_sorted", AFTER_SALES_STAFF);
    let late = slip == Some(Slip::SheetLate);
    s.work(if late { 4 * WORK } else { 30 }, if late { 6 * WORK } else { 300 });
    s.act("sheet_filed", AFTER_SALES_HEAD);
    s.now = s.now.max(revisited);
    s.work(10, 300);
    s.act("closed", AFTER_SALES_HEAD);
    s.end()
}

/// A defect of the design that staff report upwards.
pub(super) fn design_defect(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "Q", "quality-problem", Hours::Office);
    let late = s.mishap(&[true]).is_some();
    s.fact("found_stage", "internal");
    s.act("design_defect_found", AFTER_SALES_STAFF);
    s.work(if late { 3 * WORK } else { 20 }, if late { 7 * WORK } else { 300 });
    s.act("reported_to_gm", AFTER_SALES_STAFF);
    s.end()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Return {
    WithoutConsent,
    AtOurCost,
}

/// Goods sent back, with the general manager's consent.
pub(super) fn goods_return(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "RT", "return", Hours::Office);
    let mishap = s.mishap(&[Return::WithoutConsent, Return::AtOurCost]);
    let amount = Decimal::new(s.rng.between(2000, 90_000), 2);
    // What the office asks of every return, whatever the maker's own rules ask.
    s.fact("return_case", "whole-batch");
    s.fact("quality_related", false);
    s.fact("place_of_problem", "customer");
    s.note("requested");
    s.work(20, 200);
    s.act("form_filled", BUSINESS_HANDLER).with("reason", "ordered twice");
    s.work(20, 100);
    s.act("confirmed", BUSINESS_MANAGER);
    s.work(20, 200);
    s.act("production_notified", BUSINESS_HANDLER);
    s.work(60, WORK);
    s.act("inspected", INSPECTOR).with("passed", false);
    s.act("result_recorded", INSPECTOR).with("result", "scratched");
    s.act("responsibility_assigned", INSPECTOR).with("responsible_party", "customer");
    s.act("cause_found", INSPECTOR).with("cause", "handling");
    s.act("corrective_action_opened", BUSINESS_HANDLER);
    s.work(60, 2 * WORK);
    s.act("approved", GENERAL_MANAGER);
    if mishap.is_none() {
        if s.rng.chance(15) {
            s.act("refused", GENERAL_MANAGER);
            return s.end();
        }
        s.act("consented", GENERAL_MANAGER);
    }
    s.work(WORK, 4 * WORK);
    if mishap != Some(Return::AtOurCost) {
        s.note("goods_returned");
    }
    s.work(60, WORK);
    let payer = if mishap == Some(Return::WithoutConsent) { "customer" } else { "company" };
    s.act("cost_booked", AFTER_SALES_DEPARTMENT).with("amount", amount).with("payer", payer);
    if mishap == Some(Return::AtOurCost) && s.rng.chance(40) {
        s.work(WORK, 4 * WORK);
        s.act("cost_recharged", AFTER_SALES_DEPARTMENT);
    }
    s.end()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    PaidTooEarly,
    BookedLate,
}

/// A tool bought on a journey.
pub(super) fn tool(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "TL", "tool", Hours::Office);
    let mishap = s.mishap(&[Tool::PaidTooEarly, Tool::BookedLate]);
    s.act("bought_away", AFTER_SALES_STAFF);
    s.work(60, 4 * WORK);
    s.act("back_at_company", AFTER_SALES_STAFF);
    if mishap == Some(Tool::PaidTooEarly) {
        s.work(20, 100);
        s.act("reimbursed", COMPANY);
    }
    let late = mishap == Some(Tool::BookedLate);
    s.work(if late { 3 * WORK } else { 20 }, if late { 8 * WORK } else { 300 });
    s.act("booked_in", AFTER_SALES_STAFF);
    if mishap != Some(Tool::PaidTooEarly) {
        s.work(60, 3 * WORK);
        s.act("reimbursed", COMPANY);
    }
    s.end()
}
