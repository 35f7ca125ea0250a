//! Numeric values of the modified field, every digit right.

mod certify;
mod decide;
mod place;

use self::certify::by_precision;
use self::decide::{Work, check_derivatives, check_loss, cost, loss_value};
use self::place::place;
use super::Scheme;
use super::trajectory::Point;
use crate::expr::{Algebra, Exact, ExpressionRef, Id, Op, Pool, Purpose, SeriesTape, Tape, Undecided, Undefined};
use crate::number::Rational;
use crate::optimizer::{BoundOptimizer, OptimizerError};
use crate::warning::Warning;
use std::sync::LazyLock;

/// What [`evaluate`] needs beside the loss, the point and the order.
#[derive(Debug, Clone)]
pub struct EvaluateOptions<'a> {
    /// The optimizer; gradient descent unless told.
    pub optimizer: &'a BoundOptimizer,
    /// The values of the loss's symbolic constants, in order of declaration.
    pub symbols: &'a [Rational],
    /// The step size with which to sum the truncated field, if it is asked for.
    pub h: Option<&'a Rational>,
    /// The largest working precision, in bits.
    pub max_precision: usize,
    /// The largest work, in products of floats of two words; one takes about 100 ns.
    pub max_products: u64,
}

impl Default for EvaluateOptions<'_> {
    fn default() -> Self {
        static DEFAULT: LazyLock<BoundOptimizer> = LazyLock::new(BoundOptimizer::gradient_descent);
        Self { optimizer: &DEFAULT, symbols: &[], h: None, max_precision: 100_000, max_products: 300_000_000 }
    }
}

/// Why a modified field has no values.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EvaluateError {
    /// The point has another number of entries than θ.
    #[error("the loss has {expected} parameter entries, but the point has {received}")]
    Dimension {
        /// The number of entries of θ.
        expected: usize,
        /// The number of entries received.
        received: usize,
    },
    /// A symbolic constant has no value.
    #[error("the constant `{0}` has no value: give it one with `Options::set` ({0} = VALUE)")]
    Symbol(String),
    /// The optimizer's step is not rational.
    #[error(transparent)]
    Optimizer(#[from] OptimizerError),
    /// A hyper-parameter of the optimizer has no value.
    #[error("numbers need a value for `{symbol}` of {method}: give it one with `Optimizer::bind` ({symbol} = VALUE)")]
    HyperParameter {
        /// The optimizer.
        method: String,
        /// The symbol.
        symbol: String,
    },
    /// The loss has no value at the point.
    #[error("the loss is not defined at this point: {}", said(.place.as_ref(), .cause))]
    Loss {
        /// What has no value.
        cause: Undefined,
        /// Which operation of the loss it is, in the names of the loss, where that is known.
        place: Option<String>,
    },
    /// The loss has a value but some derivative that the field is made of has none.
    #[error("the loss has a value at this point, but a derivative that f_0..f_{order} need has none: {}", said(.place.as_ref(), .cause))]
    Derivative {
        /// The order asked for.
        order: usize,
        /// What has no value.
        cause: Undefined,
        /// Which operation of the loss it comes from, where that is known.
        place: Option<String>,
    },
    /// Whether there is a value was not decided within the precision and the work allowed.
    #[error("whether {what} at this point is not known: {cause} could not be told from 0 in {bits} bits")]
    Undecided {
        /// What may have a value.
        what: &'static str,
        /// The number that decides it.
        cause: Undecided,
        /// The precision reached.
        bits: usize,
    },
    /// The work is beyond the limit.
    #[error("order {order} takes about {products} products here, beyond the limit of {limit}: ask for a lower order")]
    TooMuchWork {
        /// The order asked for.
        order: usize,
        /// An estimate.
        products: u64,
        /// The limit.
        limit: u64,
    },
}

fn said(place: Option<&String>, cause: &Undefined) -> String {
    place.cloned().unwrap_or_else(|| cause.to_string())
}

impl EvaluateError {
    /// The error with the operation of the loss that it comes from.
    fn placed(self, loss: &Pool, id: Id, at: &Point<Rational>) -> Self {
        match self {
            Self::Loss { cause, .. } => {
                let place = place(loss, id, at, &cause, false);
                Self::Loss { cause, place }
            }
            Self::Derivative { order, cause, .. } => {
                let place = place(loss, id, at, &cause, true);
                Self::Derivative { order, cause, place }
            }
            other => other,
        }
    }
}

