//! The end of the command's process, and its signals.

#![allow(unsafe_code, reason = "a process that must not allocate cannot end without, nor can signals be ignored")]

/// Writes to standard error and ends the process, without a lock or an allocation.
#[cfg(unix)]
pub(crate) fn end_now(message: &str, status: i32) -> ! {
    let mut rest = message.as_bytes();
    while !rest.is_empty() {
        // SAFETY: the pointer and the length are those of a slice.
        let written = unsafe { libc::write(2, rest.as_ptr().cast(), rest.len()) };
        match usize::try_from(written) {
            Ok(n) if n > 0 => rest = rest.get(n..).unwrap_or_default(),
            _ => break,
        }
    }
    // SAFETY: ends the process, with nothing left to do in it.
    unsafe { libc::_exit(status) }
}

/// Writes to standard error and ends the process.
#[cfg(not(unix))]
pub(crate) fn end_now(message: &str, status: i32) -> ! {
    use std::io::Write;
    let _ = std::io::stderr().write_all(message.as_bytes());
    std::process::exit(status)
}

/// Which of the signals that end a program were ignored when it was started (`nohup`, a shell's background job), as a function that
/// ignores them again after handlers were set.
#[cfg(unix)]
pub(crate) fn restore_ignored_signals() -> impl FnOnce() {
    let ignored = [libc::SIGHUP, libc::SIGINT, libc::SIGTERM].map(|signal| {
        // SAFETY: a zeroed `sigaction` is a valid one, and with no new action the call only reads.
        let old = unsafe {
            let mut old: libc::sigaction = std::mem::zeroed();
            (libc::sigaction(signal, std::ptr::null(), &mut old) == 0).then_some(old.sa_sigaction)
        };
        (old == Some(libc::SIG_IGN)).then_some(signal)
    });
    // SAFETY: ignoring a signal runs no code. A file that grows beyond `ulimit -f` is then an error like a full disk.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    move || {
        for signal in ignored.into_iter().flatten() {
            // SAFETY: ignoring a signal runs no code.
            unsafe { libc::signal(signal, libc::SIG_IGN) };
        }
    }
}

/// Nothing is ignored where there are no signals.
#[cfg(not(unix))]
pub(crate) fn restore_ignored_signals() -> impl FnOnce() {
    || ()
}
