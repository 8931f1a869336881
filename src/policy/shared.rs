//! The vocabulary of a folder of policies: kinds and roles that its policies use without declaring them.

use std::path::PathBuf;

use super::{
    compile::read_roles,
    header::read_kinds,
    org::Org,
    sources::{Role, Sources, above},
    template::read_text,
    vocabulary::Vocabulary,
};
use crate::{
    diagnostic::Problems,
    yaml::{self, Fields, Key, Node},
};

/// Keys of a vocabulary file.
pub const VOCABULARY_KEYS: &[Key] = &[
    Key::required("vocabulary", "id", "the vocabulary's id", "词汇表编号"),
    Key::required("title", "text", "what a person sees", "名称"),
    Key::optional("kinds", "{kind: {facts, events, ends}}", "kinds of cases, as in a policy", "个案种类，写法同策略"),
    Key::optional("roles", "{role: {en, zh}}", "roles, as in a policy", "角色，写法同策略"),
];

/// What the vocabularies say.
pub(super) struct Shared {
    vocabularies: Vec<One>,
}

struct One {
    folder: PathBuf,
    node: Node,
    roles: Vec<String>,
}

impl Shared {
    /// Reads the vocabularies: their kinds into `kinds`, what roles are called into `org`.
    pub(super) fn read(sources: &Sources, kinds: &mut Vocabulary, org: &mut Org, problems: &mut Problems) -> Self {
        let mut vocabularies = Vec::new();
        for source in sources.of(Role::Vocabulary) {
            let Some(node) = yaml::parse(&source.file, problems) else { continue };
            let Some(fields) = Fields::read(&node, VOCABULARY_KEYS, problems) else { continue };
            fields.text("vocabulary", problems);
            if let Some(title) = fields.get("title") {
                read_text(title, problems);
            }
            if let Some(list) = fields.get("kinds") {
                read_kinds(list, kinds, problems);
            }
            let roles = read_roles(fields.get("roles"), org, problems);
            vocabularies.push(One { folder: PathBuf::from(&source.folder), node, roles });
        }
        Self { vocabularies }
    }

    /// The roles that a policy's folder has from its vocabulary.
    pub(super) fn roles_of(&self, folder: &str) -> impl Iterator<Item = String> {
        let above = above(folder.as_ref());
        self.vocabularies.iter().filter(move |one| one.folder == above).flat_map(|one| one.roles.iter().cloned())
    }

    /// The kinds, as written.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &Node> {
        self.vocabularies.iter().filter_map(|one| one.node.get("kinds"))
    }
}
