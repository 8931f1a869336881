//! Something is done every period.
//!
//! `every` runs from the last doing. `on` fixes a grid instead: days of the month, weekdays, quarters, seasons; there a doing counts once, for the
//! earliest unmet period whose window is open or past. With `catch_up: false` it counts only for a period whose window is open and that is not yet
//! past due: what a day has missed, the next day's doing does not make good. Periods start at the later of the start event and the policy's
//! effective date, and stop at the case's end or at `until`.
//!
//! States, for each period: pending, `due_soon`, overdue, met, `met_late`; with `catch_up: false` a period missed is breached when it was due, settled
//! by the clause's `remedy` alone.
//!
//! Example: `recurrence: {expect: inspected, every: 2wk}` and `recurrence: {expect: report_sent, on: {each: month, day: 5, time: "17:00"}}`
//!
//! # 中文
//! 每个周期须做一次（或多次）。
//!
//! `every` 自上次完成起算。`on` 则固定日期：每月某日、星期、季度、季节；此时一次完成只计一次，计入窗口已开启的最早未完成周期。写明 `catch_up: false` 时，
//! 只计入窗口已开启且尚未过期的周期：一日漏做，次日所做不能补上。周期自起始事件与策略生效日中较晚者开始，至个案结束或 `until` 为止。
//!
//! 状态（每个周期）：未到期、即将到期、逾期、按时完成、逾期完成；`catch_up: false` 时，漏做的周期自其到期时刻起为违反，只能由条款的 `remedy` 了结。
//!
//! 示例：`recurrence: {expect: inspected, every: 2wk}`，`recurrence: {expect: report_sent, on: {each: month, day: 5, time: "17:00"}}`

use super::{
    Ask, Duty, Evidence, Form, FormReader, Instance, Judge, Outcome, Rule, Say,
    grid::{self, Grid},
    signs::Signs,
};
use crate::{
    lang::Text,
    policy::{
        lookup::Lookup,
        matcher::{Doubt, Matcher},
    },
    script::{Env, Expr, Trouble},
    time::{Due, Instant},
    value::{Type, Val},
    view::{BEFORE_ALL, Position},
    yaml::{Fields, Key},
};

pub(super) const FORM: Form =
    Form { name: "recurrence", title: ("recurrence", "周期"), keys: KEYS, source: include_str!("recurrence.rs"), read };

const KEYS: &[Key] = &[
    Key::required("expect", "matcher", "the doing", "须做之事"),
    Key::optional("every", "span", "from the last doing", "自上次完成起的间隔"),
    Key::optional("on", "{each, day, weekday, month, time} or {seasons}", "a grid of due instants", "固定的截止日期"),
    Key::optional("start", "matcher or =instant", "when it begins", "起点"),
    Key::optional("until", "matcher", "when it stops", "终点"),
    Key::optional("window", "span", "how early before the due instant a doing counts", "提前多久完成可计入"),
    Key::optional("grace", "span", "added to each due instant", "宽限"),
    Key::optional(
        "catch_up",
        "true | false",
        "false: what a period missed cannot be made good in a later one",
        "false：漏做的周期不能以后补做",
    ),
    Key::optional("times", "whole number", "so many doings in each period", "每周期次数"),
];

#[derive(Debug)]
enum Start {
    Case,
    Event(Matcher),
    Instant(Lookup),
}

#[derive(Debug)]
enum Rhythm {
    Every(Lookup),
    On(Grid),
}

