//! Taking cases and events in: each is looked at by itself, what can be taken is taken together, and the answer tells of each what became of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use crate::{
    account::{Account, Power},
    app::{board::site_of_facts, clock, vocabulary::Census},
    case::{Case, CaseRecord, Event, identify},
    desk::Deed,
    lang::{Lang, Text},
    policy::PolicySet,
    store::{Store, StoreError},
    web::{
        sight::{sees, sees_kind},
        visit::{Answer, Refusal, Reply, Visit},
    },
};

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was not known, and is stored.
    New,
    /// It was known, and what was new of it is stored.
    Changed,
    /// It was known; nothing changed. Whether it says something else than what is known.
    Known(bool),
    /// It was not taken.
    Refused(Text),
}

/// An item of a request.
#[derive(Clone, Debug)]
pub struct Item {
    /// The case.
    pub case: Option<String>,
    /// The event, where the items are events.
    pub event: Option<(String, String)>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a request.
#[derive(Debug)]
pub struct Taken {
    /// Its items, in order.
    pub items: Vec<Item>,
    /// What the policies do not know of them.
    pub warnings: Vec<Text>,
}

/// What the items are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Cases.
    Cases,
    /// Events: cases of one event each. Of a stored case the kind may be left empty.
    Events,
}

/// Takes items in; each is a case, or why it could not be read.
pub fn take(visit: &Visit<'_>, source: &str, drafts: Vec<Result<Case, Text>>, of: Of) -> Result<Taken, Refusal> {
    let account = visit.account()?;
    let rules = visit.app.rules();
    let mut census = Census::default();
    let mut desk =
        Desk { account, set: &rules.set, before: HashMap::new(), told: HashMap::new(), accepted: Vec::new(), places: HashMap::new() };
    let mut items: Vec<Item> = Vec::new();
    let source = format!("{source} ({})", account.name);
    let cases = visit.app.change(|store| {
        for draft in drafts {
            items.push(match draft {
                Err(reason) => Item { case: None, event: None, outcome: Outcome::Refused(reason) },
                Ok(case) => desk.look(store, case, of)?,
            });
        }
        let accepted = std::mem::take(&mut desk.accepted);
        accepted.iter().for_each(|case| census.look(case, desk.set));
        let ids: BTreeSet<String> = accepted.iter().map(|case| case.id.clone()).collect();
        let done = store.import(&source, accepted, clock::now())?;
        let refused: BTreeMap<&str, Text> =
            done.refused.iter().map(|refusal| (refusal.case(), Text::new(refusal.to_string(), refusal.zh()))).collect();
        for item in &mut items {
            let Some(id) = &item.case else { continue };
            if matches!(item.outcome, Outcome::Refused(_)) {
                continue;
            }
            if let Some(reason) = refused.get(id.as_str()) {
                item.outcome = Outcome::Refused(reason.clone());
            } else if of == Of::Cases && desk.before.get(id).is_some_and(Option::is_some) {
                let same = store.case(id)?.as_ref() == desk.before.get(id).and_then(Option::as_ref);
                item.outcome = if same { Outcome::Known(false) } else { Outcome::Changed };
            }
        }
        Ok(ids)
    })?;
    let moved = |item: &&Item| matches!(item.outcome, Outcome::New | Outcome::Changed);
    let changed: BTreeSet<String> =
        items.iter().filter(moved).filter_map(|item| item.case.clone()).filter(|id| cases.contains(id)).collect();
    if !changed.is_empty() {
        let changed: Vec<String> = changed.into_iter().collect();
        visit.app.touched(&changed)?;
        let mut new = items.iter().filter(moved);
        let deed = match (new.next(), new.next()) {
            (Some(Item { case: Some(case), event: Some((event, kind)), .. }), None) => {
                Deed::Recorded { case: case.clone(), event: event.clone(), kind: kind.clone() }
            }
            _ => Deed::Imported { source: source.clone(), cases: u64::try_from(changed.len()).unwrap_or(u64::MAX) },
        };
        visit.app.act(&account.name, visit.via, deed)?;
    }
    Ok(Taken { items, warnings: census.warnings() })
}

/// Where items are looked at.
struct Desk<'d> {
    account: &'d Account,
    set: &'d PolicySet,
    /// Cases as they were.
    before: HashMap<String, Option<CaseRecord>>,
    /// Events of this request, by case and id.
    told: HashMap<(String, String), Event>,
    /// What is to be stored.
    accepted: Vec<Case>,
    /// Where the events of a case are gathered.
    places: HashMap<String, usize>,
}

