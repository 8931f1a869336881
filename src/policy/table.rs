//! Tables by one or several facts, with the hit policies `unique` and `first` of DMN (Decision Model and Notation 1.5,
//! section 8.2.10). Gaps and overlaps are found when the policy is loaded.

use rust_decimal::Decimal;
use smallvec::SmallVec;

use super::lookup::{Lookup, Reader, read_lookup};
use crate::{
    atom::{Atom, Symbol, Symbols},
    diagnostic::{Place, Problems, did_you_mean},
    lang::Text,
    script::{Binding, Env, Expr, Names, Sight, Stop, Trouble},
    value::{Type, Val},
    yaml::{Fields, Key, Kind, Node},
};

/// Keys of a table.
pub const KEYS: &[Key] = &[
    Key::required("select", "name or list of names", "the facts that choose the row", "用于选行的事实"),
    Key::required("rows", "map or list of {if, then}", "the rows", "各行"),
    Key::optional("hit", "unique | first", "whether rows may overlap, the first counting", "行可否重叠（first：取首个）"),
    Key::optional("else", "value", "the value where no row matches", "无匹配行时的值"),
];

const ROW_KEYS: &[Key] = &[
    Key::required("if", "list of cells", "one cell for each selected fact", "每个所选事实一格"),
    Key::required("then", "value", "the row's value", "该行的值"),
];

/// Which row counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hit {
    Unique,
    First,
}

/// One condition of a row.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Any,
    /// Any of these texts or flags.
    OneOf(Words),
    /// A range of numbers; the flags tell whether the end is included.
    Range(Option<(Decimal, bool)>, Option<(Decimal, bool)>),
}

/// The texts or flags of a cell.
#[derive(Clone, Debug, PartialEq)]
struct Words {
    texts: Vec<String>,
    symbols: Vec<Symbol>,
    yes: bool,
    no: bool,
}

impl Words {
    fn new(texts: Vec<String>, symbols: &Symbols) -> Self {
        let has = |word: &str| texts.iter().any(|text| text == word);
        Self { symbols: texts.iter().map(|text| symbols.intern(text)).collect(), yes: has("true"), no: has("false"), texts }
    }
}

impl Cell {
    /// Whether a value is one of the cell's; `None` when its text must be looked at.
    fn admits(&self, value: Atom, sight: &impl Sight) -> Option<bool> {
        match (self, value) {
            (Self::Any, _) => Some(true),
            (Self::OneOf(words), Atom::Text(word)) => {
                Some(sight.words().symbol(word).is_some_and(|symbol| words.symbols.contains(&symbol)))
            }
            (Self::OneOf(words), Atom::Boolean(flag)) => Some(if flag { words.yes } else { words.no }),
            (Self::Range(low, high), Atom::Integer(_) | Atom::Decimal(_)) => {
                Some(value.number().is_some_and(|number| in_range(number, *low, *high)))
            }
            _ => None,
        }
    }

    fn matches(&self, value: &Val) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(words) => {
                let text = value.to_string();
                words.texts.contains(&text)
            }
            Self::Range(low, high) => value.number().is_some_and(|number| in_range(number, *low, *high)),
        }
    }
}

fn in_range(number: Decimal, low: Option<(Decimal, bool)>, high: Option<(Decimal, bool)>) -> bool {
    low.is_none_or(|(limit, included)| number > limit || (included && number == limit))
        && high.is_none_or(|(limit, included)| number < limit || (included && number == limit))
}

#[derive(Debug)]
struct Row {
    cells: Vec<Cell>,
    value: Lookup,
    place: Place,
}

/// An input, as the rows look at it.
#[derive(Clone, Copy)]
enum Looked {
    Word(Option<Symbol>),
    Value(Atom),
    Missing(Stop),
}

/// A decision table.
#[derive(Debug)]
pub struct Table {
    /// Where it stands.
    pub place: Place,
    inputs: Vec<Expr>,
    rows: Vec<Row>,
    otherwise: Option<Lookup>,
}

