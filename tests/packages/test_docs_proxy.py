"""The proxy of docs/operations.md, as it is printed there, in front of an Odoo; and what is asked of monitoring."""

import contextlib
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from documents import block, blocks
from lib.debian import find_program
from lib.ports import HOST, reserved_port, wait_until_open
from lib.processes import running

PAGE = "docs/operations.md"
_NAME = "office.example.gov.vn"
_MAKE_TOKEN = """
env["res.config.settings"].create({}).action_kho_dl_new_health_token()
print("token:", env.company.kho_dl_health_token)
# Without it nothing is said of papers of ours.
env.company.kho_dl_serve_addresses = "127.0.0.1"
env.cr.commit()
"""
_NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    {temporary}
    {printed}
}}
"""


@pytest.fixture(scope="module")
def served(installed):
    """Give (port, token) of the Odoo that the README installed."""
    with reserved_port(8720) as port:
        [token] = re.findall("token: (.+)", installed.odoo.shell(_MAKE_TOKEN))
        with installed.odoo.serving(port, "--proxy-mode"):
            yield port, token


# Proves J.6-1.
def test_monitoring_is_asked_as_it_says(installed, served):
    port, token = served
    printed = [each.text for each in blocks(PAGE) if each.text.startswith("curl ")]
    said = [
        installed.run(text.replace(f"https://{_NAME}", f"http://{HOST}:{port}").replace("<token>", token))
        for text in printed
    ]
    assert '"troubles"' in said[0]
    assert "kho_dl_trouble" in said[1]
    assert '"questions"' in said[2]


@pytest.fixture(scope="module")
def proxy(folder, served):
    with _proxied(folder / "proxy", served[0]) as proxied:
        yield proxied


@contextlib.contextmanager
def _proxied(place, odoo):
    """Give the addresses of the printed proxy, for officers and for the public, and the folder with its logs."""
    place.mkdir()
    _write_certificate(place)
    with reserved_port(8740) as inner, reserved_port(8760) as outer:
        printed = block(PAGE, "nginx", "server {")
        for old, new in (
            ("10.0.0.10:443", f"{HOST}:{inner}"),
            ("192.0.2.10:443", f"{HOST}:{outer}"),
            ("127.0.0.1:8069", f"{HOST}:{odoo}"),
            ("/etc/ssl/certs", place),
            ("/etc/ssl/private", place),
            ("/var/log/nginx", place),
        ):
            assert old in printed
            printed = printed.replace(old, str(new))
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "\n".join(f"{kind}_temp_path {place}/{kind};" for kind in kinds)
        file = place / "nginx.conf"
        file.write_text(_NGINX.format(folder=place, temporary=temporary, printed=printed))
        program, environment = find_program("nginx")
        environment = {**os.environ, **environment}
        command = [program, "-p", place, "-c", file, "-e", place / "error.log"]
        checked = subprocess.run(
            [*command, "-t"], check=False, capture_output=True, text=True, timeout=60, env=environment
        )
        assert not checked.returncode, checked.stderr
        with running(command, env=environment) as process:
            for port in (inner, outer):
                wait_until_open(port, process, 30, "nginx")
            yield f"https://{HOST}:{inner}", f"https://{HOST}:{outer}", place


def _write_certificate(place):
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, _NAME)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    (place / "office.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (place / "office.key").write_bytes(key.private_bytes(*form))


def _get(address, **headers):
    # The certificate is of nobody.
    headers = {"Host": _NAME, **headers}
    with contextlib.closing(requests.get(address, headers=headers, verify=False, timeout=60)) as answer:
        return answer


# Proves J.6-1.
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_the_proxy_lets_in_whom_it_should_and_logs_no_token(proxy, served):
    officers, public, place = proxy
    assert _get(f"{officers}/web/login").status_code == 200
    page = _get(f"{public}/kho-dl/check?lang=en_US")
    assert page.status_code == 200
    for needed in re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="(/[^"]+)"', page.text):
        assert _get(f"{public}{needed}").status_code == 200, needed
    for closed in ("/web/login", "/odoo", "/my", "/kho_dl/papers/x", "/kho_dl/health"):
        assert _get(f"{public}{closed}").status_code == 404
    for before in ("", "/XrdAdapter/RestService/forward"):
        address = f"{officers}{before}/kho_dl/papers/a-secret/x.pdf"
        assert _get(address).status_code == 404
        # Without a database Odoo answers 404 as well, which an agency would take for the end of it.
        assert _get(address, **{"X-Odoo-Database": "another"}).status_code == 503
    assert _get(f"{officers}/web/database/selector").status_code == 503
    assert _get(f"{officers}/kho_dl/health?token={served[1]}").status_code in (200, 503)
    log = (place / "office.log").read_text()
    assert "/web/login" in log
    assert "secret" not in log
    assert served[1] not in log


# Proves J.6-1.
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_no_token_and_no_code_is_logged_while_odoo_is_away(folder):
    with reserved_port(8780) as nobody, _proxied(folder / "proxy_alone", nobody) as (officers, public, place):
        for address in (
            f"{officers}/kho_dl/papers/a-secret/x.pdf",
            f"{officers}/kho_dl/health?token=a-secret",
            f"{public}/kho-dl/check?code=a-secret",
        ):
            assert _get(address).status_code == 502
        logs = "".join(path.read_text() for path in place.glob("*.log"))
        assert "/kho_dl/health 502" in logs
        assert "secret" not in logs
