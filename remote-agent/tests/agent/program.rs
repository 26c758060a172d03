//! The built program, over its pipes.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use testbed::session_link::{SessionLink, loopback};
use wire_protocol::{
    AfterExit, Call, EnvironmentMode, EnvironmentSettings, Hello, Ready, Refusal, Root, Served, ToProgram,
    VERSION,
    files::FileCall,
    processes::{ProcessCall, Spawn},
    watch::{WatchCall, WatchEvent},
};

use crate::bench::{Client, LEASE, PATIENCE, TOKEN, bytes, runs, wait_gone};

pub fn hello(root: &str) -> Hello {
    Hello {
        version: VERSION.to_owned(),
        token: TOKEN.to_owned(),
        root: root.to_owned(),
        more_roots: Vec::new(),
        outside_readable: false,
        temp: String::new(),
        carried: Vec::new(),
        port: 0,
        stdio: false,
        lease: LEASE,
        environment: EnvironmentSettings { mode: EnvironmentMode::Plain, ..Default::default() },
    }
}

/// A running agent; killed if the test fails.
pub struct Program(pub Child);

impl Program {
    /// Waits for its end.
    pub fn end(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the agent does not end");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(home: &Path, hello: &Hello) -> (Program, Ready) {
    start_by(Command::new(AGENT), home, hello)
}

pub const AGENT: &str = env!("CARGO_BIN_EXE_pii-agent");

pub fn start_by(mut command: Command, home: &Path, hello: &Hello) -> (Program, Ready) {
    let mut child = command.env("HOME", home).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    serde_json::to_writer(&mut stdin, hello).unwrap();
    stdin.write_all(b"\n").unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    (child.stdin, child.stdout) = (Some(stdin), Some(stdout.into_inner()));
    (Program(child), serde_json::from_str(&line).unwrap())
}

pub fn listening(ready: Ready) -> SocketAddr {
    match ready {
        Ready::Listening { port, .. } => loopback(port),
        Ready::Refused(refusal) => panic!("{refusal:?}"),
    }
}

pub fn spawn(number: u32, home: &Path, command: &str) -> Spawn {
    Spawn {
        process: number,
        file: b"sh".to_vec(),
        args: ["sh", "-c", command].map(|word| word.as_bytes().to_vec().into()).into(),
        cwd: bytes(home),
        environment: Default::default(),
        stdio: vec![wire_protocol::processes::Stdio::Pipe; 3],
        terminal: None,
        detached: false,
        uid: None,
        gid: None,
        umask: 0o022,
    }
}

/// Runs a shell command and reads one line of pids from it.
fn pids(client: &mut Client, number: u32, home: &Path, command: &str) -> Vec<u32> {
    client.spawn(spawn(number, home, command)).unwrap();
    let line = client.wait(|frame| match frame {
        ToProgram::Output { process, data, .. } if *process == number => Some(data.clone()),
        _ => None,
    });
    String::from_utf8(line).unwrap().split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

#[test]
fn the_agent_ends_with_its_session_and_takes_everything_along() {
    let home = TempDir::new().unwrap();
    let path = home.path().canonicalize().unwrap();
    let mut hello = hello("");
    hello.environment.after_exit = AfterExit::End;
    let (mut program, ready) = start(&path, &hello);
    let link = SessionLink::to(listening(ready), TOKEN);
    let mut client = Client::on(&link);
    let mut started = pids(&mut client, 1, &path, "sleep 1000 & echo $! $$; wait");
    // A grandchild in a session of its own whose parents are gone.
    let fled = "setsid sh -c 'sleep 1000 & echo $! > fled' >/dev/null 2>&1; echo $(cat fled)";
    started.extend(pids(&mut client, 2, &path, fled));
    assert_eq!(started.len(), 3);
    assert!(started.iter().all(|pid| runs(*pid)));
    link.say_goodbye();
    assert!(program.end().success());
    // Not "soon": when the agent has ended, they have.
    assert!(!started.iter().any(|pid| runs(*pid)));
}

#[test]
fn what_is_left_running_on_purpose_outlives_the_session_and_the_rest_hears_it_end() {
    let home = TempDir::new().unwrap();
    let path = home.path().canonicalize().unwrap();
    let (mut program, ready) = start(&path, &hello(""));
    let link = SessionLink::to(listening(ready), TOKEN);
    let mut client = Client::on(&link);
    let on_purpose = "nohup sleep 1000 >/dev/null 2>&1 & echo $!; \
        setsid sh -c 'echo $$ > own; exec sleep 1000' >/dev/null 2>&1 & while [ ! -s own ]; do :; done; cat own";
    let kept = pids(&mut client, 1, &path, &format!("{{ {on_purpose}; }} | tr '\\n' ' '; echo"));
    let told = "for name in HUP TERM; do trap \"echo $name >> told\" $name; done; \
        exec 2>/dev/null; echo $$; while :; do sleep 0.01; done";
    let ended = pids(&mut client, 2, &path, told);
    assert_eq!((kept.len(), ended.len()), (2, 1));
    link.say_goodbye();
    assert!(program.end().success());
    assert!(ended.iter().all(|pid| !runs(*pid)));
    assert_eq!(fs::read_to_string(path.join("told")).unwrap(), "HUP\nTERM\n");
    for pid in kept {
        assert!(runs(pid), "{pid}");
        kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
    }
}

#[test]
fn what_is_kept_outlives_the_agent() {
    let home = TempDir::new().unwrap();
    let path = home.path().canonicalize().unwrap();
    let (mut program, ready) = start(&path, &hello("~"));
    let link = SessionLink::to(listening(ready), TOKEN);
    let mut client = Client::on(&link);
    let mut request = spawn(1, &path, "sleep 1000 & echo $! > child; exec sleep 1000");
    request.detached = true;
    request.stdio = vec![wire_protocol::processes::Stdio::Null; 3];
    let kept = client.spawn(request).unwrap();
    client.processes(ProcessCall::Keep { process: 1 }).unwrap();
    let other = pids(&mut client, 2, &path, "while [ ! -s child ]; do :; done; echo $$; sleep 1000")[0];
    let child: u32 = fs::read_to_string(path.join("child")).unwrap().trim().parse().unwrap();
    link.say_goodbye();
    assert!(program.end().success());
    assert!(!runs(other));
    assert!(runs(kept) && runs(child));
    for pid in [kept, child] {
        let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
    wait_gone(kept);
    wait_gone(child);
}

#[test]
fn signals_end_it_in_the_same_way() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT] {
        let home = TempDir::new().unwrap();
        let path = home.path().canonicalize().unwrap();
        let (mut program, ready) = start(&path, &hello(""));
        let link = SessionLink::to(listening(ready), TOKEN);
        let mut client = Client::on(&link);
        let started = pids(&mut client, 1, &path, "echo $$; exec sleep 1000");
        let agent = rustix::process::Pid::from_child(&program.0);
        rustix::process::kill_process(agent, signal).unwrap();
        assert!(program.end().success());
        assert!(!runs(started[0]));
    }
}

#[test]
fn what_it_ignores_is_not_ignored_by_what_it_starts() {
    let home = TempDir::new().unwrap();
    let path = home.path().canonicalize().unwrap();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "trap '' HUP INT QUIT USR1; exec \"$0\"", AGENT]);
    let (_program, ready) = start_by(command, &path, &hello(""));
    let link = SessionLink::to(listening(ready), TOKEN);
    let mut client = Client::on(&link);
    // The C library has signals from 32 on to itself.
    let ask = "echo $((0x$(sed -n 's/^SigIgn:\t//p' /proc/self/status) & 0x7fffffff))";
    let ignored = pids(&mut client, 1, &path, ask);
    assert_eq!(ignored, [0]);
}

