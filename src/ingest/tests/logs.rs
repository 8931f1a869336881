//! Real logs: rows that become events of cases.

use super::{SIMPLE, at, csv, mapping, try_mapped};
use crate::{
    case::{FACTS, Value},
    ingest::{Format, IngestError, Log, Summary},
};

const HEAD: &str = "case,when,what,who,units,note\n";

fn rows(rows: &str) -> super::Outcome {
    csv(SIMPLE, format!("{HEAD}{rows}"))
}

#[test]
fn rows_of_a_case_may_stand_apart() {
    let read = rows("B,2026-03-02 09:00,In,lin,3,\nA,02.03.2026 10:00,In,,4,\"x, y\"\nB,2026-03-02 08:00,call,-,3,\n");
    assert!(read.rejects.is_empty(), "{:?}", read.rejects);
    assert_eq!(read.ids(), ["B", "A"]);
    assert_eq!(read.summary, Summary { lines: 3, cases: 2, events: 3, rejected: 0 });
    let (b, a) = (&read.cases[0], &read.cases[1]);
    assert_eq!((b.events[0].kind.as_str(), b.events[1].kind.as_str()), ("call", "received"));
    assert_eq!((b.events[0].by.as_deref(), b.events[1].by.as_deref()), (None, Some("lin")));
    assert_eq!(b.facts["units"], Value::Int(3));
    assert_eq!((a.kind.as_str(), a.events[0].at), ("repair", at("2026-03-02 10:00")));
    assert_eq!(a.events[0].data["note"], Value::Text("x, y".into()));
    assert!(b.events[0].data.is_empty());
}

#[test]
fn equal_instants_keep_the_order_of_the_file() {
    let read = rows("A,2026-03-02 09:00,c,,,\nA,2026-03-02 09:00,a,,,\nA,2026-03-02 09:00,b,,,\nA,2026-03-01,z,,,\n");
    let kinds: Vec<&str> = read.cases[0].events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["z", "c", "a", "b"]);
}

#[test]
fn a_fact_that_changes_is_a_change_just_before_its_event() {
    let read =
        rows("A,2026-03-03,c,,5,\nA,2026-03-01,a,,,\nA,2026-03-02,b,,4,\nA,2026-03-03,d,,,\nA,2026-03-03,e,,5,\nA,2026-03-04,f,,4,\n");
    let case = &read.cases[0];
    assert_eq!(case.facts["units"], Value::Int(4));
    let kinds: Vec<&str> = case.events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["a", "b", FACTS, "c", "d", "e", FACTS, "f"]);
    assert_eq!((case.events[2].at, &case.events[2].data["units"]), (at("2026-03-03"), &Value::Int(5)));
    assert_eq!(case.events[6].data["units"], Value::Int(4));
    assert!(case.events.iter().all(|event| event.id.len() == 16));
}

#[test]
fn a_wrong_row_is_rejected_and_the_others_load() {
    let good = "A,2026-03-02,In,,1,\n";
    for (row, reason) in [
        ("A,2026-03-02,In,,1", "5 fields, while the header has 6"),
        ("A,2026-03-02,In,,1,,", "7 fields, while the header has 6"),
        ("-,2026-03-02,In,,1,", "column `case`: the id of the case is not given"),
        ("A,,In,,1,", "column `when`: the time of the event is not given"),
        ("A,2026-03-02,-,,1,", "column `what`: the event type is not given"),
        (
            "A,2 March,In,,1,",
            "column `when`: `2 March` is not an instant; expected one such as `2026-03-02T09:00:00+08:00`, `%d.%m.%Y %H:%M`",
        ),
        ("A,2026-03-02,In,,two,", "column `units`: `two` is not a whole number"),
        ("A,2026-03-02,In,,2.5,", "column `units`: `2.5` is not a whole number"),
        ("A\tB,2026-03-02,In,,1,", r"column `case`: the case id `A\tB` holds a control character"),
        ("A,2026-03-02,In,\0,1,", "column `who`: a NUL byte"),
    ] {
        let read = rows(&format!("{good}{row}\n{good}"));
        assert_eq!(read.only(), (3, reason));
        assert_eq!(read.rejects[0].text, row);
        assert_eq!(read.cases[0].events.len(), 2);
        assert_eq!(read.summary, Summary { lines: 3, cases: 1, events: 2, rejected: 1 });
    }
}

