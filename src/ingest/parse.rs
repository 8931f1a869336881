//! One case from one JSON object of the contract.

use std::collections::HashMap;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess};

use super::{
    MOST_EVENTS, MOST_ID,
    json::{KeyOf, Once, TextOf, ValuesOf, whole_line},
    shape::{Context, Reading, Shape},
};
use crate::{
    case::{Case, Event, Values, identify},
    lang::Text,
    time::{Instant, Zone},
};

const CASE: &[&str] = &["case", "kind", "part_of", "facts", "events"];
const EVENT: &[&str] = &["id", "type", "at", "by", "role", "data"];
/// Events up to which a repeated id is looked for by comparing each with each.
const FEW: usize = 16;

/// Reads one JSON object of the contract: `case`, `kind`, and where given `part_of`, `facts`, `events`. Times without
/// offset are in the zone. Events get their ids and come in order.
///
/// # Errors
///
/// Why it is refused: a lower-case fragment.
pub fn parse_case(line: &str, zone: Zone) -> Result<Case, Text> {
    let context = Context::new(line, zone);
    let mut case = read(&context, CaseOf { context: &context })?;
    check_id("case", &case.id)?;
    if let Some(id) = &case.part_of {
        check_id("part_of", id)?;
    }
    if case.kind.trim().is_empty() {
        return Err(Text::new(
            "`kind` is missing or empty; it says which rules concern the case",
            "缺少 `kind` 或其为空；它决定个案适用哪些规则",
        ));
    }
    drop_repeats(&mut case.events)?;
    identify(&mut case);
    Ok(case)
}

/// Reads the text of a context as one shape.
pub(super) fn read<'t, S: Shape<'t>>(context: &Context<'t>, shape: S) -> Result<S::Out, Text> {
    let mut input = serde_json::Deserializer::from_str(context.text);
    let read = Reading(shape).deserialize(&mut input).and_then(|out| input.end().map(|()| out));
    read.map_err(|error| context.take_reason().unwrap_or_else(|| malformed(context.text, &error)))
}

/// A case id can be stored, shown and typed.
pub(super) fn check_id(name: &str, id: &str) -> Result<(), Text> {
    if id.trim().is_empty() {
        return Err(Text::new(
            format!("`{name}` is missing or empty; it is the id of the case"),
            format!("缺少 `{name}` 或其为空；它是个案的编号"),
        ));
    }
    if id.len() > MOST_ID {
        return Err(Text::new(
            format!("the case id is {} bytes long; at most {MOST_ID}", id.len()),
            format!("个案编号长 {} 字节；最多 {MOST_ID} 字节", id.len()),
        ));
    }
    if id.chars().any(char::is_control) {
        return Err(Text::new(
            format!("the case id `{}` holds a control character", id.escape_debug()),
            format!("个案编号 `{}` 含有控制字符", id.escape_debug()),
        ));
    }
    Ok(())
}

/// A repeated event counts once; two that differ cannot have one id.
pub(super) fn drop_repeats(events: &mut Vec<Event>) -> Result<(), Text> {
    let mut repeats = Vec::new();
    let mut known: HashMap<&str, &Event> = HashMap::new();
    for (at, event) in events.iter().enumerate().filter(|(_, event)| !event.id.is_empty()) {
        // Nearly all cases are short, and comparing costs them less than hashing.
        let earlier = if events.len() <= FEW {
            events.iter().take(at).find(|earlier| earlier.id == event.id)
        } else {
            known.insert(&event.id, event)
        };
        match earlier {
            Some(earlier) if earlier == event => repeats.push(at),
            Some(_) => return Err(same_id(&event.id)),
            None => {}
        }
    }
    if !repeats.is_empty() {
        let (mut repeats, mut at) = (repeats.into_iter().peekable(), 0..);
        events.retain(|_| at.next().is_none_or(|at: usize| repeats.next_if_eq(&at).is_none()));
    }
    Ok(())
}

/// Two events that differ have one id.
pub(super) fn same_id(id: &str) -> Text {
    Text::new(format!("two events of the case have the id `{id}` and differ"), format!("个案中有两个不同的事件使用同一编号 `{id}`"))
}

fn malformed(text: &str, error: &serde_json::Error) -> Text {
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said);
    // The column counts bytes of its line; people count characters.
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let column = line.get(..error.column()).map_or(error.column(), |before| before.chars().count());
    let (en, zh) = if text.contains('\n') {
        (format!("line {} column {column}", error.line()), format!("第 {} 行第 {column} 列", error.line()))
    } else {
        (format!("column {column}"), format!("第 {column} 列"))
    };
    if text.as_bytes().contains(&0) {
        return Text::new(format!("not JSON: a NUL byte ({en})"), format!("不是 JSON：含有 NUL 字节（{zh}）"));
    }
    Text::new(format!("not JSON: {said} ({en})"), format!("不是 JSON：{said}（{zh}）"))
}

struct CaseOf<'c, 't> {
    context: &'c Context<'t>,
}

