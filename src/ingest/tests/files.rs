//! Files and other inputs, gzipped or not.

use std::io::{self, BufRead, BufReader, Read, Write};

use flate2::{Compression, write::GzEncoder};

use super::SIMPLE;
use crate::{
    ingest::{Format, IngestError, Log, lines_about, open, read_jsonl, unpack},
    time::Zone,
};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn text(mut input: Box<dyn BufRead + Send>) -> String {
    let mut text = String::new();
    input.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn gzip_is_known_by_its_bytes_not_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut twice = gzip("one\n");
    twice.extend(gzip("two\n"));
    for (name, bytes, wanted) in [
        ("packed.jsonl", gzip("x\n"), "x\n"),
        ("members.csv", twice, "one\ntwo\n"),
        ("plain.gz", b"plain\n".to_vec(), "plain\n"),
        ("one", b"1".to_vec(), "1"),
        ("none", Vec::new(), ""),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(text(open(&path).unwrap()), wanted, "{name}");
    }
}

#[test]
fn a_files_lines_are_guessed_from_the_first_ones() {
    let folder = tempfile::tempdir().unwrap();
    let about = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        lines_about(&path)
    };
    assert_eq!(about("short", b"one\ntwo\n"), Some(2));
    let lines = (0..100_000).fold(String::new(), |text, number| text + format!("{number:07}\n").as_str());
    assert_eq!(about("long", lines.as_bytes()), Some(100_000));
    assert_eq!(about("packed", &gzip("one\n")), None);
    assert_eq!(about("empty", b""), None);
    assert_eq!(lines_about(folder.path()), None);
}

#[test]
fn what_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("absent"), folder.path().to_owned()] {
        let Err(error) = open(&path) else { panic!("opened") };
        let shown = path.display().to_string();
        assert!(error.text().en.contains(&shown) && error.text().zh.contains(&shown), "{error}");
    }
}

/// Gives one byte at a time, as a pipe may.
struct Drip(io::Cursor<Vec<u8>>);

impl Read for Drip {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = out.len().min(1);
        self.0.read(&mut out[..length])
    }
}

#[test]
fn a_slow_pipe_is_read_alike() {
    let csv = "\u{feff}case,when,what,who,units,note\r\nA,2026-03-02,In,,1,\"a\r\nb\"\r\nA,bad,In,,1,\r\n";
    for bytes in [csv.as_bytes().to_vec(), gzip(csv)] {
        let input = unpack(Drip(io::Cursor::new(bytes))).unwrap();
        let mut input = BufReader::with_capacity(1, input);
        let (mapping, _) = super::mapping(SIMPLE);
        let mapping = mapping.unwrap();
        let mut log = Log::new(&mapping);
        let mut lines = Vec::new();
        log.read(&mut input, Format::Csv, &mut |reject| lines.push(reject.line)).unwrap();
        assert_eq!(lines, [4]);
        let summary = log.finish::<IngestError>(9, &mut |_| Ok(())).unwrap();
        assert_eq!(summary.cases, 1);
    }
}

#[test]
fn a_gzip_that_is_cut_off_says_how_far_it_was_read() {
    let lines: String = (0..5000).fold(String::new(), |text, id| text + format!("{{\"case\":\"c{id}\",\"kind\":\"k\"}}\n").as_str());
    let mut bytes = gzip(&lines);
    bytes.truncate(bytes.len() / 2);
    let input = unpack(io::Cursor::new(bytes)).unwrap();
    let mut cases = 0;
    let error = read_jsonl::<IngestError>(
        input,
        Zone::UTC,
        100,
        &mut |batch| {
            cases += batch.len();
            Ok(())
        },
        &mut |_| {},
    )
    .unwrap_err();
    let IngestError::Read { line, .. } = error else { panic!("{error}") };
    assert!(line > 1000 && cases > 1000, "{line} {cases}");
    assert!(error.text().zh.contains("后中断"));
}

#[test]
fn an_error_of_the_sink_ends_the_reading() {
    #[derive(Debug)]
    struct Full;
    impl From<IngestError> for Full {
        fn from(_: IngestError) -> Self {
            Self
        }
    }
    let text = "{\"case\":\"a\",\"kind\":\"k\"}\n".repeat(10);
    let mut calls = 0;
    let result = read_jsonl::<Full>(
        io::Cursor::new(text),
        Zone::UTC,
        3,
        &mut |_| {
            calls += 1;
            Err(Full)
        },
        &mut |_| {},
    );
    assert!(result.is_err());
    assert_eq!(calls, 1);
}
