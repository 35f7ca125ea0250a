//! Expressions as quotients of polynomials in their inputs and in the functions that occur in them.

use super::RationalFunction;
use crate::expr::fold::{exact_power, exact_value};
use crate::expr::{Algebra, Function, Id, NotPolynomial, Op, Polynomial, Pool, Tape, Variable};
use crate::formula::Formula;
use crate::number::{Coefficient, Rational};
use num_integer::Integer;

/// A function or a root that counts as a variable of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Atom {
    /// π.
    Pi,
    /// A function of something.
    Call(Function, RationalFunction),
    /// Something to a power between 0 and 1, whose numerator is 1.
    Root(RationalFunction, Rational),
    /// `log Σ exp` of some.
    LogSumExp(Vec<RationalFunction>),
}

/// Expressions as [`RationalFunction`]s: of the entries of θ, then the symbols, then the [atoms](Atom), of which later ones are made of
/// earlier ones.
///
/// Terms are collected and cancelled as those of polynomials are, so that a quotient may exist where the expression divides 0 by 0; it
/// has the expression's value wherever that has one.
///
/// ```
/// use shadowflow::expr::{Collected, Function, Pool, Shape};
/// let mut pool = Pool::new();
/// let (x, y) = (pool.declare_parameter("x", Shape::scalar()), pool.declare_parameter("y", Shape::scalar()));
/// let tanh = pool.apply(Function::Tanh, x);
/// let square = pool.mul(tanh, tanh);
/// let (up, down) = (pool.mul(square, y), pool.mul(tanh, x));
/// let sum = pool.add(up, down);
/// let quotient = pool.div(sum, y);
/// let collected = Collected::new(&pool, &[quotient], 1000)?;
/// assert_eq!(collected.formulas(&pool)[0].to_string(), "tanh(x)*(y*tanh(x) + x)/y");
/// # Ok::<(), shadowflow::expr::NotPolynomial>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// The expressions, in order.
    pub functions: Vec<RationalFunction>,
    /// What stands for the variables after the entries of θ and the symbols.
    pub atoms: Vec<Atom>,
}

impl Collected {
    /// Collects scalar expressions, every polynomial on the way within `max_terms` terms.
    ///
    /// # Errors
    /// [`NotPolynomial`] beyond the limit, for products that take too long, and for expressions that read a direction.
    pub fn new(pool: &Pool, roots: &[Id], max_terms: usize) -> Result<Self, NotPolynomial> {
        let tape = Tape::new(pool, roots);
        let inputs = pool.dimension() + pool.symbols().len();
        let is_atom = |op: &&Op| match op {
            Op::Pow(_, e) => !e.is_integer(),
            Op::Pi | Op::Apply(..) | Op::LogSumExp(_) => true,
            _ => false,
        };
        let variables = inputs + tape.ops.iter().filter(is_atom).count();
        let dimension = pool.dimension();
        let collect = |exponents: Vec<RationalFunction>| {
            let mut collector = Collector {
                variables,
                inputs,
                atoms: Vec::new(),
                exponents,
                max_terms,
                products: MAX_PRODUCTS,
                failure: None,
            };
            let functions = tape.evaluate(&mut collector, |algebra, input| match input {
                Variable::Theta(k) => Polynomial::variable(variables, k as usize).into(),
                Variable::Symbol(s) => Polynomial::variable(variables, dimension + s as usize).into(),
                Variable::Direction(..) => algebra.fail(NotPolynomial::Function("direction")),
            });
            match collector.failure {
                Some(failure) => Err(failure),
                None => Ok(Self { functions, atoms: collector.atoms }),
            }
        };
        // `exp(x)` and `exp(3x)` are powers of one atom, which is known when all exponents are.
        let first = collect(Vec::new())?;
        let exponents = common_exponents(&first.atoms);
        if exponents.is_empty() { Ok(first) } else { collect(exponents) }
    }

    /// The formulas of all variables: those of θ and the symbols, then the atoms, in each of which earlier ones are written out.
    ///
    /// Whoever names an atom puts its name at its place.
    #[must_use]
    pub fn variables(&self, pool: &Pool) -> Vec<Formula> {
        let mut variables = pool.theta_formulas();
        variables.extend(pool.symbols().iter().map(Formula::name));
        let count = self.functions.first().map_or(variables.len(), RationalFunction::variables);
        // Those that no atom has are read nowhere.
        let inputs = variables.len();
        variables.resize(count.max(inputs), Formula::natural(0));
        for (k, atom) in self.atoms.iter().enumerate() {
            variables[inputs + k] = atom.formula(&variables);
        }
        variables
    }

