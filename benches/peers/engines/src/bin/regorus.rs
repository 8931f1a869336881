//! regorus: the policy in Rego on its bytecode machine, one machine for all cases; a case is given as a value that was read before the clock.

use chrono::DateTime;
use peers::{
    Failure, NOW,
    case::Clause,
    lines,
    measure::{Violation, passes, report},
    options::Options,
};
use regorus::{Engine, Rc, Value, languages::rego::compiler::Compiler, rvm::vm::RegoVM};
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const QUESTION: &str = "data.after_sales.broken";

fn main() -> Result<(), Failure> {
    let options = Options::read()?;
    let now = || Value::from_json_str(&json!({"now": NOW}).to_string());
    let mut engine = Engine::new();
    engine.add_policy("policy.rego".to_owned(), include_str!("../policy.rego").to_owned())?;
    engine.add_data(now()?)?;
    let question: Rc<str> = QUESTION.into();
    let policy = engine.compile_with_entrypoint(&question)?;
    let program = Compiler::compile_from_policy(&policy, &[QUESTION])?;
    let cases = lines::read(&options.path("cases")?, input)?;
    let run = passes(&options, || {
        let mut machine = RegoVM::new();
        machine.load_program(program.clone());
        machine.set_data(now()?)?;
        let mut found = Vec::new();
        for (case, input) in (0..).zip(&cases) {
            machine.set_input(input.clone());
            let answer = machine.execute()?;
            for item in answer.as_set()? {
                let clause = Clause::named(item["clause"].as_string()?).ok_or("an unknown clause")?;
                found.push(Violation { case, clause, due: item["due"].as_i64().ok() });
            }
        }
        Ok(found)
    })?;
    report(&options, cases.len(), run, &json!({}))
}

/// A case with its instants in seconds, so that none is read inside the clock.
fn input(line: &str) -> Result<Value, Failure> {
    let mut case: serde_json::Value = serde_json::from_str(line)?;
    for event in case["events"].as_array_mut().into_iter().flatten() {
        let at = DateTime::parse_from_rfc3339(event["at"].as_str().unwrap_or_default())?;
        event["at"] = at.timestamp().into();
    }
    Ok(Value::from_json_str(&case.to_string())?)
}
