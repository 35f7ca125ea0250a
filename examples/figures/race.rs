//! Gradient descent and flows from one start.

use super::Outcome;
use num_complex::Complex64;
use shadowflow::flow::{
    CompiledHessian, CompiledModel, Field, FlowName, GradientField, Hessian, Integrator, IntegratorOptions, LossValue,
    Model, PolynomialField, Simulation, SpectralField, simulate,
};
use shadowflow::loss::{Loss, Options};
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::render::plot::{Axis, Look, Panel, Series, Style};
use shadowflow::spectral::{Alpha, SymmetricEigen};

/// Points that a flow is drawn at in each step of the optimizer.
const FINENESS: usize = 24;

/// Steps of the integrator for each of the optimizer's; a flow that needs more is as good as lost.
const PATIENCE: usize = 60;

/// Gradient descent on a loss with one step size, and flows beside it.
pub(crate) struct Race {
    model: CompiledModel,
    loss: Loss,
    h: Rational,
    start: Vec<f64>,
    steps: usize,
}

impl Race {
    /// On a loss in the loss language.
    pub(crate) fn new(loss: &str, h: f64, start: &[f64], steps: usize) -> Outcome<Self> {
        let loss = Loss::parse(loss, "figure.loss", &Options::default())?;
        let h = Rational::from_f64(h).ok_or("the step size is not finite")?;
        let model = CompiledModel::new(loss.expression.clone())?;
        Ok(Self { model, loss, h, start: start.to_vec(), steps })
    }

    fn options(&self) -> IntegratorOptions {
        IntegratorOptions { max_steps: PATIENCE * self.steps, ..IntegratorOptions::default() }
    }

    /// The loss at a point.
    pub(crate) fn loss(&self) -> Outcome<LossValue> {
        Ok(LossValue::new(&self.loss)?)
    }

    /// Gradient descent and flows at the times of its steps, with the errors.
    pub(crate) fn simulation(&mut self, flows: &[&str]) -> Outcome<Simulation> {
        let flows: Result<Vec<FlowName>, _> = flows.iter().map(|f| f.parse()).collect();
        let options = self.options();
        Ok(simulate(&mut self.model, &self.h, self.steps, &self.start, &flows?, &options)?)
    }

    /// The iterates of gradient descent, as long as they are finite.
    pub(crate) fn iterates(&mut self) -> Outcome<Vec<Vec<f64>>> {
        Ok(self.simulation(&[])?.iterates.into_iter().map_while(|x| x).collect())
    }

    /// A flow between the steps too: times in steps, and states; as far as it can be followed.
    pub(crate) fn flow(&self, name: &str) -> Outcome<Vec<(f64, Vec<Complex64>)>> {
        let mut field = self.field(name)?;
        let mut state: Vec<Complex64> = self.start.iter().map(|x| Complex64::from(*x)).collect();
        let mut integrator = Integrator::new(state.len(), self.options());
        let mut path = vec![(0.0, state.clone())];
        for k in 1..=self.steps * FINENESS {
            if integrator.advance(&mut *field, self.h.to_f64() / FINENESS as f64, &mut state).is_err() {
                break;
            }
            path.push((k as f64 / FINENESS as f64, state.clone()));
        }
        Ok(path)
    }

    /// The iterates in the plane of two parameters.
    pub(crate) fn iterates_in_plane(&mut self) -> Outcome<Series> {
        let points = self.iterates()?.iter().map(|x| (x[0], x[1])).collect();
        Ok(Series::new("gradient descent", Look::Iterates(Style::optimizer("gd")), points))
    }

    /// The real part of a flow in the plane of two parameters.
    pub(crate) fn flow_in_plane(&self, name: &str) -> Outcome<Series> {
        Ok(Series::flow(name, self.flow(name)?.iter().map(|(_, z)| (z[0].re, z[1].re)).collect()))
    }

    /// An empty panel over the contours of a loss of two parameters, which holds the iterates with a margin.
    pub(crate) fn plane(&mut self, title: String) -> Outcome<Panel<'static>> {
        let (points, loss) = (self.iterates()?, self.loss()?);
        let axis = |k: usize, name| {
            let of = |pick: fn(f64, f64) -> f64| points.iter().map(|x| x[k]).reduce(pick).unwrap_or(0.0);
            let (low, high) = (of(f64::min), of(f64::max));
            let margin = 0.2 * (high - low);
            Axis::new(name).range(low - margin, high + margin)
        };
        Ok(Panel::new(title, axis(0, "$x$"), axis(1, "$y$")).over(move |x, y| loss.at(&[x, y])))
    }

    fn field(&self, name: &str) -> Outcome<Box<dyn Field + '_>> {
        let (model, h) = (&self.model, self.h.to_f64());
        match name.parse()? {
            FlowName::Ngf => Ok(Box::new(GradientField::new(model.gradient()?, -1.0))),
            FlowName::Igr => Ok(Box::new(PolynomialField::new(model.hessian_action()?, h, vec![-1.0, -0.5]))),
            FlowName::Third => {
                let coefficients = vec![-1.0, -0.5, -1.0 / 3.0];
                Ok(Box::new(PolynomialField::with_third(model.third_action()?, h, coefficients, 1.0 / 12.0)))
            }
            FlowName::Pf => Ok(Box::new(SpectralField::new(model.hessian()?, h, Alpha::Logarithm))),
            FlowName::PfNp3 => {
                Ok(Box::new(SpectralField::with_third(model.hessian_third()?, h, Alpha::Logarithm, 1.0 / 12.0)))
            }
            FlowName::Bea(order) => Ok(model.truncated(&BoundOptimizer::gradient_descent(), order, &self.h)?),
            other => Err(format!("the figures do not draw the flow `{other}`").into()),
        }
    }
}

/// The largest eigenvalue of a loss's Hessian at a point, the paper's `λ_0`.
pub(crate) fn largest_eigenvalue(loss: &str, at: &[f64]) -> Outcome<f64> {
    let loss = Loss::parse(loss, "figure.loss", &Options::default())?;
    let n = loss.expression.pool().dimension();
    if at.len() != n {
        return Err(format!("the start has {} entries, the loss {n} parameters", at.len()).into());
    }
    let mut derivatives = CompiledHessian::new(&loss)?;
    let state: Vec<Complex64> = at.iter().map(|x| Complex64::from(*x)).collect();
    let (mut gradient, mut hessian) = (vec![Complex64::ZERO; n], vec![Complex64::ZERO; n * n]);
    derivatives.gradient_hessian(&state, &mut gradient, &mut hessian);
    let mut eigen = SymmetricEigen::new(n);
    if !eigen.decompose(|i, j| hessian[i * n + j].re) {
        return Err("the Hessian at the start has no eigenvalues".into());
    }
    Ok(eigen.values().iter().copied().fold(f64::NEG_INFINITY, f64::max))
}
