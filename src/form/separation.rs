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

use super::{Ask, Duty, Evidence, Form, FormReader, Glance, Instance, Judge, Outcome, Outlook, Prospect, Quick, Rule};
use crate::{
    atom::Word,
    lang::Text,
    policy::{alternatives::read_matcher, matcher::Matcher},
    script::{Expr, Trouble},
    view::{Position, lanes},
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

/// An event that is a step, or may be.
struct Act {
    position: Position,
    step: usize,
    who: Word,
    doubt: Option<Trouble>,
}

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    let steps = fields.get("steps")?;
    let list: Option<Vec<Matcher>> =
        steps.items().iter().map(|item| read_matcher(item, &reader.reader, reader.kinds, reader.problems)).collect();
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
                let Some(by) = view.by_word(position).filter(|by| !view.words().is_empty(*by)) else { continue };
                let earlier = self.steps.iter().take(step).filter_map(Matcher::plain).flat_map(|kind| view.all_of(kind));
                if earlier.filter_map(|other| view.by_word(other)).any(|other| view.words().is_same(other, by)) {
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

    fn survey(&self, prospect: &Prospect<'_>, outlook: &mut Outlook) {
        let kinds: SmallVec<[Option<u16>; 4]> = self.steps.iter().map(Matcher::plain).collect();
        if self.by_role || !prospect.is_unconditional() || kinds.contains(&None) {
            return;
        }
        let (survey, words) = (prospect.survey, prospect.survey.words());
        // Nobody can have taken two steps where there are not two.
        let (_, two) = kinds.iter().flatten().fold((0, 0), |(one, two), kind| (one | survey.has(*kind), two | one & survey.has(*kind)));
        outlook.nothing = survey.rows() & !two;
        'lanes: for lane in lanes(survey.rows() & two) {
            let (mut last, mut steps) = (None, 0);
            for (step, kind) in kinds.iter().flatten().enumerate() {
                let mut done = false;
                for position in survey.all(*kind, lane) {
                    let Some(by) = survey.by(lane, position).filter(|by| !words.is_empty(*by)) else { continue };
                    let mut earlier = kinds.iter().take(step).flatten().flat_map(|kind| survey.all(*kind, lane));
                    if earlier.any(|other| survey.by(lane, other).is_some_and(|other| words.is_same(other, by))) {
                        continue 'lanes;
                    }
                    done = true;
                    last = last.max(Some(position));
                }
                steps += usize::from(done);
            }
            match last.and_then(|last| survey.at(lane, last)).filter(|_| steps >= 2) {
                Some(at) => outlook.is_met(lane, at),
                None => outlook.nothing |= 1 << lane,
            }
        }
    }

    fn judge<'a>(&'a self, ask: &mut Ask<'a>) {
        let view = ask.env.view;
        let who = |position: Position| {
            let word = if self.by_role { view.role_word(position) } else { view.by_word(position) };
            word.filter(|word| !view.words().is_empty(*word))
        };
        let mut acts: SmallVec<[Act; 8]> = SmallVec::new();
        for (step, matcher) in self.steps.iter().enumerate() {
            for found in matcher.positions(&ask.env) {
                let (position, doubt) = match found {
                    Ok(position) => (position, None),
                    Err(doubt) => (doubt.position, Some(doubt.trouble)),
                };
                acts.extend(who(position).map(|who| Act { position, step, who, doubt }));
            }
        }
        acts.sort_unstable_by_key(|act| (act.position, act.step));
        for event in acts.chunk_by(|a, b| a.position == b.position) {
            let clash = |is_sure: bool| {
                event.iter().find_map(|act| {
                    let earlier = acts.iter().take_while(|other| (other.position, other.step) < (act.position, act.step));
                    let mut same = earlier.filter(|other| other.step != act.step && view.words().is_same(other.who, act.who));
                    same.find(|other| !is_sure || (other.doubt.is_none() && act.doubt.is_none())).map(|other| (other, act))
                })
            };
            let Some((first, act)) = clash(true).or_else(|| clash(false)) else { continue };
            let (instance, at) = (Instance::Event(act.position), ask.instant_of(act.position));
            let env = ask.env_at(act.position);
            if !ask.takes(&env, &instance, at, act.position) {
                continue;
            }
            let mut duty = Duty::new(instance, at, act.position);
            duty.evidence = Evidence::from_slice(&[first.position, act.position]);
            if let Some(trouble) = act.doubt.as_ref().or(first.doubt.as_ref()) {
                duty.outcome = trouble.clone().into();
            } else {
                duty.outcome = Outcome::Broken { at, settled: None };
                let label = |act: &Act| self.steps.get(act.step).map_or_else(Text::default, |matcher| matcher.label.clone());
                let (a, b, who) = (label(first), label(act), view.words().text_of(act.who));
                duty.about =
                    Some(Text::new(format!("{who} did both: {}, {}", a.en, b.en), format!("{who} 既“{}”又“{}”", a.zh, b.zh)).into());
            }
            ask.duties.push(duty);
        }
        acts.retain(|act| act.doubt.is_none());
        let steps_done = (0..self.steps.len()).filter(|step| acts.iter().any(|act| act.step == *step)).count();
        if let (true, true, Some(last)) = (ask.duties.is_empty(), steps_done >= 2, acts.last()) {
            let (position, at) = (last.position, ask.instant_of(last.position));
            let env = ask.env_at(position);
            if ask.takes(&env, &Instance::Word("steps"), at, position) {
                let mut duty = Duty::new(Instance::Word("steps"), at, position);
                duty.evidence = acts.iter().map(|act| act.position).collect();
                duty.outcome = Outcome::Met(Some(at));
                ask.duties.push(duty);
            }
        }
    }

    fn breaks(&self) -> bool {
        true
    }

    fn expressions(&self) -> Vec<&Expr> {
        self.steps.iter().flat_map(Matcher::conditions).collect()
    }
}
