//! Rational functions as people and programs write them.

use super::coefficient_text::{Names, Problem, read_coefficient};
use super::{Coefficient, Fraction, Quadratic};
use std::str::FromStr;

/// Why a text is no rational function.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no rational function of symbols such as -(1+m)/(2*(1-m)^3): {problem} at character {position}")]
pub struct ParseFractionError {
    /// The text received.
    pub text: String,
    /// Where it goes wrong, in characters from 1.
    pub position: usize,
    /// What is wrong there.
    pub problem: String,
}

impl FromStr for Fraction {
    type Err = ParseFractionError;

    /// Reads numbers, symbols, `+ - * / ^` and parentheses, as in the loss language.
    ///
    /// ```
    /// use shadowflow::number::Fraction;
    /// let fraction: Fraction = "(1+m) / (2*(1-m)^3)".parse()?;
    /// assert_eq!(fraction.to_string(), "(1+m)/(2*(1-m)^3)");
    /// assert!("1/(1+m^2)".parse::<Fraction>().is_err());
    /// # Ok::<(), shadowflow::number::ParseFractionError>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, ParseFractionError> {
        let symbol = |name: &str| {
            if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                Ok(Fraction::symbol(name))
            } else {
                Err(format!("`{name}` is no symbol"))
            }
        };
        let sqrt = |n| {
            let root = Quadratic::sqrt(n).to_rational();
            root.map(|q| Fraction::from_rational(&q)).ok_or_else(|| format!("sqrt({n}) is not rational"))
        };
        read_coefficient(text, &Names { symbol: &symbol, sqrt: &sqrt }).map_err(|Problem { position, message }| {
            ParseFractionError { text: text.chars().take(80).collect(), position, problem: message }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in
            ["0", "-3/2", "m", "-(1+m)/(2*(1-m)^3)", "6*m/(5*(1-m)^2)", "-(1-m+2*m^2)/(2*(1-m)^3)", "-m^2", "1-m"]
        {
            assert_eq!(text.parse::<Fraction>().map(|f| f.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("((2*m))/(-4)".parse::<Fraction>().unwrap().to_string(), "-m/2");
        assert_eq!(" 0.5 - m*(1-m)/(1-m)".parse::<Fraction>().unwrap().to_string(), "(1-2*m)/2");
    }

    #[test]
    fn says_where_it_goes_wrong() {
        let deep = "(".repeat(1000);
        for (text, position) in [
            ("", 1),
            ("1+", 3),
            ("(1", 3),
            ("1 2", 3),
            ("m^65", 5),
            ("1/0", 4),
            ("1/(1+m^2)", 10),
            ("é", 1),
            (&deep, 66),
        ] {
            assert_eq!(text.parse::<Fraction>().unwrap_err().position, position, "{text}");
        }
    }
}
