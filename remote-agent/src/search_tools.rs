//! `rg` and `fd` for the processes of a remote that lacks them: a program that this one carries, unpacked beside it when
//! the first such process starts, under both names in a directory that is the last of its PATH. So a tool of the remote's
//! own is found first, and what a shell starts finds them too.

use std::{
    collections::BTreeMap,
    env,
    ffi::{OsStr, OsString},
    fs::{self, DirBuilder, OpenOptions},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, OpenOptionsExt, symlink},
    },
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::{Mutex, OnceLock, PoisonError},
};

use flate2::read::GzDecoder;
use rustix::fs::{Access, access};
use serde_bytes::ByteBuf;

use crate::children::Children;

/// The program, packed. Empty where the agent was built without it.
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/search-program.gz"));

/// The program's own name in its directory.
const PROGRAM: &str = "pii-search";

/// The names by which it is found.
const NAMES: [&str; 2] = ["rg", "fd"];

/// A flag that programs give fd, as pi does, and that those of older systems do not have.
const NEWER_FLAG: &[u8] = b"--no-require-git";

/// The program to start in the place of `file`, where that is an fd of the remote's own that lacks a flag it is given.
/// Blocks while that is asked, once.
pub fn instead_of(
    children: &Children,
    file: &[u8],
    args: &[ByteBuf],
    environment: &BTreeMap<OsString, OsString>,
) -> Option<PathBuf> {
    static KNOWING: Mutex<BTreeMap<PathBuf, bool>> = Mutex::new(BTreeMap::new());
    let asks = file == b"fd" && args.iter().any(|word| word.as_slice() == NEWER_FLAG);
    if !asks || PACKED.is_empty() {
        return None;
    }
    let fd = find(environment.get(OsStr::new("PATH"))?, "fd")?;
    let mut knowing = KNOWING.lock().unwrap_or_else(PoisonError::into_inner);
    let knows = *knowing.entry(fd).or_insert_with_key(|fd| {
        let mut asked = Command::new(fd);
        asked.arg(OsStr::from_bytes(NEWER_FLAG)).arg("--version");
        asked.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let ended = children.start(&mut asked).map(|(_, _, ended)| ended.blocking_recv());
        // One that cannot be started says so itself.
        !matches!(ended, Ok(Ok(status)) if status.exit_status() != Some(0))
    });
    let directory = if knows { None } else { directory() };
    directory.map(|directory| directory.join("fd"))
}

/// Adds the tools to the PATH of a process, unless it finds all of them already.
pub fn complete(environment: &mut BTreeMap<OsString, OsString>) {
    let Some(path) = environment.get_mut(OsStr::new("PATH")) else { return };
    if PACKED.is_empty() || NAMES.iter().all(|name| find(path, name).is_some()) {
        return;
    }
    if let Some(directory) = directory() {
        path.push(":");
        path.push(directory);
    }
}

/// The directory of the tools. Where nothing can be written the remote stays without them, as it is without us.
fn directory() -> Option<&'static Path> {
    static DIRECTORY: OnceLock<Option<PathBuf>> = OnceLock::new();
    DIRECTORY.get_or_init(|| unpack().ok()).as_deref()
}

/// The command of this name in a PATH. What that gives relative to the process's directory is not looked at.
fn find(path: &OsStr, name: &str) -> Option<PathBuf> {
    let files = env::split_paths(path).filter(|directory| directory.is_absolute());
    files
        .map(|directory| directory.join(name))
        .find(|file| file.is_file() && access(file, Access::EXEC_OK).is_ok())
}

/// Unpacks the program, named after the agent's own file as that is after its content.
fn unpack() -> io::Result<PathBuf> {
    let mut directory = env::current_exe()?.into_os_string();
    directory.push(".commands");
    let directory = PathBuf::from(directory);
    match DirBuilder::new().mode(0o700).create(&directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // Other agents may be at it, so everything comes into place by renaming.
    let new = directory.join(format!(".new.{}", process::id()));
    let place = |name: &str| fs::rename(&new, directory.join(name));
    if !directory.join(PROGRAM).exists() {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o700).open(&new)?;
        io::copy(&mut GzDecoder::new(PACKED), &mut file)?;
        drop(file);
        place(PROGRAM)?;
    }
    for name in NAMES {
        if fs::read_link(directory.join(name)).ok().as_deref() != Some(Path::new(PROGRAM)) {
            symlink(PROGRAM, &new)?;
            place(name)?;
        }
    }
    Ok(directory)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_command_is_a_file_that_can_be_executed() {
        let scratch = tempfile::tempdir().unwrap();
        let (first, second) = (scratch.path().join("first"), scratch.path().join("second"));
        fs::create_dir_all(first.join("fd")).unwrap();
        fs::create_dir_all(&second).unwrap();
        fs::write(first.join("rg"), "").unwrap();
        assert!(NAMES.iter().all(|name| find(first.as_os_str(), name).is_none()));
        for name in NAMES {
            fs::write(second.join(name), "").unwrap();
            fs::set_permissions(second.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let path = env::join_paths([Path::new("relative"), &first, &second]).unwrap();
        assert!(NAMES.iter().all(|name| find(&path, name) == Some(second.join(name))));
    }
}
