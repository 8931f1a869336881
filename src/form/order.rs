//! B only after A, nothing after Z.
//!
//! Each `event` is held against what came before it in the case: all of `requires` (chosen by facts, when a table says so) must stand earlier,
//! none of `never_after` may. A table gives lists of event types, of which all are required; a list within a list asks for any of its types. The
//! table may also `select: event_type`, the type of the event at hand. With `fifo` an issue from a lot is wrong while an older lot still has stock.
//!
//! States: met or breached at the event.
//!
//! Example: `order: {event: issued, requires: [approved, stock_checked]}`
//!
//! # 中文
//! 某事只能在另一事之后；某事之后不得再有某事。
//!
//! 对每个 `event`，其之前须已发生 `requires` 的全部事件（可由表格按事实选择），且不得已发生 `never_after` 的事件。表格给出事件类型的
//! 列表，须全部发生；列表中的列表，发生其一即可。表格也可 `select: event_type`，即按当前事件的类型选择。有 `fifo` 时，较早批次尚有库存则不得发出较新批次。
//!
//! 状态：达成，或在该事件处违反。
//!
//! 示例：`order: {event: issued, requires: [approved, stock_checked]}`

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Ask, Duty, Form, FormReader, Glance, Instance, Judge, Outcome, Outlook, Prospect, Quick, Rule, Say};
use crate::{
    lang::Text,
    policy::{
        lookup::{Choice, Lookup, Name},
        matcher::Matcher,
    },
    script::{Expr, Trouble},
    value::{Type, Val},
    view::{Position, gather, lanes},
    yaml::{Fields, Key, Kind},
};

pub(super) const FORM: Form = Form { name: "order", title: ("order", "次序"), keys: KEYS, source: include_str!("order.rs"), read };

const KEYS: &[Key] = &[
    Key::required("event", "matcher", "the event that has its place", "须守次序的事件"),
    Key::optional("requires", "matcher, list or table", "all of these must have happened before", "此前须全部已发生"),
    Key::optional("never_after", "matcher", "it must not follow any of these", "不得在其后"),
    Key::optional("key", "field", "only events with the same value of this field count", "仅计字段值相同的事件"),
    Key::optional("fifo", "{received, lot, quantity}", "the oldest lot with stock goes first", "先进先出"),
];

const FIFO_KEYS: &[Key] = &[
    Key::required("received", "matcher", "a lot comes in", "批次入库"),
    Key::required("lot", "field", "names the lot", "批次字段"),
    Key::required("quantity", "field", "how much", "数量字段"),
];

#[derive(Debug)]
struct Order {
    event: Matcher,
    requires: Requires,
    never_after: Option<Matcher>,
    key: Option<String>,
    fifo: Option<Fifo>,
}

#[derive(Debug)]
enum Requires {
    All(Vec<Matcher>),
    Table(Lookup),
}

#[derive(Debug)]
struct Fifo {
    received: Matcher,
    lot: String,
    quantity: String,
}

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    let event = reader.need_matcher(fields, "event")?;
    let requires = match fields.get("requires") {
        Some(node) if node.get("select").is_some() => Requires::Table(reader.lookup_at(fields, "requires", Type::List, &event.types())?),
        Some(node) => {
            let items = if let Kind::List(items) = &node.kind { items.as_slice() } else { std::slice::from_ref(node) };
            let all =
                items.iter().map(|item| crate::policy::alternatives::read_matcher(item, &reader.reader, reader.kinds, reader.problems));
            Requires::All(all.collect::<Option<_>>()?)
        }
        None => Requires::All(Vec::new()),
    };
    let fifo = match fields.get("fifo") {
        Some(node) => {
            let fields = Fields::read(node, FIFO_KEYS, reader.problems)?;
            Some(Fifo {
                received: reader.need_matcher(&fields, "received")?,
                lot: fields.text("lot", reader.problems)?.to_owned(),
                quantity: fields.text("quantity", reader.problems)?.to_owned(),
            })
        }
        None => None,
    };
    let never_after = if fields.get("never_after").is_some() { Some(reader.matcher(fields, "never_after")?) } else { None };
    let key = fields.text("key", reader.problems).map(str::to_owned);
    Some(Rule::Case(Box::new(Order { event, requires, never_after, key, fifo })))
}

impl Order {
    fn same_key(&self, ask: &Ask<'_>, a: Position, b: Position) -> bool {
        let Some(key) = &self.key else { return true };
        let value = |position| ask.env.view.datum(position, key);
        value(a).is_some_and(|a| value(b) == Some(a))
    }

