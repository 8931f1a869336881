//! `duly user`: who may sign in to the board.

use std::io::{IsTerminal, Read};

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, exit, setting};
use crate::{
    account::{Account, Rank, Scope},
    app::{
        accounts::{hash_password, new_token, random_text},
        clock,
    },
    desk::Deed,
    lang::{Lang, Text},
    store::Store,
};

pub(super) fn command(lang: Lang) -> Command {
    let ranks: Vec<&'static str> = Rank::WORDS.iter().map(|(word, _)| *word).collect();
    let rank = || {
        args::value("rank", "RANK", lang, "viewer, supervisor, officer or admin", "viewer、supervisor、officer 或 admin")
            .value_parser(ranks.clone())
    };
    let policies = || {
        args::value("policy", "POLICY", lang, "sees only this policy; may be repeated", "只看此策略；可重复")
            .action(clap::ArgAction::Append)
    };
    let sites =
        || args::value("site", "SITE", lang, "sees only this site; may be repeated", "只看此地点；可重复").action(clap::ArgAction::Append);
    let name = || args::positional("name", "NAME", lang, "the name to sign in with", "登录名").required(true);
    let given = || {
        args::switch(
            "password-stdin",
            lang,
            "take the password from standard input; otherwise one is made and shown once",
            "从标准输入读取密码；否则生成并只显示一次",
        )
    };
    args::about(
        lang,
        "Makes, changes and lists the accounts of the board",
        "新建、修改与列出看板账户",
        "  duly user add lin --rank admin\n  duly user add chen --rank supervisor --policy security-systems --site 'North station'\n  duly user password chen --password-stdin < secret\n  duly user close chen\n  duly user list",
    )
    .subcommand_required(true)
    .disable_help_subcommand(true)
    .subcommand(
        args::about(lang, "Makes an account", "新建账户", "  duly user add lin --rank admin")
            .name("add")
            .arg(name())
            .arg(rank().required(true))
            .arg(policies())
            .arg(sites())
            .arg(given()),
    )
    .subcommand(
        args::about(lang, "Changes what an account may do and see", "修改账户的权限与范围", "  duly user change chen --rank officer")
            .name("change")
            .arg(name())
            .arg(rank())
            .arg(policies())
            .arg(sites()),
    )
    .subcommand(
        args::about(lang, "Gives an account a new password", "重设账户密码", "  duly user password chen").name("password").arg(name()).arg(given()),
    )
    .subcommand(args::about(lang, "Closes an account; what it did stays recorded", "停用账户，其记录保留", "  duly user close chen").name("close").arg(name()))
    .subcommand(
        args::about(
            lang,
            "Makes a token with which a program acts in the name of an account; it is shown once",
            "新建令牌，供程序以某账户的名义操作；只显示一次",
            "  duly user token crm --label 'events from the CRM' --days 365\n  duly user token lin --label calendar --feed",
        )
        .name("token")
        .arg(name())
        .arg(args::value("label", "LABEL", lang, "what it is for", "用途").required(true))
        .arg(args::value("days", "N", lang, "for how many days it holds (default: without end)", "有效天数（默认无期限）").value_parser(clap::value_parser!(u16).range(1..=3650)))
        .arg(args::switch("feed", lang, "good for a calendar feed and nothing else", "仅用于日历订阅")),
    )
    .subcommand(args::about(lang, "Lists accounts", "列出账户", "  duly user list").name("list").arg(args::format(lang)))
}

/// The password of standard input, or one that is made now.
fn password(matches: &ArgMatches, screen: &Screen) -> Result<(String, bool), Failure> {
    let both = |text: Text| Failure::new(text.en, text.zh);
    if !matches.get_flag("password-stdin") {
        return Ok((random_text().map_err(both)?.chars().take(20).collect(), true));
    }
    if std::io::stdin().is_terminal() {
        screen.note(screen.pick("type the password, then Ctrl-D", "请输入密码，然后按 Ctrl-D"));
    }
    let mut text = String::new();
    std::io::stdin().lock().take(4_096).read_to_string(&mut text)?;
    Ok((text.trim_end_matches(['\r', '\n']).to_owned(), false))
}

fn known(store: &Store, name: &str) -> Result<Account, Failure> {
    store.account(name)?.ok_or_else(|| {
        Failure::with_help(
            Text::new(format!("there is no account `{name}`"), format!("没有账户 `{name}`")),
            Text::new("`duly user list` shows them", "`duly user list` 列出账户"),
        )
    })
}

fn many(matches: &ArgMatches, name: &str) -> Vec<String> {
    matches.get_many::<String>(name).into_iter().flatten().cloned().collect()
}

