//! The pinned Node, pi and clients, installed from npm into `.tools`, and the search tools, built by cargo into it.
//!
//! `.tools/bin` has `node` (22), `node-24` and `node-26`, each pi under its own name, `pi-0.87.1`, `pi-1.5.2` and `pi-1.6.0`, and
//! the ripgrep and fd that the agent's are compared with: `rg-15.2.0` and `fd-10.5.0`.
//! `.tools/clients` has the packages that the tests run in a remote root, listed in `tests/clients`.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{command, error::Error};

/// A pi of which not all dependencies are in every registry, but its bundle runs with these two.
const BUNDLE: Package = Package {
    name: "@earendil-works/pi-coding-agent@1.5.2",
    integrity: "sha512-mUWI04rqF1Vd/m1q+Ps1XeWsTXEVvRUnsmRa83I3Dzua0Tx5bYS93imeqtIfrXf7PkkaR6ERz+AuQhIJlom5yA==",
};
const JITI: Package = Package {
    name: "jiti@2.7.0",
    integrity: "sha512-AC/7JofJvZGrrneWNaEnJeOLUx+JlGt7tNa0wZiRPT4MY1wmfKjt2+6O2p2uz2+skll8OZZmJMNqeke7kKbNgQ==",
};
const PHOTON: Package = Package {
    name: "@silvia-odwyer/photon-node@0.3.4",
    integrity: "sha512-bnly4BKB3KDTFxrUIcgCLbaeVVS8lrAkri1pEzskpmxu9MdfGQTy8b8EgcD83ywD3RPMsIulY8xJH5Awa+t9fA==",
};

/// The Nodes that tests run besides the one that comes with pi; each has a folder of its own.
const MORE_NODES: [&str; 2] = ["node-24", "node-26"];

/// The newest pi; its folder lists what it needs.
const NEWEST_PI: &str = "pi-1.6.0";

/// What the agent's search tools are compared with: the name in `.tools/bin`, the crate, its version, its program.
const SEARCH_TOOLS: [(&str, &str, &str, &str); 2] =
    [("rg-15.2.0", "ripgrep", "15.2.0", "rg"), ("fd-10.5.0", "fd-find", "10.5.0", "fd")];

struct Package {
    name: &'static str,
    integrity: &'static str,
}

/// Where the tools are.
pub struct Tools {
    bin: PathBuf,
}

impl Tools {
    /// Node 22.
    pub fn node(&self) -> PathBuf {
        self.named("node")
    }

    /// The tool of this name.
    pub fn named(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// Makes a command and all that it starts find this Node.
    pub fn first_on_path<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let present = std::env::var_os("PATH").unwrap_or_default();
        let mut path = self.bin.clone().into_os_string();
        path.push(":");
        path.push(present);
        command.env("PATH", path)
    }

    /// The newest pi.
    pub fn pi(&self) -> PathBuf {
        self.named(NEWEST_PI)
    }
}

/// Installs Node and pi, unless they are there already.
pub fn install(project: &Path) -> Result<Tools, Error> {
    let lists = project.join("xtask/tools");
    let lock = lists.join("package-lock.json");
    let mut wanted = [BUNDLE.integrity, JITI.integrity, PHOTON.integrity].concat();
    let folders = MORE_NODES.iter().chain([&NEWEST_PI]).map(|name| lists.join(name));
    for lock in std::iter::once(lock).chain(folders.map(|folder| folder.join("package-lock.json"))) {
        wanted += &fs::read_to_string(&lock).map_err(Error::at(&lock))?;
    }

    let home = project.join(".tools");
    let tools = Tools { bin: home.join("bin") };
    install_from_npm(&lists, &home, &tools, wanted)?;
    Ok(tools)
}

/// Builds what the agent's search tools are compared with, unless it is there already. To be called after [`install`].
pub fn install_search_tools(project: &Path) -> Result<(), Error> {
    for (name, krate, version, program) in SEARCH_TOOLS {
        install_search_tool(&project.join(".tools"), name, krate, version, program)?;
    }
    Ok(())
}

