//! Made-up complaints by a seed: each is built so that it keeps every clause, and then, in about a third of them, one or two clauses are
//! broken on purpose. A shorter run is the beginning of a longer one.
//!
//! The order of the draws is the definition of the cases: to draw one number more or elsewhere makes other cases, and other sums.

use crate::{
    DAY, HOUR, NOW,
    case::{Clause, Customer, Grade, Product, Region, Role, Step},
    mersenne::Random,
};

/// The seed of all figures.
pub const SEED: u32 = 20_260_101;

const STAFF: usize = 60;
const FIELDS: usize = 4;
const CUSTOMER: usize = 0;
const MODEL: usize = 1;
const PROBLEM: usize = 2;
const PURCHASED_ON: usize = 3;
const PROBLEMS: [&str; 10] = [
    "does not start",
    "leaks oil",
    "noise in gearbox",
    "display dark",
    "missing parts",
    "wrong colour",
    "overheats",
    "vibration",
    "paint damage",
    "battery flat",
];
/// What a closed case may lack without harm.
const OPTIONAL: [Step; 7] =
    [Step::PlanProposed, Step::Inspected, Step::Investigated, Step::Arrived, Step::Dispatched, Step::Verified, Step::Responded];

/// Who did something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Somebody of the company.
    Staff(usize),
    /// A customer.
    Customer(usize),
}

/// Something that happened.
#[derive(Clone, Copy)]
pub struct Deed {
    /// What.
    pub step: Step,
    /// When, in seconds.
    pub at: i64,
    /// By whom, when that is known.
    pub by: Option<Person>,
    /// In which role.
    pub role: Role,
}

/// A complaint in the making; a field that was left empty is `None`.
#[expect(missing_docs, reason = "the policy names each of them")]
pub struct Draft {
    pub grade: Grade,
    pub region: Region,
    pub urban: bool,
    pub units: i64,
    pub amount: f64,
    pub margin: f64,
    pub discount: f64,
    pub customer_type: Customer,
    pub product_type: Product,
    pub whole_batch_return: bool,
    pub deposit: f64,
    pub on_hand: usize,
    pub min_stock: usize,
    pub customer: Option<usize>,
    pub problem: Option<&'static str>,
    pub purchased_on: Option<(usize, usize)>,
    pub model: Option<(usize, char)>,
    pub deeds: Vec<Deed>,
    ratio: f64,
    received: i64,
}

/// Makes complaints one after the other.
pub struct Maker(Random);

impl Default for Maker {
    fn default() -> Self {
        Self(Random::new(SEED))
    }
}

impl Iterator for Maker {
    type Item = Draft;

    fn next(&mut self) -> Option<Draft> {
        loop {
            let mut draft = draft(&mut self.0);
            draft.deeds.retain(|deed| deed.at <= NOW);
            draft.deeds.sort_by_key(|deed| deed.at);
            if (5..=12).contains(&draft.deeds.len()) {
                return Some(draft);
            }
        }
    }
}

/// Two decimals.
fn cents(number: f64) -> f64 {
    format!("{number:.2}").parse().unwrap_or(number)
}

fn hours(number: f64) -> f64 {
    number * HOUR as f64
}

fn days(number: f64) -> f64 {
    number * DAY as f64
}

fn ratio(customer: Customer, product: Product) -> f64 {
    match (customer, product) {
        (Customer::New, Product::Standard) | (Customer::Old, Product::Ordered) => 0.3,
        (Customer::Old, Product::Standard) => 0.2,
        _ => 0.5,
    }
}

/// The role in which a step is done.
const fn doer(step: Step) -> Role {
    match step {
        Step::Received | Step::Closed | Step::Archived => Role::Clerk,
        Step::Responded | Step::Revisited => Role::Agent,
        Step::Dispatched => Role::Dispatcher,
        Step::Arrived | Step::Investigated | Step::PlanProposed | Step::PlanExecuted => Role::Engineer,
        Step::Verified | Step::Inspected => Role::Inspector,
        Step::CustomerSigned => Role::Customer,
        Step::ReportedUp => Role::Manager,
        Step::Contracted => Role::Sales,
        Step::Approved => Role::DeptHead,
    }
}

impl Draft {
    fn add(&mut self, step: Step, after: f64, by: Person, role: Role) {
        self.deeds.push(Deed { step, at: self.received + after as i64, by: Some(by), role });
    }

