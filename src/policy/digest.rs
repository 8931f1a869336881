//! What a clause depends on, in short: where the digest is the same, so is every verdict.

use sha2::{Digest as _, Sha256};

use super::words::mentions;
use crate::{
    script::{Parameter, Setup},
    yaml::{Kind, Node},
};

/// A digest: the first half of a SHA-256.
pub type Digest = [u8; 16];

/// A digest in the making.
#[derive(Debug, Default)]
pub(super) struct Digester(Sha256);

impl Digester {
    /// Takes in a text, so that no two lists of texts share their bytes.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.update(text.len().to_le_bytes());
        self.0.update(text);
        self
    }

    /// Takes in another digest.
    pub(super) fn digest(&mut self, digest: &Digest) -> &mut Self {
        self.0.update(digest);
        self
    }

    /// Takes in a node: what it says, and not where.
    pub(super) fn node(&mut self, node: &Node) -> &mut Self {
        match &node.kind {
            Kind::Null => self.text("null"),
            Kind::Scalar { text, quoted } => self.text(if *quoted { "quoted" } else { "plain" }).text(text),
            Kind::List(items) => {
                self.text("list").text(&items.len().to_string());
                items.iter().for_each(|item| {
                    self.node(item);
                });
                self
            }
            Kind::Map(entries) => {
                self.text("map").text(&entries.len().to_string());
                for (key, value) in entries {
                    self.node(key).node(value);
                }
                self
            }
        }
    }

    /// Takes in those parameters that some words mention.
    pub(super) fn parameters(&mut self, parameters: &[Parameter], words: &[&str]) -> &mut Self {
        for parameter in parameters.iter().filter(|parameter| words.iter().any(|word| mentions(word, &parameter.name))) {
            self.text(&parameter.name).text(&format!("{:?}", parameter.values));
        }
        self
    }

    /// Takes in how time is counted.
    pub(super) fn setup(&mut self, setup: &Setup) -> &mut Self {
        self.text(&format!("{:?} {:?} {:?}", setup.calendar.spec(), setup.counting, setup.day_end))
    }

    /// The digest.
    pub(super) fn close(self) -> Digest {
        let whole: [u8; 32] = self.0.finalize().into();
        let mut half = Digest::default();
        half.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
        half
    }
}
