//! A case's times against the round trip time, drawn as SVG. The time axis is logarithmic: sshfs and pii would not both
//! be seen on another.

use std::fmt::Write;

use crate::figures::{Figures, Way};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;

/// Left, right, top and bottom of what is drawn in; names of lines stand to the right of it.
const FRAME: (f64, f64, f64, f64) = (70.0, 550.0, 50.0, 350.0);

/// A colour for each way, told apart by the colour-blind as well.
fn colour(way: Way) -> &'static str {
    match way {
        Way::Local => "#666666",
        Way::Pii => "#d55e00",
        Way::Sshfs => "#009e73",
        Way::SshWarm | Way::ExtensionWarm => "#0072b2",
        Way::Ssh | Way::Extension => "#cc79a7",
    }
}

/// The chart of one case, with a line for each way. `None` if there is no more than one round trip time to draw.
pub fn draw(figures: &Figures, row: &str, case: &str, title: &str) -> Option<String> {
    let times = figures.round_trips(row);
    let (first, last) = (*times.first()? as f64, *times.last()? as f64);
    if first == last {
        return None;
    }
    let line = |way: Way| -> Vec<(f64, f64)> {
        times.iter().filter_map(|time| Some((*time as f64, figures.median(row, case, way, *time)?))).collect()
    };
    let lines: Vec<(Way, Vec<(f64, f64)>)> = Way::ALL.into_iter().map(|way| (way, line(way))).collect();
    let taken = || lines.iter().flat_map(|(_, points)| points.iter().map(|(_, taken)| taken.log10()));
    let (low, high) =
        (taken().fold(f64::INFINITY, f64::min) - 0.1, taken().fold(f64::NEG_INFINITY, f64::max) + 0.1);

    let (left, right, top, bottom) = FRAME;
    let x = |time: f64| left + (time - first) / (last - first) * (right - left);
    let y = |log: f64| bottom - (log - low) / (high - low) * (bottom - top);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{left}\" y=\"28\" font-size=\"15\">{title}</text>\n"
    );
    for seconds in ticks(low, high) {
        let at = y(seconds.log10());
        let name =
            if seconds < 1.0 { format!("{:.0} ms", seconds * 1000.0) } else { format!("{seconds:.0} s") };
        let _ = writeln!(
            svg,
            "<path d=\"M{left} {at:.1}H{right}\" stroke=\"#dddddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
            left - 8.0,
            at + 4.0
        );
    }
    for time in &times {
        let (at, below) = (x(*time as f64), bottom + 18.0);
        let _ = writeln!(svg, "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{time} ms</text>");
    }
    let (middle, below) = (f64::midpoint(left, right), bottom + 38.0);
    let _ = writeln!(svg, "<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">round trip time</text>");

    let mut names: Vec<(f64, Way)> = Vec::new();
    for (way, points) in &lines {
        let Some((_, end)) = points.last() else { continue };
        let path: Vec<String> =
            points.iter().map(|(time, taken)| format!("{:.1},{:.1}", x(*time), y(taken.log10()))).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2.5\"/>",
            path.join(" "),
            colour(*way)
        );
        for point in &path {
            let (cx, cy) = point.split_once(',').unwrap_or_default();
            let _ = writeln!(svg, "<circle cx=\"{cx}\" cy=\"{cy}\" r=\"3.5\" fill=\"{}\"/>", colour(*way));
        }
        names.push((y(end.log10()), *way));
    }
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut above = f64::NEG_INFINITY;
    for (at, way) in names {
        // Names of lines that end close together stand below each other.
        above = at.max(above + 15.0);
        let (x, y) = (right + 12.0, above + 4.0);
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y:.1}\" fill=\"{}\">{}</text>", colour(way), way.name());
    }
    svg += "</svg>\n";
    Some(svg)
}

/// 1, 2 and 5 of each power of ten between these logarithms.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let powers = low.floor() as i32..=high.ceil() as i32;
    let all = powers.flat_map(|power| [1.0, 2.0, 5.0].map(|digit: f64| digit * 10f64.powi(power)));
    all.filter(|seconds| (low..=high).contains(&seconds.log10())).collect()
}
