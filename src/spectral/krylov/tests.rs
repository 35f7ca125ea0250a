use super::*;
use crate::spectral::{Alpha, MatrixFunction, SpectralError};
use num_complex::Complex64;

/// Orthonormal columns that mix everything, as a product of reflections.
fn mix(v: &mut [f64], seed: usize) {
    for r in 0..3 {
        let n = v.len();
        let u: Vec<f64> = (0..n).map(|i| ((i * (2 * r + 3) + seed + r) as f64 * 0.7).sin() + 0.1).collect();
        let size: f64 = u.iter().map(|x| x * x).sum();
        let along: f64 = u.iter().zip(&*v).map(|(u, v)| u * v).sum();
        v.iter_mut().zip(&u).for_each(|(v, u)| *v -= 2.0 * along / size * u);
    }
}

fn unmix(v: &mut [f64], seed: usize) {
    for r in (0..3).rev() {
        let n = v.len();
        let u: Vec<f64> = (0..n).map(|i| ((i * (2 * r + 3) + seed + r) as f64 * 0.7).sin() + 0.1).collect();
        let size: f64 = u.iter().map(|x| x * x).sum();
        let along: f64 = u.iter().zip(&*v).map(|(u, v)| u * v).sum();
        v.iter_mut().zip(&u).for_each(|(v, u)| *v -= 2.0 * along / size * u);
    }
}

/// Products with a matrix of this spectrum in a mixed basis.
fn times(spectrum: &[f64]) -> impl FnMut(&[f64], &mut [f64]) + '_ {
    move |v, out| {
        out.copy_from_slice(v);
        unmix(out, 5);
        out.iter_mut().zip(spectrum).for_each(|(o, l)| *o *= l);
        mix(out, 5);
    }
}

fn wave(n: usize) -> Vec<f64> {
    (0..n).map(|i| ((i * i + 3 * i) as f64).cos()).collect()
}

/// `α(hH) g` by the known eigenvectors.
fn exact(spectrum: &[f64], f: &KrylovFunction, g: &[f64]) -> Vec<Complex64> {
    let mut inner = g.to_vec();
    unmix(&mut inner, 5);
    let scaled: Vec<Complex64> = inner.iter().zip(spectrum).map(|(g, l)| f.alpha.at((f.step * l).into()) * g).collect();
    let (mut re, mut im): (Vec<f64>, Vec<f64>) = scaled.iter().map(|z| (z.re, z.im)).unzip();
    mix(&mut re, 5);
    mix(&mut im, 5);
    re.iter().zip(&im).map(|(re, im)| Complex64::new(*re, *im)).collect()
}

fn error(got: &[Complex64], want: &[Complex64]) -> f64 {
    let norm = |v: &mut dyn Iterator<Item = Complex64>| v.map(|z| z.norm_sqr()).sum::<f64>().sqrt();
    norm(&mut got.iter().zip(want).map(|(a, b)| a - b)) / norm(&mut want.iter().copied())
}

/// A bulk around 0 with some beyond 1, as networks have.
fn network_like(n: usize, outliers: &[f64]) -> Vec<f64> {
    let mut spectrum: Vec<f64> = (0..n).map(|k| 0.3 * ((k as f64 + 0.5) / n as f64).powi(4) - 0.02).collect();
    spectrum[..outliers.len()].copy_from_slice(outliers);
    spectrum
}

fn spectra() -> Vec<Vec<f64>> {
    let n = 84;
    vec![
        network_like(n, &[1.9, 1.6, 1.5, 1.3, 1.05, 0.9]),
        network_like(n, &[2.1, 1.0000001, 0.99, 0.99, 0.99]),
        // Indefinite, clustered.
        (0..n).map(|k| [-0.5, 0.2, 0.2 + 1e-9, 0.7, 1.4, 1.4][k % 6]).collect(),
        // A continuous bulk across 1.
        (0..n).map(|k| 2.0 * k as f64 / n as f64 - 0.103).collect(),
        vec![0.0; n],
    ]
}

#[test]
fn functions_agree_with_the_spectrum() {
    let fs = [0.5, 0.8, 1.0].map(|h| KrylovFunction::new(Alpha::Logarithm, h));
    for spectrum in spectra() {
        let g = wave(spectrum.len());
        let options = KrylovOptions::default();
        let found = krylov_functions(&g, &fs, &options, &mut times(&spectrum)).unwrap();
        for (f, found) in fs.iter().zip(&found) {
            let error = error(&found.value, &exact(&spectrum, f, &g));
            assert!(error <= found.error_estimate, "{error} {}", found.error_estimate);
            assert!(!found.reached() || found.error_estimate <= 1e-10);
            let alone = krylov_functions(&g, std::slice::from_ref(f), &options, &mut times(&spectrum)).unwrap();
            assert_eq!(&alone[0], found);
        }
    }
}

