//! Claims about functions: α, Jacobians, thresholds, solutions on a quadratic.

use super::judge::by_power;
use super::{Claim, Derived, Difference, Functions, JudgeError, PrincipalFlow, Subject, parser};
use crate::bea::{Characteristic, Optimizer, PrincipalPart, Stability};
use crate::number::{Coefficient, Fraction, Polynomial, Rational};
use std::collections::{BTreeMap, BTreeSet};

/// A function with the functions inside it.
type Function = (Fraction, Functions);

impl Claim {
    pub(super) fn judge_function(
        &self,
        optimizer: &Optimizer,
        momentum: Option<&Rational>,
    ) -> Result<(Vec<Difference>, Derived), JudgeError> {
        if let Some(rest) = self.rest {
            return self.judge_series(rest as usize, optimizer, momentum);
        }
        let (mut derived, left) = match &self.subject {
            Subject::Alpha(flow) => (alpha(flow, optimizer, momentum)?, format!("alpha_{}", flow.name())),
            Subject::Jacobian(flow) => {
                let (alpha, functions) = alpha(flow, optimizer, momentum)?;
                let (alpha, functions) = at_h_lambda(&alpha, &functions);
                ((alpha.times(&Fraction::symbol("lambda")), functions), format!("J_{}", flow.name()))
            }
            Subject::Progress(place) => progress(place.as_ref(), optimizer)?,
            Subject::Solution => (solution(optimizer, momentum)?, "theta(t)".to_owned()),
            _ => return self.judge_threshold(optimizer, momentum),
        };
        let mut claimed = (self.value.as_scalar().unwrap_or_else(Fraction::zero), self.functions.clone());
        if speaks_of_h(&claimed) && !matches!(self.subject, Subject::Jacobian(_) | Subject::Solution) {
            // The argument is written out, z = hλ.
            claimed = at_h_lambda(&claimed.0, &claimed.1);
            derived = at_h_lambda(&derived.0, &derived.1);
        }
        let right = Derived::Function(left, derived.0.to_string());
        if claimed.0 == derived.0 {
            return Ok((Vec::new(), right));
        }
        let rational = claimed.1.0.is_empty() && derived.1.0.is_empty();
        if !rational && !differ_exactly(&claimed, &derived) && !differ(&claimed, &derived) {
            return Err(JudgeError::OtherFunctions(derived.0.to_string()));
        }
        Ok((vec![whole(&claimed.0.to_string(), derived.0.to_string())], right))
    }

    /// The variable in whose powers a claim with `O(…)` is compared.
    pub(super) fn series_variable(&self) -> Option<&'static str> {
        match self.subject {
            Subject::Jacobian(_) => Some("h"),
            Subject::Alpha(_) => {
                let value = (self.value.as_scalar().unwrap_or_else(Fraction::zero), Functions::default());
                Some(if speaks_of_h(&value) { "h" } else { "z" })
            }
            _ => None,
        }
    }

    /// Compares powers below one: `α = Σ c_p z^p`, at `z = hλ` and times λ for Jacobians.
    fn judge_series(
        &self,
        rest: usize,
        optimizer: &Optimizer,
        momentum: Option<&Rational>,
    ) -> Result<(Vec<Difference>, Derived), JudgeError> {
        let (flow, jacobian) = match &self.subject {
            Subject::Jacobian(flow) => (flow, true),
            Subject::Alpha(flow) => (flow, false),
            _ => return Err(JudgeError::NoClosedForm(optimizer.name().to_owned())),
        };
        let variable = self.series_variable().unwrap_or("z");
        let mut coefficients = match flow.alpha() {
            None => PrincipalPart::of(optimizer, momentum)?.series(rest.saturating_sub(1))?,
            Some(alpha) => {
                let powers = by_power("z", &alpha).unwrap_or_default();
                (0..rest).map(|p| powers.get(&p).cloned().unwrap_or_else(Fraction::zero)).collect()
            }
        };
        coefficients.truncate(rest);
        let mut lambda = if jacobian { Fraction::symbol("lambda") } else { Fraction::one() };
        if variable == "h" {
            for coefficient in &mut coefficients {
                *coefficient = coefficient.times(&lambda);
                lambda = lambda.times(&Fraction::symbol("lambda"));
            }
        }
        let claimed = self.value.as_scalar().unwrap_or_else(Fraction::zero);
        let claimed = by_power(variable, &claimed).unwrap_or_default();
        let (mut differences, mut right) = (Vec::new(), Fraction::zero());
        let mut power = Fraction::one();
        for (p, derived) in coefficients.iter().enumerate() {
            let found = claimed.get(&p).cloned().unwrap_or_else(Fraction::zero);
            if &found != derived {
                differences.push(Difference {
                    order: Some(p),
                    term: Some(format!("{variable}^{p}")),
                    ..whole(&found.to_string(), derived.to_string())
                });
            }
            right = right.plus(&derived.times(&power));
            power = power.times(&Fraction::symbol(variable));
        }
        let left = format!("{}_{}", if jacobian { "J" } else { "alpha" }, flow.name());
        Ok((differences, Derived::Function(left, format!("{right} + O({variable}^{rest})"))))
    }

    fn judge_threshold(
        &self,
        optimizer: &Optimizer,
        momentum: Option<&Rational>,
    ) -> Result<(Vec<Difference>, Derived), JudgeError> {
        let claimed = self.value.as_scalar().unwrap_or_else(Fraction::zero);
        let right = |text: String| Derived::Function("threshold".to_owned(), text);
        let part = PrincipalPart::of(optimizer, momentum)?;
        let exact = match part.stability() {
            Some(Stability::Never) => Fraction::zero(),
            Some(Stability::Always) => Fraction::symbol("infty"),
            Some(Stability::Below(low, high)) if low == high => Fraction::from_rational(&low),
            Some(Stability::Below(low, high)) => {
                // Irrational: between two rationals, where a rational is outside or nothing is said.
                let between = format!("{:.12}", low.to_f64());
                let number = claimed.numerator().as_constant().filter(|_| claimed.denominator().len() == 0);
                let outside = number.is_some_and(|n| n < low || n > high)
                    || (numeric(&claimed, &self.functions, 0.0, 0) - low.to_f64()).abs() > 1e-9;
                return if outside {
                    Ok((vec![whole(&claimed.to_string(), format!("{between}..."))], right(format!("{between}..."))))
                } else {
                    Err(JudgeError::OtherFunctions(between))
                };
            }
            None => {
                symbolic_threshold(optimizer).ok_or_else(|| JudgeError::NoThreshold(optimizer.name().to_owned()))?
            }
        };
        if claimed == exact {
            return Ok((Vec::new(), right(exact.to_string())));
        }
        Ok((vec![whole(&claimed.to_string(), exact.to_string())], right(exact.to_string())))
    }
}

