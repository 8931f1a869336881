//! What a run is told: `--name value` pairs.

use std::{collections::HashMap, path::PathBuf, str::FromStr};

use crate::Failure;

/// The options of a run.
pub struct Options(HashMap<String, String>);

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When they are not pairs.
    pub fn read() -> Result<Self, Failure> {
        let mut arguments = std::env::args().skip(1);
        let mut map = HashMap::new();
        while let Some(name) = arguments.next() {
            let name = name.strip_prefix("--").ok_or_else(|| format!("`{name}` is no option"))?.to_owned();
            let value = arguments.next().ok_or_else(|| format!("`--{name}` needs a value"))?;
            map.insert(name, value);
        }
        Ok(Self(map))
    }

    /// A value, or what it is when nothing is said.
    ///
    /// # Errors
    /// When it has another shape.
    pub fn value<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(&self, name: &str, otherwise: T) -> Result<T, Failure> {
        self.0.get(name).map_or(Ok(otherwise), |text| Ok(text.parse()?))
    }

    /// A path that must be said.
    ///
    /// # Errors
    /// When it is not.
    pub fn path(&self, name: &str) -> Result<PathBuf, Failure> {
        self.0.get(name).map(PathBuf::from).ok_or_else(|| format!("`--{name}` is missing").into())
    }
}
