//! Reading the files of lives.

use std::sync::Arc;

use super::{
    Begins, Book, Doing, Field, Head, Life, Mishap, Pace, Recorded, Step, Value, Which,
    pace::{Again, Period, Wait},
};
use crate::{
    diagnostic::{Problems, SourceFile},
    yaml::{self, Kind, Node},
};

type Read<T> = Result<T, String>;

/// The lives of some files, or the first mistake with its place.
pub(super) fn book(files: &[(&str, &str)]) -> Read<Book> {
    let mut book = Book::default();
    for (path, text) in files {
        let file = Arc::new(SourceFile { path: (*path).to_owned(), text: (*text).to_owned() });
        let mut problems = Problems::default();
        let Some(root) = yaml::parse(&file, &mut problems) else {
            return Err(problems
                .into_sorted()
                .first()
                .map_or_else(|| (*path).to_owned(), |problem| format!("{path}:1: {}", problem.message.en)));
        };
        for (key, value) in map(&root)? {
            match word(key)? {
                "people" => book
                    .people
                    .extend(map(value)?.iter().map(|(role, names)| Ok((word(role)?.to_owned(), words(names)?))).collect::<Read<Vec<_>>>()?),
                "recorded" => {
                    book.recorded.extend(map(value)?.iter().map(|(kind, entry)| recorded(kind, entry)).collect::<Read<Vec<_>>>()?);
                }
                "more" => book.more.extend(list(value)?.iter().map(life).collect::<Read<Vec<_>>>()?),
                "lives" => book.lives.extend(list(value)?.iter().map(life).collect::<Read<Vec<_>>>()?),
                _ => return wrong(key),
            }
        }
    }
    Ok(book)
}

fn wrong<T>(node: &Node) -> Read<T> {
    let said = node.text().unwrap_or_else(|| node.describe().0);
    Err(format!("{}: not understood: {said}", node.place.show()))
}

fn map(node: &Node) -> Read<&[(Node, Node)]> {
    match &node.kind {
        Kind::Map(entries) => Ok(entries),
        Kind::Null => Ok(&[]),
        _ => wrong(node),
    }
}

fn list(node: &Node) -> Read<&[Node]> {
    match &node.kind {
        Kind::List(items) => Ok(items),
        _ => wrong(node),
    }
}

fn word(node: &Node) -> Read<&str> {
    node.text().map_or_else(|| wrong(node), Ok)
}

fn words(node: &Node) -> Read<Vec<String>> {
    list(node)?.iter().map(|item| word(item).map(str::to_owned)).collect()
}

fn recorded(kind: &Node, entry: &Node) -> Read<Recorded> {
    let mut found = Recorded { kind: word(kind)?.to_owned(), ..Recorded::default() };
    for (key, value) in map(entry)? {
        match word(key)? {
            "facts" => found.facts = words(value)?,
            "events" => found.events = words(value)?,
            _ => return wrong(key),
        }
    }
    Ok(found)
}

fn life(node: &Node) -> Read<Life> {
    let mut life = Life {
        kind: String::new(),
        prefix: String::new(),
        weight: 0,
        begins: Begins::Office,
        part_of: None,
        facts: Vec::new(),
        steps: Vec::new(),
        mishaps: Vec::new(),
    };
    for (key, value) in map(node)? {
        match word(key)? {
            "kind" => word(value)?.clone_into(&mut life.kind),
            "id" => word(value)?.clone_into(&mut life.prefix),
            "weight" => life.weight = word(value)?.parse().or_else(|_| wrong(value))?,
            "begins" => life.begins = begins(word(value)?).map_or_else(|| wrong(value), Ok)?,
            "part_of" => life.part_of = Some(word(value)?.to_owned()),
            "facts" => life.facts = fields(value)?,
            "steps" => life.steps = list(value)?.iter().map(step).collect::<Read<_>>()?,
            "mishaps" => life.mishaps = list(value)?.iter().map(mishap).collect::<Read<_>>()?,
            _ => return wrong(key),
        }
    }
    Ok(life)
}

/// `any`, or `-40..-10d`: so many days before the sample's first day.
fn begins(text: &str) -> Option<Begins> {
    if text == "any" {
        return Some(Begins::Any);
    }
    let (first, last) = text.strip_suffix('d')?.split_once("..")?;
    Some(Begins::Before(first.parse().ok()?, last.parse().ok()?))
}

