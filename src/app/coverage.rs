//! The ledger of documents: for each entry the clauses that cover it, what tests show of them, which assumed figures they rest on; or why no
//! clause can check it. Where neither is there, it says so.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diagnostic::{Diagnostic, Place, Problems, did_you_mean},
    lang::Text,
    policy::{
        Edition, PolicySet,
        entries::{self, Checkable, Document, Entry, full},
        outline::{Outline, outlines},
        sources::Sources,
    },
    trial::{Reach, reach},
};

/// How an entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Clauses cover it.
    Covered,
    /// It says the same as an entry that is covered: that one.
    Repeat(String),
    /// No clause can check it, for this reason; without one where the document's list says no more than that.
    NotComputable(Option<Text>),
    /// It says the same as an entry of a document that was not read.
    Elsewhere(String),
    /// Neither clause nor reason.
    Open,
}

impl Standing {
    /// The word in output.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::Repeat(_) => "repeat",
            Self::NotComputable(_) => "not_computable",
            Self::Elsewhere(_) => "elsewhere",
            Self::Open => "open",
        }
    }
}

/// An entry with what became of it.
#[derive(Debug)]
pub struct Line {
    /// The entry.
    pub entry: Entry,
    /// How it stands.
    pub standing: Standing,
    /// The clauses that cover it, and the form of each.
    pub clauses: Vec<(String, &'static str)>,
    /// How many tests speak of these clauses.
    pub tests: usize,
    /// Each of them is expected to be violated by some test.
    pub violated: bool,
    /// Each of them is expected to be kept by some test.
    pub kept: bool,
    /// Assumed parameters that they read.
    pub assumed: Vec<String>,
}

/// Figures of a document, or of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Entries.
    pub entries: usize,
    /// Those that clauses cover.
    pub covered: usize,
    /// Those that repeat a covered one, here or in a document that was not read.
    pub repeats: usize,
    /// Those that no clause can check.
    pub not_computable: usize,
    /// Those with neither clause nor reason.
    pub open: usize,
    /// Clauses, by form.
    pub forms: BTreeMap<&'static str, usize>,
    /// Scripts that clauses run.
    pub scripts: BTreeSet<String>,
    /// Tests that speak of these clauses.
    pub tests: BTreeSet<usize>,
}

impl Totals {
    /// How many clauses there are.
    #[must_use]
    pub fn clauses(&self) -> usize {
        self.forms.values().sum()
    }

    fn add(&mut self, other: &Self) {
        self.entries += other.entries;
        self.covered += other.covered;
        self.repeats += other.repeats;
        self.not_computable += other.not_computable;
        self.open += other.open;
        for (form, count) in &other.forms {
            *self.forms.entry(form).or_default() += count;
        }
        self.scripts.extend(other.scripts.iter().cloned());
        self.tests.extend(&other.tests);
    }
}

/// A document with its entries.
#[derive(Debug)]
pub struct Page {
    /// The document's id.
    pub document: String,
    /// Its entries, in order; none when no list of them was read.
    pub lines: Vec<Line>,
    /// Its figures.
    pub totals: Totals,
}

/// The ledger of documents.
#[derive(Debug)]
pub struct Coverage {
    /// By document, in order of ids.
    pub pages: Vec<Page>,
    /// The figures of all.
    pub totals: Totals,
    /// What is wanting: entries with neither clause nor reason, unknown entries, clauses that no test shows violated.
    pub gaps: Vec<Diagnostic>,
}

/// Makes the ledger.
///
/// # Errors
/// What is wrong with lists of entries or with tests.
pub fn coverage(sources: &Sources, set: &PolicySet) -> Result<Coverage, Vec<Diagnostic>> {
    let mut problems = Problems::default();
    let documents = entries::read(sources, &mut problems);
    let reach = reach(sources, set, &mut problems);
    if problems.has_errors() {
        return Err(problems.into_sorted());
    }
    let (outlines, reasons) = outlines(sources, set);
    let mut book = Book { set, documents, outlines: Vec::new(), covers: BTreeMap::new(), reasons: BTreeMap::new(), reach, gaps: problems };
    book.outlines = outlines.into_iter().filter(|outline| is_newest(set, outline.edition)).collect();
    book.place(&reasons);
    let pages: Vec<Page> = book.names().into_iter().map(|name| book.page(&name)).collect();
    book.untested();
    let mut totals = Totals::default();
    pages.iter().for_each(|page| totals.add(&page.totals));
    Ok(Coverage { pages, totals, gaps: book.gaps.into_sorted() })
}

