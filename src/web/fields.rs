//! What an address or a form says: names and values, in order.

use crate::{
    lang::Text,
    time::{Instant, Zone},
};

/// Names and values.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `a=1&b=2`.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// The first value of a name, without blanks around it; `None` when it is absent or blank.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The first value of a name as it stands, even an empty one.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a name.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All that is said.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A value that must be there.
    ///
    /// # Errors
    /// That it is missing.
    pub fn need(&self, name: &str, label: &Text) -> Result<&str, Text> {
        self.get(name).ok_or_else(|| Text::new(format!("{} is missing", label.en), format!("缺少{}", label.zh)))
    }

    /// An instant, in a zone where it has no offset; a date alone is its start.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn instant(&self, name: &str, zone: Zone) -> Result<Option<Instant>, Text> {
        let Some(text) = self.get(name) else { return Ok(None) };
        Instant::parse(text, zone).map(Some).map_err(|error| Text::new(error.en, error.zh))
    }

    /// A number, or else another.
    #[must_use]
    pub fn number(&self, name: &str, or: usize) -> usize {
        self.get(name).and_then(|text| text.parse().ok()).unwrap_or(or)
    }

    /// The same with a value set, or taken away where it is empty; what turns pages begins anew.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut pairs: Vec<(String, String)> =
            self.0.iter().filter(|(known, value)| known != name && known != "page" && !value.trim().is_empty()).cloned().collect();
        if !value.is_empty() {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        Self(pairs)
    }

    /// The query of an address, with its question mark; nothing when nothing is said.
    #[must_use]
    pub fn query(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let mut query = form_urlencoded::Serializer::for_suffix(String::from("?"), 1);
        query.extend_pairs(&self.0);
        query.finish()
    }
}

/// A part of a path, encoded.
#[must_use]
pub fn segment(text: &str) -> String {
    const PLAIN: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    match text {
        // A browser takes these for steps, however they are encoded.
        "." | ".." => String::from("%20"),
        _ => percent_encoding::utf8_percent_encode(text, PLAIN).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_it_said() {
        let fields = Fields::parse("role=部门&site=&page=3".as_bytes());
        assert_eq!(fields.get("role"), Some("部门"));
        assert_eq!((fields.get("site"), fields.raw("site")), (None, Some("")));
        assert_eq!(fields.with("sort", "due").query(), "?role=%E9%83%A8%E9%97%A8&sort=due");
        assert_eq!(fields.with("role", "").query(), "");
        assert_eq!(segment("a/b 1?"), "a%2Fb%201%3F");
    }
}
