//! The `shadowflow` command.

fn main() -> std::process::ExitCode {
    shadowflow::cli::main()
}
