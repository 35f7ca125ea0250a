//! The rate at which flows change the loss.

use super::full::Full;
use super::row::Row;
use crate::spectral::{Alpha, FieldOptions, KrylovFunction, spectral_functions};
use num_complex::Complex64;

/// `gᵀα(hH)g` of three flows at the state of `full`, with `‖g‖²` and `gᵀHg` there.
pub(super) fn loss_rates(
    full: &mut Full<'_>,
    square: f64,
    g_hg: Option<f64>,
    h: Option<f64>,
    row: &mut Row,
) -> Vec<(String, Option<Complex64>)> {
    let ngf = Some(Complex64::from(-square));
    let igr = h.zip(g_hg).map(|(h, c)| Complex64::from(-square - h / 2.0 * c));
    let pf = h.and_then(|h| {
        let function = [KrylovFunction::new(Alpha::Logarithm, h)];
        let options = FieldOptions { products_name: "loss_rate", ..FieldOptions::default() };
        let (objective, gradient) = full.entered();
        let mut times = |v: &[f64], out: &mut [f64]| objective.hessian_times(v, out);
        let found = match spectral_functions(gradient, &function, &options, &mut times) {
            Ok(mut found) => found.swap_remove(0),
            Err(error) => {
                row.lost(Some("pf"), &error);
                return None;
            }
        };
        if let Some(warning) = found.warning(options.tolerance) {
            row.explain(warning);
        }
        Some(found.value.iter().zip(gradient).map(|(z, g)| z * *g).sum::<Complex64>())
    });
    let mut finite = |z: Option<Complex64>| z.and_then(|z| row.finite_complex(z));
    vec![("ngf".to_owned(), finite(ngf)), ("igr".to_owned(), finite(igr)), ("pf".to_owned(), finite(pf))]
}
