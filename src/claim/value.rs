//! What a formula is worth: an exact combination of vectors, operators or numbers.

use super::energy;
use crate::number::{Coefficient, Fraction, Rational};
use crate::tree::Tree;
use std::collections::BTreeMap;

/// The most terms of a combination, which bounds what multilinearity expands.
const MAX_TERMS: usize = 4096;
/// The most nodes of a tree.
pub(super) const MAX_NODES: usize = 32;
/// The highest degree of a coefficient.
const MAX_DEGREE: u32 = 64;
/// The most bits of a number.
const MAX_BITS: u64 = 4096;

/// What coefficients stand in front of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// Nothing: a number.
    Scalar,
    /// An elementary differential.
    Vector(Tree),
    /// One transposed.
    Row(Tree),
    /// A product of matrices, the outermost first: `∇^{k+2}E` with these k arguments; none for the Hessian.
    Matrix(Vec<Vec<Tree>>),
    /// The derivative of this order, at least the third, without arguments.
    Tensor(usize),
    /// A scalar made of derivatives: `E`, `vᵀw`, as a free tree.
    Energy(Tree),
    /// An eigenvector of the Hessian, in a sum over all of them.
    Eigenvector,
    /// `vᵀu`, which times u and summed is v again.
    Component(Tree),
    /// The point θ.
    Point,
    /// The unknown `f_n`.
    Unknown(usize),
    /// `O(h^k)`: nothing is said of this power of the step size and higher ones.
    Rest(u32),
    /// `C(∇^order E)` from this power of the step size on: nothing is said of terms that hold such a derivative or a higher one.
    Class {
        /// The order of the derivative.
        order: usize,
        /// The least power of the step size.
        power: u32,
    },
}

/// The lowest power of the step size in a coefficient, h or, in functions, z; at least 0.
pub(super) fn lowest_power(coefficient: &Fraction) -> u32 {
    let of = |monomial: &crate::number::Monomial| -> u32 {
        monomial.factors().filter(|(s, _)| matches!(*s, "h" | "z")).map(|(_, k)| k).sum()
    };
    let above = coefficient.numerator().terms().map(|(m, _)| of(m)).min().unwrap_or(0);
    let below = coefficient
        .denominator()
        .map(|(factor, power)| factor.terms().map(|(m, _)| of(m)).min().unwrap_or(0).saturating_mul(power));
    above.saturating_sub(below.sum())
}

