//! Some hundred entries in the order of their ids. What nobody asks about is neither decoded nor copied.
//!
//! ```text
//! count    u32
//! wake     count x i64   when an entry is to be looked at again; the greatest number: never
//! rejudge  count x i64   from when on it must be judged again
//! ids      count x u32   where each id ends
//! rests    count x u32   where each rest ends
//! then the ids, and the rests
//! ```

use super::entry::{Entry, Rest};
use crate::time::Instant;

/// Entries in a page at most.
const ENTRIES: usize = 256;
/// Bytes of a page at which it is full: sled has up to 17 values in a page of its own, and should not put them into files of their own.
const BYTES: usize = 24 << 10;
const NEVER: i64 = i64::MAX;

/// A page cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a page of the ledger cannot be read")]
pub struct Unreadable;

/// An entry as it stands in its page.
#[derive(Clone, Copy, Debug)]
pub struct EntryRef<'p> {
    /// The case.
    pub id: &'p str,
    /// When it is to be looked at again.
    pub wake: Option<Instant>,
    /// From when on it must be judged again, whatever happens.
    pub rejudge: Option<Instant>,
    /// The rest of the entry, as it is stored.
    pub bytes: &'p [u8],
}

impl EntryRef<'_> {
    /// The whole entry.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn entry(&self) -> Result<Entry, Unreadable> {
        Ok(Entry { id: self.id.to_owned(), rejudge: self.rejudge, rest: self.rest()? })
    }

    /// The rest of the entry.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn rest(&self) -> Result<Rest, Unreadable> {
        postcard::from_bytes(self.bytes).map_err(|_| Unreadable)
    }
}

/// A page, read.
#[derive(Clone, Copy, Debug)]
pub struct Page<'p> {
    wakes: &'p [[u8; 8]],
    rejudges: &'p [[u8; 8]],
    ids: Slices<'p>,
    rests: Slices<'p>,
}

/// Stretches of bytes, one behind the other.
#[derive(Clone, Copy, Debug)]
struct Slices<'p> {
    ends: &'p [[u8; 4]],
    bytes: &'p [u8],
}

impl<'p> Slices<'p> {
    fn end(&self, at: usize) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(*self.ends.get(at)?)).ok()
    }

    fn get(&self, at: usize) -> Option<&'p [u8]> {
        let start = at.checked_sub(1).map_or(Some(0), |before| self.end(before))?;
        self.bytes.get(start..self.end(at)?)
    }

    fn total(&self) -> Option<usize> {
        self.ends.len().checked_sub(1).map_or(Some(0), |last| self.end(last))
    }
}

impl<'p> Page<'p> {
    /// Reads a page.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(bytes: &'p [u8]) -> Result<Self, Unreadable> {
        Self::parts(bytes).ok_or(Unreadable)
    }

    fn parts(bytes: &'p [u8]) -> Option<Self> {
        let (count, bytes) = bytes.split_first_chunk::<4>()?;
        let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        let (wakes, bytes) = column::<8>(bytes, count)?;
        let (rejudges, bytes) = column::<8>(bytes, count)?;
        let (id_ends, bytes) = column::<4>(bytes, count)?;
        let (rest_ends, bytes) = column::<4>(bytes, count)?;
        let mut ids = Slices { ends: id_ends, bytes };
        let (id_bytes, bytes) = bytes.split_at_checked(ids.total()?)?;
        ids.bytes = id_bytes;
        let rests = Slices { ends: rest_ends, bytes };
        (rests.total()? == bytes.len()).then_some(Self { wakes, rejudges, ids, rests })
    }

    /// How many entries there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.wakes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When each entry is to be looked at again.
    pub fn wakes(&self) -> impl Iterator<Item = Option<Instant>> {
        self.wakes.iter().map(|wake| instant(*wake))
    }

    /// The entry of a place.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn entry(&self, at: usize) -> Result<EntryRef<'p>, Unreadable> {
        let read = || {
            Some(EntryRef {
                id: std::str::from_utf8(self.ids.get(at)?).ok()?,
                wake: instant(*self.wakes.get(at)?),
                rejudge: instant(*self.rejudges.get(at)?),
                bytes: self.rests.get(at)?,
            })
        };
        read().ok_or(Unreadable)
    }

    /// The place of the first entry whose id is not smaller, and whether it has that id.
    #[must_use]
    pub fn find(&self, id: &str) -> (usize, bool) {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.ids.get(middle).is_some_and(|known| known < id.as_bytes()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low, self.ids.get(low).is_some_and(|known| known == id.as_bytes()))
    }
}

