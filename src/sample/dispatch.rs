//! Repairs dispatched to a customer's site (policy repair-dispatch).

use rust_decimal::Decimal;

use super::{
    month::{WORK, add_work, time_text},
    people::{ACCOUNTANT, CLERK, SUPERVISOR, TECHNICIAN, address, customer, telephone},
    script::{Brief, Hours, Script},
};
use crate::case::Case;

/// What a repair is charged on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basis {
    Paid,
    Contract,
    Free,
    Admin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    ArrivesLate,
    NoTelephone,
    GoesWithoutVoucher,
    NoSignature,
    ChargesInGuarantee,
    WrongType,
    NoSurveyCard,
    CancelsLate,
    ReturnsUnchecked,
    KeepsTheMoney,
    RepairsLate,
    DrawsVoucherLate,
}

const MISHAPS: &[Mishap] = &[
    Mishap::ArrivesLate,
    Mishap::NoTelephone,
    Mishap::GoesWithoutVoucher,
    Mishap::NoSignature,
    Mishap::ChargesInGuarantee,
    Mishap::WrongType,
    Mishap::NoSurveyCard,
    Mishap::CancelsLate,
    Mishap::ReturnsUnchecked,
    Mishap::KeepsTheMoney,
    Mishap::RepairsLate,
    Mishap::DrawsVoucherLate,
];

/// Highest fee that is collected on the spot, in yuan.
const LOW_FEE: i64 = 500;

/// States what every repair is charged on; the shop's repairs need it too.
pub(super) fn basis_facts(script: &mut Script, paid: bool, wrong_type: bool) {
    state(script, if paid { Basis::Paid } else { Basis::Free }, wrong_type);
}

fn state(script: &mut Script, basis: Basis, wrong_type: bool) {
    let right = match basis {
        Basis::Paid => "paid",
        Basis::Contract => "contract",
        Basis::Free => "free",
        Basis::Admin => "admin",
    };
    let stated = match (wrong_type, basis) {
        (false, _) => right,
        // Never `paid`: that would draw every duty about fees after it.
        (true, Basis::Contract) => "free",
        (true, _) => "contract",
    };
    script.fact("service_type", stated);
    script.fact("for_customer", basis != Basis::Admin);
    script.asked("in_guarantee", basis == Basis::Free);
    script.fact("under_contract", basis == Basis::Contract);
}

/// A repair called for in the month.
pub(super) fn repair(brief: Brief) -> Case {
    tell(brief, false)
}

/// A repair called for on 24 February and carried over. Its survey card was still due in February, so that the
/// share of cards of one month is already final.
pub(super) fn carried_over(brief: Brief) -> Case {
    tell(brief, true)
}

/// A repair from the call to the filed voucher.
fn tell(brief: Brief, carried: bool) -> Case {
    let mut s =
        if carried { Script::begin_between(brief, "R", "repair", -6, -6) } else { Script::begin(brief, "R", "repair", Hours::Office) };
    let mishap = s.mishap(MISHAPS);
    let basis = match mishap {
        Some(Mishap::ChargesInGuarantee) => Basis::Free,
        Some(Mishap::KeepsTheMoney) => Basis::Paid,
        _ => match s.rng.between(0, 99) {
            0..45 => Basis::Paid,
            45..70 => Basis::Contract,
            70..96 => Basis::Free,
            _ => Basis::Admin,
        },
    };
    let on_site = match mishap {
        Some(Mishap::ReturnsUnchecked | Mishap::RepairsLate) => false,
        Some(Mishap::ChargesInGuarantee | Mishap::KeepsTheMoney | Mishap::CancelsLate) => true,
        _ => s.rng.chance(75),
    };
    let fee = if mishap == Some(Mishap::KeepsTheMoney) || s.rng.chance(70) {
        s.rng.between(8, LOW_FEE / 10) * 10
    } else {
        s.rng.between(51, 240) * 10
    };
    state(&mut s, basis, mishap == Some(Mishap::WrongType));
    let area = s.rng.pick(&["urban", "urban", "suburban"]);
    s.asked("service_area", area);
    s.fact("service_fee", Decimal::from(if basis == Basis::Paid { fee } else { 0 }));
    let called = s.now;
    go_to_site(&mut s, mishap);
    if on_site {
        settle_on_site(&mut s, mishap, basis, fee);
    } else {
        repair_in_shop(&mut s, mishap, basis, fee);
    }
    let finished = s.now;
    // The survey card goes out by post, whatever the technician does meanwhile.
    let days = if mishap == Some(Mishap::NoSurveyCard) { 6 } else { 1 };
    s.now = add_work(called, days * WORK + 60);
    s.act("survey_card_mailed", CLERK);
    s.now = finished.max(s.now);
    s.work(60, 3 * WORK);
    s.act("closed", CLERK);
    s.end()
}

