//! *Trends*: does it get better or worse, who does things in time, how old is what is open, and what is to come.

use std::collections::BTreeMap;

use chrono::Days;
use maud::{Markup, html};

use super::{
    case::clause_path,
    chart::{Series, bars, share},
    today::badge,
};
use crate::{
    app::{
        board::{Choice, View},
        history::{Trends, on_time, weeks},
    },
    engine::Counts,
    finding::State,
    report::sheet::Cell,
    web::{
        layout::page,
        state::Rules,
        table::{Table, Td},
        visit::{Answer, Visit},
    },
};

/// Weeks that are shown.
const WEEKS: u64 = 26;
/// Days ahead.
const AHEAD: u64 = 14;
/// Roles and clauses that are listed before a page gets long.
const MOST: usize = 40;

/// The page.
pub fn show(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let who = visit.account()?;
    // Of the past no site is kept: who sees some sites only is shown what is open now.
    let past = if who.scope.sites.is_empty() { Some(visit.app.trends()?) } else { None };
    let board = visit.app.board();
    let view = visit.app.view(&board, &rules, who, visit.now);
    let choice = super::today::choice(visit, &rules)?;
    let ages = ages(visit, &rules, &view, &choice);
    let ahead = forecast(visit, &rules, &view, &choice);
    let past = past.map(|trends| Past { visit, rules: &rules, weeks: in_weeks(visit, &rules, &trends), trends });
    for (name, table) in [("ages", &ages.1), ("forecast", &ahead.1)] {
        if let Some(format) = Table::asked(visit, name) {
            return table.clone().file(format, name);
        }
    }
    if let Some(past) = &past {
        for (name, table) in [
            ("weeks", past.week_table()),
            ("clauses", past.clauses(usize::MAX)),
            ("roles", past.roles()),
            ("targets", past.targets(usize::MAX)),
        ] {
            if let Some(format) = Table::asked(visit, name) {
                return table.file(format, name);
            }
        }
    }
    let title = visit.t("Trends", "趋势");
    let lang = visit.lang;
    let main = html! {
        h1 { (title) }
        (filters(visit, &rules, &view))
        @if let Some(past) = &past {
            h2 { (visit.t("Violations begun and settled, by week", "每周新发生与已了结的违反")) }
            div.two { div.card { (past.chart()) } details open { summary { (visit.t("Figures", "数据")) } (past.week_table().html(lang)) (Table::ways_out(visit, "weeks")) } }
            h2 { (visit.t("Done in time, by role", "按角色的按时率")) }
            p.soft { (visit.t("Of what was met or violated; what waits, is waived or cannot be told does not count.", "以已完成或已违反者计；待办、已豁免与无法判断者不计。")) }
            (past.roles().html(lang)) (Table::ways_out(visit, "roles"))
            h2 { (visit.t("Done in time, by clause", "按条款的按时率")) }
            (past.clauses(MOST).html(lang)) (Table::ways_out(visit, "clauses"))
            h2 { (visit.t("Targets and quotas", "目标与限额")) }
            (past.targets(MOST).html(lang)) (Table::ways_out(visit, "targets"))
        } @else {
            p.note { (visit.t("Your account sees some sites only; what is kept of the past does not tell sites apart, so that only what is open now is shown.", "您的账户仅可查看部分地点；历史数据不区分地点，故仅显示当前未了事项。")) }
        }
        h2 { (visit.t("Age of open violations", "未了违反的时长")) }
        div.two { div.card { (ages.0) } div { (ages.1.html(lang)) (Table::ways_out(visit, "ages")) } }
        h2 { (visit.t("What falls due in the next 14 days", "未来14天到期")) }
        div.card { (ahead.0) }
        (ahead.1.html(lang)) (Table::ways_out(visit, "forecast"))
    };
    Ok(page(visit, title, main))
}

