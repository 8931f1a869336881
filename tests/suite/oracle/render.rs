//! A model as duly reads it. JSON is YAML, so that no quoting has to be thought of.

use std::sync::Arc;

use duly::{
    diagnostic::{Problems, SourceFile, render_all},
    lang::Lang,
    policy::{
        PolicySet,
        company::Company,
        compile,
        sources::{Role, Source, Sources},
    },
};
use serde_json::{Map, Value, json};

use super::{
    clock::{Calendar, Counting, Hours, Span},
    model::*,
};

/// A text in both languages.
fn text(word: &str) -> Value {
    json!({"en": word, "zh": word})
}

fn source(role: Role, folder: &str, path: &str, value: &Value) -> Source {
    let file = SourceFile { path: path.to_owned(), text: value.to_string() };
    Source { role, folder: folder.to_owned(), file: Arc::new(file) }
}

/// The files of a law.
pub fn sources(law: &Law) -> Sources {
    let mut files = Vec::new();
    for (number, version) in law.versions.iter().enumerate() {
        files.push(source(Role::Policy, POLICY, &format!("{POLICY}/policy-{number}.yaml"), &policy(version)));
    }
    files.push(source(Role::Calendar, "", "calendars/office.yaml", &calendar(&law.calendar)));
    Sources { files }
}

/// What duly makes of it.
pub fn compiled(law: &Law) -> (Sources, PolicySet) {
    let sources = sources(law);
    let mut problems = Problems::default();
    let file = SourceFile { path: "duly.yaml".to_owned(), text: company(law).to_string() };
    let company = Company::read(&Arc::new(file), &mut problems).unwrap();
    assert!(!problems.has_errors(), "{}", render_all(&problems.into_sorted(), Lang::En, false));
    match compile(&sources, company) {
        Ok(set) => (sources, set),
        Err(list) => panic!("{}", render_all(&list, Lang::En, false)),
    }
}

fn company(law: &Law) -> Value {
    let mut roles = Map::new();
    for role in ROLES {
        let of = |deputy: bool| -> Vec<Value> {
            let posts = law.posts.iter().filter(|post| post.role == role && post.deputy == deputy);
            posts
                .map(|post| {
                    let mut map = Map::from_iter([("person".to_owned(), json!(post.person))]);
                    map.extend(post.from.map(|date| ("from".to_owned(), json!(date.to_string()))));
                    map.extend(post.until.map(|date| ("until".to_owned(), json!(date.to_string()))));
                    Value::Object(map)
                })
                .collect()
        };
        roles.insert(role.to_owned(), json!({"people": of(false), "deputies": of(true)}));
    }
    let mut map = json!({"workspace": "model", "zone": law.calendar.zone.name(), "roles": roles});
    if let Some(figure) = law.figure {
        map["parameters"] = json!({POLICY: {"figure": figure}});
    }
    map
}

fn calendar(calendar: &Calendar) -> Value {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let clock = |minute: u32| format!("{:02}:{:02}", if minute > 1440 { minute - 1440 } else { minute } / 60, minute % 60);
    let hours = |hours: &Hours| hours.iter().map(|(from, to)| format!("{}-{}", clock(*from), clock(*to))).collect::<Vec<_>>().join(" ");
    let week: Map<String, Value> = days.iter().zip(&calendar.week).map(|(day, list)| ((*day).to_owned(), json!(hours(list)))).collect();
    let holidays: Map<String, Value> = calendar.holidays.iter().map(|date| (date.to_string(), json!("rest"))).collect();
    let dates: Map<String, Value> = calendar.dates.iter().map(|(date, own)| (date.to_string(), json!(hours(own)))).collect();
    json!({"calendar": "office", "title": text("office"), "zone": calendar.zone.name(), "week": week, "holidays": holidays, "dates": dates})
}

