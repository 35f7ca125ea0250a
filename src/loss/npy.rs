//! `NumPy` arrays of numbers: what points and data read.

use npyz::{DType, Deserialize, NpyFile, Order, TypeChar};

/// The numbers of an array as the file holds them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Numbers {
    Doubles(Vec<f64>),
    Signed(Vec<i64>),
    Unsigned(Vec<u64>),
}

/// An array: its axes, in the file's order of entries.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NpyArray {
    pub(super) axes: Vec<usize>,
    /// Whether the first index moves fastest, which matters from two axes on.
    pub(super) fortran: bool,
    pub(super) numbers: Numbers,
}

impl Numbers {
    /// The doubles nearest to the numbers.
    #[allow(clippy::cast_precision_loss, reason = "a conversion rounds to nearest, which is what is asked for")]
    pub(super) fn into_doubles(self) -> Vec<f64> {
        match self {
            Self::Doubles(values) => values,
            Self::Signed(values) => values.into_iter().map(|n| n as f64).collect(),
            Self::Unsigned(values) => values.into_iter().map(|n| n as f64).collect(),
        }
    }
}

/// Reads an array, whose numbers are exactly as many as its header says.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn read(bytes: &[u8]) -> Result<NpyArray, String> {
    if let Some(shape) = beyond(bytes) {
        return Err(format!("the shape ({shape}) is beyond any file"));
    }
    let file = NpyFile::new(bytes).map_err(|e| format!("this is no NumPy array: {e}"))?;
    let axes: Vec<usize> = file.shape().iter().map(|n| usize::try_from(*n).unwrap_or(usize::MAX)).collect();
    let count = axes.iter().fold(1_usize, |product, n| product.saturating_mul(*n));
    let DType::Plain(dtype) = file.dtype() else {
        return Err("the array has fields; expected numbers".to_owned());
    };
    if !matches!(dtype.type_char(), TypeChar::Float | TypeChar::Int | TypeChar::Uint) {
        return Err(format!("the entries are of the type {dtype}; expected float64, float32 or integers"));
    }
    let size = usize::try_from(dtype.size_field()).unwrap_or(usize::MAX);
    let held = bytes.len() - header_length(bytes);
    // Before anything is made room for.
    if count.checked_mul(size) != Some(held) {
        return Err(format!(
            "the header says {count} entries of {size} bytes, and {held} bytes follow it: the file is cut short or is none of these"
        ));
    }
    let fortran = file.order() == Order::Fortran;
    let numbers = match (dtype.type_char(), size) {
        (TypeChar::Float, 8) => Numbers::Doubles(entries::<f64>(file)?),
        (TypeChar::Float, 4) => Numbers::Doubles(entries::<f32>(file)?.into_iter().map(f64::from).collect()),
        (TypeChar::Int, 8) => Numbers::Signed(entries::<i64>(file)?),
        (TypeChar::Int, 4) => Numbers::Signed(entries::<i32>(file)?.into_iter().map(i64::from).collect()),
        (TypeChar::Int, 2) => Numbers::Signed(entries::<i16>(file)?.into_iter().map(i64::from).collect()),
        (TypeChar::Int, 1) => Numbers::Signed(entries::<i8>(file)?.into_iter().map(i64::from).collect()),
        (TypeChar::Uint, 8) => Numbers::Unsigned(entries::<u64>(file)?),
        (TypeChar::Uint, 4) => Numbers::Unsigned(entries::<u32>(file)?.into_iter().map(u64::from).collect()),
        (TypeChar::Uint, 2) => Numbers::Unsigned(entries::<u16>(file)?.into_iter().map(u64::from).collect()),
        (TypeChar::Uint, 1) => Numbers::Unsigned(entries::<u8>(file)?.into_iter().map(u64::from).collect()),
        _ => return Err(format!("the entries are of the type {dtype}; expected float64, float32 or integers")),
    };
    Ok(NpyArray { axes, fortran, numbers })
}

