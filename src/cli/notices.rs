//! `duly notices`: the outbox: what waits, what failed and why, what was sent; sending, and trying again.

use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::{Failure, Screen, args, exit, setting};
use crate::{
    app::{
        clock,
        notices::{Outcome, Refused, Report, Transport, Wire, compose, deliver, retry, trial},
        workspace::Workspace,
    },
    diagnostic::did_you_mean,
    lang::{Lang, Text},
    policy::{
        PolicySet,
        notices::{Notices, Way},
    },
    store::{Fate, Outgoing, Run, Store},
    time::{Instant, Zone},
};

/// How far from the present a run may have judged for its notices still to be news, in milliseconds.
const NEWS: i64 = 36 * 3_600_000;

/// For how long after a run sending also looks whether its notices are composed, in milliseconds.
const FRESH: i64 = 3_600_000;

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Shows the outbox of notices, sends what is due, tries again what failed",
        "查看通知发件箱，发送到期的通知，重试失败的通知",
        "  duly notices\n  duly notices send\n  duly notices show N-3f2a\n  duly notices retry N-3f2a\n  duly notices test group-chat",
    )
    .arg(
        args::positional("what", "WHAT", lang, "list (default), send, show, retry or test", "list（默认）、send、show、retry 或 test")
            .value_parser(["list", "send", "show", "retry", "test"])
            .default_value("list")
            .hide_default_value(true)
            .hide_possible_values(true),
    )
    .arg(args::positional(
        "name",
        "ID|CHANNEL",
        lang,
        "the notice, or as much of its id as tells it from others; the channel to test",
        "通知编号（可只写足以区分的开头）；要测试的渠道",
    ))
    .arg(args::switch("all", lang, "list what was sent as well", "也列出已发送的"))
    .arg(args::value("to", "WHO", lang, "who gets a test mail", "测试邮件的收件人"))
    .arg(args::format(lang))
}

/// What every one of them needs.
struct Desk<'d> {
    workspace: Workspace,
    set: PolicySet,
    screen: &'d Screen,
    json: bool,
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let (_, set) = setting::policy_set(matches, Some(&workspace))?;
    let desk = Desk { workspace, set, screen, json: args::wants_json(matches) };
    let name = matches.get_one::<String>("name");
    match matches.get_one::<String>("what").map(String::as_str) {
        Some("send") => desk.send(),
        Some("test") => desk.test(name, matches.get_one::<String>("to")),
        Some("show") => desk.show(name),
        Some("retry") => desk.retry(name),
        _ => desk.list(matches.get_flag("all")),
    }
}

