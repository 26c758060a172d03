//! From `pi` on PATH to the JavaScript file behind it.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{LaunchError, which};

/// How many shims may stand one behind the other.
const SHIMS: usize = 8;

/// Most of a shim that is looked at.
const LONGEST_SHIM: u64 = 64 * 1024;

/// What every executable made by `bun build --compile` holds behind its own code.
const BUN: &[u8] = b"---- Bun! ----";

/// An installed pi.
#[derive(Debug, PartialEq, Eq)]
pub struct Pi {
    /// The JavaScript file, links resolved.
    pub entry: PathBuf,
    /// The directory of the command that led there.
    pub directory: PathBuf,
    /// The directory with everything it may load.
    pub installation: PathBuf,
}

/// Finds the one given or the one on PATH.
pub fn find(given: Option<&Path>) -> Result<Pi, LaunchError> {
    let path = which(given.unwrap_or(Path::new("pi")));
    let path = path.ok_or_else(|| LaunchError::NoPi { path: given.map(Path::to_owned) })?;
    let path = std::path::absolute(&path).map_err(|source| LaunchError::Read { path, source })?;
    let entry = follow(&path, SHIMS)?;
    let directory = path.parent().unwrap_or(Path::new("/")).to_owned();
    Ok(Pi { installation: installation(&entry), entry, directory })
}

fn follow(path: &Path, shims: usize) -> Result<PathBuf, LaunchError> {
    let unreadable = |source| LaunchError::Read { path: path.to_owned(), source };
    let lost = || LaunchError::NotJavaScript { path: path.to_owned() };
    let real = fs::canonicalize(path).map_err(unreadable)?;
    if real.is_dir() {
        let entry = package_bin(&real).ok_or_else(lost)?;
        return if shims > 0 { follow(&entry, shims - 1) } else { Err(lost()) };
    }
    let mut head = Vec::new();
    let file = fs::File::open(&real).map_err(unreadable)?;
    file.take(LONGEST_SHIM).read_to_end(&mut head).map_err(unreadable)?;
    if is_compiled(&head) {
        let bun = contains(&real, BUN).map_err(unreadable)?;
        return Err(match bun {
            true => LaunchError::BunPi { path: real },
            false => LaunchError::CompiledPi { path: real },
        });
    }
    let text = String::from_utf8_lossy(&head);
    let first = text.lines().next().unwrap_or_default();
    let is_script =
        real.extension().is_some_and(|ending| ["js", "mjs", "cjs"].iter().any(|known| ending == *known));
    if is_script || (first.starts_with("#!") && first.contains("node")) {
        return Ok(real);
    }
    if first.starts_with("#!") && shims > 0 {
        // `$basedir` is the directory of the shim as it was called.
        let bases = [path.parent(), real.parent()];
        let target = bases.into_iter().flatten().find_map(|base| shim_target(&text, base));
        return follow(&target.ok_or_else(lost)?, shims - 1);
    }
    Err(lost())
}

/// Where a shim of npm or pnpm leads: the last existing file it names by `"$basedir/…"` that is no Node itself.
fn shim_target(text: &str, base: &Path) -> Option<PathBuf> {
    let named = text.split('"').filter_map(|part| part.strip_prefix("$basedir/"));
    let mut files = named.map(|relative| base.join(relative)).filter(|file| file.is_file());
    files.rfind(|file| file.file_name().is_some_and(|name| name != "node"))
}

/// The file a package offers as `pi`.
fn package_bin(directory: &Path) -> Option<PathBuf> {
    let text = fs::read(directory.join("package.json")).ok()?;
    let package: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let bin = &package["bin"];
    let file = bin.as_str().or_else(|| bin["pi"].as_str())?;
    Some(directory.join(file))
}

/// ELF, or Mach-O in any byte order or as a universal file.
fn is_compiled(head: &[u8]) -> bool {
    let magics: [[u8; 4]; 6] = [
        *b"\x7fELF",
        [0xfe, 0xed, 0xfa, 0xce],
        [0xfe, 0xed, 0xfa, 0xcf],
        [0xce, 0xfa, 0xed, 0xfe],
        [0xcf, 0xfa, 0xed, 0xfe],
        [0xca, 0xfe, 0xba, 0xbe],
    ];
    magics.iter().any(|magic| head.starts_with(magic))
}

