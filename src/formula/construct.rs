//! Formulas from their parts: sums, products, powers, calls, and what our letters stand at.

use super::{Formula, Letter, Mark, Node};

impl Formula {
    /// A natural number.
    #[must_use]
    pub fn natural(n: u64) -> Self {
        Self::digits(n.to_string())
    }

    /// A number without a sign, as its digits with or without a point.
    #[must_use]
    pub fn digits(digits: impl Into<String>) -> Self {
        Self::new(Node::Number(digits.into()))
    }

    /// A name of the loss or of an optimizer.
    #[must_use]
    pub fn name(name: impl Into<String>) -> Self {
        Self::new(Node::Name(name.into()))
    }

    /// The entry of an array of the loss.
    #[must_use]
    pub fn entry(array: impl Into<String>, index: Vec<usize>) -> Self {
        Self::new(Node::Entry(array.into(), index))
    }

    /// A sum of terms, each with whether it is subtracted; 0 without any, and a lone term is itself.
    ///
    /// ```
    /// use shadowflow::formula::Formula;
    /// assert_eq!(Formula::sum(vec![]).to_string(), "0");
    /// assert_eq!(Formula::sum(vec![(true, Formula::name("x"))]).to_string(), "-x");
    /// ```
    #[must_use]
    pub fn sum(terms: Vec<(bool, Self)>) -> Self {
        Self::sum_of(terms, false)
    }

    /// [`Formula::sum`] without spaces in the loss language, as coefficients are written.
    #[must_use]
    pub fn tight_sum(terms: Vec<(bool, Self)>) -> Self {
        Self::sum_of(terms, true)
    }

    fn sum_of(mut terms: Vec<(bool, Self)>, tight: bool) -> Self {
        match terms.len() {
            0 => Self::natural(0),
            1 => terms.remove(0).into(),
            _ => Self::new(Node::Sum { terms, tight }),
        }
    }

    /// The formula with a minus before it.
    #[must_use]
    pub fn negated(self) -> Self {
        match self.node() {
            Node::Negative(size) => size.clone(),
            _ => Self::new(Node::Negative(self)),
        }
    }

    /// A product in the loss language; 1 without factors.
    #[must_use]
    pub fn product(mut factors: Vec<Self>) -> Self {
        match factors.len() {
            0 => Self::natural(1),
            1 => factors.remove(0),
            _ => Self::new(Node::Product(factors)),
        }
    }

    /// A coefficient with factors behind it, above the line where it has one: `-(1+m)/(2*(1-m)^3)` with `x` is `-(1+m)*x/(2*(1-m)^3)`.
    ///
    /// ```
    /// use shadowflow::formula::Formula;
    /// let third = Formula::natural(1).over(Formula::natural(3)).negated();
    /// assert_eq!(third.with_factors(vec![Formula::name("x"), Formula::name("y")]).to_string(), "-x*y/3");
    /// ```
    #[must_use]
    pub fn with_factors(self, factors: Vec<Self>) -> Self {
        let own = |factor: Self| match factor.node() {
            Node::Product(own) => own.clone(),
            _ => vec![factor],
        };
        let factors: Vec<Self> = factors.into_iter().flat_map(own).collect();
        match self.node() {
            Node::Negative(size) => size.clone().with_factors(factors).negated(),
            Node::Quotient(above, below) => above.clone().with_factors(factors).over(below.clone()),
            _ if self.is_number("1") && !factors.is_empty() => Self::product(factors),
            Node::Product(own) => Self::product(own.iter().cloned().chain(factors).collect()),
            _ => Self::product(std::iter::once(self.clone()).chain(factors).collect()),
        }
    }

    /// The product with a factor to the right.
    #[must_use]
    pub fn times(&self, factor: Self) -> Self {
        let mut factors = match self.node() {
            Node::Product(factors) => factors.clone(),
            _ => vec![self.clone()],
        };
        factors.push(factor);
        Self::new(Node::Product(factors))
    }

    /// A product or quotient with another factor before all others, as the loss language reads from the left.
    #[must_use]
    pub(crate) fn led_by(&self, factor: &Self) -> Self {
        match self.node() {
            Node::Quotient(above, below) => above.led_by(factor).over(below.clone()),
            Node::Product(factors) => {
                let first = factors[0].led_by(factor);
                factors[1..].iter().fold(first, |product, factor| product.times(factor.clone()))
            }
            _ => factor.times(self.clone()),
        }
    }

    /// Whether its text has a division that is not inside brackets.
    pub(crate) fn divides(&self) -> bool {
        match self.node() {
            Node::Quotient(..) => true,
            Node::Product(factors) => factors.first().is_some_and(Self::divides),
            Node::Negative(size) => size.divides(),
            _ => false,
        }
    }