#[derive(Debug)]
struct Recurrence {
    expect: Matcher,
    rhythm: Rhythm,
    start: Start,
    until: Option<Matcher>,
    window: Option<Lookup>,
    grace: Option<Lookup>,
    times: usize,
    /// Whether a doing also counts for a period that is past.
    catch_up: bool,
}

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    let expect = reader.need_matcher(fields, "expect")?;
    let rhythm = match (fields.get("every"), fields.get("on")) {
        (Some(_), None) => Rhythm::Every(reader.lookup(fields, "every", Type::Span)?),
        (None, Some(node)) => Rhythm::On(grid::read(node, reader)?),
        _ => {
            reader.problems.error(
                "DU0103",
                &fields.node.place,
                "a recurrence needs either `every` or `on`",
                "周期须有 `every` 或 `on` 之一",
            );
            return None;
        }
    };
    let start = match fields.get("start") {
        None => Start::Case,
        Some(node) if node.text().is_some_and(|text| text.starts_with('=')) => {
            Start::Instant(reader.lookup(fields, "start", Type::Instant)?)
        }
        Some(_) => Start::Event(reader.matcher(fields, "start")?),
    };
    let until = if fields.get("until").is_some() { Some(reader.matcher(fields, "until")?) } else { None };
    let span = |name: &str, reader: &mut FormReader<'_, '_>| match fields.get(name) {
        Some(_) => reader.lookup(fields, name, Type::Span).map(Some),
        None => Some(None),
    };
    let catch_up = fields.flag("catch_up", reader.problems).unwrap_or(true);
    if let (false, Rhythm::Every(_), Some(node)) = (catch_up, &rhythm, fields.key("catch_up")) {
        let (en, zh) = (
            "`catch_up: false` needs the periods of `on`; `every` has one only, until it is done",
            "`catch_up: false` 须有 `on` 的周期；`every` 在完成之前只有一个",
        );
        reader.problems.error("DU0105", &node.place, en, zh);
    }
    let times = fields.integer("times", reader.problems).unwrap_or(1);
    Some(Rule::Case(Box::new(Recurrence {
        expect,
        rhythm,
        start,
        until,
        window: span("window", reader)?,
        grace: span("grace", reader)?,
        times: usize::try_from(times).unwrap_or(1).max(1),
        catch_up,
    })))
}

/// One period while doings are dealt out.
struct Slot<'d> {
    start: Instant,
    opens: Instant,
    due: Due,
    doings: Vec<Position>,
    /// What cannot be told, where it would stand otherwise.
    doubt: Option<&'d Doubt>,
}

impl Slot<'_> {
    /// Whether it was late, when done at an instant; nothing while it is not done.
    fn stands(&self, done: Option<Instant>) -> Option<bool> {
        done.map(|done| done > self.due.at)
    }
}

impl Recurrence {
    fn start(&self, ask: &mut Ask<'_>) -> Result<Option<(Position, Instant)>, Trouble> {
        Ok(match &self.start {
            Start::Case => Some(ask.start()),
            // What may have been the start is asked about, and the first that surely is one begins.
            Start::Event(matcher) => {
                let first = matcher.positions(&ask.env).find_map(|found| ask.sure(found));
                first.map(|position| (position, ask.instant_of(position)))
            }
            Start::Instant(value) => match value.value(&ask.env)? {
                Val::Instant(at) => Some((ask.env.view.position_at(at), at)),
                Val::Date(date) => {
                    let at = ask.env.setup.zone().start_of(date);
                    Some((ask.env.view.position_at(at), at))
                }
                _ => None,
            },
        }
        .map(|(position, at)| (position, at.max(ask.effective))))
    }

    fn grace(&self, env: &Env<'_>, due: Due) -> Result<Due, Trouble> {
        let Some(grace) = &self.grace else { return Ok(due) };
        let moved = env.setup.clock().after_due(due.at, grace.span(env)?);
        Ok(Due { provisional: due.provisional || moved.provisional, ..moved })
    }

