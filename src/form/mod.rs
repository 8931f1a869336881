//! The clause forms: one file each, one line in the registry.
//!
//! A form turns a case into [`Duty`] values: what is asked, and what became of it. It knows nothing of as-of beyond what the
//! view shows; the engine alone derives states.

mod aggregate;
mod approval;
mod chain;
mod deadline;
mod excess;
mod forbid;
mod grid;
mod limit;
mod order;
mod quick;
mod record;
mod recurrence;
mod retention;
mod rule;
mod say;
mod separation;
mod signs;
mod survey;
mod target;
mod threshold;

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use smallvec::SmallVec;

use crate::{
    diagnostic::{Problems, SourceFile},
    lang::Text,
    policy::{
        alternatives::{Kinds, read_matcher},
        clause::Properties,
        lookup::{Lookup, Reader, read_lookup},
        matcher::{Doubt, Matcher},
        org::Org,
    },
    population::Population,
    script::{Env, Expr, Trouble},
    time::{Due, Instant, Pause},
    value::Type,
    view::{BEFORE_ALL, CaseView, Position},
    yaml::{Fields, Key, Node},
};

pub use quick::{Glance, Quick};
pub use say::Say;
pub use survey::{Outlook, Prospect};

/// A form: its name, its keys, its documentation, and how it is read.
pub struct Form {
    /// The key in a clause.
    pub name: &'static str,
    /// What a person sees.
    pub title: (&'static str, &'static str),
    /// The keys of its map.
    pub keys: &'static [Key],
    /// The documentation: the module's own, English first, then Chinese.
    source: &'static str,
    read: fn(&Fields<'_>, &mut FormReader<'_, '_>) -> Option<Rule>,
}

/// The registry.
pub const FORMS: &[Form] = &[
    deadline::FORM,
    approval::FORM,
    threshold::FORM,
    recurrence::FORM,
    order::FORM,
    record::FORM,
    retention::FORM,
    limit::FORM,
    target::FORM,
    separation::FORM,
    forbid::FORM,
    rule::FORM,
];

impl Form {
    /// The documentation in English and Chinese: the module's doc comment, split at its `# 中文` heading.
    #[must_use]
    pub fn documentation(&self) -> (String, String) {
        let lines = self.source.lines().take_while(|line| line.starts_with("//!"));
        let text = lines.map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or("")).collect::<Vec<_>>().join("\n");
        match text.split_once("# 中文") {
            Some((en, zh)) => (en.trim().to_owned(), zh.trim().to_owned()),
            None => (text.trim().to_owned(), text.trim().to_owned()),
        }
    }

    /// Reads a clause's form.
    pub fn compile(&self, node: &Node, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
        let fields = Fields::read(node, self.keys, reader.problems)?;
        (self.read)(&fields, reader)
    }
}

/// A compiled form.
#[derive(Debug)]
pub enum Rule {
    /// Judged case by case.
    Case(Box<dyn Judge>),
    /// Judged over many cases.
    Population(Box<dyn Population>),
}

/// A form that judges one case.
pub trait Judge: std::fmt::Debug + Send + Sync {
    /// Adds the duties of the case.
    fn judge<'a>(&'a self, ask: &mut Ask<'a>);

    /// How the only obligation stands, where that can be seen at a glance.
    fn glance(&self, _look: &Glance<'_>) -> Quick {
        Quick::Full
    }

    /// The same for many cases at once, as far as it can be seen.
    fn survey(&self, _prospect: &Prospect<'_>, _outlook: &mut Outlook) {}

    /// Whether what it asks can be breached by anything but the end of its case: only then is there something to remedy.
    fn breaks(&self) -> bool;

    /// The clause whose violations open obligations here.
    fn hangs_on(&self) -> Option<&str> {
        None
    }

    /// Event types of which the case must have one for there to be any duty; empty when there is no such condition.
    fn needs(&self) -> Vec<u16> {
        Vec::new()
    }

    /// Its expressions, for telling how each is run.
    fn expressions(&self) -> Vec<&Expr>;
}

/// What became of a duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Not done yet.
    Pending,
    /// Done, at an instant when that is known.
    Met(Option<Instant>),
    /// Done wrongly, or no longer to be done.
    Broken {
        /// Since when.
        at: Instant,
        /// Mended by itself at this instant: the forbidden state ended, a new round opened.
        settled: Option<Instant>,
    },
    /// Cannot be told.
    Unknown(Box<Trouble>),
}

