//! A complaint as a program would hold it that knows nothing but complaints: words as numbers, instants as seconds.

use chrono::DateTime;
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// A closed list of words: an enum that is read and written as these words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $($item:ident = $word:literal),* $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $(#[doc = concat!("`", $word, "`")] #[serde(rename = $word)] $item),*
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$item),*];

            /// The word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$item => $word),* }
            }

            /// The one with this word.
            #[must_use]
            pub fn named(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$item),)*
                    _ => None,
                }
            }
        }
    };
}

words! {
    /// The clauses, in the order of the policy.
    Clause: Response = "response", Resolution = "resolution", Arrival = "arrival", Dispatch = "dispatch", Approval = "approval",
    Revisit = "revisit", Repair = "repair", WholeBatch = "whole_batch", Discount = "discount", Intake = "intake", Signed = "signed",
    Inspectors = "inspectors", Reorder = "reorder", Contract = "contract", Deposit = "deposit", Reported = "reported",
    Archived = "archived", Separation = "separation", AfterClose = "after_close", Investigation = "investigation", Responder = "responder",
}
words! {
    /// How grave a complaint is.
    Grade: General = "general", Serious = "serious", Critical = "critical",
}
words! {
    /// Where it comes from.
    Region: Ring1 = "ring1", Ring2 = "ring2", Ring3 = "ring3", Neighbour = "neighbour", Remote = "remote",
}
words! {
    /// Who complains.
    Customer: New = "new", Old = "old",
}
words! {
    /// About what.
    Product: Standard = "standard", Ordered = "ordered", Custom = "custom",
}
words! {
    /// In which role something was done.
    Role: Clerk = "clerk", Agent = "agent", Dispatcher = "dispatcher", Engineer = "engineer", Inspector = "inspector",
    Customer = "customer", Manager = "manager", Sales = "sales", DeptHead = "dept-head", CompanyLead = "company-lead",
    GeneralManager = "general-manager",
}
words! {
    /// What was done.
    Step: Received = "received", Responded = "responded", Dispatched = "dispatched", Arrived = "arrived", Investigated = "investigated",
    PlanProposed = "plan_proposed", Approved = "approved", PlanExecuted = "plan_executed", Verified = "verified",
    CustomerSigned = "customer_signed", Closed = "closed", Revisited = "revisited", Archived = "archived", ReportedUp = "reported_up",
    Inspected = "inspected", Contracted = "contracted",
}

/// A complaint; `S` is an owned or a borrowed text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Case<S> {
    /// Its id.
    #[serde(rename = "case")]
    pub id: S,
    /// What is known of it.
    pub facts: Facts<S>,
    /// What happened, in order of time.
    pub events: Vec<Event<S>>,
}

/// The facts of a complaint.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the policy names each of them")]
pub struct Facts<S> {
    pub grade: Grade,
    pub region: Region,
    pub urban: bool,
    pub units: i64,
    pub amount: f64,
    pub margin: f64,
    pub discount: f64,
    pub customer_type: Customer,
    pub product_type: Product,
    pub whole_batch_return: bool,
    pub deposit: f64,
    pub on_hand: i64,
    pub min_stock: i64,
    pub customer: Option<S>,
    pub problem: Option<S>,
    pub purchased_on: Option<S>,
    pub model: Option<S>,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event<S> {
    /// What.
    #[serde(rename = "type")]
    pub step: Step,
    /// When, in seconds.
    #[serde(deserialize_with = "seconds")]
    pub at: i64,
    /// By whom.
    pub by: Option<S>,
    /// In which role.
    pub role: Role,
}

/// Reads an instant: RFC 3339 in JSON, the number itself in a compact format.
fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    if !from.is_human_readable() {
        return i64::deserialize(from);
    }
    let text = <&str>::deserialize(from)?;
    DateTime::parse_from_rfc3339(text).map(|at| at.timestamp()).map_err(D::Error::custom)
}

/// The id of the case with this number.
#[must_use]
pub fn id(number: u32) -> String {
    format!("C{number:08}")
}

/// The number in a case's id.
#[must_use]
pub fn number(id: &str) -> Option<u32> {
    id.strip_prefix('C')?.parse().ok()
}
