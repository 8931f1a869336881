//! The engine: which parts of rhai there are, and how far a script may go.

use rhai::{
    Engine, Token,
    packages::{
        ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage, BasicStringPackage,
        LogicPackage, MoreStringPackage, Package,
    },
};

use super::{frame, functions};

/// Makes an engine. One serves all threads.
#[must_use]
pub fn engine() -> Engine {
    let mut engine = Engine::new_raw();
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicFnPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    engine.set_max_operations(100_000);
    engine.set_max_call_levels(16);
    engine.set_max_expr_depths(48, 24);
    engine.set_max_string_size(64 * 1024);
    engine.set_max_array_size(1_000);
    engine.set_max_map_size(1_000);
    engine.set_max_variables(64);
    engine.set_max_functions(32);
    engine.set_fail_on_invalid_map_property(true);
    engine.set_optimization_level(rhai::OptimizationLevel::None);
    for word in ["eval", "Fn", "call", "curry", "print", "debug"] {
        engine.disable_symbol(word);
    }
    variables(&mut engine);
    functions::register(&mut engine);
    engine
}

#[expect(deprecated, reason = "rhai calls these two volatile, not obsolete; its version is pinned")]
fn variables(engine: &mut Engine) {
    engine.on_var(|name, _, _| frame::resolve(name));
    // A case is what policies speak of all the time, so a script may call its argument so.
    engine.on_parse_token(|token, _, _| match token {
        Token::Reserved(word) if &**word == "case" => Token::Identifier(word),
        other => other,
    });
}
