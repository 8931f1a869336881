//! The only way in: who asks, whether they may, and then the route.

use axum::http::{HeaderMap, Method, header};

use super::{
    door::Guest,
    fields::Fields,
    layout,
    route::{Needs, Route, Side},
    state::App,
    visit::{Answer, Refusal, Reply, Theme, Visit},
};
use crate::{
    account::{Account, Token},
    app::{accounts::digest, clock},
    lang::{Lang, Text},
    store::Hash,
};

/// The name of the cookie that holds a session; browsers take the longer one over private connections only.
pub const SESSION: &str = "duly_session";
pub const SECURE_SESSION: &str = "__Host-duly_session";
/// The cookies of language and theme.
pub const LANG: &str = "duly_lang";
pub const THEME: &str = "duly_theme";

/// A request as the server has it.
pub struct Incoming {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: String,
    /// What stands behind it.
    pub query: String,
    /// The open parts of the path.
    pub params: Vec<(String, String)>,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// The address it comes from.
    pub peer: String,
}

impl Incoming {
    fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn cookie(&self, name: &str) -> Option<&str> {
        let all = self.header(header::COOKIE)?;
        all.split(';').filter_map(|pair| pair.trim().split_once('=')).find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn lang(&self, query: &Fields) -> Lang {
        let asked = query.get("lang").or_else(|| self.cookie(LANG));
        let asked = asked.or_else(|| self.header(header::ACCEPT_LANGUAGE));
        match asked {
            Some(text) if text.trim_start().to_ascii_lowercase().starts_with("zh") => Lang::Zh,
            _ => Lang::En,
        }
    }

    fn theme(&self) -> Option<Theme> {
        match self.cookie(THEME) {
            Some("dark") => Some(Theme::Dark),
            Some("light") => Some(Theme::Light),
            _ => None,
        }
    }
}

/// Who is there.
#[derive(Default)]
struct Caller {
    account: Option<Account>,
    session: Option<Hash>,
    csrf: String,
}

fn caller(app: &App, incoming: &Incoming, side: Side) -> Caller {
    let now = clock::now();
    let open = |name: &str| app.account(name).filter(|account| !account.closed);
    let bearer = incoming.header(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let holds = |token: Token| if token.feed == (side == Side::Feed) { open(&token.account) } else { None };
    match (side, bearer) {
        (Side::Program, Some(text)) => {
            let account = app.token(&digest(text.trim()), now).and_then(holds);
            Caller { account, ..Caller::default() }
        }
        (Side::Feed, _) => {
            let text = incoming.params.iter().find(|(name, _)| name == "token").map_or("", |(_, text)| text);
            Caller { account: app.token(&digest(text), now).and_then(holds), ..Caller::default() }
        }
        _ => {
            let name = if app.secure { SECURE_SESSION } else { SESSION };
            let Some(hash) = incoming.cookie(name).map(digest) else { return Caller::default() };
            let Some(Guest { account, csrf }) = app.door.guest(&hash, now) else { return Caller::default() };
            Caller { account: open(&account), session: Some(hash), csrf }
        }
    }
}

/// Whether a form that changes something comes from our own pages.
fn is_ours(incoming: &Incoming, visit: &Visit<'_>) -> bool {
    let site = incoming.header("sec-fetch-site");
    let own = site.is_none_or(|site| matches!(site, "same-origin" | "none"));
    let origin = incoming.header(header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    let host = incoming.header(header::HOST);
    let same = origin.is_none_or(|origin| Some(origin) == host);
    // Without a session there is nothing but the origin to go by: signing in.
    let told = visit.session.is_none() || (!visit.csrf.is_empty() && visit.form.get("csrf") == Some(visit.csrf.as_str()));
    own && same && told
}

/// Answers a request, and takes its measure.
#[must_use]
pub fn dispatch(app: &App, route: &Route, incoming: Incoming) -> Reply {
    let watch = clock::Watch::start();
    let method = incoming.method.clone();
    let reply = answer(app, route, incoming);
    app.meter.note(route.path, method.as_str(), reply.status, watch.elapsed());
    reply
}

/// Who speaks, where a route leaves it open.
fn side(route: &Route, incoming: &Incoming) -> Side {
    match route.side {
        Side::Either if incoming.headers.contains_key(header::AUTHORIZATION) => Side::Program,
        Side::Either => Side::Person,
        side => side,
    }
}

fn answer(app: &App, route: &Route, incoming: Incoming) -> Reply {
    let now = clock::now();
    let side = side(route, &incoming);
    let query = Fields::parse(incoming.query.as_bytes());
    let caller = caller(app, &incoming, side);
    let content_type = incoming.header(header::CONTENT_TYPE).unwrap_or("").to_ascii_lowercase();
    let is_form = content_type.starts_with("application/x-www-form-urlencoded");
    let by_session = caller.session.is_some();
    let mut visit = Visit {
        app,
        who: caller.account,
        via: if side == Side::Person { "web" } else { "api" },
        lang: incoming.lang(&query),
        theme: incoming.theme(),
        path: incoming.path.clone(),
        params: incoming.params.clone(),
        query,
        form: if is_form { Fields::parse(&incoming.body) } else { Fields::default() },
        body: Vec::new(),
        content_type,
        headers: incoming.headers.clone(),
        now: now.plus(app.ahead),
        csrf: caller.csrf,
        session: caller.session,
        peer: incoming.peer.clone(),
    };
    let answer = (|| -> Answer {
        app.door.may_ask(&visit.peer, now).map_err(Refusal::TooMany)?;
        match route.needs {
            Needs::Nothing => {}
            Needs::Account => drop(visit.account()?),
            Needs::Power(power) => {
                visit.account()?;
                if !visit.may(power) {
                    return Err(Refusal::Forbidden);
                }
            }
        }
        if !matches!(incoming.method, Method::GET | Method::HEAD) {
            match side {
                Side::Person if !is_ours(&incoming, &visit) => return Err(Refusal::Stale),
                // A cookie is sent by whichever page makes the request; a token only by who has it.
                Side::Program if by_session => return Err(Refusal::Forbidden),
                _ => {}
            }
        }
        // A language named in an address is kept, so that it need not be named again.
        if let (Side::Person, &Method::GET, Some(lang)) = (route.side, &incoming.method, visit.query.get("lang")) {
            let cookie = format!("{LANG}={}; Path=/; SameSite=Lax; Max-Age=31536000", if lang.starts_with("zh") { "zh" } else { "en" });
            return Ok(Reply::see(format!("{}{}", visit.path, visit.query.with("lang", "").query())).with_header("set-cookie", cookie));
        }
        visit.body = incoming.body;
        (route.run)(&visit)
    })();
    answer.unwrap_or_else(|refusal| refuse(&visit, side, &refusal))
}

fn refuse(visit: &Visit<'_>, side: Side, refusal: &Refusal) -> Reply {
    if let Refusal::Store(error) = refusal {
        tracing::error!(%error, path = visit.path, "the store failed");
    }
    let mut reply = match (side, refusal) {
        (Side::Person, Refusal::SignIn) if visit.path != "/live" => {
            let back = Fields::default().with("back", &format!("{}{}", visit.path, visit.query.query()));
            return Reply::see(format!("/sign-in{}", back.query()));
        }
        (Side::Person, refusal) => layout::refused(visit, refusal),
        (Side::Program, Refusal::SignIn) => {
            let text = Text::new("there is no token, or it holds no longer", "缺少令牌，或令牌已失效");
            Reply::problem(refusal.status(), &text, visit.lang)
        }
        (_, refusal) => Reply::problem(refusal.status(), &refusal.text(), visit.lang),
    };
    match refusal {
        Refusal::TooMany(seconds) => reply.headers.push(("retry-after", seconds.to_string())),
        Refusal::Busy(_) => reply.headers.push(("retry-after", "2".to_owned())),
        Refusal::SignIn if side == Side::Program => reply.headers.push(("www-authenticate", "Bearer".to_owned())),
        _ => {}
    }
    reply
}
