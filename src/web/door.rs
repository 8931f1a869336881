//! Who is let in: sessions, and how often somebody may try.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    app::accounts::{digest, random_text},
    lang::Text,
    store::Hash,
    time::Instant,
};

/// A session ends after so long without a request: eight hours.
const IDLE: i64 = 8 * 3_600_000;
/// A session ends at last: after a day.
const LONGEST: i64 = 24 * 3_600_000;
/// Sessions at most; the one that was used least lately goes.
const SESSIONS: usize = 10_000;
/// Failed attempts for a name, or from an address, after which nobody gets in by it for a while.
const ATTEMPTS: u32 = 5;
/// How long: a quarter of an hour.
const LOCKED: i64 = 15 * 60_000;
/// Requests that an address may make at once, and how many more each second.
const BURST: f64 = 240.0;
const RATE: f64 = 40.0;
/// Names and addresses that are remembered at most.
const REMEMBERED: usize = 50_000;

/// A session.
#[derive(Clone, Debug)]
struct Session {
    account: String,
    csrf: String,
    began: Instant,
    used: Instant,
}

/// Failed attempts.
#[derive(Clone, Copy, Debug)]
struct Failed {
    times: u32,
    last: Instant,
}

/// What an address may still ask.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// The door. What it knows is gone when the server ends: then everybody signs in again.
#[derive(Debug, Default)]
pub struct Door {
    sessions: Mutex<HashMap<Hash, Session>>,
    failed: Mutex<HashMap<String, Failed>>,
    buckets: Mutex<HashMap<String, Bucket>>,
}

/// Who a session is of.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The account's name.
    pub account: String,
    /// What its forms must say.
    pub csrf: String,
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Door {
    /// Begins a session, and gives its secret for the cookie.
    ///
    /// # Errors
    /// When the system has no random bytes to give.
    pub fn admit(&self, account: &str, now: Instant) -> Result<String, Text> {
        let (secret, csrf) = (random_text()?, random_text()?);
        let mut sessions = held(&self.sessions);
        if sessions.len() >= SESSIONS
            && let Some(oldest) = sessions.iter().min_by_key(|(_, session)| session.used).map(|(hash, _)| *hash)
        {
            sessions.remove(&oldest);
        }
        sessions.insert(digest(&secret), Session { account: account.to_owned(), csrf, began: now, used: now });
        Ok(secret)
    }

    /// Whose session a secret is.
    pub fn guest(&self, hash: &Hash, now: Instant) -> Option<Guest> {
        let mut sessions = held(&self.sessions);
        let session = sessions.get_mut(hash)?;
        if now.since(session.used) > IDLE || now.since(session.began) > LONGEST {
            sessions.remove(hash);
            return None;
        }
        session.used = now;
        Some(Guest { account: session.account.clone(), csrf: session.csrf.clone() })
    }

    /// How many sessions there are.
    #[must_use]
    pub fn sessions(&self) -> usize {
        held(&self.sessions).len()
    }

    /// Ends a session.
    pub fn leave(&self, hash: &Hash) {
        held(&self.sessions).remove(hash);
    }

    /// Ends all sessions of an account but one: after its password or its rank has changed.
    pub fn expel(&self, account: &str, but: Option<&Hash>) {
        held(&self.sessions).retain(|hash, session| session.account != account || Some(hash) == but);
    }

    /// For how many seconds nobody gets in by a name or from an address.
    #[must_use]
    pub fn locked(&self, key: &str, now: Instant) -> Option<u64> {
        let failed = held(&self.failed).get(key).copied()?;
        let left = LOCKED - now.since(failed.last);
        (failed.times >= ATTEMPTS && left > 0).then(|| u64::try_from(left / 1_000 + 1).unwrap_or(1))
    }

    /// Notes a failed attempt; tells whether it was the one that locks.
    pub fn fail(&self, key: &str, now: Instant) -> bool {
        let mut all = held(&self.failed);
        if all.len() >= REMEMBERED {
            all.retain(|_, failed| now.since(failed.last) < LOCKED);
        }
        let failed = all.entry(key.to_owned()).or_insert(Failed { times: 0, last: now });
        if now.since(failed.last) >= LOCKED {
            failed.times = 0;
        }
        *failed = Failed { times: failed.times + 1, last: now };
        failed.times == ATTEMPTS
    }

    /// Forgets failed attempts.
    pub fn succeed(&self, key: &str) {
        held(&self.failed).remove(key);
    }

    /// Whether an address may ask once more; else how many seconds it waits.
    ///
    /// # Errors
    /// The seconds.
    pub fn may_ask(&self, peer: &str, now: Instant) -> Result<(), u64> {
        let mut all = held(&self.buckets);
        if all.len() >= REMEMBERED {
            all.retain(|_, bucket| now.since(bucket.at) < 60_000);
        }
        let bucket = all.entry(peer.to_owned()).or_insert(Bucket { left: BURST, at: now });
        let seconds = i32::try_from(now.since(bucket.at).clamp(0, 3_600_000)).map_or(0.0, f64::from) / 1_000.0;
        bucket.left = seconds.mul_add(RATE, bucket.left).min(BURST);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(1);
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Instant {
        Instant::from_millis(1_700_000_000_000 + minutes * 60_000)
    }

    #[test]
    fn a_session_ends_when_idle_and_at_last() {
        let door = Door::default();
        let hash = digest(&door.admit("lin", at(0)).unwrap());
        assert_eq!(door.guest(&hash, at(1)).unwrap().account, "lin");
        assert!(door.guest(&hash, at(1 + 8 * 60 + 1)).is_none(), "idle");
        let hash = digest(&door.admit("lin", at(0)).unwrap());
        for hour in (0..24).step_by(6) {
            assert!(door.guest(&hash, at(hour * 60)).is_some());
        }
        assert!(door.guest(&hash, at(24 * 60 + 1)).is_none(), "a day");
        let (one, two) = (digest(&door.admit("lin", at(0)).unwrap()), digest(&door.admit("lin", at(0)).unwrap()));
        door.expel("lin", Some(&one));
        assert!(door.guest(&one, at(1)).is_some() && door.guest(&two, at(1)).is_none());
        door.leave(&one);
        assert!(door.guest(&one, at(1)).is_none());
    }

    #[test]
    fn five_failures_lock_for_a_quarter_of_an_hour() {
        let door = Door::default();
        for _ in 0..4 {
            assert!(!door.fail("lin", at(0)) && door.locked("lin", at(0)).is_none());
        }
        assert!(door.fail("lin", at(0)));
        assert_eq!(door.locked("lin", at(14)), Some(61));
        assert!(door.locked("chen", at(0)).is_none() && door.locked("lin", at(15)).is_none());
        assert!(!door.fail("lin", at(16)), "counted anew");
    }

    #[test]
    fn a_flood_is_held_back() {
        let door = Door::default();
        let asked = (0..1_000).filter(|_| door.may_ask("::1", at(0)).is_ok()).count();
        assert_eq!(asked, 240);
        assert!(door.may_ask("::2", at(0)).is_ok() && door.may_ask("::1", at(1)).is_ok());
    }
}
