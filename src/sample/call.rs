//! Telephone calls to the after-sales department (policy console-repair).

use super::{
    people::{AFTER_SALES_DEPARTMENT, AFTER_SALES_HEAD, AFTER_SALES_STAFF, COMPANY, INFORMATION_DESK, customer},
    script::{Brief, Hours, Script},
};
use crate::case::Case;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    Missed,
    RingsTooLong,
    NoGreeting,
    NoReply,
    RegisteredLate,
    HeadNotTold,
    HeatedWords,
}

const MISHAPS: &[Mishap] = &[
    Mishap::Missed,
    Mishap::RingsTooLong,
    Mishap::NoGreeting,
    Mishap::NoReply,
    Mishap::RegisteredLate,
    Mishap::HeadNotTold,
    Mishap::HeatedWords,
];

/// A call from the first ring to the arranged service.
pub(super) fn call(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "K", "call", Hours::Office);
    let mishap = s.mishap(MISHAPS);
    s.note("received");
    if mishap == Some(Mishap::Missed) {
        s.wait(1, 1);
        s.note("missed");
        let here = s.now;
        s.work(700, 3000);
        s.act("penalised", COMPANY);
        s.now = here;
        s.work(10, 900);
        s.act("called_back", AFTER_SALES_STAFF);
    } else {
        let rings = if mishap == Some(Mishap::RingsTooLong) { s.rng.between(4, 7) } else { s.rng.between(1, 3) };
        s.act("answered", INFORMATION_DESK).with("rings", rings);
        if rings > 3 && s.rng.chance(70) {
            let here = s.now;
            s.work(700, 4000);
            s.act("penalised", COMPANY);
            s.now = here;
        }
    }
    manners(&mut s, mishap);
    register(&mut s, mishap);
    s.end()
}

fn manners(s: &mut Script, mishap: Option<Mishap>) {
    s.wait(2, 8);
    if mishap == Some(Mishap::HeatedWords) {
        let here = s.now;
        s.act("heated_words", AFTER_SALES_STAFF);
        if s.rng.chance(50) {
            s.work(30, 900);
            s.act("apologised", AFTER_SALES_STAFF);
        }
        s.now = here;
    }
    let rude = mishap == Some(Mishap::NoGreeting);
    if rude || s.rng.chance(10) {
        let here = s.now;
        s.work(60, 600);
        s.act("spot_checked", AFTER_SALES_HEAD).with("greeted", !rude);
        if rude && s.rng.chance(40) {
            s.work(60, 900);
            s.act("staff_coached", AFTER_SALES_HEAD);
        }
        s.now = here;
    }
}

fn register(s: &mut Script, mishap: Option<Mishap>) {
    if mishap == Some(Mishap::RegisteredLate) {
        s.work(500, 1500);
    } else {
        s.wait(1, 45);
    }
    let name = customer(&mut s.rng);
    let enquiry = s.rng.pick(&["does not switch on", "price of a spare part", "noise from the fan", "screen flickers", "opening hours"]);
    let reply = s.rng.pick(&["sent to repair", "told the price", "explained the setting", "visit agreed"]);
    let repair = mishap == Some(Mishap::HeadNotTold) || s.rng.chance(45);
    s.fact("call_type", if repair { "appointment" } else { "information" });
    s.act("classed", INFORMATION_DESK);
    if !repair {
        s.act("enquiry_answered", AFTER_SALES_STAFF);
    }
    s.act("registered", AFTER_SALES_STAFF)
        .with("customer", name)
        .with("enquiry", enquiry)
        .with_if(mishap != Some(Mishap::NoReply), "reply", reply)
        .with("repair_needed", repair);
    if mishap == Some(Mishap::NoReply) && s.rng.chance(50) {
        let here = s.now;
        s.work(100, 900);
        s.act("register_completed", AFTER_SALES_STAFF).with("reply", reply);
        s.now = here;
    }
    if repair {
        if mishap == Some(Mishap::HeadNotTold) {
            s.work(1000, 4000);
        } else {
            s.work(5, 200);
        }
        s.act("head_told", AFTER_SALES_STAFF);
        s.work(5, 200);
        s.act("service_arranged", AFTER_SALES_DEPARTMENT);
    }
}