#[test]
fn lines_are_counted_past_blank_ones_carriage_returns_and_quoted_ends() {
    let text = format!("\u{feff}{HEAD}\n\nA,2026-03-02,In,,1,\"two\n\nlines\"\nA,bad,In,,1,\n\n\nA,bad,In,,1,\"x\n\"\nA,bad,In,,1,\n");
    for text in [text.clone(), text.replace('\n', "\r\n")] {
        let read = csv(SIMPLE, text);
        let lines: Vec<u64> = read.rejects.iter().map(|reject| reject.line).collect();
        assert_eq!(lines, [7, 10, 12]);
        assert_eq!(read.summary, Summary { lines: 4, cases: 1, events: 1, rejected: 3 });
    }
}

#[test]
fn a_quote_too_many_costs_its_own_row_only() {
    let good = "A,2026-03-02,In,,1,\n";
    for (row, reason) in [
        ("A,2026-03-02,In,,1,\"oops", "a quoted field is not closed"),
        ("A,2026-03-02,\"In,,1,x", "a quoted field is not closed"),
        ("A,2026-03-02,In,,1,\"a\"b", "something follows the closing quote of a field; a quote inside quotes is written twice"),
    ] {
        for rest in [good.repeat(2), good.repeat(1500), format!("{good}A,2026-03-02,\"x \"\"y\"\"\",,1,\"z\"\n")] {
            let read = rows(&format!("{good}{row}\n{rest}"));
            assert_eq!(read.only(), (3, reason));
            assert_eq!(read.rejects[0].text, row);
            assert_eq!(read.summary.events, 1 + u64::try_from(rest.lines().count()).unwrap());
        }
    }
    // A quote elsewhere than at the beginning of a field is a character like others.
    let read = rows("A,2026-03-02,5\" pipe,,1,\"say \"\"ah\"\",\nno\"\n");
    assert_eq!(read.cases[0].events[0].kind, "5\" pipe");
    assert_eq!(read.cases[0].events[0].data["note"], Value::Text("say \"ah\",\nno".into()));
}

#[test]
fn a_row_over_lines_is_rejected_whole_when_its_quotes_are_sound() {
    let read = rows("A,bad,In,,1,\"x\n\ny\"\nA,2026-03-02,In,,1,\n");
    assert_eq!(read.only().0, 2);
    assert_eq!(read.rejects[0].text, "A,bad,In,,1,\"x\n\ny\"");
    let error = try_mapped(Format::Csv, SIMPLE, "\"case,when\nA,b\n").unwrap_err();
    assert_eq!(error.to_string(), "in the header: a quoted field is not closed");
}

#[test]
fn bytes_that_are_not_utf8_reject_their_row() {
    let mut text = HEAD.as_bytes().to_vec();
    text.extend(b"A,2026-03-02,In,\xc1\xd6,1,\nA,2026-03-02,In,lin,1,\n");
    let read = csv(SIMPLE, &text);
    assert_eq!(read.only(), (2, "column `who`: not UTF-8 from byte 1 on; save the file as UTF-8"));
    assert_eq!(read.cases[0].events.len(), 1);
}

#[test]
fn ids_kinds_and_parents_must_agree() {
    let map = "
case: {id: case, kind: kind, part_of: parent}
event: {type: what, at: when, id: id}
facts: {units: units}
";
    let read = csv(
        map,
        "case,kind,parent,what,when,id,units\n\
         A,k,,t,2026-03-02T09:00Z,1,5\n\
         A,k,P,t,2026-03-02T09:00Z,1,5\n\
         A,k,P,u,2026-03-02T09:00Z,1,5\n\
         A,k,P,t,2026-03-02T09:00Z,1,6\n\
         A,l,P,t,2026-03-02T09:00Z,2,5\n\
         A,k,Q,t,2026-03-02T09:00Z,2,5\n\
         A,k,P,t,2026-03-02 09:00,2,5\n",
    );
    let reasons: Vec<&str> = read.rejects.iter().map(|reject| reject.reason.en.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "two events of the case have the id `1` and differ",
            "two events of the case have the id `1` and differ",
            "the kind of case `A` was `k` in an earlier row and is `l` here",
            "the case above `A` was `P` in an earlier row and is `Q` here",
            "column `when`: `2026-03-02 09:00` has no offset, and the mapping has no `zone`",
        ]
    );
    assert_eq!(read.cases[0].part_of.as_deref(), Some("P"));
    assert_eq!(read.cases[0].events.len(), 1);
}