fn fields(node: &Node) -> Read<Vec<Field>> {
    map(node)?
        .iter()
        .map(|(key, value)| {
            let mut text = word(key)?.split_whitespace();
            let mut head = Head::named(text.next().unwrap_or_default());
            while let Some(next) = text.next() {
                match next {
                    "if" => head.take_condition(text.next().unwrap_or_default()),
                    _ if head.take_chance(next) => {}
                    _ => return wrong(key),
                }
            }
            Ok(Field { head, value: Value::read(value).map_or_else(|| wrong(value), Ok)? })
        })
        .collect()
}

/// A step: its line alone, or its line with data, or a line that begins with its pace and steps that belong together.
fn step(node: &Node) -> Read<Step> {
    if node.text().is_some() {
        return line(node, None);
    }
    match map(node)? {
        [(key, value)] => line(key, Some(value)),
        _ => wrong(node),
    }
}

fn line(key: &Node, value: Option<&Node>) -> Read<Step> {
    let mut text = word(key)?.split_whitespace();
    let together = value.is_some_and(|value| matches!(value.kind, Kind::List(_)));
    let mut head = if together { Head::default() } else { Head::named(text.next().unwrap_or_default()) };
    let mut pace = Pace::default();
    let mut role = None;
    while let Some(next) = text.next() {
        let mut rest = || text.next().unwrap_or_default();
        match next {
            "by" => role = Some(rest().to_owned()),
            "from" => pace.from = Some(rest().to_owned()),
            "until" => pace.until = Some(rest().to_owned()),
            "aside" => pace.aside = true,
            "if" => head.take_condition(rest()),
            "after" | "at" => pace.wait = Some(Wait::read(rest()).map_or_else(|| wrong(key), Ok)?),
            "every" => pace.again = Some(Again::Every(Wait::read(rest()).map_or_else(|| wrong(key), Ok)?)),
            "each" => pace.again = Some(Again::Each(Period::read(rest()).map_or_else(|| wrong(key), Ok)?)),
            _ if head.take_chance(next) => {}
            _ => return wrong(key),
        }
    }
    let doing = match value {
        Some(value) if together => Doing::Steps(list(value)?.iter().map(step).collect::<Read<_>>()?),
        Some(value) => Doing::Event { role, data: fields(value)? },
        None => Doing::Event { role, data: Vec::new() },
    };
    Ok(Step { head, pace, doing })
}

fn mishap(node: &Node) -> Read<Mishap> {
    let text =
        node.text().map_or_else(|| map(node).map(|entries| entries.first().and_then(|(key, _)| key.text()).unwrap_or_default()), Ok)?;
    let parts: Vec<&str> = text.split_whitespace().collect();
    let value = |words: &[&str]| Value::of_text(&words.join(" ")).map_or_else(|| wrong(node), Ok);
    Ok(match parts.as_slice() {
        ["miss", event] => Mishap::Miss(which(event)),
        ["late", event, by] => {
            let (low, high) = Wait::read(by).map_or_else(|| wrong(node), Ok)?.work();
            Mishap::Late(which(event), low, high)
        }
        ["role", event, role] => Mishap::Role(which(event), (*role).to_owned()),
        ["blank", event, field] => Mishap::Blank(which(event), (*field).to_owned()),
        ["set", event, field, words @ ..] if !words.is_empty() => Mishap::Set(which(event), (*field).to_owned(), value(words)?),
        ["first", event, other] => Mishap::First(which(event), (*other).to_owned()),
        ["unknown", fact] => Mishap::Unknown((*fact).to_owned()),
        ["fact", fact, words @ ..] if !words.is_empty() => Mishap::Fact((*fact).to_owned(), value(words)?),
        ["also", ..] => Mishap::Also(also(node)?),
        _ => return wrong(node),
    })
}

/// The step behind `also`: the same line, with that word taken away.
fn also(node: &Node) -> Read<Step> {
    let cut = |key: &Node| {
        let text = key.text().and_then(|text| text.strip_prefix("also ")).unwrap_or_default().to_owned();
        Node { kind: Kind::Scalar { text, quoted: false }, place: key.place.clone() }
    };
    if node.text().is_some() {
        return line(&cut(node), None);
    }
    match map(node)? {
        [(key, value)] => line(&cut(key), Some(value)),
        _ => wrong(node),
    }
}

/// `EVENT`, or `EVENT/ROLE` where several roles do it.
fn which(text: &str) -> Which {
    let (event, role) = text.split_once('/').map_or((text, None), |(event, role)| (event, Some(role.to_owned())));
    Which { event: event.to_owned(), role }
}
