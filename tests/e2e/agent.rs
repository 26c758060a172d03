//! A stream of calls to an agent, without `pii`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::{Child, ChildStdout, Stdio},
};

use wire_protocol::{
    Call, EnvironmentMode, EnvironmentSettings, Hello, Ready, Reply, STREAM_PATH, ToAgent, ToProgram,
    UPGRADE, VERSION, WireError,
    codec::{Decoder, encode},
};

use crate::remote::{ROOT, Remote};

const TOKEN: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// An agent on a remote that has one, and a stream to it.
pub struct Agent {
    child: Child,
    // The agent ends when nobody reads it any more.
    _stdout: BufReader<ChildStdout>,
    port: u16,
    stream: TcpStream,
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
            port: 0,
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
        let (answer, stream) = ask(port, Some(TOKEN));
        assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
        Self { child, _stdout: stdout, port, stream, decoder: Decoder::default(), calls: 0 }
    }

    /// The first line of the answer to a request for a stream.
    pub fn asked_with(&self, token: Option<&str>) -> String {
        ask(self.port, token).0
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
        // The end of its stdin is the agent's end.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Asks for a stream; gives the head of the answer.
fn ask(port: u16, token: Option<&str>) -> (String, TcpStream) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the agent listens");
    let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!(
        "GET {STREAM_PATH} HTTP/1.1\r\nHost: agent\r\nConnection: Upgrade\r\nUpgrade: {UPGRADE}\r\n{bearer}\r\n"
    );
    stream.write_all(request.as_bytes()).expect("the agent reads");
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|length| length == 1) {
        head.push(byte[0]);
    }
    (String::from_utf8_lossy(&head).into_owned(), stream)
}
