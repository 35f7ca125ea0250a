//! What a program with explicit formulas says of itself.

use super::Target;

/// What the head of a program is made of.
#[derive(Debug, Clone)]
pub(super) struct About {
    /// The flow, in words.
    pub(super) title: String,
    /// The loss.
    pub(super) loss: String,
    /// The command that writes it.
    pub(super) command: String,
    /// The entries of θ as the loss names them.
    pub(super) entries: Vec<String>,
    /// Names that differ from the loss's, with those.
    pub(super) renamed: Vec<(String, String)>,
    /// What to know of the numbers.
    pub(super) warnings: Vec<String>,
}

impl About {
    /// The first paragraphs.
    pub(super) fn head(&self, library: &str) -> String {
        let mut head = format!(
            "{},\non {}, for {library}.\n\nWritten by shadowflow {}: {}\n",
            self.title,
            self.loss,
            env!("CARGO_PKG_VERSION"),
            self.command
        );
        for (name, own) in &self.renamed {
            head.push_str(&format!("{name} is {own} of the loss.\n"));
        }
        for warning in &self.warnings {
            head.push_str(&format!("\nWarning: {warning}\n"));
        }
        head
    }

    /// Of a module in Python.
    pub(super) fn python(&self, target: Target) -> String {
        let (library, arrays) = match target {
            Target::Jax => ("JAX", "an array"),
            Target::Torch => ("PyTorch (run by the tests of shadowflow where PyTorch is installed)", "a tensor"),
            _ => ("NumPy", "an array"),
        };
        let listed = self.listed();
        format!(
            "{}\n    field(theta, h)    d theta/dt at theta, {arrays} with {listed} along its last axis: any number of points at once.\n                       \
             h is a number, or one for every point.\n    terms(theta)       [f_0, f_1, ...], whose sum with powers of h is the field\n",
            self.head(library)
        )
    }

    /// The entries, few of them by name.
    pub(super) fn listed(&self) -> String {
        match self.entries.as_slice() {
            few if few.len() <= 6 => few.join(", "),
            [first, second, .., last] => format!("{first}, {second}, ..., {last} ({} entries)", self.entries.len()),
            _ => String::new(),
        }
    }
}
