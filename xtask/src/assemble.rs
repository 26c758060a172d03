//! `cargo xtask build`: builds every part and lays the assets out beside `pii`.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{agents, command, error::Error};

/// Builds all and leaves `target/release/pii` runnable from any directory.
pub fn build(project: &Path) -> Result<(), Error> {
    parts_of_the_laptop(project)?;
    agents::of_this_machine(project)?;
    println!("{}", pii(project).display());
    Ok(())
}

/// Builds `pii` and the preload.
pub fn parts_of_the_laptop(project: &Path) -> Result<(), Error> {
    cargo(project, &["build", "--release", "-p", "bridge-cli", "-p", "preload-addon"])?;
    lay_out_preload(project, &assets(project).join("preload"))
}

/// The program.
pub fn pii(project: &Path) -> PathBuf {
    project.join("target/release/pii")
}

/// The directory of what it brings along.
pub fn assets(project: &Path) -> PathBuf {
    project.join("target/release/pii-assets")
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
    (name.ends_with(".cjs") && !name.ends_with(".config.cjs")) || name == "node-flags.json"
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

/// Runs cargo in the workspace.
pub fn cargo(project: &Path, arguments: &[&str]) -> Result<(), Error> {
    command::run(Command::new("cargo").args(arguments).current_dir(project))
}
