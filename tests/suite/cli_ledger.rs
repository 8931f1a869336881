//! `duly ledger`: what became of each entry of a document; and which clauses speak of which fact and event.

use crate::{
    errors::{clause, policy},
    sandbox::Sandbox,
};

const ENTRIES: &str = r#"document: p
entries:
  - {id: 1-a, article: "1", checkable: yes}
  - {id: 1-b, article: "1", checkable: partly}
  - {id: 2-a, article: "2", checkable: yes, same_as: [1-a]}
  - {id: 2-b, article: "2", checkable: no}
  - {id: 2-c, article: "2", checkable: yes}
  - {id: 3, article: "3", checkable: yes, same_as: [other/7]}
  - {id: 4, article: "4", checkable: partly, same_as: [2-a, "5"]}
  - {id: "5", article: "5", checkable: yes}
"#;

const TESTS: &str = r#"tests:
  - name: late, then in time
    case: {kind: job, facts: {units: 1}}
    events: [{at: "2026-03-02T09:00", type: received}, {at: "2026-03-02T12:30", type: answered}]
    expect:
      - {at: "2026-03-02T12:10", clause: "1", state: overdue}
      - {at: "2026-03-02T12:40", clause: "1", state: met_late}
  - name: in time
    case: {kind: job, facts: {units: 1}}
    events: [{at: "2026-03-02T09:00", type: received}, {at: "2026-03-02T09:30", type: answered}]
    expect: [{at: "2026-03-02T09:40", clause: "1", state: met}]
  - name: shut without an answer
    case: {kind: job, facts: {units: 1}}
    events: [{at: "2026-03-02T09:00", type: received}, {at: "2026-03-02T09:30", type: closed}]
    expect: [{at: "2026-03-02T09:40", clause: "2", state: breached}]
"#;

/// Two clauses on one document, one of them with an assumed figure that a derived fact reads.
fn sandbox() -> Sandbox {
    let deadline = "    deadline: {after: received, expect: answered, within: =allowed}\n    covers: [1-a, 1-b]\n";
    let forbid = "    forbid: {event: closed, except: has(\"answered\")}\n    covers: [2-c]\n";
    let second = clause("2", forbid).replace("next: {en: N, zh: 办}", "next: {en: \"Look at {note}\", zh: \"查看{note}\"}");
    let sandbox = policy(&[clause("1", deadline), second]);
    let text = sandbox.read("policies/p/policy.yaml");
    let figure = "parameters:\n  base: {assumed: 3h, en: base, zh: 基数}\n";
    let derive = "derive:\n  allowed: {of: job, type: span, value: \"=if units > 3 { base } else { 3h }\"}\nnot_computable:\n  - {covers: [\"5\"], reason: {en: nobody can know, zh: 无从得知}}\nclauses:\n";
    let text = text.replace("parameters:\n", figure).replace("clauses:\n", derive);
    sandbox.write("policies/p/policy.yaml", text);
    sandbox.write("policies/p/entries.yaml", ENTRIES);
    sandbox.write("policies/p/tests/tests.yaml", TESTS);
    sandbox
}