impl Desk<'_> {
    fn look(&mut self, store: &Store, mut case: Case, of: Of) -> Result<Item, StoreError> {
        identify(&mut case);
        if !self.before.contains_key(&case.id) {
            self.before.insert(case.id.clone(), store.case(&case.id)?);
        }
        let record = self.before.get(&case.id).and_then(Option::as_ref);
        let event = case.events.first().filter(|_| of == Of::Events).map(|event| (event.id.clone(), event.kind.clone()));
        // The first event of a new case tells its kind for those that follow.
        if case.kind.is_empty() {
            let earlier = self.places.get(&case.id).and_then(|place| self.accepted.get(*place)).map(|case| &case.kind);
            if let Some(kind) = record.map(|record| &record.kind).or(earlier) {
                case.kind.clone_from(kind);
            }
        }
        let outcome = match self.may_take(record, &case) {
            Err(reason) => Outcome::Refused(reason),
            Ok(()) if of == Of::Events => return Ok(Item { case: Some(case.id.clone()), event, outcome: self.gather(case) }),
            Ok(()) => Outcome::New,
        };
        let id = case.id.clone();
        if outcome == Outcome::New {
            self.accepted.push(case);
        }
        Ok(Item { case: Some(id), event, outcome })
    }

    /// Puts an event to the others of its case.
    fn gather(&mut self, mut case: Case) -> Outcome {
        let Some(event) = case.events.first().cloned() else { return Outcome::Known(false) };
        let stored = self.before.get(&case.id).and_then(Option::as_ref);
        let stored = stored.and_then(|record| record.events.iter().find(|known| known.event.id == event.id)).map(|known| &known.event);
        let key = (case.id.clone(), event.id.clone());
        if let Some(known) = stored.or_else(|| self.told.get(&key)) {
            return Outcome::Known(*known != event);
        }
        self.told.insert(key, event);
        match self.places.get(&case.id).and_then(|place| self.accepted.get_mut(*place)) {
            Some(known) if known.kind == case.kind => known.events.append(&mut case.events),
            Some(_) => {
                return Outcome::Refused(Text::new(
                    "an earlier event says that the case is of another kind",
                    "前面的事件称该个案属于另一种类",
                ));
            }
            None => {
                self.places.insert(case.id.clone(), self.accepted.len());
                self.accepted.push(case);
            }
        }
        Outcome::New
    }

    /// Whether the account may add this to what is stored.
    fn may_take(&self, record: Option<&CaseRecord>, case: &Case) -> Result<(), Text> {
        let (account, id) = (self.account, &case.id);
        match record {
            Some(record) if sees(account, self.set, record) => Ok(()),
            None if case.kind.is_empty() => Err(Text::new(
                format!("case `{id}` is not known, and nothing tells its kind; say `dulykind` in its first event"),
                format!("个案 `{id}` 尚不存在，且未说明种类；请在其首个事件中给出 `dulykind`"),
            )),
            None if !account.rank.may(Power::Run) => Err(Text::new(
                format!("case `{id}` is not known, and your account may not take cases in"),
                format!("个案 `{id}` 尚不存在，而您的账户无权导入个案"),
            )),
            None if sees_kind(account, self.set, &case.kind) && account.scope.has_site(site_of_facts(&case.facts, self.set).as_deref()) => {
                Ok(())
            }
            _ => match Refusal::no_case(id) {
                Refusal::Missing(text) => Err(text),
                other => Err(other.text()),
            },
        }
    }
}

impl Item {
    /// The item as JSON.
    pub fn to_json(&self, position: usize, lang: Lang) -> Value {
        let mut item = json!({"position": position, "outcome": match &self.outcome {
            Outcome::New => "new",
            Outcome::Changed => "changed",
            Outcome::Known(_) => "known",
            Outcome::Refused(_) => "refused",
        }});
        let mut put = |name: &str, value: Value| {
            if let Some(map) = item.as_object_mut() {
                map.insert(name.to_owned(), value);
            }
        };
        if let Some(case) = &self.case {
            put("case", case.as_str().into());
        }
        if let Some((event, _)) = &self.event {
            put("event", event.as_str().into());
            put("new", (self.outcome == Outcome::New).into());
        }
        match &self.outcome {
            Outcome::Known(true) => put("differs", true.into()),
            Outcome::Refused(reason) => put("why", reason.get(lang).into()),
            _ => {}
        }
        item
    }
}

impl Taken {
    /// The answer to a list, or to a single item: what is wrong with that is the problem itself.
    pub fn answer(&self, visit: &Visit<'_>, many: bool) -> Answer {
        if !many && let [Item { outcome: Outcome::Refused(reason), .. }] = self.items.as_slice() {
            return Err(Refusal::Wrong(reason.clone()));
        }
        let count = |wanted: fn(&Outcome) -> bool| self.items.iter().filter(|item| wanted(&item.outcome)).count();
        let new = count(|outcome| *outcome == Outcome::New);
        let refused = count(|outcome| matches!(outcome, Outcome::Refused(_)));
        let status = match (refused, self.items.len()) {
            (0, 1) if !many && new == 1 => 201,
            (0, _) => 200,
            (refused, all) if refused == all => 422,
            _ => 207,
        };
        let items: Vec<Value> = self.items.iter().zip(1..).map(|(item, position)| item.to_json(position, visit.lang)).collect();
        let warnings: Vec<&str> = self.warnings.iter().map(|text| text.get(visit.lang)).collect();
        let receipt = json!({
            "new": new,
            "changed": count(|outcome| *outcome == Outcome::Changed),
            "known": count(|outcome| matches!(outcome, Outcome::Known(_))),
            "refused": refused,
            "items": items,
            "warnings": warnings,
        });
        Ok(Reply::json(&receipt).with_status(status))
    }
}