/// Whether a version is the newest of its policy: what the document is held against.
fn is_newest(set: &PolicySet, index: usize) -> bool {
    let later = |edition: &Edition| set.editions.iter().any(|other| other.id == edition.id && other.from > edition.from);
    set.editions.get(index).is_some_and(|edition| !later(edition))
}

struct Book<'b> {
    set: &'b PolicySet,
    documents: Vec<Document>,
    /// Of the newest version of each policy.
    outlines: Vec<Outline>,
    /// By entry, `document/id`, the indices of its clauses.
    covers: BTreeMap<String, Vec<usize>>,
    /// By entry, why no clause can check it.
    reasons: BTreeMap<String, Text>,
    reach: BTreeMap<String, Reach>,
    gaps: Problems,
}

impl Book<'_> {
    fn document_of(&self, edition: usize) -> &str {
        self.set.editions.get(edition).map_or("", |edition| edition.document.as_str())
    }

    /// All documents: those listed, and those of policies alone.
    fn names(&self) -> BTreeSet<String> {
        let stated =
            (0..self.set.editions.len()).filter(|index| is_newest(self.set, *index)).map(|index| self.document_of(index).to_owned());
        self.documents.iter().map(|document| document.id.clone()).chain(stated).collect()
    }

    fn find(&self, id: &str) -> Option<&Entry> {
        let (document, id) = id.split_once('/')?;
        self.documents.iter().filter(|known| known.id == document).flat_map(|known| &known.entries).find(|entry| entry.id == id)
    }

    fn is_read(&self, id: &str) -> bool {
        id.split_once('/').is_some_and(|(document, _)| self.documents.iter().any(|known| known.id == document))
    }

    /// Notes an entry that its document's list does not have.
    fn known(&mut self, id: &str, place: &Place) {
        if !self.is_read(id) || self.find(id).is_some() {
            return;
        }
        let (document, short) = id.split_once('/').unwrap_or(("", id));
        let ids = || self.documents.iter().filter(|known| known.id == document).flat_map(|known| &known.entries).map(|entry| &*entry.id);
        let help = did_you_mean(short, ids().collect::<Vec<_>>());
        let text = Text::new(format!("`{document}` has no entry `{short}`"), format!("`{document}` 没有条目 `{short}`"));
        self.gaps.error_with_help("DU0802", place, text, help);
    }

    /// Sets clauses and reasons beside the entries that they name.
    fn place(&mut self, reasons: &[crate::policy::outline::Reasons]) {
        let mut named: Vec<(String, Place)> = Vec::new();
        for (index, outline) in self.outlines.iter().enumerate() {
            for (id, place) in &outline.covers {
                let id = full(self.document_of(outline.edition), id);
                let clauses = self.covers.entry(id.clone()).or_default();
                if !clauses.contains(&index) {
                    clauses.push(index);
                }
                named.push((id, place.clone()));
            }
        }
        let set = self.set;
        for (index, edition) in set.editions.iter().enumerate().filter(|(index, _)| is_newest(set, *index)) {
            let given = reasons.get(index).into_iter().flatten();
            for ((_, reason), entries) in edition.not_computable.iter().zip(given) {
                for (id, place) in entries {
                    let id = full(&edition.document, id);
                    self.reasons.insert(id.clone(), reason.clone());
                    named.push((id, place.clone()));
                }
            }
        }
        for entry in self.documents.iter().flat_map(|document| &document.entries) {
            named.extend(entry.same_as.iter().cloned());
        }
        named.iter().for_each(|(id, place)| self.known(id, place));
    }

    fn page(&mut self, document: &str) -> Page {
        let entries: Vec<Entry> =
            self.documents.iter().filter(|known| known.id == document).flat_map(|known| known.entries.iter().cloned()).collect();
        let lines: Vec<Line> = entries.into_iter().map(|entry| self.line(document, entry)).collect();
        let count = |wanted: &[&str]| lines.iter().filter(|line| wanted.contains(&line.standing.word())).count();
        let mut totals = Totals {
            entries: lines.len(),
            covered: count(&["covered"]),
            repeats: count(&["repeat", "elsewhere"]),
            not_computable: count(&["not_computable"]),
            open: count(&["open"]),
            ..Totals::default()
        };
        for outline in self.outlines.iter().filter(|outline| self.document_of(outline.edition) == document) {
            *totals.forms.entry(outline.form).or_default() += 1;
            let policy = outline.id.split('/').next().unwrap_or("");
            totals.scripts.extend(outline.script.iter().map(|script| format!("{policy}/{script}")));
            totals.tests.extend(self.reach.get(&outline.id).into_iter().flat_map(|reach| &reach.tests));
        }
        Page { document: document.to_owned(), lines, totals }
    }

    fn line(&mut self, document: &str, entry: Entry) -> Line {
        let id = full(document, &entry.id);
        let standing = self.standing(&id, &mut Vec::new());
        if standing == Standing::Open {
            let (short, article) = (&entry.id, &entry.article);
            let text = Text::new(
                format!("entry `{short}` (article {article}) has neither a clause nor a reason"),
                format!("条目 `{short}`（第 {article} 条）既无条款也无原因"),
            );
            let help = Text::new(
                format!("let a clause have `covers: [{short}]`, or give the reason under `not_computable:`"),
                format!("请在某条款中写 `covers: [{short}]`，或在 `not_computable:` 下写明原因"),
            );
            self.gaps.error_with_help("DU0801", &entry.place, text, help);
        }
        let clauses: Vec<&Outline> = self.covers.get(&id).into_iter().flatten().filter_map(|index| self.outlines.get(*index)).collect();
        let reaches: Vec<Option<&Reach>> = clauses.iter().map(|outline| self.reach.get(&outline.id)).collect();
        let all = |is: fn(&Reach) -> bool| !reaches.is_empty() && reaches.iter().all(|reach| reach.is_some_and(is));
        Line {
            standing,
            tests: reaches.iter().flatten().flat_map(|reach| &reach.tests).collect::<BTreeSet<_>>().len(),
            violated: all(|reach| reach.violated),
            kept: all(|reach| reach.kept),
            assumed: clauses.iter().flat_map(|outline| self.assumed(outline)).collect::<BTreeSet<_>>().into_iter().collect(),
            clauses: clauses.iter().map(|outline| (outline.id.clone(), outline.form)).collect(),
            entry,
        }
    }

    /// How an entry stands; `path` holds those that led to it, so that entries which repeat each other end.
    fn standing(&self, id: &str, path: &mut Vec<String>) -> Standing {
        if self.covers.contains_key(id) {
            return Standing::Covered;
        }
        if let Some(reason) = self.reasons.get(id) {
            return Standing::NotComputable(Some(reason.clone()));
        }
        let Some(entry) = self.find(id) else { return Standing::Open };
        path.push(id.to_owned());
        let mut found = if entry.checkable == Checkable::No { Standing::NotComputable(None) } else { Standing::Open };
        for (other, _) in &entry.same_as {
            if path.contains(other) {
                continue;
            }
            match self.standing(other, path) {
                Standing::Covered => return Standing::Repeat(other.clone()),
                Standing::Repeat(first) => return Standing::Repeat(first),
                Standing::NotComputable(Some(reason)) => found = Standing::NotComputable(Some(reason)),
                Standing::Elsewhere(other) if found == Standing::Open => found = Standing::Elsewhere(other),
                Standing::Open if found == Standing::Open && !self.is_read(other) => found = Standing::Elsewhere(other.clone()),
                _ => {}
            }
        }
        found
    }

    fn assumed(&self, outline: &Outline) -> Vec<String> {
        let parameters = self.set.editions.get(outline.edition).into_iter().flat_map(|edition| &edition.parameters);
        let read = parameters.filter(|parameter| parameter.assumed && outline.parameters.contains(&parameter.name));
        read.map(|parameter| parameter.name.clone()).collect()
    }

    /// Notes clauses that no test shows violated.
    fn untested(&mut self) {
        for outline in &self.outlines {
            if self.reach.get(&outline.id).is_some_and(|reach| reach.violated) {
                continue;
            }
            let id = &outline.id;
            let text = Text::new(format!("no test expects `{id}` to be violated"), format!("没有测试预期 `{id}` 被违反"));
            let help = Text::new(
                "add one in `tests/*.yaml` with `state: overdue`, `breached` or `met_late`",
                "请在 `tests/*.yaml` 中添加，`state` 为 `overdue`、`breached` 或 `met_late`",
            );
            self.gaps.error_with_help("DU0803", &outline.place, text, help);
        }
    }
}