#[test]
fn each_entry_with_what_became_of_it() {
    let sandbox = sandbox();
    sandbox.run(&["test"]).code(0);
    insta::assert_snapshot!(sandbox.run(&["ledger"]).code(0).all(), @r#"
    exit 0
    --- stdout
    p

    ──────────────────────────────────────────────────────────────────────────────────────────────
     Entry   Article   Checkable   Covered by, or why not       Tests   Violated   Kept   Assumed 
    ══════════════════════════════════════════════════════════════════════════════════════════════
     1-a     1         yes         1 (deadline)                     2   yes        yes    base    
     1-b     1         partly      1 (deadline)                     2   yes        yes    base    
     2-a     2         yes         as 1-a                                                         
     2-b     2         no          leaves no record                                               
     2-c     2         yes         2 (forbid)                       1   yes        no             
     3       3         yes         as, not read here: other/7                                     
     4       4         partly      as 1-a                                                         
     5       5         yes         no clause: nobody can know                                     
    ──────────────────────────────────────────────────────────────────────────────────────────────

    ────────────────────────────────────────────────────────────────────────────────────────────
     Document   Entries   Covered   Repeats   Not computable   Open   Clauses   Scripts   Tests 
    ════════════════════════════════════════════════════════════════════════════════════════════
     p                8         3         3                2                2                 3 
    ────────────────────────────────────────────────────────────────────────────────────────────

    Clauses by form: deadline 1, forbid 1
    "#);
    insta::assert_snapshot!(sandbox.run(&["ledger", "--lang", "zh"]).code(0).stdout, @r#"
    p

    ────────────────────────────────────────────────────────────────────────────────────
     条目   条文   可检查   覆盖的条款，或原因          测试   违反   遵守   假定的数值 
    ════════════════════════════════════════════════════════════════════════════════════
     1-a    1      可       1 (deadline)                   2   有     有     base       
     1-b    1      部分     1 (deadline)                   2   有     有     base       
     2-a    2      可       同 1-a                                                      
     2-b    2      否       没有可查记录                                                
     2-c    2      可       2 (forbid)                     1   有     无                
     3      3      可       同（此处未读取）：other/7                                   
     4      4      部分     同 1-a                                                      
     5      5      可       无条款：无从得知                                            
    ────────────────────────────────────────────────────────────────────────────────────

    ────────────────────────────────────────────────────────────────────
     文件   条目   已覆盖   重复   无法检查   缺漏   条款   脚本   测试 
    ════════════════════════════════════════════════════════════════════
     p         8        3      3          2             2             3 
    ────────────────────────────────────────────────────────────────────

    各形式的条款数：deadline 1，forbid 1
    "#);
    insta::assert_snapshot!(sandbox.run(&["ledger", "--check"]).code(0).stderr, @"");
}

#[test]
fn forms_for_programs() {
    let sandbox = sandbox();
    insta::assert_snapshot!(sandbox.run(&["ledger", "--format", "jsonl"]).code(0).stdout, @r#"
    {"document":"p","entry":"1-a","article":"1","checkable":"yes","status":"covered","clauses":["p/1"],"forms":["deadline"],"same_as":[],"tests":2,"violated":true,"kept":true,"assumed":["base"],"reason":null}
    {"document":"p","entry":"1-b","article":"1","checkable":"partly","status":"covered","clauses":["p/1"],"forms":["deadline"],"same_as":[],"tests":2,"violated":true,"kept":true,"assumed":["base"],"reason":null}
    {"document":"p","entry":"2-a","article":"2","checkable":"yes","status":"repeat","clauses":[],"forms":[],"same_as":["p/1-a"],"tests":0,"violated":false,"kept":false,"assumed":[],"reason":null}
    {"document":"p","entry":"2-b","article":"2","checkable":"no","status":"not_computable","clauses":[],"forms":[],"same_as":[],"tests":0,"violated":false,"kept":false,"assumed":[],"reason":null}
    {"document":"p","entry":"2-c","article":"2","checkable":"yes","status":"covered","clauses":["p/2"],"forms":["forbid"],"same_as":[],"tests":1,"violated":true,"kept":false,"assumed":[],"reason":null}
    {"document":"p","entry":"3","article":"3","checkable":"yes","status":"elsewhere","clauses":[],"forms":[],"same_as":["other/7"],"tests":0,"violated":false,"kept":false,"assumed":[],"reason":null}
    {"document":"p","entry":"4","article":"4","checkable":"partly","status":"repeat","clauses":[],"forms":[],"same_as":["p/2-a","p/5"],"tests":0,"violated":false,"kept":false,"assumed":[],"reason":null}
    {"document":"p","entry":"5","article":"5","checkable":"yes","status":"not_computable","clauses":[],"forms":[],"same_as":[],"tests":0,"violated":false,"kept":false,"assumed":[],"reason":"nobody can know"}
    "#);
    insta::assert_snapshot!(sandbox.run(&["ledger", "--format", "csv"]).code(0).stdout, @r#"
    document,entry,article,checkable,status,clauses,forms,same_as,tests,violated,kept,assumed,reason
    p,1-a,1,yes,covered,p/1,deadline,,2,true,true,base,
    p,1-b,1,partly,covered,p/1,deadline,,2,true,true,base,
    p,2-a,2,yes,repeat,,,p/1-a,0,false,false,,
    p,2-b,2,no,not_computable,,,,0,false,false,,
    p,2-c,2,yes,covered,p/2,forbid,,1,true,false,,
    p,3,3,yes,elsewhere,,,other/7,0,false,false,,
    p,4,4,partly,repeat,,,p/2-a p/5,0,false,false,,
    p,5,5,yes,not_computable,,,,0,false,false,,nobody can know
    "#);
    let json: serde_json::Value = serde_json::from_str(&sandbox.run(&["ledger", "--format", "json"]).code(0).stdout).unwrap();
    assert_eq!(json["entries"].as_array().unwrap().len(), 8);
    insta::assert_snapshot!(json["totals"].to_string(), @r#"{"document":null,"entries":8,"covered":3,"repeats":3,"not_computable":2,"open":0,"clauses":2,"forms":{"deadline":1,"forbid":1},"scripts":[],"tests":3}"#);
    let page = sandbox.run(&["ledger", "--format", "markdown"]).code(0).stdout;
    assert!(page.starts_with("## p\n\n|") && page.contains("| --- |"), "{page}");
}

#[test]
fn gaps_are_named_at_their_lines() {
    let sandbox = sandbox();
    sandbox.write("policies/p/policy.yaml", sandbox.read("policies/p/policy.yaml").replace("covers: [2-c]", "covers: [2-d]"));
    sandbox.write("policies/p/tests/tests.yaml", TESTS.replace("state: breached", "state: none"));
    insta::assert_snapshot!(sandbox.run(&["ledger", "--check"]).code(1).stderr, @r#"
    error[DU0801]: entry `2-c` (article 2) has neither a clause nor a reason
     --> policies/p/entries.yaml:7:10
      |
    7 |   - {id: 2-c, article: "2", checkable: yes}
      |          ^^^
      |
      = help: let a clause have `covers: [2-c]`, or give the reason under `not_computable:`

    error[DU0803]: no test expects `p/2` to be violated
      --> policies/p/policy.yaml:37:9
       |
    37 |   - id: "2"
       |         ^^^
       |
       = help: add one in `tests/*.yaml` with `state: overdue`, `breached` or `met_late`

    error[DU0802]: `p` has no entry `2-d`
      --> policies/p/policy.yaml:44:14
       |
    44 |     covers: [2-d]
       |              ^^^
       |
       = help: did you mean `2-a`?

    3 gaps
    "#);
    insta::assert_snapshot!(sandbox.run(&["ledger", "--check", "--lang", "zh", "--format", "csv"]).code(1).stderr.lines().filter(|line| line.contains("[DU") || line.contains("共")).collect::<Vec<_>>().join("\n"), @r#"
    错误[DU0801]: 条目 `2-c`（第 2 条）既无条款也无原因
    错误[DU0803]: 没有测试预期 `p/2` 被违反
    错误[DU0802]: `p` 没有条目 `2-d`
    共 3 处缺漏
    "#);
    let quiet = sandbox.run(&["ledger", "--format", "csv"]).code(0);
    insta::assert_snapshot!(quiet.stderr, @"3 gaps; `--check` names them");
}

/// A document whose policy is still to be written, and one whose list of entries is broken.
#[test]
fn documents_without_a_policy() {
    let sandbox = sandbox();
    sandbox.write(
        "policies/other/entries.yaml",
        "document: other\nentries:\n  - {id: \"7\", checkable: yes}\n  - {id: \"8\", checkable: yes, same_as: [p/9]}\n",
    );
    sandbox.run(&["lint"]).code(0);
    insta::assert_snapshot!(sandbox.run(&["ledger", "policies/other"]).code(0).stdout, @r#"
    other

    ──────────────────────────────────────────────────────────────────────────────────────────
     Entry   Article   Checkable   Covered by, or why not   Tests   Violated   Kept   Assumed 
    ══════════════════════════════════════════════════════════════════════════════════════════
     7       7         yes         OPEN                                                       
     8       8         yes         as, not read here: p/9                                     
    ──────────────────────────────────────────────────────────────────────────────────────────

    ────────────────────────────────────────────────────────────────────────────────────────────
     Document   Entries   Covered   Repeats   Not computable   Open   Clauses   Scripts   Tests 
    ════════════════════════════════════════════════════════════════════════════════════════════
     other            2                   1                       1                             
    ────────────────────────────────────────────────────────────────────────────────────────────
    "#);
    // Entry 3 of p repeats what is open there.
    let all = sandbox.run(&["ledger", "--check"]).code(1).stderr;
    insta::assert_snapshot!(all.lines().filter(|line| line.contains("[DU") || line.contains("-->")).collect::<Vec<_>>().join("\n"), @r#"
    error[DU0801]: entry `7` (article 7) has neither a clause nor a reason
     --> policies/other/entries.yaml:3:10
    error[DU0801]: entry `8` (article 8) has neither a clause nor a reason
     --> policies/other/entries.yaml:4:10
    error[DU0802]: `p` has no entry `9`
     --> policies/other/entries.yaml:4:41
    error[DU0801]: entry `3` (article 3) has neither a clause nor a reason
     --> policies/p/entries.yaml:8:10
    "#);
    sandbox.write(
        "policies/other/entries.yaml",
        "document: other\nentries:\n  - {id: \"7\", checkable: maybe}\n  - {id: \"8\", checkable: yes}\n  - {id: \"8\", checkable: no}\n",
    );
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0105]: `maybe` is not a value of `checkable`
     --> policies/other/entries.yaml:3:26
      |
    3 |   - {id: "7", checkable: maybe}
      |                          ^^^^^
      |
      = help: one of `yes`, `partly`, `no`

    error[DU0405]: entry `8` is already in line 4
     --> policies/other/entries.yaml:5:10
      |
    5 |   - {id: "8", checkable: no}
      |          ^^^

    2 errors
    "#);
    sandbox.run(&["ledger"]).code(2);
}

/// Lists of entries decide nothing: a night does not read them for its verdicts, and their change is no change of policies.
#[test]
fn entries_decide_nothing() {
    let sandbox = sandbox();
    sandbox.write("duly.yaml", "workspace: w\n");
    sandbox.write(
        "cases.jsonl",
        r#"{"case":"J-1","kind":"job","facts":{"units":1},"events":[{"type":"received","at":"2026-03-02T09:00:00+08:00"}]}"#,
    );
    sandbox.run(&["import", "cases.jsonl"]).code(0);
    let night = |as_of: &str| {
        let out = sandbox.run(&["nightly", "--as-of", as_of, "--format", "json"]).code(0).stdout;
        serde_json::from_str::<serde_json::Value>(&out).unwrap()["policies"].clone()
    };
    let first = night("2026-03-03T01:00");
    sandbox.write("policies/p/entries.yaml", "entries: [");
    assert_eq!(first, night("2026-03-03T02:00"));
}

#[test]
fn who_speaks_of_what() {
    let sandbox = sandbox();
    insta::assert_snapshot!(sandbox.run(&["ledger", "--vocabulary"]).code(0).all(), @r#"
    exit 0
    --- stdout
    job (job)

    ─────────────────────────────────────────────────────────────────────
     Name       What it is   Fact or event          Read by   Awaited by 
    ═════════════════════════════════════════════════════════════════════
     area       area         fact: text             nobody               
     units      units        fact: integer          p: 1                 
     note       note         fact: text             p: 2                 
     received   received     event                  p: 1                 
     answered   answered     event                  p: 2      p: 1       
     closed     closed       event, ends the case   p: 2                 
    ─────────────────────────────────────────────────────────────────────
    --- stderr
    6 facts and events; no clause speaks of 1 facts and 0 events
    "#);
    insta::assert_snapshot!(sandbox.run(&["ledger", "--vocabulary", "--lang", "zh", "--format", "markdown"]).code(0).all(), @r#"
    exit 0
    --- stdout
    ## job (工单)

    | 名称 | 含义 | 事实或事件 | 读取的条款 | 等待的条款 |
    | --- | --- | --- | --- | --- |
    | area | 区域 | 事实：text | 无 |  |
    | units | 台数 | 事实：integer | p: 1 |  |
    | note | 备注 | 事实：text | p: 2 |  |
    | received | 收到 | 事件 | p: 1 |  |
    | answered | 答复 | 事件 | p: 2 | p: 1 |
    | closed | 办结 | 事件，结束个案 | p: 2 |  |
    --- stderr
    事实与事件共 6；没有条款涉及的事实 1，事件 0
    "#);
    insta::assert_snapshot!(sandbox.run(&["ledger", "--vocabulary", "--format", "csv"]).code(0).stdout, @r#"
    kind,word,name,label,type,ends,read_by,awaited_by
    job,fact,area,area,text,false,,
    job,fact,units,units,integer,false,p/1,
    job,fact,note,note,text,false,p/2,
    job,event,received,received,,false,p/1,
    job,event,answered,answered,,false,p/2,p/1
    job,event,closed,closed,,true,p/2,
    "#);
    let lines = sandbox.run(&["ledger", "--vocabulary", "--format", "jsonl"]).code(0).json_lines();
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[4]["awaited_by"], serde_json::json!(["p/1"]));
}

/// Events of a parent case stand with the parent's kind; what a script reads counts.
#[test]
fn parents_and_scripts() {
    let sandbox = sandbox();
    let text = sandbox.read("policies/p/policy.yaml");
    let site = "kinds:\n  site:\n    en: site\n    zh: 站点\n    facts: {city: {type: text}, spare: {type: integer}}\n    events: {rained: {en: rained, zh: 下雨}, received: {en: received, zh: 收到}}\n";
    let more = [
        clause("3", "    deadline: {after: {event: rained, on: parent}, expect: answered, within: 2h}\n    covers: []\n"),
        clause("4", "    rule: {script: scripts/s.rhai, function: judge}\n    covers: []\n").replace("for: job", "for: site"),
        clause("5", "    deadline: {after: {event: received, on: {parent: site}}, expect: closed, within: 2h}\n    covers: []\n"),
    ];
    sandbox.write("policies/p/policy.yaml", text.replace("kinds:\n", site) + more.concat().as_str());
    sandbox.write("policies/p/scripts/s.rhai", "fn judge(c) { if c.facts.city == \"x\" { [] } else { [] } }\n");
    insta::assert_snapshot!(sandbox.run(&["ledger", "--vocabulary"]).code(0).stdout, @r#"
    site (site)

    ──────────────────────────────────────────────────────────────
     Name       What it is   Fact or event   Read by   Awaited by 
    ══════════════════════════════════════════════════════════════
     city       city         fact: text      p: 4                 
     spare      spare        fact: integer   nobody               
     rained     rained       event           p: 3                 
     received   received     event           p: 5                 
    ──────────────────────────────────────────────────────────────

    job (job)

    ─────────────────────────────────────────────────────────────────────
     Name       What it is   Fact or event          Read by   Awaited by 
    ═════════════════════════════════════════════════════════════════════
     area       area         fact: text             nobody               
     units      units        fact: integer          p: 1                 
     note       note         fact: text             p: 2                 
     received   received     event                  p: 1                 
     answered   answered     event                  p: 2      p: 1, 3    
     closed     closed       event, ends the case   p: 2      p: 5       
    ─────────────────────────────────────────────────────────────────────
    "#);
    let json: serde_json::Value = serde_json::from_str(&sandbox.run(&["ledger", "--format", "json"]).code(0).stdout).unwrap();
    assert_eq!(json["totals"]["scripts"], serde_json::json!(["p/scripts/s.rhai"]));
}
