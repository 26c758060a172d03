//! Reading a directory, and removing a whole tree.

use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, RawDir},
    io::{Errno, Result},
};
use wire_protocol::files::{CHUNK, Entry, EntryKind};

/// Flags to open a directory that is to be read, never through a link.
pub const ENTER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// The entries of an open directory, without `.` and `..`, in the disk's order.
pub fn entries(directory: OwnedFd) -> Result<Vec<Entry>> {
    entries_up_to(directory, usize::MAX).map(Option::unwrap_or_default)
}

/// The same, or `None` if there are more than `most`.
pub fn entries_up_to(directory: OwnedFd, most: usize) -> Result<Option<Vec<Entry>>> {
    let mut reader = Dir::new(directory)?;
    let mut entries = Vec::new();
    while let Some(entry) = reader.read() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            if entries.len() == most {
                return Ok(None);
            }
            entries.push(Entry { name: name.to_vec(), kind: kind(entry.file_type()) });
        }
    }
    Ok(Some(entries))
}

/// Bytes of directory entries asked of the kernel at once.
const BUFFER: usize = 64 * 1024;

/// Bytes of names after which a directory's entries are answered in another step.
const STEP: usize = CHUNK as usize / 2;

/// The next entries of a directory, as [`entries`], and whether more may follow. The kernel keeps the place.
pub fn some_entries(directory: BorrowedFd<'_>) -> Result<(Vec<Entry>, bool)> {
    let mut buffer = Vec::with_capacity(BUFFER);
    let mut reader = RawDir::new(directory, buffer.spare_capacity_mut());
    let mut some = Vec::new();
    let mut bytes = 0;
    while let Some(entry) = reader.next() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            bytes += name.len();
            some.push(Entry { name: name.to_vec(), kind: kind(entry.file_type()) });
        }
        // What the kernel gave and nobody took would be lost.
        if bytes >= STEP && reader.is_buffer_empty() {
            return Ok((some, true));
        }
    }
    Ok((some, false))
}

/// The kind of entry that leads to a file of this type.
pub fn kind(of: FileType) -> EntryKind {
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

/// A directory that is being emptied.
struct Emptying {
    directory: OwnedFd,
    name: Vec<u8>,
    left: Vec<Entry>,
}

impl Emptying {
    fn open(parent: &OwnedFd, name: Vec<u8>) -> Result<Self> {
        let directory = rustix::fs::openat(parent, name.as_slice(), ENTER, Mode::empty())?;
        let left = entries(rustix::io::fcntl_dupfd_cloexec(&directory, 0)?)?;
        Ok(Self { directory, name, left })
    }
}

/// Removes `name` in `parent` and all below it. ENOENT if it is not there. Links are removed, not followed.
pub fn remove(parent: &OwnedFd, name: &[u8]) -> Result<()> {
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Err(Errno::ISDIR) => {}
        outcome => return outcome,
    }
    // The directories on the way down, not a recursion: a tree may be deeper than the thread's stack.
    let mut way = vec![Emptying::open(parent, name.to_vec())?];
    while let Some(here) = way.last_mut() {
        if let Some(entry) = here.left.pop() {
            match rustix::fs::unlinkat(&here.directory, entry.name.as_slice(), AtFlags::empty()) {
                // Missing: somebody else removed it first.
                Ok(()) | Err(Errno::NOENT) => {}
                Err(Errno::ISDIR) => match Emptying::open(&here.directory, entry.name) {
                    Ok(below) => way.push(below),
                    Err(Errno::NOENT) => {}
                    Err(errno) => return Err(errno),
                },
                Err(errno) => return Err(errno),
            }
        } else if let Some(emptied) = way.pop() {
            let above = way.last().map_or(parent, |above| &above.directory);
            match rustix::fs::unlinkat(above, emptied.name, AtFlags::REMOVEDIR) {
                Err(Errno::NOENT) if !way.is_empty() => {}
                outcome => outcome?,
            }
        }
    }
    Ok(())
}
