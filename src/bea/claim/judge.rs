//! The verdict on a claim.

use super::value::{Form, Value};
use super::{Claim, Functions, MAX_CLAIM_ORDER, PrincipalFlow, Subject, parser};
use crate::bea::{MethodError, ModifiedEquation, Optimizer, PrincipalPart, SeriesRoute, Term, modified_equation_for};
use crate::number::{Coefficient, Fraction, Polynomial, Rational};
use crate::tree::Tree;
use std::collections::BTreeMap;

/// A coefficient that is not as claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The order n of `f_n`; `None` for functions α and Jacobians.
    pub order: Option<usize>,
    /// The elementary differential; `None` for functions α and Jacobians.
    pub tree: Option<Tree>,
    /// What the claim has, exactly.
    pub claimed: String,
    /// What is derived.
    pub derived: String,
}

/// What is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Derived {
    /// Orders of the modified equation, in derivatives of `E`, and whether the claim is of their sum.
    Orders {
        /// Each order with its terms.
        orders: Vec<(usize, Vec<Term<Fraction>>)>,
        /// Whether the claim is about the whole field.
        field: bool,
    },
    /// A function, in the loss language, and the name of its left side.
    Function(String, String),
}

/// The verdict on a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The claim as written.
    pub claim: String,
    /// The optimizer.
    pub method: String,
    /// Whether a right claim is expected; a listed misprint is expected to be wrong.
    pub expected: bool,
    /// All coefficients that are not as claimed, by order and then as outputs show terms.
    pub differences: Vec<Difference>,
    /// The right formula.
    pub derived: Derived,
}

impl Verdict {
    /// Whether the claim is right.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.differences.is_empty()
    }

    /// Whether the verdict is the one expected.
    #[must_use]
    pub fn as_expected(&self) -> bool {
        self.ok() == self.expected
    }
}

/// Why a claim cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JudgeError {
    /// The optimizer has no modified equation.
    #[error(transparent)]
    Method(#[from] MethodError),
    /// The optimizer's principal part has no closed form.
    #[error("the principal part of `{0}` has no closed form to compare with; claim its coefficients of H^n g instead")]
    NoClosedForm(String),
    /// Functions that agree in numbers, written in ways that no exact comparison covers.
    #[error(
        "the claim agrees with {0} in numbers but is written in other functions: write it in the same ones for an exact verdict"
    )]
    OtherFunctions(String),
}

/// Coefficients of every order, by power of h.
type ByOrder = BTreeMap<usize, BTreeMap<Tree, Fraction>>;

impl Claim {
    /// Compares the claim with what is derived, in exact arithmetic and over all trees of its orders.
    ///
    /// # Errors
    /// [`JudgeError`] if the optimizer has no such formula.
    pub fn judge(&self, optimizer: &Optimizer, momentum: Option<&Rational>) -> Result<Verdict, JudgeError> {
        let (differences, derived) = match &self.subject {
            Subject::Order(_) | Subject::Field => self.judge_field(optimizer, momentum)?,
            Subject::Alpha(flow) => self.judge_function(flow, "alpha", optimizer, momentum)?,
            Subject::Jacobian(flow) => self.judge_function(flow, "J", optimizer, momentum)?,
        };
        let (claim, method) = (self.text.clone(), optimizer.name().to_owned());
        Ok(Verdict { claim, method, expected: true, differences, derived })
    }

    /// The claimed coefficients; an error for a power of h that is none or beyond the limit.
    pub(super) fn by_order(&self) -> Result<ByOrder, String> {
        let mut orders = ByOrder::new();
        if let Subject::Order(n) = self.subject {
            orders.insert(n, BTreeMap::new());
        }
        for (form, coefficient) in &self.value.terms {
            let Form::Vector(tree) = form else { continue };
            let powers = match self.subject {
                Subject::Order(n) => BTreeMap::from([(n, coefficient.clone())]),
                _ => by_power_of_h(coefficient)?,
            };
            for (order, coefficient) in powers {
                if order > MAX_CLAIM_ORDER {
                    return Err(format!("h^{order} is beyond the limit of order {MAX_CLAIM_ORDER} for claims"));
                }
                orders.entry(order).or_default().insert(tree.clone(), coefficient);
            }
        }
        Ok(orders)
    }

