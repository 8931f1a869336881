//! Workbooks: what their cells become, and what is refused of them.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Workbook};

use super::{Outcome, at, mapping, shanghai};
use crate::{
    case::Value,
    ingest::{Format, IngestError, Log},
};

const MAPPING: &str = "
case: {id: Case, kind: {value: repair}}
facts:
  price: {column: Price, type: decimal}
  units: {column: Units, type: integer}
  due: {column: Due, type: date}
  span: {column: Span, type: span}
event: {type: What, at: When, by: Who, data: {urgent: {column: Urgent, type: boolean}}}
";

fn try_read(map: &str, bytes: &[u8]) -> Result<Outcome, IngestError> {
    let (mapping, problems) = mapping(map);
    assert!(problems.is_empty(), "{problems:?}");
    let mapping = mapping.unwrap();
    let mut outcome = Outcome::default();
    let mut log = Log::new(&mapping).in_zone(shanghai());
    let mut rejects = Vec::new();
    log.read(&mut Cursor::new(bytes), Format::Xlsx, &mut |reject| rejects.push(reject))?;
    outcome.rejects = rejects;
    outcome.summary = log.finish::<IngestError>(10, &mut |cases| {
        outcome.cases.extend(cases);
        Ok(())
    })?;
    Ok(outcome)
}

const HEAD: [&str; 9] = ["Case", "Price", "Units", "Due", "Span", "What", "When", "Who", "Urgent"];

fn book(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (name, column) in HEAD.iter().zip(0..) {
        page.write_string(0, column, *name).unwrap();
    }
    fill(page);
    book.save_to_buffer().unwrap()
}

fn whole() -> Vec<u8> {
    let date = Style::new().set_num_format("yyyy-mm-dd");
    let time = Style::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let span = Style::new().set_num_format("[h]:mm");
    book(|page| {
        page.write_string(2, 0, "R-1").unwrap();
        page.write_number(2, 1, 0.1 + 0.2).unwrap();
        page.write_number(2, 2, 12.0).unwrap();
        page.write_with_format(2, 3, ExcelDateTime::from_ymd(2026, 3, 9).unwrap(), &date).unwrap();
        page.write_number_with_format(2, 4, 1.5, &span).unwrap();
        page.write_string(2, 5, "received").unwrap();
        let when = ExcelDateTime::from_ymd(2026, 3, 2).unwrap().and_hms(9, 10, 7.0).unwrap();
        page.write_with_format(2, 6, &when, &time).unwrap();
        page.write_string(2, 7, "林").unwrap();
        page.write_boolean(2, 8, true).unwrap();
        // An id that is a number, a time that is a text, and nothing else.
        page.write_number(3, 0, 4711).unwrap();
        page.write_string(3, 5, "received").unwrap();
        page.write_string(3, 6, "2026-03-02 10:00").unwrap();
        page.write_string(3, 20, "a remark beside the table").unwrap();
    })
}

