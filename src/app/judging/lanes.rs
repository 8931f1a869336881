//! Work on several threads whose results keep their order.

use std::sync::mpsc::{Receiver, sync_channel};

/// Does one thing to each item on several threads, and passes the results on in the order of the items. Each thread has every so-many-th
/// item and may be two results ahead, so that the order costs no memory. Threads live as long as the whole: a new one for each item would
/// begin with an empty heap.
pub(in crate::app) fn in_order<I: Sync, T: Send, E>(
    items: &[I],
    threads: usize,
    work: impl Fn(&I) -> T + Sync,
    take: &mut dyn FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let work = &work;
    if threads < 2 || items.len() < 2 {
        return items.iter().try_for_each(|item| take(work(item)));
    }
    std::thread::scope(|scope| {
        let mut lanes = Vec::with_capacity(threads);
        for lane in 0..threads.min(items.len()) {
            let (send, receive) = sync_channel(2);
            scope.spawn(move || {
                for item in items.iter().skip(lane).step_by(threads) {
                    // Nobody listens any more once the results are refused.
                    if send.send(work(item)).is_err() {
                        break;
                    }
                }
            });
            lanes.push(receive);
        }
        for (lane, _) in (0..lanes.len()).cycle().zip(items) {
            // A lane that ends early has panicked, and the scope passes that on.
            let Some(Ok(result)) = lanes.get(lane).map(Receiver::recv) else { break };
            take(result)?;
        }
        Ok(())
    })
}
