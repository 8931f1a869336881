//! The same for programs: JSON over HTTP, described by `OpenAPI`. Each row of [`endpoints`] is routed and told of, so that the document cannot
//! differ from what is there.

mod cases;
mod check;
mod clauses;
mod cloud;
mod endpoint;
mod events;
mod explain;
mod findings;
mod intake;
mod metrics;
mod openapi;
mod runs;
mod schemas;
mod sent;
mod server;
mod waivers;

pub use openapi::document;

use axum::http::Method;

use self::endpoint::{Endpoint, JSON, JSONL, Kind, Schema, header, query};
use super::route::{Needs, Route};
use crate::account::Power;

/// Their routes.
pub fn routes() -> Vec<Route> {
    endpoints().into_iter().map(|endpoint| endpoint.route).collect()
}

const SEEN: Needs = Needs::Account;
const ACTS: Needs = Needs::Power(Power::Act);
const RUNS: Needs = Needs::Power(Power::Run);
const WAIVES: Needs = Needs::Power(Power::Waive);
const PROBLEM: &str = "application/problem+json";
const METRICS: &str = "application/openmetrics-text";

const AS_OF: endpoint::Parameter = query("as_of", Kind::Instant, "For which instant it is judged; now where nothing is said.");
const KNOWN_AT: endpoint::Parameter = query("known_at", Kind::Instant, "Only what was recorded by then.");
const LIMIT: endpoint::Parameter = query("limit", Kind::Number, "How many at most: 100 where nothing is said, 1000 at most.");

/// All of the API.
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    let mut all = of_findings();
    all.extend(of_cases());
    all.extend(of_events());
    all.extend(of_runs());
    all.extend(of_waivers());
    all.extend(of_policies());
    all.extend(of_server());
    all
}

fn of_findings() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/v1/findings", SEEN, findings::list)
            .says("listFindings", "findings", "What is open, in words", "The rows of the board. `board` changes with the board: where it differs from one page to the next, rows may have moved. The header `Link` names the next page.")
            .asks(findings::FILTERS)
            .asks(&[LIMIT, query("page", Kind::Number, "Which page, from 1.")])
            .gives(200, "A page of findings.", JSON, Schema::Named("FindingPage"))
            .gives(200, "A page of findings.", JSONL, Schema::Named("OpenFinding")),
        Endpoint::post("/api/v1/findings/assign", ACTS, findings::assign)
            .says("assignFindings", "findings", "Gives findings to a person, or to nobody in particular", "All of them, or none where one is unknown or may not be seen.")
            .takes(JSON, Schema::Named("Assignment"))
            .gives(200, "It is recorded.", JSON, Schema::Named("Done")),
        Endpoint::post("/api/v1/findings/acknowledge", ACTS, findings::acknowledge)
            .says("acknowledgeFindings", "findings", "Takes note of findings", "All of them, or none where one is unknown or may not be seen.")
            .takes(JSON, Schema::Named("Acknowledgement"))
            .gives(200, "It is recorded.", JSON, Schema::Named("Done")),
    ]
}

