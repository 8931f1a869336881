//! The limit: the clauses written out by hand, over a complaint in memory.

use crate::{
    DAY, HOUR, NOW,
    case::{Case, Clause, Customer, Facts, Grade, Product, Region, Role, Step},
    measure::Violation,
};

/// Later than everything: the first time of what never happened.
const NEVER: i64 = i64::MAX;

/// What one pass over the events tells.
struct Seen<'c> {
    first: [i64; Step::ALL.len()],
    approved: [i64; 3],
    inspector: Option<&'c str>,
    two_inspectors: bool,
    unnamed_answer: bool,
    /// The last event that must not follow the closing.
    last_work: i64,
}

impl<'c> Seen<'c> {
    fn new<S: AsRef<str>>(case: &'c Case<S>) -> Self {
        let mut seen = Self {
            first: [NEVER; Step::ALL.len()],
            approved: [NEVER; 3],
            inspector: None,
            two_inspectors: false,
            unnamed_answer: false,
            last_work: i64::MIN,
        };
        for event in &case.events {
            let first = &mut seen.first[event.step as usize];
            *first = event.at.min(*first);
            let by = event.by.as_ref().map_or("", AsRef::as_ref);
            match event.step {
                Step::Approved => seen.approve(event.role, event.at),
                Step::Inspected if !by.is_empty() => {
                    let one = *seen.inspector.get_or_insert(by);
                    seen.two_inspectors |= one != by;
                }
                Step::Responded => seen.unnamed_answer |= by.is_empty(),
                _ => {}
            }
            if !matches!(event.step, Step::Closed | Step::Revisited | Step::Archived) {
                seen.last_work = event.at.max(seen.last_work);
            }
        }
        seen
    }

    fn approve(&mut self, role: Role, at: i64) {
        let level = match role {
            Role::DeptHead => 0,
            Role::CompanyLead => 1,
            Role::GeneralManager => 2,
            _ => return,
        };
        self.approved[level] = at.min(self.approved[level]);
    }

    const fn at(&self, step: Step) -> i64 {
        self.first[step as usize]
    }

    const fn has(&self, step: Step) -> bool {
        self.at(step) != NEVER
    }

    /// The due instant of what had to follow and did not, or did too late.
    fn missed(&self, start: i64, stop: Step, within: i64, waits: bool) -> Option<i64> {
        if start == NEVER {
            return None;
        }
        let (due, done) = (start + within, self.at(stop));
        let missed = if done == NEVER { waits && NOW > due } else { done > due };
        missed.then_some(due)
    }
}

/// Holds a complaint against all clauses.
pub fn judge<S: AsRef<str>>(number: u32, case: &Case<S>, found: &mut Vec<Violation>) {
    let (facts, seen) = (&case.facts, Seen::new(case));
    let mut add = |clause: Clause, due: Option<i64>| found.push(Violation { case: number, clause, due });
    let (received, closed, executed) = (seen.at(Step::Received), seen.at(Step::Closed), seen.at(Step::PlanExecuted));
    let open = closed == NEVER;
    let grave = facts.grade != Grade::General;
    let mut deadline = |clause: Clause, start: i64, stop: Step, within: i64, waits: bool| {
        if let Some(due) = seen.missed(start, stop, within, waits) {
            add(clause, Some(due));
        }
    };
    deadline(Clause::Response, received, Step::Responded, 24 * HOUR, open);
    deadline(Clause::Resolution, received, Step::Closed, 48 * HOUR, open);
    let arrival = match facts.region {
        Region::Ring1 => Some(2),
        Region::Ring2 => Some(3),
        Region::Ring3 => Some(4),
        Region::Neighbour => Some(6),
        Region::Remote => None,
    };
    if let Some(hours) = arrival {
        deadline(Clause::Arrival, received, Step::Arrived, hours * HOUR, open);
    }
    deadline(Clause::Dispatch, received, Step::Dispatched, HOUR * if facts.urban { 6 } else { 7 }, open);
    deadline(Clause::Revisit, closed, Step::Revisited, 3 * DAY, true);
    deadline(Clause::Repair, received, Step::PlanExecuted, (facts.units + 9) / 10 * DAY, open);
    if grave {
        deadline(Clause::Reported, received, Step::ReportedUp, 24 * HOUR, open);
    }
    deadline(Clause::Archived, closed, Step::Archived, 30 * DAY, true);
    deadline(Clause::Investigation, received, Step::Investigated, DAY * if grave { 5 } else { 3 }, open);
    if executed != NEVER {
        let [head, lead, manager] = seen.approved;
        let last = if facts.grade == Grade::Critical { manager } else { lead };
        // The lead's approval stands between the head's and the last one, or is the last one.
        if !(head <= lead && lead <= last && last <= executed) {
            add(Clause::Approval, Some(executed));
        }
        if facts.whole_batch_return && manager == NEVER {
            add(Clause::WholeBatch, Some(executed));
        }
        if seen.has(Step::Verified) && verified_own_work(case) {
            add(Clause::Separation, None);
        }
    }
    if !open {
        if seen.at(Step::CustomerSigned) > closed {
            add(Clause::Signed, Some(closed));
        }
        if seen.last_work > closed {
            add(Clause::AfterClose, None);
        }
    }
    let flat = [
        (Clause::Discount, facts.discount < 0.9 && facts.margin < 0.3),
        (Clause::Intake, incomplete(facts)),
        (Clause::Inspectors, seen.has(Step::Inspected) && !seen.two_inspectors),
        (Clause::Reorder, facts.on_hand < facts.min_stock),
        (Clause::Contract, facts.amount >= 1000.0 && !seen.has(Step::Contracted)),
        (Clause::Deposit, facts.deposit < facts.amount * ratio(facts.customer_type, facts.product_type)),
        (Clause::Responder, seen.unnamed_answer),
    ];
    for (clause, _) in flat.into_iter().filter(|(_, broken)| *broken) {
        add(clause, None);
    }
}

fn verified_own_work<S: AsRef<str>>(case: &Case<S>) -> bool {
    let people = |step: Step| case.events.iter().filter(move |event| event.step == step).filter_map(|event| event.by.as_ref());
    people(Step::Verified).any(|one| people(Step::PlanExecuted).any(|other| one.as_ref() == other.as_ref()))
}

fn incomplete<S: AsRef<str>>(facts: &Facts<S>) -> bool {
    let fields = [&facts.customer, &facts.problem, &facts.purchased_on, &facts.model];
    fields.into_iter().any(|field| field.as_ref().is_none_or(|text| text.as_ref().is_empty()))
}

const fn ratio(customer: Customer, product: Product) -> f64 {
    match (customer, product) {
        (Customer::New, Product::Standard) | (Customer::Old, Product::Ordered) => 0.3,
        (Customer::Old, Product::Standard) => 0.2,
        (Customer::New, Product::Ordered | Product::Custom) | (Customer::Old, Product::Custom) => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::{case::Case, lines, made::Maker, measure};

    /// The sum on which all programs agree.
    #[test]
    fn the_first_cases_break_what_they_should() {
        let (mut line, mut found) = (String::new(), Vec::new());
        for (number, draft) in (0..10_000).zip(Maker::default()) {
            lines::write(number, &draft, &mut line).unwrap();
            let case: Case<String> = serde_json::from_str(&line).unwrap();
            judge(number, &case, &mut found);
        }
        assert_eq!(measure::sum(&measure::distinct(found)), "1505c7e524a1e55c1d7a3e4c6128ff691427f0c9eeda45136ce755550e00a8a5");
    }
}
