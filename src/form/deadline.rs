//! After A, B within a span.
//!
//! Each trigger (`after`) opens one obligation; the first accepted event (`expect`) at a later position settles it. The due instant is
//! the trigger plus `within`, or what `due` computes, or the coming of the event named by `before`. Late is strictly after due.
//!
//! States: pending, `due_soon`, overdue, met, `met_late`; breached when `before` came first, or when the case ended late.
//!
//! Example: `deadline: {after: reported, expect: arrived, within: {select: area, rows: {ring-1: 2h, ring-2: 3h}}}`
//!
//! # 中文
//! 某事之后，须在时限内完成另一事。
//!
//! 每个触发事件（`after`）产生一项义务，其后位置上首个符合的事件（`expect`）使之完成。到期时刻为触发时刻加 `within`，或由 `due` 算出，或为
//! `before` 所指事件到来之时。严格晚于到期时刻才算逾期。
//!
//! 状态：未到期、即将到期、逾期、按时完成、逾期完成；若 `before` 的事件先发生，或个案在逾期后结束，则为违反。
//!
//! 示例：`deadline: {after: reported, expect: arrived, within: {select: area, rows: {ring-1: 2h, ring-2: 3h}}}`

use smallvec::SmallVec;

use super::{Ask, Duty, Evidence, Form, FormReader, Glance, Instance, Judge, Outcome, Outlook, Prospect, Quick, Rule, Say, signs::Signs};
use crate::{
    case::Value,
    lang::Text,
    policy::{
        lookup::Lookup,
        matcher::{Doubt, Matcher},
    },
    script::{Env, Expr, Trouble},
    time::{Due, Instant, Pause},
    value::{Type, Val},
    view::{BEFORE_ALL, Position, lanes},
    yaml::{Fields, Key},
};

pub(super) const FORM: Form =
    Form { name: "deadline", title: ("deadline", "时限"), keys: KEYS, source: include_str!("deadline.rs"), read };

const KEYS: &[Key] = &[
    Key::optional(
        "after",
        "matcher or {violation: CLAUSE}",
        "what opens it; left out: once a case, from its first event on, which may itself be the answer",
        "触发；省略则每个个案一次，自首个事件起（该事件本身亦可为完成）",
    ),
    Key::required("expect", "matcher", "what settles it", "完成它的事件"),
    Key::optional("within", "span", "how long it may take", "时限"),
    Key::optional("due", "=instant or date", "the due instant itself", "到期时刻"),
    Key::optional("before", "matcher", "must be done before this event", "须在此事件之前完成"),
    Key::optional("not_before", "span or =instant", "an answer before this does not settle", "早于此的完成不算"),
    Key::optional("pause", "{from, until} or list", "the clock stands still between these events", "期间停止计时"),
    Key::optional("each", "every | first", "every trigger, or the first only", "每次触发，或仅首次"),
    Key::optional("match", "any | one-to-one", "one answer settles all open triggers, or one", "一个完成事件对应全部，或仅一个触发"),
    Key::optional("key", "field", "pair trigger and answer by this field of their data", "按数据字段配对"),
    Key::optional("anywhere", "true", "an answer earlier than the trigger counts", "触发之前的完成也算"),
];

const PAUSE_KEYS: &[Key] =
    &[Key::required("from", "matcher", "the clock stops", "停止计时"), Key::required("until", "matcher", "the clock goes on", "恢复计时")];

#[derive(Debug)]
enum Start {
    Event(Matcher),
    Violation(String),
    Case,
}

