//! A folder into which others put files that are to be taken in: each once, when it is whole.
//!
//! ```text
//! DIR/             files that wait
//! DIR/done/        files that were taken, and `.taken`, the digests of what was taken
//! DIR/rejected/    files that were not, each with a text beside it that says why
//! ```
//!
//! A file is written down as taken before it is moved, and is moved by renaming: whenever the program is stopped, a file is either still
//! waiting or put away, and taking the same in again changes nothing.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};

use super::clock::Watch;
use crate::{lang::Text, store::hex};

/// A file that stayed the same for so long is whole.
pub const SETTLED: Duration = Duration::from_secs(1);
/// Where files go that were taken.
pub const DONE: &str = "done";
/// Where files go that were not.
pub const REJECTED: &str = "rejected";
/// The list of what was taken.
const TAKEN: &str = ".taken";
/// How files are called that are still being written, by those who write them.
const UNFINISHED: &[&str] = &[".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".download", ".swp", "~"];

/// What a file looked like.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    size: u64,
    modified: Option<SystemTime>,
}

/// A folder that is watched.
pub struct Inbox {
    folder: PathBuf,
    /// What was seen of files that wait, and since when they look so.
    waiting: HashMap<PathBuf, (Look, Watch)>,
    taken: HashSet<String>,
}

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Where it is.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// The digest of its content.
    pub digest: String,
    /// The same content was taken before.
    pub known: bool,
}

impl Inbox {
    /// Opens a folder, and makes the folders into which files go.
    ///
    /// # Errors
    /// The folder is not there, or nothing can be made in it.
    pub fn open(folder: &Path) -> io::Result<Self> {
        if !fs::metadata(folder)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        for name in [DONE, REJECTED] {
            fs::create_dir_all(folder.join(name))?;
        }
        let list = match fs::read_to_string(folder.join(DONE).join(TAKEN)) {
            Ok(list) => list,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let taken = list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
        Ok(Self { folder: folder.to_owned(), waiting: HashMap::new(), taken })
    }

    /// Looks into the folder: the files that are whole, the oldest first. A file is whole when it stayed the same for [`SETTLED`], so
    /// that one that is new is not among them.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn look(&mut self) -> io::Result<Vec<Arrival>> {
        let mut there = HashMap::new();
        let mut whole = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            // A file that goes while it is looked at was none.
            let Some(look) = look_at(&path) else { continue };
            let since = match self.waiting.remove(&path) {
                Some((before, since)) if before == look => since,
                _ => Watch::start(),
            };
            if since.elapsed() >= SETTLED {
                whole.push((look.modified, path.clone()));
            }
            there.insert(path, (look, since));
        }
        self.waiting = there;
        whole.sort();
        Ok(whole.into_iter().filter_map(|(_, path)| self.arrival(path)).collect())
    }

    /// How many files wait, whole or not.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// `None` for a file that cannot be read now: another has it open, or it went.
    fn arrival(&self, path: PathBuf) -> Option<Arrival> {
        let digest = digest(&path).ok()?;
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some(Arrival { known: self.taken.contains(&digest), path, name, digest })
    }

    /// Puts a file away that was taken; gives where it now is.
    ///
    /// # Errors
    /// It cannot be written down or moved.
    pub fn done(&mut self, arrival: &Arrival) -> io::Result<PathBuf> {
        if self.taken.insert(arrival.digest.clone()) {
            let mut list = OpenOptions::new().create(true).append(true).open(self.folder.join(DONE).join(TAKEN))?;
            writeln!(list, "{}  {}", arrival.digest, arrival.name.escape_debug())?;
            list.sync_all()?;
        }
        self.put_away(arrival, DONE)
    }

    /// Puts a file away that was not taken, with the reason beside it; gives where it now is.
    ///
    /// # Errors
    /// It cannot be moved.
    pub fn reject(&mut self, arrival: &Arrival, reason: &Text) -> io::Result<PathBuf> {
        let path = self.put_away(arrival, REJECTED)?;
        fs::write(beside(&path, "rejected.txt"), format!("{}\n{}\n", reason.en, reason.zh))?;
        Ok(path)
    }

    fn put_away(&mut self, arrival: &Arrival, folder: &str) -> io::Result<PathBuf> {
        let target = free(&self.folder.join(folder), &arrival.name);
        fs::rename(&arrival.path, &target)?;
        self.waiting.remove(&arrival.path);
        Ok(target)
    }
}

/// What a file looks like; `None` for what is no file to be taken.
fn look_at(path: &Path) -> Option<Look> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    if name.starts_with(['.', '~']) || UNFINISHED.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    let known = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some(Look { size: known.len(), modified: known.modified().ok() })
}

fn digest(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut digest, mut bytes) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut bytes)?;
        if read == 0 {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(bytes.get(..read).unwrap_or_default());
    }
}

/// A name in a folder that no other file has: with a number before its ending, where there is one already.
fn free(folder: &Path, name: &str) -> PathBuf {
    let (stem, ending) = name.split_once('.').map_or((name, String::new()), |(stem, ending)| (stem, format!(".{ending}")));
    let names = std::iter::once(name.to_owned()).chain((2_u64..).map(|number| format!("{stem}-{number}{ending}")));
    names.map(|name| folder.join(name)).find(|path| !path.exists()).unwrap_or_else(|| folder.join(name))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use std::{fs, thread};

    use super::{DONE, Inbox, REJECTED, SETTLED};
    use crate::lang::Text;

    #[test]
    fn a_file_is_taken_once_and_only_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let mut inbox = Inbox::open(folder.path()).unwrap();
        for name in [".hidden", "~$book.xlsx", "a.csv.part", "b.tmp"] {
            put(name, "x");
        }
        put("one.jsonl", "1");
        put("two.jsonl", "2");
        assert_eq!((inbox.look().unwrap(), inbox.waiting()), (Vec::new(), 2));
        thread::sleep(SETTLED);
        put("two.jsonl", "22");
        let whole = inbox.look().unwrap();
        let [one] = whole.as_slice() else { panic!("{whole:?}") };
        assert_eq!((one.name.as_str(), one.known), ("one.jsonl", false));
        assert_eq!(inbox.done(one).unwrap(), folder.path().join(DONE).join("one.jsonl"));
        thread::sleep(SETTLED);
        let two = inbox.look().unwrap().remove(0);
        inbox.reject(&two, &Text::new("why", "为何")).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join(REJECTED).join("two.jsonl.rejected.txt")).unwrap(), "why\n为何\n");
        // Another process sees what this one took.
        put("again.jsonl", "1");
        let mut inbox = Inbox::open(folder.path()).unwrap();
        inbox.look().unwrap();
        thread::sleep(SETTLED);
        let again = inbox.look().unwrap().remove(0);
        assert!(again.known);
        put("done/again.jsonl", "another");
        assert_eq!(inbox.done(&again).unwrap(), folder.path().join(DONE).join("again-2.jsonl"));
    }
}
