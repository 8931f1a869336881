//! A chain of roles has approved before a gate.
//!
//! Each `after` opens a round and voids earlier approvals; without `after` the round opens with the first event that makes the clause
//! apply. The chain may come from a table; a step that is a list of roles is filled by any of them. Strict order unless `order: any`. One person fills one step, unless a deputy of the
//! role, or `persons: any`. A refusal voids the round. Facts are read just before the gate; `facts: latest` reads them as they are now. What
//! is due at a gate is due at the gate's instant.
//!
//! States: pending (the next action is the next approver's), met when the chain is whole, breached at an approval out of order and at a gate
//! passed without the whole chain; with `within` also `due_soon` and overdue.
//!
//! Example: `approval: {after: plan_proposed, event: approved, before: plan_executed, chain: [head, lead]}`
//!
//! # 中文
//! 在某一关口之前，须由一串角色依次批准。
//!
//! 每个 `after` 开启一轮并使先前的批准失效；没有 `after` 时，以首个使条款适用的事件开启。批准链可由表格给出；步骤写成角色列表时，由其中任一角色批准即可。默认严格按顺序，`order: any` 则不限。一人只能
//! 占一步，除非是该角色的代理人，或写明 `persons: any`。驳回使本轮失效。事实以关口之前为准；`facts: latest` 则取最新事实。须在关口之前完成的批准，
//! 以关口时刻为到期时刻。
//!
//! 状态：待批（下一步由下一位批准人完成）；链条完整为达成；次序颠倒的批准、或未完整批准即通过关口为违反；有 `within` 时另有即将到期与逾期。
//!
//! 示例：`approval: {after: plan_proposed, event: approved, before: plan_executed, chain: [head, lead]}`

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{
    Applies, Ask, Duty, Evidence, Form, FormReader, Glance, Instance, Judge, Outcome, Outlook, Prospect, Quick, Rule, Say,
    chain::{Chain, Step, any_of},
    signs::Signs,
};
use crate::{
    lang::Text,
    policy::{
        lookup::{Choice, Lookup},
        matcher::Matcher,
    },
    script::{Env, Expr},
    time::{Due, Instant},
    value::Type,
    view::{LANES, Position, gather, lanes},
    yaml::{Fields, Key},
};

pub(super) const FORM: Form =
    Form { name: "approval", title: ("approval", "审批"), keys: KEYS, source: include_str!("approval.rs"), read };

const KEYS: &[Key] = &[
    Key::optional("after", "matcher", "opens a round", "开启一轮"),
    Key::required("event", "matcher", "an approval; its role tells which step", "批准事件，其角色决定是哪一步"),
    Key::required("chain", "list of roles or table", "who must approve; a list within it: any of them", "批准链；其中的列表：任一角色"),
    Key::optional("refusal", "matcher", "voids the round", "驳回，本轮失效"),
    Key::optional("before", "matcher", "the gate that must not be passed without", "未获批准不得通过的关口"),
    Key::optional("order", "strict | any", "whether the order matters", "是否须按顺序"),
    Key::optional("persons", "distinct | any", "whether one person may fill several steps", "一人可否担任多个步骤"),
    Key::optional("within", "span", "time for the whole chain", "整个批准链的时限"),
    Key::optional("afterwards", "span", "the approvals may follow the gate by so much", "允许在关口之后补批的时限"),
];

#[derive(Debug)]
struct Approval {
    after: Option<Matcher>,
    event: Matcher,
    chain: Lookup,
    refusal: Option<Matcher>,
    before: Option<Matcher>,
    strict: bool,
    distinct: bool,
    within: Option<Lookup>,
    afterwards: Option<Lookup>,
}

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    if let Some(node) = fields.get("chain") {
        check_roles(node, reader);
    }
    Some(Rule::Case(Box::new(Approval {
        after: reader.matcher(fields, "after"),
        event: reader.need_matcher(fields, "event")?,
        chain: reader.lookup_at(fields, "chain", Type::List, &[])?,
        refusal: reader.matcher(fields, "refusal"),
        before: reader.matcher(fields, "before"),
        strict: fields.word("order", &[("strict", true), ("any", false)], reader.problems).unwrap_or(true),
        distinct: fields.word("persons", &[("distinct", true), ("any", false)], reader.problems).unwrap_or(true),
        within: reader.lookup(fields, "within", Type::Span),
        afterwards: reader.lookup(fields, "afterwards", Type::Span),
    })))
}

