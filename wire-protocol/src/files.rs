//! Files: one variant per operation. Paths are absolute and are bytes, for names need not be UTF-8.

use serde::{Deserialize, Serialize};

/// Number of an open file, chosen by the program's side, so that an open and the calls after it need not wait.
pub type Descriptor = u32;

/// Largest body of one frame; longer files travel in several. Keeps each side's memory small.
pub const CHUNK: u32 = 1024 * 1024;

/// Flags of [`FileCall::Open`], with Linux's values.
pub mod open_flags {
    /// Write only.
    pub const WRONLY: u32 = 0o1;
    /// Read and write.
    pub const RDWR: u32 = 0o2;
    /// Create if missing.
    pub const CREAT: u32 = 0o100;
    /// Fail if it exists.
    pub const EXCL: u32 = 0o200;
    /// Empty it.
    pub const TRUNC: u32 = 0o1000;
    /// Write at the end.
    pub const APPEND: u32 = 0o2000;
    /// Do not wait for the other end of a pipe or device.
    pub const NONBLOCK: u32 = 0o4000;
    /// Synchronous data.
    pub const DSYNC: u32 = 0o10000;
    /// Must be a directory.
    pub const DIRECTORY: u32 = 0o200000;
    /// Do not follow a link in the last place.
    pub const NOFOLLOW: u32 = 0o400000;
    /// Do not touch the access time.
    pub const NOATIME: u32 = 0o1000000;
    /// Synchronous data and metadata.
    pub const SYNC: u32 = 0o4010000;
}

/// A point in time, seconds and nanoseconds since 1970; seconds may be negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Time {
    /// Whole seconds.
    pub seconds: i64,
    /// Nanoseconds past them, below 1e9.
    pub nanoseconds: u32,
}

/// What can be asked about files.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of the system call the variant is named after")]
pub enum FileCall {
    /// Open a file and keep it under `descriptor`. `flags` are [`open_flags`].
    Open {
        descriptor: Descriptor,
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
        flags: u32,
        mode: u32,
    },
    /// Close an open file.
    Close { descriptor: Descriptor },
    /// Keep the open file `of` under `descriptor`, too: the two share its offset.
    Duplicate { descriptor: Descriptor, of: Descriptor },
    /// Read at `position`, or at the file's own offset. At most [`CHUNK`] bytes.
    Read { descriptor: Descriptor, position: Option<u64>, length: u32 },
    /// Write at `position`, or at the file's own offset. Of several that have one `series`, other than 0, none is done
    /// once one was not done in full.
    Write {
        descriptor: Descriptor,
        position: Option<u64>,
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
        series: u32,
    },
    /// Set an open file's own offset.
    Seek { descriptor: Descriptor, offset: u64 },
    /// Metadata of an open file.
    Fstat { descriptor: Descriptor },
    /// Set the length of an open file.
    Ftruncate { descriptor: Descriptor, length: u64 },
    /// Flush an open file to disk; `data_only` is fdatasync.
    Fsync { descriptor: Descriptor, data_only: bool },
    /// Set the times of an open file.
    Futimes { descriptor: Descriptor, accessed: Time, modified: Time },
    /// Set the mode of an open file.
    Fchmod { descriptor: Descriptor, mode: u32 },
    /// Set the owner of an open file.
    Fchown { descriptor: Descriptor, uid: u32, gid: u32 },

