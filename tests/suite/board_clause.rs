//! The pages of clauses and the playground, as people meet them.

use crate::{
    board_client::{Answer, Board, PASSWORD, Person, account},
    sandbox::Sandbox,
};

const CLOSE: &str = "2026-03-31T18:00:00+08:00";

const POLICY: &str = r#"policy: service
title: {en: Service of faults, zh: 故障服务}
source: {document: service-rules}
effective: 2026-01-01
roles:
  engineer: {en: engineer, zh: 工程师}
  head: {en: head of service, zh: 服务主管}
parameters:
  told_within: {assumed: 2h, en: time to tell the customer, zh: 告知时限, article: "2"}
  spare: {value: 3, en: spare parts in the van, zh: 随车备件}
kinds:
  fault:
    en: fault
    zh: 故障
    facts:
      site: {type: text, en: site, zh: 地点, values: {north: {en: north, zh: 北}, south: {en: south, zh: 南}}}
    events:
      reported: {en: reported, zh: 报修}
      arrived: {en: arrived, zh: 到场}
      told: {en: told, zh: 告知}
clauses:
  - id: "1"
    title: {en: Arrive in time, zh: 按时到场}
    says: {en: The engineer arrives within hours., zh: 工程师按时到场。}
    article: 第一条
    for: fault
    owner: engineer
    severity: critical
    warn: 10min
    next: {en: "Go to {site}", zh: "前往{site}"}
    escalate: {after: 1h, to: head}
    penalty: {en: a fine, zh: 罚款}
    overrides: ["2(b)?#%é"]
    deadline:
      after: reported
      expect: arrived
      within:
        select: site
        rows: {north: 4h, south: 4h}

  # Of the second.
  - id: "2(b)?#%é"
    title: {en: Tell the customer, zh: 告知客户}
    says: {en: The customer is told., zh: 告知客户。}
    for: fault
    when: site == "north"
    owner: head
    deadline: {after: arrived, expect: told, within: =told_within}
"#;

const TESTS: &str = r#"tests:
  - name: late by an hour
    case: {kind: fault, facts: {site: north}}
    events:
      - {at: "2026-03-02T09:00", type: reported}
      - {at: "2026-03-02T14:00", type: arrived}
    expect:
      - {at: "2026-03-02T12:00", clause: "1", state: pending}
      - {at: "2026-03-02T15:00", clause: "1", state: met_late, due: "2026-03-02T13:00"}
"#;

const OTHER: &str = r#"policy: garden
title: {en: Garden, zh: 花园}
effective: 2026-01-01
roles:
  gardener: {en: gardener, zh: 园丁}
kinds:
  tree:
    en: tree
    zh: 树
    events:
      planted: {en: planted, zh: 种植}
      watered: {en: watered, zh: 浇水}
clauses:
  - id: "1"
    title: {en: Water the tree, zh: 浇树}
    for: tree
    owner: gardener
    deadline: {after: planted, expect: watered, within: 1h}
"#;

