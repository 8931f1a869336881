//! All about one case: what happened, how each obligation stands and why, which clocks run.

use crate::{
    app::judging::{batch_of, waived},
    case::{Case, CaseRecord},
    engine::{Session, Story, Waived, Wanted},
    finding::Obligation,
    form::Outcome,
    policy::PolicySet,
    store::{Store, StoreError, Waiver},
    time::Instant,
};

/// All about one case.
#[derive(Debug)]
pub struct CaseFile {
    /// As it is stored.
    pub record: CaseRecord,
    /// As it is known now.
    pub case: Case,
    /// Its obligations, with their clocks.
    pub obligations: Vec<(Obligation, Clock)>,
    /// Why they are as they are, by clause.
    pub stories: Vec<Story>,
    /// The next instant at which something changes if nothing happens.
    pub valid_until: Option<Instant>,
    /// Its waivers.
    pub waivers: Vec<Waiver>,
    /// Cases that are part of it, some of them.
    pub members: Vec<String>,
}

/// The clock of an obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// When it began to run.
    pub from: Instant,
    /// When it ends.
    pub due: Option<Instant>,
    /// When it was stopped: by what was asked for, or by what broke it.
    pub done: Option<Instant>,
}

/// Reads a case and judges it. `None` when there is none.
///
/// # Errors
/// When the store cannot be read.
pub fn casefile(store: &Store, set: &PolicySet, now: Instant, id: &str) -> Result<Option<CaseFile>, StoreError> {
    let Some(record) = store.case(id)? else { return Ok(None) };
    let Some(case) = record.known_at(None) else { return Ok(None) };
    let mut waivers = store.waivers()?;
    waivers.retain(|waiver| waiver.case == id);
    let given: Vec<Waived> = waivers.iter().map(waived).collect();
    let mut session = Session::new(set, now, Wanted::All, None).telling();
    let mut file = CaseFile {
        record,
        case: case.clone(),
        obligations: Vec::new(),
        stories: Vec::new(),
        valid_until: None,
        waivers,
        members: store.members(id)?,
    };
    let parent = match case.part_of.as_deref().filter(|_| set.uses_parents) {
        Some(parent) => store.case(parent)?.and_then(|record| record.known_at(None)),
        None => None,
    };
    let parent = match parent {
        Some(parent) => session.subject(&batch_of(set, [parent])?, 0),
        None => None,
    };
    let Some(subject) = session.subject(&batch_of(set, [case])?, 0) else { return Ok(Some(file)) };
    let obligations = &mut file.obligations;
    let judged = session.judge(&subject, parent.as_ref(), &given, &mut |found| {
        let duty = found.duty;
        let done = match duty.outcome {
            Outcome::Met(at) => at,
            Outcome::Broken { at, .. } => Some(at),
            Outcome::Pending | Outcome::Unknown(_) => None,
        };
        let clock = Clock { from: duty.started.unwrap_or(duty.opened), due: duty.due.map(|due| due.at), done };
        obligations.push((found.obligation(), clock));
    });
    file.valid_until = judged.valid_until;
    file.stories = judged.stories;
    Ok(Some(file))
}