    /// Periods one after another, each from the last doing.
    fn rolling<'d>(
        &self,
        ask: &Ask<'_>,
        every: &Lookup,
        start: Instant,
        stop: Instant,
        doings: &[Position],
    ) -> Result<Vec<Slot<'d>>, Trouble> {
        let mut list = Vec::new();
        let mut opens = start;
        while opens <= ask.env.view.as_of && opens < stop {
            let position = ask.env.view.position_at(opens);
            let env = ask.env_at(position);
            let due = self.grace(&env, env.setup.clock().add(opens, every.span(&env)?, &[]))?;
            // What was done at the very instant at which a period begins belongs to the one before.
            let done = doings.partition_point(|doing| ask.instant_of(*doing) <= opens);
            let doings = doings.iter().skip(done).take(self.times).copied().collect();
            let slot = Slot { start: opens, opens, due, doings, doubt: None };
            let whole = slot.doings.len() == self.times;
            opens = slot.doings.last().map_or(opens, |doing| ask.instant_of(*doing));
            list.push(slot);
            if !whole {
                break;
            }
        }
        Ok(list)
    }

    /// Periods of a grid; each doing goes to the earliest unmet one whose window is open, or past where that can be caught up with.
    fn on_grid<'d>(
        &self,
        ask: &mut Ask<'_>,
        grid: &Grid,
        start: Instant,
        stop: Instant,
        doings: &[Position],
    ) -> Result<Vec<Slot<'d>>, Trouble> {
        let calendar = &ask.env.setup.calendar;
        let mut list = Vec::new();
        let periods = grid.periods(calendar, start, ask.env.view.as_of);
        if let Some(last) = periods.last() {
            // The period after it appears as soon as it is due, whatever the grace.
            ask.wake_at(last.due);
        }
        for period in periods {
            let opened = period.start.max(start);
            if opened >= stop {
                break;
            }
            let env = ask.env_at(ask.env.view.position_at(opened));
            let opens = match &self.window {
                Some(window) => env.setup.clock().add(period.due, window.span(&env)?.negated(), &[]).at,
                None => opened,
            };
            let provisional = !calendar.covers(period.due);
            let due = self.grace(&env, Due { at: period.due, provisional })?;
            list.push(Slot { start: opened, opens, due, doings: Vec::new(), doubt: None });
        }
        self.deal(ask, &mut list, doings);
        Ok(list)
    }

    /// Deals doings out over the periods of a grid.
    fn deal(&self, ask: &Ask<'_>, slots: &mut [Slot], doings: &[Position]) {
        for doing in doings {
            let at = ask.instant_of(*doing);
            let open = |slot: &Slot<'_>| slot.opens <= at && (self.catch_up || at <= slot.due.at);
            if let Some(slot) = slots.iter_mut().find(|slot| slot.doings.len() < self.times && open(slot)) {
                slot.doings.push(*doing);
            }
        }
    }

    /// When a period is done.
    fn done(&self, ask: &Ask<'_>, doings: &[Position]) -> Option<Instant> {
        doings.get(self.times - 1).map(|doing| ask.instant_of(*doing))
    }

    /// Marks the periods that would stand otherwise, had those been doings of which it cannot be told.
    fn mark<'d>(&self, ask: &Ask<'_>, slots: &mut [Slot<'d>], doings: &'d Signs) {
        let Some(first) = doings.doubts.first() else { return };
        let all = doings.all();
        let others: Vec<(Option<Instant>, Option<&Doubt>)> = if let Rhythm::On(_) = self.rhythm {
            let mut others: Vec<Slot<'_>> = slots.iter().map(|slot| Slot { doings: Vec::new(), ..*slot }).collect();
            self.deal(ask, &mut others, &all);
            others.iter().map(|slot| (self.done(ask, &slot.doings), Some(first))).collect()
        } else {
            let after = |slot: &Slot<'_>, at: Position| ask.instant_of(at) > slot.start;
            let other = |slot: &Slot<'_>| {
                let doubt = doings.doubts.iter().find(|doubt| after(slot, doubt.position));
                let done = all.iter().filter(|doing| after(slot, **doing)).nth(self.times - 1);
                (done.map(|doing| ask.instant_of(*doing)), doubt)
            };
            slots.iter().map(other).collect()
        };
        for (slot, (other, doubt)) in slots.iter_mut().zip(others) {
            slot.doubt = doubt.filter(|_| slot.stands(other) != slot.stands(self.done(ask, &slot.doings)));
        }
    }
}

