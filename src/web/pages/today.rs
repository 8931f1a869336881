//! *Today*: what is overdue, what falls due, what cannot be told; whose move it is, and what to do.

use std::collections::{BTreeSet, HashMap};

use maud::{Markup, html};

use crate::{
    account::Power,
    app::{
        board::{By, Choice, Group, Item, Section, Sort, Stands, Sums, View, Whose},
        nightly::unmet_in_words,
    },
    finding::{Obligation, State},
    lang::Text,
    policy::clause::Severity,
    report::sheet::Cell,
    store::FindingKey,
    time::Instant,
    web::{
        fields::{Fields, segment},
        layout::{csrf, done, minute, page, working},
        state::Rules,
        table::{Table, Td},
        visit::{Answer, Refusal, Visit},
    },
};

/// Rows of a page.
const SIZE: usize = 50;
/// Groups that are shown before somebody asks for all.
const GROUPS: usize = 10;
/// Rows of a table that is taken out at most: what a worksheet holds.
const MOST_OUT: usize = 1_000_000;

/// What a request chooses.
pub fn choice(visit: &Visit<'_>, rules: &Rules) -> Result<Choice, Refusal> {
    let query = &visit.query;
    let own = |name: &str| query.get(name).map(str::to_owned);
    let word = |name: &str| query.get(name);
    let find =
        |what: &str| Refusal::Wrong(Text::new(format!("`{what}` is no filter that this page knows"), format!("本页没有筛选条件 `{what}`")));
    let section = match word("section") {
        None => None,
        Some(text) => Some(Section::WORDS.iter().find(|(known, _)| *known == text).map(|(_, section)| *section).ok_or_else(|| find(text))?),
    };
    let state = match word("state") {
        None => None,
        Some(text) => Some(State::ALL.iter().copied().find(|state| state.word() == text).ok_or_else(|| find(text))?),
    };
    let severity = match word("severity") {
        None => None,
        Some(text) => {
            Some(Severity::WORDS.iter().find(|(known, _)| *known == text).map(|(_, severity)| *severity).ok_or_else(|| find(text))?)
        }
    };
    let site = if query.get("nosite").is_some() { Some(String::new()) } else { own("site") };
    Ok(Choice {
        section,
        state,
        severity,
        site,
        role: own("role"),
        person: own("person"),
        mine: query.get("mine").and_then(|_| visit.who.as_ref().map(|who| who.name.clone())),
        shared: own("shared"),
        policy: own("policy"),
        clause: own("clause"),
        kind: own("kind"),
        form: own("form"),
        new: query.get("new").is_some(),
        text: own("text").map(|text| text.to_lowercase()),
        from: query.instant("from", rules.zone)?,
        until: query.instant("until", rules.zone)?,
    })
}

