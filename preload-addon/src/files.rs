//! File calls: blocking and not.

use std::sync::mpsc::{self, Receiver};

use napi::{
    Env,
    bindgen_prelude::{BigInt64Array, JsObjectValue, Object},
};
use napi_derive::napi;
use wire_protocol::{
    Call, CallId, WireError,
    files::{FileCall, FileReply},
};

use crate::{
    error::{Error, LOST, invalid, rejected, thrown},
    known,
    open::{self, Opening},
    session::stream,
    stream::{Stream, of_files},
    values::FileValue,
};

/// A number unused so far in this process, for descriptors.
#[napi]
pub fn new_number() -> Result<u32, Error> {
    Ok(stream()?.new_number())
}

/// Does a file call and blocks until it is answered.
#[napi]
pub fn call_files(env: Env, call: Object) -> Result<FileValue, Error> {
    start(env, call)?.wait()
}

/// Begins a file call that others need not wait for.
#[napi]
pub fn start_files(env: Env, call: Object) -> Result<Started, Error> {
    start(env, call)
}

/// A file call that is waited for later.
#[napi]
pub struct Started {
    opening: Opening,
    outcome: Outcome,
}

enum Outcome {
    Known(Result<FileReply, WireError>),
    Coming(Receiver<Result<FileReply, WireError>>),
    Told,
}

fn start(env: Env, call: Object) -> Result<Started, Error> {
    let call: FileCall = env.from_js_value(call).map_err(|error| invalid(&error))?;
    let stream = stream()?;
    let opening = open::begins(&call);
    if let Some(known) = stream.cache().answer_soon(&call) {
        follow(stream, call, &known);
        return Ok(Started { opening, outcome: Outcome::Known(known) });
    }
    let (answer, answered) = mpsc::sync_channel(1);
    begin_call(stream, call, move |result| {
        let _ = answer.send(result);
    });
    Ok(Started { opening, outcome: Outcome::Coming(answered) })
}

#[napi]
impl Started {
    /// Blocks until it is answered. Answers once.
    #[napi]
    pub fn wait(&mut self) -> Result<FileValue, Error> {
        let lost = || Err(WireError::new(LOST));
        let result = match std::mem::replace(&mut self.outcome, Outcome::Told) {
            Outcome::Known(known) => known,
            Outcome::Coming(answered) => answered.recv().unwrap_or_else(|_| lost()),
            Outcome::Told => lost(),
        };
        open::ended(self.opening, &result);
        result.map(FileValue).map_err(thrown)
    }
}

/// Does a file call; the promise settles with its answer.
#[napi]
pub fn call_files_async<'env>(env: &'env Env, call: Object) -> Result<Object<'env>, Error> {
    Ok(begin(env, call)?.1)
}

/// The same for a call that may be cancelled: also gives its id.
#[napi]
pub fn begin_files<'env>(env: &'env Env, call: Object) -> Result<Object<'env>, Error> {
    let (id, reply) = begin(env, call)?;
    let object = || {
        let mut begun = Object::new(env)?;
        begun.set_named_property("id", id as f64)?;
        begun.set_named_property("reply", reply)?;
        Ok(begun)
    };
    object().map_err(|error: napi::Error| invalid(&error))
}

/// Writes to an open file before anything that is sent after it. `metadata` is the file's.
#[napi]
pub fn write_ahead<'env>(
    env: &'env Env,
    call: Object,
    metadata: BigInt64Array,
) -> Result<Object<'env>, Error> {
    let call: FileCall = env.from_js_value(call).map_err(|error| invalid(&error))?;
    let [dev, _, _, _, _, _, _, ino, ..] = metadata[..] else {
        return Err(Error::new("EINVAL".into(), "these are no metadata"));
    };
    let file = (dev.cast_unsigned(), ino.cast_unsigned());
    let stream = stream()?;
    let (deferred, promise) = env.create_deferred().map_err(|error| invalid(&error))?;
    stream.cache().begin_write(file);
    stream.call(Call::First(call), move |result| {
        stream.cache().end_write(file);
        let result = result.and_then(of_files);
        deferred.resolve(move |env| result.map(FileValue).map_err(|error| rejected(env, error)));
    });
    Ok(promise)
}

/// Asks the agent to give up a call, which then fails with ECANCELED unless it is past that.
#[napi]
pub fn cancel_files(id: f64) -> Result<(), Error> {
    stream()?.cancel(id as CallId);
    Ok(())
}

fn begin<'env>(env: &'env Env, call: Object) -> Result<(CallId, Object<'env>), Error> {
    let call: FileCall = env.from_js_value(call).map_err(|error| invalid(&error))?;
    let stream = stream()?;
    let (deferred, promise) = env.create_deferred().map_err(|error| invalid(&error))?;
    let known = stream.cache().answer(&call);
    let opening = open::begins(&call);
    let settle = move |result: Result<FileReply, WireError>| {
        deferred.resolve(move |env| {
            open::ended(opening, &result);
            result.map(FileValue).map_err(|error| rejected(env, error))
        });
    };
    let id = match known {
        Some(known) => {
            follow(stream, call, &known);
            settle(known);
            NO_CALL
        }
        None => begin_call(stream, call, settle),
    };
    Ok((id, promise))
}

/// The number of no call, for what was answered without one.
const NO_CALL: CallId = 0;

/// Begins a call that cannot be answered at once.
fn begin_call(
    stream: &'static Stream,
    call: FileCall,
    done: impl FnOnce(Result<FileReply, WireError>) + Send + 'static,
) -> CallId {
    match stream.read(&call, Box::new(done)) {
        None => NO_CALL,
        Some(done) => stream.call(asked(stream, call), move |result| done(result.and_then(of_files))),
    }
}

/// Has the agent open and close what was opened and closed here without waiting for it.
fn follow(stream: &Stream, call: FileCall, outcome: &Result<FileReply, WireError>) {
    let followed = match call {
        FileCall::Open { .. } if outcome.is_ok() => Call::First(call),
        FileCall::Close { .. } => Call::Files(call),
        _ => return,
    };
    stream.call(followed, |_| ());
}

/// The call as it is sent: if its answer may be kept, it tells more.
fn asked(stream: &Stream, call: FileCall) -> Call {
    if let Some(descriptor) = call.uses() {
        stream.let_go(descriptor);
    }
    if stream.cache().wants(&call) {
        known::asked();
        Call::Learn(call)
    } else {
        Call::Files(call)
    }
}
