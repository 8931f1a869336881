//! Rows of a log, gathered by case over all its files.

use std::{collections::HashMap, io::BufRead, sync::Arc};

use super::{
    MOST_EVENTS, Reject, Summary,
    error::IngestError,
    field::{Cell, Field},
    jsonl::deliver,
    mapping::{Format, Mapping},
    parse::{check_id, same_id, too_many},
    rows,
    times::Times,
    xes, xlsx,
};
use crate::{
    case::{Case, Event, FACTS, Value, Values, identify},
    diagnostic::Diagnostic,
    lang::Text,
    time::Zone,
};

/// A log that is being read: its files in order, and then its cases. All of it is held in memory, since the rows of a case
/// may stand anywhere.
#[derive(Debug)]
pub struct Log<'m> {
    pub(super) mapping: &'m Mapping,
    /// How times are read: as the mapping says.
    pub(super) times: Times,
    /// The zone of a workbook's times, where the mapping names none.
    pub(super) zone: Option<Zone>,
    pub(super) summary: Summary,
    /// By position of the column: whether any row had it.
    pub(super) seen: Vec<bool>,
    groups: Vec<Group>,
    /// Case ids, to positions among the groups.
    index: HashMap<String, usize>,
}

/// The rows of one case, in the order of the log.
#[derive(Debug)]
struct Group {
    case: Case,
    rows: Vec<Row>,
    /// Ids that the log gave, to positions among the rows.
    ids: HashMap<String, usize>,
}

#[derive(Debug)]
struct Row {
    event: Event,
    /// By position in the mapping; shared by neighbours, since facts seldom change.
    facts: Arc<[Option<Value>]>,
}

impl<'m> Log<'m> {
    /// An empty log.
    #[must_use]
    pub fn new(mapping: &'m Mapping) -> Self {
        let (times, seen) = (mapping.times.clone(), vec![false; mapping.columns.len()]);
        Self { mapping, times, zone: None, summary: Summary::default(), seen, groups: Vec::new(), index: HashMap::new() }
    }

    /// Dates and times in the cells of a workbook are in this zone, unless the mapping names another: such cells cannot have an
    /// offset.
    #[must_use]
    pub const fn in_zone(mut self, zone: Zone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// Reads one file; a wrong row is rejected and the others are kept.
    ///
    /// # Errors
    ///
    /// The input breaks off, or a CSV has no header or lacks a column that the mapping names.
    pub fn read(&mut self, input: &mut dyn BufRead, format: Format, rejects: &mut dyn FnMut(Reject)) -> Result<(), IngestError> {
        match format {
            Format::Csv => rows::csv(self, input, rejects),
            Format::Jsonl => rows::jsonl(self, input, rejects),
            Format::Xlsx => xlsx::read(self, input, rejects),
            Format::Xes => xes::read_mapped(self, input, rejects),
        }
    }

    /// Delivers the cases, in the order in which they first appeared.
    ///
    /// # Errors
    ///
    /// What the sink says, or [`IngestError::Mapping`] when no line of a JSONL had a column that the mapping names.
    pub fn finish<E: From<IngestError>>(mut self, batch: usize, sink: &mut dyn FnMut(Vec<Case>) -> Result<(), E>) -> Result<Summary, E> {
        if !self.groups.is_empty() && self.seen.contains(&false) {
            let unseen = self.mapping.columns.iter().zip(&self.seen).filter(|(_, seen)| !**seen);
            let unseen = unseen.map(|(column, _)| {
                Diagnostic::error(
                    "DU0701",
                    &column.place,
                    Text::new(format!("no line of the log has `{}`", column.name), format!("日志中没有任何一行含有 `{}`", column.name)),
                )
            });
            return Err(IngestError::Mapping(unseen.collect()).into());
        }
        let mut cases = Vec::new();
        for group in std::mem::take(&mut self.groups) {
            cases.push(group.build(&self.mapping.facts));
            if cases.len() >= batch.max(1) {
                deliver(std::mem::take(&mut cases), &mut self.summary, sink)?;
            }
        }
        deliver(cases, &mut self.summary, sink)?;
        Ok(self.summary)
    }

    /// Takes one row in.
    pub(super) fn add(&mut self, cells: &[Cell<'_>]) -> Result<(), Text> {
        let (fields, empty) = (&self.mapping.case, self.mapping.empty.as_slice());
        let id = fields.id.required(cells, empty, ("the id of the case", "个案编号"))?;
        check_id("case", &id).map_err(|reason| fields.id.named(&reason))?;
        let kind = fields.kind.required(cells, empty, ("the kind of the case", "个案种类"))?;
        let part_of = match &fields.part_of {
            Some(field) => field.text(cells, empty)?.filter(|id| !id.is_empty()),
            None => None,
        };
        if let Some(parent) = &part_of {
            check_id("part_of", parent)?;
        }
        let event = self.event(cells)?;
        let facts = self.values(&self.mapping.facts, cells).collect::<Result<Vec<_>, _>>()?;
        // Only a row that is sound as a whole may begin a case.
        let position = self.index.get(id.as_ref()).copied();
        let Some(group) = position.and_then(|at| self.groups.get_mut(at)) else {
            let case = Case { id: id.as_ref().to_owned(), kind: kind.into_owned(), part_of: part_of.map(Into::into), ..Case::default() };
            let mut group = Group { case, rows: Vec::new(), ids: HashMap::new() };
            group.add(event, facts)?;
            self.index.insert(id.into_owned(), self.groups.len());
            self.groups.push(group);
            return Ok(());
        };
        group.agree(&kind, part_of.as_deref())?;
        group.add(event, facts)
    }

    fn event(&self, cells: &[Cell<'_>]) -> Result<Event, Text> {
        let (fields, empty) = (&self.mapping.event, self.mapping.empty.as_slice());
        let kind = fields.kind.required(cells, empty, ("the event type", "事件类型"))?.into_owned();
        let at = fields.at.required(cells, empty, ("the time of the event", "事件时刻"))?;
        let at = self.times.instant(&at).map_err(|reason| fields.at.named(&reason))?;
        let optional = |field: &Option<Field>| -> Result<Option<String>, Text> {
            let Some(field) = field else { return Ok(None) };
            Ok(field.text(cells, empty)?.filter(|text| !text.is_empty()).map(Into::into))
        };
        let mut data = Values::new();
        for ((name, _), value) in fields.data.iter().zip(self.values(&fields.data, cells)) {
            if let Some(value) = value? {
                data.insert(name.clone(), value);
            }
        }
        let id = optional(&fields.id)?.unwrap_or_default();
        Ok(Event { id, kind, at, by: optional(&fields.by)?, role: optional(&fields.role)?, data })
    }

    fn values<'r>(
        &'r self,
        fields: &'r [(String, Field)],
        cells: &'r [Cell<'r>],
    ) -> impl Iterator<Item = Result<Option<Value>, Text>> + 'r {
        fields.iter().map(|(_, field)| field.value(cells, &self.mapping.empty, &self.times))
    }
}

