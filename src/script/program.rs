//! A script file: functions of a few lines, compiled once.

use std::sync::Arc;

use rhai::{AST, Array, Dynamic, Engine, Map, Position, Scope, Stmt};

use super::{
    error::{Trouble, describe, missing_in},
    frame::{Env, to_dynamic, typed_data},
};
use crate::{
    diagnostic::{Place, Problems, SourceFile, did_you_mean},
    lang::Text,
    script::signatures,
};

/// A compiled script and the function that is called.
#[derive(Debug)]
pub struct Program {
    engine: Arc<Engine>,
    ast: AST,
    file: Arc<SourceFile>,
    function: String,
    /// The first loop: where a script that runs too long is said to do so, since rhai does not tell.
    looping: Position,
}

impl Program {
    /// Compiles a script; notes syntax errors, unknown variables and functions.
    pub fn compile(
        engine: &Arc<Engine>,
        file: &Arc<SourceFile>,
        function: &str,
        asked_at: &Place,
        problems: &mut Problems,
    ) -> Option<Self> {
        let ast = match engine.compile(&file.text) {
            Ok(ast) => ast,
            Err(error) => {
                let said = error.err_type().to_string();
                let place = place_of(file, error.position());
                problems.error("DU0201", &place, format!("this script cannot be read: {said}"), format!("脚本有误：{said}"));
                return None;
            }
        };
        let own: Vec<String> = ast.iter_functions().map(|meta| meta.name.to_owned()).collect();
        if !ast.iter_functions().any(|meta| meta.name == function && meta.params.len() == 1) {
            problems.error_with_help(
                "DU0202",
                asked_at,
                Text::new(format!("the script has no function `{function}` with one argument"), format!("脚本没有单参数函数 `{function}`")),
                did_you_mean(function, own.iter().map(String::as_str)),
            );
            return None;
        }
        let known: Vec<String> = engine
            .gen_fn_signatures(true)
            .iter()
            .filter_map(|text| text.split('(').next().map(|name| name.rsplit(' ').next().unwrap_or(name).to_owned()))
            .collect();
        let mut unknown = Vec::new();
        let mut looping = Position::NONE;
        ast.walk(&mut |nodes| {
            if let Some(rhai::ASTNode::Stmt(Stmt::While(_, at) | Stmt::Do(_, _, at) | Stmt::For(_, at))) = nodes.last()
                && looping.is_none()
            {
                looping = *at;
            }
            let called = match nodes.last() {
                Some(
                    rhai::ASTNode::Expr(rhai::Expr::FnCall(call, at) | rhai::Expr::MethodCall(call, at))
                    | rhai::ASTNode::Stmt(Stmt::FnCall(call, at)),
                ) => (call, *at),
                _ => return true,
            };
            let name = called.0.name.as_str();
            if !called.0.is_operator_call() && !own.iter().any(|known| known == name) && !known.iter().any(|known| known == name) {
                unknown.push((name.to_owned(), called.1));
            }
            true
        });
        for (name, at) in &unknown {
            problems.error_with_help(
                "DU0202",
                &place_of(file, *at),
                Text::new(format!("unknown function `{name}`"), format!("未知的函数 `{name}`")),
                did_you_mean(name, signatures().iter().map(|known| known.name)),
            );
        }
        unknown.is_empty().then(|| Self { engine: Arc::clone(engine), ast, file: Arc::clone(file), function: function.to_owned(), looping })
    }

    /// Calls the function with the case; it returns a list of maps.
    ///
    /// # Errors
    /// What is missing, or what failed and where in the script.
    pub fn call(&self, env: &Env<'_>) -> Result<Vec<Map>, Trouble> {
        let _entered = env.enter();
        let result =
            self.engine.call_fn::<Dynamic>(&mut Scope::new(), &self.ast, &self.function, (case_map(env),)).map_err(
                |error| match missing_in(&error) {
                    Some(name) => Trouble::missing(&name),
                    None => Trouble::Failed {
                        message: describe(&error),
                        place: place_of(&self.file, Some(innermost(&error)).filter(|at| !at.is_none()).unwrap_or(self.looping)),
                    },
                },
            )?;
        let wrong = || {
            Trouble::failed(
                &Place::start_of(&self.file),
                format!("`{}` must return a list of maps: [#{{key: .., due: ..}}]", self.function),
                format!("`{}` 须返回映射的列表：[#{{key: .., due: ..}}]", self.function),
            )
        };
        let list: Array = result.into_array().map_err(|_| wrong())?;
        list.into_iter().map(|item| item.try_cast::<Map>().ok_or_else(wrong)).collect()
    }

    /// A place in the script, for errors about what it returned.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::start_of(&self.file)
    }
}

fn innermost(error: &rhai::EvalAltResult) -> Position {
    match error {
        rhai::EvalAltResult::ErrorInFunctionCall(_, _, inner, at) => {
            let inner = innermost(inner);
            if inner.is_none() { *at } else { inner }
        }
        other => other.position(),
    }
}

fn place_of(file: &Arc<SourceFile>, at: Position) -> Place {
    let (Some(line), column) = (at.line(), at.position().unwrap_or(1)) else { return Place::start_of(file) };
    let begin: usize = file.text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = file.text.get(begin..).unwrap_or("");
    let within = rest.char_indices().nth(column.saturating_sub(1)).map_or(0, |(at, _)| at);
    Place { file: Arc::clone(file), span: begin + within..begin + within + 1 }
}

/// The whole case as a script sees it: `#{id, kind, facts, events: [#{id, type, at, by, role, data}]}`.
fn case_map(env: &Env<'_>) -> Map {
    let view = env.view;
    let mut facts = Map::new();
    for (slot, fact) in view.kind.facts.iter().enumerate() {
        if let Some(value) = view.fact(slot, env.position) {
            facts.insert(fact.name.as_str().into(), to_dynamic(value));
        }
    }
    let mut events = Array::new();
    for (position, seen) in view.own() {
        let mut map = Map::new();
        map.insert("id".into(), view.event_id(position).unwrap_or_default().into());
        map.insert("type".into(), view.event_type(position).unwrap_or_default().into());
        map.insert("at".into(), Dynamic::from(seen.at));
        map.insert("by".into(), view.by(position).unwrap_or_default().into());
        map.insert("role".into(), view.role(position).unwrap_or_default().into());
        map.insert("data".into(), Dynamic::from_map(typed_data(env, position)));
        events.push(Dynamic::from_map(map));
    }
    let mut map = Map::new();
    map.insert("id".into(), view.id().into());
    map.insert("kind".into(), view.kind.name.as_str().into());
    map.insert("facts".into(), Dynamic::from_map(facts));
    map.insert("events".into(), Dynamic::from_array(events));
    map
}
