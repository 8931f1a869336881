//! What people do to findings and cases. Each deed is an act in the journal; afterwards the page that it was done from is shown again.

use crate::{
    app::clock,
    case::{Event, Values, identify_event},
    desk::{Ask, Deed},
    ingest::parse_case,
    lang::Text,
    policy::PolicySet,
    store::FindingKey,
    time::{Instant, Zone},
    value::Type,
    web::{
        fields::segment,
        sight::{sees, sees_row},
        state::Rules,
        visit::{Answer, Refusal, Reply, Visit},
    },
};

/// Characters of a text that somebody writes at most.
const MOST_TEXT: usize = 4_000;
/// The longest waiver where the policy names none, in days: a year and a day.
const LONGEST_DAYS: i64 = 366;
/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// Back to where a form was sent from.
fn back(visit: &Visit<'_>, or: &str, done: &str) -> Reply {
    let asked =
        visit.form.get("back").filter(|path| path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']));
    let (path, query) = asked.unwrap_or(or).split_once('?').unwrap_or((asked.unwrap_or(or), ""));
    let query = crate::web::fields::Fields::parse(query.as_bytes()).with("done", done).query();
    Reply::see(format!("{path}{query}"))
}

fn case_path(id: &str) -> String {
    format!("/case/{}", segment(id))
}

/// Assigns findings, or takes note of them.
pub fn findings(visit: &Visit<'_>) -> Answer {
    let keys: Vec<FindingKey> = visit.form.all("key").filter_map(|text| serde_json::from_str(text).ok()).collect();
    let (done, taken) = match visit.form.get("do") {
        Some("seen") => ("seen", Taken::Seen),
        Some("assign") => ("assigned", Taken::Given(visit.form.get("to").map(|text| text.chars().take(200).collect()))),
        _ => return Err(Refusal::Wrong(Text::new("nothing was asked for", "未指定操作"))),
    };
    take(visit, keys, &taken)?;
    Ok(back(visit, "/", done))
}

/// What is done with findings.
pub enum Taken {
    /// They are given to a person, or to nobody in particular.
    Given(Option<String>),
    /// They are taken note of.
    Seen,
}

/// Assigns findings, or takes note of them; all of them, or none where one may not be seen.
pub fn take(visit: &Visit<'_>, keys: Vec<FindingKey>, taken: &Taken) -> Result<(), Refusal> {
    let account = visit.account()?;
    if keys.is_empty() {
        return Err(Refusal::Wrong(Text::new("choose at least one row", "请至少选择一行")));
    }
    let rules = visit.app.rules();
    {
        let board = visit.app.board();
        let known = |key: &FindingKey| rules.set.named(&key.clause).next().is_some();
        if keys.iter().any(|key| !known(key) || !sees_row(&board, account, key)) {
            return Err(Refusal::Forbidden);
        }
    }
    if let Taken::Given(Some(person)) = taken
        && !is_person(visit, &rules.set, person)
    {
        return Err(Refusal::Wrong(Text::new(
            format!("nobody called `{person}` is known; the people of the roles in `duly.yaml` and those with accounts are"),
            format!("没有名为 `{person}` 的人员；可用 `duly.yaml` 中各角色的人员与各账户"),
        )));
    }
    for key in keys {
        let deed = match taken {
            Taken::Given(to) => Deed::Assigned { key, to: to.clone() },
            Taken::Seen => Deed::Acknowledged(key),
        };
        visit.app.act(&account.name, visit.via, deed)?;
    }
    Ok(())
}

fn is_person(visit: &Visit<'_>, set: &PolicySet, name: &str) -> bool {
    set.org.posts.iter().any(|post| post.person == name) || visit.app.account(name).is_some_and(|account| !account.closed)
}

/// A case that this person may see: its kind.
pub fn seen_case(visit: &Visit<'_>, rules: &Rules, id: &str) -> Result<crate::case::CaseRecord, Refusal> {
    let account = visit.account()?;
    let record = visit.app.store()?.case(id)?.ok_or_else(|| Refusal::no_case(id))?;
    if sees(account, &rules.set, &record) { Ok(record) } else { Err(Refusal::no_case(id)) }
}

/// Records an event.
pub fn event(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let id = visit.param("case").to_owned();
    let record = seen_case(visit, &rules, &id)?;
    let kind = visit.form.need("type", &Text::new("the type", "类型"))?.to_owned();
    let at = visit.form.instant("at", rules.zone)?.unwrap_or(visit.now);
    let data = data_of(visit.form.raw("data").unwrap_or(""), &rules.set, &record.kind, &kind, rules.zone)?;
    let own = |name: &str| visit.form.get(name).map(str::to_owned);
    let by = own("by").or_else(|| visit.who.as_ref().map(|who| who.name.clone()));
    let event = Event { id: own("id").unwrap_or_default(), kind: kind.clone(), at, by, role: own("role"), data };
    let (event, new) = add_event(visit, &id, event)?;
    let _ = event;
    Ok(back(visit, &case_path(&id), if new { "recorded" } else { "known" }))
}

/// Records an event of a case; gives its id, and whether it was new.
pub fn add_event(visit: &Visit<'_>, case: &str, mut event: Event) -> Result<(String, bool), Refusal> {
    let account = visit.account()?;
    if event.id.is_empty() {
        identify_event(&mut event);
    }
    let (id, kind) = (event.id.clone(), event.kind.clone());
    let new = visit.app.change(|store| store.add_event(case, event, clock::now()))?;
    if new {
        visit.app.touched(&[case.to_owned()])?;
        visit.app.act(&account.name, visit.via, Deed::Recorded { case: case.to_owned(), event: id.clone(), kind })?;
    }
    Ok((id, new))
}

/// Data that are written a line each, `name: value`, read as the event declares them.
fn data_of(text: &str, set: &PolicySet, kind: &str, event: &str, zone: Zone) -> Result<Values, Refusal> {
    let declared = set.kind(kind).and_then(|(_, kind)| kind.events.get(usize::from(kind.event(event)?)));
    let mut map = serde_json::Map::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some((name, value)) = line.split_once([':', '：']) else {
            return Err(Refusal::Wrong(Text::new(format!("`{line}` is not `name: value`"), format!("`{line}` 不是“名称: 值”的形式"))));
        };
        let (name, value) = (name.trim(), value.trim());
        let fact = declared.and_then(|event| event.data.iter().find(|fact| fact.name == name));
        let read = match fact.map(|fact| fact.kind) {
            Some(Type::Integer | Type::Decimal | Type::Boolean | Type::List | Type::Map) => serde_json::from_str(value).ok(),
            Some(_) => Some(value.into()),
            None => serde_json::from_str(value).ok().or_else(|| Some(value.into())),
        };
        let Some(read) = read else {
            let wanted = fact.map_or(Type::Any, |fact| fact.kind);
            return Err(Refusal::Wrong(Text::new(
                format!("`{name}` is {}, and `{value}` is not", wanted.name()),
                format!("`{name}` 应为{}，而 `{value}` 不是", wanted.zh()),
            )));
        };
        map.insert(name.to_owned(), read);
    }
    let line = serde_json::json!({"case": "x", "kind": "x", "facts": map}).to_string();
    Ok(parse_case(&line, zone).map_err(Refusal::Wrong)?.facts)
}

