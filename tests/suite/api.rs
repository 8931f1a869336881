//! What programs read of the board and do at it.

use serde_json::{Value, json};

use crate::{
    api_client::{NOON, Program, company, token},
    board_client::Board,
    openmetrics,
};

#[test]
fn findings_in_words_and_in_hand() {
    let sandbox = company();
    let (sun, vera) = (token(&sandbox, "sun"), token(&sandbox, "vera"));
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let (sun, vera) = (Program::new(&board, Some(&sun)), Program::new(&board, Some(&vera)));
    let page = vera.get("/api/v1/findings").code(200).json();
    let brief = |page: &Value| -> Vec<String> {
        let rows = page["findings"].as_array().unwrap().iter();
        rows.map(|row| format!("{} {} {}", row["case"].as_str().unwrap(), row["clause"].as_str().unwrap(), row["state"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(brief(&page), ["V-1 visits/1 overdue", "V-2 visits/1 overdue", "C-2 complaints/1 overdue"]);
    let row = &page["findings"][0];
    assert_eq!((&row["site"], &row["severity"]), (&json!("north"), &json!("critical")));
    assert!(row["overdue_by"].as_str().unwrap().starts_with("PT27H"), "{row}");
    assert_eq!(row["next_action"]["role"], "inspector");
    assert_eq!((&row["assigned_to"], &row["acknowledged"]), (&Value::Null, &Value::Null));
    assert_eq!((&row["first_seen"], &page["findings"][2]["first_seen"]), (&json!("2026-03-03T06:00:00+08:00"), &Value::Null));
    // The filters of the board.
    assert_eq!(brief(&vera.get("/api/v1/findings?policy=complaints&section=overdue").json()), ["C-2 complaints/1 overdue"]);
    assert_eq!(brief(&vera.get("/api/v1/findings?site=south").json()), ["V-2 visits/1 overdue"]);
    assert_eq!(brief(&vera.get("/api/v1/findings?new=1").json()).len(), 3);
    vera.get("/api/v1/findings?section=gone").code(422);
    // Pages.
    let second = vera.get("/api/v1/findings?limit=2&page=2&sort=case").code(200);
    assert_eq!((brief(&second.json()), &second.json()["total"]), (vec!["V-2 visits/1 overdue".to_owned()], &json!(3)));
    let first = vera.get("/api/v1/findings?limit=2&sort=case").code(200);
    assert_eq!(first.header("link"), Some("</api/v1/findings?limit=2&sort=case&page=2>; rel=\"next\""));
    let lines = vera.send("GET", "/api/v1/findings?limit=2", &[("accept", "application/jsonl")], b"").code(200);
    assert_eq!((lines.text().lines().count(), lines.header("x-total-count")), (2, Some("3")));
    let zh = vera.send("GET", "/api/v1/findings?policy=complaints", &[("accept-language", "zh-CN")], b"").json();
    assert_eq!(zh["findings"][0]["next_action"]["text"], "答复严重投诉");
    // Taken in hand.
    let key = |row: &Value| json!({"case": row["case"], "clause": row["clause"], "instance": row["instance"]});
    let keys = json!([key(row), key(&page["findings"][1])]);
    assert_eq!(sun.post("/api/v1/findings/assign", &json!({"findings": keys, "to": "wu"})).code(200).json(), json!({"done": 2}));
    sun.post("/api/v1/findings/acknowledge", &json!({"findings": [key(row)]})).code(200);
    let page = vera.get("/api/v1/findings?person=wu").code(200).json();
    assert_eq!((&page["findings"][0]["assigned_to"], &page["findings"][0]["acknowledged"]["by"]), (&json!("wu"), &json!("sun")));
    sun.post("/api/v1/findings/assign", &json!({"findings": keys, "to": "nobody-known"})).code(422);
    sun.post("/api/v1/findings/assign", &json!({"findings": keys, "for": "wu"})).code(422);
    sun.post("/api/v1/findings/acknowledge", &json!({"findings": []})).code(422);
    vera.post("/api/v1/findings/acknowledge", &json!({"findings": keys})).code(403);
}

#[test]
fn a_case_is_judged_without_being_stored() {
    let sandbox = company();
    let (vera, cleo) = (token(&sandbox, "vera"), token(&sandbox, "cleo"));
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let (vera, cleo) = (Program::new(&board, Some(&vera)), Program::new(&board, Some(&cleo)));
    let case = json!({"case": "T-1", "kind": "complaint", "facts": {"grade": "general"}, "events": [{"type": "received", "at": "2026-03-03T09:00:00+08:00"}]});
    let now = vera.post("/api/v1/check", &case).code(200).json();
    assert_eq!(now["obligations"][0]["state"], "pending");
    assert!(now["as_of"].as_str().unwrap().starts_with("2026-03-03T12:0"), "{now}");
    let later = vera.post("/api/v1/check?as_of=2026-03-04T10:00", &case).code(200).json();
    assert_eq!((&later["obligations"][0]["state"], &later["obligations"][0]["overdue_by"]), (&json!("overdue"), &json!("PT1H")));
    vera.get("/api/v1/cases/T-1").code(404);
    vera.post("/api/v1/check", &json!({"case": "T-1", "kind": "rumour"})).code(422);
    vera.post("/api/v1/check?as_of=soon", &case).code(422);
    let visit = json!({"case": "T-2", "kind": "visit", "events": [{"type": "ordered", "at": "2026-03-01T09:00:00+08:00"}]});
    assert_eq!(vera.post("/api/v1/check", &visit).json()["obligations"].as_array().unwrap().len(), 1);
    assert_eq!(cleo.post("/api/v1/check", &visit).code(200).json()["obligations"], json!([]), "clauses of other policies are not told");
}

#[test]
fn an_explanation_is_that_of_the_command_line() {
    let sandbox = company();
    let printed = sandbox.run(&["explain", "C-2", "--as-of", "2026-03-03T12:00", "--format", "json"]).code(0).stdout;
    let vera = token(&sandbox, "vera");
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let vera = Program::new(&board, Some(&vera));
    let told = vera.get("/api/v1/cases/C-2/explanation?as_of=2026-03-03T12:00&lang=en").code(200).json();
    assert_eq!(told, serde_json::from_str::<Value>(&printed).unwrap());
    let none = vera.get("/api/v1/cases/C-2/explanation?clause=visits/*").code(200).json();
    assert_eq!(none["clauses"], json!([]));
    vera.get("/api/v1/cases/C-2/explanation?known_at=2020-01-01").code(404);
    vera.get("/api/v1/cases/C-9/explanation").code(404);
}

#[test]
fn runs_are_told_and_started() {
    let sandbox = company();
    let (olga, nora, sun) = (token(&sandbox, "olga"), token(&sandbox, "nora"), token(&sandbox, "sun"));
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let (olga, nora, sun) = (Program::new(&board, Some(&olga)), Program::new(&board, Some(&nora)), Program::new(&board, Some(&sun)));
    sun.post("/api/v1/runs", &json!({})).code(403);
    let run = olga.post("/api/v1/runs", &json!({"full": true})).code(201).json();
    assert_eq!((&run["new"], &run["cases"], &run["judged"]), (&json!(1), &json!(4), &json!(4)), "{run}");
    assert_eq!(run["findings"]["new"][0]["case"], "C-2");
    let empty = olga.send("POST", "/api/v1/runs", &[], b"").code(201).json();
    assert_eq!(empty["judged"], 0);
    olga.post("/api/v1/runs", &json!({"fast": true})).code(422);
    let list = olga.get("/api/v1/runs").code(200).json();
    assert_eq!((list["runs"].as_array().unwrap().len(), &list["runs"][1]["id"]), (3, &run["id"]));
    let shown = olga.get(&format!("/api/v1/runs/{}", run["id"])).code(200).json();
    assert_eq!(shown["findings"], run["findings"]);
    olga.get("/api/v1/runs/999999").code(404);
    olga.get("/api/v1/runs/x").code(404);
    // Who sees a part is told of that part.
    let first = list["runs"][2]["id"].clone();
    let told = nora.get(&format!("/api/v1/runs/{first}")).code(200).json();
    assert_eq!(told["findings"]["new"].as_array().unwrap().iter().map(|key| key["case"].as_str().unwrap()).collect::<Vec<_>>(), ["V-1"]);
    assert!(told.get("cases").is_none() && told.get("counts").is_none(), "{told}");
}

#[test]
fn a_waiver_is_asked_for_and_decided_by_another() {
    let sandbox = company();
    let tokens = ["sun", "shi", "adam", "olga", "nora"].map(|name| token(&sandbox, name));
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let [sun, shi, adam, olga, nora] = tokens.map(|token| Program::new(&board, Some(&token)));
    let request = json!({"case": "V-2", "clause": "visits/1", "until": "2026-04-01", "reason": "flood", "approver": "shi"});
    let with = |name: &str, value: &str| {
        let mut request = request.clone();
        request[name] = json!(value);
        request
    };
    for bad in [
        with("approver", "sun"),
        with("approver", "vera"),
        with("until", "2026-03-01"),
        with("until", "2030-01-01"),
        with("reason", " "),
        with("case ", "x"),
    ] {
        sun.post("/api/v1/waivers", &bad).code(422);
    }
    sun.post("/api/v1/waivers", &with("clause", "visits/9")).code(404);
    nora.post("/api/v1/waivers", &request).code(404);
    olga.post("/api/v1/waivers", &request).code(403);
    let asked = sun.post("/api/v1/waivers", &request).code(201).json();
    let id = asked["id"].as_str().unwrap().to_owned();
    let grant = format!("/api/v1/waivers/{id}/grant");
    sun.post(&grant, &json!({})).code(403);
    nora.post(&grant, &json!({})).code(404);
    let decided = shi.post(&grant, &json!({})).code(200).json();
    assert_eq!((&decided["waiver"]["by"], &decided["waiver"]["approved_by"]), (&json!("sun"), &json!("shi")));
    shi.post(&grant, &json!({})).code(404);
    assert_eq!(sun.get("/api/v1/findings?section=waived").json()["findings"][0]["case"], "V-2");
    let list = sun.get("/api/v1/waivers?case=V-2").code(200).json();
    assert_eq!((list["waivers"].as_array().unwrap().len(), list["asked"].as_array().unwrap().len()), (1, 0));
    assert_eq!(nora.get("/api/v1/waivers").code(200).json()["waivers"], json!([]), "of another site");
    // An administrator may, too; a refusal leaves no waiver.
    let asked = sun.post("/api/v1/waivers", &with("case", "V-1")).code(201).json();
    let refused = adam.post(&format!("/api/v1/waivers/{}/refuse", asked["id"].as_str().unwrap()), &json!({})).code(200).json();
    assert_eq!((&refused["granted"], &refused["waiver"]), (&json!(false), &Value::Null));
    assert_eq!(sun.get("/api/v1/waivers").json()["asked"], json!([]));
}

#[test]
fn metrics_and_probes() {
    let sandbox = company();
    let (vera, cleo) = (token(&sandbox, "vera"), token(&sandbox, "cleo"));
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let stranger = Program::new(&board, None);
    let (vera, cleo) = (Program::new(&board, Some(&vera)), Program::new(&board, Some(&cleo)));
    assert_eq!(stranger.get("/healthz").code(200).json(), json!({"alive": true}));
    assert_eq!(stranger.get("/readyz").code(200).json(), json!({"ready": true}));
    let told = vera.get("/readyz").code(200).json();
    assert_eq!((&told["store"], &told["policies"]), (&json!("readable"), &json!("loaded")));
    assert!(told["last_run"]["age_seconds"].as_u64().unwrap() < 600, "{told}");
    stranger.get("/metrics").code(401);
    board.guest().post("/sign-in", &[("name", "vera"), ("password", "wrong")]);
    let answer = vera.get("/metrics").code(200);
    assert_eq!(answer.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let page = openmetrics::read(&answer.text()).unwrap_or_else(|why| panic!("{why}\n{}", answer.text()));
    let value = |page: &std::collections::BTreeMap<String, Vec<openmetrics::Sample>>, name: &str, label: &str, wanted: &str| {
        let samples = page.get(name).unwrap_or_else(|| panic!("{name}"));
        samples
            .iter()
            .filter(|(labels, _)| wanted.is_empty() || labels[label] == wanted)
            .map(|(_, value)| value.parse::<f64>().unwrap())
            .sum::<f64>()
    };
    assert_eq!(value(&page, "duly_open_violations", "policy", "visits"), 2.0);
    assert_eq!(value(&page, "duly_open_obligations", "state", "overdue"), 3.0);
    assert_eq!(value(&page, "duly_cases", "", ""), 4.0);
    assert_eq!(value(&page, "duly_sign_ins_refused_total", "", ""), 1.0);
    assert_eq!(value(&page, "duly_http_requests_total", "route", "/readyz"), 2.0);
    assert_eq!(value(&page, "duly_http_request_duration_seconds_count", "route", "/readyz"), 2.0);
    assert!(page.contains_key("duly_run_age_seconds") && page.contains_key("duly_run_seconds"));
    let page = openmetrics::read(&cleo.get("/metrics").code(200).text()).unwrap();
    assert_eq!(value(&page, "duly_open_violations", "", ""), 1.0, "of what the account sees");
}

#[test]
fn clauses_and_the_account() {
    let sandbox = company();
    let (vera, cleo) = (token(&sandbox, "vera"), token(&sandbox, "cleo"));
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let (vera, cleo) = (Program::new(&board, Some(&vera)), Program::new(&board, Some(&cleo)));
    let ids = |program: &Program<'_>| -> Vec<String> {
        let list = program.get("/api/v1/clauses").code(200).json();
        list["clauses"].as_array().unwrap().iter().map(|clause| clause["clause"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&vera), ["complaints/1", "visits/1"]);
    assert_eq!(ids(&cleo), ["complaints/1"]);
    assert_eq!(cleo.get("/api/v1/me").json(), json!({"name": "cleo", "rank": "supervisor", "policies": ["complaints"], "sites": []}));
    let schema = vera.get("/api/v1/schemas/case").code(200).json();
    assert_eq!(schema["properties"]["kind"]["enum"], json!(["complaint", "visit"]));
}
