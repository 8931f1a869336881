//! A count, a sum or a value inside bounds.
//!
//! On one case: at `at`, or at any time. With `key` it holds for each value of a field (issued at most what was approved, per part). With `per` it
//! holds over many cases in a calendar period, by `group`: from the first event too many onward, each is a violation. `at_least` and `at_most` may
//! both be given, each a figure or another count: both are judged.
//!
//! `excess: {expect, within}` asks something of each event beyond `at_most`, besides the breach: in the case of that event, after it (`anywhere: true`:
//! or before). `then: {expect, within}` is asked once that is late. Each of the two may have an `owner` and a `next` of its own; the clause's penalty
//! is for the clause's owner. An event that is told late counts in its place: what is beyond, and what is asked, follows.
//!
//! States on one case: met, overdue since the first instant outside; with `at`, met or breached there. Over many cases: breached at each event
//! beyond the bound; for a lower bound pending until the period ends, then met or breached. What `excess` asks is pending, `due_soon`, overdue, met or
//! `met_late`, its instance `case/event:excess`, and `case/event:then`.
//!
//! Example: `limit: {distinct: {of: inspected, value: =by}, at_least: 2, at: report_made}`
//!
//! # 中文
//! 次数、总和或数值须在界限之内。
//!
//! 对单个个案：在 `at` 事件处，或任何时候。有 `key` 时按字段值分别计算（每种配件领用不超过批准）。有 `per` 时按日历周期跨个案计算，可用 `group` 分组：自首个超出的事件起，
//! 每个均为违反。`at_least` 与 `at_most` 可同时给出，各为数值或另一统计：两者都判断。
//!
//! `excess: {expect, within}`：除违反外，对每个超出 `at_most` 的事件另有要求，须在该事件的个案中、其后完成（`anywhere: true` 时其前亦可）。
//! 逾期后再要求 `then: {expect, within}`。两者均可另设 `owner` 与 `next`；条款的 `penalty` 只针对条款的责任角色。补录的事件按其时刻计入：
//! 哪些超出、要求什么，随之改变。
//!
//! 状态（单个个案）：达成；自首次超出起逾期；有 `at` 时为达成或在该处违反。跨个案：在每个超出的事件处违反；下限则在周期结束后为达成或违反。`excess` 的要求为未到期、即将到期、逾期、
//! 按时完成或逾期完成，其实例为 `个案/事件:excess` 与 `个案/事件:then`。
//!
//! 示例：`limit: {distinct: {of: inspected, value: =by}, at_least: 2, at: report_made}`

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{
    Applies, Ask, Duty, Evidence, Form, FormReader, Glance, Instance, Judge, Outcome, Outlook, Prospect, Quick, Rule, Say,
    aggregate::{Aggregate, WHOLE},
    excess::{self, Excess},
    grid::{UNITS, Unit},
    threshold::Bounds,
};
use crate::{
    atom::Atom,
    lang::Text,
    policy::matcher::{Doubt, Matcher},
    population::{Close, Conclusion, Member, Population, Standing, Tally},
    script::{Expr, Trouble},
    time::{Due, Instant},
    value::{Type, Val},
    view::{BEFORE_ALL, Position, lanes},
    yaml::{Fields, Key, Kind, Node},
};

pub(super) const FORM: Form = Form { name: "limit", title: ("limit", "限额"), keys: KEYS, source: include_str!("limit.rs"), read };

const KEYS: &[Key] = &[
    Key::optional("count", "matcher", "how many events", "事件次数"),
    Key::optional("distinct", "{of, value}", "how many different values", "不同取值个数"),
    Key::optional("sum", "{of, value}", "the sum over events", "事件之和"),
    Key::optional("value", "=number", "a value of facts", "事实的数值"),
    Key::optional("at_least", "number, or {count | sum | distinct}", "not below this", "不低于"),
    Key::optional("at_most", "number, or {count | sum | distinct}", "not above this", "不高于"),
    Key::optional("key", "field", "for each value of this field of the data", "按数据字段分别计算"),
    Key::optional("at", "matcher", "judged at this event", "在此事件处判断"),
    Key::optional("per", "day | week | month | quarter | half-year | year", "over many cases, in each such period", "跨个案，按周期"),
    Key::optional("group", "=expression", "over many cases, for each value of this", "跨个案的分组"),
    Key::optional(
        "excess",
        "{expect, within}",
        "over many cases, asked of each event beyond at_most",
        "跨个案，对每个超出 at_most 的事件的要求",
    ),
];

