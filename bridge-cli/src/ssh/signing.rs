//! How each kind of key proves that it is the user's.

use std::sync::Arc;

use russh::client::{AuthResult, Handle};
use russh::keys::agent::AgentIdentity;
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg};
use russh::{AgentAuthError, SendError, Signer};

use super::host_key::Client;
use super::keys::{Agent, Key};
use super::{Asking, SshError};
use crate::terminal;

/// Offers a key that the agent has under the name of `identity`.
pub async fn with_agent(
    handle: &mut Handle<Client>,
    user: &str,
    key: &Key,
    identity: &AgentIdentity,
    hash: Option<HashAlg>,
    agent: &mut Agent,
    asking: Asking,
) -> Result<AuthResult, AgentAuthError> {
    let hint = key.wants_touch() && asking == Asking::Allowed;
    let hint = hint.then(|| format!("Touch the security key: {}", key.label));
    offer(handle, user, key, hash, &mut AgentSigner { agent, identity, hint }).await
}

/// Offers a private key, with the certificate of `offered` if it has one.
pub async fn with_key(
    handle: &mut Handle<Client>,
    user: &str,
    offered: &Key,
    key: Arc<PrivateKey>,
    hash: Option<HashAlg>,
) -> Result<AuthResult, SshError> {
    Ok(match &offered.certificate {
        Some(certificate) => handle.authenticate_openssh_cert(user, key, certificate.clone()).await?,
        None => handle.authenticate_publickey(user, PrivateKeyWithHashAlg::new(key, hash)).await?,
    })
}

/// Whether the server would take this key, so that no passphrase is asked for in vain. A key that cannot be read
/// without the passphrase may be taken.
pub async fn would_accept(
    handle: &mut Handle<Client>,
    user: &str,
    key: &Key,
    hash: Option<HashAlg>,
) -> Result<bool, SshError> {
    if key.public.is_none() {
        return Ok(true);
    }
    match offer(handle, user, key, hash, &mut Probe).await {
        Ok(outcome) => Ok(outcome.success()),
        Err(Asked::ToSign) => Ok(true),
        Err(Asked::Gone) => Err(russh::Error::SendError.into()),
    }
}

async fn offer<S: Signer>(
    handle: &mut Handle<Client>,
    user: &str,
    key: &Key,
    hash: Option<HashAlg>,
    signer: &mut S,
) -> Result<AuthResult, S::Error> {
    match (&key.certificate, &key.public) {
        (Some(certificate), _) => {
            handle.authenticate_certificate_with(user, certificate.clone(), hash, signer).await
        }
        (None, Some(public)) => handle.authenticate_publickey_with(user, public.clone(), hash, signer).await,
        (None, None) => Err(SendError {}.into()),
    }
}

/// The agent, and what to tell the user when a signature is asked of it.
struct AgentSigner<'a> {
    agent: &'a mut Agent,
    identity: &'a AgentIdentity,
    hint: Option<String>,
}

impl Signer for AgentSigner<'_> {
    type Error = AgentAuthError;

    async fn auth_sign(
        &mut self,
        _: &AgentIdentity,
        hash: Option<HashAlg>,
        data: Vec<u8>,
    ) -> Result<Vec<u8>, AgentAuthError> {
        if let Some(hint) = &self.hint {
            terminal::tell(hint);
        }
        // The agent need not have the certificate that is shown.
        self.agent.auth_sign(self.identity, hash, data).await
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
