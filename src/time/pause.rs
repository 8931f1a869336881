//! Pauses: intervals during which a clock does not run.

use chrono::NaiveDate;

use super::{instant::Instant, zone::Zone};

/// An interval `[from, until)` during which the clock of an obligation does not run.
///
/// One that has not ended yet ends at [`Instant::MAX`]. One that ends before it begins is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pause {
    /// When it begins.
    pub from: Instant,
    /// When it ends.
    pub until: Instant,
}

/// Pauses in order, merged where they overlap or touch. Allocates nothing when there are none.
pub(super) fn merged(pauses: &[Pause]) -> Vec<Pause> {
    let mut sorted: Vec<Pause> = pauses.iter().copied().filter(|pause| pause.from < pause.until).collect();
    sorted.sort_unstable_by_key(|pause| pause.from);
    let mut merged: Vec<Pause> = Vec::new();
    for pause in sorted {
        match merged.last_mut() {
            Some(last) if pause.from <= last.until => last.until = last.until.max(pause.until),
            _ => merged.push(pause),
        }
    }
    merged
}

/// The dates, first and last, that each of the merged pauses covers whole.
pub(super) fn whole_dates(pauses: &[Pause], zone: Zone) -> Vec<(NaiveDate, NaiveDate)> {
    let dates = |pause: &Pause| {
        let from = pause.from.date(zone);
        let first = if zone.start_of(from) < pause.from { from.succ_opt()? } else { from };
        let until = pause.until.date(zone);
        let last = if pause.until == Instant::MAX { until } else { until.pred_opt()? };
        (first <= last).then_some((first, last))
    };
    pauses.iter().filter_map(dates).collect()
}

/// The range that holds a date.
pub(super) fn holding(ranges: &[(NaiveDate, NaiveDate)], date: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    ranges.iter().copied().find(|(first, last)| *first <= date && date <= *last)
}