/// How rows are sorted.
pub fn sort(visit: &Visit<'_>) -> Sort {
    let word = visit.query.get("sort").unwrap_or("");
    Sort::WORDS.iter().find(|(known, _)| *known == word).map_or_else(Sort::default, |(_, sort)| *sort)
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Answer {
    let app = visit.app;
    let who = visit.account()?;
    let rules = app.rules();
    let choice = choice(visit, &rules)?;
    let board = app.board();
    let view = app.view(&board, &rules, who, visit.now);
    let org = &rules.set.org;
    let by = visit.query.get("by").and_then(By::of).unwrap_or(By::Role);
    let whole = Choice { section: None, new: false, ..choice.clone() };
    if let Some(format) = Table::asked(visit, "findings") {
        let rows = view.page(&choice, org, sort(visit), 0, MOST_OUT);
        let words = words(visit, &rules, &view, &rows.rows)?;
        app.act(&who.name, visit.via, crate::desk::Deed::Exported(format!("findings.{format}: {}", rows.rows.len())))?;
        return list(visit, &rules, &view, &rows.rows, &words, false).file(format, "findings");
    }
    let groups = view.groups(&whole, org, by);
    if let Some(format) = Table::asked(visit, "groups") {
        return group_table(visit, &rules, &view, by, &groups).file(format, "groups");
    }
    let sums = view.sums(&whole, org);
    let new = view.sums(&Choice { new: true, ..whole.clone() }, org);
    let from = visit.query.number("page", 1).saturating_sub(1).saturating_mul(SIZE);
    let rows = view.page(&choice, org, sort(visit), from, SIZE);
    let words = words(visit, &rules, &view, &rows.rows)?;
    let title = visit.t("Today", "今日");
    let main = html! {
        h1 { (title) " · " (minute(visit.now).show(rules.zone)) }
        (done(visit))
        div data-live="sums" { (run_note(visit, &rules, &view)) (tiles(visit, &sums, &new)) }
        (filters(visit, &rules, &view, &choice))
        h2 #groups { (visit.t("Whose move", "责任归属")) }
        (tabs(visit, by))
        div data-live="groups" {
            (group_table(visit, &rules, &view, by, &groups).first(if visit.query.get("all").is_some() { usize::MAX } else { GROUPS }).html(visit.lang))
            @if groups.len() > GROUPS && visit.query.get("all").is_none() { p { a href=(format!("/{}#groups", visit.query.with("all", "1").query())) { (visit.t("All ", "全部 ")) (groups.len()) } } }
            (Table::ways_out(visit, "groups"))
        }
        h2 #list { (heading(visit, &choice)) }
        div data-live="list" {
            (pages(visit, rows.total, from))
            form method="post" action="/findings" {
                (csrf(visit))
                input type="hidden" name="back" value=(format!("{}{}", visit.path, visit.query.query()));
                (list(visit, &rules, &view, &rows.rows, &words, visit.may(Power::Act)).html(visit.lang))
                @if visit.may(Power::Act) && !rows.rows.is_empty() { (bulk(visit, &rules)) }
            }
            (pages(visit, rows.total, from))
            (Table::ways_out(visit, "findings"))
        }
    };
    Ok(page(visit, title, main))
}

fn run_note(visit: &Visit<'_>, rules: &Rules, view: &View<'_>) -> Markup {
    html! {
        @match &view.board.run {
            None => p.note.warn { (visit.t("No check has run yet: `duly nightly`, or the button on the page of runs.", "尚未运行检查：请执行 `duly nightly`，或在“运行”页启动。")) },
            Some(run) => p.soft {
                (visit.t("Last check ", "上次检查 ")) a href=(format!("/runs/{}", run.id)) { (run.as_of.show(rules.zone)) }
                @if run.fallback { " · " (visit.t("with the last good policies", "使用上次有效的策略")) }
            },
        }
    }
}

fn tiles(visit: &Visit<'_>, sums: &Sums, new: &Sums) -> Markup {
    let now = visit.query.get("section");
    let fresh = visit.query.get("new").is_some();
    html! {
        ul.tiles {
            @for (word, section) in Section::WORDS {
                @let here = now == Some(word) && !fresh;
                @let query = visit.query.with("new", "").with("section", if here { "" } else { word });
                li { a class=(word) href=(format!("/{}#list", query.query())) aria-current=[here.then_some("true")] {
                    span.figure { (sums.of(*section)) } (visit.t(section.label().0, section.label().1))
                } }
            }
            li { a.new href=(format!("/{}#list", visit.query.with("section", "").with("new", if fresh { "" } else { "1" }).query())) aria-current=[fresh.then_some("true")] {
                span.figure { (new.total()) } (visit.t("New since the last check", "上次检查以来新增"))
            } }
        }
    }
}

fn tabs(visit: &Visit<'_>, by: By) -> Markup {
    html! {
        ul.tabs {
            @for (word, known, label) in By::WORDS {
                li { a href=(format!("/{}#groups", visit.query.with("by", word).query())) aria-current=[(*known == by).then_some("true")] { (visit.t(label.0, label.1)) } }
            }
        }
    }
}

/// The name of a group, and what a query says for its rows.
pub fn group_name(visit: &Visit<'_>, rules: &Rules, view: &View<'_>, by: By, group: Group) -> (String, Fields) {
    let board = view.board;
    let lang = visit.lang;
    let with = |name: &str, value: &str| visit.query.with("new", "").with(name, value);
    match (by, group) {
        (By::Role, Group::Name(role)) => {
            let role = board.roles.name(role);
            (rules.set.org.label(role).get(lang).to_owned(), with("role", role))
        }
        (By::Policy, Group::Name(policy)) => {
            let id = board.policies.name(policy);
            let title = rules.set.editions.iter().rev().find(|edition| edition.id == id).map(|edition| edition.title.get(lang));
            (title.unwrap_or(id).to_owned(), with("policy", id))
        }
        (By::Kind, Group::Name(kind)) => {
            let name = board.kinds.name(kind);
            let label = rules.set.kind(name).map_or_else(|| name.to_owned(), |(_, kind)| kind.label.get(lang).to_owned());
            (label, with("kind", name))
        }
        (By::Site, Group::Name(site)) => (board.sites.name(site).to_owned(), with("site", board.sites.name(site))),
        (By::Clause, Group::Name(number)) => {
            let id = usize::try_from(number).ok().and_then(|at| board.clauses.get(at)).map_or("", |row| row.id.as_str());
            (clause_title(visit, rules, id), with("clause", id))
        }
        (_, Group::Severity(severity)) => (visit.t(severity.word(), severity.zh()).to_owned(), with("severity", severity.word())),
        (_, Group::Whose(Whose::Person(person))) => (board.people.name(person).to_owned(), with("person", board.people.name(person))),
        (_, Group::Whose(Whose::Shared(role))) => {
            let role = board.roles.name(role);
            (format!("{}{}", visit.t("any of several: ", "多人之一："), rules.set.org.label(role).get(lang)), with("shared", role))
        }
        (_, Group::Whose(Whose::Vacant(role))) => {
            let role = board.roles.name(role);
            (format!("{}{}", visit.t("nobody holds: ", "无人担任："), rules.set.org.label(role).get(lang)), with("shared", role))
        }
        (By::Site, _) => (visit.t("no site", "无地点").to_owned(), with("nosite", "1")),
        _ => (visit.t("nobody's move", "无需处理").to_owned(), visit.query.with("new", "")),
    }
}

/// The title of a clause.
pub fn clause_title(visit: &Visit<'_>, rules: &Rules, id: &str) -> String {
    let title = rules.set.named(id).last().map(|(_, clause)| clause.properties.title.get(visit.lang));
    title.unwrap_or(id).to_owned()
}

fn group_table(visit: &Visit<'_>, rules: &Rules, view: &View<'_>, by: By, groups: &[(Group, Sums)]) -> Table {
    let head = By::WORDS.iter().find(|(_, known, _)| *known == by).map_or(("", "", ""), |(word, _, label)| (*word, label.0, label.1));
    let mut columns = vec![head];
    columns.extend(Section::WORDS.iter().map(|(word, section)| (*word, section.label().0, section.label().1)));
    columns.extend([("total", "Total", "合计"), ("critical", "Critical", "严重")]);
    let mut table = Table::new(visit.t("Whose move", "责任归属"), visit.lang, &columns);
    let mut all = Sums::default();
    for (group, sums) in groups {
        let (name, query) = group_name(visit, rules, view, by, *group);
        let mut row = vec![Td::link(name, format!("/{}#list", query.with("section", "").query()))];
        for (word, section) in Section::WORDS {
            row.push(Td::link(sums.of(*section), format!("/{}#list", query.with("section", word).query())));
        }
        row.push(Td::link(sums.total(), format!("/{}#list", query.with("section", "").query())));
        row.push(sums.critical.into());
        table.push(row);
        all = all.plus(sums);
    }
    if groups.len() > 1 {
        let mut row = vec![Td::from(visit.t("All", "合计"))];
        row.extend(Section::WORDS.iter().map(|(_, section)| Td::from(all.of(*section))));
        row.extend([all.total().into(), all.critical.into()]);
        table.push(row);
    }
    table
}

/// What the list below shows.
fn heading(visit: &Visit<'_>, choice: &Choice) -> String {
    let section = choice.section.map(|section| visit.t(section.label().0, section.label().1));
    let new = choice.new.then(|| visit.t("New since the last check", "上次检查以来新增"));
    let parts: Vec<&str> = [section, new].into_iter().flatten().collect();
    if parts.is_empty() { visit.t("All that is open", "全部未了事项").to_owned() } else { parts.join(" · ") }
}

fn filters(visit: &Visit<'_>, rules: &Rules, view: &View<'_>, choice: &Choice) -> Markup {
    let board = view.board;
    let lang = visit.lang;
    let mut roles: Vec<(String, String)> =
        board.roles.all().map(|(_, role)| (role.to_owned(), rules.set.org.label(role).get(lang).to_owned())).collect();
    roles.sort_by(|a, b| a.1.cmp(&b.1));
    let mut people: Vec<String> = board.people.all().map(|(_, person)| person.to_owned()).collect();
    people.sort();
    let mut sites: Vec<String> = board.sites.all().map(|(_, site)| site.to_owned()).collect();
    sites.sort();
    sites.truncate(500);
    let policies: Vec<(String, String)> = board
        .policies
        .all()
        .map(|(number, id)| (id.to_owned(), group_name(visit, rules, view, By::Policy, Group::Name(number)).0))
        .collect();
    let select = |name: &str, label: &str, chosen: Option<&String>, options: Vec<(String, String)>| {
        html! { label { (label) select name=(name) {
            option value="" { (visit.t("all", "全部")) }
            @for (value, shown) in &options { option value=(value) selected[chosen == Some(value)] { (shown) } }
        } } }
    };
    let same = |list: Vec<String>| list.into_iter().map(|name| (name.clone(), name)).collect::<Vec<_>>();
    let severities = Severity::WORDS.iter().map(|(word, severity)| ((*word).to_owned(), visit.t(word, severity.zh()).to_owned())).collect();
    let severity = choice.severity.map(|severity| severity.word().to_owned());
    let sorts = [("pressing", "most pressing", "最紧迫"), ("due", "due", "到期"), ("case", "case", "个案"), ("clause", "clause", "条款")];
    let kept = ["section", "by", "new", "shared", "kind", "clause", "form", "state", "nosite", "from", "until"];
    html! {
        form.line.card method="get" action="/" role="search" aria-label=(visit.t("Filter", "筛选")) {
            @for name in kept { @if let Some(value) = visit.query.get(name) { input type="hidden" name=(name) value=(value); } }
            label { (visit.t("Case", "个案")) input type="search" name="text" value=(visit.query.get("text").unwrap_or("")) size="12"; }
            (select("role", visit.t("Role", "角色"), choice.role.as_ref(), roles))
            (select("person", visit.t("Person", "人员"), choice.person.as_ref(), same(people)))
            (select("policy", visit.t("Policy", "策略"), choice.policy.as_ref(), policies))
            (select("severity", visit.t("Severity", "严重程度"), severity.as_ref(), severities))
            (select("site", visit.t("Site", "地点"), choice.site.as_ref(), same(sites)))
            label { (visit.t("Sort by", "排序")) select name="sort" {
                @for (word, en, zh) in sorts { option value=(word) selected[visit.query.get("sort") == Some(word)] { (visit.t(en, zh)) } }
            } }
            label.check { input type="checkbox" name="mine" value="1" checked[choice.mine.is_some()]; (visit.t("what I may do", "我可处理的")) }
            button.main { (visit.t("Show", "显示")) }
            a href="/" { (visit.t("Clear", "清除")) }
        }
    }
}

/// The ways to other pages of a list.
pub fn pages(visit: &Visit<'_>, total: usize, from: usize) -> Markup {
    pages_of(visit, total, from, SIZE)
}

/// The same for a list with pages of another size.
pub fn pages_of(visit: &Visit<'_>, total: usize, from: usize, size: usize) -> Markup {
    let page = from / size + 1;
    let last = total.div_ceil(size).max(1);
    let to = |page: usize| format!("{}{}#list", visit.path, visit.query.with("page", &page.to_string()).query());
    html! {
        div.pages {
            @if total > 0 { span { (from.min(total) + 1) "–" (from.saturating_add(size).min(total)) " / " (total) } }
            @if page > 1 { a href=(to(1)) { (visit.t("First", "首页")) } a href=(to(page - 1)) rel="prev" { (visit.t("Previous", "上一页")) } }
            @if page < last { a href=(to(page + 1)) rel="next" { (visit.t("Next", "下一页")) } a href=(to(last)) { (visit.t("Last", "末页")) } }
        }
    }
}

/// Some rows in words, where the store can be read without waiting for a run.
pub fn words(
    visit: &Visit<'_>,
    rules: &Rules,
    view: &View<'_>,
    rows: &[(&Item, Stands)],
) -> Result<HashMap<FindingKey, Obligation>, Refusal> {
    let mut found = HashMap::new();
    let Some(store) = visit.app.store_now() else { return Ok(found) };
    let wanted: BTreeSet<FindingKey> = rows.iter().map(|(item, _)| view.board.key(item)).collect();
    unmet_in_words(&store, &rules.set, visit.now, &wanted, &mut |obligation: Obligation| {
        found.insert(crate::app::changes::key(&obligation), obligation);
        Ok::<(), crate::store::StoreError>(())
    })?;
    Ok(found)
}

/// How late something is, in the working time of its clause.
pub fn late(rules: &Rules, clause: Option<usize>, due: Instant, now: Instant) -> Option<i64> {
    let clause = rules.set.clauses.get(clause?)?;
    (now > due).then(|| clause.setup.clock().between(due, now, &[]))
}

/// The sign of a state.
pub fn badge(visit: &Visit<'_>, state: State) -> Markup {
    html! { span class=(format!("badge {}", state.word())) { (state.label().get(visit.lang)) } }
}

/// The rows of a list.
pub fn list(
    visit: &Visit<'_>,
    rules: &Rules,
    view: &View<'_>,
    rows: &[(&Item, Stands)],
    words: &HashMap<FindingKey, Obligation>,
    chosen: bool,
) -> Table {
    let columns = [
        ("key", "Choose", "选择"),
        ("state", "State", "状态"),
        ("case", "Case", "个案"),
        ("clause", "Clause", "条款"),
        ("title", "Duty", "义务"),
        ("due", "Due", "到期"),
        ("late", "Late (working time)", "逾期（工作时间）"),
        ("next", "Next action", "下一步"),
        ("role", "Whose move", "责任人"),
        ("site", "Site", "地点"),
    ];
    let columns = if chosen { &columns[..] } else { columns.get(1..).unwrap_or(&[]) };
    let mut table = Table::new(visit.t("Findings", "事项"), visit.lang, columns).hiding("clause");
    for (item, stands) in rows {
        let key = view.board.key(item);
        let told = words.get(&key);
        let row = view.board.clause(item);
        let severity = row.map_or_else(Severity::default, |row| row.severity);
        let mut cells: Vec<Td> = Vec::new();
        if chosen {
            let name = key.case.as_deref().or(key.group.as_deref()).unwrap_or("");
            let label = format!("{} {} {}", visit.t("choose", "选择"), name, key.clause);
            let text = serde_json::to_string(&key).unwrap_or_default();
            cells.push(Td::shown(Cell::Empty, html! { input type="checkbox" name="key" value=(text) aria-label=(label); }));
        }
        let state = html! {
            (badge(visit, stands.state))
            @if severity == Severity::Critical { " " span.badge.critical { (visit.t("critical", "严重")) } }
            @if item.seen { " " span.badge title=(visit.t("acknowledged", "已确认")) { "✓" span.visually-hidden { (visit.t("acknowledged", "已确认")) } } }
        };
        cells.push(Td::shown(stands.state.label().get(visit.lang), state));
        cells.push(match (&key.case, &key.group) {
            (Some(case), _) => Td::link(case.clone(), format!("/case/{}#{}", segment(case), anchor(&key))),
            (None, group) => Td::from(group.clone().unwrap_or_default()),
        });
        cells.push(key.clause.clone().into());
        let title = clause_title(visit, rules, &key.clause);
        let shown = html! { a href=(super::case::clause_path(&key.clause)) { (title) } " " span.soft { (key.clause) } };
        cells.push(Td::shown(title, shown));
        cells.push(item.due.map(|due| Cell::Instant(due, rules.zone)).into());
        let late = item.due.filter(|_| stands.open).and_then(|due| late(rules, row.and_then(|row| row.index), due, visit.now));
        cells.push(late.map_or_else(Td::default, |late| Td::shown(Cell::Elapsed(late), html! { (working(late).get(visit.lang)) })));
        cells.push(told.and_then(|told| told.next_action.as_ref()).map(|action| action.text.get(visit.lang).to_owned()).into());
        cells.push(mover(visit, rules, view, item).into());
        cells.push(item.site.map(|site| view.board.sites.name(site).to_owned()).into());
        table.push(cells);
    }
    table
}

/// Whose move a row is, in words.
pub fn mover(visit: &Visit<'_>, rules: &Rules, view: &View<'_>, item: &Item) -> Option<String> {
    let role = item.role.map(|role| rules.set.org.label(view.board.roles.name(role)).get(visit.lang).to_owned());
    let person = match view.whose(item) {
        Whose::Person(person) => Some(view.board.people.name(person).to_owned()),
        _ => None,
    };
    match (role, person) {
        (Some(role), Some(person)) => Some(format!("{person} ({role})")),
        (role, person) => person.or(role),
    }
}

/// Where an obligation stands on the page of its case.
pub fn anchor(key: &FindingKey) -> String {
    let digest = crate::app::accounts::digest(&format!("{}\n{}", key.clause, key.instance));
    format!("o{}", crate::store::hex(digest.get(..6).unwrap_or(&digest)))
}

/// What can be done with all that was chosen.
fn bulk(visit: &Visit<'_>, rules: &Rules) -> Markup {
    html! {
        div.line.card {
            label.check { input type="checkbox" data-check-all="1"; (visit.t("all of this page", "本页全部")) }
            label { (visit.t("Assign to", "指派给")) input name="to" list="people" autocomplete="off"; }
            (people(rules))
            button name="do" value="assign" { (visit.t("Assign", "指派")) }
            button name="do" value="seen" { (visit.t("Acknowledge", "确认")) }
        }
    }
}

/// The people who can be named, for fields that take one.
pub fn people(rules: &Rules) -> Markup {
    let all: BTreeSet<&str> = rules.set.org.posts.iter().map(|post| post.person.as_str()).collect();
    html! { datalist #people { @for person in all { option value=(person) {} } } }
}
