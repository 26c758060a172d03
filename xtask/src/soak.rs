//! `cargo xtask soak`: thousands of processes and gigabytes through their pipes, and what they leave in the program,
//! in `pii` and in the agent. The remote is the embedded SSH server.

use std::{path::Path, time::Duration};

use tokio::{process::Command as Process, time::timeout};

use crate::{
    assemble,
    demo::laptop,
    error::Error,
    ssh_server::{SshServer, new_key},
    tools::{self, Tools},
};

/// How long it may take. It needs one to three minutes.
const PATIENCE: Duration = Duration::from_secs(1800);

/// Processes one after another, processes at once, MiB each way.
const AMOUNTS: [&str; 3] = ["10000", "200", "1024"];

/// Runs the script and prints its figures. Fails where something grew.
pub fn run(workspace: &Path) -> Result<(), Error> {
    let tools = tools::install(workspace)?;
    assemble::build(workspace)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(soak(workspace, &tools))
}

async fn soak(workspace: &Path, tools: &Tools) -> Result<(), Error> {
    let remote = tempfile::Builder::new().prefix("soak-remote-").tempdir()?;
    let laptop = tempfile::Builder::new().prefix("soak-laptop-").tempdir()?;
    let key = new_key()?;
    let server = SshServer::bind(key.public_key().clone(), remote.path()).await?;
    let address = server.address;
    laptop::prepare(laptop.path(), &key, &server.host_key, address)?;
    let serving = tokio::spawn(server.serve_one());

    let target = format!("soak@{}:{}:{}", address.ip(), address.port(), remote.path().display());
    let mut pii = Process::new(assemble::pii(workspace));
    pii.args(["run", "--ssh", &target, "--", "node", "--expose-gc"]);
    pii.arg(workspace.join("tests/scripts/soak/processes.mjs")).args(AMOUNTS);
    pii.env("HOME", laptop.path())
        .env("PII_NODE", tools.node())
        .current_dir(laptop.path())
        .kill_on_drop(true);
    let late = |_| Error::Soak(format!("not done after {} s", PATIENCE.as_secs()));
    let status = timeout(PATIENCE, pii.status()).await.map_err(late)??;
    let ended = timeout(PATIENCE, serving).await.map_err(late)?;
    ended.map_err(|error| Error::Soak(error.to_string()))??;
    if status.success() { Ok(()) } else { Err(Error::Failed { line: "pii".into(), status }) }
}
