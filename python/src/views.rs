//! NumPy arrays as the library's rows, without a copy.

#![allow(unsafe_code, reason = "NumPy's memory is read and written where it lies")]

use crate::error::Failure;
use numpy::ndarray::IxDyn;
use numpy::npyffi::flags::{NPY_ARRAY_ALIGNED, NPY_ARRAY_C_CONTIGUOUS, NPY_ARRAY_WRITEABLE};
use numpy::{PyArray, PyArray1, PyArrayDyn, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use shadowflow::eval::{Rows, RowsMut};

/// The bytes of a double.
const SIZE: isize = size_of::<f64>() as isize;

/// An array of doubles whose last axis are points' coordinates, and whose other axes are a batch of any shape.
pub(crate) struct Points<'py> {
    array: Bound<'py, PyArrayDyn<f64>>,
    /// Whether one number stands for a point of one coordinate.
    is_scalar: bool,
}

/// The memory of points, cut into parts whose rows are equally far apart.
pub(crate) struct Parts<'a> {
    memory: &'a [f64],
    start: usize,
    /// The axes that no single distance joins, the outermost first, with their distances.
    outer: Vec<(usize, isize)>,
    rows: usize,
    strides: [isize; 2],
    columns: usize,
}

fn flags(array: &Bound<'_, PyArrayDyn<f64>>) -> i32 {
    // SAFETY: the array is alive, and its flags are plain numbers.
    unsafe { (*array.as_array_ptr()).flags }
}

/// An array that can be read in place.
fn readable<'py>(given: &Bound<'py, PyAny>) -> Option<Bound<'py, PyArrayDyn<f64>>> {
    let array = given.cast::<PyArrayDyn<f64>>().ok()?;
    let aligned = flags(array) & NPY_ARRAY_ALIGNED != 0 && array.strides().iter().all(|s| s % SIZE == 0);
    aligned.then(|| array.clone())
}

/// Anything as an array of doubles, itself where it is one or offers its memory as one.
fn array<'py>(given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    if let Some(array) = readable(given) {
        return Ok(array);
    }
    let numpy = given.py().import("numpy")?;
    // What NumPy says of texts, and of lists of lists that are no array.
    let wrong = |error: PyErr| match error.is_instance_of::<PyValueError>(given.py()) {
        true => Failure::argument(format!("points are an array of numbers: {}", error.value(given.py()))).into(),
        false => error,
    };
    let any = numpy.call_method1("asarray", (given,)).map_err(wrong)?;
    if let Some(array) = readable(&any) {
        return Ok(array);
    }
    if any.getattr("dtype")?.getattr("kind")?.extract::<String>()? == "c" {
        let message = "points are real; complex ones are followed by `Loss.simulate` and `Loss.evaluate`";
        return Err(Failure::argument(message).into());
    }
    let named = PyDict::new(given.py());
    named.set_item("dtype", "float64")?;
    named.set_item("order", "C")?;
    let copied = numpy.call_method("array", (any,), Some(&named)).map_err(wrong)?;
    Ok(copied.cast_into::<PyArrayDyn<f64>>()?)
}

impl<'py> Points<'py> {
    /// Points of so many coordinates.
    pub(crate) fn new(given: &Bound<'py, PyAny>, columns: usize) -> PyResult<Self> {
        let array = array(given)?;
        let is_scalar = columns == 1 && array.ndim() == 0;
        if !is_scalar && array.shape().last() != Some(&columns) {
            let shape = array.shape().to_vec();
            let message = format!(
                "the last axis of an array of points has one number for each of {columns} parameters; this array has the shape {shape:?}"
            );
            return Err(Failure::argument(message).into());
        }
        Ok(Self { array, is_scalar })
    }

    /// The shape of the batch.
    pub(crate) fn batch(&self) -> &[usize] {
        let shape = self.array.shape();
        if self.is_scalar { shape } else { &shape[..shape.len() - 1] }
    }

    /// How many points there are.
    pub(crate) fn count(&self) -> usize {
        self.batch().iter().product()
    }

    /// The shape of an array with so many numbers for each point.
    pub(crate) fn shape_of(&self, outputs: Option<usize>) -> Vec<usize> {
        let own = outputs.filter(|_| !self.is_scalar);
        self.batch().iter().copied().chain(own).collect()
    }

    /// The first byte of its memory, and the one behind its last.
    fn range(&self) -> (usize, usize) {
        let (low, high) = self.reach();
        let first = self.array.data() as isize;
        ((first + low * SIZE) as usize, (first + (high + 1) * SIZE) as usize)
    }

    /// How far its memory reaches from the first number, in numbers.
    fn reach(&self) -> (isize, isize) {
        let (mut low, mut high) = (0, 0);
        for (count, stride) in self.array.shape().iter().zip(self.array.strides()) {
            let last = (*count as isize - 1).max(0) * (stride / SIZE);
            low += last.min(0);
            high += last.max(0);
        }
        (low, high)
    }

    /// The same points in memory of their own.
    fn copied(self) -> PyResult<Self> {
        let copied = self.array.call_method1("copy", ("C",))?;
        Ok(Self { array: copied.cast_into::<PyArrayDyn<f64>>()?, is_scalar: self.is_scalar })
    }

    /// In memory apart from some other array's.
    pub(crate) fn apart_from(self, output: &Output<'py>) -> PyResult<Self> {
        let (low, high) = self.range();
        let first = output.0.data() as usize;
        let last = first + output.0.len() * size_of::<f64>();
        if low < last && first < high { self.copied() } else { Ok(self) }
    }