/// Takes an event back.
pub fn retract(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let id = visit.param("case").to_owned();
    seen_case(visit, &rules, &id)?;
    let account = visit.account()?;
    let event = visit.form.need("event", &Text::new("the event", "事件"))?.to_owned();
    let reason = text(visit, "reason", &Text::new("the reason", "原因"))?;
    visit.app.change(|store| store.retract(&id, &event, &account.name, &reason, clock::now()))?;
    visit.app.touched(std::slice::from_ref(&id))?;
    visit.app.act(&account.name, visit.via, Deed::Retracted { case: id.clone(), event, reason })?;
    Ok(back(visit, &case_path(&id), "retracted"))
}

/// Says something of a case.
pub fn comment(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let id = visit.param("case").to_owned();
    seen_case(visit, &rules, &id)?;
    let text = text(visit, "text", &Text::new("the comment", "备注"))?;
    visit.app.act(&visit.account()?.name, visit.via, Deed::Commented { case: id.clone(), text })?;
    Ok(back(visit, &case_path(&id), "commented"))
}

/// A text of bounded length.
fn text(visit: &Visit<'_>, name: &str, label: &Text) -> Result<String, Refusal> {
    let text = visit.form.need(name, label)?;
    if text.chars().count() > MOST_TEXT {
        return Err(Refusal::Wrong(Text::new(
            format!("{} is longer than {MOST_TEXT} characters", label.en),
            format!("{}超过 {MOST_TEXT} 个字符", label.zh),
        )));
    }
    Ok(text.to_owned())
}

