//! How much of a result is shown.

/// Parameters beyond this many are summed up by norms.
pub(super) const PARAMETERS: usize = 8;
/// Eigendirections shown unless told.
const DIRECTIONS: usize = 8;

/// How much a text shows; JSON has everything always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Detail {
    /// What is behind the verdict, too.
    pub verbose: bool,
    /// Every parameter, where more than eight are otherwise summed up by norms.
    pub all: bool,
    /// So many eigendirections, the largest first; eight unless told.
    pub top: Option<usize>,
}

impl Detail {
    /// Whether each of so many parameters is shown.
    pub(in crate::render) fn shows(self, parameters: usize) -> bool {
        self.all || parameters <= PARAMETERS
    }

    /// How many of so many directions are shown.
    pub(in crate::render) fn directions(self, directions: usize) -> usize {
        self.top.unwrap_or(if self.all { usize::MAX } else { DIRECTIONS }).min(directions)
    }
}

/// What to say where parameters are summed up.
pub(super) fn summed_up(parameters: usize) -> String {
    format!("{parameters} parameters, summed up by their norm; --all lists them\n")
}

/// The Euclidean norm; none where a number is missing.
pub(super) fn norm(values: &[Option<f64>]) -> Option<f64> {
    values.iter().try_fold(0.0_f64, |norm, x| x.map(|x| norm.hypot(x)))
}
