//! Mail by SMTP. Each attempt has the same `Message-ID`, by which a mailbox knows it again.

use std::time::{Duration, SystemTime};

use lettre::{
    Message, SmtpTransport, Transport as _,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Tls as Layer, TlsParameters},
    },
};

use super::transport::{Keys, Outcome};
use crate::{
    lang::Text,
    policy::notices::{Notices, Smtp, Tls},
    store::{Envelope, Outgoing},
};

/// How long one step of the conversation may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends a notice.
pub(super) fn send(notices: &Notices, smtp: &Smtp, notice: &Outgoing, keys: &Keys<'_>) -> Result<Outcome, Outcome> {
    let envelope = &notice.envelope;
    let person = envelope.person.as_deref().unwrap_or("");
    let Some(address) = notices.people.get(person).and_then(|contact| contact.mail.as_deref()) else {
        return Err(Outcome::failed(format!("`{person}` has no mail address"), format!("`{person}` 没有邮箱")));
    };
    let message = message(envelope, &notices.from, address)?;
    let password = smtp.password.as_ref().map(|secret| keys.find(secret)).transpose()?;
    let mut builder = SmtpTransport::builder_dangerous(&smtp.host).port(smtp.port).timeout(Some(PATIENCE));
    if smtp.tls != Tls::None {
        let parameters = TlsParameters::new(smtp.host.clone()).map_err(|error| outcome(&error, password.as_deref()))?;
        builder = builder.tls(if smtp.tls == Tls::Required { Layer::Wrapper(parameters) } else { Layer::Required(parameters) });
    }
    if let (Some(user), Some(password)) = (&smtp.user, &password) {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    match builder.build().send(&message) {
        Ok(_) => Ok(Outcome::Sent),
        Err(error) => Err(outcome(&error, password.as_deref())),
    }
}

/// The message, the same to the byte for each attempt.
fn message(envelope: &Envelope, from: &str, to: &str) -> Result<Message, Outcome> {
    let mailbox = |text: &str| {
        text.parse::<Mailbox>()
            .map_err(|error| Outcome::failed(format!("`{text}` is not a mail address: {error}"), format!("`{text}` 不是邮箱：{error}")))
    };
    let from = mailbox(from)?;
    let id = format!("<{}@{}>", envelope.id, from.email.domain());
    let created = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(envelope.created.millis()).unwrap_or(0));
    Message::builder()
        .message_id(Some(id))
        .date(created)
        .from(from)
        .to(mailbox(to)?)
        .subject(envelope.subject.clone())
        .header(ContentType::TEXT_PLAIN)
        .body(envelope.body.clone())
        .map_err(|error| Outcome::failed(format!("cannot make a mail of it: {error}"), format!("无法生成邮件：{error}")))
}

/// What a failure means: where the connection broke off, the mail may have arrived.
fn outcome(error: &Error, password: Option<&str>) -> Outcome {
    let mut said = error.to_string();
    if let Some(password) = password.filter(|password| !password.is_empty()) {
        said = said.replace(password, "***");
    }
    let said: String = said.chars().take(300).collect();
    let text = Text::new(format!("the mail server: {said}"), format!("邮件服务器：{said}"));
    let refused = error.is_permanent() || error.is_transient() || error.is_client() || error.is_tls();
    // lettre tells a connection that never was from one that broke by this word alone.
    if refused || said.starts_with("Connection error") { Outcome::Failed(text) } else { Outcome::Unsure(text) }
}

#[cfg(test)]
mod tests {
    use super::message;
    use crate::{lang::Lang, policy::notices::Channel};

    #[test]
    fn each_attempt_is_the_same_to_the_byte() {
        let channel = Channel {
            way: crate::policy::notices::Way::Mail(crate::policy::notices::Smtp {
                host: "h".into(),
                port: 25,
                tls: crate::policy::notices::Tls::None,
                user: None,
                password: None,
            }),
            unsure: crate::policy::notices::Unsure::Resend,
        };
        let notice = super::super::trial("post", &channel, Some("lin"), Lang::Zh, crate::time::Instant::from_millis(1_774_000_000_123));
        let make = || {
            String::from_utf8(message(&notice.envelope, "值班通知 <duly@acme.example>", "林 <lin@acme.example>").unwrap().formatted())
                .unwrap()
        };
        let first = make();
        assert_eq!(first, make());
        assert!(first.contains(&format!("Message-ID: <{}@acme.example>\r\n", notice.envelope.id)), "{first}");
        assert!(first.contains("Date: Fri, 20 Mar 2026 09:46:40 +0000\r\n"), "{first}");
        assert!(message(&notice.envelope, "duly@acme.example", "nobody").is_err());
    }
}