impl From<Trouble> for Outcome {
    fn from(trouble: Trouble) -> Self {
        Self::Unknown(Box::new(trouble))
    }
}

/// What tells a duty from others of its clause in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instance<'a> {
    /// The event at a position: its id.
    Event(Position),
    /// A word of the form.
    Word(&'static str),
    /// Another duty's.
    Of(&'a str),
    /// A text: the start of a period, a part.
    Text(String),
}

impl Instance<'_> {
    /// In words.
    #[must_use]
    pub fn name(&self, view: &CaseView) -> Cow<'_, str> {
        match self {
            Self::Event(position) => Cow::Owned(view.event_id(*position).unwrap_or_default()),
            Self::Word(word) => Cow::Borrowed(word),
            Self::Of(text) => Cow::Borrowed(text),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }
}

/// Positions of events that matter.
pub type Evidence = SmallVec<[Position; 4]>;

/// What one clause asks of one case, once.
#[derive(Clone, Debug)]
pub struct Duty<'a> {
    /// The trigger's event id, the start of the period, or the approval round.
    pub instance: Instance<'a>,
    /// The trigger's instant: it chooses the version of the policy.
    pub opened: Instant,
    /// Where facts are read for texts about it.
    pub position: Position,
    /// The event at hand for texts about it.
    pub event: Option<Position>,
    /// When it must be done.
    pub due: Option<Due>,
    /// When its time began to run, where that is not when it opened.
    pub started: Option<Instant>,
    /// How long its clock stood still, in milliseconds.
    pub stood: i64,
    /// What became of it.
    pub outcome: Outcome,
    /// The events that matter.
    pub evidence: Evidence,
    /// Whose move it is, when it is not the owner's.
    pub actor: Option<Cow<'a, str>>,
    /// What to do, when the clause does not say.
    pub act: Option<Say<'a>>,
    /// What to do whatever the clause says, since things took another turn.
    pub instead: Option<Say<'a>>,
    /// What is wrong or awaited, for the message.
    pub about: Option<Say<'a>>,
    /// Names of what is missing in a record.
    pub missing: BTreeSet<String>,
}

impl Duty<'_> {
    /// A duty that waits.
    #[must_use]
    pub fn new(instance: Instance<'_>, opened: Instant, position: Position) -> Duty<'_> {
        Duty {
            instance,
            opened,
            position,
            event: (position > BEFORE_ALL).then_some(position),
            due: None,
            started: None,
            stood: 0,
            outcome: Outcome::Pending,
            evidence: if position > BEFORE_ALL { Evidence::from_slice(&[position]) } else { Evidence::new() },
            actor: None,
            act: None,
            instead: None,
            about: None,
            missing: BTreeSet::new(),
        }
    }
}

/// Whether a clause applies.
pub enum Applies<'a> {
    /// It does.
    Yes,
    /// It does not: the condition that says so, and what it should have been.
    No(&'a Expr, bool),
    /// It cannot be told.
    Unknown(Trouble),
}

/// One clause held against one case.
pub struct Ask<'a> {
    /// The case as of now: all visible events, no event at hand.
    pub env: Env<'a>,
    /// The clause's properties.
    pub clause: &'a Properties,
    /// Who holds which role.
    pub org: &'a Org,
    /// From when the policy holds: the start of what has no trigger of its own.
    pub effective: Instant,
    /// From when until when this version judges what happens.
    pub window: (Instant, Option<Instant>),
    /// Violations of the clause that this one hangs on.
    pub violations: &'a [(String, Instant)],
    /// The duties found.
    pub duties: SmallVec<[Duty<'a>; 1]>,
    /// Told when asked for: why things are so.
    pub story: Option<Vec<Text>>,
    /// Told with the story: when clocks stood still.
    pub still: Vec<Pause>,
    /// The next instant at which something changes by itself, beyond due instants.
    pub wake: Option<Instant>,
}

