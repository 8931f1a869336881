//! Event logs in XML: what becomes of their parts, and what is refused of them.

use std::io::Cursor;

use proptest::prelude::*;

use super::{Outcome, at, mapping, shanghai};
use crate::{
    case::{Case, Value},
    ingest::{Format, IngestError, Log, read_xes},
    lang::Lang,
};

fn try_read(text: impl AsRef<[u8]>, batch: usize) -> (Outcome, Option<IngestError>) {
    let mut outcome = Outcome::default();
    let mut sink = |cases: Vec<Case>| {
        outcome.cases.extend(cases);
        outcome.batches += 1;
        Ok(())
    };
    let mut rejects = Vec::new();
    let read =
        read_xes::<IngestError>(Cursor::new(text.as_ref()), shanghai(), "permit", batch, &mut sink, &mut |reject| rejects.push(reject));
    outcome.rejects = rejects;
    match read {
        Ok(summary) => (Outcome { summary, ..outcome }, None),
        Err(error) => (outcome, Some(error)),
    }
}

fn read(text: &str) -> Outcome {
    let (outcome, error) = try_read(text, 10);
    assert!(error.is_none(), "{error:?}");
    outcome
}

fn broken(text: impl AsRef<[u8]>) -> String {
    let error = try_read(text, 10).1.unwrap();
    assert_ne!(error.text().get(Lang::Zh), error.text().get(Lang::En));
    error.text().en
}

const WHOLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa">]>
<!-- a log -->
<xes:log xmlns:xes="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="name"/></global>
  <string key="creator" value="nobody"><int key="meta" value="1"/></string>
  <trace>
    <string key="concept:name" value="P-1"/>
    <float key="amount" value="12.50"/>
    <boolean key="urgent" value="TRUE"/>
    <date key="deadline" value="2026-03-09T00:00:00.000+08:00"/>
    <string key="site" value="a &lt; &#x4E2D;"><string key="unit" value="3"/><container key="more"><int key="floor" value="2"/></container></string>
    <list key="tags"><values><string key="tag" value="x"/><string key="tag" value="y"/><container key="c"><int key="n" value="1"/></container></values></list>
    <event>
      <string key="concept:name" value="received"/>
      <date key="time:timestamp" value="2026-03-02T09:00:00.000+08:00"/>
      <string key="org:resource" value="lin"/>
      <string key="org:role" value="desk"/>
      <string key="lifecycle:transition" value="complete"/>
      <id key="identity:id" value="e-1"/>
      <int key="count" value="3"/>
    </event>
    <event>
      <date key="time:timestamp" value="2026-03-01T09:00:00"/>
      <string key="concept:name" value="announced"/>
    </event>
  </trace>
  <trace><int key="concept:name" value="2"/></trace>
</xes:log>
"#;

