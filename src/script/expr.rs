//! An expression: compiled and checked when the policy is loaded, evaluated in a frame.

use rhai::{AST, Dynamic, Engine, Scope};
use std::sync::Arc;

use super::{
    check::{self, Context},
    code::{Code, Stop},
    error::{Trouble, describe, missing_in},
    frame::{Env, from_dynamic},
    lower::lower,
    names::{Binding, Names},
    sight::Sight,
    spans::Prepared,
};
use crate::{
    atom::Atom,
    diagnostic::{Place, Problems},
    lang::Text,
    value::{Type, Val},
    yaml::{Kind, Node},
};

/// A compiled expression.
#[derive(Debug)]
pub struct Expr {
    /// As written, without the leading `=`.
    pub text: String,
    /// Where it stands.
    pub place: Place,
    /// The type of its value, as far as it is known.
    pub kind: Type,
    binding: Option<Binding>,
    lowered: Option<Code>,
    engine: Arc<Engine>,
    ast: Box<AST>,
    prepared: Prepared,
}

impl Expr {
    /// Compiles an expression; notes syntax, unknown names and wrong types.
    pub fn compile(
        engine: &Arc<Engine>,
        text: &str,
        place: &Place,
        context: &Context<'_>,
        wanted: Type,
        problems: &mut Problems,
    ) -> Option<Self> {
        let prepared = Prepared::new(text);
        let ast = match engine.compile_expression(&prepared.text) {
            Ok(ast) => ast,
            Err(error) => {
                let at = error.position();
                let place = locate(place, text, &prepared, at);
                let said = error.err_type().to_string();
                problems.error_with_help(
                    "DU0201",
                    &place,
                    Text::new(format!("this expression cannot be read: {said}"), format!("表达式有误：{said}")),
                    Text::new(
                        "an expression compares facts, as in `units > 10 && area == \"remote\"`; texts stand in double quotes",
                        "表达式比较事实，例如 `units > 10 && area == \"remote\"`；文本用双引号",
                    ),
                );
                return None;
            }
        };
        let mut finder = check::Checker::new(context, problems, |at| locate(place, text, &prepared, at));
        let kind = finder.statements(ast.statements());
        let failed = finder.failed;
        if failed {
            return None;
        }
        if !kind.fits(wanted) {
            problems.error(
                "DU0203",
                place,
                format!("this gives {}, but {} is needed here", kind.name(), wanted.name()),
                format!("结果是{}，此处需要{}", kind.zh(), wanted.zh()),
            );
            return None;
        }
        let lowered = lower(ast.statements(), context);
        let binding = context.names.find(text.trim());
        let (engine, ast) = (Arc::clone(engine), Box::new(ast));
        Some(Self { text: text.to_owned(), place: place.clone(), kind, binding, lowered, engine, ast, prepared })
    }

    /// Its value.
    ///
    /// # Errors
    /// What is missing, or what failed and where.
    pub fn value(&self, env: &Env<'_>) -> Result<Val, Trouble> {
        match (self.atom(env), self.binding) {
            (Ok(atom), _) => Ok(env.view.value_of(atom)),
            (Err(Stop::Fact(slot)), _) => Err(env.missing_fact(usize::try_from(slot).unwrap_or(usize::MAX))),
            // A list, or a value recorded in an unexpected type.
            (Err(Stop::Interpret), Some(binding)) => env.value(binding),
            (Err(Stop::Interpret), None) => self.interpreted(env),
        }
    }

    /// Its value as a condition.
    ///
    /// # Errors
    /// What is missing, or what failed and where.
    pub fn holds(&self, env: &Env<'_>) -> Result<bool, Trouble> {
        if let Some(flag) = self.glance(env) {
            return Ok(flag);
        }
        match self.value(env)? {
            Val::Boolean(flag) => Ok(flag),
            other => Err(Trouble::failed(
                &self.place,
                format!("a condition is true or false, found `{other}`"),
                format!("条件应为真或假，却是 `{other}`"),
            )),
        }
    }

