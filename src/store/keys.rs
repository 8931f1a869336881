//! The layout of the index: one tree, since sled applies a batch atomically to one tree only. The first byte of a
//! key says what it is.

use super::hex::Hash;
use super::record::{FindingKey, Run};

/// `c` + case id: a `CaseRecord`.
pub(super) const CASE: u8 = b'c';
/// `f` + case, group, clause, instance: a `FindingRecord` of the last run.
pub(super) const FINDING: u8 = b'f';
/// `m` + case id: nothing; marks every so manieth case, so that a scan can be divided.
pub(super) const MARK: u8 = b'm';
/// `o` + SHA-256: a `Content`.
pub(super) const CONTENT: u8 = b'o';
/// `p`: the `Position` of the journal that the index reflects.
pub(super) const POSITION: [u8; 1] = *b"p";
/// `r` + recorded instant + id: a `Run`. Instants never go backwards, so that the last key is the last run even
/// where salvaged runs bear larger ids.
pub(super) const RUN: u8 = b'r';
/// `w` + waiver id: a `Waiver`.
pub(super) const WAIVER: u8 = b'w';

/// The key of a case.
pub(super) fn case(id: &str) -> Vec<u8> {
    plain(CASE, id.as_bytes())
}

/// The key of a mark.
pub(super) fn mark(id: &str) -> Vec<u8> {
    plain(MARK, id.as_bytes())
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
    for part in [finding.case.as_deref(), finding.group.as_deref(), Some(&*finding.clause), Some(&*finding.instance)] {
        match part {
            None => key.push(0),
            Some(text) => {
                key.push(1);
                for byte in text.bytes() {
                    key.push(byte);
                    // A zero byte inside is doubled to 0, 255, so that it is not taken for the end.
                    if byte == 0 {
                        key.push(255);
                    }
                }
                key.extend([0, 0]);
            }
        }
    }
    key
}

fn plain(prefix: u8, rest: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(rest.len() + 1);
    key.push(prefix);
    key.extend(rest);
    key
}

#[cfg(test)]
mod tests {
    use super::{FindingKey, finding};

    #[test]
    fn keys_of_findings_do_not_run_into_each_other() {
        let key = |case: &str, clause: &str| {
            finding(&FindingKey { case: Some(case.into()), group: None, clause: clause.into(), instance: String::new() })
        };
        assert_ne!(key("a", "bc"), key("ab", "c"));
        assert_ne!(key("a\0", "b"), key("a", "\0b"));
        assert!(key("a", "z") < key("ab", "a"));
    }
}
