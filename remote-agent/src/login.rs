//! The environment that processes start from: the one a login gives the remote user.
//!
//! It is asked for once, while the program on the other machine starts. Processes wait for it, files do not.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    fmt,
    io::{self, Write},
    path::Path,
    sync::Arc,
    time::Duration,
};

use rustix::fs::Mode;
use tokio::{sync::watch, time::timeout};
use wire_protocol::{EnvironmentMode, EnvironmentSettings};

use crate::{
    children::Children,
    login_shell::{Form, NoAnswer, Shell},
};

/// Names and values of an environment.
pub type Variables = BTreeMap<OsString, OsString>;

/// What a shell says of itself and not of the user.
const OF_THE_SHELL: [&str; 4] = ["_", "OLDPWD", "PWD", "SHLVL"];

/// The terminal a process has is told by its caller. The shell is asked without one.
const TERMINAL: &str = "TERM";

/// The directory for what is temporary.
const TEMP: &str = "TMPDIR";

/// The environment that processes start from, once it is known.
#[derive(Debug, Clone)]
pub struct Login(watch::Receiver<Option<Arc<Variables>>>);

impl Login {
    /// Begins to ask for it, in a shell with this umask. Unless it says otherwise, `temp` is for what is temporary.
    pub fn begin(
        settings: EnvironmentSettings,
        umask: Mode,
        temp: Option<&Path>,
        children: Arc<Children>,
    ) -> Self {
        let (sender, receiver) = watch::channel(None);
        let temp = temp.map(|temp| temp.as_os_str().to_owned());
        tokio::spawn(async move {
            let mut variables = match settings.mode {
                EnvironmentMode::Plain => own(),
                EnvironmentMode::Login => {
                    let patience = Duration::from_millis(settings.patience.into());
                    of_login(&Shell::of_the_user(umask), patience, &children).await
                }
            };
            // A login that names a directory of its own has a reason, as a small /tmp.
            if let Some(temp) = temp {
                variables.entry(TEMP.into()).or_insert(temp);
            }
            variables.extend(settings.set.into_iter().map(|(name, value)| (name.into(), value.into())));
            sender.send_replace(Some(Arc::new(variables)));
        });
        Self(receiver)
    }

    /// Waits until it is known.
    pub async fn variables(&self) -> Arc<Variables> {
        let mut receiver = self.0.clone();
        let known = receiver.wait_for(Option::is_some).await;
        // Nobody is left to tell it only if the runtime ends.
        known.ok().and_then(|known| known.clone()).unwrap_or_else(|| Arc::new(own()))
    }
}

/// What the shell says, in the first form in which it says anything; else the agent's own, and the user is told.
async fn of_login(shell: &Shell, patience: Duration, children: &Children) -> Variables {
    let asked = async {
        let mut outcome = Err(NoAnswer::Ended);
        for form in Form::ALL {
            outcome = shell.ask(form, children).await;
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    };
    let why = match timeout(patience, asked).await {
        Ok(Ok(variables)) => return without_the_shells(variables),
        Ok(Err(why)) => why.to_string(),
        Err(_) => format!("did not tell it within {} s", patience.as_secs_f32()),
    };
    tell_the_user(format_args!(
        "the login shell {} was asked for its environment and {why}; commands had that of a plain ssh command\n  \
         try: a look at its startup files, or env.mode = \"plain\" in the configuration",
        shell.path().display()
    ));
    own()
}

/// What comes on stderr is shown to the user once the program has ended.
fn tell_the_user(text: fmt::Arguments) {
    // Without a listener there is no user.
    let _ = writeln!(io::stderr(), "{text}");
}

/// The agent's own environment, as the SSH server gave it to a command.
fn own() -> Variables {
    env::vars_os().filter(|(name, _)| !OF_THE_SHELL.iter().any(|of_shell| name == of_shell)).collect()
}

fn without_the_shells(mut variables: Variables) -> Variables {
    variables.retain(|name, _| name != TERMINAL && !OF_THE_SHELL.iter().any(|of_shell| name == of_shell));
    if let Some(terminal) = env::var_os(TERMINAL) {
        variables.insert(TERMINAL.into(), terminal);
    }
    variables
}