impl Table {
    /// The value of the row that matches.
    ///
    /// # Errors
    /// A missing fact; no row for the facts as they are.
    pub fn value(&self, env: &Env<'_>) -> Result<Val, Trouble> {
        if let Ok(row) = self.chosen(env) {
            return row.value(env);
        }
        // A fact that a row does not ask about is not missing there.
        let values: Vec<Result<Val, Trouble>> = self.inputs.iter().map(|input| input.value(env)).collect();
        let mut row = None;
        for candidate in &self.rows {
            let cells = || candidate.cells.iter().zip(&values).filter(|(cell, _)| **cell != Cell::Any);
            if cells().any(|(cell, value)| value.as_ref().is_ok_and(|value| !cell.matches(value))) {
                continue;
            }
            if let Some(trouble) = cells().find_map(|(_, value)| value.as_ref().err()) {
                return Err(trouble.clone());
            }
            row = Some(candidate);
            break;
        }
        match (row, &self.otherwise) {
            (Some(row), _) => row.value.value(env),
            (None, Some(value)) => value.value(env),
            (None, None) => {
                let given =
                    values.iter().filter_map(|value| value.as_ref().ok()).map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
                Err(Trouble::failed(&self.place, format!("no row of this table matches {given}"), format!("表中没有与 {given} 匹配的行")))
            }
        }
    }

    /// The value without allocation, where it can be had so.
    pub(crate) fn atom(&self, sight: &impl Sight) -> Result<Atom, Stop> {
        self.chosen(sight)?.atom(sight)
    }

    /// The value of the row that matches, found without allocation.
    ///
    /// # Errors
    /// A missing fact; or the slow way must be gone.
    pub(super) fn chosen(&self, sight: &impl Sight) -> Result<&Lookup, Stop> {
        if let [input] = self.inputs.as_slice() {
            return self.chosen_by_one(input, sight);
        }
        let mut seen: SmallVec<[Looked; 4]> = SmallVec::new();
        for input in &self.inputs {
            seen.push(match input.atom(sight) {
                Ok(Atom::Text(word)) => Looked::Word(sight.words().symbol(word)),
                Ok(value) => Looked::Value(value),
                Err(Stop::Interpret) => return Err(Stop::Interpret),
                Err(stop) => Looked::Missing(stop),
            });
        }
        'rows: for row in &self.rows {
            let mut missing = None;
            for (cell, looked) in row.cells.iter().zip(&seen) {
                match (cell, looked) {
                    (Cell::Any, _) => {}
                    (_, Looked::Missing(stop)) => missing = missing.or(Some(*stop)),
                    (Cell::OneOf(words), Looked::Word(symbol)) => {
                        if symbol.is_none_or(|symbol| !words.symbols.contains(&symbol)) {
                            continue 'rows;
                        }
                    }
                    (cell, Looked::Value(value)) => {
                        if !cell.admits(*value, sight).ok_or(Stop::Interpret)? {
                            continue 'rows;
                        }
                    }
                    (_, Looked::Word(_)) => return Err(Stop::Interpret),
                }
            }
            return missing.map_or(Ok(&row.value), Err);
        }
        self.otherwise.as_ref().ok_or(Stop::Interpret)
    }

    fn chosen_by_one(&self, input: &Expr, sight: &impl Sight) -> Result<&Lookup, Stop> {
        // A text fact: all but a few tables.
        if let Some(Binding::Fact(slot)) = input.binding()
            && let Some(symbol) = sight.fact_symbol(slot)
        {
            return self.row_of(symbol);
        }
        let value = match input.atom(sight) {
            Ok(value) => value,
            // A row that asks nothing may stand before any that does.
            Err(Stop::Fact(slot)) => match self.rows.first() {
                Some(row) if row.cells.first() == Some(&Cell::Any) => return Ok(&row.value),
                _ => return Err(Stop::Fact(slot)),
            },
            Err(stop) => return Err(stop),
        };
        if let Atom::Text(word) = value {
            return self.row_of(sight.words().symbol(word));
        }
        for row in &self.rows {
            if row.cells.first().and_then(|cell| cell.admits(value, sight)).ok_or(Stop::Interpret)? {
                return Ok(&row.value);
            }
        }
        self.otherwise.as_ref().ok_or(Stop::Interpret)
    }

    /// The row of a text, where the texts of cases are asked.
    fn row_of(&self, symbol: Option<Symbol>) -> Result<&Lookup, Stop> {
        for row in &self.rows {
            let admitted = match row.cells.first() {
                Some(Cell::OneOf(words)) => symbol.is_some_and(|symbol| words.symbols.contains(&symbol)),
                Some(Cell::Any) => true,
                Some(Cell::Range(..)) | None => return Err(Stop::Interpret),
            };
            if admitted {
                return Ok(&row.value);
            }
        }
        self.otherwise.as_ref().ok_or(Stop::Interpret)
    }

    /// Whether it is the same at every position as long as facts do not change.
    pub(super) fn is_of_facts(&self, names: &Names) -> bool {
        self.inputs.iter().all(|input| input.is_of_facts(names))
            && self.rows.iter().map(|row| &row.value).chain(&self.otherwise).all(|value| value.is_of_facts(names))
    }

    /// Its expressions.
    pub(super) fn expressions(&self) -> Vec<&Expr> {
        let values = self.rows.iter().map(|row| &row.value).chain(&self.otherwise);
        self.inputs.iter().chain(values.flat_map(Lookup::expressions)).collect()
    }

    /// The facts that choose the row, in words.
    #[must_use]
    pub fn inputs(&self) -> Vec<&str> {
        self.inputs.iter().map(|input| input.text.as_str()).collect()
    }
}

