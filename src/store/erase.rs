//! Erasing personal data: the payload of an entry goes, its digest stays, and the chain still verifies.

use std::fs;
use std::io::Write;

use super::error::{Action, StoreError, io};
use super::files;
use super::frame::{self, Header};
use super::segment::{self, Segment, Step};
use super::walk::Walk;
use super::{Store, journal::Tail};

impl Store {
    /// Erases the payload of an entry for good, and makes the index again from what is left. False when it had been
    /// erased already.
    ///
    /// An entry holds up to a thousand cases of one import: what shall stay of them is to be imported again.
    ///
    /// # Errors
    ///
    /// [`StoreError::CutOff`] when there is no such entry, or when the journal cannot be written.
    pub fn erase(&mut self, seq: u64) -> Result<bool, StoreError> {
        let last = self.journal.place.seq;
        if seq == 0 || seq > last {
            return Err(StoreError::CutOff { seq, last });
        }
        let number = Walk::holding(&self.journal.dir, seq)?.number;
        let path = segment::path(&self.journal.dir, number);
        let Some(bytes) = self.without(number, seq)? else {
            return Ok(false);
        };
        let draft = path.with_extension("draft");
        fs::File::create(&draft)
            .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()))
            .map_err(io(Action::Write, &draft))?;
        files::rename(&draft, &path)?;
        // The file under the old handle is gone.
        self.journal = Tail::inspect(&self.journal.dir)?.open()?;
        self.rebuild()?;
        Ok(true)
    }

    /// A segment in bytes, without the payload of one entry.
    fn without(&self, number: u64, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let dir = &self.journal.dir;
        let Some(mut segment) = Segment::open(dir, number)? else {
            return Ok(None);
        };
        let mut bytes = segment::begin(segment.first, segment.before);
        let mut found = false;
        let mut expected = segment.first;
        loop {
            match segment.step(expected)? {
                Step::Entry(entry) => {
                    let here = entry.header.seq == seq && !entry.erased;
                    found |= here;
                    let payload: &[u8] = if here { &[] } else { &entry.payload };
                    let header: &Header = &entry.header;
                    frame::write(header, payload, here || entry.erased, entry.more, &mut bytes);
                    expected = expected.saturating_add(1);
                }
                Step::End | Step::Incomplete => return Ok(found.then_some(bytes)),
            }
        }
    }
}
