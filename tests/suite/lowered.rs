//! A lowered expression gives what rhai gives, on generated expressions and cases: overflow, division by nought, facts that are missing or
//! recorded in another type.

use std::{
    fs,
    rc::Rc,
    sync::{Arc, OnceLock},
};

use duly::{
    case::{Case, Value, Values},
    diagnostic::Problems,
    engine::{Session, Wanted},
    policy::{PolicySet, company::Company, compile, sources::Sources},
    script::{Context, Env, Expr, Trouble, engine},
    time::Zone,
    value::Type,
    view::{Batch, CaseView, block_of},
};
use proptest::option::weighted;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::BoxedStrategy;
use rust_decimal::Decimal;

use crate::support::config;

const POLICY: &str = r#"
policy: p
title: {en: P, zh: P}
source: {document: p}
effective: 2000-01-01
calendar: always
counting: elapsed
parameters:
  rate: {en: rate, zh: 率, value: 1.25}
kinds:
  job:
    en: job
    zh: 工单
    facts:
      n: {type: integer, en: n, zh: n}
      m: {type: integer, en: m, zh: m}
      d: {type: decimal, en: d, zh: d}
      e: {type: decimal, en: e, zh: e}
      t: {type: text, en: t, zh: t}
      u: {type: text, en: u, zh: u}
      f: {type: boolean, en: f, zh: f}
      g: {type: boolean, en: g, zh: g}
      w: {type: instant, en: w, zh: w}
      x: {type: instant, en: x, zh: x}
      y: {type: date, en: y, zh: y}
    events:
      a: {en: a, zh: a}
      b: {en: b, zh: b}
derive:
  twice: {of: job, type: decimal, en: twice, zh: 倍, value: =d * 2}
clauses:
  - id: c
    title: {en: C, zh: C}
    says: {en: C., zh: C。}
    for: job
    owner: anybody
    threshold: {value: d, at_least: 0}
roles:
  anybody: {en: anybody, zh: 任何人}
"#;

const CALENDAR: &str = "calendar: always\ntitle: {en: Always, zh: 全天}\nzone: UTC\nweek: {mon-sun: \"00:00-24:00\"}\n";

fn set() -> &'static PolicySet {
    static SET: OnceLock<PolicySet> = OnceLock::new();
    SET.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("calendars")).unwrap();
        fs::create_dir_all(folder.path().join("p")).unwrap();
        fs::write(folder.path().join("p/policy.yaml"), POLICY).unwrap();
        fs::write(folder.path().join("calendars/always.yaml"), CALENDAR).unwrap();
        compile(&Sources::read(&[folder.path().to_owned()]).unwrap(), Company::default()).unwrap()
    })
}

/// Joins two expressions of a kind with one of some words.
fn joined(of: BoxedStrategy<String>, words: &'static [&'static str]) -> BoxedStrategy<String> {
    (of.clone(), proptest::sample::select(words), of).prop_map(|(a, word, b)| format!("({a} {word} {b})")).boxed()
}

fn whole(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        3 => proptest::sample::select(&["n", "m"][..]).prop_map(str::to_owned),
        2 => proptest::sample::select(&["0", "1", "3", "7", "9223372036854775807"][..]).prop_map(str::to_owned),
        1 => proptest::sample::select(&["count(\"a\")", "count(\"b\")", "people(\"a\")"][..]).prop_map(str::to_owned),
    ]
    .boxed();
    if depth == 0 {
        return leaf;
    }
    let inner = whole(depth - 1);
    let pair = (inner.clone(), inner.clone());
    prop_oneof![
        2 => leaf,
        3 => joined(inner.clone(), &["+", "-", "*", "%"]),
        1 => inner.prop_map(|of| format!("abs({of})")),
        1 => pair.prop_map(|(a, b)| format!("min({a}, {b})")),
    ]
    .boxed()
}

