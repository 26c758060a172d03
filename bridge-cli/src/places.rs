//! Where sessions work. The place a target leads to is remembered, so that the program can be started before the agent
//! has told it again.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use wire_protocol::{Outside, Served, VERSION};

use crate::config::Config;
use crate::remote;
use crate::state;
use crate::target::Target;

/// A machine, and what an agent serves there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// SHA256 fingerprint of the host key.
    pub fingerprint: String,
    /// What the agent said.
    pub served: Served,
}

impl Place {
    /// What has become of another place, in words.
    pub fn change_from(&self, before: &Self) -> String {
        let (now, before) = (&self.served, &before.served);
        let changed = [
            ("root", format!("{:?}", before.root), format!("{:?}", now.root)),
            ("further roots", format!("{:?}", before.more_roots), format!("{:?}", now.more_roots)),
            ("home", format!("{:?}", before.home), format!("{:?}", now.home)),
            ("temp directory", before.temp.to_string(), now.temp.to_string()),
            ("umask", format!("{:03o}", before.umask), format!("{:03o}", now.umask)),
        ];
        let told = changed.iter().filter(|(_, before, now)| before != now);
        told.map(|(what, before, now)| format!("the {what} was {before} and is {now}"))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// The memory of one target.
pub struct Memory {
    /// `None` where nothing is remembered: what the user's own words in front of the agent lead to, and what sudo asks
    /// there, is known only once it has happened.
    file: Option<PathBuf>,
    /// The root as the user wrote it.
    root: String,
}

impl Memory {
    /// That of this target with these settings.
    pub fn of(target: &Target, config: &Config, outside: Outside) -> Self {
        let root = remote::root(config, target).to_owned();
        let Target { user, host, port, .. } = target;
        let ssh_config = &config.ssh_config.value;
        let roots = (&config.read_roots.value, &config.write_roots.value);
        let asked = format!("{:?}", (VERSION, user, host, port, &root, roots, outside, ssh_config));
        let name = state::digest(&asked);
        let plain = config.exec_prefix.value.is_empty() && config.become_user.value.is_empty();
        Self { file: plain.then(|| state::directory().join("places").join(name)), root }
    }

    /// Where the target led the last time.
    pub fn recall(&self) -> Option<Place> {
        // What is missing or cannot be read is what a first session has.
        serde_json::from_slice(&std::fs::read(self.file.as_ref()?).ok()?).ok()
    }

    /// Keeps a place for the next time, unless links lead there: they are made to be changed.
    pub fn keep(&self, place: &Place) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let Served { root, home, .. } = &place.served;
        let below = self.root.strip_prefix("~/").or((self.root != "~").then_some(self.root.as_str()));
        let plain = path_clean::clean(Path::new(home).join(below.unwrap_or_default()));
        if plain != Path::new(root) {
            return forget(file);
        }
        let directory = file.parent().unwrap_or(file);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        state::replace(file, &serde_json::to_vec(place)?)
    }
}

fn forget(file: &Path) -> io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(root: &str) -> Place {
        let served = Served {
            root: root.into(),
            more_roots: vec![],
            temp: true,
            home: "/home/me".into(),
            umask: 0o22,
        };
        Place { fingerprint: "SHA256:x".into(), served }
    }

    #[test]
    fn a_place_behind_links_is_not_remembered() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("places/x");
        for (asked, root, remembered) in [
            ("/srv/app", "/srv/app", true),
            ("/srv/current", "/srv/release-7", false),
            ("app", "/home/me/app", true),
            ("~/app/", "/home/me/app", true),
            ("~", "/home/me", true),
            ("", "/home/me", true),
            ("app", "/data/me/app", false),
        ] {
            let memory = Memory { file: Some(file.clone()), root: asked.into() };
            memory.keep(&place(root)).unwrap();
            assert_eq!(memory.recall(), remembered.then(|| place(root)), "{asked}");
        }
    }
}
