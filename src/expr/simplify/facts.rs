//! What is known of a value wherever it exists: whether it is real, whether it can be zero, and exact bounds.

use super::Domain;
use super::pattern::Relation;
use crate::expr::Function;
use crate::number::Rational;

/// Bounds whose numbers take more bits are forgotten, so that no fact costs more than what it is about.
const MAX_BITS: u64 = 256;

/// One end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bound {
    at: Rational,
    /// Whether the bound itself is not taken.
    open: bool,
}

impl Bound {
    fn closed(at: i64) -> Option<Self> {
        Some(Self { at: Rational::from(at), open: false })
    }

    fn open(at: i64) -> Option<Self> {
        Some(Self { at: Rational::from(at), open: true })
    }

    fn negated(&self) -> Self {
        Self { at: -&self.at, open: self.open }
    }
}

/// What is known of a value. The default is nothing.
///
/// Facts hold wherever the value exists: `log(x)` says nothing of `x`, but `sqrt(x)` is not negative.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Facts {
    real: bool,
    nonzero: bool,
    low: Option<Bound>,
    high: Option<Bound>,
}

impl Facts {
    /// Some real number.
    pub(super) fn real() -> Self {
        Self { real: true, ..Self::default() }
    }

    /// An input: real on the real line, anything on the complex plane.
    pub(super) fn input(domain: Domain) -> Self {
        Self { real: domain == Domain::Real, ..Self::default() }
    }

    /// This number.
    pub(super) fn number(q: &Rational) -> Self {
        let bound = Some(Bound { at: q.clone(), open: false });
        Self::between(bound.clone(), bound)
    }

    /// The number π.
    pub(super) fn pi() -> Self {
        Self::between(Bound::open(3), Bound::open(4))
    }

    fn between(low: Option<Bound>, high: Option<Bound>) -> Self {
        Self { real: true, nonzero: false, low, high }.settled()
    }

    fn at_least(at: i64) -> Self {
        Self::between(Bound::closed(at), None)
    }

    fn above(at: i64) -> Self {
        Self::between(Bound::open(at), None)
    }

    /// Forgets what is too large, and concludes from bounds to zero and back.
    fn settled(mut self) -> Self {
        let small = |b: &Bound| b.at.bits() <= MAX_BITS;
        self.low = self.low.filter(small);
        self.high = self.high.filter(small);
        if !self.real {
            (self.low, self.high) = (None, None);
            return self;
        }
        self.nonzero |= self.low.as_ref().is_some_and(|b| above(b, &Rational::ZERO));
        self.nonzero |= self.high.as_ref().is_some_and(|b| above(&b.negated(), &Rational::ZERO));
        if self.nonzero {
            for bound in [&mut self.low, &mut self.high].into_iter().flatten() {
                bound.open |= bound.at.is_zero();
            }
        }
        self
    }

    fn with_nonzero(mut self, nonzero: bool) -> Self {
        self.nonzero |= nonzero;
        self.settled()
    }

    /// The one number that the value is, if that is known.
    pub(super) fn constant(&self) -> Option<&Rational> {
        match (&self.low, &self.high) {
            (Some(low), Some(high)) if low == high && !low.open => Some(&low.at),
            _ => None,
        }
    }

    /// Whether the value is known not to be negative.
    pub(super) fn is_nonnegative(&self) -> bool {
        self.holds(Relation::AtLeast, &Rational::ZERO)
    }

    /// Whether the value is known to be above zero.
    pub(super) fn is_positive(&self) -> bool {
        self.holds(Relation::Above, &Rational::ZERO)
    }

    /// Whether the value is known to stand in a relation to a number; all but `!=` hold for real values only.
    pub(super) fn holds(&self, relation: Relation, at: &Rational) -> bool {
        let low = |strict: bool| self.low.as_ref().is_some_and(|b| if strict { above(b, at) } else { b.at >= *at });
        let high = |strict: bool| {
            let minus = -at;
            self.high
                .as_ref()
                .map(Bound::negated)
                .is_some_and(|b| if strict { above(&b, &minus) } else { b.at >= minus })
        };
        match relation {
            Relation::Above => low(true),
            Relation::AtLeast => low(false),
            Relation::Below => high(true),
            Relation::AtMost => high(false),
            Relation::Not => low(true) || high(true) || (at.is_zero() && self.nonzero),
        }
    }

