//! Who is let in, how often, and to see what.

use std::{
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    api_client::{NOON, Program, company, token},
    board_client::{Board, PASSWORD},
};

#[test]
fn without_a_token_there_is_no_answer() {
    let sandbox = company();
    let closed = token(&sandbox, "vera");
    let feed = sandbox.run(&["user", "token", "sun", "--label", "calendar", "--feed"]).code(0).stdout.trim().to_owned();
    sandbox.run(&["user", "close", "vera"]).code(0);
    sandbox.run(&["user", "token", "vera", "--label", "x"]).code(2);
    sandbox.run(&["user", "token", "nobody", "--label", "x"]).code(2);
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    for token in [None, Some("duly_guess"), Some(closed.as_str()), Some(feed.as_str())] {
        let answer = Program::new(&board, token).get("/api/v1/findings").code(401);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(answer.json()["status"], 401);
    }
    let large = vec![b'x'; 100_000];
    Program::new(&board, None).send("POST", "/api/v1/check", &[("content-type", "application/json")], &large).code(413);
}

#[test]
fn an_account_sees_its_policies_and_sites_and_nothing_else() {
    let sandbox = company();
    let (cleo, nora, olga) = (token(&sandbox, "cleo"), token(&sandbox, "nora"), token(&sandbox, "olga"));
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let (cleo, nora, olga) = (Program::new(&board, Some(&cleo)), Program::new(&board, Some(&nora)), Program::new(&board, Some(&olga)));
    let cases = |program: &Program<'_>, path: &str, list: &str| -> Vec<String> {
        let page = program.get(path).code(200).json();
        page[list].as_array().unwrap().iter().map(|row| row["case"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(cases(&cleo, "/api/v1/findings", "findings"), ["C-2"]);
    assert_eq!(cases(&nora, "/api/v1/findings", "findings"), ["V-1"]);
    assert_eq!(cases(&cleo, "/api/v1/cases", "cases"), ["C-1", "C-2"]);
    assert_eq!(cases(&nora, "/api/v1/cases", "cases"), ["V-1"]);
    let event = json!({"id": "m1", "type": "made", "at": "2026-03-02T17:00:00+08:00"});
    for (program, case) in [(&cleo, "V-1"), (&nora, "V-2"), (&nora, "C-2")] {
        program.get(&format!("/api/v1/cases/{case}")).code(404);
        program.get(&format!("/api/v1/cases/{case}/explanation")).code(404);
        program.post(&format!("/api/v1/cases/{case}/events"), &event).code(404);
        let cloud =
            json!({"specversion": "1.0", "id": "1", "source": "x", "type": "made", "subject": case, "time": "2026-03-02T17:00:00+08:00"});
        program.send("POST", "/api/v1/events", &[("content-type", "application/cloudevents+json")], cloud.to_string().as_bytes()).code(422);
    }
    let key = json!({"case": "V-2", "clause": "visits/1", "instance": "o1"});
    nora.post("/api/v1/findings/assign", &json!({"findings": [key], "to": "wu"})).code(403);
    assert_eq!(olga.get("/api/v1/cases/V-2").json()["events"].as_array().unwrap().len(), 1, "nothing was recorded");
    nora.post("/api/v1/cases/V-1/events", &event).code(201);
}

#[test]
fn a_viewer_changes_nothing() {
    let sandbox = company();
    let vera = token(&sandbox, "vera");
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let program = Program::new(&board, Some(&vera));
    let event = json!({"type": "answered", "at": "2026-03-02T17:00:00+08:00"});
    program.post("/api/v1/cases/C-2/events", &event).code(403);
    program.post("/api/v1/cases", &json!([])).code(403);
    program.put("/api/v1/cases/C-9", &json!({"case": "C-9", "kind": "complaint"})).code(403);
    program.post("/api/v1/waivers", &json!({})).code(403);
    program.post("/api/v1/runs", &json!({})).code(403);
    let vera = board.sign_in("vera", PASSWORD);
    vera.get("/");
    vera.post("/case/C-2/comment", &[("text", "x")]).code(403);
    vera.get("/accounts").code(403);
    vera.get("/audit").code(403);
}

#[test]
fn a_cookie_alone_changes_nothing() {
    let sandbox = company();
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let guest = board.guest();
    guest.get("/sign-in");
    let entered = guest.post("/sign-in", &[("name", "sun"), ("password", PASSWORD)]).code(303);
    let cookie = entered.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let comment = |headers: &[(&str, &str)], body: &str| {
        board.send("/case/C-2/comment", &[&[("cookie", cookie.as_str()), form][..], headers].concat(), Some(body.as_bytes()))
    };
    comment(&[], "text=x").code(403);
    comment(&[], "text=x&csrf=guess").code(403);
    // To read is all that a session does at the interface for programs; writing needs a token.
    let json = [("cookie", cookie.as_str()), ("content-type", "application/json")];
    board.send("/api/v1/me", &[("cookie", cookie.as_str())], None).code(200);
    board.send("/api/v1/cases/C-2/events", &json, Some(br#"{"type":"answered","at":"2026-03-02T17:00"}"#)).code(403);
    // Another site's form, even with the word.
    let page = board.send("/me", &[("cookie", cookie.as_str())], None).code(200);
    let csrf = page.hidden("csrf").unwrap();
    let body = format!("text=x&csrf={csrf}");
    comment(&[("origin", "https://elsewhere.example")], &body).code(403);
    comment(&[("sec-fetch-site", "cross-site")], &body).code(403);
    comment(&[], &body).code(303);
}

#[test]
fn five_failures_lock_the_door() {
    let sandbox = company();
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let guest = board.guest();
    guest.get("/sign-in");
    for _ in 0..5 {
        guest.post("/sign-in", &[("name", "sun"), ("password", "wrong")]).code(422);
    }
    let answer = guest.post("/sign-in", &[("name", "sun"), ("password", PASSWORD)]).code(429);
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((800..=901).contains(&wait), "{wait}");
}

#[test]
fn a_flood_is_held_back() {
    let sandbox = company();
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let stranger = Program::new(&board, None);
    let held = (0..5_000).map(|_| stranger.get("/healthz")).find(|answer| answer.status == 429).expect("nothing held it back");
    assert_eq!(held.header("retry-after"), Some("1"));
}

#[test]
fn a_server_that_is_told_to_end_ends() {
    let sandbox = company();
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    Program::new(&board, None).get("/healthz").code(200);
    assert!(Command::new("kill").args(["-TERM", &board.id().to_string()]).status().unwrap().success());
    let begin = Instant::now();
    while TcpStream::connect(board.address.trim_start_matches("http://")).is_ok() {
        assert!(begin.elapsed() < Duration::from_secs(30), "it goes on");
        std::thread::sleep(Duration::from_millis(50));
    }
}