    /// Its value as a condition, where that can be seen at a glance.
    pub(crate) fn glance(&self, sight: &impl Sight) -> Option<bool> {
        self.lowered.as_ref()?.test(sight).ok()
    }

    /// Whether its value depends on facts and events alone, and not on the event at hand.
    pub(crate) fn is_without_event(&self, names: &Names) -> bool {
        self.lowered.as_ref().is_some_and(|code| code.is_without_event(names))
    }

    /// The lowered form, where there is one.
    pub(super) const fn lowered(&self) -> Option<&Code> {
        self.lowered.as_ref()
    }

    /// Its value without allocation, where it was lowered.
    ///
    /// # Errors
    /// What is missing; or rhai must be asked.
    pub(crate) fn atom(&self, sight: &impl Sight) -> Result<Atom, Stop> {
        self.lowered.as_ref().map_or(Err(Stop::Interpret), |code| code.value(sight))
    }

    /// Its value as rhai gives it, whether it was lowered or not.
    ///
    /// # Errors
    /// What is missing, or what failed and where.
    pub fn interpreted(&self, env: &Env<'_>) -> Result<Val, Trouble> {
        from_dynamic(self.run(env)?).ok_or_else(|| Trouble::failed(&self.place, "this expression gives no value", "表达式没有结果"))
    }

    fn run(&self, env: &Env<'_>) -> Result<Dynamic, Trouble> {
        let _entered = env.enter();
        self.engine.eval_ast_with_scope::<Dynamic>(&mut Scope::new(), &self.ast).map_err(|error| match missing_in(&error) {
            Some(name) => Trouble::missing(&name),
            None => Trouble::Failed { message: describe(&error), place: locate(&self.place, &self.text, &self.prepared, error.position()) },
        })
    }

    /// Whether it was lowered: rhai runs it only to say what is wrong.
    #[must_use]
    pub const fn is_lowered(&self) -> bool {
        self.lowered.is_some()
    }

    /// Whether its value is the same at every position as long as facts do not change: it speaks of no events.
    #[must_use]
    pub(crate) fn is_of_facts(&self, names: &Names) -> bool {
        self.lowered.as_ref().is_some_and(|code| code.is_of_facts(names))
    }

    /// The name it consists of, when it is no more than that.
    #[must_use]
    pub const fn binding(&self) -> Option<Binding> {
        self.binding
    }
}

/// Splits a scalar into the expression and the place of its first byte, when it begins with `=`.
#[must_use]
pub fn expression_of(node: &Node) -> Option<(String, Place)> {
    let Kind::Scalar { text, .. } = &node.kind else { return None };
    let rest = text.trim_start().strip_prefix('=')?;
    Some((rest.trim().to_owned(), node.place.clone()))
}

/// The place in the file of a position inside an expression. The expression is looked for in the scalar as written; where
/// escapes make that impossible, the scalar itself is the place.
fn locate(place: &Place, text: &str, prepared: &Prepared, at: rhai::Position) -> Place {
    let Some(line) = at.line() else { return place.clone() };
    let offset = prepared.original_offset(line, at.position().unwrap_or(1));
    let written = place.file.text.get(place.span.clone()).unwrap_or("");
    let start = if let Some(found) = written.find(text) {
        place.span.start + found + offset
    } else {
        // A block scalar: the same lines, each behind its indentation.
        let before = text.get(..offset).unwrap_or("");
        let row = before.matches('\n').count();
        let column = before.len() - before.rfind('\n').map_or(0, |found| found + 1);
        let mut begin = place.span.start;
        let rest = place.file.text.get(begin..).unwrap_or("");
        let mut content = "";
        for (index, piece) in rest.split_inclusive('\n').enumerate() {
            content = piece;
            if index == row {
                break;
            }
            begin += piece.len();
        }
        let indent = content.len() - content.trim_start().len();
        begin + indent + column
    };
    let rest = place.file.text.get(start..).unwrap_or("");
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()).max(1);
    Place { file: Arc::clone(&place.file), span: start..(start + word).min(place.file.text.len().max(start)) }
}
