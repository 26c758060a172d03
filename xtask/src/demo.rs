//! `cargo xtask demo`: pi works on a git project behind an embedded SSH server, and one sees what changed there.

pub mod laptop;
mod project;
mod story;

use std::{path::Path, process::Command, time::Duration};

use scripted_model::Model;
use tokio::{process::Command as Process, time::timeout};

use crate::{
    assemble, command,
    error::Error,
    ssh_server::{SshServer, new_key},
    tools::{self, Tools},
};

/// What pi is asked to do.
const WISH: &str = "The greeting lacks its exclamation mark. Repair it and add a changelog.";

/// How long pi may take. It needs a few seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs the demo. It ends by itself and leaves nothing behind.
pub fn run(workspace: &Path) -> Result<(), Error> {
    command::output(Command::new("git").arg("--version"))?;
    assemble::build(workspace)?;
    let tools = tools::install(workspace)?;
    let pii = assemble::pii(workspace);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(show(&pii, &tools))
}

async fn show(pii: &Path, tools: &Tools) -> Result<(), Error> {
    let remote = tempfile::Builder::new().prefix("demo-remote-").tempdir()?;
    let laptop = tempfile::Builder::new().prefix("demo-laptop-").tempdir()?;
    let project = project::create(remote.path())?;

    let key = new_key()?;
    let server = SshServer::bind(key.public_key().clone(), remote.path()).await?;
    let address = server.address;
    laptop::prepare(laptop.path(), &key, &server.host_key, address)?;
    let serving = tokio::spawn(server.serve_one());

    let model = Model::start(story::script())?;
    scripted_model::write_models_json(&laptop.path().join(".pi/agent"), &model.url())?;

    let target = format!("demo@{}:{}:{}", address.ip(), address.port(), project.display());
    println!("\n$ pii --ssh {target} -p \"{WISH}\"\n");
    let mut pii = Process::new(pii);
    pii.env("HOME", laptop.path()).env("PII_NODE", tools.node()).env("PII_PROGRAM", tools.pi());
    pii.env("PI_OFFLINE", "1").current_dir(laptop.path()).kill_on_drop(true);
    pii.args(["--ssh", &target, "--provider", scripted_model::PROVIDER, "--model", scripted_model::MODEL]);
    pii.args(["--no-session", "-p", WISH]);
    let status = timeout(PATIENCE, pii.status())
        .await
        .map_err(|_| Error::Demo(format!("pi took more than {} seconds", PATIENCE.as_secs())))??;
    if !status.success() {
        return Err(Error::Failed { line: "pii".into(), status });
    }
    timeout(PATIENCE, serving)
        .await
        .map_err(|_| Error::Demo("the remote's processes did not end with the connection".into()))?
        .map_err(|error| Error::Demo(error.to_string()))??;

    story::tell(&model.transcript())?;
    project::show_changes(&project)
}
