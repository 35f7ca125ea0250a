//! Claims: is a printed formula of a modified equation right?
//!
//! A claim is an equation in the notation of papers, `f_2 = -1/3 H^2 g - 1/12 T[g,g]` or
//! `\dot\theta = -\nabla_\theta E - \frac{h}{2} \nabla_\theta^2 E \nabla_\theta E`. It is read to exact coefficients of
//! elementary differentials and compared with the derived ones over all trees of its order.

mod energy;
mod equation_number;
mod error;
mod field;
mod file;
mod function;
mod judge;
mod letters;
mod numeric;
mod parser;
mod relation;
mod roots;
mod rounded;
mod spectral;
mod subject;
#[cfg(test)]
mod tests;
mod token;
mod value;
mod words;

pub use error::ClaimError;
pub use field::read_field;
pub use file::{ClaimLine, read_claims, read_claims_with};
pub use judge::{Derived, Difference, JudgeError, Verdict};
pub use letters::{Letters, LettersError};
pub use subject::{PrincipalFlow, Subject};

use crate::number::{Coefficient, Fraction, Rational};
use crate::optimizer::BoundOptimizer;
use crate::series::limits::MAX_CLAIM_ORDER;
use crate::tree::Tree;
use std::collections::BTreeMap;

/// The longest claim, in bytes.
const MAX_LENGTH: usize = 20_000;

/// Functions that a formula holds: symbols named by their arguments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Functions(BTreeMap<String, (&'static str, Fraction)>);

/// Reads one elementary differential, such as `T[g, H g]` or `\nabla_\theta^2 E \nabla_\theta E`.
///
/// # Errors
/// [`ClaimError`] with the place, if it is anything else.
pub fn read_differential(text: &str) -> Result<Tree, ClaimError> {
    if text.len() > MAX_LENGTH {
        return Err(ClaimError::new(
            0..0,
            format!("a formula has at most {MAX_LENGTH} bytes, this one {}", text.len()),
        ));
    }
    let (value, _) = parser::parse(text, 0, &[])?;
    value.as_tree().ok_or_else(|| {
        ClaimError::new(0..text.len(), "this is not one elementary differential")
            .expecting("a term such as `T[g, H g]`")
    })
}

/// A claim that has been read.
///
/// ```
/// use shadowflow::claim::Claim;
/// use shadowflow::optimizer::BoundOptimizer;
/// let optimizer = BoundOptimizer::gradient_descent();
/// let claim = Claim::parse("f_2 = -1/3 H^2 g + 1/12 T[g,g]", &optimizer)?;
/// let verdict = claim.judge(&optimizer).unwrap();
/// assert!(!verdict.ok());
/// let wrong = &verdict.differences[0];
/// assert_eq!(wrong.tree.as_ref().unwrap().levels(), [0, 1, 1]);
/// assert_eq!((wrong.claimed.as_str(), wrong.derived.as_str()), ("1/12", "-1/12"));
/// # Ok::<(), shadowflow::claim::ClaimError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Claim {
    text: String,
    subject: Subject,
    value: value::Value,
    functions: Functions,
    /// Whether the two sides are said to agree up to rounding.
    approximate: bool,
    /// The right side with its decimals as what they are rounded from, if it has any.
    rounded: Option<value::Value>,
    /// The power of the step size from which on nothing is claimed.
    rest: Option<u32>,
    /// Derivatives, and powers of the step size: nothing is claimed of terms with those.
    classes: Vec<(usize, u32)>,
}

impl Claim {
    /// Reads a claim about an optimizer, whose hyper-parameters may stand in coefficients; one with a number means it.
    ///
    /// # Errors
    /// [`ClaimError`] with the place, if it is not one or beyond the limits.
    pub fn parse(text: &str, optimizer: &BoundOptimizer) -> Result<Self, ClaimError> {
        Self::parse_with(text, optimizer, &Letters::default())
    }

    /// Reads a claim in letters of the user's own.
    ///
    /// # Errors
    /// [`ClaimError`] with the place, if it is no claim or beyond the limits.
    pub fn parse_with(text: &str, optimizer: &BoundOptimizer, letters: &Letters) -> Result<Self, ClaimError> {
        if text.len() > MAX_LENGTH {
            return Err(ClaimError::new(
                0..0,
                format!("a claim has at most {MAX_LENGTH} bytes, this one {}", text.len()),
            ));
        }
        letters.check(&optimizer.optimizer().symbols()).map_err(|error| ClaimError::new(0..0, error.to_string()))?;
        let (rewritten, places) = letters.rewritten(text);
        let claim = Self::read(&rewritten, optimizer);
        let claim = claim.map_err(|error| ClaimError { span: places.original(&error.span), ..error }.placed(text))?;
        Ok(Self { text: text.trim().to_owned(), ..claim })
    }

