//! Writing a ledger: the same count as the clock's, told stretch by stretch.

use chrono::NaiveDate;

use super::{
    clock::{Clock, Due, Running},
    instant::Instant,
    ledger::Ledger,
    pause::{Pause, holding, whole_dates},
    span::Span,
    why::Why,
};

/// Stretches told at most, and dates walked at most: what lies beyond is one line.
const MOST: usize = 4000;

impl Ledger {
    /// The ledger of a span that ends at `due`; the pauses are merged.
    pub(super) fn of(clock: &Clock<'_>, start: Instant, span: Span, pauses: &[Pause], due: Due) -> Self {
        let mut ledger = Self::default();
        match clock.measure(start, span) {
            Some((running, _)) => ledger.stretches(clock, running, start, due.at, pauses),
            None => ledger.dates(clock, start, span, pauses),
        }
        ledger.condense();
        if due.provisional {
            ledger.push(due.at, due.at, 0, Why::NotCovered);
        }
        ledger
    }

    fn stretches(&mut self, clock: &Clock<'_>, running: Running, start: Instant, due: Instant, pauses: &[Pause]) {
        let (from, until) = (start.min(due), start.max(due));
        let mut found = Vec::new();
        let mut at = from;
        while at < until && found.len() < MOST {
            let next = pauses.iter().find(|pause| pause.until > at);
            let (end, why) = match next {
                Some(pause) if pause.from <= at => (pause.until, Why::Paused),
                _ => {
                    let (end, why) = run_from(clock, running, at);
                    (next.map_or(end, |pause| end.min(pause.from)), why)
                }
            };
            let end = end.min(until);
            let counts = matches!(why, Why::Open | Why::MakeUp | Why::Elapsed);
            found.push((at, end, if counts { end.since(at) } else { 0 }, why));
            at = end;
        }
        if at < until {
            let counted = match running {
                Running::Always => clock.elapsed_between(at, until, pauses),
                Running::WhileOpen => clock.between(at, until, pauses),
            };
            found.push((at, until, counted, Why::Condensed { lines: 0, dates: false }));
        }
        if due < start {
            found.reverse();
        }
        for (from, until, counted, why) in found {
            self.push(from, until, counted, why);
        }
    }

    fn dates(&mut self, clock: &Clock<'_>, start: Instant, span: Span, pauses: &[Pause]) {
        let zone = clock.calendar.zone();
        let today = start.date(zone);
        let (Some((nominal, last)), due) = clock.dated(start, span, pauses) else {
            // No last date: a pause that has not ended is the usual reason.
            for pause in pauses.iter().filter(|pause| pause.until == Instant::MAX) {
                self.push(pause.from, pause.until, 0, Why::Paused);
            }
            return;
        };
        if span == Span::SameDay {
            self.push(start, due, 0, Why::SameDay);
            return;
        }
        self.push(zone.start_of(today), zone.end_of(today), 0, Why::DayOfTrigger);
        let out = whole_dates(pauses, zone);
        let back = nominal < today;
        let step = |date: &NaiveDate| if back { date.pred_opt() } else { date.succ_opt() };
        let counted = std::iter::successors(step(&today), step).take_while(|date| if back { *date >= nominal } else { *date <= nominal });
        self.runs(clock, counted.map(|date| (date, reason(clock, date, span, &out))));
        if last > nominal {
            let name = clock.calendar.day_name(nominal).unwrap_or_default().to_owned();
            let from = zone.end_of(nominal);
            self.push(from, zone.end_of(last), 0, Why::Prolonged(name));
        }
    }

    /// One line for each run of dates with the same reason.
    fn runs(&mut self, clock: &Clock<'_>, dates: impl Iterator<Item = (NaiveDate, Why)>) {
        let zone = clock.calendar.zone();
        let mut run: Option<(NaiveDate, NaiveDate, i64, Why)> = None;
        for (date, why) in dates {
            match &mut run {
                Some((_, last, count, same)) if *same == why => {
                    *last = date;
                    *count += 1;
                }
                _ => {
                    if let Some(done) = run.replace((date, date, 1, why)) {
                        self.run(zone, done);
                    }
                }
            }
        }
        if let Some(done) = run {
            self.run(zone, done);
        }
    }

    fn run(&mut self, zone: super::Zone, (first, last, count, why): (NaiveDate, NaiveDate, i64, Why)) {
        let counted = if matches!(why, Why::Counted | Why::WorkingDays) { count } else { 0 };
        self.push(zone.start_of(first.min(last)), zone.end_of(first.max(last)), counted, why);
    }
}

/// Where the stretch that begins at an instant ends, pauses aside, and what it is.
fn run_from(clock: &Clock<'_>, running: Running, at: Instant) -> (Instant, Why) {
    if running == Running::Always {
        return (Instant::MAX, Why::Elapsed);
    }
    let calendar = clock.calendar;
    let date = at.date(calendar.zone());
    if calendar.is_open(at) {
        let why = if calendar.is_make_up(date) { Why::MakeUp } else { Why::Open };
        return (calendar.next_close(at).unwrap_or(Instant::MAX), why);
    }
    let end = calendar.next_open(at).unwrap_or(Instant::MAX);
    let reopens = end.date(calendar.zone());
    let holiday = date.iter_days().take_while(|date| *date < reopens).take(400).find_map(|date| calendar.day_name(date));
    (end, holiday.map_or(Why::Closed, |name| Why::Holiday(name.to_owned())))
}

fn reason(clock: &Clock<'_>, date: NaiveDate, span: Span, paused: &[(NaiveDate, NaiveDate)]) -> Why {
    if holding(paused, date).is_some() {
        return Why::Paused;
    }
    match span {
        Span::WorkingDays(_) if clock.calendar.is_working_day(date) => Why::WorkingDays,
        Span::WorkingDays(_) => Why::RestDay(clock.calendar.day_name(date).unwrap_or_default().to_owned()),
        _ => Why::Counted,
    }
}
