//! Resolving a path beneath a root without the kernel's help, component by component.
//!
//! Every step opens one name in a directory that is held by a descriptor, never following a link. A link's
//! text is read and its components are walked like the rest. So whatever is renamed or swapped meanwhile, no
//! step leaves the roots: `..` goes back to a descriptor that was passed on the way down, and where it passes
//! above the root, or a link is absolute, the walk starts again at the root the resulting path lies beneath.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::{
    fs::{Mode, OFlags},
    io::{Errno, Result, retry_on_intr},
};

use crate::{
    outside::{OUTSIDE, is_program},
    path::{self, Ending},
    served_root::{Intent, Rights, ServedRoot},
};

/// Links followed before ELOOP, as in Linux.
const MAX_LINKS: usize = 40;

/// Sees the steps of a walk. All it is told was so when the step was made.
pub trait Witness {
    /// The walk begins, or begins again, at the root of this index.
    fn starts(&mut self, _root: usize, _directory: BorrowedFd<'_>) {}
    /// `name` in `parent` is this directory, file or other thing; `last`: the walk ends there.
    fn finds(&mut self, _parent: BorrowedFd<'_>, _name: &[u8], _place: BorrowedFd<'_>, _last: bool) {}
    /// `name` in `parent` is a link.
    fn follows(&mut self, _parent: BorrowedFd<'_>, _name: &[u8]) {}
    /// There is no `name` in `parent`.
    fn misses(&mut self, _parent: BorrowedFd<'_>, _name: &[u8]) {}
}

impl Witness for () {}

/// Where a walk stands.
struct Walk<'a, L> {
    roots: &'a [ServedRoot],
    locate: L,
    witness: &'a mut dyn Witness,
    root: usize,
    /// The directories passed beneath the root.
    trail: Vec<OwnedFd>,
    /// Their names.
    names: Vec<Vec<u8>>,
    intent: Intent,
    /// Whether a program is asked for, wherever links lead from its name.
    program: bool,
    /// The components to come, the next one last. `.` and `/` stand for an ending that only a directory has.
    pending: Vec<Vec<u8>>,
    links: usize,
}

/// Opens `rest` beneath the root of this index. Answers the index of the root it ended in, and the file.
/// `locate` tells for an absolute path which root it lies beneath.
#[allow(clippy::too_many_arguments, reason = "they are those of openat, and where it happens")]
pub fn open<L>(
    roots: &[ServedRoot],
    witness: &mut dyn Witness,
    root: usize,
    rest: &[&[u8]],
    ending: Ending,
    flags: OFlags,
    mode: Mode,
    intent: Intent,
    locate: L,
) -> Result<(usize, OwnedFd)>
where
    L: Fn(&[Vec<u8>]) -> Result<(usize, usize)>,
{
    let (trail, names, pending) = (Vec::new(), Vec::new(), Vec::new());
    let mut walk =
        Walk { roots, locate, witness, root, trail, names, intent, program: false, pending, links: 0 };
    walk.push(rest.iter().copied(), ending);
    // A path that begins outside of the roots may lead to one.
    if roots[root].is_outside() {
        walk.restart(roots[root].components.clone())?;
    } else {
        walk.witness.starts(root, roots[root].directory.as_fd());
    }
    while let Some(name) = walk.pending.pop() {
        match name.as_slice() {
            b"." | b"/" => {}
            b".." => walk.climb()?,
            // Whatever is there: the kernel does not look.
            _ if flags.contains(OFlags::CREATE) && walk.ends_in_slash() => {
                walk.admit(Some(&name), intent)?;
                return Err(Errno::ISDIR);
            }
            _ if walk.pending.is_empty() => {
                if let Some(file) = walk.open_last(name, flags, mode)? {
                    return Ok((walk.root, file));
                }
            }
            _ => walk.enter(&name)?,
        }
    }
    walk.admit(None, intent)?;
    let file = reopen(walk.here(), flags, mode)?;
    Ok((walk.root, file))
}

impl<'a, L: Fn(&[Vec<u8>]) -> Result<(usize, usize)>> Walk<'a, L> {
    /// The directory reached.
    fn here(&self) -> BorrowedFd<'_> {
        self.trail.last().unwrap_or(&self.roots[self.root].directory).as_fd()
    }

    /// Fails if the directory reached, or this name in it, may not be used so.
    fn admit(&self, name: Option<&[u8]>, intent: Intent) -> Result<()> {
        let root = &self.roots[self.root];
        let Rights::Ask(askable) = &root.rights else { return root.admit(intent) };
        let names = root.components.iter().chain(&self.names).map(Vec::as_slice);
        let place: Vec<&[u8]> = names.chain(name).collect();
        let admitted = (self.program && intent == Intent::Ask) || askable.admits(&place, intent);
        if admitted { Ok(()) } else { Err(OUTSIDE) }
    }

    /// Puts components before those to come.
    fn push<'c>(&mut self, components: impl DoubleEndedIterator<Item = &'c [u8]>, ending: Ending) {
        match ending {
            Ending::Plain => {}
            Ending::Slash => self.pending.push(b"/".to_vec()),
            Ending::Dot => self.pending.push(b".".to_vec()),
        }
        self.pending.extend(components.rev().map(<[u8]>::to_vec));
    }

