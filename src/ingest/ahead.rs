//! Parsing ahead: threads read stretches of an input in turn and parse them side by side, while whoever wants the cases
//! takes what was parsed in the order of the input.
//!
//! A thread first puts a ticket into a short queue and only then reads, under the same lock. So tickets stand in the
//! order of the input, and a full queue holds all threads back: memory stays the same however long the input is.

use std::{
    io::{self, BufRead},
    panic::resume_unwind,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use super::{
    line::Lines,
    stretch::{Parsed, Stretch},
};
use crate::time::Zone;

/// Threads at most: more cannot be kept busy by one reader.
const MOST_THREADS: usize = 4;

/// What a thread will have parsed.
type Ticket = Receiver<Parsed>;

/// An input that is being parsed.
pub(super) struct Ahead {
    tickets: Receiver<Ticket>,
    threads: Vec<JoinHandle<()>>,
}

/// The input and the queue: whoever has them has the turn.
struct Turn<I> {
    input: Lines<I>,
    queue: SyncSender<Ticket>,
    over: bool,
}

impl Ahead {
    /// Begins to read; `most` is the number of lines in a stretch.
    ///
    /// # Errors
    ///
    /// The system gives no threads.
    pub(super) fn new(input: impl BufRead + Send + 'static, zone: Zone, most: usize) -> io::Result<Self> {
        let count = thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MOST_THREADS);
        let (queue, tickets) = sync_channel(count);
        let turn = Arc::new(Mutex::new(Turn { input: Lines::new(input), queue, over: false }));
        let spawn = |_| {
            let turn = Arc::clone(&turn);
            thread::Builder::new().name("parsing".to_owned()).spawn(move || while work(&turn, zone, most).is_some() {})
        };
        let threads = (0..count).map(spawn).collect::<io::Result<_>>()?;
        Ok(Self { tickets, threads })
    }

    /// Gives what was parsed to a sink, in order, until the end or the sink's first error. After an error the threads
    /// end by themselves: one that waits for a slow pipe must not hold up what is to be said of it.
    pub(super) fn each<E>(self, mut sink: impl FnMut(Parsed) -> Result<(), E>) -> Result<(), E> {
        for ticket in self.tickets {
            // A thread that gives nothing back has panicked, as joining will show.
            let Ok(parsed) = ticket.recv() else { break };
            sink(parsed)?;
        }
        for thread in self.threads {
            if let Err(panic) = thread.join() {
                resume_unwind(panic);
            }
        }
        Ok(())
    }
}

/// Reads and parses one stretch; `None` when there is no other, or nobody waits for it.
fn work<I: BufRead>(turn: &Mutex<Turn<I>>, zone: Zone, most: usize) -> Option<()> {
    let (parsed, ticket) = sync_channel(1);
    let stretch = {
        let mut turn = turn.lock().ok().filter(|turn| !turn.over)?;
        turn.queue.send(ticket).ok()?;
        let stretch = Stretch::read(&mut turn.input, most);
        turn.over = stretch.is_last();
        stretch
    };
    parsed.send(stretch.parse(zone)).ok()
}
