//! Records are kept for a term, and reviewed after it.

use super::{
    clock::Span,
    model::Retention,
    scene::Court,
    state::{Duty, Fate},
    threshold::span_of,
};

pub fn judge(court: &Court<'_>, form: &Retention) -> Vec<Duty> {
    let scene = court.scene;
    let mut duties = Vec::new();
    for (position, tell) in court.found(&form.after) {
        let (opened, instance) = (scene.at(position), scene.id(position));
        let place = court.at_event(position);
        let term = tell.and_then(|()| court.applies(&place)).and_then(|applies| {
            let keep = || court.amount(&form.keep, &place, span_of);
            if applies { keep().map(Some) } else { Ok(None) }
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
        let mut after = disposals.into_iter().filter(|(found, _)| *found > position);
        let disposed = after.next().map(|(position, tell)| (scene.at(position), tell));
        let ends = scene.end.filter(|_| !court.clause.survives);
        if ends.is_some_and(|end| end <= term && disposed.as_ref().is_none_or(|(at, _)| *at > end)) {
            // The term runs out after the end of the case: it lapses.
            continue;
        }
        let fate = match &disposed {
            Some((at, Ok(()))) if *at < term => Fate::Broken { at: *at, settled: None },
            Some((at, Err(missing))) if *at < term => Fate::Untold(missing.clone()),
            _ if scene.as_of >= term => Fate::Done(Some(term)),
            _ => Fate::Open,
        };
        let kept = matches!(fate, Fate::Done(_));
        // Nothing can be done before the term ends, so that nothing falls due: there is no warning of itself.
        duties.push(Duty { stood: term - opened, ..Duty::new(instance.clone(), opened, fate).due(Some(term)) });
        let Some((review, within)) = form.review.as_ref().filter(|_| kept) else { continue };
        let within = within.as_ref().map_or(Ok(Span::Days(30)), |within| court.amount(within, &place, span_of));
        let duty = match within {
            Err(missing) => Duty::new("", opened, Fate::Untold(missing)),
            Ok(span) => {
                let done = court.certain(review).into_iter().map(|position| scene.at(position)).find(|at| *at >= term);
                // What has been disposed of needs no review.
                let fate = done.or(disposed.as_ref().map(|(at, _)| *at)).map_or(Fate::Open, |at| Fate::Done(Some(at)));
                Duty { began: Some(term), ..Duty::new("", opened, fate).due(Some(court.clock(&[]).add(term, span))) }
            }
        };
        duties.push(Duty { instance: format!("{instance}:review"), ..duty });
    }
    duties
}