    fn read(text: &str, optimizer: &BoundOptimizer) -> Result<Self, ClaimError> {
        let Some(relation) = relation::find(text) else {
            return Err(ClaimError::new(text.len()..text.len(), "there is no `=`")
                .expecting("an equation such as `f_1 = -1/2 H g`"));
        };
        let (approximate, begin) = (relation.approximate, relation.right);
        let subject = Subject::parse(&text[..relation.left])?;
        let mut symbols = optimizer.optimizer().symbols();
        symbols.extend(subject.symbols().iter().map(|&s| s.to_owned()));
        let formula = without_punctuation(equation_number::without_number(without_punctuation(text)));
        let end = formula.len().max(begin);
        // An error at the end of a text without punctuation is at its very end.
        let end = if text[end..].trim().is_empty() { text.len() } else { end };
        let (value, functions) = parser::parse(&text[..end], begin, &symbols)?;
        let start = begin + text[begin..].len() - text[begin..].trim_start().len();
        let right = start..text.trim_end().len().max(start);
        let claim = Self {
            text: text.trim().to_owned(),
            rounded: parser::parse_rounded(&text[..end], begin, &symbols, approximate),
            subject,
            value,
            functions,
            approximate,
            rest: None,
            classes: Vec::new(),
        };
        claim.completed(optimizer.values()).map_err(|(message, expected)| {
            let error = ClaimError::new(right, message);
            if let Some(expected) = expected { error.expecting(expected) } else { error }
        })
    }

    /// The claim with its marks taken out and numbers put in, if the right side is what the left one asks for.
    fn completed(mut self, numbers: &[(String, Rational)]) -> Result<Self, (String, Option<&'static str>)> {
        (self.rest, self.classes) = self.value.without_marks();
        if let Some(rounded) = &mut self.rounded {
            rounded.without_marks();
        }
        if let Some(form) = self.value.terms.keys().find(|form| !self.subject.takes(form)) {
            let message = format!("the right side is {}, which the left side is not", form.name());
            return Err((message, Some(self.subject.expected())));
        }
        for (name, number) in numbers {
            let functions = self.functions.clone();
            let given = |value: &mut value::Value| with_number(value, &functions, (name.as_str(), number));
            self.functions = given(&mut self.value).map_err(|message| (message, None))?;
            self.rounded = self.rounded.take().and_then(|mut rounded| given(&mut rounded).is_ok().then_some(rounded));
        }
        self.validate().map_err(|message| (message, None))?;
        Ok(self)
    }

    /// Whether the right side says something that can be compared.
    fn validate(&self) -> Result<(), String> {
        if self.subject.is_expansion() {
            return self.by_order().map(|_| ());
        }
        if !self.classes.is_empty() {
            return Err("C(…) leaves out terms with derivatives of E, of which this formula has none".to_owned());
        }
        let Some(rest) = self.rest else { return Ok(()) };
        let Some(variable) = self.series_variable() else {
            return Err("O(…) is read in expansions, fields and functions α and J only".to_owned());
        };
        let limit = MAX_CLAIM_ORDER + 1;
        if rest == 0 || rest as usize > limit {
            return Err(format!("O({variable}^{rest}) is outside of what is compared: between 1 and {limit}"));
        }
        let value = self.value.as_scalar().unwrap_or_else(Coefficient::zero);
        judge::by_power(variable, &value).map(|_| ())
    }

    /// The claim as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }
}

/// Puts a number for a symbol into all coefficients; the functions that are left.
fn with_number(
    value: &mut value::Value,
    functions: &Functions,
    (name, number): (&str, &Rational),
) -> Result<Functions, String> {
    let given = |symbol: &str| (symbol == name).then(|| number.clone());
    let mut left = functions.clone();
    for coefficient in value.terms.values_mut() {
        let pole = || format!("{coefficient} has no value at {name} = {number}");
        *coefficient = coefficient.substituted(&given).ok_or_else(pole)?;
        let (moved, inside) = function::substituted(coefficient, functions, name, &Fraction::from_rational(number));
        *coefficient = moved;
        left = inside;
    }
    value.terms.retain(|_, c| !c.is_zero());
    Ok(left)
}

/// A text without the punctuation and the ends of mathematics after a formula.
fn without_punctuation(text: &str) -> &str {
    let mut rest = text;
    loop {
        let trimmed = rest.trim_end();
        let ends = ["\\\\", "\\,", "\\;", "\\!", "\\ ", "\\]", "\\)", ",", ";", ".", "$", "&", "~"];
        match ends.iter().find_map(|end| trimmed.strip_suffix(end)) {
            Some(shorter) => rest = shorter,
            None => return trimmed,
        }
    }
}
