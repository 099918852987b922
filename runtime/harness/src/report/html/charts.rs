//! Charts, as SVG that takes its colours from the page.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, ValueFormatter};
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use crate::report::measurement::Estimate;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Wide enough for a column of a wide window, and not so wide that text gets too small on a phone.
const WIDTH: u32 = 380;
/// Lines of a chart, or bars, are told apart by so many colours.
pub(super) const COLORS: usize = 6;
/// What plotters writes in the place of the page's colours.
const INK: RGBColor = RGBColor(1, 0, 0);
const MUTED: RGBColor = RGBColor(2, 0, 0);
const RULE: RGBColor = RGBColor(3, 0, 0);
const SERIES: u8 = 16;
/// Of text, in what plotters takes for pixels: 13 of the SVG's.
const TEXT: i32 = 16;

/// A bar, with a line of text over it.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) figure: String,
    pub(super) value: f64,
    /// Its ends.
    pub(super) interval: Option<(f64, f64)>,
    pub(super) color: usize,
}

/// One below the other, all from zero.
pub(super) fn bars(bars: &[Bar]) -> String {
    const ROW: i32 = 46;
    let ends = bars
        .iter()
        .map(|bar| bar.interval.map_or(bar.value, |ends| ends.1));
    let most = ends.fold(f64::MIN_POSITIVE, f64::max);
    let x = |value: f64| (value / most * f64::from(WIDTH - 4)).round() as i32;
    let height = ROW * bars.len() as i32;
    draw((WIDTH, height.unsigned_abs()), |area| {
        for (top, bar) in (0..).step_by(ROW as usize).zip(bars) {
            let room = 46_usize.saturating_sub(bar.figure.chars().count());
            let label = shortened(&bar.label, room);
            text(area, &label, (0, top + 4), INK, HPos::Left)?;
            text(area, &bar.figure, (WIDTH as i32, top + 4), INK, HPos::Right)?;
            let corners = |right| [(0, top + 23), (right, top + 36)];
            area.draw(&Rectangle::new(
                corners(WIDTH as i32),
                RULE.mix(0.5).filled(),
            ))?;
            let color = series(bar.color);
            area.draw(&Rectangle::new(corners(x(bar.value)), color.filled()))?;
            if let Some((lower, upper)) = bar.interval {
                whisker(area, (x(lower), x(upper)), top + 30)?;
            }
        }
        Ok(())
    })
}

fn whisker(area: &Area<'_>, (lower, upper): (i32, i32), y: i32) -> Drawn {
    let end = |x| vec![(x, y - 5), (x, y + 5)];
    for line in [vec![(lower, y), (upper, y)], end(lower), end(upper)] {
        area.draw(&PathElement::new(line, INK.stroke_width(1)))?;
    }
    Ok(())
}

/// A line: what a function takes at each value of its parameter.
pub(super) struct Line {
    pub(super) points: Vec<(f64, Estimate)>,
    pub(super) color: usize,
}

/// An axis as plotters asks for one.
struct Scale {
    axis: Axis,
    label: fn(f64) -> String,
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        start + (self.axis.part(*value) * f64::from(end - start)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.axis.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.axis.range()
    }
}

impl ValueFormatter<f64> for Scale {
    fn format_ext(&self, value: &f64) -> String {
        (self.label)(*value)
    }
}