impl<'a> Ask<'a> {
    /// Adds a line to the story, when one is asked for.
    pub fn tell(&mut self, line: impl FnOnce() -> Text) {
        if let Some(story) = &mut self.story {
            story.push(line());
        }
    }

    /// Says that the verdict may change at an instant.
    pub fn wake_at(&mut self, at: Instant) {
        if at > self.env.view.as_of {
            self.wake = Some(self.wake.map_or(at, |known| known.min(at)));
        }
    }

    /// Whether this version judges what happens at an instant.
    #[must_use]
    pub fn is_in_force(&self, at: Instant) -> bool {
        self.window.0 <= at && self.window.1.is_none_or(|until| at < until)
    }

    /// Where values are read for a trigger: facts as they were then, or the latest ones.
    #[must_use]
    pub fn env_at(&self, position: Position) -> Env<'a> {
        let env = self.env.at_event(position);
        if self.clause.latest_facts { env.with_facts_of(self.env.view.last()) } else { env }
    }

    /// The same just before an event: facts as they were when it came, or the latest ones.
    #[must_use]
    pub fn env_before(&self, position: Position) -> Env<'a> {
        let env = self.env_at(position);
        if self.clause.latest_facts { env } else { env.with_facts_of(position - 1) }
    }

    /// Whether the clause applies, read in a place.
    #[must_use]
    pub fn applies(&self, env: &Env<'_>) -> Applies<'a> {
        for (condition, wanted) in [(&self.clause.when, true), (&self.clause.unless, false)] {
            let Some(condition) = condition else { continue };
            match condition.holds(env) {
                Ok(holds) if holds == wanted => {}
                Ok(_) => return Applies::No(condition, wanted),
                Err(trouble) => return Applies::Unknown(trouble),
            }
        }
        Applies::Yes
    }

    /// Whether it applies at a trigger; otherwise tells the story, or leaves an undetermined duty.
    pub fn takes(&mut self, env: &Env<'_>, instance: &Instance<'a>, opened: Instant, position: Position) -> bool {
        match self.applies(env) {
            Applies::Yes => true,
            Applies::No(condition, wanted) => {
                let at = if self.story.is_some() { opened.show(self.env.setup.zone()) } else { String::new() };
                self.tell(|| {
                    let (en, zh) = if wanted { ("is not so", "不成立") } else { ("is so", "成立") };
                    let text = &condition.text;
                    Text::new(
                        format!("does not apply to what happened {at}: `{text}` {en}"),
                        format!("不适用于 {at} 发生之事：`{text}` {zh}"),
                    )
                });
                false
            }
            Applies::Unknown(trouble) => {
                self.unknown(instance.clone(), opened, position, trouble);
                false
            }
        }
    }

    /// Leaves an undetermined duty.
    pub fn unknown(&mut self, instance: Instance<'a>, opened: Instant, position: Position, trouble: Trouble) {
        let mut duty = Duty::new(instance, opened, position);
        duty.outcome = trouble.into();
        self.duties.push(duty);
    }

    /// Leaves an undetermined duty for an event of which it cannot be told whether it is meant; none where the clause does not apply to it anyway.
    pub fn doubted(&mut self, env: &Env<'_>, doubt: Doubt) {
        let Doubt { position, trouble } = doubt;
        let (instance, at) = (Instance::Event(position), self.instant_of(position));
        if self.takes(env, &instance, at, position) {
            self.unknown(instance, at, position, trouble);
        }
    }

    /// The position of an event that is surely meant; otherwise leaves an undetermined duty.
    pub fn sure(&mut self, found: Result<Position, Box<Doubt>>) -> Option<Position> {
        found.map_err(|doubt| self.doubted(&self.env_at(doubt.position), *doubt)).ok()
    }

    /// The id of the event at a position.
    #[must_use]
    pub fn event_id(&self, position: Position) -> String {
        self.env.view.event_id(position).unwrap_or_default()
    }

    /// The instant of a position; the start of the case or of the policy before all events.
    #[must_use]
    pub fn instant_of(&self, position: Position) -> Instant {
        self.env.view.at(position).unwrap_or_else(|| self.start().1)
    }

    /// Where a case without a trigger begins: its first event, or the policy's effective date.
    #[must_use]
    pub fn start(&self) -> (Position, Instant) {
        self.env.view.opened().unwrap_or((BEFORE_ALL, self.effective))
    }

    /// When the case ended, unless the clause survives it.
    #[must_use]
    pub fn end(&self) -> Option<Instant> {
        self.env.view.end.filter(|_| !self.clause.survives).map(|(_, at)| at)
    }

    /// Where what is so as things are began to be so: back over the events for as long as it was, no farther than the case itself.
    #[must_use]
    pub fn run(&self, was_so: impl Fn(Position) -> bool) -> Position {
        let (start, _) = self.start();
        let mut since = self.env.view.last();
        while since > start && was_so(since - 1) {
            since -= 1;
        }
        since
    }

    /// An instant for people.
    #[must_use]
    pub fn show(&self, at: Instant) -> String {
        at.show(self.env.setup.zone())
    }
}

