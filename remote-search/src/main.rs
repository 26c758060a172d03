//! The program `pii-search`: `rg` or `fd`, by the name of the link that it is started by.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, Write},
    os::unix::{ffi::OsStrExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use remote_search::Tool;
use rustix::{
    fs::{Access, access},
    param::linux_execfn,
};

fn main() -> ExitCode {
    // argv[0] is the caller's to choose.
    let file = Path::new(OsStr::from_bytes(linux_execfn().to_bytes()));
    let Some(tool) = file.file_name().and_then(Tool::named) else {
        // If nobody listens, nobody needs it.
        let _ = writeln!(io::stderr(), "pii-search: start it by a link named rg or fd");
        return ExitCode::from(2);
    };
    let words: Vec<_> = env::args_os().skip(1).collect();
    if tool == Tool::Fd
        && let Some(own) = fd_of_debian()
        && knows_flags(&own, &words)
    {
        let error = Command::new(&own).arg0(tool.name()).args(words).exec();
        let _ = writeln!(io::stderr(), "fd: {}: {error}", own.display());
        return ExitCode::FAILURE;
    }
    ExitCode::from(tool.run(words))
}

/// A flag that programs give fd, as pi does, and that those of older systems do not have.
const NEWER_FLAG: &str = "--no-require-git";

/// Whether an fd has the newer flags among these words.
fn knows_flags(fd: &Path, words: &[OsString]) -> bool {
    if !words.iter().any(|word| word == NEWER_FLAG) {
        return true;
    }
    let mut asked = Command::new(fd);
    asked.args([NEWER_FLAG, "--version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

/// The fd of a Debian, which has another name there.
fn fd_of_debian() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let mut files = env::split_paths(&path).map(|directory| directory.join("fdfind"));
    files.find(|file| file.is_file() && access(file, Access::EXEC_OK).is_ok())
}
