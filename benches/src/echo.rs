//! A byte there and back: what a round trip is on this machine, with all that threads and processes on the way add.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use testbed::link::Link;

use crate::{bed::Bed, error::Error};

/// Tries in one measurement.
const TRIES: usize = 30;

/// Over a link such as the bed's and nothing else, in seconds.
pub fn over_link(bed: &Bed) -> Result<Vec<f64>, Error> {
    let link = Link::to(start()?, Duration::from_millis(bed.round_trip));
    ask(link.port)
}

/// Over the bed's link, in a port forwarded by OpenSSH's master connection: what SSH adds before anybody does anything.
pub fn through_ssh(bed: &Bed) -> Result<Vec<f64>, Error> {
    let far = start()?;
    let near = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let forward = format!("-L {near}:127.0.0.1:{far} warm");
    bed.laptop.sh(&format!("ssh -O forward {forward} 2> /dev/null"));
    let times = ask(near);
    bed.laptop.sh(&format!("ssh -O cancel {forward} 2> /dev/null"));
    times
}

/// Starts what answers one connection, and gives its port.
fn start() -> Result<u16, Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        let Ok((mut stream, _)) = listener.accept() else { return };
        let mut byte = [0];
        while stream.set_nodelay(true).is_ok() && stream.read_exact(&mut byte).is_ok() {
            if stream.write_all(&byte).is_err() {
                return;
            }
        }
    });
    Ok(port)
}

fn ask(port: u16) -> Result<Vec<f64>, Error> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    let mut once = || {
        let start = Instant::now();
        stream.write_all(&[1])?;
        stream.read_exact(&mut [0])?;
        Ok(start.elapsed().as_secs_f64())
    };
    // The first also waits for the connection at the other end.
    once()?;
    (0..TRIES).map(|_| once()).collect()
}
