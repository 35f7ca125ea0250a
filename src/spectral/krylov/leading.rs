//! The largest eigenvalues with their eigenvectors, from products alone.

use super::super::error::SpectralError;
use super::super::symmetric::SymmetricEigen;
use super::basis::Basis;
use super::dense::{DenseSpectrum, dense_hessian, is_dense_for};
use super::pairs::{Leading, SAME, turn_to_gradient};
use super::value::{KrylovEnd, KrylovError, Route};
use crate::budget::{self, need};

/// Basis vectors beyond those asked for, before a restart.
const SPARE: usize = 40;

/// After a restart, those that are kept beyond those asked for.
const KEPT: usize = 16;

/// Looks for convergence after so many products.
const STRIDE: usize = 2;

/// How precise an eigenvector must be unless told, and what rounding allows of the residual.
const PRECISION: f64 = 1e-11;
const ROUNDING: f64 = 1e-14;

/// Which eigenpairs are looked for, and how far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeadingOptions {
    /// How many, from the largest eigenvalue down.
    pub count: usize,
    /// The most products with H.
    pub max_products: usize,
    /// What sets `max_products`, for messages; its own name unless told.
    pub products_name: &'static str,
    /// How precise eigenvectors must be, as the ratio of the residual to the gap to the next eigenvalue; 1e-11 unless told. Eigenvalues are precise to its
    /// square, or rounding.
    pub precision: f64,
    /// Whether residuals come from a product of their own for each pair, and not from the space.
    pub checked: bool,
    /// Whether a second search looks for eigenvalues that are there several times. Without it each may be found once only.
    pub repeated: bool,
}

impl LeadingOptions {
    /// That many, with as many products as they are likely to take and more.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let max_products = 2000 + 20 * count;
        Self { count, max_products, products_name: "max_products", precision: PRECISION, checked: true, repeated: true }
    }
}

/// The `count` largest eigenvalues of a real symmetric H, counted with their multiplicity, with eigenvectors, from products `v ↦ Hv`.
///
/// Lanczos with thick restarts (Wu & Simon, *SIAM J. Matrix Anal. Appl.* 22, 2000) and full orthogonalisation: at most `count + 42` vectors are held. It
/// starts from the gradient g, pseudo-random numbers that are always the same, and `warm`, an eigenvector or a sum of several that are known nearly, in equal parts. The gradient
/// alone would not do: where it has little of an eigenvector, that shows only after many products. What is found is final where every residual is below
/// 1e-11 (the precision of the options) of the gap to the next eigenvalue, or rounding, and where a second search among all that is orthogonal to it, from numbers of its own, finds nothing
/// larger; so eigenvalues are found as often as they occur. For one eigenvalue there is no second search, nor where the options leave it out.
///
/// Small matrices, and large parts of matrices to 2,000 rows, are decomposed whole: [`Route::Dense`].
///
/// ```
/// use shadowflow::spectral::{LeadingOptions, leading_eigenpairs};
/// // H = diag(1, …, 200) but the last is there twice.
/// let mut times = |v: &[f64], out: &mut [f64]| {
///     for (k, (o, v)) in out.iter_mut().zip(v).enumerate() {
///         *o = v * (k.min(198) + 1) as f64;
///     }
/// };
/// let found = leading_eigenpairs(&[1.0; 200], None, &LeadingOptions::new(3), &mut times)?;
/// assert!(found.eigenvalues.iter().zip([199.0, 199.0, 198.0]).all(|(a, b)| (a - b).abs() < 1e-9));
/// assert!((found.gradient_along[0] - 2f64.sqrt()).abs() < 1e-9 && found.gradient_along[1] < 1e-9);
/// # Ok::<(), shadowflow::spectral::KrylovError>(())
/// ```
///
/// # Errors
/// [`KrylovError`], the memory of its vectors before it begins. Where products or time run out there is what was found by then, with its residuals.
///
/// # Panics
/// Where `times` does.
pub fn leading_eigenpairs(
    g: &[f64],
    warm: Option<&[f64]>,
    options: &LeadingOptions,
    times: &mut dyn FnMut(&[f64], &mut [f64]),
) -> Result<Leading, KrylovError> {
    let n = g.len();
    let count = options.count.min(n);
    if is_dense_for(n, count) && options.max_products >= n {
        let hessian = dense_hessian(n, times)?;
        return Ok(DenseSpectrum::new(n, &hessian)?.leading(&hessian, g, count, options.checked));
    }
    let capacity = (count + SPARE).min(n);
    let bytes = (n as u64).saturating_mul(8 * (capacity as u64 + 4));
    need(bytes, format!("{capacity} vectors of {n} numbers each"), "ask for fewer eigenvalues, or allow more")?;
    let mut search = Search::new(g, warm, capacity)?;
    let end = search.run(count, options, times)?;
    search.finish(g, options.checked, (count, end), times)
}

