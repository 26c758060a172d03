//! The shortest ways from JavaScript to what is known: numbers it reads without any call, and metadata without objects.

use std::sync::atomic::{AtomicI32, Ordering};

use napi::{
    Env,
    bindgen_prelude::{Float64ArraySlice, Int32ArraySlice},
};
use napi_derive::napi;
use parking_lot::Mutex;
use wire_protocol::{
    WireError,
    files::{FileCall, FileReply, Metadata, Time},
};

use crate::{
    error::{Error, invalid},
    session::stream,
};

/// What one JavaScript thread reads: how often anything known has changed, and how often the remote was asked for
/// something that may be known.
type Counters = [AtomicI32; 2];

/// The counters of all JavaScript threads of the process. They are never freed: a thread may end at any time.
static COUNTERS: Mutex<Vec<&'static Counters>> = Mutex::new(Vec::new());

/// Something known is true no longer.
pub fn changed() {
    count(0);
}

/// The remote is asked for something that may be known.
pub fn asked() {
    count(1);
}

fn count(which: usize) {
    for counters in COUNTERS.lock().iter() {
        counters[which].fetch_add(1, Ordering::Release);
    }
}

/// The counters of the calling thread: changes and questions. They begin at 1, so that a copy of the memory, which
/// some builds of Node make instead of sharing it, can be told by its zeros.
#[napi]
pub fn counters(env: Env) -> Result<Int32ArraySlice<'static>, Error> {
    let counters: &'static Counters = Box::leak(Box::default());
    // SAFETY: the memory is never freed, and an AtomicI32 is laid out as the i32 that JavaScript reads atomically.
    #[allow(unsafe_code, reason = "memory that is shared with JavaScript cannot be described to Rust")]
    let shared = unsafe {
        let memory = counters.as_ptr().cast_mut().cast::<i32>();
        Int32ArraySlice::from_external(&env, memory, counters.len(), (), |_, ()| {})
    };
    for counter in counters {
        counter.store(1, Ordering::Release);
    }
    COUNTERS.lock().push(counters);
    shared.map_err(|error| invalid(&error))
}

/// Not known: the remote has to be asked.
const UNKNOWN: i32 = 0;
/// Known, and written to the numbers.
const FOUND: i32 = 1;
/// Known to be missing.
const NO_ENTRY: i32 = 2;

/// Writes what is known of a path's metadata to 18 numbers: those of struct stat, then seconds and nanoseconds of
/// each time. Answers UNKNOWN, FOUND or NO_ENTRY.
#[napi]
pub fn known_metadata(path: &[u8], follow: bool, mut numbers: Float64ArraySlice) -> Result<i32, Error> {
    let call = FileCall::Stat { path: path.to_vec(), follow };
    match stream()?.cache().answer_soon(&call) {
        Some(Ok(FileReply::Metadata(metadata))) => {
            // SAFETY: JavaScript waits for this call, so nobody else looks at the array.
            #[allow(unsafe_code, reason = "napi-rs cannot know who else holds the array")]
            let numbers = unsafe { numbers.as_mut() };
            for (number, value) in numbers.iter_mut().zip(values(&metadata)) {
                *number = value;
            }
            Ok(FOUND)
        }
        Some(Err(WireError { code })) if code == "ENOENT" => Ok(NO_ENTRY),
        _ => Ok(UNKNOWN),
    }
}

fn values(of: &Metadata) -> impl Iterator<Item = f64> {
    let plain = [
        of.dev,
        of.mode.into(),
        of.nlink,
        of.uid.into(),
        of.gid.into(),
        of.rdev,
        of.blksize,
        of.ino,
        of.size,
        of.blocks,
    ];
    let times = [of.accessed, of.modified, of.changed, of.born];
    let split = |time: Time| [time.seconds as f64, f64::from(time.nanoseconds)];
    plain.into_iter().map(|value| value as f64).chain(times.into_iter().flat_map(split))
}
