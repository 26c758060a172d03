//! Watches: events from the agent to a JavaScript function.

use napi::{
    Env,
    bindgen_prelude::{Buffer, FnArgs, Function},
};
use napi_derive::napi;
use wire_protocol::{
    Call,
    watch::{WatchCall, WatchEvent, WatchId},
};

use crate::{
    error::{Error, invalid, thrown},
    listener::Listener,
    session::stream,
};

type Event = FnArgs<(&'static str, Buffer)>;

/// A running watch.
#[napi]
pub struct RemoteWatch {
    watch: WatchId,
    on_event: Listener<Event>,
}

/// Watches a path; throws the errno of a path that cannot be watched.
#[napi]
pub fn watch(path: Buffer, recursive: bool, on_event: Function<Event, ()>) -> Result<RemoteWatch, Error> {
    let stream = stream()?;
    let watch = stream.new_number();
    let on_event = Listener::new(on_event).map_err(|error| invalid(&error))?;
    let listener = on_event.clone();
    stream.own_watch(watch, move |event| listener.call(arguments(event)));
    let start = WatchCall::Start { watch, path: path.to_vec(), recursive };
    match stream.call_and_wait(Call::Watch(start)) {
        Ok(_) => Ok(RemoteWatch { watch, on_event }),
        Err(error) => {
            stream.forget_watch(watch);
            Err(thrown(error))
        }
    }
}

fn arguments(event: WatchEvent) -> Event {
    match event {
        WatchEvent::Rename { name } => ("rename", name.into()).into(),
        WatchEvent::Change { name } => ("change", name.into()).into(),
        WatchEvent::Failed { code } => ("error", code.into_bytes().into()).into(),
    }
}

/// A worker may end without closing its watches.
impl Drop for RemoteWatch {
    fn drop(&mut self) {
        // Without a stream there is no watch.
        let _ = self.close();
    }
}

#[napi]
impl RemoteWatch {
    /// Ends the watch; no event comes after this returns.
    #[napi]
    pub fn close(&self) -> Result<(), Error> {
        if self.on_event.drop_function() {
            let stream = stream()?;
            stream.forget_watch(self.watch);
            stream.call(Call::Watch(WatchCall::Stop { watch: self.watch }), |_| ());
        }
        Ok(())
    }

    /// Keeps the event loop alive while the watch runs.
    #[napi(js_name = "ref")]
    #[allow(
        deprecated,
        reason = "napi-rs deprecates counting by hand, but Node's ref and unref are just that"
    )]
    pub fn refer(&self, env: Env) -> napi::Result<()> {
        self.on_event.refer(env)
    }

    /// Lets the event loop end although the watch runs.
    #[napi]
    #[allow(
        deprecated,
        reason = "napi-rs deprecates counting by hand, but Node's ref and unref are just that"
    )]
    pub fn unref(&self, env: Env) -> napi::Result<()> {
        self.on_event.unref(env)
    }
}