#[derive(Debug)]
struct Deadline {
    start: Start,
    expect: Matcher,
    within: Option<Lookup>,
    due: Option<Lookup>,
    before: Option<Matcher>,
    not_before: Option<Lookup>,
    pauses: Vec<(Matcher, Matcher)>,
    first_only: bool,
    one_to_one: bool,
    key: Option<String>,
    anywhere: bool,
    /// The types of trigger and answer, where nothing else is asked: then the quick way serves.
    plain: Option<(u16, u16)>,
}

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    let start = match fields.get("after") {
        None => Start::Case,
        Some(node) => match node.get("violation") {
            Some(clause) => {
                let id = clause.expect_text(reader.problems)?;
                Start::Violation(reader.clause_id(id))
            }
            None => Start::Event(reader.matcher(fields, "after")?),
        },
    };
    let at_hand = match &start {
        Start::Event(matcher) => matcher.types(),
        _ => Vec::new(),
    };
    let mut pauses = Vec::new();
    for node in fields.list("pause") {
        let pause = Fields::read(node, PAUSE_KEYS, reader.problems)?;
        pauses.push((reader.matcher(&pause, "from")?, reader.matcher(&pause, "until")?));
    }
    let wanted =
        fields.get("not_before").filter(|node| node.text().is_some_and(|text| text.starts_with('='))).map_or(Type::Span, |_| Type::Any);
    let deadline = Deadline {
        expect: reader.need_matcher(fields, "expect")?,
        within: optional(fields, "within", reader, Type::Span, &at_hand)?,
        due: optional(fields, "due", reader, Type::Instant, &at_hand)?,
        before: if fields.get("before").is_some() { Some(reader.matcher(fields, "before")?) } else { None },
        not_before: optional(fields, "not_before", reader, wanted, &at_hand)?,
        pauses,
        first_only: fields.word("each", &[("every", false), ("first", true)], reader.problems).unwrap_or(false),
        one_to_one: fields.word("match", &[("any", false), ("one-to-one", true)], reader.problems).unwrap_or(false),
        key: fields.text("key", reader.problems).map(str::to_owned),
        anywhere: fields.flag("anywhere", reader.problems).unwrap_or(false),
        plain: None,
        start,
    };
    let deadline = Deadline { plain: deadline.types_alone(), ..deadline };
    if deadline.within.is_none() && deadline.due.is_none() && deadline.before.is_none() && !fields.misspelt {
        reader.problems.error_with_help(
            "DU0103",
            &fields.node.place,
            Text::new("a deadline needs `within`, `due` or `before`", "时限须有 `within`、`due` 或 `before`"),
            Text::new("for example `within: 24h`", "例如 `within: 24h`"),
        );
        return None;
    }
    Some(Rule::Case(Box::new(deadline)))
}

/// A value that may be left out, but not be wrong.
#[expect(clippy::option_option, reason = "absent and wrong are two things here")]
fn optional(fields: &Fields<'_>, name: &str, reader: &mut FormReader<'_, '_>, wanted: Type, events: &[u16]) -> Option<Option<Lookup>> {
    if fields.get(name).is_none() {
        return Some(None);
    }
    reader.lookup_at(fields, name, wanted, events).map(Some)
}

struct Trigger<'a> {
    position: Position,
    /// Answers and gates come after this.
    after: Position,
    at: Instant,
    instance: Instance<'a>,
}

/// How an obligation stands by its answer and its gate.
#[derive(PartialEq, Eq)]
pub(super) enum Fate {
    Open,
    Met,
    Late,
    Broken,
}

impl Fate {
    pub(super) fn new(answer: Option<Position>, gate: Option<Position>, is_late: impl Fn(Position) -> bool) -> Self {
        match (answer, gate) {
            (answer, Some(gate)) if answer.is_none_or(|answer| answer > gate) => Self::Broken,
            (Some(answer), _) if is_late(answer) => Self::Late,
            (Some(_), _) => Self::Met,
            (None, _) => Self::Open,
        }
    }
}

impl Deadline {
    /// The types of trigger and answer, where they and a span are all that is asked.
    fn types_alone(&self) -> Option<(u16, u16)> {
        let Start::Event(trigger) = &self.start else { return None };
        let more = self.due.is_some() || self.before.is_some() || self.not_before.is_some() || self.key.is_some();
        let free = !more && self.pauses.is_empty() && !self.one_to_one && self.within.is_some();
        Some((trigger.plain()?, self.expect.plain()?)).filter(|_| free)
    }

