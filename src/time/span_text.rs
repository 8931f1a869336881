//! Reading spans: `6 working hours`, `PT2H`, `2个工作日`.

use super::{
    error::{TimeError, nearest},
    read::Reader,
    span::Span,
};

/// What a unit measures, and how much of it: milliseconds, days or months.
#[derive(Clone, Copy)]
enum Unit {
    Elapsed(i64),
    Days(i64),
    Months(i64),
    Working(i64),
    WorkingDays,
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Each unit with its names; the first is the one that is suggested.
const UNITS: [(Unit, &[&str]); 11] = [
    (Unit::Elapsed(SECOND), &["s", "sec", "second", "seconds", "秒", "秒钟"]),
    (Unit::Elapsed(MINUTE), &["min", "minute", "minutes", "分钟", "分"]),
    (Unit::Elapsed(HOUR), &["h", "hour", "hours", "小时", "个小时"]),
    (Unit::Days(1), &["d", "day", "days", "天", "日"]),
    (Unit::Days(7), &["wk", "week", "weeks", "周", "星期", "个星期"]),
    (Unit::Months(1), &["mo", "month", "months", "个月", "月"]),
    (Unit::Months(12), &["y", "year", "years", "年"]),
    (Unit::Working(SECOND), &["working seconds", "working second", "个工作秒", "工作秒"]),
    (Unit::Working(MINUTE), &["working minutes", "working minute", "个工作分钟", "工作分钟"]),
    (Unit::Working(HOUR), &["working hours", "working hour", "个工作小时", "工作小时"]),
    (Unit::WorkingDays, &["working days", "working day", "个工作日", "工作日"]),
];

const ISO: [(char, Unit); 4] = [('Y', Unit::Months(12)), ('M', Unit::Months(1)), ('W', Unit::Days(7)), ('D', Unit::Days(1))];
const ISO_CLOCK: [(char, Unit); 3] = [('H', Unit::Elapsed(HOUR)), ('M', Unit::Elapsed(MINUTE)), ('S', Unit::Elapsed(SECOND))];

pub(super) fn parse(text: &str) -> Result<Span, TimeError> {
    let trimmed = text.trim();
    if ["same day", "当天", "当日"].iter().any(|known| trimmed.eq_ignore_ascii_case(known)) {
        return Ok(Span::SameDay);
    }
    let mut reader = Reader::new(trimmed);
    let negative = reader.take(&['-', '−']).is_some();
    reader.skip_spaces();
    let span = if reader.take(&['P']).is_some() { iso(text, &mut reader) } else { plain(text, &mut reader) }?;
    Ok(if negative { span.negated() } else { span })
}

fn plain(text: &str, reader: &mut Reader<'_>) -> Result<Span, TimeError> {
    let mut sum = None;
    while sum.is_none() || !reader.is_done() {
        let number = Number::read(reader, &['.']).ok_or_else(|| malformed(text))?;
        let word = reader.word().split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let unit = UNITS.iter().find(|(_, names)| names.contains(&word.as_str()));
        let (unit, _) = unit.ok_or_else(|| unknown(text, &word))?;
        sum = Some(join(text, sum, number.of(text, *unit)?)?);
    }
    sum.ok_or_else(|| malformed(text))
}

fn iso(text: &str, reader: &mut Reader<'_>) -> Result<Span, TimeError> {
    let mut sum = None;
    let mut clock = false;
    while sum.is_none() || !reader.is_done() {
        clock |= !clock && reader.take(&['T']).is_some();
        let number = Number::read(reader, &['.', ',']).ok_or_else(|| malformed(text))?;
        let units: &[(char, Unit)] = if clock { &ISO_CLOCK } else { &ISO };
        let unit = units.iter().find(|(letter, _)| reader.take(&[*letter]).is_some());
        let (_, unit) = unit.ok_or_else(|| malformed(text))?;
        sum = Some(join(text, sum, number.of(text, *unit)?)?);
    }
    sum.ok_or_else(|| malformed(text))
}

/// A decimal number, exact: its digits and how many of them stand after the point.
struct Number {
    digits: i128,
    scale: u32,
}

impl Number {
    fn read(reader: &mut Reader<'_>, points: &[char]) -> Option<Self> {
        let whole = reader.digits();
        let fraction = if reader.take(points).is_some() { Some(reader.digits()).filter(|some| !some.is_empty())? } else { "" };
        reader.skip_spaces();
        if whole.is_empty() || whole.len() > 15 || fraction.len() > 9 {
            return None;
        }
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(Self { digits, scale: u32::try_from(fraction.len()).ok()? })
    }