    /// Done by anybody of the company.
    fn anybody(&mut self, random: &mut Random, step: Step, after: f64) {
        let by = Person::Staff(random.below(STAFF));
        self.add(step, after, by, doer(step));
    }

    fn first(&mut self, step: Step) -> Option<&mut Deed> {
        self.deeds.iter_mut().find(|deed| deed.step == step)
    }

    fn has(&self, step: Step) -> bool {
        self.deeds.iter().any(|deed| deed.step == step)
    }

    fn drop(&mut self, step: Step) {
        self.deeds.retain(|deed| deed.step != step);
    }

    /// Moves a step beyond its limit (in seconds from the receipt).
    fn late(&mut self, random: &mut Random, step: Step, limit: i64) {
        let received = self.received;
        if let Some(deed) = self.first(step) {
            deed.at = received + (limit as f64 + hours(random.uniform(0.2, 20.0))) as i64;
        }
    }

    fn ten_units(&self) -> i64 {
        (self.units + 9) / 10
    }

    fn arrival(&self) -> i64 {
        HOUR * match self.region {
            Region::Ring1 => 2,
            Region::Ring2 => 3,
            Region::Ring3 => 4,
            Region::Neighbour => 6,
            Region::Remote => 10,
        }
    }
}

fn draft(random: &mut Random) -> Draft {
    let mut draft = facts(random);
    deeds(&mut draft, random);
    thin_out(&mut draft, random);
    if random.unit() < 0.36 {
        for _ in 0..random.weighted(&[1, 2], &[75.0, 25.0]) {
            let clause = random.choice(Clause::ALL);
            break_clause(&mut draft, clause, random);
        }
    }
    draft
}

fn facts(random: &mut Random) -> Draft {
    let grade = random.weighted(Grade::ALL, &[70.0, 20.0, 10.0]);
    let region = random.weighted(Region::ALL, &[30.0, 25.0, 20.0, 15.0, 10.0]);
    let urban = random.unit() < 0.6;
    let units = random.triangular(1.0, 60.0, 6.0) as i64;
    let amounts = [random.uniform(20.0, 400.0), random.uniform(400.0, 999.0), random.uniform(1000.0, 20_000.0)];
    let amount = cents(random.weighted(&amounts, &[55.0, 25.0, 20.0]));
    let customer_type = random.weighted(Customer::ALL, &[35.0, 65.0]);
    let product_type = random.weighted(Product::ALL, &[60.0, 25.0, 15.0]);
    let ratio = ratio(customer_type, product_type);
    let discount = if random.unit() < 0.4 { cents(random.uniform(0.6, 1.0)) } else { 1.0 };
    let margin = cents(if discount < 0.9 { random.uniform(0.31, 0.6) } else { random.uniform(0.05, 0.6) });
    let deposit = cents(amount * ratio * random.uniform(1.02, 1.5));
    let min_stock = random.between(2, 40);
    let on_hand = min_stock + random.between(0, 60);
    let whole_batch_return = random.unit() < 0.08;
    let customer = Some(random.between(0, 999_999));
    let problem = Some(random.choice(&PROBLEMS));
    let purchased_on = Some((random.between(1, 9), random.between(1, 28)));
    let model = Some((random.between(1, 400), random.choice(&['A', 'B', 'C', 'D', 'E', 'F'])));
    let age = random.unit();
    let age = if age < 0.12 {
        random.uniform(hours(1.5), hours(7.0))
    } else if age < 0.25 {
        random.uniform(hours(7.0), hours(40.0))
    } else if age < 0.42 {
        random.uniform(days(2.0), days(20.0))
    } else {
        random.uniform(days(40.0), days(400.0))
    };
    Draft {
        grade,
        region,
        urban,
        units,
        amount,
        margin,
        discount,
        customer_type,
        product_type,
        whole_batch_return,
        deposit,
        on_hand,
        min_stock,
        customer,
        problem,
        purchased_on,
        model,
        deeds: Vec::with_capacity(20),
        ratio,
        received: NOW - age as i64,
    }
}

