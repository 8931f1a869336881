//! The server itself: who asks, whether it lives, whether it can answer, what changes.

use serde_json::{Value, json};

use crate::{
    app::clock,
    web::visit::{Answer, Reply, Visit},
};

/// The account of who asks.
pub fn me(visit: &Visit<'_>) -> Answer {
    let account = visit.account()?;
    let scope = &account.scope;
    Ok(Reply::json(&json!({"name": account.name, "rank": account.rank.word(), "policies": scope.policies, "sites": scope.sites})))
}

/// An event for each change of the board.
pub fn live(_: &Visit<'_>) -> Answer {
    Ok(Reply { live: true, ..Reply::new("text/event-stream", "") })
}

/// That the server is alive.
pub fn healthz(_: &Visit<'_>) -> Answer {
    Ok(Reply::json(&json!({"alive": true})))
}

/// Whether the server can answer.
pub fn readyz(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    // While a check has the store, pages wait for it; that is no failure.
    let (store, last) = match visit.app.store_now() {
        None => ("busy", None),
        Some(store) => match store.last_run() {
            Ok(last) => ("readable", last),
            Err(error) => {
                tracing::error!(%error, "the store cannot be read");
                ("unreadable", None)
            }
        },
    };
    let ready = store != "unreadable";
    let mut told = json!({"ready": ready});
    // Strangers learn no more than that.
    if let (Some(map), Some(_)) = (told.as_object_mut(), &visit.who) {
        let now = clock::now();
        let last =
            last.map(|run| json!({"id": run.id, "at": run.at.to_rfc3339(rules.zone), "age_seconds": now.since(run.at).max(0) / 1_000}));
        map.insert("store".to_owned(), store.into());
        map.insert("policies".to_owned(), if rules.problems.is_empty() { "loaded" } else { "last_good" }.into());
        map.insert("last_run".to_owned(), last.unwrap_or(Value::Null));
    }
    Ok(Reply::json(&told).with_status(if ready { 200 } else { 503 }))
}
