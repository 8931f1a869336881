//! From rhai's syntax tree to a lowered expression. What is not understood to the last detail is left to rhai, and said so by `duly explain --plan`.

use rhai::{Expr as Ast, FnCallExpr, Stmt};

use super::{
    check::Context,
    code::{Change, Code, OfEvent, Operation, Question, Sign},
    names::RESERVED,
};
use crate::{
    atom::{Atom, Word},
    script::Binding,
    time::{Span, parse_date},
    value::Type,
};

/// Lowers an expression whose names and types have been checked; `None` when rhai must run it.
pub(super) fn lower(statements: &[Stmt], context: &Context<'_>) -> Option<Code> {
    let [only] = statements else { return None };
    let (code, _) = match only {
        Stmt::Expr(expr) => expression(expr, context)?,
        Stmt::FnCall(call, _) => function(call, context)?,
        _ => return None,
    };
    Some(code)
}

fn expression(expr: &Ast, context: &Context<'_>) -> Option<(Code, Type)> {
    Some(match expr {
        Ast::BoolConstant(flag, _) => (Code::Constant(Atom::Boolean(*flag)), Type::Boolean),
        Ast::IntegerConstant(number, _) => (Code::Constant(Atom::Integer(*number)), Type::Integer),
        Ast::DynamicConstant(value, _) => (Code::Constant(Atom::Decimal(value.as_decimal().ok()?)), Type::Decimal),
        Ast::StringConstant(text, _) => (Code::Constant(Atom::Text(Word::Symbol(context.names.symbols.intern(text)))), Type::Text),
        Ast::Variable(name, _, _) => variable(&name.1, context)?,
        Ast::Dot(pair, ..) => datum(&pair.lhs, &pair.rhs, context)?,
        Ast::And(list, _) => (shortened(conditions(list.iter(), context)?), Type::Boolean),
        Ast::Or(list, _) => (Code::Or(conditions(list.iter(), context)?), Type::Boolean),
        Ast::FnCall(call, _) => function(call, context)?,
        Ast::Stmt(block) => match block.statements() {
            [Stmt::Expr(inner)] => expression(inner, context)?,
            [Stmt::FnCall(call, _)] => function(call, context)?,
            _ => return None,
        },
        _ => return None,
    })
}

/// `has(a) && !has(b)` in one.
fn shortened(list: Box<[Code]>) -> Code {
    if let [Code::Ask(Question::Has, has), Code::Change(Change::Not, other)] = &*list
        && let Code::Ask(Question::Has, not) = **other
    {
        return Code::HasWithout(*has, not);
    }
    Code::And(list)
}

fn conditions<'e>(list: impl IntoIterator<Item = &'e Ast>, context: &Context<'_>) -> Option<Box<[Code]>> {
    list.into_iter()
        .map(|item| match expression(item, context)? {
            (code, Type::Boolean) => Some(code),
            _ => None,
        })
        .collect()
}

fn variable(name: &str, context: &Context<'_>) -> Option<(Code, Type)> {
    if let Some(binding) = context.names.find(name) {
        let kind = context.names.type_of(binding).0;
        if matches!(kind, Type::List | Type::Map | Type::Any) {
            return None;
        }
        // A figure that never changes is as good as written down.
        if let Binding::Parameter(index) = binding
            && let Some([(_, only)]) = context.names.parameters.get(index).map(|parameter| parameter.values.as_slice())
        {
            return Some((Code::Constant(Atom::constant(only, &context.names.symbols)?), kind));
        }
        return Some((Code::Name(binding), kind));
    }
    context.event?;
    match name {
        "at" => Some((Code::Event(OfEvent::At), Type::Instant)),
        "by" => Some((Code::Event(OfEvent::By), Type::Text)),
        "role" => Some((Code::Event(OfEvent::Role), Type::Text)),
        _ => None,
    }
}

