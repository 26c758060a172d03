//! Watches: events from the agent to a JavaScript function.

use napi::{
    Env,
    bindgen_prelude::{Buffer, FnArgs, Function},
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use napi_derive::napi;
use wire_protocol::{
    Call,
    watch::{WatchCall, WatchEvent, WatchId},
};

use crate::{
    error::{Error, invalid, thrown},
    session::stream,
};

type Event = FnArgs<(&'static str, Buffer)>;
type OnEvent = ThreadsafeFunction<Event, (), Event, napi::Status, false>;

/// A running watch.
#[napi]
pub struct RemoteWatch {
    watch: WatchId,
    on_event: std::sync::Arc<parking_lot::Mutex<Option<OnEvent>>>,
}

/// Watches a path; throws the errno of a path that cannot be watched.
#[napi]
pub fn watch(path: Buffer, recursive: bool, on_event: Function<Event, ()>) -> Result<RemoteWatch, Error> {
    let stream = stream()?;
    let watch = stream.new_number();
    let on_event = on_event.build_threadsafe_function().build().map_err(|error| invalid(&error))?;
    let on_event = std::sync::Arc::new(parking_lot::Mutex::new(Some(on_event)));
    let listener = on_event.clone();
    stream.own_watch(watch, move |event| {
        if let Some(on_event) = listener.lock().as_ref() {
            on_event.call(arguments(event), ThreadsafeFunctionCallMode::NonBlocking);
        }
    });
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

#[napi]
impl RemoteWatch {
    /// Ends the watch; no event comes after this returns.
    #[napi]
    pub fn close(&self) -> Result<(), Error> {
        if self.on_event.lock().take().is_some() {
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
        self.on_event.lock().as_mut().map_or(Ok(()), |on_event| on_event.refer(&env))
    }

    /// Lets the event loop end although the watch runs.
    #[napi]
    #[allow(
        deprecated,
        reason = "napi-rs deprecates counting by hand, but Node's ref and unref are just that"
    )]
    pub fn unref(&self, env: Env) -> napi::Result<()> {
        self.on_event.lock().as_mut().map_or(Ok(()), |on_event| on_event.unref(&env))
    }
}
