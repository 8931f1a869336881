//! A row of the API: the route, and what a reader of the document is told about it.

use axum::http::Method;
use serde_json::{Value, json};

use crate::web::{
    route::{Needs, Route, Side},
    visit::{Answer, Visit},
};

/// JSON.
pub const JSON: &str = "application/json";
/// One JSON object a line.
pub const JSONL: &str = "application/jsonl";

/// A row of the API.
pub struct Endpoint {
    /// What is routed.
    pub route: Route,
    /// What is told.
    pub told: Told,
}

/// What is told of a row.
pub struct Told {
    /// Its name, for programs that are made from the document.
    pub id: &'static str,
    /// Under which heading it stands.
    pub tag: &'static str,
    /// What it is for, in a few words.
    pub summary: &'static str,
    /// What one should know besides.
    pub more: &'static str,
    /// What may be said behind the path, or in headers.
    pub parameters: Vec<Parameter>,
    /// What may be sent: the kind of content, and the name of its schema.
    pub takes: Vec<(&'static str, Schema)>,
    /// Whether something must be sent.
    pub must: bool,
    /// What comes back when all is well: the status, what it means, and the content.
    pub gives: Vec<(u16, &'static str, &'static str, Schema)>,
}

/// The schema of a content.
#[derive(Clone, Copy, Debug)]
pub enum Schema {
    /// One of those that have a name.
    Named(&'static str),
    /// A list of such.
    List(&'static str),
    /// One of such, or a list of them.
    OneOrList(&'static str),
    /// A text.
    Text,
}

impl Schema {
    /// The schema as the document has it.
    pub fn to_json(self) -> Value {
        let named = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        match self {
            Self::Named(name) => named(name),
            Self::List(name) => json!({"type": "array", "items": named(name)}),
            Self::OneOrList(name) => json!({"oneOf": [named(name), {"type": "array", "items": named(name)}]}),
            Self::Text => json!({"type": "string"}),
        }
    }
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Whether it is a header.
    pub header: bool,
    /// What it means.
    pub text: &'static str,
    /// Its type, as a JSON text.
    pub kind: Kind,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number, from 1.
    Number,
    /// An instant.
    Instant,
    /// Whether: `1` says so.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
}

impl Kind {
    /// The schema as the document has it.
    pub fn to_json(self) -> Value {
        match self {
            Self::Text => json!({"type": "string"}),
            Self::Number => json!({"type": "integer", "minimum": 1}),
            Self::Instant => {
                json!({"type": "string", "description": "RFC 3339; without offset in the zone of the company, a date alone is its start"})
            }
            Self::Flag => json!({"enum": ["1"]}),
            Self::Word(words) => json!({"enum": words}),
        }
    }
}

/// A parameter behind the path.
pub const fn query(name: &'static str, kind: Kind, text: &'static str) -> Parameter {
    Parameter { name, header: false, text, kind }
}

/// A parameter in a header.
pub const fn header(name: &'static str, text: &'static str) -> Parameter {
    Parameter { name, header: true, text, kind: Kind::Text }
}

impl Endpoint {
    /// A row for programs.
    pub fn new(method: Method, path: &'static str, needs: Needs, run: fn(&Visit<'_>) -> Answer) -> Self {
        let told =
            Told { id: "", tag: "", summary: "", more: "", parameters: Vec::new(), takes: Vec::new(), must: false, gives: Vec::new() };
        Self { route: Route { method, path, needs, side: Side::Program, run }, told }
    }

    /// Something to read.
    pub fn get(path: &'static str, needs: Needs, run: fn(&Visit<'_>) -> Answer) -> Self {
        Self::new(Method::GET, path, needs, run)
    }

    /// Something to do.
    pub fn post(path: &'static str, needs: Needs, run: fn(&Visit<'_>) -> Answer) -> Self {
        Self::new(Method::POST, path, needs, run)
    }

    /// Its name, heading and summary.
    pub const fn says(mut self, id: &'static str, tag: &'static str, summary: &'static str, more: &'static str) -> Self {
        (self.told.id, self.told.tag, self.told.summary, self.told.more) = (id, tag, summary, more);
        self
    }

    /// With more parameters.
    pub fn asks(mut self, parameters: &[Parameter]) -> Self {
        self.told.parameters.extend_from_slice(parameters);
        self
    }

    /// It must be sent something.
    pub fn takes(mut self, content: &'static str, schema: Schema) -> Self {
        self.told.must = true;
        self.told.takes.push((content, schema));
        self
    }

    /// It may be sent something.
    pub fn may_take(mut self, content: &'static str, schema: Schema) -> Self {
        self.told.takes.push((content, schema));
        self
    }

    /// It answers so.
    pub fn gives(mut self, status: u16, text: &'static str, content: &'static str, schema: Schema) -> Self {
        self.told.gives.push((status, text, content, schema));
        self
    }

    /// For people with a browser, too.
    pub const fn either(mut self) -> Self {
        self.route.side = Side::Either;
        self
    }
}