/// Reads a table whose values are of a type; notes gaps, overlaps and cells that are not allowed values.
pub fn read_table(node: &Node, wanted: Type, reader: &Reader<'_>, problems: &mut Problems) -> Option<Table> {
    let fields = Fields::read(node, KEYS, problems)?;
    let mut inputs = Vec::new();
    for name in fields.list("select") {
        let text = name.expect_text(problems)?;
        let text = text.strip_prefix('=').unwrap_or(text).trim();
        inputs.push(Expr::compile(reader.engine, text, &name.place, &reader.context, Type::Any, problems)?);
    }
    let hit = fields.word("hit", &[("unique", Hit::Unique), ("first", Hit::First)], problems).unwrap_or(Hit::Unique);
    let otherwise = fields.get("else").and_then(|value| read_lookup(value, wanted, reader, problems));
    let domains: Vec<Domain> = inputs.iter().map(|input| Domain::of(input, reader)).collect();
    let rows = read_rows(fields.get("rows")?, wanted, reader, &domains, problems)?;
    let table = Table { place: node.place.clone(), inputs, rows, otherwise };
    check(&table, hit, &domains, fields.get("else").is_some(), problems);
    Some(table)
}

fn read_rows(node: &Node, wanted: Type, reader: &Reader<'_>, domains: &[Domain], problems: &mut Problems) -> Option<Vec<Row>> {
    let symbols = &reader.context.names.symbols;
    let mut rows = Vec::new();
    match &node.kind {
        Kind::Map(entries) => {
            for (key, value) in entries {
                let cells = vec![read_cell(key, domains.first()?, symbols, problems)?];
                rows.push(Row { cells, value: read_lookup(value, wanted, reader, problems)?, place: key.place.clone() });
            }
        }
        _ => {
            for item in node.items() {
                let row = Fields::read(item, ROW_KEYS, problems)?;
                let condition = row.get("if")?;
                let cells = condition.items();
                if cells.len() != domains.len() {
                    problems.error(
                        "DU0105",
                        &condition.place,
                        format!("this row has {} cells, the table selects by {} facts", cells.len(), domains.len()),
                        format!("该行有 {} 格，而表按 {} 个事实选行", cells.len(), domains.len()),
                    );
                    return None;
                }
                let cells =
                    cells.iter().zip(domains).map(|(cell, domain)| read_cell(cell, domain, symbols, problems)).collect::<Option<_>>()?;
                let value = read_lookup(row.get("then")?, wanted, reader, problems)?;
                rows.push(Row { cells, value, place: condition.place.clone() });
            }
        }
    }
    Some(rows)
}

