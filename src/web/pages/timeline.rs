//! The timeline of a case: what happened, which clocks run and until when, when they stood still, and which days are days of rest.

use maud::{Markup, html};

use crate::{
    app::casefile::{CaseFile, Clock},
    finding::{Obligation, State},
    policy::vocabulary::Kind,
    time::{Calendar, Instant, Pause, Zone},
    web::{state::Rules, visit::Visit},
};

/// Sizes, in the units of the drawing.
const WIDTH: i64 = 1_000;
const LEFT: i64 = 250;
const RIGHT: i64 = 16;
const ROW: i64 = 22;
const TOP: i64 = 26;
/// Lanes at most; what is open comes first.
const LANES: usize = 24;
/// Events that get a mark at most: the latest.
const MARKS: usize = 200;
/// Days of rest are drawn up to so many days.
const MOST_DAYS: i64 = 120;
const DAY: i64 = 86_400_000;

/// A stretch of time as a stretch of the drawing.
#[derive(Clone, Copy)]
struct Scale {
    from: Instant,
    until: Instant,
}

impl Scale {
    fn x(self, at: Instant) -> i64 {
        let span = self.until.since(self.from).max(1);
        let part = at.since(self.from).clamp(0, span);
        let wide = i128::from(WIDTH - LEFT - RIGHT) * i128::from(part) / i128::from(span);
        LEFT + i64::try_from(wide).unwrap_or(0)
    }
}

/// The drawing, with the same in words beside it for those who do not see it: the tables below it say all that it shows.
pub fn draw(visit: &Visit<'_>, rules: &Rules, file: &CaseFile, kind: Option<&Kind>) -> Markup {
    let (zone, lang) = (rules.zone, visit.lang);
    let mut lanes: Vec<(&Obligation, Clock)> =
        file.obligations.iter().map(|(found, clock)| (found, *clock)).filter(|(_, clock)| clock.due.is_some()).collect();
    lanes.sort_by_key(|(found, clock)| (matches!(found.state, State::Met | State::MetLate), clock.from, clock.due));
    let hidden = lanes.len().saturating_sub(LANES);
    lanes.truncate(LANES);
    lanes.sort_by_key(|(_, clock)| (clock.from, clock.due));
    let events: Vec<_> = file.record.events.iter().filter(|told| told.retracted.is_none()).map(|told| &told.event).collect();
    let events = events.get(events.len().saturating_sub(MARKS)..).unwrap_or(&[]);
    let Some(scale) = scale(visit.now, &lanes, events.iter().map(|event| event.at)) else {
        return html! { p.soft { (visit.t("Nothing has happened yet.", "尚无事件。")) } };
    };
    let lanes_top = TOP + ROW + 8;
    let height = lanes_top + ROW * i64::try_from(lanes.len()).unwrap_or(0) + 24;
    let calendar =
        file.obligations.first().and_then(|(found, _)| rules.set.clauses.get(found.clause)).map(|clause| clause.setup.calendar.as_ref());
    let label = visit.t("Timeline: events above, a clock for each obligation below", "时间线：上方为事件，下方为各义务的计时");
    html! {
        svg.chart viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(label) {
            (rests(calendar, scale, zone, height))
            (ticks(scale, zone, height))
            text.strong x="0" y=(TOP + 15) { (visit.t("Events", "事件")) }
            line.axis x1=(LEFT) x2=(WIDTH - RIGHT) y1=(TOP + 11) y2=(TOP + 11) {}
            @for event in events {
                @let name = kind.and_then(|kind| kind.event(&event.kind).map(|id| kind.event_label(id).get(lang).to_owned())).unwrap_or_else(|| event.kind.clone());
                circle.a cx=(scale.x(event.at)) cy=(TOP + 11) r="5" { title { (event.at.show(zone)) " " (name) @if let Some(by) = &event.by { " (" (by) ")" } } }
            }
            @for (place, (found, clock)) in (0_i64..).zip(&lanes) {
                (lane(visit, rules, file, scale, lanes_top + place * ROW, found, *clock))
            }
            @if scale.from <= visit.now && visit.now <= scale.until {
                line.now x1=(scale.x(visit.now)) x2=(scale.x(visit.now)) y1=(TOP - 6) y2=(height - 18) { title { (visit.t("now ", "现在 ")) (visit.now.show(zone)) } }
            }
        }
        p.soft {
            (visit.t("Bars: a clock from its trigger to its last moment (dashed line); green: met, orange: running, red: late or broken, violet: standing still; grey: days of rest; black line: now.", "条形：自触发至最后时刻（虚线）的计时；绿：已完成，橙：进行中，红：逾期或违反，紫：暂停计时；灰：休息日；黑线：现在。"))
            @if hidden > 0 { " " (hidden) " " (visit.t("more are listed below.", "项未绘出，见下。")) }
        }
    }
}