fn install_from_npm(lists: &Path, home: &Path, tools: &Tools, wanted: String) -> Result<(), Error> {
    let stamp = home.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("installing Node and pi into {}", home.display());
    if home.exists() {
        fs::remove_dir_all(home).map_err(Error::at(home))?;
    }
    fs::create_dir_all(&tools.bin).map_err(Error::at(&tools.bin))?;
    install_locked(lists, &home.join("pi-0.87.1"))?;
    for name in MORE_NODES.iter().chain([&NEWEST_PI]) {
        install_locked(&lists.join(name), &home.join(name))?;
    }
    install_bundle(&home.join("pi-1.5.2"))?;
    for (name, target) in [
        ("node", "../pi-0.87.1/node_modules/.bin/node"),
        ("node-24", "../node-24/node_modules/.bin/node"),
        ("node-26", "../node-26/node_modules/.bin/node"),
        ("pi-0.87.1", "../pi-0.87.1/node_modules/.bin/pi"),
        ("pi-1.5.2", "../pi-1.5.2/dist/bundle/cli.js"),
        (NEWEST_PI, "../pi-1.6.0/node_modules/.bin/pi"),
    ] {
        symlink(target, tools.bin.join(name)).map_err(Error::at(tools.bin.join(name)))?;
    }
    fs::write(&stamp, wanted).map_err(Error::at(&stamp))
}

/// Builds a crate's program. It has to be right, not fast, so little time is spent on it.
fn install_search_tool(
    home: &Path,
    name: &str,
    krate: &str,
    version: &str,
    program: &str,
) -> Result<(), Error> {
    let link = home.join("bin").join(name);
    if link.exists() {
        return Ok(());
    }
    println!("building {krate} {version}");
    let mut install = Command::new("cargo");
    install.args([
        "install",
        "--quiet",
        "--locked",
        "--no-default-features",
        "--version",
        version,
        krate,
        "--root",
    ]);
    install.arg(home.join(name)).env("CARGO_TARGET_DIR", home.join(name).join("target"));
    for (setting, value) in [("LTO", "false"), ("CODEGEN_UNITS", "16"), ("OPT_LEVEL", "1"), ("DEBUG", "0")] {
        install.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
    }
    command::run(&mut install)?;
    let target = home.join(name).join("target");
    fs::remove_dir_all(&target).map_err(Error::at(&target))?;
    symlink(Path::new("..").join(name).join("bin").join(program), &link).map_err(Error::at(&link))
}

/// Installs the packages that the tests run in a remote root, unless they are there already.
pub fn install_clients(project: &Path) -> Result<(), Error> {
    let lists = project.join("tests/clients");
    let lock = lists.join("package-lock.json");
    let wanted = fs::read_to_string(&lock).map_err(Error::at(&lock))?;
    let home = project.join(".tools/clients");
    let stamp = home.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("installing the clients of the tests into {}", home.display());
    install_locked(&lists, &home)?;
    fs::write(&stamp, wanted).map_err(Error::at(&stamp))
}

fn install_locked(lists: &Path, folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(Error::at(folder))?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(lists.join(name), folder.join(name)).map_err(Error::at(lists.join(name)))?;
    }
    command::run(npm(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))
}

fn install_bundle(folder: &Path) -> Result<(), Error> {
    unpack(&BUNDLE, folder)?;
    unpack(&JITI, &folder.join("node_modules/jiti"))?;
    unpack(&PHOTON, &folder.join("node_modules/@silvia-odwyer/photon-node"))
}

/// Downloads a package, checks that it is the one pinned and unpacks it.
fn unpack(package: &Package, folder: &Path) -> Result<(), Error> {
    let download = tempfile::tempdir()?;
    let mut pack = npm(download.path());
    let answer = command::output(pack.args(["pack", "--json", package.name]))?;
    let unexpected = || Error::Output { line: format!("npm pack {}", package.name), output: answer.clone() };
    let answer_json: serde_json::Value = serde_json::from_str(&answer).map_err(|_| unexpected())?;
    let field = |name: &str| answer_json[0][name].as_str().ok_or_else(unexpected);
    if field("integrity")? != package.integrity {
        let found = field("integrity")?.to_owned();
        return Err(Error::Checksum { package: package.name, found, pinned: package.integrity });
    }
    fs::create_dir_all(folder).map_err(Error::at(folder))?;
    let mut tar = Command::new("tar");
    tar.args(["--strip-components=1", "-xzf", field("filename")?, "-C"]).arg(folder);
    command::run(tar.current_dir(download.path()))
}

/// npm in a folder. What it warns of concerns the Node that runs npm, not the one that runs pi.
pub fn npm(folder: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.arg("--loglevel=error").current_dir(folder);
    npm
}
