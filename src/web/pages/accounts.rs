//! *Accounts*: who may sign in, what they may do and what they see; and all tokens.

use maud::{Markup, html};

use super::me::{close, tokens};
use crate::{
    account::{Account, Rank, Scope, Token},
    app::{
        accounts::{hash_password, random_text},
        clock,
    },
    desk::Deed,
    lang::Text,
    web::{
        fields::segment,
        layout::{csrf, done, page},
        visit::{Answer, Refusal, Reply, Visit},
    },
};

/// The page.
pub fn show(visit: &Visit<'_>) -> Answer {
    Ok(whole(visit, None))
}

fn whole(visit: &Visit<'_>, made: Option<(&str, &str)>) -> Reply {
    let title = visit.t("Accounts", "账户");
    let rules = visit.app.rules();
    let held: Vec<Token> = visit.app.tokens().into_iter().filter(|token| !token.closed).collect();
    let accounts = visit.app.accounts();
    let mut policies: Vec<&str> = rules.set.editions.iter().map(|edition| edition.id.as_str()).collect();
    policies.dedup();
    let main = html! {
        h1 { (title) }
        (done(visit))
        @if let Some((name, password)) = made {
            div.note.good role="status" {
                p { (visit.t("The password of ", "账户 ")) strong { (name) } (visit.t(", shown this once:", " 的密码，仅此一次显示：")) }
                pre { (password) }
            }
        }
        @for account in &accounts { (one(visit, account)) }
        h2 { (visit.t("New account", "新建账户")) }
        form.stack.card method="post" action="/accounts" {
            (csrf(visit))
            label { (visit.t("Name to sign in with", "登录名")) input name="name" required maxlength="100" autocomplete="off"; }
            (rank_field(visit, Rank::Viewer))
            (scope_fields(visit, &Scope::default()))
            p.soft { (visit.t("A password is made and shown once; its owner changes it under their name at the top.", "系统生成密码并只显示一次；本人可在页首的账户名下修改。")) }
            button.main { (visit.t("Make the account", "新建账户")) }
        }
        datalist #policies { @for policy in policies { option value=(policy) {} } }
        h2 { (visit.t("Tokens of programs", "程序令牌")) }
        (tokens(visit, &held, rules.zone, "/tokens/close").html(visit.lang))
    };
    page(visit, title, main)
}

fn rank_field(visit: &Visit<'_>, rank: Rank) -> Markup {
    html! {
        label { (visit.t("Rank", "级别")) select name="rank" {
            @for (word, known) in Rank::WORDS { option value=(word) selected[*known == rank] { (known.label().get(visit.lang)) } }
        } }
    }
}

fn scope_fields(visit: &Visit<'_>, scope: &Scope) -> Markup {
    html! {
        label { (visit.t("Only these policies, a line each (empty: all)", "仅这些策略，每行一个（空：全部）")) textarea name="policies" rows="2" { (scope.policies.join("\n")) } }
        label { (visit.t("Only these sites, a line each (empty: all)", "仅这些地点，每行一个（空：全部）")) textarea name="sites" rows="2" { (scope.sites.join("\n")) } }
    }
}

fn one(visit: &Visit<'_>, account: &Account) -> Markup {
    let action = format!("/accounts/{}", segment(&account.name));
    let button = |what: &str, label: &str| html! { button name="do" value=(what) { (label) } };
    html! {
        details.card {
            summary {
                strong { (account.name) } " · " (account.rank.label().get(visit.lang))
                @if !account.scope.is_whole() { " · " (visit.t("sees a part", "部分范围")) }
                @if account.closed { " · " span.badge { (visit.t("closed", "已停用")) } }
            }
            form.stack method="post" action=(action) {
                (csrf(visit))
                (rank_field(visit, account.rank))
                (scope_fields(visit, &account.scope))
                div.line {
                    (button("change", visit.t("Change", "修改")))
                    (button("password", visit.t("New password", "新密码")))
                    @if account.closed { (button("open", visit.t("Open again", "重新启用"))) } @else { (button("close", visit.t("Close", "停用"))) }
                }
            }
        }
    }
}

