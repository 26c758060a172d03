//! The laptop's home directory: a key, and a host that is known.

use std::{fs, net::SocketAddr, os::unix::fs::PermissionsExt, path::Path};

use russh::keys::{PrivateKey, PublicKey, ssh_key::LineEnding};

use crate::error::Error;

/// Makes a home from which the server can be reached.
pub fn prepare(home: &Path, key: &PrivateKey, host_key: &PublicKey, server: SocketAddr) -> Result<(), Error> {
    let ssh = home.join(".ssh");
    fs::create_dir_all(&ssh).map_err(Error::at(&ssh))?;
    fs::set_permissions(&ssh, fs::Permissions::from_mode(0o700)).map_err(Error::at(&ssh))?;

    let known = format!("[{}]:{} {}\n", server.ip(), server.port(), host_key.to_openssh()?);
    fs::write(ssh.join("known_hosts"), known).map_err(Error::at(&ssh))?;

    let identity = ssh.join("id_ed25519");
    fs::write(&identity, key.to_openssh(LineEnding::LF)?.as_bytes()).map_err(Error::at(&identity))?;
    fs::set_permissions(&identity, fs::Permissions::from_mode(0o600)).map_err(Error::at(&identity))?;

    let config = format!(
        "Host {}\n  IdentityFile {}\n  UserKnownHostsFile {}\n",
        server.ip(),
        identity.display(),
        ssh.join("known_hosts").display()
    );
    fs::write(ssh.join("config"), config).map_err(Error::at(&ssh))
}
