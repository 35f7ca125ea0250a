//! `α(hH) g` from products with H, with an estimate of its error.

use super::super::error::SpectralError;
use super::dense::Route;
use super::entry::Entry;
use super::ritz::{KrylovFunction, Ritz, distance, norm};
use super::space::KrylovSpace;
use crate::budget::{self, Budget, OverMemory, Stopped};
use num_complex::Complex64;
use std::ops::Mul;

/// How many products lie between two results whose difference tells the error.
const APART: usize = 8;

/// What that difference is multiplied by.
const SAFETY: f64 = 3.0;

/// To so many products there is a result after each of them, from there on after every fourth.
const EACH: usize = 48;
const STRIDE: usize = 4;

/// Of results by Schur form, the rounding is looked at after so many products.
const LOOK: usize = 4;

/// Eigenvalues with a residual of hH up to this count as held by the space.
const HELD: f64 = 1e-4;

/// With memory for fewer basis vectors than this there is no estimate to speak of.
const LEAST: usize = 2 * APART;

/// How far a Krylov space is grown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KrylovOptions {
    /// The error that is asked for, relative to the norm of the result.
    pub tolerance: f64,
    /// The most products with H.
    pub max_products: usize,
    /// What sets `max_products`, for messages; its own name unless told.
    pub products_name: &'static str,
}

impl Default for KrylovOptions {
    /// A tolerance of 1e-10 and 200 products.
    fn default() -> Self {
        Self { tolerance: 1e-10, max_products: 200, products_name: "max_products" }
    }
}

/// Why a Krylov space was not grown further for a result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum KrylovEnd {
    /// The estimate is within the tolerance.
    Reached,
    /// All products that were allowed are made, this many, by the setting of this name.
    Products(usize, &'static str),
    /// More vectors do not fit into the memory that may be used; what sets its limit.
    Memory(&'static str),
    /// The estimate is that of rounding errors, which more products do not lower.
    Rounding,
    /// The time is up, or nobody waits.
    Stopped(Stopped),
}

/// `α(hH) g`, as far as a Krylov space holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct KrylovValue {
    /// The value, D numbers.
    pub value: Vec<Complex64>,
    /// An estimate of the norm of its error, relative to its own norm. See [`krylov_functions`].
    pub error_estimate: f64,
    /// How many products with H it is made of.
    pub products: usize,
    /// Why there are no more of them.
    pub end: KrylovEnd,
    /// `1 − hλ` of the eigenvalues λ of H that the space holds to within 1e-4/h, in no particular order.
    pub shifted: Vec<Complex64>,
    /// The way that it was found.
    pub route: Route,
}

impl KrylovValue {
    /// Whether the estimate is within the tolerance.
    #[must_use]
    pub fn reached(&self) -> bool {
        self.end == KrylovEnd::Reached
    }
}

