//! Facts about files: `stat`, `statfs`, and changes of mode, owner and times.

use std::{
    os::fd::{AsFd, AsRawFd, BorrowedFd},
    path::PathBuf,
};

use rustix::{
    fs::{AtFlags, CWD, FileType, Gid, Mode, StatxFlags, StatxTimestamp, Timespec, Timestamps, Uid},
    io::{Errno, Result},
};
use wire_protocol::files::{EntryKind, FileSystem, Metadata, Time};

use crate::tree;

/// Magic numbers of file systems, as statfs tells them, on which nothing changes but through this kernel: the disks of
/// a machine. On all others (NFS, FUSE, 9p, …) changes may come from elsewhere, and inotify is silent about them.
const LOCAL_DISKS: [u32; 14] = [
    0xef53,     // ext2, ext3, ext4
    0x58465342, // xfs
    0x9123683e, // btrfs
    0x01021994, // tmpfs
    0x858458f6, // ramfs
    0x794c7630, // overlayfs
    0xf2f52010, // f2fs
    0x2fc12fc1, // zfs
    0xca451a4e, // bcachefs
    0x3153464a, // jfs
    0x52654973, // reiserfs
    0x73717368, // squashfs
    0xe0f5e1e2, // erofs
    0x4d44,     // vfat
];

/// Whether inotify tells of every change on the disk a file lies on.
pub fn tells_changes(file: impl AsFd) -> bool {
    let kind = rustix::fs::fstatfs(file).map(|facts| facts.f_type as u64);
    kind.is_ok_and(|kind| LOCAL_DISKS.iter().any(|disk| u64::from(*disk) == kind & 0xffff_ffff))
}

/// A path that leads to what a path-only descriptor holds, for calls that take no such descriptor.
pub fn proc_path(file: BorrowedFd<'_>) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// Metadata of an open file or place.
pub fn stat(file: impl AsFd) -> Result<Metadata> {
    stat_at(file.as_fd(), b"", AtFlags::EMPTY_PATH)
}

/// Metadata of a name in a directory, a link's own.
pub fn stat_entry(directory: BorrowedFd<'_>, name: &[u8]) -> Result<Metadata> {
    stat_at(directory, name, AtFlags::SYMLINK_NOFOLLOW)
}

/// What an inode is, by its mode.
pub fn kind(of: &Metadata) -> EntryKind {
    tree::kind(FileType::from_raw_mode(of.mode))
}

fn stat_at(file: BorrowedFd<'_>, name: &[u8], how: AtFlags) -> Result<Metadata> {
    let wanted = StatxFlags::BASIC_STATS | StatxFlags::BTIME;
    match rustix::fs::statx(file, name, how, wanted) {
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
        Err(Errno::NOSYS | Errno::PERM) => stat_without_birth(file, name, how),
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
fn stat_without_birth(file: BorrowedFd<'_>, name: &[u8], how: AtFlags) -> Result<Metadata> {
    let facts = rustix::fs::statat(file, name, how)?;
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
