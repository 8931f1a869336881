//! A column of whole numbers: `base + step * n`, where each `n` has the same few bytes. Instants of whole seconds, or
//! ids of few texts, become short without being told to.

use super::Damaged;
use super::bytes::{Reader, load, put, put_signed};

/// Where a column of numbers stands, and how it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    at: usize,
    len: usize,
    width: usize,
    mask: u64,
    base: i64,
    step: u64,
}

/// Appends a column. Each number has at least `least` bytes: where the length of a column is told by others, one byte
/// keeps damaged lengths from asking for more memory than the block has bytes.
pub(super) fn write(values: &[i64], least: usize, out: &mut Vec<u8>) {
    let base = values.iter().copied().min().unwrap_or(0);
    let above = |value: i64| value.wrapping_sub(base).cast_unsigned();
    let mut step = 0;
    for value in values {
        if step == 1 {
            break;
        }
        step = gcd(step, above(*value));
    }
    let step = step.max(1);
    let most = values.iter().map(|value| above(*value) / step).max().unwrap_or(0);
    let width = width(most).max(least);
    out.push(u8::try_from(width).unwrap_or(8));
    put_signed(base, out);
    put(step, out);
    out.reserve(values.len().saturating_mul(width));
    for value in values {
        out.extend((above(*value) / step).to_le_bytes().iter().take(width));
    }
}

impl Numbers {
    /// Reads how a column of `len` numbers is stored.
    pub(super) fn read(reader: &mut Reader<'_>, len: usize) -> Result<Self, Damaged> {
        let width = usize::from(reader.byte()?);
        let mask = match width {
            0 => 0,
            1..=8 => u64::MAX >> (64 - 8 * width),
            _ => return Err(Damaged("a number has more than eight bytes")),
        };
        let (base, step) = (reader.signed()?, reader.number()?);
        let at = reader.skip(len.saturating_mul(width))?;
        Ok(Self { at, len, width, mask, base, step })
    }

    /// As [`Numbers::read`], for a column that has bytes for every number.
    pub(super) fn read_wide(reader: &mut Reader<'_>, len: usize) -> Result<Self, Damaged> {
        let column = Self::read(reader, len)?;
        if column.width == 0 && len > 0 { Err(Damaged("a column has no bytes")) } else { Ok(column) }
    }

    /// The number at a place. `bytes` are those that it was read from, up to its own end at least.
    #[inline]
    pub(super) fn get(&self, bytes: &[u8], place: usize) -> i64 {
        self.value(load(bytes, self.at.wrapping_add(place.wrapping_mul(self.width))) & self.mask)
    }

    /// All numbers, each made into something else.
    pub(super) fn all<T>(&self, bytes: &[u8], make: impl Fn(i64) -> T) -> Vec<T> {
        let bytes = self.own(bytes);
        let make = |raw| make(self.value(raw));
        match self.width {
            1 => raw::<1>(bytes).map(make).collect(),
            2 => raw::<2>(bytes).map(make).collect(),
            3 => raw::<3>(bytes).map(make).collect(),
            4 => raw::<4>(bytes).map(make).collect(),
            5 => raw::<5>(bytes).map(make).collect(),
            6 => raw::<6>(bytes).map(make).collect(),
            7 => raw::<7>(bytes).map(make).collect(),
            8 => raw::<8>(bytes).map(make).collect(),
            _ => (0..self.len).map(|_| make(0)).collect(),
        }
    }

    /// Whether all numbers are at least zero and less than `limit`.
    pub(super) fn are_below(&self, bytes: &[u8], limit: usize) -> bool {
        let most = self.most(bytes);
        let most = i128::from(self.base) + i128::from(self.step) * i128::from(most);
        self.len == 0 || (self.base >= 0 && most < i128::try_from(limit).unwrap_or(i128::MAX))
    }

    #[inline]
    const fn value(&self, raw: u64) -> i64 {
        self.base.wrapping_add(raw.wrapping_mul(self.step).cast_signed())
    }

    /// The largest of the stored numbers. As in [`Self::all`] each width has a loop of its own, which the compiler can make tight.
    fn most(&self, bytes: &[u8]) -> u64 {
        let bytes = self.own(bytes);
        let most = match self.width {
            1 => return u64::from(bytes.iter().copied().max().unwrap_or(0)),
            2 => raw::<2>(bytes).max(),
            3 => raw::<3>(bytes).max(),
            4 => raw::<4>(bytes).max(),
            5 => raw::<5>(bytes).max(),
            6 => raw::<6>(bytes).max(),
            7 => raw::<7>(bytes).max(),
            8 => raw::<8>(bytes).max(),
            _ => None,
        };
        most.unwrap_or(0)
    }

    fn own<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.at..).and_then(|rest| rest.get(..self.len.saturating_mul(self.width))).unwrap_or_default()
    }
}

fn raw<const WIDTH: usize>(bytes: &[u8]) -> impl ExactSizeIterator<Item = u64> {
    let (chunks, _) = bytes.as_chunks::<WIDTH>();
    chunks.iter().map(|chunk| {
        let mut number = [0; 8];
        number.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        u64::from_le_bytes(number)
    })
}

const fn gcd(mut left: u64, mut right: u64) -> u64 {
    while right > 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// How many bytes a number takes.
fn width(number: u64) -> usize {
    usize::try_from(number.checked_ilog2().map_or(0, |bits| bits / 8 + 1)).unwrap_or(8)
}

#[cfg(test)]
mod tests {
    use super::{Numbers, Reader, write};
    use proptest::prelude::{any, prop, proptest};

    fn back(values: &[i64], least: usize) -> (Vec<i64>, usize) {
        let mut bytes = Vec::new();
        write(values, least, &mut bytes);
        let size = bytes.len();
        let column = Numbers::read(&mut Reader { bytes: &bytes, at: 0 }, values.len()).unwrap();
        let all = column.all(&bytes, |value| value);
        assert!(all.iter().enumerate().all(|(place, value)| column.get(&bytes, place) == *value));
        (all, size)
    }

    #[test]
    fn what_is_regular_is_short() {
        let days: Vec<i64> = (0..100).map(|day| 1_700_000_123_456 + day * 86_400_000).collect();
        assert_eq!(back(&days, 0), (days, 100 + 1 + 6 + 4));
        assert_eq!(back(&[7; 100], 0), (vec![7; 100], 3));
        assert_eq!(back(&[i64::MIN, i64::MAX, 0], 0).0, [i64::MIN, i64::MAX, 0]);
    }

    proptest! {
        #[test]
        fn numbers_come_back(values in prop::collection::vec(any::<i64>(), 0..40), shift in 0_u32..63, least in 0_usize..2) {
            let values: Vec<i64> = values.into_iter().map(|value| value >> shift).collect();
            assert_eq!(back(&values, least).0, values);
        }
    }
}
