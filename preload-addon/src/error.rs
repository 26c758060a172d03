//! A [`WireError`] as a JavaScript error whose `code` is the errno's name.

use napi::{
    Env, Status,
    bindgen_prelude::{FromNapiValue, JsObjectValue, Object, Unknown},
};
use wire_protocol::WireError;

/// What a call into the addon fails with; its status becomes `code`.
pub type Error = napi::Error<String>;

/// The error of a call that was answered, or could not be.
pub fn thrown(error: WireError) -> Error {
    Error::new(error.code.clone(), error.code)
}

/// The name of what every call fails with once the stream is gone: the kernel's own for a lost remote.
pub const LOST: &str = "EREMOTEIO";

/// An argument that is not of the form `addon.d.ts` gives.
pub fn invalid(error: &napi::Error) -> Error {
    Error::new("EINVAL".into(), error.reason.clone())
}

/// The same as a rejection, which has to carry a ready JavaScript error to have a `code` of our own.
pub fn rejected(env: Env, error: WireError) -> napi::Error {
    match error_object(env, error) {
        Ok(value) => napi::Error::from(value),
        Err(failure) => failure,
    }
}

fn error_object<'env>(env: Env, error: WireError) -> napi::Result<Unknown<'env>> {
    let plain = napi::Error::new(Status::GenericFailure, error.code.clone());
    // SAFETY: runs on the JavaScript thread of `env`, as every resolver does; the value is a fresh error object.
    #[allow(unsafe_code, reason = "napi-rs offers no safe way to an error object with a code of its own")]
    unsafe {
        let raw = napi::JsError::from(plain).into_value(env.raw());
        Object::from_napi_value(env.raw(), raw)?.set_named_property("code", error.code)?;
        Unknown::from_napi_value(env.raw(), raw)
    }
}
