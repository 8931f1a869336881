//! Names and types of an expression, checked on rhai's syntax tree when the policy is loaded: rhai itself would compare
//! values of unlike types in silence.

use rhai::{Expr as Ast, FnCallExpr, Position, Stmt};

use super::names::{Names, RESERVED};
use crate::{
    diagnostic::{Diagnostic, Place, Problems, did_you_mean, nearest},
    lang::Text,
    policy::vocabulary::{EventDecl, Kind, UNKNOWN_EVENT},
    value::Type,
};

/// A function that expressions may call.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// Its name.
    pub name: &'static str,
    /// The types of its arguments.
    pub takes: &'static [Type],
    /// The type of its value.
    pub gives: Type,
}

const fn signature(name: &'static str, takes: &'static [Type], gives: Type) -> Signature {
    Signature { name, takes, gives }
}

const SIGNATURES: &[Signature] = {
    use Type::{Any, Boolean, Date, Decimal, Instant, Integer, Map, Span, Text};
    &[
        signature("span", &[Text], Span),
        signature("minutes", &[Decimal], Span),
        signature("hours", &[Decimal], Span),
        signature("days", &[Decimal], Span),
        signature("weeks", &[Decimal], Span),
        signature("months", &[Decimal], Span),
        signature("years", &[Decimal], Span),
        signature("working_hours", &[Decimal], Span),
        signature("working_days", &[Decimal], Span),
        signature("instant", &[Text], Instant),
        signature("date", &[Text], Date),
        signature("date_of", &[Instant], Date),
        signature("start_of", &[Instant], Instant),
        signature("end_of", &[Instant], Instant),
        signature("year", &[Instant], Integer),
        signature("month", &[Instant], Integer),
        signature("day", &[Instant], Integer),
        signature("hour", &[Instant], Integer),
        signature("weekday", &[Instant], Integer),
        signature("hours_between", &[Instant, Instant], Decimal),
        signature("days_between", &[Instant, Instant], Integer),
        signature("working_hours_between", &[Instant, Instant], Decimal),
        signature("is_working_day", &[Instant], Boolean),
        signature("is_open", &[Instant], Boolean),
        signature("has", &[Text], Boolean),
        signature("count", &[Text], Integer),
        signature("first", &[Text], Instant),
        signature("last", &[Text], Instant),
        signature("people", &[Text], Integer),
        signature("sum", &[Text, Text], Decimal),
        signature("data_of", &[Text], Map),
        signature("known", &[Text], Boolean),
        signature("known", &[Map, Text], Boolean),
        signature("ceil", &[Decimal], Decimal),
        signature("floor", &[Decimal], Decimal),
        signature("round", &[Decimal], Decimal),
        signature("abs", &[Decimal], Decimal),
        signature("min", &[Decimal, Decimal], Decimal),
        signature("max", &[Decimal, Decimal], Decimal),
        signature("len", &[Any], Integer),
        signature("contains", &[Any, Any], Boolean),
        signature("starts_with", &[Text, Text], Boolean),
        signature("ends_with", &[Text, Text], Boolean),
    ]
};

/// All functions, as the documentation lists them.
#[must_use]
pub const fn signatures() -> &'static [Signature] {
    SIGNATURES
}

/// The functions whose text argument names an event type.
const OVER_EVENTS: &[&str] = &["has", "count", "first", "last", "people", "sum", "data_of"];

/// What an expression may use.
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    /// Names of facts, parameters, derived facts.
    pub names: &'c Names,
    /// The event types that may be at hand; `None` when no event is.
    pub event: Option<&'c [u16]>,
    /// The kind whose events they are, where it is another one: that of the case that this one is part of.
    pub of: Option<&'c Kind>,
}

impl<'c> Context<'c> {
    /// The kind whose events may be at hand.
    pub(super) fn event_kind(&self) -> &'c Kind {
        self.of.unwrap_or(&self.names.kind)
    }
}

/// Walks an expression.
pub(super) struct Checker<'c, L> {
    context: Context<'c>,
    problems: &'c mut Problems,
    locate: L,
    pub(super) failed: bool,
}

impl<'c, L: Fn(Position) -> Place> Checker<'c, L> {
    pub(super) const fn new(context: &Context<'c>, problems: &'c mut Problems, locate: L) -> Self {
        Self { context: *context, problems, locate, failed: false }
    }

