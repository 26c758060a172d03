//! A JavaScript function that is called from other threads, and keeps the event loop alive as long as Node wants.

use std::sync::Arc;

use napi::{
    Env, Result, Status,
    bindgen_prelude::{Function, JsValuesTupleIntoVec},
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use parking_lot::Mutex;

/// The function, until it is dropped. Clones share it.
pub struct Listener<Arguments: JsValuesTupleIntoVec + 'static>(Shared<Arguments>);

type Shared<Arguments> = Arc<Mutex<Option<ThreadsafeFunction<Arguments, (), Arguments, Status, false>>>>;

impl<Arguments: JsValuesTupleIntoVec + 'static> Clone for Listener<Arguments> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Arguments: JsValuesTupleIntoVec + 'static> Listener<Arguments> {
    /// Takes the function; from now on it keeps the event loop alive.
    pub fn new(function: Function<Arguments, ()>) -> Result<Self> {
        let function = function.build_threadsafe_function().build()?;
        Ok(Self(Arc::new(Mutex::new(Some(function)))))
    }

    /// Queues a call.
    pub fn call(&self, arguments: Arguments) {
        if let Some(function) = self.0.lock().as_ref() {
            function.call(arguments, ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// Lets go of the function: what is queued is still called, the event loop is no longer kept alive. False if
    /// that was done before.
    pub fn drop_function(&self) -> bool {
        self.0.lock().take().is_some()
    }

    /// Keeps the event loop alive.
    #[allow(
        deprecated,
        reason = "napi-rs deprecates counting by hand, but Node's ref and unref are just that"
    )]
    pub fn refer(&self, env: Env) -> Result<()> {
        self.0.lock().as_mut().map_or(Ok(()), |function| function.refer(&env))
    }

    /// Lets the event loop end although the function may still be called.
    #[allow(
        deprecated,
        reason = "napi-rs deprecates counting by hand, but Node's ref and unref are just that"
    )]
    pub fn unref(&self, env: Env) -> Result<()> {
        self.0.lock().as_mut().map_or(Ok(()), |function| function.unref(&env))
    }
}