    /// Metadata of a path; `follow` is stat, else lstat.
    Stat {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
        follow: bool,
    },
    /// Facts about the file system a path lies on.
    StatFs {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
    },
    /// May the path be accessed? `mode` is a mask of 4 read, 2 write, 1 execute; 0 asks for existence.
    Access {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
        mode: u32,
    },
    /// The first entries of a directory, in the disk's order. A longer one stays open under `descriptor` for the rest.
    ReadDirectory {
        descriptor: Descriptor,
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
    },
    /// The next entries of a directory that is open.
    ReadEntries { descriptor: Descriptor },
    /// The target of a link.
    ReadLink {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
    },
    /// The path with every link resolved.
    RealPath {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
    },
    /// Make a directory; `recursive` also its parents, answering the first one made.
    MakeDirectory {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
        mode: u32,
        recursive: bool,
    },
    /// Make a directory named `prefix` and six random characters; answers its path.
    MakeTemporary {
        #[serde(with = "serde_bytes")]
        prefix: Vec<u8>,
        mode: u32,
    },
    /// Bring a file of the laptop's beneath one of the directories that [`crate::Hello`] names, read-only; `more` adds to it.
    /// Answers where the directory is.
    Carry {
        #[serde(with = "serde_bytes")]
        directory: Vec<u8>,
        #[serde(with = "serde_bytes")]
        name: Vec<u8>,
        executable: bool,
        more: bool,
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
    },
    /// Remove a tree, not following links; a missing path is ENOENT.
    RemoveTree {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
    },
    /// Remove an empty directory.
    RemoveDirectory {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
    },
    /// Remove a file or link.
    Unlink {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
    },
    /// Rename, replacing what is there.
    Rename {
        #[serde(with = "serde_bytes")]
        from: Vec<u8>,
        #[serde(with = "serde_bytes")]
        to: Vec<u8>,
    },
    /// Make a hard link.
    Link {
        #[serde(with = "serde_bytes")]
        from: Vec<u8>,
        #[serde(with = "serde_bytes")]
        to: Vec<u8>,
    },
    /// Make a symbolic link at `path` that says `target`.
    Symlink {
        #[serde(with = "serde_bytes")]
        target: Vec<u8>,
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
    },
    /// Set the mode of a path, following links.
    Chmod {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
        mode: u32,
    },
    /// Set the owner of a path; `follow` is chown, else lchown.
    Chown {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
        uid: u32,
        gid: u32,
        follow: bool,
    },
    /// Set the times of a path; `follow` is utimes, else lutimes.
    Utimes {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
        accessed: Time,
        modified: Time,
        follow: bool,
    },
    /// Set the length of a file.
    Truncate {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
        length: u64,
    },
    /// Copy a file's content and mode; `exclusive` fails where `to` exists.
    CopyFile {
        #[serde(with = "serde_bytes")]
        from: Vec<u8>,
        #[serde(with = "serde_bytes")]
        to: Vec<u8>,
        exclusive: bool,
    },
    /// Open with `flags`, read up to [`CHUNK`] bytes. A longer file stays open under `descriptor` for the rest.
    ReadFile {
        descriptor: Descriptor,
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
        flags: u32,
    },
    /// Open with `flags` and `mode`, write all of `data`, flush if asked, close. For bodies up to [`CHUNK`].
    WriteFile {
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
        flags: u32,
        mode: u32,
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
        flush: bool,
    },
}

/// What the agent answers about files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FileReply {
    /// Done, nothing to say.
    Done,
    /// A file was opened: this one.
    Opened {
        /// Number of its disk.
        dev: u64,
        /// Its inode there.
        ino: u64,
    },
    /// Bytes read; empty at the end of the file.
    Bytes(#[serde(with = "serde_bytes")] Vec<u8>),
    /// Number of bytes written.
    Written(u32),
    /// Metadata.
    Metadata(Box<Metadata>),
    /// Facts about a file system.
    FileSystem(Box<FileSystem>),
    /// Entries of a directory, about a [`CHUNK`] at most; with `more`, the descriptor of the call is open and stands
    /// behind them.
    Entries {
        /// The entries.
        entries: Vec<Entry>,
        /// Whether more may follow.
        more: bool,
    },
    /// A path or a link's target.
    Path(#[serde(with = "serde_bytes")] Vec<u8>),
    /// A file's content from its start; with `more`, the descriptor of the call is open and stands behind it.
    Content {
        /// The bytes.
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
        /// Whether more follows.
        more: bool,
        /// Size of the file when it was opened, to size a buffer by; a hint only.
        size: u64,
    },
}

/// What `stat` tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of struct stat")]
pub struct Metadata {
    pub dev: u64,
    pub mode: u32,
    pub nlink: u64,
    pub uid: u32,
    pub gid: u32,
    pub rdev: u64,
    pub blksize: u64,
    pub ino: u64,
    pub size: u64,
    pub blocks: u64,
    pub accessed: Time,
    pub modified: Time,
    pub changed: Time,
    pub born: Time,
}

/// What `statfs` tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of struct statfs")]
pub struct FileSystem {
    pub kind: u64,
    pub bsize: u64,
    pub frsize: u64,
    pub blocks: u64,
    pub bfree: u64,
    pub bavail: u64,
    pub files: u64,
    pub ffree: u64,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    #[serde(with = "serde_bytes")]
    pub name: Vec<u8>,
    /// What it is.
    pub kind: EntryKind,
}

/// What a directory entry is, in the order of libuv's `UV_DIRENT_*` numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum EntryKind {
    Unknown,
    File,
    Directory,
    Link,
    Fifo,
    Socket,
    CharacterDevice,
    BlockDevice,
}
