//! Steps by different people.
//!
//! Nobody may do two of the `steps` of one case; with `by: role`, no role may. Events that name nobody do not count.
//!
//! States: met once two different steps are done, breached at each later step done by somebody who already did another.
//!
//! Example: `separation: {steps: [purchased, accepted]}`
//!
//! # 中文
//! 不同步骤须由不同的人完成。
//!
//! 同一个案中，任何人不得完成 `steps` 中的两步；`by: role` 则指角色。未记录人员的事件不计。
//!
//! 状态：两步已由不同的人完成为达成；由做过另一步的人再做某步，则在该处违反。
//!
//! 示例：`separation: {steps: [purchased, accepted]}`

use smallvec::SmallVec;

use super::{Ask, Duty, Evidence, Form, FormReader, Glance, Instance, Judge, Outcome, Quick, Rule};
use crate::{
    atom::Word,
    lang::Text,
    policy::matcher::{Matcher, read_matcher},
    script::Expr,
    view::Position,
    yaml::{Fields, Key},
};

pub(super) const FORM: Form =
    Form { name: "separation", title: ("separation of duties", "职责分离"), keys: KEYS, source: include_str!("separation.rs"), read };

const KEYS: &[Key] = &[
    Key::required("steps", "list of matchers", "the steps, at least two", "各步骤，至少两个"),
    Key::optional("by", "person | role", "who must differ", "须不同的是人还是角色"),
];

#[derive(Debug)]
struct Separation {
    steps: Vec<Matcher>,
    by_role: bool,
}

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    let steps = fields.get("steps")?;
    let list: Option<Vec<Matcher>> =
        steps.items().iter().map(|item| read_matcher(item, &reader.reader, reader.parents, reader.problems)).collect();
    let list = list?;
    if list.len() < 2 {
        reader.problems.error("DU0105", &steps.place, "at least two steps are needed", "至少需要两个步骤");
        return None;
    }
    let by_role = fields.word("by", &[("person", false), ("role", true)], reader.problems).unwrap_or(false);
    Some(Rule::Case(Box::new(Separation { steps: list, by_role })))
}

impl Judge for Separation {
    fn glance(&self, look: &Glance<'_>) -> Quick {
        if !look.is_unconditional() || self.by_role {
            return Quick::Full;
        }
        let view = look.env.view;
        let mut last = None;
        let mut steps = 0;
        for (step, matcher) in self.steps.iter().enumerate() {
            let Some(kind) = matcher.plain() else { return Quick::Full };
            let mut done = false;
            for position in view.all_of(kind) {
                let Some(by) = view.by_word(position).filter(|by| !view.is_empty_word(*by)) else { continue };
                let earlier = self.steps.iter().take(step).filter_map(Matcher::plain).flat_map(|kind| view.all_of(kind));
                if earlier.filter_map(|other| view.by_word(other)).any(|other| view.is_same(other, by)) {
                    return Quick::Full;
                }
                done = true;
                last = last.max(Some(position));
            }
            steps += usize::from(done);
        }
        match last.and_then(|last| view.at(last)).filter(|_| steps >= 2) {
            Some(at) => Quick::Met(at),
            None => Quick::Nothing,
        }
    }

    fn judge<'a>(&'a self, ask: &mut Ask<'a>) {
        let view = ask.env.view;
        let who = |position: Position| {
            let word = if self.by_role { view.role_word(position) } else { view.by_word(position) };
            word.filter(|word| !view.is_empty_word(*word))
        };
        let mut done: SmallVec<[(Position, usize, Word); 8]> = SmallVec::new();
        for (step, matcher) in self.steps.iter().enumerate() {
            done.extend(matcher.certain(&ask.env).filter_map(|position| Some((position, step, who(position)?))));
        }
        done.sort_unstable_by_key(|(position, step, _)| (*position, *step));
        let mut clashed = false;
        let mut asked = None;
        for (index, (position, step, word)) in done.iter().enumerate() {
            let earlier = done.iter().take(index).find(|(_, other, person)| other != step && view.is_same(*person, *word));
            let Some((first, other, _)) = earlier else { continue };
            // An event that is several of the steps is one breach.
            if asked.replace(*position) == Some(*position) {
                continue;
            }
            let (instance, at) = (Instance::Event(*position), ask.instant_of(*position));
            let env = ask.env_at(*position);
            if !ask.takes(&env, &instance, at, *position) {
                continue;
            }
            clashed = true;
            let mut duty = Duty::new(instance, at, *position);
            duty.evidence = Evidence::from_slice(&[*first, *position]);
            duty.outcome = Outcome::Broken { at, settled: None };
            let label = |step: usize| self.steps.get(step).map_or_else(Text::default, |matcher| matcher.label.clone());
            let (a, b, who) = (label(*other), label(*step), view.text_of(*word));
            duty.about = Some(Text::new(format!("{who} did both: {}, {}", a.en, b.en), format!("{who} 既“{}”又“{}”", a.zh, b.zh)).into());
            ask.duties.push(duty);
        }
        let steps_done = (0..self.steps.len()).filter(|step| done.iter().any(|(_, other, _)| other == step)).count();
        if let (false, true, Some((position, ..))) = (clashed, steps_done >= 2, done.last()) {
            let at = ask.instant_of(*position);
            let env = ask.env_at(*position);
            if ask.takes(&env, &Instance::Word("steps"), at, *position) {
                let mut duty = Duty::new(Instance::Word("steps"), at, *position);
                duty.evidence = done.iter().map(|(position, ..)| *position).collect();
                duty.outcome = Outcome::Met(Some(at));
                ask.duties.push(duty);
            }
        }
    }

    fn expressions(&self) -> Vec<&Expr> {
        self.steps.iter().flat_map(Matcher::conditions).collect()
    }
}
