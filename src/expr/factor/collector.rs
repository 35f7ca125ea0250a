//! The walk that collects expressions as quotients of polynomials over functions that are found on the way.

use super::relations::{Choice, Kind, Pair, Relation};
use super::shared::MAX_SUM;
use super::{Atom, Collected, RationalFunction, division};
use crate::expr::fold::{exact_power, exact_value};
use crate::expr::{Algebra, Function, NotPolynomial, Op, Polynomial, Pool, Tape, Variable};
use crate::number::Rational;
use crate::number::{common_divisor, common_multiple};
use std::collections::BTreeSet;

/// The most products of coefficients in all.
const MAX_PRODUCTS: u64 = 3_000_000;

/// The most exponents of terms that are read in all: each term has one for every variable.
const MAX_EXPONENTS: u64 = 10_000_000;

/// The most sums that are factors and kept to be looked for in others.
const MAX_SUMS: usize = 12;

/// What arguments are multiples of: exponentials are powers of one, and the signs of others are those that all have.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// Whether for an exponential, the primitive argument, the multiples met, and what they are multiples of.
    known: Vec<(bool, RationalFunction, Vec<Rational>, Option<Rational>)>,
}

impl Units {
    /// The unit of an argument that is `c` times a primitive one.
    fn unit(&mut self, exponential: bool, c: &Rational, primitive: &RationalFunction) -> Rational {
        let known = self.known.iter_mut().find(|(kind, argument, ..)| *kind == exponential && argument == primitive);
        match known {
            Some((_, _, met, unit)) => {
                met.push(c.clone());
                let fits = |unit: &&Rational| c.checked_div(unit).is_some_and(|q| q.is_integer());
                unit.as_ref().filter(fits).cloned().unwrap_or_else(|| c.clone())
            }
            None => {
                self.known.push((exponential, primitive.clone(), vec![c.clone()], None));
                c.clone()
            }
        }
    }

    /// Settles what all multiples met are multiples of; says whether some differ.
    pub(super) fn settle(&mut self) -> bool {
        let mut differ = false;
        for (_, _, met, unit) in &mut self.known {
            let above = met.iter().fold(num_bigint::BigInt::ZERO, |g, c| common_divisor(&g, &c.numerator()));
            let below = met.iter().fold(num_bigint::BigInt::from(1), |l, c| common_multiple(&l, &c.denominator()));
            let size = Rational::from_bigints(above, below);
            *unit = size.map(|size| if met.iter().all(Rational::is_negative) { -size } else { size });
            differ |= met.iter().any(|c| Some(c) != unit.as_ref());
        }
        differ
    }
}

/// Collects a tape by one choice of functions.
pub(super) fn collect(
    pool: &Pool,
    tape: &Tape,
    choice: Choice,
    units: &mut Units,
    max_terms: usize,
) -> Result<Collected, NotPolynomial> {
    let dimension = pool.dimension();
    let inputs = dimension + pool.symbols().len();
    let is_atom = |op: &&Op| match op {
        Op::Pow(_, e) => !e.is_integer(),
        Op::Pi | Op::Apply(..) | Op::LogSumExp(_) => true,
        _ => false,
    };
    // A sine brings its cosine along.
    let variables = inputs + 2 * tape.ops.iter().filter(is_atom).count();
    let mut collector = Collector {
        variables,
        inputs,
        choice,
        units,
        atoms: Vec::new(),
        own: Vec::new(),
        relations: Vec::new(),
        poles: Vec::new(),
        sums: Vec::new(),
        max_terms,
        products: MAX_PRODUCTS,
        exponents: MAX_EXPONENTS,
        failure: None,
    };
    let values = tape.evaluate(&mut collector, |algebra, input| match input {
        Variable::Theta(k) => Value::from(Polynomial::variable(variables, k as usize)),
        Variable::Symbol(s) => Value::from(Polynomial::variable(variables, dimension + s as usize)),
        Variable::Direction(..) => algebra.fail(NotPolynomial::Function("direction")),
    });
    if let Some(failure) = collector.failure {
        return Err(failure);
    }
    let poles = |set: &BTreeSet<usize>| set.iter().map(|k| collector.poles[*k].clone()).collect::<Vec<_>>();
    let collected = Collected {
        poles: values.iter().map(|v| poles(&v.poles)).collect(),
        own: collector.own.iter().map(poles).collect(),
        functions: values.into_iter().map(|v| v.function).collect(),
        atoms: collector.atoms,
        relations: collector.relations.into_iter().filter(Relation::is_square).collect(),
        sums: collector.sums,
    };
    Ok(collected.compact(variables, inputs))
}

