//! Where changed cases go: many of one block's range into the block at once, few beside it as loose cases. So neither a
//! single event nor an import of random ids writes whole blocks for a few cases each.

use std::collections::BTreeMap;
use std::mem::{replace, take};

use super::error::StoreError;
use super::span::Span;
use super::stage::{Stage, Staged};
use super::{Store, keys, seal};
use crate::case::CaseRecord;
use crate::pack::pack;

/// From this many changed cases of one range on they go into its block.
const MANY: usize = 48;
/// Cases in a block at most.
const ROWS: usize = 256;
/// Bytes of a block at most, unless one case alone has more. sled has up to 17 values in a page, and writes pages of
/// more than a quarter of its segment into files of their own, which it does not sync.
const BYTES: usize = super::index::SEGMENT / 4 / 18;
/// Loose cases below which packing does not pay, and which part of all cases.
const FEW: u64 = 20_000;
const PART: u64 = 8;
/// Loose cases that are packed at a time.
const BATCH: usize = 4_096;

impl Store {
    /// Packs loose cases into blocks where they have become many, for instance after an import of random ids. It
    /// changes no case, and so writes nothing into the journal. Tells whether there were that many.
    ///
    /// # Errors
    ///
    /// When the index is damaged or cannot be written.
    pub fn pack(&mut self) -> Result<bool, StoreError> {
        let position = self.index.position()?;
        self.pack_above(FEW.max(position.cases / PART))
    }

    /// Packs loose cases into blocks where there are more than so many.
    pub(super) fn pack_above(&mut self, most: u64) -> Result<bool, StoreError> {
        if self.index.position()?.loose <= most {
            return Ok(false);
        }
        let mut from = Some(String::new());
        while let Some(id) = from {
            let mut stage = Stage::new(&self.index)?;
            from = stage.pack_loose(id)?;
            stage.apply(&self.journal.place)?;
        }
        Ok(true)
    }
}