/// An orthonormal basis V with `H V = V S + β next e_lastᵀ`.
struct Search {
    dimension: usize,
    /// V, and after it `next` unless V is whole.
    basis: Basis<f64>,
    /// S, row by row with room for `capacity` rows.
    s: Vec<f64>,
    capacity: usize,
    /// How many vectors V has.
    size: usize,
    beta: f64,
    scale: f64,
    products: usize,
    seed: u64,
}

/// Eigenpairs of S, largest first.
struct Found {
    values: Vec<f64>,
    /// Which eigenvector of `eigen` each is.
    order: Vec<usize>,
    eigen: SymmetricEigen,
    residuals: Vec<f64>,
}

impl Found {
    fn entry(&self, row: usize, pair: usize) -> f64 {
        self.eigen.vector(self.order[pair], row)
    }
}

impl Search {
    fn new(g: &[f64], warm: Option<&[f64]>, capacity: usize) -> Result<Self, SpectralError> {
        let n = g.len();
        let basis = Basis::new(n);
        let mut search = Self {
            dimension: n,
            basis,
            s: vec![0.0; capacity * capacity],
            capacity,
            size: 0,
            beta: 0.0,
            scale: 0.0,
            products: 0,
            seed: 0,
        };
        let mut start = vec![0.0; n];
        for part in [Some(g), warm].into_iter().flatten() {
            let norm = search.basis.norm(part);
            if !norm.is_finite() {
                return Err(SpectralError::NotFinite);
            }
            if norm > 0.0 && part.len() == n {
                // In two factors, since the inverse of a small norm may overflow.
                let root = norm.sqrt();
                start.iter_mut().zip(part).for_each(|(s, x)| *s += x / root / root);
            }
        }
        let random = search.random();
        let norm = search.basis.norm(&random);
        start.iter_mut().zip(&random).for_each(|(s, x)| *s += x / norm);
        search.push(start);
        Ok(search)
    }

    /// Numbers between −1 and 1 that look random and are the same in every run (Steele, Lea & Flood, splitmix64).
    fn random(&mut self) -> Vec<f64> {
        (0..self.dimension)
            .map(|_| {
                self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut z = self.seed;
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
            })
            .collect()
    }

    /// Makes a vector orthogonal to all and a unit one, and adds it; `false` if nothing is left of it.
    fn push(&mut self, mut w: Vec<f64>) -> bool {
        let before = self.basis.norm(&w);
        for _ in 0..3 {
            let c = self.basis.dots(&w);
            self.basis.subtract(&c, &mut w);
        }
        let norm = self.basis.norm(&w);
        if norm.is_nan() || norm <= before * 1e-8 {
            return false;
        }
        w.iter_mut().for_each(|x| *x /= norm);
        self.basis.columns.push(w);
        true
    }

    /// A next vector of random numbers, with no coupling to what there is.
    fn push_random(&mut self) -> bool {
        self.beta = 0.0;
        // Near the whole space little is left of one vector, but not of all.
        (0..8).any(|_| {
            let random = self.random();
            self.push(random)
        })
    }

    /// One product.
    fn expand(&mut self, times: &mut dyn FnMut(&[f64], &mut [f64])) -> Result<(), SpectralError> {
        let k = self.size;
        let mut w = vec![0.0; self.dimension];
        times(&self.basis.columns[k], &mut w);
        self.products += 1;
        let mut column = vec![0.0; k + 1];
        // Twice, and a third time where H does not lead out.
        for round in 0..3 {
            let c = self.basis.dots(&w);
            self.basis.subtract(&c, &mut w);
            column.iter_mut().zip(&c).for_each(|(t, c)| *t += c);
            let taken = c.iter().map(|x| x * x).sum::<f64>().sqrt();
            self.beta = self.basis.norm(&w);
            if round > 0 && self.beta >= taken {
                break;
            }
        }
        let size = column.iter().map(|x| x * x).sum::<f64>().sqrt().hypot(self.beta);
        if !size.is_finite() {
            return Err(SpectralError::NotFinite);
        }
        self.scale = self.scale.max(size);
        for (i, x) in column.into_iter().enumerate() {
            self.s[i * self.capacity + k] = x;
            self.s[k * self.capacity + i] = x;
        }
        self.size += 1;
        if self.size == self.dimension {
            self.beta = 0.0;
        } else if self.beta <= f64::EPSILON * (self.dimension as f64).sqrt().max(16.0) * self.scale {
            if !self.push_random() {
                return Err(SpectralError::NoConvergence);
            }
        } else {
            let beta = self.beta;
            w.iter_mut().for_each(|x| *x /= beta);
            self.basis.columns.push(w);
        }
        Ok(())
    }

