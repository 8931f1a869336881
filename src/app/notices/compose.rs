//! Composing: what the last run has to tell, to each of those who are told.

use std::collections::{BTreeSet, HashMap};

use super::{
    gather::{Basket, Gathering, Part, wanted},
    json::{Told, object},
    page::{Page, Section, one_line},
    quiet::free_from,
    target::{Medium, Target, Targets, Unreached},
    words::{Counted, Teller, closing, item_key, opening, rest, subject},
};
use crate::{
    app::{
        changes::{Changes, key},
        delivery::before_last,
        forecast::Outlook,
        nightly::unmet_in_words,
    },
    finding::Obligation,
    lang::Lang,
    policy::{
        PolicySet,
        clause::Severity,
        notices::{Every, Notices, What},
    },
    store::{Envelope, FindingKey, Run, Store, StoreError, short},
    time::Instant,
};

/// What composing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composed {
    /// How many notices are new in the outbox.
    pub added: usize,
    /// Those whom a rule means and no channel reaches.
    pub unreached: BTreeSet<Unreached>,
}

/// Composes what the last run has to tell and puts it into the outbox. Doing so again adds nothing, and what a killed run did not compose the next one
/// does.
///
/// # Errors
/// When the store cannot be read or written.
pub fn compose(store: &mut Store, set: &PolicySet, now: Instant) -> Result<Composed, StoreError> {
    let Some(notices) = &set.company.notices else { return Ok(Composed::default()) };
    let runs = store.runs()?;
    let Some(run) = runs.last() else { return Ok(Composed::default()) };
    let (mut targets, unreached) = Targets::of(set, notices, (run.as_of, None), |what| what != What::Assigned);
    let mut open = Vec::with_capacity(targets.len());
    for target in targets.drain(..) {
        if target.what == What::Escalation || store.notice(&id(&target, run, set))?.is_none() {
            open.push(target);
        }
    }
    let mut told: HashMap<Option<u64>, Changes> = HashMap::new();
    let mut since = Vec::with_capacity(open.len());
    for target in &open {
        let last = store.told_of(&target.series)?;
        let from = last.filter(|last| runs.iter().any(|run| run.id == *last)).or_else(|| before_last(&runs));
        told.entry(from).or_insert_with(|| over(&runs, from));
        since.push(from);
    }
    let none = Changes::default();
    let changes = since.iter().map(|from| told.get(from).unwrap_or(&none)).collect();
    let outlook = Outlook { as_of: run.as_of, zone: set.zone(), org: &set.org };
    let baskets = Gathering { store, set, outlook, targets: &open, changes }.run(run.as_of)?;
    let mut found: HashMap<FindingKey, Obligation> = HashMap::new();
    unmet_in_words(store, set, run.as_of, &wanted(&baskets), &mut |one| {
        found.insert(key(&one), one);
        Ok::<(), StoreError>(())
    })?;
    let writer = Writer { set, notices, now };
    let envelopes = open.iter().zip(&baskets).filter_map(|(target, basket)| writer.of_run(target, basket, run, &found)).collect();
    Ok(Composed { added: store.post(envelopes, now)?, unreached })
}

/// What changed in the runs after one.
fn over(runs: &[Run], from: Option<u64>) -> Changes {
    let after = from.and_then(|from| runs.iter().position(|run| run.id == from)).map_or(0, |at| at + 1);
    Changes::over(runs.iter().skip(after))
}

/// The id of what a run tells: one digest for each day, week or run.
fn id(target: &Target, run: &Run, set: &PolicySet) -> String {
    let date = run.as_of.date(set.zone());
    let period = match (target.what, target.every) {
        (What::Digest, Every::Day) => date.to_string(),
        (What::Digest, Every::Week) => date.format("%G-W%V").to_string(),
        _ => run.id.to_string(),
    };
    format!("N-{}", short(&[&target.series, &period]))
}

/// A section with what is told in it.
pub(super) type Filled<'f> = (Part, u64, Vec<(&'f Obligation, bool)>);

/// Puts notices into words.
pub(super) struct Writer<'w> {
    pub(super) set: &'w PolicySet,
    pub(super) notices: &'w Notices,
    pub(super) now: Instant,
}

/// What one notice is made of.
pub(super) struct Matter<'m> {
    pub(super) id: String,
    pub(super) run: u64,
    pub(super) as_of: Instant,
    pub(super) counted: Option<Counted>,
    pub(super) parts: Vec<Filled<'m>>,
    pub(super) told: Vec<String>,
}

