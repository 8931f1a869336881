//! Random clauses of every form.

use proptest::{
    collection::vec,
    option::{of, weighted},
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::{select, subsequence},
};

use super::{
    clock::{Counting, Span},
    model::*,
    random::{CASE, EVENT, calendar, date, levels, posts, span, spans, text, usually},
};

fn plain(name: &'static str) -> Matcher {
    Matcher(vec![One { events: vec![name], ..One::default() }])
}

fn deadline() -> BoxedStrategy<Form> {
    let timing = prop_oneof![
        6 => spans().prop_map(|within| (Some(within), None)),
        1 => text(&["=at + hours(5)", "=due_on", "=due_at", "=due_on - days(3)"]).prop_map(|due| (None, Some(due))),
        1 => Just((None, None)),
    ];
    let not_before = prop_oneof![spans().prop_map(NotBefore::Span), text(&["=due_on", "=due_at"]).prop_map(NotBefore::Instant),];
    let pauses = prop_oneof![
        3 => Just(Vec::new()),
        1 => vec((usually(&["held"], false), usually(&["resumed", "answered"], false)), 1..3),
    ];
    let matching = (any::<bool>(), weighted(0.3, Just(())), weighted(0.3, Just(())), weighted(0.2, Just(())));
    let events = (usually(&["asked"], true), usually(&["answered"], true), weighted(0.3, usually(&["shipped", "closed"], true)));
    (events, timing, weighted(0.2, not_before), pauses, matching)
        .prop_map(|((after, expect, before), (within, due), not_before, pauses, (first, one, key, anywhere))| {
            let gateless = within.is_none() && due.is_none() && before.is_none();
            Form::Deadline(Deadline {
                first_only: first && one.is_none(),
                after: Some(after),
                violation: None,
                expect,
                within: if gateless { Some(Amount::Is(Span::Days(1))) } else { within },
                due,
                before,
                not_before,
                pauses,
                one_to_one: one.is_some(),
                key: key.is_some(),
                anywhere: anywhere.is_some(),
            })
        })
        .boxed()
}

/// Once a case: there is no event at hand.
fn once() -> BoxedStrategy<Form> {
    (usually(&["answered"], true), text(&["=due_on", "=due_at", "=due_on - days(3)"]), any::<bool>())
        .prop_map(|(expect, due, anywhere)| {
            Form::Deadline(Deadline {
                after: None,
                violation: None,
                expect,
                within: None,
                due: Some(due),
                before: None,
                not_before: None,
                pauses: Vec::new(),
                first_only: false,
                one_to_one: false,
                key: false,
                anywhere,
            })
        })
        .boxed()
}

fn approval() -> BoxedStrategy<Form> {
    let chains = || {
        select(vec![
            vec![vec!["head"]],
            vec![vec!["head"], vec!["lead"]],
            vec![vec!["lead"], vec!["head"], vec!["desk"]],
            vec![vec!["head"], vec!["head"]],
            vec![vec!["head"], vec!["lead", "head"]],
            vec![vec!["lead", "desk"], vec!["head"]],
        ])
    };
    let chain = prop_oneof![
        3 => chains().prop_map(Amount::Is),
        1 => (chains(), chains()).prop_map(|(low, high)| Amount::ByGrade { low: Some(low), high: Some(high), otherwise: None }),
    ];
    let events = (
        weighted(0.8, usually(&["asked"], true)),
        usually(&["approved"], true),
        weighted(0.3, usually(&["refused"], true)),
        weighted(0.7, usually(&["shipped", "paid"], true)),
    );
    (events, chain, any::<bool>(), any::<bool>(), weighted(0.3, spans()), weighted(0.2, spans()))
        .prop_map(|((after, event, refusal, before), chain, any_order, any_person, within, afterwards)| {
            Form::Approval(Approval { after, event, chain, refusal, before, any_order, any_person, within, afterwards })
        })
        .boxed()
}

fn threshold() -> BoxedStrategy<Form> {
    let bounds = prop_oneof![
        levels().prop_map(|level| vec![(Bound::AtLeast, level)]),
        levels().prop_map(|level| vec![(Bound::Above, level)]),
        levels().prop_map(|level| vec![(Bound::AtMost, level)]),
        levels().prop_map(|level| vec![(Bound::Below, level)]),
        (levels(), levels()).prop_map(|(least, most)| vec![(Bound::AtLeast, least), (Bound::AtMost, most)]),
    ];
    let value = text(&["=units", "=price", "=units + count(\"answered\")", "=sum(\"answered\", \"qty\")", "=count(\"asked\")"]);
    (value, bounds, weighted(0.4, spans())).prop_map(|(value, bounds, within)| Form::Threshold(Threshold { value, bounds, within })).boxed()
}

