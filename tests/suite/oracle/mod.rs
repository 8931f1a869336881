//! A second judge, plain and slow: it is written from the documents, shares no code with the judging of duly, and is held against it on
//! random policies, cases and histories.

mod apart;
mod approval;
mod clock;
mod crowd;
mod deadline;
mod expr;
mod judge;
mod limit;
mod model;
mod order;
mod record;
mod recurrence;
mod render;
mod retention;
mod scene;
mod state;
mod threshold;

mod random;
mod random_case;
mod random_clause;

mod history;
mod mirror;

mod agreement;
mod nights;