/// A difference of whole functions.
fn whole(claimed: &str, derived: String) -> Difference {
    Difference { order: None, tree: None, term: None, claimed: claimed.to_owned(), derived }
}

/// Whether h or λ stand in a function, rather than z.
fn speaks_of_h((value, functions): &Function) -> bool {
    let speaks = |f: &Fraction| {
        let polynomials = std::iter::once(f.numerator()).chain(f.denominator().map(|(factor, _)| factor));
        let mut monomials = polynomials.flat_map(|p| p.terms().map(|(m, _)| m));
        monomials.any(|m| m.factors().any(|(s, _)| matches!(s, "h" | "lambda")))
    };
    speaks(value) || functions.0.values().any(|(_, argument)| speaks(argument))
}

/// A flow's α, in z.
fn alpha(flow: &PrincipalFlow, optimizer: &Optimizer, momentum: Option<&Rational>) -> Result<Function, JudgeError> {
    if let Some(alpha) = flow.alpha() {
        return Ok((alpha, Functions::default()));
    }
    let part = PrincipalPart::of(optimizer, momentum)?;
    let none = || JudgeError::NoClosedForm(optimizer.name().to_owned());
    let symbols: Vec<String> = optimizer.symbols().into_iter().chain(["z".to_owned()]).collect();
    let (value, functions) = parser::parse(part.closed_form().ok_or_else(none)?, 0, &symbols).map_err(|_| none())?;
    Ok((value.as_scalar().ok_or_else(none)?, functions))
}

/// `(E(θ − h g) − E(θ)) / (h ‖g‖²)` along an eigendirection of a quadratic, `((1−z)² − 1)/(2z) = −1 + z/2`.
fn progress(place: Option<&Rational>, optimizer: &Optimizer) -> Result<(Function, String), JudgeError> {
    if optimizer != &Optimizer::GradientDescent {
        return Err(JudgeError::OnlyGradientDescent("the relative progress", optimizer.name().to_owned()));
    }
    let z = place.map_or_else(|| Fraction::symbol("z"), Fraction::from_rational);
    let value = z.scaled(&Rational::new(1, 2)).plus(&Fraction::from_rational(&Rational::MINUS_ONE));
    let left = place.map_or_else(|| "progress".to_owned(), |z| format!("progress({z})"));
    Ok(((value, Functions::default()), left))
}

/// The principal flow on `E = λθ²/2 + bθ`: `e^{α(hλ) λ t} (θ_0 + b/λ) − b/λ`.
fn solution(optimizer: &Optimizer, momentum: Option<&Rational>) -> Result<Function, JudgeError> {
    let (alpha, functions) = alpha(&PrincipalFlow::Principal, optimizer, momentum)?;
    let (alpha, mut functions) = at_h_lambda(&alpha, &functions);
    let exponent = alpha.times(&Fraction::symbol("lambda")).times(&Fraction::symbol("t"));
    let symbol = format!("exp({exponent})");
    functions.0.insert(symbol.clone(), ("exp", exponent));
    let shift = Fraction::symbol("b").divided(&Fraction::symbol("lambda")).unwrap_or_else(Fraction::zero);
    let moved = Fraction::symbol("theta_0").plus(&shift).times(&Fraction::symbol(&symbol));
    Ok((moved.plus(&shift.negated()), functions))
}

