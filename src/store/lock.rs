//! One process owns the store: the lock file and the owner's name in it.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use chrono::{DateTime, SecondsFormat};

use super::error::{Action, StoreError, io};
use crate::engine::duration;
use crate::time::{Instant, Zone};

/// Bytes read of another owner's lock file; what is longer was not written by duly.
const MOST: u64 = 4096;

/// Who has the store open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// The process id.
    pub pid: Option<u32>,
    /// The machine's name.
    pub host: Option<String>,
    /// Since when (RFC 3339).
    pub since: Option<String>,
    /// For how long, in milliseconds.
    pub age: Option<i64>,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "process {pid}")?,
            None => f.write_str("another process")?,
        }
        if let Some(host) = &self.host {
            write!(f, " on {host}")?;
        }
        if let Some(since) = &self.since {
            write!(f, " since {since}")?;
        }
        if let Some(age) = self.age {
            write!(f, " ({})", duration(age).en)?;
        }
        Ok(())
    }
}

impl Owner {
    /// The same text as `Display`, in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        let host = self.host.as_ref().map(|host| format!("主机 {host} 上的")).unwrap_or_default();
        let pid = self.pid.map_or_else(|| "另一进程".to_owned(), |pid| format!("进程 {pid}"));
        let age = self.age.map(|age| format!("，已 {}", duration(age).zh.trim())).unwrap_or_default();
        let since = self.since.as_ref().map(|since| format!("（自 {since} 起{age}）")).unwrap_or_default();
        format!("{host}{pid}{since}")
    }

    fn read(file: &mut File, now: Instant) -> Self {
        let mut text = String::new();
        // An owner that has just begun has not written its name yet: the error is still that it is locked.
        let _ = file.take(MOST).read_to_string(&mut text);
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(|rest| rest.trim().to_owned());
        let since = field("since ");
        let begun = since.as_ref().and_then(|since| Instant::parse(since, Zone::UTC).ok());
        // Two machines may not agree on the time: nobody has had a lock for less than no time.
        let age = begun.map(|begun| now.since(begun).max(0));
        Self { pid: field("pid ").and_then(|pid| pid.parse().ok()), host: field("host "), since, age }
    }
}

/// The lock; given back when it is dropped, and by the system when the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the store in `dir`, and writes down who has it.
    pub(super) fn take(dir: &Path, now: Instant) -> Result<Self, StoreError> {
        let path = dir.join("lock");
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io(Action::Open, &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked { path: dir.to_path_buf(), owner: Owner::read(&mut file, now) });
            }
            Err(TryLockError::Error(source)) => {
                return Err(StoreError::Io { action: Action::Lock, path, source });
            }
        }
        let text = format!("pid {}\nhost {}\nsince {}\n", std::process::id(), host(), rfc3339(now));
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(text.as_bytes()))
            .map_err(io(Action::Write, &path))?;
        Ok(Self { _file: file })
    }
}

/// The machine's name, for people only: an unknown one stops nothing.
fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"))
        .map_or_else(|_| "unknown".to_owned(), |name| name.trim().to_owned())
}

fn rfc3339(at: Instant) -> String {
    DateTime::from_timestamp_millis(at.millis())
        .map_or_else(|| format!("{} ms", at.millis()), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
}
