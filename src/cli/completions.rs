//! `shadowflow completions`

use super::output::print;
use super::{Cli, Failure};
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use std::process::ExitCode;

/// Print what makes a shell complete the commands, flags and values of shadowflow
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Where it goes:
  bash        ~/.local/share/bash-completion/completions/shadowflow
  zsh         a file _shadowflow in a folder of $fpath
  fish        ~/.config/fish/completions/shadowflow.fish
  elvish      a line `eval (shadowflow completions elvish | slurp)` in rc.elv
  powershell  shadowflow completions powershell >> $PROFILE

Examples:
  shadowflow completions bash > shadowflow
  shadowflow completions zsh > _shadowflow
  shadowflow completions fish > shadowflow.fish")]
pub(super) struct Args {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    generate(args.shell, &mut command, name, &mut script);
    print(&String::from_utf8_lossy(&script));
    Ok(ExitCode::SUCCESS)
}
