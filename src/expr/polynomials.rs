//! The algebra of polynomials: expansion of expressions by walking their tape.

use super::fold::{exact_power, exact_value};
use super::{Algebra, Function, MAX_FOLDED_BITS, NotPolynomial, Polynomial, Tape, Variable};
use crate::number::Rational;

/// The algebra of polynomials in a number of variables, with limits on what expansion may take.
///
/// The first operation that leaves the polynomials or a limit is kept in [`Polynomials::failure`]; from then on every
/// value is zero, costs nothing and means nothing.
///
/// ```
/// use shadowflow::expr::{Algebra, Polynomials};
/// let mut algebra = Polynomials::new(2, 1000);
/// let (x, y) = (algebra.variable(0), algebra.variable(1));
/// let sum = algebra.add(&x, &y);
/// let square = algebra.pow(&sum, &2.into());
/// assert_eq!(square.to_text(&["x".to_owned(), "y".to_owned()]), "x^2 + 2*x*y + y^2");
/// algebra.pow(&sum, &(-1).into());
/// assert!(algebra.failure.is_some());
/// ```
#[derive(Debug, Clone)]
pub struct Polynomials {
    /// The number of variables.
    pub variables: usize,
    /// The largest number of terms of any polynomial.
    pub max_terms: usize,
    /// The largest number of products of coefficients, in all; products of large ones count for more.
    pub max_products: u64,
    /// What failed first.
    pub failure: Option<NotPolynomial>,
    products: u64,
}

impl Polynomials {
    /// The default of [`Polynomials::max_products`]: a few seconds.
    pub const MAX_PRODUCTS: u64 = 30_000_000;

    /// Polynomials in this many variables with at most this many terms.
    #[must_use]
    pub fn new(variables: usize, max_terms: usize) -> Self {
        Self { variables, max_terms, max_products: Self::MAX_PRODUCTS, failure: None, products: 0 }
    }

    /// One of the variables.
    ///
    /// # Panics
    /// If `k` is not below the number of variables.
    #[must_use]
    pub fn variable(&self, k: usize) -> Polynomial {
        Polynomial::variable(self.variables, k)
    }

    /// Expands the outputs of a tape, the variables being the entries of θ, `dimension` in number, then the symbols.
    ///
    /// # Errors
    /// The first failure: see [`NotPolynomial`].
    ///
    /// # Panics
    /// If the tape has an input beyond the number of variables, or reads a direction.
    pub fn expand(&mut self, tape: &Tape, dimension: usize) -> Result<Vec<Polynomial>, NotPolynomial> {
        let expanded = tape.balanced().evaluate(self, |algebra, input| match input {
            Variable::Theta(k) => algebra.variable(k as usize),
            Variable::Symbol(s) => algebra.variable(dimension + s as usize),
            Variable::Direction(..) => panic!("a direction is given a value before it is expanded"),
        });
        match &self.failure {
            Some(failure) => Err(failure.clone()),
            None => Ok(expanded),
        }
    }

    fn fail(&mut self, failure: NotPolynomial) -> Polynomial {
        self.failure.get_or_insert(failure);
        Polynomial::zero(self.variables)
    }

    /// Keeps a result within the limits on terms and coefficients.
    fn checked(&mut self, value: Polynomial) -> Polynomial {
        if value.len() > self.max_terms {
            return self.fail(NotPolynomial::TooManyTerms(self.max_terms));
        }
        if value.max_bits() > MAX_FOLDED_BITS {
            return self.fail(NotPolynomial::CoefficientTooLarge);
        }
        value
    }

    /// The product, counted.
    fn product(&mut self, a: &Polynomial, b: &Polynomial) -> Result<Polynomial, NotPolynomial> {
        let pairs = (a.len() as u64).saturating_mul(b.len() as u64);
        // Beyond machine integers every sum and product reduces a fraction, at a cost quadratic in its bits.
        let bits = a.max_bits().saturating_add(b.max_bits());
        let weight = if bits <= 250 { 1 } else { bits.saturating_mul(bits) >> 10 };
        self.products = self.products.saturating_add(pairs.saturating_mul(weight));
        if self.products > self.max_products {
            return Err(NotPolynomial::TooManyProducts(self.max_products));
        }
        a.times(b, self.max_terms)
    }

