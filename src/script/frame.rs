//! What an expression can see while it runs: a case up to one event.
//!
//! Rhai's functions get no context of ours, so the frame stands in a thread-local for the time of one evaluation;
//! [`Env::enter`] puts it there and takes it away again.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use rhai::{Dynamic, EvalAltResult, Map, Position as Place};

use super::{
    error::{Missing, Trouble},
    names::{Binding, Names},
};
use crate::{
    case::{Value, Values},
    time::{Calendar, Clock, Counting, DayEnd, Instant, Zone},
    value::Val,
    view::{BEFORE_ALL, CaseView, Position},
};

/// How a clause counts time.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Its calendar.
    pub calendar: Arc<Calendar>,
    /// How days are counted.
    pub counting: Counting,
    /// When a counted day ends.
    pub day_end: DayEnd,
}

impl Setup {
    /// The clock that counts so.
    #[must_use]
    pub fn clock(&self) -> Clock<'_> {
        Clock { calendar: &self.calendar, counting: self.counting, day_end: self.day_end }
    }

    /// The zone of the calendar.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.calendar.zone()
    }
}

/// Where an expression is asked.
#[derive(Clone, Copy, Debug)]
pub struct Env<'e> {
    /// The case.
    pub view: &'e Rc<CaseView>,
    /// The names.
    pub names: &'e Arc<Names>,
    /// The clause's clock.
    pub setup: &'e Arc<Setup>,
    /// Facts are read as they were here; events after it are not seen.
    pub position: Position,
    /// The event at hand.
    pub event: Option<Position>,
    /// Which dated value of a parameter holds.
    pub at: Instant,
}

/// The same for rhai, whose functions cannot borrow.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    view: Rc<CaseView>,
    names: Arc<Names>,
    setup: Arc<Setup>,
    position: Position,
    event: Option<Position>,
    at: Instant,
}

impl Frame {
    pub(super) fn env(&self) -> Env<'_> {
        let Self { view, names, setup, position, event, at } = self;
        Env { view, names, setup, position: *position, event: *event, at: *at }
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Frame>> = const { RefCell::new(None) };
}

/// Takes the frame away when evaluation ends.
pub(super) struct Entered(Option<Frame>);

impl Drop for Entered {
    fn drop(&mut self) {
        let before = self.0.take();
        CURRENT.with(|current| *current.borrow_mut() = before);
    }
}

impl Env<'_> {
    /// The same, asked at an event: facts as they were then, its data at hand.
    #[must_use]
    pub fn at_event(&self, position: Position) -> Self {
        let at = self.view.at(position).unwrap_or(self.at);
        Self { position, event: (position > BEFORE_ALL).then_some(position), at, ..*self }
    }

    /// The same, with the facts and events of another position; the event at hand stays.
    #[must_use]
    pub const fn with_facts_of(&self, position: Position) -> Self {
        Self { position, ..*self }
    }

    pub(super) fn enter(&self) -> Entered {
        let frame = Frame {
            view: Rc::clone(self.view),
            names: Arc::clone(self.names),
            setup: Arc::clone(self.setup),
            position: self.position,
            event: self.event,
            at: self.at,
        };
        CURRENT.with(|current| Entered(current.borrow_mut().replace(frame)))
    }

    /// The value of a parameter here.
    #[must_use]
    pub fn parameter(&self, index: usize) -> Option<&Val> {
        self.names.parameters.get(index).and_then(|parameter| parameter.at(self.at, self.setup.zone()))
    }

    /// The value of a name.
    ///
    /// # Errors
    /// What is missing or failed.
    pub fn value(&self, binding: Binding) -> Result<Val, Trouble> {
        match binding {
            Binding::Fact(slot) => self.view.fact(slot, self.position).ok_or_else(|| self.missing_fact(slot)),
            Binding::Parameter(index) => self.parameter(index).cloned().ok_or_else(|| Trouble::missing("")),
            Binding::Derived(index) => match self.names.derived.get(index) {
                Some(derived) => derived.value.value(self),
                None => Err(Trouble::missing("")),
            },
        }
    }

    /// A fact is not recorded.
    #[must_use]
    pub fn missing_fact(&self, slot: usize) -> Trouble {
        Trouble::missing(self.names.kind.facts.get(slot).map_or("", |fact| fact.name.as_str()))
    }
}

pub(super) type Ran<T> = Result<T, Box<EvalAltResult>>;