/// The values of one `f_n`, without its power of h; `None` where there is none, which a warning explains.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluatedOrder {
    /// The components of `f_n`.
    pub value: Vec<Option<f64>>,
    /// The components of its principal part, for gradient descent `−1/(n+1) H^n g`.
    pub principal: Vec<Option<f64>>,
    /// The components of the rest.
    pub nonprincipal: Vec<Option<f64>>,
}

/// The values of a modified field at one point, each the `f64` nearest to the exact value.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// The optimizer's name.
    pub method: String,
    /// The name of every entry of θ.
    pub parameters: Vec<String>,
    /// The point, exactly.
    pub at: Vec<Rational>,
    /// The loss; `None` where it is beyond the largest double.
    pub loss: Option<f64>,
    /// `f_0, f_1, …`.
    pub orders: Vec<EvaluatedOrder>,
    /// The step size and the truncated field `Σ h^n f_n` at it, where one was given.
    pub field: Option<(Rational, Vec<Option<f64>>)>,
    /// What is missing or not to be trusted without a look.
    pub warnings: Vec<Warning>,
}

/// Evaluates `f_0..f_N` of an optimizer at an exact point, with their principal and non-principal parts.
///
/// Losses whose gradient is rational at rational points are evaluated in exact arithmetic, unless the numbers grow too
/// large. All others are evaluated in [balls](crate::number::Ball), sets of numbers that hold the exact value whatever was rounded, in as many
/// bits as it takes until all numbers of a set round to one `f64`: that one is the value. Whether there is a value, and on which side of a kink,
/// is decided in the same way. What stays undecided at [`EvaluateOptions::max_precision`] or the work allowed has no value, and a warning or an error says why.
///
/// No enclosure proves a number to be 0. One that is smaller than half of the smallest `f64` is 0 to the last digit; where it is 0 whatever the
/// values of the functions are ([`Signatures`](crate::expr::Signatures)) there is no more to say, elsewhere the warning
/// `not-separated-from-zero` gives the bound.
///
/// ```
/// use shadowflow::concrete::{EvaluateOptions, evaluate};
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::number::Rational;
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let cube = pool.pow(x, &3.into());
/// let values = evaluate(pool.expression(cube), &[Rational::ONE], 2, &EvaluateOptions::default()).unwrap();
/// // g = 3x², H = 6x, T = 6: f_2 = −1/3 H²g − 1/12 T[g, g].
/// assert_eq!(values.orders[2].value, [Some(-36.0 - 4.5)]);
/// assert_eq!(values.orders[2].nonprincipal, [Some(-4.5)]);
/// ```
///
/// # Errors
/// See [`EvaluateError`].
pub fn evaluate<'a>(
    loss: impl Into<ExpressionRef<'a>>,
    at: &[Rational],
    order: usize,
    options: &EvaluateOptions<'_>,
) -> Result<Evaluated, EvaluateError> {
    let loss = loss.into();
    let written = evaluate_as_written(loss, at, order, options)?;
    if written.missing() == 0 || written.warnings.iter().all(|w| w.code != "overflow") {
        return Ok(written);
    }
    // An operation on the way may be beyond every float, as in `log(1 + exp(x))` at 10^9, where an equal form has none.
    let mut pool = loss.pool().clone();
    let form = pool.for_floats(&[loss.id()], Purpose::Loss);
    let other = form.first().filter(|form| **form != loss.id());
    let other = other.map(|form| evaluate_as_written(pool.expression(*form), at, order, options));
    Ok(other.and_then(Result::ok).filter(|other| other.missing() < written.missing()).unwrap_or(written))
}

fn evaluate_as_written(
    loss: ExpressionRef<'_>,
    at: &[Rational],
    order: usize,
    options: &EvaluateOptions<'_>,
) -> Result<Evaluated, EvaluateError> {
    let (point, start, value, mut warnings) = checked(loss, at, order, options)?;
    let (loss, id) = (loss.pool(), loss.id());
    let mut pool = loss.clone();
    let gradient = pool.gradient_entries(id);
    let gradient = Tape::new(&pool, &gradient);
    let tape = SeriesTape::new(&gradient);
    let scheme = Scheme::of(options.optimizer)?;
    let request = (&scheme, options.h);
    let products = scheme.cost(&tape, order);
    let least = work(products, start);
    if least > options.max_products {
        return Err(EvaluateError::TooMuchWork { order, products: least, limit: options.max_products });
    }
    let numbers = match exactly(&tape, &point, order, request) {
        Some(sample) => sample.numbers().map(|q| Some(q.to_f64())).collect(),
        None => {
            let start = check_derivatives(&gradient, &tape, &point, order, Work::of(options, start))
                .map_err(|e| e.placed(loss, id, &point))?;
            // The functions are evaluated twice, for the field and its principal part.
            let products = products.saturating_add(cost(&gradient).saturating_mul(2));
            by_precision(&tape, &point, order, (request, options), (start, products), &mut warnings)?
        }
    };
    Ok(Evaluated { loss: value, ..collect(loss, at, order, numbers, options, warnings) })
}

