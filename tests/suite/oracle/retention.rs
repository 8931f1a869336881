//! Records are kept for a term, and reviewed after it.

use super::{
    clock::{Ms, Span},
    model::Retention,
    scene::{Court, Tell},
    state::{Duty, Fate},
    threshold::span_of,
};

pub fn judge(court: &Court<'_>, form: &Retention) -> Vec<Duty> {
    let scene = court.scene;
    let mut duties = Vec::new();
    for (position, tell) in court.found(&form.after) {
        let (opened, instance) = (scene.at(position), scene.id(position));
        let place = court.at_event(position);
        let term = court.asks(&place, tell).and_then(|asks| {
            let keep = || court.amount(&form.keep, &place, span_of);
            if asks { keep().map(Some) } else { Ok(None) }
        });
        let term = match term {
            Ok(None) => continue,
            Ok(Some(span)) => court.clock(&[]).add(opened, span),
            Err(missing) => {
                duties.push(Duty::new(instance, opened, Fate::Untold(missing)));
                continue;
            }
        };
        let disposals = form.dispose.as_ref().map_or_else(Vec::new, |dispose| court.found(dispose));
        let after: Vec<_> =
            disposals.into_iter().filter(|(found, _)| *found > position).map(|(found, tell)| (scene.at(found), tell)).collect();
        // What ends with its case before the term does can be broken no later than that.
        let ends = scene.end.filter(|end| !court.clause.survives && *end <= term);
        // A disposal that is sure is one whatever cannot be told of another.
        let disposed = of_all(after.iter().filter(|(at, _)| *at < term && ends.is_none_or(|end| *at <= end)));
        if ends.is_some() && disposed.is_none() {
            // The term runs out after the end of the case: it lapses.
            continue;
        }
        let fate = match &disposed {
            Some((at, Ok(()))) => Fate::Broken { at: *at, settled: None },
            Some((_, Err(missing))) => Fate::Untold(missing.clone()),
            None if scene.as_of >= term => Fate::Done(Some(term)),
            None => Fate::Open,
        };
        let kept = matches!(fate, Fate::Done(_));
        // Nothing can be done before the term ends, so that nothing falls due: there is no warning of itself.
        duties.push(Duty { stood: term - opened, ..Duty::new(instance.clone(), opened, fate).due(Some(term)) });
        let Some((review, within)) = form.review.as_ref().filter(|_| kept) else { continue };
        let within = within.as_ref().map_or(Ok(Span::Days(30)), |within| court.amount(within, &place, span_of));
        let duty = match within {
            Err(missing) => Duty::new("", opened, Fate::Untold(missing)),
            Ok(span) => {
                let reviews = court.found(review).into_iter().filter(|(found, _)| *found > position);
                let reviews: Vec<_> = reviews.map(|(found, tell)| (scene.at(found), tell)).collect();
                let due = court.clock(&[]).after_due(term, span);
                // What has been disposed of needs no review. One in time counts before one that is late.
                let found = |times: std::ops::RangeInclusive<Ms>| {
                    let found = [&reviews, &after].map(|list| of_all(list.iter().filter(|(at, _)| times.contains(at))));
                    let list: Vec<_> = found.into_iter().flatten().collect();
                    of_all(list.iter())
                };
                let fate = match found(term..=due).or_else(|| found(due + 1..=Ms::MAX)) {
                    Some((at, Ok(()))) => Fate::Done(Some(at)),
                    Some((_, Err(missing))) => Fate::Untold(missing),
                    None => Fate::Open,
                };
                Duty { began: Some(term), ..Duty::new("", opened, fate).due(Some(due)) }
            }
        };
        duties.push(Duty { instance: format!("{instance}:review"), ..duty });
    }
    duties
}

/// Of the events that are meant, or may be, the first that surely is; or else the first.
fn of_all<'a>(list: impl Iterator<Item = &'a (Ms, Tell<()>)>) -> Option<(Ms, Tell<()>)> {
    let list: Vec<_> = list.collect();
    list.iter().find(|(_, tell)| tell.is_ok()).or(list.first()).map(|found| (*found).clone())
}
