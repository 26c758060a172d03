//! The files `pii` brings along: the agents and the preload.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Said};

/// An agent for one kind of machine.
#[derive(Debug, Clone)]
pub struct Agent {
    /// `x86_64-linux`.
    pub platform: String,
    /// The packed file.
    pub packed: PathBuf,
    /// Bytes of the packed file.
    pub packed_size: u64,
    /// Facts about the unpacked file.
    pub facts: AgentFacts,
}

/// What the build writes beside an agent, about the unpacked file.
#[derive(Debug, Clone, Deserialize)]
pub struct AgentFacts {
    /// SHA-256 in hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// The CRC that POSIX `cksum` prints.
    pub cksum: u32,
}

/// Where everything is.
#[derive(Debug)]
pub struct Assets {
    /// The directory of them all.
    pub directory: PathBuf,
    /// Module to preload.
    pub preload: PathBuf,
    /// At least one.
    pub agents: Vec<Agent>,
}

impl Assets {
    /// Looks beside the executable, then in `../lib/pii`.
    pub fn find() -> Result<Self, Error> {
        let executable = std::env::current_exe()
            .and_then(fs::canonicalize)
            .map_err(Error::local("finding the executable of pii"))?;
        let beside = executable.parent().unwrap_or(Path::new("/"));
        let places = [beside.join("pii-assets"), beside.join("../lib/pii")];
        let missing = |what: &str| Error::Assets {
            what: what.to_owned(),
            source: Said(format!(
                "looked in {}",
                places.each_ref().map(|p| p.display().to_string()).join(" and ")
            )),
        };
        let directory = places.iter().find_map(|place| fs::canonicalize(place).ok());
        let directory = directory.ok_or_else(|| missing("pii-assets"))?;
        let preload = directory.join("preload/preload.cjs");
        if !preload.is_file() {
            return Err(missing("preload/preload.cjs"));
        }
        let agents = agents(&directory.join("agents"))?;
        if agents.is_empty() {
            return Err(missing("agents"));
        }
        Ok(Self { directory, preload, agents })
    }
}

fn agents(directory: &Path) -> Result<Vec<Agent>, Error> {
    let mut agents = Vec::new();
    let Ok(entries) = fs::read_dir(directory) else { return Ok(agents) };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let step = || Error::local(format!("reading {}", path.display()));
        let text = fs::read(&path).map_err(step())?;
        let facts: AgentFacts = serde_json::from_slice(&text).map_err(|error| step()(error.into()))?;
        let packed = path.with_extension("gz");
        let packed_size =
            fs::metadata(&packed).map_err(Error::local(format!("reading {}", packed.display())))?.len();
        let platform = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        agents.push(Agent { platform, packed, packed_size, facts });
    }
    agents.sort_by(|a, b| a.platform.cmp(&b.platform));
    Ok(agents)
}