impl Writer<'_> {
    fn of_run(&self, target: &Target, basket: &Basket, run: &Run, found: &HashMap<FindingKey, Obligation>) -> Option<Envelope> {
        let fill = |part: Part, heap: &super::gather::Heap| {
            let rows: Vec<(&Obligation, bool)> = heap.rows.iter().filter_map(|row| Some((found.get(&row.lead.key)?, row.new))).collect();
            (heap.total > 0).then_some((part, heap.total, rows))
        };
        let mut told = Vec::new();
        let counted = (target.what == What::Digest).then(|| Counted::of(basket));
        let parts: Vec<Filled<'_>> = match target.what {
            What::Escalation => {
                let mut rows: Vec<(&Obligation, bool)> = Vec::new();
                for row in &basket.candidates.rows {
                    let Some(one) = found.get(&row.lead.key) else { continue };
                    if one
                        .escalated_to
                        .as_deref()
                        .is_some_and(|to| target.covers(one.next_action.as_ref().map_or("", |action| &action.role), Some(to)))
                    {
                        told.push(item_key(&row.lead.key, row.lead.due, row.lead.reopened));
                        rows.push((one, row.new));
                    }
                }
                rows.sort_by_key(|(one, _)| (std::cmp::Reverse(one.severity), one.due.map(|due| due.at)));
                let total = rows.len() as u64;
                rows.truncate(super::gather::MOST);
                if total == 0 { Vec::new() } else { vec![(Part::Escalated, total, rows)] }
            }
            What::New => fill(Part::New, &basket.fresh).into_iter().collect(),
            What::Digest => {
                let heaps = [(Part::Overdue, &basket.overdue), (Part::Today, &basket.today), (Part::Week, &basket.week)];
                heaps.into_iter().filter_map(|(part, heap)| fill(part, heap)).collect()
            }
            What::Assigned => Vec::new(),
        };
        let is_nothing = counted.as_ref().map_or(parts.is_empty(), Counted::is_nothing);
        if is_nothing {
            return None;
        }
        told.sort_unstable();
        let mut id = id(target, run, self.set);
        if target.what == What::Escalation {
            // The same run may be composed again when more is known to be escalated to somebody.
            let parts: Vec<&str> = std::iter::once(id.as_str()).chain(told.iter().map(String::as_str)).collect();
            id = format!("N-{}", short(&parts));
        }
        Some(self.envelope(target, &Matter { id, run: run.id, as_of: run.as_of, counted, parts, told }))
    }

    /// The notice itself.
    pub(super) fn envelope(&self, target: &Target, matter: &Matter<'_>) -> Envelope {
        let (set, lang) = (self.set, target.lang);
        let total = matter.parts.iter().map(|(_, total, _)| total).sum();
        let subject = subject(&one_line(&set.company.name), target.what, total, matter.counted.as_ref(), lang);
        let body = if target.medium == Medium::Json {
            let told = Told {
                id: &matter.id,
                run: matter.run,
                as_of: matter.as_of,
                subject: &subject,
                counted: matter.counted.as_ref(),
                parts: &matter.parts,
            };
            object(&told, target, set).to_string()
        } else {
            let page = self.page(target, matter);
            match target.medium {
                Medium::Robot(most) => page.markdown(most),
                Medium::Mail | Medium::Json => page.plain(),
            }
        };
        let critical = matter.parts.iter().flat_map(|(_, _, rows)| rows).any(|(one, _)| one.severity == Severity::Critical);
        let urgent = target.urgent && critical;
        Envelope {
            id: matter.id.clone(),
            series: target.series.clone(),
            what: target.what.word().to_owned(),
            run: matter.run,
            channel: target.channel.clone(),
            role: target.role.clone(),
            person: target.person.clone(),
            lang: lang.pick("en", "zh").to_owned(),
            urgent,
            subject,
            body,
            told: matter.told.clone(),
            earliest: if urgent { self.now } else { free_from(set, self.now) },
            created: self.now,
        }
    }

    fn page(&self, target: &Target, matter: &Matter<'_>) -> Page {
        let (set, lang) = (self.set, target.lang);
        let link = self.notices.link.as_deref();
        let teller = Teller { set, lang, link, mixed: target.is_mixed() };
        let whom = match (&target.person, &target.role) {
            (Some(person), _) => person.clone(),
            (None, Some(role)) => set.org.label(role).get(lang).to_owned(),
            (None, None) => String::new(),
        };
        let mut head = vec![opening(&whom, matter.as_of, set.zone(), lang)];
        head.extend(target.intro.as_ref().map(|intro| intro.get(lang).to_owned()));
        let section = |(part, total, rows): &Filled<'_>| Section {
            part: *part,
            total: *total,
            items: rows.iter().map(|(one, new)| teller.item(one, *new)).collect(),
        };
        Page {
            head,
            sections: matter.parts.iter().map(section).collect(),
            foot: matter.counted.as_ref().map(|counted| rest(counted, lang)).unwrap_or_default(),
            closing: closing(&matter.id, link, lang),
            lang,
        }
    }
}

/// The language of a notice.
pub(super) fn lang_of(envelope: &Envelope) -> Lang {
    if envelope.lang == "zh" { Lang::Zh } else { Lang::En }
}
