//! The verdict on a claim.

use super::numeric::Comparison;
use super::value::{Form, Value};
use super::{Claim, Subject, energy, numeric, roots, rounded};
use crate::number::{Coefficient, Fraction, Polynomial, Rational};
use crate::optimizer::{BoundOptimizer, OptimizerError};
use crate::series::limits::MAX_CLAIM_ORDER;
use crate::series::{DeriveError, ModifiedEquation, Route, Term, derive};
use crate::tree::{Notation, Tree};
use crate::warning::Warning;
use std::collections::BTreeMap;

/// A coefficient that is not as claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The power of h, for `f_n` that is n; `None` for whole functions.
    pub order: Option<usize>,
    /// The elementary differential; `None` where the claim is not about a vector field.
    pub tree: Option<Tree>,
    /// What else the coefficient belongs to: a scalar such as `g^T g`, a power of z.
    pub term: Option<String>,
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
        /// Each order with the terms that the claim is about.
        orders: Vec<(usize, Vec<Term>)>,
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
    /// Where decimals agree as rounded ones, to how many digits.
    pub digits: Option<u32>,
    /// Whether every coefficient that differs is the right one rounded, so that only the sign `=` is wrong.
    pub rounded: bool,
    /// Why there is neither yes nor no, where there is none.
    pub open: Option<String>,
}

impl Verdict {
    /// The verdict on a claim that could not be judged.
    #[must_use]
    pub fn open(claim: &Claim, optimizer: &BoundOptimizer, reason: &JudgeError) -> Self {
        Self {
            claim: claim.text.clone(),
            method: optimizer.name().to_owned(),
            expected: true,
            differences: Vec::new(),
            derived: Derived::Orders { orders: Vec::new(), field: false },
            digits: None,
            rounded: false,
            open: Some(reason.to_string()),
        }
    }

    /// The warning `no-verdict` of a claim that is neither right nor wrong.
    #[must_use]
    pub fn warning(&self) -> Option<Warning> {
        self.open.as_ref().map(|reason| Warning::new("no-verdict", format!("{}: {reason}", self.claim)))
    }

    /// Whether the claim is right.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.differences.is_empty() && self.open.is_none()
    }

    /// Whether the verdict is the one expected.
    #[must_use]
    pub fn as_expected(&self) -> bool {
        self.open.is_none() && self.ok() == self.expected
    }
}

/// Why a claim cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JudgeError {
    /// The optimizer has no modified equation.
    #[error(transparent)]
    Method(#[from] OptimizerError),
    /// Its modified equation was not derived to the order of the claim.
    #[error(transparent)]
    Derive(#[from] DeriveError),
    /// The optimizer's principal part has no closed form.
    #[error(
        "the principal part of `{0}` has no closed form to compare with; claim its powers of z up to O(z^k) instead"
    )]
    NoClosedForm(String),
    /// The optimizer's stability threshold is not known exactly.
    #[error(
        "the stability threshold of `{0}` has no closed form here; give `m` to `Optimizer::bind`, or a method without stages"
    )]
    NoThreshold(String),
    /// The formula is one of gradient descent's step.
    #[error("{0} is judged for gradient descent only, not for `{1}`")]
    OnlyGradientDescent(&'static str, String),
    /// Functions that agree in numbers, written in ways that no exact comparison covers.
    #[error(
        "the claim agrees with {0} in numbers but is written in other functions: write it in the same ones for an exact verdict"
    )]
    OtherFunctions(String),
    /// Functions of which numbers say nothing.
    #[error(
        "the claim could not be compared with {0}: at too few points do both have values that can be computed, and no exact \
         comparison covers their functions"
    )]
    NotCompared(String),
    /// A decimal with more digits than are known of an irrational number.
    #[error("the claim could not be compared: of the right number, {0}, no more digits are known here")]
    TooManyDigits(String),
    /// Everything is left out.
    #[error("the claim could not be compared: it leaves out every term, so that it says nothing")]
    Nothing,
}

impl JudgeError {
    /// Whether the claim itself leaves it open, and not the optimizer that it is said of.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::OtherFunctions(_) | Self::NotCompared(_) | Self::TooManyDigits(_) | Self::Nothing)
    }
}

