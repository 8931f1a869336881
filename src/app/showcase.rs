//! A board worth looking at: three nights of checks, and what people did after them.

use super::{
    accounts::hash_password,
    clock::{self, Watch},
    nightly::{Lead, Setting, leads, nightly},
};
use crate::{
    account::{Account, Rank, Scope},
    desk::{Ask, Deed},
    lang::Text,
    policy::{PolicySet, sources::Sources},
    store::{FindingKey, Store, StoreError, Waiver},
    time::{Instant, Zone},
};

/// The nights, the last one before the morning of the demonstration.
const NIGHTS: [&str; 3] = ["2026-03-30T02:00:00+08:00", "2026-03-31T02:00:00+08:00", "2026-04-01T02:00:00+08:00"];
/// When the board's clock begins: a morning after the sample company's year.
pub const MORNING: &str = "2026-04-01T08:30:00+08:00";
/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// Who may sign in: the name, what it may do, and which policies it sees; all when none is named.
pub const ACCOUNTS: &[(&str, Rank, &[&str])] = &[
    ("Dong Jianhua", Rank::Supervisor, &[]),
    ("Yu Chunmei", Rank::Supervisor, &[]),
    ("officer", Rank::Officer, &[]),
    ("admin", Rank::Admin, &[]),
    ("viewer", Rank::Viewer, &["security-systems", "gas-network"]),
];

/// Why a showcase cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ShowcaseError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A password or an instant.
    #[error("{}", .0.en)]
    Text(Text),
}

impl From<Text> for ShowcaseError {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

/// Makes accounts with one password for all, runs the nights that were not run yet, and has people act.
///
/// # Errors
/// When the store cannot be read or written.
pub fn set_up(store: &mut Store, set: &PolicySet, sources: &Sources, password: &str, threads: usize) -> Result<(), ShowcaseError> {
    let now = clock::now();
    let hash = hash_password(password)?;
    for (name, rank, policies) in ACCOUNTS {
        let scope = Scope { policies: policies.iter().map(|policy| (*policy).to_owned()).collect(), sites: Vec::new() };
        store.put_account(Account { name: (*name).to_owned(), rank: *rank, scope, password: hash.clone(), closed: false, at: now }, now)?;
    }
    let zone = Zone::parse("Asia/Shanghai").unwrap_or(Zone::UTC);
    let at = |text: &str| Instant::parse(text, zone).map_err(|error| Text::new(error.en, error.zh));
    let last = store.last_run()?.map(|run| run.as_of);
    for night in NIGHTS {
        let as_of = at(night)?;
        if last.is_none_or(|last| last < as_of) {
            let setting = Setting { as_of, now: clock::now(), fallback: false, full: false, threads, watch: Watch::start() };
            nightly(store, set, sources, &setting, &mut |_| {})?;
        }
    }
    if store.acts(u64::MAX, 1)?.is_empty() {
        act(store, set, at(MORNING)?)?;
    }
    Ok(())
}

/// People take findings on, say something, and ask for waivers.
fn act(store: &mut Store, set: &PolicySet, morning: Instant) -> Result<(), StoreError> {
    let open = leads(store, set, morning, 24, |lead: &Lead| lead.open && lead.key.case.is_some())?;
    let keys: Vec<FindingKey> = open.into_iter().map(|lead| lead.key).collect();
    let (chief, deputy) = ("Dong Jianhua", "Yu Chunmei");
    let now = clock::now();
    for key in keys.iter().take(3) {
        store.add_act(chief, "web", Deed::Assigned { key: key.clone(), to: Some(deputy.to_owned()) }, now)?;
        store.add_act(deputy, "web", Deed::Acknowledged(key.clone()), now)?;
    }
    if let Some(case) = keys.first().and_then(|key| key.case.clone()) {
        let text = "Called the customer: the papers come on Thursday. 已与客户联系，资料周四补齐。".to_owned();
        store.add_act(deputy, "web", Deed::Commented { case, text }, now)?;
    }
    // One that ends soon, one that ended and is violated still, one that has long to go, one of no use, and one to decide on.
    let spans = [(-20, 6), (-40, -2), (-3, 60)];
    for ((from, until), key) in spans.into_iter().zip(keys.iter().skip(6)) {
        waive(store, key, morning.plus(from * DAY), morning.plus(until * DAY), (deputy, chief))?;
    }
    if let (Some(key), Some(other)) = (keys.get(9), keys.get(10)) {
        let elsewhere = FindingKey { clause: other.clause.clone(), instance: other.instance.clone(), ..key.clone() };
        if elsewhere.clause != key.clause {
            waive(store, &elsewhere, morning.plus(-DAY), morning.plus(30 * DAY), (chief, deputy))?;
        }
    }
    if let Some(FindingKey { case: Some(case), clause, instance, .. }) = keys.get(11).cloned() {
        let reason = "The road to the site is closed by a flood. 通往现场的道路因洪水封闭。".to_owned();
        let ask = Ask {
            id: String::new(),
            case,
            clause,
            instance: Some(instance),
            from: morning,
            until: morning.plus(7 * DAY),
            reason,
            by: deputy.to_owned(),
            approver: chief.to_owned(),
        };
        store.add_act(deputy, "web", Deed::Asked(ask), now)?;
    }
    Ok(())
}

fn waive(store: &mut Store, key: &FindingKey, from: Instant, until: Instant, (by, approved_by): (&str, &str)) -> Result<(), StoreError> {
    let waiver = Waiver {
        id: String::new(),
        case: key.case.clone().unwrap_or_default(),
        clause: key.clause.clone(),
        instance: Some(key.instance.clone()),
        from,
        until,
        by: by.to_owned(),
        approved_by: approved_by.to_owned(),
        reason: "The customer asked for a later date. 客户要求改期。".to_owned(),
        recorded: from,
    };
    store.add_waiver(waiver, clock::now()).map(drop)
}