impl Judge for Recurrence {
    fn judge<'a>(&'a self, ask: &mut Ask<'a>) {
        let start = match self.start(ask) {
            Ok(Some(start)) => start,
            Ok(None) => {
                ask.tell(|| Text::new("has not begun", "尚未开始"));
                return;
            }
            Err(trouble) => {
                let (position, at) = ask.start();
                ask.unknown(Instance::Word("start"), at, position, trouble);
                return;
            }
        };
        // A date to come begins it by itself.
        ask.wake_at(start.1);
        // What began by an event may be stopped before that and begin again; a date stands, whenever it was stopped.
        let begun = if matches!(self.start, Start::Instant(_)) { BEFORE_ALL } else { start.0 };
        let stops = Signs::of_any(self.until.as_ref(), &ask.env);
        let (stop, may_stop) = stops.first(|found| found > begun);
        let stop = stop.map(|found| ask.instant_of(found));
        let stop_at = [stop, ask.end()].into_iter().flatten().min().unwrap_or(Instant::MAX);
        let doings = Signs::of(&self.expect, &ask.env);
        let slots = match &self.rhythm {
            Rhythm::Every(every) => self.rolling(ask, every, start.1, stop_at, &doings.sure),
            Rhythm::On(grid) => self.on_grid(ask, grid, start.1, stop_at, &doings.sure),
        };
        let slots = match slots {
            Ok(mut slots) => {
                self.mark(ask, &mut slots, &doings);
                slots
            }
            Err(trouble) => {
                ask.unknown(Instance::Word("period"), start.1, start.0, trouble);
                return;
            }
        };
        let zone = ask.env.setup.zone();
        for slot in slots {
            let instance = Instance::Text(slot.start.to_rfc3339(zone));
            let position = ask.env.view.position_at(slot.start);
            let env = ask.env_at(position);
            if slot.start > ask.env.view.as_of {
                ask.wake_at(slot.start);
                continue;
            }
            if !ask.takes(&env, &instance, slot.start, position) {
                continue;
            }
            let mut duty = Duty::new(instance, slot.start, position);
            duty.evidence = Evidence::from_slice(&slot.doings);
            duty.event = None;
            duty.due = Some(slot.due);
            let label = &self.expect.label;
            let done = self.done(ask, &slot.doings);
            if done.is_none() && stop.is_some_and(|stop| slot.due.at > stop) {
                continue;
            }
            let may_stop = may_stop.filter(|doubt| {
                let stop = ask.instant_of(doubt.position);
                slot.stands(done).map_or(slot.due.at > stop, |late| late && slot.start >= stop)
            });
            if let Some(doubt) = slot.doubt.or(may_stop) {
                duty.evidence.push(doubt.position);
                duty.outcome = doubt.trouble.clone().into();
            } else if done.is_some() {
                duty.outcome = Outcome::Met(done);
            } else if !self.catch_up && ask.env.view.as_of > slot.due.at && ask.end().is_none_or(|end| end > slot.due.at) {
                duty.outcome = Outcome::Broken { at: slot.due.at, settled: None };
                duty.about = Some(Text::new(format!("not done in time: {}", label.en), format!("未按时完成：{}", label.zh)).into());
            } else if self.times > 1 {
                let (done, times) = (slot.doings.len(), self.times);
                duty.about =
                    Some(Text::new(format!("{done} of {times} done: {}", label.en), format!("已完成 {done}/{times}：{}", label.zh)).into());
            } else {
                duty.about = Some(Say::Awaits(label));
            }
            if !self.catch_up {
                ask.wake_at(slot.due.at.plus(1));
            }
            ask.duties.push(duty);
        }
    }

    fn breaks(&self) -> bool {
        !self.catch_up
    }

    fn expressions(&self) -> Vec<&Expr> {
        let (start, at) = match &self.start {
            Start::Event(matcher) => (Some(matcher), None),
            Start::Instant(value) => (None, Some(value)),
            Start::Case => (None, None),
        };
        let every = if let Rhythm::Every(span) = &self.rhythm { Some(span) } else { None };
        let matchers = std::iter::once(&self.expect).chain(start).chain(&self.until);
        let values = at.into_iter().chain(every).chain(&self.window).chain(&self.grace);
        values.flat_map(Lookup::expressions).chain(matchers.flat_map(Matcher::conditions)).collect()
    }
}
