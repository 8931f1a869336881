//! An obligation as it is found, before it is put into words: most who ask need no more than what it is and how it stands.

use super::{
    message::{Situation, describe},
    state::Stand,
};
use crate::{
    finding::{NextAction, Obligation, State},
    form::{Duty, Outcome},
    policy::{Clause, org::Org},
    script::{Env, Trouble},
    time::Instant,
};

/// An obligation of a case, by reference.
pub struct Found<'f> {
    /// The clause's index.
    pub index: usize,
    /// The clause.
    pub clause: &'f Clause,
    pub(super) env: Env<'f>,
    pub(super) org: &'f Org,
    /// What is asked.
    pub duty: &'f Duty<'f>,
    /// How it stands.
    pub stand: &'f Stand,
    /// When its state changes by nothing but the passing of time.
    pub alarm: Option<Instant>,
}

impl Found<'_> {
    /// What tells it from others of its clause in its case.
    #[must_use]
    pub fn instance(&self) -> String {
        self.duty.instance.name(self.env.view).into_owned()
    }

    /// The case's id.
    #[must_use]
    pub fn case(&self) -> &str {
        self.env.view.id()
    }

    /// Whether somebody has to act.
    #[must_use]
    pub const fn acts(&self) -> bool {
        self.stand.open || matches!(self.stand.state, State::Pending | State::DueSoon)
    }

    /// Whose move it is.
    #[must_use]
    pub fn role(&self) -> &str {
        self.duty.actor.as_deref().unwrap_or(&self.clause.properties.owner)
    }

    /// All of it, in words.
    #[must_use]
    pub fn obligation(&self) -> Obligation {
        let (properties, duty, stand) = (&self.clause.properties, self.duty, self.stand);
        let view = self.env.view;
        let mut env = self.env.with_facts_of(view.last());
        env.event = duty.event;
        let next_action = self.acts().then(|| NextAction {
            role: self.role().to_owned(),
            text: match (&duty.instead, &properties.next, &duty.act) {
                (Some(instead), ..) => instead.text(self.org),
                (None, Some(next), _) => next.fill(&env),
                (None, None, Some(act)) => act.text(self.org),
                (None, None, None) => properties.title.clone(),
            },
            before: duty.due.map(|due| due.at),
        });
        let escalated_to = properties.escalate.as_ref().filter(|_| stand.state == State::Overdue).and_then(|escalate| {
            let at = env.setup.clock().after_due(duty.due?.at, escalate.after.span(&env).ok()?).at;
            (view.as_of >= at).then(|| escalate.to.clone())
        });
        let trouble = if let Outcome::Unknown(trouble) = &duty.outcome { Some(&**trouble) } else { None };
        let missing = match trouble {
            Some(Trouble::Missing(names)) => names.iter().cloned().collect(),
            _ => duty.missing.iter().cloned().collect(),
        };
        let about = duty.about.as_ref().map(|about| about.text(self.org));
        let message = describe(&Situation {
            title: &properties.title,
            about: about.as_ref(),
            trouble,
            due: duty.due,
            stand,
            zone: self.clause.setup.zone(),
        });
        Obligation {
            case: Some(view.id().to_owned()),
            group: None,
            kind: view.kind.name.clone(),
            clause: self.index,
            policy: properties.policy.clone(),
            clause_id: properties.id.clone(),
            instance: self.instance(),
            state: stand.state,
            open: stand.open,
            severity: properties.severity,
            due: duty.due,
            since: stand.since,
            met_at: stand.met_at,
            overdue_by: stand.overdue_by,
            next_action,
            escalated_to,
            missing,
            evidence: duty.evidence.iter().filter_map(|position| view.event_id(*position)).collect(),
            penalty: properties.penalty.clone().filter(|_| stand.state.is_violation()),
            message,
        }
    }
}
