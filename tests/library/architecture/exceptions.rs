//! What the invariants leave out, each with its reason. What stands here and is not found any more has to go.

/// Arrows between rooms that run up.
pub(super) const UPWARD: &[(&str, &str, &str)] = &[
    ("src/claim/judge.rs", "src/render/notation.rs", "a verdict spells trees in its sentences"),
    ("src/claim/tests.rs", "src/render/notation.rs", "what is printed is read as a claim"),
    ("src/proof/document/claimed.rs", "src/render/notation.rs", "a place in a document is named by its tree"),
    ("src/proof/check/optimizer_tests.rs", "src/render/proof.rs", "what is written is read and checked"),
    ("src/proof/document/tests.rs", "src/render/json/equation.rs", "what is written is read and checked"),
    ("src/proof/document/tests.rs", "src/render/proof.rs", "what is written is read and checked"),
    ("src/proof/read.rs", "src/render/proof.rs", "a test reads what is written"),
];

/// Files that know each other.
pub(super) const CIRCLES: &[(&[&str], &str)] = &[
    (
        &["src/concrete/derive.rs", "src/concrete/expansion.rs"],
        "the parts of a derivation are expanded, and stand with its entry",
    ),
    (
        &["src/evidence/check.rs", "src/evidence/families.rs", "src/evidence/remainder.rs"],
        "all checks have one form, and the list of all of them stands with it",
    ),
    (
        &[
            "src/flow/derivatives.rs",
            "src/flow/integrator.rs",
            "src/flow/kinks.rs",
            "src/flow/lost_value.rs",
            "src/flow/slide.rs",
        ],
        "a model tells where it has kinks and lost its value, which is asked of the model, step by accepted step",
    ),
    (&["src/flow/follow.rs", "src/flow/simulate.rs"], "a simulation follows flows, which are made where it begins"),
    (
        &["src/optimizer/definition.rs", "src/optimizer/file.rs", "src/optimizer/names.rs"],
        "the name of an optimizer may be a file, and no file may take the name of another optimizer",
    ),
    (&["src/render/contraction.rs", "src/render/notation.rs"], "a notation chooses how contractions are written"),
];

/// Files outside of `render` and `tree/notation` that spell formulas.
pub(super) const SPELLING: &[(&str, &str)] = &[
    ("src/claim/energy.rs", "a formula that stands right beside a wrong one"),
    ("src/claim/function.rs", "a formula that stands right beside a wrong one"),
    ("src/claim/judge.rs", "a formula that stands right beside a wrong one"),
    ("src/claim/letters.rs", "an error shows how a letter may be written"),
    ("src/claim/subject.rs", "an error names what was read"),
    ("src/cli/source.rs", "a hint shows a loss to begin with"),
    ("src/concrete/evaluate/place.rs", "an error names the operation without a value"),
    ("src/evidence/check.rs", "the name of what is compared"),
    ("src/evidence/families.rs", "the name of what is compared"),
    ("src/evidence/principal.rs", "the name of what is compared"),
    ("src/expr/print.rs", "expressions in the loss language, which is this room's own"),
    ("src/flow/lost_value.rs", "an error names the operation without a value"),
    ("src/number/fraction.rs", "exact numbers as they are read"),
    ("src/number/polynomial.rs", "exact numbers as they are read"),
    ("src/number/quadratic.rs", "exact numbers as they are read"),
    ("src/principal/characteristic/branch_points.rs", "the characteristic polynomial in its own letters"),
    ("src/principal/characteristic/curve.rs", "the characteristic polynomial in its own letters"),
];