    /// So many of a unit, to the nearest millisecond.
    fn of(&self, text: &str, unit: Unit) -> Result<Span, TimeError> {
        let scale = 10_i128.pow(self.scale);
        let count = |size: i64| {
            if self.digits % scale == 0 { i32::try_from(self.digits / scale * i128::from(size)).ok() } else { None }
        };
        let millis = |size: i64| {
            let amount = (self.digits * i128::from(size) * 2 + scale) / (scale * 2);
            i64::try_from(amount).map_err(|_| too_long(text))
        };
        let whole = |size: i64| count(size).ok_or_else(|| if self.digits % scale == 0 { too_long(text) } else { fractional(text) });
        Ok(match unit {
            Unit::Elapsed(size) => Span::Elapsed(millis(size)?),
            Unit::Working(size) => Span::Working(millis(size)?),
            Unit::Days(size) => Span::Days(whole(size)?),
            Unit::Months(size) => Span::Months(whole(size)?),
            Unit::WorkingDays => Span::WorkingDays(whole(1)?),
        })
    }
}

fn join(text: &str, sum: Option<Span>, part: Span) -> Result<Span, TimeError> {
    let Some(sum) = sum else { return Ok(part) };
    let joined = match (sum, part) {
        (Span::Elapsed(a), Span::Elapsed(b)) => a.checked_add(b).map(Span::Elapsed),
        (Span::Working(a), Span::Working(b)) => a.checked_add(b).map(Span::Working),
        (Span::Days(a), Span::Days(b)) => a.checked_add(b).map(Span::Days),
        (Span::Months(a), Span::Months(b)) => a.checked_add(b).map(Span::Months),
        (Span::WorkingDays(a), Span::WorkingDays(b)) => a.checked_add(b).map(Span::WorkingDays),
        _ => {
            return Err(TimeError::new(
                format!("`{text}` mixes units that are counted differently; expected one sort, such as `36h`, `3d` or `18mo`"),
                format!("`{text}` 混用了计算方式不同的单位；应只用一种，如 `36h`、`3d` 或 `18mo`"),
            ));
        }
    };
    joined.ok_or_else(|| too_long(text))
}

fn malformed(text: &str) -> TimeError {
    TimeError::new(
        format!("`{text}` is not a span; expected one such as `30min`, `24h`, `3d`, `1mo`, `6 working hours` or `same day`"),
        format!("`{text}` 不是时间段；应形如 `30min`、`24h`、`3d`、`1mo`、`6 working hours`、`2个工作日` 或 `当天`"),
    )
}

fn unknown(text: &str, word: &str) -> TimeError {
    if word.is_empty() {
        return TimeError::new(
            format!("`{text}` has no unit; expected one such as `{text}h` or `{text}d`"),
            format!("`{text}` 缺少单位；应形如 `{text}h` 或 `{text}d`"),
        );
    }
    // `m` is left out on purpose: to some it is minutes, to others months.
    if word == "m" {
        return TimeError::new(
            format!("the unit `m` of `{text}` is ambiguous; expected `min` (minutes) or `mo` (months)"),
            format!("`{text}` 的单位 `m` 有歧义；应为 `min`（分钟）或 `mo`（月）"),
        );
    }
    let name = nearest(word, UNITS.iter().flat_map(|(_, names)| names.iter().copied())).unwrap_or("h");
    let known = UNITS.iter().find(|(_, names)| names.contains(&name)).and_then(|(_, names)| names.first()).unwrap_or(&name);
    TimeError::new(
        format!(
            "unknown unit `{word}` in `{text}`; the nearest known one is `{known}` (known: s, min, h, d, wk, mo, y, \
             working minutes, working hours, working days)"
        ),
        format!("`{text}` 的单位 `{word}` 未知；最接近的是 `{known}`（可用：s、min、h、d、wk、mo、y、个工作分钟、个工作小时、个工作日）"),
    )
}

fn fractional(text: &str) -> TimeError {
    TimeError::new(
        format!("`{text}` is not a whole number of days or months; expected a whole number, or hours such as `36h`"),
        format!("`{text}` 的天数或月数不是整数；应为整数，或用小时，如 `36h`"),
    )
}

fn too_long(text: &str) -> TimeError {
    TimeError::new(format!("`{text}` is too long; expected at most a few thousand years"), format!("`{text}` 过长；应在数千年以内"))
}