impl<'de> Shape<'de> for CaseOf<'_, '_> {
    type Out = Case;

    fn context(&self) -> &Context<'_> {
        self.context
    }

    fn wanted(&self) -> Text {
        whole_line()
    }

    fn map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Case, A::Error> {
        let context = self.context;
        let mut case = Case::default();
        let (mut once, mut guess) = (Once::default(), 0);
        while let Some(key) = entries.next_key_seed(Reading(KeyOf { context, keys: CASE, guess }))? {
            once.mark(context, CASE, key)?;
            guess = key + 1;
            match key {
                0 => case.id = entries.next_value_seed(text(context, "case"))?.unwrap_or_default(),
                1 => case.kind = entries.next_value_seed(text(context, "kind"))?.unwrap_or_default(),
                2 => case.part_of = entries.next_value_seed(text(context, "part_of"))?,
                3 => case.facts = entries.next_value_seed(Reading(ValuesOf { context, name: "facts" }))?,
                _ => case.events = entries.next_value_seed(Reading(EventsOf { context }))?,
            }
        }
        Ok(case)
    }
}

const fn text<'c, 't>(context: &'c Context<'t>, name: &'static str) -> Reading<TextOf<'c, 't>> {
    Reading(TextOf { context, name })
}

struct EventsOf<'c, 't> {
    context: &'c Context<'t>,
}

impl<'de> Shape<'de> for EventsOf<'_, '_> {
    type Out = Vec<Event>;

    fn context(&self) -> &Context<'_> {
        self.context
    }

    fn wanted(&self) -> Text {
        Text::new("`events` is a list", "`events` 应为列表")
    }

    fn null<E: Error>(self) -> Result<Vec<Event>, E> {
        Ok(Vec::new())
    }

    fn list<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<Event>, A::Error> {
        let mut events = Vec::with_capacity(8);
        loop {
            self.context.event.set(events.len() + 1);
            let Some(event) = items.next_element_seed(Reading(EventOf { context: self.context }))? else { break };
            events.push(event);
            if events.len() > MOST_EVENTS {
                self.context.event.set(0);
                return Err(self.context.refuse(too_many()));
            }
        }
        self.context.event.set(0);
        Ok(events)
    }
}

/// More events than one case may have.
pub(super) fn too_many() -> Text {
    Text::new(format!("the case has more than {MOST_EVENTS} events"), format!("个案的事件超过 {MOST_EVENTS} 个"))
}

struct EventOf<'c, 't> {
    context: &'c Context<'t>,
}

impl<'de> Shape<'de> for EventOf<'_, '_> {
    type Out = Event;

    fn context(&self) -> &Context<'_> {
        self.context
    }

    fn wanted(&self) -> Text {
        Text::new("an event is an object", "事件应为对象")
    }

    fn map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Event, A::Error> {
        let context = self.context;
        let (mut id, mut kind, mut at, mut by, mut role, mut data) = (None, None, None, None, None, Values::new());
        let (mut once, mut guess) = (Once::default(), 0);
        while let Some(key) = entries.next_key_seed(Reading(KeyOf { context, keys: EVENT, guess }))? {
            once.mark(context, EVENT, key)?;
            guess = key + 1;
            match key {
                0 => id = entries.next_value_seed(text(context, "id"))?,
                1 => kind = entries.next_value_seed(text(context, "type"))?,
                2 => at = entries.next_value_seed(Reading(TimeOf { context }))?,
                3 => by = entries.next_value_seed(text(context, "by"))?,
                4 => role = entries.next_value_seed(text(context, "role"))?,
                _ => data = entries.next_value_seed(Reading(ValuesOf { context, name: "data" }))?,
            }
        }
        let missing = |name: &str| context.refuse(Text::new(format!("`{name}` is missing or empty"), format!("缺少 `{name}` 或其为空")));
        let kind = kind.ok_or_else(|| missing("type"))?;
        let at = at.ok_or_else(|| missing("at"))?;
        Ok(Event { id: id.unwrap_or_default(), kind, at, by, role, data })
    }
}

struct TimeOf<'c, 't> {
    context: &'c Context<'t>,
}

impl Shape<'_> for TimeOf<'_, '_> {
    type Out = Option<Instant>;

    fn context(&self) -> &Context<'_> {
        self.context
    }

    fn wanted(&self) -> Text {
        Text::new("`at` is a text such as `2026-03-02T09:00:00+08:00`", "`at` 应为 `2026-03-02T09:00:00+08:00` 之类的文本")
    }

    fn null<E: Error>(self) -> Result<Option<Instant>, E> {
        Ok(None)
    }

    fn text<E: Error>(self, text: &str) -> Result<Option<Instant>, E> {
        match Instant::parse(text, self.context.zone) {
            Ok(at) => Ok(Some(at)),
            Err(error) => Err(self.context.refuse(Text::new(format!("`at`: {}", error.en), format!("`at`：{}", error.zh)))),
        }
    }
}
