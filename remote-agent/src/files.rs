//! Files: one match over the calls, each arm a few lines.

use std::os::fd::AsFd;

use rustix::{
    fs::{Access, AtFlags, CWD, OFlags, SeekFrom},
    io::{Errno, Result},
};
use wire_protocol::files::{FileCall, FileReply, open_flags};

use crate::{
    cancel::{Pending, may_be_left},
    content,
    descriptors::{Descriptors, Held},
    metadata::{self, permissions},
    names,
    roots::{Opened, Roots},
    served_root::Intent,
    tree,
};

/// Does a call, unless it is cancelled. Blocks as long as the disk does. `held` is the call's descriptor, if it has one.
pub fn perform(
    roots: &Roots,
    descriptors: &Descriptors,
    call: FileCall,
    mut held: Option<Held>,
    pending: &Pending,
) -> Result<FileReply> {
    let opens = call.opens();
    let reply = settled(call, pending, |call| do_call(roots, descriptors, call, held.as_deref_mut()));
    if reply == Err(Errno::CANCELED)
        && opens.is_some()
        && let Some(held) = &mut held
    {
        // Nobody knows of what a cancelled call has opened.
        **held = None;
    }
    if let (Some(descriptor), Some(held)) = (opens, &held)
        && held.is_none()
    {
        descriptors.forget(descriptor, held);
    }
    reply
}

/// What comes of a call that may be cancelled: before it begins, or until it is done if it may be left.
fn settled(
    call: FileCall,
    pending: &Pending,
    act: impl FnOnce(FileCall) -> Result<FileReply>,
) -> Result<FileReply> {
    let leaves = may_be_left(&call);
    let begins = if leaves { !pending.is_settled() } else { pending.settle() };
    if !begins {
        return Err(Errno::CANCELED);
    }
    let reply = act(call);
    if leaves && !pending.settle() { Err(Errno::CANCELED) } else { reply }
}

