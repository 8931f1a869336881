//! What a limit over many cases asks of each event beyond its bound: a report, and what follows where none comes.
//!
//! Whether an event is beyond shows only over many cases, and what became of it only in its own. So each event that counts brings along how it would
//! stand, and the period says of which it is asked.

use super::{Ask, FormReader, Outcome, Say, deadline::Fate, signs::Signs};
use crate::{
    lang::Text,
    policy::{lookup::Lookup, matcher::Matcher, template::Template},
    population::{Asked, Close, Conclusion, Member, Sequel},
    script::{Expr, Trouble},
    time::{Due, Instant},
    value::Type,
    view::Position,
    yaml::{Fields, Key, Node},
};

const KEYS: &[Key] = &[
    Key::required("expect", "matcher", "what settles it, in the case of the event", "完成它的事件（在同一个案中）"),
    Key::required("within", "span", "how long it may take", "时限"),
    Key::optional("anywhere", "true", "an answer earlier than the event counts", "事件之前的完成也算"),
    Key::optional("owner", "role", "whose move it is, if not the owner's of the clause", "责任角色（默认同条款）"),
    Key::optional("next", "{en, zh}", "what to do, if not what the clause says", "下一步（默认同条款）"),
    Key::optional("then", "{expect, within}", "asked once that is late", "逾期之后的要求"),
];

const THEN_KEYS: &[Key] = &[
    Key::required("expect", "matcher", "what settles it, after it fell due", "到期之后完成它的事件"),
    Key::required("within", "span", "how long it may take", "时限"),
    Key::optional("owner", "role", "whose move it is, if not the owner's of the clause", "责任角色（默认同条款）"),
    Key::optional("next", "{en, zh}", "what to do, if not what the clause says", "下一步（默认同条款）"),
];

/// What is asked of an event beyond the bound, one step after the other.
#[derive(Debug)]
pub(super) struct Excess {
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    /// The key: it tells instances apart.
    name: &'static str,
    expect: Matcher,
    within: Lookup,
    anywhere: bool,
    owner: Option<String>,
    next: Option<Template>,
}

/// Notes that nothing can be beyond.
pub(super) fn refuse(key: &Node, reader: &mut FormReader<'_, '_>) {
    reader.problems.error_with_help(
        "DU0105",
        &key.place,
        Text::new("`excess` is asked of events beyond `at_most`, over many cases", "`excess` 针对跨个案超出 `at_most` 的事件"),
        Text::new("give `per` and `at_most`", "请写明 `per` 与 `at_most`"),
    );
}

impl Excess {
    /// Reads it; `counted` are the types of the events that count.
    pub(super) fn read(node: &Node, counted: &[u16], reader: &mut FormReader<'_, '_>) -> Option<Self> {
        let fields = Fields::read(node, KEYS, reader.problems)?;
        let mut steps = vec![Step::read("excess", &fields, counted, reader)?];
        if let Some(then) = fields.get("then") {
            let fields = Fields::read(then, THEN_KEYS, reader.problems)?;
            // It begins when the first fell due, whatever happened then.
            steps.push(Step::read("then", &fields, &[], reader)?);
        }
        Some(Self { steps })
    }

    /// Tells members how they would stand if they were beyond.
    pub(super) fn follow<'m>(&self, ask: &Ask<'_>, members: impl Iterator<Item = (Position, &'m mut Member)>) {
        let mut steps: Vec<(&Step, Signs)> = Vec::new();
        for (position, member) in members {
            if steps.is_empty() {
                steps.extend(self.steps.iter().map(|step| (step, Signs::of(&step.expect, &ask.env))));
            }
            let (mut position, mut at) = (position, member.at);
            for (step, signs) in &steps {
                let sequel = step.sequel(ask, signs, position, at);
                let due = sequel.due;
                member.sequels.push(sequel);
                let Some(due) = due else { break };
                (position, at) = (ask.env.view.position_at(due), due);
            }
        }
    }

    /// What is asked of a member that is beyond.
    pub(super) fn conclude(&self, member: &Member, close: &Close<'_>) -> Option<Conclusion> {
        let steps = self.steps.iter().zip(&member.sequels);
        steps.rev().fold(None, |then, (step, sequel)| Some(step.conclude(member, sequel, then, close)))
    }