impl Form {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Form::Scalar => "a number",
            Form::Vector(_) => "a vector",
            Form::Row(_) => "a transposed vector",
            Form::Matrix(_) => "a matrix",
            Form::Tensor(_) => "a tensor without arguments",
            Form::Energy(_) => "a function such as E or gᵀg",
            Form::Eigenvector => "an eigenvector",
            Form::Component(_) => "a component along an eigenvector",
            Form::Point => "the point θ",
            Form::Unknown(_) => "a field",
            Form::Rest(_) | Form::Class { .. } => "what is left out",
        }
    }

    /// Whether nothing more is multiplied from the right: a vector or a function, no matrix.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self, Form::Vector(_) | Form::Energy(_) | Form::Point | Form::Unknown(_) | Form::Eigenvector)
    }

    /// Whether it stands for terms left out, beside whatever kind.
    pub(super) fn is_mark(&self) -> bool {
        matches!(self, Form::Rest(_) | Form::Class { .. })
    }

    /// Kinds that can be added have the same one: vectors, θ and fields have.
    fn kind(&self) -> &'static str {
        match self {
            Form::Point | Form::Unknown(_) => "a vector",
            other => other.name(),
        }
    }

    /// A mark times something with this power of the step size.
    fn shifted(&self, by: u32) -> Self {
        match self {
            Form::Rest(k) => Form::Rest(k.saturating_add(by)),
            Form::Class { order, power } => Form::Class { order: *order, power: power.saturating_add(by) },
            other => other.clone(),
        }
    }

    fn size(&self) -> usize {
        match self {
            Form::Vector(tree) | Form::Row(tree) | Form::Energy(tree) | Form::Component(tree) => tree.size(),
            Form::Matrix(layers) => layers.iter().map(|l| 1 + l.iter().map(Tree::size).sum::<usize>()).sum(),
            Form::Tensor(_) => 1,
            _ => 0,
        }
    }

    fn times(&self, other: &Self) -> Result<Self, String> {
        if self.size() + other.size() > MAX_NODES {
            return Err(format!("a term of more than {MAX_NODES} derivatives is beyond the limit"));
        }
        let grafted =
            |v: Tree, layer: &Vec<Tree>| Tree::grafted(layer.iter().cloned().chain(std::iter::once(v)).collect());
        Ok(match (self, other) {
            (Form::Scalar, form) | (form, Form::Scalar) => form.clone(),
            (Form::Matrix(a), Form::Matrix(b)) => Form::Matrix(a.iter().chain(b).cloned().collect()),
            (Form::Matrix(layers), Form::Vector(v)) => Form::Vector(layers.iter().rev().fold(v.clone(), grafted)),
            // Every matrix here is symmetric: vᵀ A B = (B A v)ᵀ.
            (Form::Row(v), Form::Matrix(layers)) => Form::Row(layers.iter().fold(v.clone(), grafted)),
            (Form::Row(v), Form::Vector(w)) => Form::Energy(energy::product(v, w)),
            (Form::Row(v), Form::Eigenvector) => Form::Component(v.clone()),
            (Form::Matrix(layers), Form::Component(v)) => Form::Component(layers.iter().rev().fold(v.clone(), grafted)),
            (Form::Component(v), Form::Eigenvector) | (Form::Eigenvector, Form::Component(v)) => {
                Form::Vector(v.clone())
            }
            (Form::Row(v), Form::Tensor(3)) => Form::Matrix(vec![vec![v.clone()]]),
            (a, b) => return Err(format!("{} times {} is no vector", a.name(), b.name())),
        })
    }
}

/// A combination of forms with exact coefficients, none zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) terms: BTreeMap<Form, Fraction>,
    /// Of a number: factors with this product. The ring divides by linear factors one at a time.
    factors: Vec<Fraction>,
}

impl Value {
    pub(super) fn zero() -> Self {
        Self { terms: BTreeMap::new(), factors: vec![Fraction::zero()] }
    }

    pub(super) fn form(form: Form) -> Self {
        Self { terms: BTreeMap::from([(form, Fraction::one())]), factors: Vec::new() }
    }

    pub(super) fn scalar(value: Fraction) -> Self {
        let terms = if value.is_zero() { BTreeMap::new() } else { BTreeMap::from([(Form::Scalar, value.clone())]) };
        Self { terms, factors: vec![value] }
    }

    /// The number, if this is one.
    pub(super) fn as_scalar(&self) -> Option<Fraction> {
        match self.terms.len() {
            0 => Some(Fraction::zero()),
            1 => self.terms.get(&Form::Scalar).cloned(),
            _ => None,
        }
    }

    /// What is left out: the lowest power of the step size from which on nothing is said, and classes of terms with
    /// theirs; the value keeps the rest.
    pub(super) fn without_marks(&mut self) -> (Option<u32>, Vec<(usize, u32)>) {
        let (mut rest, mut classes) = (None::<u32>, Vec::new());
        for form in self.terms.keys() {
            match form {
                Form::Rest(k) => rest = Some(rest.map_or(*k, |r| r.min(*k))),
                Form::Class { order, power } => classes.push((*order, *power)),
                _ => {}
            }
        }
        self.terms.retain(|form, _| !form.is_mark());
        (rest, classes)
    }

    /// The gradient of scalars made of derivatives.
    pub(super) fn gradient(&self) -> Result<Self, String> {
        let mut gradient = Self::zero();
        for (form, coefficient) in &self.terms {
            match form {
                Form::Energy(tree) => {
                    for rooted in energy::rootings(tree) {
                        gradient.add(Form::Vector(rooted), coefficient)?;
                    }
                }
                mark if mark.is_mark() => gradient.add(mark.clone(), coefficient)?,
                other => return Err(format!("∇ is taken of E and scalars such as ‖∇E‖², not of {}", other.name())),
            }
        }
        gradient.factors = Vec::new();
        Ok(gradient)
    }