fn filters(visit: &Visit<'_>, rules: &Rules, view: &View<'_>) -> Markup {
    let chosen = |name: &str, value: &str| visit.query.get(name) == Some(value);
    let mut policies: Vec<(&str, &str)> =
        rules.set.editions.iter().map(|edition| (edition.id.as_str(), edition.title.get(visit.lang))).collect();
    policies.sort_unstable();
    policies.dedup_by_key(|(id, _)| *id);
    let mut roles: Vec<(&str, String)> =
        view.board.roles.all().map(|(_, role)| (role, rules.set.org.label(role).get(visit.lang).to_owned())).collect();
    roles.sort_by(|a, b| a.1.cmp(&b.1));
    html! {
        form.line.card method="get" action="/trends" {
            label { (visit.t("Policy", "策略")) select name="policy" { option value="" { (visit.t("all", "全部")) } @for (id, title) in policies { option value=(id) selected[chosen("policy", id)] { (title) } } } }
            label { (visit.t("Role", "角色")) select name="role" { option value="" { (visit.t("all", "全部")) } @for (role, label) in &roles { option value=(role) selected[chosen("role", role)] { (label) } } } }
            button.main { (visit.t("Show", "显示")) }
        }
    }
}

/// The past, as this person sees it.
struct Past<'p> {
    visit: &'p Visit<'p>,
    rules: &'p Rules,
    trends: std::sync::Arc<Trends>,
    weeks: Vec<crate::app::history::Week>,
}

/// Whether a clause is among what is chosen and may be seen.
fn is_wanted(visit: &Visit<'_>, rules: &Rules, clause: usize) -> bool {
    let Some(clause) = rules.set.clauses.get(clause) else { return false };
    let properties = &clause.properties;
    visit.who.as_ref().is_some_and(|who| who.scope.has_policy(&properties.policy))
        && visit.query.get("policy").is_none_or(|policy| properties.policy == policy)
        && visit.query.get("role").is_none_or(|role| properties.owner == role)
}

fn in_weeks(visit: &Visit<'_>, rules: &Rules, trends: &Trends) -> Vec<crate::app::history::Week> {
    let wanted: Vec<bool> = (0..rules.set.clauses.len()).map(|clause| is_wanted(visit, rules, clause)).collect();
    let violations = trends.violations.iter().filter(|violation| wanted.get(violation.clause).copied().unwrap_or(false));
    weeks(violations, visit.now, rules.zone, WEEKS)
}