/// The roles of a written chain, and of the rows of a table.
fn check_roles(node: &crate::yaml::Node, reader: &mut FormReader<'_, '_>) {
    if let Some(rows) = node.get("rows") {
        match &rows.kind {
            crate::yaml::Kind::Map(entries) => entries.iter().for_each(|(_, value)| check_roles(value, reader)),
            _ => rows.items().iter().filter_map(|row| row.get("then")).for_each(|value| check_roles(value, reader)),
        }
        if let Some(value) = node.get("else") {
            check_roles(value, reader);
        }
        return;
    }
    for item in node.items() {
        if matches!(item.kind, crate::yaml::Kind::List(_)) {
            check_roles(item, reader);
        }
        if let Some(role) = item.text().filter(|text| !text.starts_with('=')) {
            reader.check_role(role, item);
        }
    }
}

/// What happened around the rounds.
#[derive(Clone)]
struct Course {
    approvals: Evidence,
    refusals: Evidence,
    gates: Evidence,
}

/// From where to where a round goes, and whether another follows.
#[derive(Clone, Copy)]
struct Round {
    opened: Position,
    first: Position,
    end: Position,
    superseded: bool,
}

/// How a round stands, so that two can be compared; a round that makes no obligation is as well as one that is met.
fn stands(duty: Option<&Duty<'_>>) -> (u8, Option<Due>) {
    match duty.map(|duty| (&duty.outcome, duty.due)) {
        None => (0, None),
        Some((Outcome::Met(done), due)) => (u8::from(due.zip(*done).is_some_and(|(due, done)| done > due.at)), None),
        Some((Outcome::Pending, due)) => (2, due),
        Some((Outcome::Broken { settled, .. }, _)) => (3 + u8::from(settled.is_some()), None),
        Some((Outcome::Unknown(_), _)) => (5, None),
    }
}

impl Approval {
    /// Whether who approved at a position may have filled a step before.
    fn has_acted(&self, look: &Glance<'_>, first: Position, position: Position, roles: &[Choice], filled: usize) -> bool {
        let view = look.env.view;
        let (Some(by), true) = (view.by_word(position), filled > 0) else { return false };
        let is_step = |other: &Position| {
            let role = view.role_word(*other).and_then(|word| view.words().symbol(word));
            roles.iter().take(filled).flatten().any(|wanted| Some(wanted.symbol) == role)
        };
        let before = self.event.plain_with_role().into_iter().flat_map(|(kind, _)| view.all_of(kind));
        let before = before.skip_while(|other| *other < first).take_while(|other| *other < position).filter(is_step);
        before.filter_map(|other| view.by_word(other)).any(|other| view.words().is_same(other, by))
    }

    /// Where rounds open.
    fn rounds(&self, ask: &mut Ask<'_>) -> SmallVec<[Position; 4]> {
        if let Some(after) = &self.after {
            let found: SmallVec<[Position; 4]> = after.positions(&ask.env).filter_map(|found| ask.sure(found)).collect();
            if found.is_empty() {
                ask.tell(|| {
                    Text::new(
                        format!("no round was opened: there is no `{}`", after.label.en),
                        format!("未开启审批：没有“{}”", after.label.zh),
                    )
                });
            }
            return found;
        }
        ask.env
            .view
            .own()
            .map(|(position, _)| position)
            .find(|position| !matches!(ask.applies(&ask.env_at(*position)), Applies::No(..)))
            .into_iter()
            .collect()
    }

    /// How a round stands; a condition of the clause that cannot be told leaves it undetermined.
    fn read<'a>(&'a self, ask: &mut Ask<'a>, round: Round, course: &Course) -> Option<Duty<'a>> {
        let before = ask.duties.len();
        let duty = self.round(ask, round, course);
        duty.or_else(|| if ask.duties.len() > before { ask.duties.pop() } else { None })
    }

