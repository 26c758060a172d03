//! Input and output of processes, and that neither side has to hold more than was agreed on.

use remote_agent::Resolver;
use wire_protocol::{
    Call, ToAgent, ToProgram,
    files::FileCall,
    processes::{ExitStatus, ProcessCall, Stdio, WINDOW},
};

use crate::bench::{Bench, process, shell};

#[test]
fn large_output_comes_whole() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let (status, [out, err]) = client.shell(&bench, "seq 1 800000; seq 1 300000 >&2");
    assert_eq!(status, ExitStatus::Code(0));
    let expected = |last: u32| (1..=last).map(|number| format!("{number}\n")).collect::<String>();
    assert!(out == expected(800_000).as_bytes());
    assert!(err == expected(300_000).as_bytes());
}

#[test]
fn a_program_that_does_not_read_makes_the_process_wait() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    client.takes_output = false;
    let total = 4 * WINDOW as usize;
    client.spawn(shell(&bench, 1, &format!("head -c {total} /dev/zero; echo done >&2"))).unwrap();
    let mut received = 0;
    while received < WINDOW as usize {
        received += client.wait(|frame| match frame {
            ToProgram::Output { process: 1, pipe: 1, data, .. } => Some(data.len()),
            ToProgram::Output { pipe: 2, .. } | ToProgram::Exit { .. } => panic!("it did not wait"),
            _ => None,
        });
    }
    assert_eq!(received, WINDOW as usize, "no more than the window");
    // An answer that was asked for later arrives: nothing else was on its way.
    assert!(client.kill(1, "0").is_ok());
    let mut ended = false;
    let mut owed = received;
    while !ended {
        if owed > 0 {
            client.send(&ToAgent::OutputTaken { process: 1, pipe: 1, bytes: owed as u32 });
        }
        owed = client.wait(|frame| match frame {
            ToProgram::Output { process: 1, pipe: 1, data, .. } => Some(data.len()),
            ToProgram::Exit { process: 1, .. } => {
                ended = true;
                Some(0)
            }
            _ => None,
        });
        received += owed;
    }
    assert_eq!(received, total, "all of it came before the end");
}

#[test]
fn an_output_that_is_closed_ends_the_process_by_sigpipe() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    client.spawn(process(&bench, 1, &["yes"])).unwrap();
    client.wait(|frame| matches!(frame, ToProgram::Output { .. }).then_some(()));
    client.send(&ToAgent::OutputClosed { process: 1, pipe: 1 });
    let status = client.wait(|frame| match frame {
        ToProgram::Exit { process: 1, status, .. } => Some(status.clone()),
        _ => None,
    });
    assert_eq!(status, ExitStatus::Signal("SIGPIPE".into()));
}

#[test]
fn what_a_killed_process_has_left_comes_before_its_end_whether_there_is_room_or_not() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    client.takes_output = false;
    client.spawn(process(&bench, 1, &["yes"])).unwrap();
    let mut received = 0;
    client.wait(|frame| {
        if let ToProgram::Output { data, .. } = frame {
            received += data.len();
        }
        (received == WINDOW as usize).then_some(())
    });
    client.kill(1, "SIGKILL").unwrap();
    let mut end = 0;
    let status = client.wait(|frame| match frame {
        ToProgram::Output { offset, data, .. } => {
            end = offset + data.len() as u64;
            None
        }
        ToProgram::Exit { process: 1, status, .. } => Some(status.clone()),
        _ => None,
    });
    assert_eq!(status, ExitStatus::Signal("SIGKILL".into()));
    let rest = end - u64::from(WINDOW);
    assert!(rest > 0 && rest <= 64 * 1024, "what the pipe held, no more: {rest}");
}

#[test]
fn input_arrives_and_its_end_too() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let data: Vec<u8> = (0..WINDOW).map(|index| (index * 31) as u8).collect();
    // The input does not wait for the answer to the spawn.
    let id = client.begin(Call::Processes(ProcessCall::Spawn(process(&bench, 1, &["cat"]))));
    for piece in data.chunks(100_000) {
        client.send(&ToAgent::Input { process: 1, pipe: 0, data: piece.to_vec() });
    }
    client.send(&ToAgent::InputEnd { process: 1, pipe: 0 });
    client.finish(id).unwrap();
    let mut taken = 0;
    while taken < WINDOW {
        taken += client.wait(|frame| match frame {
            ToProgram::InputTaken { process: 1, bytes, .. } => Some(*bytes),
            _ => None,
        });
    }
    let (status, [out, _]) = client.exit(1);
    assert_eq!(status, ExitStatus::Code(0));
    assert!(out == data);
}

