//! Walking a path from its root through what is known, links included. So whatever a change ends, be it a directory far
//! above, is on the walk of every path it concerns, and nothing has to be looked for.

use wire_protocol::{files::EntryKind, leases::LeaseId};

use super::{DIRECTORY, KIND_BITS, Leads, Mirror};

/// Links followed before the remote is asked, which knows the limit of its kernel.
const MAX_LINKS: usize = 40;
/// Longest name, and longest path, of Linux: what is longer is refused by the remote in its own way.
const NAME_MAX: usize = 255;
const PATH_MAX: usize = 4095;

/// What a walk came to.
pub enum Walked {
    Inode(LeaseId, Vec<u8>),
    /// To something of which no more is known.
    There,
    NoEntry,
    NotDirectory,
    Unknown,
}

impl Mirror {
    /// Where a path leads, and whether a link at its end is followed.
    pub(super) fn find(&self, path: &[u8], follow: bool) -> Walked {
        if path.first() != Some(&b'/') || path.len() > PATH_MAX || path.contains(&0) {
            return Walked::Unknown;
        }
        let must_be_directory = path.ends_with(b"/") || path.ends_with(b"/.");
        let mut pending: Vec<&[u8]> = Vec::new();
        push(&mut pending, path);
        let Some(mut walk) = self.start(&mut pending) else { return Walked::Unknown };
        let mut links = 0;
        while let Some(name) = pending.pop() {
            let Some(directory) = walk.last().and_then(|(_, lease)| self.inodes.get(lease)) else {
                return Walked::Unknown;
            };
            if directory.metadata.mode & KIND_BITS != DIRECTORY {
                return Walked::NotDirectory;
            }
            if name == b".." {
                walk.pop();
                if walk.is_empty() {
                    return Walked::Unknown;
                }
                continue;
            }
            if name.len() > NAME_MAX {
                return Walked::Unknown;
            }
            let last = pending.is_empty();
            let lease = match directory.names.get(name) {
                Some(Leads::To(lease)) => *lease,
                Some(Leads::Nowhere) => return Walked::NoEntry,
                None if directory.listing.is_some() => return Walked::NoEntry,
                Some(Leads::There(kind)) if last && !must_be_directory => {
                    let may_lead_on = matches!(kind, EntryKind::Link | EntryKind::Unknown);
                    return if may_lead_on && follow { Walked::Unknown } else { Walked::There };
                }
                Some(Leads::There(_)) | None => return Walked::Unknown,
            };
            let Some(inode) = self.inodes.get(&lease) else { return Walked::Unknown };
            let Some(target) = inode.target.as_deref().filter(|_| !last || follow || must_be_directory)
            else {
                walk.push((name.to_vec(), lease));
                continue;
            };
            links += 1;
            if links > MAX_LINKS || target.is_empty() || target.ends_with(b"/") || target.ends_with(b"/.") {
                return Walked::Unknown;
            }
            push(&mut pending, target);
            if target[0] == b'/' {
                match self.start(&mut pending) {
                    Some(start) => walk = start,
                    None => return Walked::Unknown,
                }
            }
        }
        let Some((_, lease)) = walk.last() else { return Walked::Unknown };
        let Some(inode) = self.inodes.get(lease) else { return Walked::Unknown };
        if must_be_directory && inode.metadata.mode & KIND_BITS != DIRECTORY {
            return Walked::NotDirectory;
        }
        let real = walk.iter().flat_map(|(name, _)| [&b"/"[..], name]).collect::<Vec<_>>().concat();
        Walked::Inode(*lease, real)
    }

    /// The root that the pending components begin with (the longest one), which are taken off.
    fn start(&self, pending: &mut Vec<&[u8]>) -> Option<Vec<(Vec<u8>, LeaseId)>> {
        let begins = |root: &[Vec<u8>]| {
            root.len() <= pending.len() && root.iter().zip(pending.iter().rev()).all(|(a, b)| a == b)
        };
        let roots = self.roots.iter().filter(|(root, _)| begins(root));
        let (root, lease) = roots.max_by_key(|(root, _)| root.len())?;
        pending.truncate(pending.len() - root.len());
        Some(vec![(root.join(&b'/'), *lease)])
    }
}

/// Puts a path's components before those to come, the next one last.
pub fn push<'a>(pending: &mut Vec<&'a [u8]>, path: &'a [u8]) {
    let components = path.split(|byte| *byte == b'/').filter(|component| !matches!(*component, b"" | b"."));
    pending.extend(components.rev());
}
