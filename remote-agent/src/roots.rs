//! The directories that are served, and the only way from a wire path to the disk.
//!
//! Each root is held by a descriptor. A path must lie beneath a root by components; what follows is resolved
//! by the kernel (`openat2` with `RESOLVE_BENEATH`) or by our own walk ([`crate::walk`]), and every way out is
//! refused. Outside of the roots a path lies beneath `/`, of which there is a root, too, that gives away only what
//! [`crate::outside`] allows or, if the user wants it so, may be read. Where one root lies in another, a path belongs
//! to the longer one by its text; what leads there through a relative link keeps the rights of the root it came from.
//! No path as a string is ever handed to a system call that would look it up from `/` or the cwd.

use std::{
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::Arc,
};

use rustix::{
    fs::{CWD, Mode, OFlags, ResolveFlags},
    io::{Errno, Result, retry_on_intr},
};

use crate::{
    carried::Carried,
    outside::{Askable, OUTSIDE, owned},
    path::{Ending, WirePath},
    served_root::{Intent, Rights, ServedRoot},
    walk,
};

/// How paths beneath a root are resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolver {
    /// By `openat2`, and by the walk for what it cannot answer (absolute links).
    Kernel,
    /// By the walk alone: for kernels before 5.6, and sandboxes that forbid `openat2`.
    Walk,
}

impl Resolver {
    /// The kernel's if it has one that works here.
    pub fn detect() -> Self {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match rustix::fs::openat2(CWD, "/", flags, Mode::empty(), ResolveFlags::IN_ROOT) {
            Ok(_) => Self::Kernel,
            Err(_) => Self::Walk,
        }
    }
}

/// A file opened beneath a root.
#[derive(Debug)]
pub struct Opened {
    /// Its descriptor.
    pub file: OwnedFd,
    /// Whether its root may be changed.
    pub writable: bool,
    /// Whether it lies where nothing but its being there may be told.
    pub asked_only: bool,
    /// The last series of writes of which one was not done in full.
    pub broken: Option<u32>,
}

impl Opened {
    /// A file, and whether its root may be changed.
    pub fn new(file: OwnedFd, writable: bool) -> Self {
        Self { file, writable, asked_only: false, broken: None }
    }

    /// A file beneath this root.
    fn beneath(root: &ServedRoot, file: OwnedFd) -> Self {
        Self { file, writable: root.is_writable(), asked_only: root.is_asked_only(), broken: None }
    }
}

impl AsFd for Opened {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Where a call that acts on a name acts.
#[derive(Debug)]
pub enum Place {
    /// On `name` in `directory`. The name is one component; a slash the path ended with is kept on it.
    Name {
        /// The parent directory.
        directory: OwnedFd,
        /// The name.
        name: Vec<u8>,
    },
    /// On a directory that the path names by other means than its name.
    Directory(Unnamed),
}

/// How a path names a directory without its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unnamed {
    /// It is a root.
    Root,
    /// It ends in `/.`.
    Dot,
    /// It ends in `/..`.
    DotDot,
}

/// All served directories.
#[derive(Debug)]
pub struct Roots {
    pub(crate) roots: Vec<ServedRoot>,
    resolver: Resolver,
    /// What is brought from the laptop.
    pub(crate) carried: Carried,
}

impl Roots {
    /// Serves these directories and nothing else.
    pub fn new(roots: Vec<ServedRoot>, resolver: Resolver) -> Self {
        Self { roots, resolver, carried: Carried::default() }
    }

    /// Takes what is brought from the laptop.
    pub(crate) fn with_carried(self, carried: Carried) -> Self {
        Self { carried, ..self }
    }

