//! Accounts, tokens, and what people did at the board.

use super::error::StoreError;
use super::hex::Hash;
use super::record::{FindingKey, Record, Waiver};
use super::stage::Stage;
use super::{Store, apply, codec, keys};
use crate::account::{Account, Token};
use crate::desk::{Act, Ask, Deed, Hand};
use crate::time::Instant;

impl Store {
    /// Records what somebody did; gives it back with its number and instant.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written or the index is damaged.
    pub fn add_act(&mut self, by: &str, via: &str, deed: Deed, now: Instant) -> Result<Act, StoreError> {
        let mut act = Act { seq: self.journal.next_seq(), at: self.journal.instant(now), by: by.to_owned(), via: via.to_owned(), deed };
        if let Deed::Asked(ask) = &mut act.deed {
            ask.id = format!("A-{}", act.seq);
        }
        self.record(Record::Act(act.clone()), now)?;
        Ok(act)
    }

    /// Grants what was asked for: the waiver and the act stand in the journal together. `None` when it is not asked for any more.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written or the index is damaged.
    pub fn grant(&mut self, id: &str, by: &str, via: &str, now: Instant) -> Result<Option<Waiver>, StoreError> {
        let Some(ask) = self.ask(id)? else { return Ok(None) };
        let (recorded, seq) = (self.journal.instant(now), self.journal.next_seq());
        let waiver = Waiver {
            id: format!("W-{seq}"),
            case: ask.case.clone(),
            clause: ask.clause.clone(),
            instance: ask.instance.clone(),
            from: ask.from,
            until: ask.until,
            by: ask.by.clone(),
            approved_by: by.to_owned(),
            reason: ask.reason.clone(),
            recorded,
        };
        let deed = Deed::Decided { ask, waiver: Some(waiver.id.clone()) };
        let act = Act { seq: seq.saturating_add(1), at: recorded, by: by.to_owned(), via: via.to_owned(), deed };
        let records = [Record::Waiver(waiver.clone()), Record::Act(act)];
        let drafts = records.iter().map(|record| codec::draft(record, recorded)).collect::<Result<Vec<_>, _>>()?;
        let mut stage = Stage::new(&self.index)?;
        (seq..).zip(records).try_for_each(|(seq, record)| apply::apply(&mut stage, seq, recorded, record))?;
        stage.commit(&mut self.journal, &drafts)?;
        Ok(Some(waiver))
    }

    /// A waiver that was asked for and is not decided.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn ask(&self, id: &str) -> Result<Option<Ask>, StoreError> {
        self.index.read(&keys::ask(id))
    }

    /// Waivers that were asked for and are not decided.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn asks(&self) -> Result<Vec<Ask>, StoreError> {
        self.all(keys::ASK)
    }

    /// Acts, the newest first: those before the entry of a number, so many at most.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn acts(&self, before: u64, most: usize) -> Result<Vec<Act>, StoreError> {
        let mut list = Vec::new();
        let mut end = keys::act(before);
        while list.len() < most {
            let Some((key, sealed)) = self.index.before(&[keys::ACT], &end)? else { break };
            list.push(self.index.unseal(&key, &sealed)?);
            end = key.to_vec();
        }
        Ok(list)
    }

    /// The acts about a case, the oldest first.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn acts_of(&self, case: &str) -> Result<Vec<Act>, StoreError> {
        let (start, end) = keys::acts_of(case);
        let mut list = Vec::new();
        self.each(&start, &end, |key, sealed| {
            let seq: u64 = self.index.unseal(key, sealed)?;
            list.extend(self.index.read::<Act>(&keys::act(seq))?);
            Ok(())
        })?;
        Ok(list)
    }

    /// Who has which findings in hand.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn hands(&self) -> Result<Vec<(FindingKey, Hand)>, StoreError> {
        self.all(keys::HAND)
    }

    /// Who has a finding in hand.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn hand(&self, key: &FindingKey) -> Result<Option<Hand>, StoreError> {
        Ok(self.index.read::<(FindingKey, Hand)>(&keys::hand(key))?.map(|(_, hand)| hand))
    }

    /// Makes or changes an account.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written or the index is damaged.
    pub fn put_account(&mut self, account: Account, now: Instant) -> Result<(), StoreError> {
        self.record(Record::Account(account), now).map(drop)
    }

    /// An account by its name.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        self.index.read(&keys::account(name))
    }

    /// All accounts.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.all(keys::ACCOUNT)
    }

    /// Makes or changes a token.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written or the index is damaged.
    pub fn put_token(&mut self, token: Token, now: Instant) -> Result<(), StoreError> {
        self.record(Record::Token(token), now).map(drop)
    }

    /// A token by its hash.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn token(&self, hash: &Hash) -> Result<Option<Token>, StoreError> {
        self.index.read(&keys::token(hash))
    }

    /// All tokens.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.all(keys::TOKEN)
    }
}

