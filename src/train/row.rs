//! A row of a record, as data.

use super::column::{Column, Kind};
use num_complex::Complex64;

/// What a cell of a row holds; what has no value is `None`.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A number.
    Number(Option<f64>),
    /// Numbers, one for each eigenvalue; none where there is no list.
    List(Option<Vec<Option<f64>>>),
    /// Complex numbers.
    ComplexList(Option<Vec<Option<Complex64>>>),
    /// Two numbers.
    Pair(Option<[f64; 2]>),
    /// Numbers by names.
    Named(Vec<(String, Option<f64>)>),
    /// Complex numbers by names.
    ComplexNamed(Vec<(String, Option<Complex64>)>),
}

/// Which run a row is of.
#[derive(Debug, Clone, PartialEq)]
pub struct RunLabel {
    /// The optimizer's name.
    pub optimizer: String,
    /// The step size that was set, where there are several and the optimizer takes it.
    pub h_setting: Option<f64>,
    /// The seed, where there are several.
    pub seed: Option<u64>,
}

/// One row of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// How many steps were taken before it.
    pub step: u64,
    /// The run.
    pub run: RunLabel,
    /// Of a branch its flow and the step where it starts.
    pub branch: Option<(String, u64)>,
    /// The columns that it has.
    pub cells: Vec<(Column, Cell)>,
    /// The distance of a branch from the run's own iterate.
    pub distance: Option<f64>,
    /// Codes of what it cannot vouch for.
    pub warnings: Vec<&'static str>,
}

impl Row {
    /// The cell of a column, if it has that.
    #[must_use]
    pub fn cell(&self, column: Column) -> Option<&Cell> {
        self.cells.iter().find(|(c, _)| *c == column).map(|(_, cell)| cell)
    }

    /// The number of a column, if it has one.
    #[must_use]
    pub fn number(&self, column: Column) -> Option<f64> {
        match self.cell(column) {
            Some(Cell::Number(x)) => *x,
            _ => None,
        }
    }

    /// With one more warning, unless it is there.
    pub(super) fn warn(&mut self, code: &'static str) {
        if !self.warnings.contains(&code) {
            self.warnings.push(code);
        }
    }
}

impl Cell {
    /// The cell of a column without a value.
    pub(super) fn empty(column: Column, names: &[String]) -> Self {
        match column.kind() {
            Kind::Number => Self::Number(None),
            Kind::List => Self::List(None),
            Kind::ComplexList => Self::ComplexList(None),
            Kind::Pair => Self::Pair(None),
            Kind::Named => Self::Named(names.iter().map(|n| (n.clone(), None)).collect()),
            Kind::ComplexNamed => Self::ComplexNamed(names.iter().map(|n| (n.clone(), None)).collect()),
        }
    }
}
