//! What a JavaScript thread has open on the remote. A worker may end without closing it; as Node does with the
//! laptop's descriptors, it is closed then.

use std::{cell::RefCell, collections::HashSet};

use wire_protocol::{
    Call, WireError,
    files::{Descriptor, FileCall, FileReply},
};

use crate::session::stream;

thread_local! {
    static OPEN: RefCell<HashSet<Descriptor>> = RefCell::default();
}

/// The descriptor under which a call may leave something open.
#[derive(Clone, Copy)]
pub struct Opening(Option<Descriptor>);

/// Notes a call of this thread that is about to be made.
pub fn begins(call: &FileCall) -> Opening {
    OPEN.with_borrow_mut(|open| {
        if let FileCall::Close { descriptor } = call {
            open.remove(descriptor);
        }
        open.extend(call.opens());
        Opening(call.opens())
    })
}

/// Notes what came of it.
pub fn ended(Opening(opening): Opening, result: &Result<FileReply, WireError>) {
    let left_open = result.as_ref().is_ok_and(FileReply::leaves_open);
    if let Some(descriptor) = opening
        && !left_open
    {
        OPEN.with_borrow_mut(|open| open.remove(&descriptor));
    }
}

/// Closes all that this thread has open.
pub fn close_all() {
    let Ok(stream) = stream() else { return };
    for descriptor in OPEN.take() {
        stream.let_go(descriptor);
        stream.call(Call::Files(FileCall::Close { descriptor }), |_| ());
    }
}