fn recurrence(grid_only: bool) -> BoxedStrategy<Form> {
    let every = select(vec![Span::Minutes(36 * 60), Span::Days(3), Span::Days(7), Span::WorkingDays(2), Span::Months(1)]);
    let every = prop_oneof![
        3 => every.clone().prop_map(Amount::Is),
        1 => (every.clone(), every).prop_map(|(low, high)| Amount::ByGrade { low: Some(low), high: Some(high), otherwise: None }),
    ];
    let minute = || of(select(vec![0_u32, 9 * 60, 17 * 60]));
    let grids = prop_oneof![
        minute().prop_map(|minute| Rhythm::Grid { each: Period::Day, day: None, minute }),
        (of(0_u32..7), minute()).prop_map(|(day, minute)| Rhythm::Grid { each: Period::Week, day, minute }),
        (of(1_u32..32), minute()).prop_map(|(day, minute)| Rhythm::Grid { each: Period::Month, day, minute }),
        minute().prop_map(|minute| Rhythm::Grid { each: Period::Quarter, day: None, minute }),
    ];
    let rhythm = if grid_only { grids.boxed() } else { prop_oneof![every.prop_map(Rhythm::Every), grids].boxed() };
    let start = prop_oneof![4 => usually(&["asked"], true).prop_map(Start::Event), 1 => select(vec!["=due_on", "=due_at"]).prop_map(Start::Instant)];
    let events = (usually(&["answered"], true), weighted(0.4, start), weighted(0.2, usually(&["shipped"], true)));
    (events, rhythm, weighted(0.2, span()), weighted(0.2, span()), select(vec![1_usize, 1, 1, 2]), proptest::bool::weighted(0.6))
        .prop_map(|((expect, start, until), rhythm, window, grace, times, catch_up)| {
            let catch_up = catch_up || matches!(rhythm, Rhythm::Every(_));
            Form::Recurrence(Recurrence { expect, rhythm, start, until, window, grace, times, catch_up })
        })
        .boxed()
}

fn order() -> BoxedStrategy<Form> {
    let requires = vec(usually(&["asked", "approved"], true), 0..3);
    (
        usually(&["shipped"], true),
        requires,
        weighted(0.3, usually(&["refused", "answered"], true)),
        any::<bool>(),
        weighted(0.2, usually(&["approved"], true)),
    )
        .prop_map(|(event, mut requires, never_after, key, fifo)| {
            if requires.is_empty() && never_after.is_none() && fifo.is_none() {
                requires.push(plain("asked"));
            }
            Form::Order(Order { event, requires, never_after, key, fifo })
        })
        .boxed()
}

fn record() -> BoxedStrategy<Form> {
    let at = weighted(0.7, usually(&["asked"], true));
    let lists = (
        subsequence(vec!["grade", "part", "qty"], 0..3),
        subsequence(vec!["grade", "units", "due_on"], 0..3),
        subsequence(vec!["ann", "bob"], 0..3),
        weighted(0.2, 1_i64..3),
        weighted(0.3, Just(("data.qty", "units"))),
    );
    (at, lists, weighted(0.4, usually(&["answered"], true)), weighted(0.5, spans()))
        .prop_map(|(at, (fields, mut facts, signatures, copies, equal), completed_by, within)| {
            let with_event = at.is_some();
            // Without an event a field is a fact.
            let fields: Vec<_> = fields.into_iter().filter(|name| with_event || *name == "grade").collect();
            if fields.is_empty() && facts.is_empty() {
                facts.push("units");
            }
            Form::Record(Record {
                fields,
                facts,
                signatures: if with_event { signatures } else { Vec::new() },
                copies: copies.filter(|_| with_event),
                equal: equal.filter(|_| with_event).into_iter().collect(),
                completed_by,
                within,
                at,
            })
        })
        .boxed()
}

fn retention() -> BoxedStrategy<Form> {
    let review = (usually(&["answered"], true), of(spans()));
    (usually(&["asked"], true), spans(), weighted(0.6, usually(&["shipped"], true)), weighted(0.5, review))
        .prop_map(|(after, keep, dispose, review)| Form::Retention(Retention { after, keep, dispose, review }))
        .boxed()
}

