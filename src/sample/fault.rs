//! Faults of security systems: reported at any hour, also at night (policy security-systems).

use super::{
    people::{CALL_TAKER, DEPARTMENT_HEAD, MAINTENANCE_ENGINEER},
    script::{Brief, Hours, Script},
};
use crate::case::Case;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    ArrivesLate,
    OtherDepartment,
    AcceptedLate,
    HeadToldLate,
    ArrangedLate,
    ClearedLate,
    NoSeal,
    NoSignature,
    RegisterLate,
}

const MISHAPS: &[Mishap] = &[
    Mishap::ArrivesLate,
    Mishap::OtherDepartment,
    Mishap::AcceptedLate,
    Mishap::HeadToldLate,
    Mishap::ArrangedLate,
    Mishap::ClearedLate,
    Mishap::NoSeal,
    Mishap::NoSignature,
    Mishap::RegisterLate,
];

/// Minutes in which the site must be reached, by area.
const AREAS: &[(&str, i64)] =
    &[("ring-1", 120), ("ring-1", 120), ("ring-2", 180), ("ring-2", 180), ("ring-3", 240), ("nearby", 360), ("remote", 600)];

/// A fault from the report to the signed register.
pub(super) fn fault(brief: Brief) -> Case {
    let hours = if brief.index % 5 < 2 { Hours::Any } else { Hours::Office };
    let mut s = Script::begin(brief, "F", "fault", hours);
    let mishap = s.mishap(MISHAPS);
    let (area, limit) = s.rng.pick(AREAS);
    s.asked("area", area);
    if area == "remote" {
        s.fact("contract_arrival", "10h");
    }
    s.note("reported");
    if s.rng.chance(2) {
        s.wait(5, 14);
        s.note("withdrawn");
        return s.end();
    }
    let reported = s.now;
    take_up(&mut s, mishap);
    let left = (limit - (s.now - reported)).max(20);
    if mishap == Some(Mishap::ArrivesLate) {
        s.wait(left + 5, left + 240);
    } else {
        s.wait(15, left * 9 / 10);
    }
    s.act("arrived", MAINTENANCE_ENGINEER);
    if mishap == Some(Mishap::ClearedLate) {
        s.wait(25 * 60, 50 * 60);
    } else {
        s.wait(20, 400);
    }
    s.act("cleared", MAINTENANCE_ENGINEER);
    finish(&mut s, mishap);
    s.end()
}

/// From the report to an engineer under way; the call taker goes when the head is out of reach.
fn take_up(s: &mut Script, mishap: Option<Mishap>) {
    if mishap == Some(Mishap::AcceptedLate) {
        s.wait(16, 24);
    } else {
        s.wait(1, 12);
    }
    s.act("accepted", CALL_TAKER);
    if mishap == Some(Mishap::HeadToldLate) {
        s.wait(31, 60);
    } else {
        s.wait(1, 5);
    }
    let needs_head = matches!(mishap, Some(Mishap::OtherDepartment | Mishap::ArrangedLate));
    if !needs_head && s.rng.chance(8) {
        s.act("head_unreachable", CALL_TAKER);
        s.wait(5, 25);
        s.act("set_out", CALL_TAKER);
        return;
    }
    s.act("head_told", CALL_TAKER);
    if mishap == Some(Mishap::ArrangedLate) {
        s.wait(31, 55);
    } else {
        s.wait(3, 25);
    }
    let department = if mishap == Some(Mishap::OtherDepartment) { "sales-department" } else { "technical-department" };
    s.act("arranged", DEPARTMENT_HEAD).with("department", department);
    s.wait(1, 10);
    s.act("set_out", MAINTENANCE_ENGINEER);
}

fn finish(s: &mut Script, mishap: Option<Mishap>) {
    if mishap == Some(Mishap::RegisterLate) {
        s.work(1000, 2400);
    } else {
        s.work(20, 400);
    }
    let sealed = mishap != Some(Mishap::NoSeal);
    let signatures: &[&str] =
        if mishap == Some(Mishap::NoSignature) { &["maintenance-engineer"] } else { &["maintenance-engineer", "customer"] };
    s.act("register_filled", MAINTENANCE_ENGINEER)
        .with_if(sealed, "sealed_by", "customer's security office")
        .with("signatures", signatures);
    s.work(30, 700);
    if !sealed && s.rng.chance(40) {
        s.act("register_completed", MAINTENANCE_ENGINEER).with("sealed_by", "customer's security office");
    }
    s.work(5, 30);
    s.act("closed", CALL_TAKER);
}
