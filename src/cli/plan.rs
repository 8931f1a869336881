//! `duly explain --plan`: how each expression of a clause is run, and whether a glance at a case may be enough.

use clap::ArgMatches;
use serde_json::{Value, json};

use super::{Failure, Screen, exit, setting};
use crate::{
    form::Rule,
    lang::Lang,
    policy::{Clause, PolicySet},
    script::Expr,
};

/// All expressions that judging a clause may run.
fn expressions(clause: &Clause) -> Vec<&Expr> {
    let properties = &clause.properties;
    let mut list: Vec<&Expr> = properties.when.iter().chain(&properties.unless).collect();
    list.extend(match &clause.rule {
        Rule::Case(rule) => rule.expressions(),
        Rule::Population(rule) => rule.expressions(),
    });
    list.extend(properties.warn.iter().flat_map(crate::policy::lookup::Lookup::expressions));
    list.extend(properties.remedy.iter().flat_map(crate::policy::matcher::Matcher::conditions));
    list
}

/// Prints the plan of the clauses that a pattern matches.
pub(super) fn run(matches: &ArgMatches, pattern: &str, set: &PolicySet, screen: &Screen) -> Result<u8, Failure> {
    let only = setting::clauses(pattern, set)?;
    let clauses: Vec<&Clause> = set.clauses.iter().filter(|clause| only(clause)).collect();
    if matches.get_one::<String>("format").is_some_and(|format| format == "json") {
        let list: Vec<Value> = clauses.iter().map(|clause| as_json(clause, set)).collect();
        screen.say(serde_json::to_string_pretty(&list).map_err(std::io::Error::from)?)?;
        return Ok(exit::OK);
    }
    for clause in clauses {
        screen.say(text(clause, set, screen.lang))?;
    }
    Ok(exit::OK)
}

fn kind<'s>(clause: &Clause, set: &'s PolicySet) -> &'s str {
    set.kinds.get(clause.kind).map_or("", |kind| kind.name.as_str())
}

fn as_json(clause: &Clause, set: &PolicySet) -> Value {
    let expressions: Vec<Value> = expressions(clause)
        .into_iter()
        .map(|expr| json!({"text": expr.text, "place": expr.place.show(), "runs": if expr.is_lowered() { "native" } else { "rhai" }}))
        .collect();
    json!({
        "clause": clause.properties.id, "kind": kind(clause, set), "form": clause.form, "glance": clause.glances, "expressions": expressions,
    })
}

fn text(clause: &Clause, set: &PolicySet, lang: Lang) -> String {
    let (id, kind, form) = (&clause.properties.id, kind(clause, set), clause.form);
    let glance = match (clause.glances, lang) {
        (true, Lang::En) => "a glance may be enough",
        (true, Lang::Zh) => "可先作快速判断",
        (false, Lang::En) => "always looked at in full, since other clauses depend on it or prevail over it",
        (false, Lang::Zh) => "总是完整判断：其他条款依赖它或优先于它",
    };
    let mut text = match lang {
        Lang::En => format!("{id} ({form}, for {kind}): {glance}"),
        Lang::Zh => format!("{id}（{form}，用于 {kind}）：{glance}"),
    };
    let list = expressions(clause);
    if list.is_empty() {
        text.push_str(lang.pick("\n  no expressions", "\n  没有表达式"));
    }
    for expr in list {
        let way = if expr.is_lowered() { lang.pick("native", "本机代码") } else { "rhai" };
        text.push_str(&format!("\n  {way:<8} {}  ({})", expr.text, expr.place.show()));
    }
    text
}
