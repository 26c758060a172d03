//! What every command of ours on the remote begins with: words of the user's own, and sudo, which may want a password.

use std::time::Duration;

use tokio::time::timeout;

use crate::config::Config;
use crate::ssh::{Asking, Exec, SshError};
use crate::terminal;

/// The words, and what sudo is told. It is in no log: it has no `Debug`.
#[derive(Clone)]
pub struct Prefix {
    words: String,
    sudo: Option<Sudo>,
}

#[derive(Clone)]
struct Sudo {
    user: String,
    /// What it writes to stderr when it wants the password; it must not ask where there is none.
    prompt: Option<String>,
    password: Option<String>,
}

/// Why sudo was not told what it wants to know.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// Neither a question nor the command came.
    #[error("nothing came in time")]
    Silent,
    /// The user gave up, or nobody may be asked.
    #[error(transparent)]
    Ssh(#[from] SshError),
}

impl Prefix {
    /// As configured. sudo may ask if somebody can answer now.
    pub fn new(config: &Config, asking: Asking) -> Self {
        let words = match config.exec_prefix.value.as_str() {
            "" => String::new(),
            words => format!("{words} "),
        };
        let user = config.become_user.value.clone();
        let prompt = asking.is_possible().then(|| format!("pii-asks-{:016x}", rand::random::<u64>()));
        let sudo = (!user.is_empty()).then_some(Sudo { user, prompt, password: None });
        Self { words, sudo }
    }

    /// Whether commands run as they would without it.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.sudo.is_none()
    }

    /// Whether sudo may want to know something before anything else.
    pub fn may_ask(&self) -> bool {
        self.sudo.as_ref().is_some_and(|sudo| sudo.prompt.is_some())
    }

    /// Whom sudo is to become.
    pub fn user(&self) -> Option<&str> {
        self.sudo.as_ref().map(|sudo| sudo.user.as_str())
    }

    /// The words, with a blank behind them.
    pub fn words(&self) -> String {
        let Self { words, sudo } = self;
        match sudo {
            None => words.clone(),
            Some(Sudo { user, prompt: Some(prompt), .. }) => {
                format!("{words}sudo -S -p {prompt} -H -u {user} -- ")
            }
            Some(Sudo { user, prompt: None, .. }) => format!("{words}sudo -n -H -u {user} -- "),
        }
    }

    /// Tells sudo the password as often as it asks, until the command behind it writes `marker`. The first question has
    /// to come in time; a person may take as long as it takes.
    pub async fn answer(
        &mut self,
        exec: &mut Exec,
        marker: &str,
        host: &str,
        asking: Asking,
        patience: Option<Duration>,
    ) -> Result<(), PromptError> {
        let Some(Sudo { prompt: Some(prompt), password, .. }) = &mut self.sudo else { return Ok(()) };
        let asks = exec.asks(prompt, marker);
        let mut asked = match patience {
            Some(patience) => timeout(patience, asks).await.map_err(|_| PromptError::Silent)?,
            None => asks.await,
        };
        let mut question = format!("password for sudo on {host}: ");
        let mut known = password.take();
        while asked {
            let answer = match known.take() {
                Some(answer) => answer,
                None if asking == Asking::Forbidden => return Err(SshError::Interrupted.into()),
                None => {
                    let typed = terminal::ask(question.clone(), true).await;
                    typed.ok().flatten().ok_or(SshError::Interrupted)?
                }
            };
            // A sudo that has ended says why, and its end is noticed by who listens to it.
            let _ = exec.send(format!("{answer}\n").as_bytes()).await;
            *password = Some(answer);
            question = format!("sudo on {host} did not take it; its password: ");
            asked = exec.asks(prompt, marker).await;
        }
        Ok(())
    }
}
