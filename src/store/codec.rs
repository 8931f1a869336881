//! Records in bytes, and back.

use serde::Serialize;

use super::error::StoreError;
use super::fault::Fault;
use super::journal::{Body, Draft};
use super::record::{IMPORT, KINDS, Record};
use crate::case::Case;
use crate::time::Instant;

/// The payload of a record.
pub(super) fn draft(record: &Record, recorded: Instant) -> Result<Draft, StoreError> {
    let bytes = postcard::to_allocvec(record).map_err(|source| StoreError::Encode { what: "a record", source })?;
    Ok(Draft { kind: record.kind(), recorded, body: Body::Bytes(bytes) })
}

/// The record of a payload.
pub(super) fn record(payload: &[u8]) -> Result<Record, Fault> {
    match postcard::take_from_bytes(payload) {
        Ok((record, [])) => Ok(record),
        Ok(_) => Err(Fault::Unreadable { why: "bytes are left over".to_owned() }),
        Err(error) => Err(match payload.first() {
            Some(kind) if *kind >= KINDS => Fault::LaterKind { kind: u64::from(*kind) },
            _ => Fault::Unreadable { why: error.to_string() },
        }),
    }
}

/// Appends one case to the cases of an import, and tells how many bytes it took.
pub(super) fn add_case(case: &Case, cases: &mut Vec<u8>) -> Result<usize, StoreError> {
    let before = cases.len();
    *cases = postcard::to_extend(case, std::mem::take(cases)).map_err(|source| StoreError::Encode { what: "a case", source })?;
    Ok(cases.len() - before)
}

/// The payload of an import of cases that are already in bytes: cases are written as they come, without being
/// gathered or copied first. The same bytes as those of [`Record::Import`].
pub(super) fn import(source: &str, count: usize, cases: &[u8], recorded: Instant) -> Result<Draft, StoreError> {
    let encode = |bytes: Vec<u8>| -> postcard::Result<Vec<u8>> {
        let bytes = postcard::to_extend(&Front { kind: u32::from(IMPORT), source, count }, bytes)?;
        Ok(bytes)
    };
    let mut bytes =
        encode(Vec::with_capacity(cases.len() + source.len() + 16)).map_err(|source| StoreError::Encode { what: "an import", source })?;
    bytes.extend(cases);
    Ok(Draft { kind: IMPORT, recorded, body: Body::Bytes(bytes) })
}

/// What stands before the cases of an import: the variant's number, the source, the length of the list.
#[derive(Serialize)]
struct Front<'a> {
    kind: u32,
    source: &'a str,
    count: usize,
}

#[cfg(test)]
mod tests {
    use super::{Record, add_case, draft, import};
    use crate::case::Case;
    use crate::store::journal::Body;
    use crate::time::Instant;

    #[test]
    fn an_import_in_pieces_is_the_record_in_bytes() {
        let now = Instant::from_millis(5);
        for count in [0, 1, 130] {
            let cases: Vec<Case> =
                (0..count).map(|n: u32| Case { id: format!("C-{n}"), kind: "repair".into(), ..Case::default() }).collect();
            let mut bytes = Vec::new();
            for case in &cases {
                add_case(case, &mut bytes).unwrap();
            }
            let pieces = import("a.jsonl", cases.len(), &bytes, now).unwrap();
            let whole = draft(&Record::Import { source: "a.jsonl".into(), cases }, now).unwrap();
            let (Body::Bytes(pieces), Body::Bytes(whole)) = (pieces.body, whole.body) else { unreachable!() };
            assert_eq!(pieces, whole);
        }
    }

    #[test]
    fn a_later_kind_is_named() {
        let fault = super::record(&[99, 0]).unwrap_err();
        assert_eq!(fault, crate::store::Fault::LaterKind { kind: 99 });
    }
}
