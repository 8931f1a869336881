//! How fast long work goes and how long it still takes, said every so often where no bar can be shown.

use std::time::Duration;

use crate::{
    app::clock::Watch,
    engine::duration,
    lang::{Lang, Text},
};

/// Between two lines.
const EVERY: Duration = Duration::from_secs(10);

/// The course of long work.
pub(super) struct Pace {
    total: u64,
    watch: Watch,
    said: Duration,
}

/// How far the work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) done: u64,
    pub(super) total: u64,
    /// Cases a second, over the whole course.
    pub(super) rate: u64,
    /// Milliseconds still needed at that rate.
    pub(super) left: i64,
}

impl Pace {
    pub(super) fn new(total: u64) -> Self {
        Self { total, watch: Watch::start(), said: Duration::ZERO }
    }

    /// So much is done; gives what is to be said, when it is time to say something.
    pub(super) fn at(&mut self, done: u64) -> Option<Point> {
        self.after(done, self.watch.elapsed())
    }

    fn after(&mut self, done: u64, elapsed: Duration) -> Option<Point> {
        if elapsed < self.said + EVERY || done == 0 {
            return None;
        }
        self.said = elapsed;
        let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
        let left = u128::from(self.total.saturating_sub(done)) * u128::from(millis) / u128::from(done);
        Some(Point { done, total: self.total, rate: done.saturating_mul(1000) / millis, left: i64::try_from(left).unwrap_or(i64::MAX) })
    }
}

impl Point {
    /// A line for people.
    pub(super) fn show(&self, lang: Lang) -> String {
        let Self { done, total, rate, left } = *self;
        // Near the end a minute is long.
        let seconds = left / 1000;
        let left = if seconds < 60 { Text::new(format!("{seconds} s"), format!("{seconds} 秒")) } else { duration(left) };
        match lang {
            Lang::En => format!("judging: {done} of {total} cases, {rate} a second, {} left", left.en),
            Lang::Zh => format!("判断中：{total} 个个案已完成 {done}，每秒 {rate}，剩余 {}", left.zh.trim()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left_come_every_ten_seconds() {
        let mut pace = Pace::new(1_000_000);
        assert_eq!(pace.after(1_024, Duration::from_secs(9)), None);
        let point = pace.after(50_000, Duration::from_secs(10)).unwrap();
        assert_eq!(point, Point { done: 50_000, total: 1_000_000, rate: 5_000, left: 190_000 });
        assert_eq!(point.show(Lang::En), "judging: 50000 of 1000000 cases, 5000 a second, 3 min left");
        assert_eq!(point.show(Lang::Zh), "判断中：1000000 个个案已完成 50000，每秒 5000，剩余 3 分钟");
        assert_eq!(pace.after(60_000, Duration::from_secs(19)), None);
        let near = pace.after(900_000, Duration::from_secs(90)).unwrap();
        assert_eq!(near.show(Lang::En), "judging: 900000 of 1000000 cases, 10000 a second, 10 s left");
        assert_eq!(near.show(Lang::Zh), "判断中：1000000 个个案已完成 900000，每秒 10000，剩余 10 秒");
    }
}
