//! Span literals inside expressions: `3d` is read as `span("3d")`, and places are mapped back.

/// An expression's text as rhai reads it, and how to find a place of it in the text as written.
#[derive(Debug)]
pub struct Prepared {
    /// The text for rhai.
    pub text: String,
    /// For each literal: its byte offset in `text`, in the original, and how much longer it became.
    shifts: Vec<(usize, usize, usize)>,
}

const UNITS: &[&str] = &["min", "h", "d", "wk", "mo", "y"];

impl Prepared {
    /// Rewrites the span literals of an expression.
    #[must_use]
    pub fn new(original: &str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut shifts = Vec::new();
        let mut rest = original;
        let mut quote: Option<char> = None;
        let mut previous = ' ';
        while let Some(next) = rest.chars().next() {
            let at = original.len() - rest.len();
            if quote.is_none() && next.is_ascii_digit() && !(previous.is_alphanumeric() || previous == '_' || previous == '.') {
                let digits = rest.find(|c: char| !(c.is_ascii_digit())).unwrap_or(rest.len());
                let (number, after) = rest.split_at(digits);
                let word_len = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
                let (word, after_word) = after.split_at(word_len);
                if UNITS.contains(&word) {
                    let literal = format!("span(\"{number}{word}\")");
                    shifts.push((text.len(), at, literal.len() - number.len() - word.len()));
                    text.push_str(&literal);
                    rest = after_word;
                } else {
                    text.push_str(number);
                    rest = after;
                }
                previous = '0';
                continue;
            }
            if quote == Some(next) {
                quote = None;
            } else if quote.is_none() && matches!(next, '"' | '`') {
                quote = Some(next);
            }
            if next == '\\' && quote.is_some() {
                let taken: String = rest.chars().take(2).collect();
                text.push_str(&taken);
                rest = rest.get(taken.len()..).unwrap_or("");
                continue;
            }
            text.push(next);
            previous = next;
            rest = rest.get(next.len_utf8()..).unwrap_or("");
        }
        Self { text, shifts }
    }

    /// The byte offset in the original of a position (line and column from 1, columns in characters) in the rewritten text.
    #[must_use]
    pub fn original_offset(&self, line: usize, column: usize) -> usize {
        let mut offset = 0;
        for (number, content) in (1..).zip(self.text.split_inclusive('\n')) {
            if number == line {
                offset += content.char_indices().nth(column.saturating_sub(1)).map_or(content.len(), |(at, _)| at);
                break;
            }
            offset += content.len();
        }
        let mut result = offset;
        for (at, original, longer) in &self.shifts {
            if offset >= at + longer {
                result = result.saturating_sub(*longer);
            } else if offset > *at {
                return *original;
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::Prepared;

    #[test]
    fn span_literals_are_rewritten_outside_texts() {
        let prepared = Prepared::new("contract_end - 1mo < x2d && note != \"3d\" && a > 10min");
        assert_eq!(prepared.text, "contract_end - span(\"1mo\") < x2d && note != \"3d\" && a > span(\"10min\")");
        assert_eq!(prepared.original_offset(1, 1), 0);
        assert_eq!(prepared.original_offset(1, 30), 21, "the x of x2d");
    }
}
