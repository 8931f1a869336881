//! One case held against the clauses of its kind.

use std::{collections::HashMap, rc::Rc, sync::Arc};

use super::{
    message::{Situation, describe},
    state::{Circumstances, Stand, remedied, stand, warning},
};
use crate::{
    case::Case,
    finding::{NextAction, Obligation, State},
    form::{Ask, Duty, Outcome, Rule},
    lang::Text,
    policy::{Clause, PolicySet},
    population::{Member, Standing},
    script::{Env, Trouble},
    time::{Instant, Zone},
    view::CaseView,
};

/// A waiver of a case's obligation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// The clause, `policy/article`.
    pub clause: String,
    /// One instance, or all of them.
    pub instance: Option<String>,
    /// From when.
    pub from: Instant,
    /// Until when, excluded.
    pub until: Instant,
}

/// What is judged.
pub struct Input<'i> {
    /// The case as recorded (as known, when a report of the past is made).
    pub case: Case,
    /// The case it is part of.
    pub parent: Option<Arc<Case>>,
    /// Its waivers.
    pub waivers: &'i [Waived],
}

/// Which obligations are wanted in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Violations, due soon, undetermined.
    Findings,
    /// These and what is pending or waived.
    Unmet,
    /// Every obligation.
    All,
}

/// Why the obligations of one clause are as they are.
#[derive(Clone, Debug)]
pub struct Story {
    /// The clause's index.
    pub clause: usize,
    /// Lines, in order.
    pub lines: Vec<Text>,
}

/// What judging a case gives.
#[derive(Debug, Default)]
pub struct Judged {
    /// Obligations, in order of clauses and triggers.
    pub obligations: Vec<Obligation>,
    /// What the case contributes to clauses over many cases, by clause index.
    pub members: Vec<(usize, Member)>,
    /// The next instant at which the verdict changes if nothing happens.
    pub valid_until: Option<Instant>,
    /// How many obligations are in each state, the unwanted included.
    pub counts: HashMap<State, usize>,
    /// Why, when asked for.
    pub stories: Vec<Story>,
    /// The case's kind is not known to the policies.
    pub unknown_kind: bool,
}

impl Judged {
    fn until(&mut self, at: Option<Instant>) {
        if let Some(at) = at {
            self.valid_until = Some(self.valid_until.map_or(at, |known| known.min(at)));
        }
    }
}

/// What is known of a clause's obligations once it is judged, for those that hang on it.
type Outcomes = HashMap<String, Vec<(String, Instant, Stand)>>;

/// Holds a case against a policy set. `only` chooses clauses by index; `tell` asks for stories.
#[must_use]
pub fn judge(
    set: &PolicySet,
    input: Input<'_>,
    as_of: Instant,
    wanted: Wanted,
    only: Option<&dyn Fn(&Clause) -> bool>,
    tell: bool,
) -> Judged {
    let mut judged = Judged::default();
    let Some((index, kind)) = set.kind(&input.case.kind) else {
        judged.unknown_kind = true;
        return judged;
    };
    let clauses = set.by_kind.get(index).map_or(&[][..], Vec::as_slice);
    let zone = clauses.first().and_then(|first| set.clauses.get(*first)).map_or(Zone::UTC, |clause| clause.setup.zone());
    let parent_kind = input.parent.as_ref().and_then(|parent| set.kind(&parent.kind)).map(|(_, kind)| Arc::clone(kind));
    let view = Rc::new(CaseView::new(kind, input.case, input.parent, parent_kind.as_deref(), as_of, zone));
    judged.until(view.next_event);
    let mut outcomes: Outcomes = HashMap::new();
    for index in clauses {
        let Some(clause) = set.clauses.get(*index) else { continue };
        if clause.from > as_of || !(only.is_none_or(|only| only(clause)) || clause.needed) {
            continue;
        }
        let report = only.is_none_or(|only| only(clause));
        judge_clause(set, *index, clause, &view, input.waivers, &mut outcomes, &mut judged, wanted, report, tell);
    }
    judged
}

