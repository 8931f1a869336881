//! Findings as test results in JUnit's XML, which build servers show: a suite for each policy, a test for each obligation, its class the
//! clause and its name the case.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    io::{self, Write},
};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::{About, to_json};
use crate::{
    finding::{Obligation, State},
    time::Zone,
};

/// What a test came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Result {
    Passed,
    Failed,
    Skipped,
}

fn result(found: &Obligation) -> Result {
    match found.state {
        _ if found.is_violation() => Result::Failed,
        // Nobody can tell, or nobody asks.
        State::Undetermined | State::Waived => Result::Skipped,
        _ => Result::Passed,
    }
}

/// Writes obligations as JUnit XML. What is not late or broken passes; what cannot be told, and what is waived, is skipped.
///
/// # Errors
/// When it cannot be written.
pub fn write_junit(list: &[Obligation], about: &About<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: BTreeMap<&str, Vec<&Obligation>> = BTreeMap::new();
    for found in list {
        suites.entry(&found.policy).or_default().push(found);
    }
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all: Vec<&Obligation> = list.iter().collect();
    element(&mut writer, "testsuites", &figures("duly", &all), |writer| {
        suites.iter().try_for_each(|(policy, list)| suite(writer, policy, list, about))
    })?;
    writer.into_inner().write_all(b"\n")
}

type Attributes<'a> = Vec<(&'static str, Cow<'a, str>)>;

fn figures<'a>(name: &'a str, list: &[&Obligation]) -> Attributes<'a> {
    let count = |wanted: Result| list.iter().filter(|found| result(found) == wanted).count().to_string().into();
    vec![
        ("name", name.into()),
        ("tests", list.len().to_string().into()),
        ("failures", count(Result::Failed)),
        ("errors", "0".into()),
        ("skipped", count(Result::Skipped)),
        ("time", "0".into()),
    ]
}

fn suite<W: Write>(writer: &mut Writer<W>, policy: &str, list: &[&Obligation], about: &About<'_>) -> io::Result<()> {
    let mut attributes = figures(policy, list);
    // The schema has local times without a fraction; these are of UTC.
    let timestamp = about.as_of.to_rfc3339(Zone::UTC);
    attributes.push(("timestamp", timestamp.get(..19).unwrap_or(&timestamp).to_owned().into()));
    let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
    for found in list {
        *seen.entry((&found.clause_id, who(found))).or_default() += 1;
    }
    element(writer, "testsuite", &attributes, |writer| {
        list.iter().try_for_each(|found| {
            // One obligation of the clause in a case needs no further name.
            let alone = seen.get(&(found.clause_id.as_str(), who(found))).is_none_or(|count| *count == 1);
            let name = if alone { who(found).to_owned() } else { format!("{} [{}]", who(found), found.instance) };
            case(writer, found, name, about)
        })
    })
}

fn case<W: Write>(writer: &mut Writer<W>, found: &Obligation, name: String, about: &About<'_>) -> io::Result<()> {
    let attributes = vec![("classname", found.clause_id.as_str().into()), ("name", name.into()), ("time", "0".into())];
    let message = ("message", found.message.get(about.lang).into());
    element(writer, "testcase", &attributes, |writer| match result(found) {
        Result::Passed => Ok(()),
        Result::Skipped => element(writer, "skipped", &vec![message], |_| Ok(())),
        Result::Failed => {
            let details = to_json(found, about.set, about.lang);
            let details = serde_json::to_string_pretty(&details).map_err(io::Error::from)?;
            element(writer, "failure", &vec![message, ("type", found.state.word().into())], |writer| {
                writer.write_event(Event::Text(BytesText::new(&sound(&details))))
            })
        }
    })
}

/// The case, or the group.
fn who(found: &Obligation) -> &str {
    found.case.as_ref().or(found.group.as_ref()).map_or("", String::as_str)
}

/// Writes an element with what is in it.
fn element<W: Write>(
    writer: &mut Writer<W>,
    name: &str,
    attributes: &Attributes<'_>,
    inner: impl FnOnce(&mut Writer<W>) -> io::Result<()>,
) -> io::Result<()> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, sound(value).as_ref()));
    }
    writer.write_event(Event::Start(start))?;
    inner(writer)?;
    writer.write_event(Event::End(BytesEnd::new(name)))
}

/// A text with only such characters as XML may have.
fn sound(text: &str) -> Cow<'_, str> {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(fits) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|c| if fits(c) { c } else { '\u{fffd}' }).collect::<String>().into()
}
