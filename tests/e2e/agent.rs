//! A stream of calls to an agent, without `pii`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    process::{Child, Stdio},
};

use testbed::session_link::{SessionLink, ask, loopback};
use wire_protocol::{
    Call, EnvironmentMode, EnvironmentSettings, Hello, Lease, Ready, Reply, ToAgent, ToProgram, VERSION,
    WireError,
    codec::{Decoder, encode},
};

use crate::remote::{ROOT, Remote};

const TOKEN: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// An agent on a remote that has one, and a stream to it.
pub struct Agent {
    child: Child,
    link: SessionLink,
    port: u16,
    stream: UnixStream,
    decoder: Decoder,
    calls: u64,
}

impl Agent {
    /// Starts the agent that an earlier session has left in its place.
    #[track_caller]
    pub fn start(remote: &Remote) -> Self {
        let program = remote.sh("find /root -type f -perm -u+x").trim().to_owned();
        let mut command = remote.machine.command("/root", &program);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("nsenter");
        let hello = Hello {
            version: VERSION.into(),
            token: TOKEN.into(),
            root: ROOT.into(),
            more_roots: vec![],
            outside_readable: false,
            temp: String::new(),
            carried: Vec::new(),
            port: 0,
            stdio: false,
            lease: Lease { silent: 3600, closed: 3600 },
            environment: EnvironmentSettings { mode: EnvironmentMode::Plain, ..Default::default() },
        };
        let hello = serde_json::to_string(&hello).expect("plain data");
        writeln!(child.stdin.as_mut().expect("a pipe"), "{hello}").expect("the agent reads");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        stdout.read_line(&mut line).expect("the agent answers");
        let Ready::Listening { port, .. } = serde_json::from_str(&line).expect("a line of JSON") else {
            panic!("the agent refuses: {line}")
        };
        let link = SessionLink::to(loopback(port), TOKEN);
        let stream = link.open();
        Self { child, link, port, stream, decoder: Decoder::default(), calls: 0 }
    }

    /// The head of the answer to a request for a link.
    pub fn asked_with(&self, token: Option<&str>) -> String {
        ask(loopback(self.port), token)
    }

    /// Does a call and waits for its answer.
    #[track_caller]
    pub fn call(&mut self, call: Call) -> Result<Reply, WireError> {
        self.calls += 1;
        let frame = encode(&ToAgent::Call { id: self.calls, call }).expect("a small call");
        self.stream.write_all(&frame).expect("the stream stands");
        loop {
            if let Some(ToProgram::Answer { id, result, .. }) = self.decoder.next_frame().expect("a frame") {
                assert_eq!(id, self.calls);
                return result;
            }
            let mut bytes = [0; 4096];
            let length = self.stream.read(&mut bytes).expect("the stream stands");
            assert_ne!(length, 0, "the agent closed the stream");
            self.decoder.push(&bytes[..length]);
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.link.say_goodbye();
        let _ = self.child.wait();
    }
}