#[expect(clippy::too_many_arguments, reason = "the loop body of `judge`, which has no state of its own to carry them")]
fn judge_clause(
    set: &PolicySet,
    index: usize,
    clause: &Clause,
    view: &Rc<CaseView>,
    waivers: &[Waived],
    outcomes: &mut Outcomes,
    judged: &mut Judged,
    wanted: Wanted,
    report: bool,
    tell: bool,
) {
    let properties = &clause.properties;
    if !tell && !clause.needs.is_empty() && !clause.needs.meets(view.present()) {
        return;
    }
    let mut story = (tell && report).then(Vec::new);
    let prevailing: Vec<&(String, Instant, Stand)> =
        clause.overridden_by.iter().filter_map(|other| outcomes.get(other)).flatten().collect();
    let overridden: Vec<String> = prevailing.iter().map(|(instance, ..)| instance.clone()).collect();
    let env = Env {
        view: Rc::clone(view),
        names: Rc::new(Arc::clone(&clause.names)),
        setup: Rc::new(Arc::clone(&clause.setup)),
        position: view.last(),
        event: None,
        at: view.as_of,
    };
    let violations: Vec<(String, Instant)> = match &clause.rule {
        Rule::Case(rule) => rule
            .hangs_on()
            .and_then(|id| outcomes.get(id))
            .into_iter()
            .flatten()
            .filter(|(_, _, stand)| stand.state.is_violation())
            .filter_map(|(instance, _, stand)| Some((instance.clone(), stand.since?)))
            .collect(),
        Rule::Population(_) => Vec::new(),
    };
    let mut ask = Ask {
        env,
        clause: properties,
        org: &set.org,
        effective: clause.first,
        violations: &violations,
        duties: Vec::new(),
        story: story.take(),
        wake: None,
    };
    match &clause.rule {
        Rule::Case(rule) => rule.judge(&mut ask),
        Rule::Population(rule) => {
            let mut members = rule.contribute(&mut ask);
            for (instance, at, stand) in rule.over_clause().and_then(|id| outcomes.get(id)).into_iter().flatten() {
                let standing = match stand.state {
                    State::Met => Standing::Good,
                    State::MetLate | State::Overdue | State::Breached => Standing::Bad,
                    State::Undetermined => Standing::Unknown,
                    State::Waived => Standing::Waived,
                    State::Pending | State::DueSoon => continue,
                };
                members.extend(rule.contribute_obligation(&ask, instance, *at, standing));
            }
            members.retain(|member| in_force(clause, member.at));
            judged.members.extend(members.into_iter().map(|member| (index, member)));
        }
    }
    judged.until(ask.wake);
    let mut duties = std::mem::take(&mut ask.duties);
    if !overridden.is_empty() {
        // Of the same triggers only those that the other clause takes up; where the two count different things, all.
        let same = duties.iter().any(|duty| overridden.contains(&duty.instance));
        let before = duties.len();
        duties.retain(|duty| same && !overridden.contains(&duty.instance));
        if duties.len() < before {
            let other = clause.overridden_by.join(", ");
            ask.tell(|| Text::new(format!("`{other}` prevails here"), format!("此处以 `{other}` 为准")));
        }
    }
    for duty in duties {
        if !in_force(clause, duty.opened) {
            ask.tell(|| not_in_force(clause, &duty));
            continue;
        }
        let circumstances = circumstances(&ask, &duty, waivers, view);
        let Some(found) = stand(&duty, &circumstances) else {
            ask.tell(|| Text::new("lapsed when the case ended", "个案结束，义务终止"));
            continue;
        };
        judged.until(found.valid_until);
        *judged.counts.entry(found.state).or_default() += usize::from(report);
        if clause.needed {
            let when = duty.due.map_or(duty.opened, |due| due.at);
            outcomes.entry(properties.id.clone()).or_default().push((duty.instance.clone(), when, found.clone()));
        }
        let keep = match wanted {
            Wanted::All => true,
            Wanted::Unmet => found.state != State::Met,
            Wanted::Findings => found.state.is_finding(),
        };
        if report && keep {
            judged.obligations.push(obligation(&ask, index, clause, &duty, &found));
        }
    }
    if let Some(lines) = ask.story {
        judged.stories.push(Story { clause: index, lines });
    }
}

