//! The code blocks of a document in Markdown, and the commands in them.

/// One code block.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// The line of its first line of text, from 1.
    pub(crate) line: usize,
    /// The first word after the fence.
    pub(crate) language: String,
    /// The other words: a file's name, `slow`, `status=1`.
    pub(crate) words: Vec<String>,
    /// What stands between the fences.
    pub(crate) lines: Vec<String>,
}

/// A command and what is shown below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The command as a shell reads it.
    pub(crate) command: String,
    /// The place in the block of the first line that is shown, and how many there are; none in blocks of commands only.
    pub(crate) output: Option<(usize, usize)>,
    /// The place in the block of the command.
    pub(crate) at: usize,
}

/// The code blocks of a text.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (k, line) in text.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(info), None) => {
                let mut words = info.split_whitespace().map(str::to_owned);
                let language = words.next().unwrap_or_default();
                open = Some(Block { line: k + 2, language, words: words.collect(), lines: Vec::new() });
            }
            (None, Some(block)) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a code block is not closed");
    blocks
}

impl Block {
    /// Whether it is of commands.
    pub(crate) fn runs(&self) -> bool {
        ["console", "sh"].contains(&self.language.as_str())
    }

    /// Whether it is left to long runs.
    pub(crate) fn is_slow(&self) -> bool {
        self.words.iter().any(|word| word == "slow")
    }

    /// The exit status that its commands end with.
    pub(crate) fn status(&self) -> i32 {
        let status = self.words.iter().find_map(|word| word.strip_prefix("status="));
        status.map_or(0, |status| status.parse().expect("a number after status="))
    }

    /// The name of the file that it shows.
    pub(crate) fn file(&self) -> Option<&str> {
        let file = self.words.iter().find(|word| word.contains('.') && !word.contains('='));
        file.map(String::as_str).filter(|_| !self.runs())
    }

    /// The text, every line ended.
    pub(crate) fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// The commands, each with what is shown below it.
    pub(crate) fn commands(&self) -> Vec<Shown> {
        let console = self.language == "console";
        let mut commands: Vec<Shown> = Vec::new();
        let mut continued = false;
        for (at, line) in self.lines.iter().enumerate() {
            let start = if console { line.strip_prefix("$ ") } else { Some(line.as_str()) };
            match (commands.last_mut(), start) {
                (Some(last), _) if continued => last.command.push_str(&format!("\n{line}")),
                (_, Some(command)) => {
                    let is_command = !command.trim().is_empty() && !command.trim_start().starts_with('#');
                    if console || is_command {
                        commands.push(Shown { command: command.to_owned(), output: None, at });
                    }
                }
                (Some(last), None) => {
                    let (first, count) = last.output.unwrap_or((at, 0));
                    last.output = Some((first, count + 1));
                }
                (None, None) => panic!("line {}: a console block begins with `$ `", self.line),
            }
            continued = line.ends_with('\\') && (continued || start.is_some());
        }
        if console {
            for command in &mut commands {
                command.output.get_or_insert((command.at + command.command.lines().count(), 0));
            }
        }
        commands
    }
}

/// Whether the lines are those shown, where a line `…` stands for any number of lines.
pub(crate) fn fits(shown: &[String], found: &[String]) -> bool {
    let Some(gap) = shown.iter().position(|line| line == "…") else {
        return shown == found;
    };
    let (before, after) = (&shown[..gap], &shown[gap + 1..]);
    let rest = found.len().saturating_sub(before.len());
    found.starts_with(before) && (0..=rest).any(|skipped| fits(after, &found[before.len() + skipped..]))
}

#[test]
fn commands_are_found_with_their_output() {
    let text = "a\n```console\n$ one \\\n  more\nout\n\n$ two\n```\n```sh slow\n# no\nx\ny \\\n  z\n```\n```text a.loss\nq\n```\n";
    let found = blocks(text);
    assert_eq!(found.len(), 3);
    let shown: Vec<_> = found[0].commands().into_iter().map(|c| (c.command, c.output)).collect();
    assert_eq!(shown, [("one \\\n  more".to_owned(), Some((2, 2))), ("two".to_owned(), Some((5, 0)))]);
    assert_eq!(found[0].line, 3);
    let commands: Vec<_> = found[1].commands().into_iter().map(|c| c.command).collect();
    assert_eq!(commands, ["x", "y \\\n  z"]);
    assert!(found[1].is_slow() && found[2].file() == Some("a.loss"));
    let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(
        fits(&lines("a … c"), &lines("a b b c"))
            && fits(&lines("a …"), &lines("a"))
            && !fits(&lines("a … c"), &lines("a b"))
    );
}
