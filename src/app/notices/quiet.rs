//! Quiet hours: from when on something may be sent.

use chrono::NaiveTime;

use crate::{
    policy::PolicySet,
    time::{Instant, Zone},
};

/// Turns until two rules that take turns in being quiet are taken for never.
const TURNS: usize = 64;

/// The first instant from `at` on that is not quiet: the calendar is open, and the clock is outside the quiet hours. Where there is no such instant,
/// `at` itself: better at a bad time than never.
#[must_use]
pub fn free_from(set: &PolicySet, at: Instant) -> Instant {
    let Some(notices) = &set.company.notices else { return at };
    let zone = set.quiet.as_ref().map_or_else(|| set.zone(), |calendar| calendar.zone());
    let mut free = at;
    for _ in 0..TURNS {
        let open = match &set.quiet {
            Some(calendar) => match calendar.next_open(free) {
                Some(open) => open,
                None => return at,
            },
            None => free,
        };
        let after = notices.quiet.hours.map_or(open, |hours| after(hours, open, zone));
        if after == free {
            return free;
        }
        free = after;
    }
    at
}

/// The instant itself outside the quiet hours, or else their end.
fn after((from, to): (u16, u16), at: Instant, zone: Zone) -> Instant {
    let date = at.date(zone);
    let minute = |date: chrono::NaiveDate, minute: u16| {
        let time = NaiveTime::from_hms_opt(u32::from(minute / 60 % 24), u32::from(minute % 60), 0).unwrap_or(NaiveTime::MIN);
        zone.resolve(date.and_time(time))
    };
    let over_midnight = to <= from;
    // The night that began yesterday, and the one that begins today.
    for begin in [date.pred_opt().filter(|_| over_midnight), Some(date)].into_iter().flatten() {
        let last = if over_midnight { begin.succ_opt().unwrap_or(begin) } else { begin };
        let end = minute(last, to);
        if minute(begin, from) <= at && at < end {
            return end;
        }
    }
    at
}