fn measure() -> BoxedStrategy<Measure> {
    prop_oneof![
        usually(&["answered"], true).prop_map(Measure::Count),
        (usually(&["answered"], true), text(&["=by", "=data.part", "=data.qty"])).prop_map(|(of, value)| Measure::Distinct(of, value)),
        (usually(&["answered"], true), text(&["=data.qty"])).prop_map(|(of, value)| Measure::Sum(of, value)),
    ]
    .boxed()
}

/// At least, at most, or both.
fn sides<T: Clone + std::fmt::Debug + 'static>(level: BoxedStrategy<T>) -> BoxedStrategy<(Option<T>, Option<T>)> {
    let both = (level.clone(), level.clone()).prop_map(|(least, most)| (Some(least), Some(most)));
    prop_oneof![2 => level.clone().prop_map(|least| (Some(least), None)), 2 => level.prop_map(|most| (None, Some(most))), 1 => both].boxed()
}

fn limit() -> BoxedStrategy<Form> {
    let what = prop_oneof![6 => measure(), 1 => text(&["=units", "=count(\"asked\")"]).prop_map(Measure::Value)];
    let level = || prop_oneof![3 => levels().prop_map(Level::Number), 1 => measure().prop_map(Level::Measure)];
    let sides = sides(level().boxed());
    (what, sides, any::<bool>(), weighted(0.5, usually(&["shipped"], true)))
        .prop_map(|(measure, (at_least, at_most), key, at)| {
            let key = key && !matches!(measure, Measure::Value(_));
            Form::Limit(Limit { measure, at_least, at_most, key, at, per: None, group: None, excess: None })
        })
        .boxed()
}

fn figure() -> BoxedStrategy<Amount<i64>> {
    prop_oneof![3 => (0_i64..5).prop_map(Amount::Is), 1 => Just(Amount::Computed("=figure".to_owned()))].boxed()
}

fn quota() -> BoxedStrategy<Form> {
    let sides = sides(figure());
    let per = select(vec![Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year]);
    (measure(), sides, per, weighted(0.5, text(&["=adviser", "=data.part", "=grade"])), weighted(0.6, excess()))
        .prop_map(|(measure, (least, most), per, group, excess)| {
            let excess = excess.filter(|_| most.is_some());
            Form::Limit(Limit {
                measure,
                at_least: least.map(Level::Number),
                at_most: most.map(Level::Number),
                key: false,
                at: None,
                per: Some(per),
                group,
                excess,
            })
        })
        .boxed()
}

fn excess() -> BoxedStrategy<Excess> {
    let expect = || usually(&["paid", "resumed", "answered"], true);
    (expect(), spans(), proptest::bool::weighted(0.2), weighted(0.5, (expect(), spans())))
        .prop_map(|(expect, within, anywhere, then)| Excess { expect, within, anywhere, then })
        .boxed()
}

fn target() -> BoxedStrategy<Form> {
    let per = select(vec![Period::Week, Period::Month, Period::Quarter, Period::Year]);
    let good = text(&EVENT).prop_map(|good| (Some(good), None));
    let mean = Just((None, Some("=data.qty".to_owned())));
    let how = prop_oneof![2 => good, 1 => mean];
    let level = select(vec![0_i64, 2, 50, 60, 100]);
    let side = (any::<bool>(), level).prop_map(|(least, level)| if least { (Some(level), None) } else { (None, Some(level)) });
    (
        per,
        usually(&["answered"], true),
        how,
        side,
        weighted(0.4, text(&["=adviser", "=data.part"])),
        weighted(0.3, 1_usize..4),
        weighted(0.4, 1_i64..6),
    )
        .prop_map(|(per, of, (good, mean), (at_least, at_most), group, minimum, size)| {
            Form::Target(Target { per, group, members: Members::Of(of), good, mean, at_least, at_most, minimum, size })
        })
        .boxed()
}

/// A target over the clause `0`.
fn on_time() -> BoxedStrategy<Form> {
    let per = select(vec![Period::Week, Period::Month]);
    (per, select(vec![50_i64, 60, 100]), weighted(0.4, text(&["=adviser", "=grade"])))
        .prop_map(|(per, level, group)| {
            Form::Target(Target {
                per,
                group,
                members: Members::Clause("0".to_owned()),
                good: None,
                mean: None,
                at_least: Some(level),
                at_most: None,
                minimum: None,
                size: None,
            })
        })
        .boxed()
}

/// A deadline that hangs on violations of the clause `0`.
fn chase() -> BoxedStrategy<Form> {
    (usually(&["answered", "paid"], true), spans())
        .prop_map(|(expect, within)| {
            Form::Deadline(Deadline {
                after: None,
                violation: Some("0".to_owned()),
                expect,
                within: Some(within),
                due: None,
                before: None,
                not_before: None,
                pauses: Vec::new(),
                first_only: false,
                one_to_one: false,
                key: false,
                anywhere: false,
            })
        })
        .boxed()
}