    /// The first match before a position.
    fn earlier(&self, ask: &Ask<'_>, matcher: &Matcher, position: Position) -> Result<Option<Position>, Trouble> {
        let before = matcher.positions_in(&ask.env, 0..position);
        before.first(|found| self.same_key(ask, found, position)).map_err(|doubt| doubt.trouble)
    }

    /// What is missing before the event, in words. What is surely missing is so whatever cannot be told of the rest.
    fn lacking(&self, ask: &Ask<'_>, position: Position) -> Result<Vec<Text>, Trouble> {
        match &self.requires {
            Requires::All(list) => {
                let (mut lacking, mut unsure) = (Vec::new(), None);
                for matcher in list {
                    match self.earlier(ask, matcher, position) {
                        Ok(Some(_)) => {}
                        Ok(None) => lacking.push(matcher.label.clone()),
                        Err(trouble) => unsure = unsure.or(Some(trouble)),
                    }
                }
                match unsure.filter(|_| lacking.is_empty()) {
                    Some(trouble) => Err(trouble),
                    None => Ok(lacking),
                }
            }
            Requires::Table(table) => {
                let kind = &ask.env.view.kind;
                let wanted = table.choices(&ask.env_before(position))?;
                let happened = |name: &Name| {
                    kind.event(&name.text).is_some_and(|id| {
                        ask.env.view.all_of(id).take_while(|found| *found < position).any(|found| self.same_key(ask, found, position))
                    })
                };
                let label = |name: &Name| kind.event(&name.text).map_or_else(|| Text::same(name.text.as_str()), |id| kind.event_label(id));
                let either = |choice: &Choice| {
                    let labels: Vec<Text> = choice.iter().map(label).collect();
                    let join = |pick: fn(&Text) -> &str, word: &str| labels.iter().map(pick).collect::<Vec<_>>().join(word);
                    Text::new(join(|text| &text.en, " or "), join(|text| &text.zh, "或"))
                };
                Ok(wanted.iter().filter(|choice| !choice.iter().any(happened)).map(either).collect())
            }
        }
    }

    /// What it happened without.
    fn without(&self, ask: &Ask<'_>, position: Position) -> Result<Option<Text>, Trouble> {
        let lacking = self.lacking(ask, position)?;
        let join = |pick: fn(&Text) -> &String, word: &str| lacking.iter().map(|text| pick(text).as_str()).collect::<Vec<_>>().join(word);
        Ok((!lacking.is_empty()).then(|| {
            Text::new(format!("happened without: {}", join(|text| &text.en, ", ")), format!("发生时尚无：{}", join(|text| &text.zh, "、")))
        }))
    }

    /// What it came after, and where that stands.
    fn too_late(&self, ask: &Ask<'_>, position: Position) -> Result<Option<(Text, Position)>, Trouble> {
        let Some(matcher) = &self.never_after else { return Ok(None) };
        let label = &matcher.label;
        let came_after = || Text::new(format!("came after: {}", label.en), format!("发生在“{}”之后", label.zh));
        Ok(self.earlier(ask, matcher, position)?.map(|earlier| (came_after(), earlier)))
    }

    /// The older lot that should have gone first.
    fn older_lot(&self, ask: &Ask<'_>, issue: Position) -> Result<Option<Text>, Trouble> {
        let Some(fifo) = &self.fifo else { return Ok(None) };
        let read = |position: Position| -> Result<(String, Decimal), Trouble> {
            let field =
                |name: &String| ask.env.view.datum(position, name).as_ref().and_then(Val::guess).ok_or_else(|| Trouble::missing(name));
            let quantity = field(&fifo.quantity)?;
            Ok((field(&fifo.lot)?.to_string(), quantity.number().ok_or_else(|| Trouble::missing(&fifo.quantity))?))
        };
        let mut lots: Vec<(String, Decimal)> = Vec::new();
        for found in fifo.received.positions_in(&ask.env, 0..issue) {
            let (lot, quantity) = found.map_err(|doubt| doubt.trouble).and_then(read)?;
            match lots.iter_mut().find(|(known, _)| *known == lot) {
                Some((_, stock)) => *stock += quantity,
                None => lots.push((lot, quantity)),
            }
        }
        let mut issued: BTreeMap<String, Decimal> = BTreeMap::new();
        for found in self.event.positions_in(&ask.env, 0..issue) {
            let (lot, quantity) = found.map_err(|doubt| doubt.trouble).and_then(read)?;
            *issued.entry(lot).or_default() += quantity;
        }
        let (taken, _) = read(issue)?;
        let older = lots.iter().take_while(|(lot, _)| *lot != taken);
        let mut left = older.filter(|(lot, stock)| *stock > issued.get(lot).copied().unwrap_or_default());
        Ok(left.next().map(|(lot, _)| Text::new(format!("lot {lot} is older and still in stock"), format!("批次 {lot} 更早且仍有库存"))))
    }
}

