"""What a clerk or a citizen asks, is offered and chooses, and the proof of it."""

from . import (
    proof_actions,
)