/// At every number of products the estimate is not below the error, or a third of it.
#[test]
fn estimates_hold_at_every_size() {
    for spectrum in spectra() {
        let g = wave(spectrum.len());
        let f = KrylovFunction::new(Alpha::Logarithm, 1.0);
        let want = exact(&spectrum, &f, &g);
        for max_products in [1, 2, 3, 5, 8, 9, 12, 17, 25, 40] {
            let options = KrylovOptions { max_products, tolerance: 1e-15, ..KrylovOptions::default() };
            let found = &krylov_functions(&g, std::slice::from_ref(&f), &options, &mut times(&spectrum)).unwrap()[0];
            let error = error(&found.value, &want);
            assert!(error <= 3.0 * found.error_estimate, "{max_products}: {error} {}", found.error_estimate);
            assert!(found.error_estimate > 0.0);
        }
    }
}

#[test]
fn small_and_exhausted_spaces_are_exact() {
    let f = [KrylovFunction::new(Alpha::Logarithm, 1.0)];
    for spectrum in [&[0.3][..], &[1.7], &[0.0], &[0.3, 1.7], &[0.3, 0.3], &[-0.4, 0.5, 3.0]] {
        let g = wave(spectrum.len());
        let found = &krylov_functions(&g, &f, &KrylovOptions::default(), &mut times(spectrum)).unwrap()[0];
        assert!(found.reached() && error(&found.value, &exact(spectrum, &f[0], &g)) < 1e-14);
        assert!(found.products <= spectrum.len() && found.error_estimate > 0.0 && found.error_estimate < 1e-12);
    }
    // No gradient; an eigenvector.
    let spectrum = network_like(50, &[1.5]);
    let none = &krylov_functions(&[0.0; 50], &f, &KrylovOptions::default(), &mut times(&spectrum)).unwrap()[0];
    assert_eq!((none.products, none.error_estimate, none.reached()), (0, 0.0, true));
    let mut own = vec![0.0; 50];
    own[0] = 2.0;
    mix(&mut own, 5);
    let found = &krylov_functions(&own, &f, &KrylovOptions::default(), &mut times(&spectrum)).unwrap()[0];
    assert!(found.products <= 2 && found.reached());
    assert!(error(&found.value, &exact(&spectrum, &f[0], &own)) < 1e-13);
}

#[test]
fn the_branch_point_is_an_error_or_an_estimate() {
    let f = [KrylovFunction::new(Alpha::Logarithm, 1.0)];
    let mut diagonal = |v: &[f64], out: &mut [f64]| {
        for (k, (o, v)) in out.iter_mut().zip(v).enumerate() {
            *o = v * [1.0, 0.5][k];
        }
    };
    let options = KrylovOptions::default();
    assert_eq!(krylov_functions(&[1.0, 0.0], &f, &options, &mut diagonal), Err(SpectralError::BranchPoint.into()));
    // To within rounding.
    let spectrum = network_like(40, &[1.0 + 2.0 * f64::EPSILON]);
    match krylov_functions(&wave(40), &f, &options, &mut times(&spectrum)) {
        Ok(found) => assert!(!found[0].reached() && found[0].error_estimate > 1e-3, "{:?}", found[0]),
        Err(error) => assert_eq!(error, SpectralError::BranchPoint.into()),
    }
}

#[test]
fn what_is_not_finite_is_refused() {
    let f = [KrylovFunction::new(Alpha::Logarithm, 1.0)];
    let options = KrylovOptions::default();
    let mut bad = |_: &[f64], out: &mut [f64]| out.fill(f64::NAN);
    assert_eq!(krylov_functions(&[1.0, 2.0], &f, &options, &mut bad), Err(SpectralError::NotFinite.into()));
    let mut good = |v: &[f64], out: &mut [f64]| out.copy_from_slice(v);
    assert_eq!(krylov_functions(&[1.0, f64::INFINITY], &f, &options, &mut good), Err(SpectralError::NotFinite.into()));
    // Far from 1, and fine.
    for size in [1e200, 1e-200, 1e-310] {
        let found = &krylov_functions(&[3.0 * size, 4.0 * size], &f, &options, &mut |v, out| {
            out.copy_from_slice(v);
            out.iter_mut().for_each(|x| *x *= 0.5);
        })
        .unwrap()[0];
        assert!((found.value[1].re / (4.0 * size) - 0.5f64.ln() / 0.5).abs() < 1e-12, "{size}");
    }
}

