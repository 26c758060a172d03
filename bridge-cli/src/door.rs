//! The agent's door: the ways from `pii` to it, and what is said there.

use std::io;

use bytes::{Buf, BytesMut};
use stream_carrier::Source;
use tokio::io::{AsyncWriteExt, split};
use tracing::debug;
use wire_protocol::{ARRIVED, LINK_PATH, UPGRADE};

use crate::links::{Bytes, Link, LinkError, LinkKind, LinkSource};
use crate::prefix::Prefix;
use crate::ssh::{Asking, Connection, Output, SshError, Stdin};
use crate::token::Token;

/// Longest head of an answer.
const HEAD: usize = 16 * 1024;

/// Where the agent's door is.
#[derive(Clone)]
pub struct Door {
    /// The host as typed.
    pub host: String,
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// Its unix socket, where it has one.
    pub socket: Option<String>,
    /// The agent's file.
    pub program: String,
    /// What every command of ours on the remote begins with.
    pub prefix: Prefix,
    /// What opens it.
    pub token: Token,
}

impl Door {
    /// Opens a link of one of these kinds, the first that can be had. `arrived` is how many numbered packets have come
    /// from the agent.
    pub async fn open(
        &self,
        connection: &Connection,
        kinds: &[LinkKind],
        arrived: u64,
    ) -> Result<(LinkKind, Link), LinkError> {
        let mut failure = LinkError::Gone;
        for kind in kinds {
            match self.open_by(connection, *kind, arrived).await {
                Ok(link) => return Ok((*kind, link)),
                Err(error @ (LinkError::Forbidden { .. } | LinkError::None(_))) => {
                    debug!("no link by {}: {error}", kind.name());
                    failure = error;
                }
                Err(error) => return Err(error),
            }
        }
        Err(failure)
    }

    async fn open_by(
        &self,
        connection: &Connection,
        kind: LinkKind,
        arrived: u64,
    ) -> Result<Link, LinkError> {
        let opened = match kind {
            LinkKind::Unix => {
                let socket = self.socket.as_deref().ok_or(LinkError::None(kind))?;
                connection.open_socket(socket).await
            }
            LinkKind::Tcp => connection.open_port(self.port).await,
            LinkKind::Stdio => {
                let (from, sink) = self.relay(connection).await?;
                return self.knock(Bytes::Command(from), sink, arrived).await;
            }
        };
        let stream = match opened.ok_or(LinkError::None(kind))? {
            Ok(stream) => stream,
            // sshd gives this reason also for unix sockets that it may not forward.
            Err(russh::Error::ChannelOpenFailure(russh::ChannelOpenFailure::ConnectFailed))
                if kind == LinkKind::Tcp =>
            {
                return Err(LinkError::Gone);
            }
            Err(source @ russh::Error::ChannelOpenFailure(_)) => {
                return Err(LinkError::Forbidden { kind, source });
            }
            Err(error) => return Err(SshError::from(error).into()),
        };
        let (read, write) = split(stream);
        self.knock(Bytes::Forward(read), Box::new(write), arrived).await
    }

    /// The stdout and stdin of a command that carries bytes to the door.
    async fn relay(&self, connection: &Connection) -> Result<(Output, Stdin), LinkError> {
        let mut prefix = self.prefix.clone();
        let address = self.socket.clone().unwrap_or_else(|| self.port.to_string());
        let marker = format!("pii-{:016x}", rand::random::<u64>());
        let line = format!("echo {marker}; exec {} relay {}", quoted(&self.program), quoted(&address));
        let mut exec = connection.exec(&format!("exec {}/bin/sh -c '{line}'", prefix.words())).await?;
        // A session that goes on knows the password already.
        if prefix.answer(&mut exec, &marker, &self.host, Asking::Forbidden, None).await.is_err() {
            return Err(LinkError::Gone);
        }
        while let Some(line) = exec.line().await {
            if line.contains(&marker) {
                return Ok(exec.into_pipe());
            }
        }
        let said = exec.words().text();
        Err(connection.failure(exec.status(), &said).map_or(LinkError::Gone, LinkError::from))
    }

