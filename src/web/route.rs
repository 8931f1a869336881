//! What can be asked for.

use axum::http::Method;

use super::{
    api, pages,
    visit::{Answer, Visit},
};
use crate::account::Power;

/// What a route needs of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may.
    Nothing,
    /// An account.
    Account,
    /// An account that may do so.
    Power(Power),
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A person with a browser: cookies, forms, pages.
    Person,
    /// A program: tokens, JSON.
    Program,
    /// Either: a program where a token is sent, or else a person.
    Either,
    /// A program that can send no header: its token stands in the address, and is good for nothing else.
    Feed,
}

/// A route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for parts that it leaves open.
    pub path: &'static str,
    /// What it needs.
    pub needs: Needs,
    /// Who speaks.
    pub side: Side,
    /// What it does.
    pub run: fn(&Visit<'_>) -> Answer,
}

/// A page to look at.
pub const fn look(path: &'static str, needs: Needs, run: fn(&Visit<'_>) -> Answer) -> Route {
    Route { method: Method::GET, path, needs, side: Side::Person, run }
}

/// A form that is sent.
pub const fn act(path: &'static str, needs: Needs, run: fn(&Visit<'_>) -> Answer) -> Route {
    Route { method: Method::POST, path, needs, side: Side::Person, run }
}

/// All routes.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut all = Vec::new();
    all.extend(pages::routes());
    all.extend(api::routes());
    all
}
