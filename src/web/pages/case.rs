//! *Case*: what happened, drawn; every obligation with its explanation and what would settle it; what people did; and the forms to act.

use maud::{Markup, html};

use super::{
    deeds::{latest, seen_case},
    timeline,
    today::{anchor, badge, people},
};
use crate::{
    account::Power,
    app::{
        casefile::{CaseFile, casefile},
        changes::key,
    },
    case::Value,
    desk::{Act, Deed, Hand},
    finding::{Obligation, State},
    lang::{Lang, Text},
    policy::vocabulary::{FactDecl, Kind},
    report::sheet::Cell,
    store::{FindingKey, Run, Store},
    time::Zone,
    value::Val,
    web::{
        fields::segment,
        layout::{csrf, done, page, working},
        state::Rules,
        table::{Table, Td},
        visit::{Answer, Refusal, Visit},
    },
};

/// Runs in which a case's history is looked for.
const RUNS: usize = 30;
/// Members that are listed.
const MEMBERS: usize = 100;

/// What the page shows.
struct Shown<'s> {
    visit: &'s Visit<'s>,
    rules: &'s Rules,
    file: &'s CaseFile,
    kind: Option<&'s Kind>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let id = visit.param("case");
    seen_case(visit, &rules, id)?;
    let who = visit.account()?;
    let store = visit.app.store()?;
    let mut file = casefile(&store, &rules.set, visit.now, id)?.ok_or_else(|| Refusal::no_case(id))?;
    file.obligations.retain(|(found, _)| who.scope.has_policy(&found.policy));
    let kind = rules.set.kind(&file.case.kind).map(|(_, kind)| kind.as_ref());
    let shown = Shown { visit, rules: &rules, file: &file, kind };
    let acts = store.acts_of(id)?;
    let history = history(visit, &rules, &store.last_runs(RUNS)?, id);
    if let Some(format) = Table::asked(visit, "events") {
        return shown.events().file(format, "events");
    }
    let label = kind.map_or(file.case.kind.as_str(), |kind| kind.label.get(visit.lang));
    let title = format!("{id} · {label}");
    let main = html! {
        h1 { (title) }
        (done(visit))
        @if let Some(parent) = &file.case.part_of {
            p { (visit.t("Part of ", "隶属于 ")) a href=(format!("/case/{}", segment(parent))) { (parent) } }
        }
        div.two {
            section { h2 { (visit.t("Facts", "事实")) } div.card { (shown.facts()) } }
            section { h2 { (visit.t("In short", "概况")) } div.card { (shown.summary()) } }
        }
        h2 { (visit.t("Timeline", "时间线")) }
        div.card { (timeline::draw(visit, &rules, &file, kind)) }
        h2 #obligations { (visit.t("Obligations", "义务")) }
        div.card data-live="obligations" { (shown.obligations(&store)?) }
        h2 { (visit.t("Events", "事件")) }
        (shown.events().html(visit.lang))
        (Table::ways_out(visit, "events"))
        @if visit.may(Power::Act) {
            div.two {
                details.card { summary { (visit.t("Record an event", "记录事件")) } (shown.event_form()) }
                details.card { summary { (visit.t("Take an event back", "撤回事件")) } (shown.retract_form()) }
            }
            div.card { (shown.comment_form()) }
        }
        h2 { (visit.t("What people did", "处理记录")) }
        (acts_table(visit, &rules, &acts).html(visit.lang))
        h2 { (visit.t("History of findings", "事项变化历史")) }
        p.soft { (visit.t("What the last checks found new, cleared or back.", "近期各次检查中的新增、消除与再现。")) }
        (history.html(visit.lang))
    };
    Ok(page(visit, &title, main))
}

