//! The user's keys: where they are, and in which order they are offered.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::{AgentClient, AgentStream};
use russh::keys::{
    Algorithm, Certificate, PrivateKey, PublicKey, decode_secret_key, load_openssh_certificate,
    load_public_key,
};

use super::host_key::fingerprint;
use super::{Asking, SshConfig, SshError};
use crate::terminal;

/// The user's ssh-agent.
pub type Agent = AgentClient<Box<dyn AgentStream + Send + Unpin>>;

/// A key to offer, by itself or with a certificate.
#[derive(Clone)]
pub struct Key {
    /// For messages.
    pub label: String,
    /// What vouches for it.
    pub certificate: Option<Certificate>,
    /// Its public part, when it can be read.
    pub public: Option<PublicKey>,
    /// What signs.
    pub secret: Secret,
}

/// Where the private part is.
#[derive(Clone)]
pub enum Secret {
    /// In the agent, under this name.
    Agent(Box<AgentIdentity>),
    /// In a file that anybody who may read it can use.
    Open(Arc<PrivateKey>),
    /// In a file that needs a passphrase.
    Locked {
        /// The file.
        path: PathBuf,
        /// Its content.
        text: String,
    },
}

impl Key {
    /// Whether a hash has to be chosen with it. An unreadable public part may be of any type.
    pub fn is_rsa(&self) -> bool {
        self.public.as_ref().is_none_or(|key| matches!(key.algorithm(), Algorithm::Rsa { .. }))
    }

    /// Whether its signature waits for a person to touch a token.
    pub fn wants_touch(&self) -> bool {
        let algorithm = self.public.as_ref().map(PublicKey::algorithm);
        matches!(algorithm, Some(Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256))
    }

    fn is(&self, other: &PublicKey) -> bool {
        self.public.as_ref().is_some_and(|key| key.key_data() == other.key_data())
    }
}

/// Everything there is to offer, in order.
pub struct Keys {
    /// The agent, if one answers.
    pub agent: Option<Agent>,
    /// The keys.
    pub keys: Vec<Key>,
    /// What could not be used, for the message of a failure.
    pub notes: Vec<String>,
}

/// Collects the keys: those with certificates, then those of the agent that the configuration names, the agent's
/// others, and those of files.
pub async fn gather(ssh: &SshConfig) -> Keys {
    let mut notes = Vec::new();
    let mut files = Vec::new();
    for path in &ssh.identity_files {
        match read_key(path) {
            Ok(key) => files.extend(key),
            Err(why) => notes.push(format!("{}: {why}", path.display())),
        }
    }
    let configured: Vec<PublicKey> = ssh
        .identity_files
        .iter()
        .filter_map(|path| public_part(path))
        .chain(files.iter().filter_map(|key| key.public.clone()))
        .collect();
    let (agent, held) = match &ssh.agent {
        Some(socket) => match identities(socket).await {
            Ok((agent, identities)) => (Some(agent), identities.into_iter().map(agent_key).collect()),
            Err(error) => {
                notes.push(format!("agent {}: {error}", socket.display()));
                (None, Vec::new())
            }
        },
        None => (None, Vec::new()),
    };
    files.retain(|file| !held.iter().any(|key: &Key| file.public.as_ref().is_some_and(|file| key.is(file))));
    let (first, others): (Vec<Key>, Vec<Key>) =
        held.into_iter().partition(|key| configured.iter().any(|other| key.is(other)));
    let others = if ssh.identities_only { Vec::new() } else { others };
    let plain: Vec<Key> = first.into_iter().chain(others).chain(files).collect();
    let mut keys = certified(ssh, &plain, &mut notes);
    keys.extend(plain);
    if keys.is_empty() {
        notes.push("there is no key to offer, neither in an agent nor in a file".into());
    }
    Keys { agent, keys, notes }
}

/// The keys for which the configuration names a certificate, or one lies beside the file.
fn certified(ssh: &SshConfig, keys: &[Key], notes: &mut Vec<String>) -> Vec<Key> {
    let mut found = Vec::new();
    let beside = ssh.identity_files.iter().map(|path| (beside(path, "-cert.pub"), false));
    for (path, named) in ssh.certificate_files.iter().map(|path| (path.clone(), true)).chain(beside) {
        match load_openssh_certificate(&path) {
            Ok(certificate) => {
                let public = PublicKey::new(certificate.public_key().clone(), "");
                let key = keys.iter().find(|key| key.certificate.is_none() && key.is(&public));
                found.extend(key.map(|key| Key {
                    label: format!("{} with {}", key.label, path.display()),
                    certificate: Some(certificate),
                    ..key.clone()
                }));
            }
            Err(error) if named => notes.push(format!("{}: {error}", path.display())),
            Err(_) => {}
        }
    }
    found
}

