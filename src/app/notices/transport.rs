//! What carries notices away: mail, webhooks, robots; and how an attempt ends.

use std::path::{Path, PathBuf};

use super::{compose::lang_of, hook, mail, robot};
use crate::{
    lang::Text,
    policy::notices::{Notices, Secret, Way},
    store::Outgoing,
    time::Instant,
};

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was accepted.
    Sent,
    /// It was not.
    Failed(Text),
    /// It went out, and nobody knows whether it was accepted.
    Unsure(Text),
    /// It was not tried.
    Untried,
}

impl Outcome {
    /// A failure in words.
    pub(super) fn failed(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::Failed(Text::new(en, zh))
    }
}

/// What carries notices away.
pub trait Transport {
    /// Tries to send a notice once. `now` signs what needs the time.
    fn send(&mut self, notice: &Outgoing, now: Instant) -> Outcome;
}

/// The network.
#[derive(Debug)]
pub struct Wire<'w> {
    notices: &'w Notices,
    /// The workspace, where files of secrets are looked for.
    root: PathBuf,
}

impl<'w> Wire<'w> {
    /// The channels of a company; files with secrets are looked for from `root`, the workspace's folder.
    #[must_use]
    pub fn new(notices: &'w Notices, root: &Path) -> Self {
        Self { notices, root: root.to_owned() }
    }
}

impl Transport for Wire<'_> {
    fn send(&mut self, notice: &Outgoing, now: Instant) -> Outcome {
        let envelope = &notice.envelope;
        let Some(channel) = self.notices.channels.get(&envelope.channel) else {
            let name = &envelope.channel;
            return Outcome::failed(format!("there is no channel `{name}` any more"), format!("已没有渠道 `{name}`"));
        };
        let keys = Keys { root: &self.root };
        let sent = match &channel.way {
            Way::Mail(smtp) => mail::send(self.notices, smtp, notice, &keys),
            Way::Webhook(hook) => hook::send(hook, notice, &keys, now),
            way => robot::send(way, notice, lang_of(envelope), &keys, now),
        };
        sent.unwrap_or_else(|outcome| outcome)
    }
}

/// Finds what is secret.
pub(super) struct Keys<'k> {
    root: &'k Path,
}

impl Keys<'_> {
    /// What stands where a secret is said to be.
    pub(super) fn find(&self, secret: &Secret) -> Result<String, Outcome> {
        match secret {
            Secret::Plain(text) => Ok(text.clone()),
            Secret::Env(name) => std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| {
                Outcome::failed(format!("the environment variable `{name}` is not set"), format!("未设置环境变量 `{name}`"))
            }),
            Secret::File(path) => match std::fs::read_to_string(self.root.join(path)) {
                Ok(text) => Ok(text.trim_end().to_owned()),
                Err(error) => Err(Outcome::failed(format!("cannot read `{path}`: {error}"), format!("无法读取 `{path}`：{error}"))),
            },
        }
    }
}