    /// What two descriptions of one value say together.
    pub(super) fn meet(&self, other: &Self) -> Self {
        let tighter = |a: &Option<Bound>, b: &Option<Bound>, sign: i64| match (a, b) {
            (Some(x), Some(y)) => {
                let (u, v) = if sign > 0 { (x.clone(), y.clone()) } else { (x.negated(), y.negated()) };
                let first = u.at > v.at || (u.at == v.at && u.open);
                Some(if first { x.clone() } else { y.clone() })
            }
            (one, None) | (None, one) => one.clone(),
        };
        Self {
            real: self.real || other.real,
            nonzero: self.nonzero || other.nonzero,
            low: tighter(&self.low, &other.low, 1),
            high: tighter(&self.high, &other.high, -1),
        }
        .settled()
    }

    fn negated(&self) -> Self {
        Self {
            low: self.high.as_ref().map(Bound::negated),
            high: self.low.as_ref().map(Bound::negated),
            ..self.clone()
        }
    }

    /// The product with a number.
    pub(super) fn scaled(&self, c: &Rational) -> Self {
        if c.is_zero() {
            return Self::number(c);
        }
        let size = c.abs();
        let scale = |b: &Option<Bound>| b.as_ref().map(|b| Bound { at: &b.at * &size, open: b.open });
        let scaled = Self { low: scale(&self.low), high: scale(&self.high), ..self.clone() }.settled();
        if c.is_negative() { scaled.negated() } else { scaled }
    }