    /// What it is made of: terms, factors, what is divided, raised, called or listed, exponents.
    pub(crate) fn parts(&self) -> Vec<&Self> {
        match self.node() {
            Node::Sum { terms, .. } => terms.iter().map(|(_, term)| term).collect(),
            Node::Product(all) | Node::List(all) | Node::Tuple(all) | Node::Beside(all) | Node::Call(_, all) => {
                all.iter().collect()
            }
            Node::Negative(one) | Node::Transposed(one) => vec![one],
            Node::Quotient(a, b) | Node::Power(a, b) | Node::MatrixProduct(a, b) => vec![a, b],
            Node::Contracted(derivative, arguments) => std::iter::once(derivative).chain(arguments).collect(),
            _ => Vec::new(),
        }
    }

    /// The same of other parts: terms, factors, what is divided, raised, called or listed, exponents.
    pub(crate) fn with_parts(&self, mut of: impl FnMut(&Self) -> Self) -> Self {
        let mut all = |formulas: &[Self]| formulas.iter().map(&mut of).collect::<Vec<_>>();
        match self.node() {
            Node::Sum { terms, tight } => {
                let terms = terms.iter().map(|(minus, term)| (*minus, of(term))).collect();
                Self::new(Node::Sum { terms, tight: *tight })
            }
            Node::Product(factors) => Self::product(all(factors)),
            Node::Negative(size) => of(size).negated(),
            Node::Quotient(above, below) => of(above).over(of(below)),
            Node::Power(base, exponent) => of(base).raised(of(exponent)),
            Node::Call(function, arguments) => Self::call(function, all(arguments)),
            Node::List(entries) => Self::list(all(entries)),
            _ => self.clone(),
        }
    }

    /// The quotient.
    #[must_use]
    pub fn over(self, divisor: Self) -> Self {
        Self::new(Node::Quotient(self, divisor))
    }

    /// The power with a natural exponent; the first power is the formula itself.
    #[must_use]
    pub fn power(self, exponent: u64) -> Self {
        if exponent == 1 { self } else { self.raised(Self::natural(exponent)) }
    }

    /// The power with any exponent.
    #[must_use]
    pub fn raised(self, exponent: Self) -> Self {
        Self::new(Node::Power(self, exponent))
    }

