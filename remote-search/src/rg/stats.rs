//! The statistics of a whole search.

use std::{
    io::{self, Write},
    time::Duration,
};

use grep::printer::Stats;
use serde_json::json;

use super::options::Form;

/// Prints them, as the last JSON message or as text.
pub fn print_stats(form: Form, stats: &Stats, elapsed: Duration, mut to: impl Write) -> io::Result<()> {
    if form == Form::Json {
        let summary = json!({
            "type": "summary",
            "data": {
                "stats": stats,
                "elapsed_total": {
                    "secs": elapsed.as_secs(),
                    "nanos": elapsed.subsec_nanos(),
                    "human": format!("{:0.6}s", elapsed.as_secs_f64()),
                },
            }
        });
        return writeln!(to, "{summary}");
    }
    writeln!(to)?;
    writeln!(to, "{} matches", stats.matches())?;
    writeln!(to, "{} matched lines", stats.matched_lines())?;
    writeln!(to, "{} files contained matches", stats.searches_with_match())?;
    writeln!(to, "{} files searched", stats.searches())?;
    writeln!(to, "{} bytes printed", stats.bytes_printed())?;
    writeln!(to, "{} bytes searched", stats.bytes_searched())?;
    writeln!(to, "{:0.6} seconds spent searching", stats.elapsed().as_secs_f64())?;
    writeln!(to, "{:0.6} seconds total", elapsed.as_secs_f64())
}