    fn round<'a>(&'a self, ask: &mut Ask<'a>, round: Round, course: &Course) -> Option<Duty<'a>> {
        let Round { opened, first, end, superseded } = round;
        let at = ask.instant_of(opened);
        let instance = Instance::Event(opened);
        let gate = course.gates.iter().copied().find(|gate| (first..end).contains(gate));
        let mut env = ask.env_at(opened).with_facts_of(ask.env.view.last().min(end - 1));
        if ask.clause.latest_facts {
            env = env.with_facts_of(ask.env.view.last());
        } else if let Some(gate) = gate {
            env = env.with_facts_of(gate - 1);
        }
        if !ask.takes(&env, &instance, at, opened) {
            return None;
        }
        let mut duty = Duty::new(instance, at, opened);
        let roles = match self.chain.choices(&env) {
            Ok(roles) => roles,
            Err(trouble) => {
                duty.outcome = trouble.into();
                return Some(duty);
            }
        };
        if roles.is_empty() {
            return None;
        }
        let mut chain =
            Chain { roles: &roles, filled: SmallVec::from_elem(None, roles.len()), strict: self.strict, distinct: self.distinct };
        ask.tell(|| {
            let names = roles.iter().map(any_of).collect::<Vec<_>>().join(" → ");
            Text::new(format!("to approve: {names}"), format!("须批准：{names}"))
        });
        duty.position = gate.map_or(ask.env.view.last().min(end - 1), |gate| gate - 1);
        let broken = self.pass(ask, &mut chain, &mut duty, round, course, gate);
        self.settle(ask, &env, &chain, &mut duty, gate, broken);
        if superseded && gate.is_none() {
            let next_round = ask.instant_of(end);
            match &mut duty.outcome {
                Outcome::Broken { settled, .. } => *settled = settled.or(Some(next_round)),
                Outcome::Met(_) => {}
                _ => {
                    ask.tell(|| Text::new("superseded by the next round", "已被下一轮取代"));
                    return None;
                }
            }
        }
        Some(duty)
    }

    /// Lets the events of a round pass; gives the first approval out of order and the role that comes first.
    fn pass(
        &self,
        ask: &Ask<'_>,
        chain: &mut Chain<'_>,
        duty: &mut Duty<'_>,
        Round { first, end, .. }: Round,
        course: &Course,
        gate: Option<Position>,
    ) -> Option<(Instant, usize)> {
        let stop = gate.filter(|_| self.afterwards.is_none()).map_or(end, |gate| gate.min(end));
        let refusal = course.refusals.iter().copied().find(|position| (first..stop).contains(position));
        let mut broken = None;
        for position in course.approvals.iter().copied().skip_while(|position| *position < first) {
            // What is both is a refusal.
            if position >= refusal.unwrap_or(stop) {
                break;
            }
            match chain.approve(ask, position) {
                Step::Taken => duty.evidence.push(position),
                Step::Ignored => {}
                Step::OutOfOrder(step) => {
                    duty.evidence.push(position);
                    broken = broken.or(Some((ask.instant_of(position), step)));
                }
            }
        }
        if let Some(position) = refusal {
            chain.filled.iter_mut().for_each(|step| *step = None);
            duty.evidence.push(position);
            duty.actor = None;
            duty.about = Some(Text::new("refused: propose again", "已驳回：须重新提交").into());
            duty.instead = Some(Text::new("Revise and propose again", "修改后重新提交").into());
        }
        broken
    }

    fn settle(
        &self,
        ask: &Ask<'_>,
        env: &Env<'_>,
        chain: &Chain<'_>,
        duty: &mut Duty<'_>,
        gate: Option<Position>,
        broken: Option<(Instant, usize)>,
    ) {
        let clock = env.setup.clock();
        let due = match (gate, &self.afterwards, &self.within) {
            (Some(gate), Some(span), _) => span.span(env).map(|span| Some(clock.add(ask.instant_of(gate), span, &[]))),
            (_, _, Some(span)) => span.span(env).map(|span| Some(clock.add(duty.opened, span, &[]))),
            // The gate is when it had to be there.
            (Some(gate), None, None) => Ok(Some(Due { at: ask.instant_of(gate), provisional: false })),
            _ => Ok(None),
        };
        match due {
            Ok(due) => duty.due = due,
            Err(trouble) => {
                duty.outcome = trouble.into();
                return;
            }
        }
        let next = chain.missing().next();
        let refused = duty.instead.is_some();
        if let Some(roles) = next.filter(|_| !refused) {
            duty.actor = roles.first().map(|role| Cow::Owned(role.text.clone()));
            duty.act = Some(Say::Approval(roles.iter().map(|role| role.text.clone()).collect()));
        }
        if let Some((at, step)) = broken {
            duty.outcome = Outcome::Broken { at, settled: None };
            let role = chain.roles.get(step).map(any_of).unwrap_or_default();
            duty.about = Some(
                Text::new(format!("approved out of order: `{role}` comes first"), format!("审批次序颠倒：应先由 `{role}` 批准")).into(),
            );
            return;
        }
        if next.is_none() {
            let done = chain.filled.iter().flatten().map(|position| ask.instant_of(*position)).max();
            duty.outcome = Outcome::Met(done);
            return;
        }
        let list = || chain.missing().map(any_of).collect();
        if !refused {
            duty.about = Some(Say::StillToApprove(list()));
        }
        if let Some(gate) = gate.filter(|_| self.afterwards.is_none()) {
            duty.evidence.push(gate);
            duty.outcome = Outcome::Broken { at: ask.instant_of(gate), settled: None };
            duty.about = Some(Say::WithoutApproval(list()));
        }
    }

