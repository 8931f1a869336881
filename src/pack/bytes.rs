//! Whole numbers in bytes, and a reader that never reads past the end.

use super::Damaged;

/// Appends a number in groups of seven bits, the lowest first.
pub(super) fn put(mut number: u64, out: &mut Vec<u8>) {
    while number > 0x7f {
        out.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or(0));
}

/// Appends a count.
pub(super) fn put_count(count: usize, out: &mut Vec<u8>) {
    put(u64::try_from(count).unwrap_or(u64::MAX), out);
}

/// Appends a number that may be negative, so that small ones of either sign are short.
pub(super) fn put_signed(number: i64, out: &mut Vec<u8>) {
    put(((number << 1) ^ (number >> 63)).cast_unsigned(), out);
}

/// The number whose first byte stands at `at`, of up to eight bytes; what lies beyond the end is zero.
#[inline]
pub(super) fn load(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first_chunk::<8>() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => rest.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    }
}

/// Reads from the front to the end.
pub(super) struct Reader<'a> {
    /// All bytes.
    pub(super) bytes: &'a [u8],
    /// Where the next one stands.
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    /// How many bytes there are: no list of things that take up space can be longer.
    pub(super) const fn most(&self) -> usize {
        self.bytes.len()
    }

    /// Takes so many bytes, and gives the place of the first.
    pub(super) fn skip(&mut self, count: usize) -> Result<usize, Damaged> {
        let at = self.at;
        self.at = at.checked_add(count).filter(|end| *end <= self.bytes.len()).ok_or(Damaged("it ends too early"))?;
        Ok(at)
    }

    /// Takes so many bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Damaged> {
        let at = self.skip(count)?;
        Ok(self.bytes.get(at..self.at).unwrap_or_default())
    }

    /// Takes one byte.
    pub(super) fn byte(&mut self) -> Result<u8, Damaged> {
        Ok(self.take(1)?.first().copied().unwrap_or_default())
    }

    /// Takes what [`put`] wrote.
    pub(super) fn number(&mut self) -> Result<u64, Damaged> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Damaged("a number does not end"))
    }

    /// Takes what [`put_signed`] wrote.
    pub(super) fn signed(&mut self) -> Result<i64, Damaged> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// Takes a count of things, of which each takes up at least one byte of the whole, but for one.
    pub(super) fn count(&mut self) -> Result<usize, Damaged> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if count > self.most() { Err(Damaged("a count is too large")) } else { Ok(count) }
    }
}