fn policy(version: &Version) -> Value {
    let kind = |kind: Type| match kind {
        Type::Text => "text",
        Type::Integer => "integer",
        Type::Boolean => "boolean",
        Type::Decimal => "decimal",
        Type::Date => "date",
        Type::Instant => "instant",
        Type::List => "list",
    };
    let fields = |list: &[(&str, Type)]| -> Map<String, Value> {
        let field = |(name, of): &(&str, Type)| {
            let mut map = text(name);
            map["type"] = json!(kind(*of));
            if *name == "grade" {
                map["values"] = json!(["low", "high"]);
            }
            ((*name).to_owned(), map)
        };
        list.iter().map(field).collect()
    };
    let event = |name: &&str| {
        let mut map = text(name);
        map["data"] = json!(fields(&DATA));
        ((*name).to_owned(), map)
    };
    let events: Map<String, Value> = EVENTS.iter().map(event).collect();
    let roles: Map<String, Value> = ROLES.iter().map(|role| ((*role).to_owned(), text(role))).collect();
    json!({
        "policy": POLICY,
        "title": text("model"),
        "effective": version.effective.to_string(),
        "calendar": "office",
        "roles": roles,
        "parameters": {"figure": {"value": version.figure, "en": "figure", "zh": "figure"}},
        "kinds": {
            "job": {"en": "job", "zh": "job", "ends": ["closed"], "facts": fields(&FACTS), "events": events},
            "site": {"en": "site", "zh": "site", "standing": true, "events": {"rained": text("rained")}},
        },
        "clauses": version.clauses.iter().map(clause).collect::<Vec<_>>(),
    })
}

/// Adds what is there.
struct Entries(Map<String, Value>);

impl Entries {
    fn new() -> Self {
        Self(Map::new())
    }

    fn put(mut self, key: &str, value: Value) -> Self {
        self.0.insert(key.to_owned(), value);
        self
    }

    fn maybe(self, key: &str, value: Option<Value>) -> Self {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }

