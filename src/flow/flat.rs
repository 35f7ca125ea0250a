//! Results as flat arrays, with NaN where a value is missing.

use super::map::{FlowMap, LocalStability, MapValues};
use super::simulation::{FlowRun, Simulation};
use num_complex::Complex64;

/// A complex number that is none.
const NONE: Complex64 = Complex64::new(f64::NAN, f64::NAN);

/// A [`Simulation`] as flat arrays: what [`Simulation::flat`] gives. Tables have a row for each time and a column for each entry of θ, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct FlatSimulation {
    /// How many times there are.
    pub rows: usize,
    /// How many entries θ has.
    pub columns: usize,
    /// The iterates, rows × columns.
    pub iterates: Vec<f64>,
    /// The loss at each iterate.
    pub loss: Vec<f64>,
    /// The largest eigenvalue of `hH` at each iterate.
    pub h_lambda_0: Vec<f64>,
    /// The flows, in their order.
    pub flows: Vec<FlatFlow>,
}

/// A flow of a [`FlatSimulation`].
#[derive(Debug, Clone, PartialEq)]
pub struct FlatFlow {
    /// Its name.
    pub name: String,
    /// Its states, rows × columns.
    pub trajectory: Vec<Complex64>,
    /// Its distance from each iterate.
    pub error: Vec<f64>,
    /// The loss at each state.
    pub loss: Vec<Complex64>,
    /// The eigenvalue of `hH` with the largest real part at each state.
    pub h_lambda_0: Vec<Complex64>,
    /// Whether each state was reached by way of a slide.
    pub slid: Vec<bool>,
}

/// The values of a [`FlowMap`] as flat arrays, point by point: what [`FlowMap::flat`] gives.
#[derive(Debug, Clone, PartialEq)]
pub enum FlatMap {
    /// The field, points × entries of θ.
    Field(Vec<Complex64>),
    /// The distance from the optimizer.
    Error(Vec<f64>),
    /// The stability.
    Stability {
        /// Of each point [`LocalStability::growth`].
        growth: Vec<f64>,
        /// Of each point [`LocalStability::largest`].
        largest: Vec<f64>,
        /// Of each point [`LocalStability::smallest`].
        smallest: Vec<f64>,
    },
}

/// Rows of a table, those that are missing or short filled up.
fn table<T: Copy>(values: &[Option<Vec<T>>], rows: usize, columns: usize, none: T) -> Vec<T> {
    let mut flat = Vec::with_capacity(rows * columns);
    for row in 0..rows {
        flat.extend(values.get(row).and_then(Option::as_ref).into_iter().flatten().take(columns));
        flat.resize((row + 1) * columns, none);
    }
    flat
}

fn list<T: Copy>(values: &[Option<T>], rows: usize, none: T) -> Vec<T> {
    (0..rows).map(|row| values.get(row).copied().flatten().unwrap_or(none)).collect()
}

impl Simulation {
    /// The numbers as flat arrays, NaN where [`Simulation::warnings`] say why there is none.
    ///
    /// ```
    /// use shadowflow::flow::{CompiledModel, FlowName, IntegratorOptions, simulate};
    /// use shadowflow::loss::{Loss, Options};
    /// let loss = Loss::parse("param x, y\nloss x^2/2 + y^2\n", "bowl.loss", &Options::default())?;
    /// let mut model = CompiledModel::new(loss)?;
    /// // hλ = 1 is the branch point of the principal flow.
    /// let run = simulate(&mut model, &"1/2".parse()?, 2, &[1.0, 1.0], &[FlowName::Pf], &IntegratorOptions::default())?;
    /// let flat = run.flat();
    /// assert_eq!((flat.rows, flat.columns, flat.iterates), (3, 2, vec![1.0, 1.0, 0.5, 0.0, 0.25, 0.0]));
    /// assert!(flat.flows[0].trajectory[2].re.is_nan() && flat.flows[0].error[1].is_nan());
    /// # Ok::<(), shadowflow::Error>(())
    /// ```
    #[must_use]
    pub fn flat(&self) -> FlatSimulation {
        let (rows, columns) = (self.times.len(), self.parameters.len());
        let flow = |flow: &FlowRun| FlatFlow {
            name: flow.name.clone(),
            trajectory: table(&flow.trajectory, rows, columns, NONE),
            error: list(&flow.error, rows, f64::NAN),
            loss: list(&flow.loss, rows, NONE),
            h_lambda_0: list(&flow.h_lambda_0, rows, NONE),
            slid: (0..rows).map(|row| flow.has_slid(row)).collect(),
        };
        FlatSimulation {
            rows,
            columns,
            iterates: table(&self.iterates, rows, columns, f64::NAN),
            loss: list(&self.loss, rows, f64::NAN),
            h_lambda_0: list(&self.h_lambda_0, rows, f64::NAN),
            flows: self.flows.iter().map(flow).collect(),
        }
    }
}

impl FlowMap {
    /// The values as flat arrays, NaN where there is none: x varies fastest, but for the entries of θ.
    #[must_use]
    pub fn flat(&self) -> FlatMap {
        match &self.values {
            MapValues::Field(values) => FlatMap::Field(table(values, values.len(), self.parameters.len(), NONE)),
            MapValues::Error(values) => FlatMap::Error(list(values, values.len(), f64::NAN)),
            MapValues::Stability(values) => {
                let of = |part: fn(&LocalStability) -> f64| {
                    values.iter().map(|s| s.as_ref().map_or(f64::NAN, part)).collect::<Vec<f64>>()
                };
                FlatMap::Stability {
                    growth: of(|s| s.growth),
                    largest: of(|s| s.largest),
                    smallest: of(|s| s.smallest),
                }
            }
        }
    }
}
