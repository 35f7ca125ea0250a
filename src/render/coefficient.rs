//! How exact coefficients are written in front of a term.

use super::latex;
use crate::number::{Coefficient, Fraction, Rational, Scalar};

/// An exact coefficient that can be written as a sign and a size.
pub trait Signed: Coefficient {
    /// The sign and the size, in the loss language; the size is `None` where it is 1 and can be left out.
    ///
    /// A size that is a sum is in parentheses.
    fn sign_and_size(&self) -> (bool, Option<String>);

    /// The sign and the size, in LaTeX for mathematics mode.
    fn sign_and_size_latex(&self) -> (bool, Option<String>) {
        let (negative, size) = self.sign_and_size();
        (negative, size.map(|s| latex::factor(&s)))
    }
}

impl Signed for Rational {
    fn sign_and_size(&self) -> (bool, Option<String>) {
        let size = self.abs();
        (self.is_negative(), (!size.is_one()).then(|| size.to_string()))
    }
}

impl Signed for Scalar {
    fn sign_and_size(&self) -> (bool, Option<String>) {
        self.to_rational().map_or_else(|| of_text(&self.to_string()), |q| q.sign_and_size())
    }
}

impl Signed for Fraction {
    fn sign_and_size(&self) -> (bool, Option<String>) {
        of_text(&self.to_string())
    }
}

/// The sign and the size of a coefficient written in the loss language.
fn of_text(text: &str) -> (bool, Option<String>) {
    let terms = super::sum::split(text);
    match terms.as_slice() {
        [(negative, "1")] => (*negative, None),
        [(negative, size)] => (*negative, Some((*size).to_owned())),
        _ => (false, Some(format!("({text})"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_their_sign_inside_parentheses() {
        let m = Fraction::symbol("m");
        let one = Fraction::one();
        let sum = one.plus(&m);
        assert_eq!(sum.sign_and_size(), (false, Some("(1+m)".into())));
        assert_eq!(one.negated().sign_and_size(), (true, None));
        let difference = one.plus(&m.negated());
        let quotient = sum.negated().divided(&difference).unwrap().scaled(&Rational::new(1, 2));
        assert_eq!(quotient.sign_and_size(), (true, Some("(1+m)/(2*(1-m))".into())));
        assert_eq!(quotient.sign_and_size_latex(), (true, Some("\\frac{1 + m}{2 (1 - m)}".into())));
        assert_eq!(difference.negated().sign_and_size().1.as_deref().map(|s| s.starts_with('(')), Some(true));
    }
}
