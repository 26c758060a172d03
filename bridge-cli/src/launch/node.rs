//! The Node that runs the program.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;
use tracing::debug;

use super::{LaunchError, is_executable, which};

/// The least version: `registerHooks` and all that the preload needs.
const LEAST: (u32, u32) = (22, 19);

/// The one given, else the one beside the program, else the one on PATH.
pub fn find(given: Option<&Path>, beside: Option<&Path>) -> Result<PathBuf, LaunchError> {
    let found = match given {
        Some(path) => which(path),
        None => beside
            .map(|directory| directory.join("node"))
            .filter(|node| is_executable(node))
            .or_else(|| which(Path::new("node"))),
    };
    let found = found.ok_or_else(|| LaunchError::NoNode { path: given.map(Path::to_owned) })?;
    // The program's working directory is another one.
    std::path::absolute(&found).map_err(|source| LaunchError::Read { path: found, source })
}

/// Asks it for its version.
pub async fn check_version(node: &Path) -> Result<(), LaunchError> {
    let failed = |source| LaunchError::NodeVersion { path: node.to_owned(), source };
    let output = Command::new(node).arg("--version").stdin(Stdio::null()).output().await.map_err(failed)?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    debug!(node = %node.display(), version = text, "found Node");
    match parse_version(&text) {
        Some(version) if version >= LEAST => Ok(()),
        Some(_) => Err(LaunchError::OldNode {
            path: node.to_owned(),
            found: text.trim_start_matches('v').to_owned(),
            needed: format!("{}.{}", LEAST.0, LEAST.1),
        }),
        None => Err(failed(io::Error::other(format!("it says {text:?}, {}", output.status)))),
    }
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Its executable and the modules installed with it. Its prefix may be `/usr`, which a root may lie beneath.
pub fn installation(node: &Path) -> Vec<PathBuf> {
    let real = std::fs::canonicalize(node).unwrap_or_else(|_| node.to_owned());
    let modules = real.parent().and_then(Path::parent).map(|prefix| prefix.join("lib/node_modules"));
    let mut pins = vec![node.to_owned(), real];
    pins.extend(modules);
    pins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert_eq!(parse_version("v22.19.0"), Some((22, 19)));
        assert!(parse_version("v22.9.1") < Some(LEAST));
        assert!(parse_version("v24.0.0-nightly") >= Some(LEAST));
        assert_eq!(parse_version("1.2.3"), None);
        assert_eq!(parse_version(""), None);
    }

    #[test]
    fn a_node_beside_the_program_comes_before_path() {
        let directory = tempfile::tempdir().unwrap();
        let node = directory.path().join("node");
        std::fs::write(&node, "").unwrap();
        assert_ne!(find(None, Some(directory.path())).ok(), Some(node.clone()), "not executable");
        std::fs::set_permissions(&node, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(find(None, Some(directory.path())).unwrap(), node);
        assert!(matches!(
            find(Some(Path::new("/none/node")), None),
            Err(LaunchError::NoNode { path: Some(_) })
        ));
    }
}
