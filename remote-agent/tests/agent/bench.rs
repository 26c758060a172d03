//! An agent on a temporary directory, and a small client that blocks.

use std::{
    collections::VecDeque,
    fs,
    io::{ErrorKind, Read, Write},
    net::SocketAddr,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use remote_agent::{Agent, Door, Reaping, Resolver, Rights, Roots, ServedRoot, serve};
use tempfile::TempDir;
use testbed::session_link::{SessionLink, loopback};
use tokio::{runtime, sync::oneshot};
use wire_protocol::{
    Call, CallId, EnvironmentMode, EnvironmentSettings, Lease, Reply, ToAgent, ToProgram, codec,
    files::{FileCall, FileReply},
    processes::{Environment, ExitStatus, ProcessCall, ProcessId, ProcessReply, Reach, Spawn, Stdio},
    watch::{WatchCall, WatchEvent},
};

pub const TOKEN: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// Longer than any test.
pub const LEASE: Lease = Lease { silent: 3600, closed: 3600 };

/// Longest time for anything the agent does here: reached only if a test fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running agent. Its root is `root` in a directory of its own; what lies beside it is out of reach.
pub struct Bench {
    pub root: PathBuf,
    pub outside: PathBuf,
    pub address: SocketAddr,
    runtime: Option<runtime::Runtime>,
    shutdown: Option<oneshot::Sender<()>>,
    server: Option<tokio::task::JoinHandle<()>>,
    link: OnceLock<SessionLink>,
    _directory: TempDir,
}

impl Bench {
    pub fn new(resolver: Resolver) -> Self {
        Self::with_more(resolver, &[])
    }

    /// With more roots, by name beside the root, and whether each is writable.
    pub fn with_more(resolver: Resolver, more: &[(&str, bool)]) -> Self {
        Self::with_outside(resolver, more, None)
    }

    /// And with the rest of the disk, if given, as one that may be read or not. The home is `home` beside the root.
    pub fn with_outside(resolver: Resolver, more: &[(&str, bool)], outside_readable: Option<bool>) -> Self {
        let directory = TempDir::new().unwrap();
        let base = directory.path().canonicalize().unwrap();
        let (root, outside) = (base.join("root"), base.join("outside"));
        for made in [&root, &outside] {
            fs::create_dir(made).unwrap();
        }
        fs::write(outside.join("secret"), "secret").unwrap();
        let mut roots = vec![open_root(&root, true)];
        for (name, writable) in more {
            fs::create_dir(base.join(name)).unwrap();
            roots.push(open_root(&base.join(name), *writable));
        }
        let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (shutdown, ended) = oneshot::channel();
        let (address, server) = runtime.block_on(async {
            let environment = EnvironmentSettings { mode: EnvironmentMode::Plain, ..Default::default() };
            let mut roots = Roots::new(roots, resolver);
            if let Some(readable) = outside_readable {
                roots = roots.with_outside(readable, &bytes(&base.join("home"))).unwrap();
            }
            let agent = Agent::new(
                TOKEN.to_owned(),
                roots,
                environment,
                LEASE,
                rustix::fs::Mode::from_raw_mode(0o022),
                None,
                Reaping::Own,
            )
            .unwrap();
            let door = Door::open(0, None).unwrap();
            let address = loopback(door.port().unwrap());
            let server = tokio::spawn(async move {
                let ended = async move {
                    let _ = ended.await;
                };
                serve(door, agent, ended).await.unwrap();
            });
            (address, server)
        });
        Self {
            root,
            outside,
            address,
            runtime: Some(runtime),
            shutdown: Some(shutdown),
            server: Some(server),
            link: OnceLock::new(),
            _directory: directory,
        }
    }

    /// A new stream; all of a bench share one link.
    pub fn connect(&self) -> Client {
        Client::on(self.link.get_or_init(|| SessionLink::to(self.address, TOKEN)))
    }

    /// A path in the root, as it travels.
    pub fn path(&self, name: &str) -> Vec<u8> {
        bytes(&self.root.join(name))
    }

    /// A path beside the root, as it travels.
    pub fn beside(&self, name: &str) -> Vec<u8> {
        bytes(&self.root.with_file_name(name))
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        drop(self.shutdown.take());
        if let (Some(runtime), Some(server)) = (self.runtime.take(), self.server.take()) {
            let _ = runtime.block_on(server);
            runtime.shutdown_background();
        }
    }
}

fn open_root(path: &Path, writable: bool) -> ServedRoot {
    ServedRoot::open(&bytes(path), Rights::of(writable)).unwrap()
}

pub fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}

