//! Which way leads to α(hH)g, and what is said where none leads far enough.

use super::dense::{ALWAYS_DENSE, DENSE_ROWS, DenseSpectrum, dense_hessian};
use super::function::{KrylovOptions, krylov_functions};
use super::ritz::KrylovFunction;
use super::value::{KrylovEnd, KrylovError, KrylovValue};
use crate::warning::Warning;

/// How precisely α(hH)g is wanted, and at what cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FieldOptions {
    /// The error that is asked for, relative to the norm of the result.
    pub tolerance: f64,
    /// The most products with H. Where it is given there is a Krylov space of that many or fewer and no other way; otherwise there are up to 200, and then
    /// the whole matrix if it is small enough.
    pub max_products: Option<usize>,
    /// What sets `max_products`, for messages; its own name unless told.
    pub products_name: &'static str,
    /// An estimate of `|δg|`, what g itself is wrong by; see [`KrylovOptions::gradient_error`].
    pub gradient_error: f64,
}

impl Default for FieldOptions {
    /// A tolerance of 1e-10, of a g without an error.
    fn default() -> Self {
        Self { tolerance: 1e-10, max_products: None, products_name: "max_products", gradient_error: 0.0 }
    }
}

/// `α(hH) g` at a real state for several functions and step sizes, by the way that its size and the options decide:
///
/// | D | `max_products` | route |
/// |---|---|---|
/// | any | given | Krylov |
/// | to 32 | – | dense |
/// | 33 to 2,000 | – | Krylov; dense for what is not reached with 200 products |
/// | beyond | – | Krylov |
///
/// ```
/// use shadowflow::spectral::{Alpha, FieldOptions, KrylovFunction, Route, spectral_functions};
/// let mut times = |v: &[f64], out: &mut [f64]| out.iter_mut().zip(v).for_each(|(o, v)| *o = 3.0 * v);
/// let pf = [KrylovFunction::new(Alpha::Logarithm, 0.1)];
/// let few = spectral_functions(&[1.0; 20], &pf, &FieldOptions::default(), &mut times)?;
/// let many = spectral_functions(&[1.0; 50], &pf, &FieldOptions::default(), &mut times)?;
/// assert_eq!((few[0].route, many[0].route), (Route::Dense, Route::Krylov));
/// assert!((few[0].value[0] - many[0].value[0]).norm() < 1e-14);
/// # Ok::<(), shadowflow::spectral::KrylovError>(())
/// ```
///
/// # Errors
/// As [`krylov_functions`].
///
/// # Panics
/// Where `times` does.
pub fn spectral_functions(
    g: &[f64],
    functions: &[KrylovFunction],
    options: &FieldOptions,
    times: &mut dyn FnMut(&[f64], &mut [f64]),
) -> Result<Vec<KrylovValue>, KrylovError> {
    by_size(g, functions, options, KrylovOptions::default().max_products, times)
}

/// [`spectral_functions`], with that many products before the whole matrix.
pub(super) fn by_size(
    g: &[f64],
    functions: &[KrylovFunction],
    options: &FieldOptions,
    most: usize,
    times: &mut dyn FnMut(&[f64], &mut [f64]),
) -> Result<Vec<KrylovValue>, KrylovError> {
    let FieldOptions { tolerance, max_products, products_name, gradient_error } = *options;
    if max_products.is_none() && g.len() <= ALWAYS_DENSE {
        return dense(g, functions, options, times);
    }
    let max_products = max_products.unwrap_or(most);
    let krylov = KrylovOptions { tolerance, max_products, products_name, gradient_error };
    let mut found = krylov_functions(g, functions, &krylov, times)?;
    let more = |value: &KrylovValue| matches!(value.end, KrylovEnd::Products(..));
    if options.max_products.is_none() && g.len() <= DENSE_ROWS && found.iter().any(more) {
        let missing: Vec<usize> = (0..found.len()).filter(|k| more(&found[*k])).collect();
        let left: Vec<KrylovFunction> = missing.iter().map(|k| functions[*k].clone()).collect();
        match dense(g, &left, options, times) {
            Ok(values) => {
                for (k, mut value) in missing.into_iter().zip(values) {
                    value.products += found[k].products;
                    found[k] = value;
                }
            }
            // What there is has its estimate.
            Err(KrylovError::Memory(_) | KrylovError::Stopped(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn dense(
    g: &[f64],
    functions: &[KrylovFunction],
    options: &FieldOptions,
    times: &mut dyn FnMut(&[f64], &mut [f64]),
) -> Result<Vec<KrylovValue>, KrylovError> {
    let spectrum = DenseSpectrum::new(g.len(), &dense_hessian(g.len(), times)?)?;
    functions.iter().map(|f| Ok(spectrum.apply(f, g, options.tolerance, options.gradient_error)?)).collect()
}

impl KrylovValue {
    /// What is to be said of a value that is not as precise as asked for, with the code `unreached-tolerance`; nothing of others.
    #[must_use]
    pub fn warning(&self, tolerance: f64) -> Option<Warning> {
        let why = match self.end {
            KrylovEnd::Reached => return None,
            KrylovEnd::Products(most, name) => {
                format!("{most} products with the Hessian are all that {name} allows: allow more of them, or a larger tolerance")
            }
            KrylovEnd::Memory(name) => format!(
                "more than {} products with the Hessian do not fit into the memory, which {name} limits: allow more of it, or a larger tolerance",
                self.products
            ),
            KrylovEnd::Rounding => {
                "this is what rounding leaves, since an hλ lies so close to a branch point of α or the tolerance is so small".to_owned()
            }
            KrylovEnd::Gradient => {
                "this is what rounding leaves of the gradient, which is small beside the numbers that it is made of".to_owned()
            }
            KrylovEnd::Stopped(reason) => format!("{reason} after {} products with the Hessian", self.products),
        };
        let beyond = self.shifted.iter().filter(|m| m.re < 0.0).count();
        let many = if beyond > 9 {
            format!("; {beyond} eigenvalues or more lie beyond 1/h, which takes many products")
        } else {
            String::new()
        };
        let much = match self.error_estimate.is_finite() {
            true => format!("about {:.1e} of its size", self.error_estimate),
            false => "more than its size".to_owned(),
        };
        let message =
            format!("α(hH)g has an error of {much}, by an estimate, where {tolerance:.1e} was asked for; {why}{many}");
        Some(Warning::new("unreached-tolerance", message))
    }
}
