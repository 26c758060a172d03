//! The laptop's side of a session: the program, its private directory, and the socket on which its processes are told
//! where they work.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use stream_carrier::Carrier;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{debug, info};
use wire_protocol::{Decisions, Outside, Redirect, Served, SessionFacts, VERSION};

use crate::assets::Assets;
use crate::config::Config;
use crate::error::Error;
use crate::launch::{self, Ended, Homes, Program, Side, Signals, Subject};
use crate::local_socket::{self, Admission};
use crate::places::Place;
use crate::remote::{TEMPORARY, Wanted};
use crate::resume::Resume;
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

    /// Where to find the session of pi that began then; none of another program's.
    pub fn resume(&self, place: &Place, since: SystemTime) -> Option<Resume> {
        let kept = state::kept(&place.fingerprint, &place.served.root).ok()?;
        let directory = state::sessions(&kept, &place.served.root);
        let is_pi = matches!(self.program.subject, Subject::Pi(..));
        is_pi.then_some(Resume { directory, since })
    }

    /// What the program wants of the remote.
    pub fn wanted(&self) -> Wanted<'_> {
        let carries = matches!(self.program.subject, Subject::Pi(..));
        Wanted { outside: self.program.outside, temp: self.directory.temp(), carries }
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
        let facts = Arc::new(self.facts(place, &kept)?);
        let start = Arc::new(StartNotes::open(&kept, self.program.name));
        debug!(root, "the program may begin");
        self.admission.send_replace(Some(Admission { facts, start }));
        Ok(())
    }

    fn facts(&self, place: &Place, kept: &Path) -> Result<SessionFacts, Error> {
        let Config { cache_enabled, cache_max_bytes, local_commands, remote_commands, .. } = self.config;
        let served = &place.served;
        let (words, script) = self.words(&served.root)?;
        let cwd = std::env::current_dir().map_err(Error::local("finding the working directory"))?;
        let local = self.program.outside == Outside::Local;
        let is_pi = matches!(self.program.subject, Subject::Pi(..));
        let mut homes = match local {
            true => Homes::default(),
            false => Homes::of(is_pi, &served.home, &served.root, kept, self.config),
        };
        let mut pins = self.program.pins.clone();
        let roots: Vec<&str> = [served.root.as_str()].into_iter().chain(TEMPORARY).collect();
        pins.extend(script.map(|script| script.pins(&roots, local)).unwrap_or_default());
        if is_pi {
            pins.extend(launch::named_files(&words, &served.root));
        }
        pins.extend([self.directory.path(), &self.assets.directory].map(Path::to_owned));
        if !served.temp {
            pins.push(self.directory.temp().to_owned());
        }
        pins.append(&mut homes.pins);
        let mut redirects = state::redirects(kept);
        redirects.append(&mut homes.redirects);
        let believed = served.more_roots.iter().filter(|root| !local || self.is_believed(&root.path, served));
        let mut more_roots: Vec<_> = believed.map(|root| root.path.clone()).collect();
        if served.temp {
            more_roots.push(self.directory.temp().to_string_lossy().into_owned());
        }
        Ok(SessionFacts {
            version: VERSION.to_owned(),
            program: self.program.name.to_owned(),
            host: self.host.to_owned(),
            root: served.root.clone(),
            more_roots,
            outside: self.program.outside,
            remote_home: served.home.clone(),
            laptop_cwd: cwd.to_string_lossy().into_owned(),
            laptop_home: launch::home().to_string_lossy().into_owned(),
            umask: served.umask,
            mirrors: self.directory.mirrors().to_string_lossy().into_owned(),
            temp: std::env::temp_dir().to_string_lossy().into_owned(),
            session_temp: self.directory.temp().to_string_lossy().into_owned(),
            carried: homes.carried,
            environment: homes.environment,
            decisions: if self.config.log.value.is_some() { Decisions::All } else { Decisions::Commands },
            agent_directory: state::pi_directory().to_string_lossy().into_owned(),
            pins: named(pins, &redirects),
            redirects,
            cache_max_bytes: if cache_enabled.value { cache_max_bytes.value.0 } else { 0 },
            local_commands: local_commands.value.clone(),
            remote_commands: remote_commands.value.clone(),
            forward_names: self.config.env_forward.value.clone(),
            never_names: self.config.env_never.value.clone(),
            preload: self.assets.preload.to_string_lossy().into_owned(),
        })
    }

    /// Whether a further root takes paths from the laptop: one that pii or the user has asked for, or of the root's
    /// repository, which the agent has found and which may hold nothing of the laptop's.
    fn is_believed(&self, path: &str, served: &Served) -> bool {
        let asked = [&self.config.read_roots.value, &self.config.write_roots.value];
        // As the agent does: what is not absolute lies below the home.
        let expand = |asked: &String| match asked.as_str() {
            "~" => PathBuf::from(&served.home),
            _ => Path::new(&served.home).join(asked.strip_prefix("~/").unwrap_or(asked)),
        };
        let top = Path::new(&served.root).starts_with(path) && !launch::home().starts_with(path);
        let shared = Path::new(path).iter().any(|name| name == ".git");
        TEMPORARY.contains(&path)
            || top
            || shared
            || asked.iter().any(|list| list.iter().any(|asked| expand(asked) == Path::new(path)))
    }

    /// The words behind Node's own, and where the script among them lies.
    fn words(&self, root: &str) -> Result<(Vec<OsString>, Option<Side>), Error> {
        match self.program.subject.clone() {
            Subject::Pi(entry, args) => Ok((std::iter::once(entry.into()).chain(args).collect(), None)),
            Subject::Words(mut words) => {
                let cwd = std::env::current_dir().map_err(Error::local("finding the working directory"))?;
                let script = launch::locate(&mut words, &cwd, root);
                if launch::has_mode(&words) {
                    // A child of the session, whose mode the preload sees to. Without the separator Node itself would read
                    // the environment files that are named behind the script, too.
                    let start = self.assets.preload.with_file_name("modes/start.cjs");
                    words.splice(0..0, [start.into(), "--".into()]);
                }
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
fn named(mut pins: Vec<PathBuf>, redirects: &[Redirect]) -> Vec<String> {
    pins.push(state::directory());
    pins.extend(redirects.iter().map(|redirect| PathBuf::from(&redirect.from)));
    let real = pins.iter().filter_map(|pin| std::fs::canonicalize(pin).ok()).collect::<Vec<_>>();
    pins.extend(real);
    let mut pins: Vec<String> = pins.iter().map(|pin| pin.to_string_lossy().into_owned()).collect();
    pins.sort();
    pins.dedup();
    pins
}
