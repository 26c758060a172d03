//! One session from the first to the last step: connect, deploy, socket, launch, tidy up.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tracing::{debug, info};
use wire_protocol::{EnvironmentSettings, Hello, Ready, Redirect, Root, SessionFacts, VERSION};

use crate::args::{Options, Work};
use crate::assets::Assets;
use crate::config::{Config, Source, parse_target};
use crate::deploy;
use crate::error::Error;
use crate::launch::{self, Signals, Subject};
use crate::ssh::{self, Asking, SshConfig};
use crate::start::StartNotes;
use crate::state;
use crate::streams::{self, RunDirectory, Streams, Token};
use crate::target::Target;
use crate::terminal;

/// Milliseconds the remote user's shell may take to read its startup files.
const LOGIN_PATIENCE: u32 = 10_000;

/// Runs the session; returns the program's exit code.
pub fn run(options: Options, work: Work) -> Result<u8, Error> {
    let config = Config::load(&options)?;
    let target = parse_target(options.ssh.as_deref().unwrap_or_default())?;
    if let Some(file) = &config.log.value {
        crate::log::start(file)?;
    }
    let runtime = tokio::runtime::Runtime::new().map_err(Error::local("starting the threads of pii"))?;
    let outcome = runtime.block_on(session(config, target, work));
    if let Err(error) = &outcome {
        info!("{}", error.explain());
    }
    // A thread may still wait for a terminal's line.
    runtime.shutdown_background();
    outcome
}

async fn session(config: Config, target: Target, work: Work) -> Result<u8, Error> {
    let assets = Assets::find()?;
    let found = async { launch::find(work, &config).await.map_err(Error::from) };
    let connected = async {
        let ssh = SshConfig::resolve(&target, config.ssh_config.value.as_deref()).await?;
        Ok(ssh::connect(&ssh, limit(&config, &ssh), Asking::Allowed).await?)
    };
    // Asking Node for its version takes as long as a round trip. What can be told without asking is told before.
    let (program, connection) = tokio::try_join!(found, connected)?;

    let token = Token::random();
    let hello = hello(&config, &target, &token);
    let serving = deploy::start(&connection, &assets.agents, &hello, &target.host).await?;
    let (port, root, more_roots, home, umask) = match serving.ready {
        Ready::Listening { port, root, more_roots, home, umask } => (port, root, more_roots, home, umask),
        Ready::Refused(refusal) => return Err(Error::Refused { host: target.host, refusal }),
    };
    debug!(port, root, "the agent serves");
    let connection = Arc::new(connection);
    let streams = Streams::open(connection.clone(), port, token).await;
    let streams = streams.map_err(|source| Error::Stream { host: target.host.clone(), source })?;

    let mut signals = Signals::take().map_err(Error::local("taking the signals"))?;
    let directory = RunDirectory::create().map_err(Error::local("making a private directory"))?;
    let kept = state::kept(&connection.fingerprint, &root)
        .map_err(Error::local(format!("making {}", state::directory().display())))?;
    let redirects = state::redirects(&kept);
    let start = Arc::new(StartNotes::open(&kept, program.name));
    let (words, script) = words(program.subject, &root)?;
    let facts = SessionFacts {
        version: VERSION.to_owned(),
        program: program.name.to_owned(),
        host: target.host.clone(),
        root: root.clone(),
        more_roots: more_roots.into_iter().map(|root| root.path).collect(),
        remote_home: home,
        umask,
        mirrors: directory.mirrors().to_string_lossy().into_owned(),
        pins: pins(program.pins, script, [directory.path(), &assets.directory], &redirects),
        redirects: redirects.clone(),
        cache_max_bytes: if config.cache_enabled.value { config.cache_max_bytes.value.0 } else { 0 },
        local_commands: config.local_commands.value.clone(),
        remote_commands: config.remote_commands.value.clone(),
        forward_names: config.env_forward.value.clone(),
        never_names: config.env_never.value.clone(),
        preload: assets.preload.to_string_lossy().into_owned(),
    };
    let listening = streams::serve(&directory.socket(), streams, facts, Arc::clone(&start))
        .map_err(Error::local("listening on the local socket"))?;

    let outcome = match signals.pending() {
        Some(signal) => Err(Error::Interrupted { signal: signal.number.unsigned_abs() as u8 }),
        None => {
            let run = launch::run(&program.node, &assets.preload, &words, &root, &directory, &mut signals);
            run.await.map_err(Error::from)
        }
    };
    if connection.is_closed() {
        info!("the connection had ended before the program did");
    }
    if let Err(error) = start.keep() {
        info!("what the program looked at could not be kept: {error}");
    }
    let words = serving.lifeline.end().await;
    if !words.is_empty() {
        info!("the agent said: {words}");
        terminal::tell(&format!("pii: {}: {words}", target.host));
    }
    connection.close().await;
    listening.abort();
    outcome
}

/// The limit for connecting: ours if set, else that of the SSH configuration, else our default.
fn limit(config: &Config, ssh: &SshConfig) -> Duration {
    let own = config.connect_timeout.value.duration();
    match config.connect_timeout.source {
        Source::Default => ssh.connect_timeout.unwrap_or(own),
        _ => own,
    }
}

fn hello(config: &Config, target: &Target, token: &Token) -> Hello {
    let roots = |paths: &[String], writable| -> Vec<Root> {
        paths.iter().map(|path| Root { path: path.clone(), writable }).collect()
    };
    let mut more_roots = roots(&config.read_roots.value, false);
    more_roots.extend(roots(&config.write_roots.value, true));
    let root = if target.path.is_empty() { config.root.value.clone() } else { target.path.clone() };
    Hello {
        version: VERSION.to_owned(),
        token: token.0.clone(),
        root,
        more_roots,
        port: config.agent_port.value,
        environment: EnvironmentSettings {
            mode: config.env_mode.value,
            patience: LOGIN_PATIENCE,
            set: config.env_set.value.0.clone(),
        },
    }
}

/// The words behind Node's own, and what of a script on the laptop stays there.
fn words(subject: Subject, root: &str) -> Result<(Vec<OsString>, Vec<PathBuf>), Error> {
    match subject {
        Subject::Pi(entry, args) => Ok((std::iter::once(entry.into()).chain(args).collect(), Vec::new())),
        Subject::Words(mut words) => {
            let cwd = std::env::current_dir().map_err(Error::local("finding the working directory"))?;
            let script = launch::locate(&mut words, &cwd, root);
            Ok((words, script.map(|script| script.pins(root)).unwrap_or_default()))
        }
    }
}

/// What stays on the laptop even beneath the root, by the name given and by the real one.
fn pins(
    installation: Vec<PathBuf>,
    script: Vec<PathBuf>,
    own: [&Path; 2],
    redirects: &[Redirect],
) -> Vec<String> {
    let mut pins = installation;
    pins.extend(script);
    pins.extend(own.map(Path::to_owned));
    pins.extend([state::directory(), state::pi_directory(), std::env::temp_dir()]);
    pins.extend(redirects.iter().map(|redirect| PathBuf::from(&redirect.from)));
    let real = pins.iter().filter_map(|pin| std::fs::canonicalize(pin).ok()).collect::<Vec<_>>();
    pins.extend(real);
    let mut pins: Vec<String> = pins.iter().map(|pin| pin.to_string_lossy().into_owned()).collect();
    pins.sort();
    pins.dedup();
    pins
}