    /// Serves of the rest of the disk what may be read, or else what may be asked for by who knows the `home`.
    pub fn with_outside(mut self, readable: bool, home: &[u8]) -> Result<Self> {
        if self.roots.iter().any(ServedRoot::is_top) {
            return Ok(self);
        }
        let known = self.roots.iter().map(|root| root.components.clone()).chain([owned(home)]);
        let askable = Arc::new(Askable::new(known.collect()));
        let rights = || if readable { Rights::Look(OUTSIDE) } else { Rights::Ask(Arc::clone(&askable)) };
        // Like the root itself, the directories above it are those they were: what is mounted there may change unseen.
        let (root, home) = (self.roots[0].components.clone(), owned(home));
        let above =
            |path: &[Vec<u8>]| (1..path.len()).map(|length| path[..length].to_vec()).collect::<Vec<_>>();
        for held in above(&root).into_iter().chain(above(&home)).chain([home]) {
            let path = [&b"/"[..], &held.join(&b'/')].concat();
            // A home behind links is asked for on the way.
            let real = rustix::fs::readlink(&path, Vec::new()).is_err();
            if self.roots.iter().all(|root| root.components != held)
                && real
                && let Ok(served) = ServedRoot::open(&path, rights())
            {
                self.roots.push(served);
            }
        }
        self.roots.push(ServedRoot::open(b"/", rights())?);
        Ok(self)
    }

    /// The root, by index, that a path lies beneath (the longest one), and how many components it takes up.
    pub(crate) fn locate<C: AsRef<[u8]>>(&self, path: &[C]) -> Result<(usize, usize)> {
        let holds = |root: &ServedRoot| {
            root.components.len() <= path.len()
                && root.components.iter().zip(path).all(|(a, b)| a == b.as_ref())
        };
        let candidates = self.roots.iter().enumerate().filter(|(_, root)| holds(root));
        let found = candidates.max_by_key(|(_, root)| root.components.len());
        found.map(|(index, root)| (index, root.components.len())).ok_or(OUTSIDE)
    }

    /// Opens a directory that a process is to start in, wherever it lies: a process may go anywhere itself.
    pub fn working_directory(path: &[u8]) -> Result<OwnedFd> {
        WirePath::parse(path)?;
        rustix::fs::open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
    }

    /// Opens a path, following links that stay beneath the roots. `flags` as for open(2).
    pub fn open(&self, path: &[u8], flags: OFlags, mode: Mode, intent: Intent) -> Result<Opened> {
        let path = WirePath::parse(path)?;
        self.open_components(&path.components, path.ending, flags, mode, intent)
    }

    /// Opens a path as a place only (`O_PATH`), without touching what is there.
    pub fn find(&self, path: &[u8], follow: bool, intent: Intent) -> Result<Opened> {
        let flags = if follow { OFlags::PATH } else { OFlags::PATH | OFlags::NOFOLLOW };
        self.open(path, flags, Mode::empty(), intent)
    }

    /// Opens a directory as a place only (`O_PATH`).
    pub fn find_directory(&self, path: &[u8]) -> Result<Opened> {
        self.open(path, OFlags::PATH | OFlags::DIRECTORY, Mode::empty(), Intent::Look)
    }

    /// The parent directory and the name of a path, for calls that act on a name and follow no link there.
    pub fn place(&self, path: &[u8], intent: Intent) -> Result<Place> {
        let path = WirePath::parse(path)?;
        let (root, taken) = self.locate(&path.components)?;
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        let rest = &path.components[taken..];
        let (name, unnamed) = match (rest.split_last(), path.ending) {
            (None, _) => (None, Unnamed::Root),
            (Some((&b"..", _)), _) => (None, Unnamed::DotDot),
            (Some(_), Ending::Dot) => (None, Unnamed::Dot),
            (Some((name, parents)), _) => (Some((*name, parents.len())), Unnamed::Root),
        };
        self.roots[root].admit(intent)?;
        let Some((name, parents)) = name else {
            self.open_components(&path.components, Ending::Slash, flags, Mode::empty(), Intent::Look)?;
            return Ok(Place::Directory(unnamed));
        };
        let parent = &path.components[..taken + parents];
        let directory = self.open_components(parent, Ending::Slash, flags, Mode::empty(), intent)?.file;
        let mut name = name.to_vec();
        if path.ending == Ending::Slash {
            name.push(b'/');
        }
        Ok(Place::Name { directory, name })
    }

