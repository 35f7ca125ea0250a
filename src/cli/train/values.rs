//! What the options of `train` take.

use super::super::input::{number, positive};
use crate::number::Rational;

/// Reads a step size.
pub(super) fn step_size(text: &str) -> Result<Rational, String> {
    let expected = "expected a number above 0, as in 0.1, 1e-3 or 1/8";
    let q = positive(text).map_err(|e| format!("{expected}: {e}"))?;
    let h = q.to_f64();
    if h > 0.0 && h.is_finite() { Ok(q) } else { Err(format!("{expected}, between 1e-307 and 1e308")) }
}

/// Reads a momentum.
pub(super) fn momentum(text: &str) -> Result<Rational, String> {
    let expected = "expected a number, as in 0.9 or 9/10";
    let q = number(text).map_err(|e| format!("{expected}: {e}"))?;
    if q.to_f64().is_finite() { Ok(q) } else { Err(expected.to_owned()) }
}

/// Reads a number.
pub(super) fn finite(text: &str) -> Result<f64, String> {
    text.trim().parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(|| "expected a finite number".to_owned())
}

/// Reads an accuracy.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let x = finite(text).ok().filter(|x| (0.0..=1.0).contains(x));
    x.ok_or_else(|| "an accuracy is a share of the rows, from 0 to 1, as in 0.95".to_owned())
}

/// Reads a whole number, from 0.
pub(super) fn from_zero(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| "expected a whole number from 0 to 1.8e19".to_owned())
}

/// Reads a whole number, from 1.
pub(super) fn from_one(text: &str) -> Result<u64, String> {
    let n = text.trim().parse::<u64>().ok().filter(|n| *n > 0);
    n.ok_or_else(|| "expected a whole number from 1 to 1.8e19".to_owned())
}

/// How many eigenvalues are asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Count {
    All,
    Of(usize),
}

/// Reads how many eigenvalues are asked for.
pub(super) fn count(text: &str) -> Result<Count, String> {
    match text.trim() {
        "all" => Ok(Count::All),
        text => text.parse().map(Count::Of).map_err(|_| "expected how many, or all".to_owned()),
    }
}

/// How Hg is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Product {
    Exact,
    Difference(f64),
}

/// Reads how Hg is computed.
pub(super) fn product(text: &str) -> Result<Product, String> {
    let expected = "expected exact, or difference:EPS with EPS above 0, as in difference:1e-4";
    match text.split_once(':') {
        None if text == "exact" => Ok(Product::Exact),
        Some(("difference", epsilon)) => match finite(epsilon) {
            Ok(epsilon) if epsilon > 0.0 => Ok(Product::Difference(epsilon)),
            _ => Err(expected.to_owned()),
        },
        _ => Err(expected.to_owned()),
    }
}
