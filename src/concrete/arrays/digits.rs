//! As many digits of `f_0..f_N` as are asked for, of small losses whose arrays stay whole.

use super::field_parts;
use crate::concrete::EvaluateError;
use crate::expr::{Algebra, BallAlgebra, Enclosure, ExpressionRef, Id, Node, Pool, Variable};
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use num_bigint::BigInt;

/// One `f_n` in decimal digits, each number rounded to nearest in its last one: `-1.25e-3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDigits {
    /// The components of `f_n`; `None` where a number was not told from 0 within the precision allowed.
    pub value: Vec<Option<String>>,
    /// Those of its principal part.
    pub principal: Vec<Option<String>>,
    /// Those of the rest.
    pub nonprincipal: Vec<Option<String>>,
}

/// How many times the first precision is raised: where a number is 0, no precision tells.
const RAISED: u32 = 3;

/// Evaluates `f_0..f_N` in enclosures, whose arrays stay whole, until every number is known to this many significant digits.
///
/// ```
/// use shadowflow::concrete::arrays::order_digits;
/// use shadowflow::expr::{Function, Pool, Shape};
/// use shadowflow::optimizer::BoundOptimizer;
/// let mut pool = Pool::new();
/// let w = pool.declare_parameter("w", Shape::vector(2));
/// let exponential = pool.apply(Function::Exp, w);
/// let loss = pool.sum(exponential);
/// let at = [1.into(), 0.into()];
/// let orders = order_digits(pool.expression(loss), &at, &[], 1, &BoundOptimizer::gradient_descent(), 30, 1_000_000)?;
/// // −e and −1; −1/2 H g = −e²/2 and −1/2.
/// assert_eq!(orders[0].value[0].as_deref(), Some("-2.71828182845904523536028747135e0"));
/// assert_eq!(orders[1].value[0].as_deref(), Some("-3.69452804946532511361521373029e0"));
/// assert_eq!(orders[1].value[1].as_deref(), Some("-5.00000000000000000000000000000e-1"));
/// # Ok::<(), shadowflow::concrete::EvaluateError>(())
/// ```
///
/// # Errors
/// [`EvaluateError::TooMuchWork`] where that takes more than `max_products` products of floats of two words, [`EvaluateError::Derivative`] where the
/// loss or a derivative has no value, [`EvaluateError::Undecided`] at the kink of a function, [`EvaluateError::Dimension`] and
/// [`EvaluateError::Symbol`] for numbers that are missing, and those of [`field_parts`].
pub fn order_digits<'a>(
    loss: impl Into<ExpressionRef<'a>>,
    at: &[Rational],
    symbols: &[Rational],
    order: usize,
    optimizer: &BoundOptimizer,
    digits: usize,
    max_products: u64,
) -> Result<Vec<OrderDigits>, EvaluateError> {
    let loss = loss.into();
    if at.len() != loss.pool().dimension() {
        return Err(EvaluateError::Dimension { expected: loss.pool().dimension(), received: at.len() });
    }
    let (mut pool, id) = (loss.pool().clone(), loss.id());
    if let Some(s) = pool.symbols_used(&[id]).into_iter().find(|s| symbols.len() <= *s as usize) {
        return Err(EvaluateError::Symbol(pool.symbols()[s as usize].clone()));
    }
    let parts = field_parts(&mut pool, id, optimizer, order)?;
    let roots = [parts.field.concat(), parts.principal.concat(), parts.nonprincipal.concat()].concat();
    let products = products(&pool, &roots);
    // A digit has 3.33 bits; rounding on the way takes some.
    let start = (64 + digits.saturating_mul(10).div_ceil(3) + 16 * order).next_multiple_of(64);
    let mut precision = start;
    loop {
        let words = (precision / 64) as u64;
        let work = products.saturating_mul(1 + words.saturating_mul(words) / 64);
        if work > max_products {
            return Err(EvaluateError::TooMuchWork { order, products: work, limit: max_products });
        }
        let mut balls = BallAlgebra::new(precision);
        let bind = pool.by_entries(|balls: &mut BallAlgebra, v| match v {
            Variable::Theta(k) => balls.rational(&at[k as usize]),
            Variable::Symbol(s) => balls.rational(&symbols[s as usize]),
            Variable::Direction(..) => Enclosure::unknown(),
        });
        let arrays = pool.evaluate(&mut balls, &roots, bind);
        let highest = precision >= start.saturating_mul(1 << RAISED);
        if let Some(cause) = balls.undefined {
            return Err(EvaluateError::Derivative { order, cause, place: None });
        }
        if let (Some(cause), true) = (&balls.undecided, highest) {
            let what = "a derivative has a value";
            return Err(EvaluateError::Undecided { what, cause: cause.clone(), bits: precision });
        }
        let numbers: Vec<Option<String>> =
            arrays.iter().flat_map(|a| a.iter()).map(|x| decimal(x, digits.max(1))).collect();
        if highest || balls.undecided.is_none() && numbers.iter().all(Option::is_some) {
            return Ok(by_order(numbers, order, at.len()));
        }
        precision = precision.saturating_mul(2);
    }
}

