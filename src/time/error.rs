//! What is wrong with a text that should be a time.

/// A text that could not be read as a time, or a calendar that cannot be used.
///
/// Both texts are lower-case fragments that name the offending input in backticks and say what
/// is expected, so that they can stand after "line 3: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{en}")]
pub struct TimeError {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

impl TimeError {
    /// An error in both languages.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }
}

/// The known word nearest to `word` by edits; of equals, one that shares its first letter.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known.into_iter().min_by_key(|candidate| (edits(word, candidate), candidate.chars().next() != word.chars().next()))
}

/// The number of letters to insert, delete or replace to turn one word into the other.
pub(super) fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (&right, (&diagonal, &above)) in b.iter().zip(row.iter().zip(row.iter().skip(1))) {
            let beside = next.last().copied().unwrap_or_default();
            next.push((diagonal + usize::from(left != right)).min(above + 1).min(beside + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
