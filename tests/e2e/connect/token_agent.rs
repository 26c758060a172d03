//! An ssh-agent that holds one key of a security token, touched at once. See PROTOCOL.u2f of OpenSSH.

use std::{
    fs,
    io::{self, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use tempfile::TempDir;

use crate::paths;

const KIND: &[u8] = b"sk-ssh-ed25519@openssh.com";
const APPLICATION: &[u8] = b"ssh:";

/// The token was touched.
const PRESENT: u8 = 1;

const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGNATURE: u8 = 14;

/// A running agent, seen from all machines.
pub struct TokenAgent {
    directory: TempDir,
    touches: Arc<AtomicU32>,
}

impl TokenAgent {
    pub fn start() -> Self {
        let directory = paths::scratch();
        let secret = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("randomness");
        let pair = Ed25519KeyPair::from_pkcs8(secret.as_ref()).expect("just made");
        let public = [string(KIND), string(pair.public_key().as_ref()), string(APPLICATION)].concat();
        let touches = Arc::new(AtomicU32::new(0));
        let agent = Self { directory, touches: Arc::clone(&touches) };
        let line = format!("{} {}\n", String::from_utf8_lossy(KIND), STANDARD.encode(&public));
        fs::write(agent.authorized_keys(), line).expect("scratch is writable");
        let listener = UnixListener::bind(agent.socket()).expect("a socket");
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client that has what it wants goes.
                let _ = serve(client, &pair, &public, &touches);
            }
        });
        agent
    }

    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("agent")
    }

    /// The line that lets the key in.
    pub fn authorized_keys(&self) -> PathBuf {
        self.directory.path().join("authorized_keys")
    }

    /// Signatures so far.
    pub fn touches(&self) -> u32 {
        self.touches.load(Ordering::SeqCst)
    }
}

fn serve(
    mut client: UnixStream,
    pair: &Ed25519KeyPair,
    public: &[u8],
    touches: &AtomicU32,
) -> io::Result<()> {
    loop {
        let mut length = [0; 4];
        client.read_exact(&mut length)?;
        let mut request = vec![0; u32::from_be_bytes(length) as usize];
        client.read_exact(&mut request)?;
        let answer = match request.split_first() {
            Some((&REQUEST_IDENTITIES, _)) => {
                [&[IDENTITIES, 0, 0, 0, 1][..], &string(public), &string(b"token")].concat()
            }
            Some((&SIGN_REQUEST, rest)) => {
                let (key, rest) = take(rest);
                assert_eq!(key, public);
                let counter = touches.fetch_add(1, Ordering::SeqCst) + 1;
                let (data, _) = take(rest);
                [&[SIGNATURE][..], &string(&sign(pair, data, counter))].concat()
            }
            _ => vec![FAILURE],
        };
        client.write_all(&string(&answer))?;
    }
}

fn sign(pair: &Ed25519KeyPair, data: &[u8], counter: u32) -> Vec<u8> {
    let end = [&[PRESENT][..], &counter.to_be_bytes()].concat();
    let hash = |bytes: &[u8]| digest(&SHA256, bytes).as_ref().to_vec();
    let signature = pair.sign(&[hash(APPLICATION), end.clone(), hash(data)].concat());
    [string(KIND), string(signature.as_ref()), end].concat()
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

fn take(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (length, rest) = bytes.split_at(4);
    rest.split_at(u32::from_be_bytes(length.try_into().expect("four")) as usize)
}
