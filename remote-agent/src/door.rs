//! Where links come in: a port of 127.0.0.1, and a unix socket beside the agent's own file, in a directory that is
//! closed to others.

use std::{
    fs, io,
    net::Ipv4Addr,
    os::unix::net::UnixStream as BlockingStream,
    path::{Path, PathBuf},
    process,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, UnixListener},
};

/// How the names of sockets begin; a pid follows.
const SOCKET: &str = "socket-";

/// A byte pipe that came in.
pub trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

/// Both listeners. The socket disappears with this value.
#[derive(Debug)]
pub struct Door {
    tcp: TcpListener,
    unix: Option<(UnixListener, PathBuf)>,
}

impl Door {
    /// Listens on the port (0: any) and, where that can be made, on a socket in `directory`.
    pub fn open(port: u16, directory: Option<&Path>) -> io::Result<Self> {
        let tcp = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        tcp.set_nonblocking(true)?;
        let unix = directory.and_then(|directory| {
            forget_dead(directory);
            let path = directory.join(format!("{SOCKET}{}", process::id()));
            // A path that is too long or a full disk leaves the port.
            Some((UnixListener::bind(&path).ok()?, path))
        });
        Ok(Self { tcp: TcpListener::from_std(tcp)?, unix })
    }

    /// The port.
    pub fn port(&self) -> io::Result<u16> {
        Ok(self.tcp.local_addr()?.port())
    }

    /// The socket's path, where there is one.
    pub fn socket(&self) -> Option<&Path> {
        self.unix.as_ref().map(|(_, path)| path.as_path())
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(path) = self.socket() {
            // If it cannot be removed, a later agent does it.
            let _ = fs::remove_file(path);
        }
    }
}

/// Removes the sockets of agents that were killed.
fn forget_dead(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
        if entry.file_name().to_string_lossy().starts_with(SOCKET)
            && BlockingStream::connect(entry.path()).is_err_and(refused)
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl Listener for Door {
    type Io = Box<dyn Pipe>;
    type Addr = ();

    async fn accept(&mut self) -> (Self::Io, ()) {
        let Self { tcp, unix } = self;
        let by_socket = async {
            match unix {
                Some((listener, _)) => Listener::accept(listener).await.0,
                None => std::future::pending().await,
            }
        };
        let pipe: Self::Io = tokio::select! {
            (stream, _) = Listener::accept(tcp) => {
                // Without it small answers wait for the acknowledgement of the one before.
                let _ = stream.set_nodelay(true);
                Box::new(stream)
            }
            stream = by_socket => Box::new(stream),
        };
        (pipe, ())
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}
