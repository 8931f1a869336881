//! `duly due --by`: how much falls due, and on whom, as a table or for a program.

use std::io;

use comfy_table::{Cell, CellAlignment, LineStyle, Table, presets};

use super::{Failure, Screen, exit};
use crate::{
    app::forecast::{By, Counts, Line, Move, Outlook},
    lang::Lang,
    report::{Format, harmless},
};

pub(super) fn print(outlook: &Outlook<'_>, by: By, moves: &[Move], span: &str, format: Format, screen: &Screen) -> Result<u8, Failure> {
    let lines = outlook.lines(by, moves);
    let sum = outlook.sum(moves);
    let objects = || lines.iter().map(|line| line.to_json(by, screen.lang));
    match format {
        Format::Table if lines.is_empty() => {}
        Format::Table => screen.say(table(by, &lines, sum, screen))?,
        Format::Json => screen.say(serde_json::to_string_pretty(&objects().collect::<Vec<_>>()).map_err(io::Error::from)?)?,
        Format::Jsonl => objects().try_for_each(|line| screen.say(line))?,
        Format::Csv => csv(by, &lines, screen).map_err(io::Error::from)?,
    }
    let (overdue, ahead) = (sum.overdue, sum.total() - sum.overdue);
    screen.note(match screen.lang {
        Lang::En => format!("{overdue} overdue, {ahead} due within {span}"),
        Lang::Zh => format!("已逾期 {overdue}，{span}内到期 {ahead}"),
    });
    Ok(exit::OK)
}

fn table(by: By, lines: &[Line], sum: Counts, screen: &Screen) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    let head = match screen.lang {
        Lang::En => ["Overdue", "Due today", "Later this week", "Later", "All", "Of them critical"],
        Lang::Zh => ["已逾期", "今日到期", "本周内", "之后", "合计", "其中严重"],
    };
    table.set_header(std::iter::once(by.title(screen.lang)).chain(head));
    let row = |label: &str, counts: Counts| {
        let numbers = counts.named().map(|(_, count)| {
            // A zero says nothing; the eye should find what is there.
            let text = if count == 0 { String::new() } else { count.to_string() };
            Cell::new(text).set_alignment(CellAlignment::Right)
        });
        std::iter::once(Cell::new(label)).chain(numbers).collect::<Vec<_>>()
    };
    for line in lines {
        table.add_row(row(line.label.get(screen.lang), line.counts));
    }
    if lines.len() > 1 {
        table.add_row(row(screen.pick("all", "全部"), sum));
    }
    table.to_string()
}

fn csv(by: By, lines: &[Line], screen: &Screen) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(screen.output());
    let names = Counts::default().named().map(|(name, _)| name);
    writer.write_record([by.word(), "label"].into_iter().chain(names))?;
    for line in lines {
        let texts = [line.key.clone().unwrap_or_default(), line.label.get(screen.lang).to_owned()].map(harmless);
        writer.write_record(texts.into_iter().chain(line.counts.named().map(|(_, count)| count.to_string())))?;
    }
    Ok(writer.flush()?)
}
