//! What differs between Linux and macOS.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A clock that also runs while the machine sleeps.
#[cfg(target_os = "linux")]
const CLOCK: ClockId = ClockId::Boottime;
/// A clock that also runs while the machine sleeps.
#[cfg(not(target_os = "linux"))]
const CLOCK: ClockId = ClockId::Monotonic;

/// Time since the machine's start, its sleep included.
pub fn clock() -> Duration {
    let time = clock_gettime(CLOCK);
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
}
