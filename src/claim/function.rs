//! Claims about functions: α, Jacobians, thresholds, solutions on a quadratic.

use super::judge::{Found, Match, by_power, numeric_verdict};
use super::numeric::Function;
use super::value::Value;
use super::{
    Claim, Derived, Difference, Functions, JudgeError, PrincipalFlow, Subject, numeric, parser, roots, rounded,
};
use crate::number::{Coefficient, Fraction, Polynomial, Rational};
use crate::optimizer::BoundOptimizer;
use crate::principal::{Characteristic, PrincipalPart, Stability};
use std::collections::{BTreeMap, BTreeSet};

impl Claim {
    pub(super) fn judge_function(&self, optimizer: &BoundOptimizer) -> Result<(Found, Derived), JudgeError> {
        if let Some(rest) = self.rest {
            return self.judge_series(rest as usize, optimizer);
        }
        let (mut derived, left) = match &self.subject {
            Subject::Alpha(flow) => (alpha(flow, optimizer)?, format!("alpha_{}", flow.name())),
            Subject::Jacobian(flow) => {
                let (alpha, functions) = alpha(flow, optimizer)?;
                let (alpha, functions) = at_h_lambda(&alpha, &functions);
                ((alpha.times(&Fraction::symbol("lambda")), functions), format!("J_{}", flow.name()))
            }
            Subject::Progress(place) => progress(place.as_ref(), optimizer)?,
            Subject::Solution => (solution(optimizer)?, "theta(t)".to_owned()),
            _ => return self.judge_threshold(optimizer),
        };
        let scalar = |value: &Value| value.as_scalar().unwrap_or_else(Fraction::zero);
        let mut claimed = (roots::canonical(&scalar(&self.value), &self.functions), self.functions.clone());
        let mut rounded = self.rounded.as_ref().map(scalar);
        if speaks_of_h(&claimed) && !matches!(self.subject, Subject::Jacobian(_) | Subject::Solution) {
            // The argument is written out, z = hλ.
            rounded = rounded.map(|r| at_h_lambda(&r, &claimed.1).0);
            claimed = at_h_lambda(&claimed.0, &claimed.1);
            derived = at_h_lambda(&derived.0, &derived.1);
        }
        let right = Derived::Function(left, derived.0.to_string());
        Ok((self.compared(&claimed, rounded.as_ref(), &derived)?, right))
    }

