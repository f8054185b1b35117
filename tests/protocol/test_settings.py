import dataclasses

import pytest

from protocol.errors import SettingsIncomplete
from protocol.settings import Account, Service, Settings

ACCOUNT = Account("user", "s3cret")
SERVICE = Service("XrdAdapter", "mapi/call", "mapi/login", account=ACCOUNT)
GOOD = Settings("http://10.0.0.1:8080", "H46", SERVICE, SERVICE)


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://10.0.0.1:8080", "http://10.0.0.1:8080"),
        (" 10.0.0.1:8080/ ", "http://10.0.0.1:8080"),
        ("HTTPS://SS.H46.gov.vn//", "https://ss.h46.gov.vn"),
        ("http://gate/ss-1/", "http://gate/ss-1"),
        ("[fe80::1]:8080", "http://[fe80::1]:8080"),
        ("ss_1", "http://ss_1"),
        ("http://GW/api/forward/http://10.0.0.1:8081/", "http://gw/api/forward/http://10.0.0.1:8081"),
        ("gw/api/forward/http://10.0.0.1:8081", "http://gw/api/forward/http://10.0.0.1:8081"),
        ("https://gw/f/https://[fe80::1]:8081/ss", "https://gw/f/https://[fe80::1]:8081/ss"),
    ],
)
def test_the_address_of_the_security_server_has_one_form(given, base):
    settings = dataclasses.replace(GOOD, ss_url=given)
    settings.check()
    assert settings.base_url == base


@pytest.mark.parametrize(
    "given",
    [
        "",
        "   ",
        "ftp://10.0.0.1",
        "http://",
        "http://user:word@10.0.0.1",
        "http://10.0.0.1/?x",
        "http://10.0.0.1/#x",
        "http://a b",
        "http://a..b",
        "http://" + "a" * 64,
        "http://10.0.0.1:port",
        "http://10.0.0.1/a/../b",
        "http://10.0.0.1/.",
        "http://IP-SS-BNĐP:8080",
        "http://gw/forward/http://",
        "http://gw/forward/http://user:word@10.0.0.1",
        "http://gw/forward/http://10.0.0.1/../x",
        "http://gw/forward/ftp://10.0.0.1",
    ],
)
def test_an_address_that_names_no_http_server_is_missing(given):
    with pytest.raises(SettingsIncomplete) as caught:
        dataclasses.replace(GOOD, ss_url=given).check()
    assert caught.value.missing == ("ss_url",)


def test_everything_that_is_missing_is_named_at_once():
    empty = Service("", " ", "", account=Account())
    settings = Settings(
        "", " ", empty, SERVICE, " ", "path", "basic", 0, 0, 0, 0, 0, 0, 0, frozenset(), 0, account_downloads=0
    )
    with pytest.raises(SettingsIncomplete) as caught:
        settings.check()
    assert caught.value.missing == (
        "ss_url",
        "unit_code",
        "directory.adapter",
        "directory.path",
        "directory.login_path",
        "directory.account.username",
        "directory.account.password",
        "download_adapter",
        "dstcode_in",
        "auth_scheme",
        "accepted_kinds",
        "token_lifetime",
        "timeout",
        "max_file_bytes",
        "parallel_downloads",
        "parallel_per_server",
        "parallel_messages",
        "connect_timeout",
        "total_timeout",
        "account_downloads",
    )
    assert "directory.path" in caught.value.detail


def test_an_account_is_never_printed():
    assert "s3cret" not in repr(GOOD)
    assert "user" not in repr(GOOD)
