//! The connection: axum in front, one blocking task for each request behind, and what goes on beside.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, RawPathParams, Request},
    http::{HeaderValue, Response, StatusCode},
    response::sse::{Event, KeepAlive, Sse},
    routing::{MethodFilter, on},
};
use chrono::NaiveTime;

use super::{
    dispatch::{Incoming, dispatch},
    route::{Needs, Route, Side, routes},
    state::App,
    visit::{Answer, Refusal, Reply, Visit},
};
use crate::lang::Lang;

/// Bytes of a request's body at most: a file of cases, a policy.
const MOST_BODY: usize = 32 << 20;
/// Bytes of the body of one who shows neither token nor session: a form to sign in.
const MOST_OF_STRANGERS: usize = 64 << 10;
/// What is open when the server is told to end may take so long.
const GRACE: Duration = Duration::from_secs(10);
/// How often cases are looked at whose time came.
const TICK: Duration = Duration::from_secs(5);

/// How often notices are looked for that are due.
const POST: Duration = Duration::from_mins(1);
/// How long the server sleeps at most before it looks at the clock.
const LOOK: Duration = Duration::from_secs(30);

/// Where the server listens.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The address.
    pub at: SocketAddr,
    /// Certificate and key, as PEM files.
    pub tls: Option<(PathBuf, PathBuf)>,
}

/// A server that listens.
pub struct Serving {
    /// Where it listens: with the port that it got where none was named.
    pub at: SocketAddr,
}

/// Serves until it is told to end. `ready` is called once it listens.
///
/// # Errors
/// When it cannot listen, or the certificate cannot be read.
pub fn serve(app: &Arc<App>, listen: &Listen, nightly: Option<NaiveTime>, ready: impl FnOnce(&Serving)) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).max_blocking_threads(64).build()?;
    runtime.block_on(run(app, listen, nightly, ready))
}

async fn run(app: &Arc<App>, listen: &Listen, nightly: Option<NaiveTime>, ready: impl FnOnce(&Serving)) -> std::io::Result<()> {
    let socket = std::net::TcpListener::bind(listen.at)?;
    socket.set_nonblocking(true)?;
    let at = socket.local_addr()?;
    let handle = axum_server::Handle::new();
    tokio::spawn(end(handle.clone()));
    tokio::spawn(ticks(Arc::clone(app)));
    tokio::spawn(posts(Arc::clone(app)));
    if let Some(time) = nightly {
        tokio::spawn(nights(Arc::clone(app), time));
    }
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    match &listen.tls {
        None => {
            let server = axum_server::from_tcp(socket)?.handle(handle);
            ready(&Serving { at });
            server.serve(service).await
        }
        Some((certificate, key)) => {
            let config = axum_server::tls_rustls::RustlsConfig::from_pem_file(certificate, key).await?;
            let server = axum_server::from_tcp_rustls(socket, config)?.handle(handle);
            ready(&Serving { at });
            server.serve(service).await
        }
    }
}

/// Ends the server when it is told to.
async fn end(handle: axum_server::Handle<SocketAddr>) {
    let mut term = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(term) => term,
        Err(error) => {
            tracing::warn!(%error, "cannot listen for the signal to end");
            return;
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
    handle.graceful_shutdown(Some(GRACE));
}

async fn ticks(app: Arc<App>) {
    let mut timer = tokio::time::interval(TICK);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        timer.tick().await;
        let app = Arc::clone(&app);
        match tokio::task::spawn_blocking(move || app.tick()).await {
            Ok(Err(refusal)) => tracing::error!(why = refusal.text().en, "the board could not be kept up"),
            Err(error) => tracing::error!(%error, "the board could not be kept up"),
            Ok(Ok(())) => {}
        }
    }
}

/// Sends notices that are due.
async fn posts(app: Arc<App>) {
    let mut timer = tokio::time::interval(POST);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        timer.tick().await;
        let app = Arc::clone(&app);
        match tokio::task::spawn_blocking(move || app.send_notices()).await {
            Ok(Ok(reports)) => {
                for report in reports {
                    tracing::info!(sent = report.sent, failed = report.failed, given_up = report.given_up, "notices");
                }
            }
            Ok(Err(refusal)) => tracing::error!(why = refusal.text().en, "notices could not be sent"),
            Err(error) => tracing::error!(%error, "notices could not be sent"),
        }
    }
}