    fn judge_field(
        &self,
        optimizer: &Optimizer,
        momentum: Option<&Rational>,
    ) -> Result<(Vec<Difference>, Derived), JudgeError> {
        let claimed = self.by_order().unwrap_or_default();
        let highest = claimed.keys().next_back().copied().unwrap_or(0);
        let field = self.subject == Subject::Field;
        let equation = modified_equation_for(optimizer, momentum, highest, SeriesRoute::Auto)?;
        let first = if field { 0 } else { highest };
        let mut differences = Vec::new();
        let none = BTreeMap::new();
        for n in first..=highest {
            differences.extend(compare(n, claimed.get(&n).unwrap_or(&none), &equation));
        }
        let orders = (first..=highest).map(|n| (n, equation.orders.get(n).cloned().unwrap_or_default())).collect();
        Ok((differences, Derived::Orders { orders, field }))
    }

    fn judge_function(
        &self,
        flow: &PrincipalFlow,
        name: &str,
        optimizer: &Optimizer,
        momentum: Option<&Rational>,
    ) -> Result<(Vec<Difference>, Derived), JudgeError> {
        let (alpha, mut functions) = match flow.alpha() {
            Some(alpha) => (alpha, Functions::default()),
            None => {
                let part = PrincipalPart::of(optimizer, momentum)?;
                let none = || JudgeError::NoClosedForm(optimizer.name().to_owned());
                let symbols: Vec<String> = optimizer.symbols().into_iter().chain(["z".to_owned()]).collect();
                let (value, functions) =
                    parser::parse(part.closed_form().ok_or_else(none)?, 0, &symbols).map_err(|_| none())?;
                (value.as_scalar().ok_or_else(none)?, functions)
            }
        };
        let mut derived = alpha;
        if name == "J" {
            (derived, functions) = at_h_lambda(&derived, &functions);
            derived = derived.times(&Fraction::symbol("lambda"));
        }
        let claimed = self.value.as_scalar().unwrap_or_else(Fraction::zero);
        let left = format!(
            "{name}_{}",
            match flow {
                PrincipalFlow::Principal => "pf".to_owned(),
                PrincipalFlow::Ngf => "ngf".to_owned(),
                PrincipalFlow::Pgf => "pgf".to_owned(),
                PrincipalFlow::Igr => "igr".to_owned(),
                PrincipalFlow::Series(n) => format!("principal:{n}"),
            }
        );
        let right = Derived::Function(left, derived.to_string());
        if claimed == derived {
            return Ok((Vec::new(), right));
        }
        let rational = self.functions.0.is_empty() && functions.0.is_empty();
        if !rational && !differ(&claimed, &self.functions, &derived, &functions) {
            return Err(JudgeError::OtherFunctions(derived.to_string()));
        }
        let difference =
            Difference { order: None, tree: None, claimed: claimed.to_string(), derived: derived.to_string() };
        Ok((vec![difference], right))
    }
}

/// All trees on which a claimed `f_n` and the derived one differ.
fn compare(n: usize, claimed: &BTreeMap<Tree, Fraction>, equation: &ModifiedEquation<Fraction>) -> Vec<Difference> {
    let derived: BTreeMap<&Tree, &Fraction> =
        equation.orders.get(n).into_iter().flatten().map(|t| (&t.tree, &t.coefficient)).collect();
    let mut trees: Vec<&Tree> = claimed.keys().chain(derived.keys().copied()).collect();
    trees.sort_by(|a, b| b.is_principal().cmp(&a.is_principal()).then_with(|| b.cmp(a)));
    trees.dedup();
    let zero = Fraction::zero();
    let difference = |tree: &Tree| {
        let (c, d) = (claimed.get(tree).unwrap_or(&zero), derived.get(tree).copied().unwrap_or(&zero));
        (c != d).then(|| Difference {
            order: Some(n),
            tree: Some(tree.clone()),
            claimed: c.to_string(),
            derived: d.to_string(),
        })
    };
    trees.into_iter().filter_map(difference).collect()
}

/// A coefficient as a polynomial in h.
fn by_power_of_h(coefficient: &Fraction) -> Result<BTreeMap<usize, Fraction>, String> {
    if coefficient.denominator().any(|(f, _)| f.terms().any(|(m, _)| m.factors().any(|(s, _)| s == "h"))) {
        return Err(format!("{coefficient} is no polynomial in h"));
    }
    let mut powers: BTreeMap<usize, Polynomial> = BTreeMap::new();
    for (monomial, q) in coefficient.numerator().terms() {
        if let Some((function, _)) = monomial.factors().find(|(s, _)| s.contains('(')) {
            return Err(format!("{function} is no coefficient of a modified equation"));
        }
        let mut rest = Polynomial::from(q.clone());
        let mut power = 0;
        for (symbol, exponent) in monomial.factors() {
            if symbol == "h" {
                power = exponent as usize;
            } else {
                rest = rest.times(&Polynomial::symbol(symbol).pow(exponent));
            }
        }
        let sum = powers.entry(power).or_default();
        *sum = sum.plus(&rest);
    }
    let below = |numerator: Polynomial| {
        let divided = coefficient.denominator().flat_map(|(f, p)| std::iter::repeat_n(f, p as usize));
        divided.fold(Fraction::from(numerator), |quotient, factor| {
            quotient.divided(&Fraction::from(factor.clone())).unwrap_or(quotient)
        })
    };
    Ok(powers.into_iter().map(|(power, numerator)| (power, below(numerator))).collect())
}