/// Keeps an account, and writes down what changed.
pub(super) fn keep(store: &mut Store, account: Account, change: &str) -> Result<(), Failure> {
    let name = account.name.clone();
    store.put_account(account, clock::now())?;
    store.add_act("cli", "cli", Deed::Account { name, change: change.to_owned() }, clock::now())?;
    Ok(())
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let mut store = setting::store(&workspace, screen)?;
    let both = |text: Text| Failure::new(text.en, text.zh);
    let Some((what, inner)) = matches.subcommand() else { return Ok(exit::FAILED) };
    let name = inner.try_get_one::<String>("name").ok().flatten().cloned().unwrap_or_default();
    let rank = inner.try_get_one::<String>("rank").ok().flatten().and_then(|word| Rank::of(word));
    match what {
        "add" => {
            if name.trim() != name || name.is_empty() || name.chars().any(char::is_control) || name.chars().count() > 100 {
                return Err(Failure::new(
                    "a name is a text without blanks at its ends, of at most 100 characters",
                    "登录名首尾不得有空格，且不超过 100 个字符",
                ));
            }
            if store.account(&name)?.is_some() {
                return Err(Failure::with_help(
                    Text::new(format!("the account `{name}` is there already"), format!("账户 `{name}` 已存在")),
                    Text::new(
                        "`duly user change` and `duly user password` change it",
                        "可用 `duly user change` 与 `duly user password` 修改",
                    ),
                ));
            }
            let (text, made) = password(inner, screen)?;
            let rank = rank.unwrap_or(Rank::Viewer);
            let scope = Scope { policies: many(inner, "policy"), sites: many(inner, "site") };
            let account =
                Account { name: name.clone(), rank, scope, password: hash_password(&text).map_err(both)?, closed: false, at: clock::now() };
            keep(&mut store, account, &format!("made, {}", rank.word()))?;
            tell(screen, &name, made.then_some(&text))?;
        }
        "password" => {
            let mut account = known(&store, &name)?;
            let (text, made) = password(inner, screen)?;
            account.password = hash_password(&text).map_err(both)?;
            account.closed = false;
            keep(&mut store, account, "new password")?;
            tell(screen, &name, made.then_some(&text))?;
        }
        "change" => {
            let mut account = known(&store, &name)?;
            account.rank = rank.unwrap_or(account.rank);
            if inner.contains_id("policy") || inner.contains_id("site") {
                account.scope = Scope { policies: many(inner, "policy"), sites: many(inner, "site") };
            }
            let change = format!("{}, policies {:?}, sites {:?}", account.rank.word(), account.scope.policies, account.scope.sites);
            keep(&mut store, account, &change)?;
            screen.say(screen.pick("changed", "已修改"))?;
        }
        "token" => {
            let account = known(&store, &name)?;
            if account.closed {
                return Err(Failure::new(format!("the account `{name}` is closed"), format!("账户 `{name}` 已停用")));
            }
            let label = inner.get_one::<String>("label").cloned().unwrap_or_default();
            let now = clock::now();
            let until = inner.get_one::<u16>("days").map(|days| now.plus(i64::from(*days) * 86_400_000));
            let (text, token) = new_token(&name, &label, inner.get_flag("feed"), until, now).map_err(both)?;
            store.put_token(token, now)?;
            store.add_act("cli", "cli", Deed::Token { label, change: format!("made, of {name}") }, now)?;
            screen.note(screen.pick("shown this once:", "仅此一次显示："));
            screen.say(text)?;
        }
        "close" => {
            let account = Account { closed: true, ..known(&store, &name)? };
            keep(&mut store, account, "closed")?;
            screen.say(screen.pick("closed", "已停用"))?;
        }
        _ => {
            for account in store.accounts()? {
                let Account { name, rank, scope, closed, .. } = account;
                if args::wants_json(inner) {
                    screen.say(serde_json::json!({"name": name, "rank": rank.word(), "policies": scope.policies, "sites": scope.sites, "closed": closed}))?;
                } else {
                    let closed = if closed { screen.pick("\tclosed", "\t已停用") } else { "" };
                    screen.say(format!(
                        "{name}\t{}\t{}\t{}{closed}",
                        rank.label().get(screen.lang),
                        scope.policies.join(","),
                        scope.sites.join(",")
                    ))?;
                }
            }
        }
    }
    Ok(exit::OK)
}

fn tell(screen: &Screen, name: &str, made: Option<&String>) -> Result<(), Failure> {
    match made {
        Some(password) => screen.say(match screen.lang {
            Lang::En => format!("account `{name}`; its password, shown this once: {password}"),
            Lang::Zh => format!("账户 `{name}`；密码（仅此一次显示）：{password}"),
        }),
        None => screen.say(match screen.lang {
            Lang::En => format!("account `{name}` is ready"),
            Lang::Zh => format!("账户 `{name}` 已就绪"),
        }),
    }
}
