//! Ledgers and batch answers.

use std::sync::Arc;

use serde_json::json;

use super::{OFFICE, WHOLE, at, china, pause, shanghai, span};
use crate::time::{Clock, Instant, Pause, TimeError, answer};

fn told(hours: &str, start: &str, length: &str, pauses: &[Pause], zh: bool) -> Vec<String> {
    let china = china(hours);
    let (_, ledger) = Clock::new(&china).explain(at(start), span(length), pauses);
    ledger.render(shanghai(), zh)
}

#[test]
fn working_hours_are_told_stretch_by_stretch() {
    let pauses = [pause("2026-09-20T10:00", "2026-09-20T10:30")];
    assert_eq!(
        told(OFFICE, "2026-09-18T16:00", "6 working hours", &pauses, false),
        [
            "2026-09-18 16:00 to 2026-09-18 18:00: open, 2 hours (2 hours so far)",
            "2026-09-18 18:00 to 2026-09-20 09:00: closed",
            "2026-09-20 09:00 to 2026-09-20 10:00: open, make-up working day, 1 hour (3 hours so far)",
            "2026-09-20 10:00 to 2026-09-20 10:30: paused",
            "2026-09-20 10:30 to 2026-09-20 12:00: open, make-up working day, 90 minutes (270 minutes so far)",
            "2026-09-20 12:00 to 2026-09-20 13:00: closed",
            "2026-09-20 13:00 to 2026-09-20 14:30: open, make-up working day, 90 minutes (6 hours so far)",
        ]
    );
    assert_eq!(
        told(OFFICE, "2026-09-30T17:00", "2 working hours", &[], true),
        [
            "2026-09-30 17:00 至 2026-09-30 18:00：工作时间，1小时（累计1小时）",
            "2026-09-30 18:00 至 2026-10-08 09:00：休假（国庆节）",
            "2026-10-08 09:00 至 2026-10-08 10:00：工作时间，1小时（累计2小时）",
        ]
    );
}

#[test]
fn days_are_told_date_by_date() {
    assert_eq!(
        told(WHOLE, "2026-04-29T10:00", "3d", &[pause("2026-04-30", "2026-05-01")], false),
        [
            "2026-04-29: day of the trigger, not counted",
            "2026-04-30 00:00 to 2026-04-30 24:00: paused",
            "2026-05-01 to 2026-05-03: counted, 3 days (3 days so far)",
            "2026-05-04 to 2026-05-06: prolonged, the last day being a rest day (劳动节)",
        ]
    );
    assert_eq!(
        told(OFFICE, "2026-12-30T10:00", "3 working days", &[], true),
        [
            "2026-12-30：触发当日，不计入",
            "2026-12-31 至 2027-01-01：计入，2个工作日（累计2个工作日）",
            "2027-01-02 至 2027-01-03：休息日，不计入",
            "2027-01-04：计入，1个工作日（累计3个工作日）",
            "2027-01-04 18:00：超出日历覆盖范围，暂定",
        ]
    );
}

#[test]
fn a_pause_without_an_end_is_told() {
    let open = [Pause { from: at("2026-03-02T11:00"), until: Instant::MAX }];
    let last = |length, zh| told(OFFICE, "2026-03-02T10:00", length, &open, zh).into_iter().rev().nth(1).unwrap();
    assert_eq!(last("2 working hours", false), "2026-03-02 11:00 on: paused");
    assert_eq!(last("2d", true), "2026-03-02 11:00 起：暂停计时");
}

#[test]
fn a_long_ledger_is_condensed_in_the_middle() {
    let lines = told(OFFICE, "2026-03-02T10:00", "400 working hours", &[], false);
    assert_eq!(lines.len(), 40);
    assert!(lines[20].contains("lines left out"), "{}", lines[20]);
    assert!(lines.last().unwrap().contains("(400 hours so far)"));
}

#[test]
fn batch_rows_are_answered_or_refused() {
    let china = Arc::new(china(OFFICE));
    let look_up = |name: &str| (name == "china").then(|| china.clone()).ok_or_else(|| TimeError::new("no calendar", "没有日历"));
    for (row, result) in [
        (
            json!({"id": 1, "op": "add", "calendar": "china", "start": "2026-09-18T16:00", "span": "6 working hours"}),
            json!("2026-09-20T14:00:00+08:00"),
        ),
        (
            json!({"id": 2, "op": "add", "calendar": "china", "at": "2026-09-18T08:00:00Z", "seconds": 21600}),
            json!("2026-09-20T14:00:00+08:00"),
        ),
        (json!({"id": 3, "op": "between", "calendar": "china", "start": "2026-09-20T14:00", "end": "2026-09-18T16:00"}), json!(-21600)),
        (json!({"id": 4, "op": "is_open", "calendar": "china", "at": "2026-10-01T10:00"}), json!(false)),
        (json!({"id": 5, "op": "next_open", "calendar": "china", "at": "2026-10-01T10:00"}), json!("2026-10-08T09:00:00+08:00")),
        (json!({"id": 6, "op": "next_close", "calendar": "china", "at": "2026-10-01T10:00"}), json!("2026-10-08T12:00:00+08:00")),
        (
            json!({"id": 7, "op": "elapsed", "calendar": "china", "start": "2026-03-02T09:00", "end": "2026-03-02T11:00", "pauses": [["2026-03-02T10:00", null]]}),
            json!(3600),
        ),
    ] {
        assert_eq!(answer(&row, look_up), json!({"id": row["id"], "result": result}));
    }
    for (row, hint) in [
        (json!({"op": "add", "calendar": "china", "start": "2026-09-18T16:00"}), "`span` is missing"),
        (json!({"op": "add", "calendar": "mars", "start": "2026-09-18T16:00", "span": "1h"}), "no calendar"),
        (json!({"op": "sub", "calendar": "china", "start": "2026-09-18T16:00"}), "unknown op `sub`"),
        (json!({"op": "add", "calendar": "china", "start": "2026-09-18T16:00", "seconds": 1.5}), "whole number"),
        (json!({"op": "add", "calendar": "china", "start": "x", "span": "1h"}), "not an instant"),
        (json!({"op": "add", "calendar": "china", "start": "2026-09-18", "span": "1h", "pauses": [["x"]]}), "list of pairs"),
        (json!([]), "`op` is missing"),
    ] {
        let answer = answer(&row, look_up);
        assert!(answer["error"].as_str().unwrap().contains(hint), "{answer}");
        assert!(answer.get("result").is_none());
    }
}
