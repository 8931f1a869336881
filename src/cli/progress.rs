//! Progress on long work, shown on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::Screen;
use crate::lang::Lang;

/// A bar, or nothing.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Begins; a total of 0 means that it is not known.
    pub(super) fn new(screen: &Screen, total: u64, label: &str) -> Self {
        if !screen.progress {
            return Self(None);
        }
        let bar = if total == 0 { ProgressBar::new_spinner() } else { ProgressBar::new(total) };
        bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
        let template = match (total, screen.lang) {
            (0, Lang::En) => "{msg} {human_pos} ({rate}/s)",
            (0, Lang::Zh) => "{msg} {human_pos}（每秒 {rate}）",
            (_, Lang::En) => "{msg} [{bar:30}] {human_pos}/{human_len} ({rate}/s, {eta} left)",
            (_, Lang::Zh) => "{msg} [{bar:30}] {human_pos}/{human_len}（每秒 {rate}，剩余 {eta}）",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            // A bar that fails to show its rate stops nothing.
            let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{:.0}", state.per_sec());
            };
            bar.set_style(style.with_key("rate", rate));
        }
        bar.set_message(label.to_owned());
        Self(Some(bar))
    }

    /// So much is done.
    pub(super) fn set(&mut self, done: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(done);
        }
    }

    /// All is done: the bar goes.
    pub(super) fn done(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}
