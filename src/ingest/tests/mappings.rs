//! Mapping files, right and wrong.

use std::path::Path;

use super::{csv, mapping};
use crate::{case::Value, ingest::Format};

const CASE: &str = "case: {id: c, kind: {value: k}}\nevent: {type: t, at: a}\n";

/// Code, line and English message of each problem.
fn problems(text: &str) -> Vec<(&'static str, usize, String)> {
    let (mapping, list) = mapping(text);
    assert!(mapping.is_none());
    let show = |item: &crate::diagnostic::Diagnostic| {
        assert!(!item.message.zh.is_empty());
        (item.code, item.place.as_ref().unwrap().line_column().0, item.message.en.clone())
    };
    list.iter().map(show).collect()
}

#[test]
fn all_errors_come_at_once_with_their_places() {
    let found = problems(
        "formt: csv\nzone: Mars/Base\ntimes: ['%Q', '%H %Z']\ndelimiter: '::'\ncase: {id: c}\nfacts:\n  x: {column: a, value: b}\n  y: {column: a, type: float}\n  z: {value: two, type: integer}\nevent: {type: {colum: t}, at: a, by: [x], data: {d: {}}}\n",
    );
    let lines: Vec<(&str, usize)> = found.iter().map(|(code, line, _)| (*code, *line)).collect();
    assert_eq!(
        lines,
        [
            ("DU0102", 1),
            ("DU0105", 2),
            ("DU0105", 3),
            ("DU0105", 3),
            ("DU0105", 4),
            ("DU0103", 5),
            ("DU0103", 7),
            ("DU0105", 8),
            ("DU0105", 9),
            ("DU0103", 10),
            ("DU0102", 10),
            ("DU0104", 10),
            ("DU0103", 10),
        ],
        "{found:#?}"
    );
    assert!(found.iter().any(|(_, _, text)| text == "`two` is not a whole number"));
}

#[test]
fn what_is_required() {
    assert_eq!(problems("format: csv\n").len(), 2);
    assert_eq!(problems("case:\nevent: {type: t, at:}\n").len(), 2);
    assert_eq!(problems(&format!("{CASE}format: xml\n"))[0].0, "DU0105");
    assert_eq!(problems("case: c\nevent: {type: t, at: a}\n")[0].0, "DU0104");
    // An id or a kind is a text whatever is said.
    assert_eq!(problems("case: {id: {column: c, type: integer}, kind: k}\nevent: {type: t, at: a}\n")[0].0, "DU0102");
}

#[test]
fn the_example_of_the_receipts_reads() {
    let (mapping, problems) = mapping(
        r#"
format: csv
zone: Europe/Amsterdam
times: ["%Y-%m-%d %H:%M:%S%.f%:z"]
empty: ["", "EMPTY"]
case:
  id: "case:concept:name"
  kind: {value: permit}
facts:
  deadline: {column: "case:deadline", type: instant}
event:
  type:
    column: "concept:name"
    map:
      Confirmation of receipt: confirmation
  at: "time:timestamp"
  data: {lifecycle: "lifecycle:transition"}
"#,
    );
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(mapping.unwrap().format, Some(Format::Csv));
}

#[test]
fn each_type_has_its_form() {
    let map = "
zone: Asia/Shanghai
times: ['%d.%m.%Y', '%s', '%H:%M %d.%m.%Y %z']
delimiter: ';'
case: {id: c, kind: {value: k}}
facts:
  t: t
  i: {column: i, type: integer}
  d: {column: d, type: decimal}
  b: {column: b, type: boolean, map: {'是': 'true'}}
  at: {column: at, type: instant}
  on: {column: on, type: date}
  span: {column: span, type: span}
  n: {value: 3, type: integer}
event: {type: {value: seen}, at: a}
";
    let head = "c;a;t;i;d;b;at;on;span\n";
    let read = csv(map, format!("{head}A;1772413200; x ; 07 ;1.50;是;02.03.2026;02.03.2026;2 working days\n"));
    assert!(read.rejects.is_empty(), "{:?}", read.rejects);
    let facts = &read.cases[0].facts;
    let text = |text: &str| Value::Text(text.into());
    assert_eq!(read.cases[0].events[0].at, super::at("2026-03-02 09:00"));
    assert_eq!((&facts["t"], &facts["i"], &facts["n"]), (&text(" x "), &Value::Int(7), &Value::Int(3)));
    assert_eq!((&facts["d"], &facts["b"]), (&Value::Decimal("1.5".parse().unwrap()), &Value::Bool(true)));
    assert_eq!((&facts["at"], &facts["on"]), (&text("2026-03-02T00:00:00+08:00"), &text("2026-03-02")));
    assert_eq!(facts["span"], text("2 working days"));
    // An instant's date is the one in the zone; an offset in the text holds against the zone.
    let read = csv(map, format!("{head}A;09:00 02.03.2026 +0000;;;;TRUE;;2026-03-02T23:00Z;\n"));
    assert_eq!(read.cases[0].events[0].at, super::at("2026-03-02 17:00"));
    assert_eq!((&read.cases[0].facts["on"], &read.cases[0].facts["b"]), (&text("2026-03-03"), &Value::Bool(true)));
    for (row, column) in [(";;1,5;;;;", "d"), (";;;yes;;;", "b"), (";;;;x;;", "at"), (";;;;;x;", "on"), (";;;;;;2 moons", "span")] {
        let read = csv(map, format!("{head}A;1772413200;{row}\n"));
        assert!(read.only().1.starts_with(&format!("column `{column}`: ")), "{:?}", read.only());
    }
}

#[test]
fn a_files_name_tells_its_format() {
    for (name, format) in [
        ("a/log.CSV", Some(Format::Csv)),
        ("log.csv.gz", Some(Format::Csv)),
        ("log.jsonl.gz", Some(Format::Jsonl)),
        ("log.ndjson", Some(Format::Jsonl)),
        ("log.gz", None),
        ("csv", None),
    ] {
        assert_eq!(Format::of(Path::new(name)), format, "{name}");
    }
}
