//! Arrays of points: any strides, any number of threads, the same numbers.

use shadowflow::eval::{ArrayError, Compiled, Program, Rows, RowsMut, Scratch, ShapeError, VectorFunction};
use shadowflow::expr::{Function, Pool, Shape, Tape};
use std::num::NonZeroUsize;

/// `(x sin y, x + y)`.
fn compiled() -> Compiled {
    let mut pool = Pool::new();
    let x = pool.declare_parameter("x", Shape::scalar());
    let y = pool.declare_parameter("y", Shape::scalar());
    let sine = pool.apply(Function::Sin, y);
    let (product, sum) = (pool.mul(x, sine), pool.add(x, y));
    Compiled::new(&Program::real(&pool, &Tape::new(&pool, &[product, sum])).unwrap())
}

fn threads(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn points(rows: usize) -> Vec<f64> {
    (0..2 * rows).map(|i| (i as f64 * 0.618_034).fract() * 8.0 - 4.0).collect()
}

/// Row by row, one point at a time.
fn one_by_one(compiled: &Compiled, points: &[f64]) -> Vec<f64> {
    let (mut out, mut scratch) = (vec![0.0; points.len()], Scratch::new());
    for (point, row) in points.chunks(2).zip(out.chunks_mut(2)) {
        compiled.call(point, row, &mut scratch);
    }
    out
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let compiled = compiled();
    for rows in [0, 1, 7, 127, 129, 5000, 300_001] {
        let points = points(rows);
        let expected = one_by_one(&compiled, &points);
        for n in [1, 2, 3, 64] {
            let mut out = vec![f64::NAN; 2 * rows];
            let output = RowsMut::new(&mut out, [rows, 2]).unwrap();
            compiled.call_rows(&Rows::new(&points, [rows, 2]).unwrap(), output, threads(n)).unwrap();
            assert!(out == expected, "{rows} rows on {n} threads");
        }
    }
}

#[test]
fn strides_are_followed() {
    let compiled = compiled();
    for rows in [5_usize, 300] {
        let points = points(rows);
        let expected = one_by_one(&compiled, &points);
        let columns: Vec<f64> = (0..2).flat_map(|k| points.chunks(2).map(move |p| p[k])).collect();
        let wide: Vec<f64> = points.chunks(2).flat_map(|p| [p[0], 9.0, p[1], 9.0, 9.0]).collect();
        let views = [
            Rows::with_strides(&columns, [rows, 2], [1, rows]).unwrap(),
            // The last row may end with its last number.
            Rows::with_strides(&wide[..wide.len() - 2], [rows, 2], [5, 2]).unwrap(),
        ];
        for view in views {
            let mut out = vec![-1.0; 7 * rows];
            let output = RowsMut::with_stride(&mut out, [rows, 2], 7).unwrap();
            compiled.call_rows(&view, output, threads(1)).unwrap();
            for (row, expected) in out.chunks(7).zip(expected.chunks(2)) {
                assert_eq!(&row[..2], expected);
                assert_eq!(row[2..], [-1.0; 5], "nothing is written between the rows");
            }
        }
        // One point again and again.
        let mut out = vec![0.0; 2 * rows];
        let output = RowsMut::new(&mut out, [rows, 2]).unwrap();
        compiled.call_rows(&Rows::with_strides(&points, [rows, 2], [0, 1]).unwrap(), output, threads(1)).unwrap();
        assert!(out.chunks(2).all(|row| row == &expected[..2]));
    }
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let data = [0.0; 6];
    assert!(Rows::new(&data, [3, 2]).is_ok() && Rows::new(&data, [0, 9]).is_ok());
    assert!(matches!(Rows::new(&data, [4, 2]), Err(ShapeError::TooShort { length: 6, .. })));
    assert!(matches!(Rows::with_strides(&data, [usize::MAX, 2], [usize::MAX, 1]), Err(ShapeError::TooShort { .. })));
    let mut out = [0.0; 6];
    assert_eq!(RowsMut::with_stride(&mut out, [3, 2], 1).unwrap_err(), ShapeError::Overlap { columns: 2, stride: 1 });
    let (points, output) = (Rows::new(&data, [2, 3]).unwrap(), RowsMut::new(&mut out, [2, 3]).unwrap());
    let error: ArrayError = compiled().call_rows(&points, output, threads(1)).unwrap_err();
    assert_eq!(error.to_string(), "2 inputs and 2 outputs need arrays of n × 2 and n × 2 numbers, not 2 × 3 and 2 × 3");
}