/// A function of z at `z = hλ`.
fn at_h_lambda(value: &Fraction, functions: &Functions) -> (Fraction, Functions) {
    let z = || Fraction::symbol("h").times(&Fraction::symbol("lambda"));
    let mut moved = Functions::default();
    let mut names = BTreeMap::from([("z".to_owned(), z())]);
    // An argument that holds another function contains its name, so shorter names come first.
    let mut by_length: Vec<_> = functions.0.iter().collect();
    by_length.sort_by_key(|(name, _)| name.len());
    for (name, (function, argument)) in by_length {
        let argument = composed(argument, &names);
        let symbol = format!("{function}({argument})");
        names.insert(name.clone(), Fraction::symbol(&symbol));
        moved.0.insert(symbol, (function, argument));
    }
    (composed(value, &names), moved)
}

/// A fraction with fractions for some of its symbols; a denominator that is a product of them stays one.
fn composed(value: &Fraction, names: &BTreeMap<String, Fraction>) -> Fraction {
    let polynomial = |p: &Polynomial| {
        p.terms().fold(Fraction::zero(), |sum, (monomial, q)| {
            let mut product = Fraction::from_rational(q);
            for (symbol, exponent) in monomial.factors() {
                let base = names.get(symbol).cloned().unwrap_or_else(|| Fraction::symbol(symbol));
                product = (0..exponent).fold(product, |product, _| product.times(&base));
            }
            sum.plus(&product)
        })
    };
    let mut result = polynomial(value.numerator());
    for (factor, power) in value.denominator() {
        // z becomes h λ, of degree two: divided by one at a time.
        let single: Vec<Fraction> = if factor == &Polynomial::symbol("z") {
            vec![Fraction::symbol("h"), Fraction::symbol("lambda")]
        } else {
            vec![polynomial(factor)]
        };
        for factor in std::iter::repeat_n(&single, power as usize).flatten() {
            result = result.divided(factor).unwrap_or(result);
        }
    }
    result
}

/// Whether two functions have different values, beyond rounding, at some point where both have one.
fn differ(a: &Fraction, a_functions: &Functions, b: &Fraction, b_functions: &Functions) -> bool {
    [0.31, 0.17, 0.053].iter().any(|&h| {
        let (a, b) = (numeric(a, a_functions, h, 0), numeric(b, b_functions, h, 0));
        (a - b).abs() > 1e-8 * (1.0 + a.abs().max(b.abs()))
    })
}

fn numeric(value: &Fraction, functions: &Functions, point: f64, depth: usize) -> f64 {
    let symbol = |name: &str| match (name, functions.0.get(name)) {
        (_, Some((function, argument))) if depth < 64 => {
            let argument = numeric(argument, functions, point, depth + 1);
            if *function == "log" { argument.ln() } else { argument.sqrt() }
        }
        ("z" | "h", _) => point,
        ("lambda", _) => 0.83,
        (other, _) => 0.07 + 0.01 * other.bytes().map(|b| f64::from(b % 16)).sum::<f64>(),
    };
    let polynomial = |p: &Polynomial| {
        p.terms().fold(0.0, |sum, (monomial, q)| {
            let power = |x: f64, n: u32| (0..n).fold(1.0, |p, _| p * x);
            sum + monomial.factors().fold(q.to_f64(), |product, (s, n)| product * power(symbol(s), n))
        })
    };
    value.denominator().fold(polynomial(value.numerator()), |quotient, (factor, power)| {
        (0..power).fold(quotient, |q, _| q / polynomial(factor))
    })
}

impl Value {
    /// The elementary differential that this is, if it is one, once.
    pub(super) fn as_tree(&self) -> Option<Tree> {
        match self.terms.first_key_value() {
            Some((Form::Vector(tree), c)) if self.terms.len() == 1 && *c == Fraction::one() => Some(tree.clone()),
            _ => None,
        }
    }
}