/// The value of a loss at an exact point, without its modified field: `orders` are empty.
///
/// ```
/// use shadowflow::concrete::{EvaluateOptions, evaluate_loss};
/// use shadowflow::expr::{Function, Pool, Shape};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let log = pool.apply(Function::Log, x);
/// let at = |q: i64| evaluate_loss(pool.expression(log), &[q.into()], &EvaluateOptions::default());
/// assert_eq!(at(2).unwrap().loss, Some(std::f64::consts::LN_2));
/// assert!(at(-2).is_err());
/// ```
///
/// # Errors
/// See [`EvaluateError`].
pub fn evaluate_loss<'a>(
    loss: impl Into<ExpressionRef<'a>>,
    at: &[Rational],
    options: &EvaluateOptions<'_>,
) -> Result<Evaluated, EvaluateError> {
    let loss = loss.into();
    let (_, _, value, warnings) = checked(loss, at, 0, options)?;
    Ok(Evaluated {
        method: options.optimizer.name().to_owned(),
        parameters: loss.pool().theta_names(),
        at: at.to_vec(),
        loss: value,
        orders: Vec::new(),
        field: None,
        warnings,
    })
}

/// Whether the loss has a value at a point of the right size: the point, the precision to start with, the value and what to say of it.
type Checked = (Point<Rational>, usize, Option<f64>, Vec<Warning>);

fn checked(
    loss: ExpressionRef<'_>,
    at: &[Rational],
    order: usize,
    options: &EvaluateOptions<'_>,
) -> Result<Checked, EvaluateError> {
    let (loss, id) = (loss.pool(), loss.id());
    if at.len() != loss.dimension() {
        return Err(EvaluateError::Dimension { expected: loss.dimension(), received: at.len() });
    }
    if let Some(symbol) = options.optimizer.symbols().first() {
        let method = options.optimizer.name().to_owned();
        return Err(EvaluateError::HyperParameter { method, symbol: symbol.clone() });
    }
    for s in loss.symbols_used(&[id]) {
        if options.symbols.len() <= s as usize {
            return Err(EvaluateError::Symbol(loss.symbols()[s as usize].clone()));
        }
    }
    let point = Point { theta: at.to_vec(), symbols: options.symbols.to_vec() };
    let mut warnings = Vec::new();
    let tape = Tape::new(loss, &[id]);
    let start = starting_precision(&tape, &point, order);
    // f_n has derivatives of the loss to the order n + 1.
    let mut nonsmooth = loss.nonsmooth(&[id]);
    nonsmooth.retain(|n| order >= n.derivatives() as usize);
    check_loss(&tape, &point, Work::of(options, start), &nonsmooth, &mut warnings)
        .map_err(|e| e.placed(loss, id, &point))?;
    let value = loss_value(&tape, &point, Work::of(options, start));
    Ok((point, start, value, warnings))
}

impl Evaluated {
    /// How many numbers have no value.
    fn missing(&self) -> usize {
        let parts = self.orders.iter().flat_map(|o| [&o.value, &o.principal, &o.nonprincipal]);
        parts.chain(self.field.iter().map(|(_, field)| field)).flatten().filter(|x| x.is_none()).count()
    }
}

/// The work of products at a precision, in products of two words, where memory traffic costs as much as eight.
fn work(products: u64, precision: usize) -> u64 {
    let words = (precision / 64) as u64;
    products.saturating_mul(1 + words.saturating_mul(words) / 64)
}

/// How an optimizer is expanded, and the step size to sum at.
type Request<'a> = (&'a Scheme, Option<&'a Rational>);

/// Values of a field in some algebra.
struct Sample<V> {
    /// Per order: the values, the principal and the non-principal parts.
    orders: Vec<[Vec<V>; 3]>,
    field: Vec<V>,
}

impl<V> Sample<V> {
    fn numbers(&self) -> impl Iterator<Item = &V> {
        self.orders.iter().flatten().flatten().chain(&self.field)
    }
}