    /// A gate passed before any round was opened.
    fn unopened<'a>(&'a self, ask: &mut Ask<'a>, gate: Position) {
        let instance = Instance::Event(gate);
        let at = ask.instant_of(gate);
        let env = ask.env_before(gate);
        if self.afterwards.is_some() || !ask.takes(&env, &instance, at, gate) {
            return;
        }
        let mut duty = Duty::new(instance, at, gate);
        duty.due = Some(Due { at, provisional: false });
        duty.outcome = Outcome::Broken { at, settled: None };
        duty.about = Some(Text::new("went ahead without any approval", "未经任何批准即已实施").into());
        ask.duties.push(duty);
    }
}

impl Judge for Approval {
    fn glance(&self, look: &Glance<'_>) -> Quick {
        let view = look.env.view;
        let (Some((event, None)), None, None) = (self.event.plain_with_role(), &self.within, &self.afterwards) else { return Quick::Full };
        // Where somebody may act for a role, a name counts as much as the role that was recorded.
        if !look.unstaffed || self.refusal.as_ref().is_some_and(|refusal| refusal.plain().is_none_or(|kind| view.first_of(kind).is_some()))
        {
            return Quick::Full;
        }
        let gate = match self.before.as_ref().map(Matcher::plain) {
            None => None,
            Some(None) => return Quick::Full,
            Some(Some(kind)) => view.first_of(kind),
        };
        let Some(opened) = (match self.after.as_ref().map(Matcher::plain) {
            // The round opens with the first event that makes the clause apply, and here all do, or none.
            None if look.clause.latest_facts && look.is_without_event() => view.opened().map(|(position, _)| position),
            None | Some(None) => return Quick::Full,
            Some(Some(kind)) => match view.first_of(kind) {
                Some(first) if view.next_of(first).is_none() => Some(first),
                Some(_) => return Quick::Full,
                None if gate.is_some() => return Quick::Full,
                None => None,
            },
        }) else {
            return Quick::Nothing;
        };
        let first = if self.after.is_some() { opened + 1 } else { opened };
        if gate.is_some_and(|gate| gate < first) {
            return Quick::Full;
        }
        let upto = if look.clause.latest_facts { view.last() } else { gate.map_or(view.last(), |gate| gate - 1) };
        let env = look.env_at(opened).with_facts_of(upto);
        if let Some(quick) = look.spared(&env) {
            return quick;
        }
        let (Ok(roles), Some(at)) = (self.chain.borrowed_choices(&env), view.at(opened)) else { return Quick::Full };
        let mut next = 0;
        let stop = gate.unwrap_or(Position::MAX);
        for position in view.all_of(event).skip_while(|position| *position < first).take_while(|position| *position < stop) {
            let role = view.role_word(position).and_then(|word| view.words().symbol(word));
            match roles.iter().skip(next).position(|any| any.iter().any(|wanted| Some(wanted.symbol) == role)) {
                Some(0) if !self.distinct || !self.has_acted(look, first, position, roles, next) => next += 1,
                None => {}
                Some(_) => return Quick::Full,
            }
        }
        match (roles.is_empty(), next == roles.len(), gate) {
            (true, ..) => Quick::Nothing,
            (_, true, _) => Quick::Met(at),
            (_, false, None) => Quick::Waits(at, None),
            (_, false, Some(_)) => Quick::Full,
        }
    }