    pub(super) fn expressions(&self) -> Vec<&Expr> {
        self.steps.iter().flat_map(|step| step.within.expressions().into_iter().chain(step.expect.conditions())).collect()
    }
}

impl Step {
    fn read(name: &'static str, fields: &Fields<'_>, at_hand: &[u16], reader: &mut FormReader<'_, '_>) -> Option<Self> {
        let owner = match fields.get("owner") {
            Some(node) => {
                let role = node.expect_text(reader.problems)?;
                reader.check_role(role, node);
                Some(role.to_owned())
            }
            None => None,
        };
        let next = match fields.get("next") {
            Some(node) => Some(Template::read(node, &reader.reader, reader.problems)?),
            None => None,
        };
        Some(Self {
            name,
            expect: reader.need_matcher(fields, "expect")?,
            within: if at_hand.is_empty() {
                reader.lookup(fields, "within", Type::Span)?
            } else {
                reader.lookup_at(fields, "within", Type::Span, at_hand)?
            },
            anywhere: fields.flag("anywhere", reader.problems).unwrap_or(false),
            owner,
            next,
        })
    }

    /// How it stands where it is asked at a position.
    fn sequel(&self, ask: &Ask<'_>, signs: &Signs, position: Position, at: Instant) -> Sequel {
        let env = ask.env_at(position);
        let mut sequel = Sequel { opened: at, due: None, provisional: false, done: None, ended: ask.end(), answer: None, missing: None };
        let due = match self.within.span(&env) {
            Ok(span) => env.setup.clock().add(at, span, &[]),
            Err(trouble) => {
                sequel.missing = Some(names(&trouble));
                return sequel;
            }
        };
        (sequel.due, sequel.provisional) = (Some(due.at), due.provisional);
        let (answer, doubt) = signs.first(|sign| self.anywhere || sign > position);
        let done = |sign: Position| ask.instant_of(sign).max(at);
        let fate = |answer: Option<Position>| Fate::new(answer, None, |answer| done(answer) > due.at);
        // What cannot be told matters where it would stand otherwise, had that been an answer.
        let known = fate(answer);
        let doubt = doubt.filter(|doubt| fate(Some(answer.map_or(doubt.position, |sure| sure.min(doubt.position)))) != known);
        if let Some(doubt) = doubt {
            sequel.missing = Some(names(&doubt.trouble));
            sequel.answer = Some(ask.event_id(doubt.position));
        } else {
            sequel.done = answer.map(done);
            sequel.answer = answer.map(|answer| ask.event_id(answer));
        }
        sequel
    }

    fn conclude(&self, member: &Member, sequel: &Sequel, then: Option<Conclusion>, close: &Close<'_>) -> Conclusion {
        let name = member.name();
        let outcome = match (&sequel.missing, sequel.done) {
            (Some(names), _) => Trouble::Missing(names.iter().cloned().collect()).into(),
            (None, Some(done)) => Outcome::Met(Some(done)),
            (None, None) => Outcome::Pending,
        };
        let answer = sequel.answer.iter().map(|event| format!("{}/{event}", member.case)).filter(|answer| *answer != name);
        Conclusion {
            instance: format!("{name}:{}", self.name),
            opened: sequel.opened,
            due: sequel.due.map(|at| Due { at, provisional: sequel.provisional }),
            about: (outcome == Outcome::Pending).then(|| Say::Awaits(&self.expect.label).text(close.org)),
            outcome,
            evidence: [name.clone()].into_iter().chain(answer).collect(),
            asked: Some(Box::new(Asked {
                member: name,
                actor: self.owner.clone(),
                act: self.next.as_ref().map(|next| next.fill(&close.env)),
                ended: sequel.ended,
                then,
            })),
        }
    }
}

fn names(trouble: &Trouble) -> Vec<String> {
    match trouble {
        Trouble::Missing(names) => names.iter().cloned().collect(),
        Trouble::Failed { .. } => Vec::new(),
    }
}
