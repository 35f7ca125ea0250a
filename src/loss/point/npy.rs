//! Points of parameter space in `NumPy` files, every bit kept.

use super::{PointError, fill_all};
use crate::expr::Pool;
use crate::loss::npy::{self, Numbers};
use crate::number::Rational;
use std::path::Path;

/// Reads an array of all entries, row-major; a loss with one parameter takes an array of that shape too.
pub(super) fn from_npy(path: &Path, bytes: &[u8], pool: &Pool) -> Result<Vec<Option<Rational>>, PointError> {
    let mut point = vec![None; pool.dimension()];
    let values = values(bytes, pool).and_then(|values| fill_all(&mut point, values));
    match values {
        Ok(()) => Ok(point),
        Err(reason) => Err(PointError::Format { path: path.to_owned(), reason }),
    }
}

/// Reads an array with a row for each of many points, which have so many entries.
pub(super) fn rows(bytes: &[u8], dimension: usize) -> Result<Vec<Vec<Option<Rational>>>, String> {
    let array = npy::read(bytes)?;
    match array.axes.as_slice() {
        [_, columns] if *columns == dimension => {}
        [_] if dimension == 1 => {}
        axes => {
            return Err(format!(
                "the array has the shape ({}); expected a row for each start and {dimension} columns, one for every entry of θ",
                npy::shape_text(axes)
            ));
        }
    }
    let numbers = row_major(array)?;
    Ok(numbers.chunks(dimension.max(1)).map(|row| row.iter().cloned().map(Some).collect()).collect())
}

fn values(bytes: &[u8], pool: &Pool) -> Result<Vec<Rational>, String> {
    let array = npy::read(bytes)?;
    check_shape(&array.axes, pool)?;
    row_major(array)
}

fn row_major(array: npy::NpyArray) -> Result<Vec<Rational>, String> {
    let numbers: Vec<Rational> = match array.numbers {
        Numbers::Doubles(values) => values.into_iter().map(finite).collect::<Result<_, _>>()?,
        Numbers::Signed(values) => values.into_iter().map(Rational::from).collect(),
        // Not all of them are an i64.
        Numbers::Unsigned(values) => {
            let exact = |n: u64| Rational::from_integers(n.into(), 1).ok_or_else(|| n.to_string());
            values.into_iter().map(exact).collect::<Result<_, _>>()?
        }
    };
    match array.axes.as_slice() {
        // The first index moves fastest.
        [rows, columns] if array.fortran => {
            let places = (0..*rows).flat_map(|i| (0..*columns).map(move |j| j * rows + i));
            Ok(places.map(|at| numbers[at].clone()).collect())
        }
        _ => Ok(numbers),
    }
}

fn finite(x: f64) -> Result<Rational, String> {
    Rational::from_f64(x).ok_or_else(|| format!("{x} is not a finite number"))
}

/// All entries in one row, or the shape of the only parameter.
fn check_shape(shape: &[usize], pool: &Pool) -> Result<(), String> {
    let mut parameters = pool.parameters();
    let only = parameters.next().filter(|_| parameters.next().is_none());
    if shape.len() == 1 || only.is_some_and(|(_, own)| own.axes() == shape) {
        return Ok(());
    }
    Err(format!(
        "the array has the shape ({}); expected all {} entries in one row, as numpy.ravel gives them",
        npy::shape_text(shape),
        pool.dimension()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Shape;
    use crate::loss::npy::tests::file;

    fn read(bytes: &[u8], size: usize) -> Result<Vec<String>, String> {
        let mut pool = Pool::new();
        pool.declare_parameter("w", Shape::vector(size));
        let point = from_npy(Path::new("p.npy"), bytes, &pool).map_err(|e| e.to_string())?;
        Ok(point.into_iter().flatten().map(|q| q.to_string()).collect())
    }

    #[test]
    fn bits_are_kept() {
        let doubles: Vec<u8> = [0.1_f64, -1.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        let tenth = "3602879701896397/36028797018963968";
        assert_eq!(read(&file("<f8", "(2,)", "False", &doubles), 2).unwrap(), [tenth, "-1"]);
        let swapped: Vec<u8> = [0.1_f64, -1.0].iter().flat_map(|x| x.to_be_bytes()).collect();
        assert_eq!(read(&file(">f8", "(2,)", "False", &swapped), 2).unwrap(), [tenth, "-1"]);
        assert_eq!(read(&file("<f4", "(1,)", "False", &0.1_f32.to_le_bytes()), 1).unwrap(), ["13421773/134217728"]);
        let (least, most) = (i64::MIN.to_le_bytes(), u64::MAX.to_le_bytes());
        assert_eq!(read(&file("<i8", "(1,)", "False", &least), 1).unwrap(), ["-9223372036854775808"]);
        assert_eq!(read(&file("<u8", "(1,)", "False", &most), 1).unwrap(), ["18446744073709551615"]);
        assert_eq!(read(&file("|i1", "(2,)", "False", &[255, 3]), 2).unwrap(), ["-1", "3"]);
    }

    #[test]
    fn faults_say_what_was_expected() {
        let doubles: Vec<u8> = [0.1_f64, f64::NAN].iter().flat_map(|x| x.to_le_bytes()).collect();
        for (bytes, words) in [
            (file("<f8", "(2,)", "False", &doubles), "NaN is not a finite number"),
            (file("<f8", "(1, 2)", "False", &doubles), "the shape (1, 2); expected all 2 entries in one row"),
            (file("<f8", "(1,)", "False", &doubles[..8]), "1 values, but the loss has 2 parameters"),
            (file("<c8", "(2,)", "False", &doubles), "expected float64, float32 or integers"),
            (file("|b1", "(2,)", "False", &[0, 1]), "expected float64, float32 or integers"),
            (
                file("<f8", "(2,)", "False", &doubles[..12]),
                "p.npy: the header says 2 entries of 8 bytes, and 12 bytes follow it",
            ),
            (b"text".to_vec(), "this is no NumPy array"),
        ] {
            let error = read(&bytes, 2).unwrap_err();
            assert!(error.contains(words), "{words}: {error}");
        }
    }
}