/// The current frame, for the functions.
pub(super) fn current() -> Ran<Frame> {
    CURRENT.with(|current| current.borrow().clone()).ok_or_else(|| failed("this function needs a case"))
}

pub(super) fn failed(message: &str) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(message.into(), Place::NONE))
}

pub(super) fn missing(name: &str) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(Missing(name.to_owned())), Place::NONE))
}

/// Raises a trouble inside rhai.
pub(super) fn raise(trouble: Trouble) -> Box<EvalAltResult> {
    match trouble {
        Trouble::Missing(names) => missing(names.first().map_or("", String::as_str)),
        Trouble::Failed { message, place } => failed(&format!("{} ({})", message.en, place.show())),
    }
}

/// Resolves a variable of an expression.
pub(super) fn resolve(name: &str) -> Ran<Option<Dynamic>> {
    let Some(frame) = CURRENT.with(|current| current.borrow().clone()) else { return Ok(None) };
    let env = frame.env();
    if let Some(binding) = env.names.find(name) {
        return env.value(binding).map(|value| Some(to_dynamic(value))).map_err(raise);
    }
    let Some(position) = env.event.filter(|position| env.view.seen(*position).is_some()) else { return Ok(None) };
    let text = |value: Option<&str>| match value {
        Some(given) if !given.is_empty() => Ok(Some(given.into())),
        _ => Err(missing(name)),
    };
    match name {
        "at" => Ok(env.view.at(position).map(Dynamic::from)),
        "by" => text(env.view.by(position)),
        "role" => text(env.view.role(position)),
        "event_type" => Ok(env.view.event_type(position).map(Into::into)),
        "data" => Ok(Some(Dynamic::from_map(typed_data(&env, position)))),
        _ => Ok(None),
    }
}

/// The data of an event, with declared fields in their types.
pub(super) fn typed_data(env: &Env<'_>, position: Position) -> Map {
    let kind = &env.names.kind;
    let decl = env.view.event_type(position).and_then(|name| kind.event(name)).and_then(|id| kind.events.get(usize::from(id)));
    let mut map = Map::new();
    for (name, raw) in &env.view.data(position) {
        let declared = decl.and_then(|decl| decl.data.iter().find(|field| field.name == *name));
        let value = declared.and_then(|field| Val::read(raw, field.kind, env.view.zone)).map_or_else(|| raw_dynamic(raw), to_dynamic);
        if !value.is_unit() {
            map.insert(name.as_str().into(), value);
        }
    }
    map
}

pub(super) fn values_map(values: &Values) -> Map {
    values.iter().map(|(name, raw)| (name.as_str().into(), raw_dynamic(raw))).collect()
}

fn raw_dynamic(raw: &Value) -> Dynamic {
    match raw {
        Value::Null => Dynamic::UNIT,
        Value::Map(map) => Dynamic::from_map(values_map(map)),
        Value::List(items) => Dynamic::from_array(items.iter().map(raw_dynamic).collect()),
        other => Val::guess(other).map_or(Dynamic::UNIT, to_dynamic),
    }
}

pub(super) fn to_dynamic(value: Val) -> Dynamic {
    match value {
        Val::Boolean(flag) => flag.into(),
        Val::Integer(number) => number.into(),
        Val::Decimal(number) => number.into(),
        Val::Text(text) => text.into(),
        Val::Instant(at) => Dynamic::from(at),
        Val::Date(date) => Dynamic::from(date),
        Val::Span(span) => Dynamic::from(span),
        Val::List(items) => Dynamic::from_array(items.into_iter().map(to_dynamic).collect()),
    }
}

pub(super) fn from_dynamic(value: Dynamic) -> Option<Val> {
    if let Ok(flag) = value.as_bool() {
        return Some(Val::Boolean(flag));
    }
    if let Ok(number) = value.as_int() {
        return Some(Val::Integer(number));
    }
    if let Ok(number) = value.as_decimal() {
        return Some(Val::Decimal(number));
    }
    if value.is_string() {
        return value.into_immutable_string().ok().map(Val::Text);
    }
    if value.is_array() {
        let items = value.into_array().ok()?;
        return items.into_iter().map(from_dynamic).collect::<Option<Vec<_>>>().map(Val::List);
    }
    if let Some(at) = value.clone().try_cast() {
        return Some(Val::Instant(at));
    }
    if let Some(date) = value.clone().try_cast() {
        return Some(Val::Date(date));
    }
    value.try_cast().map(Val::Span)
}