fn by_order(numbers: Vec<Option<String>>, order: usize, dimension: usize) -> Vec<OrderDigits> {
    let part = |part: usize, n: usize| {
        let from = (part * (order + 1) + n) * dimension;
        numbers[from..from + dimension].to_vec()
    };
    (0..=order).map(|n| OrderDigits { value: part(0, n), principal: part(1, n), nonprincipal: part(2, n) }).collect()
}

/// About how many products of scalars expressions take, functions counting as 400.
fn products(pool: &Pool, roots: &[Id]) -> u64 {
    let of = |id: Id| {
        let size = pool.shape(id).size() as u64;
        match pool.node(id) {
            Node::Matmul(a, _) => size.saturating_mul(pool.shape(*a).axes().last().map_or(1, |n| *n as u64)),
            Node::Apply(..) | Node::LogSumExp(_) | Node::LogSumExpAxis(..) => {
                let entries = pool.children(id).first().map_or(size, |a| pool.shape(*a).size() as u64);
                entries.saturating_mul(400)
            }
            _ => size,
        }
    };
    pool.reachable(roots).into_iter().map(of).fold(0, u64::saturating_add)
}

/// A number rounded to so many significant digits; `None` where its set does not tell.
pub(crate) fn decimal(value: &Enclosure, digits: usize) -> Option<String> {
    if let Some(q) = &value.exact {
        return Some(written(q, digits));
    }
    if value.is_zero() {
        return Some("0".to_owned());
    }
    if !value.is_known() || value.ball.sign().is_none() {
        return None;
    }
    let (mid, radius) = (value.ball.mid().to_rational()?, value.ball.radius().to_real().to_rational()?);
    let [low, high] = [&mid - &radius, &mid + &radius].map(|q| written(&q, digits));
    (low == high).then_some(low)
}

/// A rational rounded to so many significant digits, half away from 0.
fn written(q: &Rational, digits: usize) -> String {
    if q.is_zero() {
        return "0".to_owned();
    }
    let size = q.abs();
    let ten = |power: i64| Rational::from(10).pow(power).unwrap_or(Rational::ONE);
    let places = i64::try_from(digits).unwrap_or(i64::MAX);
    // floor(log10) is this or one more.
    let bits = |n: &BigInt| i64::try_from(n.bits()).unwrap_or(i64::MAX);
    let mut exponent = (bits(&size.numerator()) - bits(&size.denominator()) - 1) * 30_103 / 100_000 - 1;
    while size >= ten(exponent + 1) {
        exponent += 1;
    }
    let scaled = &size * &ten(places - 1 - exponent);
    let mut whole: BigInt = (scaled.numerator() * 2 + scaled.denominator()) / (scaled.denominator() * 2);
    if whole.to_string().len() > digits {
        whole /= 10;
        exponent += 1;
    }
    let text = whole.to_string();
    let sign = if q.is_negative() { "-" } else { "" };
    let (first, rest) = text.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}e{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Function;
    use crate::expr::testing::{classifier, number};

    #[test]
    fn numbers_are_rounded() {
        let text = |q: &str, digits| written(&q.parse::<Rational>().unwrap(), digits);
        assert_eq!(text("1/3", 5), "3.3333e-1");
        assert_eq!(text("-2/3", 1), "-7e-1");
        assert_eq!(text("99996/10", 4), "1.000e4");
        assert_eq!(text("1000", 3), "1.00e3");
        assert_eq!(text("1e-40", 2), "1.0e-40");
        assert_eq!(text("123456789e30", 4), "1.235e38");
    }

    #[test]
    fn more_digits_begin_with_fewer() {
        let (pool, loss) = classifier(Function::Tanh, 2, &[2, 2, 2]);
        let at: Vec<Rational> = (0..pool.dimension()).map(|k| number(k, 0)).collect();
        let descent = BoundOptimizer::gradient_descent();
        let of = |digits| order_digits(pool.expression(loss), &at, &[], 2, &descent, digits, 100_000_000).unwrap();
        let (few, many) = (of(12), of(60));
        for (few, many) in few.iter().zip(&many) {
            for (a, b) in few.value.iter().zip(&many.value) {
                let (a, b) = (a.as_ref().unwrap(), b.as_ref().unwrap());
                assert!(a[..12] == b[..12] && b.len() >= 62, "{a} {b}");
            }
        }
        let refused = order_digits(pool.expression(loss), &at, &[], 2, &descent, 60, 1000).unwrap_err();
        assert!(matches!(refused, EvaluateError::TooMuchWork { limit: 1000, .. }));
    }
}
