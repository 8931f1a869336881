//! What can go wrong with the store, each with the path it concerns and what to do. The Chinese texts are in
//! `error_zh.rs`.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::fault::Fault;
use super::lock::Owner;

/// Why the store refused or failed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// What was tried, as a verb.
        action: Action,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process has the store open.
    #[error("the store `{path}` is in use by {owner}; wait until that process ends, or stop it")]
    Locked {
        /// The store's folder.
        path: PathBuf,
        /// Who holds it.
        owner: Owner,
    },
    /// A folder with something in it, but no store.
    #[error(
        "`{path}` holds files but no `FORMAT`, so it is not a store of duly; nothing was touched: choose another \
         folder, or bring the missing file back from a backup"
    )]
    NotAStore {
        /// The folder.
        path: PathBuf,
    },
    /// A store of another version.
    #[error(
        "`{path}` says `{found}`, and this duly reads `{expected}`; nothing was touched: use the duly that wrote it, \
         or `duly dump` with that one and `duly restore` with this one"
    )]
    OtherFormat {
        /// The `FORMAT` file.
        path: PathBuf,
        /// What it says.
        found: String,
        /// What this program writes.
        expected: &'static str,
    },
    /// The journal was damaged or changed.
    #[error(
        "the journal is damaged: `{path}`, offset {offset}, entry {seq}: {fault}; restore a backup of the journal, or \
         the newest dump with `duly restore`"
    )]
    Journal {
        /// The segment.
        path: PathBuf,
        /// Where the entry begins in it.
        offset: u64,
        /// The entry that was expected there.
        seq: u64,
        /// What is wrong.
        fault: Fault,
    },
    /// The index knows entries that the journal has lost.
    #[error(
        "the journal `{path}` ends at entry {journal}, but the index has seen entry {index}: the journal lost its \
         tail; both are kept and nothing was written: restore the journal from a backup, or save what the index knows \
         with `duly dump --salvage` and make a new store of it with `duly restore`"
    )]
    JournalBehind {
        /// The journal's folder.
        path: PathBuf,
        /// The journal's last entry.
        journal: u64,
        /// The last entry that the index reflects.
        index: u64,
    },
    /// The index was made from another journal.
    #[error(
        "the index does not belong to the journal `{path}`: entry {seq} has another hash; both are kept and nothing \
         was written: restore the journal from a backup, or save what the index knows with `duly dump --salvage`"
    )]
    JournalDiffers {
        /// The journal's folder.
        path: PathBuf,
        /// The entry that differs.
        seq: u64,
    },
    /// The index cannot be trusted; the journal is untouched.
    #[error(
        "the index `{path}` is damaged ({fault}); nothing is lost: it is made again from the journal when the store is \
         opened next"
    )]
    IndexDamaged {
        /// The index's folder.
        path: PathBuf,
        /// What is wrong.
        fault: Fault,
    },
    /// An earlier write failed half way.
    #[error("an earlier write was not completed (journal `{path}`); open the store again before writing to it")]
    Closed {
        /// The segment.
        path: PathBuf,
    },
    /// Cases that were packed a moment ago cannot be read: a fault of this program.
    #[error("cases that were just packed cannot be read ({why}): a fault of this program, please report it")]
    Unpacked {
        /// What is wrong.
        why: String,
    },
    /// Something is larger than the store takes.
    #[error("{what} is {size} bytes long, and the store takes at most {limit}; divide it")]
    TooLarge {
        /// What it is: the id of a case, the name of a file.
        what: String,
        /// Its size.
        size: usize,
        /// The bound.
        limit: usize,
    },
    /// Nothing is stored under this id.
    #[error("no case `{case}` is stored; import it first, or look at its id again")]
    UnknownCase {
        /// The id.
        case: String,
    },
    /// The case has no such event.
    #[error("case `{case}` has no event `{event}`; `duly case show {case}` lists its events")]
    UnknownEvent {
        /// The case's id.
        case: String,
        /// The event's id.
        event: String,
    },
    /// A waiver's id is taken.
    #[error("a waiver `{id}` is recorded already; give the new one another id, or none")]
    WaiverKnown {
        /// The id.
        id: String,
    },
    /// The journal is shorter than a checkpoint says.
    #[error(
        "the journal ends at entry {last}, but the checkpoint names entry {seq}: its tail was cut off; restore the \
         journal from a backup"
    )]
    CutOff {
        /// The checkpoint's entry.
        seq: u64,
        /// The journal's last entry.
        last: u64,
    },
    /// The journal is not the one that a checkpoint was made of.
    #[error("entry {seq} has another hash than the checkpoint says: the journal was rewritten; restore a backup of it")]
    CheckpointDiffers {
        /// The checkpoint's entry.
        seq: u64,
    },
    /// A restore into a folder that is in use.
    #[error("`{path}` is not empty; restore into a new folder, or move this one away first")]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A dump that is not whole.
    #[error("line {line} of the dump cannot be used: {fault}; nothing was restored: take another copy of the dump")]
    Dump {
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        fault: Fault,
    },
    /// A dump could not be read or written.
    #[error("cannot {action} the dump: {source}")]
    DumpIo {
        /// What was tried.
        action: Action,
        /// What the system said.
        source: io::Error,
    },
    /// A record could not be put into bytes; a defect of duly, kept from harm.
    #[error("cannot encode {what}: {source}; please report this as a defect of duly")]
    Encode {
        /// What it was.
        what: &'static str,
        /// What the encoder said.
        source: postcard::Error,
    },
}

/// What was tried on a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make it.
    Create,
    /// Open it.
    Open,
    /// Read it.
    Read,
    /// Write it, to the disk.
    Write,
    /// Give it another name.
    Rename,
    /// Delete it.
    Remove,
    /// Take its lock.
    Lock,
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Open => "open",
            Self::Read => "read",
            Self::Write => "write",
            Self::Rename => "rename",
            Self::Remove => "remove",
            Self::Lock => "lock",
        })
    }
}

/// Names the path in an error of the operating system.
pub(super) fn io(action: Action, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_path_buf();
    move |source| StoreError::Io { action, path, source }
}

/// An error of reading or writing a dump.
pub(super) fn dump_io(action: Action) -> impl Fn(io::Error) -> StoreError {
    move |source| StoreError::DumpIo { action, source }
}
