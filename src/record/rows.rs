//! A record in memory: columns of numbers, and which rows belong together.

use super::column::{Part, field_name, has_members};
use super::correlation::Correlation;
use super::error::RecordError;
use crate::loss::nearest;
use crate::train::Column;
use crate::warning::Warning;

/// Columns that are looked at against others.
const PAIRS: [(Column, Column); 2] =
    [(Column::Drift, Column::HgNorm), (Column::PredictedGradientAlong0, Column::GradientNextAlong0)];

/// As many names as a message lists.
const LISTED: usize = 40;

/// A record of training runs: rows of numbers, in the order in which they were written.
///
/// ```
/// use shadowflow::record::Record;
/// let text = "{\"step\": 0, \"optimizer\": \"gd\", \"loss\": 2.0, \"lambda\": [3, 1]}\n{\"step\": 1, \"optimizer\": \"gd\", \"lo";
/// let record = Record::parse("run.jsonl", text.as_bytes())?;
/// // The second row is being written.
/// assert_eq!((record.len(), record.is_unfinished()), (1, true));
/// assert_eq!(record.names(), ["step", "loss", "lambda_0", "lambda_1"]);
/// assert_eq!(record.members("lambda")?[1].values, [1.0]);
/// assert_eq!(record.runs()[0].label(), "gd");
/// # Ok::<(), shadowflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub(super) name: String,
    pub(super) rows: usize,
    pub(super) fields: Vec<Field>,
    pub(super) runs: Vec<Run>,
    pub(super) unfinished: bool,
}

/// One field of all rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) column: String,
    pub(super) key: String,
    pub(super) part: Part,
    /// NaN where there is none.
    pub(super) values: Vec<f64>,
}

/// The rows of one optimizer with one step size and one seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The optimizer, where rows name one.
    pub optimizer: Option<String>,
    /// The step size of a list of several, as it is written.
    pub h_setting: Option<String>,
    /// The seed of a list of several.
    pub seed: Option<String>,
    /// Its own rows.
    pub rows: Vec<usize>,
    /// Its branches, in the order of their first rows.
    pub branches: Vec<Branch>,
}

/// The rows of one branch of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The flow that is followed.
    pub flow: String,
    /// The step that it starts from, where rows say it.
    pub from: Option<u64>,
    /// Its rows.
    pub rows: Vec<usize>,
}

/// One member of a column, such as one eigenvalue or one flow's error; of complex numbers the real part.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its number or its name; empty where the column is one number a row.
    pub key: String,
    /// A number a row of the record, NaN where there is none.
    pub values: Vec<f64>,
}

/// How closely two columns of a run go together.
#[derive(Debug, Clone, PartialEq)]
pub struct Related {
    /// The run, by its label.
    pub run: String,
    /// The field that is looked at.
    pub column: String,
    /// The field that it is looked at against.
    pub against: String,
    /// How closely.
    pub correlation: Correlation,
}

impl Run {
    /// The optimizer and the step size, and not the seed.
    #[must_use]
    pub fn setting(&self) -> String {
        let optimizer = self.optimizer.clone().unwrap_or_default();
        match (&self.h_setting, optimizer.is_empty()) {
            (None, _) => optimizer,
            (Some(h), true) => format!("h = {h}"),
            (Some(h), false) => format!("{optimizer}, h = {h}"),
        }
    }

    /// All that tells it from the other runs.
    #[must_use]
    pub fn label(&self) -> String {
        let setting = self.setting();
        match (&self.seed, setting.is_empty()) {
            (None, _) => setting,
            (Some(seed), true) => format!("seed {seed}"),
            (Some(seed), false) => format!("{setting}, seed {seed}"),
        }
    }
}

impl Record {
    /// What it is called: its file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether it has no rows, which no record that was read has.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Whether the last line was left out, since it may be half-written.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.unfinished
    }

    /// The runs, in the order of their first rows.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The names of its fields of numbers, as a CSV file has them.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.fields.iter().map(|f| field_name(&f.column, &f.key, f.part)).collect()
    }

    /// Whether there is a number in a column or a field.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.members(name).is_ok_and(|all| all.iter().any(|m| m.values.iter().any(|x| x.is_finite())))
    }

    /// The numbers of a column, by the name of one field, as in `lambda_0` or `error_pf`, or of all of them, as in `lambda` or `error`.
    ///
    /// Of complex numbers these are the real parts, unless the name ends in `_im`.
    ///
    /// # Errors
    /// [`RecordError::Column`] for a name that it has not.
    pub fn members(&self, name: &str) -> Result<Vec<Member>, RecordError> {
        let exact = self.fields.iter().filter(|f| field_name(&f.column, &f.key, f.part) == name && f.part == Part::Im);
        let mut found: Vec<Member> = exact.map(|f| Member { key: f.key.clone(), values: f.values.clone() }).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let name_re = name.strip_suffix("_re");
        for field in self.fields.iter().filter(|f| f.part != Part::Im) {
            let whole = field_name(&field.column, &field.key, Part::Whole);
            if field.column != name && whole != name && (field.part != Part::Re || Some(&*whole) != name_re) {
                continue;
            }
            // What is real in some rows and complex in others is one member.
            match found.iter_mut().find(|m| m.key == field.key) {
                Some(known) => {
                    for (a, b) in known.values.iter_mut().zip(&field.values).filter(|(a, _)| !a.is_finite()) {
                        *a = *b;
                    }
                }
                None => found.push(Member { key: field.key.clone(), values: field.values.clone() }),
            }
        }
        if found.is_empty() { Err(self.missing(name)) } else { Ok(found) }
    }

    /// The numbers of a field or of a column that has one a row; `None` where it has none.
    #[must_use]
    pub fn one(&self, name: &str) -> Option<Vec<f64>> {
        let mut members = self.members(name).ok()?;
        if members.len() == 1 { members.pop().map(|m| m.values) } else { None }
    }

    /// What is to be said of it: that a half-written line was left out.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let message = "the last line has no end and is left out: it may be half-written";
        self.unfinished.then(|| Warning::new("unfinished-record", message.to_owned())).into_iter().collect()
    }

    /// How closely columns go together that are looked at against each other, run by run: the drift and ‖Hg‖, what flows predict of the gradient
    /// along `u_0` and what was measured.
    #[must_use]
    pub fn related(&self) -> Vec<Related> {
        let mut found = Vec::new();
        for run in &self.runs {
            for (column, against) in PAIRS.map(|(a, b)| (a.name(), b.name())) {
                let (Ok(members), Some(x)) = (self.members(column), self.one(against)) else { continue };
                for member in members {
                    let correlation = Correlation::of(run.rows.iter().map(|row| (x[*row], member.values[*row])));
                    if correlation.count > 0 {
                        let column = field_name(column, &member.key, Part::Whole);
                        found.push(Related { run: run.label(), column, against: against.to_owned(), correlation });
                    }
                }
            }
        }
        found
    }

    fn missing(&self, asked: &str) -> RecordError {
        let mut known = self.names();
        for field in &self.fields {
            let is_list = !field.key.is_empty() && Column::named(&field.column).is_none_or(has_members);
            if is_list && !known.contains(&field.column) {
                known.push(field.column.clone());
            }
        }
        let close = nearest(asked, known.iter().map(String::as_str)).map(str::to_owned);
        let more = known.len().saturating_sub(LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let known = known.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ") + &more;
        RecordError::Column { path: self.name.clone(), asked: asked.to_owned(), known, close }
    }
}