    /// The expressions in factors, numerators and denominators.
    #[must_use]
    pub fn formulas(&self, pool: &Pool) -> Vec<Formula> {
        let variables = self.variables(pool);
        self.functions.iter().map(|f| f.formula(&variables)).collect()
    }
}

impl Atom {
    /// The atom as it is written, with these for the variables.
    #[must_use]
    pub fn formula(&self, variables: &[Formula]) -> Formula {
        match self {
            Self::Pi => Formula::name("pi"),
            Self::Call(function, argument) => Formula::call(function.name(), vec![argument.formula(variables)]),
            Self::Root(base, exponent) if *exponent == Rational::new(1, 2) => {
                Formula::call("sqrt", vec![base.formula(variables)])
            }
            Self::Root(base, exponent) => base.formula(variables).raised(exponent.formula()),
            Self::LogSumExp(terms) => {
                let terms = terms.iter().map(|t| t.formula(variables)).collect();
                Formula::call("logsumexp", vec![Formula::list(terms)])
            }
        }
    }
}

/// The most products of coefficients in all.
const MAX_PRODUCTS: u64 = 3_000_000;

/// The algebra of rational functions over atoms that are found on the way.
#[derive(Debug)]
struct Collector {
    variables: usize,
    inputs: usize,
    atoms: Vec<Atom>,
    /// What `exp` is taken of, where several exponents are multiples of one.
    exponents: Vec<RationalFunction>,
    max_terms: usize,
    products: u64,
    failure: Option<NotPolynomial>,
}

impl Collector {
    fn zero(&self) -> RationalFunction {
        Polynomial::zero(self.variables).into()
    }

    fn fail(&mut self, failure: NotPolynomial) -> RationalFunction {
        self.failure.get_or_insert(failure);
        self.zero()
    }

    fn atom(&mut self, atom: Atom) -> RationalFunction {
        let at = self.atoms.iter().position(|known| *known == atom).unwrap_or_else(|| {
            self.atoms.push(atom);
            self.atoms.len() - 1
        });
        Polynomial::variable(self.variables, self.inputs + at).into()
    }

    /// A function of something that is no number, by a function that is there already where one says it.
    fn call(&mut self, function: Function, a: &RationalFunction) -> RationalFunction {
        let one: RationalFunction = Polynomial::constant(self.variables, Rational::ONE).into();
        match function {
            Function::Exp => return self.exponential(a),
            Function::Expm1 => {
                let exponential = self.exponential(a);
                return self.add(&exponential, &one.scaled(&Rational::MINUS_ONE));
            }
            _ => {}
        }
        let mirrored = a.scaled(&Rational::MINUS_ONE);
        let all_negative = a.numerator().terms().all(|(_, c)| c.is_negative());
        let known = self.atoms.contains(&Atom::Call(function, mirrored.clone()));
        if !(known || all_negative) || self.atoms.contains(&Atom::Call(function, a.clone())) {
            return self.atom(Atom::Call(function, a.clone()));
        }
        match function {
            Function::Sin
            | Function::Tan
            | Function::Asin
            | Function::Atan
            | Function::Sinh
            | Function::Tanh
            | Function::Erf
            | Function::Sign => self.atom(Atom::Call(function, mirrored)).scaled(&Rational::MINUS_ONE),
            Function::Cos | Function::Cosh | Function::Abs => self.atom(Atom::Call(function, mirrored)),
            // σ(−u) = 1 − σ(u), softplus(−u) = softplus(u) − u
            Function::Sigmoid => {
                let other = self.atom(Atom::Call(function, mirrored)).scaled(&Rational::MINUS_ONE);
                self.add(&one, &other)
            }
            Function::Softplus => {
                let other = self.atom(Atom::Call(function, mirrored));
                self.add(&other, a)
            }
            _ => self.atom(Atom::Call(function, a.clone())),
        }
    }

    fn exponential(&mut self, a: &RationalFunction) -> RationalFunction {
        let whole = |q: &Rational| q.is_integer().then(|| q.to_i64()).flatten();
        let power = self.exponents.iter().find_map(|base| Some((base.clone(), whole(&ratio(a, base)?)?)));
        let Some((base, power)) = power else { return self.atom(Atom::Call(Function::Exp, a.clone())) };
        let atom = self.atom(Atom::Call(Function::Exp, base));
        atom.power(power, self.max_terms).unwrap_or_else(|failure| self.fail(failure))
    }

