//! The pages on which tokens, accounts and the audit are kept.

use crate::{
    api_client::{NOON, Program, company},
    board_client::{Answer, Board, PASSWORD},
};

/// What is shown once.
fn shown(answer: &Answer) -> String {
    let text = answer.text();
    let (_, rest) = text.split_once("<pre>").unwrap_or_else(|| panic!("nothing is shown: {}", answer.words()));
    rest.split_once("</pre>").unwrap().0.to_owned()
}

#[test]
fn a_token_is_made_shown_once_and_taken_back() {
    let sandbox = company();
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let sun = board.sign_in("sun", PASSWORD);
    sun.get("/me").code(200).says("Nothing here.");
    sun.post("/me/token", &[("label", "")]).code(422);
    sun.get("/me");
    sun.post("/me/token", &[("label", "crm"), ("days", "0")]).code(422);
    sun.get("/me");
    let made = sun.post("/me/token", &[("label", "crm"), ("days", "30")]).code(200);
    let token = shown(&made);
    let program = Program::new(&board, Some(&token));
    assert_eq!(program.get("/api/v1/me").code(200).json()["name"], "sun");
    let page = sun.get("/me").code(200).says("crm").says_not(&token);
    let hash = page.hidden("token").unwrap();
    // Nobody else takes it back, but an administrator does.
    let shi = board.sign_in("shi", PASSWORD);
    shi.get("/me");
    shi.post("/me/token/close", &[("token", &hash)]).code(404);
    program.get("/api/v1/me").code(200);
    let adam = board.sign_in("adam", PASSWORD);
    adam.get("/accounts").code(200).says("crm");
    adam.submit("/tokens/close", &[("token", &hash)]).says("Saved.");
    program.get("/api/v1/me").code(401);
    sun.get("/me").says("Nothing here.");
    // The calendar's token is good for nothing else.
    let feed = shown(&sun.post("/me/token", &[("label", "calendar"), ("feed", "1")]).code(200));
    Program::new(&board, Some(&feed)).get("/api/v1/me").code(401);
    sun.reads("zh");
    sun.get("/me").code(200).says("程序令牌");
}

#[test]
fn a_new_password_needs_the_old_one_and_ends_other_sessions() {
    let sandbox = company();
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let (here, there) = (board.sign_in("sun", PASSWORD), board.sign_in("sun", PASSWORD));
    let new = "another horse battery";
    here.get("/me");
    here.post("/me/password", &[("old", "wrong"), ("new", new), ("again", new)]).code(422);
    here.get("/me");
    here.post("/me/password", &[("old", PASSWORD), ("new", new), ("again", "something else")]).code(422);
    here.get("/me");
    here.post("/me/password", &[("old", PASSWORD), ("new", "short"), ("again", "short")]).code(422);
    here.get("/me");
    here.submit("/me/password", &[("old", PASSWORD), ("new", new), ("again", new)]).code(200).says("Saved.");
    there.get("/me").code(303);
    board.sign_in("sun", new);
}

#[test]
fn accounts_are_kept_and_every_change_is_in_the_audit() {
    let sandbox = company();
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let adam = board.sign_in("adam", PASSWORD);
    adam.get("/accounts").code(200).says("vera").says("administrator");
    let made = adam.post("/accounts", &[("name", "吴 工"), ("rank", "viewer"), ("policies", "complaints\n"), ("sites", "")]).code(200);
    let password = shown(&made);
    let wu = board.sign_in("吴 工", &password);
    wu.get("/").code(200);
    let token = shown(&wu_token(&wu));
    let program = Program::new(&board, Some(&token));
    assert_eq!(program.get("/api/v1/me").json()["policies"], serde_json::json!(["complaints"]));
    adam.get("/accounts");
    adam.post("/accounts", &[("name", "吴 工"), ("rank", "viewer")]).code(422);
    // Another rank ends the session; the new one holds at once.
    let path = "/accounts/%E5%90%B4%20%E5%B7%A5";
    adam.get("/accounts");
    adam.submit(path, &[("do", "change"), ("rank", "officer"), ("policies", ""), ("sites", "north")]).code(200);
    wu.get("/").code(303);
    assert_eq!(program.get("/api/v1/me").json()["rank"], "officer");
    // A closed account gets in by nothing.
    let wu = board.sign_in("吴 工", &password);
    adam.submit(path, &[("do", "close")]).code(200).says("closed");
    wu.get("/").code(303);
    program.get("/api/v1/me").code(401);
    let guest = board.guest();
    guest.get("/sign-in");
    guest.post("/sign-in", &[("name", "吴 工"), ("password", &password)]).code(422);
    adam.get("/accounts");
    adam.submit(path, &[("do", "open")]).code(200);
    let new = shown(&adam.post(path, &[("do", "password")]).code(200));
    board.sign_in("吴 工", &new);
    // The last administrator stays one.
    adam.get("/accounts");
    adam.post("/accounts/adam", &[("do", "close")]).code(422).says("last administrator");
    adam.get("/accounts");
    adam.post("/accounts/adam", &[("do", "change"), ("rank", "viewer")]).code(422).says("last administrator");
    // The audit, the newest first.
    let audit = adam.get("/audit").code(200).says("account 吴 工: new password").says("account 吴 工: closed").says("token crm: made");
    let words = audit.words();
    assert!(words.find("new password").unwrap() < words.find("吴 工: closed").unwrap());
    let csv = adam.get("/audit?table=audit&format=csv").code(200).text();
    assert!(csv.contains("account 吴 工: closed") && csv.lines().count() > 10, "{csv}");
    let lines: Vec<&str> = csv.lines().skip(1).collect();
    let entry: u64 = lines[2].split(',').next().unwrap().parse().unwrap();
    let older = adam.get(&format!("/audit?before={entry}&table=audit&format=csv")).code(200).text();
    assert_eq!(older.lines().nth(1), Some(lines[3]));
}

fn wu_token(wu: &crate::board_client::Person<'_>) -> Answer {
    wu.get("/me");
    wu.post("/me/token", &[("label", "crm")]).code(200)
}
