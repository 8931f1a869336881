//! Names that many rows share, by number.

use std::{collections::HashMap, sync::Arc};

/// The number of a name.
pub type Name = u32;

/// Names by number.
#[derive(Clone, Debug, Default)]
pub struct Names {
    list: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, Name>,
}

impl Names {
    /// The number of a name; a new one when it has none.
    pub fn number(&mut self, name: &str) -> Name {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = Name::try_from(self.list.len()).unwrap_or(Name::MAX);
        let name: Arc<str> = name.into();
        self.list.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    /// The number of a name that is known.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Name> {
        self.numbers.get(name).copied()
    }

    /// A name.
    #[must_use]
    pub fn name(&self, number: Name) -> &str {
        usize::try_from(number).ok().and_then(|number| self.list.get(number)).map_or("", AsRef::as_ref)
    }

    /// All of them, in order of their numbers.
    pub fn all(&self) -> impl Iterator<Item = (Name, &str)> {
        (0..).zip(self.list.iter().map(AsRef::as_ref))
    }
}
