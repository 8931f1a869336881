//! Opening hours of one day.

use super::{error::TimeError, read::Reader};

/// Minutes in a day of 24 hours.
pub(super) const DAY: u16 = 24 * 60;

/// A span of opening hours, in minutes of the wall clock since the date it begins on, `[from, to)`.
///
/// `from` is below 1440. `to` may be 1440 (24:00) and beyond, up to 2880: the span then runs over
/// midnight, and belongs to the date it begins on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hours {
    /// The minute at which it opens.
    pub from: u16,
    /// The minute at which it closes.
    pub to: u16,
}

impl Hours {
    /// The whole day.
    pub const ALL_DAY: Self = Self { from: 0, to: DAY };

    const fn is_sound(self) -> bool {
        self.from < DAY && self.from < self.to && self.to <= 2 * DAY
    }
}

/// Reads the hours of a day: `09:00-12:00 13:00-18:00`, parted by commas or spaces; empty is closed.
///
/// `22:00-06:00` runs over midnight, `00:00-24:00` is the whole day. The spans come back in order.
///
/// # Errors
/// A span has another shape or no length, or two of the day overlap.
pub fn parse_hours(text: &str) -> Result<Vec<Hours>, TimeError> {
    let plain = text
        .replace(['\u{2013}', '\u{2014}', '~', '\u{ff5e}'], "-")
        .replace('\u{ff1a}', ":")
        .replace([',', ';', '\u{ff0c}', '\u{3001}', '\u{ff1b}'], " ");
    let joined = plain.split('-').map(str::trim).collect::<Vec<_>>().join("-");
    let hours = joined.split_whitespace().map(|span| parse_span(text, span)).collect::<Result<Vec<_>, _>>()?;
    in_order(hours).ok_or_else(|| {
        TimeError::new(
            format!("the hours `{text}` overlap; expected spans that follow each other"),
            format!("时段 `{text}` 互相重叠；应依次排列"),
        )
    })
}

fn parse_span(text: &str, span: &str) -> Result<Hours, TimeError> {
    let malformed = || {
        TimeError::new(
            format!("`{span}` in `{text}` is not a span of hours; expected one such as `09:00-12:00`"),
            format!("`{text}` 中的 `{span}` 不是时段；应形如 `09:00-12:00`"),
        )
    };
    let (from, to) = span.split_once('-').ok_or_else(malformed)?;
    let (from, mut to) = (minute(from).ok_or_else(malformed)?, minute(to).ok_or_else(malformed)?);
    if from == to {
        return Err(TimeError::new(
            format!("the hours `{span}` have no length; expected `00:00-24:00` for the whole day"),
            format!("时段 `{span}` 长度为零；全天应写作 `00:00-24:00`"),
        ));
    }
    if to < from {
        to += DAY;
    }
    Some(Hours { from, to }).filter(|hours| hours.is_sound()).ok_or_else(malformed)
}

fn minute(text: &str) -> Option<u16> {
    let mut reader = Reader::new(text);
    let hour = reader.digits();
    reader.take(&[':'])?;
    let minute = reader.digits();
    if !reader.is_done() || hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let at = hour * 60 + minute;
    (minute < 60 && at <= 2 * DAY).then_some(at)
}

/// The spans of a day in order; none when one is unsound or two overlap.
pub(super) fn in_order(mut hours: Vec<Hours>) -> Option<Vec<Hours>> {
    hours.sort_unstable();
    let apart = hours.iter().zip(hours.iter().skip(1)).all(|(one, next)| one.to <= next.from);
    (apart && hours.iter().all(|span| span.is_sound())).then_some(hours)
}