/// A company with five faults: one was late, one waits.
fn company() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("duly.yaml", "workspace: test\nzone: Asia/Shanghai\nroles: {engineer: [wu]}\n");
    sandbox.write("policies/service/policy.yaml", POLICY);
    sandbox.write("policies/service/tests/arrive.yaml", TESTS);
    sandbox.write("policies/garden/policy.yaml", OTHER);
    let case = |id: &str, site: &str, reported: &str, arrived: Option<&str>| {
        let event = |kind: &str, at: &str| format!(r#"{{"id":"{kind}","type":"{kind}","at":"2026-03-{at}:00+08:00"}}"#);
        let events: Vec<String> =
            [Some(event("reported", reported)), arrived.map(|at| event("arrived", at))].into_iter().flatten().collect();
        format!(r#"{{"case":"{id}","kind":"fault","facts":{{"site":"{site}"}},"events":[{}]}}"#, events.join(","))
    };
    let cases = [
        case("F-1", "north", "30T09:00", Some("30T10:00")),
        case("F-2", "north", "30T09:00", Some("30T12:00")),
        case("F-3", "north", "30T09:00", Some("30T14:00")),
        case("F-4", "north", "31T17:50", None),
        case("F-5", "south", "30T09:00", Some("30T10:00")),
    ];
    sandbox.write("cases.jsonl", cases.join("\n"));
    sandbox.run(&["import", "cases.jsonl"]).code(0);
    sandbox.run(&["nightly", "--as-of", CLOSE]).code(0);
    account(&sandbox, "lin", "officer", &[]);
    sandbox
}

fn served(sandbox: &Sandbox) -> Board {
    Board::start(sandbox, &["--as-of", CLOSE])
}

#[test]
fn nobody_sees_the_board_without_signing_in() {
    let sandbox = company();
    let board = served(&sandbox);
    let guest = board.guest();
    let answer = guest.get("/clauses").code(303);
    assert_eq!(answer.header("location"), Some("/sign-in?back=%2Fclauses"));
    guest.get("/sign-in");
    guest.post("/sign-in", &[("name", "lin"), ("password", "wrong")]).code(422).says("The name or the password is wrong.");
    let lin = board.sign_in("lin", PASSWORD);
    lin.get("/").code(200).says("Today");
    lin.submit("/settings", &[("lang", "zh"), ("back", "/clauses")]).code(200).says("条款");
}

#[test]
fn clauses_are_listed_chosen_and_taken_out() {
    let sandbox = company();
    let board = served(&sandbox);
    let lin = board.sign_in("lin", PASSWORD);
    lin.get("/clauses").code(200).says("service/1 Arrive in time").says("Tell the customer").says("garden/1 Water the tree");
    lin.get("/clauses?policy=garden").code(200).says("Water the tree").says_not("Arrive in time");
    lin.get("/clauses?severity=critical").code(200).says("Arrive in time").says_not("Tell the customer");
    lin.get("/clauses?kind=tree&form=deadline").code(200).says("Water the tree").says_not("Arrive in time");
    lin.get("/clauses?text=%E5%91%8A%E7%9F%A5").code(200).says("Tell the customer").says_not("Arrive in time");
    let rows = lin.get("/clauses?policy=service&sort=rate&table=clauses&format=json").code(200).json();
    let row = &rows[0];
    assert_eq!((&row["clause"], &row["obligations"], &row["open"]), (&"service/1".into(), &5.into(), &0.into()), "{rows}");
    assert_eq!((row["rate"].as_f64(), &rows[1]["rate"]), (Some(25.0), &serde_json::Value::Null), "{rows}");
}

#[test]
fn a_clause_shows_what_it_says_and_how_it_fires_in_both_languages() {
    let sandbox = company();
    let board = served(&sandbox);
    let lin = board.sign_in("lin", PASSWORD);
    let page = lin.get("/clause/service/1").code(200);
    let page = page.says("Arrive in time").says("The engineer arrives within hours. 工程师按时到场。").says("service-rules").says("第一条");
    let page = page
        .says("engineer (wu)")
        .says("Go to {site}")
        .says("head of service, after 1h")
        .says("a fine")
        .says("Prevails over service/2(b)?#%é");
    // One of the four that can be told was late.
    let page = page
        .says("Fire rate: 25 % (1 / 4)")
        .says("pending 1 2026-03-31 18:00")
        .says("met late 1 2026-03-31 18:00")
        .says("met 3 2026-03-31");
    assert!(page.text().contains("href=\"/?clause=service%2F1&amp;state=pending#list\""), "{}", page.text());
    lin.get("/?clause=service%2F1&state=pending").code(200).says("F-4").says_not("F-3");
    // Its own lines, and not those of the next clause.
    let page = page.says("policies/service/policy.yaml:22").says("rows: {north: 4h, south: 4h}").says_not("Of the second");
    page.says("late by an hour policies/service/tests/arrive.yaml:2 2026-03-02 12:00: pending, 2026-03-02 15:00: met late")
        .says("How this form works");

    lin.reads("zh");
    let page = lin.get("/clause/service/1").code(200).says("按时到场").says("工程师按时到场。 The engineer arrives within hours.");
    page.says("违反率：25 % (1 / 4)")
        .says("未到期 1")
        .says("工程师 (wu)")
        .says("前往{site}")
        .says("严重程度 严重")
        .says("自 2026-01-01 00:00");
}

#[test]
fn an_id_with_odd_characters_is_reached_by_its_link() {
    let sandbox = company();
    let board = served(&sandbox);
    let lin = board.sign_in("lin", PASSWORD);
    let list = lin.get("/clauses").code(200).text();
    let path = list.split('"').find(|part| part.starts_with("/clause/service/2")).expect("a link to the clause").to_owned();
    let page = lin.get(&path).code(200).says("Tell the customer").says("Applies when site == \"north\"").says("Gives way to service/1");
    // The figure that it reads comes first, and is assumed; the other is not its own.
    let page = page.says("told_within time to tell the customer 2 hours yes 2 yes").says("spare spare parts in the van 3 no no");
    page.says("Tests Nothing here.");
    lin.get("/clause/service/3").code(404).says("there is no clause `service/3`");
}

/// Sends the edited text of a policy.
fn tries(person: &Person<'_>, what: &str, from: &str, to: &str) -> Answer {
    assert!(POLICY.contains(from));
    // As browsers send it.
    let text = POLICY.replacen(from, to, 1).replace('\n', "\r\n");
    person.post("/playground/service", &[("file", "policy.yaml"), ("text", &text), ("do", what)])
}

#[test]
fn the_playground_says_what_is_wrong_and_where() {
    let sandbox = company();
    let board = served(&sandbox);
    let lin = board.sign_in("lin", PASSWORD);
    let page = lin.get("/playground/service").code(200).says("Nothing is saved here").says("policies/service/policy.yaml");
    assert!(page.text().contains("rows: {north: 4h, south: 4h}"));
    let line = POLICY.lines().position(|line| line.contains("owner: engineer")).unwrap() + 1;
    let page = tries(&lin, "check", "owner: engineer", "owner: enginer").code(200).says("This text does not compile.");
    let page = page.says(&format!("error DU0402 line {line} : unknown role `enginer` help: did you mean `engineer`?"));
    // Drawn as on the command line, with no more of the path than people know.
    let page = page.says(&format!("--> policies/service/policy.yaml:{line}:12"));
    assert!(page.text().contains(&format!("<li value=\"{line}\" id=\"L{line}\" class=\"wrong\">")), "{}", page.text());
    assert!(!page.text().contains(&sandbox.path("").display().to_string()));
    // An impact of what does not compile is none.
    tries(&lin, "impact", "owner: engineer", "owner: enginer").code(200).says("DU0402").says_not("What would change");
    lin.reads("zh");
    tries(&lin, "check", "owner: engineer", "owner: enginer")
        .says(&format!("错误 DU0402 第 {line} 行 : 未知的角色 `enginer` 建议：是不是 `engineer`？"));
}

#[test]
fn the_playground_shows_which_cases_would_change() {
    let sandbox = company();
    let board = served(&sandbox);
    let lin = board.sign_in("lin", PASSWORD);
    lin.get("/playground/service");
    let before = sandbox.read("policies/service/policy.yaml");
    // Half an hour: two that were in time are late; one that was late and one that waits have another instant; the other site stands as it stood.
    let page = tries(&lin, "impact", "north: 4h", "north: 30min").code(200).says("Nothing is wrong with it.").says("0 passed, 1 failed");
    let page = page.says("expected `pending`, found `overdue`").says("5 stored cases were held");
    let page = page.says("2 newly violated 0 cleared 2 due moved 0 other change 1 unchanged");
    let page = page.says("service/1 Arrive in time changed 2 0 2 0 1 1 3");
    let page = page.says("newly violated F-1 service/1 Arrive in time reported met 2026-03-30 13:00 met late 2026-03-30 09:30");
    page.says("due moved F-4 service/1 Arrive in time reported pending 2026-03-31 21:50 pending 2026-03-31 18:20").says_not("F-5");
    // Longer: the late one is so no more.
    let page =
        tries(&lin, "impact", "north: 4h", "north: 6h").code(200).says("0 newly violated 1 cleared 3 due moved 0 other change 1 unchanged");
    page.says("cleared F-3 service/1 Arrive in time reported met late 2026-03-30 13:00 met 2026-03-30 15:00");
    // What changes no verdict.
    tries(&lin, "impact", "a fine", "two fines")
        .code(200)
        .says("0 newly violated 0 cleared 0 due moved 0 other change 5 unchanged")
        .says("1 passed, 0 failed");
    tries(&lin, "impact", "# Of the second.", "# Of the other.").code(200).says("No clause reads otherwise");
    // A table is taken out by the form.
    let text = POLICY.replacen("north: 4h", "north: 6h", 1);
    let form = [("file", "policy.yaml"), ("text", text.as_str())];
    let rows = lin.post("/playground/service?table=examples&format=json", &form).code(200);
    assert_eq!(rows.header("content-disposition"), Some("attachment; filename=\"duly-examples.json\""));
    assert_eq!(rows.json().to_string().matches("F-").count(), 4);
    // Nothing was written.
    assert_eq!(sandbox.read("policies/service/policy.yaml"), before);
    lin.get("/clause/service/1").code(200).says("rows: {north: 4h, south: 4h}").says("Fire rate: 25 % (1 / 4)");
}

#[test]
fn a_text_is_downloaded_as_it_was_edited() {
    let sandbox = company();
    let board = served(&sandbox);
    let lin = board.sign_in("lin", PASSWORD);
    lin.get("/playground/service");
    let file = tries(&lin, "download", "north: 4h", "north: 6h").code(200);
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"policy.yaml\"; filename*=UTF-8''policy.yaml"));
    assert_eq!(file.text(), POLICY.replacen("north: 4h", "north: 6h", 1));
    // Other files of the policy can be tried, too: a test that expects something else fails.
    lin.get("/playground/service?file=tests%2Farrive.yaml").code(200).says("policies/service/tests/arrive.yaml");
    let text = TESTS.replacen("state: pending", "state: overdue", 1);
    lin.post("/playground/service", &[("file", "tests/arrive.yaml"), ("text", &text), ("do", "check")])
        .code(200)
        .says("0 passed, 1 failed");
    lin.get("/playground/service?file=..%2Fgarden%2Fpolicy.yaml").code(404).says("has no file");
    let large = "x".repeat(4 * 1024 * 1024 + 1);
    lin.post("/playground/service", &[("file", "policy.yaml"), ("text", &large), ("do", "check")]).code(422).says("larger than 4 MB");
}