/// A stream. What arrives besides the answer that is waited for is kept for later.
pub struct Client {
    socket: UnixStream,
    decoder: codec::Decoder,
    next: CallId,
    kept: VecDeque<ToProgram>,
    /// Whether output is acknowledged as it comes.
    pub takes_output: bool,
}

impl Client {
    /// A new one on this link.
    pub fn on(link: &SessionLink) -> Self {
        let (socket, decoder) = (link.open(), codec::Decoder::default());
        Self { socket, decoder, next: 1, kept: VecDeque::new(), takes_output: true }
    }

    pub fn send(&mut self, frame: &ToAgent) {
        self.socket.write_all(&codec::encode(frame).unwrap()).unwrap();
    }

    /// The next frame that arrives; output is acknowledged.
    fn receive(&mut self) -> ToProgram {
        let mut buffer = [0; 64 * 1024];
        loop {
            if let Some(frame) = self.decoder.next_frame().unwrap() {
                if let ToProgram::Output { process, pipe, data, .. } = &frame
                    && self.takes_output
                {
                    let (process, pipe, bytes) = (*process, *pipe, data.len() as u32);
                    self.send(&ToAgent::OutputTaken { process, pipe, bytes });
                }
                return frame;
            }
            let count = match self.socket.read(&mut buffer) {
                // The end of a child of another test's agent: with a limit of time the kernel does not go on by itself.
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                read => read.expect("the agent answers in time"),
            };
            assert!(count > 0, "the agent closed the stream");
            self.decoder.push(&buffer[..count]);
        }
    }

    /// The next frame that `wanted` takes, those kept before included; others are kept.
    pub fn wait<T>(&mut self, mut wanted: impl FnMut(&ToProgram) -> Option<T>) -> T {
        for index in 0..self.kept.len() {
            if let Some(found) = wanted(&self.kept[index]) {
                self.kept.remove(index);
                return found;
            }
        }
        loop {
            let frame = self.receive();
            match wanted(&frame) {
                Some(found) => return found,
                None => self.kept.push_back(frame),
            }
        }
    }

    /// Sends a call without waiting for its answer.
    pub fn begin(&mut self, call: Call) -> CallId {
        let id = self.next;
        self.next += 1;
        self.send(&ToAgent::Call { id, call });
        id
    }

    pub fn finish(&mut self, wanted: CallId) -> Result<Reply, String> {
        self.wait(|frame| match frame {
            ToProgram::Answer { id, result, .. } if *id == wanted => {
                Some(result.clone().map_err(|error| error.code))
            }
            _ => None,
        })
    }

    pub fn files(&mut self, call: FileCall) -> Result<FileReply, String> {
        let id = self.begin(Call::Files(call));
        match self.finish(id)? {
            Reply::Files(reply) => Ok(reply),
            other => panic!("{other:?} does not answer a file call"),
        }
    }

    /// The whole content of a file.
    pub fn read(&mut self, path: Vec<u8>) -> Result<Vec<u8>, String> {
        match self.files(FileCall::ReadFile { descriptor: 900, path, flags: 0 })? {
            FileReply::Content { data, more: false, .. } => Ok(data),
            other => panic!("{other:?} does not answer ReadFile"),
        }
    }

    /// Creates or replaces a file.
    pub fn write(&mut self, path: Vec<u8>, data: &[u8]) -> Result<FileReply, String> {
        let data = data.to_vec();
        self.files(FileCall::WriteFile { path, flags: 0o1101, mode: 0o666, data, flush: false })
    }

