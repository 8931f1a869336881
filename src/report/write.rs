//! Findings in any form.

use std::io::{self, Write};

use super::{Export, Format, findings_sheet, page, sarif, sheet, table, to_json, write_csv, write_junit};
use crate::{
    engine::Counts,
    finding::Obligation,
    lang::{Lang, Text},
    policy::PolicySet,
    time::{Instant, Zone},
};

/// What findings are of.
#[derive(Clone, Debug)]
pub struct About<'a> {
    /// The policies.
    pub set: &'a PolicySet,
    /// The language of texts.
    pub lang: Lang,
    /// For which instant they were judged.
    pub as_of: Instant,
    /// The zone in which that is shown.
    pub zone: Zone,
    /// How many cases were judged, where that is to be said.
    pub cases: Option<u64>,
    /// How many obligations are in each state, also those that are not listed; without it those listed are counted.
    pub counts: Option<Counts>,
    /// How wide a table may be.
    pub width: Option<u16>,
}

/// Why findings could not be written.
#[derive(Debug)]
pub enum WriteError {
    /// What the system said.
    Io(io::Error),
    /// They do not fit into the form: why, and what to do.
    Form(Text),
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Writes findings as given. Where there are none, a table is nothing at all.
///
/// # Errors
/// When they cannot be written, or are too many for a workbook.
pub fn write(list: &[Obligation], export: Export, about: &About<'_>, out: &mut dyn Write) -> Result<(), WriteError> {
    let objects = || list.iter().map(|found| to_json(found, about.set, about.lang));
    match export {
        Export::List(Format::Table) if list.is_empty() => {}
        Export::List(Format::Table) => {
            let list: Vec<&Obligation> = list.iter().collect();
            writeln!(out, "{}", table(&list, about.set, about.lang, about.width))?;
        }
        Export::List(Format::Jsonl) => objects().try_for_each(|object| writeln!(out, "{object}"))?,
        Export::List(Format::Json) => {
            serde_json::to_writer_pretty(&mut *out, &objects().collect::<Vec<_>>()).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Export::List(Format::Csv) => write_csv(list, about.set, about.lang, out).map_err(io::Error::from)?,
        Export::Xlsx => {
            let sheet = findings_sheet(list, about.set, about.lang);
            out.write_all(&sheet::to_xlsx(&[sheet]).map_err(|error| WriteError::Form(error.text()))?)?;
        }
        Export::Html => writeln!(out, "{}", page(list, about))?,
        Export::Junit => write_junit(list, about, out)?,
        Export::Sarif => {
            serde_json::to_writer_pretty(&mut *out, &sarif(list, about)).map_err(io::Error::from)?;
            writeln!(out)?;
        }
    }
    Ok(())
}
