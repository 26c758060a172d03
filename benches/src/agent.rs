//! The agent, looked at from the remote's own side.

use testbed::remote::Remote;

use crate::error::Error;

/// What the kernel says of a running agent.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Most memory it had, in MiB.
    pub peak: f64,
    /// Its memory now, in MiB.
    pub resident: f64,
    /// Its inotify watches.
    pub watches: f64,
    /// Size of its file, in MiB.
    pub size: f64,
}

/// Looks at the agent that runs now.
pub fn look(remote: &Remote) -> Result<Facts, Error> {
    let said = remote.sh(r#"for exe in /proc/[0-9]*/exe; do
case $(readlink "$exe") in */pii/agent-*)
  at=${exe%/exe}
  awk '/^VmHWM/ { peak = $2 } /^VmRSS/ { now = $2 } END { printf "%s %s ", peak, now }' "$at/status"
  cat "$at"/fdinfo/* 2> /dev/null | grep -c '^inotify' | tr '\n' ' '
  stat -L -c %s "$exe"
  exit 0;;
esac; done"#);
    let numbers: Vec<f64> = said.split_whitespace().flat_map(str::parse).collect();
    let [peak, resident, watches, size] = numbers[..] else { return Err(Error::NoAgent(said)) };
    Ok(Facts { peak: peak / 1024.0, resident: resident / 1024.0, watches, size: size / 1024.0 / 1024.0 })
}
