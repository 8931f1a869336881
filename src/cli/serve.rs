//! `duly serve`: the board in a browser.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use chrono::NaiveTime;
use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, exit, setting};
use crate::{
    app::{clock, workspace::Workspace},
    diagnostic::render_all,
    lang::{Lang, Text},
    store::Store,
    time::Zone,
    web::{self, Listen, state::App},
};

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Serves the supervisor's board: what is overdue, whose move it is, cases, clauses, trends; and the same for programs",
        "提供主管看板：逾期事项、责任人、个案、条款、趋势；并为程序提供接口",
        "  duly user add lin --rank admin\n  duly serve --nightly 02:00\n  duly serve --listen 0.0.0.0:8443 --tls-cert board.pem --tls-key board.key\n  duly serve --listen 10.0.0.5:8080 --plain-http     (a proxy in front speaks TLS)",
    )
    .arg(args::value("listen", "ADDRESS", lang, "address and port (default: 127.0.0.1:8080; port 0: any)", "地址与端口（默认 127.0.0.1:8080；端口 0 为任意）").default_value("127.0.0.1:8080").hide_default_value(true))
    .arg(args::value("tls-cert", "FILE", lang, "the certificate chain, PEM", "证书链（PEM）").requires("tls-key"))
    .arg(args::value("tls-key", "FILE", lang, "its private key, PEM", "私钥（PEM）").requires("tls-cert"))
    .arg(args::switch("plain-http", lang, "listen beyond this machine without TLS: only behind a proxy that speaks it", "在本机之外不经 TLS 监听：仅用于其前有 TLS 代理时"))
    .arg(args::value("nightly", "HH:MM", lang, "run the check each night at this time, in the company's zone", "每夜于此时刻（公司时区）运行检查"))
    .arg(args::switch("openapi", lang, "print the description of the HTTP API (OpenAPI 3.1) and end", "打印 HTTP 接口说明（OpenAPI 3.1）后结束"))
    .arg(args::value("as-of", "T", lang, "let the board's clock begin at this instant (for demonstrations)", "令看板时钟始于此时刻（演示用）"))
}

/// What the server is to do.
pub(super) struct Plan {
    pub(super) listen: Listen,
    /// Whether browsers see a private connection, here or at the proxy in front.
    pub(super) secure: bool,
    /// How much the board's clock is ahead, in milliseconds.
    pub(super) ahead: i64,
    /// When the check runs each night.
    pub(super) nightly: Option<NaiveTime>,
}

/// The address to listen at.
pub(super) fn address(matches: &ArgMatches) -> Result<SocketAddr, Failure> {
    let text = matches.get_one::<String>("listen").map_or("", String::as_str);
    text.parse().map_err(|_| {
        Failure::with_help(
            Text::new(format!("--listen: `{text}` is not an address with a port"), format!("--listen：`{text}` 不是带端口的地址")),
            Text::new("for example `127.0.0.1:8080` or `[::1]:8080`", "例如 `127.0.0.1:8080` 或 `[::1]:8080`"),
        )
    })
}

/// When the check runs each night: an hour and a minute.
fn hour(matches: &ArgMatches) -> Result<Option<NaiveTime>, Failure> {
    let Some(text) = matches.get_one::<String>("nightly") else { return Ok(None) };
    NaiveTime::parse_from_str(text, "%H:%M").map(Some).map_err(|_| {
        Failure::new(
            format!("--nightly: `{text}` is not a time of day such as 02:00"),
            format!("--nightly：`{text}` 不是形如 02:00 的时刻"),
        )
    })
}

fn plan(matches: &ArgMatches, zone: Zone) -> Result<Plan, Failure> {
    let at = address(matches)?;
    let file = |name: &str| matches.get_one::<String>(name).map(PathBuf::from);
    let tls = file("tls-cert").zip(file("tls-key"));
    let plain = matches.get_flag("plain-http");
    if !at.ip().is_loopback() && tls.is_none() && !plain {
        return Err(Failure::with_help(
            Text::new(
                format!("`{at}` can be reached from other machines, and without TLS passwords would cross the network as they are"),
                format!("`{at}` 可从其他机器访问，不经 TLS 时密码将以明文传输"),
            ),
            Text::new(
                "give `--tls-cert` and `--tls-key`; or, behind a proxy that speaks TLS, `--plain-http`",
                "请给出 `--tls-cert` 与 `--tls-key`；若其前有 TLS 代理，可用 `--plain-http`",
            ),
        ));
    }
    let ahead = setting::instant(matches, "as-of", zone)?.map_or(0, |at| at.since(clock::now()));
    Ok(Plan { secure: tls.is_some() || plain, listen: Listen { at, tls }, ahead, nightly: hour(matches)? })
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    if matches.get_flag("openapi") {
        screen.say(serde_json::to_string_pretty(&web::api::document()).map_err(std::io::Error::from)?)?;
        return Ok(exit::OK);
    }
    let workspace = setting::workspace()?;
    let store = setting::store(&workspace, screen)?;
    let rules = web::state::rules(&workspace, &store)??;
    if !rules.problems.is_empty() {
        screen.note(render_all(&rules.problems, screen.lang, screen.colour()));
        screen.note(
            screen.pick("warning: these policies do not load; the last good ones are served", "警告：以上策略无法加载；使用上次有效的策略"),
        );
    }
    let plan = plan(matches, rules.zone)?;
    if !store.accounts()?.iter().any(|account| !account.closed) {
        return Err(Failure::with_help(
            Text::new("nobody could sign in: there is no account yet", "尚无账户，无人可登录"),
            Text::new("make the first one with `duly user add NAME --rank admin`", "请用 `duly user add 名称 --rank admin` 新建首个账户"),
        ));
    }
    serve(workspace, store, rules, &plan, screen, &|_| Ok(()))
}

/// Serves until told to end; `ready` may say more once the address is known.
pub(super) fn serve(
    workspace: Workspace,
    store: Store,
    rules: web::state::Rules,
    plan: &Plan,
    screen: &Screen,
    ready: &dyn Fn(&str) -> Result<(), Failure>,
) -> Result<u8, Failure> {
    let app = App::new(workspace, store, rules, plan.ahead, plan.secure, setting::threads())?;
    let scheme = if plan.listen.tls.is_some() { "https" } else { "http" };
    web::serve(&Arc::new(app), &plan.listen, plan.nightly, |serving| {
        let address = format!("{scheme}://{}/", serving.at);
        // A terminal that is gone is no reason not to serve.
        let _ = screen.say(match screen.lang {
            Lang::En => format!("The board is at {address} (Ctrl-C ends it)"),
            Lang::Zh => format!("看板地址：{address}（Ctrl-C 结束）"),
        });
        let _ = ready(&address);
    })
    .map_err(|error| {
        Failure::new(format!("cannot serve at `{}`: {error}", plan.listen.at), format!("无法在 `{}` 提供服务：{error}", plan.listen.at))
    })?;
    Ok(exit::OK)
}
