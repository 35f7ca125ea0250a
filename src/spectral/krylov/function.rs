//! `α(hH) g` from products with H, with an estimate of its error.

use super::super::error::SpectralError;
use super::entry::Entry;
use super::ritz::{KrylovFunction, Ritz, distance, norm};
use super::space::KrylovSpace;
use super::value::{KrylovEnd, KrylovError, KrylovValue, Route};
use crate::budget::{self, Budget, OverMemory};
use num_complex::Complex64;
use std::collections::BTreeMap;
use std::ops::Mul;

/// How many products lie between two results whose difference tells the error.
const APART: usize = 8;

/// What that difference is multiplied by.
const SAFETY: f64 = 3.0;

/// To so many products there is a result after each of them, from there on after every fourth; of complex H, whose results take Schur forms, always
/// after every fourth.
const EACH: usize = 48;
const STRIDE: usize = 4;

/// Results by Schur form are looked for this part of the way to where they seem to be good enough, at most so many products ahead.
const PART_OF_WAY: f64 = 0.6;
const AHEAD: usize = 8;

/// What rounding leaves, which takes another Schur form, is asked for from such a difference on, or from so many products on.
const SMALL: f64 = 1e-4;
const LATE: usize = 3 * APART;

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
    /// An estimate of `|δg|`, what g itself is wrong by: `max |α(hλ)| |δg|` of the eigenvalues that the space knows is part of the estimate.
    pub gradient_error: f64,
}

impl Default for KrylovOptions {
    /// A tolerance of 1e-10 and 200 products, of a g without an error.
    fn default() -> Self {
        Self { tolerance: 1e-10, max_products: 200, products_name: "max_products", gradient_error: 0.0 }
    }
}

/// A result on its way.
struct Last {
    products: usize,
    coefficients: Vec<Complex64>,
    estimate: f64,
    shifted: Vec<Complex64>,
}

/// What is known of a value 0 that comes of g = 0, with the error that g may have.
pub(super) fn of_nothing(gradient_error: f64) -> (KrylovEnd, f64) {
    if gradient_error > 0.0 { (KrylovEnd::Gradient, f64::INFINITY) } else { (KrylovEnd::Reached, 0.0) }
}