    fn power(&mut self, a: &Polynomial, exponent: u32) -> Result<Polynomial, NotPolynomial> {
        if a.len() <= 1 {
            return a.power(exponent, self.max_terms);
        }
        let degree = u64::from(a.degree()) * u64::from(exponent);
        if degree > u64::from(super::MAX_DEGREE) {
            return Err(NotPolynomial::DegreeTooLarge(degree));
        }
        // Nothing cancels in a power of two terms.
        if a.len() == 2 && exponent as usize >= self.max_terms {
            return Err(NotPolynomial::TooManyTerms(self.max_terms));
        }
        a.power_with(exponent, |x, y| self.product(x, y))
    }
}

impl Algebra for Polynomials {
    type Value = Polynomial;

    fn rational(&mut self, q: &Rational) -> Polynomial {
        Polynomial::constant(self.variables, q.clone())
    }

    fn pi(&mut self) -> Polynomial {
        self.fail(NotPolynomial::Pi)
    }

    fn add(&mut self, a: &Polynomial, b: &Polynomial) -> Polynomial {
        if self.failure.is_some() {
            return Polynomial::zero(self.variables);
        }
        let sum = a.plus(b);
        self.checked(sum)
    }

    fn mul(&mut self, a: &Polynomial, b: &Polynomial) -> Polynomial {
        if self.failure.is_some() {
            return Polynomial::zero(self.variables);
        }
        self.product(a, b).unwrap_or_else(|failure| self.fail(failure))
    }

    fn scale(&mut self, q: &Rational, a: &Polynomial) -> Polynomial {
        if self.failure.is_some() {
            return Polynomial::zero(self.variables);
        }
        let product = a.scaled(q);
        self.checked(product)
    }

    fn pow(&mut self, a: &Polynomial, exponent: &Rational) -> Polynomial {
        if self.failure.is_some() {
            return Polynomial::zero(self.variables);
        }
        if let Some(value) = a.as_constant().and_then(|q| exact_power(&q, exponent)) {
            return Polynomial::constant(self.variables, value);
        }
        match exponent.to_i64().and_then(|n| u32::try_from(n).ok()) {
            Some(n) => self.power(a, n).unwrap_or_else(|failure| self.fail(failure)),
            None => self.fail(NotPolynomial::Power(exponent.clone())),
        }
    }

    fn apply(&mut self, function: Function, a: &Polynomial) -> Polynomial {
        match a.as_constant().and_then(|q| exact_value(function, &q)) {
            Some(value) => Polynomial::constant(self.variables, value),
            None => self.fail(NotPolynomial::Function(function.name())),
        }
    }

    fn logsumexp(&mut self, terms: &[Polynomial]) -> Polynomial {
        match terms {
            [only] => only.clone(),
            _ => self.fail(NotPolynomial::Function("logsumexp")),
        }
    }

