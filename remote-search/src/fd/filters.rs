//! What an entry must be, besides having the right name.

use std::{
    fs::{self, Metadata},
    os::unix::fs::{FileTypeExt, MetadataExt},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jiff::{Span, Timestamp, Zoned, civil::DateTime, tz::TimeZone};
use rustix::fs::{Access, access};

use super::{Error, entry::Entry};

/// Of which type.
#[derive(Debug, Default)]
pub struct FileTypes {
    files: bool,
    directories: bool,
    symlinks: bool,
    block_devices: bool,
    char_devices: bool,
    sockets: bool,
    pipes: bool,
    executables_only: bool,
    empty_only: bool,
}

impl FileTypes {
    /// One more.
    pub fn add(&mut self, name: &str) -> Result<(), String> {
        match name {
            "f" | "file" => self.files = true,
            "d" | "dir" | "directory" => self.directories = true,
            "l" | "symlink" => self.symlinks = true,
            "b" | "block-device" => self.block_devices = true,
            "c" | "char-device" => self.char_devices = true,
            "s" | "socket" => self.sockets = true,
            "p" | "pipe" => self.pipes = true,
            "x" | "executable" => {
                self.executables_only = true;
                self.files = true;
            }
            "e" | "empty" => self.empty_only = true,
            other => return Err(format!("'{other}' is no file type")),
        }
        Ok(())
    }

    /// Whether an entry is of one of these types.
    pub fn take(&self, entry: &Entry) -> bool {
        let Some(kind) = entry.file_type() else { return false };
        // Empty things of any sort, if none is named.
        let any = self.empty_only && !self.files && !self.directories;
        let wanted = if kind.is_file() {
            self.files || any
        } else if kind.is_dir() {
            self.directories || any
        } else if kind.is_symlink() {
            self.symlinks
        } else if kind.is_block_device() {
            self.block_devices
        } else if kind.is_char_device() {
            self.char_devices
        } else if kind.is_socket() {
            self.sockets
        } else {
            kind.is_fifo() && self.pipes
        };
        wanted
            && (!self.executables_only || access(entry.path(), Access::EXEC_OK).is_ok())
            && (!self.empty_only || is_empty(entry))
    }
}

fn is_empty(entry: &Entry) -> bool {
    match entry.file_type() {
        Some(kind) if kind.is_dir() => {
            fs::read_dir(entry.path()).is_ok_and(|mut entries| entries.next().is_none())
        }
        Some(kind) if kind.is_file() => entry.metadata().is_some_and(|metadata| metadata.len() == 0),
        _ => false,
    }
}

/// Of which size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// As large or larger.
    Least(u64),
    /// As large or smaller.
    Most(u64),
    /// As large.
    Exactly(u64),
}

impl Size {
    /// Reads `+1k`, `-2MiB`, `3b`.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).ok_or_else(|| format!("'{text}' is not a valid size constraint. See 'fd --help'."))
    }

    fn read(text: &str) -> Option<Self> {
        let (kind, rest): (fn(u64) -> Self, _) = match text.as_bytes().first()? {
            b'+' => (Self::Least, &text[1..]),
            b'-' => (Self::Most, &text[1..]),
            _ => (Self::Exactly, text),
        };
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = rest.split_at(digits);
        let unit = unit.to_ascii_lowercase();
        let scale: u64 = match unit.trim_end_matches('b') {
            _ if unit.ends_with("bb") => return None,
            "" => 1,
            "k" => 1000,
            "m" => 1_000_000,
            "g" => 1_000_000_000,
            "t" => 1_000_000_000_000,
            "ki" => 1 << 10,
            "mi" => 1 << 20,
            "gi" => 1 << 30,
            "ti" => 1 << 40,
            _ => return None,
        };
        Some(kind(number.parse::<u64>().ok()?.checked_mul(scale)?))
    }

    /// Whether a size fits.
    pub fn takes(self, size: u64) -> bool {
        match self {
            Self::Least(limit) => size >= limit,
            Self::Most(limit) => size <= limit,
            Self::Exactly(limit) => size == limit,
        }
    }
}

/// Changed when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// Before.
    Before(SystemTime),
    /// After.
    After(SystemTime),
}

