//! When a silent link is asked for a sign of life, and when it counts as dead.

use std::time::{Duration, Instant, SystemTime};

/// How often the clock is looked at.
pub const TICK: Duration = Duration::from_secs(1);

/// By how much two clocks may differ before the machine must have slept, or this process been stopped.
const JUMP: Duration = Duration::from_secs(3);

/// The rule, with times in seconds of silence.
#[derive(Debug, Clone, Copy)]
pub struct Heartbeat {
    /// Silence after which the other end is asked.
    pub ask: Duration,
    /// Silence after the question that means the link is dead.
    pub dead: Duration,
}

impl Default for Heartbeat {
    /// A dead link is noticed nine seconds after its last byte.
    fn default() -> Self {
        Self { ask: Duration::from_secs(3), dead: Duration::from_secs(5) }
    }
}

/// What to do now.
#[derive(Debug, PartialEq, Eq)]
pub enum Beat {
    Rest,
    Ask,
    Dead,
}

/// One link's heartbeat.
pub struct Heart {
    rule: Heartbeat,
    asked: Option<Instant>,
    looked: (Instant, SystemTime),
}

impl Heart {
    pub fn new(rule: Heartbeat, now: Instant, wall: SystemTime) -> Self {
        Self { rule, asked: None, looked: (now, wall) }
    }

    /// To be asked every [`TICK`]; `heard` is when the last byte came.
    pub fn beat(&mut self, heard: Instant, now: Instant, wall: SystemTime) -> Beat {
        let (before, wall_before) = std::mem::replace(&mut self.looked, (now, wall));
        let passed = now.saturating_duration_since(before);
        let wall_passed = wall.duration_since(wall_before).unwrap_or_default();
        // After a sleep nobody knows what became of the link, and after a stop answers may lie unread: a new question
        // tells both apart.
        if passed > JUMP || wall_passed > passed + JUMP {
            self.asked = Some(now);
            return Beat::Ask;
        }
        match self.asked {
            Some(asked) if heard >= asked => self.asked = None,
            Some(asked) if now.duration_since(asked) >= self.rule.dead => return Beat::Dead,
            Some(_) => return Beat::Rest,
            None => {}
        }
        if now.saturating_duration_since(heard) < self.rule.ask {
            return Beat::Rest;
        }
        self.asked = Some(now);
        Beat::Ask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Clock {
        start: Instant,
        wall: SystemTime,
    }

    impl Clock {
        fn at(&self, seconds: u64) -> (Instant, SystemTime) {
            let passed = Duration::from_secs(seconds);
            (self.start + passed, self.wall + passed)
        }
    }

    fn start() -> (Clock, Heart) {
        let clock = Clock { start: Instant::now(), wall: SystemTime::now() };
        let heart = Heart::new(Heartbeat::default(), clock.start, clock.wall);
        (clock, heart)
    }

    #[test]
    fn a_silent_link_is_asked_and_then_dead() {
        let (clock, mut heart) = start();
        let beats: Vec<Beat> = (1..10)
            .map(|second| {
                let (now, wall) = clock.at(second);
                heart.beat(clock.start, now, wall)
            })
            .collect();
        use Beat::{Ask, Dead, Rest};
        assert_eq!(beats, [Rest, Rest, Ask, Rest, Rest, Rest, Rest, Dead, Dead]);
    }

    #[test]
    fn an_answer_is_life() {
        let (clock, mut heart) = start();
        for second in 1..100 {
            let (now, wall) = clock.at(second);
            // Each question is answered two seconds later.
            let heard = clock.at((second / 5) * 5).0;
            assert_ne!(heart.beat(heard, now, wall), Beat::Dead, "after {second} s");
        }
    }

    #[test]
    fn after_a_sleep_the_link_is_asked_at_once() {
        let (clock, mut heart) = start();
        let (now, wall) = clock.at(1);
        assert_eq!(heart.beat(now, now, wall), Beat::Rest);
        let later = clock.at(2).0;
        assert_eq!(heart.beat(now, later, wall + Duration::from_secs(3600)), Beat::Ask);
    }

    #[test]
    fn a_stop_of_this_process_is_no_silence_of_the_other() {
        let (clock, mut heart) = start();
        let (now, wall) = clock.at(3);
        assert_eq!(heart.beat(clock.start, now, wall), Beat::Ask);
        let (later, wall) = clock.at(4000);
        assert_eq!(heart.beat(clock.start, later, wall), Beat::Ask);
    }
}