    fn triggers<'a>(&'a self, ask: &mut Ask<'a>) -> SmallVec<[Trigger<'a>; 2]> {
        let mut list = SmallVec::new();
        match &self.start {
            Start::Case => {
                let (position, at) = ask.start();
                // What begins with the case may be done, or ended, by its very first event.
                list.push(Trigger { position, after: position - 1, at, instance: Instance::Word("case") });
            }
            Start::Violation(_) => {
                for (instance, at) in ask.violations {
                    let position = ask.env.view.position_at(*at);
                    list.push(Trigger { position, after: position, at: *at, instance: Instance::Of(instance) });
                }
            }
            Start::Event(matcher) => {
                for found in matcher.positions(&ask.env) {
                    match found {
                        Ok(position) => {
                            list.push(Trigger {
                                position,
                                after: position,
                                at: ask.instant_of(position),
                                instance: Instance::Event(position),
                            });
                            // The others open nothing, and a doubt about them no more than that.
                            if self.first_only {
                                break;
                            }
                        }
                        Err(doubt) => ask.doubted(&ask.env_at(doubt.position), *doubt),
                    }
                }
                if list.is_empty() {
                    ask.tell(|| {
                        Text::new(
                            format!("nothing opened it: there is no `{}`", matcher.label.en),
                            format!("未触发：没有“{}”", matcher.label.zh),
                        )
                    });
                }
            }
        }
        if self.first_only {
            list.truncate(1);
        }
        list
    }

    fn key_of(&self, env: &Env<'_>, position: Position) -> Option<Value> {
        env.view.datum(position, self.key.as_ref()?)
    }

    /// The pauses after a trigger, and the start of one that still lasts.
    fn pauses(&self, ask: &Ask<'_>, trigger: &Trigger<'_>) -> (Vec<Pause>, Option<Instant>) {
        let mut list = Vec::new();
        let mut lasting: Option<Instant> = None;
        for (from, until) in &self.pauses {
            let mut ends = until.certain(&ask.env).peekable();
            let mut covered = BEFORE_ALL;
            for begin in from.certain(&ask.env) {
                if begin <= covered {
                    continue;
                }
                while ends.peek().is_some_and(|end| *end <= begin) {
                    ends.next();
                }
                let start = ask.instant_of(begin).max(trigger.at);
                if let Some(end) = ends.peek() {
                    covered = *end;
                    list.push(Pause { from: start, until: ask.instant_of(*end).max(start) });
                } else {
                    lasting = Some(lasting.map_or(start, |known| known.min(start)));
                    break;
                }
            }
        }
        (list, lasting)
    }

    /// The due instant, and how long the clock stood still on the way to it.
    fn due(&self, ask: &mut Ask<'_>, env: &Env<'_>, trigger: &Trigger<'_>) -> Result<(Option<Due>, i64), Trouble> {
        if let Some(due) = &self.due {
            let (at, date) = match due.value(env)? {
                Val::Instant(at) => (at, at.date(env.setup.zone())),
                Val::Date(date) => (env.setup.zone().end_of(date), date),
                other => {
                    return Err(Trouble::failed(
                        &env.names.kind.place,
                        format!("`{other}` is not an instant or date"),
                        format!("`{other}` 不是时刻或日期"),
                    ));
                }
            };
            ask.tell(|| Text::new(format!("due: {}", at.show_due(env.setup.zone())), format!("到期：{}", at.show_due(env.setup.zone()))));
            return Ok((Some(Due { at, provisional: !env.setup.calendar.is_covered(date) }), 0));
        }
        let Some(within) = &self.within else { return Ok((None, 0)) };
        let span = within.span(env)?;
        let clock = env.setup.clock();
        if self.pauses.is_empty() && ask.story.is_none() {
            return Ok((Some(clock.add(trigger.at, span, &[])), 0));
        }
        let (pauses, lasting) = self.pauses(ask, trigger);
        let due = clock.add(trigger.at, span, &pauses);
        let stood = if pauses.is_empty() { 0 } else { due.at.since(clock.add(trigger.at, span, &[]).at) };
        if ask.story.is_some() {
            ask.still.extend(&pauses);
            ask.still.extend(lasting.map(|from| Pause { from, until: Instant::MAX }));
        }
        if let Some(since) = lasting.filter(|since| due.at > *since) {
            let since = ask.show(since);
            ask.tell(|| Text::new(format!("the clock stands still since {since}"), format!("自 {since} 起停止计时")));
            return Ok((None, 0));
        }
        if ask.story.is_some() {
            let (_, ledger) = clock.explain(trigger.at, span, &pauses);
            let zone = env.setup.zone();
            ask.tell(|| {
                Text::new(
                    format!("{} from {} ends {}:", span.en(), trigger.at.show(zone), due.at.show_due(zone)),
                    format!("自 {} 起{}，止于 {}：", trigger.at.show(zone), span.zh(), due.at.show_due(zone)),
                )
            });
            for (en, zh) in ledger.render(zone, false).into_iter().zip(ledger.render(zone, true)) {
                ask.tell(|| Text::new(format!("  {en}"), format!("  {zh}")));
            }
        }
        Ok((Some(due), stood))
    }

    fn not_before(&self, env: &Env<'_>, trigger: &Trigger<'_>) -> Result<Option<Instant>, Trouble> {
        let Some(earliest) = &self.not_before else { return Ok(None) };
        Ok(match earliest.value(env)? {
            Val::Span(span) => Some(env.setup.clock().add(trigger.at, span, &[]).at),
            Val::Instant(at) => Some(at),
            Val::Date(date) => Some(env.setup.zone().start_of(date)),
            _ => None,
        })
    }

    fn obligation<'a>(
        &'a self,
        ask: &mut Ask<'a>,
        trigger: Trigger<'a>,
        answers: &Signs,
        gates: &Signs,
        used: &mut Evidence,
    ) -> Option<Duty<'a>> {
        let env = ask.env_at(trigger.position);
        if !ask.takes(&env, &trigger.instance, trigger.at, trigger.position) {
            return None;
        }
        let computed = self.due(ask, &env, &trigger).and_then(|due| Ok((due, self.not_before(&env, &trigger)?)));
        let (position, after) = (trigger.position, trigger.after);
        let mut duty = Duty::new(trigger.instance, trigger.at, position);
        let ((due, stood), not_before) = match computed {
            Ok(found) => found,
            Err(trouble) => {
                duty.outcome = trouble.into();
                return Some(duty);
            }
        };
        duty.due = due;
        duty.stood = stood;
        let key = self.key_of(&env, position);
        let pairs = |other: Position| self.key.is_none() || (key.is_some() && self.key_of(&env, other) == key);
        let (answer, maybe_answer) = answers.first(|answer| {
            (self.anywhere || answer > after)
                && not_before.is_none_or(|earliest| ask.instant_of(answer) >= earliest)
                && pairs(answer)
                && !(self.one_to_one && used.contains(&answer))
        });
        let (gate, maybe_gate) = gates.first(|gate| gate > after && pairs(gate));
        let opened = duty.opened;
        let done = |answer: Position| ask.instant_of(answer).max(opened);
        let fate = |answer, gate| Fate::new(answer, gate, |answer| due.is_some_and(|due| done(answer) > due.at));
        let known = fate(answer, gate);
        // What cannot be told matters where the obligation would stand otherwise, had it been an answer, or the gate.
        let sooner = |sure: Option<Position>, doubt: &Doubt| Some(sure.map_or(doubt.position, |sure| sure.min(doubt.position)));
        let doubt = maybe_answer.filter(|doubt| fate(sooner(answer, doubt), gate) != known);
        let doubt = doubt.or_else(|| maybe_gate.filter(|doubt| fate(answer, sooner(gate, doubt)) != known));
        let also = |other: &Position| *other != position;
        duty.evidence.extend(gate.filter(|_| known == Fate::Broken).filter(also));
        duty.evidence.extend(answer.filter(also));
        match (answer, gate) {
            (_, Some(gate)) if known == Fate::Broken => {
                duty.outcome = Outcome::Broken { at: ask.instant_of(gate), settled: answer.map(|answer| ask.instant_of(answer)) };
                duty.about = Some(Say::NotBefore(&self.expect.label));
            }
            (Some(answer), _) => {
                duty.outcome = Outcome::Met(Some(done(answer)));
                used.push(answer);
            }
            (None, _) if doubt.is_none() => {
                let label = &self.expect.label;
                duty.about = Some(Say::Awaits(label));
                ask.tell(|| Text::new(format!("settled by: {}", label.en), format!("完成它的事件：{}", label.zh)));
            }
            (None, _) => {}
        }
        if let Some(doubt) = doubt {
            duty.outcome = doubt.trouble.clone().into();
            duty.about = None;
            duty.evidence.push(doubt.position);
        }
        Some(duty)
    }
}

