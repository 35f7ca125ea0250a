//! The loss over a plane through a point.

use super::grid::Grid;
use super::name::FlowError;
use super::plane::Plane;
use super::value::LossValue;
use crate::budget::{self, Budget};
use crate::expr::ExpressionRef;
use crate::warning::Warning;
use std::num::NonZeroUsize;

/// The most numbers that a surface may hold.
const MAX_NUMBERS: usize = 50_000_000;

/// The loss over a grid of a plane.
#[derive(Debug, Clone, PartialEq)]
pub struct LossSurface {
    /// The plane.
    pub plane: Plane,
    /// The points; its parameters are the plane's directions.
    pub grid: Grid,
    /// The loss at θ.
    pub center: Option<f64>,
    /// The loss, row by row; `None` where it is not finite.
    pub values: Vec<Option<f64>>,
    /// Of the directions, and how many points have no value.
    pub warnings: Vec<Warning>,
}

/// The loss at every point of a grid of a plane, on all cores; `finished` is told of every row that is done, from any thread.
///
/// ```
/// use shadowflow::flow::{Plane, PlaneName, loss_surface};
/// use shadowflow::loss::{Loss, Options};
/// let loss = Loss::parse("param x, y\nloss x^2 + 4*y^2\n", "bowl.loss", &Options::default())?;
/// let plane = Plane::new(&loss, &PlaneName::Eigenvectors([0, 1]), &[0.0, 0.0], 1.try_into().unwrap())?;
/// let grid = plane.grid(Some("u0=-1:1:3,u1=0:2:2"))?;
/// let surface = loss_surface(&loss, &plane, &grid, None, &|| ())?;
/// assert_eq!(surface.values, [4.0, 0.0, 4.0, 8.0, 4.0, 8.0].map(Some));
/// # Ok::<(), shadowflow::Error>(())
/// ```
///
/// # Errors
/// Where the loss has no program, for surfaces too large to hold, and where the time is up before it is whole.
pub fn loss_surface<'a>(
    loss: impl Into<ExpressionRef<'a>>,
    plane: &Plane,
    grid: &Grid,
    threads: Option<usize>,
    finished: &(dyn Fn() + Sync),
) -> Result<LossSurface, FlowError> {
    let loss = loss.into();
    if grid.len() > MAX_NUMBERS {
        return Err(FlowError::Setting(format!(
            "{} points are more than the {MAX_NUMBERS} that a map holds; use fewer points",
            grid.len()
        )));
    }
    let rows = grid.y.count;
    let threads = threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let threads = threads.clamp(1, rows.max(1));
    let budget = &Budget::current();
    let part = |first: usize| -> Result<Vec<f64>, FlowError> {
        // Other threads have the other rows.
        let value = LossValue::on(loss, NonZeroUsize::MIN)?;
        let mut state = vec![0.0; plane.origin.len()];
        let mut values = Vec::new();
        for row in (first..rows).step_by(threads) {
            for column in 0..grid.x.count {
                budget::check().map_err(|stopped| FlowError::Setting(stopped.to_string()))?;
                plane.write(grid.x.at(column), grid.y.at(row), &mut state);
                values.push(value.at(&state));
            }
            finished();
        }
        Ok(values)
    };
    let parts: Vec<Result<Vec<f64>, FlowError>> = std::thread::scope(|scope| {
        let start = |first: usize| {
            move || {
                let found = budget.run(|| part(first));
                found.unwrap_or_else(|stopped| Err(FlowError::Setting(stopped.to_string())))
            }
        };
        let running: Vec<_> = (0..threads).map(|first| scope.spawn(start(first))).collect();
        running.into_iter().map(|r| r.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let parts = parts.into_iter().collect::<Result<Vec<_>, _>>()?;
    // Row r is the next one of part r modulo the number of threads.
    let mut parts: Vec<_> = parts.iter().map(|part| part.chunks(grid.x.count)).collect();
    let values = (0..rows).filter_map(|row| parts[row % threads].next()).flatten();
    let values: Vec<Option<f64>> = values.map(|x| Some(*x).filter(|x| x.is_finite())).collect();
    let mut warnings = plane.warnings.clone();
    let missing = values.iter().filter(|v| v.is_none()).count();
    if let Some(first) = values.iter().position(Option::is_none) {
        let (x, y) = (grid.x.at(first % grid.x.count), grid.y.at(first / grid.x.count));
        let message = format!(
            "{missing} of {} points have no value: the loss is not finite there; the first is {} = {x}, {} = {y}",
            grid.len(),
            grid.x.name,
            grid.y.name
        );
        warnings.push(Warning::new("not-finite", message));
    }
    let center = Some(LossValue::on(loss, NonZeroUsize::MIN)?.at(&plane.origin)).filter(|x| x.is_finite());
    Ok(LossSurface { plane: plane.clone(), grid: grid.clone(), center, values, warnings })
}

#[cfg(test)]
mod tests {
    use super::super::plane_name::PlaneName;
    use super::*;
    use crate::loss::{Loss, Options};

    /// Both routes, and any number of threads, give the loss as it is by hand.
    #[test]
    fn a_network_is_a_surface_too() {
        let text = "param W[20, 30] = normal(1)\nparam b[30] = zeros\nloss sum(W*W) + sum(exp(b))\n";
        let loss = Loss::parse(text, "a.loss", &Options::default()).unwrap();
        let origin: Vec<f64> = loss.initial_values().into_iter().flatten().collect();
        let plane = Plane::new(&loss, &PlaneName::Random(3), &origin, NonZeroUsize::MIN).unwrap();
        let grid = plane.grid(Some("d0=-1:1:3,d1=-1:1:4")).unwrap();
        let one = loss_surface(&loss, &plane, &grid, Some(1), &|| ()).unwrap();
        assert_eq!(one, loss_surface(&loss, &plane, &grid, Some(3), &|| ()).unwrap());
        for (k, value) in one.values.iter().enumerate() {
            let state = plane.at(grid.x.at(k % 3), grid.y.at(k / 3));
            let expected: f64 = state[..600].iter().map(|w| w * w).sum::<f64>() + 30.0;
            assert!((value.unwrap() - expected).abs() < 1e-10 * expected);
        }
    }

    #[test]
    fn where_there_is_no_value() {
        let loss = Loss::parse("param x, y\nloss log(x) + y^2\n", "a.loss", &Options::default()).unwrap();
        let plane = Plane::new(&loss, &PlaneName::Random(3), &[1.0, 1.0], NonZeroUsize::MIN).unwrap();
        let grid = plane.grid(Some("d0=-1:1:3,d1=-1:1:3")).unwrap();
        let surface = loss_surface(&loss, &plane, &grid, None, &|| ()).unwrap();
        assert_eq!(surface.center, Some(1.0));
        assert_eq!(surface.warnings[0].code, "not-finite");
        let stopped = Budget::default().with_seconds(0.0, "--max-seconds");
        let ended = stopped.run(|| loss_surface(&loss, &plane, &grid, None, &|| ()));
        assert!(!matches!(ended, Ok(Ok(_))));
    }
}