impl Shown<'_> {
    fn zone(&self) -> Zone {
        self.rules.zone
    }

    fn lang(&self) -> Lang {
        self.visit.lang
    }

    fn action(&self, what: &str) -> String {
        format!("/case/{}/{what}", segment(&self.file.case.id))
    }

    fn facts(&self) -> Markup {
        let facts = &self.file.case.facts;
        html! {
            @if facts.is_empty() { p.soft { (self.visit.t("None were given.", "无。")) } }
            dl.facts { @for (name, value) in facts {
                @let decl = self.kind.and_then(|kind| kind.fact(name).and_then(|slot| kind.facts.get(slot)));
                dt { (decl.map_or(name.as_str(), |decl| decl.label.get(self.lang()))) }
                dd { (shown_value(value, decl, self.zone(), self.lang())) }
            } }
        }
    }

    fn summary(&self) -> Markup {
        let visit = self.visit;
        let open = self.file.obligations.iter().filter(|(found, _)| found.open).count();
        let waiting = self.file.obligations.iter().filter(|(found, _)| matches!(found.state, State::Pending | State::DueSoon)).count();
        let unknown = self.file.obligations.iter().filter(|(found, _)| found.state == State::Undetermined).count();
        html! {
            ul.plain {
                li { (visit.t("Open violations: ", "未了违反：")) strong { (open) } }
                li { (visit.t("Waiting: ", "待办：")) strong { (waiting) } }
                li { (visit.t("Cannot be told: ", "无法判断：")) strong { (unknown) } }
                @if let Some(until) = self.file.valid_until { li.soft { (visit.t("If nothing happens, this holds until ", "若无新事件，以上结论保持到 ")) (until.show(self.zone())) } }
            }
            @if !self.file.members.is_empty() {
                h3 { (visit.t("Parts", "下属个案")) }
                ul.plain { @for member in self.file.members.iter().take(MEMBERS) { li { a href=(format!("/case/{}", segment(member))) { (member) } } } }
            }
        }
    }

    fn obligations(&self, store: &Store) -> Result<Markup, Refusal> {
        let visit = self.visit;
        let mut list: Vec<&Obligation> = self.file.obligations.iter().map(|(found, _)| found).collect();
        list.sort_by_key(|found| (found.state, found.due.map(|due| due.at)));
        let (open, settled): (Vec<&Obligation>, Vec<&Obligation>) =
            list.into_iter().partition(|found| found.open || !matches!(found.state, State::Met | State::MetLate | State::Breached));
        let mut shown = Vec::new();
        for found in open {
            let key = key(found);
            let hand = store.hand(&key)?.unwrap_or_default();
            shown.push(self.obligation(found, &key, &hand));
        }
        Ok(html! {
            @if shown.is_empty() { p.soft { (visit.t("Nothing is open.", "无未了事项。")) } }
            @for one in shown { (one) }
            @if !settled.is_empty() {
                details { summary { (settled.len()) " " (visit.t("settled", "项已了结")) }
                    @for found in settled { (self.obligation(found, &key(found), &Hand::default())) }
                }
            }
        })
    }

    fn obligation(&self, found: &Obligation, key: &FindingKey, hand: &Hand) -> Markup {
        let (visit, lang, zone) = (self.visit, self.lang(), self.zone());
        let properties = self.rules.set.clauses.get(found.clause).map(|clause| &clause.properties);
        let story: Vec<&Text> =
            self.file.stories.iter().filter(|story| story.clause == found.clause).flat_map(|story| &story.lines).collect();
        let acts = found.open || matches!(found.state, State::Pending | State::DueSoon | State::Undetermined);
        html! {
            section.obligation id=(anchor(key)) {
                h3 {
                    (badge(visit, found.state)) " "
                    @if let Some(properties) = properties { (properties.title.get(lang)) }
                    " " a.soft href=(clause_path(&found.clause_id)) { (found.clause_id) }
                }
                p { (found.message.get(lang)) }
                dl.facts {
                    @if let Some(properties) = properties.filter(|properties| !properties.says.is_empty()) { dt { (visit.t("The rule", "规定")) } dd { (properties.says.get(lang)) } }
                    @if let Some(due) = found.due { dt { (visit.t("Last moment", "最后时刻")) } dd { (due.at.show_due(zone)) @if due.provisional { " " (visit.t("(provisional: beyond the published calendar)", "（暂定：超出已公布的日历）")) } } }
                    @if let Some(late) = found.due.filter(|_| found.open).and_then(|due| super::today::late(self.rules, Some(found.clause), due.at, visit.now)) { dt { (visit.t("Late, in working time", "逾期（工作时间）")) } dd { (working(late).get(lang)) } }
                    @if let Some(action) = &found.next_action {
                        dt { (visit.t("What would settle it", "如何了结")) } dd { (action.text.get(lang)) }
                        dt { (visit.t("Whose move", "责任人")) } dd {
                            (self.rules.set.org.label(&action.role).get(lang))
                            @let people = self.rules.set.org.people(&action.role, visit.now);
                            @if !people.is_empty() { " (" (people.join(visit.t(", ", "、"))) ")" }
                        }
                    }
                    @if !found.missing.is_empty() { dt { (visit.t("Missing", "缺少")) } dd { (found.missing.join(visit.t(", ", "、"))) } }
                    @if let Some(role) = &found.escalated_to { dt { (visit.t("Escalated to", "已上报")) } dd { (self.rules.set.org.label(role).get(lang)) } }
                    @if let Some(penalty) = &found.penalty { dt { (visit.t("Penalty", "处罚")) } dd { (penalty.get(lang)) } }
                    @if let Some(to) = &hand.to { dt { (visit.t("Assigned to", "已指派给")) } dd { (to) } }
                    @if let Some((by, at)) = &hand.seen { dt { (visit.t("Acknowledged", "已确认")) } dd { (by) ", " (at.show(zone)) } }
                }
                @if !story.is_empty() {
                    details { summary { (visit.t("Why", "为何如此")) } ul.story { @for line in story { li { (line.get(lang)) } } }
                        @if !found.evidence.is_empty() { p.soft { (visit.t("Events used: ", "所用事件：")) (found.evidence.join(", ")) } }
                    }
                }
                @if acts && visit.may(Power::Act) { (self.finding_form(key)) }
                @if acts && visit.may(Power::Waive) { (self.waiver_form(found)) }
            }
        }
    }

    fn finding_form(&self, key: &FindingKey) -> Markup {
        let visit = self.visit;
        html! {
            form.line method="post" action="/findings" {
                (csrf(visit))
                input type="hidden" name="back" value=(visit.path);
                input type="hidden" name="key" value=(serde_json::to_string(key).unwrap_or_default());
                label { (visit.t("Assign to", "指派给")) input name="to" list="people" autocomplete="off"; }
                button name="do" value="assign" { (visit.t("Assign", "指派")) }
                button name="do" value="seen" { (visit.t("Acknowledge", "确认")) }
            }
        }
    }

    fn waiver_form(&self, found: &Obligation) -> Markup {
        let visit = self.visit;
        let latest = latest(&self.rules.set, &found.policy, visit.now);
        let own = visit.who.as_ref().map_or("", |who| who.name.as_str());
        let approvers: Vec<String> = visit
            .app
            .accounts()
            .into_iter()
            .filter(|account| {
                !account.closed && account.name != own && account.rank.may(Power::Waive) && account.scope.has_policy(&found.policy)
            })
            .map(|account| account.name)
            .collect();
        html! {
            details { summary { (visit.t("Ask for a waiver", "申请豁免")) }
                form.stack method="post" action=(self.action("waiver")) {
                    (csrf(visit))
                    input type="hidden" name="clause" value=(found.clause_id);
                    input type="hidden" name="instance" value=(found.instance);
                    label { (visit.t("Reason", "原因")) textarea name="reason" required maxlength="4000" {} }
                    label { (visit.t("Until", "截至")) input type="date" name="until" required max=(latest.plus(-1).date(self.zone()).to_string()); span.soft { (visit.t("at the latest ", "最迟 ")) (latest.show_due(self.zone())) } }
                    label { (visit.t("Approver", "批准人")) select name="approver" required { option value="" {} @for name in &approvers { option value=(name) { (name) } } } }
                    @if approvers.is_empty() { p.note.warn { (visit.t("Nobody else may approve: an administrator adds a supervisor.", "没有其他可批准的人：请管理员添加主管账户。")) } }
                    button { (visit.t("Ask", "申请")) }
                }
            }
        }
    }

    fn events(&self) -> Table {
        let lang = self.lang();
        let mut table = Table::new(
            self.visit.t("Events", "事件"),
            lang,
            &[
                ("at", "When", "时间"),
                ("type", "What", "事件"),
                ("by", "By", "人员"),
                ("role", "Role", "角色"),
                ("data", "Data", "数据"),
                ("recorded", "Recorded", "记录时间"),
                ("id", "Id", "编号"),
            ],
        );
        let mut list: Vec<_> = self.file.record.events.iter().collect();
        list.sort_by_key(|told| told.event.at);
        for told in list {
            let event = &told.event;
            let decl = self.kind.and_then(|kind| kind.events.get(usize::from(kind.event(&event.kind)?)));
            let label = decl.map_or(event.kind.as_str(), |decl| decl.label.get(lang)).to_owned();
            let data: Vec<String> = event
                .data
                .iter()
                .map(|(name, value)| {
                    let fact = decl.and_then(|decl| decl.data.iter().find(|fact| fact.name == *name));
                    format!("{}: {}", fact.map_or(name.as_str(), |fact| fact.label.get(lang)), shown_value(value, fact, self.zone(), lang))
                })
                .collect();
            let label = match (told.retracted, event.at > self.visit.now) {
                (Some(_), _) => format!("{label} {}", self.visit.t("(taken back)", "（已撤回）")),
                (None, true) => format!("{label} {}", self.visit.t("(still to come)", "（尚未发生）")),
                _ => label,
            };
            let role = event.role.as_ref().map(|role| self.rules.set.org.label(role).get(lang).to_owned());
            table.push(vec![
                Cell::Instant(event.at, self.zone()).into(),
                label.into(),
                event.by.clone().into(),
                role.into(),
                data.join(lang.pick("; ", "；")).into(),
                Td::from(Some(told.recorded).filter(|at| *at > crate::time::Instant::MIN).map(|at| Cell::Instant(at, self.zone()))),
                event.id.clone().into(),
            ]);
        }
        table
    }

    fn event_form(&self) -> Markup {
        let visit = self.visit;
        let mut types: Vec<(&str, &str)> =
            self.kind.into_iter().flat_map(|kind| &kind.events).map(|event| (event.name.as_str(), event.label.get(self.lang()))).collect();
        types.sort_by_key(|(_, label)| *label);
        let mut roles: Vec<&String> = self.rules.set.org.labels.keys().collect();
        roles.sort_unstable();
        html! {
            form.stack method="post" action=(self.action("event")) {
                (csrf(visit))
                label { (visit.t("What happened", "事件类型")) select name="type" required { option value="" {} @for (name, label) in types { option value=(name) { (label) " (" (name) ")" } } option value="facts" { (visit.t("facts changed", "事实变更")) " (facts)" } } }
                label { (visit.t("When (empty: now)", "时间（空：现在）")) input type="datetime-local" name="at"; }
                label { (visit.t("By (empty: you)", "人员（空：本人）")) input name="by" list="people" autocomplete="off"; }
                label { (visit.t("Role", "角色")) input name="role" list="roles" autocomplete="off"; }
                datalist #roles { @for role in roles { option value=(role) {} } }
                label { (visit.t("Data: a line each, name: value", "数据：每行“名称: 值”")) textarea name="data" {} }
                button { (visit.t("Record", "记录")) }
            }
            (people(self.rules))
        }
    }

    fn retract_form(&self) -> Markup {
        let visit = self.visit;
        html! {
            form.stack method="post" action=(self.action("retract")) {
                (csrf(visit))
                label { (visit.t("Event", "事件")) select name="event" required { option value="" {} @for told in self.file.record.events.iter().filter(|told| told.retracted.is_none()) { option value=(told.event.id) { (told.event.at.show(self.zone())) " " (told.event.kind) " [" (told.event.id) "]" } } } }
                label { (visit.t("Reason", "原因")) input name="reason" required; }
                p.soft { (visit.t("It stays in the journal.", "该事件仍保留在日志中。")) }
                button { (visit.t("Take back", "撤回")) }
            }
        }
    }

    fn comment_form(&self) -> Markup {
        let visit = self.visit;
        html! {
            form.stack method="post" action=(self.action("comment")) {
                (csrf(visit))
                label { (visit.t("Comment", "备注")) textarea name="text" required maxlength="4000" {} }
                button { (visit.t("Comment", "添加备注")) }
            }
        }
    }
}

