//! Proving who the user is: the agent's keys, key files, then what only a person can answer.

use russh::MethodKind;
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use tracing::debug;

use super::host_key::Client;
use super::keys::{self, Key, Keys, Secret};
use super::{Asking, SshConfig, SshError, signing};
use crate::error::Said;
use crate::terminal;

/// Authenticates, or says everything that was tried.
pub async fn authenticate(
    handle: &mut Handle<Client>,
    ssh: &SshConfig,
    asking: Asking,
) -> Result<(), SshError> {
    let mut attempt = Attempt { handle, ssh, asking, tried: Vec::new(), allowed: None, advanced: false };
    loop {
        attempt.advanced = false;
        if attempt.keys().await? || attempt.person().await? {
            return Ok(());
        }
        // A server that wants several methods tells after each one what it wants next.
        if !attempt.advanced {
            return Err(attempt.failure());
        }
    }
}

struct Attempt<'a> {
    handle: &'a mut Handle<Client>,
    ssh: &'a SshConfig,
    asking: Asking,
    tried: Vec<String>,
    /// What the server said it would still accept.
    allowed: Option<Vec<MethodKind>>,
    /// Something was accepted, but not enough.
    advanced: bool,
}

impl Attempt<'_> {
    async fn keys(&mut self) -> Result<bool, SshError> {
        if !self.allows(MethodKind::PublicKey) {
            return Ok(false);
        }
        let Keys { mut agent, keys, notes } = keys::gather(self.ssh).await;
        self.tried.extend(notes);
        for key in keys {
            if !self.allows(MethodKind::PublicKey) || self.handle.is_closed() {
                break;
            }
            match self.key(&key, agent.as_mut()).await? {
                Ok(outcome) => {
                    if self.settle(&key.label, outcome) {
                        return Ok(true);
                    }
                }
                Err(why) => self.tried.push(format!("{}: {why}", key.label)),
            }
        }
        Ok(false)
    }

    /// Offers one key. The inner error says why it could not be used.
    async fn key(
        &mut self,
        key: &Key,
        agent: Option<&mut keys::Agent>,
    ) -> Result<Result<AuthResult, String>, SshError> {
        let hash = if key.is_rsa() { self.handle.best_supported_rsa_hash().await?.flatten() } else { None };
        let (handle, user) = (&mut *self.handle, &self.ssh.user);
        let secret = match &key.secret {
            Secret::Agent(identity) => {
                let Some(agent) = agent else { return Ok(Err("the agent is gone".into())) };
                let outcome =
                    signing::with_agent(handle, user, key, identity, hash, agent, self.asking).await;
                return Ok(outcome.map_err(|error| format!("the agent did not sign: {error}")));
            }
            Secret::Open(secret) => secret.clone(),
            Secret::Locked { path, text } => {
                if !signing::would_accept(handle, user, key, hash).await? {
                    return Ok(Err("not accepted".into()));
                }
                match self.ssh.keyring.unlock(path, text, self.ssh.password_prompts, self.asking).await? {
                    Ok(secret) => secret,
                    Err(why) => return Ok(Err(why)),
                }
            }
        };
        Ok(Ok(signing::with_key(handle, user, key, secret, hash).await?))
    }

    /// Keyboard-interactive and passwords, when there is somebody to ask.
    async fn person(&mut self) -> Result<bool, SshError> {
        if self.allowed.is_none() && !self.handle.is_closed() {
            let outcome = self.handle.authenticate_none(&self.ssh.user).await?;
            if self.settle("no authentication", outcome) {
                return Ok(true);
            }
        }
        if !self.asking.is_possible() {
            return Ok(false);
        }
        for _ in 0..self.ssh.password_prompts {
            if !self.allows(MethodKind::KeyboardInteractive) || self.handle.is_closed() {
                break;
            }
            match self.keyboard_interactive().await? {
                Answer::Accepted => return Ok(true),
                Answer::Refused => {}
                Answer::NotAsked => break,
            }
        }
        for _ in 0..self.ssh.password_prompts {
            if !self.allows(MethodKind::Password) || self.handle.is_closed() {
                break;
            }
            let password = ask(format!("{}@{}'s password: ", self.ssh.user, self.ssh.alias), true).await?;
            let outcome = self.handle.authenticate_password(&self.ssh.user, password).await?;
            if self.settle("password", outcome) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn keyboard_interactive(&mut self) -> Result<Answer, SshError> {
        let mut asked = false;
        let mut response =
            self.handle.authenticate_keyboard_interactive_start(&self.ssh.user, None::<String>).await?;
        loop {
            match response {
                KeyboardInteractiveAuthResponse::Success => return Ok(Answer::Accepted),
                KeyboardInteractiveAuthResponse::Failure { remaining_methods, partial_success } => {
                    self.settle(
                        "keyboard-interactive",
                        AuthResult::Failure { remaining_methods, partial_success },
                    );
                    return Ok(if asked { Answer::Refused } else { Answer::NotAsked });
                }
                KeyboardInteractiveAuthResponse::InfoRequest { name, instructions, prompts } => {
                    for text in [name, instructions].iter().filter(|text| !text.trim().is_empty()) {
                        terminal::tell(&terminal::plain(text));
                    }
                    let mut answers = Vec::new();
                    for prompt in prompts {
                        asked = true;
                        answers.push(ask(terminal::plain(&prompt.prompt), !prompt.echo).await?);
                    }
                    response = self.handle.authenticate_keyboard_interactive_respond(answers).await?;
                }
            }
        }
    }

    /// Notes an outcome; true if the server is satisfied.
    fn settle(&mut self, what: &str, outcome: AuthResult) -> bool {
        match outcome {
            AuthResult::Success => {
                debug!("accepted: {what}");
                true
            }
            AuthResult::Failure { remaining_methods, partial_success } => {
                let said = if partial_success { "accepted, but more is asked for" } else { "not accepted" };
                debug!("{what}: {said}");
                self.advanced |= partial_success;
                self.tried.push(format!("{what}: {said}"));
                if !self.handle.is_closed() {
                    self.allowed = Some(remaining_methods.to_vec());
                }
                false
            }
        }
    }

    fn allows(&self, method: MethodKind) -> bool {
        self.ssh.methods.contains(&method)
            && self.allowed.as_ref().is_none_or(|allowed| allowed.contains(&method))
    }

    fn failure(self) -> SshError {
        let mut lines = self.tried;
        if self.handle.is_closed() {
            lines.push("the server closed the connection; IdentitiesOnly yes offers it fewer keys".into());
        } else if let Some(allowed) = &self.allowed {
            let names: Vec<&str> = allowed.iter().map(<&str>::from).collect();
            lines.push(format!("the server allows: {}", names.join(", ")));
        }
        SshError::Authentication {
            user: self.ssh.user.clone(),
            host: self.ssh.alias.clone(),
            port: self.ssh.port,
            source: Said(lines.join("\n")),
        }
    }
}

/// How an attempt with questions ended.
enum Answer {
    Accepted,
    Refused,
    /// The server had no question: asking it again is of no use.
    NotAsked,
}

/// Asks where a terminal is known to be there.
async fn ask(question: String, hidden: bool) -> Result<String, SshError> {
    terminal::ask(question, hidden).await.ok().flatten().ok_or(SshError::Interrupted)
}
