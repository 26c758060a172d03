//! What is watched by looking at it again and again, since the kernel has no more watches to give (ENOSPC).

use std::{
    collections::HashMap,
    os::fd::{AsFd, OwnedFd},
};

use rustix::{
    fs::{AtFlags, Mode, StatxFlags},
    io::{Errno, Result},
};
use wire_protocol::watch::WatchEvent;

use crate::{tree, watched::Interest};

/// What tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Facts {
    inode: u64,
    mode: u16,
    size: u64,
    modified: (i64, u32),
    changed: (i64, u32),
}

/// What was seen at a place: a file itself, or a directory's entries.
#[derive(Debug)]
enum Look {
    File(Facts),
    Directory(HashMap<Vec<u8>, Facts>),
}

#[derive(Debug)]
struct Place {
    interest: Interest,
    file: OwnedFd,
    last: Look,
}

/// All places that are looked at.
#[derive(Debug, Default)]
pub struct Polled {
    places: Vec<Place>,
}

/// What a place has to report, by names in it; the empty name is the place's own.
pub type News = Vec<(Interest, WatchEvent)>;

impl Polled {
    /// Whether nothing is looked at.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Looks at a place from now on.
    pub fn add(&mut self, interest: Interest, place: &OwnedFd) -> Result<()> {
        let file = rustix::io::fcntl_dupfd_cloexec(place, 0)?;
        let last = look(&file)?;
        self.places.push(Place { interest, file, last });
        Ok(())
    }

    /// Drops places.
    pub fn drop_interests(&mut self, drop: impl Fn(&Interest) -> bool) {
        self.places.retain(|place| !drop(&place.interest));
    }

    /// Looks at every place again. One that is gone reports so and is dropped.
    pub fn look(&mut self) -> News {
        let mut news = News::new();
        self.places.retain_mut(|place| {
            let Ok(now) = look(&place.file) else {
                news.push((place.interest.clone(), WatchEvent::Rename { name: Vec::new() }));
                return false;
            };
            let before = std::mem::replace(&mut place.last, now);
            let told = differences(&before, &place.last).into_iter();
            news.extend(told.map(|event| (place.interest.clone(), event)));
            true
        });
        news
    }
}

/// What a place is now. ENOENT once it is gone.
fn look(place: &OwnedFd) -> Result<Look> {
    let wanted = StatxFlags::BASIC_STATS;
    let own = rustix::fs::statx(place, "", AtFlags::EMPTY_PATH, wanted)?;
    if own.stx_nlink == 0 {
        return Err(Errno::NOENT);
    }
    let directory = match rustix::fs::openat(place, ".", tree::ENTER, Mode::empty()) {
        Ok(directory) => directory,
        Err(Errno::NOTDIR) => return Ok(Look::File(facts(&own))),
        // Nothing can be seen in it, now.
        Err(Errno::ACCESS) => return Ok(Look::Directory(HashMap::new())),
        Err(errno) => return Err(errno),
    };
    let mut found = HashMap::new();
    for entry in tree::entries(rustix::io::fcntl_dupfd_cloexec(&directory, 0)?)? {
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        // One that went away meanwhile is not there.
        if let Ok(of) = rustix::fs::statx(directory.as_fd(), entry.name.as_slice(), flags, wanted) {
            found.insert(entry.name, facts(&of));
        }
    }
    Ok(Look::Directory(found))
}

fn facts(of: &rustix::fs::Statx) -> Facts {
    let time = |stamp: rustix::fs::StatxTimestamp| (stamp.tv_sec, stamp.tv_nsec);
    Facts {
        inode: of.stx_ino,
        mode: of.stx_mode,
        size: of.stx_size,
        modified: time(of.stx_mtime),
        changed: time(of.stx_ctime),
    }
}

fn differences(before: &Look, now: &Look) -> Vec<WatchEvent> {
    let rename = |name: &Vec<u8>| WatchEvent::Rename { name: name.clone() };
    let change = |name: &Vec<u8>| WatchEvent::Change { name: name.clone() };
    match (before, now) {
        (Look::File(before), Look::File(now)) if before == now => Vec::new(),
        (Look::File(_), Look::File(_)) => vec![change(&Vec::new())],
        (Look::Directory(before), Look::Directory(now)) => {
            let gone = before.keys().filter(|name| !now.contains_key(*name)).map(rename);
            let there = now.iter().filter_map(|(name, facts)| match before.get(name) {
                Some(old) if old == facts => None,
                Some(old) if old.inode == facts.inode => Some(change(name)),
                _ => Some(rename(name)),
            });
            gone.chain(there).collect()
        }
        _ => vec![rename(&Vec::new())],
    }
}