#[test]
fn a_call_that_never_ends_does_not_hold_it() {
    let home = TempDir::new().unwrap();
    let path = home.path().canonicalize().unwrap();
    let (mut program, ready) = start(&path, &hello(""));
    let link = SessionLink::to(listening(ready), TOKEN);
    let mut client = Client::on(&link);
    pids(&mut client, 1, &path, "mkfifo fifo && echo $$");
    let fifo = bytes(&path.join("fifo"));
    client.begin(Call::Files(FileCall::ReadFile { descriptor: 1, path: fifo, flags: 0 }));
    // Its answer says that the call before it has been taken up.
    client.files(FileCall::Stat { path: bytes(&path), follow: true }).unwrap();
    link.say_goodbye();
    assert!(program.end().success());
}

#[test]
fn orphans_are_reaped() {
    let home = TempDir::new().unwrap();
    let path = home.path().canonicalize().unwrap();
    let (_program, ready) = start(&path, &hello(""));
    let link = SessionLink::to(listening(ready), TOKEN);
    let mut client = Client::on(&link);
    // The inner shell ends at once, so its child becomes the agent's and ends as such.
    let orphan = pids(&mut client, 1, &path, "sh -c 'sleep 0.05 & echo $!'")[0];
    let start = std::time::Instant::now();
    while Path::new(&format!("/proc/{orphan}")).exists() {
        assert!(start.elapsed().as_secs() < 30, "the orphan is left as a zombie");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn ready_tells_the_real_paths() {
    let home = TempDir::new().unwrap();
    let path = home.path().canonicalize().unwrap();
    fs::create_dir_all(path.join("real/project")).unwrap();
    std::os::unix::fs::symlink("real", path.join("link")).unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let mut hello = hello("link/project");
    hello.more_roots = vec![Root { path: "~/real".into(), writable: false, optional: false }];
    let (_program, ready) = start(&path, &hello);
    let Ready::Listening { served: Served { root, more_roots, home, umask, .. }, .. } = ready else {
        panic!()
    };
    assert_eq!(root, text(&path.join("real/project")));
    assert_eq!(more_roots, [Root { path: text(&path.join("real")), writable: false, optional: false }]);
    assert_eq!(home, text(&path));
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let own = status.lines().find_map(|line| line.strip_prefix("Umask:")).unwrap().trim();
    assert_eq!(umask, u32::from_str_radix(own, 8).unwrap());
}

#[test]
fn refusals_say_why() {
    let home = TempDir::new().unwrap();
    let path = home.path().canonicalize().unwrap();
    fs::write(path.join("file"), "").unwrap();
    let root = |name: &str, code: &str| Refusal::Root {
        path: path.join(name).to_str().unwrap().to_owned(),
        code: code.to_owned(),
    };
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for (hello, refusal) in [
        (hello("none"), root("none", "ENOENT")),
        (hello("~/file"), root("file", "ENOTDIR")),
        (Hello { version: "0".into(), ..hello("") }, Refusal::Version { agent: VERSION.to_owned() }),
        (Hello { port, ..hello("") }, Refusal::Listen { port, code: "EADDRINUSE".into() }),
    ] {
        let (mut program, ready) = start(&path, &hello);
        let Ready::Refused(seen) = ready else { panic!("{ready:?}") };
        assert_eq!(seen, refusal);
        assert!(program.end().success());
    }
}

#[test]
fn a_stdin_that_ends_before_hello_ends_it_quietly() {
    let output = Command::new(env!("CARGO_BIN_EXE_pii-agent")).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty());
}

#[test]
fn where_the_kernel_has_no_watches_left_it_looks_for_itself() {
    let home = TempDir::new().unwrap();
    let path = home.path().canonicalize().unwrap();
    fs::create_dir_all(path.join("tree/a/b")).unwrap();
    // A user namespace of its own has its own limit: one watch.
    let mut limited = Command::new("unshare");
    limited.args(["--user", "--map-root-user", "sh", "-c"]);
    limited.args(["echo 1 > /proc/sys/user/max_inotify_watches && exec \"$0\"", AGENT]);
    let (_program, ready) = start_by(limited, &path, &hello(""));
    let link = SessionLink::to(listening(ready), TOKEN);
    let mut client = Client::on(&link);
    let watch =
        |watch, at: &str, recursive| WatchCall::Start { watch, path: bytes(&path.join(at)), recursive };
    fs::write(path.join("file"), "").unwrap();
    client.watch(watch(1, "tree", true)).unwrap();
    client.watch(watch(2, "file", false)).unwrap();
    let rename = |name: &str| WatchEvent::Rename { name: name.as_bytes().to_vec() };
    let change = |name: &str| WatchEvent::Change { name: name.as_bytes().to_vec() };
    fs::write(path.join("tree/a/b/new"), "").unwrap();
    client.event(1, &rename("a/b/new"));
    fs::write(path.join("tree/a/b/new"), "text").unwrap();
    client.event(1, &change("a/b/new"));
    fs::write(path.join("file"), "text").unwrap();
    client.event(2, &change("file"));
    fs::create_dir_all(path.join("tree/a/c/d")).unwrap();
    client.event(1, &rename("a/c"));
    fs::write(path.join("tree/a/c/d/deep"), "").unwrap();
    client.event(1, &rename("a/c/d/deep"));
    fs::remove_file(path.join("file")).unwrap();
    client.event(2, &rename("file"));
    client.watch(WatchCall::Stop { watch: 1 }).unwrap();
    client.watch(watch(3, "tree", false)).unwrap();
    fs::write(path.join("tree/by the kernel"), "").unwrap();
    client.event(3, &rename("by the kernel"));
}
