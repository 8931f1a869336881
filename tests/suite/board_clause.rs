//! The pages of clauses and the playground, as people meet them.

use crate::{
    board_client::{Board, PASSWORD, account},
    sandbox::Sandbox,
};

const CLOSE: &str = "2026-03-31T18:00:00+08:00";

#[test]
fn nobody_sees_the_board_without_signing_in() {
    let sandbox = Sandbox::new();
    sandbox.run(&["init", "."]).code(0);
    account(&sandbox, "lin", "admin", &[]);
    let board = Board::start(&sandbox, &["--as-of", CLOSE]);
    let guest = board.guest();
    let answer = guest.get("/").code(303);
    assert_eq!(answer.header("location"), Some("/sign-in?back=%2F"));
    guest.get("/sign-in");
    guest.post("/sign-in", &[("name", "lin"), ("password", "wrong")]).code(422).says("The name or the password is wrong.");
    let lin = board.sign_in("lin", PASSWORD);
    lin.get("/").code(200).says("Today");
    lin.reads("zh");
    lin.get("/").code(200).says("今日");
}
