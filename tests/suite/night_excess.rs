//! What the nightly check says of orders beyond a weekly quota, while they are told of one after the other: the bundled policy of the car workshop.

use std::path::Path;

use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::support::copy;

fn workshop() -> Sandbox {
    let sandbox = Sandbox::new();
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    for folder in ["car-workshop", "calendars"] {
        copy(&policies.join(folder), &sandbox.path("policies").join(folder));
    }
    sandbox.write("policies/vocabulary.yaml", std::fs::read(policies.join("vocabulary.yaml")).unwrap());
    sandbox.write("duly.yaml", "zone: Asia/Shanghai\npolicies: [policies]\n");
    sandbox
}

/// Orders that wang discounted, each at an instant of March 2026.
fn import(sandbox: &Sandbox, orders: &[(&str, &str)]) {
    let line = |(case, at): &(&str, &str)| {
        format!(
            r#"{{"case":"{case}","kind":"repair","facts":{{"repair_kind":"general"}},"events":[{{"id":"d","type":"discounted","at":"2026-03-{at}","by":"wang","data":{{"price_ratio":0.95}}}}]}}"#
        )
    };
    sandbox.write("orders.jsonl", orders.iter().map(line).collect::<Vec<_>>().join("\n"));
    sandbox.run(&["import", "orders.jsonl"]).code(0);
}

/// A night: what is new, came back or went of the quota. Before it ends it is held against a judgement of everything.
fn night(sandbox: &Sandbox, as_of: &str) -> String {
    sandbox.run(&["nightly", "--as-of", as_of, "--report", "out"]).code(0);
    let kept = quota(sandbox, as_of);
    let lines = sandbox.read("out/changes.jsonl");
    let changes: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["clause"] == "car-workshop/1-5-b")
        .map(|line| format!("{} {}", line["change"].as_str().unwrap(), line["instance"].as_str().unwrap()))
        .collect();
    let full = sandbox.run(&["nightly", "--full", "--as-of", as_of]).code(0).stdout;
    assert!(full.contains("Since the last run: 0 new,") && full.contains("0 cleared, 0 reopened"), "{full}");
    format!("{}\n{}", changes.join("\n"), kept)
}

/// How the obligations of the quota stand, judged anew.
fn quota(sandbox: &Sandbox, as_of: &str) -> String {
    let arguments = ["check", "--all", "--fail-on", "never", "--format", "jsonl", "--clause", "car-workshop/1-5-b", "--as-of", as_of];
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let lines = sandbox.run(&arguments).code(0).json_lines();
    let brief = |found: &Value| {
        let (action, penalty) = (&found["next_action"], &found["penalty"]);
        format!(
            "  {} {}, due {}, {}: {}; penalty {}; {:?}",
            text(&found["instance"]),
            text(&found["state"]),
            text(&found["due"]),
            text(&action["role"]),
            text(&found["message"]),
            if penalty.is_null() { "none" } else { "told" },
            found["evidence"].as_array().unwrap().iter().map(text).collect::<Vec<_>>(),
        )
    };
    lines.iter().map(brief).collect::<Vec<_>>().join("\n")
}

