//! Contents of files: reading, writing, copying.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::{
    fs::{CWD, Mode, OFlags},
    io::{Errno, Result, retry_on_intr},
};
use wire_protocol::files::{CHUNK, Metadata, open_flags};

use crate::{
    errno,
    metadata::{self, permissions, stat},
    names,
    roots::{Opened, Roots},
    served_root::Intent,
};

/// First size of the buffer for a file whose size says nothing, as in /proc.
const UNSIZED: usize = 8 * 1024;

/// The start of a file's content.
pub struct Content {
    /// At most [`CHUNK`] bytes.
    pub data: Vec<u8>,
    /// The file, standing behind `data`, if there is more.
    pub rest: Option<Opened>,
    /// The file's size when it was opened.
    pub size: u64,
}

/// The kernel's flags for those of the wire, and what they are meant to do.
pub fn flags(wire: u32) -> (OFlags, Intent) {
    let table = [
        (open_flags::WRONLY, OFlags::WRONLY),
        (open_flags::RDWR, OFlags::RDWR),
        (open_flags::CREAT, OFlags::CREATE),
        (open_flags::EXCL, OFlags::EXCL),
        (open_flags::TRUNC, OFlags::TRUNC),
        (open_flags::APPEND, OFlags::APPEND),
        (open_flags::NONBLOCK, OFlags::NONBLOCK),
        (open_flags::DSYNC, OFlags::DSYNC),
        (open_flags::DIRECTORY, OFlags::DIRECTORY),
        (open_flags::NOFOLLOW, OFlags::NOFOLLOW),
        (open_flags::NOATIME, OFlags::NOATIME),
        (open_flags::SYNC, OFlags::SYNC),
    ];
    let meant = table.iter().filter(|(bits, _)| wire & bits == *bits);
    let flags = meant.fold(OFlags::empty(), |flags, (_, flag)| flags | *flag);
    let changing = open_flags::WRONLY | open_flags::RDWR | open_flags::CREAT | open_flags::TRUNC;
    (flags, if wire & changing == 0 { Intent::Look } else { Intent::Change })
}

/// Opens a file with the wire's flags.
pub fn open(roots: &Roots, path: &[u8], wire_flags: u32, mode: u32) -> Result<Opened> {
    let (flags, intent) = flags(wire_flags);
    let mode = if flags.contains(OFlags::CREATE) { permissions(mode) } else { Mode::empty() };
    roots.open(path, flags, mode, intent)
}

/// Opens a file and reads its start.
pub fn read_start(roots: &Roots, path: &[u8], wire_flags: u32) -> Result<Content> {
    let file = open(roots, path, wire_flags, 0)?;
    let size = stat(&file)?.size;
    let chunk = CHUNK as usize;
    let expected = usize::try_from(size).unwrap_or(chunk).min(chunk);
    // One byte more than expected, so that the read that finds the end needs no larger buffer.
    let mut data = vec![0; if expected == 0 { UNSIZED } else { (expected + 1).min(chunk) }];
    let mut filled = 0;
    while filled < chunk {
        if filled == data.len() {
            data.resize((2 * filled).min(chunk), 0);
        }
        let count = retry_on_intr(|| rustix::io::read(&file, &mut data[filled..]))?;
        if count == 0 {
            data.truncate(filled);
            return Ok(Content { data, rest: None, size });
        }
        filled += count;
    }
    let more = is_more(file.as_fd(), data.len() as u64)?;
    Ok(Content { data, rest: more.then_some(file), size })
}

/// The whole content of a regular file that is held by any descriptor; `None` if it is longer than `most`.
pub fn read_all(held: impl AsFd, most: usize) -> Result<Option<Vec<u8>>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let file = rustix::fs::openat(CWD, metadata::proc_path(held.as_fd()), flags, Mode::empty())?;
    // One byte more, which must not be there.
    let mut data = vec![0; most + 1];
    let mut filled = 0;
    loop {
        match retry_on_intr(|| rustix::io::read(&file, &mut data[filled..]))? {
            0 => break,
            count => filled += count,
        }
    }
    data.truncate(filled);
    Ok((filled <= most).then_some(data))
}

/// Whether anything follows `position`. What cannot be read twice (a pipe) is said to go on.
fn is_more(file: BorrowedFd<'_>, position: u64) -> Result<bool> {
    match retry_on_intr(|| rustix::io::pread(file, &mut [0; 1], position)) {
        Ok(read) => Ok(read > 0),
        Err(Errno::SPIPE) => Ok(true),
        Err(errno) => Err(errno),
    }
}

