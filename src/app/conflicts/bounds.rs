//! Two limits, thresholds or targets of the same measure.

use std::{collections::BTreeSet, rc::Rc, sync::Arc};

use rust_decimal::Decimal;

use super::{
    Found, Sort,
    reading::{Reading, canonical, types},
    stage::{Opening, Stage},
};
use crate::{
    case::Case,
    diagnostic::Problems,
    lang::Text,
    policy::lookup::{Reader, read_lookup},
    script::{Context, Env},
    time::Instant,
    value::Type,
    view::{Batch, CaseView, Subject, block_of},
    yaml::{Kind, Node},
};

/// What is measured: all that must be the same.
const MEASURE: &[&str] = &["value", "count", "distinct", "sum", "key", "at", "per", "group", "of", "clause", "good", "mean"];

/// A bound: the number, and whether it is itself outside.
type Bound = (Decimal, bool);

/// The bounds of a clause in a case: lower and upper.
type Bounds = [Option<Bound>; 2];

pub(super) fn weigh(stage: &Stage<'_>) -> Option<Found> {
    let [a, b] = stage.pair;
    if measure(a) != measure(b) {
        return None;
    }
    // One event of each type that the measure names: bounds are then asked where there is something to measure.
    let named: BTreeSet<&str> = ["count", "at", "of"].iter().flat_map(|key| a.types(key)).collect();
    let inner = ["distinct", "sum"].iter().filter_map(|key| a.form.get(key)?.get("of")).flat_map(types);
    let events: BTreeSet<&str> = named.into_iter().chain(inner).collect();
    let opening = Opening::of(events.into_iter().map(str::to_owned).collect());
    let space = stage.given(&opening, &["count", "at", "of"], &[]);
    let base = stage.bases[0];
    space.settings().find_map(|setting| {
        let case = stage.open(&opening, &setting, base);
        if !stage.hear(&case, base).both_apply() {
            return None;
        }
        let bounds = [bounds(stage, a, &case, base)?, bounds(stage, b, &case, base)?];
        let [[low_a, high_a], [low_b, high_b]] = bounds;
        let differ = |one: Option<Bound>, other: Option<Bound>| one.is_some() && other.is_some() && one != other;
        let apart = |low: Option<Bound>, high: Option<Bound>| low.zip(high).is_some_and(|(low, high)| low.0 > high.0);
        let found = differ(low_a, low_b) || differ(high_a, high_b) || apart(low_a, high_b) || apart(low_b, high_a);
        found.then(|| Found { sort: Sort::Bounds, about: Text::same(about(a)), asks: bounds.map(said), case })
    })
}

fn measure(reading: &Reading<'_>) -> Vec<Option<String>> {
    MEASURE.iter().map(|key| reading.form.get(key).map(canonical)).collect()
}

/// What is measured, in the policy's own words.
fn about(reading: &Reading<'_>) -> String {
    let what = ["value", "count", "distinct", "sum", "mean", "good", "clause"];
    what.iter()
        .find_map(|key| {
            reading.form.get(key).map(|node| if *key == "value" { canonical(node) } else { format!("{key} {}", canonical(node)) })
        })
        .unwrap_or_default()
}

fn said(bounds: Bounds) -> Text {
    let [low, high] = bounds;
    let one = |bound: Option<Bound>, words: [(&str, &str); 2]| {
        bound.map(|(number, strict)| {
            let [plain, outside] = words;
            let (en, zh) = if strict { outside } else { plain };
            Text::new(format!("{en} {number}"), format!("{zh} {number}"))
        })
    };
    let low = one(low, [("at least", "不低于"), ("above", "高于")]);
    let high = one(high, [("at most", "不高于"), ("below", "低于")]);
    let all: Vec<Text> = [low, high].into_iter().flatten().collect();
    let join = |pick: fn(&Text) -> &str, word: &str| all.iter().map(pick).collect::<Vec<_>>().join(word);
    Text::new(join(|text| &text.en, ", "), join(|text| &text.zh, "，"))
}

/// The bounds of a clause in a case; `None` when one of them cannot be told.
fn bounds(stage: &Stage<'_>, reading: &Reading<'_>, case: &Case, as_of: Instant) -> Option<Bounds> {
    let [mut low, mut high] = [None, None];
    for (key, strict) in [("at_least", false), ("above", true), ("at_most", false), ("below", true)] {
        let Some(node) = reading.form.get(key) else { continue };
        let bound = if key == "at_least" || key == "above" { &mut low } else { &mut high };
        *bound = Some((number(stage, reading, node, case, as_of)?, strict));
    }
    Some([low, high])
}

/// A written number, expression or table of a clause, at the last event of a case.
fn number(stage: &Stage<'_>, reading: &Reading<'_>, node: &Node, case: &Case, as_of: Instant) -> Option<Decimal> {
    // A bound that counts events is another measure.
    if matches!(node.kind, Kind::Map(_)) && node.get("select").is_none() {
        return None;
    }
    let clause = reading.clause;
    let context = Context { names: &clause.names, event: Some(&[]), of: None };
    let reader = Reader { engine: stage.engine, context, zone: stage.zone };
    let lookup = read_lookup(node, Type::Decimal, &reader, &mut Problems::default())?;
    let batch = Rc::new(Batch::new(Rc::new(block_of([case.clone()]).ok()?), &clause.names.symbols));
    let subject = Subject { batch, row: 0, kind: Arc::clone(&clause.names.kind), index: clause.kind };
    let view = Rc::new(CaseView::new(&subject, None, as_of, stage.zone));
    let position = view.last();
    let env = Env { view: &view, names: &clause.names, setup: &clause.setup, position, event: Some(position), at: as_of };
    lookup.number(&env).ok()
}