    /// The sum.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let add = |a: &Option<Bound>, b: &Option<Bound>| match (a, b) {
            (Some(a), Some(b)) => Some(Bound { at: &a.at + &b.at, open: a.open || b.open }),
            _ => None,
        };
        let real = self.real && other.real;
        Self { real, nonzero: false, low: add(&self.low, &other.low), high: add(&self.high, &other.high) }.settled()
    }

    /// The product.
    pub(super) fn times(&self, other: &Self) -> Self {
        let nonzero = self.nonzero && other.nonzero;
        if !(self.real && other.real) {
            return Self { nonzero, ..Self::default() };
        }
        let nonpositive = |f: &Self| f.holds(Relation::AtMost, &Rational::ZERO);
        let bounded = match (self.is_nonnegative(), other.is_nonnegative()) {
            (true, true) => self.times_nonnegative(other),
            (true, false) if nonpositive(other) => self.times_nonnegative(&other.negated()).negated(),
            (false, true) if nonpositive(self) => self.negated().times_nonnegative(other).negated(),
            (false, false) if nonpositive(self) && nonpositive(other) => {
                self.negated().times_nonnegative(&other.negated())
            }
            _ => match (self.size(), other.size()) {
                (Some(a), Some(b)) => {
                    let size = Bound { at: &a.at * &b.at, open: a.open || b.open };
                    Self::between(Some(size.negated()), Some(size))
                }
                _ => Self::real(),
            },
        };
        bounded.with_nonzero(nonzero)
    }

    /// A bound of the absolute value.
    fn size(&self) -> Option<Bound> {
        let (low, high) = (self.low.as_ref()?, self.high.as_ref()?);
        let at = low.at.abs().max(high.at.abs());
        let taken = |b: &Bound| !b.open && b.at.abs() == at;
        let open = !taken(low) && !taken(high);
        Some(Bound { at, open })
    }

    fn times_nonnegative(&self, other: &Self) -> Self {
        let low = match (&self.low, &other.low) {
            (Some(a), Some(b)) => {
                let at = &a.at * &b.at;
                let open = if at.is_zero() { self.nonzero && other.nonzero } else { a.open || b.open };
                Some(Bound { at, open })
            }
            _ => Bound::closed(0),
        };
        let high = match (&self.high, &other.high) {
            (Some(a), Some(b)) => Some(Bound { at: &a.at * &b.at, open: false }),
            _ => None,
        };
        Self::between(low, high)
    }

    /// The power with an exact exponent, principal branch.
    pub(super) fn power(&self, exponent: &Rational, domain: Domain) -> Self {
        // A reciprocal is never zero.
        let nonzero = self.nonzero || exponent.is_negative();
        if !self.real {
            return Self { nonzero, ..Self::default() };
        }
        let size = exponent.abs();
        let Some(n) = size.to_i64() else {
            // On the real line a root exists for numbers that are not negative only.
            return if domain == Domain::Real || self.is_nonnegative() {
                Self::at_least(0).with_nonzero(nonzero)
            } else {
                Self { nonzero, ..Self::default() }
            };
        };
        let even = n % 2 == 0;
        let raise = |b: &Option<Bound>| {
            let b = b.as_ref()?;
            let fits = b.at.bits().checked_mul(n.unsigned_abs()).is_some_and(|bits| bits <= 4 * MAX_BITS);
            Some(Bound { at: b.at.pow(n).filter(|_| fits)?, open: b.open })
        };
        let base = if even { self.magnitude() } else { self.clone() };
        let mut power = Self { low: raise(&base.low), high: raise(&base.high), ..base };
        if even && power.low.is_none() {
            power.low = Bound::closed(0);
        }
        let power = power.with_nonzero(nonzero);
        if exponent.is_negative() { power.reciprocal() } else { power }
    }

    /// The absolute value of a real value.
    fn magnitude(&self) -> Self {
        if self.is_nonnegative() {
            return self.clone();
        }
        if self.holds(Relation::AtMost, &Rational::ZERO) {
            return self.negated();
        }
        Self::between(Bound::closed(0), self.size()).with_nonzero(self.nonzero)
    }

    /// One over a value that is not zero.
    fn reciprocal(&self) -> Self {
        if self.is_nonnegative() {
            let flip = |b: &Option<Bound>| {
                let b = b.as_ref()?;
                Some(Bound { at: b.at.recip()?, open: b.open })
            };
            let low = flip(&self.high).or_else(|| Bound::open(0));
            return Self::between(low, flip(&self.low)).with_nonzero(true);
        }
        if self.holds(Relation::AtMost, &Rational::ZERO) {
            return self.negated().reciprocal().negated();
        }
        Self::real().with_nonzero(true)
    }

    /// A function's value.
    pub(super) fn apply(&self, function: Function, domain: Domain) -> Self {
        use Function as F;
        if !self.real {
            let nonzero = matches!(function, F::Exp | F::Sigmoid);
            return Self { nonzero, ..Self::default() };
        }
        let positive = self.is_positive();
        let (zero, one) = (Rational::ZERO, Rational::ONE);
        // Functions that keep the sign, with the bounds they have anyway.
        let keeping_sign = |low: Option<Bound>, high: Option<Bound>| {
            let low = if self.is_nonnegative() { Bound::closed(0) } else { low };
            let high = if self.holds(Relation::AtMost, &zero) { Bound::closed(0) } else { high };
            Self::between(low, high).with_nonzero(self.nonzero)
        };
        let within = |low: &Rational| self.holds(Relation::Above, low);
        let real_only = |facts: Self, exists: bool| {
            if domain == Domain::Real || exists { facts } else { Self::default() }
        };
        match function {
            F::Exp if self.is_nonnegative() => Self::at_least(1),
            F::Exp if self.holds(Relation::AtMost, &zero) => Self::between(Bound::open(0), Bound::closed(1)),
            F::Exp | F::Softplus => Self::above(0),
            F::Log => {
                let facts = if self.holds(Relation::Above, &one) {
                    Self::above(0)
                } else if self.holds(Relation::AtLeast, &one) {
                    Self::at_least(0)
                } else if self.holds(Relation::Below, &one) {
                    Self::above(0).negated()
                } else {
                    Self::real()
                };
                real_only(facts, positive)
            }
            F::Log1p => real_only(keeping_sign(None, None), within(&Rational::MINUS_ONE)),
            F::Expm1 => keeping_sign(Bound::open(-1), None),
            F::Sin | F::Cos => Self::between(Bound::closed(-1), Bound::closed(1)),
            F::Tan => Self::real(),
            F::Asin | F::Acos => {
                let exists = self.holds(Relation::AtLeast, &Rational::MINUS_ONE) && self.holds(Relation::AtMost, &one);
                let facts = if function == F::Asin {
                    keeping_sign(Bound::open(-2), Bound::open(2))
                } else {
                    Self::between(Bound::closed(0), Bound::open(4))
                };
                real_only(facts, exists)
            }
            F::Atan => keeping_sign(Bound::open(-2), Bound::open(2)),
            F::Sinh => keeping_sign(None, None),
            F::Cosh => Self::at_least(1),
            F::Tanh | F::Erf => keeping_sign(Bound::open(-1), Bound::open(1)),
            F::Sigmoid => Self::between(Bound::open(0), Bound::open(1)),
            F::Relu if self.is_nonnegative() => self.clone(),
            F::Relu if self.holds(Relation::AtMost, &zero) => Self::number(&zero),
            F::Relu => Self::between(Bound::closed(0), self.high.clone()),
            F::Abs => self.magnitude(),
            F::Sign if positive => Self::number(&one),
            F::Sign if self.holds(Relation::Below, &zero) => Self::number(&Rational::MINUS_ONE),
            F::Sign => keeping_sign(Bound::closed(-1), Bound::closed(1)),
            F::Step if positive => Self::number(&one),
            F::Step if self.holds(Relation::AtMost, &zero) => Self::number(&zero),
            F::Step => Self::between(Bound::closed(0), Bound::closed(1)),
        }
    }
}