/// What reading a form needs.
pub struct FormReader<'r, 'p> {
    /// For values; no event at hand.
    pub reader: Reader<'r>,
    /// The kinds whose events may be meant.
    pub kinds: Kinds<'r>,
    /// Scripts of the policy, by path below its folder.
    pub scripts: &'r [(String, Arc<SourceFile>)],
    /// Ids of declared roles.
    pub roles: &'r [String],
    /// The policy's id, to complete clause ids.
    pub policy: &'r str,
    /// What is wrong.
    pub problems: &'p mut Problems,
}

impl FormReader<'_, '_> {
    /// A matcher under a key.
    pub fn matcher(&mut self, fields: &Fields<'_>, name: &str) -> Option<Matcher> {
        read_matcher(fields.get(name)?, &self.reader, self.kinds, self.problems)
    }

    /// A matcher under a key that must be there.
    pub fn need_matcher(&mut self, fields: &Fields<'_>, name: &str) -> Option<Matcher> {
        self.matcher(fields, name)
    }

    /// A value of a type under a key, no event at hand.
    pub fn lookup(&mut self, fields: &Fields<'_>, name: &str, wanted: Type) -> Option<Lookup> {
        read_lookup(fields.get(name)?, wanted, &self.reader, self.problems)
    }

    /// A value of a type under a key, with events of these types at hand.
    pub fn lookup_at(&mut self, fields: &Fields<'_>, name: &str, wanted: Type, events: &[u16]) -> Option<Lookup> {
        let context = crate::script::Context { event: Some(events), ..self.reader.context };
        read_lookup(fields.get(name)?, wanted, &Reader { context, ..self.reader }, self.problems)
    }

    /// An expression under a key, written with or without `=`.
    pub fn expression(&mut self, node: &Node, wanted: Type, events: Option<&[u16]>) -> Option<Expr> {
        let text = node.expect_text(self.problems)?.trim().trim_start_matches('=').trim();
        let context = crate::script::Context { event: events, ..self.reader.context };
        Expr::compile(self.reader.engine, text, &node.place, &context, wanted, self.problems)
    }

    /// Notes roles that are not declared.
    pub fn check_role(&mut self, role: &str, node: &Node) {
        if !self.roles.iter().any(|known| known == role) {
            self.problems.error_with_help(
                "DU0402",
                &node.place,
                Text::new(format!("unknown role `{role}`"), format!("未知的角色 `{role}`")),
                crate::diagnostic::did_you_mean(role, self.roles.iter().map(String::as_str)),
            );
        }
    }

    /// A clause id in full: `policy/article`.
    #[must_use]
    pub fn clause_id(&self, id: &str) -> String {
        if id.contains('/') { id.to_owned() } else { format!("{}/{id}", self.policy) }
    }
}
