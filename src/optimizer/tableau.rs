//! Runge–Kutta methods: exact Butcher tableaux by name.

use super::{Recurrence, RecurrenceError};
use crate::number::{Names, Quadratic, Rational, read_coefficient};
use crate::tree::{BSeries, TreeFamily};
use std::sync::Arc;

/// The Butcher tableau of a Runge–Kutta method, with entries in the rationals or in one field `Q(√d)`.
///
/// ```
/// use shadowflow::optimizer::Tableau;
/// let gauss = Tableau::named("gauss2").unwrap();
/// assert_eq!(gauss.matrix()[0][1].to_string(), "1/4-1/6*sqrt(3)");
/// let family = std::sync::Arc::new(shadowflow::tree::TreeFamily::new(6, 1));
/// assert_eq!(gauss.step(&family).order(), Some(4));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tableau {
    name: String,
    matrix: Vec<Vec<Quadratic>>,
    weights: Vec<Quadratic>,
}

/// Name, rows of `A` and weights, in the language of coefficients.
type Entry = (&'static str, &'static [&'static [&'static str]], &'static [&'static str]);

/// The methods known by name (Hairer, Nørsett & Wanner, *Solving Ordinary Differential Equations* I, II.1, and II, IV.5).
const NAMED: &[Entry] = &[
    ("euler", &[&[]], &["1"]),
    ("midpoint", &[&[], &["1/2"]], &["0", "1"]),
    ("heun", &[&[], &["1"]], &["1/2", "1/2"]),
    ("ralston", &[&[], &["2/3"]], &["1/4", "3/4"]),
    ("heun3", &[&[], &["1/3"], &["0", "2/3"]], &["1/4", "0", "3/4"]),
    ("kutta3", &[&[], &["1/2"], &["-1", "2"]], &["1/6", "2/3", "1/6"]),
    ("ssprk3", &[&[], &["1"], &["1/4", "1/4"]], &["1/6", "1/6", "2/3"]),
    ("rk4", &[&[], &["1/2"], &["0", "1/2"], &["0", "0", "1"]], &["1/6", "1/3", "1/3", "1/6"]),
    ("kutta38", &[&[], &["1/3"], &["-1/3", "1"], &["1", "-1", "1"]], &["1/8", "3/8", "3/8", "1/8"]),
    ("implicit-euler", &[&["1"]], &["1"]),
    ("implicit-midpoint", &[&["1/2"]], &["1"]),
    ("trapezoidal", &[&[], &["1/2", "1/2"]], &["1/2", "1/2"]),
    ("gauss2", &[&["1/4", "1/4-sqrt(3)/6"], &["1/4+sqrt(3)/6", "1/4"]], &["1/2", "1/2"]),
    (
        "gauss3",
        &[
            &["5/36", "2/9-sqrt(15)/15", "5/36-sqrt(15)/30"],
            &["5/36+sqrt(15)/24", "2/9", "5/36-sqrt(15)/24"],
            &["5/36+sqrt(15)/30", "2/9+sqrt(15)/15", "5/36"],
        ],
        &["5/18", "4/9", "5/18"],
    ),
    ("radau", &[&["5/12", "-1/12"], &["3/4", "1/4"]], &["3/4", "1/4"]),
    (
        "radau5",
        &[
            &["(88-7*sqrt(6))/360", "(296-169*sqrt(6))/1800", "(-2+3*sqrt(6))/225"],
            &["(296+169*sqrt(6))/1800", "(88+7*sqrt(6))/360", "(-2-3*sqrt(6))/225"],
            &["(16-sqrt(6))/36", "(16+sqrt(6))/36", "1/9"],
        ],
        &["(16-sqrt(6))/36", "(16+sqrt(6))/36", "1/9"],
    ),
    ("lobatto3c", &[&["1/2", "-1/2"], &["1/2", "1/2"]], &["1/2", "1/2"]),
];

/// Why rows and weights are no tableau.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableauError {
    /// Each weight needs one row, and there must be one.
    #[error("{rows} rows of `a` for {weights} weights `b`: there must be one for each")]
    Rows {
        /// How many rows there are.
        rows: usize,
        /// How many weights there are.
        weights: usize,
    },
    /// A row has more entries than there are stages.
    #[error("row {row} of `a` has {entries} entries, there are {stages} stages")]
    LongRow {
        /// Which, from 0.
        row: usize,
        /// How many entries it has.
        entries: usize,
        /// How many stages there are.
        stages: usize,
    },
    /// Square roots of two numbers without squares.
    #[error("sqrt({0}) and sqrt({1}) in one tableau: roots of one number only")]
    Roots(u32, u32),
}

