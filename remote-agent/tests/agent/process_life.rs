//! How processes start, end and are ended.

use std::fs;

use remote_agent::Resolver;
use wire_protocol::processes::{
    Around, Environment, ExitStatus, ProcessCall, ProcessReply, Reach, SearchPath, Stdio,
};

use crate::bench::{Bench, Client, bytes, process, runs, shell, wait_gone};

const DONE: Result<ProcessReply, String> = Ok(ProcessReply::Done);

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

#[test]
fn a_process_says_what_it_has_to_say_and_how_it_ended() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let (status, [out, err]) = client.shell(&bench, "echo out; echo err >&2; exit 7");
    assert_eq!((status, text(&out), text(&err)), (ExitStatus::Code(7), "out\n".into(), "err\n".into()));
    let (status, _) = client.shell(&bench, "kill -TERM $$");
    assert_eq!(status, ExitStatus::Signal("SIGTERM".into()));
}

/// Many at a time: each one's output is there before its end, and nobody's end is lost.
#[test]
fn all_that_was_said_comes_before_the_end() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    for round in 0..10 {
        let numbers = round * 30 + 1..round * 30 + 31;
        for number in numbers.clone() {
            let spawn =
                shell(&bench, number, &format!("(sleep 0.01; :) & echo {number}; exit {}", number % 100));
            client.begin(wire_protocol::Call::Processes(ProcessCall::Spawn(spawn)));
        }
        for number in numbers {
            let (status, [out, _]) = client.exit(number);
            assert_eq!(status, ExitStatus::Code(number as i32 % 100));
            assert_eq!(text(&out), format!("{number}\n"));
        }
    }
}

#[test]
fn what_cannot_start_says_why() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    fs::write(bench.root.join("plain"), "").unwrap();
    fs::create_dir(bench.root.join("dir")).unwrap();
    for (file, cwd, code) in [
        ("no-such-command", "", "ENOENT"),
        ("./plain", "", "EACCES"),
        ("./dir", "", "EACCES"),
        ("./none", "", "ENOENT"),
        ("", "", "ENOENT"),
        ("true", "none", "ENOENT"),
        ("true", "plain", "ENOTDIR"),
    ] {
        let mut spawn = process(&bench, 1, &[file]);
        spawn.cwd = bench.path(cwd);
        assert_eq!(client.spawn(spawn), Err(code.into()), "{file} in {cwd}");
    }
    assert_eq!(client.kill(1, "SIGTERM"), Err("ESRCH".into()));
    assert_eq!(client.processes(ProcessCall::Keep { process: 1 }), Err("ESRCH".into()));
}

#[test]
fn a_process_starts_where_and_as_it_was_asked() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    fs::create_dir(bench.root.join("dir")).unwrap();
    std::os::unix::fs::symlink("dir", bench.root.join("link")).unwrap();
    let mut spawn =
        shell(&bench, 1, "echo \"$0 $PWD $(pwd -P) $(umask) ${A-none} ${HOME-none}\"; ps -o pgid= -p $$");
    spawn.args[2] = spawn.args[2].clone();
    spawn.args.push(b"zero".to_vec().into());
    spawn.cwd = bench.path("link/.");
    spawn.umask = 0o027;
    spawn.environment = Environment {
        bare: false,
        set: vec![(b"A".to_vec().into(), b"a b".to_vec().into())],
        unset: vec![b"HOME".to_vec().into()],
        path: SearchPath::Login,
    };
    let pid = client.spawn(spawn).unwrap();
    let (_, [out, _]) = client.exit(1);
    let real = bench.root.join("dir").display().to_string();
    let out = text(&out);
    let mut lines = out.lines();
    assert_eq!(lines.next(), Some(format!("zero {real} {real} 0027 a b none").as_str()));
    assert_eq!(lines.next().map(str::trim), Some(pid.to_string().as_str()), "a group of its own");
}

#[test]
fn the_command_is_looked_up_in_the_path_that_is_set() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    client.shell(&bench, "mkdir bin; printf '#!/bin/sh\\necho found $0\\n' > bin/mine; chmod +x bin/mine");
    let mut spawn = process(&bench, 1, &["mine"]);
    spawn.environment.set = vec![(b"PATH".to_vec().into(), bench.path("bin").into())];
    client.spawn(spawn).unwrap();
    assert_eq!(text(&client.exit(1).1[0]), format!("found {}\n", text(&bench.path("bin/mine"))));
    let mut spawn = process(&bench, 2, &["mine"]);
    spawn.environment.path =
        SearchPath::Around(Around { before: vec![bench.path("bin").into()], after: vec![] }.into());
    client.spawn(spawn).unwrap();
    assert_eq!(client.exit(2).0, ExitStatus::Code(0));
}

