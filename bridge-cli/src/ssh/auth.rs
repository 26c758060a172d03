//! Proving who the user is: the agent's keys, key files, then what only a person can answer.

use russh::MethodKind;
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use tracing::debug;

use super::host_key::Client;
use super::keys::{self, Key, Keys};
use super::{Asking, SshConfig, SshError};
use crate::error::Said;
use crate::terminal;

/// How often a password may be typed.
const TRIES: usize = 3;

/// Authenticates, or says everything that was tried.
pub async fn authenticate(
    handle: &mut Handle<Client>,
    ssh: &SshConfig,
    asking: Asking,
) -> Result<(), SshError> {
    let mut attempt = Attempt { handle, ssh, asking, tried: Vec::new(), allowed: None };
    if attempt.keys().await? || attempt.person().await? {
        return Ok(());
    }
    Err(attempt.failure())
}

struct Attempt<'a> {
    handle: &'a mut Handle<Client>,
    ssh: &'a SshConfig,
    asking: Asking,
    tried: Vec<String>,
    /// What the server said it would still accept.
    allowed: Option<Vec<MethodKind>>,
}

impl Attempt<'_> {
    async fn keys(&mut self) -> Result<bool, SshError> {
        let Keys { mut agent, keys, notes } = keys::gather(self.ssh).await;
        self.tried.extend(notes);
        for key in keys {
            if !self.allows(MethodKind::PublicKey) || self.handle.is_closed() {
                break;
            }
            let label = key.label();
            let hash =
                if key.is_rsa() { self.handle.best_supported_rsa_hash().await?.flatten() } else { None };
            let user = &self.ssh.user;
            let outcome = match key {
                Key::Agent { identity, .. } => {
                    let Some(agent) = agent.as_mut() else { continue };
                    match keys::with_agent(self.handle, user, identity, hash, agent).await {
                        Ok(outcome) => outcome,
                        Err(error) => {
                            self.tried.push(format!("{label}: the agent did not sign: {error}"));
                            continue;
                        }
                    }
                }
                Key::Plain { key, certificate, .. } => {
                    keys::with_key(self.handle, user, key, certificate.map(|c| *c), hash).await?
                }
                Key::Encrypted { path, text, public } => {
                    if let Some(public) = public
                        && !keys::would_accept(self.handle, user, public, hash).await?
                    {
                        self.tried.push(format!("{label}: not accepted"));
                        continue;
                    }
                    match keys::unlock(&path, &text, self.asking).await? {
                        Ok(key) => keys::with_key(self.handle, user, key, None, hash).await?,
                        Err(why) => {
                            self.tried.push(format!("{label}: {why}"));
                            continue;
                        }
                    }
                }
            };
            if self.settle(&label, outcome) {
                return Ok(true);
            }
        }
        Ok(false)
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
        for _ in 0..TRIES {
            if !self.allows(MethodKind::KeyboardInteractive) || self.handle.is_closed() {
                break;
            }
            match self.keyboard_interactive().await? {
                Answer::Accepted => return Ok(true),
                Answer::Refused => {}
                Answer::NotAsked => break,
            }
        }
        for _ in 0..TRIES {
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
                self.tried.push(format!("{what}: {said}"));
                if !self.handle.is_closed() {
                    self.allowed = Some(remaining_methods.to_vec());
                }
                false
            }
        }
    }

    fn allows(&self, method: MethodKind) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.contains(&method))
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
