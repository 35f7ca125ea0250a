//! One document about a loss or an optimizer: what is derived, the checks and the proof, the trajectories and what they show.

mod derived;
mod explicit;
mod options;
mod run;
mod sections;
mod setting;
mod start;
mod step;
#[cfg(test)]
mod tests;
mod work;

pub use options::ReportOptions;
pub use setting::Setting;

use crate::budget::Budget;
use crate::evidence::CheckReport;
use crate::flow::Simulation;
use crate::form::Formulas;
use crate::formula::{Formula, Spelling};
use crate::loss::Loss;
use crate::render::document::{self, Document, Figure};
use crate::warning::Warning;
use derived::Derived;
use run::Run;

/// What was found, or why it could not be: the rest of a report stands without it.
type Part<T> = Result<T, String>;

/// Why there is no report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// Nothing could be derived.
    #[error("{0}")]
    Nothing(String),
}

/// The facts of a report, gathered.
///
/// What cannot be computed says why, and the rest stands.
#[derive(Debug)]
pub struct Report {
    title: String,
    options: ReportOptions,
    derived: Derived,
    checks: Part<CheckReport>,
    subject: Option<OfLoss>,
    warnings: Vec<Warning>,
}

/// What is known of one loss.
#[derive(Debug)]
struct OfLoss {
    source: String,
    /// The loss, and shared subterms after it.
    written: Option<Vec<(Formula, Formula)>>,
    dimension: usize,
    spelling: Spelling,
    formulas: Part<Formulas>,
    run: Part<Run>,
}

impl OfLoss {
    /// The loss as it is written, and the subterms that it is written with.
    fn stated(&self) -> impl Iterator<Item = &Formula> {
        self.written.iter().flatten().map(|(_, value)| value)
    }
}

impl Report {
    /// Derives, checks, proves and simulates.
    ///
    /// # Errors
    /// [`ReportError`] where nothing at all can be derived.
    pub fn gather(loss: &Loss, title: &str, options: &ReportOptions) -> Result<Self, ReportError> {
        let (report, subject) = Self::beside(title, options, || OfLoss {
            source: loss.source.clone(),
            written: explicit::written(loss),
            dimension: loss.expression.pool().dimension(),
            spelling: explicit::spelling(loss),
            formulas: explicit::formulas(loss, options),
            run: Run::of(loss, title, options),
        });
        if let (Err(why), Err(reason)) = (&report.derived.equation, &subject.formulas) {
            return Err(ReportError::Nothing(format!("{reason}; {why}")));
        }
        let mut warnings = loss.warnings.clone();
        match &subject.run {
            Ok(run) => warnings.extend(run.all_warnings()),
            Err(why) => warnings.push(Warning::new("not-simulated", format!("nothing is simulated: {why}"))),
        }
        warnings.extend(subject.formulas.iter().flat_map(|f| f.warnings.clone()));
        if let Err(why) = &subject.formulas {
            warnings
                .push(Warning::new("not-computed", format!("f_0 to f_{} are not written out: {why}", options.order)));
        }
        Ok(Self { subject: Some(subject), ..report }.with(warnings))
    }

    /// Derives, checks and proves the modified equation of an optimizer for any loss.
    ///
    /// ```
    /// use shadowflow::report::{Report, ReportOptions};
    /// let options = ReportOptions { order: 2, check_order: 4, ..ReportOptions::default() };
    /// let report = Report::of_optimizer("Gradient descent", &options)?;
    /// assert!(report.ok() && report.simulation().is_none());
    /// assert!(report.markdown().contains("## 1. The modified equation"));
    /// # Ok::<(), shadowflow::report::ReportError>(())
    /// ```
    ///
    /// # Errors
    /// [`ReportError`] where nothing can be derived.
    pub fn of_optimizer(title: &str, options: &ReportOptions) -> Result<Self, ReportError> {
        let (report, ()) = Self::beside(title, options, || ());
        match &report.derived.equation {
            Err(why) => Err(ReportError::Nothing(why.clone())),
            Ok(_) => Ok(report.with(Vec::new())),
        }
    }

    /// What is derived for any loss, and other work: the checks take as long as all the rest, and share nothing with it.
    fn beside<T>(title: &str, options: &ReportOptions, work: impl FnOnce() -> T) -> (Self, T) {
        let budget = Budget::current();
        let (checks, derived, done) = std::thread::scope(|scope| {
            let checks = scope.spawn(move || derived::checks(options, &budget));
            let (derived, done) = (Derived::of(options), work());
            (checks.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), derived, done)
        });
        let report = Self {
            title: title.to_owned(),
            options: options.clone(),
            derived,
            checks,
            subject: None,
            warnings: Vec::new(),
        };
        (report, done)
    }

    /// With what it cannot vouch for, each once.
    fn with(mut self, own: Vec<Warning>) -> Self {
        let checks = self.checks.iter().flat_map(|c| c.warnings.clone());
        let roots = self.options.optimizer.warning().map(|message| Warning::new("parasitic-roots", message));
        let records = self.options.records.iter().flat_map(crate::record::Record::warnings);
        let all = own.into_iter().chain(self.derived.warnings.clone()).chain(checks).chain(roots).chain(records);
        let mut warnings: Vec<Warning> = Vec::new();
        for warning in all {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        self.warnings = warnings;
        self
    }

    /// Whether no check fails and the proof holds.
    #[must_use]
    pub fn ok(&self) -> bool {
        let checks = self.checks.as_ref().map_or(true, |c| c.ok() || (c.checks.is_empty() && !c.warnings.is_empty()));
        checks && self.derived.proof.as_ref().map_or(true, |proven| proven.verified.ok)
    }

    /// What the report cannot vouch for, and what it chose by itself.
    pub fn warnings(&self) -> impl Iterator<Item = &Warning> {
        self.warnings.iter()
    }

    /// What was simulated, and how that was chosen.
    #[must_use]
    pub fn setting(&self) -> Option<&Setting> {
        Some(&self.run()?.setting)
    }

    /// The simulation behind the figures.
    #[must_use]
    pub fn simulation(&self) -> Option<&Simulation> {
        Some(&self.run()?.simulation)
    }

    fn run(&self) -> Option<&Run> {
        self.subject.as_ref()?.run.as_ref().ok()
    }

    /// The report as a document, to be printed in any of its formats.
    #[must_use]
    pub fn document(&self) -> Document {
        sections::document(self)
    }

    /// The report as one self-contained HTML page.
    #[must_use]
    pub fn html(&self) -> String {
        document::html(&self.document())
    }

    /// The report in Markdown, without its pictures; [`document::markdown_with`] names their files.
    #[must_use]
    pub fn markdown(&self) -> String {
        document::markdown(&self.document())
    }

    /// The report as a LaTeX article, without its pictures; [`document::latex_with`] names their files.
    #[must_use]
    pub fn latex(&self) -> String {
        document::latex(&self.document())
    }

    /// The report as a Typst article, without its pictures; [`document::typst_with`] names their files.
    #[must_use]
    pub fn typst(&self) -> String {
        document::typst(&self.document())
    }

    /// The pictures, in order.
    #[must_use]
    pub fn figures(&self) -> Vec<Figure> {
        self.document().figures().into_iter().cloned().collect()
    }
}
