"""What people may read of an exchange, and that nothing of it lets anybody in or names a person."""

import json
import unicodedata

import pytest
from byte_server import as_json, http

from protocol.directory import Server
from protocol.recording import STRUCK_OUT, RecordedExchange, Recorder, strike_out, strike_people

TOKEN = "ab+/cd" * 12
NUMBER = "000190000011"


def exchanges_of(client, *calls):
    client.session.recorder = Recorder()
    for call in calls:
        call()
    return client.session.recorder.take()


# Proves A-3.
# Proves A-3.
def test_each_exchange_is_kept_as_it_was_sent_without_what_lets_anybody_in(server, make_client):
    rows = [{"MACOQUAN": "000.00.00.G01", "TENCOQUAN": "Bộ Công an", "DSTCODE": "VN:COM:x:y"}]
    server.by_path(login=as_json({"session": TOKEN}), call=as_json({"result": rows, "echo": TOKEN}))
    client = make_client()
    login, call = exchanges_of(client, client.directory)
    sent, answered = call.sent_words([TOKEN]), call.answer_words([TOKEN])
    assert sent.startswith(f"POST {server.url}/XrdAdapter/RestService/forward/mapi/call\n")
    assert "Content-Type: application/json" in sent
    assert f'"session": "{STRUCK_OUT}"' in sent
    assert '"service": "LayDanhMucSSTaiTep"' in sent
    assert answered.startswith("HTTP 200\n")
    assert "Bộ Công an" in answered
    for words in (login.sent_words(), login.answer_words(), sent, answered):
        for secret in (TOKEN, "secret-password", '"h46"'):
            assert secret not in words


def test_nobody_records_unless_somebody_asks_for_it(server, make_client):
    server.by_path(login=as_json({"session": TOKEN}), call=as_json({"result": [{"MACOQUAN": "a", "DSTCODE": "b"}]}))
    client = make_client()
    client.directory()
    assert client.session.recorder is None
    recorder = client.session.recorder = Recorder()
    client.directory()
    assert len(recorder.take()) == 1
    assert recorder.take() == ()
    for _many in range(30):
        recorder.begin("GET", "http://a", {}, None)
    assert len(recorder.take()) == 20


def test_a_file_is_told_by_its_size_and_a_body_by_its_beginning(server, make_client):
    content = b"%PDF-1.7\n" + b"\x00\xff" * 50_000 + b"%%EOF\n"
    server.answer = lambda asked, connection: http(content)
    client = make_client()
    request = client.file_request(1, "https://a.vn/a.pdf", Server("H22", "", "VN:GOV:a:b"), "a.pdf")
    [file] = exchanges_of(client, lambda: client.download(request).close())
    assert file.size == len(content)
    assert len(file.answer) < len(content)
    assert file.answer_words(with_body=False).endswith(f"({len(content)} bytes)")
    assert file.answer_words().endswith(f"({len(content)} bytes)")


def test_what_got_no_answer_says_so_by_nothing():
    assert RecordedExchange("POST", "http://a", {}, b"{}").answer_words() == ""


def test_a_long_body_is_cut_and_never_in_the_middle_of_a_secret():
    exchange = RecordedExchange("POST", "http://a", {}, b"")
    exchange.answered(200, {})
    blocks = [b"x " * 16_370, TOKEN.encode(), b" y" * 100]
    assert b"".join(exchange.heard(blocks)) == b"".join(blocks)
    words = exchange.answer_words([TOKEN])
    assert len(words) < 4200
    assert TOKEN[:8] not in exchange.answer_words()
    assert "…" in words


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"access_token": TOKEN}),
        json.dumps({"result": json.dumps({"accessToken": TOKEN})}),
        json.dumps(TOKEN),
        json.dumps({"odd": TOKEN}).replace("/", "\\/"),
        "https://a.vn/x?dstcode=a&token=" + TOKEN.replace("/", "%2F").replace("+", "%2B"),
        f"<token>{TOKEN}</token>",
        f"token={TOKEN}&x=1",
    ],
)
def test_a_token_is_struck_out_wherever_it_stands(text):
    struck = strike_out(text, [TOKEN])
    assert TOKEN[:12] not in struck
    assert TOKEN[-12:] not in struck


@pytest.mark.parametrize(
    "text",
    [
        '{"session": "abc"}',
        '{"PassWord":"a\\"bc"}',
        '{\\"client_secret\\": \\"abc\\"}',
        "refresh_token=abc",
        '{"jwt": "eyJhbGciOiJIUzI1NiJ9.abc.abc"}',
        "eyJhbGciOiJIUzI1NiJ9.eyJhYmMiOjF9.abc",
        "the token abc/bn/zlgsQi7EiWVhCsjYtMYnTe5nO10415twgQC9Rv86h66nil is over",
        "/kho_dl/papers/k9Tq-_Zt0Yw3mVv8uQpabcTtUuVvWwXxYyZz01234A/x",
    ],
)
def test_what_bears_such_a_name_or_looks_like_one_is_struck_out_unknown(text):
    assert "abc" not in strike_out(text)
    assert STRUCK_OUT in strike_out(text)


@pytest.mark.parametrize(
    "text", [NUMBER, f"{NUMBER}_CCCD.pdf", "012345678", "0101234567-001", f'"{NUMBER}"', f"x{NUMBER}"]
)
def test_numbers_of_people_are_struck_out(text):
    assert not any(part.isdigit() and len(part) > 8 for part in strike_out(text).replace("_", " ").split())
    assert NUMBER not in strike_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "20261127170000",
        "000.00.00.H22",
        "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01",
        "KQ.G15.000007",
        "https://apigiaytocanhan.dichvucong.gov.vn",
        "XrdAdapter/RestService/forward/bndp/public/v1/user/papers",
    ],
)
def test_what_names_nobody_stays(text):
    assert strike_out(text, ["abc", TOKEN]) == text


@pytest.mark.parametrize(
    "text",
    [
        "của Nguyễn Thị An.",
        "NGUYEN  THI\nAN",
        "(nguyễn thị an)",
        unicodedata.normalize("NFD", "Nguyễn Thị An"),
        f"số {NUMBER}",
        "số 000 190 000 011",
        "số 000.190.000-011",
    ],
)
def test_people_are_struck_out_however_they_are_written(text):
    struck = strike_people(text, ["Nguyễn Thị An", NUMBER])
    assert STRUCK_OUT in struck
    assert "an" not in struck.lower().replace("của", "")
    assert not any(map(str.isdigit, struck))


def test_other_words_stay_when_people_are_struck_out():
    assert strike_people("Nguyễn Thị Anh, 1000190000011, đơn", ["Nguyễn Thị An", "000190000011", "An", ""]) == (
        "Nguyễn Thị Anh, 1000190000011, đơn"
    )
