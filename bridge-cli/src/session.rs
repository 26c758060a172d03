//! One session from the first to the last step: connect, deploy, socket, launch, tidy up.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tracing::info;
use wire_protocol::{Redirect, SessionFacts, VERSION};

use crate::args::{Options, Work};
use crate::assets::Assets;
use crate::config::{Config, parse_target};
use crate::error::Error;
use crate::launch::{self, Signal, Signals, Subject};
use crate::local_socket;
use crate::notice;
use crate::remote;
use crate::run_directory::RunDirectory;
use crate::start::StartNotes;
use crate::state;
use crate::target::Target;
use crate::terminal;

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
    let mut signals = Signals::take().map_err(Error::local("taking the signals"))?;
    // Whoever asks on the terminal may be killed before the answer.
    let _modes = terminal::Modes::remember();
    let opened = async {
        let found = async { launch::find(work, &config).await.map_err(Error::from) };
        // Asking Node for its version takes as long as a round trip. What can be told without asking is told before.
        let (program, connected) = tokio::try_join!(found, remote::connect(&config, &target))?;
        let remote = connected.serve(&config, &target, &assets.agents).await?;
        Ok::<_, Error>((program, remote))
    };
    let (program, remote) = tokio::select! {
        opened = opened => opened?,
        Some(signal) = signals.next() => return Err(interrupted(signal)),
    };
    let root = remote.root.clone();

    let directory = RunDirectory::create().map_err(Error::local("making a private directory"))?;
    let kept = state::kept(&remote.fingerprint, &root)
        .map_err(Error::local(format!("making {}", state::directory().display())))?;
    let redirects = state::redirects(&kept);
    let start = Arc::new(StartNotes::open(&kept, program.name));
    let (words, script) = words(program.subject, &root)?;
    let facts = SessionFacts {
        version: VERSION.to_owned(),
        program: program.name.to_owned(),
        host: target.host.clone(),
        root: root.clone(),
        more_roots: remote.more_roots.iter().map(|root| root.path.clone()).collect(),
        remote_home: remote.home.clone(),
        umask: remote.umask,
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
    let carrier = remote.carrier.clone();
    let listening = local_socket::serve(&directory.socket(), carrier, facts, Arc::clone(&start))
        .map_err(Error::local("listening on the local socket"))?;

    let _title = notice::title(&target.host, remote.round_trip);
    let notice = tokio::spawn(notice::show(target.host.clone(), remote.link.clone()));

    let outcome = match signals.pending() {
        Some(signal) => Err(interrupted(signal)),
        None => {
            let run = launch::run(&program.node, &assets.preload, &words, &root, &directory, &mut signals);
            run.await.map_err(Error::from)
        }
    };
    notice.abort();
    if let Err(error) = start.keep() {
        info!("what the program looked at could not be kept: {error}");
    }
    let words = remote.end().await;
    if !words.is_empty() {
        info!("the agent said: {words}");
        terminal::tell(&format!("pii: {}: {words}", target.host));
    }
    listening.abort();
    outcome
}

/// The error for a signal that came before the program ran.
fn interrupted(signal: Signal) -> Error {
    Error::Interrupted { signal: signal.number.unsigned_abs() as u8 }
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
