//! A link to an agent without `pii`, for tests that speak the protocol themselves and block.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::{ChildStdin, ChildStdout},
    sync::Mutex,
    time::Duration,
};

use stream_carrier::{Carrier, Source};
use tokio::{
    io::{AsyncWrite, copy_bidirectional},
    runtime,
    task::JoinHandle,
};
use wire_protocol::{ARRIVED, LINK_PATH, UPGRADE};

/// Longest time for an answer: reached only if a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A session's link, with the streams on it. Dropping it breaks it, as the kernel does for a process that was killed.
pub struct SessionLink {
    runtime: Option<runtime::Runtime>,
    carrier: Carrier,
    present: Mutex<Option<JoinHandle<()>>>,
}

impl SessionLink {
    /// Asks the agent at this address for a session's first link.
    #[track_caller]
    pub fn to(address: SocketAddr, token: &str) -> Self {
        let link = Self::none();
        link.go_on(TcpStream::connect(address).expect("the agent listens"), token);
        link
    }

    /// The first link, over an agent's own stdin and stdout.
    pub fn over(stdin: ChildStdin, stdout: ChildStdout) -> Self {
        let link = Self::none();
        let within = link.runtime().enter();
        let sink = tokio::process::ChildStdin::from_std(stdin).expect("a pipe");
        let source = tokio::process::ChildStdout::from_std(stdout).expect("a pipe");
        drop(within);
        link.carry(source, sink, 0);
        link
    }

    fn none() -> Self {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = Some(runtime.expect("a thread can be started"));
        Self { runtime, carrier: Carrier::new().0, present: Mutex::default() }
    }

    /// Breaks the link, and goes on over this connection to the agent's door.
    #[track_caller]
    pub fn go_on<S: Read + Write + Into<OwnedFd>>(&self, mut socket: S, token: &str) {
        self.cut();
        let bearer = format!("Authorization: Bearer {token}\r\n");
        let answer = converse(&mut socket, &head(self.carrier.arrived(), &bearer));
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        let arrived = answer.lines().find_map(|line| line.strip_prefix(ARRIVED)?.strip_prefix(": "));
        let arrived = arrived.and_then(|count| count.parse().ok()).expect("the agent says what has arrived");
        // A pipe that is a socket is one to tokio whatever its kind.
        let socket = UnixStream::from(socket.into());
        socket.set_nonblocking(true).expect("a socket");
        let _within = self.runtime().enter();
        let (source, sink) = tokio::net::UnixStream::from_std(socket).expect("within a runtime").into_split();
        self.carry(source, sink, arrived);
    }

    /// Breaks the link.
    pub fn cut(&self) {
        if let Some(link) = self.present.lock().expect("no holder of this lock can panic").take() {
            link.abort();
            // Aborted or over: nothing is read from it any more.
            let _ = self.runtime().block_on(link);
        }
    }

    fn carry(
        &self,
        source: impl Source + 'static,
        sink: impl AsyncWrite + Send + Unpin + 'static,
        arrived: u64,
    ) {
        let carrier = self.carrier.clone();
        let link = self.runtime().spawn(async move {
            carrier.carry(source, sink, arrived, None).await;
            carrier.end();
        });
        *self.present.lock().expect("no holder of this lock can panic") = Some(link);
    }

    /// What drives it.
    pub fn runtime(&self) -> &runtime::Runtime {
        self.runtime.as_ref().expect("taken only when this is dropped")
    }

    /// A new stream, as a socket that blocks for so long.
    pub fn open(&self) -> UnixStream {
        let (near, far) = UnixStream::pair().expect("two descriptors");
        for set in [UnixStream::set_read_timeout, UnixStream::set_write_timeout] {
            set(&near, Some(PATIENCE)).expect("a time that is not zero");
        }
        far.set_nonblocking(true).expect("a socket");
        let mut stream = self.carrier.open();
        self.runtime().spawn(async move {
            let mut far = tokio::net::UnixStream::from_std(far).expect("within a runtime");
            // An end that goes away ends the stream; nobody is left to be told.
            let _ = copy_bidirectional(&mut far, &mut stream).await;
        });
        near
    }

    /// Tells the agent that the session is over.
    pub fn say_goodbye(&self) {
        self.carrier.say_goodbye();
    }
}

impl Drop for SessionLink {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Asks for a link; gives the head of the answer.
#[track_caller]
pub fn ask(address: SocketAddr, token: Option<&str>) -> String {
    let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    converse(&mut TcpStream::connect(address).expect("the agent listens"), &head(0, &bearer))
}

fn head(arrived: u64, bearer: &str) -> String {
    let lines = format!("Connection: Upgrade\r\nUpgrade: {UPGRADE}\r\n{ARRIVED}: {arrived}\r\n{bearer}");
    format!("GET {LINK_PATH} HTTP/1.1\r\nHost: agent\r\n{lines}\r\n")
}

/// Sends the head of a request; gives the head of the answer.
#[track_caller]
pub fn converse(socket: &mut (impl Read + Write), head: &str) -> String {
    socket.write_all(head.as_bytes()).expect("the agent reads");
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while !answer.ends_with(b"\r\n\r\n") && socket.read(&mut byte).expect("the agent answers") == 1 {
        answer.push(byte[0]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// An agent's port on this machine.
pub fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