impl Past<'_> {
    fn chart(&self) -> Markup {
        let visit = self.visit;
        let places: Vec<String> = self.weeks.iter().map(|week| week.monday.format("%m-%d").to_string()).collect();
        let series = [
            Series { label: visit.t("begun", "新发生"), class: "bad", values: self.weeks.iter().map(|week| week.opened).collect() },
            Series { label: visit.t("settled", "已了结"), class: "good", values: self.weeks.iter().map(|week| week.closed).collect() },
        ];
        bars(visit.t("Violations begun and settled, by week", "每周新发生与已了结的违反"), &places, &series, false)
    }

    fn week_table(&self) -> Table {
        let visit = self.visit;
        let mut table = Table::new(
            visit.t("By week", "按周"),
            visit.lang,
            &[
                ("week", "Week from", "周起"),
                ("opened", "Begun", "新发生"),
                ("closed", "Settled", "已了结"),
                ("open", "Open at its end", "期末未了"),
            ],
        );
        for week in self.weeks.iter().rev() {
            table.push(vec![week.monday.into(), week.opened.into(), week.closed.into(), week.open.into()]);
        }
        table
    }

    fn rows(&self) -> impl Iterator<Item = (usize, &Counts)> {
        self.trends.counts.iter().enumerate().filter(|(clause, _)| is_wanted(self.visit, self.rules, *clause))
    }

    fn clauses(&self, most: usize) -> Table {
        let visit = self.visit;
        let mut by: BTreeMap<&str, (usize, Counts)> = BTreeMap::new();
        for (index, counts) in self.rows() {
            let Some(clause) = self.rules.set.clauses.get(index) else { continue };
            let entry = by.entry(&clause.properties.id).or_insert((index, Counts::default()));
            entry.1.merge(counts);
        }
        let mut list: Vec<(&str, usize, u64, u64)> =
            by.into_iter().filter_map(|(id, (index, counts))| on_time(&counts).map(|(met, all)| (id, index, met, all))).collect();
        list.sort_by_key(|(id, _, met, all)| (met.saturating_mul(10_000) / all, u64::MAX - all, *id));
        let mut table = Table::new(
            visit.t("Done in time, by clause", "按条款的按时率"),
            visit.lang,
            &[
                ("clause", "Clause", "条款"),
                ("title", "Duty", "义务"),
                ("met", "In time", "按时"),
                ("all", "Of", "总数"),
                ("share", "Share (%)", "按时率（%）"),
                ("picture", "", ""),
            ],
        );
        for (id, index, met, all) in list.into_iter().take(most) {
            let title = self.rules.set.clauses.get(index).map(|clause| clause.properties.title.get(visit.lang).to_owned());
            table.push(vec![
                Td::link(id, clause_path(id)),
                title.into(),
                met.into(),
                all.into(),
                percent(met, all),
                Td::shown(Cell::Empty, share(met, all)),
            ]);
        }
        table
    }

    fn roles(&self) -> Table {
        let visit = self.visit;
        let mut by: BTreeMap<&str, Counts> = BTreeMap::new();
        for (index, counts) in self.rows() {
            let Some(clause) = self.rules.set.clauses.get(index) else { continue };
            by.entry(&clause.properties.owner).or_default().merge(counts);
        }
        let mut list: Vec<(&str, u64, u64)> =
            by.into_iter().filter_map(|(role, counts)| on_time(&counts).map(|(met, all)| (role, met, all))).collect();
        list.sort_by_key(|(role, met, all)| (met.saturating_mul(10_000) / all, *role));
        let mut table = Table::new(
            visit.t("Done in time, by role", "按角色的按时率"),
            visit.lang,
            &[
                ("role", "Role", "角色"),
                ("met", "In time", "按时"),
                ("all", "Of", "总数"),
                ("share", "Share (%)", "按时率（%）"),
                ("picture", "", ""),
            ],
        );
        for (role, met, all) in list {
            let label = self.rules.set.org.label(role).get(visit.lang).to_owned();
            table.push(vec![
                Td::link(label, format!("/trends{}", visit.query.with("role", role).query())),
                met.into(),
                all.into(),
                percent(met, all),
                Td::shown(Cell::Empty, share(met, all)),
            ]);
        }
        table
    }

    fn targets(&self, most: usize) -> Table {
        let visit = self.visit;
        let mut list: Vec<_> = self.trends.periods.iter().filter(|found| is_wanted(visit, self.rules, found.clause)).collect();
        list.sort_by(|a, b| (&a.clause_id, &a.group, &b.instance).cmp(&(&b.clause_id, &b.group, &a.instance)));
        let mut table = Table::new(
            visit.t("Targets and quotas", "目标与限额"),
            visit.lang,
            &[
                ("state", "State", "状态"),
                ("clause", "Clause", "条款"),
                ("group", "Of", "对象"),
                ("period", "Period from", "期间起"),
                ("figure", "Figure", "数值"),
            ],
        );
        for found in list.into_iter().filter(|found| found.state != State::Pending || most == usize::MAX).take(most) {
            table.push(vec![
                Td::shown(found.state.label().get(visit.lang), badge(visit, found.state)),
                Td::link(found.clause_id.clone(), clause_path(&found.clause_id)),
                found.group.clone().into(),
                found.instance.clone().into(),
                found.message.get(visit.lang).to_owned().into(),
            ]);
        }
        table
    }
}

fn percent(part: u64, all: u64) -> Td {
    let share = rust_decimal::Decimal::from(part) * rust_decimal::Decimal::from(100) / rust_decimal::Decimal::from(all.max(1));
    Td::from(share.round_dp(1))
}

