//! The user's keys: where they are, and how each one signs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use russh::client::{AuthResult, Handle};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::{AgentClient, AgentStream};
use russh::keys::{
    Algorithm, Certificate, HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKey, decode_secret_key,
    load_openssh_certificate, load_public_key,
};
use russh::{AgentAuthError, SendError, Signer};

use super::host_key::{Client, fingerprint};
use super::{Asking, SshConfig, SshError};
use crate::terminal;

/// The user's ssh-agent.
pub type Agent = AgentClient<Box<dyn AgentStream + Send + Unpin>>;

/// A key to offer.
pub enum Key {
    /// One the agent holds.
    Agent {
        /// Its public part.
        identity: Box<AgentIdentity>,
        /// Where it comes from.
        label: String,
    },
    /// One of a file.
    Plain {
        /// The file.
        path: PathBuf,
        /// The key.
        key: Box<PrivateKey>,
        /// The certificate beside it.
        certificate: Option<Box<Certificate>>,
    },
    /// One of a file that needs a passphrase.
    Encrypted {
        /// The file.
        path: PathBuf,
        /// Its content.
        text: String,
        /// Its public part, when it can be read without the passphrase.
        public: Option<Box<PublicKey>>,
    },
}

impl Key {
    /// For messages.
    pub fn label(&self) -> String {
        match self {
            Self::Agent { label, .. } => label.clone(),
            Self::Plain { path, .. } | Self::Encrypted { path, .. } => path.display().to_string(),
        }
    }