/// What values an input may take, as far as the policy says.
enum Domain {
    Words(Vec<String>),
    Numbers,
    Open,
}

impl Domain {
    fn of(input: &Expr, reader: &Reader<'_>) -> Self {
        let binding: Option<Binding> = input.binding();
        let (kind, values) = binding.map_or((input.kind, &[][..]), |binding| reader.context.names.type_of(binding));
        match kind {
            Type::Boolean => Self::Words(vec!["true".to_owned(), "false".to_owned()]),
            kind if kind.is_number() => Self::Numbers,
            _ if !values.is_empty() => Self::Words(values.iter().map(|(value, _)| value.clone()).collect()),
            _ => Self::Open,
        }
    }
}

fn read_cell(node: &Node, domain: &Domain, symbols: &Symbols, problems: &mut Problems) -> Option<Cell> {
    let text = node.expect_text(problems)?.trim();
    if text == "*" || text == "-" {
        return Some(Cell::Any);
    }
    if matches!(domain, Domain::Numbers) {
        let cell = read_range(text);
        if cell.is_none() {
            problems.error_with_help(
                "DU0105",
                &node.place,
                Text::new(format!("`{text}` is not a condition on a number"), format!("`{text}` 不是数字条件")),
                Text::new("write `10`, `< 10`, `>= 10`, `10..20` or `*`", "可写 `10`、`< 10`、`>= 10`、`10..20` 或 `*`"),
            );
        }
        return cell;
    }
    let words: Vec<String> = text.split('|').map(|word| word.trim().to_owned()).collect();
    if let Domain::Words(allowed) = domain {
        for word in words.iter().filter(|word| !allowed.contains(word)) {
            problems.error_with_help(
                "DU0206",
                &node.place,
                Text::new(format!("`{word}` is not an allowed value of the fact"), format!("`{word}` 不是该事实允许的取值")),
                did_you_mean(word, allowed.iter().map(String::as_str)),
            );
        }
    }
    Some(Cell::OneOf(Words::new(words, symbols)))
}

fn read_range(text: &str) -> Option<Cell> {
    let number = |text: &str| text.trim().parse::<Decimal>().ok();
    for (sign, low, included) in [("<=", false, true), (">=", true, true), ("<", false, false), (">", true, false)] {
        if let Some(rest) = text.strip_prefix(sign) {
            let limit = Some((number(rest)?, included));
            return Some(if low { Cell::Range(limit, None) } else { Cell::Range(None, limit) });
        }
    }
    if let Some((low, high)) = text.split_once("..") {
        return Some(Cell::Range(Some((number(low)?, true)), Some((number(high)?, true))));
    }
    let value = number(text)?;
    Some(Cell::Range(Some((value, true)), Some((value, true))))
}

