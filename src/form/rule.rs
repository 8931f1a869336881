//! A rhai function that returns obligations, for what no other form can say.
//!
//! The function gets the case as a map (`id`, `kind`, `facts`, `events`) and returns a list of maps: `key` (names the instance), `due`,
//! `met_at` or `breached_at`, `role`, `text`. It never sees as-of: the engine derives the state.
//!
//! States: pending, `due_soon`, overdue, met, `met_late`, breached; undetermined, with the place in the script, when it fails.
//!
//! Example: `rule: {script: scripts/carry-over.rhai, function: judge}`
//!
//! # 中文
//! 由 rhai 函数返回义务，用于其他形式都无法表达的规则。
//!
//! 函数得到个案的映射（`id`、`kind`、`facts`、`events`），返回映射的列表：`key`（实例名）、`due`、`met_at` 或 `breached_at`、`role`、`text`。函数看不到
//! 判断时刻，状态由引擎推出。
//!
//! 状态：未到期、即将到期、逾期、按时完成、逾期完成、违反；脚本出错时为待定，并指出脚本中的位置。
//!
//! 示例：`rule: {script: scripts/carry-over.rhai, function: judge}`

use std::borrow::Cow;

use chrono::NaiveDate;
use rhai::{Dynamic, Map};

use super::{Ask, Duty, Form, FormReader, Instance, Judge, Outcome, Rule};
use crate::{
    diagnostic::did_you_mean,
    lang::Text,
    script::{Expr, Program, Trouble},
    time::{Due, Instant},
    yaml::{Fields, Key},
};

pub(super) const FORM: Form = Form { name: "rule", title: ("rule", "脚本规则"), keys: KEYS, source: include_str!("rule.rs"), read };

const KEYS: &[Key] = &[
    Key::required("script", "path", "a file below the policy's folder", "策略文件夹下的脚本"),
    Key::optional("function", "name", "the function (default `judge`)", "函数名（默认 `judge`）"),
];

#[derive(Debug)]
struct Scripted(Program);

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    let node = fields.get("script")?;
    let path = node.expect_text(reader.problems)?;
    let Some((_, file)) = reader.scripts.iter().find(|(name, _)| name == path) else {
        reader.problems.error_with_help(
            "DU0601",
            &node.place,
            Text::new(format!("there is no script `{path}` in the policy's folder"), format!("策略文件夹中没有脚本 `{path}`")),
            did_you_mean(path, reader.scripts.iter().map(|(name, _)| name.as_str())),
        );
        return None;
    };
    let function = fields.text("function", reader.problems).unwrap_or("judge");
    let place = fields.get("function").map_or(&node.place, |node| &node.place);
    Program::compile(reader.reader.engine, file, function, place, reader.problems).map(|program| Rule::Case(Box::new(Scripted(program))))
}

/// An instant that a script gave: an instant, or a date meaning its 24:00.
fn instant(ask: &Ask<'_>, value: Option<&Dynamic>) -> Option<Instant> {
    let value = value?;
    let date = value.clone().try_cast::<NaiveDate>().map(|date| ask.env.setup.zone().end_of(date));
    value.clone().try_cast::<Instant>().or(date)
}

impl Scripted {
    fn obligation<'a>(&'a self, ask: &mut Ask<'a>, map: &Map) {
        let Some(key) = map.get("key").map(ToString::to_string).filter(|key| !key.is_empty()) else {
            let trouble = Trouble::failed(&self.0.place(), "each obligation needs a `key`", "每项义务须有 `key`");
            let (position, at) = ask.start();
            ask.unknown(Instance::Word("script"), at, position, trouble);
            return;
        };
        let (position, start) = ask.start();
        let opened = instant(ask, map.get("opened")).unwrap_or(start);
        let mut duty = Duty::new(Instance::Text(key), opened, position);
        duty.due = instant(ask, map.get("due")).map(|at| Due { at, provisional: false });
        duty.actor = map.get("role").map(|role| Cow::Owned(role.to_string()));
        duty.act = map.get("text").map(|text| Text::same(text.to_string()).into());
        if let Some(at) = instant(ask, map.get("breached_at")) {
            duty.outcome = Outcome::Broken { at, settled: None };
        } else if let Some(at) = instant(ask, map.get("met_at")) {
            duty.outcome = Outcome::Met(Some(at));
        }
        ask.duties.push(duty);
    }
}

impl Judge for Scripted {
    fn judge<'a>(&'a self, ask: &mut Ask<'a>) {
        let (position, at) = ask.start();
        let env = ask.env_at(ask.env.view.last());
        if !ask.takes(&env, &Instance::Word("script"), at, position) {
            return;
        }
        match self.0.call(&env) {
            Ok(list) => list.iter().for_each(|map| self.obligation(ask, map)),
            Err(trouble) => ask.unknown(Instance::Word("script"), at, position, trouble),
        }
    }

    fn breaks(&self) -> bool {
        true
    }

    fn expressions(&self) -> Vec<&Expr> {
        Vec::new()
    }
}
