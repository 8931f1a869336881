//! What all pages have: the head, the ways to other pages, the foot.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::visit::{Refusal, Reply, Theme, Visit};
use crate::{
    account::Power,
    lang::{Lang, Text},
    time::Instant,
};

/// The style of all pages.
pub const CSS: &str = include_str!("assets/board.css");
/// What keeps pages up to date.
pub const JS: &str = include_str!("assets/board.js");
/// The sign in the browser's tab.
pub const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5cad"/><path d="M8 17l5.5 5.5L24 11" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>"##;

/// A way to another page.
struct Way {
    path: &'static str,
    label: (&'static str, &'static str),
    needs: Option<Power>,
}

const WAYS: &[Way] = &[
    Way { path: "/", label: ("Today", "今日"), needs: None },
    Way { path: "/approvals", label: ("Approvals", "审批"), needs: None },
    Way { path: "/stock", label: ("Stock", "库存"), needs: None },
    Way { path: "/waivers", label: ("Waivers", "豁免"), needs: None },
    Way { path: "/trends", label: ("Trends", "趋势"), needs: None },
    Way { path: "/clauses", label: ("Clauses", "条款"), needs: None },
    Way { path: "/runs", label: ("Runs", "运行"), needs: None },
    Way { path: "/accounts", label: ("Accounts", "账户"), needs: Some(Power::Administer) },
    Way { path: "/audit", label: ("Audit", "审计"), needs: Some(Power::Administer) },
];

/// A page.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "what a page is made of is made for it")]
pub fn page(visit: &Visit<'_>, title: &str, main: Markup) -> Reply {
    Reply::html(markup(visit, title, &main))
}

fn markup(visit: &Visit<'_>, title: &str, main: &Markup) -> Markup {
    let lang = visit.lang;
    let theme = visit.theme.map(|theme| if theme == Theme::Dark { "dark" } else { "light" });
    html! {
        (DOCTYPE)
        html lang=(lang.pick("en", "zh-CN")) data-theme=[theme] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · duly" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/board.css";
                script src="/assets/board.js" defer {}
            }
            body {
                a.skip href="#main" { (visit.t("Skip to the content", "跳到正文")) }
                header.top { (bar(visit)) }
                main #main tabindex="-1" {
                    @if visit.app.ahead != 0 && visit.who.is_some() {
                        p.note.warn { (visit.t("A demonstration: the board's clock began at ", "演示：看板时钟始于 ")) (minute(visit.now.plus(-visit.app.watch.millis().try_into().unwrap_or(0))).show(visit.app.rules().zone)) }
                    }
                    @if visit.who.is_some() && !visit.app.rules().problems.is_empty() {
                        p.note.bad role="status" { (visit.t("The policies on disk do not load; the last good ones are in use. `duly lint` says what is wrong.", "磁盘上的策略无法加载，正使用上次有效的版本。`duly lint` 可查看原因。")) }
                    }
                    (main)
                }
                (foot(visit))
            }
        }
    }
}

fn bar(visit: &Visit<'_>) -> Markup {
    let lang = visit.lang;
    let here = |way: &Way| {
        (visit.path == way.path || (way.path != "/" && visit.path.starts_with(way.path.trim_end_matches('s')))).then_some("page")
    };
    html! {
        div.bar {
            a.brand href="/" { "duly" }
            @if let Some(who) = &visit.who {
                nav aria-label=(visit.t("Pages", "页面")) {
                    ul {
                        @for way in WAYS.iter().filter(|way| way.needs.is_none_or(|power| visit.may(power))) {
                            li { a href=(way.path) aria-current=[here(way)] { (lang.pick(way.label.0, way.label.1)) } }
                        }
                    }
                }
                div.me {
                    a href="/me" { (who.name) " · " (who.rank.label().get(lang)) }
                    form method="post" action="/sign-out" { (csrf(visit)) button.quiet { (visit.t("Sign out", "退出")) } }
                }
            }
        }
    }
}

fn foot(visit: &Visit<'_>) -> Markup {
    let other = match visit.lang {
        Lang::En => ("zh", "中文"),
        Lang::Zh => ("en", "English"),
    };
    let back = format!("{}{}", visit.path, visit.query.query());
    let switch = |name: &str, value: &str, label: &str, lang: Option<&str>| {
        html! { form.line style=[None::<&str>] method="post" action="/settings" { (csrf(visit)) input type="hidden" name="back" value=(back); button.quiet name=(name) value=(value) lang=[lang] { (label) } } }
    };
    html! {
        footer {
            div.line.switch {
                (switch("lang", other.0, other.1, Some(other.0)))
                (switch("theme", "light", visit.t("Light", "浅色"), None))
                (switch("theme", "dark", visit.t("Dark", "深色"), None))
                (switch("theme", "auto", visit.t("As the system", "跟随系统"), None))
                span.soft { "duly " (env!("CARGO_PKG_VERSION")) }
            }
        }
    }
}

/// An instant for people, who do not count seconds.
#[must_use]
pub fn minute(at: Instant) -> Instant {
    Instant::from_millis(at.millis() - at.millis().rem_euclid(60_000))
}

/// A length of working time: in hours, since a day of work is not one of 24.
#[must_use]
pub fn working(millis: i64) -> Text {
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    match (hours, minutes) {
        (0, minutes) => Text::new(format!("{minutes} min"), format!("{minutes} 分钟")),
        (hours, 0) => Text::new(format!("{hours} h"), format!("{hours} 小时")),
        (hours, minutes) => Text::new(format!("{hours} h {minutes} min"), format!("{hours} 小时 {minutes} 分钟")),
    }
}

/// What a form must say so that it is taken.
#[must_use]
pub fn csrf(visit: &Visit<'_>) -> Markup {
    html! { input type="hidden" name="csrf" value=(visit.csrf); }
}

/// A page that says why there is none.
#[must_use]
pub fn refused(visit: &Visit<'_>, refusal: &Refusal) -> Reply {
    let text = refusal.text();
    let title = visit.t("This did not work", "操作未完成");
    let main = html! {
        h1 { (title) }
        p.note.bad role="alert" { (text.get(visit.lang)) }
        p { a href="/" { (visit.t("To the board", "返回看板")) } }
    };
    page(visit, title, main).with_status(refusal.status())
}

/// What was done, told on the page that comes after.
#[must_use]
pub fn done(visit: &Visit<'_>) -> Markup {
    let told = match visit.query.get("done") {
        Some("assigned") => ("Assigned.", "已指派。"),
        Some("seen") => ("Acknowledged.", "已确认。"),
        Some("commented") => ("The comment is recorded.", "备注已记录。"),
        Some("recorded") => ("The event is recorded.", "事件已记录。"),
        Some("known") => ("This event was recorded before; nothing changed.", "该事件此前已记录，无变化。"),
        Some("retracted") => ("The event is taken back.", "事件已撤回。"),
        Some("asked") => ("The waiver is asked for; it holds once the approver grants it.", "豁免已申请；经批准人同意后生效。"),
        Some("granted") => ("The waiver is granted.", "豁免已批准。"),
        Some("refused") => ("The waiver is refused.", "豁免已驳回。"),
        Some("ran") => ("The check has run.", "检查已完成。"),
        Some("saved") => ("Saved.", "已保存。"),
        _ => return PreEscaped(String::new()),
    };
    html! { p.note.good role="status" { (visit.lang.pick(told.0, told.1)) } }
}
