import subprocess
import sys

import pytest
from conftest import ROOT

_MIB = 1024 * 1024
# So much (MiB) may an answer of 8 MiB take beside itself.
_MOST_MEMORY = 250
_MEASURE = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from protocol.decoding import read_json
from protocol.errors import AnswerNotUnderstood
body = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_json(body)
except AnswerNotUnderstood:
    pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "' + b'\\"' * (4 * _MIB) + b'",}',
        b'["' + b"\\" * (8 * _MIB),
        b"[x" + b'""' * (4 * _MIB),
        b"[]" + b") " * (4 * _MIB) + b"x",
        b"[]" + b"<!--" * (2 * _MIB),
        b"Warning: a on line 1 " * (8 * _MIB // 21),
    ],
    ids=["quotes", "backslashes", "texts", "behind", "comments", "warnings"],
)
def test_what_only_resembles_an_answer_takes_no_more_memory_than_one(body):
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(ROOT)], input=body, capture_output=True, check=True, timeout=60
    )
    assert int(done.stdout) < _MOST_MEMORY