    /// Whether nothing but a slash is to come.
    fn ends_in_slash(&self) -> bool {
        matches!(self.pending.as_slice(), [end] if end == b"/")
    }

    /// Goes into a directory, or where a link of this name leads.
    fn enter(&mut self, name: &[u8]) -> Result<()> {
        self.admit(Some(name), Intent::Ask)?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(self.here(), name, flags, Mode::empty()) {
            Ok(directory) => {
                let (witness, parent) = self.seen();
                witness.finds(parent, name, directory.as_fd(), false);
                self.trail.push(directory);
                self.names.push(name.to_vec());
            }
            Err(Errno::NOTDIR) => {
                let target = rustix::fs::readlinkat(self.here(), name, Vec::new());
                let target = target.map_err(|_| Errno::NOTDIR)?;
                let (witness, parent) = self.seen();
                witness.follows(parent, name);
                self.follow(target.as_bytes())?;
            }
            Err(errno) => {
                self.miss(name, errno);
                return Err(errno);
            }
        }
        Ok(())
    }

    /// Opens the last component with the caller's flags. `None` if it is a link, whose target is now pending.
    fn open_last(&mut self, name: Vec<u8>, flags: OFlags, mode: Mode) -> Result<Option<OwnedFd>> {
        self.admit(Some(&name), Intent::Ask)?;
        let follows = !flags.contains(OFlags::NOFOLLOW) && !flags.contains(OFlags::CREATE | OFlags::EXCL);
        if follows && let Ok(target) = rustix::fs::readlinkat(self.here(), name.as_slice(), Vec::new()) {
            let (witness, parent) = self.seen();
            witness.follows(parent, &name);
            self.follow(target.as_bytes())?;
            return Ok(None);
        }
        self.admit(Some(&name), self.intent)?;
        let opened = retry_on_intr(|| {
            rustix::fs::openat(self.here(), name.as_slice(), flags | OFlags::NOFOLLOW, mode)
        });
        // Something that was no link a moment ago may have become one: look again.
        let became_link = match &opened {
            Ok(file) => follows && flags.contains(OFlags::PATH) && is_link(file)?,
            Err(errno) => follows && *errno == Errno::LOOP,
        };
        if became_link {
            self.count_link()?;
            self.pending.push(name);
            return Ok(None);
        }
        match &opened {
            Ok(file) => {
                let (witness, parent) = self.seen();
                witness.finds(parent, &name, file.as_fd(), true);
            }
            Err(errno) => self.miss(&name, *errno),
        }
        opened.map(Some)
    }

