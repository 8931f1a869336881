//! Passwords and tokens: made, and held against what is kept of them.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{
    account::{Account, Token},
    lang::Text,
    store::Hash,
    time::Instant,
};

/// Characters of a password at least (NIST SP 800-63B-4, 3.1.1.2: 15 where it is all that is asked for; 12 with a lock-out).
pub const LEAST: usize = 12;
/// Characters of a password at most, so that nobody makes the server hash a novel.
pub const MOST: usize = 256;

/// What every token begins with, so that it is recognised where it should not stand.
const MARK: &str = "duly_";

/// Text that nobody can guess: 32 random bytes.
///
/// # Errors
/// When the system has no random bytes to give.
pub fn random_text() -> Result<String, Text> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Text::new(format!("the system gives no random bytes: {error}"), format!("系统无法提供随机数：{error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of a password.
///
/// # Errors
/// What is wrong with the password.
pub fn hash_password(password: &str) -> Result<String, Text> {
    let length = password.chars().count();
    if !(LEAST..=MOST).contains(&length) {
        return Err(Text::new(
            format!("a password has {LEAST} to {MOST} characters; this one has {length}"),
            format!("密码须为 {LEAST} 至 {MOST} 个字符；当前为 {length} 个"),
        ));
    }
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| Text::new(format!("the password cannot be hashed: {error}"), format!("无法处理密码：{error}")))?;
    Ok(hash.to_string())
}

/// Whether a password is an account's. Without an account as long is spent, so that the time does not tell which names are known.
#[must_use]
pub fn is_password_of(account: Option<&Account>, password: &str) -> bool {
    /// The hash of a random text that nobody has.
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Zm9yIG5vYm9keSBhdCBhbGwsIG5vdCBldmVuIHVzIQ";
    if password.chars().count() > MOST {
        return false;
    }
    let kept = account.filter(|account| !account.closed).map_or(NOBODY, |account| account.password.as_str());
    let fits = PasswordHash::new(kept).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    fits && account.is_some_and(|account| !account.closed)
}

/// A new token: the text that is shown once, and what is kept of it.
///
/// # Errors
/// When the system has no random bytes to give.
pub fn new_token(account: &str, label: &str, feed: bool, until: Option<Instant>, now: Instant) -> Result<(String, Token), Text> {
    let text = format!("{MARK}{}", random_text()?);
    let token = Token { hash: digest(&text), account: account.to_owned(), label: label.to_owned(), feed, until, closed: false, at: now };
    Ok((text, token))
}

/// What is kept of a token or a session.
#[must_use]
pub fn digest(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Rank, Scope};

    #[test]
    fn a_password_is_known_again_and_no_other() {
        let password = hash_password("correct horse battery").unwrap();
        assert!(password.starts_with("$argon2id$v=19$"));
        let at = Instant::from_millis(0);
        let mut account = Account { name: "lin".into(), rank: Rank::Viewer, scope: Scope::default(), password, closed: false, at };
        assert!(is_password_of(Some(&account), "correct horse battery"));
        assert!(!is_password_of(Some(&account), "correct horse batterz"));
        assert!(!is_password_of(None, "correct horse battery"));
        account.closed = true;
        assert!(!is_password_of(Some(&account), "correct horse battery"));
        assert!(hash_password("short").is_err() && hash_password(&"x".repeat(257)).is_err());
    }

    #[test]
    fn tokens_are_random_and_kept_as_digests() {
        let (text, token) = new_token("lin", "crm", false, None, Instant::from_millis(0)).unwrap();
        assert!(text.starts_with("duly_") && text.len() == 48);
        assert_eq!(token.hash, digest(&text));
        assert_ne!(text, new_token("lin", "crm", false, None, Instant::from_millis(0)).unwrap().0);
    }
}
