//! The bundled policies as a whole: no entry of a document is left open, and the pages about them are those of the program.

use std::{fs, path::Path, process::Command};

fn duly(arguments: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duly"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("DULY_LANG").env_remove("NO_COLOR");
    let done = command.output().unwrap();
    (String::from_utf8(done.stdout).unwrap(), done.status.code())
}

#[test]
fn every_entry_of_every_document_has_a_clause_or_a_reason() {
    let (text, code) = duly(&["ledger", "policies", "--check", "--lang", "en"]);
    assert_eq!(code, Some(0), "{text}");
    let total = text.lines().find(|line| line.trim_start().starts_with("all ")).unwrap();
    assert_eq!(total.split_whitespace().nth(1), Some("1470"), "{total}");
}

#[test]
fn the_pages_of_the_vocabulary_are_those_of_the_program() {
    for (lang, name) in [("en", "docs/vocabulary.md"), ("zh", "docs/vocabulary.zh.md")] {
        let (text, code) = duly(&["ledger", "policies", "--vocabulary", "--format", "markdown", "--lang", lang]);
        assert_eq!(code, Some(0));
        let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
        let (_, tables) = page.split_once("\n\n## ").unwrap();
        assert!(
            text.trim_end() == format!("## {}", tables.trim_end()),
            "{name} is out of date: put there what `duly ledger policies --vocabulary --format markdown --lang {lang}` prints"
        );
    }
}

#[test]
fn what_the_documents_ask_differently_is_found() {
    let (text, code) = duly(&["conflicts", "policies", "--format", "jsonl", "--lang", "en"]);
    assert_eq!(code, Some(0));
    let has = |words: &[&str]| text.lines().any(|line| words.iter().all(|word| line.contains(word)));
    // A customer who complained is visited within three days, or within 48 hours.
    assert!(has(&["repair-dispatch/22", "service-control/4.2.2.1-a"]), "{text}");
    // Article 24 is the more particular rule beside article 21, and says so.
    assert!(has(&["sales-logistics/21-c", "sales-logistics/24-a", "prevails"]), "{text}");
}
