//! What is known of the remote's disk: inodes by their leases, and the names that lead to them.
//!
//! A path is answered by walking it through what is known (`walk.rs`).

mod walk;

use std::{
    collections::{HashMap, VecDeque, hash_map},
    sync::Arc,
};

use wire_protocol::{
    WireError,
    files::{Descriptor, Entry, EntryKind, FileCall, FileReply, Metadata},
    leases::{Fact, LeaseId},
};

use self::walk::{Walked, push};
use crate::ahead::{Begun, Done, OpenFile, Part};

/// The part of the bytes that may be kept which may be read ahead besides.
const AHEAD: u64 = 2;

const KIND_BITS: u32 = 0o170_000;
const DIRECTORY: u32 = 0o040_000;

/// All that is known.
#[derive(Default)]
pub struct Mirror {
    /// Each root's components and its directory.
    roots: Vec<(Vec<Vec<u8>>, LeaseId)>,
    inodes: HashMap<LeaseId, Inode>,
    contents: Contents,
    /// Open files of which it is known what they are.
    open: HashMap<Descriptor, OpenFile>,
    /// Files that the program takes to be written though they may not be yet, with the writes under way. Of their
    /// leases it may not have been told; so nothing is told of the files.
    written: HashMap<FileId, usize>,
}

/// A file, by the numbers of its disk and its inode.
pub type FileId = (u64, u64);

/// Contents, the oldest first; some may have gone with their inode.
#[derive(Debug, Default)]
struct Contents {
    order: VecDeque<LeaseId>,
    bytes: usize,
    most: usize,
}

#[derive(Debug, Default)]
struct Inode {
    metadata: Metadata,
    target: Option<Vec<u8>>,
    rights: Option<u8>,
    content: Option<Arc<[u8]>>,
    names: HashMap<Box<[u8]>, Leads>,
    listing: Option<Arc<Vec<Entry>>>,
}

/// Where a name leads.
#[derive(Debug, Clone, Copy)]
enum Leads {
    Nowhere,
    To(LeaseId),
    /// To something that has no lease.
    There(EntryKind),
}

impl Mirror {
    /// Nothing is known; contents are kept up to so many bytes.
    pub fn new(most: usize) -> Self {
        Self { contents: Contents { most, ..Contents::default() }, ..Self::default() }
    }

    /// The answer to a call, if it is known.
    pub fn answer(&mut self, call: &FileCall) -> Option<Result<FileReply, WireError>> {
        match call {
            FileCall::Open { descriptor, path, flags: 0, .. } => {
                let Walked::Inode(lease, _) = self.find(path, true) else { return None };
                let inode = self.inode(lease)?;
                inode.content.as_ref()?;
                let Metadata { dev, ino, .. } = inode.metadata;
                self.open.insert(*descriptor, OpenFile::new(lease));
                Some(Ok(FileReply::Opened { dev, ino }))
            }
            FileCall::Fstat { descriptor } => {
                let inode = self.inode(self.open.get(descriptor)?.lease)?;
                Some(Ok(FileReply::Metadata(Box::new(inode.metadata.clone()))))
            }
            FileCall::Read { descriptor, position, length } => {
                let content = self.inode(self.open.get(descriptor)?.lease)?.content.clone()?;
                let file = self.open.get_mut(descriptor)?;
                Some(Ok(FileReply::Bytes(file.read_known(&content, *position, *length))))
            }
            FileCall::Close { descriptor } if !self.open.get(descriptor)?.is_waited_for() => {
                self.open.remove(descriptor).map(|_| Ok(FileReply::Done))
            }
            // What is there already is not made.
            FileCall::MakeDirectory { path, recursive: true, .. } => {
                let Walked::Inode(lease, _) = self.find(path, true) else { return None };
                let is_directory = self.inode(lease)?.metadata.mode & KIND_BITS == DIRECTORY;
                is_directory.then_some(Ok(FileReply::Done))
            }
            _ => self.answer_path(call),
        }
    }

    /// Reads an open file, ahead of what is asked for. Gives `done` back where it may not.
    pub fn read(
        &mut self,
        descriptor: Descriptor,
        position: Option<u64>,
        length: u32,
        done: Done,
    ) -> Result<Begun, Done> {
        let held: u64 = self.open.values().map(OpenFile::held).sum();
        let lease = self.open.get(&descriptor).map(|file| file.lease);
        let size = lease.and_then(|lease| self.inode(lease)).map(|inode| inode.metadata.size);
        let (Some(size), Some(file)) = (size, self.open.get_mut(&descriptor)) else { return Err(done) };
        let room = (self.contents.most as u64 / AHEAD).saturating_sub(held - file.held());
        Ok(file.read(position, length, size, room, done))
    }

    /// Takes a part of an open file that was asked for, and gives back whom to tell what. `None` where the file may
    /// not be told of any more.
    pub fn arrived(
        &mut self,
        descriptor: Descriptor,
        part: Part,
        data: Option<Vec<u8>>,
    ) -> Option<Vec<(Done, Vec<u8>)>> {
        let mut told = Vec::new();
        let Some(lease) = self.open.get(&descriptor).filter(|file| file.wants(part)).map(|file| file.lease)
        else {
            return Some(told);
        };
        self.inode(lease)?;
        self.open.get_mut(&descriptor)?.arrived(part, data?, &mut told).then_some(told)
    }

    /// What may be told of an inode.
    fn inode(&self, lease: LeaseId) -> Option<&Inode> {
        let is_written = |inode: &Inode| {
            !self.written.is_empty() && self.written.contains_key(&(inode.metadata.dev, inode.metadata.ino))
        };
        self.inodes.get(&lease).filter(|inode| !is_written(inode))
    }

