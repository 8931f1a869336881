//! A value of a clause: written down, computed, or looked up in a table.

use std::{borrow::Cow, sync::Arc};

use chrono::NaiveDate;
use rhai::Engine;
use rust_decimal::Decimal;

use super::table::{Table, read_table};
use crate::{
    atom::{Atom, Symbol, Symbols},
    diagnostic::Problems,
    lang::Text,
    script::{Context, Env, Expr, Names, Sight, Stop, Trouble, expression_of},
    time::{Instant, Span, Zone, parse_date},
    value::{Type, Val},
    yaml::{Kind, Node},
};

/// What is needed to read values.
#[derive(Clone, Copy)]
pub struct Reader<'r> {
    /// The script engine.
    pub engine: &'r Arc<Engine>,
    /// What expressions may use.
    pub context: Context<'r>,
    /// The zone of times without offset.
    pub zone: Zone,
}

/// A value that is written down.
#[derive(Debug)]
pub struct Constant {
    value: Val,
    atom: Option<Atom>,
    choices: Vec<Choice>,
}

/// One item of a list of texts: a text, or several of which any will do.
pub type Choice = Vec<Name>;

/// A text that is compared with texts of cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The text.
    pub text: String,
    /// Its symbol.
    pub symbol: Symbol,
}

impl Name {
    /// A text with its symbol.
    #[must_use]
    pub fn new(text: &str, symbols: &Symbols) -> Self {
        Self { text: text.to_owned(), symbol: symbols.intern(text) }
    }
}

impl Constant {
    fn new(value: Val, symbols: &Symbols) -> Self {
        let name = |value: &Val| Name::new(&value.to_string(), symbols);
        let choice = |item: &Val| match item {
            Val::List(any) => any.iter().map(name).collect(),
            one => vec![name(one)],
        };
        let choices = match &value {
            Val::List(items) => items.iter().map(choice).collect(),
            one => vec![choice(one)],
        };
        Self { atom: Atom::constant(&value, symbols), choices, value }
    }
}

/// A value of a clause.
#[derive(Debug)]
pub enum Lookup {
    /// Written down.
    Constant(Constant),
    /// Computed.
    Expr(Expr),
    /// Looked up.
    Table(Box<Table>),
}

impl Lookup {
    /// The value where it is asked.
    ///
    /// # Errors
    /// What is missing, or what failed and where.
    pub fn value(&self, env: &Env<'_>) -> Result<Val, Trouble> {
        match self {
            Self::Constant(constant) => Ok(constant.value.clone()),
            Self::Expr(expr) => expr.value(env),
            Self::Table(table) => table.value(env),
        }
    }

    /// The value without allocation, where it can be had so.
    pub(crate) fn atom(&self, sight: &impl Sight) -> Result<Atom, Stop> {
        match self {
            Self::Constant(constant) => constant.atom.ok_or(Stop::Interpret),
            Self::Expr(expr) => expr.atom(sight),
            Self::Table(table) => table.atom(sight),
        }
    }

    /// The value as a span, where it can be had without allocation.
    pub(crate) fn plain_span(&self, sight: &impl Sight) -> Result<Span, Stop> {
        match self {
            Self::Constant(Constant { atom: Some(Atom::Span(span)), .. }) => Ok(*span),
            Self::Table(table) => table.chosen(sight)?.plain_span(sight),
            Self::Expr(expr) => match expr.atom(sight)? {
                Atom::Span(span) => Ok(span),
                _ => Err(Stop::Interpret),
            },
            Self::Constant(_) => Err(Stop::Interpret),
        }
    }

    /// The value as a span.
    ///
    /// # Errors
    /// What is missing, or what failed and where.
    pub fn span(&self, env: &Env<'_>) -> Result<Span, Trouble> {
        if let Ok(span) = self.plain_span(env) {
            return Ok(span);
        }
        match self.value(env)? {
            Val::Span(span) => Ok(span),
            other => Err(self.not(env, &other, Type::Span)),
        }
    }

    /// The value as a number.
    ///
    /// # Errors
    /// What is missing, or what failed and where.
    pub fn number(&self, env: &Env<'_>) -> Result<Decimal, Trouble> {
        if let Ok(Some(number)) = self.atom(env).map(Atom::number) {
            return Ok(number);
        }
        let value = self.value(env)?;
        value.number().ok_or_else(|| self.not(env, &value, Type::Decimal))
    }

