//! What cases come in: every format through `import` and `check --cases`, with errors that say where and what to do.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use rust_xlsxwriter::Workbook;

use crate::cli_data::jobs;
use crate::sandbox::Sandbox;

/// A real log. These are not part of this repository; where they lie is `DULY_LOGS`, or `../shared/data/logs/`.
fn shared(name: &str) -> Option<PathBuf> {
    let named = std::env::var_os("DULY_LOGS").map(PathBuf::from);
    let folders = named.into_iter().chain([Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/logs")]);
    if let Some(path) = folders.map(|folder| folder.join(name)).find(|path| path.is_file()) {
        return Some(path);
    }
    println!("skipped: the log is not on this machine");
    None
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A workspace without policies.
fn bare() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("duly.yaml", "workspace: test\nzone: Asia/Shanghai\n");
    sandbox.write("policies/.keep", "");
    sandbox
}

const MAPPING: &str = "
zone: Asia/Shanghai
case: {id: 'case:concept:name', kind: {value: job}}
facts: {creator: 'case:creator'}
event: {type: 'concept:name', at: 'time:timestamp', by: 'org:resource', data: {costs: {column: Costs, type: integer}}}
";

/// All that a store holds.
fn held(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.run(&["case", "list"]).code(0).stdout;
    list.lines().map(|line| sandbox.run(&["case", "show", line.split('\t').next().unwrap()]).code(0).stdout).collect()
}

#[test]
fn an_xes_says_what_the_csv_made_of_it_says() {
    let (Some(xes), Some(csv)) = (shared("running-example.xes"), shared("running-example.csv")) else { return };
    let mut stores = Vec::new();
    for log in [&xes, &csv] {
        let sandbox = bare();
        sandbox.write("map.yaml", MAPPING);
        let out = sandbox.run(&["import", log.to_str().unwrap(), "--map", "map.yaml"]).code(0);
        assert!(out.stdout.starts_with("42 lines: 6 cases new, 0 changed, 0 as known; 42 events new"), "{}", out.all());
        stores.push(held(&sandbox));
    }
    assert_eq!(stores[0].len(), 6);
    assert_eq!(stores[0], stores[1]);
}

#[test]
fn real_logs_in_xes_need_a_kind_only_and_may_be_gzipped() {
    let Some(log) = shared("roadtraffic100traces.xes") else { return };
    let sandbox = bare();
    sandbox.write("fines.xes.gz", gzip(&fs::read(&log).unwrap()));
    let out = sandbox.run(&["import", "fines.xes.gz", "--kind", "fine"]).code(0);
    insta::assert_snapshot!(out.stdout, @"100 lines: 100 cases new, 0 changed, 0 as known; 390 events new, 0 known; 0 rows rejected, 0 cases refused");
    let out = sandbox.run(&["import", log.to_str().unwrap(), "--kind", "fine"]).code(0);
    insta::assert_snapshot!(out.stdout, @"100 lines: 0 cases new, 0 changed, 100 as known; 0 events new, 390 known; 0 rows rejected, 0 cases refused");
    let out = sandbox.run(&["import", log.to_str().unwrap()]).code(2);
    assert!(out.stderr.contains("help: say it with `--kind KIND`, or in a mapping with `--map`"), "{}", out.stderr);
}

const XES: &str = "<log><trace><string key='concept:name' value='J-1'/><event><string key='concept:name' value='received'/>\
                   <date key='time:timestamp' value='2026-03-02T09:00:00+08:00'/></event></trace></log>";

const CLOUD: &str = concat!(
    r#"{"specversion":"1.0","id":"1","source":"/desk","type":"com.example.job.received","subject":"J-1","time":"2026-03-02T09:00:00+08:00"}"#,
    "\n"
);

fn judged(sandbox: &Sandbox, more: &[&str]) -> String {
    let arguments = ["check", "--policies", "policies", "--as-of", "2026-03-02T12:00:00+08:00", "--format", "csv"];
    sandbox.run(&[&arguments[..], more].concat()).code(1).stdout
}

#[test]
fn every_format_is_judged_alike() {
    let sandbox = jobs();
    let jsonl = r#"{"case":"J-1","kind":"job","events":[{"id":"/desk#1","type":"received","at":"2026-03-02T09:00:00+08:00"}]}"#;
    sandbox.write("cases.jsonl", jsonl);
    sandbox.write("events.jsonl", CLOUD);
    sandbox.write("batch.json", format!("[\n{}\n]\n", CLOUD.trim()));
    sandbox.write("one.json", CLOUD.replace('{', "{\n").replace(',', ",\n"));
    sandbox.write("events.gz", gzip(CLOUD.as_bytes()));
    let wanted = judged(&sandbox, &["--cases", "cases.jsonl"]);
    assert!(wanted.contains("J-1,,job,p,p/1,/desk#1,overdue,"), "{wanted}");
    for file in ["events.jsonl", "batch.json", "one.json", "events.gz"] {
        assert_eq!(judged(&sandbox, &["--cases", file, "--kind", "job"]), wanted, "{file}");
    }
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (row, cells) in [["id", "case", "what", "when"], ["/desk#1", "J-1", "received", "2026-03-02 09:00"]].iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            page.write_string(row as u32, column as u16, *cell).unwrap();
        }
    }
    sandbox.write("book.xlsx", book.save_to_buffer().unwrap());
    sandbox.write("rows.csv", "id,case,what,when\n/desk#1,J-1,received,2026-03-02 09:00\n");
    sandbox.write("log.xes", XES.replace("<event>", "<event><id key='id' value='/desk#1'/>"));
    let map = "zone: Asia/Shanghai\ncase: {id: case, kind: {value: job}}\nevent: {id: id, type: what, at: when}\n";
    sandbox.write("map.yaml", map);
    let traces = map.replace("id: case", "id: 'case:concept:name'").replace("what", "'concept:name'").replace("when", "'time:timestamp'");
    sandbox.write("xes.yaml", traces);
    for (file, map) in [("book.xlsx", "map.yaml"), ("rows.csv", "map.yaml"), ("log.xes", "xes.yaml")] {
        assert_eq!(judged(&sandbox, &["--cases", file, "--map", map]), wanted, "{file}");
    }
    let bare = judged(&sandbox, &["--cases", "log.xes", "--kind", "job"]);
    assert!(bare.contains("J-1,,job,p,p/1,"), "{bare}");
}