fn in_force(clause: &Clause, at: Instant) -> bool {
    at >= clause.from && clause.until.is_none_or(|until| at < until)
}

fn not_in_force(clause: &Clause, duty: &Duty) -> Text {
    let zone = clause.setup.zone();
    let (at, from) = (duty.opened.show(zone), clause.from.show(zone));
    Text::new(
        format!("what happened {at} is judged by another version; this one holds from {from}"),
        format!("{at} 之事由另一版本判断；本版本自 {from} 起生效"),
    )
}

fn circumstances(ask: &Ask<'_>, duty: &Duty, waivers: &[Waived], view: &CaseView) -> Circumstances {
    let ours =
        |waiver: &&Waived| waiver.clause == ask.clause.id && waiver.instance.as_ref().is_none_or(|instance| *instance == duty.instance);
    let now = view.as_of;
    Circumstances {
        as_of: now,
        end: if ask.clause.survives { None } else { view.end.map(|(_, at)| at) },
        warn: warning(ask.clause, &ask.env, duty.due),
        remedied: remedied(ask.clause.remedy.as_ref(), &ask.env, duty),
        waived_until: waivers
            .iter()
            .filter(ours)
            .filter(|waiver| waiver.from <= now && now < waiver.until)
            .map(|waiver| waiver.until)
            .max(),
        waived_from: waivers.iter().filter(ours).filter(|waiver| waiver.from > now).map(|waiver| waiver.from).min(),
    }
}

fn obligation(ask: &Ask<'_>, index: usize, clause: &Clause, duty: &Duty, found: &Stand) -> Obligation {
    let properties = &clause.properties;
    let mut env = ask.env.with_facts_of(ask.env.view.last());
    env.event = duty.event;
    let acts = found.open || matches!(found.state, State::Pending | State::DueSoon);
    let next_action = acts.then(|| NextAction {
        role: duty.actor.clone().unwrap_or_else(|| properties.owner.clone()),
        text: match (&duty.instead, &properties.next, &duty.act) {
            (Some(instead), ..) => instead.clone(),
            (None, Some(next), _) => next.fill(&env),
            (None, None, Some(act)) => act.clone(),
            (None, None, None) => properties.title.clone(),
        },
        before: duty.due.map(|due| due.at),
    });
    let escalated_to = properties.escalate.as_ref().filter(|_| found.state == State::Overdue).and_then(|escalate| {
        let at = env.setup.clock().add(duty.due?.at, escalate.after.span(&env).ok()?, &[]).at;
        (env.view.as_of >= at).then(|| escalate.to.clone())
    });
    let missing = match &duty.outcome {
        Outcome::Unknown(Trouble::Missing(names)) => names.iter().cloned().collect(),
        _ => duty.missing.iter().cloned().collect(),
    };
    let message = describe(&Situation {
        title: &properties.title,
        about: duty.about.as_ref(),
        trouble: if let Outcome::Unknown(trouble) = &duty.outcome { Some(trouble) } else { None },
        due: duty.due,
        stand: found,
        zone: clause.setup.zone(),
    });
    Obligation {
        case: Some(env.view.id().to_owned()),
        group: None,
        kind: env.view.kind.name.clone(),
        clause: index,
        policy: properties.policy.clone(),
        clause_id: properties.id.clone(),
        instance: duty.instance.clone(),
        state: found.state,
        open: found.open,
        severity: properties.severity,
        due: duty.due,
        since: found.since,
        met_at: found.met_at,
        overdue_by: found.overdue_by,
        next_action,
        escalated_to,
        missing,
        evidence: duty.evidence.iter().filter_map(|position| env.view.event(*position)).map(|event| event.id.clone()).collect(),
        penalty: properties.penalty.clone().filter(|_| found.state.is_violation()),
        message,
    }
}
