//! The step size of a report: one at which the flows exist.

use super::{Part, ReportOptions};
use crate::evaluation::{Request, evaluate};
use crate::evidence::PrincipalSummary;
use crate::flow::{FlowError, IntegratorOptions, Model, Subject, simulate_for};
use crate::loss::Loss;
use crate::number::Rational;
use crate::render::text::significant;
use crate::spectral::SymmetricEigen;
use num_complex::Complex64;

/// `hλ_0` at the start where nothing stands against it.
const EAGER: f64 = 1.5;
/// How close an `hλ` may come to the branch point on the way then.
const CLEAR: f64 = 0.15;
/// The share of the branch point below which every `hλ` stays otherwise.
const SAFE: f64 = 0.8;
/// How often the step size is made smaller.
const TRIES: usize = 8;
/// Points looked at between two iterates, where the flows pass.
const BETWEEN: usize = 4;

/// A step size and why it is this one.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) h: Rational,
    pub(super) reason: String,
}

/// Looks at the spectrum along the optimizer's own path before anything is integrated.
pub(super) fn choose(
    subject: &Subject,
    options: &ReportOptions,
    model: &mut dyn Model,
    start: &[f64],
) -> Result<Chosen, FlowError> {
    let first = spectra(model, &[Some(start.to_vec())])?;
    let Some(top) = first.first().and_then(|s| s.first().copied()) else {
        return Ok(Chosen { h: Rational::new(1, 10), reason: "the Hessian is not finite at the start".to_owned() });
    };
    let steps = options.steps;
    if subject.optimizer().is_gradient_descent() && top > 0.0 {
        let h = two_digits(EAGER / top);
        let path = path(subject, model, &h, steps, start)?;
        if path.len() == steps + 1 && stays_clear(&spectra(model, &path)?, h.to_f64()) {
            let reached = significant(top * h.to_f64(), 3);
            let reason = format!(
                "the step size was chosen so that hλ₀ is {reached} at the start, between 1, from where the optimizer overshoots, and 2, the edge of stability: \
                 there the flows differ most, and no hλ comes within {CLEAR} of 1, the branch point of the principal flow, along the \
                 optimizer's path"
            );
            return Ok(Chosen { h, reason });
        }
    }
    let limit = branch_point(options);
    let size = |spectra: &[Vec<f64>]| spectra.iter().flatten().fold(0.0_f64, |m, x| m.max(x.abs()));
    let largest = size(&first);
    if largest == 0.0 {
        let reason = "the step size is 1/10, since no curvature at the start says what would suit".to_owned();
        return Ok(Chosen { h: Rational::new(1, 10), reason });
    }
    let mut h = two_digits(SAFE * limit / largest);
    let mut tries = 0;
    let reached = loop {
        let path = path(subject, model, &h, steps, start)?;
        let reached = size(&spectra(model, &path)?) * h.to_f64();
        if reached <= (SAFE + 0.05) * limit || tries == TRIES {
            break reached;
        }
        tries += 1;
        // Where the path runs away its curvature says nothing of a path that does not.
        h = two_digits(h.to_f64() * (SAFE * limit / reached).clamp(0.1, 0.5));
    };
    let reached = significant(reached, 3);
    let reason = format!(
        "the step size was chosen so that every hλ, an eigenvalue of the Hessian times the step size, is at most {reached} in size along the \
         optimizer's path, and so away from {}, the branch point of the principal flow: there all flows exist",
        (limit * 1e4).round() / 1e4
    );
    Ok(Chosen { h, reason })
}

/// The step size of a loss whose Hessian is known by its products alone: by the largest eigenvalue at the start.
pub(super) fn choose_by_products(loss: &Loss, subject: &Subject, start: &[f64]) -> Part<Chosen> {
    let at: Option<Vec<Rational>> = start.iter().map(|x| Rational::from_f64(*x)).collect();
    let at = at.ok_or("the start is not finite")?;
    let request = Request { spectrum: Some(1), ..Request::default() };
    let found = evaluate(loss, &at, subject, &request).map_err(|e| e.to_string())?;
    let top = found.spectrum.and_then(|s| s.eigenvalues.first().copied()).filter(|top| top.is_finite() && *top > 0.0);
    let Some(top) = top else {
        let reason = "the step size is 1/10, since no curvature at the start says what would suit".to_owned();
        return Ok(Chosen { h: Rational::new(1, 10), reason });
    };
    let h = two_digits(EAGER / top);
    let reached = significant(top * h.to_f64(), 3);
    let reason = format!(
        "the step size was chosen so that hλ₀ is {reached} at the start, between 1, from where gradient descent overshoots, and 2, its edge of stability"
    );
    Ok(Chosen { h, reason })
}

/// The first positive `hλ` at which α is not analytic, 1 where there is none.
fn branch_point(options: &ReportOptions) -> f64 {
    let summary = PrincipalSummary::of(&options.optimizer, 1).ok();
    let points = summary.and_then(|s| s.branch_points).unwrap_or_default();
    let positive = points.iter().filter_map(|p| p.value).filter(|z| z.im.abs() < 1e-12 && z.re > 1e-9);
    positive.map(|z| z.re).fold(1.0, f64::min)
}

/// The optimizer's iterates as far as they are finite.
fn path(
    subject: &Subject,
    model: &mut dyn Model,
    h: &Rational,
    steps: usize,
    start: &[f64],
) -> Result<Vec<Option<Vec<f64>>>, FlowError> {
    let run = simulate_for(subject, model, h, steps, start, &[], &IntegratorOptions::default())?;
    Ok(run.iterates.into_iter().take_while(Option::is_some).collect())
}

/// The eigenvalues of the Hessian along a path, each list from the largest down; up to where they are not finite.
fn spectra(model: &dyn Model, path: &[Option<Vec<f64>>]) -> Result<Vec<Vec<f64>>, FlowError> {
    let mut derivatives = model.hessian()?;
    let n = derivatives.dimension();
    let mut eigen = SymmetricEigen::new(n);
    let (mut gradient, mut hessian) = (vec![Complex64::ZERO; n], vec![Complex64::ZERO; n * n]);
    let points: Vec<&Vec<f64>> = path.iter().flatten().collect();
    let mut found = Vec::new();
    for (k, point) in points.iter().enumerate() {
        let next = points.get(k + 1).unwrap_or(point);
        for part in 0..BETWEEN {
            let share = part as f64 / BETWEEN as f64;
            let state: Vec<Complex64> =
                point.iter().zip(*next).map(|(a, b)| Complex64::from(a + share * (b - a))).collect();
            derivatives.gradient_hessian(&state, &mut gradient, &mut hessian);
            if !eigen.decompose(|i, j| hessian[i * n + j].re) {
                return Ok(found);
            }
            let mut values = eigen.values().to_vec();
            values.sort_by(|a, b| b.total_cmp(a));
            found.push(values);
        }
    }
    Ok(found)
}

/// Whether every `hλ` stays on its side of 1, away from it.
fn stays_clear(spectra: &[Vec<f64>], h: f64) -> bool {
    let Some(first) = spectra.first() else { return false };
    let side = |z: f64| (z - 1.0).signum();
    let clear = |values: &Vec<f64>| {
        values.iter().zip(first).all(|(x, from)| (h * x - 1.0).abs() >= CLEAR && side(h * x) == side(h * from))
    };
    spectra.iter().all(clear)
}

/// A number cut to two digits.
fn two_digits(x: f64) -> Rational {
    format!("{x:.1e}").parse().ok().filter(|q: &Rational| !q.is_zero()).unwrap_or_else(|| Rational::new(1, 10))
}