    fn error(&mut self, code: &'static str, at: Position, message: Text, help: Option<Text>) {
        let place = (self.locate)(at);
        self.problems.push(Diagnostic::error(code, &place, message).help(help));
        self.failed = true;
    }

    /// The type of the last statement.
    pub(super) fn statements(&mut self, list: &[Stmt]) -> Type {
        let mut last = Type::Any;
        for statement in list {
            last = match statement {
                Stmt::Expr(inner) => self.kind(inner),
                Stmt::FnCall(call, at) => self.call(call, *at, None),
                Stmt::If(flow, _) => {
                    self.want(&flow.expr, Type::Boolean);
                    let yes = self.statements(flow.body.statements());
                    let no = self.statements(flow.branch.statements());
                    if yes == no { yes } else { Type::Any }
                }
                Stmt::Switch(parts, _) => {
                    self.kind(&parts.0);
                    for case in &parts.1.expressions {
                        self.kind(&case.rhs);
                    }
                    Type::Any
                }
                Stmt::Block(block) => self.statements(block.statements()),
                _ => Type::Any,
            };
        }
        last
    }

    fn want(&mut self, expr: &Ast, wanted: Type) {
        let kind = self.kind(expr);
        if !kind.fits(wanted) {
            self.error(
                "DU0203",
                expr.start_position(),
                Text::new(
                    format!("{} is needed here, this is {}", wanted.name(), kind.name()),
                    format!("此处需要{}，却是{}", wanted.zh(), kind.zh()),
                ),
                None,
            );
        }
    }

    fn kind(&mut self, expr: &Ast) -> Type {
        match expr {
            Ast::BoolConstant(..) => Type::Boolean,
            Ast::IntegerConstant(..) => Type::Integer,
            Ast::StringConstant(..) | Ast::CharConstant(..) => Type::Text,
            Ast::DynamicConstant(value, _) if value.is_decimal() => Type::Decimal,
            Ast::InterpolatedString(parts, _) => {
                for part in parts {
                    self.kind(part);
                }
                Type::Text
            }
            Ast::Array(items, _) => {
                for item in items {
                    self.kind(item);
                }
                Type::List
            }
            Ast::Variable(name, _, at) => self.variable(&name.1, *at),
            Ast::Dot(pair, ..) => {
                let of = self.kind(&pair.lhs);
                match &pair.rhs {
                    Ast::Property(property, at) => self.property(&pair.lhs, &property.2, *at),
                    Ast::MethodCall(call, at) => self.call(call, *at, Some(of)),
                    _ => Type::Any,
                }
            }
            Ast::Index(pair, ..) => {
                self.kind(&pair.lhs);
                self.kind(&pair.rhs);
                Type::Any
            }
            Ast::And(list, _) | Ast::Or(list, _) => {
                for item in list.iter() {
                    self.want(item, Type::Boolean);
                }
                Type::Boolean
            }
            Ast::Coalesce(list, _) => {
                for item in list.iter() {
                    self.kind(item);
                }
                Type::Any
            }
            Ast::Stmt(block) => self.statements(block.statements()),
            Ast::FnCall(call, at) => self.call(call, *at, None),
            _ => Type::Any,
        }
    }

    fn variable(&mut self, name: &str, at: Position) -> Type {
        if let Some(binding) = self.context.names.find(name) {
            return self.context.names.type_of(binding).0;
        }
        if RESERVED.contains(&name) {
            if self.context.event.is_none() {
                self.error(
                    "DU0204",
                    at,
                    Text::new(format!("no event is at hand here, so `{name}` means nothing"), format!("此处没有事件，`{name}` 无意义")),
                    None,
                );
            }
            return match name {
                "at" => Type::Instant,
                "data" => Type::Map,
                _ => Type::Text,
            };
        }
        let known: Vec<&str> = self.context.names.all().into_keys().collect();
        let help = nearest(name, known.iter().copied())
            .map(|near| Text::new(format!("did you mean `{near}`?"), format!("是不是 `{near}`？")))
            .or_else(|| {
                Some(Text::new(
                    format!(
                        "declare it as a fact of kind `{}`, as a parameter or under `derive:`; a text stands in double quotes",
                        self.context.names.kind.name
                    ),
                    format!("请把它声明为 `{}` 的事实、参数，或放在 `derive:` 下；文本须加双引号", self.context.names.kind.name),
                ))
            });
        self.error("DU0202", at, Text::new(format!("unknown name `{name}`"), format!("未知的名称 `{name}`")), help);
        Type::Any
    }

