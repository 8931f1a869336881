//! The times of a log: RFC 3339, or a pattern of the mapping.

use chrono::{
    DateTime, NaiveDate, NaiveDateTime, NaiveTime,
    format::{Fixed, Item, StrftimeItems},
};

use crate::{
    lang::Text,
    time::{Instant, Zone, parse_date},
};

/// How a log writes times.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    /// The zone of times without offset; without it they are refused.
    pub(super) zone: Option<Zone>,
    /// Tried in order after RFC 3339.
    pub(super) patterns: Vec<Pattern>,
}

/// A pattern as in chrono's `strftime`.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: String,
    /// It reads an offset.
    offset: bool,
}

/// A time as it was read.
enum Read {
    At(Instant),
    Local(NaiveDateTime),
}

impl Pattern {
    /// Takes a pattern.
    pub(super) fn new(text: &str) -> Result<Self, Text> {
        // `%#z` has no public name among the items.
        let mut offset = text.contains("%#z");
        for item in StrftimeItems::new(text) {
            match item {
                Item::Error => {
                    return Err(Text::new(
                        format!("`{text}` is not a pattern of a time; expected one such as `%Y-%m-%d %H:%M:%S`"),
                        format!("`{text}` 不是时间格式；应形如 `%Y-%m-%d %H:%M:%S`"),
                    ));
                }
                // It would be read over in silence.
                Item::Fixed(Fixed::TimezoneName) => {
                    return Err(Text::new(
                        "a zone's name (`%Z`) cannot be read; use an offset (`%z`), or `zone` for local times",
                        "无法读取时区名称（`%Z`）；请用偏移（`%z`），或以 `zone` 说明当地时间",
                    ));
                }
                Item::Fixed(
                    Fixed::TimezoneOffset
                    | Fixed::TimezoneOffsetColon
                    | Fixed::TimezoneOffsetDoubleColon
                    | Fixed::TimezoneOffsetTripleColon
                    | Fixed::TimezoneOffsetColonZ
                    | Fixed::TimezoneOffsetZ
                    | Fixed::RFC2822
                    | Fixed::RFC3339,
                ) => offset = true,
                _ => {}
            }
        }
        Ok(Self { text: text.to_owned(), offset })
    }

    fn read(&self, text: &str) -> Option<Read> {
        // Also reads seconds since the epoch (`%s`), which need no offset.
        if let Ok(time) = DateTime::parse_from_str(text, &self.text) {
            return Some(Read::At(Instant::from_millis(time.timestamp_millis())));
        }
        if self.offset {
            return None;
        }
        let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN);
        NaiveDateTime::parse_from_str(text, &self.text)
            .or_else(|_| NaiveDate::parse_from_str(text, &self.text).map(midnight))
            .ok()
            .map(Read::Local)
    }
}

impl Times {
    /// Reads an instant.
    pub(super) fn instant(&self, text: &str) -> Result<Instant, Text> {
        let text = text.trim();
        match self.read(text) {
            Some(Read::At(at)) => Ok(at),
            Some(Read::Local(local)) => self.zone.map(|zone| zone.resolve(local)).ok_or_else(|| {
                Text::new(
                    format!("`{text}` has no offset, and the mapping has no `zone`"),
                    format!("`{text}` 没有时区偏移，而映射中没有 `zone`"),
                )
            }),
            None => Err(self.expected(text, ("an instant", "时刻"), "2026-03-02T09:00:00+08:00")),
        }
    }

    /// Reads a date; the date of an instant is the one in the zone.
    pub(super) fn date(&self, text: &str) -> Result<NaiveDate, Text> {
        let text = text.trim();
        if let Ok(date) = parse_date(text) {
            return Ok(date);
        }
        match self.read(text) {
            Some(Read::Local(local)) => Ok(local.date()),
            Some(Read::At(at)) => self.zone.map(|zone| at.date(zone)).ok_or_else(|| {
                Text::new(
                    format!("`{text}` is an instant; for its date the mapping needs a `zone`"),
                    format!("`{text}` 是时刻；求其日期需要映射中的 `zone`"),
                )
            }),
            None => Err(self.expected(text, ("a date", "日期"), "2026-03-02")),
        }
    }

    fn read(&self, text: &str) -> Option<Read> {
        if let Some(read) = rfc3339(text) {
            return Some(read);
        }
        self.patterns.iter().find_map(|pattern| pattern.read(text))
    }

    fn expected(&self, text: &str, what: (&str, &str), example: &str) -> Text {
        let patterns = self.patterns.iter().fold(String::new(), |list, pattern| format!("{list}, `{}`", pattern.text));
        let short: String = text.chars().take(80).collect();
        Text::new(
            format!("`{short}` is not {}; expected one such as `{example}`{patterns}", what.0),
            format!("`{short}` 不是{}；应形如 `{example}`{patterns}", what.1),
        )
    }
}

/// RFC 3339, the offset being left out or not.
fn rfc3339(text: &str) -> Option<Read> {
    let at = Instant::parse(text, Zone::UTC).ok()?;
    // What stands in the text itself does not move with the zone.
    let elsewhere = Instant::parse(text, Zone::parse("+01:00").ok()?).ok()?;
    Some(if at == elsewhere { Read::At(at) } else { Read::Local(at.local(Zone::UTC)) })
}