    /// `‖v‖²`.
    pub(super) fn squared_norm(&self) -> Result<Self, String> {
        self.transposed()?.times(self)
    }

    fn add(&mut self, form: Form, coefficient: &Fraction) -> Result<(), String> {
        if form.is_mark() {
            self.terms.insert(form, Fraction::one());
            return Ok(());
        }
        let sum = self.terms.get(&form).map_or_else(|| coefficient.clone(), |c| c.plus(coefficient));
        within_limits(&sum)?;
        if sum.is_zero() {
            self.terms.remove(&form);
        } else {
            self.terms.insert(form, sum);
        }
        if self.terms.len() > MAX_TERMS {
            return Err(format!("more than {MAX_TERMS} terms are beyond the limit"));
        }
        Ok(())
    }

    /// The sum; mixing kinds is an error.
    pub(super) fn plus(mut self, other: &Self) -> Result<Self, String> {
        let kind = |value: &Self| value.terms.keys().find(|f| !f.is_mark()).map(Form::kind);
        let mut other = other.clone();
        if let (Some(a), Some(b)) = (kind(&self), kind(&other))
            && a != b
        {
            // A number beside a matrix is that multiple of the identity.
            match (a, b) {
                ("a number", "a matrix") => self = self.times_identity(),
                ("a matrix", "a number") => other = other.times_identity(),
                _ => return Err(format!("{a} and {b} cannot be added")),
            }
        }
        for (form, coefficient) in &other.terms {
            self.add(form.clone(), coefficient)?;
        }
        self.factors = self.as_scalar().into_iter().collect();
        Ok(self)
    }

    /// A number as a multiple of the identity.
    fn times_identity(mut self) -> Self {
        if let Some(number) = self.terms.remove(&Form::Scalar) {
            self.terms.insert(Form::Matrix(Vec::new()), number);
        }
        self
    }

    pub(super) fn negated(self) -> Self {
        let minus = Self::scalar(Fraction::from_rational(&Rational::MINUS_ONE));
        let negative = minus.times(&self);
        negative.unwrap_or(self)
    }

    /// Whether all terms are of transposed vectors.
    pub(super) fn is_row(&self) -> bool {
        !self.terms.is_empty() && self.terms.keys().all(|f| matches!(f, Form::Row(_)))
    }

    pub(super) fn is_tensor(&self) -> bool {
        !self.terms.is_empty() && self.terms.keys().all(|f| matches!(f, Form::Tensor(_)))
    }

    pub(super) fn times(&self, other: &Self) -> Result<Self, String> {
        if self.terms.len() * other.terms.len() > MAX_TERMS {
            return Err(format!("more than {MAX_TERMS} terms are beyond the limit"));
        }
        let mut product = Self::zero();
        for (a, x) in &self.terms {
            for (b, y) in &other.terms {
                let (dx, dy) = (x.numerator().degree(), y.numerator().degree());
                if dx + dy > MAX_DEGREE {
                    return Err(format!("a degree above {MAX_DEGREE} is beyond the limit"));
                }
                let form = match (a.is_mark(), b.is_mark()) {
                    (false, false) => a.times(b)?,
                    (true, false) => a.shifted(lowest_power(y)),
                    (false, true) => b.shifted(lowest_power(x)),
                    // The product of two is left out from the sum of their powers on.
                    (true, true) => match (a, b) {
                        (Form::Rest(k), other) | (other, Form::Rest(k)) => other.shifted(*k),
                        (Form::Class { power, .. }, other) => other.shifted(*power),
                        _ => a.clone(),
                    },
                };
                product.add(form, &x.times(y))?;
            }
        }
        product.factors = match (self.as_scalar(), other.as_scalar()) {
            (Some(_), Some(_)) => self.factors.iter().chain(&other.factors).cloned().collect(),
            _ => Vec::new(),
        };
        if product.factors.len() > 1000 {
            product.factors = product.as_scalar().into_iter().collect();
        }
        Ok(product)
    }

