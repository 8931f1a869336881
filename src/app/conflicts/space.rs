//! The small set of values that the conditions of clauses name, and all ways of choosing among them.

use rust_decimal::Decimal;

use super::reading::Reading;
use crate::{
    case::Value,
    policy::{vocabulary::FactDecl, words::mentions},
    time::{Instant, Zone},
    value::Type,
};

/// The most ways that are tried; of more, as many as this at even distances.
const MOST: usize = 1024;
/// The most values of one name.
const VALUES: usize = 10;
const DAY: i64 = 86_400_000;

/// What may differ from one case to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A fact.
    Fact(String),
    /// A field of the data of the event at hand.
    Field(String),
    /// In which role the event at hand was done.
    Role,
    /// By whom.
    By,
    /// How many events of a type there were before.
    Before(String),
}

/// One choice of each.
pub(super) type Setting = Vec<(What, Value)>;

/// All choices.
#[derive(Debug, Default)]
pub(super) struct Space {
    dials: Vec<(What, Vec<Value>)>,
}

impl Space {
    /// Adds something that may differ; where it has no values it does not.
    pub(super) fn add(&mut self, what: What, values: Vec<Value>) {
        if !values.is_empty() && !self.dials.iter().any(|(known, _)| *known == what) {
            self.dials.push((what, values));
        }
    }

    /// The ways of choosing.
    pub(super) fn settings(&self) -> impl Iterator<Item = Setting> {
        let all = self.dials.iter().fold(1_usize, |product, (_, values)| product.saturating_mul(values.len()));
        let tried = all.min(MOST);
        // A step that shares no factor with small numbers, so that every dial turns.
        let step = if all > MOST { (all / MOST) | 1 } else { 1 };
        (0..tried).map(move |number| {
            let mut rest = number.wrapping_mul(step);
            let mut setting = Setting::new();
            for (what, values) in &self.dials {
                if let Some(value) = values.get(rest % values.len()) {
                    setting.push((what.clone(), value.clone()));
                }
                rest /= values.len();
            }
            setting
        })
    }
}

/// The values of a fact or field that some clauses could tell apart.
pub(super) fn values(decl: &FactDecl, voices: &[&Reading<'_>], base: Instant, zone: Zone) -> Vec<Value> {
    let mut texts: Vec<String> = Vec::new();
    for reading in voices {
        for text in reading.about(&decl.name) {
            for parameter in reading.clause.names.parameters.iter().filter(|parameter| mentions(text, &parameter.name)) {
                texts.extend(parameter.values.iter().map(|(_, value)| value.to_string()));
            }
            texts.push(text.to_owned());
        }
    }
    let text = |text: &str| Value::Text(text.to_owned());
    let date = |days: i64| text(&base.plus(days * DAY).date(zone).to_string());
    let mut list: Vec<Value> = match decl.kind {
        Type::Boolean => vec![Value::Bool(true), Value::Bool(false)],
        Type::Integer | Type::Decimal => numbers(&texts, decl),
        Type::Date => vec![date(60), date(-60), date(1), date(0)],
        Type::Instant => [60, -60, 1, 0].iter().map(|days| text(&base.plus(days * DAY).to_rfc3339(zone))).collect(),
        Type::Span => vec![text("1d"), text("30d")],
        Type::Text if !decl.values.is_empty() => decl.values.iter().map(|(value, _)| text(value)).collect(),
        Type::Text => {
            let literals = literals(&texts);
            literals.iter().map(|literal| text(literal)).chain([text("x")]).collect()
        }
        Type::List => {
            let named =
                if decl.values.is_empty() { literals(&texts) } else { decl.values.iter().map(|(value, _)| value.clone()).collect() };
            named.iter().map(|item| Value::List(vec![text(item)])).chain([Value::List(Vec::new())]).collect()
        }
        Type::Map | Type::Any => Vec::new(),
    };
    list.truncate(VALUES);
    list
}

/// Each number that the texts name, and its neighbours.
fn numbers(texts: &[String], decl: &FactDecl) -> Vec<Value> {
    let mut list: Vec<Decimal> = Vec::new();
    for text in texts {
        let tokens = text.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_' || c == '"'));
        for number in tokens.filter_map(|token| token.trim_matches('.').parse::<Decimal>().ok()) {
            list.extend([number, number + Decimal::ONE, number - Decimal::ONE]);
        }
    }
    list.push(Decimal::ONE);
    list.retain(|number| decl.min.is_none_or(|min| *number >= min.into()));
    list.sort_unstable();
    list.dedup();
    let whole = |number: &Decimal| i64::try_from(number.trunc()).ok().filter(|_| number.is_integer()).map(Value::Int);
    match decl.kind {
        Type::Integer => list.iter().filter_map(whole).collect(),
        _ => list.iter().map(|number| whole(number).unwrap_or(Value::Decimal(*number))).collect(),
    }
}

/// The texts that expressions quote, and those that are no expressions.
fn literals(texts: &[String]) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for text in texts {
        if text.contains('"') {
            list.extend(text.split('"').skip(1).step_by(2).map(str::to_owned));
        } else if !text.contains([' ', '=', '<', '>', '(', '*']) {
            list.extend(text.split('|').map(|part| part.trim().to_owned()));
        }
    }
    list.sort_unstable();
    list.dedup();
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_once_and_no_more_than_the_most() {
        let mut space = Space::default();
        space.add(What::Role, vec![Value::Int(1), Value::Int(2)]);
        space.add(What::By, vec![Value::Int(1), Value::Int(2), Value::Int(3)]);
        space.add(What::Fact("a".to_owned()), Vec::new());
        let all: Vec<Setting> = space.settings().collect();
        assert_eq!(all.len(), 6);
        assert!(all.iter().all(|one| all.iter().filter(|other| *other == one).count() == 1));
        for number in 0..9 {
            space.add(What::Before(number.to_string()), (0..10).map(Value::Int).collect());
        }
        let many: Vec<Setting> = space.settings().collect();
        assert_eq!(many.len(), MOST);
        // Every dial turns.
        assert!(many.iter().any(|setting| setting.last() != many[0].last()));
    }
}