fn number(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        3 => proptest::sample::select(&["d", "e", "twice"][..]).prop_map(str::to_owned),
        1 => Just("rate".to_owned()),
        2 => proptest::sample::select(&["0.0", "0.5", "10.0", "3.333333333333333333", "79228162514264337593543950335.0"][..]).prop_map(str::to_owned),
    ]
    .boxed();
    if depth == 0 {
        return leaf;
    }
    let (inner, round) = (number(depth - 1), proptest::sample::select(&["ceil", "floor", "round", "abs"][..]));
    prop_oneof![
        2 => leaf,
        3 => joined(inner.clone(), &["+", "-", "*", "/", "%"]),
        2 => (whole(depth - 1), inner.clone()).prop_map(|(a, b)| format!("({a} / {b})")),
        1 => (round, inner).prop_map(|(name, of)| format!("{name}({of})")),
        1 => (moment(0), moment(0)).prop_map(|(a, b)| format!("hours_between({a}, {b})")),
    ]
    .boxed()
}

fn span(depth: u32) -> BoxedStrategy<String> {
    let counted = proptest::sample::select(&["hours", "days", "weeks", "months", "years", "minutes", "working_days"][..]);
    prop_oneof![
        1 => Just("span(\"36h\")".to_owned()),
        2 => (counted.clone(), whole(depth)).prop_map(|(name, of)| format!("{name}({of})")),
        2 => (counted, number(depth)).prop_map(|(name, of)| format!("{name}({of})")),
    ]
    .boxed()
}

fn moment(depth: u32) -> BoxedStrategy<String> {
    let leaf = proptest::sample::select(&["w", "x", "first(\"a\")", "last(\"b\")", "at"][..]).prop_map(str::to_owned).boxed();
    if depth == 0 {
        return leaf;
    }
    let small = proptest::sample::select(&["span(\"36h\")", "days(3)", "months(1)", "minutes(90)"][..]).prop_map(str::to_owned);
    let moved =
        (moment(depth - 1), proptest::sample::select(&["+", "-"][..]), small).prop_map(|(at, sign, by)| format!("({at} {sign} {by})"));
    prop_oneof![2 => leaf, 1 => moved].boxed()
}

fn word() -> BoxedStrategy<String> {
    proptest::sample::select(&["t", "u", "by", "role", "\"red\"", "\"绿\"", "\"\""][..]).prop_map(str::to_owned).boxed()
}

const ORDERS: &[&str] = &["==", "!=", "<", "<=", ">", ">="];

fn condition(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        1 => proptest::sample::select(&["f", "g", "true", "has(\"a\")", "!has(\"b\")", "has(\"a\") && !has(\"b\")"][..]).prop_map(str::to_owned),
        1 => proptest::sample::select(&["n", "d", "t", "f", "w", "y", "by", "role", "twice"][..]).prop_map(|name| format!("known(\"{name}\")")),
        2 => joined(whole(depth), ORDERS),
        2 => joined(number(depth), ORDERS),
        2 => (whole(depth), proptest::sample::select(ORDERS), number(depth)).prop_map(|(a, sign, b)| format!("({a} {sign} {b})")),
        1 => joined(moment(depth), ORDERS),
        2 => joined(word(), ORDERS),
        1 => Just("(date_of(w) == y)".to_owned()),
        1 => Just("t in [\"red\", \"绿\"]".to_owned()),
        1 => Just("n in [1, 3, 7]".to_owned()),
    ]
    .boxed();
    if depth == 0 {
        return leaf;
    }
    let inner = condition(depth - 1);
    prop_oneof![
        3 => leaf,
        2 => joined(inner.clone(), &["&&", "||"]),
        1 => inner.prop_map(|of| format!("!({of})")),
    ]
    .boxed()
}

fn expressions() -> BoxedStrategy<(String, Type)> {
    prop_oneof![
        3 => condition(2).prop_map(|text| (text, Type::Boolean)),
        1 => whole(3).prop_map(|text| (text, Type::Integer)),
        2 => number(3).prop_map(|text| (text, Type::Decimal)),
        1 => span(2).prop_map(|text| (text, Type::Span)),
        1 => moment(2).prop_map(|text| (text, Type::Instant)),
    ]
    .boxed()
}

/// What is recorded under a name: of its type, of another, or nothing.
fn recorded(own: BoxedStrategy<Value>) -> BoxedStrategy<Option<Value>> {
    let odd = prop_oneof![
        Just(Value::Null),
        Just(Value::Text("17".into())),
        Just(Value::Text("red".into())),
        Just(Value::Int(4)),
        Just(Value::Bool(true)),
        Just(Value::Decimal(Decimal::new(70, 1))),
    ];
    weighted(0.8, prop_oneof![5 => own, 1 => odd]).boxed()
}