fn separation() -> BoxedStrategy<Form> {
    (vec(usually(&["asked", "approved", "shipped"], true), 2..4), any::<bool>())
        .prop_map(|(steps, by_role)| Form::Separation(Separation { steps, by_role }))
        .boxed()
}

fn forbid() -> BoxedStrategy<Form> {
    let frame = || (weighted(0.4, usually(&["held", "asked"], true)), weighted(0.3, usually(&["resumed", "shipped"], true)));
    prop_oneof![
        (usually(&["paid", "shipped"], true), frame(), weighted(0.4, text(&EVENT)))
            .prop_map(|(event, (after, before), except)| Forbid::Event { event, after, before, except }),
        text(&CASE).prop_map(Forbid::State),
    ]
    .prop_map(Form::Forbid)
    .boxed()
}

/// The forms of one case each, by name.
pub fn form(name: &str) -> BoxedStrategy<Form> {
    match name {
        "deadline" => prop_oneof![8 => deadline(), 1 => once()].boxed(),
        "approval" => approval(),
        "threshold" => threshold(),
        "recurrence" => recurrence(false),
        "grid" => recurrence(true),
        "order" => order(),
        "record" => record(),
        "retention" => retention(),
        "limit" => limit(),
        "quota" => quota(),
        "target" => target(),
        "on_time" => on_time(),
        "chase" => chase(),
        "separation" => separation(),
        "forbid" => forbid(),
        other => panic!("no form {other}"),
    }
}

/// A clause with all that clauses of any form may have.
pub fn clause(id: usize, form: BoxedStrategy<Form>, latest: bool) -> BoxedStrategy<Clause> {
    let conditions = (weighted(0.25, text(&CASE)), weighted(0.1, text(&CASE)));
    let flags = (proptest::bool::weighted(0.2), proptest::bool::weighted(0.3), proptest::bool::weighted(0.2));
    let counting = weighted(0.3, select(vec![Counting::Civil, Counting::Dates, Counting::Elapsed]));
    let warn = weighted(0.3, select(vec![Span::Minutes(60), Span::WorkingMinutes(120), Span::Days(1), Span::WorkingDays(1)]));
    (form, conditions, flags, warn, weighted(0.3, usually(&["paid"], false)), counting)
        .prop_map(move |(form, (when, unless), (facts_latest, survives, close), warn, remedy, counting)| Clause {
            id: id.to_string(),
            when,
            unless,
            facts_latest,
            survives,
            version_latest: latest,
            warn,
            remedy,
            counting,
            day_end_close: close,
            form,
        })
        .boxed()
}

/// Clauses numbered from 0, of forms with these names.
fn clauses(names: Vec<&'static str>, latest: bool) -> BoxedStrategy<Vec<Clause>> {
    names.into_iter().enumerate().map(|(id, name)| clause(id, form(name), latest)).collect::<Vec<_>>().boxed()
}

/// Two versions whose quotas count in the same periods: where a quarter of one overlaps a day of the other, both may be breached by one event, under
/// one name.
fn in_like_periods(first: Version, mut second: Version) -> Vec<Version> {
    for (old, new) in first.clauses.iter().zip(&mut second.clauses) {
        if let (Form::Limit(old), Form::Limit(new)) = (&old.form, &mut new.form) {
            new.per = old.per;
        }
    }
    vec![first, second]
}

/// A law of clauses of these forms; sometimes with a second version.
pub fn law(names: Vec<&'static str>) -> BoxedStrategy<Law> {
    let names = Just(names);
    let version = |names: Vec<&'static str>, latest: bool, day: i64| {
        (clauses(names, latest), 1_i64..6).prop_map(move |(clauses, figure)| Version { effective: date(day), figure, clauses })
    };
    let versions = (names, proptest::bool::weighted(0.2), select(vec![-40_i64, -40, -40, 3, 8]), weighted(0.2, 9_i64..20)).prop_flat_map(
        move |(names, latest, day, second)| {
            let first = version(names.clone(), latest, day);
            match second {
                None => first.prop_map(|first| vec![first]).boxed(),
                Some(next) => (first, version(names, latest, next)).prop_map(|(first, second)| in_like_periods(first, second)).boxed(),
            }
        },
    );
    (versions, calendar(), posts(), weighted(0.2, 1_i64..6))
        .prop_map(|(versions, calendar, posts, figure)| Law { versions, calendar, posts, figure })
        .boxed()
}