fn ages(visit: &Visit<'_>, rules: &Rules, view: &View<'_>, choice: &Choice) -> (Markup, Table) {
    let counts = view.ages(choice, &rules.set.org);
    let labels = [
        visit.t("under a day", "不足1天"),
        visit.t("1 to 7 days", "1至7天"),
        visit.t("7 to 30 days", "7至30天"),
        visit.t("30 to 90 days", "30至90天"),
        visit.t("over 90 days", "超过90天"),
    ];
    let title = visit.t("Age of open violations", "未了违反的时长");
    let mut table = Table::new(title, visit.lang, &[("age", "Late by", "逾期时长"), ("count", "Violations", "违反数")]);
    labels.iter().zip(counts).for_each(|(label, count)| table.push(vec![(*label).into(), count.into()]));
    let places: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
    (bars(title, &places, &[Series { label: visit.t("open", "未了"), class: "bad", values: counts.to_vec() }], false), table)
}

fn forecast(visit: &Visit<'_>, rules: &Rules, view: &View<'_>, choice: &Choice) -> (Markup, Table) {
    let today = visit.now.date(rules.zone);
    let days: Vec<_> = (0..AHEAD).filter_map(|day| today.checked_add_days(Days::new(day))).collect();
    let ends: Vec<_> = days.iter().map(|day| rules.zone.end_of(*day)).collect();
    let mut by: BTreeMap<Option<u32>, Vec<u64>> = BTreeMap::new();
    view.each(choice, &rules.set.org, |item, stands| {
        let Some(due) = item.due.filter(|_| matches!(stands.state, State::Pending | State::DueSoon)) else { return };
        let place = ends.partition_point(|end| *end < due);
        if let Some(count) = by.entry(item.role).or_insert_with(|| vec![0; days.len()]).get_mut(place) {
            *count += 1;
        }
    });
    let mut sums = vec![0; days.len()];
    by.values().for_each(|counts| sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count));
    let places: Vec<String> = days.iter().map(|day| day.format("%m-%d").to_string()).collect();
    let title = visit.t("What falls due in the next 14 days", "未来14天到期");
    let mut columns = vec![("role", "Role", "角色"), ("total", "Total", "合计")];
    let names: Vec<String> = days.iter().map(ToString::to_string).collect();
    columns.extend(names.iter().zip(&places).map(|(name, place)| (name.as_str(), place.as_str(), place.as_str())));
    let mut table = Table::new(title, visit.lang, &columns);
    let mut list: Vec<(Option<u32>, u64, Vec<u64>)> =
        by.into_iter().map(|(role, counts)| (role, counts.iter().sum(), counts)).filter(|(_, sum, _)| *sum > 0).collect();
    list.sort_by_key(|(role, sum, _)| (u64::MAX - sum, *role));
    for (role, sum, counts) in list {
        let (label, href) = match role {
            Some(role) => {
                let role = view.board.roles.name(role);
                (rules.set.org.label(role).get(visit.lang).to_owned(), visit.query.with("role", role))
            }
            None => (visit.t("nobody's move", "无需处理").to_owned(), visit.query.clone()),
        };
        let to = |from: usize, until: usize| {
            let day = |at: usize| days.get(at).map_or_else(String::new, ToString::to_string);
            let query = href
                .with("from", &day(from))
                .with("until", &ends.get(until).map_or_else(String::new, |end| end.plus(1).to_rfc3339(rules.zone)));
            format!("/{}#list", query.query())
        };
        let mut row = vec![Td::link(label, to(0, days.len().saturating_sub(1))), sum.into()];
        row.extend(counts.iter().enumerate().map(|(at, count)| if *count > 0 { Td::link(*count, to(at, at)) } else { Td::from(*count) }));
        table.push(row);
    }
    (bars(title, &places, &[Series { label: visit.t("falls due", "到期"), class: "a", values: sums }], true), table)
}
