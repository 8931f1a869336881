//! The layout of the index: one tree, since sled applies a batch atomically to one tree only. The first byte of a
//! key says what it is.

use super::error::StoreError;
use super::hex::Hash;
use super::record::{FindingKey, Run};
use crate::ledger::Group;
use crate::population::Member;

/// `c` + bound: a block of cases (see [`crate::pack`]). It holds the cases from its bound on that stand before the next
/// block's bound. The first block's bound is empty, and a bound never goes.
pub(super) const BLOCK: u8 = b'c';
/// `f` + case, group, clause, instance: a `FindingRecord` of the last run.
pub(super) const FINDING: u8 = b'f';
/// `m` + bound: nothing; marks each block, so that a scan can be divided without reading blocks.
pub(super) const MARK: u8 = b'm';
/// `n` + case id: a `CaseRecord` that is new or has changed since its block was written, and the number of the entry that
/// changed it. What a block holds under the same id no longer counts.
pub(super) const LOOSE: u8 = b'n';
/// `o` + SHA-256: a `Content`.
pub(super) const CONTENT: u8 = b'o';
/// `p` + parent's id + case id: nothing; the cases that are part of another.
pub(super) const MEMBER: u8 = b'p';
/// `q`: the `Position` of the journal that the index reflects.
pub(super) const POSITION: [u8; 1] = *b"q";
/// `r` + recorded instant + id: a `Run`. Instants never go backwards, so that the last key is the last run even
/// where salvaged runs bear larger ids.
pub(super) const RUN: u8 = b'r';
/// `t` + number of a journal entry, and what it changed: `n` (the ids of single cases), or `c` + case id (the last id of a
/// stretch of packed cases, of which those count that bear that number or a later one).
pub(super) const CHANGE: u8 = b't';
/// `v`: the `Sheet` of the last run.
pub(super) const SHEET: [u8; 1] = *b"v";
/// `h` + group: a `Group` and its `Head`.
pub(super) const HEAD: u8 = b'h';
/// `g` + group + instant, case, event: a member of a period, in order.
const TALLY: u8 = b'g';
/// `x` + number of a generation + number: a page of the ledger.
const PAGE: u8 = b'x';
/// `y` + number of a layer + number: a page of the ledger.
const LAYER: u8 = b'y';
/// `w` + waiver id: a `Waiver`.
pub(super) const WAIVER: u8 = b'w';

/// `a` + name: an `Account`.
pub(super) const ACCOUNT: u8 = b'a';
/// `k` + SHA-256: a `Token`.
pub(super) const TOKEN: u8 = b'k';
/// `e` + number of a journal entry: an `Act`.
pub(super) const ACT: u8 = b'e';
/// `j` + case + number of a journal entry: that number; the acts about a case.
const ACT_OF: u8 = b'j';
/// `i` + case, group, clause, instance: a `FindingKey`, and the `Hand` that has it.
pub(super) const HAND: u8 = b'i';
/// `z` + id: an `Ask` that is not decided.
pub(super) const ASK: u8 = b'z';

/// The key of an account.
pub(super) fn account(name: &str) -> Vec<u8> {
    plain(ACCOUNT, name.as_bytes())
}

/// The key of a token.
pub(super) fn token(hash: &Hash) -> Vec<u8> {
    plain(TOKEN, hash)
}

/// The key of an act.
pub(super) fn act(seq: u64) -> Vec<u8> {
    plain(ACT, &seq.to_be_bytes())
}

/// The key under which a case has an act.
pub(super) fn act_of(case: &str, seq: u64) -> Vec<u8> {
    let mut key = acts_of(case).0;
    key.extend(seq.to_be_bytes());
    key
}

/// What the keys of all acts about a case begin with, and where they end.
pub(super) fn acts_of(case: &str) -> (Vec<u8>, Vec<u8>) {
    let mut start = vec![ACT_OF];
    part(case, &mut start);
    let mut end = start.clone();
    end.extend([u8::MAX; 9]);
    (start, end)
}

/// The key of who has a finding in hand.
pub(super) fn hand(key: &FindingKey) -> Vec<u8> {
    let mut key = finding(key);
    key.splice(..1, [HAND]);
    key
}

/// The key of what was asked for.
pub(super) fn ask(id: &str) -> Vec<u8> {
    plain(ASK, id.as_bytes())
}

/// The key of a page of a generation.
pub(super) fn page(generation: u64, number: u32) -> Vec<u8> {
    numbered(PAGE, generation, number)
}

/// The key of a page of a layer.
pub(super) fn layer(layer: u64, number: u32) -> Vec<u8> {
    numbered(LAYER, layer, number)
}