fn of_cases() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/v1/cases", SEEN, cases::list)
            .says("listCases", "cases", "Ids and kinds of stored cases, in the order of ids", "`next` is what to say as `after` for the next page; null on the last one.")
            .asks(&[
                query("kind", Kind::Text, "Only this kind."),
                query("prefix", Kind::Text, "Only ids that begin so."),
                query("after", Kind::Text, "Only ids behind this one."),
                LIMIT,
            ])
            .gives(200, "A page of ids.", JSON, Schema::Named("CaseIds")),
        Endpoint::post("/api/v1/cases", RUNS, cases::take_in)
            .says("importCases", "cases", "Takes cases in", "A JSON array, or one case a line; at most 32 MiB. Sending the same again changes nothing. A case that cannot be taken is refused, and the others are stored.")
            .takes(JSON, Schema::List("Case"))
            .takes(JSONL, Schema::Named("Case"))
            .gives(200, "All were taken.", JSON, Schema::Named("Receipt"))
            .gives(207, "Some were refused; the others were taken.", JSON, Schema::Named("Receipt"))
            .gives(422, "All were refused, or nothing could be read.", JSON, Schema::Named("Receipt"))
            .gives(422, "All were refused, or nothing could be read.", PROBLEM, Schema::Named("Problem")),
        Endpoint::get("/api/v1/cases/{case}", SEEN, cases::show)
            .says("getCase", "cases", "A case as it was recorded", "")
            .asks(&[KNOWN_AT])
            .gives(200, "The case.", JSON, Schema::Named("Case")),
        Endpoint::new(Method::PUT, "/api/v1/cases/{case}", RUNS, cases::put)
            .says("putCase", "cases", "Takes one case in", "The case in the request has the id of the path. Sending the same again changes nothing; facts with other values become a change now; events are added.")
            .takes(JSON, Schema::Named("Case"))
            .gives(200, "The case was known; what was new of it is stored.", JSON, Schema::Named("Item"))
            .gives(201, "The case is new.", JSON, Schema::Named("Item")),
        Endpoint::get("/api/v1/cases/{case}/explanation", SEEN, explain::show)
            .says("explainCase", "cases", "Why the obligations of a case are as they are", "Which clauses apply, which do not and why, how due instants were counted, what settles them.")
            .asks(&[AS_OF, KNOWN_AT, query("clause", Kind::Text, "Only this clause, or those of a pattern with `*`.")])
            .gives(200, "The story of the case.", JSON, Schema::Named("Explanation")),
    ]
}

fn of_events() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/api/v1/cases/{case}/events", ACTS, events::take_in)
            .says("recordEvents", "cases", "Records events of a case", "One event, or a list. An event whose id is known changes nothing. Without an id the event is known by its content.")
            .takes(JSON, Schema::OneOrList("Event"))
            .gives(200, "All were taken or known.", JSON, Schema::Named("Receipt"))
            .gives(201, "The one event is new.", JSON, Schema::Named("Receipt"))
            .gives(207, "Some were refused; the others were taken.", JSON, Schema::Named("Receipt"))
            .gives(422, "All were refused, or nothing could be read.", JSON, Schema::Named("Receipt"))
            .gives(422, "All were refused, or nothing could be read.", PROBLEM, Schema::Named("Problem")),
        Endpoint::post("/api/v1/events", ACTS, cloud::take_in)
            .says("recordCloudEvents", "events", "Records events as CloudEvents 1.0", "`subject` is the case, the last part of `type` the event type, `time` the instant, `data` the data; `source` and `id` together are the event's id. `dulyby` and `dulyrole` tell who did it. With `dulykind` the first event of a case makes it, for accounts that may take cases in. In binary mode the attributes are headers, and the body is the data.")
            .asks(&[header("ce-specversion", "In binary mode: `1.0`. The other attributes are headers of this form, too.")])
            .takes(cloud::ONE, Schema::Named("CloudEvent"))
            .takes(cloud::BATCH, Schema::List("CloudEvent"))
            .takes(JSON, Schema::Named("Values"))
            .gives(200, "All were taken or known.", JSON, Schema::Named("Receipt"))
            .gives(201, "The one event is new.", JSON, Schema::Named("Receipt"))
            .gives(207, "Some were refused; the others were taken.", JSON, Schema::Named("Receipt"))
            .gives(422, "All were refused, or nothing could be read.", JSON, Schema::Named("Receipt"))
            .gives(422, "All were refused, or nothing could be read.", PROBLEM, Schema::Named("Problem")),
    ]
}

fn of_runs() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/v1/runs", SEEN, runs::list)
            .says("listRuns", "runs", "The last checks of the store, the newest first", "Figures over all cases are told to accounts that see everything; others are told those of what they see, and accounts of some sites none in this list.")
            .asks(&[LIMIT])
            .gives(200, "The runs.", JSON, Schema::Named("RunList")),
        Endpoint::post("/api/v1/runs", RUNS, runs::start)
            .says("runCheck", "runs", "Checks the store now", "Answers when the check is done. 503 while another one runs.")
            .may_take(JSON, Schema::Named("RunOrder"))
            .gives(201, "The check has run.", JSON, Schema::Named("Run")),
        Endpoint::get("/api/v1/runs/{id}", SEEN, runs::show)
            .says("getRun", "runs", "A check, and what it found new, cleared and back", "")
            .gives(200, "The run.", JSON, Schema::Named("Run")),
    ]
}