/// What an act means for the index.
pub(super) fn act(stage: &mut Stage, seq: u64, act: &Act) -> Result<(), StoreError> {
    if let Some(case) = act.deed.case() {
        stage.put(keys::act_of(case, seq), &seq, "an act")?;
    }
    match &act.deed {
        Deed::Assigned { key, to } => {
            let mut hand = hand(stage, key)?;
            hand.to.clone_from(to);
            stage.put(keys::hand(key), &(key, hand), "who has it in hand")?;
        }
        Deed::Acknowledged(key) => {
            let mut hand = hand(stage, key)?;
            hand.seen = Some((act.by.clone(), act.at));
            stage.put(keys::hand(key), &(key, hand), "who has it in hand")?;
        }
        Deed::Asked(ask) => stage.put(keys::ask(&ask.id), ask, "what was asked for")?,
        Deed::Decided { ask, .. } => stage.remove(keys::ask(&ask.id)),
        _ => {}
    }
    stage.put(keys::act(seq), act, "an act")
}

/// Who has a finding in hand, with changes that are not applied yet.
fn hand(stage: &Stage, key: &FindingKey) -> Result<Hand, StoreError> {
    let key = keys::hand(key);
    let known: Option<(FindingKey, Hand)> = match stage.writes.get(key.as_slice()) {
        Some(Some(sealed)) => Some(stage.index.unseal(&key, sealed)?),
        Some(None) => None,
        None => stage.index.read(&key)?,
    };
    Ok(known.map(|(_, hand)| hand).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Rank, Scope};

    fn at(n: i64) -> Instant {
        Instant::from_millis(1_700_000_000_000 + n)
    }

    fn key(case: &str) -> FindingKey {
        FindingKey { case: Some(case.into()), group: None, clause: "p/1".into(), instance: "e1".into() }
    }

    fn ask() -> Ask {
        Ask {
            id: String::new(),
            case: "C-1".into(),
            clause: "p/1".into(),
            instance: None,
            from: at(0),
            until: at(9),
            reason: "flood".into(),
            by: "lin".into(),
            approver: "chen".into(),
        }
    }

    #[test]
    fn acts_are_found_again_after_the_index_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path(), at(0)).unwrap().0;
        store.add_act("lin", "web", Deed::Assigned { key: key("C-1"), to: Some("chen".into()) }, at(1)).unwrap();
        store.add_act("chen", "web", Deed::Acknowledged(key("C-1")), at(2)).unwrap();
        store.add_act("lin", "web", Deed::Commented { case: "C-1\0".into(), text: "another case".into() }, at(3)).unwrap();
        let asked = store.add_act("lin", "web", Deed::Asked(ask()), at(4)).unwrap();
        let Deed::Asked(asked) = asked.deed else { panic!() };
        let account =
            Account { name: "lin".into(), rank: Rank::Admin, scope: Scope::default(), password: "x".into(), closed: false, at: at(0) };
        store.put_account(account, at(5)).unwrap();
        let look = |store: &Store| {
            (
                store.acts(u64::MAX, 10).unwrap(),
                store.acts_of("C-1").unwrap(),
                store.hands().unwrap(),
                store.asks().unwrap(),
                store.accounts().unwrap(),
            )
        };
        let before = look(&store);
        assert_eq!(before.0.len(), 4);
        assert_eq!(before.0[0].deed.case(), Some("C-1"), "the newest first");
        assert_eq!(before.1.len(), 3, "a case whose id goes on is another one");
        assert_eq!(before.2, [(key("C-1"), Hand { to: Some("chen".into()), seen: Some(("chen".into(), at(2))) })]);
        assert_eq!(before.3.len(), 1);
        drop(store);
        std::fs::remove_dir_all(dir.path().join("index")).unwrap();
        let mut store = Store::open(dir.path(), at(6)).unwrap().0;
        assert_eq!(look(&store), before);
        let waiver = store.grant(&asked.id, "chen", "web", at(7)).unwrap().unwrap();
        assert_eq!((waiver.by.as_str(), waiver.approved_by.as_str()), ("lin", "chen"));
        assert_eq!(store.waivers().unwrap(), [waiver]);
        assert!(store.asks().unwrap().is_empty() && store.grant(&asked.id, "chen", "web", at(8)).unwrap().is_none());
    }
}