    fn when(self, key: &str, so: bool, value: Value) -> Self {
        if so { self.put(key, value) } else { self }
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

fn clause(clause: &Clause) -> Value {
    let (name, form) = form(&clause.form);
    Entries::new()
        .put("id", json!(clause.id))
        .put("title", text(&clause.id))
        .put("for", json!("job"))
        .put("owner", json!("desk"))
        .maybe("when", clause.when.as_ref().map(|text| json!(text)))
        .maybe("unless", clause.unless.as_ref().map(|text| json!(text)))
        .when("facts", clause.facts_latest, json!("latest"))
        .when("version", clause.version_latest, json!("latest"))
        .when("survives", clause.survives, json!(true))
        .when("day_end", clause.day_end_close, json!("close"))
        .maybe("warn", clause.warn.map(span))
        .maybe("remedy", clause.remedy.as_ref().map(matcher))
        .maybe(
            "counting",
            clause.counting.map(|counting| {
                json!(match counting {
                    Counting::Civil => "civil",
                    Counting::Dates => "dates",
                    Counting::Elapsed => "elapsed",
                })
            }),
        )
        .put(name, form)
        .done()
}

fn span(span: Span) -> Value {
    json!(span.text())
}

fn amount<T>(amount: &Amount<T>, write: impl Fn(&T) -> Value) -> Value {
    match amount {
        Amount::Is(value) => write(value),
        Amount::Computed(text) => json!(text),
        Amount::ByGrade { low, high, otherwise } => {
            let rows = Entries::new().maybe("low", low.as_ref().map(&write)).maybe("high", high.as_ref().map(&write)).done();
            Entries::new().put("select", json!("grade")).put("rows", rows).maybe("else", otherwise.as_ref().map(&write)).done()
        }
    }
}

fn spans(of: &Amount<Span>) -> Value {
    amount(of, |value| span(*value))
}

fn numbers(of: &Amount<i64>) -> Value {
    amount(of, |number| json!(number))
}

fn matcher(of: &Matcher) -> Value {
    let one = |one: &One| {
        let plain = one.role.is_none() && one.by.is_none() && one.when.is_none() && !one.of_parent && one.events.len() == 1;
        if plain {
            return json!(one.events[0]);
        }
        Entries::new()
            .put("event", json!(one.events))
            .maybe("role", one.role.map(|role| json!(role)))
            .maybe("by", one.by.map(|by| json!(by)))
            .maybe("when", one.when.as_ref().map(|when| json!(when)))
            .when("on", one.of_parent, json!("parent"))
            .done()
    };
    if of.0.len() == 1 { one(&of.0[0]) } else { json!(of.0.iter().map(one).collect::<Vec<_>>()) }
}

fn maybe(of: Option<&Matcher>) -> Option<Value> {
    of.map(matcher)
}

fn measure(of: &Measure) -> (&'static str, Value) {
    match of {
        Measure::Count(of) => ("count", matcher(of)),
        Measure::Distinct(of, value) => ("distinct", json!({"of": matcher(of), "value": value})),
        Measure::Sum(of, value) => ("sum", json!({"of": matcher(of), "value": value})),
        Measure::Value(value) => ("value", json!(value)),
    }
}

fn level(of: &Level) -> Value {
    match of {
        Level::Number(of) => numbers(of),
        Level::Measure(of) => {
            let (name, value) = measure(of);
            json!({name: value})
        }
    }
}

const fn period(of: Period) -> &'static str {
    match of {
        Period::Day => "day",
        Period::Week => "week",
        Period::Month => "month",
        Period::Quarter => "quarter",
        Period::Year => "year",
    }
}

fn form(form: &Form) -> (&'static str, Value) {
    match form {
        Form::Deadline(form) => ("deadline", deadline(form)),
        Form::Approval(form) => ("approval", approval(form)),
        Form::Threshold(form) => ("threshold", threshold(form)),
        Form::Recurrence(form) => ("recurrence", recurrence(form)),
        Form::Order(form) => ("order", order(form)),
        Form::Record(form) => ("record", record(form)),
        Form::Retention(form) => ("retention", retention(form)),
        Form::Limit(form) => ("limit", limit(form)),
        Form::Target(form) => ("target", target(form)),
        Form::Separation(form) => (
            "separation",
            Entries::new()
                .put("steps", json!(form.steps.iter().map(matcher).collect::<Vec<_>>()))
                .when("by", form.by_role, json!("role"))
                .done(),
        ),
        Form::Forbid(form) => ("forbid", forbid(form)),
    }
}

fn deadline(form: &Deadline) -> Value {
    let after = form.violation.as_ref().map(|clause| json!({"violation": clause})).or_else(|| maybe(form.after.as_ref()));
    let pause = |(from, until): &(Matcher, Matcher)| json!({"from": matcher(from), "until": matcher(until)});
    Entries::new()
        .maybe("after", after)
        .put("expect", matcher(&form.expect))
        .maybe("within", form.within.as_ref().map(spans))
        .maybe("due", form.due.as_ref().map(|due| json!(due)))
        .maybe("before", maybe(form.before.as_ref()))
        .maybe(
            "not_before",
            form.not_before.as_ref().map(|not_before| match not_before {
                NotBefore::Span(of) => spans(of),
                NotBefore::Instant(text) => json!(text),
            }),
        )
        .when("pause", !form.pauses.is_empty(), json!(form.pauses.iter().map(pause).collect::<Vec<_>>()))
        .when("each", form.first_only, json!("first"))
        .when("match", form.one_to_one, json!("one-to-one"))
        .when("key", form.key, json!("part"))
        .when("anywhere", form.anywhere, json!(true))
        .done()
}

fn approval(form: &Approval) -> Value {
    Entries::new()
        .maybe("after", maybe(form.after.as_ref()))
        .put("event", matcher(&form.event))
        .put("chain", amount(&form.chain, |steps| json!(steps)))
        .maybe("refusal", maybe(form.refusal.as_ref()))
        .maybe("before", maybe(form.before.as_ref()))
        .when("order", form.any_order, json!("any"))
        .when("persons", form.any_person, json!("any"))
        .maybe("within", form.within.as_ref().map(spans))
        .maybe("afterwards", form.afterwards.as_ref().map(spans))
        .done()
}

fn threshold(form: &Threshold) -> Value {
    let mut entries = Entries::new().put("value", json!(form.value)).maybe("within", form.within.as_ref().map(spans));
    for (bound, level) in &form.bounds {
        let name = match bound {
            Bound::AtLeast => "at_least",
            Bound::Above => "above",
            Bound::AtMost => "at_most",
            Bound::Below => "below",
        };
        entries = entries.put(name, numbers(level));
    }
    entries.done()
}

fn recurrence(form: &Recurrence) -> Value {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let rhythm = match &form.rhythm {
        Rhythm::Every(every) => ("every", spans(every)),
        Rhythm::Grid { each, day, minute } => {
            let by = day.map(|day| if *each == Period::Week { ("weekday", json!(days[day as usize])) } else { ("day", json!(day)) });
            let mut on = Entries::new().put("each", json!(period(*each)));
            if let Some((key, value)) = by {
                on = on.put(key, value);
            }
            ("on", on.maybe("time", minute.map(|minute| json!(format!("{:02}:{:02}", minute / 60, minute % 60)))).done())
        }
    };
    Entries::new()
        .put("expect", matcher(&form.expect))
        .put(rhythm.0, rhythm.1)
        .maybe(
            "start",
            form.start.as_ref().map(|start| match start {
                Start::Event(start) => matcher(start),
                Start::Instant(text) => json!(text),
            }),
        )
        .maybe("until", maybe(form.until.as_ref()))
        .when("catch_up", !form.catch_up, json!(false))
        .maybe("window", form.window.map(span))
        .maybe("grace", form.grace.map(span))
        .when("times", form.times > 1, json!(form.times))
        .done()
}

fn order(form: &Order) -> Value {
    let requires = form.requires.iter().map(matcher).collect::<Vec<_>>();
    Entries::new()
        .put("event", matcher(&form.event))
        .when("requires", !requires.is_empty(), json!(requires))
        .maybe("never_after", maybe(form.never_after.as_ref()))
        .when("key", form.key, json!("part"))
        .maybe("fifo", form.fifo.as_ref().map(|received| json!({"received": matcher(received), "lot": "part", "quantity": "qty"})))
        .done()
}

fn record(form: &Record) -> Value {
    let list = |names: &[&str]| (!names.is_empty()).then(|| json!(names));
    Entries::new()
        .maybe("at", maybe(form.at.as_ref()))
        .maybe("fields", list(&form.fields))
        .maybe("facts", list(&form.facts))
        .maybe("signatures", list(&form.signatures))
        .maybe("copies", form.copies.map(|copies| json!(copies)))
        .when("equal", !form.equal.is_empty(), json!(form.equal))
        .maybe("completed_by", maybe(form.completed_by.as_ref()))
        .maybe("within", form.within.as_ref().map(spans))
        .done()
}

fn retention(form: &Retention) -> Value {
    let mut entries =
        Entries::new().put("after", matcher(&form.after)).put("keep", spans(&form.keep)).maybe("dispose", maybe(form.dispose.as_ref()));
    if let Some((review, within)) = &form.review {
        entries = entries.put("review", matcher(review)).maybe("review_within", within.as_ref().map(spans));
    }
    entries.done()
}

fn limit(form: &Limit) -> Value {
    let (name, what) = measure(&form.measure);
    Entries::new()
        .put(name, what)
        .maybe("at_least", form.at_least.as_ref().map(level))
        .maybe("at_most", form.at_most.as_ref().map(level))
        .when("key", form.key, json!("part"))
        .maybe("at", maybe(form.at.as_ref()))
        .maybe("per", form.per.map(|per| json!(period(per))))
        .maybe("group", form.group.as_ref().map(|group| json!(group)))
        .maybe("excess", form.excess.as_ref().map(excess))
        .done()
}

fn excess(form: &Excess) -> Value {
    let then = |(expect, within): &(Matcher, Amount<Span>)| json!({"expect": matcher(expect), "within": spans(within)});
    Entries::new()
        .put("expect", matcher(&form.expect))
        .put("within", spans(&form.within))
        .when("anywhere", form.anywhere, json!(true))
        .maybe("then", form.then.as_ref().map(then))
        .done()
}

fn target(form: &Target) -> Value {
    let (name, members) = match &form.members {
        Members::Of(of) => ("of", matcher(of)),
        Members::Clause(clause) => ("clause", json!(clause)),
    };
    Entries::new()
        .put("per", json!(period(form.per)))
        .put(name, members)
        .maybe("group", form.group.as_ref().map(|group| json!(group)))
        .maybe("good", form.good.as_ref().map(|good| json!(good)))
        .maybe("mean", form.mean.as_ref().map(|mean| json!(mean)))
        .maybe("at_least", form.at_least.map(|level| json!(level)))
        .maybe("at_most", form.at_most.map(|level| json!(level)))
        .maybe("minimum_members", form.minimum.map(|minimum| json!(minimum)))
        .maybe("size", form.size.map(|size| json!(size)))
        .done()
}

fn forbid(form: &Forbid) -> Value {
    match form {
        Forbid::Event { event, after, before, except } => Entries::new()
            .put("event", matcher(event))
            .maybe("after", maybe(after.as_ref()))
            .maybe("before", maybe(before.as_ref()))
            .maybe("except", except.as_ref().map(|text| json!(text)))
            .done(),
        Forbid::State(state) => json!({"state": state}),
    }
}
