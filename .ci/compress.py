"""Writes a wheel again, compressed as far as the format goes.

python .ci/compress.py WHEEL
"""

import os
import sys
import zipfile

import zopfli

wheel = sys.argv[1]
shorter = wheel + ".part"
with zipfile.ZipFile(wheel) as old, zopfli.ZipFile(shorter, "w", zipfile.ZIP_DEFLATED) as new:
    for entry in old.infolist():
        new.writestr(entry, old.read(entry))
os.replace(shorter, wheel)
