//! Answers about files as JavaScript values, in the forms of `addon.d.ts`.

use napi::{
    Env, Result,
    bindgen_prelude::{BigInt64Array, BufferSlice, JsObjectValue, Object, ToNapiValue},
    sys,
};
use wire_protocol::files::{Entry, FileReply, FileSystem, Metadata, Time};

/// A [`FileReply`] on its way to JavaScript.
pub struct FileValue(pub FileReply);

impl napi::bindgen_prelude::TypeName for FileValue {
    fn type_name() -> &'static str {
        "FileReply"
    }
    fn value_type() -> napi::ValueType {
        napi::ValueType::Unknown
    }
}

#[allow(unsafe_code, reason = "the conversion trait of napi-rs is unsafe by its definition")]
impl ToNapiValue for FileValue {
    unsafe fn to_napi_value(env: sys::napi_env, value: Self) -> Result<sys::napi_value> {
        let js = Env::from_raw(env);
        // SAFETY: `env` is that of the JavaScript thread we are called on, which is all the conversions need.
        unsafe {
            match value.0 {
                FileReply::Done | FileReply::Opened { .. } => <() as ToNapiValue>::to_napi_value(env, ()),
                FileReply::Written(count) => u32::to_napi_value(env, count),
                // Copied, since a small external Buffer costs more in finalizers than its copy.
                FileReply::Bytes(bytes) | FileReply::Path(bytes) => {
                    BufferSlice::to_napi_value(env, BufferSlice::copy_from(&js, bytes)?)
                }
                FileReply::Metadata(metadata) => numbers(env, metadata_numbers(&metadata)),
                FileReply::FileSystem(system) => numbers(env, system_numbers(&system)),
                FileReply::Entries { entries, more } => {
                    Object::to_napi_value(env, entries_object(&js, &entries, more)?)
                }
                FileReply::Content { data, more, size } => {
                    let mut object = Object::new(&js)?;
                    object.set_named_property("data", BufferSlice::copy_from(&js, data)?)?;
                    object.set_named_property("more", more)?;
                    object.set_named_property("size", size as f64)?;
                    Object::to_napi_value(env, object)
                }
            }
        }
    }
}

#[allow(unsafe_code, reason = "see FileValue")]
unsafe fn numbers(env: sys::napi_env, values: Vec<i64>) -> Result<sys::napi_value> {
    // SAFETY: the caller passes the `env` of the JavaScript thread it runs on.
    unsafe { BigInt64Array::to_napi_value(env, BigInt64Array::new(values)) }
}

fn metadata_numbers(of: &Metadata) -> Vec<i64> {
    let mut values: Vec<i64> = [
        of.dev,
        u64::from(of.mode),
        of.nlink,
        u64::from(of.uid),
        u64::from(of.gid),
        of.rdev,
        of.blksize,
        of.ino,
        of.size,
        of.blocks,
    ]
    .map(u64::cast_signed)
    .into();
    values.extend([of.accessed, of.modified, of.changed, of.born].map(nanoseconds));
    values
}

fn system_numbers(of: &FileSystem) -> Vec<i64> {
    [of.kind, of.bsize, of.frsize, of.blocks, of.bfree, of.bavail, of.files, of.ffree]
        .map(u64::cast_signed)
        .into()
}

/// Saturates beyond the year 2262 rather than wrapping into the past.
fn nanoseconds(time: Time) -> i64 {
    time.seconds.saturating_mul(1_000_000_000).saturating_add(i64::from(time.nanoseconds))
}

fn entries_object<'env>(env: &'env Env, entries: &[Entry], more: bool) -> Result<Object<'env>> {
    let names: Vec<&[u8]> = entries.iter().map(|entry| entry.name.as_slice()).collect();
    let kinds: Vec<u8> = entries.iter().map(|entry| entry.kind as u8).collect();
    let mut object = Object::new(env)?;
    object.set_named_property("names", BufferSlice::copy_from(env, names.join(&0))?)?;
    object.set_named_property("kinds", BufferSlice::copy_from(env, kinds)?)?;
    object.set_named_property("more", more)?;
    Ok(object)
}
