//! The cases of a chunk, ready for judging.

use std::rc::Rc;

use crate::{policy::PolicySet, store::Chunk, view::Batch};

/// A chunk whose texts are looked up among those of the policies.
pub(in crate::app) struct Batches<'c> {
    chunk: &'c Chunk,
    main: Rc<Batch>,
    loose: Option<Rc<Batch>>,
}

impl<'c> Batches<'c> {
    pub(in crate::app) fn new(chunk: &'c Chunk, set: &PolicySet) -> Self {
        let batch = |block| Rc::new(Batch::new(Rc::clone(block), &set.symbols));
        Self { chunk, main: batch(&chunk.block), loose: chunk.loose.as_ref().map(batch) }
    }

    /// The cases, in the order of their ids: each with its batch, and its row there.
    pub(in crate::app) fn rows(&self) -> impl Iterator<Item = (&Rc<Batch>, usize)> {
        self.chunk.rows().map(|(block, row)| {
            let batch = if Rc::ptr_eq(block, &self.main.block) { &self.main } else { self.loose.as_ref().unwrap_or(&self.main) };
            (batch, row)
        })
    }
}