/// Complex symmetric matrices, by Arnoldi and by the Schur form of the whole.
#[test]
fn complex_symmetric_matrices() {
    for (n, size) in [(1, 1.0), (2, 1.0), (3, 0.8), (40, 0.1), (40, 0.35)] {
        let entry = |i: usize, j: usize| {
            let k = (i.min(j) * 7 + i.max(j) * 3) as f64;
            Complex64::new((1.3 * k).sin(), 0.5 * (2.1 * k).cos()) * size
        };
        let hessian: Vec<Complex64> = (0..n * n).map(|k| entry(k / n, k % n)).collect();
        let g: Vec<Complex64> = (0..n).map(|k| Complex64::new(1.0, (k as f64).sin())).collect();
        let mut times = |v: &[Complex64], out: &mut [Complex64]| {
            for (o, row) in out.iter_mut().zip(hessian.chunks_exact(n)) {
                *o = row.iter().zip(v).map(|(a, b)| a * b).sum();
            }
        };
        let f = KrylovFunction::new(Alpha::Logarithm, 0.7);
        let found = &krylov_functions(&g, std::slice::from_ref(&f), &KrylovOptions::default(), &mut times).unwrap()[0];
        let mut want = vec![Complex64::ZERO; n];
        MatrixFunction::new(Alpha::Logarithm, n).apply(0.7, &hessian, &g, &mut want).unwrap();
        let error = error(&found.value, &want);
        assert!(found.reached() && error < 1e-10 && error <= found.error_estimate.max(1e-13), "{n}: {error}");
    }
}

#[test]
fn leading_pairs_agree_with_the_spectrum() {
    let n = 150;
    let mut double = network_like(n, &[3.0, 3.0, 2.5, 2.0, 2.0, 2.0, 1.5]);
    double[n - 1] = -5.0;
    let flat = vec![2.0; n];
    for (spectrum, count) in [(network_like(n, &[1.9, 1.6, 1.5, 1.3]), 5), (double, 6), (flat, 4), (vec![0.0; n], 3)] {
        let g = wave(n);
        let found = leading_eigenpairs(&g, None, &LeadingOptions::new(count), &mut times(&spectrum)).unwrap();
        let mut sorted = spectrum.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        assert!(found.end == KrylovEnd::Reached && found.route == Route::Krylov);
        let mut inner = g.clone();
        unmix(&mut inner, 5);
        for k in 0..count {
            let want = sorted[k];
            assert!(
                (found.eigenvalues[k] - want).abs() < 1e-11 * 5.0,
                "{k}: {:?} {:?}",
                found.eigenvalues,
                &sorted[..count]
            );
            assert!(found.residuals[k] < 1e-10);
            // The first of equal ones has all of the gradient's part; where not all are found that is not known.
            let is_first = k == 0 || sorted[k - 1] > want + 1e-9;
            if sorted[count] < want - 1e-9 {
                let part = inner.iter().zip(&spectrum).filter(|(_, l)| (**l - want).abs() < 1e-12);
                let along = if is_first { part.map(|(g, _)| g * g).sum::<f64>().sqrt() } else { 0.0 };
                assert!(
                    (found.gradient_along[k] - along).abs() < 1e-9 * 10.0,
                    "{k}: {} {along}",
                    found.gradient_along[k]
                );
            }
        }
    }
}

/// The gradient has nothing of the largest.
#[test]
fn the_largest_is_found_without_the_gradient() {
    let n = 200;
    let spectrum = network_like(n, &[5.0, 1.5, 1.2]);
    let mut g = wave(n);
    unmix(&mut g, 5);
    g[0] = 0.0;
    mix(&mut g, 5);
    for warm in [None, Some(wave(n))] {
        let found = leading_eigenpairs(&g, warm.as_deref(), &LeadingOptions::new(1), &mut times(&spectrum)).unwrap();
        assert!((found.eigenvalues[0] - 5.0).abs() < 1e-12 && found.gradient_along[0] < 1e-12);
    }
}