impl Group {
    /// Refuses a row that says of the case what an earlier one denied.
    fn agree(&mut self, kind: &str, part_of: Option<&str>) -> Result<(), Text> {
        let case = &mut self.case;
        let differs = |en: &str, zh: &str, before: &str, now: &str| {
            Text::new(
                format!("{en} `{}` was `{before}` in an earlier row and is `{now}` here", case.id),
                format!("{zh} `{}` 在前面的行中为 `{before}`，此处却是 `{now}`", case.id),
            )
        };
        if case.kind != kind {
            return Err(differs("the kind of case", "个案种类", &case.kind, kind));
        }
        match (&case.part_of, part_of) {
            (Some(before), Some(now)) if before != now => Err(differs("the case above", "上级个案", before, now)),
            (None, Some(now)) => {
                case.part_of = Some(now.to_owned());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, event: Event, facts: Vec<Option<Value>>) -> Result<(), Text> {
        if let Some(earlier) = self.ids.get(&event.id).and_then(|at| self.rows.get(*at)) {
            // The same row given again is the same event.
            let same = earlier.event == event && *earlier.facts == *facts;
            return if same { Ok(()) } else { Err(same_id(&event.id)) };
        }
        if self.rows.len() >= MOST_EVENTS {
            return Err(too_many());
        }
        if !event.id.is_empty() {
            self.ids.insert(event.id.clone(), self.rows.len());
        }
        let facts = match self.rows.last() {
            Some(last) if *last.facts == *facts => Arc::clone(&last.facts),
            _ => facts.into(),
        };
        self.rows.push(Row { event, facts });
        Ok(())
    }

    /// The case: a fact's first value holds from its first event, and another value later is a change at that row's
    /// instant, just before its event.
    fn build(mut self, names: &[(String, Field)]) -> Case {
        self.rows.sort_by_key(|row| row.event.at);
        let mut case = self.case;
        let mut current = Values::new();
        let mut before: Option<Arc<[Option<Value>]>> = None;
        case.events.reserve_exact(self.rows.len());
        for Row { event, facts } in self.rows {
            if before.as_ref().is_none_or(|before| !Arc::ptr_eq(before, &facts)) {
                let mut changes = Values::new();
                for ((name, _), value) in names.iter().zip(facts.iter()) {
                    let Some(value) = value else { continue };
                    match current.insert(name.clone(), value.clone()) {
                        None => {
                            case.facts.insert(name.clone(), value.clone());
                        }
                        Some(earlier) if earlier != *value => {
                            changes.insert(name.clone(), value.clone());
                        }
                        Some(_) => {}
                    }
                }
                if !changes.is_empty() {
                    let (id, kind) = (String::new(), FACTS.to_owned());
                    case.events.push(Event { id, kind, at: event.at, by: None, role: None, data: changes });
                }
                before = Some(facts);
            }
            case.events.push(event);
        }
        identify(&mut case);
        case
    }
}
