//! Spare parts in the warehouse, stocktakes and requisitions (policies precast-after-sales and console-repair).

use super::{
    month::{WORK, time_text},
    people::{AFTER_SALES_DEPARTMENT, AFTER_SALES_HEAD, REPAIR_TECHNICIAN, WAREHOUSE_KEEPER},
    script::{Brief, Hours, Script, id_of},
};
use crate::case::Case;

/// A part: number, name, model, specification.
pub(super) type Part = (&'static str, &'static str, &'static str, &'static str);

/// The parts that the sample company keeps.
pub(super) const PARTS: &[Part] = &[
    ("P-101", "anchor bolt", "M20", "L80"),
    ("P-102", "grouting sleeve", "GT-16", "16 mm"),
    ("P-103", "lifting eye", "RD-24", "2.5 t"),
    ("P-104", "sealing strip", "EPDM-20", "20 x 15"),
    ("P-105", "connector plate", "CP-8", "200 x 120"),
    ("P-106", "embedded channel", "HTA-38", "L250"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shortfall {
    BelowMinimum,
    CountDiffers,
    WrongArea,
    NotMarked,
    MovementIncomplete,
    WrongAccount,
    NoLevels,
    NoModel,
}

const SHORTFALLS: &[Shortfall] = &[
    Shortfall::BelowMinimum,
    Shortfall::CountDiffers,
    Shortfall::WrongArea,
    Shortfall::NotMarked,
    Shortfall::MovementIncomplete,
    Shortfall::WrongAccount,
    Shortfall::NoLevels,
    Shortfall::NoModel,
];

/// A spare part with its levels and some movements.
pub(super) fn spare_part(brief: Brief) -> Case {
    let mut s = Script::begin_between(brief, "SP", "spare-part", 0, 22);
    let mishap = s.mishap(SHORTFALLS);
    let (_, name, model, specification) = s.rng.pick(PARTS);
    let minimum = s.rng.between(1, 6) * 10;
    let mut on_hand = minimum * 3 + s.rng.between(0, 40);
    s.fact("minimum", minimum);
    s.fact("maximum", minimum * 6);
    if mishap != Some(Shortfall::NoLevels) {
        s.fact("safety_stock", minimum * 2);
    }
    s.asked("on_hand", on_hand);
    s.fact("on_order", 0);
    s.fact("part_function", name);
    if mishap != Some(Shortfall::NoModel) {
        s.fact("model", model);
    }
    s.fact("specification", specification);
    s.fact("label", name);
    s.fact("ledger_name", name);
    let guarded = matches!(mishap, Some(Shortfall::WrongArea | Shortfall::NotMarked));
    let category = if guarded { "key" } else { s.rng.pick(&["ordinary", "ordinary", "key", "valuable"]) };
    s.fact("part_category", category);
    let dedicated = category != "ordinary" && mishap != Some(Shortfall::WrongArea);
    s.fact("storage_area", if dedicated { "dedicated" } else { "common" });
    s.fact("is_marked", mishap != Some(Shortfall::NotMarked));
    s.fact("is_protected", true);
    s.act("entered", WAREHOUSE_KEEPER);
    for step in 0..s.rng.between(1, 3) {
        s.work(WORK, 4 * WORK);
        let short = step == 0 && mishap == Some(Shortfall::BelowMinimum);
        let quantity = if short { on_hand - minimum / 2 } else { s.rng.between(1, minimum / 3).min(on_hand) };
        on_hand -= quantity;
        let moved = time_text(s.now);
        let wrong = step == 0 && mishap == Some(Shortfall::WrongAccount);
        s.act("movement_booked", WAREHOUSE_KEEPER)
            .with("moved_at", moved)
            .with("quantity", -quantity)
            .with("source", "warehouse")
            .with_if(mishap != Some(Shortfall::MovementIncomplete), "destination", "repair shop")
            .with("account", if wrong { "main-warehouse" } else { "parts-warehouse" });
        s.change("on_hand", on_hand);
        if wrong && s.rng.chance(40) {
            s.work(60, WORK);
            s.act("rebooked", AFTER_SALES_DEPARTMENT);
        }
    }
    if mishap == Some(Shortfall::CountDiffers) || s.rng.chance(40) {
        s.work(60, WORK);
        let lost = if mishap == Some(Shortfall::CountDiffers) { s.rng.between(1, 4) } else { 0 };
        s.change("on_card", on_hand);
        s.change("counted", (on_hand - lost).max(0));
    }
    if s.rng.chance(8) {
        s.work(60, WORK);
        s.act("found_unfit", WAREHOUSE_KEEPER).with("condition", "overstocked");
        s.work(2 * WORK, 12 * WORK);
        s.act("cleared", AFTER_SALES_DEPARTMENT);
        s.work(WORK, 6 * WORK);
        s.act("scrapped", AFTER_SALES_DEPARTMENT);
    }
    s.end()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    Unexplained,
    Unadjusted,
}

/// A stocktake with the differences that it finds.
pub(super) fn stocktake(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "ST", "stocktake", Hours::Office);
    let mishap = s.mishap(&[Difference::Unexplained, Difference::Unadjusted]);
    let begun = s.now;
    let mut finished = s.now;
    for (place, part) in PARTS.iter().take(3).enumerate() {
        let first = place == 0;
        if !first && !s.rng.chance(40) {
            continue;
        }
        s.now = begun;
        s.wait(1, 30);
        let difference = s.rng.between(1, 9) - 10;
        s.act("difference_found", WAREHOUSE_KEEPER).with("part", part.0).with("difference", difference);
        let late = first && mishap == Some(Difference::Unexplained);
        s.work(if late { 7 * WORK } else { 60 }, if late { 10 * WORK } else { 4 * WORK });
        let cause = s.rng.pick(&["issue not booked", "miscounted", "breakage"]);
        s.act("cause_found", AFTER_SALES_DEPARTMENT).with("part", part.0).with("cause", cause);
        let late = first && mishap == Some(Difference::Unadjusted);
        s.work(if late { 7 * WORK } else { 60 }, if late { 10 * WORK } else { 4 * WORK });
        s.act("adjusted", AFTER_SALES_DEPARTMENT).with("part", part.0);
        finished = finished.max(s.now);
    }
    s.now = finished;
    s.work(30, WORK);
    s.act("closed", AFTER_SALES_DEPARTMENT);
    s.end()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Issue {
    Unapproved,
    StockUnchecked,
    TooMany,
    NotSigned,
    NotBooked,
    NoRecipient,
}

const ISSUES: &[Issue] =
    &[Issue::Unapproved, Issue::StockUnchecked, Issue::TooMany, Issue::NotSigned, Issue::NotBooked, Issue::NoRecipient];

/// Parts asked for, approved, checked and issued.
pub(super) fn requisition(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "RQ", "requisition", Hours::Office);
    let mishap = s.mishap(ISSUES);
    let (number, name, model, specification) = s.rng.pick(PARTS);
    let quantity = s.rng.between(2, 20);
    s.act("submitted", REPAIR_TECHNICIAN)
        .with("part", number)
        .with("part_name", name)
        .with("model", model)
        .with("specification", specification)
        .with("quantity", quantity)
        // Each round of the rota begins with a repair.
        .with("repair", id_of("R", brief.index - brief.index % super::rota::ROUND))
        .with_if(mishap != Some(Issue::NotSigned), "signatures", ["repair-technician"].as_slice());
    if mishap != Some(Issue::Unapproved) {
        s.work(20, WORK);
        s.act("approved", AFTER_SALES_HEAD);
    }
    if mishap != Some(Issue::StockUnchecked) {
        s.work(10, 200);
        s.act("stock_checked", WAREHOUSE_KEEPER);
    }
    s.work(5, 100);
    let issued = time_text(s.now);
    let recipient = s.person(REPAIR_TECHNICIAN);
    s.act("issued", WAREHOUSE_KEEPER)
        .with("part", number)
        .with("issued_at", issued)
        .with_if(mishap != Some(Issue::NoRecipient), "recipient", recipient)
        .with("part_name", name)
        .with("model", model)
        .with("specification", specification)
        .with("quantity", if mishap == Some(Issue::TooMany) { quantity + 3 } else { quantity });
    if mishap == Some(Issue::NotBooked) {
        s.work(2 * WORK, 6 * WORK);
    } else {
        s.wait(2, 30);
    }
    s.act("issue_booked", WAREHOUSE_KEEPER);
    if matches!(mishap, Some(Issue::Unapproved | Issue::TooMany)) && s.rng.chance(35) {
        s.work(60, 600);
        s.act("parts_returned", REPAIR_TECHNICIAN);
    }
    s.work(30, WORK);
    s.act("closed", WAREHOUSE_KEEPER);
    s.end()
}