    pub fn processes(&mut self, call: ProcessCall) -> Result<ProcessReply, String> {
        let id = self.begin(Call::Processes(call));
        match self.finish(id)? {
            Reply::Processes(reply) => Ok(reply),
            other => panic!("{other:?} does not answer a process call"),
        }
    }

    /// Starts a process; answers its pid on the remote.
    pub fn spawn(&mut self, spawn: Spawn) -> Result<u32, String> {
        match self.processes(ProcessCall::Spawn(spawn))? {
            ProcessReply::Spawned { pid } => Ok(pid),
            other => panic!("{other:?} does not answer a spawn"),
        }
    }

    /// Signals a process's group.
    pub fn kill(&mut self, process: ProcessId, signal: &str) -> Result<ProcessReply, String> {
        self.signal(process, signal, Reach::Group)
    }

    pub fn signal(&mut self, process: ProcessId, signal: &str, reach: Reach) -> Result<ProcessReply, String> {
        self.processes(ProcessCall::Kill { process, signal: signal.to_owned(), reach })
    }

    /// Waits for the end of a process; answers its outputs up to then as well.
    pub fn exit(&mut self, wanted: ProcessId) -> (ExitStatus, [Vec<u8>; 2]) {
        let mut outputs = [Vec::new(), Vec::new()];
        let status = self.exit_status(wanted);
        self.kept.retain(|frame| match frame {
            ToProgram::Output { process, pipe, offset, data, .. } if *process == wanted => {
                let output = &mut outputs[usize::from(*pipe) - 1];
                assert_eq!(*offset, output.len() as u64, "offsets have no gaps");
                output.extend_from_slice(data);
                false
            }
            _ => true,
        });
        (status, outputs)
    }

    /// Waits for the end of a process.
    pub fn exit_status(&mut self, wanted: ProcessId) -> ExitStatus {
        self.wait(|frame| match frame {
            ToProgram::Exit { process, status, .. } if *process == wanted => Some(status.clone()),
            _ => None,
        })
    }

    /// Runs a shell command to its end.
    pub fn shell(&mut self, bench: &Bench, command: &str) -> (ExitStatus, [Vec<u8>; 2]) {
        let process = 700_000 + self.next as ProcessId;
        self.spawn(shell(bench, process, command)).unwrap();
        self.exit(process)
    }

    pub fn watch(&mut self, call: WatchCall) -> Result<(), String> {
        let id = self.begin(Call::Watch(call));
        self.finish(id).map(|reply| assert_eq!(reply, Reply::Watch))
    }

    /// Waits for an event of a watch.
    pub fn event(&mut self, wanted: u32, expected: &WatchEvent) {
        self.wait(|frame| match frame {
            ToProgram::Watch { watch, event, .. } if *watch == wanted => (event == expected).then_some(()),
            _ => None,
        });
    }
}

/// A process with pipes, in the root.
pub fn process(bench: &Bench, process: ProcessId, words: &[&str]) -> Spawn {
    Spawn {
        process,
        file: words[0].as_bytes().to_vec(),
        args: words.iter().map(|word| word.as_bytes().to_vec().into()).collect(),
        cwd: bytes(&bench.root),
        environment: Environment::default(),
        stdio: vec![Stdio::Pipe; 3],
        terminal: None,
        detached: false,
        uid: None,
        gid: None,
        umask: 0o022,
    }
}

/// A shell command with pipes, in the root.
pub fn shell(bench: &Bench, number: ProcessId, command: &str) -> Spawn {
    process(bench, number, &["sh", "-c", command])
}

/// Whether a process runs; a zombie does not.
pub fn runs(pid: u32) -> bool {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => !stat.rsplit(')').next().unwrap().trim_start().starts_with(['Z', 'X']),
        Err(_) => false,
    }
}

/// Waits until a process runs no more.
pub fn wait_gone(pid: u32) {
    let start = std::time::Instant::now();
    while runs(pid) {
        assert!(start.elapsed() < PATIENCE, "process {pid} still runs");
        std::thread::sleep(Duration::from_millis(5));
    }
}