impl Judge for Order {
    fn glance(&self, look: &Glance<'_>) -> Quick {
        let (Requires::All(list), None, None, None, Some(kind)) =
            (&self.requires, &self.never_after, &self.key, &self.fifo, self.event.plain())
        else {
            return Quick::Full;
        };
        let view = look.env.view;
        let Some(position) = view.first_of(kind) else { return Quick::Nothing };
        if view.next_of(position).is_some() {
            return Quick::Full;
        }
        // Facts are read just before the event.
        if let Some(quick) = look.spared(&look.env_before(position)) {
            return quick;
        }
        let happened = |matcher: &Matcher| matcher.plain().and_then(|kind| view.first_of(kind)).is_some_and(|first| first < position);
        match view.at(position).filter(|_| list.iter().all(happened)) {
            Some(at) => Quick::Met(at),
            None => Quick::Full,
        }
    }

    fn survey(&self, prospect: &Prospect<'_>, outlook: &mut Outlook) {
        let (Requires::All(list), None, None, None, Some(kind), true) =
            (&self.requires, &self.never_after, &self.key, &self.fifo, self.event.plain(), prospect.is_unconditional())
        else {
            return;
        };
        let survey = prospect.survey;
        let opened = survey.rows() & survey.has(kind);
        outlook.nothing = survey.rows() & !opened;
        let is_earlier = |matcher: &Matcher, lane| {
            matcher.plain().and_then(|other| survey.first(other, lane)).is_some_and(|first| Some(first) < survey.first(kind, lane))
        };
        let kept = list.iter().fold(opened & !survey.again(kind), |kept, matcher| gather(kept, |lane| is_earlier(matcher, lane)));
        for lane in lanes(kept) {
            if let Some(at) = survey.first(kind, lane).and_then(|first| survey.at(lane, first)) {
                outlook.is_met(lane, at);
            }
        }
    }

    fn judge<'a>(&'a self, ask: &mut Ask<'a>) {
        for found in self.event.positions(&ask.env) {
            let position = match found {
                Ok(position) => position,
                Err(doubt) => {
                    let env = ask.env_before(doubt.position);
                    ask.doubted(&env, *doubt);
                    continue;
                }
            };
            let (instance, at) = (Instance::Event(position), ask.instant_of(position));
            let env = ask.env_before(position);
            if !ask.takes(&env, &instance, at, position) {
                continue;
            }
            let mut duty = Duty::new(instance, at, position);
            let after = self.too_late(ask, position);
            if let Ok(Some((_, earlier))) = &after {
                duty.evidence.insert(0, *earlier);
            }
            let after = after.map(|found| found.map(|(text, _)| text));
            let (mut wrong, mut unsure) = (None, None);
            for found in [self.older_lot(ask, position), after, self.without(ask, position)] {
                match found {
                    Ok(text) => wrong = wrong.or(text),
                    Err(trouble) => unsure = Some(trouble),
                }
            }
            // What is surely wrong is so whatever cannot be told.
            duty.outcome = match (wrong.is_some(), unsure) {
                (true, _) => Outcome::Broken { at, settled: None },
                (false, Some(trouble)) => trouble.into(),
                (false, None) => Outcome::Met(Some(at)),
            };
            duty.about = wrong.map(Say::from);
            ask.duties.push(duty);
        }
    }

    fn needs(&self) -> Vec<u16> {
        self.event.types()
    }

    fn breaks(&self) -> bool {
        true
    }

    fn expressions(&self) -> Vec<&Expr> {
        let (listed, table) = match &self.requires {
            Requires::All(list) => (list.as_slice(), None),
            Requires::Table(table) => (&[][..], Some(table)),
        };
        let received = self.fifo.as_ref().map(|fifo| &fifo.received);
        let matchers = std::iter::once(&self.event).chain(listed).chain(&self.never_after).chain(received);
        matchers.flat_map(Matcher::conditions).chain(table.into_iter().flat_map(Lookup::expressions)).collect()
    }
}
