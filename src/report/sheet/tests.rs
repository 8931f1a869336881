//! What leaves as CSV and XLSX says the same when it is read again, and is never a formula.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use chrono::NaiveDate;
use proptest::prelude::*;

use super::{Cell, Column, Head, Sheet, to_xlsx};
use crate::{
    lang::Lang,
    report::is_formula,
    time::{Instant, Zone},
};

fn sheet(cells: Vec<Cell>) -> Sheet {
    let mut sheet = Sheet::new("Findings", (0..cells.len()).map(|at| Column::new(format!("c{at}"), format!("Column {at}"))).collect());
    sheet.rows.push(cells);
    sheet
}

fn example() -> Sheet {
    sheet(vec![
        "=1+1".into(),
        Cell::Integer(-3),
        Cell::Decimal("-0.50".parse().unwrap()),
        true.into(),
        NaiveDate::from_ymd_opt(2026, 3, 2).unwrap().into(),
        Cell::Instant(Instant::parse("2026-03-02T09:00:00+08:00", Zone::UTC).unwrap(), Zone::parse("Asia/Shanghai").unwrap()),
        Cell::Elapsed(76 * 3_600_000),
        Cell::List(vec!["e1".into(), "e2".into()]),
        Cell::Empty,
        "<b>逾期</b>".into(),
    ])
}

fn page(bytes: Vec<u8>) -> calamine::Range<Data> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let name = book.sheet_names().first().unwrap().clone();
    let formulas = book.worksheet_formula(&name).unwrap();
    assert!(formulas.cells().all(|(_, _, formula)| formula.is_empty()));
    book.worksheet_range(&name).unwrap()
}

#[test]
fn a_csv_keeps_numbers_and_disarms_texts() {
    let text = example().to_csv(Head::Keys).unwrap();
    insta::assert_snapshot!(text, @r"
    c0,c1,c2,c3,c4,c5,c6,c7,c8,c9
    '=1+1,-3,-0.50,true,2026-03-02,2026-03-02T09:00:00+08:00,PT76H,e1 e2,,<b>逾期</b>
    ");
}

#[test]
fn a_csv_for_people_tells_its_encoding() {
    assert!(example().to_csv(Head::Labels).unwrap().starts_with("\u{feff}Column 0,"));
}

#[test]
fn json_has_an_object_for_each_row() {
    insta::assert_snapshot!(example().to_json(), @r#"[{"c0":"=1+1","c1":-3,"c2":-0.5,"c3":true,"c4":"2026-03-02","c5":"2026-03-02T09:00:00+08:00","c6":"PT76H","c7":["e1","e2"],"c8":null,"c9":"<b>逾期</b>"}]"#);
}

#[test]
fn html_is_escaped() {
    let html = example().to_html(Lang::Zh).into_string();
    assert!(html.contains("<td>&lt;b&gt;逾期&lt;/b&gt;</td>") && !html.contains("<b>"), "{html}");
}

#[test]
fn a_workbook_has_typed_cells() {
    let range = page(to_xlsx(&[example()]).unwrap());
    let row: Vec<String> = range.rows().nth(1).unwrap().iter().map(|cell| format!("{cell:?}")).collect();
    insta::assert_snapshot!(row.join("\n"), @r#"
    String("=1+1")
    Float(-3.0)
    Float(-0.5)
    Bool(true)
    DateTime(ExcelDateTime { value: 46083.0, datetime_type: DateTime, is_1904: false })
    DateTime(ExcelDateTime { value: 46083.375, datetime_type: DateTime, is_1904: false })
    DateTime(ExcelDateTime { value: 3.1666666666666665, datetime_type: TimeDelta, is_1904: false })
    String("e1 e2")
    Empty
    String("<b>逾期</b>")
    "#);
}

#[test]
fn what_a_cell_cannot_hold_exactly_is_a_text() {
    let old = NaiveDate::from_ymd_opt(1899, 12, 31).unwrap();
    let range =
        page(to_xlsx(&[sheet(vec![Cell::Integer(i64::MAX), Cell::Decimal("0.1234567890123456".parse().unwrap()), old.into()])]).unwrap());
    let row: Vec<Data> = range.rows().nth(1).unwrap().to_vec();
    let texts = [i64::MAX.to_string(), "0.1234567890123456".into(), "1899-12-31".into()];
    assert_eq!(row, texts.map(Data::String));
}

#[test]
fn a_long_text_is_cut_and_not_refused() {
    let range = page(to_xlsx(&[sheet(vec!["𝕏".repeat(40_000).into()])]).unwrap());
    let text = range.get((1, 0)).unwrap().to_string();
    assert!(text.encode_utf16().count() <= 32_767 && text.ends_with("𝕏…"));
}

#[test]
fn pages_have_names_that_excel_takes() {
    let titles = ["a/b: [c]", "a/b: [c]", "", "History", "'quoted'", &"很长的标题".repeat(20), &"很长的标题".repeat(20)];
    let sheets: Vec<Sheet> = titles.iter().map(|title| Sheet::new(*title, vec![Column::new("a", "A")])).collect();
    let book: Xlsx<_> = open_workbook_from_rs(Cursor::new(to_xlsx(&sheets).unwrap())).unwrap();
    insta::assert_snapshot!(book.sheet_names().join("\n"), @r"
    a b   c
    a b   c 2
    Sheet
    Sheet 2
    quoted
    很长的标题很长的标题很长的标题很长的标题很长的标题很长的标题很
    很长的标题很长的标题很长的标题很长的标题很长的标题很长的标 2
    ");
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    assert_eq!(to_xlsx(&[example()]).unwrap(), to_xlsx(&[example()]).unwrap());
}

/// Texts that like to begin with a sign.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[ \t\r\n]{0,2}[=+@＝＋－＠-]\\PC{0,20}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_cell_of_a_csv_begins_as_a_formula(list in prop::collection::vec(texts(), 1..6)) {
        let mut sheet = sheet(list.iter().cloned().map(Cell::from).collect());
        sheet.columns.iter_mut().zip(&list).for_each(|(column, text)| column.key.clone_from(text));
        sheet.rows.push(vec![Cell::List(list.clone())]);
        let written = sheet.to_csv(Head::Keys).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(written.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        for cell in rows.iter().flatten() {
            prop_assert!(!is_formula(cell), "{cell:?}");
        }
        for (cell, text) in rows[1].iter().zip(&list) {
            prop_assert_eq!(cell.strip_prefix('\'').filter(|_| is_formula(text)).unwrap_or(cell), text);
        }
    }

    #[test]
    fn every_text_of_a_workbook_is_a_text(list in prop::collection::vec(texts(), 1..6)) {
        // A page without a cell has no row; so that there always is one.
        let cells = std::iter::once(Cell::from("first")).chain(list.iter().cloned().map(Cell::from)).collect();
        let range = page(to_xlsx(&[sheet(cells)]).unwrap());
        for (at, text) in (1..).zip(&list) {
            match range.get((1, at)) {
                // What XML itself changes: the ends of lines, and characters that it cannot have.
                Some(Data::String(read)) => prop_assert!(text.contains(|c: char| c.is_control() || c >= '\u{fffe}') || text.contains("_x") || read == text, "{read:?} {text:?}"),
                Some(Data::Empty) | None => prop_assert!(text.is_empty()),
                other => prop_assert!(false, "{other:?} of {text:?}"),
            }
        }
    }
}