/// What a comparison has found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) differences: Vec<Difference>,
    /// To how many digits decimals agree, the fewest.
    digits: Option<u32>,
    /// How many of the differences are of rounding alone.
    rounded: usize,
}

impl Found {
    /// Notes decimals that are right when rounded.
    pub(super) fn agrees(&mut self, digits: u32) {
        self.digits = Some(self.digits.map_or(digits, |d| d.min(digits)));
    }

    pub(super) fn differs(&mut self, difference: Difference, by_rounding: bool) {
        self.differences.push(difference);
        self.rounded += usize::from(by_rounding);
    }
}

/// How a claimed number stands to the right one.
pub(super) enum Match {
    Exact,
    /// A decimal that the right number rounds to, with so many digits, where that is enough.
    Rounded(u32),
    /// It is another one, if only by rounding.
    Other {
        by_rounding: bool,
    },
}

/// Coefficients of every order, by power of h.
type ByOrder = BTreeMap<usize, BTreeMap<Form, Fraction>>;
/// Coefficients of trees, with or without a root.
type Trees = BTreeMap<Tree, Fraction>;

fn add(trees: &mut Trees, tree: Tree, coefficient: &Fraction) {
    let sum = trees.get(&tree).map_or_else(|| coefficient.clone(), |c| c.plus(coefficient));
    trees.insert(tree, sum);
}

impl Claim {
    /// Compares the claim with what is derived, in exact arithmetic and over all trees of its orders.
    ///
    /// # Errors
    /// [`JudgeError`] if the optimizer has no such formula.
    pub fn judge(&self, optimizer: &BoundOptimizer) -> Result<Verdict, JudgeError> {
        let (found, derived) = match &self.subject {
            Subject::Order(_) | Subject::Field | Subject::Loss => self.judge_field(optimizer)?,
            Subject::Step => self.judge_step(optimizer)?,
            Subject::Descent => self.judge_descent(optimizer)?,
            _ => self.judge_function(optimizer)?,
        };
        let Found { differences, digits, rounded } = found;
        let (claim, method) = (self.text.clone(), optimizer.name().to_owned());
        let rounded = rounded > 0 && rounded == differences.len();
        Ok(Verdict { claim, method, expected: true, differences, derived, digits, rounded, open: None })
    }

    /// How a claimed coefficient, also as what it is rounded from, stands to the derived one: after `≈` decimals are rounded,
    /// after `=` they are exact, but where the derived one is irrational.
    pub(super) fn matched(&self, claimed: &Fraction, rounded: Option<&Fraction>, derived: &Fraction) -> Match {
        if claimed == derived {
            return Match::Exact;
        }
        let digits = rounded.filter(|r| rounded::digits(r).is_some()).and_then(|r| rounded::agree(r, derived));
        match digits {
            Some(digits) if self.approximate || roots::is_irrational(derived) => Match::Rounded(digits),
            digits => Match::Other { by_rounding: digits.is_some() },
        }
    }

    /// The claimed coefficients below the power that is left out; an error for a power of h that is none or beyond the
    /// limit.
    pub(super) fn by_order(&self) -> Result<ByOrder, String> {
        self.ordered(&self.value)
    }

    /// The same with decimals as what they are rounded from, if there are any.
    fn rounded_by_order(&self) -> ByOrder {
        self.rounded.as_ref().and_then(|value| self.ordered(value).ok()).unwrap_or_default()
    }

    fn ordered(&self, value: &Value) -> Result<ByOrder, String> {
        let mut orders = ByOrder::new();
        if let Subject::Order(n) = self.subject {
            orders.insert(n, BTreeMap::new());
        }
        let limit = MAX_CLAIM_ORDER + 1;
        if let Some(rest) = self.rest {
            match (self.subject.clone(), rest as usize) {
                (Subject::Order(n), _) => return Err(format!("f_{n} has no powers of h that O could leave out")),
                (_, 0) => return Err("O(1) leaves out everything, so nothing is claimed".to_owned()),
                (_, rest) if rest > limit => {
                    return Err(format!("O(h^{rest}) is beyond the limit of O(h^{limit}) for claims"));
                }
                (_, rest) => drop(orders.insert(rest - 1, BTreeMap::new())),
            }
        }
        for (form, coefficient) in &value.terms {
            let powers = match self.subject {
                Subject::Order(n) => BTreeMap::from([(n, coefficient.clone())]),
                _ => by_power("h", coefficient)?,
            };
            for (order, coefficient) in powers {
                if self.rest.is_some_and(|rest| order >= rest as usize) {
                    continue;
                }
                if order > MAX_CLAIM_ORDER {
                    return Err(format!("h^{order} is beyond the limit of order {MAX_CLAIM_ORDER} for claims"));
                }
                let coefficient = roots::canonical(&coefficient, &self.functions);
                if !coefficient.is_zero() {
                    orders.entry(order).or_default().insert(form.clone(), coefficient);
                } else {
                    orders.entry(order).or_default();
                }
            }
        }
        Ok(orders)
    }