/// One function on its way.
struct Progress<'a> {
    function: &'a KrylovFunction,
    /// The results by how many products they are made of; `None` where there is none.
    history: BTreeMap<usize, Option<Vec<Complex64>>>,
    /// After how many products there is to be a result.
    next: usize,
    last: Option<Last>,
    /// Why there was no last result.
    failure: SpectralError,
    end: Option<KrylovEnd>,
    /// Whether the last estimate was that of rounding.
    rounded: bool,
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
    let first = |f: &KrylovFunction| if T::HERMITIAN { 1 } else { f.exact_after().unwrap_or(APART + STRIDE) };
    let mut all: Vec<Progress> = functions.iter().map(|f| Progress::new(f, first(f))).collect();
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
        let due = |p: &Progress| p.end.is_none() && (is_last || p.next <= m);
        if all.iter().any(due) {
            let ritz = Ritz::of(&space, m)?;
            for progress in all.iter_mut().filter(|p| due(p)) {
                progress.advance(&space, &ritz, options, is_last);
            }
        }
    }
    let end = stopped.unwrap_or(limit);
    all.into_iter().map(|p| p.finish(&space, end, options.gradient_error)).collect()
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
    fn new(function: &'a KrylovFunction, first: usize) -> Self {
        Self {
            function,
            history: BTreeMap::new(),
            next: first,
            last: None,
            failure: SpectralError::BranchPoint,
            end: None,
            rounded: false,
        }
    }

    /// The result of the space as it is, its estimate, and whether it is good enough.
    fn advance<T: Entry>(&mut self, space: &KrylovSpace<T>, ritz: &Ritz, options: &KrylovOptions, is_last: bool) {
        let tolerance = options.tolerance;
        let m = space.products();
        self.next = if m < EACH && T::HERMITIAN { m + 1 } else { (m + 1).next_multiple_of(STRIDE) };
        let coefficients = match ritz.apply(self.function) {
            Ok(coefficients) => coefficients,
            // By accident, such as an eigenvalue of T at the branch point: the next one is another.
            Err(error) => {
                self.failure = error;
                self.history.insert(m, None);
                if space.is_exhausted() {
                    self.last = None;
                }
                return;
            }
        };
        let exact = space.is_exhausted() || self.function.exact_after().is_some_and(|after| m >= after);
        let apart = if exact { 0.0 } else { self.apart(space, m, &coefficients) };
        let given = match options.gradient_error {
            0.0 => 0.0,
            error => error / space.norm() * ritz.largest(self.function) / norm(&coefficients),
        };
        let is_near = T::HERMITIAN || exact || is_last || apart <= SMALL || m >= LATE;
        let rounding = given + if is_near { ritz.rounding(self.function, &coefficients) } else { 0.0 };
        let estimate = apart.max(rounding);
        if exact || m > APART {
            if estimate <= tolerance {
                self.end = Some(KrylovEnd::Reached);
            } else if apart <= rounding && (exact || self.rounded) {
                self.end = Some(if given > 0.5 * rounding { KrylovEnd::Gradient } else { KrylovEnd::Rounding });
            }
        }
        // Twice in a row: an eigenvalue of T may be near a branch point by accident.
        self.rounded = apart <= rounding;
        if !T::HERMITIAN
            && let Some(before) = &self.last
        {
            let rate = (before.estimate / estimate).ln() / (m - before.products) as f64;
            let rest = (estimate / tolerance).ln() / rate;
            if rest > 0.0 {
                let ahead = (rest * PART_OF_WAY) as usize / STRIDE * STRIDE;
                self.next = self.next.max(m + ahead.min(AHEAD));
            }
        }
        let mut shifted = Vec::new();
        if is_last || self.end.is_some() {
            let step = self.function.step;
            let held = ritz.values(space.leaves_by()).into_iter().filter(|(_, residual)| residual * step.abs() <= HELD);
            shifted.extend(held.map(|(theta, _)| 1.0 - step * theta));
        }
        self.history.insert(m, Some(coefficients.clone()));
        self.last = Some(Last { products: m, coefficients, estimate, shifted });
    }

    /// The difference to an earlier result, relative and made safe.
    fn apart<T: Entry>(&mut self, space: &KrylovSpace<T>, m: usize, y: &[Complex64]) -> f64 {
        let size = norm(y);
        let mut apart = None;
        if m > APART {
            // The one so many products before, or the last before that which there is.
            apart = (1..=m - APART).rev().find_map(|k| Some(distance(y, self.earlier(space, k)?)));
        } else {
            // So early the largest difference to any.
            for k in 1..m {
                let from = self.earlier(space, k).map(|earlier| distance(y, earlier));
                apart = from.into_iter().chain(apart).reduce(f64::max);
            }
        }
        // A single result has nothing to be compared with.
        let Some(apart) = apart else { return SAFETY };
        let relative = SAFETY * apart / size;
        if relative.is_nan() { 0.0 } else { relative }
    }

    /// The result of fewer products.
    fn earlier<T: Entry>(&mut self, space: &KrylovSpace<T>, k: usize) -> Option<&Vec<Complex64>> {
        let f = self.function;
        let result = || Ritz::of(space, k).and_then(|ritz| ritz.apply(f)).ok();
        self.history.entry(k).or_insert_with(result).as_ref()
    }

    fn finish<T: Entry>(self, space: &KrylovSpace<T>, end: KrylovEnd, given: f64) -> Result<KrylovValue, KrylovError>
    where
        Complex64: Mul<T, Output = Complex64>,
    {
        let route = Route::Krylov;
        let mut value = vec![Complex64::ZERO; space.dimension()];
        if space.norm() == 0.0 {
            let (end, error_estimate) = of_nothing(given);
            return Ok(KrylovValue { value, error_estimate, products: 0, end, shifted: Vec::new(), route });
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