impl Tableau {
    /// The names of all methods known.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(|(name, _, _)| *name)
    }

    /// The method with this name, without `rk:`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (_, matrix, weights) = NAMED.iter().find(|(n, _, _)| *n == name)?;
        let names = Names { symbol: &|name: &str| Err(name.to_owned()), sqrt: &|n| Ok(Quadratic::sqrt(n)) };
        let row = |row: &[&str]| row.iter().map(|t| read_coefficient(t, &names).ok()).collect::<Option<Vec<_>>>();
        let matrix = matrix.iter().map(|r| row(r)).collect::<Option<_>>()?;
        Some(Self { name: format!("rk:{name}"), matrix, weights: row(weights)? })
    }

    /// The method with these rows of `A`, short ones filled up with zeros, and weights.
    ///
    /// # Errors
    /// [`TableauError`]: numbers of rows and weights that do not fit, or roots of two kinds.
    pub fn new(name: &str, matrix: Vec<Vec<Quadratic>>, weights: Vec<Quadratic>) -> Result<Self, TableauError> {
        let stages = weights.len();
        if stages == 0 || matrix.len() != stages {
            return Err(TableauError::Rows { rows: matrix.len(), weights: stages });
        }
        if let Some((place, row)) = matrix.iter().enumerate().find(|(_, row)| row.len() > stages) {
            return Err(TableauError::LongRow { row: place, entries: row.len(), stages });
        }
        let mut radicands: Vec<u32> = matrix.iter().flatten().chain(&weights).filter_map(Quadratic::radicand).collect();
        radicands.sort_unstable();
        radicands.dedup();
        if let [d, e, ..] = radicands[..] {
            return Err(TableauError::Roots(d, e));
        }
        Ok(Self { name: name.to_owned(), matrix, weights })
    }

    /// The name as the command spells it, `rk:NAME`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The rows of `A`; short ones end in zeros.
    #[must_use]
    pub fn matrix(&self) -> &[Vec<Quadratic>] {
        &self.matrix
    }

    /// The weights `b`.
    #[must_use]
    pub fn weights(&self) -> &[Quadratic] {
        &self.weights
    }

    /// One step as a B-series, its elementary weights.
    #[must_use]
    pub fn step(&self, family: &Arc<TreeFamily>) -> BSeries<Quadratic> {
        BSeries::runge_kutta(family, &[(&self.matrix, &self.weights)])
    }

    /// One step as a B-series with rational coefficients; `None` where one is not. Methods of collocation have rational
    /// ones even where their nodes are not, since conjugation permutes the nodes.
    #[must_use]
    pub fn rational_step(&self, family: &Arc<TreeFamily>) -> Option<BSeries<Rational>> {
        self.step(family).map(Quadratic::to_rational)
    }

    /// The recurrence of the method.
    ///
    /// # Errors
    /// Any [`RecurrenceError`].
    pub fn recurrence(&self) -> Result<Recurrence<Quadratic>, RecurrenceError> {
        Recurrence::runge_kutta(&self.name, &self.matrix, &self.weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Orders from the literature.
    #[test]
    fn named_methods_have_their_orders() {
        let family = Arc::new(TreeFamily::new(7, 1));
        let orders = [
            ("euler", 1),
            ("midpoint", 2),
            ("heun", 2),
            ("ralston", 2),
            ("heun3", 3),
            ("kutta3", 3),
            ("ssprk3", 3),
            ("rk4", 4),
            ("kutta38", 4),
            ("implicit-euler", 1),
            ("implicit-midpoint", 2),
            ("trapezoidal", 2),
            ("gauss2", 4),
            ("gauss3", 6),
            ("radau", 3),
            ("radau5", 5),
            ("lobatto3c", 2),
        ];
        assert!(Tableau::names().eq(orders.map(|(name, _)| name)));
        for (name, order) in orders {
            let tableau = Tableau::named(name).unwrap();
            let step = tableau.rational_step(&family).unwrap();
            assert_eq!(step.order(), Some(order), "{name}");
            assert_eq!(step.is_symplectic(), matches!(name, "implicit-midpoint" | "gauss2" | "gauss3"), "{name}");
        }
    }

    #[test]
    fn shapes_are_checked() {
        let one = || Quadratic::sqrt(1);
        assert!(
            Tableau::new("t", vec![], vec![one()]).unwrap_err().to_string().contains("0 rows of `a` for 1 weights")
        );
        assert!(Tableau::new("t", vec![vec![one(), one()]], vec![one()]).unwrap_err().to_string().contains("row 0"));
        let mixed = vec![vec![Quadratic::sqrt(2), Quadratic::sqrt(3)], vec![]];
        assert!(Tableau::new("t", mixed, vec![one(), one()]).unwrap_err().to_string().contains("sqrt(2) and sqrt(3)"));
    }
}
