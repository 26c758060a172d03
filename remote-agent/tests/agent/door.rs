//! Who is let in.

use remote_agent::Resolver;
use wire_protocol::files::FileCall;

use crate::bench::{Bench, TOKEN, request};

fn head(path: &str, lines: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: agent\r\n{lines}\r\n")
}

#[test]
fn without_the_token_nothing_is_shown() {
    let bench = Bench::new(Resolver::detect());
    let upgrade = "Connection: upgrade\r\nUpgrade: pii\r\n";
    let wrong = TOKEN.replace('0', "1");
    for path in ["/stream", "/", "/session", "/stream/x"] {
        for shown in [
            String::new(),
            format!("Authorization: Bearer {wrong}\r\n"),
            format!("Authorization: Bearer {TOKEN}0\r\n"),
            format!("Authorization: Bearer {}\r\n", &TOKEN[1..]),
            format!("Authorization: Basic {TOKEN}\r\n"),
            "Authorization: Bearer \r\n".to_owned(),
        ] {
            let (_, answer, body) = request(bench.address, &head(path, &format!("{upgrade}{shown}")));
            assert!(answer.starts_with("HTTP/1.1 401 "), "{path} with {shown:?}: {answer}");
            assert!(answer.contains("content-length: 0"), "{answer}");
            assert_eq!(body, b"");
        }
    }
}

#[test]
fn with_the_token_only_the_stream_is_there() {
    let bench = Bench::new(Resolver::detect());
    let token = format!("Authorization: Bearer {TOKEN}\r\n");
    let (_, answer, _) = request(bench.address, &head("/", &token));
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    let (_, answer, _) = request(bench.address, &head("/stream", &token));
    assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
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
