//! Claims judged and proofs verified.

use crate::error::Failure;
use crate::optimizer::Optimizer;
use crate::work::{Asked, work};
use pyo3::prelude::*;
use shadowflow::budget;
use shadowflow::citation::WORKS;
use shadowflow::claim::{Claim, Letters, Verdict, read_claims_with};
use shadowflow::proof::document::{self, read_document};
use shadowflow::render::{citation, json, text};

fn letters(text: Option<&str>) -> Result<Letters, Failure> {
    Ok(text.map(str::parse).transpose()?.unwrap_or_default())
}

fn judged(claim: &Claim, bound: &shadowflow::optimizer::BoundOptimizer) -> Result<Verdict, Failure> {
    match claim.judge(bound) {
        Err(reason) if reason.is_open() => Ok(Verdict::open(claim, bound, &reason)),
        verdict => Ok(verdict?),
    }
}

/// Judges a claim: the document, and the verdict as text.
#[pyfunction]
#[pyo3(signature = (claim, optimizer, notation=None, max_seconds=None))]
pub(crate) fn judge(
    py: Python<'_>,
    claim: String,
    optimizer: &Optimizer,
    notation: Option<String>,
    max_seconds: Option<f64>,
) -> PyResult<(String, String)> {
    let bound = optimizer.bound.clone();
    work(py, &Asked { progress: None, max_seconds }, move || {
        let letters = letters(notation.as_deref())?;
        letters.check(&bound.optimizer().symbols())?;
        let verdicts = [judged(&Claim::parse_with(&claim, &bound, &letters)?, &bound)?];
        Ok((json::claims(&verdicts).to_string(), text::claims(&verdicts)))
    })
}

/// Judges the claims of a file.
#[pyfunction]
#[pyo3(signature = (claims, optimizer, notation=None, max_seconds=None))]
pub(crate) fn judge_file(
    py: Python<'_>,
    claims: String,
    optimizer: &Optimizer,
    notation: Option<String>,
    max_seconds: Option<f64>,
) -> PyResult<(String, String)> {
    let bound = optimizer.bound.clone();
    work(py, &Asked { progress: None, max_seconds }, move || {
        let lines = read_claims_with(&claims, &bound, &letters(notation.as_deref())?)?;
        let counted = budget::Counted::begin("claims", lines.len() as u64);
        let mut verdicts = Vec::with_capacity(lines.len());
        for line in &lines {
            verdicts.push(Verdict { expected: line.expected, ..judged(&line.claim, &line.optimizer)? });
            counted.advance(1);
        }
        Ok((json::claims(&verdicts).to_string(), text::claims(&verdicts)))
    })
}

/// Verifies the document of a proven derivation: the report as a document, and as text.
#[pyfunction]
pub(crate) fn verify(py: Python<'_>, proof: Vec<u8>) -> PyResult<(String, String)> {
    work(py, &Asked::default(), move || {
        let report = document::verify(&read_document(&proof)?)?;
        Ok((json::verified(&report).to_string(), text::verified(&report)))
    })
}

/// What to cite: as text, and for BibTeX.
#[pyfunction]
pub(crate) fn cite() -> (String, String) {
    (citation::text(&WORKS), citation::bibtex(&WORKS))
}