    /// Compares whole functions: exactly where that is possible, else in numbers, which can only tell them apart.
    fn compared(
        &self,
        claimed: &Function,
        rounded: Option<&Fraction>,
        derived: &Function,
    ) -> Result<Found, JudgeError> {
        let mut found = Found::default();
        match self.matched(&claimed.0, rounded, &derived.0) {
            Match::Exact => {}
            Match::Rounded(digits) => found.agrees(digits),
            Match::Other { by_rounding } => {
                if !differ_exactly(claimed, derived) {
                    numeric_verdict(claimed, derived)?;
                }
                found.differs(whole(&claimed.0.to_string(), derived.0.to_string()), by_rounding);
            }
        }
        Ok(found)
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
    fn judge_series(&self, rest: usize, optimizer: &BoundOptimizer) -> Result<(Found, Derived), JudgeError> {
        let (flow, jacobian) = match &self.subject {
            Subject::Jacobian(flow) => (flow, true),
            Subject::Alpha(flow) => (flow, false),
            _ => return Err(JudgeError::NoClosedForm(optimizer.name().to_owned())),
        };
        let variable = self.series_variable().unwrap_or("z");
        let mut coefficients = match flow.alpha() {
            None => PrincipalPart::of(optimizer).series(rest.saturating_sub(1))?,
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
        let powers = |value: &Value| {
            let powers = by_power(variable, &value.as_scalar().unwrap_or_else(Fraction::zero)).unwrap_or_default();
            let canonical = powers.into_iter().map(|(p, c)| (p, roots::canonical(&c, &self.functions)));
            canonical.collect::<BTreeMap<_, _>>()
        };
        let (claimed, rounded) = (powers(&self.value), self.rounded.as_ref().map(powers).unwrap_or_default());
        let (mut found, mut right) = (Found::default(), Fraction::zero());
        let mut power = Fraction::one();
        for (p, derived) in coefficients.iter().enumerate() {
            let own = claimed.get(&p).cloned().unwrap_or_else(Fraction::zero);
            match self.matched(&own, rounded.get(&p), derived) {
                Match::Exact => {}
                Match::Rounded(digits) => found.agrees(digits),
                Match::Other { by_rounding } => {
                    if !roots::is_decided(&own, &self.functions) {
                        let sides = [&own, derived].map(|v| (v.clone(), self.functions.clone()));
                        numeric_verdict(&sides[0], &sides[1])?;
                    }
                    let (order, term) = (Some(p), Some(format!("{variable}^{p}")));
                    let difference = whole(&own.to_string(), derived.to_string());
                    found.differs(Difference { order, term, ..difference }, by_rounding);
                }
            }
            right = right.plus(&derived.times(&power));
            power = power.times(&Fraction::symbol(variable));
        }
        let left = format!("{}_{}", if jacobian { "J" } else { "alpha" }, flow.name());
        Ok((found, Derived::Function(left, format!("{right} + O({variable}^{rest})"))))
    }

    fn judge_threshold(&self, optimizer: &BoundOptimizer) -> Result<(Found, Derived), JudgeError> {
        let value =
            |value: &Value| roots::canonical(&value.as_scalar().unwrap_or_else(Fraction::zero), &self.functions);
        let claimed = (value(&self.value), self.functions.clone());
        let rounded = self.rounded.as_ref().map(value);
        let right = |text: String| Derived::Function("threshold".to_owned(), text);
        let part = PrincipalPart::of(optimizer);
        let exact = match part.stability() {
            Some(Stability::Never) => Fraction::zero(),
            Some(Stability::Always) => Fraction::symbol("infty"),
            Some(Stability::Below(low, high)) if low == high => Fraction::from_rational(&low),
            Some(Stability::Below(low, high)) => {
                let text = format!("{:.12}...", low.to_f64());
                return Ok((self.between(&claimed, rounded.as_ref(), (&low, &high), &text)?, right(text)));
            }
            None => {
                symbolic_threshold(optimizer).ok_or_else(|| JudgeError::NoThreshold(optimizer.name().to_owned()))?
            }
        };
        let found = self.compared(&claimed, rounded.as_ref(), &(exact.clone(), Functions::default()))?;
        Ok((found, right(exact.to_string())))
    }

    /// Compares with an irrational number of which bounds are known. A rational is another one; a decimal is right if the number
    /// rounds to it.
    fn between(
        &self,
        claimed: &Function,
        rounded: Option<&Fraction>,
        (low, high): (&Rational, &Rational),
        text: &str,
    ) -> Result<Found, JudgeError> {
        let mut found = Found::default();
        if let Some((digits, (least, most))) = rounded.and_then(|r| rounded::digits(r).zip(rounded::range(r))) {
            if least <= *low && *high <= most {
                found.agrees(digits);
                return Ok(found);
            }
            if least <= *high && *low <= most {
                return Err(JudgeError::TooManyDigits(text.to_owned()));
            }
        }
        let is_infinite = || speaks_of(claimed, &["infty"]);
        let rational = claimed.0.numerator().as_constant().is_some() && claimed.0.denominator().len() == 0;
        if !rational && !is_infinite() {
            let functions = roots::with_roots(&claimed.1, [&claimed.0, &claimed.0]);
            match numeric::constant(&(claimed.0.clone(), functions)) {
                None => return Err(JudgeError::NotCompared(text.to_owned())),
                Some((value, error)) if (value - low.to_f64()).abs() <= error + 1e-15 * low.to_f64().abs() => {
                    return Err(JudgeError::OtherFunctions(text.to_owned()));
                }
                Some(_) => {}
            }
        }
        found.differs(whole(&claimed.0.to_string(), text.to_owned()), false);
        Ok(found)
    }
}

/// A difference of whole functions.
fn whole(claimed: &str, derived: String) -> Difference {
    Difference { order: None, tree: None, term: None, claimed: claimed.to_owned(), derived }
}

/// Whether h or λ stand in a function, rather than z.
fn speaks_of_h(function: &Function) -> bool {
    speaks_of(function, &["h", "lambda"])
}

/// Whether one of these symbols stands in a function.
fn speaks_of((value, functions): &Function, symbols: &[&str]) -> bool {
    let speaks = |f: &Fraction| {
        let polynomials = std::iter::once(f.numerator()).chain(f.denominator().map(|(factor, _)| factor));
        let mut monomials = polynomials.flat_map(|p| p.terms().map(|(m, _)| m));
        monomials.any(|m| m.factors().any(|(s, _)| symbols.contains(&s)))
    };
    speaks(value) || functions.0.values().any(|(_, argument)| speaks(argument))
}

/// A flow's α, in z.
fn alpha(flow: &PrincipalFlow, optimizer: &BoundOptimizer) -> Result<Function, JudgeError> {
    if let Some(alpha) = flow.alpha() {
        return Ok((alpha, Functions::default()));
    }
    let part = PrincipalPart::of(optimizer);
    let none = || JudgeError::NoClosedForm(optimizer.name().to_owned());
    let symbols: Vec<String> = optimizer.symbols().iter().cloned().chain(["z".to_owned()]).collect();
    let (value, functions) =
        parser::parse(&part.closed_form().ok_or_else(none)?.to_string(), 0, &symbols).map_err(|_| none())?;
    Ok((value.as_scalar().ok_or_else(none)?, functions))
}

/// `(E(θ − h g) − E(θ)) / (h ‖g‖²)` along an eigendirection of a quadratic, `((1−z)² − 1)/(2z) = −1 + z/2`.
fn progress(place: Option<&Rational>, optimizer: &BoundOptimizer) -> Result<(Function, String), JudgeError> {
    if !optimizer.is_gradient_descent() {
        return Err(JudgeError::OnlyGradientDescent("the relative progress", optimizer.name().to_owned()));
    }
    let z = place.map_or_else(|| Fraction::symbol("z"), Fraction::from_rational);
    let value = z.scaled(&Rational::new(1, 2)).plus(&Fraction::from_rational(&Rational::MINUS_ONE));
    let left = place.map_or_else(|| "progress".to_owned(), |z| format!("progress({z})"));
    Ok(((value, Functions::default()), left))
}

/// The principal flow on `E = λθ²/2 + bθ`: `e^{α(hλ) λ t} (θ_0 + b/λ) − b/λ`.
fn solution(optimizer: &BoundOptimizer) -> Result<Function, JudgeError> {
    let (alpha, functions) = alpha(&PrincipalFlow::Principal, optimizer)?;
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
fn symbolic_threshold(optimizer: &BoundOptimizer) -> Option<Fraction> {
    let recurrence = optimizer.fractions().ok()?;
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

/// Whether the difference of two functions, not zero as a fraction of the functions inside, is one of functions between which
/// there is no relation: of none, of one logarithm or exponential of a rational function that is no constant, which is
/// transcendental over the rational functions with whatever constants, and of one of a rational number, which is transcendental
/// (Lindemann).
fn differ_exactly((a, a_functions): &Function, (b, b_functions): &Function) -> bool {
    let difference = a.plus(&b.negated());
    let polynomials = std::iter::once(difference.numerator()).chain(difference.denominator().map(|(f, _)| f));
    let inside: BTreeSet<&str> = polynomials
        .flat_map(Polynomial::terms)
        .flat_map(|(m, _)| m.factors().map(|(s, _)| s))
        .filter(|s| s.contains('('))
        .collect();
    let (mut constants, mut others) = (0, 0);
    for name in inside {
        let Some((function, argument)) = a_functions.0.get(name).or_else(|| b_functions.0.get(name)) else {
            return false;
        };
        // Infinity is no number.
        if *function == "sqrt" || speaks_of_functions(argument) || argument.to_string().contains("infty") {
            return false;
        }
        match argument.numerator().as_constant().filter(|_| argument.denominator().len() == 0) {
            Some(q) if *function == "log" && (q.is_negative() || q.is_zero() || q.is_one()) => return false,
            Some(q) if q.is_zero() => return false,
            Some(_) => constants += 1,
            None => others += 1,
        }
    }
    !difference.is_zero() && constants <= 1 && others <= 1
}

/// Whether functions stand in a coefficient.
fn speaks_of_functions(value: &Fraction) -> bool {
    let polynomials = std::iter::once(value.numerator()).chain(value.denominator().map(|(f, _)| f));
    let mut monomials = polynomials.flat_map(|p| p.terms().map(|(m, _)| m));
    monomials.any(|m| m.factors().any(|(s, _)| s.contains('(')))
}