    /// Does an operation of two unless something failed before, or too much was done.
    fn joined(
        &mut self,
        a: &RationalFunction,
        b: &RationalFunction,
        join: impl Fn(&RationalFunction, &RationalFunction, usize) -> Result<RationalFunction, NotPolynomial>,
    ) -> RationalFunction {
        if self.failure.is_some() {
            return self.zero();
        }
        let size = |f: &RationalFunction| {
            let below: usize = f.denominator().iter().map(|(f, power)| f.len() * *power as usize).sum();
            (f.numerator().len() + below) as u64
        };
        match self.products.checked_sub(size(a).saturating_mul(size(b))) {
            Some(left) => self.products = left,
            None => return self.fail(NotPolynomial::TooManyProducts(MAX_PRODUCTS)),
        }
        join(a, b, self.max_terms).unwrap_or_else(|failure| self.fail(failure))
    }
}

/// `q` with `a = q b`, where there is such a number.
fn ratio(a: &RationalFunction, b: &RationalFunction) -> Option<Rational> {
    let leading = |f: &RationalFunction| f.numerator().terms().next().map(|(_, c)| c.clone());
    let q = leading(a)?.checked_div(&leading(b)?)?;
    (b.scaled(&q) == *a).then_some(q)
}

/// Of the exponents that are multiples of each other, what all of them are whole multiples of.
fn common_exponents(atoms: &[Atom]) -> Vec<RationalFunction> {
    let exponent = |atom: &'_ Atom| match atom {
        Atom::Call(Function::Exp, exponent) => Some(exponent.clone()),
        _ => None,
    };
    let mut groups: Vec<(RationalFunction, Vec<Rational>)> = Vec::new();
    for new in atoms.iter().filter_map(exponent) {
        match groups.iter_mut().find_map(|(first, ratios)| Some((ratio(&new, first)?, ratios))) {
            Some((q, ratios)) => ratios.push(q),
            None => groups.push((new, vec![Rational::ONE])),
        }
    }
    let several = groups.into_iter().filter(|(_, ratios)| ratios.len() > 1);
    let common = several.map(|(first, ratios)| {
        let above = ratios.iter().fold(num_bigint::BigInt::ZERO, |g, q| g.gcd(&q.numerator()));
        let below = ratios.iter().fold(num_bigint::BigInt::from(1), |l, q| l.lcm(&q.denominator()));
        let unit = Rational::from(above).checked_div(&Rational::from(below)).unwrap_or(Rational::ONE);
        let sign = if ratios.iter().all(Rational::is_negative) { Rational::MINUS_ONE } else { Rational::ONE };
        first.scaled(&(&unit * &sign))
    });
    common.collect()
}

fn number(f: &RationalFunction) -> Option<Rational> {
    f.numerator().as_constant().filter(|_| f.denominator().is_empty())
}

impl Algebra for Collector {
    type Value = RationalFunction;

    fn rational(&mut self, q: &Rational) -> RationalFunction {
        Polynomial::constant(self.variables, q.clone()).into()
    }

    fn pi(&mut self) -> RationalFunction {
        self.atom(Atom::Pi)
    }

    fn add(&mut self, a: &RationalFunction, b: &RationalFunction) -> RationalFunction {
        self.joined(a, b, RationalFunction::plus)
    }

    fn mul(&mut self, a: &RationalFunction, b: &RationalFunction) -> RationalFunction {
        self.joined(a, b, RationalFunction::times)
    }

    fn scale(&mut self, q: &Rational, a: &RationalFunction) -> RationalFunction {
        a.scaled(q)
    }

    fn pow(&mut self, a: &RationalFunction, exponent: &Rational) -> RationalFunction {
        if self.failure.is_some() {
            return self.zero();
        }
        if let Some(value) = number(a).and_then(|q| exact_power(&q, exponent)) {
            return self.rational(&value);
        }
        let Some(power) = Rational::from(exponent.numerator()).to_i64() else {
            return self.fail(NotPolynomial::Power(exponent.clone()));
        };
        let base = if exponent.is_integer() {
            a.clone()
        } else {
            let root = Rational::from(exponent.denominator()).recip().unwrap_or_default();
            self.atom(Atom::Root(a.clone(), root))
        };
        base.power(power, self.max_terms).unwrap_or_else(|failure| self.fail(failure))
    }

    fn apply(&mut self, function: Function, a: &RationalFunction) -> RationalFunction {
        if self.failure.is_some() {
            return self.zero();
        }
        match number(a).and_then(|q| exact_value(function, &q)) {
            Some(value) => self.rational(&value),
            None => self.call(function, a),
        }
    }

    fn logsumexp(&mut self, terms: &[RationalFunction]) -> RationalFunction {
        match terms {
            [only] => only.clone(),
            _ => self.atom(Atom::LogSumExp(terms.to_vec())),
        }
    }

    fn is_zero(&self, a: &RationalFunction) -> bool {
        a.is_zero()
    }
}
