//! The verdict on a claim.

use super::value::{Form, Value};
use super::{Claim, MAX_CLAIM_ORDER, Subject, energy, function, roots};
use crate::bea::{
    MethodError, ModifiedEquation, Optimizer, SeriesRoute, Term, modified_equation_for, modified_equation_with_roots,
};
use crate::number::{Coefficient, Fraction, Polynomial, Rational};
use crate::render::Notation;
use crate::tree::Tree;
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
    #[error(
        "the principal part of `{0}` has no closed form to compare with; claim its powers of z up to O(z^k) instead"
    )]
    NoClosedForm(String),
    /// The optimizer's stability threshold is not known exactly.
    #[error("the stability threshold of `{0}` has no closed form here; give --momentum, or a method without stages")]
    NoThreshold(String),
    /// The formula is one of gradient descent's step.
    #[error("{0} is judged for gradient descent only, not for `{1}`")]
    OnlyGradientDescent(&'static str, String),
    /// Functions that agree in numbers, written in ways that no exact comparison covers.
    #[error(
        "the claim agrees with {0} in numbers but is written in other functions: write it in the same ones for an exact verdict"
    )]
    OtherFunctions(String),
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
    pub fn judge(&self, optimizer: &Optimizer, momentum: Option<&Rational>) -> Result<Verdict, JudgeError> {
        let (differences, derived) = match &self.subject {
            Subject::Order(_) | Subject::Field | Subject::Loss => self.judge_field(optimizer, momentum)?,
            Subject::Step => self.judge_step(optimizer)?,
            Subject::Descent => self.judge_descent(optimizer)?,
            _ => self.judge_function(optimizer, momentum)?,
        };
        let (claim, method) = (self.text.clone(), optimizer.name().to_owned());
        Ok(Verdict { claim, method, expected: true, differences, derived })
    }

    /// The claimed coefficients below the power that is left out; an error for a power of h that is none or beyond the
    /// limit.
    pub(super) fn by_order(&self) -> Result<ByOrder, String> {
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
        for (form, coefficient) in &self.value.terms {
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

    fn judge_field(
        &self,
        optimizer: &Optimizer,
        momentum: Option<&Rational>,
    ) -> Result<(Vec<Difference>, Derived), JudgeError> {
        let claimed = self.by_order().unwrap_or_default();
        let highest = claimed.keys().next_back().copied().unwrap_or(0);
        let field = !matches!(self.subject, Subject::Order(_));
        let needed = highest.max(self.highest_unknown());
        let equation = derived_equation(optimizer, momentum, needed)?;
        let first = if field { 0 } else { highest };
        let (mut differences, mut orders) = (Vec::new(), Vec::new());
        for n in first..=highest {
            let open = |tree: &Tree| self.leaves_out(n, tree);
            let trees = claimed.get(&n).map_or_else(Trees::new, |forms| trees_of(forms, &equation));
            let terms: Vec<Term<Fraction>> =
                equation.orders.get(n).into_iter().flatten().filter(|t| !open(&t.tree)).cloned().collect();
            let derived: Trees = terms.iter().map(|t| (t.tree.clone(), t.coefficient.clone())).collect();
            let found = compare(n, &trees, &derived, open);
            self.decided(&found, &trees, &derived)?;
            differences.extend(found);
            orders.push((n, terms));
        }
        Ok((differences, Derived::Orders { orders, field }))
    }

    /// Refuses to call a coefficient wrong that agrees in numbers and is written in functions that no exact comparison covers.
    fn decided(&self, found: &[Difference], claimed: &Trees, derived: &Trees) -> Result<(), JudgeError> {
        let zero = Fraction::zero();
        for tree in found.iter().filter_map(|d| d.tree.as_ref()) {
            let (c, d) = (claimed.get(tree).unwrap_or(&zero), derived.get(tree).unwrap_or(&zero));
            if roots::is_decided(c, &self.functions) {
                continue;
            }
            let functions = roots::with_roots(&self.functions, [c, d]);
            if !function::differ(&(c.clone(), functions.clone()), &(d.clone(), functions)) {
                return Err(JudgeError::OtherFunctions(d.to_string()));
            }
        }
        Ok(())
    }

    /// The highest n of an `f_n` that the right side mentions.
    fn highest_unknown(&self) -> usize {
        let unknown = |form: &Form| if let Form::Unknown(n) = form { *n } else { 0 };
        self.value.terms.keys().map(unknown).max().unwrap_or(0)
    }

    /// `θ̃(h)`, which is to be `θ − h g`, with the derived `f_n` for those mentioned.
    fn judge_step(&self, optimizer: &Optimizer) -> Result<(Vec<Difference>, Derived), JudgeError> {
        if optimizer != &Optimizer::GradientDescent {
            return Err(JudgeError::OnlyGradientDescent("θ̃(h)", optimizer.name().to_owned()));
        }
        let claimed = self.by_order().unwrap_or_default();
        let equation = modified_equation_for(optimizer, None, self.highest_unknown(), SeriesRoute::Auto)?;
        let highest = claimed.keys().next_back().copied().unwrap_or(0).max(1);
        let mut differences = Vec::new();
        let point = |n: usize| {
            let point = claimed.get(&n).and_then(|forms| forms.get(&Form::Point));
            point.cloned().unwrap_or_else(Fraction::zero)
        };
        for n in 0..=highest {
            let derived = if n == 0 { Fraction::one() } else { Fraction::zero() };
            if point(n) != derived {
                differences.push(Difference {
                    order: Some(n),
                    tree: None,
                    term: Some("theta".to_owned()),
                    claimed: point(n).to_string(),
                    derived: derived.to_string(),
                });
            }
            let trees = claimed.get(&n).map_or_else(Trees::new, |forms| trees_of(forms, &equation));
            let step = (n == 1).then(|| (Tree::leaf(), Fraction::from_rational(&Rational::MINUS_ONE)));
            differences.extend(compare(n, &trees, &step.into_iter().collect(), |tree| self.leaves_out(n, tree)));
        }
        Ok((differences, Derived::Function("theta~(h)".to_owned(), "theta - h g".to_owned())))
    }

    /// `E(θ − h g)` by Taylor's formula.
    fn judge_descent(&self, optimizer: &Optimizer) -> Result<(Vec<Difference>, Derived), JudgeError> {
        if optimizer != &Optimizer::GradientDescent {
            return Err(JudgeError::OnlyGradientDescent("E(θ − h g)", optimizer.name().to_owned()));
        }
        let claimed = self.by_order().unwrap_or_default();
        let highest = claimed.keys().next_back().copied().unwrap_or(0);
        let (mut differences, mut right) = (Vec::new(), String::new());
        let mut coefficient = Rational::ONE;
        let spell = |tree: &Tree| Notation::Operator.text(tree);
        for n in 0..=highest {
            if n > 0 {
                coefficient = coefficient * Rational::new(-1, i64::try_from(n).unwrap_or(i64::MAX));
            }
            let star = energy::free(&Tree::grafted(vec![Tree::leaf(); n]));
            let trees = claimed.get(&n).into_iter().flatten().filter_map(|(form, c)| match form {
                Form::Energy(tree) => Some((tree.clone(), c.clone())),
                _ => None,
            });
            let derived = Trees::from([(star, Fraction::from_rational(&coefficient))]);
            let found = compare(n, &trees.collect(), &derived, |_| false);
            differences.extend(found.into_iter().map(|d| {
                let term = d.tree.map(|tree| energy::text(&tree, spell));
                Difference { tree: None, term, ..d }
            }));
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
        Ok((differences, Derived::Function("E(theta - h g)".to_owned(), format!("{right} + O(h^{})", highest + 1))))
    }
}

/// The modified equation, with the symbol `sqrt(d)` in coefficients where the step of a tableau has square roots.
fn derived_equation(
    optimizer: &Optimizer,
    momentum: Option<&Rational>,
    order: usize,
) -> Result<ModifiedEquation<Fraction>, MethodError> {
    match modified_equation_for(optimizer, momentum, order, SeriesRoute::Auto) {
        Err(MethodError::Irrational { .. }) => {
            let ModifiedEquation { method, symbols, orders } = modified_equation_with_roots(optimizer, order)?;
            let term = |t: Term<_>| Term { tree: t.tree, coefficient: roots::fraction(&t.coefficient) };
            let orders = orders.into_iter().map(|terms| terms.into_iter().map(term).collect()).collect();
            Ok(ModifiedEquation { method, symbols, orders })
        }
        other => other,
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
fn trees_of(forms: &BTreeMap<Form, Fraction>, equation: &ModifiedEquation<Fraction>) -> Trees {
    let mut trees = Trees::new();
    for (form, c) in forms {
        match form {
            Form::Vector(tree) => add(&mut trees, tree.clone(), c),
            Form::Unknown(n) => {
                for term in equation.orders.get(*n).into_iter().flatten() {
                    add(&mut trees, term.tree.clone(), &term.coefficient.times(c));
                }
            }
            Form::Energy(tree) => energy::rootings(tree).into_iter().for_each(|t| add(&mut trees, t, &c.negated())),
            _ => {}
        }
    }
    trees
}

/// All trees on which what is claimed at the power n of h and what is derived differ.
fn compare(n: usize, claimed: &Trees, derived: &Trees, open: impl Fn(&Tree) -> bool) -> Vec<Difference> {
    let mut trees: Vec<&Tree> = claimed.keys().chain(derived.keys()).filter(|tree| !open(tree)).collect();
    trees.sort_by(|a, b| b.is_principal().cmp(&a.is_principal()).then_with(|| b.cmp(a)));
    trees.dedup();
    let zero = Fraction::zero();
    let difference = |tree: &Tree| {
        let (c, d) = (claimed.get(tree).unwrap_or(&zero), derived.get(tree).unwrap_or(&zero));
        (c != d).then(|| Difference {
            order: Some(n),
            tree: Some(tree.clone()),
            term: None,
            claimed: c.to_string(),
            derived: d.to_string(),
        })
    };
    trees.into_iter().filter_map(difference).collect()
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
