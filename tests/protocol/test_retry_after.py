"""When the other side asks to be asked again."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from byte_server import as_json, http
from test_case_sync import CASE, LOGIN

from protocol.directory import Server
from protocol.errors import AnswerNotUnderstood, FileUnavailable, KhoDLError, PortalRejected
from protocol.retry_after import seconds_asked

SERVER = Server("000.00.00.H22", "Hà Giang", "VN:GOV:000.00.00.H22:hagiangvdxpsvc01")


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("0", 0),
        ("999999999", 3600),
        ("-1", 0),
        ("1.5", 0),
        ("٣", 0),
        ("", 0),
        ("soon", 0),
        ("9" * 400, 0),
        ("Wed, 99 Nov 99999 99:99:99 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ],
)
def test_how_long(words, seconds):
    assert seconds_asked(503, {"Retry-After": words}) == seconds


@pytest.mark.parametrize(("minutes", "zone", "seconds"), [(10, "GMT", 600), (10, "-0000", 600), (60 * 24, "GMT", 3600)])
def test_until_when(minutes, zone, seconds):
    moment = format_datetime(datetime.now(timezone.utc) + timedelta(minutes=minutes), usegmt=True)
    asked = seconds_asked(503, {"Retry-After": moment.replace("GMT", zone)})
    assert asked == pytest.approx(seconds, abs=30)


def test_only_where_it_was_too_much():
    assert seconds_asked(429, {"Retry-After": "60"}) == 60
    assert seconds_asked(302, {"Retry-After": "60"}) == seconds_asked(429, {}) == 0


@pytest.mark.parametrize("status", [429, 503])
def test_a_file(server, make_client, status):
    server.answer = lambda _asked, _connection: http(b"later", status=status, Retry_After="90")
    client = make_client()
    request = client.file_request(7, "https://a.vn/download/a.pdf", SERVER, "a.pdf")
    with pytest.raises(FileUnavailable) as caught:
        client.download(request)
    assert caught.value.is_transient
    assert caught.value.retry_after == 90
    [[result]] = client.download_all([request])
    assert result.error.retry_after == 90


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (http(b"later", status=503, Retry_After="90"), AnswerNotUnderstood),
        (as_json({"message": "Quá nhiều yêu cầu"}, 429, Retry_After="90"), PortalRejected),
        (as_json({"type": "Server.ServerProxy.NetworkError"}, 503, Retry_After="90"), KhoDLError),
    ],
)
def test_a_message(server, make_client, answer, error):
    server.by_path(login=LOGIN, call=answer)
    with pytest.raises(error) as caught:
        make_client().send_case(CASE, is_update=False)
    assert caught.value.is_transient
    assert caught.value.retry_after == 90


def test_a_login(server, make_client):
    server.by_path(login=http(b"later", status=503, Retry_After="90"))
    with pytest.raises(AnswerNotUnderstood) as caught:
        make_client().directory()
    assert caught.value.retry_after == 90
