//! What the manifest says of the package: what a registry asks for, and files that are there.

use std::path::Path;

/// The limits of crates.io: <https://doc.rust-lang.org/cargo/reference/manifest.html>.
#[test]
fn the_package_has_what_a_registry_asks_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table = std::fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
    let package = manifest["package"].as_table().unwrap();
    let list = |key: &str| -> Vec<&str> {
        package[key].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
    };
    for key in ["description", "license", "readme", "documentation", "rust-version"] {
        assert!(package[key].as_str().is_some_and(|text| !text.is_empty()), "{key}");
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
