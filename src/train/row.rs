//! A row of a record, as data.

use super::column::{Column, Kind};
use crate::flow::{FlowError, Outcome};
use crate::spectral::KrylovError;
use crate::warning::Warning;
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
    /// What is known of them in words, for who tells of a record; records have the codes.
    pub reasons: Vec<Warning>,
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

    /// With a warning in words.
    pub(super) fn explain(&mut self, warning: Warning) {
        self.warn(warning.code);
        if !self.reasons.iter().any(|r| r.code == warning.code && r.flow == warning.flow) {
            let step = usize::try_from(self.step).ok();
            self.reasons.push(Warning { step: warning.step.or(step), ..warning });
        }
    }

    /// How a flow, or without one the optimizer or the search for eigenvalues, ended.
    pub(super) fn ended(&mut self, flow: Option<&str>, outcome: Outcome) {
        let message = match outcome {
            Outcome::NoValue(crate::spectral::SpectralError::NotFinite) | Outcome::EvaluationFailed => {
                NOT_FINITE.to_owned()
            }
            other => other.sentence(""),
        };
        let flow = flow.map(str::to_owned);
        self.explain(Warning { flow, ..Warning::new(outcome.code(), message) });
    }

    /// That a flow does not fit the loss or the optimizer, and why.
    pub(super) fn refused(&mut self, flow: &str, error: &FlowError) {
        let code = Outcome::from(error).code();
        self.explain(Warning { flow: Some(flow.to_owned()), ..Warning::new(code, error.to_string()) });
    }

    /// Why products with the Hessian gave no value.
    pub(super) fn lost(&mut self, flow: Option<&str>, error: &KrylovError) {
        match error {
            KrylovError::Spectral(error) => self.ended(flow, (*error).into()),
            KrylovError::Stopped(stopped) => self.ended(flow, (*stopped).into()),
            KrylovError::Memory(error) => {
                let flow = flow.map(str::to_owned);
                self.explain(Warning { flow, ..Warning::new("not-computed", error.to_string()) });
            }
        }
    }

    /// A number that was computed; one that is none is missing, with a warning.
    pub(super) fn finite(&mut self, x: f64) -> Option<f64> {
        if !x.is_finite() {
            self.explain(Warning::new("not-finite", NOT_FINITE));
        }
        Some(x).filter(|x| x.is_finite())
    }

    /// The same of a complex number.
    pub(super) fn finite_complex(&mut self, z: Complex64) -> Option<Complex64> {
        self.finite(z.re).and(self.finite(z.im)).map(|_| z)
    }
}

/// What is said of a number that is none.
const NOT_FINITE: &str = "a number is infinite or has none, as log(x) below 0, or a ratio of zeros where the gradient vanishes; a smaller step size or \
     another start, where θ has left the places where the loss is defined";

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