    /// The witness, and the directory reached.
    fn seen(&mut self) -> (&mut dyn Witness, BorrowedFd<'_>) {
        let here = self.trail.last().unwrap_or(&self.roots[self.root].directory).as_fd();
        (self.witness, here)
    }

    fn miss(&mut self, name: &[u8], errno: Errno) {
        if errno == Errno::NOENT {
            let (witness, parent) = self.seen();
            witness.misses(parent, name);
        }
    }

    /// Goes on with a link's target. Refused if it is absolute and lies beneath no root.
    fn follow(&mut self, target: &[u8]) -> Result<()> {
        self.count_link()?;
        if target.is_empty() {
            return Err(Errno::NOENT);
        }
        let components: Vec<&[u8]> = path::components(target).collect();
        self.push(components.into_iter(), Ending::of(target));
        if target[0] == b'/' { self.restart(Vec::new()) } else { Ok(()) }
    }

    /// One directory up. Refused if the path then lies beneath no root.
    fn climb(&mut self) -> Result<()> {
        self.names.pop();
        let inside = self.trail.pop().is_some();
        let root = &self.roots[self.root];
        if inside || root.is_top() {
            // The names passed are those of no link, so they tell when a path from outside comes to a root.
            let here = [root.components.as_slice(), &self.names].concat();
            let next = self.pending.last().filter(|_| root.is_outside());
            let leads = next.is_some_and(|name| self.leads_to_root(&here, name));
            return if leads { self.restart(here) } else { Ok(()) };
        }
        // The root's path holds no links, so its parent is what its components say.
        let mut above = self.roots[self.root].components.clone();
        above.pop();
        self.restart(above)
    }

    /// Starts again at the root that the absolute path `start` and the pending components lie beneath.
    ///
    /// Above the roots there is no descriptor to hold on to, only the roots' own paths. They hold no links,
    /// so as long as the path runs along one of them, names and `..` may be taken as text.
    fn restart(&mut self, start: Vec<Vec<u8>>) -> Result<()> {
        let mut path = start;
        let all: Vec<&[u8]> = path.iter().chain(self.pending.iter().rev()).map(Vec::as_slice).collect();
        self.program = is_program(&all);
        while let Some(name) = self.pending.last() {
            if name == b".." {
                path.pop();
            } else if self.leads_to_root(&path, name) {
                path.push(name.clone());
            } else {
                break;
            }
            self.pending.pop();
        }
        let (root, taken) = (self.locate)(&path)?;
        self.root = root;
        self.trail.clear();
        self.names.clear();
        self.witness.starts(root, self.roots[root].directory.as_fd());
        self.pending.extend(path.drain(taken..).rev());
        Ok(())
    }

    /// Whether `name` in the directory `path` is a root or a directory above one.
    fn leads_to_root(&self, path: &[Vec<u8>], name: &[u8]) -> bool {
        self.roots.iter().any(|root| {
            root.components.starts_with(path)
                && root.components.get(path.len()).is_some_and(|component| component == name)
        })
    }

    fn count_link(&mut self) -> Result<()> {
        self.links += 1;
        if self.links > MAX_LINKS { Err(Errno::LOOP) } else { Ok(()) }
    }
}

/// Opens a directory that is held by a path-only descriptor with the caller's flags.
fn reopen(directory: BorrowedFd<'_>, flags: OFlags, mode: Mode) -> Result<OwnedFd> {
    if flags.contains(OFlags::CREATE) {
        let exclusive = flags.contains(OFlags::EXCL);
        return Err(if exclusive { Errno::EXIST } else { Errno::ISDIR });
    }
    if flags.contains(OFlags::PATH) {
        return rustix::io::fcntl_dupfd_cloexec(directory, 0);
    }
    rustix::fs::openat(directory, ".", flags, mode)
}

fn is_link(file: &OwnedFd) -> Result<bool> {
    let mode = rustix::fs::fstat(file)?.st_mode;
    Ok(rustix::fs::FileType::from_raw_mode(mode) == rustix::fs::FileType::Symlink)
}
