"""A file as another process is given it."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from collections.abc import Iterator
from typing import BinaryIO


@contextlib.contextmanager
def descriptor_of(file: BinaryIO) -> Iterator[int]:
    """Yield a descriptor of what `file` holds; what has none is copied, and its position put back."""
    try:
        number = file.fileno()
    except (AttributeError, io.UnsupportedOperation):
        with tempfile.TemporaryFile() as copy:
            position = file.tell()
            file.seek(0)
            shutil.copyfileobj(file, copy)
            file.seek(position)
            copy.flush()
            yield copy.fileno()
        return
    file.flush()
    yield number
