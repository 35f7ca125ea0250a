//! What the invariants leave out, each with its reason. What stands here and is not found any more has to go.

/// Arrows between rooms that run up.
pub(super) const UPWARD: &[(&str, &str, &str)] = &[
    ("src/proof/document/tests.rs", "src/render/json/equation.rs", "what is written is read and checked"),
    (
        "src/plan/tests/recomputed.rs",
        "src/concrete/arrays/field.rs",
        "the largest expressions there are must take little memory",
    ),
    ("src/plan/tests/recomputed.rs", "src/optimizer/bound.rs", "and they are of an optimizer"),
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
            "src/flow/integrator.rs",
            "src/flow/kinks.rs",
            "src/flow/lost_value.rs",
            "src/flow/model.rs",
            "src/flow/slide.rs",
        ],
        "a model tells where it has kinks and lost its value, which is asked of the model, step by accepted step",
    ),
    (
        &["src/optimizer/definition.rs", "src/optimizer/file.rs", "src/optimizer/names.rs"],
        "the name of an optimizer may be a file, and no file may take the name of another optimizer",
    ),
    (
        &[
            "src/formula/latex.rs",
            "src/formula/markup/mod.rs",
            "src/formula/mathml.rs",
            "src/formula/name.rs",
            "src/formula/names.rs",
            "src/formula/sentence.rs",
            "src/formula/sheet.rs",
            "src/formula/spelling.rs",
            "src/formula/symbols.rs",
            "src/formula/tongue.rs",
            "src/formula/typeset/mod.rs",
            "src/formula/typst.rs",
        ],
        "two sheets of one walk, which spells the names and letters of a formula; a name is spelt alone where prose needs it",
    ),
];

/// Files outside of `formula`, `render` and `tree/notation` that spell formulas.
pub(super) const SPELLING: &[(&str, &str)] = &[
    ("src/claim/energy.rs", "a formula that stands right beside a wrong one"),
    ("src/claim/function.rs", "a formula that stands right beside a wrong one"),
    ("src/claim/judge.rs", "a formula that stands right beside a wrong one"),
    ("src/claim/subject.rs", "an error names what was read"),
    ("src/cli/source.rs", "a hint shows a loss to begin with"),
    ("src/concrete/evaluate/place.rs", "an error names the operation without a value"),
    ("src/evidence/check.rs", "the name of what is compared"),
    ("src/evidence/families.rs", "the name of what is compared"),
    ("src/evidence/principal.rs", "the name of what is compared"),
    ("src/flow/lost_value.rs", "an error names the operation without a value"),
    ("src/form/monomial.rs", "a text by which formulas are found, which nobody reads"),
];
