//! The tables of a clause's page: they leave as files, too.

use maud::html;

use super::Shown;
use crate::{
    app::clausefile::tests_of,
    finding::State,
    lang::{Lang, Text},
    report::sheet::Cell,
    web::{
        fields::Fields,
        layout::minute,
        pages::{clause::local, today::badge},
        table::{Table, Td},
    },
};

impl Shown<'_> {
    /// A table by name.
    pub(super) fn table(&self, name: &str) -> Option<Table> {
        match name {
            "states" => Some(self.states()),
            "parameters" => Some(self.parameters()),
            "tests" => Some(self.tests()),
            _ => None,
        }
    }

    /// What is not met as it is now, with the way to its rows; what is settled as the last run left it.
    pub(super) fn states(&self) -> Table {
        let visit = self.visit;
        let columns = [("state", "State", "状态"), ("count", "Obligations", "义务数"), ("as_of", "As of", "截至")];
        let mut table = Table::new(visit.t("States", "状态"), self.lang(), &columns);
        let zone = self.rules.zone;
        for state in State::ALL.iter().filter(|state| !matches!(state, State::MetLate | State::Met)) {
            let count = self.unmet.of(*state);
            let query = Fields::default().with("clause", self.id).with("state", state.word()).query();
            let label = state.label();
            let count = if count > 0 { Td::link(count, format!("/{query}#list")) } else { count.into() };
            table.push(vec![Td::shown(label.get(self.lang()), badge(visit, *state)), count, Cell::Instant(minute(visit.now), zone).into()]);
        }
        if let Some((as_of, outturn)) = &self.run {
            let late = outturn.counts.of(State::MetLate);
            let settled = outturn.violations().saturating_sub(outturn.open).saturating_sub(late);
            let met = outturn.counts.of(State::Met);
            let as_of = || Cell::Instant(*as_of, zone).into();
            table.push(vec![visit.t("breached, settled since", "违反，已补救").into(), settled.into(), as_of()]);
            for (state, count) in [(State::MetLate, late), (State::Met, met)] {
                table.push(vec![Td::shown(state.label().get(self.lang()), badge(visit, state)), count.into(), as_of()]);
            }
        }
        table
    }

    fn reads(&self, edition: usize, name: &str) -> bool {
        self.outlines.iter().any(|outline| outline.edition == edition && outline.parameters.iter().any(|known| known == name))
    }

    pub(super) fn parameters(&self) -> Table {
        let visit = self.visit;
        let columns = [
            ("parameter", "Parameter", "参数"),
            ("meaning", "Meaning", "含义"),
            ("value", "Value now", "现值"),
            ("assumed", "Assumed", "假定"),
            ("article", "Article", "出处"),
            ("reads", "This clause reads it", "本条款使用"),
        ];
        let mut table = Table::new(visit.t("Parameters", "参数"), self.lang(), &columns);
        let Some((index, edition)) = self.wording().and_then(|one| Some((one.edition, self.rules.set.editions.get(one.edition)?))) else {
            return table;
        };
        let mut list: Vec<_> = edition.parameters.iter().map(|parameter| (self.reads(index, &parameter.name), parameter)).collect();
        list.sort_by_key(|(reads, _)| !reads);
        let zone = self.rules.zone;
        for (reads, parameter) in list {
            let value = parameter.at(visit.now, self.now.setup.zone()).map(|value| value.show(zone, self.lang() == Lang::Zh));
            table.push(vec![
                Td::shown(parameter.name.as_str(), html! { code { (parameter.name) } }),
                parameter.label.get(self.lang()).into(),
                value.into(),
                parameter.assumed.into(),
                parameter.article.clone().into(),
                reads.into(),
            ]);
        }
        table
    }

    pub(super) fn tests(&self) -> Table {
        let visit = self.visit;
        let columns = [("test", "Test", "测试"), ("place", "Place", "位置"), ("expects", "Expects of this clause", "对本条款的预期")];
        let mut table = Table::new(visit.t("Tests", "测试"), self.lang(), &columns);
        let zone = self.now.setup.zone();
        for test in tests_of(&self.rules.sources, &self.rules.set, self.id) {
            let (line, _) = test.place.line_column();
            let expects = test.expects.iter().map(|(at, states)| format!("{}: {}", at.show_due(zone), self.state_names(states))).collect();
            table.push(vec![
                test.name.into(),
                format!("{}:{line}", local(visit, &test.place.file.path)).into(),
                Cell::List(expects).into(),
            ]);
        }
        table
    }

    fn state_names(&self, words: &[String]) -> String {
        if words.is_empty() {
            return self.visit.t("no obligation", "无义务").to_owned();
        }
        let label = |word: &String| {
            let state = State::ALL.iter().find(|state| state.word() == word);
            state.map_or_else(|| Text::same(word.as_str()), |state| state.label()).get(self.lang()).to_owned()
        };
        words.iter().map(label).collect::<Vec<_>>().join(self.visit.t(", ", "、"))
    }
}