/// Whether a file, which may be large, holds these bytes.
fn contains(path: &Path, needle: &[u8]) -> io::Result<bool> {
    let mut file = fs::File::open(path)?;
    let mut window = Vec::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(false);
        }
        window.extend_from_slice(&piece[..read]);
        if window.windows(needle.len()).any(|bytes| bytes == needle) {
            return Ok(true);
        }
        window.drain(..window.len().saturating_sub(needle.len() - 1));
    }
}

/// The outermost `node_modules` around the entry, since a package manager may link from anywhere in it; else the package.
fn installation(entry: &Path) -> PathBuf {
    let outermost = entry.ancestors().filter(|directory| directory.ends_with("node_modules")).last();
    let package = entry.ancestors().skip(1).find(|directory| directory.join("package.json").is_file());
    outermost.or(package).or(entry.parent()).unwrap_or(entry).to_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }
        fn path(&self, name: &str) -> PathBuf {
            self.0.path().canonicalize().unwrap().join(name)
        }
        fn write(&self, name: &str, content: &[u8]) -> PathBuf {
            let path = self.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
            path
        }
        fn package(&self) -> PathBuf {
            self.write("lib/node_modules/@e/pi/package.json", br#"{"bin": {"pi": "dist/cli.js"}}"#);
            self.write("lib/node_modules/@e/pi/dist/cli.js", b"#!/usr/bin/env node\nimport 'x'\n")
        }
    }

    #[test]
    fn a_link_of_npm_leads_to_the_entry() {
        let place = Place::new();
        let entry = place.package();
        fs::create_dir(place.path("bin")).unwrap();
        symlink("../lib/node_modules/@e/pi/dist/cli.js", place.path("bin/pi")).unwrap();
        let pi = find(Some(&place.path("bin/pi"))).unwrap();
        let installation = place.path("lib/node_modules");
        assert_eq!(pi, Pi { entry, directory: place.path("bin"), installation });
    }

    #[test]
    fn a_shim_of_pnpm_leads_to_the_entry() {
        let place = Place::new();
        let entry = place.package();
        place.write("bin/node", b"");
        let shim = place.write(
            "bin/pi",
            b"#!/bin/sh\nbasedir=$(dirname \"$0\")\nif [ -x \"$basedir/node\" ]; then\n  exec \"$basedir/node\"  \"$basedir/../lib/node_modules/@e/pi/dist/cli.js\" \"$@\"\nelse\n  exec node  \"$basedir/../lib/node_modules/@e/pi/dist/cli.js\" \"$@\"\nfi\n",
        );
        assert_eq!(find(Some(&shim)).unwrap().entry, entry);
    }

    #[test]
    fn a_package_directory_is_a_program() {
        let place = Place::new();
        let entry = place.package();
        assert_eq!(find(Some(&place.path("lib/node_modules/@e/pi"))).unwrap().entry, entry);
    }

    #[test]
    fn outside_of_node_modules_the_package_is_the_installation() {
        let place = Place::new();
        place.write("pkg/package.json", b"{}");
        let entry = place.write("pkg/dist/bundle/cli.js", b"");
        assert_eq!(find(Some(&entry)).unwrap().installation, place.path("pkg"));
    }

    #[test]
    fn what_is_no_javascript_is_refused_with_the_reason() {
        let place = Place::new();
        let mut bun = b"\x7fELF".to_vec();
        bun.resize((1 << 20) - 5, 0);
        bun.extend_from_slice(BUN);
        let bun = place.write("bun", &bun);
        assert!(matches!(find(Some(&bun)), Err(LaunchError::BunPi { .. })));
        let other = place.write("other", b"\xcf\xfa\xed\xfe....");
        assert!(matches!(find(Some(&other)), Err(LaunchError::CompiledPi { .. })));
        let shim = place.write("shim", b"#!/bin/bash\nexec asdf exec pi \"$@\"\n");
        assert!(matches!(find(Some(&shim)), Err(LaunchError::NotJavaScript { .. })));
        assert!(matches!(find(Some(&place.path("none"))), Err(LaunchError::NoPi { path: Some(_) })));
    }
}
