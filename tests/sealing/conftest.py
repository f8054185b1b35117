import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

ROOT = Path(__file__).resolve().parents[2]
# The invented authority is that of the tests of signatures: what seals and what judges must agree.
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "inspection")]
# How long one example takes depends on what else the machine does.
hypothesis_settings.register_profile("bytes", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("bytes")

from authority import Authority, pdf  # noqa: E402 - needs the path above
from cryptography.hazmat.primitives.serialization import (  # noqa: E402
    BestAvailableEncryption,
    pkcs12,
)

PASSWORD = "mat-khau"


def key_file(holder, others=(), password=PASSWORD):
    """Return a PKCS#12 file with the certificate and key of `holder`."""
    return pkcs12.serialize_key_and_certificates(
        b"seal", holder.key, holder.certificate, [other.certificate for other in others],
        BestAvailableEncryption(password.encode()),
    )  # fmt: skip


@pytest.fixture(scope="session")
def authority():
    return Authority()


@pytest.fixture
def plain_pdf():
    return pdf("Phieu ly lich tu phap")