#[test]
fn cells_become_what_they_show() {
    let outcome = try_read(MAPPING, &whole()).unwrap();
    assert!(outcome.rejects.is_empty(), "{:?}", outcome.rejects);
    let [first, second] = outcome.cases.as_slice() else { panic!("{outcome:?}") };
    insta::assert_snapshot!(crate::ingest::case_to_json(first, shanghai()), @r#"{"case":"R-1","kind":"repair","facts":{"due":"2026-03-09","price":0.3,"span":"PT36H","units":12},"events":[{"id":"aa15619efac4517d","type":"received","at":"2026-03-02T09:10:07+08:00","by":"林","data":{"urgent":true}}]}"#);
    assert_eq!(first.facts["price"], Value::Decimal("0.3".parse().unwrap()));
    assert_eq!((second.id.as_str(), second.facts.len(), second.events[0].at), ("4711", 0, at("2026-03-02T10:00")));
}

#[test]
fn the_zone_of_the_mapping_counts_before_that_of_the_company() {
    let outcome = try_read(&format!("zone: UTC\n{MAPPING}"), &whole()).unwrap();
    assert_eq!(outcome.cases[0].events[0].at, at("2026-03-02T17:10:07"));
}

#[test]
fn a_wrong_row_is_refused_with_its_number() {
    let bytes = book(|page| {
        page.write_string(1, 0, "R-1").unwrap();
        page.write_formula(1, 1, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        page.write_string(1, 5, "received").unwrap();
        page.write_string(1, 6, "2026-03-02 10:00").unwrap();
    });
    let outcome = try_read(MAPPING, &bytes).unwrap();
    assert_eq!(outcome.only(), (2, "the cell B2 holds the error #DIV/0!"));
    let bytes = book(|page| {
        page.write_string(4, 0, "R-1").unwrap();
        page.write_string(4, 5, "received").unwrap();
    });
    assert_eq!(try_read(MAPPING, &bytes).unwrap().only(), (5, "column `When`: the time of the event is not given"));
}

#[test]
fn a_page_by_name() {
    let mut book = Workbook::new();
    for name in ["Notes", "维修"] {
        book.add_worksheet().set_name(name).unwrap();
    }
    let page = book.worksheet_from_name("维修").unwrap();
    for (name, column) in HEAD.iter().zip(0..) {
        page.write_string(0, column, *name).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    assert!(try_read(&format!("sheet: 维修\n{MAPPING}"), &bytes).unwrap().cases.is_empty());
    let said = |map: &str| try_read(map, &bytes).unwrap_err().text().en;
    insta::assert_snapshot!([said(MAPPING), said(&format!("sheet: 维护\n{MAPPING}")), said(&format!("sheet: 维修\n{}", MAPPING.replace("What", "Waht")))].join("\n"), @r"
    in the header: the page `Notes` is empty; its first row names the columns
    mapping.yaml:1:8: the workbook has no page `维护`
    mapping.yaml:9:15: the log has no column `Waht`
    ");
}

#[test]
fn a_workbook_that_unpacks_without_end_is_not_held() {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let zeros = vec![b' '; 1 << 20];
    archive.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
    for _ in 0..=(super::super::MOST_BOOK >> 20) {
        archive.write_all(&zeros).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < 4 << 20);
    assert_eq!(try_read(MAPPING, &bytes).unwrap_err().text().en, "the workbook is larger than 512 MiB when unpacked");
}

#[test]
fn what_is_no_workbook() {
    assert!(try_read(MAPPING, b"PK\x03\x04nothing").unwrap_err().text().en.starts_with("not a workbook: "));
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let bytes = archive.finish().unwrap().into_inner();
    assert!(try_read(MAPPING, &bytes).unwrap_err().text().zh.starts_with("无法读取工作簿："));
}

/// The parts of a workbook with one of them changed, packed again so that their checksums are right.
fn changed(bytes: &[u8], part: usize, changes: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..from.len() {
        let mut file = from.by_index(at).unwrap();
        let mut text = Vec::new();
        std::io::copy(&mut file, &mut text).unwrap();
        for (place, byte) in changes.iter().filter(|_| at == part) {
            let place = place.index(text.len());
            text[place] = *byte;
        }
        to.start_file(file.name().unwrap().into_owned(), zip::write::SimpleFileOptions::default()).unwrap();
        to.write_all(&text).unwrap();
    }
    to.finish().unwrap().into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn changed_bytes_do_no_harm(part in 0_usize..10, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let whole = whole();
        let mut raw = whole.clone();
        for (place, byte) in &changes {
            let place = place.index(raw.len());
            raw[place] = *byte;
        }
        for bytes in [raw, changed(&whole, part, &changes)] {
            match try_read(MAPPING, &bytes) {
                Ok(outcome) => prop_assert!(outcome.cases.iter().all(|case| !case.id.is_empty())),
                Err(error) => prop_assert!(!error.text().zh.is_empty()),
            }
        }
    }
}
