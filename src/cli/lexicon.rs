//! `duly ledger --vocabulary`: each fact and event, and the clauses that read or await it.

use super::{Failure, Screen, exit, listing};
use crate::{app::lexicon::Word, lang::Lang, report::Format};

const COLUMNS: &[&str] = &["kind", "word", "name", "label", "type", "ends", "read_by", "awaited_by"];

pub(super) fn print(words: &[Word], format: Format, markdown: bool, screen: &Screen) -> Result<u8, Failure> {
    let objects = || words.iter().map(|word| word.to_json(screen.lang));
    match format {
        Format::Jsonl => listing::jsonl(objects(), screen)?,
        Format::Csv => listing::csv(COLUMNS, objects(), screen)?,
        Format::Json => listing::json(&objects().collect(), screen)?,
        Format::Table => tables(words, markdown, screen)?,
    }
    let idle = |facts: bool| words.iter().filter(|word| word.fact.is_some() == facts && word.is_idle()).count();
    let (facts, events) = (idle(true), idle(false));
    screen.note(match screen.lang {
        Lang::En => format!("{} facts and events; no clause speaks of {facts} facts and {events} events", words.len()),
        Lang::Zh => format!("事实与事件共 {}；没有条款涉及的事实 {facts}，事件 {events}", words.len()),
    });
    Ok(exit::OK)
}

fn tables(words: &[Word], markdown: bool, screen: &Screen) -> Result<(), Failure> {
    for kind in words.chunk_by(|a, b| a.kind == b.kind) {
        let Some(first) = kind.first() else { continue };
        let head = match screen.lang {
            Lang::En => ["Name", "What it is", "Fact or event", "Read by", "Awaited by"],
            Lang::Zh => ["名称", "含义", "事实或事件", "读取的条款", "等待的条款"],
        };
        let rows: Vec<Vec<String>> = kind.iter().map(|word| row(word, screen)).collect();
        let table = listing::grid(&head, &rows, |_| false, markdown, screen);
        let heading = if markdown { "## " } else { "" };
        let label = first.kind_label.get(screen.lang);
        screen.say(format!("{heading}{} ({label})\n\n{table}\n", first.kind))?;
    }
    Ok(())
}

fn row(word: &Word, screen: &Screen) -> Vec<String> {
    let read = if word.is_idle() { screen.pick("nobody", "无").to_owned() } else { by_policy(&word.read_by) };
    let sort = match word.fact {
        Some(kind) => format!("{}{kind}", screen.pick("fact: ", "事实：")),
        None if word.ends => screen.pick("event, ends the case", "事件，结束个案").to_owned(),
        None => screen.pick("event", "事件").to_owned(),
    };
    vec![word.name.clone(), word.label.get(screen.lang).to_owned(), sort, read, by_policy(&word.awaited_by)]
}

/// Clauses, the policy named once.
fn by_policy(ids: &[String]) -> String {
    let split =
        |id: &String| id.split_once('/').map_or((String::new(), id.clone()), |(policy, article)| (policy.to_owned(), article.to_owned()));
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    for (policy, article) in ids.iter().map(split) {
        match parts.iter_mut().find(|(known, _)| *known == policy) {
            Some((_, articles)) => articles.push(article),
            None => parts.push((policy, vec![article])),
        }
    }
    parts.into_iter().map(|(policy, articles)| format!("{policy}: {}", articles.join(", "))).collect::<Vec<_>>().join("; ")
}