#[test]
fn ranks_and_scopes_are_kept() {
    let sandbox = company();
    account(&sandbox, "viewer", "viewer", &[]);
    account(&sandbox, "gardener", "officer", &["--policy", "garden"]);
    account(&sandbox, "south", "officer", &["--site", "south"]);
    let board = served(&sandbox);

    let viewer = board.sign_in("viewer", PASSWORD);
    viewer.get("/clause/service/1").code(200).says_not("playground");
    viewer.get("/playground/service").code(403).says("your account may not do this");
    tries(&viewer, "impact", "north: 4h", "north: 30min").code(403);

    let gardener = board.sign_in("gardener", PASSWORD);
    gardener.get("/clauses").code(200).says("Water the tree").says_not("Arrive in time").says_not("Service of faults");
    gardener.get("/clause/service/1").code(404).says_not("Arrive");
    gardener.get("/playground/service").code(404);
    gardener.get("/playground/garden").code(200).says("policies/garden/policy.yaml");
    let rows = gardener.get("/clauses?table=clauses&format=csv").code(200).text();
    assert!(rows.contains("garden/1") && !rows.contains("service/"), "{rows}");
    // A change that bears on another policy says so, and no more: that policy's lines are not this account's to see.
    let text = OTHER.replacen("kinds:\n", "kinds:\n  fault:\n    facts:\n      site: {type: integer, en: site, zh: 地点}\n", 1);
    let page = gardener.post("/playground/garden", &[("file", "policy.yaml"), ("text", &text), ("do", "check")]).code(200);
    page.says("DU0405").says_not("values: {north");

    let south = board.sign_in("south", PASSWORD);
    south.get("/clause/service/1").code(200).says("your account sees some").says("pending 0").says_not("Fire rate: 25");
    south.get("/playground/service");
    let page = tries(&south, "impact", "north: 4h", "north: 30min")
        .code(200)
        .says("0 newly violated 0 cleared 0 due moved 0 other change 1 unchanged");
    page.says_not("F-1");
}

#[test]
fn a_form_of_another_site_is_refused() {
    let sandbox = company();
    let board = served(&sandbox);
    let lin = board.sign_in("lin", PASSWORD);
    // The page was never looked at: there is no word against forms of other sites.
    let form = [("file", "policy.yaml"), ("text", POLICY), ("do", "check"), ("csrf", "guessed")];
    lin.post("/playground/service", &form).code(403).says("too old to act from");
    let answer = board.send("/playground/service", &[("content-type", "application/x-www-form-urlencoded")], Some(b"do=check"));
    assert_eq!(answer.status, 303);
    assert!(board.id() > 0);
}