impl Desk<'_> {
    fn notices(&self) -> Result<&Notices, Failure> {
        self.set.company.notices.as_ref().ok_or_else(|| {
            Failure::with_help(
                Text::new("the workspace says nothing of notices", "工作区没有配置通知"),
                Text::new(
                    "add `notices:` to `duly.yaml`; docs/notices.md shows how",
                    "请在 `duly.yaml` 中加入 `notices:`，见 docs/notices.zh.md",
                ),
            )
        })
    }

    fn store(&self) -> Result<Store, Failure> {
        setting::store(&self.workspace, self.screen)
    }

    fn send(&self) -> Result<u8, Failure> {
        let notices = self.notices()?;
        let mut store = self.store()?;
        // A run that was killed before it had composed is made good; looking for more than that, every few minutes, would be for nothing.
        if store.last_run()?.is_some_and(|run| clock::now().since(run.at) < FRESH) {
            tell(&mut store, &self.set, false, self.screen)?;
        }
        let report = deliver(&mut store, &self.set, &mut Wire::new(notices, &self.workspace.root), &clock::now)?;
        if self.json {
            let Report { sent, failed, given_up } = report;
            let waiting = store.unsent(Instant::MAX)?.iter().filter(|notice| !notice.is_given_up()).count();
            self.screen.say(json!({"sent": sent, "failed": failed, "given_up": given_up, "waiting": waiting}))?;
        } else {
            self.screen.say(outcome(&report, self.screen.lang))?;
        }
        Ok(exit::OK)
    }

    fn list(&self, all: bool) -> Result<u8, Failure> {
        let store = self.store()?;
        let list = if all { store.notices()? } else { store.unsent(Instant::MAX)? };
        let zone = self.set.zone();
        for notice in &list {
            if self.json {
                self.screen.say(object(notice, None, zone, self.screen.lang))?;
            } else {
                self.screen.say(line(notice, zone, self.screen.lang))?;
            }
        }
        let given_up = list.iter().filter(|notice| notice.is_given_up()).count();
        let waiting = list.iter().filter(|notice| !notice.is_given_up() && !notice.is_sent()).count();
        self.screen.note(match self.screen.lang {
            Lang::En => format!("{waiting} waiting, {given_up} given up"),
            Lang::Zh => format!("待发送 {waiting}，已放弃 {given_up}"),
        });
        Ok(exit::OK)
    }

    fn show(&self, name: Option<&String>) -> Result<u8, Failure> {
        let store = self.store()?;
        let notice = find(&store, name)?;
        let text = store.notice_text(&notice)?;
        let (zone, lang) = (self.set.zone(), self.screen.lang);
        if self.json {
            self.screen.say(object(&notice, text.as_deref(), zone, lang))?;
            return Ok(exit::OK);
        }
        self.screen.say(line(&notice, zone, lang))?;
        self.screen.say(format!("\n{}\n", notice.envelope.subject))?;
        let erased = self.screen.pick("(the text was erased)", "（内容已抹除）");
        self.screen.say(text.as_deref().unwrap_or(erased).trim_end())?;
        Ok(exit::OK)
    }

    fn retry(&self, name: Option<&String>) -> Result<u8, Failure> {
        let mut store = self.store()?;
        let id = find(&store, name)?.envelope.id;
        match retry(&mut store, &id, clock::now())? {
            Ok(()) => {}
            Err(Refused::Sent) => return Err(Failure::new(format!("notice {id} has been sent"), format!("通知 {id} 已发送"))),
            Err(Refused::Unknown) => return Err(unknown(&id)),
            Err(Refused::UnderWay) => {
                return Err(Failure::with_help(
                    Text::new(format!("an attempt to send notice {id} is under way"), format!("通知 {id} 正在发送")),
                    Text::new("if its program was killed, wait a quarter of an hour", "若发送程序已被终止，请等待一刻钟"),
                ));
            }
        }
        if self.json {
            self.screen.say(json!({"id": id, "state": "waiting"}))?;
        } else {
            self.screen.say(match self.screen.lang {
                Lang::En => format!("notice {id} will be tried again: `duly notices send`"),
                Lang::Zh => format!("通知 {id} 将重新发送：`duly notices send`"),
            })?;
        }
        Ok(exit::OK)
    }

    fn test(&self, name: Option<&String>, to: Option<&String>) -> Result<u8, Failure> {
        let notices = self.notices()?;
        let names = || notices.channels.keys().map(String::as_str);
        let Some((name, channel)) = name.and_then(|name| notices.channels.get_key_value(name)) else {
            let name = name.map_or("", String::as_str);
            let help = did_you_mean(name, names().collect::<Vec<_>>()).unwrap_or_default();
            return Err(Failure::with_help(Text::new(format!("unknown channel `{name}`"), format!("未知的渠道 `{name}`")), help));
        };
        if matches!(channel.way, Way::Mail(_)) && to.is_none() {
            return Err(Failure::with_help(
                Text::new("a test mail needs somebody to go to", "测试邮件需要收件人"),
                Text::new("name one of `people:` with `--to`", "请以 `--to` 指明 `people:` 中的人员"),
            ));
        }
        let notice = trial(name, channel, to.map(String::as_str), self.screen.lang, clock::now());
        match Wire::new(notices, &self.workspace.root).send(&notice, clock::now()) {
            Outcome::Sent | Outcome::Untried => {
                if self.json {
                    self.screen.say(json!({"channel": name, "sent": true}))?;
                } else {
                    self.screen.say(self.screen.pick("sent", "已发送"))?;
                }
                Ok(exit::OK)
            }
            Outcome::Failed(why) | Outcome::Unsure(why) => {
                Err(Failure::new(format!("channel `{name}`: {}", why.en), format!("渠道 `{name}`：{}", why.zh)))
            }
        }
    }
}

/// Composes what the last run has to tell, and says what stood in the way. Of a run for another time than the present only when it is asked for.
pub(super) fn tell(store: &mut Store, set: &PolicySet, asked: bool, screen: &Screen) -> Result<usize, Failure> {
    let now = clock::now();
    let is_news = |run: &Run| run.as_of.since(now).abs() <= NEWS;
    if set.company.notices.is_none() || !(asked || store.last_run()?.is_some_and(|run| is_news(&run))) {
        return Ok(0);
    }
    let composed = compose(store, set, now)?;
    for unreached in &composed.unreached {
        let said = unreached.say();
        screen.note(format!("{}{}", screen.pick("note: ", "注意："), said.get(screen.lang)));
    }
    Ok(composed.added)
}

