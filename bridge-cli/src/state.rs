//! What pi keys by path alone is kept apart for each machine and root: its sessions and its trust decisions.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use wire_protocol::Redirect;

use crate::launch::home;

/// Longest name most file systems take, with room for an ending.
const LONGEST_NAME: usize = 200;

/// pi's directory for settings, logins, sessions and trust.
pub fn pi_directory() -> PathBuf {
    match std::env::var_os("PI_CODING_AGENT_DIR").filter(|value| !value.is_empty()) {
        Some(directory) => untilde(Path::new(&directory)),
        None => home().join(".pi/agent"),
    }
}

/// Where `pii` keeps its state.
pub fn directory() -> PathBuf {
    match std::env::var_os("XDG_STATE_HOME").filter(|value| !value.is_empty()) {
        Some(directory) => PathBuf::from(directory).join("pii"),
        None => home().join(".local/state/pii"),
    }
}

/// Makes the directory of this machine and root.
pub fn kept(fingerprint: &str, root: &str) -> io::Result<PathBuf> {
    let kept = directory().join("hosts").join(machine_name(fingerprint)).join(root_name(root));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(kept.join("sessions"))?;
    Ok(kept)
}

/// Puts these bytes in the place of a file, at once as a whole.
pub fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut new = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(file))?;
    new.write_all(bytes)?;
    new.persist(file)?;
    Ok(())
}

/// A text as a name of a fixed length: its SHA-256 in hex.
pub fn digest(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What of pi's is kept in the directory of a machine and root.
pub fn redirects(kept: &Path) -> Vec<Redirect> {
    let pi = pi_directory();
    let sessions = match std::env::var_os("PI_CODING_AGENT_SESSION_DIR").filter(|value| !value.is_empty()) {
        Some(directory) => untilde(Path::new(&directory)),
        None => pi.join("sessions"),
    };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let redirect = |from: &Path, name: &str| Redirect { from: text(from), to: text(&kept.join(name)) };
    vec![
        redirect(&sessions, "sessions"),
        redirect(&pi.join("trust.json"), "trust.json"),
        redirect(&pi.join("trust.json.lock"), "trust.json.lock"),
    ]
}

/// Where pi keeps the sessions of this machine and root. pi names them by their own path.
pub fn sessions(kept: &Path, root: &str) -> PathBuf {
    let sessions = kept.join("sessions");
    match std::env::var_os("PI_CODING_AGENT_SESSION_DIR").filter(|value| !value.is_empty()) {
        // pi keeps them there without a directory for each working directory.
        Some(_) => sessions,
        None => sessions.join(format!("--{}--", root.trim_start_matches('/').replace(['/', '\\', ':'], "-"))),
    }
}

fn untilde(path: &Path) -> PathBuf {
    let path = path.strip_prefix("~").map_or_else(|_| path.to_owned(), |rest| home().join(rest));
    std::path::absolute(&path).unwrap_or(path)
}

/// `SHA256:ab/c+d` becomes `sha256-ab_c-d`.
fn machine_name(fingerprint: &str) -> String {
    fingerprint.replace("SHA256:", "sha256-").replace('/', "_").replace('+', "-")
}

/// A root as one file name. Different roots have different names.
fn root_name(root: &str) -> String {
    let name = root.replace('%', "%25").replace('/', "%2F");
    if name.len() <= LONGEST_NAME {
        return name;
    }
    digest(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_has_a_name_of_its_own() {
        assert_eq!(root_name("/srv/app"), "%2Fsrv%2Fapp");
        assert_ne!(root_name("/srv%2Fapp"), root_name("/srv/app"));
        assert_eq!(root_name(&"/x".repeat(300)).len(), 64);
        assert_eq!(machine_name("SHA256:a/b+c"), "sha256-a_b-c");
    }
}