/// The shape that a header states if its product is beyond the integers of this machine, which the crate does not look at.
fn beyond(bytes: &[u8]) -> Option<String> {
    let header = String::from_utf8_lossy(&bytes[..header_length(bytes)]).into_owned();
    let (_, after) = header.split_once("shape")?;
    let shape = after.split_once('(')?.1.split_once(')')?.0;
    // Python 2 wrote `3L`; what is no number is for the crate to say.
    let digits = |axis: &&str| !axis.is_empty() && axis.bytes().all(|byte| byte.is_ascii_digit());
    let mut axes = shape.split(',').map(|axis| axis.trim().trim_end_matches('L')).filter(digits);
    let product = axes.try_fold(1_usize, |product, axis| product.checked_mul(axis.parse().ok()?));
    product.is_none().then(|| shape.to_owned())
}

/// The bytes before the numbers: magic, version, the header's length in two bytes or, from version 2 on, four, and the header.
fn header_length(bytes: &[u8]) -> usize {
    let byte = |at: usize| bytes.get(at).copied().map_or(0, usize::from);
    let length = match byte(6) {
        1 => 10 + byte(8) + (byte(9) << 8),
        _ => 12 + byte(8) + (byte(9) << 8) + (byte(10) << 16) + (byte(11) << 24),
    };
    length.min(bytes.len())
}

fn entries<T: Deserialize>(file: NpyFile<&[u8]>) -> Result<Vec<T>, String> {
    file.into_vec::<T>().map_err(|e| e.to_string())
}

/// The axes as `NumPy` writes them, without brackets.
pub(super) fn shape_text<T: ToString>(axes: &[T]) -> String {
    let shown: Vec<String> = axes.iter().map(T::to_string).collect();
    shown.join(", ")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A file of version 1.0.
    pub(in crate::loss) fn file(descr: &str, shape: &str, order: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
        let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        bytes.extend(format!("{header:<117}\n").bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn numbers_and_axes() {
        let numbers: Vec<u8> = [1_i16, -2, 3, 4, 5, 6].iter().flat_map(|n| n.to_le_bytes()).collect();
        let read = |shape: &str, order: &str| read(&file("<i2", shape, order, &numbers)).unwrap();
        let array = read("(2, 3)", "False");
        assert_eq!((array.axes, array.fortran), (vec![2, 3], false));
        assert_eq!(array.numbers, Numbers::Signed(vec![1, -2, 3, 4, 5, 6]));
        assert!(read("(2, 3)", "True").fortran);
        assert_eq!(Numbers::Unsigned(vec![u64::MAX]).into_doubles(), [18_446_744_073_709_551_616.0]);
    }

    #[test]
    fn what_is_none_is_said() {
        for (bytes, says) in [
            (file("<f8", "(2,)", "False", &[0; 12]), "says 2 entries of 8 bytes, and 12 bytes follow"),
            (file("<f8", "(1,)", "False", &[0; 12]), "says 1 entries of 8 bytes, and 12 bytes follow"),
            (file("<f8", "(1000000000000, 4)", "False", &[0; 8]), "the file is cut short"),
            (file("<f8", "(10000000000, 10000000000)", "False", &[0; 8]), "beyond any file"),
            (file("<c8", "(1,)", "False", &[0; 8]), "expected float64, float32 or integers"),
            (file("|b1", "(1,)", "False", &[0]), "expected float64, float32 or integers"),
            (file("|S3", "(1,)", "False", b"abc"), "expected float64, float32 or integers"),
            (file("<U3", "(1,)", "False", &[0; 12]), "expected float64, float32 or integers"),
            (file("<f8", "(1,)", "False", &[0; 8])[..40].to_vec(), "this is no NumPy array"),
            (b"text".to_vec(), "this is no NumPy array"),
            (Vec::new(), "this is no NumPy array"),
        ] {
            let found = read(&bytes).unwrap_err();
            assert!(found.contains(says), "{says}: {found}");
        }
    }
}
