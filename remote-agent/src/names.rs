//! Calls that act on a name in a directory: they make, move and remove entries and follow no link there.

use std::os::fd::{AsFd, OwnedFd};

use rustix::{
    fs::{AtFlags, CWD, FileType, Mode},
    io::{Errno, Result},
};

use crate::{
    metadata::proc_path,
    outside::OUTSIDE,
    roots::{Place, Roots, Unnamed},
    served_root::Intent,
};

/// Longest target of a link that the kernel gives out.
const LINK_MAX: usize = 4096;

/// The parent and name of what `path` names; `unnamed` where it names a directory by no name.
fn named(roots: &Roots, path: &[u8], unnamed: fn(Unnamed) -> Errno) -> Result<(OwnedFd, Vec<u8>)> {
    match roots.place(path, Intent::Change)? {
        Place::Name { directory, name } => Ok((directory, name)),
        Place::Directory(how) => Err(unnamed(how)),
    }
}

/// Removes a file or link.
pub fn unlink(roots: &Roots, path: &[u8]) -> Result<()> {
    let (parent, name) = named(roots, path, |_| Errno::ISDIR)?;
    rustix::fs::unlinkat(parent, name, AtFlags::empty())
}

/// Removes an empty directory; a root itself is EBUSY.
pub fn remove_directory(roots: &Roots, path: &[u8]) -> Result<()> {
    let (parent, name) = named(roots, path, |how| match how {
        Unnamed::Root => Errno::BUSY,
        Unnamed::Dot => Errno::INVAL,
        Unnamed::DotDot => Errno::NOTEMPTY,
    })?;
    rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR)
}

/// Renames, replacing what is there.
pub fn rename(roots: &Roots, from: &[u8], to: &[u8]) -> Result<()> {
    // Both parents are found before either name is looked at.
    let places = (roots.place(from, Intent::Change)?, roots.place(to, Intent::Change)?);
    match places {
        (
            Place::Name { directory: from_parent, name: from },
            Place::Name { directory: to_parent, name: to },
        ) => rustix::fs::renameat(from_parent, from, to_parent, to),
        _ => Err(Errno::BUSY),
    }
}

/// Makes a hard link; a link in the last place of `from` is linked itself.
pub fn link(roots: &Roots, from: &[u8], to: &[u8]) -> Result<()> {
    let file = roots.find(from, false, Intent::Change)?;
    let (parent, name) = named(roots, to, |_| Errno::EXIST)?;
    // The descriptor's entry in /proc leads to the very file that was found, whatever its name is by now.
    rustix::fs::linkat(CWD, proc_path(file.as_fd()), parent, name, AtFlags::SYMLINK_FOLLOW)
}

/// Makes a symbolic link. Its target is text: it is looked at when somebody follows it.
pub fn symlink(roots: &Roots, target: &[u8], path: &[u8]) -> Result<()> {
    let (parent, name) = named(roots, path, |_| Errno::EXIST)?;
    rustix::fs::symlinkat(target, parent, name)
}

/// The target of a link; EINVAL for anything else.
pub fn read_link(roots: &Roots, path: &[u8]) -> Result<Vec<u8>> {
    let link = roots.find(path, false, Intent::Ask)?;
    match rustix::fs::readlinkat(&link, "", Vec::with_capacity(LINK_MAX)) {
        Ok(target) => Ok(target.into_bytes()),
        // What readlinkat says to an empty name where the descriptor is no link.
        Err(Errno::NOENT) => Err(Errno::INVAL),
        Err(errno) => Err(errno),
    }
}

/// The path of what `path` leads to, with every link resolved.
pub fn real_path(roots: &Roots, path: &[u8]) -> Result<Vec<u8>> {
    let found = roots.find(path, true, Intent::Ask)?;
    Ok(rustix::fs::readlink(proc_path(found.as_fd()), Vec::with_capacity(LINK_MAX))?.into_bytes())
}

