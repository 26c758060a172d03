//! The laptop's side of a session: the program, its private directory, and the socket on which its processes are told
//! where they work.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use stream_carrier::Carrier;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{debug, info};
use wire_protocol::{Redirect, SessionFacts, VERSION};

use crate::assets::Assets;
use crate::config::Config;
use crate::error::Error;
use crate::launch::{self, Ended, Program, Side, Signals, Subject};
use crate::local_socket::{self, Admission};
use crate::places::Place;
use crate::run_directory::RunDirectory;
use crate::start::StartNotes;
use crate::state;

/// What there is of a session on the laptop.
pub struct Laptop<'a> {
    config: &'a Config,
    /// The host as typed.
    host: &'a str,
    assets: &'a Assets,
    program: Program,
    directory: RunDirectory,
    admission: watch::Sender<Option<Admission>>,
    listening: JoinHandle<std::io::Result<()>>,
}

impl<'a> Laptop<'a> {
    /// Listens for the program's processes, whose streams the carrier takes.
    pub fn open(
        config: &'a Config,
        host: &'a str,
        assets: &'a Assets,
        program: Program,
        carrier: Carrier,
    ) -> Result<Self, Error> {
        let directory = RunDirectory::create().map_err(Error::local("making a private directory"))?;
        let (admission, admitted) = watch::channel(None);
        let listening = local_socket::serve(&directory.socket(), carrier, admitted)
            .map_err(Error::local("listening on the local socket"))?;
        Ok(Self { config, host, assets, program, directory, admission, listening })
    }

    /// The Node that runs the program.
    pub fn node(&self) -> &Path {
        &self.program.node
    }

    /// Runs the program to its end in this place. Until it is admitted there it waits in its preload, before its own
    /// first line.
    pub async fn run(&self, place: &Place, signals: &mut Signals) -> Result<Ended, Error> {
        let root = &place.served.root;
        let (words, _) = self.words(root)?;
        let (node, preload) = (&self.program.node, &self.assets.preload);
        Ok(launch::run(node, preload, &words, root, &self.directory, signals).await?)
    }

    /// Whether the program has been told where it works.
    pub fn has_admitted(&self) -> bool {
        self.admission.borrow().is_some()
    }

    /// Tells the program where it works, unless it knows.
    pub fn admit(&self, place: &Place) -> Result<(), Error> {
        if self.has_admitted() {
            return Ok(());
        }
        let root = &place.served.root;
        let kept = state::kept(&place.fingerprint, root)
            .map_err(Error::local(format!("making {}", state::directory().display())))?;
        let facts = Arc::new(self.facts(place, state::redirects(&kept))?);
        let start = Arc::new(StartNotes::open(&kept, self.program.name));
        debug!(root, "the program may begin");
        self.admission.send_replace(Some(Admission { facts, start }));
        Ok(())
    }

    fn facts(&self, place: &Place, redirects: Vec<Redirect>) -> Result<SessionFacts, Error> {
        let Config { cache_enabled, cache_max_bytes, local_commands, remote_commands, .. } = self.config;
        let served = &place.served;
        let (_, script) = self.words(&served.root)?;
        let script = script.map(|script| script.pins(&served.root)).unwrap_or_default();
        let own = [self.directory.path(), &self.assets.directory];
        Ok(SessionFacts {
            version: VERSION.to_owned(),
            program: self.program.name.to_owned(),
            host: self.host.to_owned(),
            root: served.root.clone(),
            more_roots: served.more_roots.iter().map(|root| root.path.clone()).collect(),
            remote_home: served.home.clone(),
            umask: served.umask,
            mirrors: self.directory.mirrors().to_string_lossy().into_owned(),
            temp: std::env::temp_dir().to_string_lossy().into_owned(),
            pins: pins(&self.program.pins, script, own, &redirects),
            redirects,
            cache_max_bytes: if cache_enabled.value { cache_max_bytes.value.0 } else { 0 },
            local_commands: local_commands.value.clone(),
            remote_commands: remote_commands.value.clone(),
            forward_names: self.config.env_forward.value.clone(),
            never_names: self.config.env_never.value.clone(),
            preload: self.assets.preload.to_string_lossy().into_owned(),
        })
    }

    /// The words behind Node's own, and where the script among them lies.
    fn words(&self, root: &str) -> Result<(Vec<OsString>, Option<Side>), Error> {
        match self.program.subject.clone() {
            Subject::Pi(entry, args) => Ok((std::iter::once(entry.into()).chain(args).collect(), None)),
            Subject::Words(mut words) => {
                let cwd = std::env::current_dir().map_err(Error::local("finding the working directory"))?;
                let script = launch::locate(&mut words, &cwd, root);
                Ok((words, script))
            }
        }
    }
}

impl Drop for Laptop<'_> {
    fn drop(&mut self) {
        self.listening.abort();
        if let Some(Admission { start, .. }) = &*self.admission.borrow()
            && let Err(error) = start.keep()
        {
            info!("what the program looked at could not be kept: {error}");
        }
    }
}

/// What stays on the laptop even beneath the root, by the name given and by the real one.
fn pins(
    installation: &[PathBuf],
    script: Vec<PathBuf>,
    own: [&Path; 2],
    redirects: &[Redirect],
) -> Vec<String> {
    let mut pins = installation.to_vec();
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