/// Lines over a parameter, with the interval of each point.
pub(super) fn lines(lines: &[Line], parameter: &str, label: fn(f64) -> String) -> String {
    let points = || lines.iter().flat_map(|line| &line.points);
    let x: Vec<f64> = points().map(|(x, _)| *x).collect();
    let y: Vec<f64> = points().flat_map(|(_, y)| [y.lower, y.upper]).collect();
    let x = Scale {
        axis: Axis::of_parameter(&x),
        label: number,
    };
    let y = Scale {
        axis: Axis::of_figures(&y),
        label,
    };
    draw((WIDTH, 270), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin_top(10)
            .margin_right(16)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d(x, y)?;
        let label = ("sans-serif", TEXT).into_font().color(&MUTED);
        chart
            .configure_mesh()
            .x_desc(parameter)
            .axis_desc_style(label.clone())
            .label_style(label)
            .axis_style(MUTED)
            .bold_line_style(RULE)
            .light_line_style(TRANSPARENT)
            .draw()?;
        for line in lines {
            let color = series(line.color);
            let points = line.points.iter().map(|(x, y)| (*x, y.point));
            chart.draw_series(LineSeries::new(points.clone(), color.stroke_width(2)))?;
            chart.draw_series(line.points.iter().map(|(x, y)| {
                let ends = vec![(*x, y.lower), (*x, y.upper)];
                PathElement::new(ends, color.stroke_width(2))
            }))?;
            chart.draw_series(points.map(|point| Circle::new(point, 4, color.filled())))?;
        }
        Ok(())
    })
}

/// What a case took in one run after the other: a line in a band of intervals.
pub(super) fn spark(runs: &[Estimate]) -> String {
    const SIZE: (u32, u32) = (120, 30);
    let least = runs
        .iter()
        .map(|run| run.lower)
        .fold(f64::INFINITY, f64::min);
    let most = runs
        .iter()
        .map(|run| run.upper)
        .fold(f64::MIN_POSITIVE, f64::max);
    let step = f64::from(SIZE.0 - 10) / (runs.len().max(2) - 1) as f64;
    let height = f64::from(SIZE.1 - 8);
    let place = |(index, value): (usize, f64)| {
        let up = (value - least) / (most - least).max(f64::MIN_POSITIVE);
        let y = 4.0 + (1.0 - up) * height;
        ((5.0 + index as f64 * step).round() as i32, y.round() as i32)
    };
    let of = |end: fn(&Estimate) -> f64| runs.iter().map(end).enumerate().map(place);
    draw(SIZE, |area| {
        let band: Vec<(i32, i32)> = of(|run| run.lower)
            .chain(of(|run| run.upper).rev())
            .collect();
        area.draw(&Polygon::new(band, series(0).mix(0.25)))?;
        let line: Vec<(i32, i32)> = of(|run| run.point).collect();
        area.draw(&PathElement::new(line.clone(), series(0).stroke_width(2)))?;
        match line.last() {
            Some(&last) => area.draw(&Circle::new(last, 3, series(0).filled())),
            None => Ok(()),
        }
    })
}

/// The drawing, or nothing: a string takes all that is written to it.
fn draw(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Drawn) -> String {
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    let drawn = draw(&area).and_then(|()| area.present());
    drop(area);
    drawn.map_or_else(|_| String::new(), |()| colored(&svg))
}

fn text(area: &Area<'_>, text: &str, at: (i32, i32), color: RGBColor, side: HPos) -> Drawn {
    let style = ("sans-serif", TEXT).into_font().color(&color);
    area.draw(&Text::new(text, at, style.pos(Pos::new(side, VPos::Top))))
}

fn series(index: usize) -> RGBColor {
    RGBColor(SERIES + (index % COLORS) as u8, 0, 0)
}

/// With the page's variables in the place of colours, so that they are those of the theme.
fn colored(svg: &str) -> String {
    let named = [(INK, "ink"), (MUTED, "muted"), (RULE, "rule")];
    let named = named.map(|(color, name)| (color, name.to_owned()));
    let series = (0..COLORS).map(|index| (series(index), format!("series-{index}")));
    let mut themed = svg.to_owned();
    for (RGBColor(red, green, blue), name) in named.into_iter().chain(series) {
        let written = format!("\"#{red:02X}{green:02X}{blue:02X}\"");
        themed = themed.replace(&written, &format!("\"var(--{name})\""));
    }
    themed
}

/// In so many characters, without its middle.
fn shortened(label: &str, room: usize) -> String {
    let characters: Vec<char> = label.chars().collect();
    if characters.len() <= room {
        return label.to_owned();
    }
    let (start, end) = (room / 2, room.saturating_sub(room / 2 + 1));
    let end = &characters[characters.len() - end..];
    let halves = characters[..start].iter().chain(&['…']).chain(end);
    halves.collect()
}

