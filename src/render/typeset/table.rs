//! Tables that fit a line: lists in them are broken, and what is still too wide is divided.

use super::style::Style;
use crate::formula::{Markup, Sentence, Spelling};

/// A column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) head: Sentence,
    /// Numbers stand to the right.
    pub(super) right: bool,
}

impl Column {
    fn head_width(&self) -> usize {
        self.head.width(&Spelling::default())
    }
}

/// A cell: items that stand beside each other, separated by commas, as far as there is room.
pub(super) type Cell = Vec<Sentence>;

/// A table.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// The first columns, which say what a row is about: every part of a divided table has them.
    pub(super) keys: usize,
}

/// Between two columns.
const GAP: usize = 1200;
const SMALL_GAP: usize = 750;
/// Small type, of the size of the type.
const SMALL: usize = 850;
/// A list is given at least so much.
const LIST: usize = 7000;

impl Table {
    /// The table, in the parts that fit.
    pub(super) fn set(&self, spelling: &Spelling, style: &Style) -> String {
        let room = style.room();
        let widths: Vec<usize> = (0..self.columns.len()).map(|c| self.width(c, spelling)).collect();
        let whole = |widths: &[usize], gap: usize| widths.iter().sum::<usize>() + gap * widths.len().saturating_sub(1);
        let all: Vec<usize> = (0..self.columns.len()).collect();
        if whole(&widths, GAP) <= room {
            return self.part(&all, room, false, spelling, style);
        }
        let small_room = room * 1000 / SMALL;
        let mut out = String::new();
        let mut rest: &[usize] = &all[self.keys.min(all.len())..];
        let keys = &all[..self.keys.min(all.len())];
        while !rest.is_empty() {
            let fits = |k: &usize| {
                let own: Vec<usize> =
                    keys.iter().chain(&rest[..*k]).map(|c| widths[*c].min(self.least(*c, widths[*c]))).collect();
                whole(&own, SMALL_GAP) <= small_room
            };
            let count = (1..=rest.len()).rev().find(fits).unwrap_or(1);
            let columns: Vec<usize> = keys.iter().chain(&rest[..count]).copied().collect();
            out.push_str(&self.part(&columns, small_room, true, spelling, style));
            rest = &rest[count..];
        }
        out
    }

    fn width(&self, column: usize, spelling: &Spelling) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell_width(cell, spelling));
        cells.max().unwrap_or(0).max(self.columns[column].head.width(spelling))
    }

    /// What a column needs at least: of a list not all on one line.
    fn least(&self, column: usize, width: usize) -> usize {
        let list = self.rows.iter().any(|row| row.get(column).is_some_and(|cell| cell.len() > 1));
        let head = self.columns[column].head_width();
        if list { width.min(LIST.max(head)) } else { width }
    }

    /// A part with these columns in type that has so much room.
    fn part(&self, columns: &[usize], room: usize, small: bool, spelling: &Spelling, style: &Style) -> String {
        let gap = if small { SMALL_GAP } else { GAP };
        let widths: Vec<usize> = columns.iter().map(|c| self.width(*c, spelling)).collect();
        let fixed: usize =
            columns.iter().zip(&widths).filter(|(c, w)| self.least(**c, **w) == **w).map(|(_, w)| w).sum();
        let lists = columns.iter().zip(&widths).filter(|(c, w)| self.least(**c, **w) != **w).count().max(1);
        let list_room =
            (room.saturating_sub(fixed + gap * columns.len().saturating_sub(1)) / lists).max(LIST.min(room));
        let mut rows: Vec<Vec<String>> = Vec::new();
        for row in &self.rows {
            let lines: Vec<Vec<String>> = columns
                .iter()
                .map(|c| row.get(*c).map_or_else(Vec::new, |cell| broken(cell, list_room, spelling, style.markup)))
                .collect();
            let height = lines.iter().map(Vec::len).max().unwrap_or(0).max(1);
            for k in 0..height {
                rows.push(lines.iter().map(|cell| cell.get(k).cloned().unwrap_or_default()).collect());
            }
        }
        let heads: Vec<String> = columns.iter().map(|c| self.columns[*c].head.markup(spelling, style.markup)).collect();
        let right: Vec<bool> = columns.iter().map(|c| self.columns[*c].right).collect();
        match style.markup {
            Markup::Latex => latex(&heads, &right, &rows, small),
            Markup::Typst => typst(&heads, &right, &rows, small),
        }
    }
}

fn cell_width(cell: &Cell, spelling: &Spelling) -> usize {
    cell.iter().map(|item| item.width(spelling) + 611).sum::<usize>().saturating_sub(611)
}

/// The items of a cell on lines of so much room.
fn broken(cell: &Cell, room: usize, spelling: &Spelling, markup: Markup) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for (at, item) in cell.iter().enumerate() {
        let comma = if at + 1 < cell.len() { "," } else { "" };
        let (text, wide) = (format!("{}{comma}", item.markup(spelling, markup)), item.width(spelling) + 611);
        match lines.last_mut() {
            Some((line, used)) if *used + wide <= room + 611 => {
                line.push_str(&format!(" {text}"));
                *used += wide;
            }
            _ => lines.push((text, wide)),
        }
    }
    lines.into_iter().map(|(line, _)| line).collect()
}

fn latex(heads: &[String], right: &[bool], rows: &[Vec<String>], small: bool) -> String {
    let kinds: String = right.iter().map(|right| if *right { 'r' } else { 'l' }).collect();
    let line = |cells: &[String]| format!("  {} \\\\\n", cells.join(" & "));
    let rows: String = rows.iter().map(|row| line(row)).collect();
    let (open, close) = if small { ("{\\footnotesize\\setlength{\\tabcolsep}{3pt}%\n", "}") } else { ("", "") };
    format!(
        "\n{open}\\noindent\\begin{{tabular}}{{@{{}}{kinds}@{{}}}}\n  \\toprule\n{}  \\midrule\n{rows}  \\bottomrule\n\\end{{tabular}}{close}\n",
        line(heads)
    )
}

fn typst(heads: &[String], right: &[bool], rows: &[Vec<String>], small: bool) -> String {
    let align: Vec<&str> = right.iter().map(|right| if *right { "right" } else { "left" }).collect();
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| format!("[{cell}]")).collect();
        format!("  {},\n", cells.join(", "))
    };
    let rows: String = rows.iter().map(|row| line(row)).collect();
    let (open, close, inset) = if small { ("#text(size: 8pt)[", "]", "3pt") } else { ("", "", "6pt") };
    format!(
        "\n{open}#table(\n  columns: {}, align: ({},), stroke: none, inset: (x: {inset}, y: 3pt),\n  table.hline(),\n{}  table.hline(stroke: 0.5pt),\n{rows}  table.hline(),\n){close}\n",
        heads.len(),
        align.join(", "),
        line(heads)
    )
}
