//! The session goes on over the next link, whatever carries it, and ends when none comes.

use std::{
    fs,
    net::TcpStream,
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::Path,
    process::{Child, Command},
};

use tempfile::TempDir;
use testbed::session_link::{SessionLink, loopback};
use wire_protocol::{Call, Lease, Ready, files::FileCall};

use crate::{
    bench::{Client, LEASE, TOKEN, runs},
    program::{AGENT, Program, hello, spawn, start_by},
};

/// An agent whose own stdin and stdout are the first link.
struct Session {
    program: Program,
    link: SessionLink,
    port: u16,
    socket: String,
    agent: String,
}

fn start(home: &Path, lease: Lease) -> Session {
    let mut hello = hello("");
    (hello.stdio, hello.lease) = (true, lease);
    let (mut program, ready) = start_by(Command::new(AGENT), home, &hello);
    let (stdin, stdout) = (program.0.stdin.take().unwrap(), program.0.stdout.take().unwrap());
    let Ready::Listening { port, socket, program: agent, .. } = ready else { panic!("{ready:?}") };
    let link = SessionLink::over(stdin, stdout);
    Session { program, link, port, socket: socket.unwrap(), agent }
}

impl Session {
    fn by_relay(&self, address: &str) -> (Child, UnixStream) {
        let (near, far) = UnixStream::pair().unwrap();
        let (stdin, stdout) = (OwnedFd::from(far.try_clone().unwrap()), OwnedFd::from(far));
        let relay = Command::new(&self.agent).args(["relay", address]).stdin(stdin).stdout(stdout).spawn();
        (relay.unwrap(), near)
    }
}

#[test]
fn output_goes_on_where_it_stopped_and_calls_are_done_once() {
    let home = TempDir::new().unwrap();
    let path = home.path().canonicalize().unwrap();
    let mut session = start(&path, LEASE);
    let link = &session.link;
    let mut client = Client::on(link);
    client.spawn(spawn(1, &path, "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done")).unwrap();
    let mut relays = Vec::new();
    let mut appended = Vec::new();
    let open = FileCall::Open {
        descriptor: 9,
        path: path.join("log").into_os_string().into_encoded_bytes(),
        flags: 0o2101,
        mode: 0o600,
    };
    client.files(open).unwrap();
    for round in 0..12 {
        let data = format!("{round}\n").into_bytes();
        appended.extend_from_slice(&data);
        let id =
            client.begin(Call::Files(FileCall::Write { descriptor: 9, position: None, data, series: 0 }));
        match round % 4 {
            0 => link.go_on(UnixStream::connect(&session.socket).unwrap(), TOKEN),
            1 => link.go_on(TcpStream::connect(loopback(session.port)).unwrap(), TOKEN),
            2 => {
                let (relay, socket) = session.by_relay(&session.socket);
                relays.push(relay);
                link.go_on(socket, TOKEN);
            }
            _ => {
                let (relay, socket) = session.by_relay(&session.port.to_string());
                relays.push(relay);
                link.cut();
                link.go_on(socket, TOKEN);
            }
        }
        client.finish(id).unwrap();
    }
    let (_, [output, _]) = client.exit(1);
    let expected: String = (0..20000).map(|line| format!("{line}\n")).collect();
    assert!(output == expected.as_bytes());
    assert_eq!(fs::read(path.join("log")).unwrap(), appended);
    for mut relay in relays {
        // All but the last have lost their link.
        link.cut();
        relay.wait().unwrap();
    }
    link.go_on(UnixStream::connect(&session.socket).unwrap(), TOKEN);
    link.say_goodbye();
    assert!(session.program.end().success());
    assert!(!Path::new(&session.socket).exists());
}

#[test]
fn without_a_link_everything_ends_when_the_lease_does() {
    let home = TempDir::new().unwrap();
    let path = home.path().canonicalize().unwrap();
    let Session { mut program, link, .. } = start(&path, Lease { silent: 3600, closed: 1 });
    let mut client = Client::on(&link);
    let pid = client.spawn(spawn(1, &path, "sleep 1000")).unwrap();
    link.cut();
    assert!(runs(pid));
    assert!(program.end().success());
    assert!(!runs(pid));
}

#[test]
fn the_socket_of_an_agent_that_was_killed_is_removed_by_the_next() {
    let home = TempDir::new().unwrap();
    let path = home.path().canonicalize().unwrap();
    let Session { program, socket, .. } = start(&path, LEASE);
    drop(program);
    assert!(Path::new(&socket).exists());
    let next = start(&path, LEASE);
    assert!(!Path::new(&socket).exists());
    assert!(Path::new(&next.socket).exists());
    next.link.say_goodbye();
    let mut program = next.program;
    assert!(program.end().success());
}