    fn is_zero(&self, a: &Polynomial) -> bool {
        a.is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::testing::random_polynomial;
    use crate::expr::{Id, Pool};
    use proptest::prelude::*;

    fn expand(pool: &Pool, roots: &[Id]) -> Option<Vec<Polynomial>> {
        let dimension = pool.dimension();
        Polynomials::new(dimension + pool.symbols().len(), 2000).expand(&Tape::new(pool, roots), dimension).ok()
    }

    proptest! {
        // The calculus of the DAG against that of polynomials, exactly.
        #[test]
        fn derivatives_of_expressions_are_those_of_polynomials(
            code in prop::collection::vec(any::<u8>(), 1..30),
            vector in prop::collection::vec(any::<u8>(), 1..12),
        ) {
            let (mut p, loss) = random_polynomial(&code);
            let n = p.dimension();
            let Some(expanded) = expand(&p, &[loss]) else { return Ok(()) };
            let e = &expanded[0];
            prop_assume!(e.degree() < 12);
            let gradient = p.gradient_entries(loss);
            let derivatives: Vec<Polynomial> = (0..n).map(|i| e.derivative(i)).collect();
            prop_assert_eq!(expand(&p, &gradient), Some(derivatives.clone()));

            let lower = p.hessian_entries(loss);
            let hessian: Vec<Polynomial> =
                (0..n).flat_map(|i| (0..=i).map(move |j| (i, j))).map(|(i, j)| derivatives[i].derivative(j)).collect();
            prop_assert_eq!(expand(&p, &lower), Some(hessian));

            // Directions that depend on θ, and count as fixed.
            let theta = p.theta();
            let u: Vec<Id> = (0..n).map(|k| {
                let byte = vector[k % vector.len()];
                let other = theta[usize::from(byte) % n];
                let product = p.mul(other, theta[k]);
                p.scaled(&Rational::from(i64::from(byte % 3)), product)
            }).collect();
            let v = gradient.clone();
            let (Some(pu), Some(pv)) = (expand(&p, &u), expand(&p, &v)) else { return Ok(()) };
            let (u, v) = (p.by_parameter(&u), p.by_parameter(&v));
            let hv = p.hessian_vector(loss, &u);
            let third = p.third_contraction(loss, &u, &v);
            let (hv, third) = (p.entries(&hv), p.entries(&third));
            let Some((hv, third)) = expand(&p, &hv).zip(expand(&p, &third)) else { return Ok(()) };
            let zero = Polynomial::zero(e.variables());
            for i in 0..n {
                let mut product = zero.clone();
                let mut contraction = zero.clone();
                for (j, uj) in pu.iter().enumerate() {
                    let second = derivatives[i].derivative(j);
                    product = product.plus(&second.times(uj, 100_000).unwrap());
                    for (k, vk) in pv.iter().enumerate() {
                        let uv = uj.times(vk, 100_000).unwrap();
                        contraction = contraction.plus(&second.derivative(k).times(&uv, 100_000).unwrap());
                    }
                }
                prop_assert_eq!(&hv[i], &product);
                prop_assert_eq!(&third[i], &contraction);
            }
        }
    }

    #[test]
    fn failures_stick() {
        let mut a = Polynomials::new(1, 10);
        let x = a.variable(0);
        let half = Rational::new(1, 2);
        a.pow(&x, &half);
        assert_eq!(a.failure, Some(NotPolynomial::Power(half.clone())));
        a.pi();
        assert!(a.add(&x, &x).is_zero());
        assert_eq!(a.failure, Some(NotPolynomial::Power(half.clone())));
        // Functions and powers of constants are fine where they are rational.
        let mut a = Polynomials::new(1, 10);
        let zero = a.rational(&Rational::ZERO);
        assert_eq!(a.apply(Function::Exp, &zero).as_constant(), Some(Rational::ONE));
        let quarter = a.rational(&Rational::new(1, 4));
        assert_eq!(a.pow(&quarter, &Rational::new(-1, 2)).as_constant(), Some(2.into()));
        assert_eq!(a.failure, None);
        a.apply(Function::Sin, &x);
        assert_eq!(a.failure, Some(NotPolynomial::Function("sin")));
    }

    #[test]
    fn work_is_bounded() {
        let mut a = Polynomials::new(1, 100_000);
        a.max_products = 1_000_000;
        let (x, one) = (a.variable(0), a.rational(&Rational::ONE));
        let sum = a.add(&x, &one);
        a.pow(&sum, &60_000.into());
        assert!(matches!(a.failure, Some(NotPolynomial::TooManyProducts(_))), "{:?}", a.failure);
        // Dense powers of machine size use the budget too.
        let mut a = Polynomials::new(6, 100_000);
        a.max_products = 1_000_000;
        let sum = (0..6).map(|k| a.variable(k)).fold(Polynomial::zero(6), |s, x| s.plus(&x));
        let sum = a.pow(&sum, &6.into());
        assert_eq!(a.failure, None);
        a.mul(&sum, &sum);
        a.pow(&sum, &10.into());
        assert!(matches!(a.failure, Some(NotPolynomial::TooManyProducts(_))), "{:?}", a.failure);
    }
}