#[test]
fn signals_are_as_at_login() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let (_, [out, _]) = client.shell(&bench, "grep -E 'Sig(Blk|Ign)' /proc/self/status");
    let masks: Vec<_> = text(&out).split_whitespace().map(str::to_owned).collect();
    assert_eq!(masks[1].trim_matches('0'), "", "blocked: {out:?}");
    assert_eq!(u64::from_str_radix(&masks[3], 16).unwrap() & (1 << 12), 0, "SIGPIPE ignored: {out:?}");
}

/// Starts a shell that leaves a child in the background, and answers the child's pid.
fn background(client: &mut Client, bench: &Bench, number: u32, end: &str) -> u32 {
    client.spawn(shell(bench, number, &format!("sleep 1000 & echo $!; {end}"))).unwrap();
    client.wait(|frame| match frame {
        wire_protocol::ToProgram::Output { process, data, .. } if *process == number => {
            Some(text(data).lines().next().unwrap().parse().unwrap())
        }
        _ => None,
    })
}

#[test]
fn a_signal_reaches_the_whole_group() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let child = background(&mut client, &bench, 1, "wait");
    assert_eq!(client.kill(1, "0"), DONE);
    assert_eq!(client.kill(1, "SIGNONSENSE"), Err("EINVAL".into()));
    assert_eq!(client.kill(1, "SIGTERM"), DONE);
    assert_eq!(client.exit(1).0, ExitStatus::Signal("SIGTERM".into()));
    wait_gone(child);
}

#[test]
fn a_signal_may_be_for_the_process_alone() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let end = "trap 'echo caught' USR1; wait; wait";
    let child = background(&mut client, &bench, 1, end);
    assert_eq!(client.signal(1, "0", Reach::Process), DONE);
    assert_eq!(client.signal(1, "SIGUSR1", Reach::Process), DONE);
    client.wait(|frame| match frame {
        wire_protocol::ToProgram::Output { process: 1, data, .. } => {
            text(data).contains("caught").then_some(())
        }
        _ => None,
    });
    assert!(runs(child), "it takes no USR1 of its parent's");
    assert_eq!(client.signal(1, "SIGKILL", Reach::Process), DONE);
    assert_eq!(client.exit_status(1), ExitStatus::Signal("SIGKILL".into()));
    assert!(runs(child));
    assert_eq!(client.signal(1, "0", Reach::Process), Err("ESRCH".into()));
    assert_eq!(client.kill(1, "SIGKILL"), DONE);
    wait_gone(child);
}

#[test]
fn the_end_is_told_though_a_child_holds_the_pipes_and_can_still_be_reached() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let child = background(&mut client, &bench, 1, "echo rest; exit 3");
    let status = client.wait(|frame| match frame {
        wire_protocol::ToProgram::Exit { process: 1, status, .. } => Some(status.clone()),
        wire_protocol::ToProgram::OutputEnd { .. } => panic!("the pipes are still open"),
        _ => None,
    });
    assert_eq!(status, ExitStatus::Code(3));
    assert!(runs(child));
    assert_eq!(client.kill(1, "0"), DONE);
    assert_eq!(client.kill(1, "SIGKILL"), DONE);
    for wanted in [1, 2] {
        client.wait(|frame| match frame {
            wire_protocol::ToProgram::OutputEnd { process: 1, pipe } => (*pipe == wanted).then_some(()),
            _ => None,
        });
    }
    wait_gone(child);
}

#[test]
fn a_stream_that_ends_takes_its_processes_along_except_the_kept() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let child = background(&mut client, &bench, 1, "wait");
    let null = |number, words: &[&str]| {
        let mut spawn = process(&bench, number, words);
        spawn.stdio = vec![Stdio::Null; 3];
        spawn.detached = true;
        spawn
    };
    let detached = client.spawn(null(2, &["sleep", "1000"])).unwrap();
    let kept = client.spawn(null(3, &["sleep", "1000"])).unwrap();
    assert_eq!(client.processes(ProcessCall::Keep { process: 3 }), DONE);
    drop(client);
    wait_gone(child);
    wait_gone(detached);
    assert!(runs(kept));
    let session = fs::read_to_string(format!("/proc/{kept}/stat")).unwrap();
    assert_eq!(session.split_whitespace().nth(5), Some(kept.to_string().as_str()), "a session of its own");
    let mut other = bench.connect();
    let (status, _) = other.shell(&bench, &format!("kill -9 {kept}"));
    assert_eq!(status, ExitStatus::Code(0));
    wait_gone(kept);
}

#[test]
fn a_program_may_be_run_as_somebody_else() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let mut spawn = process(&bench, 1, &["id", "-u"]);
    spawn.cwd = bytes(&bench.root);
    spawn.uid = Some(rustix::process::getuid().as_raw());
    spawn.gid = Some(rustix::process::getgid().as_raw());
    client.spawn(spawn).unwrap();
    let (status, [out, _]) = client.exit(1);
    assert_eq!(status, ExitStatus::Code(0));
    assert_eq!(text(&out).trim(), rustix::process::getuid().as_raw().to_string());
}
