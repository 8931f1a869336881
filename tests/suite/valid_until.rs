//! Until when a verdict holds, where something else than the due instant ends it.

use std::fs;

use duly::{
    case::{Case, Event, Values},
    engine::{Session, Wanted, judge_case},
    policy::{company::Company, compile, sources::Sources},
    time::{Instant, Zone},
};

const POLICY: &str = r#"
policy: p
title: {en: P, zh: 策略}
effective: 2026-01-01
calendar: nights
day_end: close
roles: {anybody: {en: anybody, zh: 任何人}}
kinds:
  job:
    en: job
    zh: 工单
    events: {asked: {en: asked, zh: 提出}, answered: {en: answered, zh: 答复}}
clauses:
  - {id: grace, title: {en: Each day with grace, zh: 每日并宽限}, for: job, owner: anybody, recurrence: {expect: answered, on: {each: day}, grace: 48h}}
  - {id: warned, title: {en: Warned by days, zh: 按日提醒}, for: job, owner: anybody, warn: 1d, deadline: {after: asked, expect: answered, within: 30min}}
"#;

const CALENDAR: &str = "calendar: nights\ntitle: {en: Nights, zh: 夜班}\nzone: UTC\nweek: {mon-sun: \"22:00-06:00\"}\n";

fn moment(text: &str) -> Instant {
    Instant::parse(text, Zone::UTC).unwrap()
}

/// The states of a clause in a case that was asked for at 00:30, and until when they hold.
fn judged(clause: &str, as_of: &str) -> (Vec<&'static str>, Option<Instant>) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("calendars")).unwrap();
    fs::create_dir_all(folder.path().join("p")).unwrap();
    fs::write(folder.path().join("p/policy.yaml"), POLICY).unwrap();
    fs::write(folder.path().join("calendars/nights.yaml"), CALENDAR).unwrap();
    let set = compile(&Sources::read(&[folder.path().to_owned()]).unwrap(), Company::default()).unwrap();
    let at = moment("2026-03-02T00:30");
    let event = Event { id: "e".to_owned(), kind: "asked".to_owned(), at, by: None, role: None, data: Values::new() };
    let case = Case { id: "J".to_owned(), kind: "job".to_owned(), part_of: None, facts: Values::new(), events: vec![event] };
    let only = |known: &duly::policy::Clause| known.properties.id == format!("p/{clause}");
    let verdict = judge_case(&mut Session::new(&set, moment(as_of), Wanted::All, Some(&only)), case, None, &[]).unwrap();
    (verdict.obligations.iter().map(|found| found.state.word()).collect(), verdict.valid_until())
}

#[test]
fn the_next_period_appears_when_the_last_is_due_whatever_its_grace() {
    let midnight = moment("2026-03-03T00:00");
    assert_eq!(judged("grace", "2026-03-02T12:00"), (vec!["pending"], Some(midnight)));
    assert_eq!(judged("grace", "2026-03-03T00:00").0, ["pending", "pending"]);
}

#[test]
fn what_is_warned_of_too_late_is_overdue_in_time() {
    // A day before 01:00 ends at 06:00, with the night that began the evening before.
    let late = moment("2026-03-02T01:00").plus(1);
    assert_eq!(judged("warned", "2026-03-02T00:45"), (vec!["pending"], Some(late)));
    assert_eq!(judged("warned", "2026-03-02T01:01").0, ["overdue"]);
}