/// Runs the check each night.
async fn nights(app: Arc<App>, time: NaiveTime) {
    loop {
        // The clock may be put right meanwhile, so that the time left is looked at anew now and then.
        let left = app.until(time);
        if left > LOOK {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        tokio::time::sleep(left).await;
        let night = Arc::clone(&app);
        match tokio::task::spawn_blocking(move || night.run(false)).await {
            Ok(Ok(run)) => tracing::info!(run = run.id, "the check has run"),
            Ok(Err(refusal)) => tracing::error!(why = refusal.text().en, "the check failed"),
            Err(error) => tracing::error!(%error, "the check failed"),
        }
        tokio::time::sleep(Duration::from_secs(61)).await;
    }
}

/// All routes.
pub fn router(app: &Arc<App>) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let filter = MethodFilter::try_from(route.method.clone()).unwrap_or(MethodFilter::GET);
        let (path, route) = (route.path, Arc::new(route));
        let app = Arc::clone(app);
        let handler = move |params: RawPathParams, request: Request| answer(Arc::clone(&app), Arc::clone(&route), params, request);
        router = router.route(path, on(filter, handler));
    }
    let (missing, other) = (Arc::clone(app), Arc::clone(app));
    router
        .fallback(move |request: Request| {
            nothing(Arc::clone(&missing), request, |_| Err(Refusal::Missing(crate::lang::Text::new("there is no such page", "没有此页面"))))
        })
        .method_not_allowed_fallback(move |request: Request| nothing(Arc::clone(&other), request, |_| Err(Refusal::Method)))
}

async fn incoming(params: &RawPathParams, request: Request) -> Result<Incoming, axum::Error> {
    let params = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (parts, body) = request.into_parts();
    let known = parts.headers.contains_key("authorization") || parts.headers.contains_key("cookie");
    let body: Bytes = to_bytes(body, if known { MOST_BODY } else { MOST_OF_STRANGERS }).await?;
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or_else(String::new, |ConnectInfo(peer)| peer.ip().to_string());
    Ok(Incoming {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        params,
        headers: parts.headers,
        body: body.to_vec(),
        peer,
    })
}

async fn answer(app: Arc<App>, route: Arc<Route>, params: RawPathParams, request: Request) -> Response<Body> {
    let incoming = match incoming(&params, request).await {
        Ok(incoming) => incoming,
        Err(_) if route.side == Side::Person => return plain(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => return finish(Reply::problem(Refusal::Large.status(), &Refusal::Large.text(), Lang::En)),
    };
    let asked = Arc::clone(&app);
    blocking(app, move || dispatch(&asked, &route, incoming)).await
}

async fn nothing(app: Arc<App>, request: Request, run: fn(&Visit<'_>) -> Answer) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let route = Route {
        method: parts.method.clone(),
        path: "",
        needs: Needs::Nothing,
        side: if parts.uri.path().starts_with("/api/") { Side::Program } else { Side::Person },
        run,
    };
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or_else(String::new, |ConnectInfo(peer)| peer.ip().to_string());
    let incoming = Incoming {
        method: axum::http::Method::GET,
        path: parts.uri.path().to_owned(),
        query: String::new(),
        params: Vec::new(),
        headers: parts.headers,
        body: Vec::new(),
        peer,
    };
    let asked = Arc::clone(&app);
    blocking(app, move || dispatch(&asked, &route, incoming)).await
}

async fn blocking(app: Arc<App>, work: impl FnOnce() -> Reply + Send + 'static) -> Response<Body> {
    match tokio::task::spawn_blocking(work).await {
        Ok(reply) if reply.live => changes(&app),
        Ok(reply) => finish(reply),
        Err(error) => {
            tracing::error!(%error, "a page failed");
            plain(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

fn plain(status: StatusCode) -> Response<Body> {
    finish(Reply::new("text/plain; charset=utf-8", status.to_string()).with_status(status.as_u16()))
}

/// Headers that every answer has: nothing comes from elsewhere, nothing is framed, nothing is kept.
const HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
];

fn finish(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(*name, HeaderValue::from_static(value));
    }
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            if name == "set-cookie" {
                headers.append(name, value)
            } else {
                headers.insert(name, value).is_some()
            };
        }
    }
    response
}

/// A stream with an event for each change of the board.
fn changes(app: &App) -> Response<Body> {
    use axum::response::IntoResponse;
    let receiver = app.live.subscribe();
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.changed().await.ok()?;
        let version = *receiver.borrow_and_update();
        Some((Ok::<Event, std::convert::Infallible>(Event::default().event("change").data(version.to_string())), receiver))
    });
    let mut response = Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))).into_response();
    response.headers_mut().insert("cache-control", HeaderValue::from_static("no-store"));
    response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}
