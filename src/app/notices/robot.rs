//! Group robots of WeCom, DingTalk and Feishu. They answer 200 also when they refuse; the code inside tells. They know no key by which a message would be
//! recognised, so that one that is sent again says so.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    hook::{post, sign, told},
    page::cut,
    transport::{Keys, Outcome},
    words::again,
};
use crate::{
    lang::{Lang, Text},
    policy::notices::Way,
    store::Outgoing,
    time::Instant,
};

/// Bytes of content that a robot of WeCom takes.
const WECOM: usize = 4_096;

/// Sends a notice.
pub(super) fn send(way: &Way, notice: &Outgoing, lang: Lang, keys: &Keys<'_>, now: Instant) -> Result<Outcome, Outcome> {
    let (Way::Wecom(hook) | Way::Dingtalk(hook) | Way::Feishu(hook) | Way::Webhook(hook)) = way else {
        return Err(Outcome::failed("this channel is no robot", "该渠道不是机器人"));
    };
    let address = keys.find(&hook.url)?;
    let secret = hook.secret.as_ref().map(|secret| keys.find(secret)).transpose()?;
    let message = Message { subject: &notice.envelope.subject, text: text(notice, lang), secret: secret.as_deref(), now };
    let (url, body) = match way {
        Way::Wecom(_) => (address.clone(), message.wecom()),
        Way::Dingtalk(_) => (message.dingtalk_url(&address), message.dingtalk()),
        _ => (address.clone(), message.feishu()),
    };
    // An address holds its key; the part before it is known to everybody.
    let key = address.rsplit(['=', '/']).next().unwrap_or("");
    let secrets = [url.as_str(), address.as_str(), key, secret.as_deref().unwrap_or("")];
    let answer = post(&url, &secrets, &[], &body.to_string())?;
    verdict(&answer, &secrets)
}

/// The text; one that is sent again says so.
fn text(notice: &Outgoing, lang: Lang) -> String {
    let envelope = &notice.envelope;
    match notice.attempts() {
        0 | 1 => envelope.body.clone(),
        attempt => format!("{}\n\n{}", envelope.body, again(&envelope.id, attempt, lang)),
    }
}

/// What the code in an answer says.
fn verdict(answer: &str, secrets: &[&str]) -> Result<Outcome, Outcome> {
    let said = told(answer, secrets);
    let value: Option<Value> = serde_json::from_str(answer).ok();
    let code = value.as_ref().and_then(|value| ["errcode", "code", "StatusCode"].iter().find_map(|name| value.get(name)?.as_i64()));
    match code {
        Some(0) => Ok(Outcome::Sent),
        Some(code) => Err(Outcome::failed(format!("refused with code {code}: {said}"), format!("被拒绝，代码 {code}：{said}"))),
        None => Err(Outcome::Unsure(Text::new(format!("answered without a code: {said}"), format!("应答中没有代码：{said}")))),
    }
}

/// A message to a robot.
pub(super) struct Message<'m> {
    pub(super) subject: &'m str,
    pub(super) text: String,
    pub(super) secret: Option<&'m str>,
    pub(super) now: Instant,
}

impl Message<'_> {
    /// WeCom: Markdown, of which the subject is the first line.
    pub(super) fn wecom(&self) -> Value {
        json!({"msgtype": "markdown", "markdown": {"content": cut(format!("**{}**\n{}", self.subject, self.text), WECOM)}})
    }

    /// DingTalk: the title is shown in the list of chats only.
    pub(super) fn dingtalk(&self) -> Value {
        json!({"msgtype": "markdown", "markdown": {"title": self.subject, "text": format!("**{}**\n\n{}", self.subject, self.text)}})
    }

    /// DingTalk wants the time in milliseconds and the signature in the address.
    pub(super) fn dingtalk_url(&self, address: &str) -> String {
        let Some(secret) = self.secret else { return address.to_owned() };
        let timestamp = self.now.millis();
        let sign = STANDARD.encode(sign(secret.as_bytes(), format!("{timestamp}\n{secret}").as_bytes()));
        // Of what base64 is made of, these three mean something else in an address.
        let sign = sign.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let link = if address.contains('?') { '&' } else { '?' };
        format!("{address}{link}timestamp={timestamp}&sign={sign}")
    }

    /// Feishu: a card; the time is in seconds, and both it and the secret are the key that signs nothing.
    pub(super) fn feishu(&self) -> Value {
        let mut body = json!({
            "msg_type": "interactive",
            "card": {
                "config": {"wide_screen_mode": true},
                "header": {"title": {"tag": "plain_text", "content": self.subject}},
                "elements": [{"tag": "markdown", "content": self.text}],
            },
        });
        if let (Some(secret), Value::Object(body)) = (self.secret, &mut body) {
            let timestamp = (self.now.millis() / 1000).to_string();
            let sign = STANDARD.encode(sign(format!("{timestamp}\n{secret}").as_bytes(), b""));
            body.insert("timestamp".to_owned(), timestamp.into());
            body.insert("sign".to_owned(), sign.into());
        }
        body
    }
}