    /// A matrix with its rows and columns exchanged.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self::new(Node::Transposed(self))
    }

    /// The product of two matrices.
    #[must_use]
    pub fn matrix_product(self, right: Self) -> Self {
        Self::new(Node::MatrixProduct(self, right))
    }

    /// A function of the loss language.
    #[must_use]
    pub fn call(function: &'static str, arguments: Vec<Self>) -> Self {
        Self::new(Node::Call(function, arguments))
    }

    /// A literal array.
    #[must_use]
    pub fn list(entries: Vec<Self>) -> Self {
        Self::new(Node::List(entries))
    }

    /// Several in parentheses, as the entries of θ.
    ///
    /// ```
    /// use shadowflow::formula::{Formula, Spelling};
    /// let pair = Formula::tuple(vec![Formula::name("x"), Formula::name("y")]);
    /// assert_eq!((pair.to_string().as_str(), Spelling::default().latex(&pair).as_str()), ("(x, y)", "(x, y)"));
    /// ```
    #[must_use]
    pub fn tuple(entries: Vec<Self>) -> Self {
        Self::new(Node::Tuple(entries))
    }

    /// Factors beside each other, as a coefficient and what it belongs to.
    #[must_use]
    pub fn beside(factors: Vec<Self>) -> Self {
        Self::new(Node::Beside(factors))
    }

    /// A factor before something: left out where it is 1.
    ///
    /// ```
    /// use shadowflow::formula::Formula;
    /// let half = Formula::natural(1).over(Formula::natural(2));
    /// assert_eq!(half.before(Formula::name("z")).to_string(), "1/2 z");
    /// assert_eq!(Formula::natural(1).before(Formula::name("z")).to_string(), "z");
    /// ```
    #[must_use]
    pub fn before(self, rest: Self) -> Self {
        if self.is_number("1") { rest } else { Self::beside(vec![self, rest]) }
    }

    /// A written elementary differential.
    #[must_use]
    pub fn marks(marks: Vec<Mark>) -> Self {
        Self::new(Node::Marks(marks))
    }

    /// The coefficient of a power of the step size in something.
    #[must_use]
    pub fn coefficient(power: Self, of: Self) -> Self {
        Self::new(Node::Coefficient(power, of))
    }

    /// What grows no faster than this.
    #[must_use]
    pub fn big_o(of: Self) -> Self {
        Self::new(Node::Applied(Self::name("O"), of))
    }

    /// One of our functions at a place.
    #[must_use]
    pub fn applied(function: impl Into<Self>, place: Self) -> Self {
        Self::new(Node::Applied(function.into(), place))
    }

    /// A component of `f_n` or of one of its parts, the principal one or the other.
    #[must_use]
    pub fn component(n: usize, principal: Option<bool>, of: Self) -> Self {
        Self::new(Node::Component { n, principal, of })
    }

    /// The sum of a term over an index that is in this relation, `≤` or `≥`, to a bound.
    #[must_use]
    pub fn summed(index: Self, relation: char, bound: Self, term: Self) -> Self {
        Self::new(Node::Summed(Self::new(Node::Relation(index, relation, bound)), term))
    }

    /// An equation.
    #[must_use]
    pub fn equals(self, right: Self) -> Self {
        Self::new(Node::Relation(self, '=', right))
    }

    /// The two sides of an equation.
    ///
    /// ```
    /// use shadowflow::formula::Formula;
    /// let (x, y) = (Formula::name("x"), Formula::name("y"));
    /// assert_eq!(x.clone().equals(y.clone()).sides(), Some((x.clone(), y)));
    /// assert_eq!(x.sides(), None);
    /// ```
    #[must_use]
    pub fn sides(&self) -> Option<(Self, Self)> {
        match self.node() {
            Node::Relation(left, '=', right) => Some((left.clone(), right.clone())),
            _ => None,
        }
    }

    /// Something by an index below it, `λ_i`.
    ///
    /// ```
    /// use shadowflow::formula::{Formula, Spelling};
    /// let value = Formula::name("lambda").indexed(Formula::name("i"));
    /// assert_eq!((value.to_string().as_str(), Spelling::default().latex(&value).as_str()), ("lambda_i", r"\lambda_{i}"));
    /// ```
    #[must_use]
    pub fn indexed(self, index: Self) -> Self {
        Self::new(Node::Indexed(self, index))
    }

    /// ∞.
    #[must_use]
    pub fn infinity() -> Self {
        Self::new(Node::Infinity)
    }

    /// Two sides with `=`, `<`, `≤` or `≥` between them.
    #[must_use]
    pub fn relation(left: Self, relation: char, right: Self) -> Self {
        Self::new(Node::Relation(left, relation, right))
    }

    /// The factors that stand beside each other.
    pub(crate) fn factors_beside(&self) -> Option<&[Self]> {
        match self.node() {
            Node::Beside(factors) => Some(factors),
            _ => None,
        }
    }

    /// The natural power of a base that this is; 1 for the base itself.
    pub(crate) fn power_of(&self, base: &Self) -> Option<u64> {
        match self.node() {
            _ if self == base => Some(1),
            Node::Power(own, exponent) if own == base => match exponent.node() {
                Node::Number(digits) => digits.parse().ok(),
                _ => None,
            },
            _ => None,
        }
    }

    /// A derivative of the loss along some blocks, such as `T[w,w,b]`, contracted with these: `T[w,w,b][g[w], g[b]]`.
    #[must_use]
    pub fn contracted(derivative: Self, arguments: Vec<Self>) -> Self {
        Self::new(Node::Contracted(derivative, arguments))
    }

    /// The third or a higher derivative of the loss, contracted with these.
    #[must_use]
    pub fn contraction(arguments: Vec<Self>) -> Self {
        Self::new(Node::Contraction(arguments))
    }

    /// A derivative of the loss by these entries of θ, such as `H[a,b]`; of a loss of one parameter with primes, `E''`.
    ///
    /// ```
    /// use shadowflow::formula::{Formula, Spelling};
    /// let (a, b) = (Formula::name("a"), Formula::name("b"));
    /// let mixed = Formula::partial(vec![a.clone(), b], false);
    /// assert_eq!((mixed.to_string().as_str(), Spelling::default().latex(&mixed).as_str()), ("H[a,b]", "H_{a b}"));
    /// let second = Formula::partial(vec![a.clone(), a], true).power(2);
    /// assert_eq!((second.to_string().as_str(), Spelling::default().latex(&second).as_str()), ("E''^2", "E''^{2}"));
    /// ```
    #[must_use]
    pub fn partial(by: Vec<Self>, only: bool) -> Self {
        match (only, by.len()) {
            (true, k @ 1..=3) => Letter::Primed(k).into(),
            (true, k) => Letter::Derivative(k).into(),
            (false, k) => Self::new(Node::Partial(k, by)),
        }
    }
}