fn go_to_site(s: &mut Script, mishap: Option<Mishap>) {
    let (name, home, phone) = (customer(&mut s.rng), address(&mut s.rng), telephone(&mut s.rng));
    let model = s.rng.pick(&["KF-35", "KF-50", "XQ-80", "BD-200", "TV-55"]);
    let complete = mishap != Some(Mishap::NoTelephone);
    for kind in ["called", "registered"] {
        s.act(kind, CLERK)
            .with("name", name)
            .with("address", home.as_str())
            .with_if(complete, "telephone", phone.as_str())
            .with("model", model);
        s.wait(3, 20);
    }
    if mishap == Some(Mishap::DrawsVoucherLate) {
        s.work(140, 260);
    } else {
        s.work(3, 50);
    }
    s.act("voucher_drawn", CLERK);
    s.work(3, 40);
    s.act("sent_for_dispatch", CLERK);
    s.work(5, 30);
    s.act("dispatched", SUPERVISOR);
    s.work(5, 25);
    let late_voucher = mishap == Some(Mishap::GoesWithoutVoucher);
    if !late_voucher {
        s.act("voucher_issued", CLERK);
    }
    if mishap == Some(Mishap::ArrivesLate) {
        s.work(380, 900);
    } else {
        s.work(15, 110);
    }
    s.act("arrived", TECHNICIAN);
    if late_voucher {
        s.wait(1, 10);
        s.act("voucher_issued", CLERK);
    }
}

fn settle_on_site(s: &mut Script, mishap: Option<Mishap>, basis: Basis, fee: i64) {
    s.wait(20, 110);
    s.act("done_on_site", TECHNICIAN).with_if(mishap != Some(Mishap::NoSignature), "signatures", ["customer"].as_slice());
    if mishap == Some(Mishap::ChargesInGuarantee) {
        s.wait(2, 15);
        s.act("fee_collected_on_site", TECHNICIAN).with("amount", Decimal::from(fee));
        hand_in(s, false);
        if s.rng.chance(40) {
            let here = s.now;
            s.work(WORK, 6 * WORK);
            s.act("fee_refunded", ACCOUNTANT).with("amount", Decimal::from(fee));
            s.now = here;
        }
    } else if basis == Basis::Paid && fee <= LOW_FEE {
        s.wait(2, 15);
        s.act("fee_collected_on_site", TECHNICIAN).with("amount", Decimal::from(fee));
        hand_in(s, mishap == Some(Mishap::KeepsTheMoney));
    } else if basis == Basis::Paid {
        s.wait(5, 30);
        s.act("invoice_drawn", CLERK);
        let done = s.now;
        s.work(2 * WORK, 8 * WORK);
        s.act("fee_collected_later", TECHNICIAN).with("amount", Decimal::from(fee));
        s.now = done;
    }
    let late = mishap == Some(Mishap::CancelsLate);
    s.work(if late { 3 * WORK } else { 60 }, if late { 5 * WORK } else { 300 });
    s.act("call_cancelled", CLERK);
    s.work(10, 300);
    s.act("voucher_filed", CLERK);
    if basis == Basis::Paid && fee > LOW_FEE {
        // The case stays open until the invoiced fee is in.
        s.work(8 * WORK, 9 * WORK);
    }
}

/// The money goes to the accountant and the invoice to the customer, while the paperwork goes on.
fn hand_in(s: &mut Script, late: bool) {
    let here = s.now;
    s.work(if late { 3 * WORK } else { 60 }, if late { 6 * WORK } else { 400 });
    s.act("fee_handed_in", ACCOUNTANT);
    s.work(60, 2 * WORK);
    s.act("invoice_mailed", ACCOUNTANT);
    s.now = here;
}

fn repair_in_shop(s: &mut Script, mishap: Option<Mishap>, basis: Basis, fee: i64) {
    let signed = mishap != Some(Mishap::NoSignature);
    s.wait(15, 40);
    s.act("not_fixable_on_site", TECHNICIAN);
    s.wait(5, 20);
    s.act("goods_taken_in", TECHNICIAN).with_if(signed, "signatures", ["customer"].as_slice());
    s.wait(1, 10);
    s.act("receipt_issued", TECHNICIAN);
    s.work(30, 120);
    s.act("goods_booked_in", CLERK);
    let planned = add_work(s.now, s.rng.between(3, 5) * WORK);
    s.fact("planned_completion", time_text(planned));
    s.act("card_filled", TECHNICIAN);
    s.wait(1, 15);
    s.act("card_hung", TECHNICIAN);
    s.work(20, WORK);
    s.act("repair_started", TECHNICIAN);
    if mishap == Some(Mishap::RepairsLate) {
        s.work(5 * WORK, 7 * WORK);
    } else {
        s.work(120, 3 * WORK / 2);
    }
    let hours = Decimal::new(s.rng.between(5, 60), 1);
    let parts = s.rng.pick(&["none", "fan motor", "control board", "compressor relay", "power supply"]);
    s.act("repaired", TECHNICIAN).with("repair_time", hours).with("parts_replaced", parts);
    s.work(5, 120);
    s.act("repair_record_filled", TECHNICIAN);
    if mishap != Some(Mishap::ReturnsUnchecked) {
        s.work(20, 300);
        s.act("goods_passed", SUPERVISOR);
    }
    s.work(5, 60);
    s.act("return_date_noted", CLERK);
    s.work(30, WORK);
    s.act("goods_returned", TECHNICIAN).with_if(signed, "signatures", ["customer"].as_slice());
    s.wait(1, 15);
    s.act("receipt_voided", TECHNICIAN);
    if basis == Basis::Paid {
        s.wait(1, 10);
        s.act("invoice_drawn", CLERK);
    }
    s.work(20, 300);
    s.act("voucher_filed", CLERK);
    if basis == Basis::Paid {
        s.work(WORK, 8 * WORK);
        s.act("fee_collected_later", TECHNICIAN).with("amount", Decimal::from(fee));
    }
}
