//! Who is let in.

use std::{io::Read, net::TcpStream};

use remote_agent::Resolver;
use testbed::session_link::converse;
use wire_protocol::files::FileCall;

use crate::bench::{Bench, TOKEN};

fn head(path: &str, lines: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: agent\r\n{lines}\r\n")
}

#[test]
fn without_the_token_nothing_is_shown() {
    let bench = Bench::new(Resolver::detect());
    let upgrade = "Upgrade: pii\r\n";
    let wrong = TOKEN.replace('0', "1");
    for path in ["/link", "/", "/session", "/link/x"] {
        for shown in [
            String::new(),
            format!("Authorization: Bearer {wrong}\r\n"),
            format!("Authorization: Bearer {TOKEN}0\r\n"),
            format!("Authorization: Bearer {}\r\n", &TOKEN[1..]),
            format!("Authorization: Basic {TOKEN}\r\n"),
            "Authorization: Bearer \r\n".to_owned(),
        ] {
            let lines = format!("{upgrade}Connection: close\r\n{shown}");
            let mut socket = TcpStream::connect(bench.address).unwrap();
            let answer = converse(&mut socket, &head(path, &lines));
            let mut body = Vec::new();
            socket.read_to_end(&mut body).unwrap();
            assert!(answer.starts_with("HTTP/1.1 401 "), "{path} with {shown:?}: {answer}");
            assert!(answer.contains("content-length: 0"), "{answer}");
            assert_eq!(body, b"");
        }
    }
}

#[test]
fn with_the_token_only_the_link_is_there() {
    let bench = Bench::new(Resolver::detect());
    let token = format!("Authorization: Bearer {TOKEN}\r\n");
    let asked = |head: &str| converse(&mut TcpStream::connect(bench.address).unwrap(), head);
    let answer = asked(&head("/", &token));
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    let answer = asked(&head("/link", &token));
    assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
    let upgrade = format!("Connection: upgrade\r\nUpgrade: pii\r\n{token}");
    let answer = asked(&head("/link", &upgrade));
    assert!(answer.starts_with("HTTP/1.1 400 "), "it does not say what has arrived: {answer}");
    let mut client = bench.connect();
    assert!(client.files(FileCall::Stat { path: bench.path(""), follow: true }).is_ok());
}

#[test]
fn streams_do_not_share_descriptors() {
    let bench = Bench::new(Resolver::detect());
    let (mut one, mut two) = (bench.connect(), bench.connect());
    let open = FileCall::Open { descriptor: 5, path: bench.path(""), flags: 0, mode: 0 };
    assert!(one.files(open).is_ok());
    assert_eq!(two.files(FileCall::Fstat { descriptor: 5 }), Err("EBADF".into()));
    assert!(one.files(FileCall::Fstat { descriptor: 5 }).is_ok());
}
