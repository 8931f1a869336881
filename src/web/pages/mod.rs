//! The pages.

mod accounts;
mod approvals;
mod audit;
mod case;
mod chart;
mod clause;
mod clauses;
pub mod deeds;
mod me;
mod playground;
mod runs;
mod sign_in;
mod stock;
mod timeline;
pub mod today;
mod trends;
pub mod waivers;

use axum::http::Method;

use super::{
    layout::{CSS, ICON, JS},
    post,
    route::{Needs, Route, Side, act, look},
    visit::{Answer, Reply},
};
use crate::account::Power;

/// Their routes.
pub fn routes() -> Vec<Route> {
    const SEEN: Needs = Needs::Account;
    const ACTS: Needs = Needs::Power(Power::Act);
    const KEEPS: Needs = Needs::Power(Power::Administer);
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
        look("/me", SEEN, me::show),
        act("/me/password", SEEN, me::password),
        act("/me/token", SEEN, me::token),
        act("/me/token/close", SEEN, me::close_token),
        look("/accounts", KEEPS, accounts::show),
        act("/accounts", KEEPS, accounts::add),
        act("/accounts/{name}", KEEPS, accounts::change),
        act("/tokens/close", KEEPS, accounts::close_token),
        look("/audit", KEEPS, audit::show),
        look("/case/{case}", SEEN, case::show),
        act("/case/{case}/event", ACTS, deeds::event),
        act("/case/{case}/retract", ACTS, deeds::retract),
        act("/case/{case}/comment", ACTS, deeds::comment),
        look("/clauses", SEEN, clauses::show),
        look("/clause/{*clause}", SEEN, clause::show),
        look("/playground/{policy}", TRIES, playground::show),
        act("/playground/{policy}", TRIES, playground::act),
        act("/case/{case}/waiver", Needs::Power(Power::Waive), deeds::ask_waiver),
        look("/approvals", SEEN, approvals::show),
        look("/stock", SEEN, stock::show),
        look("/waivers", SEEN, waivers::show),
        act("/waivers/{ask}", Needs::Power(Power::Waive), waivers::decide),
        look("/trends", SEEN, trends::show),
        look("/runs", SEEN, runs::show),
        act("/runs", Needs::Power(Power::Run), runs::run),
        look("/runs/{run}", SEEN, runs::one),
        act("/notices/{notice}", Needs::Power(Power::Run), post::again),
        Route { method: Method::GET, path: "/feeds/{token}", needs: SEEN, side: Side::Feed, run: post::calendar },
    ]
}

/// What comes with the program: it changes with it, and is asked for anew now and then.
fn asset(content_type: &str, text: &str) -> Answer {
    Ok(Reply::new(content_type, text).with_header("cache-control", "max-age=300"))
}
