use super::*;

fn c(re: f64, im: f64) -> Complex64 {
    Complex64::new(re, im)
}

fn apply(alpha: Alpha, n: usize, hessian: &[Complex64], g: &[Complex64]) -> Result<Vec<Complex64>, SpectralError> {
    let mut out = vec![Complex64::ZERO; n];
    MatrixFunction::new(alpha, n).apply(1.0, hessian, g, &mut out)?;
    Ok(out)
}

fn diagonal(entries: &[f64]) -> Vec<Complex64> {
    let n = entries.len();
    (0..n * n).map(|k| if k % (n + 1) == 0 { entries[k / n].into() } else { Complex64::ZERO }).collect()
}

#[test]
fn the_branch_point_is_reported() {
    for entries in [&[1.0][..], &[1.0, 0.5], &[0.5, 1.0, 2.0], &[0.5, 0.25, 1.0, 3.0]] {
        let n = entries.len();
        let ones = vec![Complex64::ONE; n];
        let mut hessian = diagonal(entries);
        assert_eq!(apply(Alpha::Logarithm, n, &hessian, &ones), Err(SpectralError::BranchPoint));
        assert!(apply(Alpha::principal(3), n, &hessian, &ones).is_ok());
        // Without a component there, the field is finite.
        let masked: Vec<_> = entries.iter().map(|e| c(f64::from(u8::from(*e != 1.0)), 0.0)).collect();
        let out = apply(Alpha::Logarithm, n, &hessian, &masked).unwrap();
        assert!(out.iter().zip(entries).all(|(o, e)| (*e != 1.0) == (*o != Complex64::ZERO)));
        // The complex path.
        if n > 2 {
            let at = entries.iter().position(|e| *e != 1.0).unwrap() * (n + 1);
            hessian[at].im = 0.25;
            assert_eq!(apply(Alpha::Logarithm, n, &hessian, &ones), Err(SpectralError::BranchPoint));
        }
    }
    // 5/4 and 1/4 and their like off the diagonal: eigenvalues 1 and 3/2.
    let hessian = [c(1.25, 0.0), c(0.25, 0.0), c(0.25, 0.0), c(1.25, 0.0)];
    assert_eq!(apply(Alpha::Logarithm, 2, &hessian, &[Complex64::ONE; 2]), Err(SpectralError::BranchPoint));
}

#[test]
fn nothing_but_finite_input_is_taken() {
    for n in 1..4 {
        let mut hessian = diagonal(&vec![0.5; n]);
        hessian[0].im = f64::NAN;
        assert_eq!(apply(Alpha::Logarithm, n, &hessian, &vec![Complex64::ONE; n]), Err(SpectralError::NotFinite));
        let g = vec![c(f64::INFINITY, 0.0); n];
        assert_eq!(apply(Alpha::principal(1), n, &diagonal(&vec![0.5; n]), &g), Err(SpectralError::NotFinite));
    }
}

#[test]
fn a_zero_gradient_is_an_equilibrium_even_at_the_branch_point() {
    let zero = vec![Complex64::ZERO; 3];
    assert_eq!(apply(Alpha::Logarithm, 3, &diagonal(&[1.0, 1.0, 1.0]), &zero), Ok(zero.clone()));
}

#[test]
fn real_input_below_the_branch_point_stays_real() {
    let wave = |n: usize| -> Vec<Complex64> {
        (0..n * n).map(|k| c(((k / n + k % n) as f64).sin() / n as f64, 0.0)).collect()
    };
    for n in 1..6 {
        let out = apply(Alpha::Logarithm, n, &wave(n), &vec![Complex64::ONE; n]).unwrap();
        assert!(out.iter().all(|x| x.im == 0.0));
    }
}
