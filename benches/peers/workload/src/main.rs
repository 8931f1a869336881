//! duly itself, through its library, on the cases of the peers. Modes: `import` (JSON lines into a new store), `full` (every case of a store
//! against every clause), `eval` (cases that are in memory already), `nights` (the nightly check in several situations),
//! `due` (due instants in working hours).

mod check;
mod compared;
mod due;
mod nights;

use peers::{Failure, options::Options};

// As in duly's own program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Failure> {
    let options = Options::read()?;
    match options.value("mode", "full".to_owned())?.as_str() {
        "import" => check::import(&options),
        "full" => check::full(&options),
        "eval" => check::eval(&options),
        "nights" => nights::nights(&options),
        "due" => due::due(&options),
        other => Err(format!("there is no mode `{other}`").into()),
    }
}