/// One read of at most `length` bytes, and no more than a chunk, at `position` or at the file's own offset.
pub fn read_some(file: BorrowedFd<'_>, position: Option<u64>, length: usize) -> Result<Vec<u8>> {
    let mut data = vec![0; length.min(CHUNK as usize)];
    let read = retry_on_intr(|| match position {
        Some(position) => rustix::io::pread(file, &mut data, position),
        None => rustix::io::read(file, &mut data),
    })?;
    data.truncate(read);
    Ok(data)
}

/// Writes all of `data`. Where an error comes after a part was written, the part's length is the answer.
pub fn write_all(file: BorrowedFd<'_>, position: Option<u64>, data: &[u8]) -> Result<usize> {
    let mut written = 0;
    loop {
        let rest = &data[written..];
        let outcome = retry_on_intr(|| match position {
            Some(position) => rustix::io::pwrite(file, rest, position + written as u64),
            None => rustix::io::write(file, rest),
        });
        match outcome {
            Ok(count) => written += count,
            Err(_) if written > 0 => return Ok(written),
            Err(errno) => return Err(errno),
        }
        if written == data.len() {
            return Ok(written);
        }
    }
}

/// Opens, writes and closes a file.
pub fn write_file(
    roots: &Roots,
    path: &[u8],
    wire_flags: u32,
    mode: u32,
    data: &[u8],
    flush: bool,
) -> Result<()> {
    let file = open(roots, path, wire_flags, mode)?;
    write_fully(file.as_fd(), data)?;
    if flush {
        rustix::fs::fsync(&file)?;
    }
    close(file.file)
}

fn write_fully(file: BorrowedFd<'_>, mut data: &[u8]) -> Result<()> {
    while !data.is_empty() {
        let count = retry_on_intr(|| rustix::io::write(file, data))?;
        data = &data[count..];
    }
    Ok(())
}

/// Closes a file; what a file system could not write until now is told here.
pub fn close(file: OwnedFd) -> Result<()> {
    nix::unistd::close(file).map_err(errno::of_nix)
}

/// The same open file once more.
pub fn duplicate(opened: &Opened) -> Result<Opened> {
    let file = rustix::io::fcntl_dupfd_cloexec(&opened.file, 0)?;
    Ok(Opened::new(file, opened.writable))
}

/// Copies content, mode, owner and times of a file, with the steps of libuv's `uv_fs_copyfile`.
pub fn copy_file(roots: &Roots, from: &[u8], to: &[u8], exclusive: bool) -> Result<()> {
    let source = open(roots, from, 0, 0)?;
    let facts = stat(&source)?;
    let create = open_flags::WRONLY | open_flags::CREAT;
    let target = open(roots, to, if exclusive { create | open_flags::EXCL } else { create }, facts.mode)?;
    let there = stat(&target)?;
    if (facts.dev, facts.ino) == (there.dev, there.ino) {
        return Ok(());
    }
    let copied = fill(&source, &target, &facts).and_then(|()| close(target.file));
    if copied.is_err() {
        // Half a copy is of no use; that it could not be removed either says less than why it failed.
        let _ = names::unlink(roots, to);
    }
    copied
}

fn fill(source: &Opened, target: &Opened, facts: &Metadata) -> Result<()> {
    rustix::fs::ftruncate(target, 0)?;
    // Writing will set the time of modification again; the time of access stays, and both of an empty file.
    metadata::futimes(target.as_fd(), facts.accessed, facts.modified)?;
    // Only the superuser may give files away, so a copy of somebody else's file is the copying user's own.
    let _ = metadata::fchown(target.as_fd(), facts.uid, facts.gid);
    match rustix::fs::fchmod(target, permissions(facts.mode)) {
        // Some network file systems know no modes and say so.
        Ok(()) | Err(Errno::PERM) => {}
        Err(errno) => return Err(errno),
    }
    let mut copied = 0;
    loop {
        match retry_on_intr(|| rustix::fs::copy_file_range(source, None, target, None, 1 << 30)) {
            Ok(0) if copied > 0 => return Ok(()),
            Ok(count) if count > 0 => copied += count,
            // Files of /proc claim to be empty; other file systems cannot copy by themselves.
            Ok(_) | Err(Errno::NOSYS | Errno::XDEV | Errno::INVAL | Errno::OPNOTSUPP | Errno::PERM) => break,
            Err(errno) => return Err(errno),
        }
    }
    loop {
        let data = read_some(source.as_fd(), None, 256 * 1024)?;
        if data.is_empty() {
            return Ok(());
        }
        write_fully(target.as_fd(), &data)?;
    }
}
