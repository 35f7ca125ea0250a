"""How long after Ctrl-C each kind of long work has ended.

    python python/benches/interrupt.py [NAME …]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from test_work import LONG

SCRIPT = """
import os, signal, threading, time
import numpy as np
import shadowflow as sf

pressed = []

def press():
    time.sleep(1.0)
    pressed.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=press, daemon=True).start()
try:
    WORK
except KeyboardInterrupt:
    print(f"{1e3 * (time.perf_counter() - pressed[0]):.0f} ms")
else:
    print("it was done before")
"""

for name in sys.argv[1:] or LONG:
    script = SCRIPT.replace("WORK", LONG[name])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    print(f"{name:20} {done.stdout.strip() or done.stderr.strip().splitlines()[-1]}", flush=True)
