//! The project on the remote.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{command, error::Error};

const FILES: [(&str, &str); 3] = [
    ("README.md", "# hello\n\nGreets whoever is named. `sh test.sh` tests it.\n"),
    ("hello.sh", "#!/bin/sh\necho \"Hello, ${1:-world}\"\n"),
    (
        "test.sh",
        "#!/bin/sh\nset -e\nfound=$(sh hello.sh moon)\nif [ \"$found\" = 'Hello, moon!' ]; then\n  echo 'test passed'\nelse\n  echo \"test failed: $found\"\n  exit 1\nfi\n",
    ),
];

/// Makes a git project with one fault in it.
pub fn create(remote: &Path) -> Result<PathBuf, Error> {
    // The remote shows the path with links resolved, so the demo speaks of that one.
    let remote = fs::canonicalize(remote).map_err(Error::at(remote))?;
    let project = remote.join("hello");
    fs::create_dir(&project).map_err(Error::at(&project))?;
    for (name, text) in FILES {
        fs::write(project.join(name), text).map_err(Error::at(project.join(name)))?;
    }
    git(&project, &["init", "--quiet", "--initial-branch=main"])?;
    git(&project, &["add", "."])?;
    git(
        &project,
        &["-c", "user.name=demo", "-c", "user.email=demo@localhost", "commit", "--quiet", "-m", "Greet"],
    )?;
    Ok(project)
}

/// Prints what is different now.
pub fn show_changes(project: &Path) -> Result<(), Error> {
    git(project, &["add", "--intent-to-add", "."])?;
    let diff = git(project, &["diff"])?;
    println!("What changed on the remote:\n\n{diff}");
    if diff.contains("+echo \"Hello, ${1:-world}!\"") && diff.contains("CHANGELOG.md") {
        Ok(())
    } else {
        Err(Error::Demo("the changes did not reach the remote".into()))
    }
}

fn git(project: &Path, arguments: &[&str]) -> Result<String, Error> {
    command::output(Command::new("git").args(arguments).current_dir(project))
}