fn of_waivers() -> Vec<Endpoint> {
    let decided = |path, run, id, summary| {
        Endpoint::post(path, WAIVES, run)
            .says(
                id,
                "waivers",
                summary,
                "By who was named to decide or an administrator, and never by who asked; but who asked may refuse it, which takes it back.",
            )
            .gives(200, "It is decided.", JSON, Schema::Named("Decision"))
    };
    vec![
        Endpoint::get("/api/v1/waivers", SEEN, waivers::list)
            .says("listWaivers", "waivers", "Waivers, and those that are asked for", "")
            .asks(&[query("case", Kind::Text, "Only those of this case.")])
            .gives(200, "Both lists.", JSON, Schema::Named("WaiverList")),
        Endpoint::post("/api/v1/waivers", WAIVES, waivers::ask)
            .says("askWaiver", "waivers", "Asks for a waiver", "It holds once who is named to decide has granted it.")
            .takes(JSON, Schema::Named("WaiverRequest"))
            .gives(201, "It is asked for.", JSON, Schema::Named("Ask")),
        decided("/api/v1/waivers/{id}/grant", waivers::grant, "grantWaiver", "Grants a waiver that was asked for"),
        decided("/api/v1/waivers/{id}/refuse", waivers::refuse, "refuseWaiver", "Refuses a waiver that was asked for"),
    ]
}

fn of_policies() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/v1/clauses", SEEN, clauses::list)
            .says("listClauses", "policies", "The clauses in use, each version and kind of case by itself", "")
            .gives(200, "The clauses.", JSON, Schema::Named("ClauseList")),
        Endpoint::get("/api/v1/schemas/case", SEEN, clauses::schema)
            .says("getCaseSchema", "policies", "The JSON Schema of the cases that the policies in use read", "")
            .gives(200, "The schema.", JSON, Schema::Named("Values")),
        Endpoint::post("/api/v1/check", SEEN, check::check)
            .says("checkCase", "policies", "Judges a case that is sent, without storing it", "By the policies in use; every obligation is told. The case that it is part of is read from the store. Waivers do not apply.")
            .asks(&[AS_OF])
            .takes(JSON, Schema::Named("Case"))
            .gives(200, "The judgement.", JSON, Schema::Named("Judgement")),
    ]
}

fn of_server() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/v1/me", SEEN, server::me)
            .says("whoAmI", "server", "The account of the token", "")
            .gives(200, "The account.", JSON, Schema::Named("Account")),
        Endpoint::get("/api/v1/openapi.json", Needs::Nothing, openapi::show)
            .says("getOpenApi", "server", "This document", "")
            .gives(200, "The document.", JSON, Schema::Named("Values")),
        Endpoint::get("/live", SEEN, server::live)
            .says("watchBoard", "server", "An event for each change of the board", "Server-sent events called `change`, with a number that goes up; a comment every 20 seconds keeps the connection.")
            .gives(200, "The stream.", "text/event-stream", Schema::Text)
            .either(),
        Endpoint::get("/healthz", Needs::Nothing, server::healthz)
            .says("isAlive", "server", "Whether the server is alive", "")
            .gives(200, "It is.", JSON, Schema::Named("Health")),
        Endpoint::get("/readyz", Needs::Nothing, server::readyz)
            .says("isReady", "server", "Whether the server can answer", "503 when the store cannot be read. How old the last run is, and whether the policies on disk load, is told to those with an account; neither keeps the server from answering.")
            .gives(200, "It can.", JSON, Schema::Named("Readiness"))
            .gives(503, "It cannot.", JSON, Schema::Named("Readiness")),
        Endpoint::get("/metrics", SEEN, metrics::show)
            .says("getMetrics", "server", "Figures as OpenMetrics text", "Those about findings are of what the account sees.")
            .gives(200, "The figures.", METRICS, Schema::Text),
    ]
}
