//! Holding what is found of a few clauses against what an entry says of them, without decoding the rest.

use serde::{Deserialize, de::DeserializeOwned};

use super::{
    entry::{Known, Mover, Rest, Standing},
    page::{EntryRef, Unreadable},
};
use crate::{population::Member, time::Instant};

/// A [`Known`] as it stands in its page.
#[derive(Deserialize)]
struct KnownRef<'p> {
    clause: u16,
    instance: &'p str,
    standing: Standing,
    open: bool,
    due: Option<Instant>,
    alarm: Option<Instant>,
    #[serde(borrow)]
    mover: MoverRef<'p>,
    #[expect(dead_code, reason = "it stands in between")]
    first_seen: Option<Instant>,
    #[expect(dead_code, reason = "it stands in between")]
    reopened: u32,
}

/// A [`Mover`] as it stands in its page.
#[derive(Deserialize)]
enum MoverRef<'p> {
    Nobody,
    Owner,
    Role(&'p str),
}

impl MoverRef<'_> {
    fn is(&self, mover: &Mover) -> bool {
        match (self, mover) {
            (Self::Nobody, Mover::Nobody) | (Self::Owner, Mover::Owner) => true,
            (Self::Role(a), Mover::Role(b)) => a == b,
            _ => false,
        }
    }
}

impl KnownRef<'_> {
    /// Whether it is the same obligation in the same state, whenever that was found.
    fn is(&self, known: &Known) -> bool {
        (self.clause, self.instance, self.standing, self.open) == (known.clause, known.instance.as_str(), known.standing, known.open)
            && (self.due, self.alarm) == (known.due, known.alarm)
            && self.mover.is(&known.mover)
    }
}

/// A [`Past`](super::Past) as it stands in its page.
#[derive(Deserialize)]
struct PastRef<'p>(
    #[expect(dead_code, reason = "it is passed over")] u16,
    #[expect(dead_code, reason = "it is passed over")] &'p str,
    #[expect(dead_code, reason = "it is passed over")] u32,
);

impl EntryRef<'_> {
    /// Whether the entry says just this of some clauses.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn says(&self, of: impl Fn(u16) -> bool, part: &Rest) -> Result<bool, Unreadable> {
        let mut bytes = Bytes(self.bytes);
        let (mut met, mut known, mut members) = (part.met.iter(), part.known.iter(), part.members.iter());
        for _ in 0..bytes.count()? {
            let one: (u16, u32) = bytes.take()?;
            if of(one.0) && met.next() != Some(&one) {
                return Ok(false);
            }
        }
        for _ in 0..bytes.count()? {
            let one: KnownRef<'_> = bytes.take()?;
            if of(one.clause) && !known.next().is_some_and(|known| one.is(known)) {
                return Ok(false);
            }
        }
        for _ in 0..bytes.count()? {
            bytes.take::<PastRef<'_>>()?;
        }
        for _ in 0..bytes.count()? {
            let one: (u16, Member) = bytes.owned()?;
            if of(one.0) && members.next() != Some(&one) {
                return Ok(false);
            }
        }
        Ok(met.next().is_none() && known.next().is_none() && members.next().is_none())
    }
}

/// What is left to read.
struct Bytes<'p>(&'p [u8]);

impl<'p> Bytes<'p> {
    fn take<T: Deserialize<'p>>(&mut self) -> Result<T, Unreadable> {
        let (value, rest) = postcard::take_from_bytes(self.0).map_err(|_| Unreadable)?;
        self.0 = rest;
        Ok(value)
    }

    fn owned<T: DeserializeOwned>(&mut self) -> Result<T, Unreadable> {
        self.take()
    }

    /// How many follow.
    fn count(&mut self) -> Result<usize, Unreadable> {
        self.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::State;
    use crate::ledger::{Entry, Page, PageBuilder, Past};

    fn known(clause: u16, instance: &str) -> Known {
        Known {
            clause,
            instance: instance.to_owned(),
            standing: State::Overdue.into(),
            open: true,
            due: Some(Instant::from_millis(7)),
            alarm: None,
            mover: Mover::Role("clerk".to_owned()),
            first_seen: Some(Instant::from_millis(9)),
            reopened: 2,
        }
    }

    #[test]
    fn only_the_clauses_that_are_asked_about_count() {
        let rest = Rest {
            met: vec![(1, 3), (4, 1)],
            known: vec![known(2, "e1"), known(5, "e2")],
            past: vec![Past { clause: 2, instance: "e0".to_owned(), times: 1 }],
            ..Rest::default()
        };
        let mut builder = PageBuilder::default();
        let entry = Entry { id: "R-1".to_owned(), rejudge: None, rest: rest.clone() };
        assert_eq!(builder.add(&entry), Ok(None));
        let made = builder.close();
        let page = Page::read(&made.bytes).unwrap();
        let kept = page.entry(0).unwrap();
        assert_eq!(kept.rest(), Ok(rest.clone()));
        let part = |known: Vec<Known>| Rest { met: vec![(4, 1)], known, ..Rest::default() };
        let later = Known { first_seen: None, reopened: 0, ..known(5, "e2") };
        assert_eq!(kept.says(|clause| clause > 3, &part(vec![later.clone()])), Ok(true));
        assert_eq!(kept.says(|clause| clause > 3, &part(vec![])), Ok(false));
        assert_eq!(kept.says(|clause| clause > 3, &part(vec![Known { due: None, ..later.clone() }])), Ok(false));
        assert_eq!(kept.says(|clause| clause > 3, &part(vec![later.clone(), later.clone()])), Ok(false));
        assert_eq!(kept.says(|clause| clause > 4, &part(vec![later])), Ok(false));
        assert_eq!(kept.says(|_| true, &rest), Ok(true));
        assert_eq!(kept.says(|_| false, &Rest::default()), Ok(true));
    }
}
