//! The decision about a host key, made inside the handshake and before anything is sent.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use russh::client::{self, Session};
use russh::keys::{HashAlg, PublicKey, PublicKeyOrCertificate};
use tokio::sync::oneshot;
use tracing::{debug, warn};

use super::known_hosts::{KnownHosts, Line, Verdict, append, entry_name};
use super::openssh_config::{SshConfig, UnknownKeys};
use super::{Asking, SshError};
use crate::error::Said;
use crate::terminal;

/// Reactions to what the server does.
pub struct Client {
    /// The rules for host keys.
    pub check: HostKeyCheck,
    /// Where the accepted key is left.
    pub accepted: Arc<Mutex<Option<PublicKey>>>,
    /// Told when the server has shown its key: what follows may wait for a person.
    pub answered: Option<oneshot::Sender<()>>,
}

impl client::Handler for Client {
    type Error = SshError;

    async fn check_server_key(&mut self, offered: &PublicKeyOrCertificate) -> Result<bool, SshError> {
        if let Some(answered) = self.answered.take() {
            // Nobody listens any more when the limit was reached just now.
            let _ = answered.send(());
        }
        let key = offered.public_key();
        let before = self.accepted.lock().expect("no holder of this lock can panic").clone();
        match before {
            // A rekey shows the key again; it must be the one that was accepted.
            Some(before) => Ok(before.key_data() == key.key_data()),
            None => {
                self.check.decide(&key).await?;
                debug!(fingerprint = fingerprint(&key), "host key accepted");
                *self.accepted.lock().expect("no holder of this lock can panic") = Some(key);
                Ok(true)
            }
        }
    }

    async fn auth_banner(&mut self, banner: &str, _session: &mut Session) -> Result<(), SshError> {
        if self.check.asking == Asking::Allowed {
            terminal::tell(&terminal::plain(banner));
        }
        Ok(())
    }
}

/// `SHA256:…` of a key.
pub fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// The rules for the key of one host.
pub struct HostKeyCheck {
    known: KnownHosts,
    name: String,
    /// Name without the port, accepted if the key is known under it, as OpenSSH does.
    bare_name: Option<String>,
    unknown_keys: UnknownKeys,
    file: Option<PathBuf>,
    hashed: bool,
    asking: Asking,
    connect: String,
}

impl HostKeyCheck {
    /// Reads the known_hosts files of the configuration.
    pub fn new(ssh: &SshConfig, asking: Asking) -> Result<Self, SshError> {
        let files = ssh.user_known_hosts.iter().chain(&ssh.global_known_hosts);
        let known = KnownHosts::read(files).map_err(|(file, source)| SshError::KnownHosts {
            file,
            what: "read",
            source,
        })?;
        let (name, bare_name) = match &ssh.host_key_alias {
            Some(alias) => (alias.to_lowercase(), None),
            None => (entry_name(&ssh.host, ssh.port), (ssh.port != 22).then(|| entry_name(&ssh.host, 22))),
        };
        let connect = format!("ssh -p {} {}@{}", ssh.port, ssh.user, ssh.alias);
        Ok(Self {
            known,
            name,
            bare_name,
            unknown_keys: ssh.unknown_keys,
            file: ssh.user_known_hosts.first().cloned(),
            hashed: ssh.hash_known_hosts,
            asking,
            connect,
        })
    }

    /// The types of the keys known for this host.
    pub fn types(&self) -> Vec<russh::keys::Algorithm> {
        self.known.types(&self.name)
    }

    async fn decide(&self, key: &PublicKey) -> Result<(), SshError> {
        match self.known.judge(&self.name, key) {
            Verdict::Known => Ok(()),
            Verdict::Revoked(line) => Err(SshError::RevokedHostKey {
                name: self.name.clone(),
                source: Said(format!(
                    "{} is revoked by {}:{}",
                    describe(key),
                    line.file.display(),
                    line.number
                )),
            }),
            Verdict::Changed(line) => Err(self.changed(key, &line)),
            Verdict::Unknown { other_types } => {
                if let Some(bare) = &self.bare_name {
                    match self.known.judge(bare, key) {
                        Verdict::Known => return Ok(()),
                        Verdict::Revoked(line) => return Err(self.changed(key, &line)),
                        Verdict::Changed(_) | Verdict::Unknown { .. } => {}
                    }
                }
                self.unknown(key, other_types).await
            }
        }
    }

    async fn unknown(&self, key: &PublicKey, other_types: bool) -> Result<(), SshError> {
        let refused = |reason| SshError::UnknownHostKey {
            name: self.name.clone(),
            connect: self.connect.clone(),
            reason,
            source: Said(format!("it offers {}", describe(key))),
        };
        match self.unknown_keys {
            UnknownKeys::Refuse => Err(refused("StrictHostKeyChecking is yes")),
            UnknownKeys::Accept | UnknownKeys::AcceptNew if other_types => {
                Err(refused("the keys known for it are of other types"))
            }
            UnknownKeys::Accept | UnknownKeys::AcceptNew => {
                warn!(
                    host = self.name,
                    key = describe(key),
                    "a host key not seen before was accepted by configuration"
                );
                self.remember(key)
            }
            UnknownKeys::Ask if self.asking == Asking::Forbidden => Err(refused("nobody may be asked")),
            UnknownKeys::Ask => {
                let hint = if other_types { "Keys of other types are known for it.\n" } else { "" };
                let question = format!(
                    "The host key of {} is not known yet.\n  {}\n{hint}Connect and remember it? (yes/no) ",
                    self.name,
                    describe(key),
                );
                let answer = terminal::ask(question, false).await.map_err(|_| SshError::Interrupted)?;
                let Some(answer) = answer else { return Err(refused("there is no terminal to ask")) };
                if answer.trim().eq_ignore_ascii_case("yes") || answer.trim() == fingerprint(key) {
                    self.remember(key)
                } else {
                    Err(SshError::DeclinedHostKey { name: self.name.clone() })
                }
            }
        }
    }

    fn remember(&self, key: &PublicKey) -> Result<(), SshError> {
        let Some(file) = &self.file else { return Ok(()) };
        append(file, &self.name, key, self.hashed).map_err(|source| SshError::KnownHosts {
            file: file.clone(),
            what: "written",
            source,
        })
    }

    fn changed(&self, key: &PublicKey, line: &Line) -> SshError {
        SshError::ChangedHostKey {
            name: self.name.clone(),
            file: line.file.clone(),
            source: Said(format!(
                "it offers {}\n{}:{} has {}",
                describe(key),
                line.file.display(),
                line.number,
                describe(&line.key),
            )),
        }
    }
}

fn describe(key: &PublicKey) -> String {
    format!("{} {}", key.algorithm().as_str(), fingerprint(key))
}