#[test]
fn orders_beyond_the_quota_of_a_week() {
    let sandbox = workshop();
    let five = [("R-1", "02T09:00"), ("R-2", "02T10:00"), ("R-3", "03T09:00"), ("R-4", "04T09:00"), ("R-5", "05T09:00")];
    import(&sandbox, &five);
    insta::assert_snapshot!(night(&sandbox, "2026-03-05T20:00"), @r#"

    2026-03-02 pending, due 2026-03-09T00:00:00+08:00, general-repair-manager: Five discounted orders a week: 5; due 2026-03-08 24:00; penalty none; []
    "#);
    // The sixth: from now on its report is awaited, by Monday's close.
    import(&sandbox, &[("R-6", "06T10:00")]);
    insta::assert_snapshot!(night(&sandbox, "2026-03-06T20:00"), @r#"
    new R-6/d
      R-6/d breached, due -, general-repair-manager: Five discounted orders a week: 6 is above 5 (R-6); since 2026-03-06 10:00; penalty told; ["R-6/d"]
      R-6/d:excess pending, due 2026-03-09T18:00:00+08:00, general-repair-manager: Five discounted orders a week (R-6/d): awaits: discount beyond the quota reported; due 2026-03-09 18:00; penalty none; ["R-6/d"]
    "#);
    // Nothing is told, and its time passes.
    insta::assert_snapshot!(night(&sandbox, "2026-03-09T20:00"), @r#"
    new R-6/d:excess
      R-6/d breached, due -, general-repair-manager: Five discounted orders a week: 6 is above 5 (R-6); since 2026-03-06 10:00; penalty told; ["R-6/d"]
      R-6/d:excess overdue, due 2026-03-09T18:00:00+08:00, general-repair-manager: Five discounted orders a week (R-6/d): awaits: discount beyond the quota reported; was due 2026-03-09 18:00, 2 h late; penalty told; ["R-6/d"]
      R-6/d:then pending, due 2026-03-16T18:00:00+08:00, after-sales-director: Five discounted orders a week (R-6/d): awaits: fine imposed; due 2026-03-16 18:00; penalty none; ["R-6/d"]
    "#);
    // The report comes late; the fine is the director's.
    sandbox.run(&["event", "R-6", "excess_reported", "--id", "told", "--at", "2026-03-10T09:00", "--by", "wang"]).code(0);
    insta::assert_snapshot!(night(&sandbox, "2026-03-10T20:00"), @r#"
    cleared R-6/d:excess
      R-6/d breached, due -, general-repair-manager: Five discounted orders a week: 6 is above 5 (R-6); since 2026-03-06 10:00; penalty told; ["R-6/d"]
      R-6/d:excess met_late, due 2026-03-09T18:00:00+08:00, -: Five discounted orders a week (R-6/d): done 15 h late, was due 2026-03-09 18:00; penalty told; ["R-6/d", "R-6/told"]
      R-6/d:then pending, due 2026-03-16T18:00:00+08:00, after-sales-director: Five discounted orders a week (R-6/d): awaits: fine imposed; due 2026-03-16 18:00; penalty none; ["R-6/d"]
    "#);
    // An order of that Monday is told of late: it takes the first place, and the fifth was one too many as well.
    import(&sandbox, &[("R-0", "02T08:00")]);
    insta::assert_snapshot!(night(&sandbox, "2026-03-11T20:00"), @r#"
    new R-5/d
    new R-5/d:excess
      R-5/d breached, due -, general-repair-manager: Five discounted orders a week: 6 is above 5 (R-5); since 2026-03-05 09:00; penalty told; ["R-5/d"]
      R-5/d:excess overdue, due 2026-03-06T18:00:00+08:00, general-repair-manager: Five discounted orders a week (R-5/d): awaits: discount beyond the quota reported; was due 2026-03-06 18:00, 5 d 2 h late; penalty told; ["R-5/d"]
      R-5/d:then pending, due 2026-03-13T18:00:00+08:00, after-sales-director: Five discounted orders a week (R-5/d): awaits: fine imposed; due 2026-03-13 18:00; penalty none; ["R-5/d"]
      R-6/d breached, due -, general-repair-manager: Five discounted orders a week: 7 is above 5 (R-6); since 2026-03-06 10:00; penalty told; ["R-6/d"]
      R-6/d:excess met_late, due 2026-03-09T18:00:00+08:00, -: Five discounted orders a week (R-6/d): done 15 h late, was due 2026-03-09 18:00; penalty told; ["R-6/d", "R-6/told"]
      R-6/d:then pending, due 2026-03-16T18:00:00+08:00, after-sales-director: Five discounted orders a week (R-6/d): awaits: fine imposed; due 2026-03-16 18:00; penalty none; ["R-6/d"]
    "#);
    // It was a mistake.
    sandbox.run(&["event", "R-0", "--retract", "d", "--by", "lin", "--reason", "wrong"]).code(0);
    sandbox
        .run(&[
            "event",
            "R-6",
            "fined",
            "--id",
            "fine",
            "--at",
            "2026-03-12T09:00",
            "--data",
            r#"{"ground":"discount-excess","amount":20}"#,
        ])
        .code(0);
    insta::assert_snapshot!(night(&sandbox, "2026-03-12T20:00"), @r#"
    cleared R-5/d
    cleared R-5/d:excess
      R-6/d breached, due -, general-repair-manager: Five discounted orders a week: 6 is above 5 (R-6); since 2026-03-06 10:00; penalty told; ["R-6/d"]
      R-6/d:excess met_late, due 2026-03-09T18:00:00+08:00, -: Five discounted orders a week (R-6/d): done 15 h late, was due 2026-03-09 18:00; penalty told; ["R-6/d", "R-6/told"]
      R-6/d:then met, due 2026-03-16T18:00:00+08:00, -: Five discounted orders a week (R-6/d); penalty none; ["R-6/d", "R-6/fine"]
    "#);
}
