//! The pages.

mod case;
mod clause;
mod clauses;
mod deeds;
mod playground;
mod sign_in;
mod timeline;
mod today;

use super::{
    layout::{CSS, ICON, JS},
    route::{Needs, Route, act, look},
    visit::{Answer, Reply},
};
use crate::account::Power;

/// Their routes.
pub fn routes() -> Vec<Route> {
    const SEEN: Needs = Needs::Account;
    const ACTS: Needs = Needs::Power(Power::Act);
    const TRIES: Needs = Needs::Power(Power::Try);
    vec![
        look("/assets/board.css", Needs::Nothing, |_| asset("text/css; charset=utf-8", CSS)),
        look("/assets/board.js", Needs::Nothing, |_| asset("text/javascript; charset=utf-8", JS)),
        look("/assets/icon.svg", Needs::Nothing, |_| asset("image/svg+xml", ICON)),
        look("/sign-in", Needs::Nothing, sign_in::show),
        act("/sign-in", Needs::Nothing, sign_in::enter),
        act("/sign-out", SEEN, sign_in::leave),
        act("/settings", Needs::Nothing, sign_in::settings),
        look("/", SEEN, today::show),
        act("/findings", ACTS, deeds::findings),
        look("/case/{case}", SEEN, case::show),
        act("/case/{case}/event", ACTS, deeds::event),
        act("/case/{case}/retract", ACTS, deeds::retract),
        act("/case/{case}/comment", ACTS, deeds::comment),
        look("/clauses", SEEN, clauses::show),
        look("/clause/{*clause}", SEEN, clause::show),
        look("/playground/{policy}", TRIES, playground::show),
        act("/playground/{policy}", TRIES, playground::act),
        act("/case/{case}/waiver", Needs::Power(Power::Waive), deeds::ask_waiver),
    ]
}

/// What comes with the program: it changes with it, and is asked for anew now and then.
fn asset(content_type: &str, text: &str) -> Answer {
    Ok(Reply::new(content_type, text).with_header("cache-control", "max-age=300"))
}
