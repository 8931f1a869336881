//! `duly help FORM`: a form's documentation, from the same text that its source begins with.

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, exit};
use crate::{
    diagnostic::did_you_mean,
    form::{FORMS, Form},
    ingest::{CASE_KEYS, EVENT_KEYS, FIELD_KEYS, MAPPING_KEYS},
    lang::{Lang, Text},
    yaml::Key,
};

/// The page of the manual, which thus cannot say anything else.
const FORMATS: (&str, &str) = (include_str!("../../docs/formats.md"), include_str!("../../docs/formats.zh.md"));

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Explains a clause form, the keys of a policy, or the formats of what comes in and goes out",
        "说明一种条款形式、策略的键，或输入与输出的格式",
        "  duly help\n  duly help deadline\n  duly help clause --lang zh\n  duly help formats",
    )
    .arg(args::positional(
        "topic",
        "FORM",
        lang,
        "a form, `policy`, `clause`, `formats` or `mapping`; left out: the list",
        "条款形式、`policy`、`clause`、`formats` 或 `mapping`；省略则列出全部",
    ))
    .arg(args::only_format(lang, "text"))
}

/// A form's page: its documentation and its keys.
#[must_use]
pub fn page(form: &Form, lang: Lang) -> String {
    let (en, zh) = form.documentation();
    format!("{}: {}\n\n{}\n", form.name, lang.pick(form.title.0, form.title.1), keys(form.keys, lang, lang.pick(&en, &zh)))
}

fn keys(keys: &[Key], lang: Lang, intro: &str) -> String {
    let mut text = format!("{intro}\n\n{}\n", lang.pick("Keys (* required):", "键（* 为必需）："));
    for key in keys {
        let star = if key.required { "*" } else { " " };
        text.push_str(&format!("  {star} {:<16} {}\n      {}\n", key.name, key.shape, lang.pick(key.en, key.zh)));
    }
    text
}

/// The keys of a mapping, part by part.
fn mapping(lang: Lang) -> String {
    let parts = [
        (MAPPING_KEYS, lang.pick("A mapping file: how the rows of a log become cases.", "映射文件：日志的行如何成为个案。")),
        (CASE_KEYS, lang.pick("Of `case`:", "`case` 的键：")),
        (EVENT_KEYS, lang.pick("Of `event`:", "`event` 的键：")),
        (
            FIELD_KEYS,
            lang.pick(
                "A column is its name, or these keys (`type` for facts and data only):",
                "列为其名称，或以下各键（`type` 仅用于事实与数据）：",
            ),
        ),
    ];
    parts.map(|(list, intro)| keys(list, lang, intro)).join("\n")
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let lang = screen.lang;
    let Some(topic) = matches.get_one::<String>("topic") else {
        screen.say(lang.pick("The clause forms:", "条款形式："))?;
        for form in FORMS {
            let (en, zh) = form.documentation();
            let first = lang.pick(&en, &zh).lines().next().unwrap_or("").to_owned();
            screen.say(format!("  {:<12} {first}", form.name))?;
        }
        screen.say(lang.pick(
            "More: `duly help FORM`, `duly help policy`, `duly help clause`, `duly help formats`, `duly help mapping`",
            "详见：`duly help FORM`、`duly help policy`、`duly help clause`、`duly help formats`、`duly help mapping`",
        ))?;
        return Ok(exit::OK);
    };
    if let Some(form) = FORMS.iter().find(|form| form.name == topic) {
        screen.say(page(form, lang))?;
        return Ok(exit::OK);
    }
    match topic.as_str() {
        "policy" => screen.say(keys(crate::policy::POLICY_KEYS, lang, lang.pick("A policy file.", "策略文件。")))?,
        "clause" => screen.say(keys(
            crate::policy::CLAUSE_KEYS,
            lang,
            lang.pick("A clause: these keys and exactly one form.", "条款：以下各键，加上恰好一种形式。"),
        ))?,
        "formats" => screen.say(lang.pick(FORMATS.0, FORMATS.1).trim_end())?,
        "mapping" => screen.say(mapping(lang))?,
        _ => {
            let names: Vec<&str> = FORMS.iter().map(|form| form.name).chain(["policy", "clause", "formats", "mapping"]).collect();
            let text = Text::new(format!("there is no help on `{topic}`"), format!("没有关于 `{topic}` 的帮助"));
            let help = did_you_mean(topic, names.iter().copied()).unwrap_or_default();
            return Err(Failure::with_help(text, help));
        }
    }
    Ok(exit::OK)
}
