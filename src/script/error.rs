//! Why an expression gave no value.

use std::collections::BTreeSet;

use rhai::EvalAltResult;

use crate::{diagnostic::Place, lang::Text};

/// Raised inside rhai when something is not recorded, so that it is never mistaken for a value.
#[derive(Clone, Debug)]
pub struct Missing(pub String);

/// Why an obligation is undetermined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Facts that are not recorded.
    Missing(BTreeSet<String>),
    /// A script or expression failed.
    Failed {
        /// What went wrong.
        message: Text,
        /// Where in the policy.
        place: Place,
    },
}

impl Trouble {
    /// One missing fact.
    #[must_use]
    pub fn missing(name: &str) -> Self {
        Self::Missing(BTreeSet::from([name.to_owned()]))
    }

    /// A failure at a place.
    #[must_use]
    pub fn failed(place: &Place, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::Failed { message: Text::new(en, zh), place: place.clone() }
    }
}

/// The name of what is missing, when that is why rhai stopped.
pub(super) fn missing_in(error: &EvalAltResult) -> Option<String> {
    match error {
        EvalAltResult::ErrorRuntime(value, _) => value.clone().try_cast::<Missing>().map(|missing| missing.0),
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => missing_in(inner),
        // A field that the data of an event lack.
        EvalAltResult::ErrorPropertyNotFound(name, _) => Some(name.clone()),
        _ => None,
    }
}

/// Why rhai stopped, in words.
pub(super) fn describe(error: &EvalAltResult) -> Text {
    let inner = match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => return describe(inner),
        other => other,
    };
    match inner {
        EvalAltResult::ErrorTooManyOperations(_) => {
            Text::new("the script runs too long: it was stopped after 100,000 operations", "脚本运行过久：执行 100,000 步后已停止")
        }
        EvalAltResult::ErrorStackOverflow(_) => Text::new("functions call each other too deeply", "函数调用层次过深"),
        EvalAltResult::ErrorDataTooLarge(what, _) => {
            Text::new(format!("the script makes something too large: {what}"), format!("脚本产生的数据过大：{what}"))
        }
        EvalAltResult::ErrorArithmetic(what, _) => Text::new(format!("arithmetic: {what}"), format!("算术错误：{what}")),
        EvalAltResult::ErrorFunctionNotFound(what, _) => {
            Text::new(format!("`{what}` does not exist for these types"), format!("没有适用于这些类型的 `{what}`"))
        }
        // Rhai appends its own position, which is that of the expression and not of the file.
        other => {
            let said = other.to_string();
            let said = said.split(" (line ").next().unwrap_or(&said).to_owned();
            Text::new(said.clone(), said)
        }
    }
}
