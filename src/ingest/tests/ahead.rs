//! Parsing ahead gives what parsing line by line gives, and holds only a little at a time.

use std::{
    io::{BufReader, Cursor, Read, Result},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, sync_channel},
    },
};

use proptest::prelude::{Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

use super::{jsonl, shanghai};
use crate::{
    case::Case,
    ingest::{IngestError, Reject, parse_case, read_jsonl},
    time::Zone,
};

const LINE: &str = "{\"case\":\"a\",\"kind\":\"k\"}\n";

/// A line of a file: sound, refused for several reasons, blank, or anything at all.
fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => (0..50_u32, 0..3_usize).prop_map(|(id, events)| {
            let events = vec![r#"{"type":"t","at":"2026-03-02 09:00","data":{"x":0.10}}"#; events].join(",");
            format!(r#"{{"case":"R-{id}","kind":"k","events":[{events}]}}"#).into_bytes()
        }),
        1 => prop::sample::select(vec!["", "  ", "\r", "{}", "rubbish", r#"{"case":"a","kind":"k"} x"#, "\u{feff}"]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>().prop_filter("a line", |byte| *byte != b'\n'), 0..20),
    ]
}

/// What the lines are, read one by one.
fn plainly(bytes: &[u8]) -> (Vec<Case>, Vec<Reject>) {
    let (mut cases, mut rejects) = (Vec::new(), Vec::new());
    let mut pieces: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let last = pieces.pop().unwrap();
    // Only a line's end may have a carriage return.
    let mut lines: Vec<&[u8]> = pieces.into_iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
    lines.push(last);
    for (line, number) in lines.into_iter().zip(1_u64..) {
        let line = if number == 1 { line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line) } else { line };
        if line.trim_ascii().is_empty() {
            continue;
        }
        match std::str::from_utf8(line).map(|text| parse_case(text, shanghai())) {
            Ok(Ok(case)) => cases.push(case),
            Ok(Err(reason)) => rejects.push(Reject::new(number, reason, line)),
            Err(error) => {
                let reason = crate::ingest::line::utf8(line).unwrap_err();
                assert!(reason.en.contains(&format!("byte {}", error.valid_up_to() + 1)));
                rejects.push(Reject::new(number, reason, line));
            }
        }
    }
    (cases, rejects)
}

proptest! {
    #[test]
    fn cases_and_rejects_are_those_of_the_lines_in_order(lines in prop::collection::vec(line(), 0..60), batch in 1_usize..9) {
        let bytes = lines.join(&b'\n');
        let (cases, rejects) = plainly(&bytes);
        let read = jsonl(&bytes, batch);
        prop_assert_eq!(read.summary.lines, (cases.len() + rejects.len()) as u64);
        prop_assert_eq!(read.summary.rejected, rejects.len() as u64);
        prop_assert_eq!(read.summary.events, cases.iter().map(|case| case.events.len() as u64).sum::<u64>());
        prop_assert_eq!(read.cases, cases);
        prop_assert_eq!(read.rejects, rejects);
    }
}

/// Lines without end, counted as they are taken.
struct Endless(Arc<AtomicUsize>);

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Cursor::new(LINE).read(out)
    }
}

#[derive(Debug, PartialEq)]
struct Refused;

impl From<IngestError> for Refused {
    fn from(error: IngestError) -> Self {
        panic!("{error}")
    }
}

#[test]
fn an_endless_input_is_read_a_little_ahead_and_no_longer_than_it_is_wanted() {
    const BATCH: usize = 10;
    let taken = Arc::new(AtomicUsize::new(0));
    let input = BufReader::with_capacity(LINE.len(), Endless(Arc::clone(&taken)));
    let mut delivered = 0;
    let mut most = 0;
    let end = read_jsonl(
        input,
        Zone::UTC,
        BATCH,
        &mut |batch| {
            std::thread::sleep(std::time::Duration::from_millis(1));
            most = most.max(taken.load(Ordering::Relaxed) - delivered);
            delivered += batch.len();
            if delivered < 500 { Ok(()) } else { Err(Refused) }
        },
        &mut |_| {},
    );
    assert_eq!((end.unwrap_err(), delivered), (Refused, 500));
    // At most four batches are being parsed or wait, and one is with the sink; the rest is what a thread may have begun.
    assert!(most <= 6 * BATCH, "{most} lines were held");
}

/// Gives a few lines, and then nothing for as long as it is not told to end.
struct Silent {
    lines: Cursor<String>,
    end: Receiver<()>,
}

impl Read for Silent {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let taken = self.lines.read(out)?;
        if taken == 0 {
            let _ = self.end.recv();
        }
        Ok(taken)
    }
}

#[test]
fn a_silent_pipe_does_not_hold_up_an_error_of_the_sink() {
    let (keep_open, end) = sync_channel(0);
    let input = BufReader::new(Silent { lines: Cursor::new(LINE.repeat(3)), end });
    let outcome = read_jsonl(input, Zone::UTC, 1, &mut |_| Err(Refused), &mut |_| {});
    assert_eq!(outcome.unwrap_err(), Refused);
    drop(keep_open);
}

#[test]
fn a_panic_while_reading_goes_on_where_the_cases_are_wanted() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> Result<usize> {
            panic!("broken")
        }
    }
    let read = || read_jsonl::<IngestError>(BufReader::new(Broken), Zone::UTC, 1, &mut |_| Ok(()), &mut |_| {});
    let panic = catch_unwind(AssertUnwindSafe(read)).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"broken"));
}