    /// `1/self`.
    pub(super) fn inverse(&self) -> Result<Self, String> {
        let Some(value) = self.as_scalar() else { return Err("only numbers divide".to_owned()) };
        if value.is_zero() {
            return Err("division by zero".to_owned());
        }
        let mut inverse = Fraction::one();
        for factor in &self.factors {
            inverse = inverse
                .divided(factor)
                .ok_or_else(|| format!("cannot divide by {factor}: write it in linear factors"))?;
            within_limits(&inverse)?;
        }
        Ok(Self::scalar(inverse))
    }

    /// A power with a whole exponent.
    pub(super) fn power(&self, exponent: u32) -> Result<Self, String> {
        if exponent > MAX_DEGREE {
            return Err(format!("an exponent above {MAX_DEGREE} is beyond the limit"));
        }
        if exponent == 1 {
            return Ok(self.clone());
        }
        let mut power = Self::scalar(Fraction::one());
        for _ in 0..exponent {
            power = power.times(self)?;
        }
        Ok(power)
    }

    pub(super) fn transposed(&self) -> Result<Self, String> {
        let row = |(form, c): (&Form, &Fraction)| match form {
            Form::Vector(tree) => Ok((Form::Row(tree.clone()), c.clone())),
            Form::Scalar => Ok((Form::Scalar, c.clone())),
            mark if mark.is_mark() => Ok((mark.clone(), c.clone())),
            other => Err(format!("{} has no transpose in a claim, only vectors have", other.name())),
        };
        Ok(Self { terms: self.terms.iter().map(row).collect::<Result<_, _>>()?, factors: Vec::new() })
    }

    /// This derivative of `E` of order `k` with arguments, one fewer: multilinear.
    pub(super) fn contracted(k: usize, arguments: &[Self]) -> Result<Self, String> {
        if arguments.len() + 1 != k {
            let (n, found) = (k - 1, arguments.len());
            return Err(format!("the derivative of order {k} takes {n} arguments to make a vector, not {found}"));
        }
        let mut partial: Vec<(Vec<Tree>, Fraction)> = vec![(Vec::new(), Fraction::one())];
        for argument in arguments {
            if partial.len() * argument.terms.len() > MAX_TERMS {
                return Err(format!("more than {MAX_TERMS} terms are beyond the limit"));
            }
            let mut next = Vec::new();
            for (trees, c) in &partial {
                for (form, d) in &argument.terms {
                    let Form::Vector(tree) = form else {
                        return Err(format!("an argument is a vector, not {}", form.name()));
                    };
                    let size: usize = 1 + tree.size() + trees.iter().map(Tree::size).sum::<usize>();
                    if size > MAX_NODES {
                        return Err(format!("a term of more than {MAX_NODES} derivatives is beyond the limit"));
                    }
                    if c.numerator().degree() + d.numerator().degree() > MAX_DEGREE {
                        return Err(format!("a degree above {MAX_DEGREE} is beyond the limit"));
                    }
                    let trees = trees.iter().cloned().chain(std::iter::once(tree.clone())).collect();
                    next.push((trees, c.times(d)));
                }
            }
            partial = next;
        }
        let mut result = Self::zero();
        for (trees, c) in partial {
            result.add(Form::Vector(Tree::grafted(trees)), &c)?;
        }
        result.factors = Vec::new();
        Ok(result)
    }
}

fn within_limits(value: &Fraction) -> Result<(), String> {
    let large = |q: &Rational| q.numerator().bits() > MAX_BITS || q.denominator().bits() > MAX_BITS;
    if value.numerator().terms().any(|(_, q)| large(q)) {
        return Err(format!("a number of more than {MAX_BITS} bits is beyond the limit"));
    }
    if value.numerator().degree() > MAX_DEGREE || value.denominator().map(|(_, p)| p).sum::<u32>() > MAX_DEGREE {
        return Err(format!("a degree above {MAX_DEGREE} is beyond the limit"));
    }
    if value.numerator().terms().len() > MAX_TERMS {
        return Err(format!("a coefficient of more than {MAX_TERMS} terms is beyond the limit"));
    }
    Ok(())
}