/// `data.field`, when every event type that may be at hand declares the field with the same type.
fn datum(of: &Ast, field: &Ast, context: &Context<'_>) -> Option<(Code, Type)> {
    let (Ast::Variable(name, ..), Ast::Property(property, _)) = (of, field) else { return None };
    let events = context.event.filter(|events| !events.is_empty())?;
    if name.1 != "data" || context.names.find("data").is_some() {
        return None;
    }
    let declared = |event: &u16| {
        let decl = context.event_kind().events.get(usize::from(*event))?;
        decl.data.iter().find(|known| known.name == property.2).map(|known| known.kind)
    };
    let kind = declared(events.first()?)?;
    let alike = events.iter().all(|event| declared(event) == Some(kind));
    (alike && !matches!(kind, Type::List | Type::Map | Type::Any)).then(|| (Code::Datum(property.2.as_str().into(), kind), kind))
}

fn function(call: &FnCallExpr, context: &Context<'_>) -> Option<(Code, Type)> {
    if call.is_operator_call() {
        return operator(call, context);
    }
    match (call.name.as_str(), call.args.as_slice()) {
        ("span", [Ast::StringConstant(text, _)]) => Some((Code::Constant(Atom::Span(Span::parse(text).ok()?)), Type::Span)),
        ("date", [Ast::StringConstant(text, _)]) => Some((Code::Constant(Atom::Date(parse_date(text).ok()?)), Type::Date)),
        ("known", [Ast::StringConstant(name, _)]) => known(name, context),
        ("contains", [Ast::Array(items, _), of]) => within(items, of, context),
        (name, [Ast::StringConstant(event, _)]) => {
            let (question, kind) = match name {
                "has" => (Question::Has, Type::Boolean),
                "count" => (Question::Count, Type::Integer),
                "first" => (Question::First, Type::Instant),
                "last" => (Question::Last, Type::Instant),
                "people" => (Question::People, Type::Integer),
                _ => return None,
            };
            Some((Code::Ask(question, context.names.kind.event(event)?), kind))
        }
        (name, [of]) => one(name, of, context),
        (name, [a, b]) => {
            let (a, kind_a) = expression(a, context)?;
            let (b, kind_b) = expression(b, context)?;
            let numbers = kind_a.is_number() && kind_b.is_number();
            let (operation, kind) = match name {
                "min" if numbers => (Operation::Min, wider(kind_a, kind_b)),
                "max" if numbers => (Operation::Max, wider(kind_a, kind_b)),
                "hours_between" if kind_a == Type::Instant && kind_b == Type::Instant => (Operation::HoursBetween, Type::Decimal),
                _ => return None,
            };
            Some((Code::Operate(operation, Box::new((a, b))), kind))
        }
        _ => None,
    }
}

fn known(name: &str, context: &Context<'_>) -> Option<(Code, Type)> {
    if context.names.find(name).is_none() && RESERVED.contains(&name) {
        context.event?;
        return match name {
            "by" => Some((Code::Named(OfEvent::By), Type::Boolean)),
            "role" => Some((Code::Named(OfEvent::Role), Type::Boolean)),
            _ => None,
        };
    }
    let (code, _) = variable(name, context)?;
    Some((Code::Known(Box::new(code)), Type::Boolean))
}

/// `x in [a, b]`, all of whose items are written down and of the type of `x`.
fn within(items: &[Ast], of: &Ast, context: &Context<'_>) -> Option<(Code, Type)> {
    let (code, kind) = expression(of, context)?;
    let item = |item: &Ast| match expression(item, context)? {
        (Code::Constant(atom), other) if other == kind || (other.is_number() && kind.is_number()) => Some(atom),
        _ => None,
    };
    let list = items.iter().map(item).collect::<Option<Box<[Atom]>>>()?;
    Some((Code::In(Box::new(code), list), Type::Boolean))
}