#[derive(Debug)]
struct Limit {
    what: Aggregate,
    figures: Bounds,
    others: Vec<Other>,
    key: Option<String>,
    at: Option<Matcher>,
}

/// Another aggregate as a bound.
#[derive(Debug)]
struct Other {
    aggregate: Aggregate,
    /// It must not be exceeded; otherwise it must be reached.
    at_most: bool,
}

const SIDES: [&str; 2] = ["at_least", "at_most"];

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    let what = Aggregate::read(fields.node, reader)?;
    if SIDES.iter().all(|side| fields.get(side).is_none()) {
        // Says what is missing.
        Bounds::read(fields, reader)?;
    }
    let is_other = |node: &Node| matches!(node.kind, Kind::Map(_)) && node.get("select").is_none();
    let (mut figures, mut others) = (Vec::new(), Vec::new());
    for side in SIDES {
        match fields.get(side) {
            Some(node) if is_other(node) => others.push(Other { aggregate: Aggregate::read(node, reader)?, at_most: side == "at_most" }),
            _ => figures.push(side),
        }
    }
    let Some(unit) = fields.word("per", UNITS, reader.problems) else {
        let figures = Bounds::under(&figures, fields, reader)?;
        let at = if fields.get("at").is_some() { Some(reader.matcher(fields, "at")?) } else { None };
        // A value of facts has no parts.
        let key = fields.text("key", reader.problems).filter(|_| what.matcher().is_some()).map(str::to_owned);
        if let Some(key) = fields.key("excess") {
            excess::refuse(key, reader);
        }
        return Some(Rule::Case(Box::new(Limit { what, figures, others, key, at })));
    };
    let types = what.matcher().map_or_else(Vec::new, Matcher::types);
    let group = match fields.get("group") {
        Some(node) => Some(reader.expression(node, Type::Any, Some(&types))?),
        None => None,
    };
    if !others.is_empty() || what.matcher().is_none() {
        reader.problems.error(
            "DU0105",
            &fields.node.place,
            "over many cases a limit counts events and has a figure as its bound",
            "跨个案的限额须统计事件，并以数值为界",
        );
        return None;
    }
    let (least, most) = (Bounds::under(&["at_least"], fields, reader)?, Bounds::under(&["at_most"], fields, reader)?);
    let excess = match fields.get("excess") {
        Some(node) if most.is_empty() => {
            excess::refuse(fields.key("excess").unwrap_or(node), reader);
            None
        }
        Some(node) => Some(Excess::read(node, &types, reader)?),
        None => None,
    };
    Some(Rule::Population(Box::new(Quota { what, least, most, unit, group, excess })))
}

impl Other {
    /// How a number of a part stands beyond this one; `None` when it does not.
    fn beyond(&self, part: &str, number: Decimal, other: Decimal) -> Option<Say<'static>> {
        let (out, (en, zh)) =
            if self.at_most { (number > other, ("more than", "多于")) } else { (number < other, ("less than", "少于")) };
        out.then(|| {
            let (number, other) = (number.normalize(), other.normalize());
            let name = if part.is_empty() { String::new() } else { format!("{part}: ") };
            Text::new(format!("{name}{number}, {en} {other}"), format!("{name}{number}，{zh} {other}")).into()
        })
    }
}

