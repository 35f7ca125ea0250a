//! How a table is laid out on a page of paper.

use super::{Column, Inline, Table, Text};

/// Characters of a cell beyond which its column wraps, and what a line of a table holds.
const WIDEST_CELL: usize = 26;
/// Characters of a column that wraps, at least.
const LEAST_CELL: usize = 16;
const LINE_OF_CELLS: usize = 92;
/// The share of the line for columns that wrap, where others leave less.
const LEAST_SHARE: f64 = 0.3;

/// How the columns of a table share a line.
pub(super) struct TableLayout {
    /// Of columns that wrap, their shares of the line.
    pub(super) shares: Vec<Option<f64>>,
    /// Whether letters are small for it to fit, and heads in lines no longer than what is below them.
    pub(super) crowded: bool,
    /// Characters of the widest cell or word of the head of each column.
    pub(super) widths: Vec<usize>,
}

/// A table in parts that fit on a line, each with the first column.
pub(super) fn parts(table: &Table) -> Vec<Table> {
    let widths = narrowest(table);
    let needs = |at: usize| if widths[at] > WIDEST_CELL { LEAST_CELL } else { widths[at] } + 2;
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut used = usize::MAX;
    for at in 1..table.columns.len() {
        if used.saturating_add(needs(at)) > LINE_OF_CELLS {
            parts.push(vec![0]);
            used = needs(0);
        }
        used += needs(at);
        if let Some(part) = parts.last_mut() {
            part.push(at);
        }
    }
    let of = |columns: Vec<usize>| Table {
        columns: columns.iter().map(|at| table.columns[*at].clone()).collect(),
        rows: table
            .rows
            .iter()
            .map(|row| columns.iter().map(|at| row.get(*at).cloned().unwrap_or_default()).collect())
            .collect(),
    };
    if parts.len() <= 1 { vec![table.clone()] } else { parts.into_iter().map(of).collect() }
}

/// The widest cell of each column, or the widest word of its head.
fn narrowest(table: &Table) -> Vec<usize> {
    let word = |column: &Column| {
        let words = column.head.plain();
        words.split(' ').map(|word| word.chars().count()).max().unwrap_or(0)
    };
    table.columns.iter().enumerate().map(|(at, column)| table.widest(at).max(word(column))).collect()
}

/// The columns of a table on a page.
pub(super) fn layout(table: &Table) -> TableLayout {
    let head = |at: usize| table.columns[at].head.plain().chars().count();
    let least = narrowest(table);
    let whole: usize = (0..least.len()).map(|at| least[at].max(head(at)) + 2).sum();
    let crowded = whole > LINE_OF_CELLS;
    let wraps = |at: usize| crowded && least[at] > WIDEST_CELL;
    let narrow: usize = (0..least.len()).filter(|at| !wraps(*at)).map(|at| least[at] + 2).sum();
    let wide: usize = (0..least.len()).filter(|at| wraps(*at)).map(|at| least[at].min(90)).sum();
    let share = (1.0 - narrow as f64 / LINE_OF_CELLS as f64).max(LEAST_SHARE) * 0.94;
    let own = |at: usize| wraps(at).then(|| share * least[at].min(90) as f64 / wide.max(1) as f64);
    TableLayout { shares: (0..least.len()).map(own).collect(), crowded, widths: least }
}

/// The words of a head in lines of at most so many characters, as far as they go; `None` where it is one line, or not of words alone.
pub(super) fn head_lines(head: &Text, most: usize) -> Option<Vec<String>> {
    let pieces = head.pieces();
    let [Inline::Words(words)] = pieces.as_slice() else { return None };
    let mut lines: Vec<String> = Vec::new();
    for word in words.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    (lines.len() > 1).then_some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_tables_are_in_parts_with_the_first_column() {
        let mut table = Table::new((0..12).map(|k| format!("column {k}"))).numbers(1..=11);
        table.row((0..12).map(|_| "-1.2345e-10".to_owned()));
        let parts = parts(&table);
        assert!(parts.len() == 2 && parts.iter().all(|part| part.columns[0].head.plain() == "column 0"));
        assert_eq!(parts.iter().map(|part| part.columns.len()).sum::<usize>(), 13);
        let mut small = Table::new(["a", "b"]);
        small.row(["1", "2"]);
        assert_eq!(super::parts(&small).len(), 1);
        assert_eq!(head_lines(&Text::words("loss at first"), 7), Some(vec!["loss at".into(), "first".into()]));
        assert_eq!(head_lines(&Text::words("loss at first"), 20), None);
    }
}
