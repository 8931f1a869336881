//! A policy as plain data: what the oracle judges by, and what [`super::render`] writes as YAML. Expressions are texts, so that both judges read
//! the very same ones.

use chrono::NaiveDate;

use super::clock::{Calendar, Counting, Span};

/// A value: as it stands, computed, or chosen by the fact `grade`.
#[derive(Clone, Debug)]
pub enum Amount<T> {
    Is(T),
    Computed(String),
    /// For `low`, for `high`; `None` is left to `otherwise`.
    ByGrade {
        low: Option<T>,
        high: Option<T>,
        otherwise: Option<T>,
    },
}

/// One alternative of a matcher.
#[derive(Clone, Debug, Default)]
pub struct One {
    pub events: Vec<&'static str>,
    pub role: Option<&'static str>,
    pub by: Option<&'static str>,
    pub when: Option<String>,
    pub of_parent: bool,
}

/// Any of its alternatives.
#[derive(Clone, Debug)]
pub struct Matcher(pub Vec<One>);

#[derive(Clone, Debug)]
pub enum NotBefore {
    Span(Amount<Span>),
    Instant(String),
}

#[derive(Clone, Debug)]
pub struct Deadline {
    /// `None`: once a case, by `due`.
    pub after: Option<Matcher>,
    /// The clause whose violations open it, instead of `after`.
    pub violation: Option<String>,
    pub expect: Matcher,
    pub within: Option<Amount<Span>>,
    pub due: Option<String>,
    pub before: Option<Matcher>,
    pub not_before: Option<NotBefore>,
    pub pauses: Vec<(Matcher, Matcher)>,
    pub first_only: bool,
    pub one_to_one: bool,
    pub key: bool,
    pub anywhere: bool,
}

#[derive(Clone, Debug)]
pub struct Approval {
    pub after: Option<Matcher>,
    pub event: Matcher,
    /// Each step is filled by any of its roles.
    pub chain: Amount<Vec<Vec<&'static str>>>,
    pub refusal: Option<Matcher>,
    pub before: Option<Matcher>,
    pub any_order: bool,
    pub any_person: bool,
    pub within: Option<Amount<Span>>,
    pub afterwards: Option<Amount<Span>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    AtLeast,
    Above,
    AtMost,
    Below,
}

