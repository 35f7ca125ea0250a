//! An allocator that counts, and ends the process in good order where memory ends.

#![allow(unsafe_code, reason = "a global allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// What a thread allocates and frees before it tells the others, in bytes: a counter shared by all would be fought over.
const BATCH: i64 = 64 << 10;

static USED: AtomicI64 = AtomicI64::new(0);
static MOST: AtomicI64 = AtomicI64::new(0);
static LIMIT: AtomicI64 = AtomicI64::new(i64::MAX);
static REACHED: AtomicBool = AtomicBool::new(false);
static AT_LIMIT: OnceLock<fn()> = OnceLock::new();

thread_local! {
    static UNTOLD: Cell<i64> = const { Cell::new(0) };
}

/// The system's allocator with a limit on what is allocated at a time.
///
/// The command installs it and ends at the limit with a message. A program that uses the library may install it too, to know
/// [`memory_in_use`]; the limit is the command's alone.
#[derive(Debug, Default, Clone, Copy)]
pub struct CountingAllocator;

// SAFETY: every call is handed to the system's allocator unchanged; counting allocates nothing, and neither does a thread-local
// without a destructor.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: as the caller promises.
        given(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: as the caller promises.
        given(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as i64 - layout.size() as i64);
        // SAFETY: as the caller promises.
        given(unsafe { System.realloc(at, layout, size) })
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
}

/// Counts a change before it happens.
#[inline]
fn count(change: i64) {
    // Where a thread ends its cell may be gone.
    let told = UNTOLD.try_with(|untold| {
        let sum = untold.get() + change;
        let told = if sum.abs() < BATCH { 0 } else { sum };
        untold.set(sum - told);
        told
    });
    match told.unwrap_or(change) {
        0 => {}
        told => tell(told),
    }
}

#[cold]
fn tell(change: i64) {
    let used = USED.fetch_add(change, Ordering::Relaxed).saturating_add(change);
    MOST.fetch_max(used, Ordering::Relaxed);
    if used > LIMIT.load(Ordering::Relaxed) {
        reached();
    }
}

/// What the system gave; nothing is the end of memory too, which would abort.
#[inline]
fn given(at: *mut u8) -> *mut u8 {
    if at.is_null() {
        reached();
    }
    at
}

#[cold]
fn reached() {
    // Only once: what ends the process may allocate.
    if let Some(end) = AT_LIMIT.get()
        && !REACHED.swap(true, Ordering::Relaxed)
    {
        end();
    }
}

/// The bytes that are allocated now, to 64 KiB a thread; 0 where [`CountingAllocator`] is not installed.
#[must_use]
pub fn memory_in_use() -> u64 {
    u64::try_from(USED.load(Ordering::Relaxed)).unwrap_or(0)
}

/// The most bytes that were allocated at a time, to 64 KiB a thread; 0 where [`CountingAllocator`] is not installed.
#[must_use]
pub fn peak_memory() -> u64 {
    u64::try_from(MOST.load(Ordering::Relaxed)).unwrap_or(0)
}

/// Calls `end`, which must not return, where more than `bytes` are allocated at a time or the system has no more.
#[cfg(feature = "command")]
pub(crate) fn stop_at(bytes: u64, end: fn()) {
    // The first one stays; the command sets it once.
    let _ = AT_LIMIT.set(end);
    LIMIT.store(i64::try_from(bytes).unwrap_or(i64::MAX), Ordering::Relaxed);
    tell(UNTOLD.take());
}