impl Limit {
    /// Why each part is outside at a position; parts inside give `None`. A part that is asked for is there even when nothing of it was counted.
    fn outside(
        &self,
        ask: &Ask<'_>,
        position: Position,
        asked: Option<&String>,
    ) -> Result<BTreeMap<String, Option<Say<'static>>>, Trouble> {
        let mut numbers = self.what.upto(ask, self.key.as_ref(), position)?;
        if let Some(part) = asked {
            numbers.entry(part.clone()).or_default();
        }
        let mut bounds = Vec::new();
        for other in &self.others {
            let levels = other.aggregate.upto(ask, self.key.as_ref(), position)?;
            if !other.at_most {
                levels.keys().for_each(|part| {
                    numbers.entry(part.clone()).or_default();
                });
            }
            bounds.push((other, levels));
        }
        let env = ask.env.at_event(position);
        let mut result = BTreeMap::new();
        for (part, number) in numbers {
            let level = |levels: &BTreeMap<String, Decimal>| levels.get(&part).copied().unwrap_or_default();
            let beyond = bounds.iter().find_map(|(other, levels)| other.beyond(&part, number, level(levels)));
            let why = if beyond.is_some() { beyond } else { self.figures.outside(number, &env)? };
            result.insert(part, why);
        }
        Ok(result)
    }

    fn at_gate<'a>(&'a self, ask: &mut Ask<'a>, gate: Position) {
        let (instance, at) = (Instance::Event(gate), ask.instant_of(gate));
        let env = ask.env_at(gate);
        if !ask.takes(&env, &instance, at, gate) {
            return;
        }
        // A gate that names a part is about that part alone.
        let named = self.key.as_ref().and_then(|key| ask.env.view.datum(gate, key));
        let own = named.and_then(|value| Val::guess(&value)).map(|value| value.to_string());
        match self.outside(ask, gate, own.as_ref()) {
            Err(trouble) => ask.unknown(instance, at, gate, trouble),
            Ok(parts) => {
                for (part, why) in parts.into_iter().filter(|(part, _)| own.as_ref().is_none_or(|own| own == part)) {
                    let name = if part == WHOLE { instance.clone() } else { Instance::Text(format!("{}:{part}", ask.event_id(gate))) };
                    let mut duty = Duty::new(name, at, gate);
                    duty.outcome = if why.is_some() { Outcome::Broken { at, settled: None } } else { Outcome::Met(Some(at)) };
                    duty.about = why;
                    ask.duties.push(duty);
                }
            }
        }
    }

    fn any_time<'a>(&'a self, ask: &mut Ask<'a>) {
        let last = ask.env.view.last();
        let env = ask.env.at_event(last);
        let opened = ask.env.view.as_of.max(ask.start().1);
        if !ask.takes(&env, &Instance::Word("limit"), opened, last) {
            return;
        }
        let now = match self.outside(ask, last, None) {
            Ok(now) => now,
            Err(trouble) => {
                ask.unknown(Instance::Word("limit"), opened, last, trouble);
                return;
            }
        };
        for (part, why) in now {
            let instance = if part == WHOLE { Instance::Word("limit") } else { Instance::Text(part.clone()) };
            let mut duty = Duty::new(instance, opened, last);
            duty.evidence.clear();
            duty.outcome = Outcome::Met(None);
            if why.is_some() {
                let out_at = |position: Position| {
                    matches!(ask.applies(&ask.env.at_event(position)), Applies::Yes)
                        && self.outside(ask, position, None).is_ok_and(|parts| parts.get(&part).is_some_and(Option::is_some))
                };
                let since = ask.run(out_at);
                duty.outcome = Outcome::Pending;
                duty.due = Some(Due { at: ask.instant_of(since), provisional: false });
                duty.started = duty.due.map(|due| due.at);
                duty.evidence = if since > BEFORE_ALL { Evidence::from_slice(&[since]) } else { Evidence::new() };
                duty.about = why;
            }
            ask.duties.push(duty);
        }
    }
}

impl Judge for Limit {
    fn glance(&self, look: &Glance<'_>) -> Quick {
        let (None, None, [], Aggregate::Count(matcher)) = (&self.at, &self.key, self.others.as_slice(), &self.what) else {
            return Quick::Full;
        };
        let Some((kind, role)) = matcher.plain_with_role() else { return Quick::Full };
        let view = look.env.view;
        let env = look.env.at_event(view.last());
        if let Some(quick) = look.spared(&env) {
            return quick;
        }
        let has_role = |position: &Position| {
            role.is_none_or(|role| view.role_word(*position).and_then(|word| view.words().symbol(word)) == Some(role.symbol))
        };
        let count = i64::try_from(view.all_of(kind).filter(has_role).count()).unwrap_or(i64::MAX);
        match self.figures.admit(Atom::Integer(count), &env) {
            Some(true) => Quick::Met(view.as_of.max(look.start())),
            _ => Quick::Full,
        }
    }

