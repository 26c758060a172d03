//! What the systems of the laptop do differently.

use tokio::net::TcpStream;

/// Makes the kernel acknowledge at once what was read. Linux turns this off again by itself, so it is asked for after
/// each read.
#[cfg(target_os = "linux")]
pub fn acknowledge(stream: &TcpStream) {
    // Without it the stream is slower, not wrong.
    let _ = stream.set_quickack(true);
}

/// Only Linux can be asked for it.
#[cfg(not(target_os = "linux"))]
pub fn acknowledge(_stream: &TcpStream) {}

/// Whether a signal that counts as sent by a process came from the terminal: macOS shows the terminal's as sent by
/// process 0. On Linux that number stands for a sender outside of the container.
pub fn is_from_terminal(sender: Option<i32>) -> bool {
    cfg!(not(target_os = "linux")) && sender == Some(0)
}
