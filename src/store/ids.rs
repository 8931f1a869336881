//! Which cases there are, a page at a time; and one run of many.

use super::error::StoreError;
use super::scan::{CaseRange, Edge};
use super::{Run, Store, keys};
use crate::pack::Block;

impl Store {
    /// Up to `most` of the cases whose id begins with `prefix` and stands behind `after`, in the order of ids (by bytes), of those that are wanted:
    /// each as id and kind.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn ids(
        &self,
        after: &str,
        prefix: &str,
        most: usize,
        wanted: &dyn Fn(&Block, usize) -> bool,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let marks = self.marks()?;
        let begin = after.max(prefix);
        let edge = |at: usize| marks.get(at).map_or(Edge::End, |mark| Edge::Before(mark.clone()));
        // The block that may hold the first of them: the last that begins before it.
        let mut at = marks.partition_point(|mark| mark.as_str() <= begin).saturating_sub(1);
        let mut found: Vec<(String, String)> = Vec::new();
        loop {
            // What is not in a block may stand before the first one.
            let start = if at == 0 { Edge::Before(String::new()) } else { edge(at) };
            let range = CaseRange { start, end: edge(at + 1) };
            let _ = self.scan_chunks(&range, |chunk| {
                for (block, row) in chunk.rows() {
                    let id = block.id(row);
                    if found.len() < most && id > after && id.starts_with(prefix) && wanted(block, row) {
                        found.push((id.to_owned(), block.text(block.kind(row)).to_owned()));
                    }
                }
                Ok(())
            })?;
            at += 1;
            let is_behind = |mark: &String| mark.as_str() > prefix && !mark.starts_with(prefix);
            if found.len() >= most || marks.get(at).is_none_or(is_behind) {
                return Ok(found);
            }
        }
    }

    /// A run by its number.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn run(&self, id: u64) -> Result<Option<Run>, StoreError> {
        let mut found = None;
        self.each(&[keys::RUN], &[keys::RUN + 1], |key, sealed| {
            if key.ends_with(&id.to_be_bytes()) {
                found = Some(self.index.unseal(key, sealed)?);
            }
            Ok(())
        })?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use crate::{case::Case, store::Store, time::Instant};

    #[test]
    fn pages_of_ids_are_all_of_them_once() {
        let dir = tempfile::tempdir().unwrap();
        let at = Instant::from_millis(1_700_000_000_000);
        let mut store = Store::open(dir.path(), at).unwrap().0;
        let case = |id: String| Case { kind: if id.ends_with('7') { "b" } else { "a" }.into(), id, ..Case::default() };
        store.import("x", (0..3_000).map(|number| case(format!("C-{number:05}"))).collect(), at).unwrap();
        store.pack().unwrap();
        // Before, among and behind those that lie in blocks.
        let loose = ["A-1", "C-00100-x", "C-02999-x", "D-1"];
        store.import("y", loose.iter().map(|id| case((*id).into())).collect(), at).unwrap();
        let mut expected: Vec<String> = (0..3_000).map(|number| format!("C-{number:05}")).chain(loose.map(str::to_owned)).collect();
        expected.sort();
        for (prefix, kind) in [("", None), ("C-001", None), ("C-", Some("b")), ("D", None), ("E", None), ("", Some("b"))] {
            let mut all: Vec<String> = Vec::new();
            loop {
                let after = all.last().cloned().unwrap_or_default();
                let wanted = |block: &crate::pack::Block, row: usize| kind.is_none_or(|kind| block.text(block.kind(row)) == kind);
                let page = store.ids(&after, prefix, 97, &wanted).unwrap();
                all.extend(page.iter().map(|(id, _)| id.clone()));
                if page.len() < 97 {
                    break;
                }
            }
            let wanted = |id: &&String| id.starts_with(prefix) && kind.is_none_or(|_| id.ends_with('7'));
            assert_eq!(all, expected.iter().filter(wanted).cloned().collect::<Vec<_>>(), "{prefix:?} {kind:?}");
        }
    }
}
