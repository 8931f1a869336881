//! "Did you mean": the nearest known word.

use crate::lang::Text;

/// The known word nearest to a misspelt one, when it is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase().replace('_', "-");
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|candidate| (distance(&lower, &candidate.to_lowercase().replace('_', "-")), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Help for an unknown word: the nearest known one, or the list of all known ones when it is short.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<Text> {
    if let Some(near) = nearest(word, known.clone()) {
        return Some(Text::new(format!("did you mean `{near}`?"), format!("是不是 `{near}`？")));
    }
    let mut all: Vec<&str> = known.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    if all.is_empty() || all.len() > 40 {
        return None;
    }
    let list = all.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Some(Text::new(format!("known here: {list}"), format!("此处可用：{list}")))
}

/// Levenshtein distance, a swap of neighbours counting once.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut left: Option<char> = None;
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        let mut above: Option<char> = None;
        for (j, &y) in b.iter().enumerate() {
            let get = |list: &[usize], at: usize| list.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut best = (get(&last, j + 1) + 1).min(get(&row, j) + 1).min(get(&last, j) + usize::from(x != y));
            if j > 0 && left == Some(y) && above == Some(x) {
                best = best.min(get(&before, j - 1) + 1);
            }
            row.push(best);
            above = Some(y);
        }
        before = std::mem::replace(&mut last, row);
        left = Some(x);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_misspelt_words() {
        let known = ["deadline", "approval", "recurrence", "within"];
        assert_eq!(nearest("deadlin", known), Some("deadline"));
        assert_eq!(nearest("wihtin", known), Some("within"));
        assert_eq!(nearest("banana", known), None);
        assert_eq!(nearest("期限", ["期线", "金额"]), Some("期线"));
    }
}