    fn survey(&self, prospect: &Prospect<'_>, outlook: &mut Outlook) {
        let (None, None, [], Aggregate::Count(matcher)) = (&self.at, &self.key, self.others.as_slice(), &self.what) else { return };
        let Some((kind, role)) = matcher.plain_with_role() else { return };
        let survey = prospect.survey;
        let (rows, asked) = prospect.asked_now(outlook);
        for lane in lanes(asked) {
            let has_role = |position: &Position| {
                role.is_none_or(|role| survey.role(lane, *position).and_then(|word| survey.words().symbol(word)) == Some(role.symbol))
            };
            let count = i64::try_from(survey.all(kind, lane).filter(has_role).count()).unwrap_or(i64::MAX);
            if self.figures.admit(Atom::Integer(count), &rows.row(lane)) == Some(true) {
                outlook.is_met(lane, survey.as_of.max(prospect.start(lane)));
            }
        }
    }

    fn judge<'a>(&'a self, ask: &mut Ask<'a>) {
        match &self.at {
            Some(gate) => {
                for found in gate.positions(&ask.env) {
                    if let Some(gate) = ask.sure(found) {
                        self.at_gate(ask, gate);
                    }
                }
            }
            None => self.any_time(ask),
        }
    }

    fn breaks(&self) -> bool {
        self.at.is_some()
    }

    fn expressions(&self) -> Vec<&Expr> {
        let mut list = self.what.expressions();
        list.extend(self.figures.expressions());
        list.extend(self.others.iter().flat_map(|other| other.aggregate.expressions()));
        list.extend(self.at.iter().flat_map(Matcher::conditions));
        list
    }

    fn needs(&self) -> Vec<u16> {
        self.at.as_ref().map_or_else(Vec::new, Matcher::types)
    }
}

/// A limit over many cases.
#[derive(Debug)]
struct Quota {
    what: Aggregate,
    least: Bounds,
    most: Bounds,
    unit: Unit,
    group: Option<Expr>,
    excess: Option<Excess>,
}

/// The period that holds an instant: its start and end.
pub(super) fn period_of(unit: Unit, at: Instant, ask: &Ask<'_>) -> (Instant, Instant) {
    let zone = ask.env.setup.zone();
    let start = unit.start(at.date(zone));
    (zone.start_of(start), zone.start_of(unit.next(start)))
}

/// An event that may count, and what cannot be told of whether it does; nothing where the clause does not apply to it.
pub(super) fn counting(ask: &Ask<'_>, found: Result<Position, Box<Doubt>>) -> Option<(Position, Result<(), Trouble>)> {
    let (position, sure) = match found {
        Ok(position) => (position, Ok(())),
        Err(doubt) => (doubt.position, Err(doubt.trouble)),
    };
    match ask.applies(&ask.env_at(position)) {
        Applies::Yes => Some((position, sure)),
        Applies::No(..) => None,
        Applies::Unknown(trouble) => Some((position, Err(trouble))),
    }
}

/// The group of a member, in words, which is told even where the rest cannot be: empty when there is one group only, or when it cannot be told.
pub(super) fn group_of(group: Option<&Expr>, ask: &Ask<'_>, position: Position) -> (String, Result<(), Trouble>) {
    match group.map(|group| Ok(format!("{}={}", group.text, group.value(&ask.env.at_event(position))?))) {
        None => (String::new(), Ok(())),
        Some(Ok(name)) => (name, Ok(())),
        Some(Err(trouble)) => (String::new(), Err(trouble)),
    }
}