#[test]
fn a_mapping_that_does_not_fit_is_an_error_with_a_place() {
    let error = try_mapped(Format::Csv, SIMPLE, "case,when,what,who,unit,note\n").unwrap_err();
    let IngestError::Mapping(list) = &error else { panic!("{error}") };
    assert_eq!(list[0].help.as_ref().unwrap().en, "did you mean `unit`?");
    assert_eq!(error.to_string(), "mapping.yaml:7:19: the log has no column `units`");
    let error = try_mapped(Format::Csv, SIMPLE, "case;when;what;who;units;note\n").unwrap_err();
    let IngestError::Mapping(list) = &error else { panic!("{error}") };
    assert!(list[0].help.as_ref().unwrap().en.contains("separated by `;`"));
    let error = try_mapped(Format::Csv, SIMPLE, "case,when,what,who,units,note,who\n").unwrap_err();
    assert!(error.text().zh.contains("日志中有两列 `who`"));
    for text in ["", "\u{feff}", "\n\n"] {
        assert!(matches!(try_mapped(Format::Csv, SIMPLE, text), Err(IngestError::Header(_))));
    }
    assert_eq!(csv(SIMPLE, HEAD).summary, Summary::default());
}

#[test]
fn json_lines_are_read_by_keys_and_paths() {
    let map = "
case: {id: /order/id, kind: {value: order}}
facts:
  amount: {column: /order/amounts/1, type: decimal}
  paid: {column: paid, type: boolean}
  code: code
event: {type: what, at: when}
";
    let read = try_mapped(
        Format::Jsonl,
        map,
        r#"{"order":{"id":"O","amounts":[1,2.50]},"paid":true,"code":7,"what":"t","when":"2026-03-02T09:00Z","more":[]}

{"order":{"id":"O"},"paid":null,"what":"u","when":"2026-03-02T09:00Z"}
{"order":{"id":"O","amounts":[1,[]]},"what":"u","when":"2026-03-02T09:00Z"}
{"order":{"id":"O"},"what":"u","what":"v","when":"2026-03-02T09:00Z"}
[]
"#,
    )
    .unwrap();
    let facts = &read.cases[0].facts;
    assert_eq!(facts["amount"], Value::Decimal("2.50".parse().unwrap()));
    assert_eq!((&facts["paid"], &facts["code"]), (&Value::Bool(true), &Value::Text("7".into())));
    assert_eq!(read.cases[0].events.len(), 2);
    let rejects: Vec<(u64, &str)> = read.rejects.iter().map(|reject| (reject.line, reject.reason.en.as_str())).collect();
    assert_eq!(
        rejects,
        [
            (4, "column `/order/amounts/1`: expected one value, found a list"),
            (5, "the key `what` stands twice"),
            (6, "a line is one JSON object, found a list"),
        ]
    );
    let error = try_mapped(Format::Jsonl, SIMPLE, r#"{"case":"A","what":"t","when":"2026-03-02","who":"w","units":1}"#);
    assert_eq!(error.unwrap_err().to_string(), "mapping.yaml:8:84: no line of the log has `note`");
}

#[test]
fn a_log_may_have_several_files() {
    let (mapping, _) = mapping(SIMPLE);
    let mapping = mapping.unwrap();
    let mut log = Log::new(&mapping);
    for row in ["A,2026-03-02,b,,2,", "B,2026-03-02,a,,2,", "A,2026-03-02,c,,2,"] {
        let text = format!("{HEAD}{row}\n");
        log.read(&mut text.as_bytes(), Format::Csv, &mut |reject| panic!("{reject:?}")).unwrap();
    }
    let mut cases = Vec::new();
    let summary = log
        .finish::<IngestError>(1, &mut |batch| {
            assert_eq!(batch.len(), 1);
            cases.extend(batch);
            Ok(())
        })
        .unwrap();
    assert_eq!(summary, Summary { lines: 3, cases: 2, events: 3, rejected: 0 });
    let kinds: Vec<&str> = cases[0].events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["b", "c"]);
}
