//! Charts as drawings in the page. Beside each stands a table with the same figures.

use maud::{Markup, html};

const WIDTH: u64 = 720;
const LEFT: u64 = 44;
const TALL: u64 = 180;
const TOP: u64 = 12;
const FOOT: u64 = 24;

/// A series of bars.
pub struct Series<'s> {
    /// What it is.
    pub label: &'s str,
    /// How it is drawn: a class of the style.
    pub class: &'static str,
    /// Its values, one for each place.
    pub values: Vec<u64>,
}

/// A round number that is not below the greatest value.
fn ceiling(most: u64) -> u64 {
    let mut step = 1;
    loop {
        for factor in [1, 2, 5] {
            if factor * step >= most.max(1) {
                return factor * step;
            }
        }
        step *= 10;
    }
}

/// Bars beside each other in groups, or on top of each other.
pub fn bars(title: &str, places: &[String], series: &[Series<'_>], stacked: bool) -> Markup {
    let count = u64::try_from(places.len()).unwrap_or(1).max(1);
    let sum = |place: usize| series.iter().filter_map(|one| one.values.get(place)).sum::<u64>();
    let most = if stacked { (0..places.len()).map(sum).max() } else { series.iter().flat_map(|one| one.values.iter().copied()).max() };
    let top = ceiling(most.unwrap_or(1));
    let tall = |value: u64| value * TALL / top;
    let slot = (WIDTH - LEFT) / count;
    let wide = if stacked { slot * 7 / 10 } else { slot * 8 / 10 / u64::try_from(series.len()).unwrap_or(1).max(1) };
    let every = count.div_ceil(9);
    html! {
        svg.chart viewBox=(format!("0 0 {WIDTH} {}", TOP + TALL + FOOT + 20)) role="img" aria-label=(title) {
            @for part in 0..=2_u64 {
                @let value = top * part / 2;
                @let y = TOP + TALL - tall(value);
                line.axis x1=(LEFT) x2=(WIDTH) y1=(y) y2=(y) {}
                text x=(LEFT - 6) y=(y + 4) text-anchor="end" { (value) }
            }
            @for (at, place) in (0_u64..).zip(places) {
                @let index = usize::try_from(at).unwrap_or(0);
                @let x = LEFT + at * slot + slot / 10;
                (group(index, x, wide, series, stacked, &tall, place))
                @if at % every == 0 { text x=(LEFT + at * slot + slot / 2) y=(TOP + TALL + 16) text-anchor="middle" { (place) } }
            }
            @for (at, one) in (0_u64..).zip(series) {
                rect class=(one.class) x=(LEFT + at * 170) y=(TOP + TALL + 28) width="11" height="11" rx="2" {}
                text.strong x=(LEFT + at * 170 + 16) y=(TOP + TALL + 38) { (one.label) }
            }
        }
    }
}

fn group(index: usize, x: u64, wide: u64, series: &[Series<'_>], stacked: bool, tall: &dyn Fn(u64) -> u64, place: &str) -> Markup {
    let mut below = 0;
    html! {
        @for (at, one) in (0_u64..).zip(series) {
            @let value = one.values.get(index).copied().unwrap_or(0);
            @let height = tall(value);
            @let y = (TOP + TALL).saturating_sub(height + below);
            @if value > 0 {
                rect class=(one.class) x=(if stacked { x } else { x + at * wide }) y=(y) width=(wide.max(2)) height=(height.max(1)) { title { (place) ": " (one.label) " " (value) } }
            }
            @if stacked { ({ below += height; "" }) }
        }
    }
}

/// A share as a bar, with a mark where a target stands.
pub fn share(good: u64, all: u64) -> Markup {
    let part = (good * 100).checked_div(all).unwrap_or(0);
    html! {
        svg width="104" height="12" viewBox="0 0 104 12" aria-hidden="true" {
            rect.bad x="2" y="1" width="100" height="10" rx="2" {}
            rect.good x="2" y="1" width=(part) height="10" rx="2" {}
        }
    }
}
