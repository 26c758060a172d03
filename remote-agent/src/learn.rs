//! What a call may tell besides its answer: facts about its path and the directory around it.
//!
//! Everything is leased before it is looked at, so no change falls between the two. What is learned is handed out by
//! [`Leases::stamp_facts`], which leaves out whatever changed since.

use std::{
    collections::HashSet,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::Arc,
};

use rustix::{
    fs::{Access, AtFlags, CWD, Mode},
    io::Result,
};
use serde_bytes::ByteBuf;
use wire_protocol::{
    files::{Descriptor, EntryKind, FileCall, FileReply},
    leases::{EARLY_CONTENT, Fact, KEPT_CONTENT, LeaseId, Listed},
};

use crate::{
    aftermath::Aftermath,
    content,
    leases::{Learned, Leases, StreamId},
    metadata::{self, proc_path},
    roots::{Opened, Roots},
    served_root::Intent,
    tree,
    walk::Witness,
};

/// The bit of a mask of rights for reading.
const READ: u32 = 4;

/// A directory, its lease, and the number of its disk: what is mounted in it lies on another.
type Parent<'fd> = (BorrowedFd<'fd>, LeaseId, u64);

/// How much of a directory is told.
#[derive(Debug)]
pub struct Generosity {
    /// Up to so many entries: their names, kinds and metadata.
    pub metadata: usize,
    /// Up to so many: their names and kinds.
    pub names: usize,
}

/// To a caller who asked for the names: it will look at the entries next.
const FOR_LISTING: Generosity = Generosity { metadata: 2048, names: 16 * 1024 };

/// To a caller who asked for a file: it may look at the files beside it.
const FOR_NEIGHBOURS: Generosity = Generosity { metadata: 1024, names: 2048 };

/// Of a directory on the way, or one that has no such name.
const IN_PASSING: Generosity = Generosity { metadata: 128, names: 2048 };

/// Learns for one stream.
#[derive(Debug, Clone)]
pub struct Learner {
    /// The served directories.
    pub roots: Arc<Roots>,
    /// All leases.
    pub leases: Arc<Leases>,
    /// Who learns.
    pub stream: StreamId,
}

impl Learner {
    /// Does a call by `perform`, and learns what can be told about its path.
    pub fn attend(
        &self,
        call: FileCall,
        perform: impl FnOnce(FileCall) -> Result<FileReply>,
    ) -> (Result<FileReply>, Vec<Learned>) {
        if let Some(aftermath) = Aftermath::of(&call) {
            let outcome = perform(call);
            let learned = if outcome.is_ok() { aftermath.learn(self) } else { Vec::new() };
            return (outcome, learned);
        }
        let lesson = self.look(&call);
        let outcome = perform(call);
        let learned = lesson.end(outcome.as_ref().ok());
        (outcome, learned)
    }

    /// What can be told about the path of a call that looks. To be asked before the call is done.
    fn look(&self, call: &FileCall) -> Lesson<'_> {
        let near = matches!(call, FileCall::Stat { .. } | FileCall::ReadFile { .. } | FileCall::Open { .. });
        let mut lesson = Lesson::new(self, if near { &FOR_NEIGHBOURS } else { &IN_PASSING });
        let Some((path, follow)) = call.looks_at() else { return lesson };
        let Ok(found) = self.roots.witness(path, follow, intent(call), &mut lesson) else { return lesson };
        match call {
            FileCall::ReadDirectory { .. } => {
                if let Some(directory) = lesson.lease(found.as_fd()) {
                    lesson.list(directory, &FOR_LISTING);
                }
            }
            FileCall::Access { mode, .. } if *mode > 0 => {
                lesson.rights(&found);
                // Who may read it does so next.
                if mode & READ != 0 {
                    lesson.content_of(&found.file);
                }
            }
            FileCall::ReadFile { .. } => lesson.rights(&found),
            FileCall::Open { descriptor, .. } => {
                lesson.rights(&found);
                lesson.opens = Some((*descriptor, found.file));
            }
            _ => {}
        }
        lesson
    }
}

/// What is learned by one call.
pub struct Lesson<'a> {
    learner: &'a Learner,
    learned: Vec<Learned>,
    /// Leases whose inode was told of in this lesson.
    told: HashSet<LeaseId>,
    /// What the path led to last.
    last: Option<(LeaseId, EntryKind)>,
    /// How much is told of the directory in which the path ends.
    generosity: &'static Generosity,
    /// What is to be opened, and as what.
    opens: Option<(Descriptor, OwnedFd)>,
    /// Whether the walk is where nothing is told but what was asked for.
    asks: bool,
}