    /// Its memory, cut into parts.
    pub(crate) fn parts(&self) -> Parts<'_> {
        let columns = self.array.shape().last().copied().filter(|_| !self.is_scalar).unwrap_or(1);
        let strides: Vec<isize> = self.array.strides().iter().map(|s| s / SIZE).collect();
        let own = if self.is_scalar { 1 } else { strides.last().copied().unwrap_or(1) };
        let (mut outer, mut rows, mut apart) = (Vec::new(), 1_usize, None);
        for (count, stride) in self.batch().iter().zip(&strides).rev() {
            match apart {
                // Axes of one entry lie anywhere.
                _ if *count == 1 => {}
                None => (rows, apart) = (*count, Some(*stride)),
                Some(inner) if outer.is_empty() && *stride == inner * rows as isize => rows *= count,
                Some(_) => outer.push((*count, *stride)),
            }
        }
        outer.reverse();
        if self.array.is_empty() {
            return Parts { memory: &[], start: 0, outer: Vec::new(), rows: 0, strides: [0, 1], columns };
        }
        let (low, high) = self.reach();
        // SAFETY: the array is aligned and holds all numbers from the lowest to the highest that its shape and strides reach, and lives as long as this.
        let memory = unsafe {
            std::slice::from_raw_parts(self.array.data().offset(low).cast_const(), (high - low + 1) as usize)
        };
        Parts { memory, start: -low as usize, outer, rows, strides: [apart.unwrap_or(0), own], columns }
    }
}

impl Parts<'_> {
    /// How many points each part has.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Every part, in the order of the array.
    pub(crate) fn for_each<E>(&self, mut work: impl FnMut(Rows<'_>) -> Result<(), E>) -> Result<(), E>
    where
        E: From<Failure>,
    {
        let count: usize = self.outer.iter().map(|(count, _)| count).product();
        for part in 0..count {
            let (mut rest, mut start) = (part, self.start as isize);
            for (count, stride) in self.outer.iter().rev() {
                start += (rest % count) as isize * stride;
                rest /= count;
            }
            let rows = Rows::from_start(self.memory, start as usize, [self.rows, self.columns], self.strides);
            work(rows.map_err(Failure::from)?)?;
        }
        Ok(())
    }
}

/// An array of results, in order and side by side.
pub(crate) struct Output<'py>(Bound<'py, PyArrayDyn<f64>>);

/// The memory of results.
pub(crate) struct Numbers<'a>(&'a mut [f64]);

impl<'py> Output<'py> {
    /// A new one.
    pub(crate) fn new(py: Python<'py>, shape: &[usize]) -> Self {
        // SAFETY: nobody sees it before all of it is written; where that fails, it is dropped.
        Self(unsafe { PyArray::new(py, IxDyn(shape), false) })
    }

    /// One of the caller's.
    pub(crate) fn given(given: &Bound<'py, PyAny>, shape: &[usize]) -> PyResult<Self> {
        let wanted = NPY_ARRAY_ALIGNED | NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_WRITEABLE;
        match given.cast::<PyArrayDyn<f64>>() {
            Ok(array) if array.shape() == shape && flags(array) & wanted == wanted => Ok(Self(array.clone())),
            _ => {
                let message =
                    format!("`out` is a contiguous array of float64 of the shape {shape:?} that can be written");
                Err(Failure::argument(message).into())
            }
        }
    }

    /// Its memory, for which nothing else is read or written meanwhile.
    pub(crate) fn numbers(&mut self) -> Numbers<'_> {
        // SAFETY: the array is contiguous and aligned, and points lie apart from it.
        Numbers(unsafe { std::slice::from_raw_parts_mut(self.0.data(), self.0.len()) })
    }

    pub(crate) fn into_array(self) -> Bound<'py, PyAny> {
        self.0.into_any()
    }
}

impl Numbers<'_> {
    /// The next rows, each of so many numbers.
    pub(crate) fn take(&mut self, rows: usize, columns: usize) -> Result<RowsMut<'_>, Failure> {
        let whole = std::mem::take(&mut self.0);
        let (first, rest) = whole.split_at_mut((rows * columns).min(whole.len()));
        self.0 = rest;
        Ok(RowsMut::new(first, [rows, columns])?)
    }
}

/// The numbers of a single point that lies side by side in an array of exactly these, the usual case, or `None`.
pub(crate) fn single<'a>(given: &'a Bound<'_, PyAny>, columns: usize) -> Option<&'a [f64]> {
    let array = given.cast::<PyArray1<f64>>().ok()?;
    // SAFETY: the array is alive, and its flags are plain numbers.
    let flags = unsafe { (*array.as_array_ptr()).flags };
    let wanted = NPY_ARRAY_ALIGNED | NPY_ARRAY_C_CONTIGUOUS;
    if array.len() != columns || flags & wanted != wanted {
        return None;
    }
    // SAFETY: the array is contiguous and aligned, and nothing writes to it while the interpreter's lock is held.
    Some(unsafe { std::slice::from_raw_parts(array.data(), columns) })
}

/// A new array of one axis, filled.
pub(crate) fn filled<'py>(py: Python<'py>, length: usize, fill: impl FnOnce(&mut [f64])) -> Bound<'py, PyArray1<f64>> {
    // SAFETY: it is filled before anybody sees it: with zeros first, so that nothing reads what is not written.
    unsafe {
        let array = PyArray1::<f64>::new(py, length, false);
        let numbers = std::slice::from_raw_parts_mut(array.data(), length);
        numbers.fill(0.0);
        fill(numbers);
        array
    }
}