impl Population for Quota {
    fn contribute(&self, ask: &mut Ask<'_>) -> Vec<Member> {
        let (mut list, mut positions) = (Vec::new(), Vec::new());
        let Some(matcher) = self.what.matcher() else { return list };
        for (position, sure) in matcher.positions(&ask.env).filter_map(|found| counting(ask, found)) {
            let at = ask.instant_of(position);
            let (start, end) = period_of(self.unit, at, ask);
            let (group, grouped) = group_of(self.group.as_ref(), ask, position);
            let told = sure.and(grouped).and_then(|()| self.what.of_event(ask, position));
            let (value, mark, standing) = match told {
                Ok(value) => (value.number().unwrap_or(Decimal::ONE), value.to_string(), Standing::Good),
                // What is missing takes the place of what would have made it different.
                Err(Trouble::Missing(names)) => (Decimal::ZERO, names.into_iter().collect::<Vec<_>>().join(","), Standing::Unknown),
                Err(Trouble::Failed { .. }) => (Decimal::ZERO, String::new(), Standing::Unknown),
            };
            list.push(Member {
                group,
                start,
                end,
                at,
                case: ask.env.view.id().to_owned(),
                event: ask.event_id(position),
                value,
                mark,
                standing,
                sequels: Vec::new(),
            });
            positions.push(position);
        }
        if let Some(excess) = &self.excess {
            excess.follow(ask, positions.into_iter().zip(&mut list));
        }
        list
    }

    fn expressions(&self) -> Vec<&Expr> {
        let own = self.what.expressions().into_iter().chain(self.least.expressions()).chain(self.most.expressions()).chain(&self.group);
        own.chain(self.excess.iter().flat_map(Excess::expressions)).collect()
    }

    fn conclude(&self, tally: &Tally, close: &Close<'_>) -> Vec<Conclusion> {
        let mut list = Vec::new();
        let mut number = Decimal::ZERO;
        let mut marks: Vec<&str> = Vec::new();
        for member in tally.members() {
            if member.standing == Standing::Unknown {
                continue;
            }
            if matches!(self.what, Aggregate::Distinct(..)) {
                if marks.contains(&member.mark.as_str()) {
                    continue;
                }
                marks.push(&member.mark);
                number += Decimal::ONE;
            } else {
                number += member.value;
            }
            if let Ok(Some(why)) = self.most.outside(number, &close.env) {
                let why = why.text(close.org);
                list.push(Conclusion {
                    // An event's id tells it from others of its case alone.
                    instance: member.name(),
                    opened: member.at,
                    due: None,
                    outcome: Outcome::Broken { at: member.at, settled: None },
                    about: Some(Text::new(format!("{} ({})", why.en, member.case), format!("{}（{}）", why.zh, member.case))),
                    evidence: vec![member.name()],
                    asked: None,
                });
                list.extend(self.excess.as_ref().and_then(|excess| excess.conclude(member, close)));
            }
        }
        if !list.is_empty() {
            return list;
        }
        let unknown: Vec<_> = tally.members().filter(|member| member.standing == Standing::Unknown).collect();
        if !unknown.is_empty() && unknown.len() == tally.members().count() {
            let names =
                unknown.iter().flat_map(|member| member.mark.split(',')).filter(|name| !name.is_empty()).map(str::to_owned).collect();
            list.push(Conclusion {
                instance: close.name.clone(),
                opened: close.start,
                due: None,
                outcome: Trouble::Missing(names).into(),
                about: None,
                evidence: unknown.iter().map(|member| member.name()).collect(),
                asked: None,
            });
            return list;
        }
        let why = self.least.outside(number, &close.env).unwrap_or_default().map(|why| why.text(close.org));
        let ended = close.as_of >= close.end;
        let outcome = match (&why, ended) {
            (Some(_), true) => Outcome::Broken { at: close.end, settled: None },
            (None, true) => Outcome::Met(None),
            // A lower bound that has been reached is kept; an upper one may yet be passed.
            (None, false) if self.most.is_empty() => Outcome::Met(None),
            (_, false) => Outcome::Pending,
        };
        list.push(Conclusion {
            instance: close.name.clone(),
            opened: close.start,
            due: Some(Due { at: close.end, provisional: false }),
            outcome,
            about: why.or_else(|| Some(Text::same(number.normalize().to_string()))),
            evidence: Vec::new(),
            asked: None,
        });
        list
    }
}