    /// Whether the claim leaves this tree open at this order.
    fn leaves_out(&self, order: usize, tree: &Tree) -> bool {
        self.classes.iter().any(|(derivative, power)| order >= *power as usize && holds_derivative(tree, *derivative))
    }

    fn judge_field(&self, optimizer: &BoundOptimizer) -> Result<(Found, Derived), JudgeError> {
        let (claimed, rounded) = (self.by_order().unwrap_or_default(), self.rounded_by_order());
        let highest = claimed.keys().next_back().copied().unwrap_or(0);
        let field = !matches!(self.subject, Subject::Order(_));
        let needed = highest.max(self.highest_unknown());
        let equation = derive(optimizer, needed).route(Route::Trees).run()?.equation;
        let first = if field { 0 } else { highest };
        let (mut found, mut orders, mut compared) = (Found::default(), Vec::new(), false);
        for n in first..=highest {
            let open = |tree: &Tree| self.leaves_out(n, tree);
            let [trees, rounded] = [&claimed, &rounded]
                .map(|orders| orders.get(&n).map_or_else(Trees::new, |forms| trees_of(forms, &equation)));
            let all = equation.orders.get(n).into_iter().flatten();
            // Roots are symbols here, as claims write them.
            let as_claimed = |t: &Term| Term { tree: t.tree.clone(), coefficient: t.coefficient.to_fraction().into() };
            let terms: Vec<Term> = all.clone().filter(|t| !open(&t.tree)).map(as_claimed).collect();
            let derived: Trees = terms.iter().map(|t| (t.tree.clone(), t.coefficient.to_fraction())).collect();
            // An order whose every term is left out is compared with nothing.
            compared |= !derived.is_empty() || trees.keys().any(|t| !open(t)) || all.count() == 0;
            let before = found.differences.len();
            self.compare(n, (&trees, &rounded), &derived, open, &mut found);
            self.decided(&found.differences[before..], &trees, &derived)?;
            orders.push((n, terms));
        }
        if !compared {
            return Err(JudgeError::Nothing);
        }
        Ok((found, Derived::Orders { orders, field }))
    }

    /// Refuses to call a coefficient wrong that agrees in numbers, or of which numbers say nothing, and is written in functions
    /// that no exact comparison covers.
    fn decided(&self, found: &[Difference], claimed: &Trees, derived: &Trees) -> Result<(), JudgeError> {
        let zero = Fraction::zero();
        for tree in found.iter().filter_map(|d| d.tree.as_ref()) {
            let (c, d) = (claimed.get(tree).unwrap_or(&zero), derived.get(tree).unwrap_or(&zero));
            if roots::is_decided(c, &self.functions) {
                continue;
            }
            let sides = [c, d].map(|value| (value.clone(), self.functions.clone()));
            numeric_verdict(&sides[0], &sides[1])?;
        }
        Ok(())
    }

    /// The highest n of an `f_n` that the right side mentions.
    fn highest_unknown(&self) -> usize {
        let unknown = |form: &Form| if let Form::Unknown(n) = form { *n } else { 0 };
        self.value.terms.keys().map(unknown).max().unwrap_or(0)
    }