/// The events of a complaint that is handled as it should be.
fn deeds(draft: &mut Draft, random: &mut Random) {
    let executed = (40 * HOUR).min(draft.ten_units() * DAY) as f64 * random.uniform(0.6, 0.95);
    let arrival = draft.arrival() as f64;
    draft.anybody(random, Step::Received, 0.0);
    let at = random.uniform(600.0, hours(20.0));
    draft.anybody(random, Step::Responded, at);
    let at = random.uniform(300.0, arrival * 0.4).min(hours(5.5));
    draft.anybody(random, Step::Dispatched, at);
    if draft.region != Region::Remote || random.unit() < 0.5 {
        let at = random.uniform(arrival * 0.5, arrival * 0.97);
        draft.anybody(random, Step::Arrived, at);
    }
    let at = random.uniform(arrival, (arrival + hours(1.0)).max(executed * 0.6));
    draft.anybody(random, Step::Investigated, at);
    if random.unit() < 0.5 {
        let (one, other) = random.two_below(STAFF);
        for by in [one, other] {
            let at = random.uniform(0.1, 0.5) * executed;
            draft.add(Step::Inspected, at, Person::Staff(by), Role::Inspector);
        }
    }
    if random.unit() < 0.35 {
        let at = executed * random.uniform(0.4, 0.5);
        draft.anybody(random, Step::PlanProposed, at);
    }
    let mut roles = vec![Role::DeptHead, Role::CompanyLead];
    if draft.grade == Grade::Critical || draft.whole_batch_return {
        roles.push(Role::GeneralManager);
    }
    let mut approvals: Vec<f64> = roles.iter().map(|_| random.uniform(0.5, 0.95) * executed).collect();
    approvals.sort_by(f64::total_cmp);
    for (at, role) in approvals.into_iter().zip(roles) {
        let by = Person::Staff(random.below(STAFF));
        draft.add(Step::Approved, at, by, role);
    }
    let (executor, verifier) = random.two_below(STAFF);
    draft.add(Step::PlanExecuted, executed, Person::Staff(executor), Role::Engineer);
    let verified = executed + hours(random.uniform(0.1, 2.0));
    draft.add(Step::Verified, verified, Person::Staff(verifier), Role::Inspector);
    let signed = verified + hours(random.uniform(0.1, 2.0));
    draft.add(Step::CustomerSigned, signed, Person::Customer(draft.customer.unwrap_or(0)), Role::Customer);
    let closed = signed + hours(random.uniform(0.1, 3.0));
    draft.anybody(random, Step::Closed, closed);
    let latest = if random.unit() < 0.95 { 2.9 } else { 1.5 };
    let at = closed + days(random.uniform(0.5, latest));
    draft.anybody(random, Step::Revisited, at);
    let at = closed + days(random.uniform(3.0, 29.0));
    draft.anybody(random, Step::Archived, at);
    if draft.grade != Grade::General {
        let at = hours(random.uniform(1.0, 20.0));
        draft.anybody(random, Step::ReportedUp, at);
    }
    if draft.amount >= 1000.0 {
        let at = hours(random.uniform(1.0, 20.0));
        draft.anybody(random, Step::Contracted, at);
    }
}

/// Takes away what was never recorded, until the case is of a usual length.
fn thin_out(draft: &mut Draft, random: &mut Random) {
    if draft.received < NOW - 3 * DAY {
        let mut optional: Vec<Step> = OPTIONAL.into_iter().filter(|step| draft.has(*step)).collect();
        random.shuffle(&mut optional);
        let wanted = random.between(7, 12);
        while draft.deeds.len() > wanted
            && let Some(step) = optional.pop()
        {
            draft.drop(step);
        }
        if random.unit() < 0.25 {
            [Step::Approved, Step::PlanExecuted, Step::Verified].into_iter().for_each(|step| draft.drop(step));
        }
        return;
    }
    while draft.deeds.iter().filter(|deed| deed.at <= NOW).count() > 12 {
        let Some(step) = [Step::PlanProposed, Step::Inspected, Step::Verified].into_iter().find(|step| draft.has(*step)) else { break };
        draft.drop(step);
    }
}

