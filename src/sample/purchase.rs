//! Buying spare parts: plans, orders that are part of a plan, suppliers (policy precast-after-sales).

use rust_decimal::Decimal;

use super::{
    month::{WORK, date_text},
    people::{AFTER_SALES_DEPARTMENT, AFTER_SALES_HEAD, COMPANY, FINANCE_DEPARTMENT, PURCHASER, WAREHOUSE_KEEPER},
    rng::Rng,
    script::{Brief, Script, id_of},
    stock::{PARTS, Part},
};
use crate::case::Case;

/// The lines of a plan: the same whether drawn for the plan itself or for one of its orders.
fn lines(seed: u64, plan: u64) -> impl Iterator<Item = (Part, i64)> {
    // A stream of its own, so that an order need not retell its plan's story.
    let mut rng = Rng::of(!seed, plan);
    let count = usize::try_from(rng.between(2, 4)).unwrap_or(2);
    PARTS.iter().copied().take(count).map(move |part| (part, rng.between(2, 20) * 5))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    NotReviewed,
    NoSpecification,
}

/// A plan begins early enough for its orders to fall into the month.
fn begin_plan(brief: Brief) -> Script {
    let mut script = Script::begin_between(brief, "PP", "purchase-plan", 0, 18);
    script.earlier();
    script
}

/// A purchase plan.
pub(super) fn plan(brief: Brief) -> Case {
    let mut s = begin_plan(brief);
    let mishap = s.mishap(&[Gap::NotReviewed, Gap::NoSpecification]);
    for (place, ((number, name, model, specification), quantity)) in lines(brief.sample.seed, brief.index).enumerate() {
        s.act("line_added", AFTER_SALES_DEPARTMENT)
            .with("part", number)
            .with("part_name", name)
            .with("model", model)
            .with_if(place > 0 || mishap != Some(Gap::NoSpecification), "specification", specification)
            .with("quantity", quantity)
            .with("purchase_time", "2026-04");
        s.wait(1, 6);
    }
    s.act("drawn_up", AFTER_SALES_DEPARTMENT);
    if mishap != Some(Gap::NotReviewed) {
        s.work(60, 2 * WORK);
        s.act("reviewed", AFTER_SALES_HEAD);
    }
    s.work(20, WORK);
    s.act("submitted", AFTER_SALES_DEPARTMENT);
    s.end()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    MoreThanPlanned,
    AcceptedByPurchaser,
    PoorSupplier,
    DeliveredLate,
    StockedLate,
    VouchersLate,
    SupplierNotContacted,
}

const FLAWS: &[Flaw] = &[
    Flaw::MoreThanPlanned,
    Flaw::AcceptedByPurchaser,
    Flaw::PoorSupplier,
    Flaw::DeliveredLate,
    Flaw::StockedLate,
    Flaw::VouchersLate,
    Flaw::SupplierNotContacted,
];

/// A purchase order that is part of the plan at an earlier index.
pub(super) fn order(brief: Brief, plan: Brief) -> Case {
    // It is drawn up once its plan is through, which takes three days at most.
    let planned = begin_plan(plan).today();
    let mut s = Script::begin_between(brief, "PO", "purchase-order", planned + 6, planned + 9);
    let plan = plan.index;
    s.part_of(id_of("PP", plan));
    let flaw = s.mishap(FLAWS);
    let price = Decimal::new(s.rng.between(400, 9000), 1);
    let score = if flaw == Some(Flaw::PoorSupplier) { s.rng.between(55, 78) } else { s.rng.between(81, 98) };
    s.fact("supplier_listed", true);
    s.asked("supplier_score", Decimal::from(score));
    s.fact("agreed_price", price);
    for (place, ((number, ..), quantity)) in lines(brief.sample.seed, plan).enumerate() {
        let more = place == 0 && flaw == Some(Flaw::MoreThanPlanned);
        s.act("line_ordered", PURCHASER).with("part", number).with("quantity", if more { quantity + 10 } else { quantity });
        s.wait(1, 4);
    }
    s.act("placed", PURCHASER);
    let agreed = s.today() + s.rng.between(6, 14);
    s.fact("agreed_delivery", date_text(agreed));
    if flaw == Some(Flaw::SupplierNotContacted) {
        deviation(&mut s);
    }
    s.morning_of(if flaw == Some(Flaw::DeliveredLate) { agreed + 3 } else { (agreed - 4).max(s.today()) });
    s.work(10, 300);
    s.act("delivered", WAREHOUSE_KEEPER).with("price", price).with("quality_passed", true);
    s.work(10, 60);
    let purchaser = s.person(PURCHASER);
    let accepted = s.act("accepted", WAREHOUSE_KEEPER);
    if flaw == Some(Flaw::AcceptedByPurchaser) {
        accepted.done_by(purchaser);
    }
    let late = flaw == Some(Flaw::StockedLate);
    s.work(if late { 3 * WORK } else { 10 }, if late { 5 * WORK } else { 200 });
    s.act("stocked_in", WAREHOUSE_KEEPER);
    let late = flaw == Some(Flaw::VouchersLate);
    s.work(if late { 7 * WORK } else { 60 }, if late { 10 * WORK } else { 3 * WORK });
    s.act("vouchers_booked", FINANCE_DEPARTMENT);
    s.work(30, WORK);
    s.act("closed", PURCHASER);
    s.end()
}

/// A problem that the supplier hears of too late.
fn deviation(s: &mut Script) {
    let here = s.now;
    s.work(60, WORK);
    s.act("problem_found", PURCHASER).with("problem", "delivery slips");
    s.work(3 * WORK, 4 * WORK);
    s.act("supplier_contacted", PURCHASER).with("problem", "delivery slips");
    s.work(30, 300);
    s.act("measure_taken", PURCHASER).with("problem", "delivery slips");
    s.now = here;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Neglect {
    NoMeasure,
    NoContract,
}

/// A supplier: assessed, chosen, under contract, evaluated.
pub(super) fn supplier(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "SU", "supplier", -40, 20);
    let neglect = s.mishap(&[Neglect::NoMeasure, Neglect::NoContract]);
    s.fact("supplier_type", "goods");
    s.act("registered", PURCHASER);
    s.work(WORK, 8 * WORK);
    s.act("assessed", COMPANY)
        .with("qualification", "complete")
        .with("reputation", "good")
        .with("product_quality", "good")
        .with("price", "fair")
        .with("lead_time", "two weeks");
    s.work(WORK, 3 * WORK);
    s.act("chosen", COMPANY);
    if neglect == Some(Neglect::NoContract) {
        s.work(12 * WORK, 15 * WORK);
    } else {
        s.work(WORK, 6 * WORK);
    }
    s.act("purchase_contract_signed", PURCHASER);
    if neglect == Some(Neglect::NoMeasure) || s.rng.chance(30) {
        let result = if neglect == Some(Neglect::NoMeasure) { "poor" } else { s.rng.pick(&["good", "fair", "poor"]) };
        s.work(WORK, 4 * WORK);
        s.act("evaluated", COMPANY).with("result", result);
        if result == "poor" {
            let late = neglect == Some(Neglect::NoMeasure);
            s.work(if late { 12 * WORK } else { WORK }, if late { 15 * WORK } else { 7 * WORK });
            s.act("warned", COMPANY);
        }
    }
    s.end()
}