/// A function with what its expression divides by anywhere.
#[derive(Debug, Clone)]
struct Value {
    function: RationalFunction,
    poles: BTreeSet<usize>,
}

impl From<Polynomial> for Value {
    fn from(p: Polynomial) -> Self {
        Self { function: p.into(), poles: BTreeSet::new() }
    }
}

/// The algebra of rational functions over atoms that are found on the way.
#[derive(Debug)]
struct Collector<'a> {
    variables: usize,
    inputs: usize,
    choice: Choice,
    units: &'a mut Units,
    atoms: Vec<Atom>,
    own: Vec<BTreeSet<usize>>,
    relations: Vec<Relation>,
    poles: Vec<Polynomial>,
    sums: Vec<Polynomial>,
    max_terms: usize,
    products: u64,
    exponents: u64,
    failure: Option<NotPolynomial>,
}

impl Collector<'_> {
    fn zero(&self) -> Value {
        Polynomial::zero(self.variables).into()
    }

    fn fail(&mut self, failure: NotPolynomial) -> Value {
        self.failure.get_or_insert(failure);
        self.zero()
    }

    fn one(&self) -> Polynomial {
        Polynomial::constant(self.variables, Rational::ONE)
    }

    /// The variable of an atom, and whether it is new.
    fn variable(&mut self, atom: Atom, poles: &BTreeSet<usize>) -> (usize, bool) {
        match self.atoms.iter().position(|known| *known == atom) {
            Some(at) => (self.inputs + at, false),
            None => {
                self.atoms.push(atom);
                self.own.push(poles.clone());
                (self.inputs + self.atoms.len() - 1, true)
            }
        }
    }

    fn atom(&mut self, atom: Atom, poles: &BTreeSet<usize>) -> Value {
        let (at, _) = self.variable(atom, poles);
        Value { function: Polynomial::variable(self.variables, at).into(), poles: poles.clone() }
    }

    /// Keeps a sum that is a factor.
    fn see(&mut self, a: &Value) {
        let p = a.function.numerator();
        if (2..=MAX_SUM).contains(&p.len()) && self.sums.len() < MAX_SUMS {
            let sum = division::primitive(p);
            if !self.sums.contains(&sum) {
                self.sums.push(sum);
            }
        }
    }

    fn pole(&mut self, p: &Polynomial) -> usize {
        self.poles.iter().position(|known| known == p).unwrap_or_else(|| {
            self.poles.push(p.clone());
            self.poles.len() - 1
        })
    }

    /// What a root or a logarithm of this has no value beyond, with what it divides by.
    fn with_edges(&mut self, a: &Value) -> BTreeSet<usize> {
        let mut poles = a.poles.clone();
        for (factor, _) in a.function.factored(&[]).factors {
            poles.insert(self.pole(&factor));
        }
        poles
    }

    fn call(&mut self, function: Function, a: &Value) -> Value {
        if function == Function::Log {
            let poles = self.with_edges(a);
            return self.atom(Atom::Call(function, a.function.clone()), &poles);
        }
        self.atom(Atom::Call(function, a.function.clone()), &a.poles)
    }

    /// The result by all relations.
    fn normal(&mut self, mut value: Value) -> Value {
        let mut read = value.function.read();
        for k in 0..self.relations.len() {
            if !read[self.relations[k].variable] {
                continue;
            }
            match self.relations[k].applied(&value.function, self.max_terms) {
                Ok(function) => {
                    value.function = function;
                    read = value.function.read();
                }
                Err(failure) => return self.fail(failure),
            }
        }
        value
    }

    /// Does an operation of two unless something failed before, or too much was done.
    fn joined(
        &mut self,
        a: &Value,
        b: &Value,
        join: impl Fn(&RationalFunction, &RationalFunction, usize) -> Result<RationalFunction, NotPolynomial>,
    ) -> Value {
        if self.failure.is_some() {
            return self.zero();
        }
        let size = |f: &RationalFunction| {
            let below: usize = f.denominator().iter().map(|(f, power)| f.len() * *power as usize).sum();
            (f.numerator().len() + below) as u64
        };
        let (m, n) = (size(&a.function), size(&b.function));
        let exponents = (m + n).saturating_mul(self.variables as u64);
        match (self.products.checked_sub(m.saturating_mul(n)), self.exponents.checked_sub(exponents)) {
            (Some(products), Some(exponents)) => (self.products, self.exponents) = (products, exponents),
            _ => return self.fail(NotPolynomial::TooManyProducts(MAX_PRODUCTS)),
        }
        match join(&a.function, &b.function, self.max_terms) {
            Ok(function) => {
                let poles = a.poles.union(&b.poles).copied().collect();
                self.normal(Value { function, poles })
            }
            Err(failure) => self.fail(failure),
        }
    }

    /// Sine, cosine or tangent, circular or hyperbolic, of an argument without a leading minus.
    fn wave(&mut self, function: Function, a: &Value) -> Value {
        use Function as F;
        let hyperbolic = matches!(function, F::Sinh | F::Cosh | F::Tanh);
        let (sine, cosine, tangent) = if hyperbolic { (F::Sinh, F::Cosh, F::Tanh) } else { (F::Sin, F::Cos, F::Tan) };
        let pair = if hyperbolic { self.choice.hyperbola } else { self.choice.circle };
        let other = if pair == Pair::Tangent { tangent } else { sine };
        if pair == Pair::Tangent && function == tangent && hyperbolic {
            return self.call(function, a);
        }
        let (c, new) = self.variable(Atom::Call(cosine, a.function.clone()), &a.poles);
        let below = self.pole(&Polynomial::variable(self.variables, c));
        let mut own = a.poles.clone();
        if other == F::Tan {
            own.insert(below);
        }
        let (s, _) = self.variable(Atom::Call(other, a.function.clone()), &own);
        let (cosine_of, other_of) = (Polynomial::variable(self.variables, c), Polynomial::variable(self.variables, s));
        if new {
            let square =
                |p: &Polynomial| p.power(2, self.max_terms).unwrap_or_else(|_| Polynomial::zero(self.variables));
            let one = self.one();
            let (variable, value, kind) = match (pair, hyperbolic) {
                (Pair::Tangent, true) => (c, one.minus(&square(&other_of)), Kind::Inverse),
                (Pair::Tangent, false) => (c, one.plus(&square(&other_of)), Kind::Inverse),
                (Pair::Sine, true) => (c, one.plus(&square(&other_of)), Kind::Power),
                (Pair::Sine, false) => (c, one.minus(&square(&other_of)), Kind::Power),
                (Pair::Cosine, true) => (s, square(&cosine_of).minus(&one), Kind::Power),
                (Pair::Cosine, false) => (s, one.minus(&square(&cosine_of)), Kind::Power),
            };
            self.relations.push(Relation { variable, power: 2, value, kind });
        }
        let value = |p: Polynomial, poles: &BTreeSet<usize>| Value { function: p.into(), poles: poles.clone() };
        let (cosine_value, other_value) = (value(cosine_of, &a.poles), value(other_of, &own));
        match (function == cosine, function == other) {
            (true, _) => cosine_value,
            (_, true) => other_value,
            // A sine as tangent times cosine, a tangent as their quotient.
            _ if pair == Pair::Tangent => {
                let mut product = self.mul(&other_value, &cosine_value);
                product.poles = a.poles.clone();
                product
            }
            _ => {
                let inverse = self.pow(&cosine_value, &Rational::MINUS_ONE);
                self.mul(&other_value, &inverse)
            }
        }
    }

    /// The absolute value, whose square is that of the argument.
    fn absolute(&mut self, a: &Value) -> Value {
        let (variable, new) = self.variable(Atom::Call(Function::Abs, a.function.clone()), &a.poles);
        if new
            && a.function.denominator().is_empty()
            && let Ok(value) = a.function.numerator().power(2, self.max_terms)
        {
            self.relations.push(Relation { variable, power: 2, value, kind: Kind::Root });
        }
        Value { function: Polynomial::variable(self.variables, variable).into(), poles: a.poles.clone() }
    }

    /// `u^c` and `v` of an exponent `c log(u) + v`, if there are logarithms in it.
    fn power_of_logarithms(&mut self, a: &Value) -> Option<(Value, Value)> {
        if !a.function.denominator().is_empty() {
            return None;
        }
        let numerator = a.function.numerator().clone();
        let logarithm = |e: &[u32]| {
            let at = e.iter().position(|e| *e > 0).filter(|_| e.iter().sum::<u32>() == 1)?;
            match self.atoms.get(at.checked_sub(self.inputs)?)? {
                Atom::Call(Function::Log, argument) => Some(argument.clone()),
                _ => None,
            }
        };
        let mut found = Vec::new();
        let mut rest = Vec::new();
        for (e, c) in numerator.terms() {
            match logarithm(e) {
                Some(argument) => found.push((argument, c.clone())),
                None => rest.push((e.to_vec(), c.clone())),
            }
        }
        if found.is_empty() {
            return None;
        }
        let of = |function: RationalFunction| Value { function, poles: a.poles.clone() };
        let mut product = of(self.one().into());
        for (argument, c) in found {
            let power = self.pow(&of(argument), &c);
            product = self.mul(&product, &power);
        }
        Some((product, of(Polynomial::from_terms(self.variables, rest).into())))
    }

    /// `c` and `u` of an argument `c u` with a primitive numerator.
    fn split(a: &Value) -> (Rational, Value) {
        let c = division::content(a.function.numerator());
        let inverse = c.recip().unwrap_or(Rational::ONE);
        (c, Value { function: a.function.scaled(&inverse), poles: a.poles.clone() })
    }
}

