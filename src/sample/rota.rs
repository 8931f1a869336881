//! Which case stands at which index: first one of everything, of the builders and then of the lives; after that by weight.

use std::collections::BTreeSet;

use super::{
    Sample, call, complaint, console, contract, dispatch, fault,
    lives::{Book, Life, book},
    office, production, purchase, quality,
    rng::Rng,
    script::{Brief, Fate},
    staff, stock, system,
};
use crate::case::Case;

/// After so many indices the fixed places (a repair, a purchase plan and its orders) come round again.
pub(super) const ROUND: u64 = 64;
/// Where in a round its purchase plan stands. The two places after it hold orders of that plan.
const PLAN: u64 = 20;

type Builder = fn(Brief) -> Case;

/// The first cases: every kind, every kind of department and employee, and a mishap of every form.
const OPENING: &[(Builder, Fate)] = &[
    (dispatch::repair, Fate::Good),
    (fault::fault, Fate::Bad(0)),
    (complaint::complaint, Fate::Good),
    (call::call, Fate::Bad(1)),
    (quality::problem, Fate::Bad(0)),
    (console::repair, Fate::Bad(0)),
    (contract::survey, Fate::Good),
    (stock::spare_part, Fate::Bad(0)),
    (system::customer_system, Fate::Good),
    (system::training, Fate::Bad(0)),
    (staff::engineer, Fate::Good),
    (office::technical, Fate::Good),
    (contract::maintenance, Fate::Good),
    (console::goods_return, Fate::Bad(0)),
    (console::tool, Fate::Bad(0)),
    (production::batch, Fate::Bad(1)),
    (production::equipment, Fate::Good),
    (production::quality_system, Fate::Good),
    (stock::stocktake, Fate::Good),
    (stock::requisition, Fate::Good),
    (purchase::plan, Fate::Good),
    (order, Fate::Bad(1)),
    (order, Fate::Good),
    (purchase::supplier, Fate::Good),
    (console::design_defect, Fate::Good),
    (contract::purchase, Fate::Bad(0)),
    (staff::reachable, Fate::Good),
    (staff::technician, Fate::Bad(0)),
    (staff::maker, Fate::Good),
    (office::console, Fate::Good),
    (office::service_unit, Fate::Bad(0)),
    (office::headquarters, Fate::Good),
    (office::parts, Fate::Good),
    (dispatch::carried_over, Fate::Bad(6)),
    (dispatch::repair, Fate::Bad(4)),
    (system::customer_system, Fate::Bad(1)),
    (complaint::complaint, Fate::Bad(1)),
    (dispatch::repair, Fate::Bad(8)),
    (fault::fault, Fate::Good),
    (call::call, Fate::Good),
];

/// The rest, with its weight in ten thousand.
const WEIGHTS: &[(i64, Builder)] = &[
    (2280, dispatch::repair),
    (20, dispatch::carried_over),
    (1000, console::repair),
    (1800, fault::fault),
    (1200, complaint::complaint),
    (1200, call::call),
    (900, quality::problem),
    (150, console::design_defect),
    (350, contract::survey),
    (200, stock::spare_part),
    (250, stock::requisition),
    (80, stock::stocktake),
    (60, contract::maintenance),
    (50, contract::purchase),
    (80, production::batch),
    (20, production::equipment),
    (5, production::quality_system),
    (80, console::goods_return),
    (60, console::tool),
    (30, purchase::supplier),
    (40, system::training),
    (60, system::customer_system),
    (20, staff::engineer),
    (20, staff::reachable),
    (10, staff::technician),
    (15, staff::maker),
    (4, office::technical),
    (4, office::console),
    (4, office::service_unit),
    (4, office::headquarters),
    (4, office::parts),
];

/// Where the lives' part of the beginning ends: after as many rounds as hold the builders' part and each life once.
fn opened(book: &Book) -> u64 {
    let lives = u64::try_from(book.lives.len()).unwrap_or(0);
    (builders() + lives).div_ceil(ROUND) * ROUND
}

fn builders() -> u64 {
    u64::try_from(OPENING.len()).unwrap_or(0)
}

/// The case at an index.
pub(super) fn case_at(sample: Sample, index: u64) -> Case {
    let brief = brief(sample, index);
    let book = book();
    if let Some((builder, _)) = opening_at(index) {
        return book.beside(builder(brief), brief);
    }
    if index < opened(book) {
        let count = book.lives.len().max(1);
        let place = usize::try_from(index - builders()).unwrap_or(0) % count;
        return book.lives.get(place).map_or_else(|| dispatch::repair(brief), |life| tell(book, life, brief));
    }
    match index % ROUND {
        0 => book.beside(dispatch::repair(brief), brief),
        PLAN => purchase::plan(brief),
        place if place == PLAN + 1 || place == PLAN + 2 => order(brief),
        _ => drawn(book, brief),
    }
}

/// The kinds of which there are cases.
pub(super) fn kinds() -> BTreeSet<String> {
    let sample = Sample::of(1);
    let built = (0..builders()).map(|index| case_at(sample, index).kind);
    built.chain(book().lives.iter().map(|life| life.kind.clone())).collect()
}

/// Whether something goes wrong in the case at an index.
pub(super) fn goes_wrong(sample: Sample, index: u64) -> bool {
    match brief(sample, index) {
        Brief { fate: Some(fate), .. } => matches!(fate, Fate::Bad(_)),
        Brief { wrong, .. } => wrong,
    }
}

fn brief(sample: Sample, index: u64) -> Brief {
    let fate = match opening_at(index) {
        Some((_, Fate::Bad(_))) if sample.mishaps == 0 => Some(Fate::Good),
        Some((_, fate)) => Some(fate),
        None => None,
    };
    // Another stream than that of the case itself, so that the draw does not colour its story.
    let mut luck = Rng::of(sample.seed.rotate_left(16), index);
    let wrong = luck.chance(i64::from(sample.mishaps));
    Brief { sample, index, fate, wrong }
}

fn opening_at(index: u64) -> Option<(Builder, Fate)> {
    OPENING.get(usize::try_from(index).ok()?).copied()
}

fn tell(book: &'static Book, life: &'static Life, brief: Brief) -> Case {
    // The standing cases that others are part of are those of the beginning.
    let id_of = |kind: &str| {
        let place = book.lives.iter().position(|other| other.kind == kind)?;
        Some(Book::id_at(book.lives.get(place)?, builders() + u64::try_from(place).ok()?))
    };
    Book::tell(life, brief, id_of)
}

fn order(brief: Brief) -> Case {
    purchase::order(brief, self::brief(brief.sample, brief.index - brief.index % ROUND + PLAN))
}

fn drawn(book: &'static Book, brief: Brief) -> Case {
    // Again another stream.
    let mut rng = Rng::of(brief.sample.seed.rotate_left(32), brief.index);
    let built: i64 = WEIGHTS.iter().map(|(weight, _)| weight).sum();
    let told: i64 = book.lives.iter().map(|life| life.weight).sum();
    let mut ticket = rng.between(1, built + told);
    for (weight, builder) in WEIGHTS {
        ticket -= weight;
        if ticket <= 0 {
            return book.beside(builder(brief), brief);
        }
    }
    for life in &book.lives {
        ticket -= life.weight;
        if ticket <= 0 {
            return tell(book, life, brief);
        }
    }
    dispatch::repair(brief)
}
