//! Instants in the shape that nearly all sources write, read at a tenth of the cost of the general reader: logs hold
//! millions of them.

use chrono::{Datelike, NaiveDate};

use super::instant::Instant;

/// Days from the date 0000-12-31, from which chrono counts, to 1970-01-01.
const EPOCH: i32 = 719_163;

/// Reads `2026-03-02T09:00:00+08:00` or `2026-03-02T09:00:00.125Z`. `None` says nothing about the text but that the general
/// reader has to look at it.
pub(super) fn read(text: &str) -> Option<Instant> {
    let (local, offset) = text.as_bytes().split_first_chunk()?;
    let [y1, y2, y3, y4, b'-', o1, o2, b'-', d1, d2, b'T', h1, h2, b':', m1, m2, b':', s1, s2] = *local else { return None };
    let year = two(y1, y2, 99)? * 100 + two(y3, y4, 99)?;
    if year == 0 {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, two(o1, o2, 12)?, two(d1, d2, 31)?)?;
    let second = (two(h1, h2, 23)? * 60 + two(m1, m2, 59)?) * 60 + two(s1, s2, 59)?;
    let (milli, offset) = match *offset {
        [b'.', f1, f2, f3, ref offset @ ..] => (two(f1, f2, 99)? * 10 + two(b'0', f3, 9)?, offset),
        _ => (0, offset),
    };
    let east = match *offset {
        [b'Z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let seconds = i64::from((two(h1, h2, 23)? * 60 + two(m1, m2, 59)?) * 60);
            if sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let days = i64::from(date.num_days_from_ce() - EPOCH);
    Some(Instant::from_millis((days * 86_400 + i64::from(second) - east) * 1000 + i64::from(milli)))
}

/// The number that two digits write, when it is not above a bound.
fn two(tens: u8, ones: u8, most: u32) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    let number = u32::from(tens) * 10 + u32::from(ones);
    (tens < 10 && ones < 10 && number <= most).then_some(number)
}
