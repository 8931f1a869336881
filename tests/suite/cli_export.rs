//! In which forms findings leave: each is read again by what others read it with.

use std::{collections::BTreeSet, fs, io::Cursor};

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use quick_xml::events::Event;
use serde_json::Value;

use crate::cli_data::jobs;
use crate::sandbox::{Output, Sandbox};

/// Cases that are late, in time, and ones that try to be formulas and markup.
const CASES: &str = concat!(
    r#"{"case":"=1+1","kind":"job","events":[{"id":"-r","type":"received","at":"2026-03-02T09:00:00+08:00"}]}"#,
    "\n",
    r#"{"case":"<b>&","kind":"job","events":[{"id":"r","type":"received","at":"2026-03-02T10:00:00+08:00"}]}"#,
    "\n",
    r#"{"case":"J-3","kind":"job","events":[{"id":"r","type":"received","at":"2026-03-02T09:00:00+08:00"},{"id":"s","type":"received","at":"2026-03-02T09:30:00+08:00"},{"id":"a","type":"answered","at":"2026-03-02T09:40:00+08:00"}]}"#,
    "\n",
    r#"{"case":"J-4","kind":"job","events":[{"id":"r","type":"received","at":"2026-03-02T14:30:00+08:00"}]}"#,
    "\n",
);

fn sandbox() -> Sandbox {
    let sandbox = jobs();
    sandbox.write("cases.jsonl", CASES);
    sandbox
}

fn check(sandbox: &Sandbox, more: &[&str]) -> Output {
    let arguments = ["check", "--policies", "policies", "--cases", "cases.jsonl", "--as-of", "2026-03-02T15:00:00+08:00"];
    sandbox.run(&[&arguments[..], more].concat())
}

#[test]
fn a_workbook_is_read_again() {
    let sandbox = sandbox();
    let out = check(&sandbox, &["--out", "findings.xlsx", "--all"]).code(1);
    assert_eq!(out.stdout, "");
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(fs::read(sandbox.path("findings.xlsx")).unwrap())).unwrap();
    assert_eq!(book.sheet_names(), ["Findings"]);
    assert!(book.worksheet_formula("Findings").unwrap().cells().all(|(_, _, formula)| formula.is_empty()));
    let range = book.worksheet_range("Findings").unwrap();
    let rows: Vec<String> = range
        .rows()
        .map(|row| row.iter().take(11).map(ToString::to_string).collect::<Vec<_>>().join(" | ").trim_end().to_owned())
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    Case | Clause | Duty | State | Open | Severity | Due | Provisional | Since | Done | Late by
    =1+1 | p/1 | T | overdue | true | major | 46083.458333333336 | false | 46083.458333333336 |  | 0.16666666666666669
    <b>& | p/1 | T | overdue | true | major | 46083.5 | false | 46083.5 |  | 0.125
    J-4 | p/1 | T | pending | false | major | 46083.6875 | false |  |  |
    J-3 | p/1 | T | met | false | major | 46083.458333333336 | false |  | 46083.40277777778 |
    J-3 | p/1 | T | met | false | major | 46083.479166666664 | false |  | 46083.40277777778 |
    ");
    // It may be taken in again as any workbook.
    sandbox.write(
        "map.yaml",
        "sheet: Findings\ncase: {id: Case, kind: Kind}\nevent: {type: State, at: Due, data: {open: {column: Open, type: boolean}}}\n",
    );
    let again = sandbox.run(&["import", "findings.xlsx", "--map", "map.yaml", "--format", "json"]).code(0);
    assert_eq!((&again.json_lines()[0]["cases_new"], &again.json_lines()[0]["rows_rejected"]), (&4.into(), &0.into()));
    assert!(sandbox.run(&["case", "show", "=1+1"]).code(0).stdout.contains("\"at\": \"2026-03-02T11:00:00+08:00\""));
}

#[test]
fn a_workbook_has_the_language_of_the_reader() {
    let sandbox = sandbox();
    check(&sandbox, &["--format", "xlsx", "--out", "findings.bin", "--lang", "zh"]).code(1);
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(fs::read(sandbox.path("findings.bin")).unwrap())).unwrap();
    let range = book.worksheet_range("检查结果").unwrap();
    assert_eq!(range.get((0, 0)), Some(&Data::String("个案".into())));
    assert!(range.rows().any(|row| row[0] == Data::String("=1+1".into()) && row[3] == Data::String("逾期".into())));
}

