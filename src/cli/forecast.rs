//! `duly due --by`: how much falls due, and on whom, as a table or for a program.

use comfy_table::{Cell, CellAlignment, LineStyle, Table, presets};

use super::{Failure, Screen, exit, listing, output::Output};
use crate::{
    app::forecast::{By, Counts, Line, Move, Outlook},
    lang::Lang,
    report::{Cell as SheetCell, Column, Export, Format, Sheet},
};

pub(super) fn print(
    outlook: &Outlook<'_>,
    by: By,
    moves: &[Move],
    span: &str,
    export: Export,
    mut out: Output,
    screen: &Screen,
) -> Result<u8, Failure> {
    let lines = outlook.lines(by, moves);
    let sum = outlook.sum(moves);
    match export {
        Export::List(Format::Table) if lines.is_empty() => {}
        Export::List(Format::Table) => writeln!(out.writer(), "{}", table(by, &lines, sum, screen))?,
        export => listing::sheet(&sheet(by, &lines, screen.lang), export, &mut out, screen)?,
    }
    out.close()?;
    let (overdue, ahead) = (sum.overdue, sum.total() - sum.overdue);
    screen.note(match screen.lang {
        Lang::En => format!("{overdue} overdue, {ahead} due within {span}"),
        Lang::Zh => format!("已逾期 {overdue}，{span}内到期 {ahead}"),
    });
    Ok(exit::OK)
}

/// What stands over the figures.
const fn heads(lang: Lang) -> [&'static str; 6] {
    match lang {
        Lang::En => ["Overdue", "Due today", "Later this week", "Later", "All", "Of them critical"],
        Lang::Zh => ["已逾期", "今日到期", "本周内", "之后", "合计", "其中严重"],
    }
}

fn table(by: By, lines: &[Line], sum: Counts, screen: &Screen) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    table.set_header(std::iter::once(by.title(screen.lang)).chain(heads(screen.lang)));
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

/// The lines for programs and spreadsheets.
fn sheet(by: By, lines: &[Line], lang: Lang) -> Sheet {
    let first = [Column::new(by.word(), by.title(lang)), Column::new("label", lang.pick("Name", "名称"))];
    let counts = Counts::default().named().into_iter().zip(heads(lang)).map(|((key, _), label)| Column::new(key, label));
    let mut sheet = Sheet::new(lang.pick("What falls due", "到期事项"), first.into_iter().chain(counts).collect());
    for line in lines {
        let texts = [line.key.clone().into(), line.label.get(lang).into()];
        sheet.rows.push(texts.into_iter().chain(line.counts.named().map(|(_, count)| SheetCell::from(count))).collect());
    }
    sheet
}