/// A number in little room: `64`, `1,024`, `131k`, `1.05M`.
pub(super) fn number(value: f64) -> String {
    let (divisor, unit) = match value.abs() {
        v if v >= 1e9 => (1e9, "G"),
        v if v >= 1e6 => (1e6, "M"),
        v if v >= 1e5 => (1e3, "k"),
        _ => (1.0, ""),
    };
    format!("{}{unit}", short(value / divisor))
}

/// A time on an axis: `500 ns`, `2.5 ms`.
pub(super) fn tick_time(ns: f64) -> String {
    let (divisor, unit) = match ns {
        0.0 => return "0".to_owned(),
        ns if ns < 999.5 => (1.0, "ns"),
        ns if ns < 999.5e3 => (1e3, "µs"),
        ns if ns < 999.5e6 => (1e6, "ms"),
        _ => (1e9, "s"),
    };
    format!("{} {unit}", short(ns / divisor))
}

/// Bytes on an axis, in decimal units, as its ticks are.
pub(super) fn tick_bytes(bytes: f64) -> String {
    match bytes {
        b if b >= 1e9 => format!("{} GB", short(b / 1e9)),
        b if b >= 1e6 => format!("{} MB", short(b / 1e6)),
        b if b >= 1e3 => format!("{} kB", short(b / 1e3)),
        b => format!("{} B", short(b)),
    }
}

/// Three digits at least, without the zeros at the end.
fn short(value: f64) -> String {
    let text = match value.abs() {
        v if v >= 99.95 => return crate::report::units::amount(value.round()),
        v if v >= 9.995 => format!("{value:.1}"),
        v if v >= 0.9995 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Bar, Line, bars, lines, number, shortened, spark, tick_bytes, tick_time};
    use crate::report::measurement::Estimate;

    fn estimate(point: f64) -> Estimate {
        Estimate {
            point,
            lower: point * 0.9,
            upper: point * 1.1,
        }
    }

    #[test]
    fn charts_have_the_colours_of_the_page_alone() {
        let bar = Bar {
            label: "<script>".to_owned(),
            figure: "1 ns".to_owned(),
            value: 1.0,
            interval: Some((0.9, 1.1)),
            color: 1,
        };
        let line = Line {
            points: vec![(1.0, estimate(1.0)), (1e3, estimate(1e4))],
            color: 2,
        };
        for svg in [
            bars(&[bar]),
            lines(&[line], "value", tick_time),
            spark(&[estimate(1.0), estimate(2.0)]),
        ] {
            assert!(svg.contains("var(--") && !svg.contains("\"#"), "{svg}");
            assert!(!svg.contains("<script>"), "{svg}");
        }
    }

    #[test]
    fn what_has_no_extent_is_drawn_all_the_same() {
        let zero = estimate(0.0);
        assert!(spark(&[zero, zero]).contains("<polyline"));
        let line = Line {
            points: vec![(0.0, zero), (0.0, zero)],
            color: 0,
        };
        assert!(lines(&[line], "value", tick_time).contains("<circle"));
    }

    #[test]
    fn long_labels_lose_their_middle() {
        assert_eq!(shortened("größe", 5), "größe");
        assert_eq!(shortened("größer", 5), "gr…er");
        assert_eq!(shortened(&"x".repeat(300), 40).chars().count(), 40);
    }

    #[test]
    fn numbers_on_axes_are_short() {
        let shown = [0.5, 64.0, 1_024.0, 131_072.0, 1_048_576.0].map(number);
        assert_eq!(shown, ["0.5", "64", "1,024", "131k", "1.05M"]);
        let shown = [0.0, 0.05, 500.0, 1_000.0, 2.5e6, 2e9].map(tick_time);
        assert_eq!(shown, ["0", "0.05 ns", "500 ns", "1 µs", "2.5 ms", "2 s"]);
        assert_eq!(
            [0.0, 500.0, 2e3, 1e6].map(tick_bytes),
            ["0 B", "500 B", "2 kB", "1 MB"]
        );
    }
}
