//! Which case stands at which index: first one of everything, then by weight.

use super::{
    call, complaint, console, contract, dispatch, fault, office, production, purchase, quality,
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

/// The case at an index.
pub(super) fn case_at(seed: u64, index: u64) -> Case {
    let opening = opening_at(index);
    let brief = Brief { seed, index, fate: opening.map(|(_, fate)| fate) };
    if let Some((builder, _)) = opening {
        return builder(brief);
    }
    match index % ROUND {
        0 => dispatch::repair(brief),
        PLAN => purchase::plan(brief),
        place if place == PLAN + 1 || place == PLAN + 2 => order(brief),
        _ => drawn(brief),
    }
}

fn opening_at(index: u64) -> Option<(Builder, Fate)> {
    OPENING.get(usize::try_from(index).ok()?).copied()
}

fn order(brief: Brief) -> Case {
    let plan = brief.index - brief.index % ROUND + PLAN;
    purchase::order(brief, Brief { seed: brief.seed, index: plan, fate: opening_at(plan).map(|(_, fate)| fate) })
}

fn drawn(brief: Brief) -> Case {
    // Another stream than that of the case itself, so that the draw does not colour its story.
    let mut rng = Rng::of(brief.seed.rotate_left(32), brief.index);
    let total: i64 = WEIGHTS.iter().map(|(weight, _)| weight).sum();
    let mut ticket = rng.between(1, total);
    for (weight, builder) in WEIGHTS {
        ticket -= weight;
        if ticket <= 0 {
            return builder(brief);
        }
    }
    dispatch::repair(brief)
}