fn column<const N: usize>(bytes: &[u8], count: usize) -> Option<(&[[u8; N]], &[u8])> {
    let (column, bytes) = bytes.split_at_checked(count.checked_mul(N)?)?;
    Some((column.as_chunks::<N>().0, bytes))
}

fn instant(bytes: [u8; 8]) -> Option<Instant> {
    Some(i64::from_le_bytes(bytes)).filter(|millis| *millis != NEVER).map(Instant::from_millis)
}

/// A page in the making; entries come in the order of their ids.
#[derive(Debug, Default)]
pub struct PageBuilder {
    wakes: Vec<u8>,
    rejudges: Vec<u8>,
    id_ends: Vec<u8>,
    rest_ends: Vec<u8>,
    ids: Vec<u8>,
    rests: Vec<u8>,
    count: u32,
    first: String,
    wake: Option<Instant>,
}

/// A page that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its first id.
    pub bound: String,
    /// When one of its entries is to be looked at again.
    pub wake: Option<Instant>,
    /// How many entries it has.
    pub entries: u32,
    /// What is kept.
    pub bytes: Vec<u8>,
}

impl PageBuilder {
    /// Whether there are no entries.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds an entry; gives the page once it is full.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn add(&mut self, entry: &Entry) -> Result<Option<Made>, Unreadable> {
        let rests = std::mem::take(&mut self.rests);
        self.rests = postcard::to_extend(&entry.rest, rests).map_err(|_| Unreadable)?;
        Ok(self.enter(&entry.id, entry.wake(), entry.rejudge))
    }

    /// Adds an entry as it stands in another page; gives the page once it is full.
    pub fn copy(&mut self, entry: &EntryRef<'_>) -> Option<Made> {
        self.rests.extend_from_slice(entry.bytes);
        self.enter(entry.id, entry.wake, entry.rejudge)
    }

    fn enter(&mut self, id: &str, wake: Option<Instant>, rejudge: Option<Instant>) -> Option<Made> {
        if self.is_empty() {
            id.clone_into(&mut self.first);
        }
        self.ids.extend_from_slice(id.as_bytes());
        let put = |instant: Option<Instant>, column: &mut Vec<u8>| column.extend(instant.map_or(NEVER, Instant::millis).to_le_bytes());
        put(wake, &mut self.wakes);
        put(rejudge, &mut self.rejudges);
        // A page has some ten thousand bytes.
        let end = |bytes: &[u8], column: &mut Vec<u8>| column.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        end(&self.ids, &mut self.id_ends);
        end(&self.rests, &mut self.rest_ends);
        self.count += 1;
        self.wake = [self.wake, wake].into_iter().flatten().min();
        (self.wakes.len() >= ENTRIES * 8 || self.ids.len() + self.rests.len() >= BYTES).then(|| self.close())
    }

    /// Ends the page.
    pub fn close(&mut self) -> Made {
        let columns = [&mut self.wakes, &mut self.rejudges, &mut self.id_ends, &mut self.rest_ends, &mut self.ids, &mut self.rests];
        let mut bytes = Vec::with_capacity(4 + columns.iter().map(|column| column.len()).sum::<usize>());
        bytes.extend(self.count.to_le_bytes());
        for column in columns {
            bytes.append(column);
        }
        let entries = std::mem::take(&mut self.count);
        Made { bound: std::mem::take(&mut self.first), wake: self.wake.take(), entries, bytes }
    }
}
