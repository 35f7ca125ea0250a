//! Points of parameter space in `NumPy` files, every bit kept.

use super::{PointError, fill_all};
use crate::expr::{Pool, Shape};
use crate::number::Rational;
use npyz::{DType, Deserialize, NpyFile, Order, TypeChar};
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

fn values(bytes: &[u8], pool: &Pool) -> Result<Vec<Rational>, String> {
    let file = NpyFile::new(bytes).map_err(|e| format!("this is no NumPy array: {e}"))?;
    check_shape(file.shape(), pool)?;
    if file.order() == Order::Fortran && file.shape().len() > 1 {
        return Err("the array is in Fortran order; save it with numpy.ascontiguousarray".to_owned());
    }
    let DType::Plain(dtype) = file.dtype() else {
        return Err("the array has fields; expected numbers".to_owned());
    };
    match (dtype.type_char(), dtype.size_field()) {
        (TypeChar::Float, 8) => entries::<f64>(file)?.into_iter().map(finite).collect(),
        (TypeChar::Float, 4) => entries::<f32>(file)?.into_iter().map(|x| finite(x.into())).collect(),
        (TypeChar::Int, 8) => Ok(entries::<i64>(file)?.into_iter().map(Rational::from).collect()),
        (TypeChar::Int, 4) => Ok(entries::<i32>(file)?.into_iter().map(|n| i64::from(n).into()).collect()),
        (TypeChar::Int, 2) => Ok(entries::<i16>(file)?.into_iter().map(|n| i64::from(n).into()).collect()),
        (TypeChar::Int, 1) => Ok(entries::<i8>(file)?.into_iter().map(|n| i64::from(n).into()).collect()),
        (TypeChar::Uint, 4) => Ok(entries::<u32>(file)?.into_iter().map(|n| i64::from(n).into()).collect()),
        (TypeChar::Uint, 2) => Ok(entries::<u16>(file)?.into_iter().map(|n| i64::from(n).into()).collect()),
        (TypeChar::Uint, 1) => Ok(entries::<u8>(file)?.into_iter().map(|n| i64::from(n).into()).collect()),
        // Not all of them are an i64.
        (TypeChar::Uint, 8) => {
            entries::<u64>(file)?.into_iter().map(|n| n.to_string().parse().map_err(|_| n.to_string())).collect()
        }
        _ => Err(format!("the entries are of the type {dtype}; expected float64, float32 or integers")),
    }
}

fn entries<T: Deserialize>(file: NpyFile<&[u8]>) -> Result<Vec<T>, String> {
    file.into_vec::<T>().map_err(|e| e.to_string())
}

fn finite(x: f64) -> Result<Rational, String> {
    Rational::from_f64(x).ok_or_else(|| format!("{x} is not a finite number"))
}

/// All entries in one row, or the shape of the only parameter.
fn check_shape(shape: &[u64], pool: &Pool) -> Result<(), String> {
    let axes = |shape: &Shape| shape.axes().iter().map(|n| *n as u64).collect::<Vec<u64>>();
    let parameters: Vec<Vec<u64>> = pool.parameters().map(|(_, shape)| axes(shape)).collect();
    if shape.len() == 1 || parameters.len() == 1 && parameters[0] == shape {
        return Ok(());
    }
    let shown: Vec<String> = shape.iter().map(u64::to_string).collect();
    Err(format!(
        "the array has the shape ({}); expected all {} entries in one row, as numpy.ravel gives them",
        shown.join(", "),
        pool.dimension()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(descr: &str, shape: &str, order: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
        let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        bytes.extend(format!("{header:<117}\n").bytes());
        bytes.extend(data);
        bytes
    }

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
            (file("<f8", "(2,)", "False", &doubles[..12]), "p.npy: "),
            (b"text".to_vec(), "this is no NumPy array"),
        ] {
            let error = read(&bytes, 2).unwrap_err();
            assert!(error.contains(words), "{words}: {error}");
        }
    }
}
