//! *My account*: a new password, and the tokens of programs that act in its name.

use maud::{Markup, html};

use crate::{
    account::{Account, Token},
    app::{
        accounts::{hash_password, is_password_of, new_token},
        clock,
    },
    desk::Deed,
    lang::Text,
    report::sheet::Cell,
    store::{hex, unhex_hash},
    time::Zone,
    web::{
        layout::{csrf, done, page},
        table::{Table, Td},
        visit::{Answer, Refusal, Reply, Visit},
    },
};

/// Tokens of an account that may hold at once.
const MOST_TOKENS: usize = 50;
/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// The page.
pub fn show(visit: &Visit<'_>) -> Answer {
    Ok(whole(visit, visit.account()?, None))
}

fn whole(visit: &Visit<'_>, account: &Account, made: Option<&str>) -> Reply {
    let title = visit.t("My account", "我的账户");
    let rules = visit.app.rules();
    let list = |items: &[String]| if items.is_empty() { visit.t("all", "全部").to_owned() } else { items.join(visit.t(", ", "、")) };
    let own: Vec<Token> = visit.app.tokens().into_iter().filter(|token| token.account == account.name && !token.closed).collect();
    let main = html! {
        h1 { (title) " · " (account.name) }
        (done(visit))
        @if let Some(made) = made {
            div.note.good role="status" {
                p { (visit.t("The new token, shown this once. Keep it where only the program can read it:", "新令牌，仅此一次显示。请保存在只有该程序能读取的地方：")) }
                pre { (made) }
            }
        }
        div.card { dl.facts {
            dt { (visit.t("Rank", "级别")) } dd { (account.rank.label().get(visit.lang)) }
            dt { (visit.t("Policies", "策略")) } dd { (list(&account.scope.policies)) }
            dt { (visit.t("Sites", "地点")) } dd { (list(&account.scope.sites)) }
        } }
        h2 { (visit.t("Password", "密码")) }
        form.stack.card method="post" action="/me/password" {
            (csrf(visit))
            label { (visit.t("Old password", "原密码")) input type="password" name="old" autocomplete="current-password" required; }
            label { (visit.t("New password, 12 characters at least", "新密码，至少 12 个字符")) input type="password" name="new" autocomplete="new-password" minlength="12" maxlength="256" required; }
            label { (visit.t("New password again", "再次输入新密码")) input type="password" name="again" autocomplete="new-password" required; }
            p.soft { (visit.t("Other sessions of this account end.", "该账户的其他会话将结束。")) }
            button { (visit.t("Change", "修改")) }
        }
        h2 { (visit.t("Tokens of programs", "程序令牌")) }
        p.soft { (visit.t("A program with a token does what this account may, and sees what it sees. A feed token can do no more than read a calendar feed.", "持有令牌的程序与本账户权限、范围相同；订阅令牌只能读取日历订阅。")) }
        (tokens(visit, &own, rules.zone, "/me/token/close").html(visit.lang))
        form.stack.card method="post" action="/me/token" {
            (csrf(visit))
            label { (visit.t("What it is for", "用途")) input name="label" required maxlength="100"; }
            label { (visit.t("Days for which it holds (empty: without end)", "有效天数（空：无期限）")) input type="number" name="days" min="1" max="3650"; }
            label.check { input type="checkbox" name="feed" value="1"; (visit.t("for a calendar feed only", "仅用于日历订阅")) }
            button { (visit.t("Make a token", "新建令牌")) }
        }
    };
    page(visit, title, main)
}

/// Tokens, each with a button that takes it back.
pub fn tokens(visit: &Visit<'_>, list: &[Token], zone: Zone, action: &str) -> Table {
    let columns = [
        ("label", "What it is for", "用途"),
        ("account", "Account", "账户"),
        ("feed", "Feed", "订阅"),
        ("at", "Made", "创建"),
        ("until", "Until", "有效期至"),
        ("close", "Take back", "撤销"),
    ];
    let mut table = Table::new(visit.t("Tokens", "令牌"), visit.lang, &columns);
    for token in list {
        let button: Markup = html! {
            form method="post" action=(action) {
                (csrf(visit))
                input type="hidden" name="token" value=(hex(&token.hash));
                button.quiet { (visit.t("Take back", "撤销")) }
            }
        };
        table.push(vec![
            token.label.clone().into(),
            token.account.clone().into(),
            Cell::Flag(token.feed).into(),
            Cell::Instant(token.at, zone).into(),
            token.until.map(|until| Cell::Instant(until, zone)).into(),
            Td::shown(Cell::Empty, button),
        ]);
    }
    table
}