    /// Whether a hash has to be chosen with it.
    pub fn is_rsa(&self) -> bool {
        let algorithm = match self {
            Self::Agent { identity, .. } => Some(identity.public_key().algorithm()),
            Self::Plain { key, .. } => Some(key.algorithm()),
            Self::Encrypted { public, .. } => public.as_ref().map(|key| key.algorithm()),
        };
        // An unreadable public part may be of any type.
        algorithm.is_none_or(|algorithm| matches!(algorithm, Algorithm::Rsa { .. }))
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

/// Collects the keys: those of the agent that the configuration names, the agent's others, then files.
pub async fn gather(ssh: &SshConfig) -> Keys {
    let mut notes = Vec::new();
    let mut files = Vec::new();
    for path in &ssh.identity_files {
        match read_key(path) {
            Ok(Some(key)) => files.push(key),
            Ok(None) => {}
            Err(why) => notes.push(format!("{}: {why}", path.display())),
        }
    }
    let configured: Vec<PublicKey> = ssh
        .identity_files
        .iter()
        .filter_map(|path| public_part(path))
        .chain(files.iter().filter_map(plain_public))
        .collect();
    let (agent, identities) = match &ssh.agent {
        Some(socket) => match identities(socket).await {
            Ok((agent, identities)) => (Some(agent), identities),
            Err(error) => {
                notes.push(format!("agent {}: {error}", socket.display()));
                (None, Vec::new())
            }
        },
        None => (None, Vec::new()),
    };
    let is_configured = |identity: &AgentIdentity| {
        configured.iter().any(|key| key.key_data() == identity.public_key().key_data())
    };
    let held: Vec<PublicKey> = identities.iter().map(|identity| identity.public_key().into_owned()).collect();
    let (first, others): (Vec<_>, Vec<_>) = identities.into_iter().partition(is_configured);
    let others = if ssh.identities_only { Vec::new() } else { others };
    let mut keys: Vec<Key> = first.into_iter().chain(others).map(agent_key).collect();
    keys.extend(files.into_iter().filter(|key| {
        let certified = matches!(key, Key::Plain { certificate: Some(_), .. });
        let public = plain_public(key);
        certified || !public.is_some_and(|key| held.iter().any(|other| other.key_data() == key.key_data()))
    }));
    if keys.is_empty() {
        notes.push("there is no key to offer, neither in an agent nor in a file".into());
    }
    Keys { agent, keys, notes }
}

fn agent_key(identity: AgentIdentity) -> Key {
    let label = format!("agent key {} {}", fingerprint(&identity.public_key()), identity.comment());
    Key::Agent { identity: Box::new(identity), label: terminal::plain(&label) }
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
    match decode_secret_key(&text, None) {
        Ok(key) => {
            let certificate = load_openssh_certificate(beside(path, "-cert.pub")).ok().map(Box::new);
            Ok(Some(Key::Plain { path: path.to_owned(), key: Box::new(key), certificate }))
        }
        Err(russh::keys::Error::KeyIsEncrypted) => {
            // OpenSSH's own format holds the public part in the clear.
            let public = PrivateKey::from_openssh(&text).ok().map(|key| key.public_key().clone());
            let public = public.or_else(|| public_part(path)).map(Box::new);
            Ok(Some(Key::Encrypted { path: path.to_owned(), text, public }))
        }
        // An identity file may hold the public key alone, to choose a key of the agent.
        Err(_) if load_public_key(path).is_ok() => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn public_part(path: &Path) -> Option<PublicKey> {
    load_public_key(beside(path, ".pub")).or_else(|_| load_public_key(path)).ok()
}

fn plain_public(key: &Key) -> Option<PublicKey> {
    match key {
        Key::Plain { key, .. } => Some(key.public_key().clone()),
        Key::Encrypted { public, .. } => public.as_deref().cloned(),
        Key::Agent { .. } => None,
    }
}

/// Offers a key of the agent.
pub async fn with_agent(
    handle: &mut Handle<Client>,
    user: &str,
    identity: Box<AgentIdentity>,
    hash: Option<HashAlg>,
    agent: &mut Agent,
) -> Result<AuthResult, AgentAuthError> {
    match *identity {
        AgentIdentity::PublicKey { key, .. } => {
            handle.authenticate_publickey_with(user, key, hash, agent).await
        }
        AgentIdentity::Certificate { certificate, .. } => {
            handle.authenticate_certificate_with(user, certificate, hash, agent).await
        }
    }
}

/// Offers a key, with its certificate first.
pub async fn with_key(
    handle: &mut Handle<Client>,
    user: &str,
    key: Box<PrivateKey>,
    certificate: Option<Certificate>,
    hash: Option<HashAlg>,
) -> Result<AuthResult, SshError> {
    let key: Arc<PrivateKey> = Arc::new(*key);
    if let Some(certificate) = certificate {
        let outcome = handle.authenticate_openssh_cert(user, key.clone(), certificate).await?;
        if outcome.success() {
            return Ok(outcome);
        }
    }
    Ok(handle.authenticate_publickey(user, PrivateKeyWithHashAlg::new(key, hash)).await?)
}

/// Whether the server would take this key, so that no passphrase is asked for in vain.
pub async fn would_accept(
    handle: &mut Handle<Client>,
    user: &str,
    public: Box<PublicKey>,
    hash: Option<HashAlg>,
) -> Result<bool, SshError> {
    let mut probe = Probe;
    match handle.authenticate_publickey_with(user, *public, hash, &mut probe).await {
        Ok(outcome) => Ok(outcome.success()),
        Err(Asked::ToSign) => Ok(true),
        Err(Asked::Gone) => Err(russh::Error::SendError.into()),
    }
}

/// A signer that only learns whether it was asked.
struct Probe;

enum Asked {
    ToSign,
    Gone,
}

impl From<SendError> for Asked {
    fn from(_: SendError) -> Self {
        Self::Gone
    }
}

impl Signer for Probe {
    type Error = Asked;

    async fn auth_sign(
        &mut self,
        _: &AgentIdentity,
        _: Option<HashAlg>,
        _: Vec<u8>,
    ) -> Result<Vec<u8>, Asked> {
        Err(Asked::ToSign)
    }
}

/// Asks for the passphrase once. The inner error says why the key stays locked.
pub async fn unlock(
    path: &Path,
    text: &str,
    asking: Asking,
) -> Result<Result<Box<PrivateKey>, String>, SshError> {
    let locked = "it needs a passphrase and there is no terminal to ask (ssh-add it to an agent)";
    if asking == Asking::Forbidden {
        return Ok(Err(locked.into()));
    }
    let question = format!("Passphrase for {}: ", path.display());
    let answer = terminal::ask(question, true).await.map_err(|_| SshError::Interrupted)?;
    let Some(passphrase) = answer else { return Ok(Err(locked.into())) };
    let text = text.to_owned();
    // The key derivation takes its time by design.
    let decoded = tokio::task::spawn_blocking(move || decode_secret_key(&text, Some(&passphrase))).await;
    match decoded {
        Ok(Ok(key)) => Ok(Ok(Box::new(key))),
        _ => Ok(Err("the passphrase is wrong".into())),
    }
}