#[test]
fn dense_and_krylov_agree() {
    let n = 130;
    let spectrum = network_like(n, &[1.9, 1.6, 1.5, 1.3, 1.2, 0.8]);
    let g = wave(n);
    let hessian = dense_hessian(n, &mut times(&spectrum)).unwrap();
    let dense = DenseSpectrum::new(n, &hessian).unwrap();
    let f = KrylovFunction::new(Alpha::Logarithm, 1.0);
    let value = dense.apply(&f, &g, 1e-10, 0.0).unwrap();
    assert!(value.reached() && error(&value.value, &exact(&spectrum, &f, &g)) < 1e-13);
    // All of them, and a few.
    for count in [n, 5] {
        let found = leading_eigenpairs(&g, None, &LeadingOptions::new(count), &mut times(&spectrum)).unwrap();
        assert_eq!(found.route, Route::Dense);
        assert!((found.eigenvalues[0] - 1.9).abs() < 1e-13 && found.residuals.iter().all(|r| *r < 1e-12));
        assert_eq!(found.eigenvalues.len(), count);
    }
}

/// The functions of other optimizers and one that is given, from one space for several step sizes, by the whole matrix and at complex states too.
#[test]
fn every_function() {
    use crate::optimizer::testing::named;
    use crate::principal::PrincipalPart;
    use crate::spectral::Analytic;
    use std::sync::Arc;
    let analytic = |name, momentum| {
        let part = PrincipalPart::of(&named(name, momentum).unwrap());
        Alpha::Analytic(Arc::new(Analytic::new(&part).unwrap()))
    };
    let alphas = [
        analytic("heavy-ball", Some("1/2")),
        analytic("nesterov", Some("1/5")),
        analytic("implicit-euler", None),
        Alpha::principal(3),
        Alpha::Logarithm,
    ];
    let n = 24;
    let mut spectrum: Vec<f64> = (0..n).map(|k| 0.4 * (k as f64 / n as f64).powi(3) - 0.05).collect();
    spectrum[..3].copy_from_slice(&[1.7, 1.3, 0.8]);
    let fs: Vec<KrylovFunction> =
        alphas.iter().flat_map(|a| [0.7, 1.0].map(|h| KrylovFunction::new(a.clone(), h))).collect();
    let g = wave(n);
    let found = krylov_functions(&g, &fs, &KrylovOptions::default(), &mut times(&spectrum)).unwrap();
    for (f, found) in fs.iter().zip(&found) {
        let error = error(&found.value, &exact(&spectrum, f, &g));
        assert!(found.reached() && error <= found.error_estimate.max(1e-13), "{f:?}: {error} {}", found.error_estimate);
    }
    // A polynomial of degree 3 takes four products.
    assert_eq!((found[6].products, found[7].products), (4, 4));
    let hessian = dense_hessian(n, &mut times(&spectrum)).unwrap();
    let turned: Vec<Complex64> =
        hessian.iter().enumerate().map(|(k, x)| Complex64::new(*x, 0.05 * ((k / n + k % n) as f64).sin())).collect();
    let start: Vec<Complex64> = g.iter().map(|x| Complex64::new(*x, 0.3)).collect();
    let mut whole = |v: &[Complex64], out: &mut [Complex64]| {
        for (o, row) in out.iter_mut().zip(turned.chunks_exact(n)) {
            *o = row.iter().zip(v).map(|(a, b)| a * b).sum();
        }
    };
    let found = krylov_functions(&start, &fs, &KrylovOptions::default(), &mut whole).unwrap();
    for (f, found) in fs.iter().zip(&found) {
        let mut want = vec![Complex64::ZERO; n];
        MatrixFunction::new(f.alpha.clone(), n).apply(f.step, &turned, &start, &mut want).unwrap();
        let error = error(&found.value, &want);
        assert!(error <= found.error_estimate.max(1e-12) && error < 1e-9, "{f:?}: {error} {}", found.error_estimate);
    }
}