/// Changes the password.
pub fn password(visit: &Visit<'_>) -> Answer {
    let mut account = visit.account()?.clone();
    let now = clock::now();
    let key = format!("name {}", account.name);
    if let Some(seconds) = visit.app.door.locked(&key, now) {
        return Err(Refusal::TooMany(seconds));
    }
    let field = |name: &str| visit.form.raw(name).unwrap_or("");
    if !is_password_of(Some(&account), field("old")) {
        visit.app.door.fail(&key, now);
        visit.app.act(&account.name, visit.via, Deed::Refused("wrong old password".to_owned()))?;
        return Err(Refusal::Wrong(Text::new("the old password is wrong", "原密码错误")));
    }
    visit.app.door.succeed(&key);
    if field("new") != field("again") {
        return Err(Refusal::Wrong(Text::new("the new password was not repeated as it is", "两次输入的新密码不一致")));
    }
    account.password = hash_password(field("new"))?;
    let name = account.name.clone();
    visit.app.put_account(account)?;
    visit.app.act(&name, visit.via, Deed::Account { name: name.clone(), change: "new password".to_owned() })?;
    visit.app.door.expel(&name, visit.session.as_ref());
    Ok(Reply::see("/me?done=saved"))
}

/// Makes a token. The page with it is the answer itself, since it is shown this once.
pub fn token(visit: &Visit<'_>) -> Answer {
    let account = visit.account()?;
    let label = visit.form.need("label", &Text::new("what it is for", "用途"))?.chars().take(100).collect::<String>();
    let now = clock::now();
    let days = match visit.form.get("days") {
        None => None,
        Some(text) => Some(
            text.parse::<i64>()
                .ok()
                .filter(|days| (1..=3_650).contains(days))
                .ok_or_else(|| Refusal::Wrong(Text::new("the days are a number from 1 to 3650", "天数应为 1 至 3650")))?,
        ),
    };
    let held =
        visit.app.tokens().iter().filter(|token| token.account == account.name && visit.app.token(&token.hash, now).is_some()).count();
    if held >= MOST_TOKENS {
        return Err(Refusal::Wrong(Text::new(
            format!("an account has {MOST_TOKENS} tokens at most; take one back first"),
            format!("每个账户最多 {MOST_TOKENS} 个令牌；请先撤销一个"),
        )));
    }
    let until = days.map(|days| now.plus(days.saturating_mul(DAY)));
    let (text, token) = new_token(&account.name, &label, visit.form.get("feed").is_some(), until, now)?;
    visit.app.put_token(token)?;
    visit.app.act(&account.name, visit.via, Deed::Token { label, change: "made".to_owned() })?;
    Ok(whole(visit, account, Some(&text)))
}

/// Takes an own token back.
pub fn close_token(visit: &Visit<'_>) -> Answer {
    let account = visit.account()?;
    close(visit, |token| token.account == account.name)?;
    Ok(Reply::see("/me?done=saved"))
}

/// Takes a token back, where it is one of these.
pub fn close(visit: &Visit<'_>, mine: impl Fn(&Token) -> bool) -> Result<(), Refusal> {
    let account = visit.account()?;
    let hash = visit.form.get("token").and_then(unhex_hash);
    let token = visit.app.tokens().into_iter().find(|token| Some(token.hash) == hash && mine(token));
    let token = token.ok_or_else(|| Refusal::Missing(Text::new("there is no such token", "没有此令牌")))?;
    let deed = Deed::Token { label: token.label.clone(), change: format!("taken back, of {}", token.account) };
    visit.app.put_token(Token { closed: true, ..token })?;
    visit.app.act(&account.name, visit.via, deed)?;
    Ok(())
}
