//! Facts about files: `stat`, `statfs`, and changes of mode, owner and times.

use std::{
    os::fd::{AsFd, AsRawFd, BorrowedFd},
    path::PathBuf,
};

use rustix::{
    fs::{AtFlags, CWD, Gid, Mode, StatxFlags, StatxTimestamp, Timespec, Timestamps, Uid},
    io::{Errno, Result},
};
use wire_protocol::files::{FileSystem, Metadata, Time};

/// A path that leads to what a path-only descriptor holds, for calls that take no such descriptor.
pub fn proc_path(file: BorrowedFd<'_>) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// Metadata of an open file or place.
pub fn stat(file: impl AsFd) -> Result<Metadata> {
    let wanted = StatxFlags::BASIC_STATS | StatxFlags::BTIME;
    match rustix::fs::statx(file.as_fd(), "", AtFlags::EMPTY_PATH, wanted) {
        Ok(facts) => Ok(Metadata {
            dev: rustix::fs::makedev(facts.stx_dev_major, facts.stx_dev_minor),
            mode: facts.stx_mode.into(),
            nlink: facts.stx_nlink.into(),
            uid: facts.stx_uid,
            gid: facts.stx_gid,
            rdev: rustix::fs::makedev(facts.stx_rdev_major, facts.stx_rdev_minor),
            blksize: facts.stx_blksize.into(),
            ino: facts.stx_ino,
            size: facts.stx_size,
            blocks: facts.stx_blocks,
            accessed: time(facts.stx_atime),
            modified: time(facts.stx_mtime),
            changed: time(facts.stx_ctime),
            born: time(facts.stx_btime),
        }),
        Err(Errno::NOSYS | Errno::PERM) => stat_without_birth(file.as_fd()),
        Err(errno) => Err(errno),
    }
}

fn time(stamp: StatxTimestamp) -> Time {
    Time { seconds: stamp.tv_sec, nanoseconds: stamp.tv_nsec }
}

/// Metadata where statx is missing (kernels before 4.11, old sandboxes): the change time stands in for the
/// birth time, as in libuv.
#[allow(
    clippy::unnecessary_cast,
    clippy::useless_conversion,
    reason = "the fields' types differ between architectures"
)]
fn stat_without_birth(file: BorrowedFd<'_>) -> Result<Metadata> {
    let facts = rustix::fs::fstat(file)?;
    let time = |seconds: i64, nanoseconds: u64| Time { seconds, nanoseconds: nanoseconds as u32 };
    let changed = time(facts.st_ctime, facts.st_ctime_nsec as u64);
    Ok(Metadata {
        dev: facts.st_dev,
        mode: facts.st_mode,
        nlink: facts.st_nlink as u64,
        uid: facts.st_uid,
        gid: facts.st_gid,
        rdev: facts.st_rdev,
        blksize: facts.st_blksize as u64,
        ino: facts.st_ino,
        size: facts.st_size as u64,
        blocks: facts.st_blocks as u64,
        accessed: time(facts.st_atime, facts.st_atime_nsec as u64),
        modified: time(facts.st_mtime, facts.st_mtime_nsec as u64),
        changed,
        born: changed,
    })
}

/// Facts about the file system a file lies on.
#[allow(clippy::unnecessary_cast, reason = "the fields' types differ between architectures")]
pub fn file_system(file: impl AsFd) -> Result<FileSystem> {
    let facts = rustix::fs::fstatfs(file)?;
    Ok(FileSystem {
        kind: facts.f_type as u64,
        bsize: facts.f_bsize as u64,
        frsize: facts.f_frsize as u64,
        blocks: facts.f_blocks as u64,
        bfree: facts.f_bfree as u64,
        bavail: facts.f_bavail as u64,
        files: facts.f_files as u64,
        ffree: facts.f_ffree as u64,
    })
}

/// The permission bits of a mode as it travels.
pub fn permissions(mode: u32) -> Mode {
    Mode::from_raw_mode(mode & 0o7777)
}

/// Sets the mode of a place.
pub fn chmod(place: BorrowedFd<'_>, mode: u32) -> Result<()> {
    rustix::fs::chmod(proc_path(place), permissions(mode))
}

/// Sets the owner of a place; `u32::MAX` leaves it.
pub fn chown(place: BorrowedFd<'_>, uid: u32, gid: u32) -> Result<()> {
    rustix::fs::chownat(
        place,
        "",
        owner(uid).map(Uid::from_raw),
        owner(gid).map(Gid::from_raw),
        AtFlags::EMPTY_PATH,
    )
}

/// Sets the owner of an open file; `u32::MAX` leaves it.
pub fn fchown(file: BorrowedFd<'_>, uid: u32, gid: u32) -> Result<()> {
    rustix::fs::fchown(file, owner(uid).map(Uid::from_raw), owner(gid).map(Gid::from_raw))
}

fn owner(id: u32) -> Option<u32> {
    (id != u32::MAX).then_some(id)
}

/// Sets the times of a place, a link's own if it is one.
pub fn utimes(place: BorrowedFd<'_>, accessed: Time, modified: Time) -> Result<()> {
    // The descriptor's entry in /proc is a link to the very file, where nothing is followed any further.
    rustix::fs::utimensat(CWD, proc_path(place), &timestamps(accessed, modified), AtFlags::empty())
}

/// Sets the times of an open file.
pub fn futimes(file: BorrowedFd<'_>, accessed: Time, modified: Time) -> Result<()> {
    rustix::fs::futimens(file, &timestamps(accessed, modified))
}

fn timestamps(accessed: Time, modified: Time) -> Timestamps {
    let timespec = |time: Time| Timespec { tv_sec: time.seconds, tv_nsec: time.nanoseconds.into() };
    Timestamps { last_access: timespec(accessed), last_modification: timespec(modified) }
}
