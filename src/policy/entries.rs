//! The entries of a document: its statements one by one, as `entries.yaml` beside a policy lists them. Clauses say which of them they cover.

use super::sources::{Role, Sources};
use crate::{
    diagnostic::{Place, Problems},
    yaml::{self, Fields, Key},
};

const FILE_KEYS: &[Key] =
    &[Key::required("document", "id", "the document", "文件"), Key::required("entries", "list of entries", "its statements", "各条目")];

const ENTRY_KEYS: &[Key] = &[
    Key::required("id", "text", "its id in the document", "在文件内的编号"),
    Key::optional("article", "text", "where it stands", "所在条文"),
    Key::required("checkable", "yes | partly | no", "whether records can show that it is kept", "能否以记录核查"),
    Key::optional("same_as", "list of ids", "entries that say the same: `document/id`, or `id` in this document", "内容相同的条目"),
];

/// Whether records can show that an entry is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checkable {
    /// They can.
    Yes,
    /// Some of it.
    Partly,
    /// They cannot.
    No,
}

impl Checkable {
    /// The words of the file.
    pub const WORDS: &'static [(&'static str, Self)] = &[("yes", Self::Yes), ("partly", Self::Partly), ("no", Self::No)];

    /// The word, in the file and in Chinese.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Yes => ("yes", "可"),
            Self::Partly => ("partly", "部分"),
            Self::No => ("no", "否"),
        }
    }
}

/// An entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id in the document.
    pub id: String,
    /// Where it stands in the document.
    pub article: String,
    /// Whether records can show that it is kept.
    pub checkable: Checkable,
    /// Entries that say the same, `document/id`.
    pub same_as: Vec<(String, Place)>,
    /// Where it is listed.
    pub place: Place,
}

/// A document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its id.
    pub id: String,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
}

/// The full id of an entry: of the document, unless it names another.
#[must_use]
pub fn full(document: &str, id: &str) -> String {
    if id.contains('/') { id.to_owned() } else { format!("{document}/{id}") }
}

/// Reads the lists of entries, in order of their files; what is wrong with them is noted.
pub fn read(sources: &Sources, problems: &mut Problems) -> Vec<Document> {
    let mut documents = Vec::new();
    for source in sources.of(Role::Entries) {
        let Some(node) = yaml::parse(&source.file, problems) else { continue };
        let Some(fields) = Fields::read(&node, FILE_KEYS, problems) else { continue };
        let Some(id) = fields.text("document", problems) else { continue };
        let mut document = Document { id: id.to_owned(), entries: Vec::new() };
        for item in fields.list("entries") {
            let Some(entry) = Fields::read(item, ENTRY_KEYS, problems).and_then(|fields| read_entry(&fields, id, problems)) else {
                continue;
            };
            if let Some(earlier) = document.entries.iter().find(|known| known.id == entry.id) {
                let (line, _) = earlier.place.line_column();
                let (id, place) = (&entry.id, &entry.place);
                problems.error("DU0405", place, format!("entry `{id}` is already in line {line}"), format!("条目 `{id}` 已在第 {line} 行"));
                continue;
            }
            document.entries.push(entry);
        }
        documents.push(document);
    }
    documents
}

fn read_entry(fields: &Fields<'_>, document: &str, problems: &mut Problems) -> Option<Entry> {
    let id = fields.text("id", problems)?;
    let same_as = fields.list("same_as").iter().filter_map(|item| Some((full(document, item.expect_text(problems)?), item.place.clone())));
    Some(Entry {
        same_as: same_as.collect(),
        id: id.to_owned(),
        article: fields.text("article", problems).unwrap_or(id).to_owned(),
        checkable: fields.word("checkable", Checkable::WORDS, problems)?,
        place: fields.get("id")?.place.clone(),
    })
}
