//! A test of a channel: a notice that stands in no outbox and asks nobody to do anything.

use super::target::Medium;
use crate::{
    lang::Lang,
    policy::notices::Channel,
    store::{Envelope, Outgoing, short},
    time::Instant,
};

/// A notice that tests a channel; mail goes to a person.
#[must_use]
pub fn trial(name: &str, channel: &Channel, person: Option<&str>, lang: Lang, now: Instant) -> Outgoing {
    let text = lang.pick("This is a test of a channel of duly. Nothing is to be done.", "这是 duly 渠道的测试，无需处理。");
    let subject = lang.pick("duly: test", "duly：测试").to_owned();
    let id = format!("N-{}", short(&["test", name, person.unwrap_or(""), &now.millis().to_string()]));
    let body = match Medium::of(&channel.way) {
        Medium::Json => serde_json::json!({"id": id, "what": "test", "subject": subject, "text": text}).to_string(),
        Medium::Mail | Medium::Robot(_) => text.to_owned(),
    };
    let envelope = Envelope {
        id,
        series: String::new(),
        what: "test".to_owned(),
        run: 0,
        channel: name.to_owned(),
        role: None,
        person: person.map(str::to_owned),
        lang: lang.pick("en", "zh").to_owned(),
        urgent: true,
        subject,
        body,
        told: Vec::new(),
        earliest: now,
        created: now,
    };
    Outgoing { envelope, entry: 0, mark: None }
}
