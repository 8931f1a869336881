//! What falls due, for calendar programs.

use std::collections::BTreeMap;

use crate::notices::{AS_OF, company};
use crate::sandbox::Sandbox;

const LINK: &str = "  link: https://duly.acme.example/\n  channels: {hook: {webhook: {url: \"http://127.0.0.1:9/\"}}}\n  send: [{what: digest, to: owners, by: hook}]\n";

fn feed(sandbox: &Sandbox, more: &[&str]) -> String {
    let words = [&["due", "--within", "14d", "--as-of", AS_OF, "--format", "ics"], more].concat();
    sandbox.run(&words).code(0).stdout
}

/// The events of a feed, each a map of names (with parameters) to values, by UID. Refuses what RFC 5545 refuses.
fn events(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    assert!(text.ends_with("END:VCALENDAR\r\n"), "{text}");
    let physical: Vec<&str> = text.strip_suffix("\r\n").unwrap().split("\r\n").collect();
    assert!(physical.iter().all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{physical:?}");
    let mut lines: Vec<String> = Vec::new();
    for line in physical {
        match line.strip_prefix(' ') {
            Some(more) => lines.last_mut().unwrap().push_str(more),
            None => lines.push(line.to_owned()),
        }
    }
    assert_eq!((lines[0].as_str(), lines.last().unwrap().as_str()), ("BEGIN:VCALENDAR", "END:VCALENDAR"));
    let head: Vec<&String> = lines.iter().take_while(|line| *line != "BEGIN:VEVENT").collect();
    for needed in ["VERSION:2.0", "PRODID:-//duly//"] {
        assert_eq!(head.iter().filter(|line| line.starts_with(needed)).count(), 1, "{head:?}");
    }
    let mut events = BTreeMap::new();
    let mut event: Option<BTreeMap<String, String>> = None;
    for line in &lines[head.len()..] {
        match line.as_str() {
            "BEGIN:VEVENT" => assert!(event.replace(BTreeMap::new()).is_none()),
            "END:VEVENT" => {
                let event = event.take().unwrap();
                assert!(event.contains_key("DTSTAMP"), "{event:?}");
                if let Some(day) = event.get("DTSTART;VALUE=DATE") {
                    assert!(event["DTEND;VALUE=DATE"] > *day, "{event:?}");
                } else {
                    assert!(event["DTSTART"].ends_with('Z') && !event.contains_key("DTEND"), "{event:?}");
                }
                assert!(events.insert(event["UID"].clone(), event).is_none(), "a UID twice");
            }
            "END:VCALENDAR" => assert!(event.is_none()),
            line => {
                let (name, value) = line.split_once(':').unwrap();
                let value = value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\");
                assert!(event.as_mut().unwrap().insert(name.to_owned(), value).is_none(), "{line} twice");
            }
        }
    }
    events
}

#[test]
fn a_feed_reads_well_and_stays_the_same() {
    let sandbox = company(LINK);
    let text = feed(&sandbox, &[]);
    insta::assert_snapshot!(text.replace("\r\n", "\n").replace(env!("CARGO_PKG_VERSION"), "V"), @r#"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//duly//V//EN
    CALSCALE:GREGORIAN
    NAME:Acme
    X-WR-CALNAME:Acme
    X-PUBLISHED-TTL:PT1H
    REFRESH-INTERVAL;VALUE=DURATION:PT1H
    BEGIN:VEVENT
    DESCRIPTION:Answer in time: awaits: answered\; was due 2026-03-04 24:00\, 1
     1 d 12 h late\nWhose move: clerk\nDue: 2026-03-04 24:00\nClause: desk/1
    DTEND;VALUE=DATE:20260305
    DTSTAMP:20260304T160000Z
    DTSTART;VALUE=DATE:20260304
    PRIORITY:1
    STATUS:CONFIRMED
    SUMMARY:Overdue: A/1 Answer North\, <b>*Hall*</b>
    TRANSP:TRANSPARENT
    UID:3d62e70b6c5c3ffb49fd@duly
    URL:https://duly.acme.example/case/A%2F1
    END:VEVENT
    BEGIN:VEVENT
    DESCRIPTION:Answer in time: awaits: answered\; due 2026-03-16 24:00\nWhose 
     move: clerk\nDue: 2026-03-16 24:00\nClause: desk/1
    DTEND;VALUE=DATE:20260317
    DTSTAMP:20251231T160000Z
    DTSTART;VALUE=DATE:20260316
    PRIORITY:1
    STATUS:CONFIRMED
    SUMMARY:B Answer South
    TRANSP:TRANSPARENT
    UID:c88a4166ccf1da7eca51@duly
    URL:https://duly.acme.example/case/B
    END:VEVENT
    BEGIN:VEVENT
    DESCRIPTION:Answer in time: awaits: answered\; due 2026-03-18 24:00\nWhose 
     move: clerk\nDue: 2026-03-18 24:00\nClause: desk/1
    DTEND;VALUE=DATE:20260319
    DTSTAMP:20251231T160000Z
    DTSTART;VALUE=DATE:20260318
    PRIORITY:1
    STATUS:CONFIRMED
    SUMMARY:C Answer 西站
    TRANSP:TRANSPARENT
    UID:ae7dd5a16a2fd48acea7@duly
    URL:https://duly.acme.example/case/C
    END:VEVENT
    BEGIN:VEVENT
    DESCRIPTION:Answer in time: awaits: answered\; due 2026-03-18 24:00\nWhose 
     move: clerk\nDue: 2026-03-18 24:00\nClause: desk/1
    DTEND;VALUE=DATE:20260319
    DTSTAMP:20251231T160000Z
    DTSTART;VALUE=DATE:20260318
    PRIORITY:1
    STATUS:CONFIRMED
    SUMMARY:U Answer Gate
    TRANSP:TRANSPARENT
    UID:2b93b182e7138cfe79a6@duly
    URL:https://duly.acme.example/case/U
    END:VEVENT
    END:VCALENDAR
    "#);
    let known = events(&text);
    assert_eq!(known.len(), 4);
    assert_eq!(feed(&sandbox, &[]), text, "the same bytes each time");
    // In Chinese, for one of the clerks, an hour later: the same events by other words.
    let words = ["due", "--within", "14d", "--as-of", "2026-03-16T13:00:00+08:00", "--format", "ics", "--person", "wu", "--lang", "zh"];
    let chinese = events(&sandbox.run(&words).code(0).stdout);
    assert_eq!(chinese.keys().collect::<Vec<_>>(), known.keys().collect::<Vec<_>>());
    for (uid, event) in &chinese {
        assert_eq!(event["DTSTAMP"], known[uid]["DTSTAMP"]);
        assert_ne!(event["SUMMARY"], known[uid]["SUMMARY"]);
    }
    assert!(events(&feed(&sandbox, &["--person", "zhao"])).is_empty());
    assert!(events(&feed(&sandbox, &["--role", "head"])).is_empty());
    assert_eq!(events(&feed(&sandbox, &["--role", "clerk"])).len(), 4);
    let stranger = sandbox.run(&["due", "--person", "wo"]).code(2);
    assert!(stranger.stderr.contains("`wo` holds no role") && stranger.stderr.contains("did you mean `wu`?"), "{}", stranger.stderr);
}

#[test]
fn a_due_instant_is_a_day_or_a_moment() {
    let sandbox = company(LINK);
    let policy = sandbox.read("policies/desk/policy.yaml").replace("within: 2d", "within: 90min");
    sandbox.write("policies/desk/policy.yaml", policy);
    let named = sandbox.read("duly.yaml").replace("workspace: Acme", "workspace: \"Acme, Inc; A\\\\B\"");
    sandbox.write("duly.yaml", named);
    let text = feed(&sandbox, &[]);
    assert!(text.contains("\r\nX-WR-CALNAME:Acme\\, Inc\\; A\\\\B\r\n"), "{text}");
    let known = events(&text);
    let late = known.values().find(|event| event["SUMMARY"].contains("A/1")).unwrap();
    assert_eq!(late["DTSTART"], "20260302T023000Z");
    assert_eq!(late["SUMMARY"], "Overdue: A/1 Answer North, <b>*Hall*</b>");
    assert_eq!(late["URL"], "https://duly.acme.example/case/A%2F1");
    assert_eq!(late["PRIORITY"], "1");
    assert!(late["DESCRIPTION"].contains("\nWhose move: clerk\n"), "{late:?}");
}

#[test]
fn what_the_last_run_left_is_what_judging_finds() {
    use duly::app::{ical, workspace};
    use duly::{lang::Lang, store::Store, time::Instant, time::Zone};
    let sandbox = company(LINK);
    sandbox.run(&["nightly", "--as-of", AS_OF]).code(0);
    let judged = feed(&sandbox, &["--person", "lin"]);
    let workspace = workspace::Workspace::find(&sandbox.path("")).unwrap().unwrap();
    let (_, set) = workspace::load(&workspace.policy_folders(), &workspace.company).unwrap();
    let as_of = Instant::parse(AS_OF, Zone::UTC).unwrap();
    let (store, _) = Store::open(&workspace.store_folder(), as_of).unwrap();
    let whose = ical::Whose { person: Some("lin"), role: None };
    let found = ical::upcoming(&store, &set, whose, (as_of, as_of.plus(14 * 86_400_000))).unwrap().unwrap();
    assert_eq!(ical::feed(&found, &set, "Acme: lin", Lang::En), judged);
}