/// One value from each region of an input that the rows cannot tell apart further.
fn samples(table: &Table, column: usize, domain: &Domain) -> Option<Vec<(String, Val)>> {
    match domain {
        Domain::Words(words) => Some(words.iter().map(|word| (word.clone(), Val::Text(word.as_str().into()))).collect()),
        Domain::Open => None,
        Domain::Numbers => {
            let mut limits: Vec<Decimal> = Vec::new();
            for row in &table.rows {
                if let Some(Cell::Range(low, high)) = row.cells.get(column) {
                    limits.extend(low.iter().chain(high).map(|(limit, _)| *limit));
                }
            }
            limits.sort_unstable();
            limits.dedup();
            let half = Decimal::new(5, 1);
            let mut list = Vec::new();
            let mut before: Option<Decimal> = None;
            for limit in &limits {
                let between = before.map_or(*limit - Decimal::ONE, |before| (before + *limit) * half);
                let whole_neighbours = before.is_some_and(|before| *limit - before <= Decimal::ONE);
                if !whole_neighbours || table.inputs.get(column).is_some_and(|input| input.kind == Type::Decimal) {
                    list.push((
                        before.map_or(format!("< {limit}"), |before| format!("between {before} and {limit}")),
                        Val::Decimal(between),
                    ));
                }
                list.push((limit.to_string(), Val::Decimal(*limit)));
                before = Some(*limit);
            }
            let last = before.unwrap_or_default();
            list.push((format!("> {last}"), Val::Decimal(last + Decimal::ONE)));
            Some(list)
        }
    }
}

/// Enough for any table a person writes; beyond it the check would take long.
const MOST_COMBINATIONS: usize = 20_000;

fn check(table: &Table, hit: Hit, domains: &[Domain], has_else: bool, problems: &mut Problems) {
    let mut columns = Vec::new();
    for (column, domain) in domains.iter().enumerate() {
        match samples(table, column, domain) {
            Some(list) => columns.push(list),
            None if has_else => columns.push(open_words(table, column)),
            None => {
                problems.error_with_help(
                    "DU0301",
                    &table.place,
                    Text::new("this table may have a gap: the fact can be any text", "该表可能有空缺：事实可为任意文本"),
                    Text::new("declare the fact's `values:`, or give the table an `else:`", "请声明该事实的 `values:`，或给表加 `else:`"),
                );
                return;
            }
        }
    }
    let total: usize = columns.iter().map(Vec::len).product();
    if total > MOST_COMBINATIONS {
        return;
    }
    for number in 0..total {
        let mut rest = number;
        let mut names = Vec::new();
        let mut values = Vec::new();
        for list in &columns {
            if let Some((name, value)) = list.get(rest % list.len()) {
                names.push(name.as_str());
                values.push(value);
            }
            rest /= list.len();
        }
        let matching: Vec<&Row> =
            table.rows.iter().filter(|row| row.cells.iter().zip(&values).all(|(cell, value)| cell.matches(value))).collect();
        let what = names.join(", ");
        match matching.as_slice() {
            [] if !has_else => {
                problems.error_with_help(
                    "DU0301",
                    &table.place,
                    Text::new(format!("this table has a gap: no row for `{what}`"), format!("该表有空缺：没有 `{what}` 的行")),
                    Text::new("add the row, or an `else:`", "请补上该行，或加 `else:`"),
                );
                return;
            }
            [first, second, ..] if hit == Hit::Unique => {
                let (line, _) = first.place.line_column();
                problems.error_with_help(
                    "DU0302",
                    &second.place,
                    Text::new(
                        format!("this row overlaps the one in line {line}: both match `{what}`"),
                        format!("该行与第 {line} 行重叠：都匹配 `{what}`"),
                    ),
                    Text::new("make them distinct, or say `hit: first`", "请使两行互斥，或写 `hit: first`"),
                );
                return;
            }
            _ => {}
        }
    }
}

/// The words of an open column, and one that no row names.
fn open_words(table: &Table, column: usize) -> Vec<(String, Val)> {
    let mut words: Vec<String> = vec!["(any other)".to_owned()];
    for row in &table.rows {
        if let Some(Cell::OneOf(list)) = row.cells.get(column) {
            words.extend(list.texts.iter().cloned());
        }
    }
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(|word| (word.clone(), Val::Text(word.into()))).collect()
}