impl Judge for Deadline {
    fn glance(&self, look: &Glance<'_>) -> Quick {
        let Some((trigger, answer)) = self.plain else { return Quick::Full };
        let view = look.env.view;
        let Some(position) = view.first_of(trigger) else { return Quick::Nothing };
        if !self.first_only && view.next_of(position).is_some() {
            return Quick::Full;
        }
        let env = look.env_at(position);
        if let Some(quick) = look.spared(&env) {
            return quick;
        }
        let (Some(Ok(span)), Some(at)) = (self.within.as_ref().map(|within| within.plain_span(&env)), view.at(position)) else {
            return Quick::Full;
        };
        let due = env.setup.clock().add(at, span, &[]);
        let answered = if self.anywhere { view.first_of(answer) } else { view.all_of(answer).find(|answer| *answer > position) };
        match answered.and_then(|answer| view.at(answer)) {
            Some(done) if done <= due.at => Quick::Met(at),
            Some(_) => Quick::Full,
            None => Quick::Waits(at, Some(due)),
        }
    }

    fn survey(&self, prospect: &Prospect<'_>, outlook: &mut Outlook) {
        let (Some((trigger, answer)), Some(within)) = (self.plain, &self.within) else { return };
        let survey = prospect.survey;
        let opened = survey.rows() & survey.has(trigger);
        let firsts = survey.firsts(trigger);
        let rows = prospect.rows_at(firsts);
        let truth = prospect.applies(&rows, if self.first_only { opened } else { opened & !survey.again(trigger) });
        outlook.nothing = survey.rows() & !opened | truth.no;
        let clock = prospect.setup.clock();
        for lane in lanes(truth.yes) {
            let Some((position, at)) = firsts.get(lane).and_then(|position| Some((*position, survey.at(lane, *position)?))) else {
                continue;
            };
            let Ok(span) = within.plain_span(&rows.row(lane)) else { continue };
            let due = clock.add(at, span, &[]).at;
            let answered = match survey.first(answer, lane) {
                Some(first) if !self.anywhere && first <= position => survey.all(answer, lane).find(|answer| *answer > position),
                first => first,
            };
            match answered.map(|answer| survey.at(lane, answer)) {
                Some(Some(done)) if done <= due => outlook.is_met(lane, at),
                Some(_) => {}
                None => outlook.is_waiting(lane, at, due),
            }
        }
    }

