//! Due instants: eight working hours from any minute of a year with holidays and make-up working days.

use duly::time::{Instant, Span};
use peers::{Failure, measure::timed, options::Options};
use serde_json::json;

use crate::check::policies;

/// The year begins: 2026-01-01 in Beijing.
const FROM: i64 = 1_767_196_800_000;
/// Minutes of the year.
const MINUTES: u64 = 365 * 24 * 60;
/// Instants in one pass.
const COUNT: u64 = 1_000_000;
/// Passes, of which the median counts.
const PASSES: usize = 5;

/// Measures how long a due instant takes.
pub fn due(options: &Options) -> Result<(), Failure> {
    let (_, set) = policies(options)?;
    let span = Span::parse("8 working hours")?;
    let clause = set.clauses.iter().find(|clause| clause.setup.calendar.name() == "china-office").ok_or("no clause counts office hours")?;
    let clock = clause.setup.clock();
    let mut seconds: Vec<f64> = Vec::with_capacity(PASSES);
    let mut sum = 0_i64;
    for _ in 0..PASSES {
        let run = timed(|| {
            let mut sum = 0_i64;
            for number in 0..COUNT {
                // The high bits of a product with a large odd number are as good as drawn.
                let minute = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % MINUTES;
                let at = Instant::from_millis(FROM + i64::try_from(minute)? * 60_000);
                sum = sum.wrapping_add(clock.add(at, span, &[]).at.millis());
            }
            Ok(sum)
        })?;
        seconds.push(run.cpu);
        sum = run.result;
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds.get(PASSES / 2).copied().unwrap_or_default();
    println!("{}", json!({"n": COUNT, "ns": median / COUNT as f64 * 1e9, "sum": sum}));
    Ok(())
}