fn scope(visit: &Visit<'_>) -> Scope {
    let lines = |name: &str| {
        let text = visit.form.raw(name).unwrap_or("");
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    Scope { policies: lines("policies"), sites: lines("sites") }
}

fn rank(visit: &Visit<'_>) -> Result<Rank, Refusal> {
    let word = visit.form.get("rank").unwrap_or("");
    Rank::of(word).ok_or_else(|| Refusal::Wrong(Text::new(format!("`{word}` is no rank"), format!("没有级别 `{word}`"))))
}

/// What a scope says, for the journal.
fn told(account: &Account) -> String {
    format!("{}, policies {:?}, sites {:?}", account.rank.word(), account.scope.policies, account.scope.sites)
}

/// A password that is made: 20 characters of 64 kinds.
fn password() -> Result<String, Text> {
    Ok(random_text()?.chars().take(20).collect())
}

fn keep(visit: &Visit<'_>, account: Account, change: &str) -> Result<(), Refusal> {
    let name = account.name.clone();
    visit.app.put_account(account)?;
    visit.app.act(&visit.account()?.name, visit.via, Deed::Account { name: name.clone(), change: change.to_owned() })?;
    Ok(())
}

/// Makes an account.
pub fn add(visit: &Visit<'_>) -> Answer {
    let name = visit.form.need("name", &Text::new("the name", "登录名"))?.to_owned();
    if name.chars().any(char::is_control) || name.chars().count() > 100 {
        return Err(Refusal::Wrong(Text::new(
            "a name has 100 characters at most, none of them a control character",
            "登录名不超过 100 个字符，且不含控制字符",
        )));
    }
    if visit.app.account(&name).is_some() {
        return Err(Refusal::Wrong(Text::new(format!("the account `{name}` is there already"), format!("账户 `{name}` 已存在"))));
    }
    let text = password()?;
    let account = Account {
        name: name.clone(),
        rank: rank(visit)?,
        scope: scope(visit),
        password: hash_password(&text)?,
        closed: false,
        at: clock::now(),
    };
    let change = format!("made, {}", told(&account));
    keep(visit, account, &change)?;
    Ok(whole(visit, Some((&name, &text))))
}

/// Whether another account could keep accounts.
fn is_last_admin(visit: &Visit<'_>, name: &str) -> bool {
    !visit.app.accounts().iter().any(|account| account.name != name && account.rank == Rank::Admin && !account.closed)
}

/// Takes anybody's token back.
pub fn close_token(visit: &Visit<'_>) -> Answer {
    close(visit, |_| true)?;
    Ok(Reply::see("/accounts?done=saved"))
}

/// Changes an account.
pub fn change(visit: &Visit<'_>) -> Answer {
    let name = visit.param("name").to_owned();
    let known = visit.app.account(&name);
    let known = known.ok_or_else(|| Refusal::Missing(Text::new(format!("there is no account `{name}`"), format!("没有账户 `{name}`"))))?;
    let mut account = known.clone();
    let mut made = None;
    let change = match visit.form.get("do") {
        Some("change") => {
            (account.rank, account.scope) = (rank(visit)?, scope(visit));
            told(&account)
        }
        Some("password") => {
            let text = password()?;
            account.password = hash_password(&text)?;
            made = Some(text);
            "new password".to_owned()
        }
        Some("close") => {
            account.closed = true;
            "closed".to_owned()
        }
        Some("open") => {
            account.closed = false;
            "opened again".to_owned()
        }
        _ => return Err(Refusal::Wrong(Text::new("nothing was asked for", "未指定操作"))),
    };
    let keeps = |account: &Account| account.rank == Rank::Admin && !account.closed;
    if keeps(&known) && !keeps(&account) && is_last_admin(visit, &name) {
        return Err(Refusal::Wrong(Text::new(
            "this is the last administrator; make another one first",
            "这是最后一个管理员；请先设立另一个",
        )));
    }
    keep(visit, account, &change)?;
    // Whoever does this to their own account stays signed in.
    let own = visit.account()?.name == name && change != "closed";
    visit.app.door.expel(&name, visit.session.as_ref().filter(|_| own));
    match made {
        Some(text) => Ok(whole(visit, Some((&name, &text)))),
        None => Ok(Reply::see("/accounts?done=saved")),
    }
}