fn agent_key(identity: AgentIdentity) -> Key {
    let public = identity.public_key().into_owned();
    let label = format!("agent key {} {}", fingerprint(&public), identity.comment());
    let certificate = match &identity {
        AgentIdentity::Certificate { certificate, .. } => Some(certificate.clone()),
        AgentIdentity::PublicKey { .. } => None,
    };
    let secret = Secret::Agent(Box::new(identity));
    Key { label: terminal::plain(&label), certificate, public: Some(public), secret }
}

async fn identities(socket: &Path) -> Result<(Agent, Vec<AgentIdentity>), russh::keys::Error> {
    let mut agent = AgentClient::connect_uds(socket).await?.dynamic();
    let identities = agent.request_identities().await?;
    Ok((agent, identities))
}

/// The key of a file; `None` if there is no file.
fn read_key(path: &Path) -> Result<Option<Key>, String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let key = |public, secret| Key { label: path.display().to_string(), certificate: None, public, secret };
    let locked = |public| key(public, Secret::Locked { path: path.to_owned(), text: text.clone() });
    if let Some(readable) = locked_in_pem(&text) {
        let why =
            "it is encrypted in an old form; ssh-keygen -p -f rewrites it, and ssh-add takes it as it is";
        return if readable { Ok(Some(locked(public_part(path)))) } else { Err(why.into()) };
    }
    match decode_secret_key(&text, None) {
        Ok(secret) => {
            let secret = Arc::new(secret);
            Ok(Some(key(Some(secret.public_key().clone()), Secret::Open(secret))))
        }
        Err(russh::keys::Error::KeyIsEncrypted) => {
            // OpenSSH's own format holds the public part in the clear.
            let public = PrivateKey::from_openssh(&text).ok().map(|key| key.public_key().clone());
            Ok(Some(locked(public.or_else(|| public_part(path)))))
        }
        // An identity file may hold the public key alone, to choose a key of the agent.
        Err(_) if load_public_key(path).is_ok() => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether the text is a key in one of the forms before OpenSSH's own that needs a passphrase, and if so, whether it
/// can be read with one.
fn locked_in_pem(text: &str) -> Option<bool> {
    if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return Some(true);
    }
    let by = text.lines().find_map(|line| line.strip_prefix("DEK-Info: "))?;
    Some(by.starts_with("AES-128-CBC,") && text.contains("-----BEGIN RSA PRIVATE KEY-----"))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn public_part(path: &Path) -> Option<PublicKey> {
    load_public_key(beside(path, ".pub")).or_else(|_| load_public_key(path)).ok()
}

/// The keys a person has unlocked in this session: neither another hop nor another connection asks again.
#[derive(Debug, Clone, Default)]
pub struct Keyring {
    unlocked: Arc<Mutex<HashMap<PathBuf, Arc<PrivateKey>>>>,
}

impl Keyring {
    /// The private key of a file, for which the passphrase is asked until it is right or `tries` are over. The inner
    /// error says why the key stays locked.
    pub async fn unlock(
        &self,
        path: &Path,
        text: &str,
        tries: usize,
        asking: Asking,
    ) -> Result<Result<Arc<PrivateKey>, String>, SshError> {
        if let Some(key) = self.unlocked.lock().expect("no holder of this lock can panic").get(path) {
            return Ok(Ok(key.clone()));
        }
        let locked = "it needs a passphrase and there is no terminal to ask (ssh-add it to an agent)";
        if asking == Asking::Forbidden {
            return Ok(Err(locked.into()));
        }
        for _ in 0..tries {
            let question = format!("Passphrase for {}: ", path.display());
            let answer = terminal::ask(question, true).await.map_err(|_| SshError::Interrupted)?;
            let Some(passphrase) = answer else { return Ok(Err(locked.into())) };
            let text = text.to_owned();
            // The key derivation takes its time by design.
            let decoded =
                tokio::task::spawn_blocking(move || decode_secret_key(&text, Some(&passphrase))).await;
            if let Ok(Ok(key)) = decoded {
                let key = Arc::new(key);
                let mut unlocked = self.unlocked.lock().expect("no holder of this lock can panic");
                unlocked.insert(path.to_owned(), key.clone());
                return Ok(Ok(key));
            }
        }
        Ok(Err("the passphrase is wrong".into()))
    }
}