#[test]
fn input_that_nobody_reads_is_told() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    client.spawn(shell(&bench, 1, "exec <&-; echo closed; sleep 1000")).unwrap();
    client.wait(|frame| matches!(frame, ToProgram::Output { .. }).then_some(()));
    client.send(&ToAgent::Input { process: 1, pipe: 0, data: b"x".to_vec() });
    client.wait(|frame| matches!(frame, ToProgram::InputClosed { process: 1, pipe: 0 }).then_some(()));
    assert!(client.kill(1, "SIGKILL").is_ok());
}

#[test]
fn a_pipe_beyond_the_third_goes_both_ways() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let mut spawn = shell(&bench, 1, "cat <&5 >&5; [ -e /proc/self/fd/4 ] || echo none between");
    spawn.stdio = vec![Stdio::Null, Stdio::Pipe, Stdio::Null, Stdio::Null, Stdio::Null, Stdio::Pipe];
    client.spawn(spawn).unwrap();
    client.send(&ToAgent::Input { process: 1, pipe: 5, data: b"both ways".to_vec() });
    let back = client.wait(|frame| match frame {
        ToProgram::Output { process: 1, pipe: 5, data, .. } => Some(data.clone()),
        _ => None,
    });
    assert_eq!(back, b"both ways");
    client.send(&ToAgent::InputEnd { process: 1, pipe: 5 });
    let said = client.wait(|frame| match frame {
        ToProgram::Output { process: 1, pipe: 1, data, .. } => Some(data.clone()),
        _ => None,
    });
    assert_eq!(said, b"none between\n");
}

#[test]
fn an_output_beyond_the_third_that_is_closed_ends_its_writer() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let mut spawn = shell(&bench, 1, "exec yes >&3");
    spawn.stdio = vec![Stdio::Null, Stdio::Null, Stdio::Null, Stdio::Pipe];
    client.spawn(spawn).unwrap();
    client.wait(|frame| matches!(frame, ToProgram::Output { pipe: 3, .. }).then_some(()));
    client.send(&ToAgent::OutputClosed { process: 1, pipe: 3 });
    let status = client.wait(|frame| match frame {
        ToProgram::Exit { process: 1, status, .. } => Some(status.clone()),
        _ => None,
    });
    // Who waits for room in a socket gets EPIPE without the signal.
    assert!([ExitStatus::Signal("SIGPIPE".into()), ExitStatus::Code(1)].contains(&status), "{status:?}");
}

#[test]
fn a_process_shares_the_open_file_it_is_given() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    std::fs::write(bench.root.join("lines"), "a\nb\nc\n").unwrap();
    let path = bench.path("lines");
    client.files(FileCall::Open { descriptor: 7, path, flags: 0, mode: 0 }).unwrap();
    client.files(FileCall::Read { descriptor: 7, position: None, length: 2 }).unwrap();
    let mut spawn = shell(&bench, 1, "exec head -c 2");
    spawn.stdio = vec![Stdio::File(7), Stdio::Pipe, Stdio::Null];
    // The descriptor may be closed as soon as the process was asked for.
    let id = client.begin(Call::Processes(ProcessCall::Spawn(spawn)));
    let read = client.begin(Call::Files(FileCall::Close { descriptor: 7 }));
    client.finish(id).unwrap();
    client.finish(read).unwrap();
    let (status, [out, _]) = client.exit(1);
    assert_eq!((status, out), (ExitStatus::Code(0), b"b\n".to_vec()));
    let mut spawn = shell(&bench, 2, "cat");
    spawn.stdio = vec![Stdio::File(7), Stdio::Pipe, Stdio::Null];
    assert_eq!(client.spawn(spawn), Err("EBADF".to_owned()));
}
