//! `duly demo --serve`: the sample company's board.

use clap::ArgMatches;

use super::{Failure, Screen, serve, setting};
use crate::{
    app::{
        accounts::random_text,
        clock,
        showcase::{ACCOUNTS, MORNING, ShowcaseError, set_up},
        workspace::Workspace,
    },
    lang::{Lang, Text},
    policy::{PolicySet, sources::Sources},
    store::Store,
    time::Instant,
    web::{self, Listen},
};

pub(super) fn run(
    matches: &ArgMatches,
    workspace: Workspace,
    mut store: Store,
    set: &PolicySet,
    sources: &Sources,
    screen: &Screen,
) -> Result<u8, Failure> {
    let both = |text: Text| Failure::new(text.en, text.zh);
    let password: String = random_text().map_err(both)?.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    set_up(&mut store, set, sources, &password, setting::threads()).map_err(|error| match error {
        ShowcaseError::Store(error) => error.into(),
        ShowcaseError::Text(text) => both(text),
    })?;
    let rules = web::state::rules(&workspace, &store)??;
    let morning = Instant::parse(MORNING, rules.zone).map_err(|error| Failure::new(error.en, error.zh))?;
    let at = serve::address(matches)?;
    if !at.ip().is_loopback() {
        return Err(Failure::new("the demo's board is for this machine only", "示例看板仅供本机使用"));
    }
    let plan = serve::Plan { listen: Listen { at, tls: None }, secure: false, ahead: morning.since(clock::now()), nightly: None };
    serve::serve(workspace, store, rules, &plan, screen, &|_| {
        screen.say(match screen.lang {
            Lang::En => format!("Sign in as one of these; the password, for all of them: {password}"),
            Lang::Zh => format!("可用以下任一账户登录；统一密码：{password}"),
        })?;
        for (name, rank, policies) in ACCOUNTS {
            let scope = if policies.is_empty() { String::new() } else { format!(" ({})", policies.join(", ")) };
            screen.say(format!("  {name:<14} {}{scope}", rank.label().get(screen.lang)))?;
        }
        Ok(())
    })
}