fn sample<A: Algebra>(
    algebra: &mut A,
    tape: &SeriesTape,
    point: &Point<A::Value>,
    order: usize,
    (scheme, h): Request<'_>,
) -> Sample<A::Value> {
    let mut values = scheme.modified_field(algebra, tape, point, order);
    let principal = scheme.principal_field(algebra, tape, point, order);
    for (n, f) in values.iter_mut().enumerate().filter(|(n, _)| scheme.vanishes(*n)) {
        f.clone_from(&principal[n]);
    }
    let mut field = Vec::new();
    if let Some(h) = h {
        for i in 0..tape.outputs() {
            let highest = algebra.rational(&Rational::ZERO);
            field.push(values.iter().rev().fold(highest, |sum, f| {
                let shifted = algebra.scale(h, &sum);
                algebra.add(&shifted, &f[i])
            }));
        }
    }
    let mut parts = Vec::with_capacity(values.len());
    for (n, (f, p)) in values.into_iter().zip(principal).enumerate() {
        // f_0 and f_1 are principal, whatever the loss.
        let rest = f.iter().zip(&p).map(|(f, p)| {
            if n < 2 || scheme.vanishes(n) { algebra.rational(&Rational::ZERO) } else { algebra.sub(f, p) }
        });
        let rest = rest.collect();
        parts.push([f, p, rest]);
    }
    Sample { orders: parts, field }
}

/// Work up to which exact arithmetic is tried, in operations on numbers of one word.
const EXACT_BUDGET: u64 = 2_000_000;

fn exactly(tape: &SeriesTape, point: &Point<Rational>, order: usize, request: Request<'_>) -> Option<Sample<Rational>> {
    let mut exact = Exact::new(EXACT_BUDGET);
    let values = sample(&mut exact, tape, point, order, request);
    (!exact.stopped()).then_some(values)
}

/// The bits of the numbers that come in, so that small differences between them are seen from the start.
fn starting_precision(tape: &Tape, point: &Point<Rational>, order: usize) -> usize {
    let constants = tape.ops.iter().filter_map(|op| if let Op::Constant(q) = op { Some(q) } else { None });
    let bits = point.theta.iter().chain(&point.symbols).chain(constants).map(Rational::bits).max().unwrap_or(0);
    let bits = usize::try_from(bits.min(1 << 12)).unwrap_or(0);
    (128 + 2 * order.min(1 << 12)).max(bits + 64).next_multiple_of(64)
}

/// Sorts the numbers back into orders and parts; what is beyond the largest `f64` is left out.
fn collect(
    loss: &Pool,
    at: &[Rational],
    order: usize,
    numbers: Vec<Option<f64>>,
    options: &EvaluateOptions<'_>,
    mut warnings: Vec<Warning>,
) -> Evaluated {
    let dimension = at.len();
    let mut numbers = numbers.into_iter();
    let mut overflowed = Vec::new();
    let mut take = |label: String| -> Vec<Option<f64>> {
        let part: Vec<Option<f64>> = numbers.by_ref().take(dimension).collect();
        if part.iter().flatten().any(|x| x.is_infinite()) {
            overflowed.push(label);
        }
        part.into_iter().map(|x| x.filter(|x| x.is_finite())).collect()
    };
    let orders = (0..=order)
        .map(|n| EvaluatedOrder {
            value: take(format!("f_{n}")),
            principal: take(format!("the principal part of f_{n}")),
            nonprincipal: take(format!("the non-principal part of f_{n}")),
        })
        .collect();
    let field = options.h.map(|h| (h.clone(), take("the field".to_owned())));
    let h = options.h.map(|h| ("h".to_owned(), h));
    let given = loss.theta_names().into_iter().zip(at).chain(h);
    let large: Vec<String> = given.filter(|(_, q)| q.to_f64().is_infinite()).map(|(name, _)| name).collect();
    if !large.is_empty() {
        let names = large.join(", ");
        let message = format!(
            "{names} is beyond the largest float, 1.8e308, and cannot be shown as one; the values are those at the exact point"
        );
        warnings.push(Warning::new("overflow", message));
    }
    if let Some(first) = overflowed.first() {
        let message = format!("{first} is beyond the largest float, 1.8e308; such numbers are left out");
        warnings.push(Warning::new("overflow", message));
    }
    Evaluated {
        method: options.optimizer.name().to_owned(),
        parameters: loss.theta_names(),
        at: at.to_vec(),
        loss: None,
        orders,
        field,
        warnings,
    }
}
