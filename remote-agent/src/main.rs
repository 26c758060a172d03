//! The program `pii-agent`: reads Hello from stdin, answers Ready on stdout, serves until the session is over.
//! As `pii-agent environment PIPE` it tells an agent its own environment, for `login_shell`; as `pii-agent relay
//! ADDRESS` it carries a link to an agent.

use std::{
    env,
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process,
};

use remote_agent::{
    Agent, Reaping,
    ending::{self, Scope},
    lifeline::Lifeline,
    login_shell, own_pipes,
    relay::{self, RELAY},
    serve,
    start::{self, Start},
    temp::TempDirectory,
};
use rustix::{
    fs::Mode,
    process::{Resource, Rlimit},
};
use tokio::runtime;
use wire_protocol::{Hello, Ready};

/// Threads that serve streams; the disk has threads of its own.
const WORKERS: usize = 2;

/// Threads that may wait for the disk at one time.
const BLOCKING: usize = 128;

fn main() {
    let code = match run() {
        Ok(()) => 0,
        Err(error) => {
            // The launcher shows what the agent says last. If nobody listens, nobody needs it.
            let _ = writeln!(io::stderr(), "pii-agent: {error}");
            1
        }
    };
    process::exit(code);
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut words = env::args_os().skip(1);
    match words.next() {
        Some(word) if word == login_shell::TELL => {
            return Ok(login_shell::tell(&words.next().map(PathBuf::from).unwrap_or_default())?);
        }
        Some(word) if word == RELAY => {
            let address = words.next().unwrap_or_default().into_string().unwrap_or_default();
            let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
            return Ok(runtime.block_on(relay::relay(&address))?);
        }
        _ => {}
    }
    // Modes arrive with the program's umask taken off, which may take off less than ours.
    let umask = rustix::process::umask(Mode::empty());
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    // So that no directory is in use only because the login put us there.
    env::set_current_dir("/")?;
    allow_many_files()?;
    let Some(hello) = start::read_hello(io::stdin().lock())? else { return Ok(()) };
    let home = env::var_os("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from);
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build()?;
    let lived = runtime.block_on(async {
        let started = hello.and_then(|hello| Ok((start::start(&hello, &home, umask.as_raw_mode())?, hello)));
        match started {
            Err(refusal) => Ok(say(&Ready::Refused(refusal))?),
            Ok((start, hello)) => live(start, hello, umask).await,
        }
    });
    // A thread that waits for a pipe nobody opens must not hold the process.
    runtime.shutdown_background();
    lived
}

/// Serves until the session is over, then ends all that was started.
async fn live(start: Start, hello: Hello, umask: Mode) -> Result<(), Box<dyn Error>> {
    let Hello { token, environment, lease, .. } = hello;
    let temp = start.temp.as_ref().map(TempDirectory::path);
    let agent = Agent::new(token, start.roots, environment, lease, umask, temp, Reaping::Everything)?;
    let lifeline = Lifeline::hold()?;
    say(&start.ready)?;
    if hello.stdio {
        agent.links().first(own_pipes::stdin()?, own_pipes::stdout()?).await;
    }
    let served = serve(start.door, agent.clone(), lifeline.cut()).await;
    let spared = agent.kept().spared();
    ending::end(agent.children(), Scope::All, &spared);
    let living = ending::living(agent.children(), &spared);
    if living.is_empty() {
        agent.remove_carried();
    } else {
        // They may have files there.
        if let Some(temp) = start.temp {
            temp.leave();
        }
        let _ = writeln!(io::stderr(), "left running: {}", living.join(", "));
    }
    Ok(served?)
}

/// Takes all the descriptors the system grants, as Node does at its start; what we start inherits it.
fn allow_many_files() -> rustix::io::Result<()> {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    rustix::process::setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })
}

fn say(ready: &Ready) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    serde_json::to_writer(&mut stdout, ready)?;
    stdout.write_all(b"\n")?;
    stdout.flush()
}
