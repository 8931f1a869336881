//! A request as pages see it, and what they answer.

use std::fmt::Display;

use super::{fields::Fields, state::App};
use crate::{
    account::{Account, Power},
    lang::{Lang, Text},
    store::StoreError,
    time::Instant,
};

/// A request, read: who asks for what.
pub struct Visit<'a> {
    /// The server.
    pub app: &'a App,
    /// Who asks; `None` when nobody is signed in.
    pub who: Option<Account>,
    /// By which way they act: `web` or `api`.
    pub via: &'static str,
    /// In which language they read.
    pub lang: Lang,
    /// Light or dark; as their system has it when `None`.
    pub theme: Option<Theme>,
    /// The path.
    pub path: String,
    /// The parts of the path that the route leaves open, decoded.
    pub params: Vec<(String, String)>,
    /// What the address says behind the path.
    pub query: Fields,
    /// What a form says.
    pub form: Fields,
    /// The body.
    pub body: Vec<u8>,
    /// What the body is.
    pub content_type: String,
    /// The headers.
    pub headers: axum::http::HeaderMap,
    /// The present as the board has it.
    pub now: Instant,
    /// What a form must say besides, so that no other site can make one.
    pub csrf: String,
    /// The digest of the session.
    pub session: Option<crate::store::Hash>,
    /// From where the request comes.
    pub peer: String,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Visit<'_> {
    /// One of two texts.
    #[must_use]
    pub fn t<'t>(&self, en: &'t str, zh: &'t str) -> &'t str {
        self.lang.pick(en, zh)
    }

    /// A part of the path.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether who asks may do something.
    #[must_use]
    pub fn may(&self, power: Power) -> bool {
        self.who.as_ref().is_some_and(|who| who.rank.may(power))
    }

    /// Who asks; for pages that nobody sees without signing in.
    ///
    /// # Errors
    /// That nobody is signed in.
    pub fn account(&self) -> Result<&Account, Refusal> {
        self.who.as_ref().ok_or(Refusal::SignIn)
    }
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether, in place of the body, an event follows for each change of the board.
    pub live: bool,
}

/// What a page gives.
pub type Answer = Result<Reply, Refusal>;

impl Reply {
    /// A body of a type.
    #[must_use]
    pub fn new(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: vec![("content-type", content_type.to_owned())], body: body.into(), live: false }
    }

    /// A page.
    #[must_use]
    pub fn html(page: maud::Markup) -> Self {
        Self::new("text/html; charset=utf-8", page.into_string())
    }

    /// JSON.
    #[must_use]
    pub fn json(value: &serde_json::Value) -> Self {
        Self::new("application/json", value.to_string())
    }

    /// Why there is no answer, for a program (RFC 9457).
    #[must_use]
    pub fn problem(status: u16, text: &Text, lang: Lang) -> Self {
        let problem = serde_json::json!({"status": status, "title": text.get(lang), "en": text.en, "zh": text.zh});
        Self::new("application/problem+json", problem.to_string()).with_status(status)
    }

    /// Go there and look: what a form answers, so that loading the page again does not send it again.
    #[must_use]
    pub fn see(path: impl Display) -> Self {
        Self { status: 303, headers: vec![("location", path.to_string())], body: Vec::new(), live: false }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with a header more.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Refusal {
    /// Nobody is signed in.
    SignIn,
    /// Who asks may not.
    Forbidden,
    /// The form was not made by this page, or too long ago.
    Stale,
    /// There is no such thing.
    Missing(Text),
    /// What was sent is wrong.
    Wrong(Text),
    /// Too many requests; how many seconds to wait.
    TooMany(u64),
    /// Something else is under way.
    Busy(Text),
    /// The path has no such method.
    Method,
    /// What was sent is of a kind that is not read here.
    Media(Text),
    /// What was sent is too large.
    Large,
    /// The store failed.
    Store(StoreError),
}

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::SignIn => 401,
            Self::Forbidden | Self::Stale => 403,
            Self::Missing(_) => 404,
            Self::Wrong(_) => 422,
            Self::TooMany(_) => 429,
            Self::Busy(_) => 503,
            Self::Method => 405,
            Self::Media(_) => 415,
            Self::Large => 413,
            Self::Store(_) => 500,
        }
    }

    /// What a person reads.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::SignIn => Text::new("sign in first", "请先登录"),
            Self::Forbidden => Text::new("your account may not do this", "您的账户无权进行此操作"),
            Self::Stale => {
                Text::new("the page was too old to act from; go back, load it again and repeat", "页面已失效；请返回、刷新后重试")
            }
            Self::Missing(text) | Self::Wrong(text) | Self::Busy(text) | Self::Media(text) => text.clone(),
            Self::Method => Text::new("this path has no such method", "此路径不支持该方法"),
            Self::Large => Text::new("what was sent is too large; send it in parts", "发送的内容过大；请分批发送"),
            Self::TooMany(seconds) => {
                Text::new(format!("too many attempts; try again in {seconds} seconds"), format!("尝试过于频繁；请在 {seconds} 秒后重试"))
            }
            Self::Store(error) => Text::new(error.to_string(), error.zh()),
        }
    }

    /// There is no such case.
    #[must_use]
    pub fn no_case(id: &str) -> Self {
        Self::Missing(Text::new(format!("there is no case `{id}`, or you may not see it"), format!("没有个案 `{id}`，或您无权查看")))
    }

    /// There is no such clause.
    #[must_use]
    pub fn no_clause(id: &str) -> Self {
        Self::Missing(Text::new(format!("there is no clause `{id}`, or you may not see it"), format!("没有条款 `{id}`，或您无权查看")))
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Text> for Refusal {
    fn from(text: Text) -> Self {
        Self::Wrong(text)
    }
}