    fn judge<'a>(&'a self, ask: &mut Ask<'a>) {
        let triggers = self.triggers(ask);
        if triggers.is_empty() {
            return;
        }
        let answers = Signs::of(&self.expect, &ask.env);
        let gates = Signs::of_any(self.before.as_ref(), &ask.env);
        let mut used = Evidence::new();
        for trigger in triggers {
            if let Some(duty) = self.obligation(ask, trigger, &answers, &gates, &mut used) {
                ask.duties.push(duty);
            }
        }
    }

    fn hangs_on(&self) -> Option<&str> {
        match &self.start {
            Start::Violation(clause) => Some(clause),
            _ => None,
        }
    }

    fn needs(&self) -> Vec<u16> {
        match &self.start {
            Start::Event(matcher) => matcher.types(),
            _ => Vec::new(),
        }
    }

    fn breaks(&self) -> bool {
        self.before.is_some()
    }

    fn expressions(&self) -> Vec<&Expr> {
        let start = if let Start::Event(matcher) = &self.start { Some(matcher) } else { None };
        let matchers =
            start.into_iter().chain([&self.expect]).chain(&self.before).chain(self.pauses.iter().flat_map(|(from, until)| [from, until]));
        let values = self.within.iter().chain(&self.due).chain(&self.not_before);
        values.flat_map(Lookup::expressions).chain(matchers.flat_map(Matcher::conditions)).collect()
    }
}