#[test]
fn events_of_a_known_case_need_no_kind() {
    let sandbox = jobs();
    let out = sandbox.run_with(&["import", "-"], CLOUD).code(0);
    insta::assert_snapshot!(out.all(), @r"
    exit 0
    --- stdout
    1 lines: 0 cases new, 0 changed, 0 as known; 0 events new, 0 known; 0 rows rejected, 1 cases refused
    --- stderr
    refused: case `J-1` is not known yet, and nothing tells its kind; say `dulykind` in its first event, or `--kind`
    ");
    let first = CLOUD.replace("\"specversion\"", "\"dulykind\":\"job\",\"specversion\"");
    sandbox.run_with(&["import", "-"], first).code(0);
    let next = CLOUD.replace("\"id\":\"1\"", "\"id\":\"2\"").replace("received", "answered").replace("09:00:00", "10:00:00");
    let out = sandbox.run_with(&["import", "-"], next).code(0);
    insta::assert_snapshot!(out.all(), @r"
    exit 0
    --- stdout
    1 lines: 0 cases new, 1 changed, 0 as known; 1 events new, 0 known; 0 rows rejected, 0 cases refused
    ");
    let left_out = sandbox.run_with(&["check", "--policies", "policies", "--cases", "-"], CLOUD).code(0);
    insta::assert_snapshot!(left_out.stderr, @r"
    warning: 1 cases are left out, since nothing tells their kind; say `--kind`, or `dulykind` in an event
    0 cases: no obligations
    ");
}

#[test]
fn what_cannot_be_read_is_said_with_what_to_do() {
    let sandbox = jobs();
    sandbox.write("map.yaml", "format: csv\ncase: {id: case, kind: {value: job}}\nevent: {type: what, at: when}\n");
    sandbox.write("free.yaml", "case: {id: case, kind: {value: job}}\nevent: {type: what, at: when}\n");
    let mut book = Workbook::new();
    book.add_worksheet().write_string(0, 0, "case").unwrap();
    sandbox.write("book.xlsx", book.save_to_buffer().unwrap());
    sandbox.write("old.xls", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]);
    sandbox.write("not.xlsx", "case,what,when\n");
    sandbox.write("cut.xes", &XES[..90]);
    sandbox.write("batch.json", "[{\"specversion\":");
    let said = |arguments: &[&str]| sandbox.run(&[&["check", "--policies", "policies", "--cases"], arguments].concat()).code(2).stderr;
    let all = [
        said(&["book.xlsx"]),
        said(&["book.xlsx", "--map", "map.yaml"]),
        said(&["book.xlsx", "--map", "free.yaml"]),
        said(&["old.xls"]),
        said(&["not.xlsx", "--map", "free.yaml"]),
        said(&["cut.xes", "--kind", "job"]),
        said(&["cut.xes", "--kind", "job", "--lang", "zh"]),
        said(&["batch.json"]),
    ];
    insta::assert_snapshot!(all.join(""), @r"
    error: `book.xlsx` is XLSX: it needs a mapping
      help: say `--map mapping.yaml`; examples/receipt shows one
    error: `book.xlsx` is a workbook (.xlsx), while the mapping says another `format`
      help: leave `format` out of the mapping, or say `format: xlsx`
    error[DU0701]: the log has no column `what`
     --> free.yaml:2:15
      |
    2 | event: {type: what, at: when}
      |               ^^^^
      |
      = help: known here: `case`

    error[DU0701]: the log has no column `when`
     --> free.yaml:2:25
      |
    2 | event: {type: what, at: when}
      |                         ^^^^
      |
      = help: known here: `case`

    2 errors
    error: `old.xls` is a workbook of the old sort (.xls), or one with a password
      help: save it as .xlsx without a password
    error: `not.xlsx` is no workbook (.xlsx)
      help: say its `format` in the mapping, or save it as .xlsx
    error: reading broke off at line 1: not XML: syntax error: tag not closed: `>` not found before end of input
    错误：读到第 1 行时中断：不是 XML：syntax error: tag not closed: `>` not found before end of input
    error: not JSON: EOF while parsing a value (column 16)
      help: what begins like this is one CloudEvent or a list of them; cases stand one a line: `duly help formats`
    ");
}

/// A log as XES: what `case:` stands before is the trace's.
fn as_xes(csv: &[u8]) -> String {
    let mut reader = csv::Reader::from_reader(csv);
    let head = reader.headers().unwrap().clone();
    let attributes = |row: &csv::StringRecord, of_case: bool| -> String {
        let cells = head.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let ours = cells.filter_map(|(name, cell)| match name.strip_prefix("case:") {
            Some(name) => of_case.then_some((name, cell)),
            None => (!of_case).then_some((name, cell)),
        });
        ours.map(|(key, cell)| format!("<string key='{key}' value='{}'/>\n", quick_xml::escape::escape(cell))).collect()
    };
    let id = head.iter().position(|name| name == "case:concept:name").unwrap();
    let (mut text, mut open) = ("<log>".to_owned(), String::new());
    for row in reader.records().map(Result::unwrap) {
        if row[id] != open {
            text.push_str(if open.is_empty() { "" } else { "</trace>" });
            open = row[id].to_owned();
            text.push_str(&format!("<trace>{}", attributes(&row, true)));
        }
        text.push_str(&format!("<event>{}</event>", attributes(&row, false)));
    }
    text + "</trace></log>"
}

#[test]
fn the_real_log_of_the_example_is_judged_alike_in_xes() {
    let Some(log) = shared("receipt.csv.gz") else { return };
    let mut csv = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(fs::File::open(&log).unwrap()), &mut csv).unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/receipt");
    let map = fs::read_to_string(example.join("mapping.yaml")).unwrap();
    let sandbox = Sandbox::new();
    sandbox.write("map.yaml", map.replace("format: csv\n", ""));
    sandbox.write("receipt.xes.gz", gzip(as_xes(&csv).as_bytes()));
    let judge = |log: &str| {
        let policies = example.to_str().unwrap();
        let arguments = ["check", "--policies", policies, "--cases", log, "--map", "map.yaml", "--as-of", "2015-01-01T00:00:00+01:00"];
        sandbox.run(&[&arguments[..], &["--format", "jsonl"]].concat()).code(1)
    };
    let (from_csv, from_xes) = (judge(log.to_str().unwrap()), judge("receipt.xes.gz"));
    assert!(from_csv.stdout.lines().count() > 1000);
    assert!(from_csv.stdout == from_xes.stdout && from_csv.stderr == from_xes.stderr, "{}", from_xes.stderr);
}
