//! A second judge, plain and slow: it is written from the documents, shares no code with the judging of duly, and is held against it on
//! random policies, cases and histories.
//!
//! `model` is a policy as plain data, and `render` writes it as YAML. `scene` is a case at an instant, `expr` runs expressions, `clock` counts time;
//! then comes a file for each form, `state` and `judge`. `agreement` holds the two judges against each other on what `random*` make up, and `nights`
//! does so after every step of a `history`, of which `mirror` keeps what should be known. Where a comment says that the documents are silent, the
//! oracle follows what duly does.
//!
//! `DULY_PROPTEST_CASES` says how many cases each test tries.

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