/// The address of a clause's page.
pub fn clause_path(id: &str) -> String {
    format!("/clause/{}", id.split('/').map(segment).collect::<Vec<_>>().join("/"))
}

/// A value, as its declaration shows it.
pub fn shown_value(value: &Value, decl: Option<&FactDecl>, zone: Zone, lang: Lang) -> String {
    let zh = lang == Lang::Zh;
    let read = decl.and_then(|decl| Val::read(value, decl.kind, zone));
    let text = match (read, value) {
        (Some(read), _) => read.show(zone, zh),
        (None, Value::Text(text)) => text.clone(),
        (None, value) => crate::ingest::value_to_json(value).to_string(),
    };
    let label = decl.and_then(|decl| decl.values.iter().find(|(known, _)| *known == text)).map(|(_, label)| label.get(lang).to_owned());
    let unit = decl.and_then(|decl| decl.unit.as_deref()).map(|unit| format!(" {unit}")).unwrap_or_default();
    format!("{}{unit}", label.unwrap_or(text))
}

/// What people did, as a table.
pub fn acts_table(visit: &Visit<'_>, rules: &Rules, acts: &[Act]) -> Table {
    let mut table = Table::new(
        visit.t("What people did", "处理记录"),
        visit.lang,
        &[("at", "When", "时间"), ("by", "By", "人员"), ("via", "Way", "途径"), ("what", "What", "内容")],
    );
    for act in acts {
        table.push(vec![
            Cell::Instant(act.at, rules.zone).into(),
            act.by.clone().into(),
            act.via.clone().into(),
            told(&act.deed, rules.zone).get(visit.lang).to_owned().into(),
        ]);
    }
    table
}

