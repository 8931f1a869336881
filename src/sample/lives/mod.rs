//! Lives as data: how a case of a kind goes, step by step, and what may go wrong in it.
//!
//! The files beside this one hold them; `README.md` there says how they are written. They are a part of the program and are read once.

mod head;
mod pace;
mod read;
mod tell;
mod value;

use std::sync::OnceLock;

use self::{head::Head, pace::Pace, value::Value};
use super::script::Brief;
use crate::case::Case;

/// The files, each by its theme.
const FILES: &[(&str, &str)] = &[
    ("people.yaml", include_str!("people.yaml")),
    ("recorded.yaml", include_str!("recorded.yaml")),
    ("beside.yaml", include_str!("beside.yaml")),
    ("customers.yaml", include_str!("customers.yaml")),
    ("service.yaml", include_str!("service.yaml")),
    ("sales.yaml", include_str!("sales.yaml")),
    ("delivery.yaml", include_str!("delivery.yaml")),
    ("stores.yaml", include_str!("stores.yaml")),
    ("network.yaml", include_str!("network.yaml")),
    ("company.yaml", include_str!("company.yaml")),
    ("departments.yaml", include_str!("departments.yaml")),
];

/// All lives, and who takes part in them.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// Roles that no builder knows, with those who hold them.
    pub(super) people: Vec<(String, Vec<String>)>,
    /// The kinds of which the company does not record everything that its policies speak of.
    pub(super) recorded: Vec<Recorded>,
    /// What goes on beside the story of a builder's case, because other documents ask for it: by kind.
    pub(super) more: Vec<Life>,
    /// The lives, in the order of the files.
    pub(super) lives: Vec<Life>,
}

/// What alone is recorded of a kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorded {
    /// The kind.
    pub(super) kind: String,
    /// Its facts.
    pub(super) facts: Vec<String>,
    /// Its event types.
    pub(super) events: Vec<String>,
}

/// How a case of a kind goes.
#[derive(Debug)]
pub(super) struct Life {
    /// The kind of case.
    pub(super) kind: String,
    /// What its ids begin with.
    prefix: String,
    /// How common it is, in ten thousand.
    pub(super) weight: i64,
    begins: Begins,
    /// The kind of standing case that it is part of.
    part_of: Option<String>,
    facts: Vec<Field>,
    steps: Vec<Step>,
    mishaps: Vec<Mishap>,
}

/// When a life begins.
#[derive(Clone, Copy, Debug)]
enum Begins {
    /// In office hours of a working day.
    Office,
    /// At any hour.
    Any,
    /// On a working day so many days before the sample's first day, so that its duties run all the time.
    Before(i64, i64),
}

/// A fact, or a field of an event's data.
#[derive(Debug)]
struct Field {
    head: Head,
    value: Value,
}

/// A step of a life.
#[derive(Debug)]
struct Step {
    head: Head,
    pace: Pace,
    doing: Doing,
}

#[derive(Debug)]
enum Doing {
    /// An event, done by a role or by nobody of the company.
    Event { role: Option<String>, data: Vec<Field> },
    /// Steps that belong together.
    Steps(Vec<Step>),
}

/// What may go wrong.
#[derive(Debug)]
enum Mishap {
    /// An event is left out.
    Miss(Which),
    /// An event comes later by so many minutes of office work.
    Late(Which, i64, i64),
    /// An event is done in another role.
    Role(Which, String),
    /// A field of an event is left empty.
    Blank(Which, String),
    /// A field of an event holds something else.
    Set(Which, String, Value),
    /// An event comes just before another that should have come first.
    First(Which, String),
    /// A fact is left out.
    Unknown(String),
    /// A fact holds something else.
    Fact(String, Value),
    /// Something more happens.
    Also(Step),
}

/// Which event a mishap befalls.
#[derive(Debug)]
struct Which {
    event: String,
    role: Option<String>,
}

/// The lives of the bundled files. Empty only where these are not well formed, which a test rules out.
pub(super) fn book() -> &'static Book {
    static BOOK: OnceLock<Book> = OnceLock::new();
    BOOK.get_or_init(|| read::book(FILES).unwrap_or_default())
}

impl Book {
    /// The case of a life at a brief's index.
    pub(super) fn tell(life: &'static Life, brief: Brief, parent: impl Fn(&str) -> Option<String>) -> Case {
        tell::case(life, brief, life.part_of.as_deref().and_then(parent))
    }

    /// A builder's case with what goes on beside its story.
    pub(super) fn beside(&'static self, case: Case, brief: Brief) -> Case {
        match self.more.iter().find(|life| life.kind == case.kind) {
            Some(life) => tell::beside(life, case, brief),
            None => case,
        }
    }

    /// The id that the case of a life has at an index.
    pub(super) fn id_at(life: &Life, index: u64) -> String {
        super::script::id_of(&life.prefix, index)
    }
}

#[cfg(test)]
mod tests {
    use super::{FILES, read};

    #[test]
    fn the_files_are_well_formed() {
        let book = read::book(FILES).unwrap();
        assert!(book.lives.len() > 50, "{}", book.lives.len());
        for life in &book.lives {
            assert!(!life.steps.is_empty(), "{}", life.kind);
            assert!(life.part_of.as_ref().is_none_or(|kind| book.lives.iter().any(|other| other.kind == *kind)), "{}", life.kind);
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        for (text, word) in [
            ("lives: [{kind: a, id: A, weight: 1, steps: [b after 1..]}]", "1.."),
            ("lives: [{kind: a, id: A, weight: 1, steps: [b], mishaps: [fall b]}]", "fall"),
            ("lives: [{kind: a, id: A, weigt: 1, steps: [b]}]", "weigt"),
        ] {
            let error = read::book(&[("x.yaml", text)]).unwrap_err();
            assert!(error.contains(word) && error.starts_with("x.yaml:1"), "{error}");
        }
    }
}
