//! Being asked to stop: by Ctrl-C, or by whoever looks after services.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use tokio::runtime::Builder;

/// Tells whether the program was asked to stop. From when one is made, being asked no longer ends it at once.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens from now on; `wake` is called once when the program is asked.
    ///
    /// # Errors
    /// The system lets nobody listen.
    pub fn listen(wake: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let asked = {
            // Whoever asks right after this is heard.
            let _inside = runtime.enter();
            signals()?
        };
        let stop = Self::default();
        let told = stop.clone();
        thread::Builder::new().name("stopping".to_owned()).spawn(move || {
            runtime.block_on(asked);
            told.0.store(true, Ordering::Release);
            wake();
        })?;
        Ok(stop)
    }

    /// Whether it was asked to stop.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Ends with the first SIGINT or SIGTERM.
#[cfg(unix)]
fn signals() -> io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends with the first Ctrl-C.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "listening can fail elsewhere")]
fn signals() -> io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        // Where nobody can listen, the system ends the program itself.
        let _ = tokio::signal::ctrl_c().await;
    })
}
