//! sled panics on damaged files. Such a panic becomes an error here, and is not printed.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs work that may panic, and gives what the panic said.
///
/// The caller must not go on using what the work had in hand. Needs `panic = "unwind"`, the default.
pub(super) fn guard<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |info| {
            // sled's own threads bear its name; what they meet comes back as an error of the call that waits.
            let of_sled = std::thread::current().name().is_some_and(|name| name.starts_with("sled"));
            if !of_sled && !QUIET.get() {
                loud(info);
            }
        }));
    });
    let before = QUIET.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    outcome.map_err(|panic| said(panic.as_ref()))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    // Some of sled's panics print whole pages.
    text.unwrap_or("it panicked").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_is_an_error() {
        let outcome = super::guard(|| {
            assert!(std::hint::black_box(false), "broken page");
        });
        assert_eq!(outcome, Err("broken page".to_owned()));
        assert_eq!(super::guard(|| 1), Ok(1));
    }
}