    /// The declarations of the event types at hand.
    fn at_hand(&self) -> Vec<&'c EventDecl> {
        let events = &self.context.event_kind().events;
        self.context.event.unwrap_or(&[]).iter().filter_map(|id| events.get(usize::from(*id))).collect()
    }

    fn property(&mut self, of: &Ast, name: &str, at: Position) -> Type {
        if !matches!(of, Ast::Variable(variable, ..) if variable.1 == "data") {
            return Type::Any;
        }
        let declared = self.at_hand();
        let fields: Vec<_> = declared.iter().flat_map(|event| &event.data).collect();
        if let Some(field) = fields.iter().find(|field| field.name == name) {
            return field.kind;
        }
        let open = self.context.event.is_none_or(|ids| ids.is_empty() || ids.contains(&UNKNOWN_EVENT));
        if !open {
            let event = declared.first().map_or("", |event| event.name.as_str()).to_owned();
            let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
            let help = did_you_mean(name, names.iter().map(String::as_str)).or_else(|| {
                Some(Text::new(
                    format!("declare it: `{event}: {{data: {{{name}: {{type: ..}}}}}}`"),
                    format!("请声明：`{event}: {{data: {{{name}: {{type: ..}}}}}}`"),
                ))
            });
            self.error(
                "DU0202",
                at,
                Text::new(format!("the data of `{event}` have no field `{name}`"), format!("`{event}` 的数据没有字段 `{name}`")),
                help,
            );
        }
        Type::Any
    }

    fn call(&mut self, call: &FnCallExpr, at: Position, of: Option<Type>) -> Type {
        let mut given: Vec<Type> = of.into_iter().collect();
        for argument in &call.args {
            let kind = self.kind(argument);
            given.push(kind);
        }
        if call.is_operator_call() {
            return self.operator(call, &given, at);
        }
        if call.name == "contains" {
            self.membership(call);
            return Type::Boolean;
        }
        let named: Vec<&Signature> = SIGNATURES.iter().filter(|known| known.name == call.name).collect();
        let Some(first) = named.first() else {
            let help = did_you_mean(&call.name, SIGNATURES.iter().map(|known| known.name));
            let message = Text::new(format!("unknown function `{}`", call.name), format!("未知的函数 `{}`", call.name));
            self.error("DU0202", at, message, help);
            return Type::Any;
        };
        let fits = |known: &&&Signature| {
            known.takes.len() == given.len() && known.takes.iter().zip(&given).all(|(takes, gives)| gives.fits(*takes))
        };
        let Some(found) = named.iter().find(fits) else {
            let wants = first.takes.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
            let has = given.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
            self.error(
                "DU0203",
                at,
                Text::new(format!("`{}({wants})` was given ({has})", call.name), format!("`{}({wants})` 得到的是（{has}）", call.name)),
                None,
            );
            return first.gives;
        };
        if OVER_EVENTS.contains(&&*call.name) {
            self.event_argument(call);
        } else if call.name == "known"
            && let [Ast::StringConstant(name, at)] = call.args.as_slice()
            && self.context.names.find(name).is_none()
        {
            self.variable(name, *at);
        }
        found.gives
    }

    fn event_argument(&mut self, call: &FnCallExpr) {
        let Some(Ast::StringConstant(name, at)) = call.args.first() else { return };
        if self.context.names.kind.event(name).is_none() {
            let kind = &self.context.names.kind;
            let known: Vec<&str> = kind.events.iter().map(|event| event.name.as_str()).collect();
            let help = did_you_mean(name, known.iter().copied());
            let message = Text::new(format!("kind `{}` has no event `{name}`", kind.name), format!("`{}` 没有事件 `{name}`", kind.name));
            self.error("DU0202", *at, message, help);
        }
    }

    fn operator(&mut self, call: &FnCallExpr, given: &[Type], at: Position) -> Type {
        let name = &*call.name;
        let (a, b) = match given {
            [only] => return if name == "!" { Type::Boolean } else { *only },
            [a, b] => (*a, *b),
            _ => return Type::Any,
        };
        match name {
            "==" | "!=" | "<" | "<=" | ">" | ">=" => {
                let like = a.fits(b) || b.fits(a);
                let dates = matches!((a, b), (Type::Date, Type::Instant) | (Type::Instant, Type::Date));
                if !like || dates {
                    let help = dates.then(|| {
                        Text::new(
                            "compare `date_of(t)` with a date, or `end_of(d)` with an instant",
                            "请用 `date_of(t)` 与日期比较，或用 `end_of(d)` 与时刻比较",
                        )
                    });
                    self.error(
                        "DU0203",
                        at,
                        Text::new(format!("{} is compared with {}", a.name(), b.name()), format!("{}与{}不能比较", a.zh(), b.zh())),
                        help,
                    );
                }
                if let [left, right] = call.args.as_slice() {
                    self.allowed(left, right);
                    self.allowed(right, left);
                }
                Type::Boolean
            }
            "+" | "-" => match (a, b) {
                (Type::Instant | Type::Date, Type::Span) => a,
                (Type::Instant, Type::Instant) if name == "-" => Type::Span,
                (Type::Text, _) | (_, Type::Text) if name == "+" => Type::Text,
                _ => self.arithmetic(a, b, name, at),
            },
            "*" | "/" | "%" | "**" => self.arithmetic(a, b, name, at),
            "&&" | "||" => Type::Boolean,
            _ => Type::Any,
        }
    }

    fn arithmetic(&mut self, a: Type, b: Type, name: &str, at: Position) -> Type {
        let numeric = |kind: Type| kind.is_number() || kind == Type::Any;
        if !numeric(a) || !numeric(b) {
            let message = Text::new(
                format!("`{name}` does not work on {} and {}", a.name(), b.name()),
                format!("`{name}` 不能用于{}和{}", a.zh(), b.zh()),
            );
            self.error("DU0203", at, message, None);
            return Type::Any;
        }
        if name == "/" && a == Type::Integer && b == Type::Integer {
            let message = Text::new("this division drops the remainder", "此除法会舍去余数");
            let help = Text::new("divide by a decimal, as in `units / 10.0`", "请除以小数，例如 `units / 10.0`");
            self.error("DU0205", at, message, Some(help));
        }
        if a == Type::Decimal || b == Type::Decimal {
            Type::Decimal
        } else if a == Type::Any || b == Type::Any {
            Type::Any
        } else {
            Type::Integer
        }
    }

    /// A text compared with a name of limited values must be one of them.
    fn allowed(&mut self, name: &Ast, text: &Ast) {
        let Ast::StringConstant(text, at) = text else { return };
        let values = self.values_of(name);
        if !values.is_empty() && !values.iter().any(|value| value == text.as_str()) {
            let message = Text::new(format!("`{text}` is not an allowed value here"), format!("`{text}` 不是此处允许的取值"));
            let help = did_you_mean(text, values.iter().map(String::as_str));
            self.error("DU0206", *at, message, help);
        }
    }

    fn values_of(&self, expr: &Ast) -> Vec<String> {
        let list = match expr {
            Ast::Variable(name, ..) => match self.context.names.find(&name.1) {
                Some(binding) => self.context.names.type_of(binding).1,
                None => return Vec::new(),
            },
            Ast::Dot(pair, ..) => {
                let (Ast::Variable(of, ..), Ast::Property(name, _)) = (&pair.lhs, &pair.rhs) else { return Vec::new() };
                if of.1 != "data" {
                    return Vec::new();
                }
                let declared = self.at_hand();
                let field = declared.iter().flat_map(|event| &event.data).find(|field| field.name == name.2);
                return field.map_or_else(Vec::new, |field| field.values.iter().map(|(value, _)| value.clone()).collect());
            }
            _ => return Vec::new(),
        };
        list.iter().map(|(value, _)| value.clone()).collect()
    }

    /// `x in [a, b]`, which rhai reads as `contains([a, b], x)`.
    fn membership(&mut self, call: &FnCallExpr) {
        if let [Ast::Array(items, _), name] = call.args.as_slice() {
            for item in items {
                self.allowed(name, item);
            }
        }
    }
}
