//! How agents lie beside `pii`: each packed, and beside it what `pii` has to know of it.

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    assemble::{hex, put},
    cksum::cksum,
    error::Error,
};

/// What an agent is made of, with what both ends of a session say to each other.
const SOURCES: [&str; 6] =
    ["Cargo.toml", "Cargo.lock", "stream-carrier", "wire-protocol", "remote-search", "remote-agent"];

/// Puts an agent in its place.
pub fn lay_out(agents: &Path, architecture: &str, agent: &[u8], sources: &str) -> Result<(), Error> {
    let facts = json!({
        "sha256": hex(&Sha256::digest(agent)),
        "size": agent.len(),
        "cksum": cksum(agent),
        "sources": sources,
    });
    put(&packed(agents, architecture), &gzip(agent)?)?;
    put(&packed(agents, architecture).with_extension("json"), facts.to_string().as_bytes())
}

/// Whether there is one for this kind of machine.
pub fn has(agents: &Path, architecture: &str) -> bool {
    packed(agents, architecture).exists()
}

fn packed(agents: &Path, architecture: &str) -> PathBuf {
    agents.join(format!("{architecture}-linux.gz"))
}

/// Removes the agents that were made of other sources.
pub fn remove_others(agents: &Path, sources: &str) -> Result<(), Error> {
    let Ok(entries) = fs::read_dir(agents) else { return Ok(()) };
    for entry in entries {
        let facts = entry?.path();
        if facts.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read(&facts).map_err(Error::at(&facts))?;
        let made_of = serde_json::from_slice::<Value>(&text).unwrap_or_default()["sources"].take();
        if made_of != sources {
            println!("removing {}: the agent's sources have changed", facts.display());
            fs::remove_file(&facts).map_err(Error::at(&facts))?;
            let packed = facts.with_extension("gz");
            fs::remove_file(&packed).map_err(Error::at(&packed))?;
        }
    }
    Ok(())
}

/// A hash of all that agents are made of.
pub fn sources(project: &Path) -> Result<String, Error> {
    let mut files = Vec::new();
    let mut open: Vec<_> = SOURCES.iter().map(PathBuf::from).collect();
    while let Some(path) = open.pop() {
        let here = project.join(&path);
        if here.is_dir() {
            for entry in fs::read_dir(&here).map_err(Error::at(&here))? {
                open.push(path.join(entry?.file_name()));
            }
        } else {
            files.push(path);
        }
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let at = project.join(&file);
        let bytes = fs::read(&at).map_err(Error::at(&at))?;
        hash.update(format!("{} {}\n", file.display(), bytes.len()));
        hash.update(bytes);
    }
    Ok(hex(&hash.finalize()))
}

/// Packs bytes into a file as small as the format of gzip allows, which takes long, unless it holds them already.
pub fn pack(bytes: &[u8], file: &Path) -> Result<(), Error> {
    let mut held = Vec::new();
    let is_held = fs::File::open(file).and_then(|packed| GzDecoder::new(packed).read_to_end(&mut held));
    if is_held.is_ok() && held == bytes {
        return Ok(());
    }
    println!("packing {}", file.display());
    let mut packed = Vec::new();
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, bytes, &mut packed)?;
    put(file, &packed)
}

/// Packs bytes as small as gzip itself can.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes)?;
    Ok(packed.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_of_other_sources_do_not_stay() {
        let agents = tempfile::tempdir().unwrap();
        lay_out(agents.path(), "x86_64", b"one", "new").unwrap();
        lay_out(agents.path(), "aarch64", b"other", "old").unwrap();
        // One from before agents told what they are made of.
        fs::write(agents.path().join("armv7-linux.json"), "{}").unwrap();
        fs::write(agents.path().join("armv7-linux.gz"), "").unwrap();
        remove_others(agents.path(), "new").unwrap();
        assert!(has(agents.path(), "x86_64") && !has(agents.path(), "aarch64"));
        assert_eq!(fs::read_dir(agents.path()).unwrap().count(), 2);
    }
}