#[test]
fn a_trace_is_a_case() {
    let outcome = read(WHOLE);
    assert_eq!((outcome.ids(), outcome.batches), (vec!["P-1", "2"], 1));
    assert_eq!((outcome.summary.lines, outcome.summary.cases, outcome.summary.events), (2, 2, 2));
    let case = &outcome.cases[0];
    assert_eq!((case.kind.as_str(), case.part_of.as_ref()), ("permit", None));
    insta::assert_snapshot!(crate::ingest::case_to_json(case, shanghai())["facts"], @r#"{"amount":12.5,"deadline":"2026-03-09T00:00:00.000+08:00","site":"a < 中","site/more/floor":2,"site/unit":"3","tags":["x","y",{"n":1}],"urgent":true}"#);
    let [first, second] = case.events.as_slice() else { panic!("{:?}", case.events) };
    assert_eq!((first.kind.as_str(), first.at, first.id.len()), ("announced", at("2026-03-01T09:00"), 16));
    assert_eq!((second.id.as_str(), second.by.as_deref(), second.role.as_deref()), ("e-1", Some("lin"), Some("desk")));
    let data: Vec<(&str, &Value)> = second.data.iter().map(|(name, value)| (name.as_str(), value)).collect();
    assert_eq!(data, [("count", &Value::Int(3)), ("lifecycle:transition", &Value::Text("complete".into()))]);
}

#[test]
fn only_a_batch_is_held() {
    let traces: Vec<String> = (0..25).map(|number| format!("<trace><string key='concept:name' value='{number}'/></trace>")).collect();
    let (outcome, _) = try_read(format!("<log>{}</log>", traces.concat()), 10);
    assert_eq!((outcome.cases.len(), outcome.batches), (25, 3));
}

#[test]
fn a_trace_with_a_mistake_is_refused_and_the_others_are_taken() {
    let trace = |inner: &str| {
        let outcome = read(&format!("<log>\n<trace><string key='concept:name' value='good'/></trace>\n<trace>{inner}</trace></log>"));
        assert_eq!(outcome.ids(), ["good"]);
        let (line, reason) = outcome.only();
        assert_eq!(line, 3);
        reason.to_owned()
    };
    let name = "<string key='concept:name' value='P'/>";
    let event = |inner: &str| trace(&format!("{name}<event>{inner}</event>"));
    let reasons = [
        trace("<string key='other' value='P'/>"),
        trace(&format!("{name}<string key='a' value='1'/><string key='a' value='2'/>")),
        trace(&format!("{name}<int key='a' value='1.5'/>")),
        trace(&format!("{name}<boolean key='a' value='maybe'/>")),
        trace(&format!("{name}<string value='1'/>")),
        trace(&format!("{name}<string key='a'/>")),
        event("<date key='time:timestamp' value='2026-03-02'/>"),
        event("<string key='concept:name' value='a'/>"),
        event("<string key='concept:name' value='a'/><date key='time:timestamp' value='soon'/>"),
    ];
    insta::assert_snapshot!(reasons.join("\n"), @r"
    the trace has no `concept:name`, which is the id of the case
    the key `a` stands twice
    `a`: `1.5` is not a whole number
    `a`: `maybe` is not `true` or `false`
    an attribute without `key`
    `a`: an attribute without `value`
    event 1 (line 3): `concept:name` is missing or empty
    event 1 (line 3): `time:timestamp` is missing or empty
    event 1 (line 3): `time:timestamp`: `soon` is not an instant; expected one such as `2026-03-02T09:00:00+08:00` or `2026-03-02 09:00`
    ");
    let outside = read("<log><event><string key='concept:name' value='a'/></event></log>");
    assert_eq!(outside.only().1, "an event outside of all traces belongs to no case");
}

#[test]
fn what_is_no_log_is_said_with_its_line() {
    let reasons = [
        broken("<log>\n<trace>\n</log>"),
        broken("<html>\n</html>"),
        broken("<log>\n<trace><string key='concept:name' value='&a;'/></trace></log>"),
        broken("<log>\n<trace>"),
        broken("<?xml version='1.0' encoding='GB18030'?><log/>"),
        broken(b"<log><trace><string key='concept:name' value='\xd3\xce'/></trace></log>"),
        broken(format!("<log>{}", "<a>".repeat(100))),
    ];
    insta::assert_snapshot!(reasons.join("\n"), @r"
    reading broke off at line 3: not XML: ill-formed document: expected `</trace>`, but `</log>` was found
    reading broke off at line 1: not an XES: its first element is not `log`
    reading broke off at line 2: not XML: at 1..2: unrecognized entity `a`
    reading broke off at line 2: the file is not whole: an element is not closed
    reading broke off at line 1: the encoding `GB18030` is not read; save the file as UTF-8
    reading broke off at line 1: not XML: cannot decode input using UTF-8: invalid utf-8 sequence of 1 bytes from index 34
    reading broke off at line 1: elements nest deeper than 72 levels
    ");
}

#[test]
fn a_long_text_is_not_held() {
    let long = format!("<log><trace><string key='concept:name' value='{}'/></trace></log>", "x".repeat(17 << 20));
    assert_eq!(broken(long), "reading broke off at line 1: longer than 16 MiB");
}

#[test]
fn a_trace_with_too_many_events_is_refused() {
    let event = "<event><string key='concept:name' value='a'/><date key='time:timestamp' value='2026-03-02T09:00:00Z'/></event>";
    let events = event.repeat(crate::ingest::MOST_EVENTS + 1);
    let outcome = read(&format!(
        "<log><trace><string key='concept:name' value='P'/>{events}</trace><trace><string key='concept:name' value='Q'/></trace></log>"
    ));
    assert_eq!((outcome.ids(), outcome.only().1), (vec!["Q"], "the case has more than 100000 events"));
}

const MAPPING: &str = "
zone: Asia/Shanghai
case: {id: 'case:concept:name', kind: {value: permit}}
facts: {amount: {column: 'case:amount', type: decimal}}
event: {type: 'concept:name', at: 'time:timestamp', by: 'org:resource', data: {step: 'lifecycle:transition'}}
";

#[test]
fn through_a_mapping_an_event_is_a_row() {
    let (mapping, problems) = mapping(MAPPING);
    assert!(problems.is_empty(), "{problems:?}");
    let mapping = mapping.unwrap();
    let mut log = Log::new(&mapping);
    let mut rejects = Vec::new();
    log.read(&mut WHOLE.as_bytes(), Format::Xes, &mut |reject| rejects.push(reject)).unwrap();
    let mut cases = Vec::new();
    let summary = log
        .finish::<IngestError>(10, &mut |batch| {
            cases.extend(batch);
            Ok(())
        })
        .unwrap();
    assert!(rejects.is_empty());
    assert_eq!((summary.lines, cases.len()), (2, 1));
    insta::assert_snapshot!(crate::ingest::case_to_json(&cases[0], shanghai()), @r#"{"case":"P-1","kind":"permit","facts":{"amount":12.5},"events":[{"id":"fd09f80feb36f1a7","type":"announced","at":"2026-03-01T09:00:00+08:00"},{"id":"cf6d4a04900475b1","type":"received","at":"2026-03-02T09:00:00+08:00","by":"lin","data":{"step":"complete"}}]}"#);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn changed_bytes_do_no_harm(changes in prop::collection::vec((0..WHOLE.len(), any::<u8>()), 1..8), cut in 0..WHOLE.len()) {
        let mut bytes = WHOLE.as_bytes().to_vec();
        for (place, byte) in changes {
            bytes[place] = byte;
        }
        bytes.truncate(WHOLE.len() - cut / 8);
        let (outcome, error) = try_read(&bytes, 1);
        prop_assert!(outcome.cases.iter().all(|case| !case.id.is_empty()));
        prop_assert!(error.is_none_or(|error| !error.text().zh.is_empty()));
    }
}
