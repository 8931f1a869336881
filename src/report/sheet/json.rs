//! A table as JSON: a list of objects.

use serde_json::{Map, Value};

use super::{Cell, Sheet};
use crate::time::Span;

impl Sheet {
    /// A list with an object for each row; instants are RFC 3339, spans ISO 8601. A number that JSON's own cannot hold exactly is a
    /// text.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let object = |cells| -> Value {
            let named = self.columns.iter().map(|column| column.key.clone()).zip(cells);
            named.map(|(key, cell)| (key, value(cell))).collect::<Map<_, _>>().into()
        };
        self.whole_rows().map(object).collect()
    }
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) => text.as_str().into(),
        Cell::Integer(number) => (*number).into(),
        Cell::Decimal(number) => crate::ingest::number_to_json(*number),
        Cell::Flag(flag) => (*flag).into(),
        Cell::Date(date) => date.to_string().into(),
        Cell::Instant(at, zone) => at.to_rfc3339(*zone).into(),
        Cell::Elapsed(millis) => Span::iso_elapsed(*millis).into(),
        Cell::List(items) => items.clone().into(),
    }
}
