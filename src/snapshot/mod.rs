//! Snapshots of derived series: tests, in a crate of one's own, that a formula stays what it was.
//!
//! What is derived is compared as data, by [`Snapshot::changes`]: trees whatever the order and the spelling of terms, coefficients exactly, formulas of a loss by what
//! they are worth and not by how they are written. So a test fails where mathematics changed and not where names, numbers or the printer did, and
//! then it says which term.
//!
//! ```
//! use shadowflow::{concrete, loss::{Loss, Options}, optimizer::BoundOptimizer, series, snapshot::assert_series};
//! let gradient_descent = BoundOptimizer::gradient_descent();
//! let derived = series::derive(&gradient_descent, 2).run()?.equation;
//! assert_series(&derived, "f_1 = -1/2 H g; f_2 = -1/12 T[g, g] - 1/3 H^2 g");
//!
//! let loss = Loss::parse("param x\nloss log(cosh(x))\n", "mine.loss", &Options::default())?;
//! let derived = concrete::derive(&loss, &gradient_descent, 1).run()?;
//! assert_series(&derived, "f_1[x] = -tanh(x)/(2*cosh(x)^2)");
//! # Ok::<(), shadowflow::Error>(())
//! ```
//!
//! # With `insta`, or files
//!
//! [`Snapshot::snapshot`] writes a series in a form that is made for this: a term a line, sorted by level sequences, in one spelling that no option changes.
//! `insta::assert_snapshot!(derived.snapshot())` keeps it, and what it writes is read by [`assert_series`] too.
//!
//! ```
//! use shadowflow::{optimizer::BoundOptimizer, series, snapshot::Snapshot};
//! let derived = series::derive(&BoundOptimizer::gradient_descent(), 2).run()?.equation;
//! assert_eq!(derived.snapshot(), "f_0 = -g\nf_1 = -1/2 H g\nf_2 = -1/3 H^2 g\n      -1/12 T[g, g]\n");
//! # Ok::<(), shadowflow::Error>(())
//! ```
//!
//! # What is written
//!
//! Statements on lines of their own or between `;`, what stands behind `#` apart; what has no `=` goes on with the one before. Whole orders and components may be left out.
//!
//! | statement | says |
//! |---|---|
//! | `f_2 = -1/3 H^2 g - 1/12 T[g, g]` | every term of f_2 of an abstract loss, as [`claim`](crate::claim) reads them |
//! | `f_1[x] = -18*x^5` | a component for a loss, in the loss language |
//! | `f_1[w[0]] at (1/3, 2/5) = -2.71828e0` | the digits of a component where θ, and then the constants without a value, are these |

mod components;
mod series;
mod statement;

use std::fmt;

/// A derived series that can be kept and compared: a [`ModifiedEquation`](crate::series::ModifiedEquation) of an abstract loss, a
/// [`ConcreteEquation`](crate::concrete::ConcreteEquation) of a given one.
pub trait Snapshot {
    /// The series in the form that stays the same, a term a line.
    ///
    /// Components of a loss that are no polynomials are written as what they are worth at two points, to 30 digits.
    fn snapshot(&self) -> String;

    /// Where the series is not what a text says, term by term; empty where it is.
    ///
    /// # Errors
    /// [`SnapshotError`] where the text says nothing that can be compared, with the line.
    fn changes(&self, expected: &str) -> Result<Vec<Change>, SnapshotError>;
}

/// A term that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The order, n of `f_n`.
    pub order: usize,
    /// The component, for a loss.
    pub component: Option<String>,
    /// The elementary differential, the monomial or the place that it is about, where it is one.
    pub term: Option<String>,
    /// What the text says.
    pub expected: String,
    /// What is derived now.
    pub derived: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "f_{}", self.order)?;
        if let Some(component) = &self.component {
            write!(f, "[{component}]")?;
        }
        if let Some(term) = &self.term {
            write!(f, ", {term}")?;
        }
        write!(f, ": expected {}, derived {}", self.expected, self.derived)
    }
}

/// A text that says nothing of a series.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("snapshot:{line}: {message}")]
pub struct SnapshotError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

/// Fails a test where a derived series is not what a text says.
///
/// # Panics
/// With every term that changed, and the series as it is now.
#[track_caller]
pub fn assert_series(derived: &impl Snapshot, expected: &str) {
    match derived.changes(expected) {
        Ok(changes) if changes.is_empty() => {}
        Ok(changes) => {
            let changes: Vec<String> = changes.iter().map(|change| format!("  {change}\n")).collect();
            panic!("the series is not the expected one:\n{}it is now:\n{}", changes.concat(), derived.snapshot());
        }
        Err(error) => panic!("the series was not compared: {error}"),
    }
}

#[cfg(test)]
mod tests;