/// What a round of sending came to.
pub(super) fn outcome(report: &Report, lang: Lang) -> String {
    let Report { sent, failed, given_up } = report;
    match lang {
        Lang::En => format!("notices: {sent} sent, {failed} to be tried again, {given_up} given up"),
        Lang::Zh => format!("通知：已发送 {sent}，稍后重试 {failed}，已放弃 {given_up}"),
    }
}

fn unknown(id: &str) -> Failure {
    Failure::with_help(
        Text::new(format!("there is no notice `{id}`"), format!("没有通知 `{id}`")),
        Text::new("`duly notices list --all` lists them", "`duly notices list --all` 可列出全部"),
    )
}

/// The notice whose id begins so.
fn find(store: &Store, name: Option<&String>) -> Result<Outgoing, Failure> {
    let Some(name) = name else { return Err(Failure::new("which notice? its id is missing", "缺少通知编号")) };
    if let Some(notice) = store.notice(name)? {
        return Ok(notice);
    }
    let mut list: Vec<Outgoing> = store.notices()?.into_iter().filter(|notice| notice.envelope.id.starts_with(name.as_str())).collect();
    match (list.pop(), list.len()) {
        (Some(notice), 0) => Ok(notice),
        (Some(_), more) => Err(Failure::new(
            format!("{} notices begin so; write more of the id", more + 1),
            format!("有 {} 条通知以此开头；请多写几位", more + 1),
        )),
        (None, _) => Err(unknown(name)),
    }
}

/// The state of a notice, its word in JSON, and when something happened or happens.
fn state(notice: &Outgoing) -> (&'static str, Text, Instant) {
    let Some(mark) = &notice.mark else {
        return ("waiting", Text::new("waiting", "待发送"), notice.envelope.earliest);
    };
    match &mark.fate {
        Fate::Begun => ("sending", Text::new("sending", "发送中"), mark.at),
        Fate::Sent => ("sent", Text::new("sent", "已发送"), mark.at),
        Fate::Failed { next, .. } => ("failed", Text::new("failed", "失败"), *next),
        Fate::GivenUp { .. } => ("given_up", Text::new("given up", "已放弃"), mark.at),
        Fate::Waits { next } => ("waiting", Text::new("waiting", "待发送"), *next),
    }
}

fn reason(notice: &Outgoing) -> Option<&Text> {
    match &notice.mark.as_ref()?.fate {
        Fate::Failed { reason, .. } | Fate::GivenUp { reason } => Some(reason),
        Fate::Begun | Fate::Sent | Fate::Waits { .. } => None,
    }
}

fn line(notice: &Outgoing, zone: Zone, lang: Lang) -> String {
    let envelope = &notice.envelope;
    let (_, label, at) = state(notice);
    let whom = envelope.person.as_deref().or(envelope.role.as_deref()).unwrap_or("");
    let why = reason(notice).map_or_else(String::new, |reason| format!("\t{}", reason.get(lang)));
    let attempts = notice.attempts();
    format!(
        "{}\t{}\t{}\t{attempts}\t{}\t{} > {whom}\t{}{why}",
        envelope.id,
        label.get(lang),
        at.show(zone),
        envelope.what,
        envelope.channel,
        envelope.subject
    )
}

fn object(notice: &Outgoing, text: Option<&str>, zone: Zone, lang: Lang) -> Value {
    let envelope = &notice.envelope;
    let (word, _, at) = state(notice);
    let mut object = json!({
        "id": envelope.id, "state": word, "at": at.to_rfc3339(zone), "attempts": notice.attempts(), "what": envelope.what,
        "run": (envelope.run > 0).then_some(envelope.run), "channel": envelope.channel, "role": envelope.role, "person": envelope.person,
        "lang": envelope.lang, "urgent": envelope.urgent, "subject": envelope.subject, "created": envelope.created.to_rfc3339(zone),
        "reason": reason(notice).map(|reason| reason.get(lang)),
    });
    if let (Some(text), Value::Object(object)) = (text, &mut object) {
        object.insert("text".to_owned(), text.into());
    }
    object
}