fn number(f: &RationalFunction) -> Option<Rational> {
    f.numerator().as_constant().filter(|_| f.denominator().is_empty())
}

impl Algebra for Collector<'_> {
    type Value = Value;

    fn rational(&mut self, q: &Rational) -> Value {
        Polynomial::constant(self.variables, q.clone()).into()
    }

    fn pi(&mut self) -> Value {
        self.atom(Atom::Pi, &BTreeSet::new())
    }

    fn add(&mut self, a: &Value, b: &Value) -> Value {
        self.joined(a, b, RationalFunction::plus)
    }

    fn mul(&mut self, a: &Value, b: &Value) -> Value {
        self.see(a);
        self.see(b);
        self.joined(a, b, RationalFunction::times)
    }

    fn scale(&mut self, q: &Rational, a: &Value) -> Value {
        Value { function: a.function.scaled(q), poles: a.poles.clone() }
    }

    fn pow(&mut self, a: &Value, exponent: &Rational) -> Value {
        if self.failure.is_some() {
            return self.zero();
        }
        if let Some(value) = number(&a.function).and_then(|q| exact_power(&q, exponent)) {
            return self.rational(&value);
        }
        self.see(a);
        let Some(power) = Rational::from(exponent.numerator()).to_i64() else {
            return self.fail(NotPolynomial::Power(exponent.clone()));
        };
        let mut base = if exponent.is_integer() {
            a.clone()
        } else if let Some(root) = a.function.square_root().filter(|_| exponent.denominator() == 2.into()) {
            self.absolute(&Value { function: root, poles: a.poles.clone() })
        } else {
            let root = Rational::from(exponent.denominator());
            let atom = Atom::Root(a.function.clone(), root.recip().unwrap_or_default());
            let poles = self.with_edges(a);
            let (variable, new) = self.variable(atom, &poles);
            if new
                && a.function.denominator().is_empty()
                && let Some(power) = root.to_i64().and_then(|n| u32::try_from(n).ok())
            {
                let value = a.function.numerator().clone();
                self.relations.push(Relation { variable, power, value, kind: Kind::Root });
            }
            Value { function: Polynomial::variable(self.variables, variable).into(), poles }
        };
        if power < 0 {
            let factored = base.function.factored(&[]);
            for (factor, _) in &factored.factors {
                base.poles.insert(self.pole(factor));
            }
        }
        match base.function.power(power, self.max_terms) {
            Ok(function) => self.normal(Value { function, poles: base.poles }),
            Err(failure) => self.fail(failure),
        }
    }

    fn apply(&mut self, function: Function, a: &Value) -> Value {
        use Function as F;
        if self.failure.is_some() {
            return self.zero();
        }
        if let Some(value) = number(&a.function).and_then(|q| exact_value(function, &q)) {
            return self.rational(&value);
        }
        let (c, primitive) = Self::split(a);
        match function {
            F::Exp if let Some((power, rest)) = self.power_of_logarithms(a) => {
                let rest = self.apply(F::Exp, &rest);
                self.mul(&power, &rest)
            }
            F::Exp => {
                let unit = self.units.unit(true, &c, &primitive.function);
                let base = self.scale(&unit, &primitive);
                let atom = self.call(function, &base);
                let power = c.checked_div(&unit).unwrap_or(Rational::ONE);
                let mut value = self.pow(&atom, &power);
                // No exponential is zero.
                value.poles = a.poles.clone();
                value
            }
            F::Expm1 => {
                let exponential = self.apply(F::Exp, a);
                let one = self.one().into();
                self.sub(&exponential, &one)
            }
            F::Sigmoid | F::Softplus => {
                let (size, sign) = (c.abs(), Rational::from(if c.is_negative() { -1 } else { 1 }));
                let argument = self.scale(&size, &primitive);
                let unit = self.units.unit(false, &sign, &argument.function);
                let base = self.scale(&unit, &argument);
                let value = self.call(function, &base);
                if unit == sign {
                    return value;
                }
                // 1 − σ(u) and softplus(u) − u.
                let (plus, minus) = match function {
                    F::Sigmoid => (self.one().into(), value),
                    _ => (value, base),
                };
                self.sub(&plus, &minus)
            }
            F::Sin | F::Tan | F::Sinh | F::Tanh | F::Asin | F::Atan | F::Erf | F::Sign if c.is_negative() => {
                let opposite = self.scale(&Rational::MINUS_ONE, a);
                let value = self.apply(function, &opposite);
                self.scale(&Rational::MINUS_ONE, &value)
            }
            F::Abs if !c.is_negative() => self.absolute(a),
            F::Cos | F::Cosh | F::Abs if c.is_negative() => {
                let opposite = self.scale(&Rational::MINUS_ONE, a);
                self.apply(function, &opposite)
            }
            F::Sin | F::Cos | F::Tan | F::Sinh | F::Cosh | F::Tanh => self.wave(function, a),
            F::Step => {
                let (variable, new) = self.variable(Atom::Call(function, a.function.clone()), &a.poles);
                let own = Polynomial::variable(self.variables, variable);
                if new {
                    self.relations.push(Relation { variable, power: 2, value: own.clone(), kind: Kind::Power });
                }
                Value { function: own.into(), poles: a.poles.clone() }
            }
            _ => self.call(function, a),
        }
    }

    fn logsumexp(&mut self, terms: &[Value]) -> Value {
        match terms {
            [only] => only.clone(),
            _ => {
                let poles = terms.iter().flat_map(|t| t.poles.iter().copied()).collect();
                self.atom(Atom::LogSumExp(terms.iter().map(|t| t.function.clone()).collect()), &poles)
            }
        }
    }

    fn is_zero(&self, a: &Value) -> bool {
        a.function.is_zero()
    }
}
