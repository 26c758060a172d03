//! Two homes: `~` is the remote's to the program wherever no path is the laptop's, and what pi and the clients of model
//! providers keep in the laptop's home is named to them by its own path.

use std::path::{Path, PathBuf};

use wire_protocol::{Carried, Redirect};

use super::home;
use crate::config::Config;
use crate::state;

/// Where clients of model providers look for the user's login: the variable that names it and what it names otherwise,
/// below the home.
const LOGINS: [(&str, &str); 6] = [
    ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
    ("AWS_CONFIG_FILE", ".aws/config"),
    ("AZURE_CONFIG_DIR", ".azure"),
    ("CLOUDSDK_CONFIG", ".config/gcloud"),
    ("GOOGLE_APPLICATION_CREDENTIALS", ".config/gcloud/application_default_credentials.json"),
    ("HF_TOKEN_PATH", ".cache/huggingface/token"),
];

/// Skills of the user for any agent, below the home.
const SKILLS: &str = ".agents/skills";

/// What of pi's directory commands may need on the remote, and how many names below make one of them.
const OF_PI: [(&str, usize); 5] =
    [("skills", 1), ("extensions", 1), ("prompts", 1), ("git", 3), ("npm/node_modules", 1)];

/// Directory of the AWS SDK's cached sign-ins, whose place no variable names.
const AWS_SIGN_INS: &str = ".aws/sso/cache";

/// What a program that has the remote's home needs of the laptop's.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Homes {
    /// What its environment says besides.
    pub environment: Vec<(String, String)>,
    /// What stays on the laptop by its own path.
    pub pins: Vec<PathBuf>,
    /// What is kept in the laptop's home under a path of the remote's.
    pub redirects: Vec<Redirect>,
    /// What is brought to the remote when a command names it.
    pub carried: Vec<Carried>,
}

/// The directories of which files may be brought to the remote, as the agent is told them.
pub fn carried_directories() -> Vec<String> {
    let of_pi = OF_PI.map(|(below, _)| state::pi_directory().join(below).to_string_lossy().into_owned());
    let skills = home().join(SKILLS).to_string_lossy().into_owned();
    of_pi.into_iter().chain([format!("~/{SKILLS}"), skills]).collect()
}

impl Homes {
    /// For a program that is pi or another one. `kept` is the directory of this machine and root.
    pub fn of(is_pi: bool, remote_home: &str, root: &str, kept: &Path, config: &Config) -> Self {
        let own = home();
        let mut homes = Self::default();
        homes.set("HOME", Path::new(remote_home));
        for (name, below) in LOGINS {
            let set = std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
            let file = set.unwrap_or_else(|| own.join(below));
            if file.is_absolute() && file.exists() {
                homes.set(name, &file);
                homes.pins.push(file);
            }
        }
        homes.redirect(remote_home, &own, AWS_SIGN_INS);
        if is_pi {
            homes.set("PI_CODING_AGENT_DIR", &state::pi_directory());
            homes.set("PI_CODING_AGENT_SESSION_DIR", &state::sessions(kept, root));
            homes.pins.push(state::pi_directory());
            homes.redirect(remote_home, &own, SKILLS);
            let text = |path: PathBuf| path.to_string_lossy().into_owned();
            let of_pi = OF_PI.map(|(below, depth)| {
                let path = text(state::pi_directory().join(below));
                Carried { from: path.clone(), path, depth }
            });
            let skills = text(Path::new(remote_home).join(SKILLS));
            homes.carried.extend(of_pi);
            let from = text(own.join(SKILLS));
            homes.carried.push(Carried { path: skills, from: from.clone(), depth: 1 });
            if homes.carried.iter().all(|carried| carried.path != from) {
                homes.carried.push(Carried { path: from.clone(), from, depth: 1 });
            }
        }
        for path in &config.local_paths.value {
            match path.strip_prefix("~/") {
                Some(below) => homes.redirect(remote_home, &own, below),
                None => homes.pins.push(PathBuf::from(path)),
            }
        }
        homes
    }

    fn set(&mut self, name: &str, value: &Path) {
        self.environment.push((name.to_owned(), value.to_string_lossy().into_owned()));
    }

    /// Keeps a path below the remote's home in the laptop's, if that has it. It stays reachable by its own name, which is
    /// what its real path is.
    fn redirect(&mut self, remote_home: &str, own: &Path, below: &str) {
        let to = own.join(below);
        if to.exists() {
            let from = Path::new(remote_home).join(below).to_string_lossy().into_owned();
            self.redirects.push(Redirect { from, to: to.to_string_lossy().into_owned() });
            self.pins.push(to);
        }
    }
}
