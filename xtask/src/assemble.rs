//! `cargo xtask build`: builds every part and lays the assets out beside `pii`.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{cksum::cksum, command, error::Error};

/// What makes a program one static file. Its many relocations are packed, which takes a twentieth off its size.
const STATIC: &str = "-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs";

/// Builds all and leaves `target/release/pii` runnable from any directory.
pub fn build(project: &Path) -> Result<(), Error> {
    let host = host_triple()?;
    cargo(project, &["build", "--release", "-p", "bridge-cli", "-p", "preload-addon"])?;
    let assets = project.join("target/release/pii-assets");
    lay_out_agent(project, &assets.join("agents"), &host)?;
    lay_out_preload(project, &assets.join("preload"))?;
    println!("{}", pii(project).display());
    Ok(())
}

/// The program.
pub fn pii(project: &Path) -> PathBuf {
    project.join("target/release/pii")
}

fn lay_out_agent(project: &Path, agents: &Path, host: &str) -> Result<(), Error> {
    if !host.contains("linux") {
        return Err(Error::NoAgent { host: host.to_owned() });
    }
    let search = build_static(project, host, "remote-search", "search", &[])?;
    let packed = search.with_extension("gz");
    put(&packed, &gzip(&fs::read(&search).map_err(Error::at(&search))?)?)?;
    let built = build_static(project, host, "remote-agent", "agent", &[("PII_SEARCH_PROGRAM", &packed)])?;
    let agent = fs::read(&built).map_err(Error::at(&built))?;
    let facts =
        json!({ "sha256": hex(&Sha256::digest(&agent)), "size": agent.len(), "cksum": cksum(&agent) });
    println!("agent: {} bytes", agent.len());

    let architecture = host.split('-').next().unwrap_or(host);
    put(&agents.join(format!("{architecture}-linux.gz")), &gzip(&agent)?)?;
    put(&agents.join(format!("{architecture}-linux.json")), facts.to_string().as_bytes())
}

/// Builds the program of a package as one static file, so that it runs on a remote of any distribution.
fn build_static(
    project: &Path,
    host: &str,
    package: &str,
    profile: &str,
    environment: &[(&str, &Path)],
) -> Result<PathBuf, Error> {
    let mut build = Command::new("cargo");
    build.args(["build", "-p", package, "--bins", "--profile", profile, "--target", host]);
    build.envs(environment.iter().copied()).env("RUSTFLAGS", STATIC);
    command::run(build.current_dir(project))?;
    let program = package.replace("remote-", "pii-");
    Ok(project.join("target").join(host).join(profile).join(program))
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes)?;
    Ok(packed.finish()?)
}

fn lay_out_preload(project: &Path, preload: &Path) -> Result<(), Error> {
    let js = project.join("js");
    let scripts = scripts(&js)?;
    for script in &scripts {
        let source = js.join(script);
        put(&preload.join(script), &fs::read(&source).map_err(Error::at(&source))?)?;
    }
    let library = project.join("target/release").join(if cfg!(target_os = "macos") {
        "libpreload_addon.dylib"
    } else {
        "libpreload_addon.so"
    });
    put(&preload.join("addon.node"), &fs::read(&library).map_err(Error::at(&library))?)?;
    remove_others(preload, &scripts)
}

/// Removes what an earlier build laid out and this one does not have.
fn remove_others(preload: &Path, scripts: &[PathBuf]) -> Result<(), Error> {
    for entry in fs::read_dir(preload).map_err(Error::at(preload))? {
        let entry = entry?;
        let ours = entry.file_name() == "addon.node"
            || scripts.iter().any(|script| script.starts_with(entry.file_name()));
        if !ours {
            fs::remove_file(entry.path()).map_err(Error::at(entry.path()))?;
        }
    }
    Ok(())
}

/// Whether a file is a script of ours and not a tool's configuration.
fn is_shipped(name: &str) -> bool {
    name.ends_with(".cjs") && !name.ends_with(".config.cjs")
}

/// The scripts of a folder and its subfolders, relative to it, without tests.
fn scripts(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        let here = folder.join(&below);
        for entry in fs::read_dir(&here).map_err(Error::at(&here))? {
            let entry = entry?;
            let name = entry.file_name();
            let path = below.join(&name);
            if entry.file_type()?.is_dir() {
                if name != "test" && name != "node_modules" {
                    open.push(path);
                }
            } else if is_shipped(&name.to_string_lossy()) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// Writes a file by renaming, so that a running `pii` keeps what it has open.
pub fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(Error::at(folder))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(Error::at(folder))?;
    file.write_all(bytes).map_err(Error::at(file.path()))?;
    file.persist(path).map_err(|error| Error::File { path: path.into(), source: error.error })?;
    Ok(())
}

/// The bytes in hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn host_triple() -> Result<String, Error> {
    let mut rustc = Command::new("rustc");
    let version = command::output(rustc.arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| Error::Output { line: command::line(&rustc), output: version.clone() })
}

/// Runs cargo in the workspace.
pub fn cargo(project: &Path, arguments: &[&str]) -> Result<(), Error> {
    command::run(Command::new("cargo").args(arguments).current_dir(project))
}