    /// Finds a path as [`Roots::find`] does, showing `witness` every step on the way.
    pub fn witness(
        &self,
        path: &[u8],
        follow: bool,
        intent: Intent,
        witness: &mut dyn walk::Witness,
    ) -> Result<Opened> {
        let path = WirePath::parse(path)?;
        let (index, taken) = self.locate(&path.components)?;
        let links = if follow { OFlags::empty() } else { OFlags::NOFOLLOW };
        let flags = OFlags::PATH | OFlags::CLOEXEC | links;
        let (index, file) = walk::open(
            &self.roots,
            witness,
            index,
            &path.components[taken..],
            path.ending,
            flags,
            Mode::empty(),
            intent,
            |path| self.locate(path),
        )?;
        Ok(Opened::beneath(&self.roots[index], file))
    }

    /// Whether only what may be asked for lies beneath the root of this index.
    pub(crate) fn is_asked_only(&self, index: usize) -> bool {
        self.roots[index].is_asked_only()
    }

    /// The absolute path of the root of this index.
    pub(crate) fn path_of(&self, index: usize) -> Vec<u8> {
        let components = &self.roots[index].components;
        if components.is_empty() { b"/".to_vec() } else { [&b"/"[..], &components.join(&b'/')].concat() }
    }

    /// Opens the path made of `path`'s components and what followed them.
    fn open_components(
        &self,
        path: &[&[u8]],
        ending: Ending,
        flags: OFlags,
        mode: Mode,
        intent: Intent,
    ) -> Result<Opened> {
        let flags = flags | OFlags::CLOEXEC | OFlags::NOCTTY;
        let (index, taken) = self.locate(path)?;
        let rest = &path[taken..];
        let root = &self.roots[index];
        // What of the rest of the disk leads back to a root is found by the walk.
        let climbs = root.is_outside() && rest.contains(&&b".."[..]);
        if self.resolver == Resolver::Kernel && !root.is_asked_only() && !climbs {
            root.admit(intent)?;
            match open_by_kernel(root, rest, ending, flags, mode) {
                // The kernel refuses every absolute link and every `..` above the root, gives up when a rename
                // races with `..`, and knows no links of /proc: the walk tells which of them stay beneath a root.
                Err(Errno::XDEV | Errno::AGAIN | Errno::LOOP) => {}
                outcome => return outcome.map(|file| Opened::beneath(root, file)),
            }
        }
        let (index, file) =
            walk::open(&self.roots, &mut (), index, rest, ending, flags, mode, intent, |path| {
                self.locate(path)
            })?;
        Ok(Opened::beneath(&self.roots[index], file))
    }
}

/// Opens `rest` beneath `root` with `openat2`.
fn open_by_kernel(
    root: &ServedRoot,
    rest: &[&[u8]],
    ending: Ending,
    flags: OFlags,
    mode: Mode,
) -> Result<OwnedFd> {
    let mut path = rest.join(&b'/');
    match ending {
        _ if path.is_empty() => path.push(b'.'),
        Ending::Plain => {}
        Ending::Slash => path.push(b'/'),
        // Not the same as a slash to a call that would make the file.
        Ending::Dot => path.extend(b"/."),
    }
    let scope = if root.is_top() { ResolveFlags::IN_ROOT } else { ResolveFlags::BENEATH };
    let scope = scope | ResolveFlags::NO_MAGICLINKS;
    // A path-only descriptor takes no other flags: openat2, unlike open, refuses what has no meaning.
    let flags = if flags.contains(OFlags::PATH) { flags - OFlags::NOCTTY } else { flags };
    retry_on_intr(|| rustix::fs::openat2(&root.directory, path.as_slice(), flags, mode, scope))
}
