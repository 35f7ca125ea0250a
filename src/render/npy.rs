//! Maps as `NumPy` arrays.

use crate::flow::{FlowMap, LossSurface, MapValues};
use npyz::WriterBuilder;

/// A map as the bytes of a `.npy` file: little-endian doubles in C order, the first two axes being y and x, NaN where there is no
/// value (the map's warnings count those).
///
/// | map | shape |
/// |---|---|
/// | field | `(ny, nx, D, 2)`, the last axis real and imaginary part |
/// | error | `(ny, nx)` |
/// | stability | `(ny, nx, 3)`: growth, largest hλ, smallest hλ |
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::flow::{FlowName, Grid, IntegratorOptions, MapRequest, Quantity, Subject, map};
/// let mut pool = Pool::new();
/// let (x, y) = (pool.declare_parameter("x", Shape::scalar()), pool.declare_parameter("y", Shape::scalar()));
/// let loss = pool.mul(x, y);
/// let grid = Grid::parse("x=-1:1:3,y=-1:1:2", &pool.theta_names())?;
/// let (subject, h) = (Subject::new(&BoundOptimizer::gradient_descent())?, "1/2".parse()?);
/// let request = MapRequest {
///     subject: &subject, h: &h, flow: &FlowName::Pf, quantity: Quantity::Error { steps: 1 }, grid: &grid, at: &[0.0; 2],
///     options: IntegratorOptions::default(), threads: None,
/// };
/// let bytes = shadowflow::render::npy::map(&map(pool.expression(loss), &request, &|| ())?);
/// assert!(bytes.starts_with(b"\x93NUMPY"));
/// assert_eq!(bytes.len() % 64, 48 % 64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn map(map: &FlowMap) -> Vec<u8> {
    let (ny, nx) = (map.grid.y.count as u64, map.grid.x.count as u64);
    let nan = f64::NAN;
    match &map.values {
        MapValues::Field(values) => {
            let width = 2 * map.parameters.len();
            let entries = values.iter().flat_map(|v| match v {
                Some(f) => f.iter().flat_map(|z| [z.re, z.im]).collect(),
                None => vec![nan; width],
            });
            npy(&[ny, nx, map.parameters.len() as u64, 2], entries)
        }
        MapValues::Error(values) => npy(&[ny, nx], values.iter().map(|v| v.unwrap_or(nan))),
        MapValues::Stability(values) => {
            let entries = values.iter().flat_map(|v| v.map_or([nan; 3], |s| [s.growth, s.largest, s.smallest]));
            npy(&[ny, nx, 3], entries)
        }
    }
}

/// The loss over a plane as the bytes of a `.npy` file, `(ny, nx)`, NaN where the loss is not finite.
#[must_use]
pub fn surface(surface: &LossSurface) -> Vec<u8> {
    let (ny, nx) = (surface.grid.y.count as u64, surface.grid.x.count as u64);
    npy(&[ny, nx], surface.values.iter().map(|v| v.unwrap_or(f64::NAN)))
}

fn npy(shape: &[u64], entries: impl Iterator<Item = f64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written =
        npyz::WriteOptions::new().default_dtype().shape(shape).writer(&mut bytes).begin_nd().and_then(|mut w| {
            w.extend(entries)?;
            w.finish()
        });
    // Writing to memory does not fail, and the shape is that of the entries.
    debug_assert!(written.is_ok());
    bytes
}
