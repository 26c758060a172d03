//! The decision about a host key, made inside the handshake and before anything is sent.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use russh::Channel;
use russh::client::{self, ChannelOpenHandle, Msg, Session};
use russh::keys::{HashAlg, PublicKey, PublicKeyOrCertificate};
use tokio::io::copy_bidirectional;
use tokio::net::UnixStream;
use tokio::sync::oneshot;
use tracing::{debug, warn};

use super::known_hosts::{KnownHosts, Line, Verdict, append, entry_name};
use super::openssh_config::{SshConfig, UnknownKeys};
use super::{Asking, SshError, host_certificate};
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
    /// Socket of the agent that the remote may use.
    pub forwarded_agent: Option<PathBuf>,
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
                self.check.decide(offered, &key).await?;
                debug!(fingerprint = fingerprint(&key), "host key accepted");
                *self.accepted.lock().expect("no holder of this lock can panic") = Some(key);
                Ok(true)
            }
        }
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), SshError> {
        // A reply that is dropped is a refusal.
        let Some(socket) = self.forwarded_agent.clone() else { return Ok(()) };
        tokio::spawn(async move {
            match UnixStream::connect(&socket).await {
                Ok(mut agent) => {
                    reply.accept().await;
                    if let Err(error) = copy_bidirectional(&mut channel.into_stream(), &mut agent).await {
                        debug!("the remote's way to the agent broke: {error}");
                    }
                }
                Err(error) => debug!("agent {}: {error}", socket.display()),
            }
        });
        Ok(())
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
    /// Name that a certificate has to have.
    principal: String,
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
        let unread = |(file, source)| SshError::KnownHosts { file, what: "read", source };
        let mut known = KnownHosts::read(files).map_err(unread)?;
        if let Some(file) = &ssh.revoked_host_keys {
            known.read_revoked(file).map_err(|source| unread((file.clone(), source)))?;
        }
        let (name, bare_name) = match &ssh.host_key_alias {
            Some(alias) => (alias.to_lowercase(), None),
            None => (entry_name(&ssh.host, ssh.port), (ssh.port != 22).then(|| entry_name(&ssh.host, 22))),
        };
        let connect = format!("ssh -p {} {}@{}", ssh.port, ssh.user, ssh.alias);
        Ok(Self {
            known,
            name,
            bare_name,
            principal: ssh.host_key_alias.as_ref().unwrap_or(&ssh.host).to_lowercase(),
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

    /// Whether a certificate could be of any use.
    pub fn knows_authorities(&self) -> bool {
        !self.authorities().is_empty()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.bare_name.as_deref())
    }

    fn authorities(&self) -> Vec<&PublicKey> {
        self.names().flat_map(|name| self.known.authorities(name)).collect()
    }

    fn refuse_revoked(&self, key: &PublicKey) -> Result<(), SshError> {
        let Some(line) = self.names().find_map(|name| self.known.revoked(name, key)) else { return Ok(()) };
        let source = Said(format!("{} is revoked by {}:{}", describe(key), line.file.display(), line.number));
        Err(SshError::RevokedHostKey { name: self.name.clone(), source })
    }

    async fn decide(&self, offered: &PublicKeyOrCertificate, key: &PublicKey) -> Result<(), SshError> {
        self.refuse_revoked(key)?;
        if let Some(certificate) = offered.certificate() {
            self.refuse_revoked(&PublicKey::new(certificate.signature_key().clone(), ""))?;
            match host_certificate::judge(certificate, &self.principal, &self.authorities()) {
                Ok(()) => return Ok(()),
                // Then the key alone counts, as for OpenSSH.
                Err(why) => warn!(host = self.name, "the host's certificate counts for nothing: {why}"),
            }
        }
        match self.known.judge(&self.name, key) {
            Verdict::Known => Ok(()),
            Verdict::Changed(line) => Err(self.changed(key, &line)),
            Verdict::Unknown { other_types } => {
                if self.bare_name.as_ref().is_some_and(|bare| self.known.judge(bare, key) == Verdict::Known) {
                    return Ok(());
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
