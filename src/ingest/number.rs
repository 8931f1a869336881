//! Numbers as they are written, without a detour over floating point.

use std::str::FromStr;

use rust_decimal::Decimal;

use crate::case::Value;

/// Powers of ten beyond which no number fits anyway.
const MOST_POWER: i32 = 100;

/// Reads a number as JSON writes it, such as `12`, `-0.50` or `1e3`; a plus before and no digit before the point are let
/// pass too. Digits of a fraction beyond what a decimal holds (28) are rounded. `None` for anything else, and for a
/// number that is too large.
pub(super) fn read(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, power) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(left, right)| (left, Some(right)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(left, right)| (left, Some(right)));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !fraction.is_none_or(digits) || fraction.unwrap_or(whole).is_empty() {
        return None;
    }
    if fraction.is_none()
        && power.is_none()
        && let Ok(number) = text.parse()
    {
        return Some(Value::Int(number));
    }
    let number = match power {
        None => Decimal::from_str(text),
        Some(power) => {
            let sign = if text.starts_with('-') { "-" } else { "" };
            Decimal::from_str(&format!("{sign}{}", moved(whole, fraction.unwrap_or(""), power.parse().ok()?)?))
        }
    };
    number.ok().map(Value::Decimal)
}

/// The digits with their point moved to the right by a power of ten.
fn moved(whole: &str, fraction: &str, power: i32) -> Option<String> {
    if power.abs() > MOST_POWER {
        return None;
    }
    let zeros = "0".repeat(usize::try_from(power.unsigned_abs()).ok()?);
    let step = zeros.len();
    if power >= 0 {
        let fraction = format!("{fraction}{zeros}");
        let (left, right) = fraction.split_at_checked(step)?;
        return Some(format!("{whole}{left}.{right}0"));
    }
    let whole = format!("{zeros}{whole}");
    let (left, right) = whole.split_at_checked(whole.len() - step)?;
    Some(format!("0{left}.{right}{fraction}"))
}

/// Finds the numbers of a JSON text as they are written, in order.
#[derive(Debug, Default)]
pub(super) struct Scan {
    place: usize,
    seen: usize,
}

impl Scan {
    /// The number with this ordinal, from 1; ordinals must not fall. The text is well-formed up to there.
    pub(super) fn find<'t>(&mut self, text: &'t str, ordinal: usize) -> Option<&'t str> {
        loop {
            let rest = text.as_bytes().get(self.place..)?;
            let start = rest.iter().position(|byte| matches!(byte, b'"' | b'-' | b'0'..=b'9'))?;
            self.place += start;
            let rest = rest.get(start..)?;
            if let [b'"', inner @ ..] = rest {
                self.place += 1 + string_end(inner);
                continue;
            }
            let part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
            let end = self.place + rest.iter().position(|byte| !part(byte)).unwrap_or(rest.len());
            let number = text.get(self.place..end);
            self.place = end;
            self.seen += 1;
            if self.seen == ordinal {
                return number;
            }
        }
    }
}

/// Bytes up to and with the quote that ends a string.
fn string_end(text: &[u8]) -> usize {
    let mut escaped = false;
    let quote = text.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    quote.map_or(text.len(), |at| at + 1)
}