fn one(name: &str, of: &Ast, context: &Context<'_>) -> Option<(Code, Type)> {
    let (code, kind) = expression(of, context)?;
    let (change, result) = match (name, kind) {
        ("date_of", Type::Instant) => (Change::DateOf, Type::Date),
        (_, Type::Integer | Type::Decimal) => match name {
            "ceil" => (Change::Ceil, kind),
            "floor" => (Change::Floor, kind),
            "round" => (Change::Round, kind),
            "abs" => (Change::Abs, kind),
            "minutes" => (Change::Minutes, Type::Span),
            "hours" => (Change::Hours, Type::Span),
            "days" => (Change::Days, Type::Span),
            "weeks" => (Change::Weeks, Type::Span),
            "months" => (Change::Months, Type::Span),
            "years" => (Change::Years, Type::Span),
            "working_hours" => (Change::WorkingHours, Type::Span),
            "working_days" => (Change::WorkingDays, Type::Span),
            _ => return None,
        },
        _ => return None,
    };
    Some((Code::Change(change, Box::new(code)), result))
}

fn operator(call: &FnCallExpr, context: &Context<'_>) -> Option<(Code, Type)> {
    let name = call.name.as_str();
    let (a, b) = match call.args.as_slice() {
        [of] => {
            let (code, kind) = expression(of, context)?;
            let change = match (name, kind) {
                ("!", Type::Boolean) => Change::Not,
                ("-", Type::Integer | Type::Decimal) => Change::Negate,
                _ => return None,
            };
            return Some((Code::Change(change, Box::new(code)), kind));
        }
        [a, b] => (expression(a, context)?, expression(b, context)?),
        _ => return None,
    };
    let ((a, kind_a), (b, kind_b)) = (a, b);
    let numbers = kind_a.is_number() && kind_b.is_number();
    if let Some(sign) = sign(name) {
        let ordered = !matches!(kind_a, Type::Boolean);
        let fits = numbers || (kind_a == kind_b && (ordered || matches!(sign, Sign::Equal | Sign::Unequal)));
        if let (Code::Name(Binding::Fact(slot)), Code::Constant(Atom::Text(Word::Symbol(symbol))), Sign::Equal | Sign::Unequal) =
            (&a, &b, sign)
            && kind_a == Type::Text
        {
            let is = Code::Is(*slot, *symbol);
            let code = if sign == Sign::Equal { is } else { Code::Change(Change::Not, Box::new(is)) };
            return Some((code, Type::Boolean));
        }
        if let (Code::Name(Binding::Fact(slot)), Code::Constant(limit), true) = (&a, &b, numbers) {
            return Some((Code::Measures(*slot, sign, *limit), Type::Boolean));
        }
        return fits.then(|| (Code::Compare(sign, Box::new((a, b))), Type::Boolean));
    }
    let operation = match name {
        "+" => Operation::Add,
        "-" => Operation::Subtract,
        "*" => Operation::Multiply,
        "/" => Operation::Divide,
        "%" => Operation::Remainder,
        _ => return None,
    };
    let sum = matches!(operation, Operation::Add | Operation::Subtract);
    let kind = match (kind_a, kind_b) {
        _ if numbers => wider(kind_a, kind_b),
        (Type::Instant | Type::Date, Type::Span) if sum => kind_a,
        (Type::Instant, Type::Instant) if operation == Operation::Subtract => Type::Span,
        _ => return None,
    };
    Some((Code::Operate(operation, Box::new((a, b))), kind))
}

fn sign(name: &str) -> Option<Sign> {
    Some(match name {
        "==" => Sign::Equal,
        "!=" => Sign::Unequal,
        "<" => Sign::Less,
        "<=" => Sign::AtMost,
        ">" => Sign::Greater,
        ">=" => Sign::AtLeast,
        _ => return None,
    })
}

fn wider(a: Type, b: Type) -> Type {
    if a == Type::Decimal || b == Type::Decimal { Type::Decimal } else { Type::Integer }
}