/// What somebody did, in a sentence.
pub fn told(deed: &Deed, zone: Zone) -> Text {
    let of = |key: &FindingKey| format!("{} [{}]", key.clause, key.instance);
    let t = |en: String, zh: String| Text::new(en, zh);
    match deed {
        Deed::SignedIn => Text::new("signed in", "登录"),
        Deed::SignedOut => Text::new("signed out", "退出"),
        Deed::Refused(why) => t(format!("was not let in: {why}"), format!("登录被拒：{why}")),
        Deed::Account { name, change } => t(format!("account {name}: {change}"), format!("账户 {name}：{change}")),
        Deed::Token { label, change } => t(format!("token {label}: {change}"), format!("令牌 {label}：{change}")),
        Deed::Assigned { key, to: Some(to) } => t(format!("assigned {} to {to}", of(key)), format!("将 {} 指派给 {to}", of(key))),
        Deed::Assigned { key, to: None } => t(format!("took the assignment of {} back", of(key)), format!("取消 {} 的指派", of(key))),
        Deed::Acknowledged(key) => t(format!("acknowledged {}", of(key)), format!("确认 {}", of(key))),
        Deed::Commented { text, .. } => Text::same(text.clone()),
        Deed::Recorded { event, kind, .. } => t(format!("recorded {kind} [{event}]"), format!("记录事件 {kind} [{event}]")),
        Deed::Retracted { event, reason, .. } => t(format!("took [{event}] back: {reason}"), format!("撤回事件 [{event}]：{reason}")),
        Deed::Asked(ask) => {
            let until = ask.until.show_due(zone);
            t(
                format!("asked {} to waive {} until {until}: {}", ask.approver, ask.clause, ask.reason),
                format!("向 {} 申请豁免 {} 至 {until}：{}", ask.approver, ask.clause, ask.reason),
            )
        }
        Deed::Decided { ask, waiver: Some(waiver) } => t(
            format!("granted waiver {waiver} of {} asked for by {}", ask.clause, ask.by),
            format!("批准 {} 对 {} 的豁免申请（{waiver}）", ask.by, ask.clause),
        ),
        Deed::Decided { ask, waiver: None } => t(
            format!("refused the waiver of {} asked for by {}", ask.clause, ask.by),
            format!("驳回 {} 对 {} 的豁免申请", ask.by, ask.clause),
        ),
        Deed::Ran(run) => t(format!("ran the check (run {run})"), format!("运行检查（第 {run} 次）")),
        Deed::Imported { source, cases } => {
            t(format!("took in {source}: {cases} cases new or changed"), format!("导入 {source}：{cases} 个个案新增或变化"))
        }
        Deed::Exported(what) => t(format!("took out {what}"), format!("导出 {what}")),
        Deed::Resent(id) => t(format!("put notice {id} back into the outbox"), format!("将通知 {id} 放回待发箱")),
    }
}

/// What the last runs found of a case, the newest first.
fn history(visit: &Visit<'_>, rules: &Rules, runs: &[Run], case: &str) -> Table {
    let mut table = Table::new(
        visit.t("History of findings", "事项变化历史"),
        visit.lang,
        &[("run", "Check", "检查"), ("change", "Change", "变化"), ("clause", "Clause", "条款"), ("instance", "Of", "对象")],
    );
    for run in runs {
        for (list, en, zh) in [(&run.opened, "new", "新增"), (&run.reopened, "back", "再现"), (&run.cleared, "cleared", "消除")] {
            let first = list.partition_point(|key| key.case.as_deref() < Some(case));
            for key in list.iter().skip(first).take_while(|key| key.case.as_deref() == Some(case)) {
                table.push(vec![
                    Td::link(Cell::Instant(run.as_of, rules.zone), format!("/runs/{}", run.id)),
                    visit.t(en, zh).into(),
                    Td::link(key.clause.clone(), clause_path(&key.clause)),
                    key.instance.clone().into(),
                ]);
            }
        }
    }
    table
}