/// Why there is no value at all.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum KrylovError {
    /// The function has none.
    #[error(transparent)]
    Spectral(#[from] SpectralError),
    /// Even the smallest basis is too large.
    #[error(transparent)]
    Memory(#[from] OverMemory),
    /// The time was up before the first product.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// A result on its way.
struct Last {
    products: usize,
    coefficients: Vec<Complex64>,
    estimate: f64,
    shifted: Vec<Complex64>,
}

/// One function on its way.
struct Progress<'a> {
    function: &'a KrylovFunction,
    /// The results by how many products they were made of.
    history: Vec<(usize, Vec<Complex64>)>,
    last: Option<Last>,
    /// Why there was no last result.
    failure: SpectralError,
    end: Option<KrylovEnd>,
}

/// `α(hH) g` for several functions and step sizes from one Krylov space of g.
///
/// With V the basis after m products and T the matrix of H on it, the result is `y_m = |g| V α(hT) e_1` (Saad, *SIAM J. Numer. Anal.* 29, 1992;
/// Higham, *Functions of Matrices*, 2008, section 13.2), for m = D exact. The estimate of its relative error is `3 |y_m − y_(m−8)| / |y_m|`, up to 8
/// products that with the largest difference to any earlier result, and never below what rounding leaves, by the sensitivity of the result to
/// relative changes of H by 32 units in the last place. It is measured, not proven: of networks with a few eigenvalues beyond 1/h and many within the
/// difference was never below a third of the error, where that of neighbouring results can be a hundredth.
///
/// Each function ends by itself where its estimate is within the tolerance, so that no result depends on which others are asked for. Memory: D numbers per
/// product.
///
/// ```
/// use shadowflow::spectral::{Alpha, KrylovFunction, KrylovOptions, krylov_functions};
/// // H = diag(1, 2, …, 50)/50: a product is all that is asked of it.
/// let mut times = |v: &[f64], out: &mut [f64]| {
///     for (k, (o, v)) in out.iter_mut().zip(v).enumerate() {
///         *o = v * (k + 1) as f64 / 50.0;
///     }
/// };
/// let pf = KrylovFunction::new(Alpha::Logarithm, 0.5);
/// let found = krylov_functions(&[1.0; 50], &[pf], &KrylovOptions::default(), &mut times)?;
/// let exact = 0.5_f64.ln() / 0.5;
/// assert!(found[0].reached() && found[0].products < 25);
/// assert!((found[0].value[49].re - exact).abs() < 1e-10);
/// # Ok::<(), shadowflow::spectral::KrylovError>(())
/// ```
///
/// # Errors
/// [`KrylovError`]; where the time is up, results are what they are by then, with [`KrylovEnd::Stopped`].
///
/// # Panics
/// Where `times` does.
pub fn krylov_functions<T: Entry>(
    g: &[T],
    functions: &[KrylovFunction],
    options: &KrylovOptions,
    times: &mut dyn FnMut(&[T], &mut [T]),
) -> Result<Vec<KrylovValue>, KrylovError>
where
    Complex64: Mul<T, Output = Complex64>,
{
    let (most, limit) = most_products::<T>(g.len(), options)?;
    let mut space = KrylovSpace::new(g)?;
    let mut all: Vec<Progress> = functions.iter().map(Progress::new).collect();
    let mut stopped = None;
    while !space.is_exhausted() && space.products() < most && all.iter().any(|p| p.end.is_none()) {
        if let Err(reason) = budget::check() {
            if space.products() == 0 {
                return Err(reason.into());
            }
            stopped = Some(KrylovEnd::Stopped(reason));
            break;
        }
        space.extend(times)?;
        let m = space.products();
        let is_last = space.is_exhausted() || m == most;
        if is_last || m <= EACH || m.is_multiple_of(STRIDE) {
            let ritz = Ritz::of(&space)?;
            for progress in all.iter_mut().filter(|p| p.end.is_none()) {
                progress.advance(&space, &ritz, options.tolerance, is_last);
            }
        }
    }
    let end = stopped.unwrap_or(limit);
    all.into_iter().map(|p| p.finish(&space, end)).collect()
}

/// How many products may be made, and what says so.
fn most_products<T>(dimension: usize, options: &KrylovOptions) -> Result<(usize, KrylovEnd), OverMemory> {
    let wanted = options.max_products.min(dimension).max(1);
    let (bytes, name) = Budget::current().memory();
    let vector = (dimension * size_of::<T>()).max(1) as u64;
    // Two more for the product on its way and the result.
    let fitting = usize::try_from(bytes / vector).unwrap_or(usize::MAX).saturating_sub(4);
    let least = LEAST.min(wanted);
    if fitting < least {
        let what = format!("a Krylov space of {least} vectors with {dimension} numbers each");
        budget::need(vector.saturating_mul(least as u64 + 4), what, "use fewer parameters, or allow more")?;
    }
    if fitting < wanted {
        return Ok((fitting, KrylovEnd::Memory(name)));
    }
    Ok((wanted, KrylovEnd::Products(wanted, options.products_name)))
}

impl<'a> Progress<'a> {
    fn new(function: &'a KrylovFunction) -> Self {
        Self { function, history: Vec::new(), last: None, failure: SpectralError::BranchPoint, end: None }
    }

    /// The result of the space as it is, its estimate, and whether it is good enough.
    fn advance<T: Entry>(&mut self, space: &KrylovSpace<T>, ritz: &Ritz, tolerance: f64, is_last: bool) {
        let m = space.products();
        let coefficients = match ritz.apply(self.function) {
            Ok(coefficients) => coefficients,
            // By accident, such as an eigenvalue of T at the branch point: the next one is another.
            Err(error) => {
                self.failure = error;
                if space.is_exhausted() {
                    self.last = None;
                }
                return;
            }
        };
        let exact = space.is_exhausted() || self.function.exact_after().is_some_and(|after| m >= after);
        let apart = if exact { 0.0 } else { self.apart(m, &coefficients) };
        let looked = T::HERMITIAN || exact || is_last || apart <= tolerance || m.is_multiple_of(LOOK);
        let rounding = if looked { ritz.rounding(self.function, &coefficients) } else { 0.0 };
        let estimate = apart.max(rounding);
        if exact || (m > APART && looked) {
            if estimate <= tolerance {
                self.end = Some(KrylovEnd::Reached);
            } else if apart <= rounding {
                self.end = Some(KrylovEnd::Rounding);
            }
        }
        let mut shifted = Vec::new();
        if is_last || self.end.is_some() {
            let step = self.function.step;
            let held = ritz.values(space.leaves_by()).into_iter().filter(|(_, residual)| residual * step.abs() <= HELD);
            shifted.extend(held.map(|(theta, _)| 1.0 - step * theta));
        }
        self.history.push((m, coefficients.clone()));
        self.last = Some(Last { products: m, coefficients, estimate, shifted });
    }

    /// The difference to an earlier result, relative and made safe.
    fn apart(&self, m: usize, y: &[Complex64]) -> f64 {
        let size = norm(y);
        let to = |earlier: &Vec<Complex64>| SAFETY * distance(y, earlier) / size;
        let earlier = self.history.iter().rev().find(|(k, _)| k + APART <= m);
        let apart = match earlier {
            Some((_, earlier)) => to(earlier),
            // So early any of them.
            None => self.history.iter().map(|(_, earlier)| to(earlier)).fold(0.0, f64::max),
        };
        // A single result has nothing to be compared with.
        if self.history.is_empty() {
            SAFETY
        } else if apart.is_nan() {
            0.0
        } else {
            apart
        }
    }

    fn finish<T: Entry>(self, space: &KrylovSpace<T>, end: KrylovEnd) -> Result<KrylovValue, KrylovError>
    where
        Complex64: Mul<T, Output = Complex64>,
    {
        let route = Route::Krylov;
        let mut value = vec![Complex64::ZERO; space.dimension()];
        if space.norm() == 0.0 {
            let end = KrylovEnd::Reached;
            return Ok(KrylovValue { value, error_estimate: 0.0, products: 0, end, shifted: Vec::new(), route });
        }
        let Last { products, mut coefficients, estimate: error_estimate, shifted } = self.last.ok_or(self.failure)?;
        coefficients.iter_mut().for_each(|c| *c *= space.norm());
        space.combine(&coefficients, &mut value);
        if !value.iter().all(|x| x.is_finite()) {
            return Err(SpectralError::NotFinite.into());
        }
        Ok(KrylovValue { value, error_estimate, products, end: self.end.unwrap_or(end), shifted, route })
    }
}
