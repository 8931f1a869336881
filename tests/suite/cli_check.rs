//! `duly check`: the worked examples, exit codes, filters and formats.

use serde_json::Value;

use crate::errors::{clause, policy};
use crate::sandbox::{Output, POLICIES, Sandbox};

/// Judges cases by the shipped policies, every obligation of one clause.
fn judged(cases: &str, clause: &str, as_of: &str) -> Vec<Value> {
    let sandbox = Sandbox::new();
    sandbox.write("cases.jsonl", cases);
    let arguments =
        ["check", "--policies", POLICIES, "--cases", "cases.jsonl", "--clause", clause, "--as-of", as_of, "--all", "--format", "jsonl"];
    sandbox.run(&arguments).json_lines()
}

/// The named fields of each finding, one line each.
fn fields(found: &[Value], names: &[&str]) -> String {
    let line = |found: &Value| {
        names.iter().map(|name| found.pointer(name).unwrap_or(&Value::Null).to_string().replace('"', "")).collect::<Vec<_>>().join(" ")
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn fault(id: &str, area: &str, arrived: Option<&str>) -> String {
    let arrived = arrived.map_or_else(String::new, |at| format!(r#",{{"id":"e2","type":"arrived","at":"{at}"}}"#));
    format!(
        "{{\"case\":\"{id}\",\"kind\":\"fault\",\"facts\":{{\"area\":\"{area}\"}},\"events\":[{{\"id\":\"e1\",\"type\":\"reported\",\"at\":\"2026-03-02T22:10:00+08:00\"}}{arrived}]}}\n"
    )
}

#[test]
fn reaching_the_site_in_time() {
    let cases = [
        fault("in-time", "ring-1", Some("2026-03-03T00:05:00+08:00")),
        fault("late", "ring-1", Some("2026-03-03T00:20:00+08:00")),
        fault("nothing", "ring-1", None),
        fault("farther", "ring-3", None),
        fault("far", "remote", None),
    ];
    let found = judged(&cases.concat(), "security-systems/4.2.5", "2026-03-03T00:30:00+08:00");
    let names = ["/case", "/state", "/due", "/met_at", "/overdue_by", "/open", "/next_action/role", "/missing"];
    insta::assert_snapshot!(fields(&found, &names), @r#"
    in-time met 2026-03-03T00:10:00+08:00 2026-03-03T00:05:00+08:00 null false null []
    late met_late 2026-03-03T00:10:00+08:00 2026-03-03T00:20:00+08:00 PT10M false null []
    nothing overdue 2026-03-03T00:10:00+08:00 null PT20M true maintenance-engineer []
    farther pending 2026-03-03T02:10:00+08:00 null null false maintenance-engineer []
    far undetermined null null null false null [contract_arrival]
    "#);
}

#[test]
fn repairing_ten_machines_a_day_and_calling_back() {
    let repair = |id: &str, facts: &str| {
        format!(
            "{{\"case\":\"{id}\",\"kind\":\"repair\",\"facts\":{facts},\"events\":[{{\"type\":\"received\",\"at\":\"2026-03-02T10:00:00+08:00\"}},{{\"type\":\"returned\",\"at\":\"2026-03-06T15:00:00+08:00\"}}]}}\n"
        )
    };
    let cases = [repair("ten", r#"{"units":10}"#), repair("twelve", r#"{"units":12}"#), repair("unknown", "{}")].concat();
    let names = ["/case", "/state", "/due", "/overdue_by", "/missing"];
    insta::assert_snapshot!(fields(&judged(&cases, "console-repair/6-8", "2026-03-04T12:00:00+08:00"), &names), @r#"
    ten overdue 2026-03-04T00:00:00+08:00 PT12H []
    twelve due_soon 2026-03-05T00:00:00+08:00 null []
    unknown undetermined null null [units]
    "#);
    // Three days from a Friday end with the Monday.
    insta::assert_snapshot!(fields(&judged(&cases, "console-repair/6-9", "2026-03-10T00:01:00+08:00"), &names), @r#"
    ten overdue 2026-03-10T00:00:00+08:00 PT1M []
    twelve overdue 2026-03-10T00:00:00+08:00 PT1M []
    unknown overdue 2026-03-10T00:00:00+08:00 PT1M []
    "#);
}

#[test]
fn six_working_hours_over_a_make_up_working_day() {
    let case =
        r#"{"case":"R-1","kind":"repair","facts":{"service_area":"urban"},"events":[{"type":"called","at":"2026-09-18T16:00:00+08:00"}]}"#;
    let found = judged(case, "repair-dispatch/14", "2026-09-20T14:30:00+08:00");
    insta::assert_snapshot!(fields(&found, &["/state", "/due", "/overdue_by", "/next_action/role"]), @r#"overdue 2026-09-20T14:00:00+08:00 PT30M technician"#);
}

#[test]
fn approval_before_the_plan_is_carried_out() {
    let problem = |id: &str, executed: bool| {
        let executed = if executed { r#",{"type":"plan_executed","at":"2026-03-04T09:00:00+08:00"}"# } else { "" };
        format!(
            "{{\"case\":\"{id}\",\"kind\":\"quality-problem\",\"facts\":{{\"grade\":\"critical\"}},\"events\":[{{\"type\":\"plan_proposed\",\"at\":\"2026-03-02T09:00:00+08:00\"}},{{\"type\":\"approved\",\"at\":\"2026-03-02T10:00:00+08:00\",\"by\":\"wu\",\"role\":\"after-sales-head\"}},{{\"type\":\"approved\",\"at\":\"2026-03-02T11:00:00+08:00\",\"by\":\"he\",\"role\":\"company-lead\"}}{executed}]}}\n"
        )
    };
    let found =
        judged(&[problem("waiting", false), problem("rushed", true)].concat(), "precast-after-sales/4.2.3", "2026-03-04T10:00:00+08:00");
    insta::assert_snapshot!(fields(&found, &["/case", "/state", "/since", "/open", "/severity", "/next_action/role"]), @r#"
    waiting pending null false critical general-manager
    rushed breached 2026-03-04T09:00:00+08:00 true critical general-manager
    "#);
}

#[test]
fn a_spare_part_below_its_minimum_is_ordered() {
    let case = r#"{"case":"P-1","kind":"spare-part","facts":{"minimum":20,"maximum":100,"on_hand":14,"on_order":0},"events":[{"type":"entered","at":"2026-03-02T10:00:00+08:00"}]}"#;
    let found = judged(case, "precast-after-sales/5.1.1", "2026-03-03T10:00:00+08:00");
    insta::assert_snapshot!(fields(&found, &["/state", "/since", "/next_action/text"]), @r#"overdue 2026-03-02T10:00:00+08:00 Below the minimum: order 86"#);
}

const AT: &str = "2026-03-02T12:30:00+08:00";

/// Four jobs received at nine: late, done late, not to be told, done in time.
fn jobs() -> Sandbox {
    let sandbox = policy(&[
        clause("1", "    deadline: {after: received, expect: answered, within: {select: area, rows: {ring-1: 2h, ring-2: 3h}}}\n"),
        clause("2", "    deadline: {after: received, expect: closed, within: 1d}\n"),
    ]);
    let job = |id: &str, facts: &str, answered: &str| {
        let answered = if answered.is_empty() {
            String::new()
        } else {
            format!(",{{\"type\":\"answered\",\"at\":\"2026-03-02T{answered}:00+08:00\",\"by\":\"lin\"}}")
        };
        format!(
            "{{\"case\":\"{id}\",\"kind\":\"job\",\"facts\":{facts},\"events\":[{{\"id\":\"r\",\"type\":\"received\",\"at\":\"2026-03-02T09:00:00+08:00\"}}{answered}]}}\n"
        )
    };
    let near = r#"{"area":"ring-1"}"#;
    sandbox.write("late.jsonl", job("J-1", near, ""));
    sandbox.write("done-late.jsonl", job("J-2", near, "11:30"));
    sandbox.write("unknown.jsonl", job("J-3", "{}", ""));
    sandbox.write("done.jsonl", job("J-4", r#"{"area":"ring-2"}"#, "11:30"));
    let all = ["late.jsonl", "done-late.jsonl", "unknown.jsonl", "done.jsonl"].map(|name| sandbox.read(name)).concat();
    sandbox.write("all.jsonl", all);
    sandbox
}

fn check(sandbox: &Sandbox, file: &str, more: &[&str]) -> Output {
    let arguments = ["check", "--policies", "policies", "--cases", file, "--as-of", AT];
    sandbox.run(&[&arguments[..], more].concat())
}

#[test]
fn exit_codes() {
    let sandbox = jobs();
    let code = |file: &str, fail_on: &str| check(&sandbox, file, &["--fail-on", fail_on]).code.unwrap();
    let row = |file: &str| ["any", "open", "new", "undetermined", "never"].map(|fail_on| code(file, fail_on));
    assert_eq!(row("late.jsonl"), [1, 1, 1, 1, 0]);
    assert_eq!(row("done-late.jsonl"), [1, 0, 1, 1, 0]);
    assert_eq!(row("unknown.jsonl"), [0, 0, 0, 1, 0]);
    assert_eq!(row("done.jsonl"), [0, 0, 0, 0, 0]);
    assert_eq!(check(&sandbox, "late.jsonl", &[]).code, Some(1));
    assert_eq!(check(&sandbox, "unknown.jsonl", &[]).code, Some(0));
    check(&sandbox, "nowhere.jsonl", &[]).code(2);
    check(&sandbox, "late.jsonl", &["--fail-on", "sometimes"]).code(2);
}

#[test]
fn a_table_in_two_languages() {
    let sandbox = jobs();
    insta::assert_snapshot!(check(&sandbox, "all.jsonl", &["--clause", "p/1"]).code(1).all(), @r#"
    exit 1
    --- stdout
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
     Case   Clause   State          Due                Late by      Whose move   What to do, or what is wrong            
    ═════════════════════════════════════════════════════════════════════════════════════════════════════════════════════
     J-1    p/1      overdue        2026-03-02 11:00   1 h 30 min   desk         N                                       
     J-3    p/1      undetermined                                                T: cannot be told, not recorded: area   
     J-2    p/1      met late       2026-03-02 11:00   30 min                    T: done 30 min late, was due 2026-03-02 
                                                                                 11:00                                   
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    --- stderr
    4 cases: 1 overdue, 1 undetermined, 1 met late, 1 met
    "#);
    insta::assert_snapshot!(check(&sandbox, "all.jsonl", &["--clause", "p/1", "--lang", "zh"]).code(1).all(), @r#"
    exit 1
    --- stdout
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
     个案   条款   状态       到期               逾期             由谁   下一步或问题                                       
    ════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════
     J-1    p/1    逾期       2026-03-02 11:00   1 小时 30 分钟   前台   办                                                 
     J-3    p/1    待定                                                  题：无法判断，未记录：area                         
     J-2    p/1    逾期完成   2026-03-02 11:00   30 分钟                 题：逾期 30 分钟完成，应于 2026-03-02 11:00 前完成 
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    --- stderr
    4 个个案：1 逾期，1 待定，1 逾期完成，1 按时完成
    "#);
}

#[test]
fn filters() {
    let sandbox = jobs();
    let list = |more: &[&str]| {
        let found = check(&sandbox, "all.jsonl", &[&["--format", "jsonl"], more].concat()).json_lines();
        fields(&found, &["/case", "/clause", "/state"])
    };
    insta::assert_snapshot!(list(&[]), @r#"
    J-1 p/1 overdue
    J-2 p/1 met_late
    J-3 p/1 undetermined
    "#);
    insta::assert_snapshot!(list(&["--open"]), @r#"
    J-1 p/1 overdue
    J-3 p/1 undetermined
    "#);
    insta::assert_snapshot!(list(&["--all", "--clause", "*/2"]), @r#"
    J-1 p/2 pending
    J-2 p/2 pending
    J-3 p/2 pending
    J-4 p/2 pending
    "#);
    insta::assert_snapshot!(list(&["--all", "--case", "J-4"]), @r#"
    J-4 p/1 met
    J-4 p/2 pending
    "#);
}

#[test]
fn formats_say_the_same() {
    let sandbox = jobs();
    let more = |format| check(&sandbox, "all.jsonl", &["--clause", "p/1", "--format", format]).code(1);
    insta::assert_snapshot!(more("csv").stdout, @r#"
    case,group,kind,policy,clause,instance,state,violation,open,severity,due,provisional,since,met_at,overdue_by,next_role,next_text,missing,evidence,message
    J-1,,job,p,p/1,r,overdue,true,true,major,2026-03-02T11:00:00+08:00,false,2026-03-02T11:00:00+08:00,,PT1H30M,desk,N,,r,"T: awaits: answered; was due 2026-03-02 11:00, 1 h 30 min late"
    J-2,,job,p,p/1,r,met_late,true,false,major,2026-03-02T11:00:00+08:00,false,2026-03-02T11:00:00+08:00,2026-03-02T11:30:00+08:00,PT30M,,,,r 6db5c2b376034d79,"T: done 30 min late, was due 2026-03-02 11:00"
    J-3,,job,p,p/1,r,undetermined,false,false,major,,false,,,,,,area,r,"T: cannot be told, not recorded: area"
    "#);
    let lines = more("jsonl").json_lines();
    let json: Value = serde_json::from_str(&more("json").stdout).unwrap();
    assert_eq!(lines.len(), 3);
    assert_eq!(json, Value::Array(lines));
    let out = check(&sandbox, "all.jsonl", &["--clause", "p/1", "--format", "json", "--out", "found.json"]).code(1);
    assert_eq!(out.stdout, "");
    assert_eq!(sandbox.read("found.json"), more("json").stdout);
    assert!(!sandbox.path("found.json.part").exists());
}

#[test]
fn inputs_say_the_same() {
    let sandbox = jobs();
    let jsonl = ["--format", "jsonl"];
    let plain = check(&sandbox, "all.jsonl", &jsonl).code(1).stdout;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, sandbox.read("all.jsonl").as_bytes()).unwrap();
    sandbox.write("all.jsonl.gz", packed.finish().unwrap());
    assert_eq!(check(&sandbox, "all.jsonl.gz", &jsonl).code(1).stdout, plain);
    let arguments = ["check", "--policies", "policies", "--cases", "-", "--as-of", AT, "--format", "jsonl"];
    assert_eq!(sandbox.run_with(&arguments, sandbox.read("all.jsonl")).code(1).stdout, plain);
    let twice = check(&sandbox, "all.jsonl", &["--format", "jsonl", "--cases", "late.jsonl"]);
    assert_eq!(twice.code(1).stdout, plain);
    assert!(!sandbox.path(".duly").exists());
}

#[test]
fn against_another_limit() {
    let sandbox = jobs();
    let text = sandbox.read("policies/p/policy.yaml");
    sandbox.write("longer/calendars/office.yaml", sandbox.read("policies/calendars/office.yaml"));
    sandbox.write(
        "longer/p/policy.yaml",
        text.replace("ring-1: 2h, ring-2: 3h", "ring-1: 4h, ring-2: 1h").replace("within: 1d", "within: 2d"),
    );
    let against = |more: &[&str]| check(&sandbox, "all.jsonl", &[&["--against", "longer"], more].concat()).code(1);
    insta::assert_snapshot!(against(&[]).all(), @r#"
    exit 1
    --- stdout
    newly violated J-4 p/1 [r]: met 2026-03-02 12:00 → met late 2026-03-02 10:00
    cleared        J-1 p/1 [r]: overdue 2026-03-02 11:00 → due soon 2026-03-02 13:00
    cleared        J-2 p/1 [r]: met late 2026-03-02 11:00 → met 2026-03-02 13:00
    due moved      J-1 p/2 [r]: pending 2026-03-03 24:00 → pending 2026-03-04 24:00
    due moved      J-2 p/2 [r]: pending 2026-03-03 24:00 → pending 2026-03-04 24:00
    due moved      J-3 p/2 [r]: pending 2026-03-03 24:00 → pending 2026-03-04 24:00
    due moved      J-4 p/2 [r]: pending 2026-03-03 24:00 → pending 2026-03-04 24:00
    --- stderr
    1 newly violated, 2 cleared, 4 due moved, 0 other change, 1 unchanged
    "#);
    let json = against(&["--format", "jsonl"]).json_lines();
    let mut changes: Vec<_> = json.iter().map(|line| (line["case"].as_str().unwrap(), line["change"].as_str().unwrap())).collect();
    changes.sort_unstable();
    assert_eq!(
        changes,
        [
            ("J-1", "cleared"),
            ("J-1", "moved"),
            ("J-2", "cleared"),
            ("J-2", "moved"),
            ("J-3", "moved"),
            ("J-4", "moved"),
            ("J-4", "newly_violated")
        ]
    );
    let same = check(&sandbox, "all.jsonl", &["--against", "policies"]).code(0);
    insta::assert_snapshot!(same.all(), @r#"
    exit 0
    --- stderr
    0 newly violated, 0 cleared, 0 due moved, 0 other change, 8 unchanged
    "#);
}
