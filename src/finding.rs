//! What judging gives: obligations and their states.

use crate::{
    lang::Text,
    policy::clause::Severity,
    time::{Due, Instant},
};

/// The state of an obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Late and not done: a violation, open.
    Overdue,
    /// Done wrongly, or can no longer be done: a violation, open until remedied.
    Breached,
    /// Not done, inside its warning span.
    DueSoon,
    /// Cannot be told.
    Undetermined,
    /// Not done, time enough.
    Pending,
    /// A waiver holds.
    Waived,
    /// Done late: a violation, settled.
    MetLate,
    /// Done in time.
    Met,
}

impl State {
    /// All states, the most pressing first.
    pub const ALL: &'static [Self] =
        &[Self::Overdue, Self::Breached, Self::DueSoon, Self::Undetermined, Self::Pending, Self::Waived, Self::MetLate, Self::Met];

    /// The word in findings and tests.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Breached => "breached",
            Self::DueSoon => "due_soon",
            Self::Undetermined => "undetermined",
            Self::Pending => "pending",
            Self::Waived => "waived",
            Self::MetLate => "met_late",
            Self::Met => "met",
        }
    }

    /// What a person sees.
    #[must_use]
    pub fn label(self) -> Text {
        match self {
            Self::Overdue => Text::new("overdue", "逾期"),
            Self::Breached => Text::new("breached", "违反"),
            Self::DueSoon => Text::new("due soon", "即将到期"),
            Self::Undetermined => Text::new("undetermined", "待定"),
            Self::Pending => Text::new("pending", "未到期"),
            Self::Waived => Text::new("waived", "已豁免"),
            Self::MetLate => Text::new("met late", "逾期完成"),
            Self::Met => Text::new("met", "按时完成"),
        }
    }

    /// Late or broken.
    #[must_use]
    pub const fn is_violation(self) -> bool {
        matches!(self, Self::Overdue | Self::Breached | Self::MetLate)
    }

    /// Worth reporting without being asked: violated, falling due, or undetermined.
    #[must_use]
    pub const fn is_finding(self) -> bool {
        matches!(self, Self::Overdue | Self::Breached | Self::MetLate | Self::DueSoon | Self::Undetermined)
    }
}

/// Who must do what before when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextAction {
    /// Whose move it is.
    pub role: String,
    /// What to do.
    pub text: Text,
    /// Until when.
    pub before: Option<Instant>,
}

/// What one clause asks of one case, once, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    /// The case; `None` for clauses over many cases.
    pub case: Option<String>,
    /// The group, for clauses over many cases.
    pub group: Option<String>,
    /// The kind of case.
    pub kind: String,
    /// The clause, by its index in the policy set.
    pub clause: usize,
    /// The policy's id.
    pub policy: String,
    /// `policy/article`.
    pub clause_id: String,
    /// The trigger's event id, the start of the period, or the approval round.
    pub instance: String,
    /// Its state.
    pub state: State,
    /// A violation that is not settled.
    pub open: bool,
    /// How much a violation matters.
    pub severity: Severity,
    /// When it must be done.
    pub due: Option<Due>,
    /// Since when it is in its state, where that is known: the due instant of what is overdue, the breach.
    pub since: Option<Instant>,
    /// When it was done.
    pub met_at: Option<Instant>,
    /// How late it is, or was done, in milliseconds.
    pub overdue_by: Option<i64>,
    /// Whose move it is.
    pub next_action: Option<NextAction>,
    /// To whom it goes, once it has been overdue for long enough.
    pub escalated_to: Option<String>,
    /// Names of missing facts and fields.
    pub missing: Vec<String>,
    /// Ids of the events that matter.
    pub evidence: Vec<String>,
    /// What follows a violation.
    pub penalty: Option<Text>,
    /// The duty and how it stands, in a sentence.
    pub message: Text,
}

impl Obligation {
    /// Late or broken.
    #[must_use]
    pub const fn is_violation(&self) -> bool {
        self.state.is_violation()
    }
}
