//! Signing in and out, and how a person likes to read.

use maud::html;

use crate::{
    app::{accounts::is_password_of, clock},
    desk::Deed,
    web::{
        dispatch::{LANG, SECURE_SESSION, SESSION, THEME},
        layout::{csrf, page},
        visit::{Answer, Refusal, Reply, Visit},
    },
};

/// The form.
pub fn show(visit: &Visit<'_>) -> Answer {
    if visit.who.is_some() {
        return Ok(Reply::see(back(visit)));
    }
    Ok(form(visit, None))
}

fn form(visit: &Visit<'_>, wrong: Option<&str>) -> Reply {
    let title = visit.t("Sign in", "登录");
    let name = visit.form.get("name").unwrap_or("");
    let main = html! {
        div.sign-in.card {
            h1 { (title) }
            @if let Some(wrong) = wrong { p.note.bad role="alert" { (wrong) } }
            form.stack method="post" action="/sign-in" {
                (csrf(visit))
                input type="hidden" name="back" value=(back(visit));
                label { (visit.t("Name", "账户")) input name="name" value=(name) autocomplete="username" autocapitalize="none" required autofocus; }
                label { (visit.t("Password", "密码")) input type="password" name="password" autocomplete="current-password" required; }
                button.main { (title) }
            }
            p.soft { (visit.t("Accounts are made by an administrator: `duly user add`.", "账户由管理员创建：`duly user add`。")) }
        }
    };
    page(visit, title, main)
}

/// Where to go afterwards: a path of this server and nothing else.
fn back(visit: &Visit<'_>) -> String {
    let asked = visit.form.get("back").or_else(|| visit.query.get("back")).unwrap_or("/");
    let own = asked.starts_with('/') && !asked.starts_with("//") && !asked.contains(['\\', '\r', '\n']) && !asked.starts_with("/sign-in");
    if own { asked.to_owned() } else { "/".to_owned() }
}

/// Signs somebody in.
pub fn enter(visit: &Visit<'_>) -> Answer {
    let now = clock::now();
    let name = visit.form.get("name").unwrap_or("").chars().take(200).collect::<String>();
    let password = visit.form.raw("password").unwrap_or("");
    let door = &visit.app.door;
    let keys = [format!("name {name}"), format!("peer {}", visit.peer)];
    if let Some(seconds) = keys.iter().filter_map(|key| door.locked(key, now)).max() {
        return Err(Refusal::TooMany(seconds));
    }
    let account = visit.app.account(&name);
    if !is_password_of(account.as_ref(), password) {
        let mut locks = false;
        for key in &keys {
            locks |= door.fail(key, now);
        }
        visit.app.meter.note_refused();
        let why = if locks { "wrong password; locked for 15 minutes" } else { "wrong password" };
        // Only names that are known are written down: somebody may have typed their password there.
        let by = account.map_or_else(|| "?".to_owned(), |account| account.name);
        visit.app.act(&by, visit.via, Deed::Refused(format!("{why} (from {})", visit.peer)))?;
        let wrong = visit.t("The name or the password is wrong.", "账户或密码错误。");
        return Ok(form(visit, Some(wrong)).with_status(422));
    }
    keys.iter().for_each(|key| door.succeed(key));
    let secret = door.admit(&name, now)?;
    visit.app.act(&name, visit.via, Deed::SignedIn)?;
    let cookie = if visit.app.secure {
        format!("{SECURE_SESSION}={secret}; Path=/; HttpOnly; SameSite=Lax; Secure")
    } else {
        format!("{SESSION}={secret}; Path=/; HttpOnly; SameSite=Lax")
    };
    Ok(Reply::see(back(visit)).with_header("set-cookie", cookie))
}

/// Signs somebody out.
pub fn leave(visit: &Visit<'_>) -> Answer {
    if let Some(hash) = &visit.session {
        visit.app.door.leave(hash);
    }
    visit.app.act(&visit.account()?.name, visit.via, Deed::SignedOut)?;
    let name = if visit.app.secure { SECURE_SESSION } else { SESSION };
    let secure = if visit.app.secure { "; Secure" } else { "" };
    Ok(Reply::see("/sign-in").with_header("set-cookie", format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}")))
}

/// Takes down in which language and colours somebody reads.
pub fn settings(visit: &Visit<'_>) -> Answer {
    let mut reply = Reply::see(back(visit));
    let choice = |field: &str, name: &str, known: &[&str]| {
        let value = visit.form.get(field).filter(|value| known.contains(value))?;
        Some(format!("{name}={value}; Path=/; SameSite=Lax; Max-Age=31536000"))
    };
    let cookies = [choice("lang", LANG, &["en", "zh"]), choice("theme", THEME, &["light", "dark", "auto"])];
    for cookie in cookies.into_iter().flatten() {
        reply = reply.with_header("set-cookie", cookie);
    }
    Ok(reply)
}
