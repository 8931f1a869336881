//! How a span was counted, line by line.

use super::{instant::Instant, span::Span, why::Why, zone::Zone};

/// A stretch of time and what it added to the count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it begins.
    pub from: Instant,
    /// Where it ends.
    pub until: Instant,
    /// What it added: milliseconds, or dates where [`Why::is_dates`].
    pub counted: i64,
    /// The count after it.
    pub total: i64,
    /// Why it counted or did not.
    pub why: Why,
}

/// How a span was counted, from its start to its due instant; for a negative span, backwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The stretches in the order in which they were counted.
    pub lines: Vec<Line>,
}

/// More lines than these are condensed in the middle.
const SHOWN: usize = 40;

impl Ledger {
    pub(super) fn push(&mut self, from: Instant, until: Instant, counted: i64, why: Why) {
        let total = counted + self.lines.last().map_or(0, |line| line.total);
        self.lines.push(Line { from, until, counted, total, why });
    }

    /// Replaces the middle of a long ledger by one line.
    pub(super) fn condense(&mut self) {
        let surplus = self.lines.len().saturating_sub(SHOWN);
        if surplus == 0 {
            return;
        }
        let middle: Vec<Line> = self.lines.drain(SHOWN / 2..=SHOWN / 2 + surplus).collect();
        let [Some(from), Some(until)] = [middle.iter().map(|line| line.from).min(), middle.iter().map(|line| line.until).max()] else {
            return;
        };
        let counted = middle.iter().map(|line| line.counted).sum();
        let total = middle.last().map_or(0, |line| line.total);
        let dates = middle.iter().any(|line| line.why.is_dates());
        let why = Why::Condensed { lines: middle.len(), dates };
        self.lines.insert(SHOWN / 2, Line { from, until, counted, total, why });
    }

    /// One readable line for each stretch, in a zone, in Chinese or English.
    #[must_use]
    pub fn render(&self, zone: Zone, zh: bool) -> Vec<String> {
        self.lines.iter().map(|line| line.render(zone, zh)).collect()
    }
}

impl Line {
    /// One readable line: `2026-03-02 10:00 to 2026-03-02 12:00: open, 2 hours (2 hours so far)`.
    #[must_use]
    pub fn render(&self, zone: Zone, zh: bool) -> String {
        let why = if zh { self.why.zh() } else { self.why.en() };
        let when = match (self.why.is_dates(), self.from == self.until) {
            (_, true) => self.until.show_due(zone),
            _ if self.until == Instant::MAX && zh => format!("{} 起", self.from.show(zone)),
            _ if self.until == Instant::MAX => format!("{} on", self.from.show(zone)),
            (true, false) => {
                let (first, last) = (self.from.date(zone), self.until.plus(-1).date(zone));
                match (first == last, zh) {
                    (true, _) => first.to_string(),
                    (false, true) => format!("{first} 至 {last}"),
                    (false, false) => format!("{first} to {last}"),
                }
            }
            (false, false) => {
                let (from, until) = (self.from.show(zone), self.until.show_due(zone));
                if zh { format!("{from} 至 {until}") } else { format!("{from} to {until}") }
            }
        };
        match (self.counted, zh) {
            (0, false) => format!("{when}: {why}"),
            (0, true) => format!("{when}\u{ff1a}{why}"),
            (counted, _) => {
                let (counted, total) = (self.amount(counted, zh), self.amount(self.total, zh));
                if zh {
                    format!("{when}\u{ff1a}{why}\u{ff0c}{counted}\u{ff08}累计{total}\u{ff09}")
                } else {
                    format!("{when}: {why}, {counted} ({total} so far)")
                }
            }
        }
    }

    fn amount(&self, amount: i64, zh: bool) -> String {
        let span = match self.why {
            Why::WorkingDays => Span::WorkingDays(i32::try_from(amount).unwrap_or(i32::MAX)),
            // Not as a span of days, which would write seven dates as a week.
            _ if self.why.is_dates() && zh => return format!("{amount}天"),
            _ if self.why.is_dates() => return format!("{amount} {}", if amount == 1 { "day" } else { "days" }),
            _ => Span::Elapsed(amount),
        };
        if zh { span.zh() } else { span.en() }
    }
}