#[test]
fn a_csv_is_harmless() {
    let text = check(&sandbox(), &["--format", "csv"]).code(1).stdout;
    assert!(text.contains("\n'=1+1,,job,p,p/1,'-r,overdue,"), "{text}");
}

#[test]
fn a_page_is_whole_and_escaped() {
    let sandbox = sandbox();
    check(&sandbox, &["--out", "page.html"]).code(1);
    let page = sandbox.read("page.html");
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">") && page.contains("<td>&lt;b&gt;&amp;</td>"), "{page}");
    assert!(page.contains("<b>2</b>overdue") && page.contains("<b>2</b>met") && page.contains("4 cases were judged."), "{page}");
    for outside in ["http:", "https:", "<script", "src=", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let page = check(&sandbox, &["--format", "html", "--lang", "zh"]).code(1).stdout;
    assert!(page.contains("<html lang=\"zh-CN\">") && page.contains("截至 ") && page.contains("逾期"), "{page}");
    let none = check(&sandbox, &["--format", "html", "--case", "J-3"]).code(0).stdout;
    assert!(none.contains("Nothing was found."), "{none}");
}

#[test]
fn junit_has_a_suite_for_each_policy_and_a_test_for_each_obligation() {
    let sandbox = sandbox();
    let out = check(&sandbox, &["--out", "junit.xml"]).code(1);
    assert_eq!(out.stdout, "");
    let text = sandbox.read("junit.xml");
    let mut reader = quick_xml::Reader::from_str(&text);
    let (mut names, mut failures) = (BTreeSet::new(), 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) if start.local_name().as_ref() == "testcase" => {
                let value = |name: &str| {
                    start
                        .try_get_attribute(name)
                        .unwrap()
                        .unwrap()
                        .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                        .unwrap()
                        .into_owned()
                };
                assert!(names.insert((value("classname"), value("name"))));
            }
            Event::Start(start) | Event::Empty(start) if start.local_name().as_ref() == "failure" => failures += 1,
            Event::Eof => break,
            _ => {}
        }
    }
    let names: Vec<String> = names.into_iter().map(|(class, name)| format!("{class} {name}")).collect();
    insta::assert_snapshot!(names.join("\n"), @r"
    p/1 <b>&
    p/1 =1+1
    p/1 J-3 [r]
    p/1 J-3 [s]
    p/1 J-4
    ");
    assert_eq!(failures, 2);
    assert!(
        text.contains(r#"<testsuite name="p" tests="5" failures="2" errors="0" skipped="0" time="0" timestamp="2026-03-02T07:00:00">"#),
        "{text}"
    );
}

#[test]
fn what_cannot_be_told_is_skipped() {
    let sandbox = crate::errors::policy(&[crate::errors::clause(
        "1",
        "    when: units > 3\n    deadline: {after: received, expect: answered, within: 2h}\n",
    )]);
    sandbox.write("cases.jsonl", CASES.lines().last().unwrap());
    let text = check(&sandbox, &["--format", "junit"]).code(0).stdout;
    assert!(text.contains("skipped=\"1\"") && text.contains("<skipped message=\""), "{text}");
}

#[test]
fn sarif_names_the_clause_and_the_case() {
    let sandbox = sandbox();
    let log: Value = serde_json::from_str(&check(&sandbox, &["--format", "sarif"]).code(1).stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    insta::assert_snapshot!(run["tool"]["driver"]["rules"][0], @r#"{"id":"p/1","name":"p/1","shortDescription":{"text":"T"},"fullDescription":{"text":"S"},"help":{"text":"S","markdown":"**T**\n\nS"},"messageStrings":{"en":{"text":"S"},"zh":{"text":"述"}},"defaultConfiguration":{"level":"warning"},"properties":{"title":{"en":"T","zh":"题"},"says":{"en":"S","zh":"述"},"policy":"p","owner":"desk","severity":"major","form":"deadline","tags":["p","deadline"]}}"#);
    insta::assert_snapshot!(serde_json::to_string_pretty(&run["results"][0]).unwrap(), @r#"
    {
      "ruleId": "p/1",
      "ruleIndex": 0,
      "kind": "fail",
      "level": "warning",
      "message": {
        "text": "T: awaits: answered; was due 2026-03-02 11:00, 4 h late"
      },
      "locations": [
        {
          "logicalLocations": [
            {
              "name": "=1+1",
              "fullyQualifiedName": "job/=1+1",
              "kind": "case"
            }
          ],
          "physicalLocation": {
            "artifactLocation": {
              "uri": "policies/p/policy.yaml"
            },
            "region": {
              "startLine": 24,
              "startColumn": 9
            }
          }
        }
      ],
      "partialFingerprints": {
        "obligation/v1": "8ce9a5f4241b4013e9ab58db0cdc5f371b4ae13ac1b4ccf4a854330acecb604e"
      },
      "properties": {
        "case": "=1+1",
        "kind": "job",
        "policy": "p",
        "clause": "p/1",
        "instance": "-r",
        "state": "overdue",
        "violation": true,
        "open": true,
        "severity": "major",
        "due": "2026-03-02T11:00:00+08:00",
        "provisional": false,
        "since": "2026-03-02T11:00:00+08:00",
        "met_at": null,
        "overdue_by": "PT4H",
        "next_action": {
          "role": "desk",
          "text": "N",
          "before": "2026-03-02T11:00:00+08:00"
        },
        "missing": [],
        "evidence": [
          "-r"
        ],
        "message": {
          "en": "T: awaits: answered; was due 2026-03-02 11:00, 4 h late",
          "zh": "题：等待：答复；应于 2026-03-02 11:00 前完成，已逾期 4 小时"
        }
      }
    }
    "#);
    let prints = |log: &Value| -> Vec<String> {
        let results = log["runs"][0]["results"].as_array().unwrap();
        results.iter().map(|result| result["partialFingerprints"]["obligation/v1"].as_str().unwrap().to_owned()).collect()
    };
    // They stay the same while things change.
    let arguments = [
        "check",
        "--policies",
        "policies",
        "--cases",
        "cases.jsonl",
        "--as-of",
        "2026-03-05T15:00:00+08:00",
        "--out",
        "later.sarif.json",
        "--lang",
        "zh",
    ];
    sandbox.run(&arguments).code(1);
    let later: Value = serde_json::from_str(&sandbox.read("later.sarif.json")).unwrap();
    assert_eq!(prints(&log).len(), 2);
    assert!(prints(&log).iter().all(|print| prints(&later).contains(print)));
    assert_eq!(later["runs"][0]["language"], "zh-CN");
}

#[test]
fn what_falls_due_goes_out_too() {
    let sandbox = sandbox();
    sandbox.run(&["import", "cases.jsonl"]).code(0);
    let due = |more: &[&str]| sandbox.run(&[&["due", "--as-of", "2026-03-02T15:00:00+08:00"], more].concat());
    due(&["--out", "due.xlsx"]).code(0);
    let rows = |file: &str, page: &str| {
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(fs::read(sandbox.path(file)).unwrap())).unwrap();
        book.worksheet_range(page).unwrap().rows().count()
    };
    assert_eq!(rows("due.xlsx", "Findings"), 4);
    due(&["--by", "role", "--out", "role.xlsx"]).code(0);
    assert_eq!(rows("role.xlsx", "What falls due"), 2);
    insta::assert_snapshot!(due(&["--by", "role", "--format", "csv"]).code(0).stdout, @r"
    role,label,overdue,today,this_week,later,total,critical
    desk,desk,2,1,0,0,3,0
    ");
    assert!(due(&["--by", "role", "--format", "html"]).code(0).stdout.contains("<td class=\"number\">3</td>"));
    insta::assert_snapshot!(due(&["--by", "role", "--format", "sarif"]).code(2).stderr, @r"
    error: junit and sarif are forms of findings; this is a table of figures
      help: use table, jsonl, json, csv, xlsx or html
    ");
    let against = check(&sandbox, &["--against", "policies", "--format", "html"]).code(2).stderr;
    insta::assert_snapshot!(against, @r"
    error: `--against` lists differences, which are no findings
      help: use `--format table` or `--format jsonl`
    ");
}
