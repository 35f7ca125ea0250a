//! Which plane of parameter space is meant, and why there is none.

use crate::loss::PointError;
use std::str::FromStr;

/// Eigenvectors are numbered below this.
const MOST_EIGENVECTORS: usize = 1000;

/// Which plane is meant.
///
/// ```
/// use shadowflow::flow::PlaneName;
/// assert_eq!("u0,u2".parse::<PlaneName>()?, PlaneName::Eigenvectors([0, 2]));
/// assert_eq!("random:7".parse::<PlaneName>()?, PlaneName::Random(7));
/// assert_eq!("a.json,b.npy".parse::<PlaneName>()?, PlaneName::Points(["a.json".into(), "b.npy".into()]));
/// assert!("u0".parse::<PlaneName>().is_err());
/// # Ok::<(), shadowflow::flow::PlaneError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaneName {
    /// Along two eigenvectors of the Hessian at the point, numbered from that of the largest eigenvalue.
    Eigenvectors([usize; 2]),
    /// Along two random directions of this seed, normalised filter by filter.
    Random(u64),
    /// Through two more points, each in a file.
    Points([String; 2]),
}

/// Why there is no such plane.
#[derive(Debug, thiserror::Error)]
pub enum PlaneError {
    /// A text says no plane.
    #[error(
        "`{0}` is no plane: write u0,u1 for two eigenvectors of the Hessian, random:SEED for random directions, or A.json,B.json for two points"
    )]
    Form(String),
    /// A seed is no whole number.
    #[error("`random:{0}`: the seed of random directions is a whole number from 0, as in random:7")]
    Seed(String),
    /// Both directions are one.
    #[error("both directions are {0}; a plane needs two")]
    Twice(String),
    /// There is no such eigenvector.
    #[error("there is no u{index}: {why}")]
    NoEigenvector {
        /// Its number.
        index: usize,
        /// Why not.
        why: String,
    },
    /// A direction has no length.
    #[error("the direction {name} is 0: {why}")]
    Zero {
        /// The direction.
        name: String,
        /// Why, and what to do.
        why: &'static str,
    },
    /// The directions lie on one line.
    #[error("the directions {0} and {1} lie on one line, so that they span no plane")]
    Parallel(String, String),
    /// A point cannot be read.
    #[error("{}", of_point(.name, .source))]
    Point {
        /// Its file.
        name: String,
        /// What is wrong.
        source: PointError,
    },
    /// The loss cannot be differentiated, or has no finite derivatives there.
    #[error("{0}")]
    Derivatives(String),
}

/// What is wrong with the file of a point.
fn of_point(name: &str, source: &PointError) -> String {
    let form = r#"the points of a plane are files such as {"x": 0.3, "w": [0.1, -2]}, with this loss's parameters"#;
    match source {
        PointError::Read { .. } => source.to_string(),
        // These name it.
        PointError::Located { .. } | PointError::Format { .. } => format!("{source}; {form}"),
        _ => format!("{name}: {source}; {form}"),
    }
}

impl FromStr for PlaneName {
    type Err = PlaneError;

    fn from_str(text: &str) -> Result<Self, PlaneError> {
        let form = || PlaneError::Form(text.to_owned());
        if let Some(seed) = text.trim().strip_prefix("random:") {
            return seed.trim().parse().map(Self::Random).map_err(|_| PlaneError::Seed(seed.to_owned()));
        }
        let (a, b) = text.split_once(',').ok_or_else(form)?;
        let (a, b) = (a.trim(), b.trim());
        let number = |word: &str| word.strip_prefix('u').and_then(|k| k.parse::<usize>().ok());
        if let (Some(i), Some(j)) = (number(a), number(b)) {
            if i == j {
                return Err(PlaneError::Twice(a.to_owned()));
            }
            if let Some(index) = [i, j].into_iter().find(|k| *k >= MOST_EIGENVECTORS) {
                let why = format!("the eigenvectors looked for are below u{MOST_EIGENVECTORS}");
                return Err(PlaneError::NoEigenvector { index, why });
            }
            return Ok(Self::Eigenvectors([i, j]));
        }
        let is_file = |name: &str| {
            let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
            end.is_some_and(|end| end == "json" || end == "npy")
        };
        if !is_file(a) || !is_file(b) {
            return Err(form());
        }
        if a == b {
            return Err(PlaneError::Twice(a.to_owned()));
        }
        Ok(Self::Points([a.to_owned(), b.to_owned()]))
    }
}