    /// Shows the token, and learns how far the agent has come.
    async fn knock(&self, from: Bytes, mut sink: Stdin, arrived: u64) -> Result<Link, LinkError> {
        let request = format!(
            "GET {LINK_PATH} HTTP/1.1\r\nHost: agent\r\nConnection: upgrade\r\nUpgrade: {UPGRADE}\r\n\
             Authorization: Bearer {}\r\n{ARRIVED}: {arrived}\r\n\r\n",
            self.token.0
        );
        sink.write_all(request.as_bytes()).await.map_err(LinkError::Answer)?;
        sink.flush().await.map_err(LinkError::Answer)?;
        let mut source = LinkSource { ahead: BytesMut::new(), from };
        let mut answer = BytesMut::new();
        let arrived = loop {
            if let Some(theirs) = read_answer(&mut answer)? {
                break theirs;
            }
            match source.read(&mut answer).await.map_err(LinkError::Answer)? {
                // A relay that finds nobody at the door ends at once.
                0 => return Err(LinkError::Gone),
                _ if answer.len() > HEAD => return Err(malformed("its answer is too long")),
                _ => {}
            }
        };
        source.ahead = answer;
        Ok(Link { source, sink, arrived })
    }
}

/// The count in the agent's answer, which is taken off what has come, once it is whole.
fn read_answer(answer: &mut BytesMut) -> Result<Option<u64>, LinkError> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let parsed = response.parse(answer).map_err(|error| malformed(&error.to_string()))?;
    let httparse::Status::Complete(length) = parsed else { return Ok(None) };
    match response.code {
        Some(101) => {}
        // Another session's agent has the port now.
        Some(401 | 404) => return Err(LinkError::Gone),
        other => return Err(LinkError::Refused(other.unwrap_or_default())),
    }
    let arrived = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(ARRIVED));
    let arrived = arrived.and_then(|header| str::from_utf8(header.value).ok()?.parse().ok());
    answer.advance(length);
    arrived.map(Some).ok_or_else(|| malformed("its answer does not say what has arrived"))
}

fn malformed(what: &str) -> LinkError {
    LinkError::Answer(io::Error::new(io::ErrorKind::InvalidData, what.to_owned()))
}

/// A word within double quotes, within a script within single quotes: neither kind ends in it.
fn quoted(word: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in word.chars() {
        match letter {
            '"' | '$' | '`' | '\\' => quoted.extend(['\\', letter]),
            // The end of the single quotes, the quote within double ones, and single quotes again.
            '\'' => quoted.push_str("'\"'\"'"),
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_once_it_is_whole() {
        let text = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nPII-Arrived: 42\r\n\r\nrest";
        for length in 0..text.len() - 4 {
            assert!(read_answer(&mut text.as_bytes()[..length].into()).unwrap().is_none());
        }
        let mut answer = BytesMut::from(text.as_bytes());
        assert_eq!(read_answer(&mut answer).unwrap(), Some(42));
        assert_eq!(&answer[..], b"rest");
        let refused = |head: &str| read_answer(&mut head.as_bytes().into()).unwrap_err();
        assert!(matches!(refused("HTTP/1.1 401 Unauthorized\r\n\r\n"), LinkError::Gone));
        assert!(matches!(refused("HTTP/1.1 400 Bad Request\r\n\r\n"), LinkError::Refused(400)));
        assert!(matches!(refused("HTTP/1.1 101 Switching Protocols\r\n\r\n"), LinkError::Answer(_)));
        assert!(matches!(refused("SSH-2.0-x\r\n"), LinkError::Answer(_)));
    }

    #[test]
    fn words_survive_both_quotes() {
        for word in ["/a b/c", "it's", "a\"b", "$HOME `x` \\"] {
            let script = format!("printf %s {}", quoted(word));
            let line = format!("exec /bin/sh -c '{script}'");
            let output = std::process::Command::new("/bin/sh").arg("-c").arg(line).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
        }
    }
}