impl<'a> Lesson<'a> {
    /// Nothing is learned yet.
    pub fn new(learner: &'a Learner, generosity: &'static Generosity) -> Self {
        Self {
            learner,
            learned: Vec::new(),
            told: HashSet::new(),
            last: None,
            generosity,
            opens: None,
            asks: false,
        }
    }

    /// All that was learned.
    pub fn learned(self) -> Vec<Learned> {
        self.learned
    }

    /// The file the path led to, if it was one.
    pub fn last_file(&self) -> Option<LeaseId> {
        self.last.and_then(|(lease, kind)| (kind == EntryKind::File).then_some(lease))
    }

    /// All that was learned, now that the call has been done.
    fn end(mut self, outcome: Option<&FileReply>) -> Vec<Learned> {
        if let (Some(FileReply::Content { data, more: false, .. }), Some(lease)) = (outcome, self.last_file())
            && data.len() <= KEPT_CONTENT
        {
            self.tell(Fact::Content { lease }, None);
        }
        if let Some(FileReply::Opened { dev, ino }) = outcome {
            self.opened(*dev, *ino);
        }
        self.learned
    }

    /// Tells what was opened, if it is the file that was leased.
    fn opened(&mut self, dev: u64, ino: u64) {
        let (Some((descriptor, found)), Some(lease)) = (self.opens.take(), self.last_file()) else { return };
        let Ok(facts) = metadata::stat(&found) else { return };
        if (facts.dev, facts.ino) != (dev, ino) {
            return;
        }
        self.tell(Fact::Opened { lease, descriptor }, None);
        self.content_of(&found);
    }

    /// Tells the content of the file the path led to, if it is small.
    fn content_of(&mut self, found: &OwnedFd) {
        let Some(lease) = self.last_file() else { return };
        let small = metadata::stat(found).is_ok_and(|facts| facts.size <= EARLY_CONTENT as u64);
        if small && let Ok(Some(content)) = content::read_all(found, EARLY_CONTENT) {
            self.tell(Fact::Whole { lease, content: ByteBuf::from(content) }, None);
        }
    }

    /// Adds a fact.
    pub fn tell(&mut self, fact: Fact, under: Option<LeaseId>) {
        self.learned.push(Learned { fact, under });
    }

    fn is_known(&self, lease: LeaseId, listed: bool) -> bool {
        self.learner.leases.is_known(self.learner.stream, lease, listed)
    }

    /// Leases a name's inode, then looks at it. `None` where it cannot be leased.
    fn look(&mut self, (parent, under, disk): Parent<'_>, name: &[u8], kind: EntryKind) -> Option<LeaseId> {
        let lease = self.learner.leases.lease_entry(parent, name, kind == EntryKind::Directory)?;
        if self.told.contains(&lease) || self.is_known(lease, false) {
            return Some(lease);
        }
        let metadata = metadata::stat_entry(parent, name).ok()?;
        if metadata::kind(&metadata) != kind || metadata.dev != disk {
            return None;
        }
        let target = match kind {
            EntryKind::Link => {
                Some(rustix::fs::readlinkat(parent, name, Vec::new()).ok()?.into_bytes().into())
            }
            EntryKind::File | EntryKind::Directory => None,
            // What comes out of a pipe or a device is no property of its inode.
            _ => return None,
        };
        self.told.insert(lease);
        self.tell(Fact::Inode { lease, metadata: Box::new(metadata), target }, Some(under));
        Some(lease)
    }

    /// Tells all names of a directory, if there are not too many.
    fn list(&mut self, parent: Parent<'_>, generosity: &Generosity) {
        let leases = &self.learner.leases;
        let (directory, lease, _) = parent;
        let too_large = generosity.names <= IN_PASSING.names && leases.is_large(lease);
        if too_large || self.is_known(lease, true) || !may_pass(directory) {
            return;
        }
        let Ok(reader) = rustix::fs::openat(directory, ".", tree::ENTER, Mode::empty()) else { return };
        let Ok(entries) = tree::entries_up_to(reader, generosity.names) else { return };
        let Some(entries) = entries else {
            if generosity.names >= IN_PASSING.names {
                leases.set_large(lease);
            }
            return;
        };
        let with_metadata = entries.len() <= generosity.metadata;
        let mut names = Vec::with_capacity(entries.len());
        for entry in entries {
            let leads = if with_metadata { self.look(parent, &entry.name, entry.kind) } else { None };
            names.push(Listed { name: entry.name, kind: entry.kind, leads });
        }
        self.tell(Fact::Listing { directory: lease, names }, None);
    }