fn do_call(
    roots: &Roots,
    descriptors: &Descriptors,
    call: FileCall,
    slot: Option<&mut Option<Opened>>,
) -> Result<FileReply> {
    let slot = slot.ok_or(Errno::BADF);
    let done = |()| FileReply::Done;
    match call {
        FileCall::Open { path, flags, mode, .. } => {
            let opened = content::open(roots, &path, flags, mode)?;
            let facts = metadata::stat(&opened)?;
            *slot? = Some(opened);
            Ok(FileReply::Opened { dev: facts.dev, ino: facts.ino })
        }
        FileCall::Close { .. } => content::close(slot?.take().ok_or(Errno::BADF)?.file).map(done),
        FileCall::Duplicate { descriptor, .. } => {
            descriptors.enter(descriptor, content::duplicate(file(slot)?)?);
            Ok(FileReply::Done)
        }
        FileCall::Read { position, length, .. } => {
            content::read_some(file(slot)?.as_fd(), position, length as usize).map(FileReply::Bytes)
        }
        FileCall::Write { position, data, series, .. } => {
            let opened = slot?.as_mut().ok_or(Errno::BADF)?;
            if opened.broken == Some(series) {
                return Ok(FileReply::Written(0));
            }
            let outcome = content::write_all(opened.as_fd(), position, &data);
            if series != 0 && outcome != Ok(data.len()) {
                opened.broken = Some(series);
            }
            let written = outcome?;
            Ok(FileReply::Written(u32::try_from(written).map_err(|_| Errno::OVERFLOW)?))
        }
        FileCall::Seek { offset, .. } => {
            rustix::fs::seek(file(slot)?, SeekFrom::Start(offset)).map(|_| FileReply::Done)
        }
        FileCall::Fstat { .. } => stat(file(slot)?),
        FileCall::Ftruncate { length, .. } => rustix::fs::ftruncate(file(slot)?, length).map(done),
        FileCall::Fsync { data_only: true, .. } => rustix::fs::fdatasync(file(slot)?).map(done),
        FileCall::Fsync { data_only: false, .. } => rustix::fs::fsync(file(slot)?).map(done),
        FileCall::Futimes { accessed, modified, .. } => {
            metadata::futimes(changeable(slot)?.as_fd(), accessed, modified).map(done)
        }
        FileCall::Fchmod { mode, .. } => rustix::fs::fchmod(changeable(slot)?, permissions(mode)).map(done),
        FileCall::Fchown { uid, gid, .. } => metadata::fchown(changeable(slot)?.as_fd(), uid, gid).map(done),

        FileCall::Stat { path, follow } => stat(&roots.find(&path, follow, Intent::Ask)?),
        FileCall::StatFs { path } => {
            let facts = metadata::file_system(roots.find(&path, true, Intent::Look)?)?;
            Ok(FileReply::FileSystem(Box::new(facts)))
        }
        FileCall::Access { path, mode } => access(roots, &path, mode).map(done),
        FileCall::ReadDirectory { path, .. } => {
            let directory = open_directory(roots, &path)?;
            let (entries, more) = tree::some_entries(directory.as_fd())?;
            *slot? = more.then_some(directory);
            Ok(FileReply::Entries { entries, more })
        }
        FileCall::ReadEntries { .. } => {
            let (entries, more) = tree::some_entries(file(slot)?.as_fd())?;
            Ok(FileReply::Entries { entries, more })
        }
        FileCall::ReadLink { path } => names::read_link(roots, &path).map(FileReply::Path),
        FileCall::RealPath { path } => names::real_path(roots, &path).map(FileReply::Path),
        FileCall::MakeDirectory { path, mode, recursive: false } => {
            names::make_directory(roots, &path, permissions(mode)).map(done)
        }
        FileCall::MakeDirectory { path, mode, recursive: true } => {
            let first = names::make_directories(roots, &path, permissions(mode))?;
            Ok(first.map_or(FileReply::Done, FileReply::Path))
        }
        FileCall::MakeTemporary { prefix, mode } => {
            names::make_temporary(roots, &prefix, permissions(mode)).map(FileReply::Path)
        }
        FileCall::Carry { directory, name, executable, more, data } => {
            roots.carried.take(&directory, &name, executable, more, &data).map(FileReply::Path)
        }
        FileCall::RemoveTree { path } => names::remove_tree(roots, &path).map(done),
        FileCall::RemoveDirectory { path } => names::remove_directory(roots, &path).map(done),
        FileCall::Unlink { path } => names::unlink(roots, &path).map(done),
        FileCall::Rename { from, to } => names::rename(roots, &from, &to).map(done),
        FileCall::Link { from, to } => names::link(roots, &from, &to).map(done),
        FileCall::Symlink { target, path } => names::symlink(roots, &target, &path).map(done),
        FileCall::Chmod { path, mode } => {
            metadata::chmod(roots.find(&path, true, Intent::Change)?.as_fd(), mode).map(done)
        }
        FileCall::Chown { path, uid, gid, follow } => {
            metadata::chown(roots.find(&path, follow, Intent::Change)?.as_fd(), uid, gid).map(done)
        }
        FileCall::Utimes { path, accessed, modified, follow } => {
            let place = roots.find(&path, follow, Intent::Change)?;
            metadata::utimes(place.as_fd(), accessed, modified).map(done)
        }
        FileCall::Truncate { path, length } => {
            // Node opens the file, too: truncate(2) leaves the times when the length stays.
            let file = content::open(roots, &path, open_flags::RDWR, 0)?;
            rustix::fs::ftruncate(&file, length).map(done)
        }
        FileCall::CopyFile { from, to, exclusive } => {
            content::copy_file(roots, &from, &to, exclusive).map(done)
        }
        FileCall::ReadFile { path, flags, .. } => {
            let content = content::read_start(roots, &path, flags)?;
            let more = content.rest.is_some();
            *slot? = content.rest;
            Ok(FileReply::Content { data: content.data, more, size: content.size })
        }
        FileCall::WriteFile { path, flags, mode, data, flush } => {
            content::write_file(roots, &path, flags, mode, &data, flush).map(done)
        }
    }
}

fn file(slot: Result<&mut Option<Opened>>) -> Result<&Opened> {
    slot?.as_ref().ok_or(Errno::BADF)
}

/// The file, for calls that change it even where it is open for reading only.
fn changeable(slot: Result<&mut Option<Opened>>) -> Result<&Opened> {
    let file = file(slot)?;
    if file.writable { Ok(file) } else { Err(Errno::ROFS) }
}

fn stat(file: &Opened) -> Result<FileReply> {
    Ok(FileReply::Metadata(Box::new(metadata::stat(file)?)))
}

/// Whether the agent's user may access a path, as access(2) answers it.
fn access(roots: &Roots, path: &[u8], mode: u32) -> Result<()> {
    let wanted = Access::from_bits(mode).ok_or(Errno::INVAL)?;
    let intent = if wanted.contains(Access::READ_OK) { Intent::Look } else { Intent::Ask };
    let place = roots.find(path, true, intent)?;
    if wanted.contains(Access::WRITE_OK) {
        // What is missing is said first, as by the kernel on a disk mounted read-only.
        roots.find(path, true, Intent::Change)?;
    }
    rustix::fs::accessat(CWD, metadata::proc_path(place.as_fd()), wanted, AtFlags::empty())
}

fn open_directory(roots: &Roots, path: &[u8]) -> Result<Opened> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    roots.open(path, flags, rustix::fs::Mode::empty(), Intent::Look)
}
