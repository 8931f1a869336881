//! rhai: one compiled script for each clause over a case in Rust, with registered functions for what looks through the events. So a program
//! would do that wants its rules in scripts and cares for speed. A script gives the due instant, or `true` where there is none.

use std::rc::Rc;

use peers::{
    Failure, NOW,
    case::{Case, Clause, Customer, Grade, Product, Region, Role, Step},
    lines,
    measure::{Violation, passes, report},
    options::Options,
};
use rhai::{AST, Dynamic, Engine, EvalAltResult, ImmutableString, Scope};
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SCRIPTS: [(Clause, &str); 21] = [
    (Clause::Response, r#"c.missed("received", "responded", 24 * HOUR)"#),
    (Clause::Resolution, r#"c.missed("received", "closed", 48 * HOUR)"#),
    (
        Clause::Arrival,
        r#"let hours = switch c.region { "ring1" => 2, "ring2" => 3, "ring3" => 4, "neighbour" => 6, _ => 0 };
        if hours > 0 { c.missed("received", "arrived", hours * HOUR) }"#,
    ),
    (Clause::Dispatch, r#"c.missed("received", "dispatched", HOUR * if c.urban { 6 } else { 7 })"#),
    (
        Clause::Approval,
        r#"if c.has("plan_executed") && !c.approved_in_order("plan_executed", c.grade == "critical") { c.first("plan_executed") }"#,
    ),
    (Clause::Revisit, r#"c.missed_after_closing("revisited", 3 * DAY)"#),
    (Clause::Repair, r#"c.missed("received", "plan_executed", (c.units + 9) / 10 * DAY)"#),
    (
        Clause::WholeBatch,
        r#"if c.whole_batch_return && c.has("plan_executed") && !c.approved_by("general-manager") { c.first("plan_executed") }"#,
    ),
    (Clause::Discount, "c.discount < 0.9 && c.margin < 0.3"),
    (Clause::Intake, "c.incomplete()"),
    (Clause::Signed, r#"if c.has("closed") && !c.in_order("customer_signed", "closed") { c.first("closed") }"#),
    (Clause::Inspectors, r#"c.has("inspected") && c.people("inspected") < 2"#),
    (Clause::Reorder, "c.on_hand < c.min_stock"),
    (Clause::Contract, r#"c.amount >= 1000.0 && !c.has("contracted")"#),
    (
        Clause::Deposit,
        r#"let share = if c.customer_type == "new" {
            if c.product_type == "standard" { 0.3 } else { 0.5 }
        } else {
            switch c.product_type { "standard" => 0.2, "ordered" => 0.3, _ => 0.5 }
        };
        c.deposit < c.amount * share"#,
    ),
    (Clause::Reported, r#"if c.grade != "general" { c.missed("received", "reported_up", 24 * HOUR) }"#),
    (Clause::Archived, r#"c.missed_after_closing("archived", 30 * DAY)"#),
    (Clause::Separation, r#"c.same_person("verified", "plan_executed")"#),
    (Clause::AfterClose, "c.worked_on_after_closing()"),
    (Clause::Investigation, r#"c.missed("received", "investigated", DAY * if c.grade == "general" { 3 } else { 5 })"#),
    (Clause::Responder, r#"c.unnamed("responded")"#),
];

type Complaint = Rc<Case<String>>;
type Ran<T> = Result<T, Box<EvalAltResult>>;

fn step(word: &str) -> Ran<Step> {
    Step::named(word).ok_or_else(|| format!("there is no step `{word}`").into())
}

fn first(case: &Case<String>, step: Step) -> Option<i64> {
    case.events.iter().filter(|event| event.step == step).map(|event| event.at).min()
}

fn approval(case: &Case<String>, role: Role) -> Option<i64> {
    case.events.iter().filter(|event| event.step == Step::Approved && event.role == role).map(|event| event.at).min()
}

/// The due instant of what is missing or late, or nothing.
fn missed(case: &Case<String>, start: Step, stop: Step, within: i64, waits: bool) -> Dynamic {
    let Some(due) = first(case, start).map(|start| start + within) else { return Dynamic::UNIT };
    let missed = first(case, stop).map_or(waits && NOW > due, |done| done > due);
    if missed { due.into() } else { Dynamic::UNIT }
}

fn empty(text: Option<&String>) -> bool {
    text.is_none_or(String::is_empty)
}

/// Words that a getter gives without making them anew.
fn words<T>(all: &[T], word: fn(T) -> &'static str) -> Vec<ImmutableString>
where
    T: Copy,
{
    all.iter().map(|item| word(*item).into()).collect()
}

fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Complaint>("Complaint");
    macro_rules! getters {
        ($($fact:ident),*) => { $( engine.register_get(stringify!($fact), |c: &mut Complaint| c.facts.$fact); )* };
    }
    getters!(urban, units, amount, margin, discount, whole_batch_return, deposit, on_hand, min_stock);
    macro_rules! word_getters {
        ($($fact:ident: $kind:ident),*) => { $(
            let list = words($kind::ALL, $kind::word);
            engine.register_get(stringify!($fact), move |c: &mut Complaint| list[c.facts.$fact as usize].clone());
        )* };
    }
    word_getters!(grade: Grade, region: Region, customer_type: Customer, product_type: Product);
    times(engine);
    people(engine);
}

fn times(engine: &mut Engine) {
    engine.register_fn("has", |c: &mut Complaint, word: &str| {
        let step = step(word)?;
        Ran::Ok(c.events.iter().any(|event| event.step == step))
    });
    engine.register_fn("first", |c: &mut Complaint, word: &str| Ran::Ok(first(c, step(word)?).map_or(Dynamic::UNIT, Dynamic::from)));
    engine.register_fn("missed", |c: &mut Complaint, start: &str, stop: &str, within: i64| {
        let open = first(c, Step::Closed).is_none();
        Ran::Ok(missed(c, step(start)?, step(stop)?, within, open))
    });
    engine.register_fn("missed_after_closing", |c: &mut Complaint, stop: &str, within: i64| {
        Ran::Ok(missed(c, Step::Closed, step(stop)?, within, true))
    });
    engine.register_fn("in_order", |c: &mut Complaint, one: &str, other: &str| {
        let (one, other) = (first(c, step(one)?), first(c, step(other)?));
        Ran::Ok(one.zip(other).is_some_and(|(one, other)| one <= other))
    });
    engine.register_fn("worked_on_after_closing", |c: &mut Complaint| {
        let Some(closed) = first(c, Step::Closed) else { return false };
        let work = |step: Step| !matches!(step, Step::Closed | Step::Revisited | Step::Archived);
        c.events.iter().any(|event| event.at > closed && work(event.step))
    });
}

fn people(engine: &mut Engine) {
    engine.register_fn("approved_by", |c: &mut Complaint, role: &str| {
        let role = Role::named(role).ok_or("an unknown role")?;
        Ran::Ok(approval(c, role).is_some())
    });
    engine.register_fn("approved_in_order", |c: &mut Complaint, gate: &str, three: bool| {
        let chain = [Role::DeptHead, Role::CompanyLead, Role::GeneralManager];
        let mut before = i64::MIN;
        for role in chain.into_iter().take(if three { 3 } else { 2 }) {
            match approval(c, role) {
                Some(at) if at >= before => before = at,
                _ => return Ran::Ok(false),
            }
        }
        Ok(first(c, step(gate)?).is_some_and(|gate| before <= gate))
    });
    engine.register_fn("people", |c: &mut Complaint, word: &str| {
        let step = step(word)?;
        let mut list: Vec<&String> = c.events.iter().filter(|event| event.step == step).filter_map(|event| event.by.as_ref()).collect();
        list.sort_unstable();
        list.dedup();
        Ran::Ok(i64::try_from(list.len()).unwrap_or(i64::MAX))
    });
    engine.register_fn("same_person", |c: &mut Complaint, one: &str, other: &str| {
        let (one, other) = (step(one)?, step(other)?);
        let by = |step: Step| c.events.iter().filter(move |event| event.step == step).filter_map(|event| event.by.as_ref());
        Ran::Ok(by(one).any(|person| by(other).any(|same| same == person)))
    });
    engine.register_fn("unnamed", |c: &mut Complaint, word: &str| {
        let step = step(word)?;
        Ran::Ok(c.events.iter().any(|event| event.step == step && empty(event.by.as_ref())))
    });
    engine.register_fn("incomplete", |c: &mut Complaint| {
        let facts = &c.facts;
        [&facts.customer, &facts.problem, &facts.purchased_on, &facts.model].into_iter().any(|field| empty(field.as_ref()))
    });
}

fn main() -> Result<(), Failure> {
    let options = Options::read()?;
    let mut engine = Engine::new();
    engine.set_max_expr_depths(0, 0);
    register(&mut engine);
    let mut constants = Scope::new();
    constants.push_constant("HOUR", peers::HOUR).push_constant("DAY", peers::DAY);
    let scripts: Vec<(Clause, AST)> = SCRIPTS
        .iter()
        .map(|(clause, script)| Ok((*clause, engine.compile_with_scope(&constants, script)?)))
        .collect::<Result<_, Failure>>()?;
    let cases: Vec<Dynamic> = lines::cases(&options.path("cases")?)?.into_iter().map(|case| Dynamic::from(Rc::new(case))).collect();
    let run = passes(&options, || {
        let mut found = Vec::new();
        let mut scope = Scope::new();
        scope.push("c", ());
        for (number, case) in (0..).zip(&cases) {
            scope.set_value("c", case.clone());
            for (clause, script) in &scripts {
                let answer: Dynamic = engine.eval_ast_with_scope(&mut scope, script).map_err(|error| error.to_string())?;
                scope.rewind(1);
                let due = answer.as_int().ok();
                if due.is_some() || answer.as_bool() == Ok(true) {
                    found.push(Violation { case: number, clause: *clause, due });
                }
            }
        }
        Ok(found)
    })?;
    report(&options, cases.len(), run, &json!({}))
}
