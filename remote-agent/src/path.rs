//! A path as it came over the wire, split into components. Lexical only: nothing here looks at the disk.

use rustix::io::{Errno, Result};

/// Linux's PATH_MAX: a longer path is ENAMETOOLONG, its closing NUL counted.
const PATH_MAX: usize = 4096;

/// What follows the last component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Nothing.
    Plain,
    /// A slash: the path names a directory.
    Slash,
    /// `/.`: the path names a directory, and calls that act on a name refuse it.
    Dot,
}

impl Ending {
    /// How a path or link target ends.
    pub fn of(path: &[u8]) -> Self {
        match path {
            [.., b'/', b'.'] | b"." => Self::Dot,
            [.., b'/'] => Self::Slash,
            _ => Self::Plain,
        }
    }
}

/// An absolute path: its components without empty ones and `.`; `..` is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WirePath<'a> {
    /// The components.
    pub components: Vec<&'a [u8]>,
    /// What follows them.
    pub ending: Ending,
}

impl<'a> WirePath<'a> {
    /// Splits a path. ENOENT if empty, EINVAL with a NUL, ENAMETOOLONG as the kernel counts, EACCES if not absolute.
    pub fn parse(path: &'a [u8]) -> Result<Self> {
        if path.is_empty() {
            return Err(Errno::NOENT);
        }
        if path.contains(&0) {
            return Err(Errno::INVAL);
        }
        if path.len() >= PATH_MAX {
            return Err(Errno::NAMETOOLONG);
        }
        if path[0] != b'/' {
            return Err(Errno::ACCESS);
        }
        Ok(Self { components: components(path).collect(), ending: Ending::of(path) })
    }
}

/// The components of a path or link target, without empty ones and `.`.
pub fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|component| !matches!(*component, b"" | b"."))
}

/// The last component, or the whole path where it has none.
pub fn basename(path: &[u8]) -> &[u8] {
    components(path).last().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_split() {
        let path = WirePath::parse(b"//a/./b/../c/").unwrap();
        assert_eq!(path.components, [&b"a"[..], b"b", b"..", b"c"]);
        assert_eq!(path.ending, Ending::Slash);
        assert_eq!(WirePath::parse(b"/a/.").unwrap().ending, Ending::Dot);
        assert_eq!(WirePath::parse(b"/a/..").unwrap().ending, Ending::Plain);
        assert_eq!(WirePath::parse(b"/").unwrap().components, Vec::<&[u8]>::new());
    }

    #[test]
    fn what_is_no_path_is_refused() {
        assert_eq!(WirePath::parse(b""), Err(Errno::NOENT));
        assert_eq!(WirePath::parse(b"a"), Err(Errno::ACCESS));
        assert_eq!(WirePath::parse(b"/a\0b"), Err(Errno::INVAL));
        assert_eq!(WirePath::parse(&[b'/'; 4096]), Err(Errno::NAMETOOLONG));
        assert!(WirePath::parse(&[b'/'; 4095]).is_ok());
    }
}