#[derive(Clone, Debug)]
pub struct Threshold {
    pub value: String,
    pub bounds: Vec<(Bound, Amount<i64>)>,
    pub within: Option<Amount<Span>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

#[derive(Clone, Debug)]
pub enum Rhythm {
    Every(Amount<Span>),
    /// By the day of the period (a weekday of the week, a day of the month), at a minute of the day.
    Grid {
        each: Period,
        day: Option<u32>,
        minute: Option<u32>,
    },
}

#[derive(Clone, Debug)]
pub struct Recurrence {
    pub expect: Matcher,
    pub rhythm: Rhythm,
    pub start: Option<Start>,
    pub until: Option<Matcher>,
    pub window: Option<Span>,
    pub grace: Option<Span>,
    pub times: usize,
    /// Only on a grid.
    pub catch_up: bool,
}

#[derive(Clone, Debug)]
pub enum Start {
    Event(Matcher),
    Instant(&'static str),
}

#[derive(Clone, Debug)]
pub struct Order {
    pub event: Matcher,
    pub requires: Vec<Matcher>,
    pub never_after: Option<Matcher>,
    pub key: bool,
    /// Received by this; lot and quantity are `part` and `qty`.
    pub fifo: Option<Matcher>,
}

#[derive(Clone, Debug)]
pub struct Record {
    pub at: Option<Matcher>,
    pub fields: Vec<&'static str>,
    pub facts: Vec<&'static str>,
    pub signatures: Vec<&'static str>,
    pub copies: Option<i64>,
    pub equal: Vec<(&'static str, &'static str)>,
    pub completed_by: Option<Matcher>,
    pub within: Option<Amount<Span>>,
}

#[derive(Clone, Debug)]
pub struct Retention {
    pub after: Matcher,
    pub keep: Amount<Span>,
    pub dispose: Option<Matcher>,
    pub review: Option<(Matcher, Option<Amount<Span>>)>,
}

/// What a limit counts.
#[derive(Clone, Debug)]
pub enum Measure {
    Count(Matcher),
    Distinct(Matcher, String),
    Sum(Matcher, String),
    Value(String),
}

#[derive(Clone, Debug)]
pub enum Level {
    Number(Amount<i64>),
    Measure(Measure),
}

#[derive(Clone, Debug)]
pub struct Limit {
    pub measure: Measure,
    pub at_least: Option<Level>,
    pub at_most: Option<Level>,
    pub key: bool,
    pub at: Option<Matcher>,
    pub per: Option<Period>,
    pub group: Option<String>,
    pub excess: Option<Excess>,
}

/// What is asked of each event beyond a limit over many cases, and once that is late.
#[derive(Clone, Debug)]
pub struct Excess {
    pub expect: Matcher,
    pub within: Amount<Span>,
    pub anywhere: bool,
    pub then: Option<(Matcher, Amount<Span>)>,
}

#[derive(Clone, Debug)]
pub enum Members {
    Of(Matcher),
    Clause(String),
}

#[derive(Clone, Debug)]
pub struct Target {
    pub per: Period,
    pub group: Option<String>,
    pub members: Members,
    pub good: Option<String>,
    pub mean: Option<String>,
    pub at_least: Option<i64>,
    pub at_most: Option<i64>,
    pub minimum: Option<usize>,
    pub size: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Separation {
    pub steps: Vec<Matcher>,
    pub by_role: bool,
}

#[derive(Clone, Debug)]
pub enum Forbid {
    Event { event: Matcher, after: Option<Matcher>, before: Option<Matcher>, except: Option<String> },
    State(String),
}

#[derive(Clone, Debug)]
pub enum Form {
    Deadline(Deadline),
    Approval(Approval),
    Threshold(Threshold),
    Recurrence(Recurrence),
    Order(Order),
    Record(Record),
    Retention(Retention),
    Limit(Limit),
    Target(Target),
    Separation(Separation),
    Forbid(Forbid),
}

#[derive(Clone, Debug)]
pub struct Clause {
    pub id: String,
    pub form: Form,
    pub when: Option<String>,
    pub unless: Option<String>,
    pub facts_latest: bool,
    pub survives: bool,
    pub version_latest: bool,
    pub warn: Option<Span>,
    pub remedy: Option<Matcher>,
    pub counting: Option<Counting>,
    pub day_end_close: bool,
}

/// One version of the policy.
#[derive(Clone, Debug)]
pub struct Version {
    pub effective: NaiveDate,
    /// The parameter `figure`.
    pub figure: i64,
    pub clauses: Vec<Clause>,
}

/// Somebody in a role; dates are those from which and until which.
#[derive(Clone, Debug)]
pub struct Post {
    pub role: &'static str,
    pub person: &'static str,
    pub deputy: bool,
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
}

/// Everything that judging depends on, but for cases and as-of.
#[derive(Clone, Debug)]
pub struct Law {
    pub versions: Vec<Version>,
    pub calendar: Calendar,
    pub posts: Vec<Post>,
    /// The company's own value of `figure`.
    pub figure: Option<i64>,
}

/// A waiver as given.
#[derive(Clone, Debug)]
pub struct Waiver {
    pub case: String,
    pub clause: String,
    pub instance: Option<String>,
    pub from: i64,
    pub until: i64,
}

pub const POLICY: &str = "model";
/// Event types of the kind `job`; `closed` ends it.
pub const EVENTS: [&str; 9] = ["asked", "answered", "held", "resumed", "shipped", "approved", "refused", "paid", "closed"];
/// What the data of each event may hold.
pub const DATA: [(&str, Type); 5] =
    [("part", Type::Text), ("qty", Type::Integer), ("good", Type::Boolean), ("copies", Type::Integer), ("signatures", Type::List)];
pub const FACTS: [(&str, Type); 7] = [
    ("grade", Type::Text),
    ("units", Type::Integer),
    ("urgent", Type::Boolean),
    ("adviser", Type::Text),
    ("price", Type::Decimal),
    ("due_on", Type::Date),
    ("due_at", Type::Instant),
];
pub const ROLES: [&str; 3] = ["head", "lead", "desk"];
pub const PEOPLE: [&str; 4] = ["ann", "bob", "cat", "dan"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Text,
    Integer,
    Boolean,
    Decimal,
    Date,
    Instant,
    List,
}
