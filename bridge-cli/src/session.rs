//! One session from the first to the last step: the laptop's side, the remote's, and the program between them.

use std::pin::pin;
use std::time::SystemTime;

use stream_carrier::Carrier;
use tracing::info;

use crate::args::{Options, Work};
use crate::assets::Assets;
use crate::config::{Config, parse_target};
use crate::error::{Error, Said};
use crate::laptop::Laptop;
use crate::launch::{self, Ended, Signal, Signals};
use crate::notice;
use crate::places::Memory;
use crate::remote::{self, Remote};
use crate::target::Target;
use crate::terminal;

/// Runs the session; returns the program's exit code.
pub fn run(options: Options, work: Work) -> Result<u8, Error> {
    let config = Config::load(&options)?;
    let target = parse_target(options.ssh.as_deref().unwrap_or_default())?;
    crate::log::start(&config, options.ssh.as_deref().unwrap_or_default())?;
    let runtime = tokio::runtime::Runtime::new().map_err(Error::local("starting the threads of pii"))?;
    let outcome = runtime.block_on(session(config, target, work, &options));
    if let Err(error) = &outcome {
        info!("{}", error.explain());
    }
    // A thread may still wait for a terminal's line.
    runtime.shutdown_background();
    outcome
}

async fn session(config: Config, target: Target, work: Work, options: &Options) -> Result<u8, Error> {
    let assets = Assets::find()?;
    let mut signals = Signals::take().map_err(Error::local("taking the signals"))?;
    // Whoever asks on the terminal may be killed before the answer.
    let _modes = terminal::Modes::remember();
    let program = launch::find(work, &config)?;
    let (carrier, _) = Carrier::new();
    let laptop = Laptop::open(&config, &target.host, &assets, program, carrier.clone())?;
    let memory = Memory::of(&target, &config, laptop.wanted().outside);
    let known = memory.recall();
    let began = SystemTime::now();

    let mut opening = pin!(async {
        // Asking Node for its version takes as long as a round trip. What can be told without asking is told before.
        let version = async { launch::check_version(laptop.node()).await.map_err(Error::from) };
        let ((), connected) = tokio::try_join!(version, remote::connect(&config, &target))?;
        let fingerprint = connected.fingerprint();
        if let Some(place) = known.as_ref().filter(|place| Some(&place.fingerprint) == fingerprint.as_ref()) {
            laptop.admit(place)?;
        }
        let wanted = laptop.wanted();
        let shows = !laptop.has_admitted();
        let answered = connected.serve(&config, &target, &assets.agents, wanted, shows).await?;
        if let Err(error) = memory.keep(&answered.place) {
            info!("where the target leads could not be kept: {error}");
        }
        if let Some(place) = known.as_ref().filter(|place| laptop.has_admitted() && **place != answered.place)
        {
            let (host, source) = (target.host.clone(), Said(answered.place.change_from(place)));
            // What the program has asked for stays with its own carrier, and reaches nobody.
            answered.carry(Carrier::new().0, &config).end().await;
            return Err(Error::Moved { host, source });
        }
        Ok(answered.carry(carrier, &config))
    });

    // Where the place is known from before, the program starts while the connection is made.
    let (mut remote, mut outcome) = (None, None);
    if let Some(place) = &known {
        let mut running = pin!(laptop.run(place, &mut signals));
        tokio::select! {
            opened = &mut opening => {
                let opened = remote.insert(opened?);
                if opened.place == *place {
                    laptop.admit(place)?;
                    outcome = Some(beside(opened, &target.host, running).await);
                }
            }
            ended = &mut running => match ended? {
                // Nobody waits for the connection any more.
                ended @ Ended::Signal(_) => return Ok(ended.code()),
                ended => outcome = Some(Ok(ended)),
            }
        }
    }
    let remote = match remote {
        Some(remote) => remote,
        None => tokio::select! {
            opened = opening => opened?,
            Some(signal) = signals.next() => return Err(interrupted(signal)),
        },
    };
    let outcome = match (outcome, signals.pending()) {
        (Some(outcome), _) => outcome,
        (None, Some(signal)) => Err(interrupted(signal)),
        (None, None) => {
            laptop.admit(&remote.place)?;
            beside(&remote, &target.host, laptop.run(&remote.place, &mut signals)).await
        }
    };
    let resume = laptop.resume(&remote.place, began);
    let words = remote.end().await;
    if !words.is_empty() {
        info!("the agent said: {words}");
        terminal::tell(&format!("pii: {}: {words}", target.host));
    }
    if let (Ok(Ended::Code(_)), Some(command)) = (&outcome, resume.and_then(|resume| resume.command(options)))
    {
        terminal::tell(&format!("To resume this session on {}:\n{command}", target.host));
    }
    outcome.map(Ended::code)
}

/// Awaits the program, and shows meanwhile what becomes of the link.
async fn beside(
    remote: &Remote,
    host: &str,
    running: impl Future<Output = Result<Ended, Error>>,
) -> Result<Ended, Error> {
    let _title = notice::title(host, remote.round_trip);
    let notice = tokio::spawn(notice::show(host.to_owned(), remote.link.clone()));
    let outcome = running.await;
    notice.abort();
    outcome
}

/// The error for a signal that came before the program ran.
fn interrupted(signal: Signal) -> Error {
    Error::Interrupted { signal: signal.number.unsigned_abs() as u8 }
}
