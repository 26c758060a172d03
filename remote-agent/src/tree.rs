//! Reading a directory, and removing a whole tree.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags},
    io::{Errno, Result},
};
use wire_protocol::files::{Entry, EntryKind};

/// Flags to open a directory that is to be read, never through a link.
pub const ENTER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// The entries of an open directory, without `.` and `..`, in the disk's order.
pub fn entries(directory: OwnedFd) -> Result<Vec<Entry>> {
    let mut reader = Dir::new(directory)?;
    let mut entries = Vec::new();
    while let Some(entry) = reader.read() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            entries.push(Entry { name: name.to_vec(), kind: kind(entry.file_type()) });
        }
    }
    Ok(entries)
}

fn kind(of: FileType) -> EntryKind {
    match of {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Directory,
        FileType::Symlink => EntryKind::Link,
        FileType::Fifo => EntryKind::Fifo,
        FileType::Socket => EntryKind::Socket,
        FileType::CharacterDevice => EntryKind::CharacterDevice,
        FileType::BlockDevice => EntryKind::BlockDevice,
        FileType::Unknown => EntryKind::Unknown,
    }
}

/// Removes `name` in `parent` and all below it. ENOENT if it is not there.
pub fn remove(parent: &OwnedFd, name: &[u8]) -> Result<()> {
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Err(Errno::ISDIR) => remove_directory(parent.as_fd(), name),
        outcome => outcome,
    }
}

fn remove_directory(parent: BorrowedFd<'_>, name: &[u8]) -> Result<()> {
    let directory = rustix::fs::openat(parent, name, ENTER, Mode::empty())?;
    for entry in entries(directory.try_clone().map_err(|error| crate::errno::of_io(&error))?)? {
        match remove(&directory, &entry.name) {
            // Somebody else removed it first.
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno),
        }
    }
    drop(directory);
    rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR)
}