#[test]
fn routes_and_warnings() {
    let spectrum = network_like(90, &[1.9, 1.6, 1.5, 1.3, 1.05, 0.9]);
    let g = wave(90);
    let pf = [KrylovFunction::new(Alpha::Logarithm, 1.0)];
    let with = |max_products| {
        let options = FieldOptions { max_products, ..FieldOptions::default() };
        spectral_functions(&g, &pf, &options, &mut times(&spectrum)).unwrap().swap_remove(0)
    };
    let found = with(None);
    assert!(found.route == Route::Krylov && found.warning(1e-10).is_none());
    let few = with(Some(14));
    let warning = few.warning(1e-10).unwrap();
    assert_eq!((warning.code, few.products, few.route), ("unreached-tolerance", 14, Route::Krylov));
    assert!(
        warning.message.contains("14 products with the Hessian are all that max_products allows"),
        "{}",
        warning.message
    );
    // To 32 parameters the whole matrix, unless products are counted.
    let own = network_like(30, &[1.9]);
    let options = FieldOptions::default();
    let dense = &spectral_functions(&g[..30], &pf, &options, &mut times(&own)).unwrap()[0];
    let counted = FieldOptions { max_products: Some(40), ..options };
    let krylov = &spectral_functions(&g[..30], &pf, &counted, &mut times(&own)).unwrap()[0];
    assert_eq!((dense.route, krylov.route), (Route::Dense, Route::Krylov));
    assert!(error(&dense.value, &krylov.value) < 1e-10);
}

/// Where the products do not do, the matrix does.
#[test]
fn the_matrix_where_products_do_not_reach() {
    let n = 60;
    let spectrum: Vec<f64> =
        (0..n).map(|k| 1.0 + if k % 2 == 0 { 1.0 } else { -1.0 } * 0.8_f64.powi(k as i32 / 2)).collect();
    let pf = [KrylovFunction::new(Alpha::Logarithm, 1.0)];
    let mut diagonal =
        |v: &[f64], out: &mut [f64]| out.iter_mut().zip(v).zip(&spectrum).for_each(|((o, v), l)| *o = v * l);
    let found = &route::by_size(&vec![1.0; n], &pf, &FieldOptions::default(), 20, &mut diagonal).unwrap()[0];
    assert_eq!((found.route, found.products), (Route::Dense, 20 + n));
    let want: Vec<Complex64> = spectrum.iter().map(|l| Alpha::Logarithm.at((*l).into())).collect();
    assert!(error(&found.value, &want) <= found.error_estimate);
}

#[test]
fn memory_and_time_are_known_ahead() {
    use crate::budget::Budget;
    let spectrum = network_like(60, &[1.9, 1.6, 1.5, 1.3, 1.05, 0.9]);
    let g = wave(60);
    let pf = [KrylovFunction::new(Alpha::Logarithm, 1.0)];
    let run = || krylov_functions(&g, &pf, &KrylovOptions::default(), &mut times(&spectrum));
    let vectors = |count: u64| Budget::current().with_memory(count * 60 * 8, "--max-memory");
    let refused = vectors(10).run(run).unwrap().unwrap_err();
    assert!(refused.to_string().contains("a Krylov space of 16 vectors with 60 numbers each needs about"), "{refused}");
    let short = &vectors(21).run(run).unwrap().unwrap()[0];
    assert_eq!((short.products, short.end), (17, KrylovEnd::Memory("--max-memory")));
    assert!(
        short
            .warning(1e-10)
            .unwrap()
            .message
            .contains("more than 17 products with the Hessian do not fit into the memory")
    );
    let late = Budget::current().with_seconds(0.0, "--max-seconds").run(run).unwrap();
    assert!(matches!(late, Err(KrylovError::Stopped(_))));
}

/// What g is wrong by is part of the estimate, on either way, and an α that underflows is none.
#[test]
fn errors_of_the_gradient_count() {
    let spectrum = network_like(60, &[1.9, 1.6, 0.9]);
    let g = wave(60);
    let pf = [KrylovFunction::new(Alpha::Logarithm, 1.0)];
    let wrong: Vec<f64> = g.iter().enumerate().map(|(k, g)| g + 1e-6 * (5.0 * k as f64).cos()).collect();
    let gradient_error = 1e-6 * 60_f64.sqrt();
    let want = exact(&spectrum, &pf[0], &g);
    for max_products in [None, Some(200)] {
        for size in [60, 20] {
            let options = FieldOptions { max_products, gradient_error, ..FieldOptions::default() };
            let found = &spectral_functions(&wrong[..size], &pf, &options, &mut times(&spectrum[..size])).unwrap()[0];
            assert_eq!(found.end, KrylovEnd::Gradient);
            assert!(found.error_estimate < 1e-4 && found.warning(1e-10).unwrap().message.contains("of the gradient"));
            assert!(size < 60 || error(&found.value, &want) < found.error_estimate);
        }
    }
    let far = [KrylovFunction::new(Alpha::Logarithm, 1e160)];
    for size in [60, 20] {
        let found = spectral_functions(&g[..size], &far, &FieldOptions::default(), &mut times(&spectrum[..size]));
        assert_eq!(found, Err(SpectralError::OutOfRange.into()));
    }
}
