//! How many rows of its data a classifier tells right.

use super::EvaluationError;
use crate::expr::Node;
use crate::loss::Loss;
use crate::plan::{Plan, PlanOptions};
use std::num::NonZeroUsize;

/// The share of the rows whose largest logit is at their label, the lower class where several are largest; `None` for losses that tell nothing apart.
///
/// ```
/// use shadowflow::evaluation::accuracy;
/// use shadowflow::loss::{Loss, Options};
/// let source = "const X = [[1, 0], [0, 1], [1, 1]]\nconst y = [0, 1, 1]\nparam W[2, 2]\nloss softmax_cross_entropy(X @ W, y)\n";
/// let loss = Loss::parse(source, "three.loss", &Options::default())?;
/// // The third row has equal logits: class 0.
/// assert_eq!(accuracy(&loss, &[1.0, 0.0, 0.0, 1.0], 1.try_into().unwrap())?, Some(2.0 / 3.0));
/// # Ok::<(), shadowflow::Error>(())
/// ```
///
/// # Errors
/// [`EvaluationError::Setting`] for arrays too large.
pub fn accuracy(loss: &Loss, theta: &[f64], threads: NonZeroUsize) -> Result<Option<f64>, EvaluationError> {
    let Some(classifier) = loss.classifier else { return Ok(None) };
    let pool = loss.expression.pool();
    let options = PlanOptions { threads };
    let values = |root| -> Result<Vec<f64>, EvaluationError> {
        let plan = Plan::real(pool, &[root], &options).map_err(|e| EvaluationError::Setting(e.to_string()))?;
        let mut out = vec![0.0; plan.outputs()];
        plan.run(&mut plan.state(), theta, &vec![f64::NAN; pool.symbols().len()], &[], &mut out);
        Ok(out)
    };
    let logits = values(classifier.logits)?;
    let [rows, classes] = *pool.shape(classifier.logits).axes() else { return Ok(None) };
    let meant: Vec<usize> = match pool.node(classifier.labels) {
        Node::Data(d) if pool.shape(classifier.labels).rank() == 1 => {
            pool.data()[*d as usize].values().iter().map(|label| *label as usize).collect()
        }
        _ => values(classifier.labels)?.chunks_exact(classes.max(1)).map(largest).collect(),
    };
    if rows == 0 || !logits.iter().all(|x| x.is_finite()) {
        return Ok(None);
    }
    let right = logits.chunks_exact(classes.max(1)).zip(&meant).filter(|(row, label)| largest(row) == **label).count();
    Ok(Some(right as f64 / rows as f64))
}

/// The place of the largest entry, the first of several.
fn largest(row: &[f64]) -> usize {
    row.iter().enumerate().fold(0, |best, (k, x)| if *x > row[best] { k } else { best })
}