impl Stage<'_> {
    /// Packs loose cases from an id on; gives the id from which to go on.
    fn pack_loose(&mut self, mut from: String) -> Result<Option<String>, StoreError> {
        let mut packed = 0;
        while packed < BATCH {
            let next = self.index.first(std::ops::Bound::Included(&keys::loose(&from)), &[keys::LOOSE + 1])?;
            let Some((key, _)) = next else { return Ok(None) };
            from = self.index.id_of(&key)?;
            let span = self.index.span(&from)?;
            let mut group = BTreeMap::new();
            self.add_loose(&span, &from, BATCH, &mut group)?;
            let count = group.len();
            // The smallest id after the last one.
            from = group.last_key_value().map_or(from, |(last, _)| format!("{last}\0"));
            self.pack_into(&span, group)?;
            if count >= BATCH {
                // More may be loose in a range whose blocks are not written yet.
                break;
            }
            packed += count;
        }
        Ok(Some(from))
    }

    /// Turns the changed cases into changed values.
    pub(super) fn settle(&mut self) -> Result<(), StoreError> {
        let mut cases = take(&mut self.cases);
        while let Some((first, _)) = cases.first_key_value() {
            let span = self.index.span(first)?;
            let rest = span.upper.as_ref().map(|upper| cases.split_off(upper)).unwrap_or_default();
            let mut group = replace(&mut cases, rest);
            if group.len() < MANY {
                for (id, staged) in &group {
                    self.touch(id, staged.touched);
                    self.put_loose(staged)?;
                }
                continue;
            }
            self.note_stretches(&group)?;
            if span.has_loose {
                let bound = span.bound.clone();
                self.add_loose(&span, &bound, usize::MAX, &mut group)?;
            }
            self.pack_into(&span, group)?;
        }
        Ok(())
    }

    /// Adds the loose cases of a range that are not changed.
    fn add_loose(&self, span: &Span, from: &str, most: usize, group: &mut BTreeMap<String, Staged>) -> Result<(), StoreError> {
        for (loose, share) in self.index.loose_cases(span, from, most)? {
            let id = loose.record.id.clone();
            group.entry(id).or_insert(Staged { record: loose.record, touched: loose.touched, loose: Some(share) });
        }
        Ok(())
    }

    /// Notes what goes into blocks by stretches, so that a large import leaves few notes.
    fn note_stretches(&mut self, group: &BTreeMap<String, Staged>) -> Result<(), StoreError> {
        let mut stretches: BTreeMap<u64, (&str, &str)> = BTreeMap::new();
        for (id, staged) in group {
            stretches.entry(staged.touched).or_insert((id, id)).1 = id;
        }
        stretches.into_iter().try_for_each(|(seq, (first, last))| self.put(keys::change(seq, keys::BLOCK, first), &last, "what changed"))
    }

    fn put_loose(&mut self, staged: &Staged) -> Result<(), StoreError> {
        self.drop_loose(staged);
        let key = keys::loose(&staged.record.id);
        let sealed = seal::seal(&key, &(&staged.record, staged.touched), "a case", &mut self.scratch)?;
        self.position.loose = self.position.loose.wrapping_add(1);
        self.set(key, sealed);
        Ok(())
    }

    /// Takes back what the loose case that is replaced counted.
    fn drop_loose(&mut self, staged: &Staged) {
        if let Some(share) = staged.loose {
            self.position.digest = self.position.digest.wrapping_sub(share);
            self.position.loose = self.position.loose.wrapping_sub(1);
        }
    }

    fn set(&mut self, key: Vec<u8>, sealed: sled::IVec) {
        self.position.digest = self.position.digest.wrapping_add(seal::share(&sealed));
        self.writes.insert(key.into(), Some(sealed));
    }

    /// Writes cases into the block of their range, which may become several.
    fn pack_into(&mut self, span: &Span, group: BTreeMap<String, Staged>) -> Result<(), StoreError> {
        for staged in group.values().filter(|staged| staged.loose.is_some()) {
            self.drop_loose(staged);
            self.remove(keys::loose(&staged.record.id));
        }
        let mut rows: BTreeMap<String, (CaseRecord, u64)> =
            group.into_iter().map(|(id, staged)| (id, (staged.record, staged.touched))).collect();
        let mut bound = span.bound.clone();
        if let Some((block, share)) = &span.block {
            let last = block.len().checked_sub(1).map(|row| block.id(row));
            let first = rows.first_key_value().map(|(id, _)| id);
            match (last, first) {
                // Ids that ascend leave a block behind as it is, unless it is hardly filled.
                (Some(last), Some(first)) if block.len() >= ROWS / 4 && last < first.as_str() => bound.clone_from(first),
                _ => {
                    for row in 0..block.len() {
                        let own = || (block.record(row), block.touched(row));
                        rows.entry(block.id(row).to_owned()).or_insert_with(own);
                    }
                    self.position.digest = self.position.digest.wrapping_sub(*share);
                }
            }
        }
        let rows: Vec<(&CaseRecord, u64)> = rows.values().map(|(record, touched)| (record, *touched)).collect();
        self.write_blocks(bound, &rows)
    }

    /// Writes blocks of about as many cases each. The first one has a given bound, the others that of their first case.
    fn write_blocks(&mut self, mut bound: String, mut rows: &[(&CaseRecord, u64)]) -> Result<(), StoreError> {
        let mut most = ROWS;
        while !rows.is_empty() {
            let blocks = rows.len().div_ceil(most);
            let (part, rest) = rows.split_at(rows.len().div_ceil(blocks));
            let packed = pack(part);
            if packed.len() > BYTES && part.len() > 1 {
                most = part.len().div_ceil(2);
                continue;
            }
            if packed.len() < BYTES / 2 {
                // After one large case the others need not be alone too.
                most = most.saturating_mul(2).min(ROWS);
            }
            let key = keys::block(&bound);
            let sealed = seal::wrap(&key, &packed, &mut self.scratch);
            self.set(key, sealed);
            self.put(keys::mark(&bound), &(), "a mark")?;
            rows = rest;
            if let Some((next, _)) = rest.first() {
                bound.clone_from(&next.id);
            }
        }
        Ok(())
    }
}