impl Time {
    /// Changed before a moment, or longer ago than a time.
    pub fn before(text: &str) -> Result<Self, Error> {
        moment(text).map(Self::Before)
    }

    /// Changed after a moment, or not longer ago than a time.
    pub fn after(text: &str) -> Result<Self, Error> {
        moment(text).map(Self::After)
    }

    /// Whether a moment fits.
    pub fn takes(self, time: SystemTime) -> bool {
        match self {
            Self::Before(limit) => time < limit,
            Self::After(limit) => time > limit,
        }
    }
}

fn moment(text: &str) -> Result<SystemTime, Error> {
    read_moment(text).ok_or_else(|| Error::Time(text.to_owned()))
}

fn read_moment(text: &str) -> Option<SystemTime> {
    if let Ok(span) = text.parse::<Span>() {
        Some(Zoned::now().checked_sub(span).ok()?.into())
    } else if let Ok(timestamp) = text.parse::<Timestamp>() {
        Some(timestamp.into())
    } else if let Ok(local) = text.parse::<DateTime>() {
        Some(TimeZone::system().to_ambiguous_zoned(local).later().ok()?.into())
    } else {
        UNIX_EPOCH.checked_add(Duration::from_secs(text.strip_prefix('@')?.parse().ok()?))
    }
}

/// Of which owner. Names are not looked up: a static program cannot ask the system for them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Owner {
    user: Option<(u32, bool)>,
    group: Option<(u32, bool)>,
}

impl Owner {
    /// Reads `[!]uid`, `[!]uid:[!]gid`, `:[!]gid`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (user, group) = text.split_once(':').unwrap_or((text, ""));
        Ok(Self { user: Self::part(user)?, group: Self::part(group)? })
    }

    fn part(text: &str) -> Result<Option<(u32, bool)>, String> {
        let (wanted, number) = text.strip_prefix('!').map_or((true, text), |number| (false, number));
        if number.is_empty() {
            return Ok(None);
        }
        let id =
            number.parse().map_err(|_| format!("this build of fd takes numbers, and '{number}' is none"))?;
        Ok(Some((id, wanted)))
    }

    /// Whether an owner fits.
    pub fn takes(&self, metadata: &Metadata) -> bool {
        let fits = |part: Option<(u32, bool)>, id| part.is_none_or(|(wanted, equal)| (wanted == id) == equal);
        fits(self.user, metadata.uid()) && fits(self.group, metadata.gid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_sign_and_a_unit() {
        for (text, size) in [
            ("+1k", Size::Least(1000)),
            ("-1KiB", Size::Most(1024)),
            ("2b", Size::Exactly(2)),
            ("3Mb", Size::Exactly(3_000_000)),
            ("+1ti", Size::Least(1 << 40)),
        ] {
            assert_eq!(Size::read(text), Some(size), "{text}");
        }
        for text in ["", "+", "9999", "+g", "+18", "$10M", "+50a", "+1Mv", "+1bib", "+1bb", "99999999999999t"]
        {
            assert_eq!(Size::read(text), None, "{text}");
        }
    }

    #[test]
    fn moments_are_dates_or_times_ago() {
        assert_eq!(read_moment("@5"), Some(UNIX_EPOCH + Duration::from_secs(5)));
        assert_eq!(read_moment("1970-01-01T00:00:10Z"), Some(UNIX_EPOCH + Duration::from_secs(10)));
        assert!(read_moment("2h").unwrap() < SystemTime::now() - Duration::from_secs(7000));
        assert!(read_moment("2 weeks").is_some() && read_moment("2024-01-02").is_some());
        assert_eq!(read_moment("yesterday"), None);
        assert_eq!(read_moment(&format!("@{}", u64::MAX)), None);
    }

    #[test]
    fn owners_are_numbers() {
        assert!(Owner::parse("root").is_err());
        let own = fs::metadata("/proc/self").unwrap();
        let (uid, gid) = (own.uid(), own.gid());
        assert!(Owner::parse(&format!("{uid}:{gid}")).unwrap().takes(&own));
        assert!(!Owner::parse(&format!("!{uid}")).unwrap().takes(&own));
        assert!(Owner::parse(&format!(":{gid}")).unwrap().takes(&own));
    }
}
