//! The git repository that a directory lies in: who works in a part of it needs all of it, and where its worktrees keep
//! what they share.
//!
//! The project is not trusted. A file `.git` may name any directory as the repository's, so one counts only if it names
//! the project in its turn, which only its owner can have written.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Longest file of git's that is read.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// The directories of the repository around `root` that do not lie in it, the nearest first: its top level and the one its
/// worktrees share. None of them is `home` or above it.
pub fn around(root: &Path, home: &Path) -> Vec<PathBuf> {
    let Some(top) = root.ancestors().find(|directory| is_ours(&directory.join(".git"))) else {
        return Vec::new();
    };
    let shared = shared(top).filter(|shared| !shared.starts_with(top));
    let found = [Some(top.to_owned()), shared];
    found.into_iter().flatten().filter(|path| !path.starts_with(root) && !home.starts_with(path)).collect()
}

/// Whether this is there and belongs to the agent's user, as git itself wants it.
fn is_ours(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.uid() == rustix::process::geteuid().as_raw())
}

/// What a worktree or submodule shares with others, where its `.git` is a file.
fn shared(top: &Path) -> Option<PathBuf> {
    let link = top.join(".git");
    if !fs::symlink_metadata(&link).ok()?.is_file() {
        return None;
    }
    let directory = canonical(top, read(&link)?.strip_prefix("gitdir:")?)?;
    let names_us = [
        read(&directory.join("gitdir")).and_then(|text| canonical(&directory, &text)) == Some(link),
        worktree(&directory).as_deref() == Some(top),
    ];
    if !is_ours(&directory) || !names_us.contains(&true) {
        return None;
    }
    let common = match read(&directory.join("commondir")) {
        Some(text) => canonical(&directory, &text)?,
        None => directory,
    };
    (common.join("HEAD").is_file() && common.join("objects").is_dir()).then_some(common)
}

/// The worktree that the configuration of a submodule's repository names.
fn worktree(directory: &Path) -> Option<PathBuf> {
    let text = read(&directory.join("config"))?;
    let value = text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        name.trim().eq_ignore_ascii_case("worktree").then(|| value.trim().to_owned())
    })?;
    canonical(directory, &value)
}

fn canonical(base: &Path, text: &str) -> Option<PathBuf> {
    base.join(text.trim()).canonicalize().ok()
}

fn read(path: &Path) -> Option<String> {
    let small = fs::metadata(path).ok().filter(|found| found.is_file() && found.len() <= MAX_FILE_BYTES);
    small.and_then(|_| fs::read_to_string(path).ok())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(at: &Path, words: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "protocol.file.allow=always", "-C"]);
        git.arg(at).args(words).env("GIT_CONFIG_GLOBAL", "/dev/null");
        assert!(git.output().expect("apt-get install -y git").status.success(), "git {words:?}");
    }

    #[test]
    fn a_package_a_worktree_and_a_submodule_have_their_repository_around_them() {
        let scratch = tempfile::tempdir().unwrap();
        let at = scratch.path().canonicalize().unwrap();
        let (main, home) = (at.join("main"), at.join("home"));
        fs::create_dir_all(main.join("packages/one")).unwrap();
        git(&main, &["init", "--quiet", "."]);
        git(&main, &["commit", "--quiet", "--allow-empty", "-m", "x"]);
        git(&main, &["worktree", "add", "--quiet", "../tree"]);
        git(&main, &["submodule", "--quiet", "add", "../main", "sub"]);
        assert_eq!(around(&main, &home), Vec::<PathBuf>::new());
        assert_eq!(around(&main.join("packages/one"), &home), std::slice::from_ref(&main));
        assert_eq!(around(&at.join("tree"), &home), [main.join(".git")]);
        assert_eq!(around(&main.join("sub"), &home), [main.join(".git/modules/sub")]);
        assert_eq!(around(&main.join("packages/one"), &main), Vec::<PathBuf>::new(), "the home");
    }

    #[test]
    fn a_repository_that_does_not_name_the_project_is_not_taken() {
        let scratch = tempfile::tempdir().unwrap();
        let at = scratch.path().canonicalize().unwrap();
        let (private, evil) = (at.join("private"), at.join("evil"));
        fs::create_dir_all(private.join("objects")).unwrap();
        fs::write(private.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::create_dir(&evil).unwrap();
        fs::write(evil.join(".git"), format!("gitdir: {}\n", private.display())).unwrap();
        assert_eq!(around(&evil, &at.join("home")), Vec::<PathBuf>::new());
    }
}
