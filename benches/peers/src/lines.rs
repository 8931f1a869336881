//! Cases as JSON lines: writing those that are made, reading them again.

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use chrono::{DateTime, Datelike, Timelike};

use crate::{
    Failure,
    case::Case,
    made::{Draft, Person},
};

/// Writes a case as one line, with the line's end.
///
/// # Errors
/// Never in fact: a text takes everything.
pub fn write(number: u32, draft: &Draft, line: &mut String) -> Result<(), Failure> {
    line.clear();
    let words = (draft.grade.word(), draft.region.word(), draft.customer_type.word(), draft.product_type.word());
    write!(
        line,
        r#"{{"case":"C{number:08}","kind":"complaint","facts":{{"grade":"{}","region":"{}","urban":{}"#,
        words.0, words.1, draft.urban
    )?;
    write!(line, r#","units":{},"amount":{:?},"margin":{:?},"discount":{:?}"#, draft.units, draft.amount, draft.margin, draft.discount)?;
    write!(line, r#","customer_type":"{}","product_type":"{}","whole_batch_return":{}"#, words.2, words.3, draft.whole_batch_return)?;
    write!(line, r#","deposit":{:?},"on_hand":{},"min_stock":{}"#, draft.deposit, draft.on_hand, draft.min_stock)?;
    if let Some(customer) = draft.customer {
        write!(line, r#","customer":"customer-{customer:06}""#)?;
    }
    if let Some(problem) = draft.problem {
        write!(line, r#","problem":"{problem}""#)?;
    }
    if let Some((month, day)) = draft.purchased_on {
        write!(line, r#","purchased_on":"2025-{month:02}-{day:02}""#)?;
    }
    if let Some((series, letter)) = draft.model {
        write!(line, r#","model":"M{series:03}-{letter}""#)?;
    }
    line.push_str(r#"},"events":["#);
    for (place, deed) in draft.deeds.iter().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        write!(line, r#"{comma}{{"type":"{}","at":"{}""#, deed.step.word(), rfc3339(deed.at)?)?;
        match deed.by {
            Some(Person::Staff(number)) => write!(line, r#","by":"staff-{number:03}""#)?,
            Some(Person::Customer(number)) => write!(line, r#","by":"customer-{number:06}""#)?,
            None => {}
        }
        write!(line, r#","role":"{}"}}"#, deed.role.word())?;
    }
    line.push_str("]}\n");
    Ok(())
}

/// An instant in seconds as text, in UTC.
///
/// # Errors
/// When it lies beyond all calendars.
pub fn rfc3339(seconds: i64) -> Result<String, Failure> {
    let at = DateTime::from_timestamp(seconds, 0).ok_or("no such instant")?;
    Ok(format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", at.year(), at.month(), at.day(), at.hour(), at.minute(), at.second()))
}

/// Reads a file line by line, so that the peak memory of a run holds what was read and not the text.
///
/// # Errors
/// When the file cannot be read, or what is made of a line fails.
pub fn read<T>(path: &Path, mut make: impl FnMut(&str) -> Result<T, Failure>) -> Result<Vec<T>, Failure> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).map_err(|error| format!("{}: {error}", path.display()))?);
    let (mut list, mut line) = (Vec::new(), String::new());
    while file.read_line(&mut line)? > 0 {
        list.push(make(line.trim_end())?);
        line.clear();
    }
    Ok(list)
}

/// Reads the cases of a file.
///
/// # Errors
/// When it cannot be read, or is not of this shape.
pub fn cases(path: &Path) -> Result<Vec<Case<String>>, Failure> {
    read(path, |line| Ok(serde_json::from_str(line)?))
}