fn numbered(prefix: u8, series: u64, number: u32) -> Vec<u8> {
    let mut key = plain(prefix, &series.to_be_bytes());
    key.extend(number.to_be_bytes());
    key
}

/// The key of how a period stood.
pub(super) fn head(group: &Group) -> Result<Vec<u8>, StoreError> {
    of_group(HEAD, group)
}

/// What the keys of a period's members begin with, and where they end.
pub(super) fn tally(group: &Group) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
    let start = of_group(TALLY, group)?;
    let mut end = start.clone();
    // What follows is an instant with its sign bit turned, of which there is no such one.
    end.extend([u8::MAX; 9]);
    Ok((start, end))
}

/// The key of a member of a period.
pub(super) fn tally_of(start: &[u8], member: &Member) -> Vec<u8> {
    let mut key = start.to_vec();
    // With the sign bit turned, negative instants sort before positive ones.
    key.extend((member.at.millis().cast_unsigned() ^ 1 << 63).to_be_bytes());
    for text in [&member.case, &member.event, &member.mark] {
        part(text, &mut key);
    }
    key
}

fn of_group(prefix: u8, group: &Group) -> Result<Vec<u8>, StoreError> {
    postcard::to_extend(group, vec![prefix]).map_err(|source| StoreError::Encode { what: "a period", source })
}

/// The key of a block.
pub(super) fn block(bound: &str) -> Vec<u8> {
    plain(BLOCK, bound.as_bytes())
}

/// The key of a mark.
pub(super) fn mark(bound: &str) -> Vec<u8> {
    plain(MARK, bound.as_bytes())
}

/// The key of a loose case.
pub(super) fn loose(id: &str) -> Vec<u8> {
    plain(LOOSE, id.as_bytes())
}

/// What the keys of all members of a case begin with.
pub(super) fn members(parent: &str) -> Vec<u8> {
    let mut key = vec![MEMBER];
    part(parent, &mut key);
    key
}

/// The key of a member.
pub(super) fn member(parent: &str, id: &str) -> Vec<u8> {
    let mut key = members(parent);
    key.extend(id.as_bytes());
    key
}

/// What the keys of all that an entry changed begin with.
pub(super) fn changes(seq: u64) -> Vec<u8> {
    plain(CHANGE, &seq.to_be_bytes())
}

/// The key of a change: `what` is [`LOOSE`] or [`BLOCK`].
pub(super) fn change(seq: u64, what: u8, id: &str) -> Vec<u8> {
    let mut key = changes(seq);
    key.push(what);
    key.extend(id.as_bytes());
    key
}

/// The key of a waiver.
pub(super) fn waiver(id: &str) -> Vec<u8> {
    plain(WAIVER, id.as_bytes())
}

/// The key of a file's content.
pub(super) fn content(hash: &Hash) -> Vec<u8> {
    plain(CONTENT, hash)
}

/// The key of a run.
pub(super) fn run(run: &Run) -> Vec<u8> {
    // With the sign bit turned, negative instants sort before positive ones.
    let at = run.at.millis().cast_unsigned() ^ (1 << 63);
    let mut key = plain(RUN, &at.to_be_bytes());
    key.extend(run.id.to_be_bytes());
    key
}

/// The key of a finding: findings of a case stand together.
pub(super) fn finding(finding: &FindingKey) -> Vec<u8> {
    let mut key = vec![FINDING];
    for text in [finding.case.as_deref(), finding.group.as_deref(), Some(&*finding.clause), Some(&*finding.instance)] {
        key.push(u8::from(text.is_some()));
        if let Some(text) = text {
            part(text, &mut key);
        }
    }
    key
}

/// A part of a key, with an end.
fn part(text: &str, key: &mut Vec<u8>) {
    for byte in text.bytes() {
        key.push(byte);
        // A zero byte inside is doubled to 0, 255, so that it is not taken for the end.
        if byte == 0 {
            key.push(255);
        }
    }
    key.extend([0, 0]);
}

fn plain(prefix: u8, rest: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(rest.len() + 1);
    key.push(prefix);
    key.extend(rest);
    key
}

#[cfg(test)]
mod tests {
    use super::{FindingKey, finding, members};

    #[test]
    fn keys_of_findings_do_not_run_into_each_other() {
        let key = |case: &str, clause: &str| {
            finding(&FindingKey { case: Some(case.into()), group: None, clause: clause.into(), instance: String::new() })
        };
        assert_ne!(key("a", "bc"), key("ab", "c"));
        assert_ne!(key("a\0", "b"), key("a", "\0b"));
        assert!(key("a", "z") < key("ab", "a"));
        assert!(!members("a\0").starts_with(&members("a")));
    }
}
