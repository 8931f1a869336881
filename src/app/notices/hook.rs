//! Webhooks: a JSON object by HTTP POST, with an `Idempotency-Key` that is the same for each attempt.

use std::{io::ErrorKind, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use ureq::{Agent, Error, Timeout};

use super::transport::{Keys, Outcome};
use crate::{
    lang::Text,
    policy::notices::Hook,
    store::{Outgoing, hex},
    time::Instant,
};

/// How long an attempt may take in all.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of an answer that are read at most.
const ANSWER: u64 = 64 << 10;
/// Characters of an answer that are told at most.
const SAID: usize = 200;

/// Sends a notice.
pub(super) fn send(hook: &Hook, notice: &Outgoing, keys: &Keys<'_>, now: Instant) -> Result<Outcome, Outcome> {
    let url = keys.find(&hook.url)?;
    let secret = hook.secret.as_ref().map(|secret| keys.find(secret)).transpose()?;
    let body = &notice.envelope.body;
    let mut headers = vec![("Idempotency-Key", notice.envelope.id.clone()), ("X-Duly-Attempt", notice.attempts().to_string())];
    if let Some(secret) = &secret {
        let timestamp = (now.millis() / 1000).to_string();
        let signed = [timestamp.as_bytes(), b".", body.as_bytes()].concat();
        headers.push(("X-Duly-Signature", format!("sha256={}", hex(&sign(secret.as_bytes(), &signed)))));
        headers.push(("X-Duly-Timestamp", timestamp));
    }
    post(&url, &[&url], &headers, body).map(|_| Outcome::Sent)
}

/// HMAC-SHA256.
pub(super) fn sign(key: &[u8], message: &[u8]) -> Vec<u8> {
    // A key of any length will do, so that this cannot fail.
    Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec()).unwrap_or_default()
}

/// Posts JSON and gives the answer of one that says it went well; `secrets` are never told.
pub(super) fn post(url: &str, secrets: &[&str], headers: &[(&str, String)], body: &str) -> Result<String, Outcome> {
    let config = Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("duly/", env!("CARGO_PKG_VERSION")))
        .build();
    let mut request = Agent::new_with_config(config).post(url).header("Content-Type", "application/json; charset=utf-8");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let mut response = request.send(body).map_err(|error| outcome(&error, secrets))?;
    let status = response.status().as_u16();
    let read = response.body_mut().with_config().limit(ANSWER).lossy_utf8(true).read_to_string();
    if !(200..300).contains(&status) {
        let said = told(&read.unwrap_or_default(), secrets);
        let text = Text::new(format!("answered {status}: {said}"), format!("返回 {status}：{said}"));
        // Whoever stands between may have handed it on before giving up.
        return Err(if matches!(status, 408 | 504) { Outcome::Unsure(text) } else { Outcome::Failed(text) });
    }
    match read {
        Ok(answer) => Ok(answer),
        Err(error) => Err(Outcome::Unsure(broke_off(&error.to_string(), secrets))),
    }
}

/// What somebody said, shortened, on one line and without secrets.
pub(super) fn told(said: &str, secrets: &[&str]) -> String {
    let mut said = said.trim().to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        said = said.replace(secret, "***");
    }
    said.chars().take(SAID).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn broke_off(error: &str, secrets: &[&str]) -> Text {
    let said = told(error, secrets);
    Text::new(format!("broke off before the answer was complete: {said}"), format!("应答未完成即中断：{said}"))
}

/// Tells what never went out from what may have arrived.
fn outcome(error: &Error, secrets: &[&str]) -> Outcome {
    let never = match error {
        Error::HostNotFound
        | Error::ConnectionFailed
        | Error::Tls(_)
        | Error::Rustls(_)
        | Error::InvalidProxyUrl
        | Error::ConnectProxyFailed(_) => true,
        Error::Timeout(step) => matches!(step, Timeout::Resolve | Timeout::Connect),
        Error::Io(error) => matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound | ErrorKind::AddrNotAvailable),
        // These say the address, which may be secret.
        Error::BadUri(_) | Error::Http(_) | Error::RequireHttpsOnly(_) => {
            return Outcome::failed("the address is none that can be posted to", "地址无效，无法发送");
        }
        _ => false,
    };
    if never {
        let said = told(&error.to_string(), secrets);
        Outcome::failed(format!("cannot be reached: {said}"), format!("无法连接：{said}"))
    } else {
        Outcome::Unsure(broke_off(&error.to_string(), secrets))
    }
}