/// Asks for a waiver; somebody else decides.
pub fn ask_waiver(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let id = visit.param("case").to_owned();
    seen_case(visit, &rules, &id)?;
    let label = |en: &str, zh: &str| Text::new(en, zh);
    let clause = visit.form.need("clause", &label("the clause", "条款"))?.to_owned();
    let until = visit.form.instant("until", rules.zone)?.ok_or_else(|| Refusal::Wrong(label("the end date is missing", "缺少截止日期")))?;
    let reason = text(visit, "reason", &label("the reason", "原因"))?;
    let approver = visit.form.need("approver", &label("the approver", "批准人"))?.to_owned();
    let from = visit.form.instant("from", rules.zone)?.unwrap_or(visit.now);
    let ask = Ask {
        id: String::new(),
        case: id.clone(),
        clause,
        instance: visit.form.get("instance").map(str::to_owned),
        from,
        until,
        reason,
        by: visit.account()?.name.clone(),
        approver,
    };
    check_ask(visit, &rules.set, &ask)?;
    visit.app.act(&ask.by.clone(), visit.via, Deed::Asked(ask))?;
    Ok(back(visit, &case_path(&id), "asked"))
}

/// Whether a waiver may be asked for.
pub fn check_ask(visit: &Visit<'_>, set: &PolicySet, ask: &Ask) -> Result<(), Refusal> {
    let wrong = |en: String, zh: String| Err(Refusal::Wrong(Text::new(en, zh)));
    let policy = ask.clause.split('/').next().unwrap_or("");
    if set.named(&ask.clause).next().is_none() || !visit.account()?.scope.has_policy(policy) {
        return Err(Refusal::no_clause(&ask.clause));
    }
    if ask.until <= ask.from {
        return wrong("a waiver ends after it begins".into(), "豁免的截止须晚于起始".into());
    }
    let (latest, zone) = (latest(set, policy, ask.from), visit.app.rules().zone);
    if ask.until > latest {
        let latest = latest.show_due(zone);
        return wrong(format!("a waiver of `{policy}` lasts until {latest} at most"), format!("`{policy}` 的豁免最迟至 {latest}"));
    }
    if ask.approver == ask.by {
        return wrong("whoever asks for a waiver cannot approve it".into(), "申请人不能自行批准".into());
    }
    let may = visit
        .app
        .account(&ask.approver)
        .is_some_and(|account| !account.closed && account.rank.may(crate::account::Power::Waive) && account.scope.has_policy(policy));
    if !may {
        return wrong(
            format!("`{}` may not approve waivers of `{policy}`", ask.approver),
            format!("`{}` 无权批准 `{policy}` 的豁免", ask.approver),
        );
    }
    Ok(())
}

/// Until when a waiver lasts at most that begins at an instant: as its policy says, or a year.
pub fn latest(set: &PolicySet, policy: &str, from: Instant) -> Instant {
    let own = set.editions.iter().rev().find(|edition| edition.id == policy).and_then(|edition| edition.longest_waiver);
    let clause = set.clauses.iter().find(|clause| clause.properties.policy == policy);
    match (own, clause) {
        (Some(span), Some(clause)) => clause.setup.clock().add(from, span, &[]).at,
        _ => from.plus(LONGEST_DAYS.saturating_mul(DAY)),
    }
}