    /// Tells where a name leads. `None` where that may change unseen.
    fn name(&mut self, parent: Parent<'_>, name: &[u8], kind: EntryKind) -> Option<LeaseId> {
        let lease = self.look(parent, name, kind)?;
        let (_, directory, _) = parent;
        self.tell(Fact::Name { directory, name: name.to_vec(), leads: Some(lease) }, None);
        Some(lease)
    }

    /// Tells what may be done with what the path led to.
    pub fn rights(&mut self, found: &Opened) {
        let told = found.writable || found.asked_only;
        let Some((lease, _)) = self.last.filter(|_| told) else { return };
        let path = proc_path(found.as_fd());
        let may = |right| rustix::fs::accessat(CWD, &path, right, AtFlags::empty()).is_ok();
        let rights = [Access::READ_OK, Access::WRITE_OK, Access::EXEC_OK].map(|right| (right, may(right)));
        let mask =
            rights.iter().filter(|(_, may)| *may).fold(0, |mask, (right, _)| mask | right.bits() as u8);
        let mask = if found.asked_only { mask & Access::EXEC_OK.bits() as u8 } else { mask };
        self.tell(Fact::Rights { lease, mask }, None);
    }

    /// Leases a directory on a disk that tells of its changes.
    fn lease<'fd>(&self, directory: BorrowedFd<'fd>) -> Option<Parent<'fd>> {
        if !metadata::tells_changes(directory) {
            return None;
        }
        let lease = self.learner.leases.lease_directory(directory)?;
        Some((directory, lease, metadata::stat(directory).ok()?.dev))
    }
}

impl Witness for Lesson<'_> {
    fn starts(&mut self, root: usize, directory: BorrowedFd<'_>) {
        self.asks = self.learner.roots.is_asked_only(root);
        let Some((_, lease, _)) = self.lease(directory) else { return };
        self.last = Some((lease, EntryKind::Directory));
        if self.told.contains(&lease) || self.is_known(lease, false) {
            return;
        }
        let Ok(metadata) = metadata::stat(directory) else { return };
        let path = self.learner.roots.path_of(root);
        self.told.insert(lease);
        self.tell(Fact::Root { path, lease }, None);
        self.tell(Fact::Inode { lease, metadata: Box::new(metadata), target: None }, None);
    }

    fn finds(&mut self, parent: BorrowedFd<'_>, name: &[u8], place: BorrowedFd<'_>, last: bool) {
        self.last = None;
        let Ok(kind) = metadata::stat(place).map(|metadata| metadata::kind(&metadata)) else { return };
        let Some(parent) = self.lease(parent) else { return };
        if !self.asks {
            self.list(parent, if last { self.generosity } else { &IN_PASSING });
        }
        self.last = self.name(parent, name, kind).map(|lease| (lease, kind));
    }

    fn follows(&mut self, parent: BorrowedFd<'_>, name: &[u8]) {
        self.last = None;
        if let Some(parent) = self.lease(parent) {
            self.name(parent, name, EntryKind::Link);
        }
    }

    fn misses(&mut self, parent: BorrowedFd<'_>, name: &[u8]) {
        self.last = None;
        let Some(parent @ (_, directory, _)) = self.lease(parent) else { return };
        let little = self.generosity.names < IN_PASSING.names;
        if !self.asks {
            self.list(parent, if little { self.generosity } else { &IN_PASSING });
        }
        self.tell(Fact::Name { directory, name: name.to_vec(), leads: None }, None);
    }
}

/// What a call that looks does with its path.
fn intent(call: &FileCall) -> Intent {
    match call {
        FileCall::Stat { .. } | FileCall::RealPath { .. } | FileCall::ReadLink { .. } => Intent::Ask,
        FileCall::Access { mode, .. } if mode & READ == 0 => Intent::Ask,
        _ => Intent::Look,
    }
}

/// Whether names of a directory may be used: a directory that may be read but not entered shows its names only.
fn may_pass(directory: BorrowedFd<'_>) -> bool {
    rustix::fs::accessat(directory, ".", Access::EXEC_OK, AtFlags::empty()).is_ok()
}