fn scale(now: Instant, lanes: &[(&Obligation, Clock)], events: impl Iterator<Item = Instant>) -> Option<Scale> {
    let mut from: Option<Instant> = None;
    let mut until: Option<Instant> = None;
    let ends = lanes.iter().flat_map(|(_, clock)| [Some(clock.from), clock.due, clock.done]).flatten();
    for at in ends.chain(events) {
        from = Some(from.map_or(at, |known| known.min(at)));
        until = Some(until.map_or(at, |known| known.max(at)));
    }
    let (from, mut until) = (from?, until?);
    let open = lanes.iter().any(|(found, _)| found.open);
    // A month that has gone by since tells nothing; the present is in the picture where something still runs or is not far from it.
    if now > until && (open || now.since(until) < until.since(from)) {
        until = now;
    }
    let margin = (until.since(from) / 40).max(1_800_000);
    Some(Scale { from: from.plus(-margin), until: until.plus(margin) })
}

fn lane(visit: &Visit<'_>, rules: &Rules, file: &CaseFile, scale: Scale, top: i64, found: &Obligation, clock: Clock) -> Markup {
    let (lang, zone) = (visit.lang, rules.zone);
    let title = rules.set.clauses.get(found.clause).map_or("", |clause| clause.properties.title.get(lang));
    let short: String = if title.chars().count() > 34 { title.chars().take(33).chain(['…']).collect() } else { title.to_owned() };
    let due = clock.due.unwrap_or(clock.from);
    let end = clock.done.unwrap_or(visit.now).max(clock.from);
    let class = match found.state {
        State::Met => "good",
        State::Pending | State::DueSoon => "b",
        State::Undetermined => "doubt",
        State::Waived => "plain",
        State::Overdue | State::Breached | State::MetLate => "bad",
    };
    let (x, wide) = (scale.x(clock.from), |until: Instant| (scale.x(until) - scale.x(clock.from)).max(2));
    let kept = if end > due && class == "bad" { due } else { end };
    let still: Vec<&Pause> = file.stories.iter().filter(|story| story.clause == found.clause).flat_map(|story| &story.still).collect();
    html! {
        g {
            title { (title) ": " (found.state.label().get(lang)) ", " (clock.from.show(zone)) " – " (due.show_due(zone)) }
            text x="0" y=(top + 14) { (short) }
            rect.rest x=(x) y=(top + 5) width=(wide(due)) height="11" rx="3" {}
            rect class=(if class == "bad" { "b" } else { class }) x=(x) y=(top + 5) width=(wide(kept.max(clock.from))) height="11" rx="3" {}
            @if kept < end { rect.bad x=(scale.x(kept)) y=(top + 5) width=((scale.x(end) - scale.x(kept)).max(2)) height="11" rx="3" {} }
            @for pause in still { @if pause.from < due.max(end) {
                rect.pause x=(scale.x(pause.from)) y=(top + 2) width=((scale.x(pause.until.min(due.max(end))) - scale.x(pause.from)).max(2)) height="17" {}
            } }
            line.limit x1=(scale.x(due)) x2=(scale.x(due)) y1=(top + 1) y2=(top + 20) {}
        }
    }
}

fn rests(calendar: Option<&Calendar>, scale: Scale, zone: Zone, height: i64) -> Markup {
    let days = scale.until.since(scale.from) / DAY;
    let mut rests = Vec::new();
    if let Some(calendar) = calendar.filter(|_| days <= MOST_DAYS) {
        let mut date = scale.from.date(zone);
        let last = scale.until.date(zone);
        while date <= last {
            if !calendar.is_working_day(date) {
                rests.push((zone.start_of(date), zone.end_of(date), calendar.day_name(date).unwrap_or("").to_owned()));
            }
            let Some(next) = date.succ_opt() else { break };
            date = next;
        }
    }
    html! {
        @for (from, until, name) in rests {
            rect.rest x=(scale.x(from)) y=(TOP - 8) width=((scale.x(until) - scale.x(from)).max(1)) height=(height - TOP - 10) { title { (from.date(zone).to_string()) " " (name) } }
        }
    }
}

fn ticks(scale: Scale, zone: Zone, height: i64) -> Markup {
    const COUNT: i64 = 6;
    let span = scale.until.since(scale.from);
    let with_hours = span < 4 * DAY;
    html! {
        @for place in 0..=COUNT {
            @let at = scale.from.plus(i64::try_from(i128::from(span) * i128::from(place) / i128::from(COUNT)).unwrap_or(0));
            @let local = at.local(zone);
            @let anchor = if place == COUNT { "end" } else if place == 0 { "start" } else { "middle" };
            line.axis x1=(scale.x(at)) x2=(scale.x(at)) y1=(TOP - 8) y2=(height - 18) {}
            text x=(scale.x(at)) y=(height - 4) text-anchor=(anchor) { (local.format(if with_hours { "%m-%d %H:%M" } else { "%Y-%m-%d" }).to_string()) }
        }
    }
}
