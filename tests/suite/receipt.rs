//! The real log of 1,434 permits, judged by the example policy, against counts worked out by a second way: `tests/receipt/expected.py` on
//! the raw file. The log is not part of this repository; where it lies is `DULY_RECEIPT_LOG`, or `../shared/data/logs/`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::sandbox::Sandbox;

fn log() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("DULY_RECEIPT_LOG").map(PathBuf::from);
    named.into_iter().chain([root.join("../shared/data/logs/receipt.csv.gz")]).find(|path| path.is_file())
}

#[test]
fn every_clause_has_the_violating_cases_of_the_independent_count() {
    let Some(log) = log() else {
        println!("skipped: the log is not on this machine");
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let expected: Value = serde_json::from_str(&std::fs::read_to_string(root.join("tests/receipt/expected.json")).unwrap()).unwrap();
    let example = root.join("examples/receipt");
    let mapping = example.join("mapping.yaml");
    let sandbox = Sandbox::new();
    let output = sandbox.run(&[
        "check",
        "--policies",
        example.to_str().unwrap(),
        "--cases",
        log.to_str().unwrap(),
        "--map",
        mapping.to_str().unwrap(),
        "--as-of",
        "2015-01-01T00:00:00+01:00",
        "--format",
        "jsonl",
    ]);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut undetermined = 0;
    for line in output.stdout.lines() {
        let finding: Value = serde_json::from_str(line).unwrap();
        undetermined += usize::from(finding["state"] == "undetermined");
        if finding["violation"] == true {
            let text = |name: &str| finding[name].as_str().unwrap().to_owned();
            found.entry(text("clause")).or_default().insert(text("case"));
        }
    }
    assert_eq!(undetermined, 0);
    for (clause, wanted) in expected["clauses"].as_object().unwrap() {
        let cases = found.get(clause).cloned().unwrap_or_default();
        assert_eq!(cases.len() as u64, wanted["cases"].as_u64().unwrap(), "{clause}");
        let lines: String = cases.iter().map(|case| format!("{case}\t{clause}\n")).collect();
        let digest: String = Sha256::digest(lines.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, wanted["sha256"].as_str().unwrap(), "{clause}");
    }
    assert_eq!(found.len(), 7);
}