/// Where the root −1 is reached, `χ(−1; z) = 0`, if at three values of the symbols the exact criterion says that this is the
/// threshold: `2(1+m)` for heavy ball.
fn symbolic_threshold(optimizer: &Optimizer) -> Option<Fraction> {
    let recurrence = optimizer.symbolic_recurrence().ok()?;
    if recurrence.evaluations.iter().any(|e| !e.minus_h_times.is_empty()) {
        return None;
    }
    let alternating = |pairs: &[(i32, Fraction)]| {
        let signed = pairs.iter().map(|(j, c)| if j % 2 == 0 { c.clone() } else { c.negated() });
        signed.fold(Fraction::zero(), |sum, c| sum.plus(&c))
    };
    let gradients = recurrence.right.iter().zip(&recurrence.evaluations);
    let gradients = gradients.fold(Fraction::zero(), |sum, (b, e)| sum.plus(&b.times(&alternating(&e.at))));
    let threshold = alternating(&recurrence.left).negated().divided(&gradients)?;
    let confirmed = [(1, 10), (1, 2), (9, 10)].iter().all(|(n, d)| {
        let value = |name: &str| {
            let place = recurrence.symbols.iter().position(|s| s == name)?;
            Some(Rational::new(*n, d * (1 + i64::try_from(place).ok()?)))
        };
        let numeric = recurrence.map(|c| c.evaluate(&value).ok());
        let stability = numeric.as_ref().and_then(Characteristic::of_recurrence).and_then(|c| c.stability());
        threshold.evaluate(&value).is_ok_and(|z| stability == Some(Stability::Below(z.clone(), z)))
    });
    confirmed.then_some(threshold)
}

/// A function of z at `z = hλ`.
fn at_h_lambda(value: &Fraction, functions: &Functions) -> (Fraction, Functions) {
    substituted(value, functions, "z", &Fraction::symbol("h").times(&Fraction::symbol("lambda")))
}

/// A function with something else for a symbol, in the arguments of functions too.
pub(super) fn substituted(
    value: &Fraction,
    functions: &Functions,
    symbol: &str,
    by: &Fraction,
) -> (Fraction, Functions) {
    let mut moved = Functions::default();
    let mut names = BTreeMap::from([(symbol.to_owned(), by.clone())]);
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
        let z_moves = names.get("z").is_some_and(|z| z.numerator().degree() == 2);
        let single: Vec<Fraction> = if z_moves && factor == &Polynomial::symbol("z") {
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

/// Whether the difference of two functions, which is not zero as a fraction of the functions inside, is one of functions
/// between which there is no relation: of none, or of a single logarithm or exponential of a rational function, which is
/// transcendental over the rational ones.
fn differ_exactly((a, a_functions): &Function, (b, b_functions): &Function) -> bool {
    let difference = a.plus(&b.negated());
    let polynomials = std::iter::once(difference.numerator()).chain(difference.denominator().map(|(f, _)| f));
    let inside: BTreeSet<&str> = polynomials
        .flat_map(Polynomial::terms)
        .flat_map(|(m, _)| m.factors().map(|(s, _)| s))
        .filter(|s| s.contains('('))
        .collect();
    let transcendental = |name: &str| {
        let found = a_functions.0.get(name).or_else(|| b_functions.0.get(name));
        found.is_some_and(|(function, argument)| {
            let constant = argument.numerator().as_constant().is_some() && argument.denominator().len() == 0;
            *function != "sqrt"
                && !constant
                && !argument.to_string().contains("log")
                && !argument.to_string().contains("sqrt")
                && !argument.to_string().contains("exp")
        })
    };
    !difference.is_zero() && inside.len() <= 1 && inside.iter().all(|name| transcendental(name))
}

/// Whether two functions have different values, beyond rounding, at some point where both have one.
pub(super) fn differ((a, a_functions): &Function, (b, b_functions): &Function) -> bool {
    [0.31, 0.17, 0.053].iter().any(|&h| {
        let (a, b) = (numeric(a, a_functions, h, 0), numeric(b, b_functions, h, 0));
        (a - b).abs() > 1e-8 * (1.0 + a.abs().max(b.abs()))
    })
}

fn numeric(value: &Fraction, functions: &Functions, point: f64, depth: usize) -> f64 {
    let symbol = |name: &str| match (name, functions.0.get(name)) {
        (_, Some((function, argument))) if depth < 64 => {
            let argument = numeric(argument, functions, point, depth + 1);
            match *function {
                "log" => argument.ln(),
                "exp" => argument.exp(),
                _ => argument.sqrt(),
            }
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