    fn eigenpairs(&self) -> Result<Found, SpectralError> {
        let m = self.size;
        let mut eigen = SymmetricEigen::new(m);
        if !eigen.decompose(|i, j| self.s[i * self.capacity + j]) {
            return Err(SpectralError::NoConvergence);
        }
        let mut order: Vec<usize> = (0..m).collect();
        order.sort_by(|a, b| eigen.values()[*b].total_cmp(&eigen.values()[*a]));
        let values = order.iter().map(|k| eigen.values()[*k]).collect();
        let residuals = order.iter().map(|k| (self.beta * eigen.vector(*k, m - 1)).abs()).collect();
        Ok(Found { values, order, eigen, residuals })
    }

    /// Keeps the first eigenvectors as V; the next vector stays, or is dropped.
    fn restart(&mut self, found: &Found, kept: usize, with_next: bool) {
        let next = if self.size < self.basis.len() { self.basis.columns.pop() } else { None };
        self.basis.rotate(kept, |row, pair| found.entry(row, pair));
        self.s.fill(0.0);
        for k in 0..kept {
            self.s[k * self.capacity + k] = found.values[k];
        }
        self.size = kept;
        if with_next {
            self.basis.columns.extend(next);
        }
    }

    /// Whether the first eigenpairs are as precise as asked for.
    fn is_precise(&self, found: &Found, count: usize, precision: f64) -> bool {
        let least = ROUNDING * self.scale;
        found.values.len() >= count
            && (0..count).all(|i| {
                let value = found.values[i];
                let apart = |other: &f64| Some((value - other).abs()).filter(|d| *d > SAME * self.scale);
                let gap = found.values.iter().filter_map(apart).fold(self.scale, f64::min);
                found.residuals[i] <= (precision * gap).max(least)
            })
    }

    fn run(
        &mut self,
        count: usize,
        options: &LeadingOptions,
        times: &mut dyn FnMut(&[f64], &mut [f64]),
    ) -> Result<KrylovEnd, KrylovError> {
        // The explicit residuals cost as many products as there are pairs.
        let most = options.max_products.saturating_sub(if options.checked { count } else { 0 }).max(count + 1);
        // The smallest of the pairs that a second search is about.
        let mut against: Option<f64> = None;
        loop {
            if let Err(reason) = budget::check() {
                if self.size < count {
                    return Err(reason.into());
                }
                return Ok(KrylovEnd::Stopped(reason));
            }
            self.expand(times)?;
            let is_whole = self.size == self.dimension;
            let is_full = self.size == self.capacity;
            if !(is_whole || is_full || self.size.is_multiple_of(STRIDE) || self.products >= most) {
                continue;
            }
            let found = self.eigenpairs()?;
            let precise = self.is_precise(&found, count, options.precision);
            if is_whole || (precise && (count == 1 || !options.repeated || self.nothing_larger(&found, count, against)))
            {
                return Ok(KrylovEnd::Reached);
            }
            if self.products >= most && self.size >= count {
                return Ok(KrylovEnd::Products(options.max_products, options.products_name));
            }
            if precise && against.is_none() {
                self.restart(&found, count, false);
                if !self.push_random() {
                    return Err(SpectralError::NoConvergence.into());
                }
                against = Some(found.values[count - 1]);
            } else if against.is_some_and(|least| found.values[count - 1] > least + SAME * self.scale) {
                // There was one. When all are precise again there may be another.
                against = None;
            }
            if self.size == self.capacity {
                let kept = (count + KEPT).min(self.size - 2);
                self.restart(&found, kept, true);
            }
        }
    }

    /// Whether a second search says that all that is orthogonal to the pairs lies below them.
    fn nothing_larger(&self, found: &Found, count: usize, against: Option<f64>) -> bool {
        let (Some(least), Some(next)) = (against, found.values.get(count)) else { return false };
        let gap = (found.values[count - 1] - next).abs();
        found.values[count - 1] <= least + SAME * self.scale
            && found.residuals[count] <= (1e-3 * gap).max(1e-9 * self.scale)
    }

    fn finish(
        mut self,
        g: &[f64],
        checked: bool,
        (count, end): (usize, KrylovEnd),
        times: &mut dyn FnMut(&[f64], &mut [f64]),
    ) -> Result<Leading, KrylovError> {
        let found = self.eigenpairs()?;
        self.restart(&found, count, false);
        let mut along = self.basis.dots(g);
        let tolerance = SAME * self.scale;
        turn_to_gradient(&found.values[..count], tolerance, &mut along, &mut self.basis.columns);
        let mut residuals = Vec::with_capacity(count);
        let mut product = vec![0.0; self.dimension];
        if !checked {
            residuals.extend_from_slice(&found.residuals[..count]);
        }
        for (k, value) in found.values[..count].iter().enumerate().filter(|_| checked) {
            times(&self.basis.columns[k], &mut product);
            self.products += 1;
            self.basis.subtract_those(k, &[*value], &mut product);
            residuals.push(self.basis.norm(&product));
        }
        Ok(Leading {
            eigenvalues: found.values[..count].to_vec(),
            vectors: self.basis.columns,
            gradient_along: along.iter().map(|x| x.abs()).collect(),
            residuals,
            products: self.products,
            end,
            route: Route::Krylov,
        })
    }
}
