//! Open files of a stream, by the numbers the program's side chose.
//!
//! An open and the calls on its descriptor may arrive back to back, so each call takes its place in the
//! descriptor's queue when its frame is read, before the next frame is looked at.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use tokio::sync::{Mutex as Queue, OwnedMutexGuard};
use wire_protocol::files::{Descriptor, FileCall};

use crate::roots::Opened;

/// What a descriptor stands for, held for the time of one call; `None` while it is not open.
pub type Held = OwnedMutexGuard<Option<Opened>>;

/// A call's place in the queue of its descriptor.
pub enum Turn {
    /// The call needs no descriptor.
    Free,
    /// It is the call's turn.
    Now(Held),
    /// Calls before it are not done.
    Later(Pin<Box<dyn Future<Output = Held> + Send>>),
    /// No such descriptor.
    Unknown,
}

impl Turn {
    /// Waits for the calls before it. `Err` for an unknown descriptor.
    pub async fn come(self) -> Result<Option<Held>, Unknown> {
        match self {
            Self::Free => Ok(None),
            Self::Now(held) => Ok(Some(held)),
            Self::Later(turn) => Ok(Some(turn.await)),
            Self::Unknown => Err(Unknown),
        }
    }
}

/// There is no such descriptor.
#[derive(Debug)]
pub struct Unknown;

/// The descriptors of a stream.
#[derive(Debug, Default)]
pub struct Descriptors {
    open: Mutex<HashMap<Descriptor, Arc<Queue<Option<Opened>>>>>,
}

impl Descriptors {
    /// Takes the place of `call` in the queue of its descriptor. To be called in the order of arrival.
    pub async fn queue(&self, call: &FileCall) -> Turn {
        let queue = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            match (call, call.opens(), call.uses()) {
                (_, Some(descriptor), _) => {
                    let queue = Arc::default();
                    open.insert(descriptor, Arc::clone(&queue));
                    Some(queue)
                }
                (FileCall::Close { .. }, _, Some(descriptor)) => open.remove(&descriptor),
                (_, _, Some(descriptor)) => open.get(&descriptor).cloned(),
                _ => return Turn::Free,
            }
        };
        line_up(queue).await
    }

    /// Takes a place in the queue of a descriptor. To be called in the order of arrival.
    pub async fn queue_for(&self, descriptor: Descriptor) -> Turn {
        let queue = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&descriptor).cloned();
        line_up(queue).await
    }

    /// Enters an open file under a number.
    pub fn enter(&self, descriptor: Descriptor, opened: Opened) {
        let queue = Arc::new(Queue::new(Some(opened)));
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(descriptor, queue);
    }

    /// Forgets the descriptor of a call that was to open it and left nothing open.
    pub fn forget(&self, descriptor: Descriptor, held: &Held) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |queue: &Arc<_>| Arc::ptr_eq(queue, OwnedMutexGuard::mutex(held));
        if open.get(&descriptor).is_some_and(same) {
            open.remove(&descriptor);
        }
    }

    /// Closes all of them; a call under way keeps its own until it is done.
    pub fn close_all(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

async fn line_up(queue: Option<Arc<Queue<Option<Opened>>>>) -> Turn {
    let Some(queue) = queue else { return Turn::Unknown };
    let mut turn: Pin<Box<dyn Future<Output = Held> + Send>> = Box::pin(queue.lock_owned());
    // The first poll is what puts the waiter in line.
    match std::future::poll_fn(|context| Poll::Ready(turn.as_mut().poll(context))).await {
        Poll::Ready(held) => Turn::Now(held),
        Poll::Pending => Turn::Later(turn),
    }
}