    /// `θ̃(h)`, which is to be `θ − h g`, with the derived `f_n` for those mentioned.
    fn judge_step(&self, optimizer: &BoundOptimizer) -> Result<(Found, Derived), JudgeError> {
        if !optimizer.is_gradient_descent() {
            return Err(JudgeError::OnlyGradientDescent("θ̃(h)", optimizer.name().to_owned()));
        }
        let (claimed, rounded) = (self.by_order().unwrap_or_default(), self.rounded_by_order());
        let equation = derive(optimizer, self.highest_unknown()).route(Route::Trees).run()?.equation;
        let highest = claimed.keys().next_back().copied().unwrap_or(0).max(1);
        let mut found = Found::default();
        let point = |orders: &ByOrder, n: usize| {
            let point = orders.get(&n).and_then(|forms| forms.get(&Form::Point));
            point.cloned().unwrap_or_else(Fraction::zero)
        };
        for n in 0..=highest {
            let derived = if n == 0 { Fraction::one() } else { Fraction::zero() };
            let claimed_point = point(&claimed, n);
            match self.matched(&claimed_point, Some(&point(&rounded, n)), &derived) {
                Match::Exact => {}
                Match::Rounded(digits) => found.agrees(digits),
                Match::Other { by_rounding } => {
                    let (claimed, derived) = (claimed_point.to_string(), derived.to_string());
                    let term = Some("theta".to_owned());
                    found.differs(Difference { order: Some(n), tree: None, term, claimed, derived }, by_rounding);
                }
            }
            let [trees, rounded] = [&claimed, &rounded]
                .map(|orders| orders.get(&n).map_or_else(Trees::new, |forms| trees_of(forms, &equation)));
            let step = (n == 1).then(|| (Tree::leaf(), Fraction::from_rational(&Rational::MINUS_ONE)));
            let open = |tree: &Tree| self.leaves_out(n, tree);
            self.compare(n, (&trees, &rounded), &step.into_iter().collect(), open, &mut found);
        }
        Ok((found, Derived::Function("theta~(h)".to_owned(), "theta - h g".to_owned())))
    }

    /// `E(θ − h g)` by Taylor's formula.
    fn judge_descent(&self, optimizer: &BoundOptimizer) -> Result<(Found, Derived), JudgeError> {
        if !optimizer.is_gradient_descent() {
            return Err(JudgeError::OnlyGradientDescent("E(θ − h g)", optimizer.name().to_owned()));
        }
        let (claimed, rounded) = (self.by_order().unwrap_or_default(), self.rounded_by_order());
        let highest = claimed.keys().next_back().copied().unwrap_or(0);
        let (mut found, mut right) = (Found::default(), String::new());
        let mut coefficient = Rational::ONE;
        let spell = |tree: &Tree| Notation::Operator.text(tree);
        for n in 0..=highest {
            if n > 0 {
                coefficient = coefficient * Rational::new(-1, i64::try_from(n).unwrap_or(i64::MAX));
            }
            let star = energy::free(&Tree::grafted(vec![Tree::leaf(); n]));
            let energies = |orders: &ByOrder| -> Trees {
                let forms = orders.get(&n).into_iter().flatten();
                let tree = |(form, c): (&Form, &Fraction)| match form {
                    Form::Energy(tree) => Some((tree.clone(), c.clone())),
                    _ => None,
                };
                forms.filter_map(tree).collect()
            };
            let derived = Trees::from([(star, Fraction::from_rational(&coefficient))]);
            let before = found.differences.len();
            self.compare(n, (&energies(&claimed), &energies(&rounded)), &derived, |_| false, &mut found);
            for difference in &mut found.differences[before..] {
                difference.term = difference.tree.take().map(|tree| energy::text(&tree, spell));
            }
            let power = if n == 1 { "h".to_owned() } else { format!("h^{n}") };
            right.push_str(&match n {
                0 => "E".to_owned(),
                1 => " - h g^T g".to_owned(),
                _ => {
                    let sign = if n % 2 == 0 { '+' } else { '-' };
                    let arguments = Tree::grafted(vec![Tree::leaf(); n - 1]);
                    format!(" {sign} {power}/{} g^T {}", coefficient.abs().denominator(), spell(&arguments))
                }
            });
        }
        Ok((found, Derived::Function("E(theta - h g)".to_owned(), format!("{right} + O(h^{})", highest + 1))))
    }