fn cases() -> BoxedStrategy<Case> {
    let int = || recorded(prop_oneof![(-5_i64..12).prop_map(Value::Int), any::<i64>().prop_map(Value::Int)].boxed());
    let decimal = || {
        recorded(
            prop_oneof![
                (-400_i64..900, 0_u32..4).prop_map(|(n, scale)| Value::Decimal(Decimal::new(n, scale))),
                any::<i64>().prop_map(|n| Value::Decimal(Decimal::new(n, 3)))
            ]
            .boxed(),
        )
    };
    let text = || recorded(proptest::sample::select(&["red", "绿", "", "blue"][..]).prop_map(|text| Value::Text(text.into())).boxed());
    let flag = || recorded(any::<bool>().prop_map(Value::Bool).boxed());
    let moment = || {
        recorded(
            proptest::sample::select(&["2026-03-01T08:00:00Z", "2026-03-31T23:59:59+08:00", "2024-02-29"][..])
                .prop_map(|text| Value::Text(text.into()))
                .boxed(),
        )
    };
    let facts = ((int(), int(), decimal(), decimal()), (text(), text(), flag(), flag()), (moment(), moment(), moment()));
    let event = (proptest::sample::select(&["a", "b"][..]), 0_i64..5, proptest::sample::select(&["", "li", "wu"][..]), any::<bool>());
    (facts, proptest::collection::vec(event, 1..5))
        .prop_map(|(((n, m, d, e), (t, u, f, g), (w, x, y)), list)| {
            let named = [("n", n), ("m", m), ("d", d), ("e", e), ("t", t), ("u", u), ("f", f), ("g", g), ("w", w), ("x", x), ("y", y)];
            let facts: Values = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
            let mut events: Vec<_> = list
                .into_iter()
                .enumerate()
                .map(|(index, (kind, at, by, role))| {
                    let mut event = super::support::event(&format!("e{index}"), kind, 1_772_000_000_000 + at * 3_600_000);
                    (event.by, event.role) = ((!by.is_empty()).then(|| by.to_owned()), role.then(|| "anybody".to_owned()));
                    event
                })
                .collect();
            events.sort_by_key(|event| event.at);
            Case { id: "J-1".into(), kind: "job".into(), part_of: None, facts, events }
        })
        .boxed()
}

proptest! {
    #![proptest_config(config(6_000))]

    #[test]
    fn lowered_is_interpreted((text, kind) in expressions(), case in cases(), place in 0_usize..4) {
        let set = set();
        let clause = &set.clauses[0];
        let events = [0_u16, 1];
        let context = Context { names: &clause.names, event: Some(&events), of: None };
        let mut problems = Problems::default();
        let place_of = clause.properties.place.clone();
        let expr = Expr::compile(&Arc::new(engine()), &text, &place_of, &context, kind, &mut problems);
        prop_assert!(expr.is_some(), "{} is refused: {:?}", text, problems);
        let expr = expr.unwrap();
        prop_assert!(expr.is_lowered(), "{} is not lowered", text);

        let as_of = case.events.last().unwrap().at;
        let batch = Rc::new(Batch::new(Rc::new(block_of([case]).unwrap()), &set.symbols));
        let subject = Session::new(set, as_of, Wanted::All, None).subject(&batch, 0).unwrap();
        let view = Rc::new(CaseView::new(&subject, None, as_of, Zone::UTC));
        let last = view.last();
        let env = Env { view: &view, names: &clause.names, setup: &clause.setup, position: last, event: None, at: as_of };
        let env = env.at_event(last.min(i32::try_from(place).unwrap()));
        match (expr.value(&env), expr.interpreted(&env)) {
            // Of several that are missing, each names the one that it comes to first.
            (Err(Trouble::Missing(own)), Err(Trouble::Missing(_))) => {
                let is_read = |name: &String| text.contains(name.as_str()) || text.contains("twice");
                prop_assert!(!own.is_empty() && own.iter().all(is_read), "{} misses {:?}", text, own);
            }
            (lowered, interpreted) => prop_assert_eq!(lowered, interpreted, "{}", text),
        }
    }
}