    /// The value as a list of texts.
    ///
    /// # Errors
    /// What is missing, or what failed and where.
    pub fn choices(&self, env: &Env<'_>) -> Result<Cow<'_, [Choice]>, Trouble> {
        match self {
            Self::Constant(constant) => return Ok(Cow::Borrowed(&constant.choices)),
            Self::Table(table) => {
                if let Ok(row) = table.chosen(env) {
                    return row.choices(env);
                }
            }
            Self::Expr(_) => {}
        }
        Ok(Cow::Owned(Constant::new(self.value(env)?, &env.names.symbols).choices))
    }

    /// The value as a list of texts, where it is written down.
    pub(crate) fn borrowed_choices(&self, sight: &impl Sight) -> Result<&[Choice], Stop> {
        match self {
            Self::Constant(constant) => Ok(&constant.choices),
            Self::Table(table) => table.chosen(sight)?.borrowed_choices(sight),
            Self::Expr(_) => Err(Stop::Interpret),
        }
    }

    /// The value that is written down.
    pub(crate) const fn written(&self) -> Option<&Atom> {
        if let Self::Constant(constant) = self { constant.atom.as_ref() } else { None }
    }

    /// Whether it is the same at every position as long as facts do not change.
    #[must_use]
    pub(crate) fn is_of_facts(&self, names: &Names) -> bool {
        match self {
            Self::Constant(_) => true,
            Self::Expr(expr) => expr.is_of_facts(names),
            Self::Table(table) => table.is_of_facts(names),
        }
    }

    /// Its expressions, for telling how each is run.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Expr(expr) => vec![expr],
            Self::Table(table) => table.expressions(),
        }
    }

    fn not(&self, env: &Env<'_>, value: &Val, wanted: Type) -> Trouble {
        let en = format!("{} is needed, this gives `{value}`", wanted.name());
        let zh = format!("此处需要{}，得到的是 `{value}`", wanted.zh());
        match self {
            Self::Expr(expr) => Trouble::failed(&expr.place, en, zh),
            Self::Table(table) => Trouble::failed(&table.place, en, zh),
            Self::Constant(_) => Trouble::failed(&env.names.kind.place, en, zh),
        }
    }
}

/// Reads a value of a type: a constant, an `=` expression, or a table.
pub fn read_lookup(node: &Node, wanted: Type, reader: &Reader<'_>, problems: &mut Problems) -> Option<Lookup> {
    if let Some((text, place)) = expression_of(node) {
        return Expr::compile(reader.engine, &text, &place, &reader.context, wanted, problems).map(Lookup::Expr);
    }
    if matches!(node.kind, Kind::Map(_)) {
        return read_table(node, wanted, reader, problems).map(|table| Lookup::Table(Box::new(table)));
    }
    // The bare name of a parameter or fact is that, where texts cannot be meant.
    if let Kind::Scalar { text, quoted: false } = &node.kind
        && !matches!(wanted, Type::Text | Type::List)
        && reader.context.names.find(text).is_some()
    {
        return Expr::compile(reader.engine, text, &node.place, &reader.context, wanted, problems).map(Lookup::Expr);
    }
    let value = constant(node, wanted, reader.zone, problems)?;
    Some(Lookup::Constant(Constant::new(value, &reader.context.names.symbols)))
}

/// Reads a written value of a type; what does not fit is noted.
pub fn constant(node: &Node, wanted: Type, zone: Zone, problems: &mut Problems) -> Option<Val> {
    if wanted == Type::List {
        let mut item =
            |item: &Node| constant(item, if matches!(item.kind, Kind::List(_)) { Type::List } else { Type::Text }, zone, problems);
        return node.items().iter().map(&mut item).collect::<Option<_>>().map(Val::List);
    }
    let text = node.expect_text(problems)?;
    let value = match wanted {
        Type::Text => Ok(Val::Text(text.into())),
        Type::Boolean => text.parse().map(Val::Boolean).map_err(|_| plain(text, "`true` or `false`", "`true` 或 `false`")),
        Type::Integer => text.parse().map(Val::Integer).map_err(|_| plain(text, "a whole number", "整数")),
        Type::Decimal => number(text).ok_or_else(|| plain(text, "a number", "数字")),
        Type::Span => Span::parse(text).map(Val::Span).map_err(|error| Text::new(error.en, error.zh)),
        Type::Date => parse_date(text).map(Val::Date).map_err(|error| Text::new(error.en, error.zh)),
        Type::Instant => Instant::parse(text, zone).map(Val::Instant).map_err(|error| Text::new(error.en, error.zh)),
        Type::List | Type::Map | Type::Any => Ok(guess(text, zone)),
    };
    value.map_err(|message| problems.error("DU0105", &node.place, message.en, message.zh)).ok()
}

fn plain(text: &str, en: &str, zh: &str) -> Text {
    Text::new(format!("`{text}` is not {en}"), format!("`{text}` 不是{zh}"))
}

/// A number; `95 %` is 95.
fn number(text: &str) -> Option<Val> {
    let text = text.trim_end_matches('%').trim_end();
    match text.parse::<i64>() {
        Ok(number) => Some(Val::Integer(number)),
        Err(_) => text.parse::<Decimal>().ok().map(Val::Decimal),
    }
}

/// A written value whose type is not declared: a number, a date, a span, else text.
#[must_use]
pub fn guess(text: &str, zone: Zone) -> Val {
    if let Some(value) = number(text) {
        return value;
    }
    if text == "true" || text == "false" {
        return Val::Boolean(text == "true");
    }
    if text.parse::<NaiveDate>().is_ok()
        && let Ok(date) = parse_date(text)
    {
        return Val::Date(date);
    }
    if let Ok(span) = Span::parse(text) {
        return Val::Span(span);
    }
    match Instant::parse(text, zone) {
        Ok(at) => Val::Instant(at),
        Err(_) => Val::Text(text.into()),
    }
}