    /// Notes all trees on which what is claimed at the power n of h, also as what it is rounded from, and what is derived differ.
    fn compare(
        &self,
        n: usize,
        (claimed, rounded): (&Trees, &Trees),
        derived: &Trees,
        open: impl Fn(&Tree) -> bool,
        found: &mut Found,
    ) {
        let mut trees: Vec<&Tree> = claimed.keys().chain(derived.keys()).filter(|tree| !open(tree)).collect();
        trees.sort_by(|a, b| b.is_principal().cmp(&a.is_principal()).then_with(|| b.cmp(a)));
        trees.dedup();
        let zero = Fraction::zero();
        for tree in trees {
            let (c, d) = (claimed.get(tree).unwrap_or(&zero), derived.get(tree).unwrap_or(&zero));
            match self.matched(c, rounded.get(tree), d) {
                Match::Exact => {}
                Match::Rounded(digits) => found.agrees(digits),
                Match::Other { by_rounding } => {
                    let (claimed, derived) = (c.to_string(), d.to_string());
                    let tree = Some(tree.clone());
                    found.differs(Difference { order: Some(n), tree, term: None, claimed, derived }, by_rounding);
                }
            }
        }
    }
}

/// Whether two functions, not equal in form, are different: an error where numbers do not show it.
pub(super) fn numeric_verdict(claimed: &numeric::Function, right: &numeric::Function) -> Result<(), JudgeError> {
    let with_roots = |(value, functions): &numeric::Function| {
        (value.clone(), roots::with_roots(functions, [value, &Fraction::zero()]))
    };
    match numeric::compare(&with_roots(claimed), &with_roots(right)) {
        Comparison::Differ => Ok(()),
        Comparison::Agree => Err(JudgeError::OtherFunctions(right.0.to_string())),
        Comparison::Impossible => Err(JudgeError::NotCompared(right.0.to_string())),
    }
}

/// Whether some node is a derivative of `E` of this order or a higher one.
fn holds_derivative(tree: &Tree, order: usize) -> bool {
    let mut path: Vec<usize> = Vec::new();
    let mut children = vec![0_usize; tree.size()];
    for (at, &level) in tree.levels().iter().enumerate() {
        path.truncate(usize::from(level));
        if let Some(&parent) = path.last() {
            children[parent] += 1;
        }
        path.push(at);
    }
    children.iter().any(|k| k + 1 >= order)
}

/// Vectors as trees: an unknown field is what it is derived to be, and of a loss the negative gradient is taken.
fn trees_of(forms: &BTreeMap<Form, Fraction>, equation: &ModifiedEquation) -> Trees {
    let mut trees = Trees::new();
    for (form, c) in forms {
        match form {
            Form::Vector(tree) => add(&mut trees, tree.clone(), c),
            Form::Unknown(n) => {
                for term in equation.orders.get(*n).into_iter().flatten() {
                    add(&mut trees, term.tree.clone(), &term.coefficient.to_fraction().times(c));
                }
            }
            Form::Energy(tree) => energy::rootings(tree).into_iter().for_each(|t| add(&mut trees, t, &c.negated())),
            _ => {}
        }
    }
    trees
}

/// A coefficient as a polynomial in a symbol.
pub(super) fn by_power(symbol: &str, coefficient: &Fraction) -> Result<BTreeMap<usize, Fraction>, String> {
    if coefficient.denominator().any(|(f, _)| f.terms().any(|(m, _)| m.factors().any(|(s, _)| s == symbol))) {
        return Err(format!("{coefficient} is no polynomial in {symbol}"));
    }
    let mut powers: BTreeMap<usize, Polynomial> = BTreeMap::new();
    for (monomial, q) in coefficient.numerator().terms() {
        if let Some((function, _)) = monomial.factors().find(|(s, _)| s.contains('(') && !roots::is_root(s)) {
            return Err(format!("{function} is no polynomial in {symbol}"));
        }
        let mut rest = Polynomial::from(q.clone());
        let mut power = 0;
        for (name, exponent) in monomial.factors() {
            if name == symbol {
                power = exponent as usize;
            } else {
                rest = rest.times(&Polynomial::symbol(name).pow(exponent));
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

impl Value {
    /// The elementary differential that this is, if it is one, once.
    pub(super) fn as_tree(&self) -> Option<Tree> {
        match self.terms.first_key_value() {
            Some((Form::Vector(tree), c)) if self.terms.len() == 1 && *c == Fraction::one() => Some(tree.clone()),
            _ => None,
        }
    }
}
