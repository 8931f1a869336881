//! What falls due as an iCalendar feed, for a role or a person: an event for each obligation, with the same `UID` in each feed and at each time.

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};

use super::{
    nightly::{each_lead, unmet_in_words},
    notices::{case_link, one_line},
};
use crate::{
    finding::{Obligation, State},
    lang::Lang,
    policy::{PolicySet, clause::Severity, org::Org},
    store::{FindingKey, Store, StoreError, short},
    time::{Instant, Zone},
};

/// Events of a feed at most.
const MOST: usize = 2_000;

/// How often a calendar program should look again.
const REFRESH: &str = "PT1H";

/// A feed of obligations; those without a due instant have no place in it. `title` is what the calendar is called. The same obligations give the same
/// bytes, whenever they are asked for.
#[must_use]
pub fn feed(found: &[Obligation], set: &PolicySet, title: &str, lang: Lang) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("PRODID", concat!("-//duly//", env!("CARGO_PKG_VERSION"), "//EN")));
    calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
    let title = one_line(title);
    calendar.append_property(Property::new("NAME", escaped(&title)));
    calendar.append_property(Property::new("X-WR-CALNAME", title));
    calendar.append_property(Property::new("X-PUBLISHED-TTL", REFRESH));
    calendar.append_property(Property::new("REFRESH-INTERVAL", REFRESH).add_parameter("VALUE", "DURATION").done());
    let mut list: Vec<&Obligation> = found.iter().filter(|one| one.due.is_some()).collect();
    list.sort_by(|a, b| {
        (a.due.map(|due| due.at), &a.case, &a.clause_id, &a.instance).cmp(&(b.due.map(|due| due.at), &b.case, &b.clause_id, &b.instance))
    });
    for one in list {
        if let Some(event) = event(one, set, lang) {
            calendar.push(event);
        }
    }
    calendar.to_string()
}

/// Whose moves are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whose<'w> {
    /// Those of a role.
    pub role: Option<&'w str>,
    /// Those that fall on a person.
    pub person: Option<&'w str>,
}

impl Whose<'_> {
    /// Whether the moves of a role are asked for.
    #[must_use]
    pub fn has(&self, role: &str, org: &Org, at: Instant) -> bool {
        self.role.is_none_or(|wanted| wanted == role) && self.person.is_none_or(|person| org.acting(role, at).contains(&person))
    }
}

/// What is to be done by an instant, as the last run left it, in words: the earliest first, and so many at most that a calendar program bears it. `None`
/// when no run left anything to tell from.
///
/// # Errors
/// When the store cannot be read.
pub fn upcoming(
    store: &Store,
    set: &PolicySet,
    whose: Whose<'_>,
    (as_of, until): (Instant, Instant),
) -> Result<Option<Vec<Obligation>>, StoreError> {
    let mut moves: Vec<(Instant, FindingKey)> = Vec::new();
    let known = each_lead(store, set, as_of, |lead| {
        let acts = lead.open || matches!(lead.state, State::Pending | State::DueSoon);
        if let (true, Some(due), Some(role)) = (acts, lead.due.filter(|due| *due <= until), lead.role)
            && whose.has(&role, &set.org, as_of)
        {
            moves.push((due, lead.key));
            if moves.len() > 2 * MOST {
                moves.sort();
                moves.truncate(MOST);
            }
        }
        Ok(())
    })?;
    if !known {
        return Ok(None);
    }
    moves.sort();
    moves.truncate(MOST);
    let wanted = moves.into_iter().map(|(_, key)| key).collect();
    let mut found = Vec::new();
    unmet_in_words(store, set, as_of, &wanted, &mut |one| {
        found.push(one);
        Ok::<(), StoreError>(())
    })?;
    Ok(Some(found))
}

/// The `UID` of an obligation's event: it hangs on nothing but what the obligation is.
#[must_use]
pub fn uid(found: &Obligation) -> String {
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    format!("{}@duly", short(&["ical", &part(&found.case), &part(&found.group), &found.clause_id, &found.instance]))
}

fn event(found: &Obligation, set: &PolicySet, lang: Lang) -> Option<Event> {
    let due = found.due?.at;
    let clause = set.clauses.get(found.clause)?;
    let zone = clause.setup.zone();
    let mut event = Event::new();
    event.uid(&uid(found));
    // Since when it reads so, or else since when its rule does: the data alone say, so that fetching it again brings no change.
    event.timestamp(utc(found.since.unwrap_or(clause.from))?);
    match whole_day(due, zone) {
        // The end of an event is the first day that is no longer of it.
        Some(day) => event.starts(day).ends(day.succ_opt()?),
        None => event.starts(utc(due)?),
    };
    event.summary(&summary(found, lang));
    event.description(&description(found, set, zone, lang));
    event.add_property("TRANSP", "TRANSPARENT");
    event.status(EventStatus::Confirmed);
    event.priority(match found.severity {
        Severity::Critical => 1,
        Severity::Major => 5,
        Severity::Minor => 9,
    });
    let link = set.company.notices.as_ref().and_then(|notices| notices.link.as_deref());
    if let (Some(link), Some(case)) = (link, &found.case) {
        event.url(&case_link(link, case));
    }
    Some(event.done())
}

/// The day that ends at an instant, where a day does: a 24:00 belongs to the day before.
fn whole_day(due: Instant, zone: Zone) -> Option<chrono::NaiveDate> {
    let date = due.date(zone);
    if zone.start_of(date) == due { date.pred_opt() } else { None }
}

fn summary(found: &Obligation, lang: Lang) -> String {
    let about = found.case.as_deref().or(found.group.as_deref()).unwrap_or("");
    let what = match (&found.next_action, found.state) {
        (Some(action), State::Overdue | State::DueSoon | State::Pending) => action.text.get(lang),
        _ => found.message.get(lang),
    };
    let late = if found.open { lang.pick("Overdue: ", "逾期：") } else { "" };
    one_line(&format!("{late}{about} {what}")).trim().to_owned()
}

fn description(found: &Obligation, set: &PolicySet, zone: Zone, lang: Lang) -> String {
    let mut lines = vec![found.message.get(lang).to_owned()];
    if let Some(action) = &found.next_action {
        let role = set.org.label(&action.role);
        lines.push(format!("{}{}", lang.pick("Whose move: ", "由谁："), role.get(lang)));
    }
    if let Some(due) = found.due {
        let mark = if due.provisional { lang.pick(" (provisional)", "（暂定）") } else { "" };
        lines.push(format!("{}{}{mark}", lang.pick("Due: ", "到期："), due.at.show_due(zone)));
    }
    lines.push(format!("{}{}", lang.pick("Clause: ", "条款："), found.clause_id));
    lines.iter().map(|line| one_line(line)).collect::<Vec<_>>().join("\n")
}

fn utc(at: Instant) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(at.millis())
}

/// What the library does for the properties that it knows as texts.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;")
}