/// Makes a directory.
pub fn make_directory(roots: &Roots, path: &[u8], mode: Mode) -> Result<()> {
    match named(roots, path, |_| Errno::EXIST) {
        Ok((parent, name)) => rustix::fs::mkdirat(parent, name, mode),
        // As on a file system mounted read-only: what is there already comes first.
        Err(errno @ (Errno::ROFS | OUTSIDE)) => {
            Err(if roots.find(path, false, Intent::Ask).is_ok() { Errno::EXIST } else { errno })
        }
        Err(errno) => Err(errno),
    }
}

/// Makes a directory and those above it that are missing, with the steps of Node's `MKDirpSync`. Answers the
/// first one made, if any.
pub fn make_directories(roots: &Roots, path: &[u8], mode: Mode) -> Result<Option<Vec<u8>>> {
    let mut missing = vec![path];
    let mut first = None;
    while let Some(path) = missing.pop() {
        match make_directory(roots, path, mode) {
            Ok(()) => {
                first.get_or_insert_with(|| trimmed(path).to_vec());
            }
            Err(Errno::NOENT) => {
                let parent = parent(path).ok_or(Errno::NOENT)?;
                missing.push(path);
                missing.push(parent);
            }
            Err(
                errno @ (Errno::ACCESS | Errno::NOSPC | Errno::NOTDIR | Errno::PERM | Errno::ROFS | OUTSIDE),
            ) => {
                return Err(errno);
            }
            Err(errno) => {
                let there = roots.find(path, true, Intent::Ask)?;
                if FileType::from_raw_mode(rustix::fs::fstat(&there)?.st_mode) != FileType::Directory {
                    let above = errno == Errno::EXIST && !missing.is_empty();
                    return Err(if above { Errno::NOTDIR } else { Errno::EXIST });
                }
            }
        }
    }
    Ok(first)
}

/// A path without the slashes it ends with.
fn trimmed(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(1, |last| last + 1);
    &path[..end.min(path.len())]
}

/// The path above, lexically; `None` above `/`.
fn parent(path: &[u8]) -> Option<&[u8]> {
    let path = trimmed(path);
    let slash = path.iter().rposition(|byte| *byte == b'/')?;
    if path == b"/" { None } else { Some(trimmed(&path[..slash.max(1)])) }
}

/// Makes a directory named `prefix` and six random letters or digits. Answers its path.
pub fn make_temporary(roots: &Roots, prefix: &[u8], mode: Mode) -> Result<Vec<u8>> {
    loop {
        let path = [prefix, &random_name()?].concat();
        match make_directory(roots, &path, mode) {
            Ok(()) => return Ok(path),
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno),
        }
    }
}

fn random_name() -> Result<[u8; 6]> {
    const CHARACTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = [0_u8; 6];
    rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::empty())?;
    Ok(random.map(|byte| CHARACTERS[usize::from(byte) % CHARACTERS.len()]))
}

/// Removes a tree, see [`crate::tree`]; a root itself is EBUSY.
pub fn remove_tree(roots: &Roots, path: &[u8]) -> Result<()> {
    let (parent, mut name) = named(roots, path, |how| match how {
        Unnamed::Root => Errno::BUSY,
        Unnamed::Dot | Unnamed::DotDot => Errno::INVAL,
    })?;
    if name.ends_with(b"/") {
        // A slash would make the kernel follow a link here. Only a directory of this very name is removed.
        name.pop();
        rustix::fs::openat(&parent, name.as_slice(), crate::tree::ENTER, Mode::empty())?;
    }
    crate::tree::remove(&parent, &name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_lexical() {
        assert_eq!(parent(b"/a/b//"), Some(&b"/a"[..]));
        assert_eq!(parent(b"/a"), Some(&b"/"[..]));
        assert_eq!(parent(b"/"), None);
        assert_eq!(trimmed(b"//"), b"/");
    }
}