fn break_clause(draft: &mut Draft, clause: Clause, random: &mut Random) {
    match clause {
        Clause::Response => draft.late(random, Step::Responded, DAY),
        Clause::Resolution => {
            let later = hours(random.uniform(5.0, 60.0)) as i64 + 10 * HOUR;
            let moved = draft.deeds.iter_mut().filter(|deed| matches!(deed.step, Step::Closed | Step::Revisited | Step::Archived));
            moved.for_each(|deed| deed.at += later);
        }
        Clause::Arrival => draft.late(random, Step::Arrived, draft.arrival()),
        Clause::Dispatch => draft.late(random, Step::Dispatched, 7 * HOUR),
        Clause::Approval => break_approval(draft, random),
        Clause::Revisit => late_or_never(draft, random, Step::Revisited, 4 * DAY),
        Clause::Repair => draft.late(random, Step::PlanExecuted, draft.ten_units() * DAY),
        Clause::WholeBatch => {
            draft.whole_batch_return = true;
            draft.deeds.retain(|deed| deed.role != Role::GeneralManager);
        }
        Clause::Discount => {
            draft.discount = cents(random.uniform(0.5, 0.89));
            draft.margin = cents(random.uniform(0.02, 0.29));
        }
        Clause::Intake => break_intake(draft, random),
        Clause::Signed => {
            let closed = draft.first(Step::Closed).map(|deed| deed.at);
            match (draft.has(Step::CustomerSigned) && random.unit() < 0.5, closed) {
                (true, Some(closed)) => {
                    let at = closed + hours(random.uniform(1.0, 20.0)) as i64;
                    if let Some(deed) = draft.first(Step::CustomerSigned) {
                        deed.at = at;
                    }
                }
                _ => draft.drop(Step::CustomerSigned),
            }
        }
        Clause::Inspectors => {
            let by = draft.first(Step::Inspected).and_then(|deed| deed.by);
            draft.deeds.iter_mut().filter(|deed| deed.step == Step::Inspected).for_each(|deed| deed.by = by);
        }
        Clause::Reorder => draft.on_hand = random.between(0, draft.min_stock - 1),
        Clause::Contract => {
            draft.amount = cents(random.uniform(1000.0, 5000.0));
            draft.deposit = cents(draft.amount * random.uniform(0.55, 0.8));
            draft.drop(Step::Contracted);
        }
        Clause::Deposit => draft.deposit = cents(draft.amount * draft.ratio * random.uniform(0.2, 0.9)),
        Clause::Reported => {
            if draft.grade == Grade::General {
                draft.grade = Grade::Serious;
            } else if random.unit() < 0.5 {
                draft.late(random, Step::ReportedUp, DAY);
            } else {
                draft.drop(Step::ReportedUp);
            }
        }
        Clause::Archived => late_or_never(draft, random, Step::Archived, 31 * DAY),
        Clause::Separation => {
            let executor = draft.first(Step::PlanExecuted).map(|deed| deed.by);
            if let (Some(by), Some(verified)) = (executor, draft.first(Step::Verified)) {
                verified.by = by;
            }
        }
        Clause::AfterClose => {
            if let Some(closed) = draft.first(Step::Closed).map(|deed| deed.at) {
                let step = random.choice(&[Step::Investigated, Step::Responded, Step::Inspected, Step::Dispatched]);
                let at = closed + hours(random.uniform(1.0, 40.0)) as i64;
                let by = Some(Person::Staff(random.below(STAFF)));
                draft.deeds.push(Deed { step, at, by, role: Role::Agent });
            }
        }
        Clause::Investigation => draft.late(random, Step::Investigated, DAY * if draft.grade == Grade::General { 3 } else { 5 }),
        Clause::Responder => {
            if let Some(deed) = draft.first(Step::Responded) {
                deed.by = None;
            }
        }
    }
}

fn late_or_never(draft: &mut Draft, random: &mut Random, step: Step, later: i64) {
    match draft.first(step) {
        Some(deed) if random.unit() < 0.5 => deed.at += later,
        _ => draft.drop(step),
    }
}

/// One approval is missing, or the first two come in the wrong order.
fn break_approval(draft: &mut Draft, random: &mut Random) {
    let found = draft.deeds.iter().enumerate().filter(|(_, deed)| deed.step == Step::Approved);
    let places: Vec<usize> = found.map(|(place, _)| place).collect();
    let [one, other, ..] = places[..] else { return };
    if random.unit() < 0.5 {
        draft.deeds.remove(random.choice(&places));
    } else {
        let role = draft.deeds[one].role;
        draft.deeds[one].role = draft.deeds[other].role;
        draft.deeds[other].role = role;
    }
}

/// One or two fields of the form are empty.
fn break_intake(draft: &mut Draft, random: &mut Random) {
    let given = [draft.customer.is_some(), draft.model.is_some(), draft.problem.is_some(), draft.purchased_on.is_some()];
    let left: Vec<usize> = (0..FIELDS).filter(|field| given[*field]).collect();
    let count = random.between(1, 2);
    for field in random.sample_short(&left, count) {
        match field {
            CUSTOMER => draft.customer = None,
            MODEL => draft.model = None,
            PROBLEM => draft.problem = None,
            PURCHASED_ON => draft.purchased_on = None,
            _ => {}
        }
    }
}
