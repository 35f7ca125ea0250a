//! The `shadowflow` command.

#[global_allocator]
static ALLOCATOR: shadowflow::budget::CountingAllocator = shadowflow::budget::CountingAllocator;

fn main() -> std::process::ExitCode {
    shadowflow::cli::main()
}