/// Whether everything from a lower bound up is above a number.
fn above(low: &Bound, at: &Rational) -> bool {
    low.at > *at || (low.open && low.at == *at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn signs_follow_from_ranges() {
        let x = Facts::input(Domain::Real);
        let square = x.power(&2.into(), Domain::Real);
        assert!(square.is_nonnegative() && !square.is_positive());
        assert!(square.plus(&Facts::number(&1.into())).is_positive());
        let rest = x.apply(Function::Sigmoid, Domain::Real).scaled(&(-1).into()).plus(&Facts::number(&1.into()));
        assert!(rest.is_positive() && rest.holds(Relation::Below, &1.into()));
        let rest = x.apply(Function::Tanh, Domain::Real).power(&2.into(), Domain::Real).scaled(&(-1).into());
        assert!(rest.plus(&Facts::number(&1.into())).is_positive());
        assert!(!x.holds(Relation::Not, &0.into()));
        assert!(x.power(&(-1).into(), Domain::Real).holds(Relation::Not, &0.into()));
        assert!(x.apply(Function::Exp, Domain::Real).is_positive());
    }

    #[test]
    fn little_is_known_on_the_complex_plane() {
        let z = Facts::input(Domain::Complex);
        let exp = z.apply(Function::Exp, Domain::Complex);
        assert!(exp.holds(Relation::Not, &0.into()) && !exp.is_positive());
        assert!(!z.power(&2.into(), Domain::Complex).is_nonnegative());
        // The root of a negative number is not real there.
        let two = Facts::number(&(-2).into());
        assert!(!two.power(&Rational::new(1, 2), Domain::Complex).is_nonnegative());
        assert!(!two.apply(Function::Log, Domain::Complex).real);
    }

    proptest! {
        /// Facts about intervals hold for the numbers in them.
        #[test]
        fn facts_hold(a in -6i64..7, b in 0i64..6, c in -6i64..7, d in 0i64..6, s in 0i64..5, t in 0i64..5, n in -3i64..4) {
            let interval = |low: i64, width: i64| {
                let at = |k: i64| Some(Bound { at: Rational::new(k, 2), open: false });
                Facts::between(at(low), at(low + width))
            };
            let inside = |low: i64, width: i64, k: i64| Rational::new(4 * low + k * width, 8);
            let contains = |f: &Facts, x: &Rational| {
                f.low.as_ref().is_none_or(|l| l.at < *x || (l.at == *x && !l.open))
                    && f.high.as_ref().is_none_or(|h| h.at > *x || (h.at == *x && !h.open))
                    && !(f.nonzero && x.is_zero())
            };
            let (f, g) = (interval(a, b), interval(c, d));
            let (x, y) = (inside(a, b, s), inside(c, d, t));
            prop_assert!(contains(&f, &x) && contains(&g, &y));
            prop_assert!(contains(&f.plus(&g), &(&x + &y)));
            prop_assert!(contains(&f.times(&g), &(&x * &y)));
            prop_assert!(contains(&f.scaled(&y), &(&x * &y)));
            if n != 0 && let Some(power) = x.pow(n) {
                prop_assert!(contains(&f.power(&n.into(), Domain::Real), &power));
            }
            for function in Function::ALL {
                if let Some(value) = crate::expr::fold::exact_value(function, &x) {
                    prop_assert!(contains(&f.apply(function, Domain::Real), &value), "{function:?}");
                }
            }
        }
    }
}
