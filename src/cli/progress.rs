//! Progress on long work, shown on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Screen;

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
        let template =
            if total == 0 { "{msg} {human_pos} ({per_sec})" } else { "{msg} [{bar:30}] {human_pos}/{human_len} ({per_sec}, {eta})" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
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