    /// A write begins that the program takes to be done.
    pub fn begin_write(&mut self, file: FileId) {
        *self.written.entry(file).or_default() += 1;
    }

    /// It is done.
    pub fn end_write(&mut self, file: FileId) {
        if let hash_map::Entry::Occupied(mut writes) = self.written.entry(file) {
            *writes.get_mut() -= 1;
            if *writes.get() == 0 {
                writes.remove();
            }
        }
    }

    /// Forgets what is known of an open file, since the agent is asked from now on.
    pub fn let_go(&mut self, descriptor: Descriptor) -> Option<OpenFile> {
        self.open.remove(&descriptor)
    }

    fn answer_path(&self, call: &FileCall) -> Option<Result<FileReply, WireError>> {
        let (path, follow) = call.looks_at()?;
        let (lease, real) = match self.find(path, follow) {
            Walked::Inode(lease, real) => (lease, real),
            Walked::There if matches!(call, FileCall::Access { mode: 0, .. }) => {
                return Some(Ok(FileReply::Done));
            }
            Walked::There | Walked::Unknown => return None,
            Walked::NoEntry => return Some(Err(WireError::new("ENOENT"))),
            Walked::NotDirectory => return Some(Err(WireError::new("ENOTDIR"))),
        };
        let inode = self.inode(lease)?;
        let reply = match call {
            FileCall::Stat { .. } => FileReply::Metadata(Box::new(inode.metadata.clone())),
            // What is not permitted is said by the remote, which knows why.
            FileCall::Access { mode, .. } => {
                let permitted =
                    *mode == 0 || inode.rights.is_some_and(|rights| u32::from(rights) & mode == *mode);
                permitted.then_some(FileReply::Done)?
            }
            FileCall::ReadDirectory { .. } => {
                FileReply::Entries { entries: inode.listing.as_deref()?.clone(), more: false }
            }
            FileCall::RealPath { .. } => FileReply::Path(real),
            FileCall::ReadLink { .. } => FileReply::Path(inode.target.clone()?),
            FileCall::ReadFile { .. } => {
                let data = inode.content.as_deref()?.to_vec();
                FileReply::Content { size: data.len() as u64, data, more: false }
            }
            _ => return None,
        };
        Some(Ok(reply))
    }

    /// Takes in what was learned. `content` is the content that came with it.
    pub fn learn(&mut self, facts: Vec<Fact>, content: Option<&[u8]>) {
        for fact in facts {
            match fact {
                Fact::Root { path, lease } => {
                    let mut root: Vec<&[u8]> = Vec::new();
                    push(&mut root, &path);
                    let root: Vec<Vec<u8>> = root.into_iter().rev().map(<[u8]>::to_vec).collect();
                    self.roots.retain(|(known, _)| *known != root);
                    self.roots.push((root, lease));
                }
                Fact::Inode { lease, metadata, target } => {
                    let inode = self.inodes.entry(lease).or_default();
                    inode.metadata = *metadata;
                    inode.target = target.map(serde_bytes::ByteBuf::into_vec);
                }
                Fact::Rights { lease, mask } => {
                    if let Some(inode) = self.inodes.get_mut(&lease) {
                        inode.rights = Some(mask);
                    }
                }
                Fact::Name { directory, name, leads } => {
                    if let Some(inode) = self.inodes.get_mut(&directory) {
                        inode.names.insert(name.into(), leads.map_or(Leads::Nowhere, Leads::To));
                    }
                }
                Fact::Listing { directory, names } => {
                    let Some(inode) = self.inodes.get_mut(&directory) else { continue };
                    let mut listing = Vec::with_capacity(names.len());
                    for listed in names {
                        let leads = listed.leads.map_or(Leads::There(listed.kind), Leads::To);
                        inode.names.insert(listed.name.as_slice().into(), leads);
                        listing.push(Entry { name: listed.name, kind: listed.kind });
                    }
                    inode.listing = Some(Arc::new(listing));
                }
                Fact::Content { lease } => {
                    if let Some(content) = content {
                        self.keep(lease, content);
                    }
                }
                Fact::Opened { lease, descriptor } => {
                    self.open.insert(descriptor, OpenFile::new(lease));
                }
                Fact::Whole { lease, content } => self.keep(lease, &content),
            }
        }
    }

    fn keep(&mut self, lease: LeaseId, content: &[u8]) {
        let Some(inode) = self.inodes.get_mut(&lease) else { return };
        if content.len() > self.contents.most || inode.content.is_some() {
            return;
        }
        inode.content = Some(content.into());
        self.contents.bytes += content.len();
        self.contents.order.push_back(lease);
        while self.contents.bytes > self.contents.most {
            let Some(oldest) = self.contents.order.pop_front() else { return };
            if let Some(inode) = self.inodes.get_mut(&oldest) {
                self.contents.bytes -= inode.content.take().map_or(0, |content| content.len());
            }
        }
    }

    /// Forgets what was learned under leases that ended.
    pub fn end(&mut self, leases: &[LeaseId]) {
        for lease in leases {
            if let Some(inode) = self.inodes.remove(lease) {
                self.contents.bytes -= inode.content.map_or(0, |content| content.len());
            }
        }
        for file in self.open.values_mut().filter(|file| leases.contains(&file.lease)) {
            file.forget_pieces();
        }
        if self.contents.order.len() > 2 * self.inodes.len() + 64 {
            self.contents
                .order
                .retain(|lease| self.inodes.get(lease).is_some_and(|inode| inode.content.is_some()));
        }
    }
}