    fn survey(&self, prospect: &Prospect<'_>, outlook: &mut Outlook) {
        let (Some((event, None)), None, None, None) = (self.event.plain_with_role(), &self.within, &self.afterwards, &self.after) else {
            return;
        };
        let gate = self.before.as_ref().map(Matcher::plain);
        if self.distinct || !prospect.unstaffed || !prospect.clause.latest_facts || !prospect.is_without_event() || gate == Some(None) {
            return;
        }
        let survey = prospect.survey;
        let refused = match self.refusal.as_ref().map(Matcher::plain) {
            None => 0,
            Some(Some(refusal)) => survey.has(refusal),
            Some(None) => return,
        };
        // The round opens with the first event of all.
        const OPENED: [Position; LANES] = [0; LANES];
        let rows = prospect.rows_at(&OPENED);
        let opened = gather(survey.rows(), |lane| survey.last(lane) >= 0);
        let truth = prospect.applies(&rows, opened & !refused);
        outlook.nothing = survey.rows() & !opened | truth.no;
        for lane in lanes(truth.yes) {
            let (Ok(roles), Some(at)) = (self.chain.borrowed_choices(&rows.row(lane)), survey.at(lane, 0)) else { continue };
            let stop = gate.flatten().and_then(|gate| survey.first(gate, lane)).unwrap_or(Position::MAX);
            let mut next = 0;
            let in_turn = survey.all(event, lane).take_while(|position| *position < stop).all(|position| {
                let role = survey.role(lane, position).and_then(|word| survey.words().symbol(word));
                let place = roles.iter().skip(next).position(|any| any.iter().any(|wanted| Some(wanted.symbol) == role));
                next += usize::from(place == Some(0));
                place.is_none_or(|place| place == 0)
            });
            if in_turn && roles.is_empty() {
                outlook.nothing |= 1 << lane;
            } else if in_turn && next == roles.len() {
                outlook.is_met(lane, at);
            }
        }
    }

    fn judge<'a>(&'a self, ask: &mut Ask<'a>) {
        let rounds = self.rounds(ask);
        if rounds.is_empty() && self.after.is_none() {
            return;
        }
        let approvals = Signs::of(&self.event, &ask.env);
        let (refusals, gates) = (Signs::of_any(self.refusal.as_ref(), &ask.env), Signs::of_any(self.before.as_ref(), &ask.env));
        if let Some(after) = &self.after {
            // After what may have opened a round, none went ahead without one.
            let opened = after.positions(&ask.env).next().map_or(Position::MAX, |found| found.unwrap_or_else(|doubt| doubt.position));
            match gates.first(|gate| gate < opened) {
                (Some(gate), _) => self.unopened(ask, gate),
                (None, Some(doubt)) if self.afterwards.is_none() => {
                    ask.doubted(&ask.env_before(doubt.position), doubt.clone());
                }
                (None, _) => {}
            }
        }
        let sure = Course { approvals: approvals.sure.clone(), refusals: refusals.sure.clone(), gates: gates.sure.clone() };
        let parts: [(&Signs, fn(&mut Course) -> &mut Evidence); 3] = [
            (&approvals, |course| &mut course.approvals),
            (&refusals, |course| &mut course.refusals),
            (&gates, |course| &mut course.gates),
        ];
        for (index, opened) in rounds.iter().copied().enumerate() {
            let next = rounds.get(index + 1).copied();
            let first = if self.after.is_some() { opened + 1 } else { opened };
            let round = Round { opened, first, end: next.unwrap_or_else(|| ask.env.view.last() + 1), superseded: next.is_some() };
            let plain = self.read(ask, round, &sure);
            // What cannot be told is read the other way, too.
            let story = ask.story.take();
            let otherwise = parts.iter().find_map(|(signs, part)| {
                let doubt = signs.doubts.iter().find(|doubt| (first..round.end).contains(&doubt.position))?;
                let mut course = sure.clone();
                *part(&mut course) = signs.all();
                let other = self.read(ask, round, &course);
                (stands(other.as_ref()) != stands(plain.as_ref())).then_some((doubt, other))
            });
            ask.story = story;
            let Some((doubt, other)) = otherwise else {
                ask.duties.extend(plain);
                continue;
            };
            ask.duties.extend(plain.or(other).map(|mut duty| {
                duty.evidence.push(doubt.position);
                Duty { outcome: doubt.trouble.clone().into(), about: None, ..duty }
            }));
        }
    }

    fn breaks(&self) -> bool {
        true
    }

    fn expressions(&self) -> Vec<&Expr> {
        let matchers = self.after.iter().chain([&self.event]).chain(&self.refusal).chain(&self.before);
        let values = std::iter::once(&self.chain).chain(&self.within).chain(&self.afterwards);
        values.flat_map(Lookup::expressions).chain(matchers.flat_map(Matcher::conditions)).collect()
    }
}
