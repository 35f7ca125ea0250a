//! What to cite: this program, and the paper that its flows are from.

/// Something to cite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// What a bibliography calls it.
    pub key: &'static str,
    /// What it is.
    pub kind: WorkKind,
    /// Its title.
    pub title: &'static str,
    /// Its authors, in order.
    pub authors: &'static [Author],
    /// The year in which it was published.
    pub year: u32,
}

/// What a work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkKind {
    /// A program, with its version.
    Software {
        /// The version.
        version: &'static str,
    },
    /// An article.
    Article {
        /// The journal.
        journal: &'static str,
        /// Where it is read.
        url: &'static str,
    },
}

/// An author.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// A person.
    Person {
        /// The given names.
        given: &'static str,
        /// The family name.
        family: &'static str,
    },
    /// Several under one name.
    Group(&'static str),
}

const fn person(given: &'static str, family: &'static str) -> Author {
    Author::Person { given, family }
}

/// This program, in this version.
pub const SHADOWFLOW: Work = Work {
    key: "shadowflow",
    kind: WorkKind::Software { version: env!("CARGO_PKG_VERSION") },
    title: "shadowflow: modified flows of optimizers by backward error analysis",
    authors: &[Author::Group("The shadowflow developers")],
    year: 2026,
};

/// The paper that the principal flow, and what this program says of stability, are from.
pub const PRINCIPAL_FLOW: Work = Work {
    key: "rosca2023continuous",
    kind: WorkKind::Article {
        journal: "Transactions on Machine Learning Research",
        url: "https://openreview.net/forum?id=EYrRzKPInA",
    },
    title: "On a continuous time model of gradient descent dynamics and instability in deep learning",
    authors: &[person("Mihaela", "Rosca"), person("Yan", "Wu"), person("Chongli", "Qin"), person("Benoit", "Dherin")],
    year: 2023,
};

/// What to cite where this program was used.
pub const WORKS: [Work; 2] = [SHADOWFLOW, PRINCIPAL_FLOW];
