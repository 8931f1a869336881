//! `duly nightly --trend`: the last runs beside each other.

use clap::ArgMatches;
use comfy_table::{Cell, CellAlignment, LineStyle, Table, presets};

use super::{Failure, Screen, args, exit, setting};
use crate::{
    app::{
        trend::{Row, rows},
        workspace::{Workspace, load},
    },
    lang::Lang,
    store::hex,
    time::Zone,
};

pub(super) fn run(matches: &ArgMatches, most: u32, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let store = setting::store(&workspace, screen)?;
    let rows = rows(&store.runs()?, store.findings()?.len() as u64, usize::try_from(most).unwrap_or(usize::MAX));
    let zone = zone(&workspace);
    if args::wants_json(matches) {
        let list: Vec<_> = rows.iter().map(|row| row.to_json(zone)).collect();
        screen.say(serde_json::to_string_pretty(&list).map_err(std::io::Error::from)?)?;
    } else if rows.is_empty() {
        screen.note(screen.pick("no run is recorded yet", "尚无运行记录"));
    } else {
        screen.say(table(&rows, zone, screen))?;
    }
    Ok(exit::OK)
}

/// The zone of times; what ran can be shown even when the policies on disk do not load.
fn zone(workspace: &Workspace) -> Zone {
    load(&workspace.policy_folders(), &workspace.company)
        .map_or_else(|_| workspace.company.zone.unwrap_or(Zone::UTC), |(_, set)| setting::zone(&set))
}

fn table(rows: &[Row], zone: Zone, screen: &Screen) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    table.set_header(match screen.lang {
        Lang::En => ["Run", "When", "As of", "Cases", "Open", "Due soon", "New", "Cleared", "Reopened", "Policies"],
        Lang::Zh => ["运行", "时间", "截至", "个案", "未了结", "即将到期", "新增", "消除", "再现", "策略"],
    });
    for row in rows {
        let number = |number: u64| Cell::new(number).set_alignment(CellAlignment::Right);
        let hash: String = hex(&row.policies).chars().take(8).collect();
        let mark = match (row.fallback, row.changed) {
            (true, _) => screen.pick(" last good", " 沿用"),
            (false, true) => screen.pick(" changed", " 已变更"),
            (false, false) => "",
        };
        table.add_row(vec![
            number(row.run),
            Cell::new(row.at.plus(-(row.at.millis() % 1000)).show(zone)),
            Cell::new(row.as_of.show(zone)),
            number(row.cases),
            number(row.open),
            number(row.due_soon),
            number(row.new as u64),
            number(row.cleared as u64),
            number(row.reopened as u64),
            Cell::new(format!("{hash}{mark}")),
        ]);
    }
    table.to_string()
}
