//! What the manifest says of the package: what a registry asks for, and files that are there.

use std::path::Path;

/// The limits of crates.io: <https://doc.rust-lang.org/cargo/reference/manifest.html>.
#[test]
fn the_package_has_what_a_registry_asks_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let package = manifest.split("\n[").next().unwrap();
    // Each stands on a line of its own, its words in quotation marks.
    let list = |key: &str| -> Vec<&str> {
        let line = package.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='));
        line.unwrap_or_else(|| panic!("{key}")).split('"').skip(1).step_by(2).collect()
    };
    for key in ["description", "license", "readme", "documentation", "rust-version"] {
        assert!(list(key).first().is_some_and(|text| !text.is_empty()), "{key}");
    }
    let keywords = list("keywords");
    assert!(keywords.len() <= 5 && list("categories").len() <= 5);
    for word in keywords {
        assert!(word.len() <= 20 && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_+".contains(c)), "{word}");
    }
    // What is left out is there, so that the list is true, and holds nothing that the crate is built of.
    for left_out in list("exclude") {
        let path = root.join(left_out.trim_start_matches('/'));
        assert!(path.exists(), "{left_out}");
        assert!(
            ["src", "assets", "grammar", "examples", "Cargo.toml"]
                .iter()
                .all(|part| !path.starts_with(root.join(part)))
        );
    }
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "CITATION.cff", "CONTRIBUTING.md", "CHANGELOG.md"] {
        assert!(root.join(file).is_file(), "{file}");
    }
}
