"""What goes over the wire, byte by byte, and what may come back."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
import unicodedata

import pytest
from byte_server import ByteServer, as_json, chunked, http, torn

from protocol import links
from protocol.client import Client
from protocol.directory import Server
from protocol.errors import AnswerNotUnderstood, ConnectionBroken, SecurityServerUnreachable, TimedOut
from protocol.papers import CodeAsked, Question
from protocol.tokens import MemoryTokenStore
from protocol.transport import Exchange, answer_to, chunks, open_session

SERVER = Server("000.00.00.H22", "Hà Giang", "VN:GOV:000.00.00.H22:hagiangvdxpsvc01")
QUESTION = Question("1.001193", (CodeAsked("KQ.G15.000007"),), "001099000001", "2")
PDF = b"%PDF-1.7\n%%EOF\n"
ROWS = {"result": [{"MACOQUAN": "000.00.00.G01", "TENCOQUAN": "Bộ Công an", "DSTCODE": "VN:COM:x:y"}]}


@pytest.mark.parametrize(
    "link",
    [
        "https://a.vn/download/124.pdf",
        "https://a.vn//download///124.pdf",
        "https://a.vn/%7Euser/%41/gi%e1%ba%a5y%2ftờ.pdf?q=%7e%41%e1&x=a+b&&y='(1)*!",
        "https://a.vn/a;b=c,d:e@f$g!/...?x=/../y&z=?&w=//",
        'https://a.vn/[a]|b^`{c}"<d>.pdf?e=[f]|\\',
        "http://IP-SS-BNĐP:8080/XrdAdapter/RestService/forward//x/%2E%2e/y?dstcode=VN:GOV:a:b&providerurl=https://a.vn/p",
        "https://a.vn",
    ],
)
def test_the_request_line_is_what_was_composed(server, make_client, link):
    server.answer = lambda asked, connection: http(PDF)
    client = make_client()
    with client.download(client.file_request(1, link, SERVER, "a.pdf")):
        asked = server.asked[-1]
    assert server.url + asked.target == links.compose(link, client.settings, SERVER)
    assert asked.headers["host"] == server.url.removeprefix("http://")
    assert asked.method == "GET"


# Proves W.0-1.
def test_a_security_server_behind_a_forwarder_is_reached_as_it_is_written(server, make_client):
    server.answer = lambda asked, connection: http(PDF)
    client = make_client(ss_url=f"{server.url}/api/forward/http://10.0.0.1:8081")
    with client.download(client.file_request(1, "https://a.vn/download/a.pdf", SERVER, "a.pdf")):
        target = server.asked[-1].target
    assert target.startswith("/api/forward/http://10.0.0.1:8081/VXPAdapter/RestService/forward/download/a.pdf?dstcode=")


def test_a_file_is_asked_for_without_token_cookie_or_compression(server, make_client):
    server.answer = lambda asked, connection: http(PDF, Set_Cookie="JSESSIONID=far; Path=/")
    client = make_client(dstcode_in="both")
    for _twice in range(2):
        client.download(client.file_request(1, "https://a.vn/a.pdf", SERVER, "a.pdf")).close()
    assert server.asked[1].headers == {
        "host": server.url.removeprefix("http://"),
        "user-agent": "kho_dl",
        "accept-encoding": "identity",
        "dstcode": SERVER.dstcode,
    }
    assert server.connections == 1


# Proves V.1-1.
def test_the_call_for_the_directory(server, make_client):
    server.by_path(login=as_json({"session": "abc"}), call=as_json(ROWS))
    assert make_client().directory().servers[0].name == "Bộ Công an"
    login, call = server.asked
    assert (login.method, login.target) == ("POST", "/XrdAdapter/RestService/forward/mapi/login")
    assert login.json == {"username": "h46", "password": "secret-password"}
    assert call.target == "/XrdAdapter/RestService/forward/mapi/call"
    assert call.json == {"session": "abc", "madonvi": "H46", "service": "LayDanhMucSSTaiTep"}
    for asked in server.asked:
        assert (asked.headers["content-type"], asked.headers["charset"]) == ("application/json", "utf-8")
        assert "authorization" not in asked.headers


# Proves V.2-2.
@pytest.mark.parametrize(("scheme", "header"), [("bare", "abc"), ("bearer", "Bearer abc")])
def test_the_call_for_papers(server, make_client, scheme, header):
    server.by_path(login=as_json({"session": "abc"}), papers=as_json({"errorCode": "0", "result": None}))
    # Marks that were typed behind their letters go out with them.
    name = unicodedata.normalize("NFD", "Nguyễn Văn Thanh")
    question = Question("1.001193", (CodeAsked("KQ"),), "001099000001", "1", "001099000002", name)
    assert make_client(auth_scheme=scheme).papers(question).papers == ()
    routing = (
        "?dstcode=VN%3AGOV%3A000.00.00.G22%3Avpcpcdvcqgsub01"
        "&providerurl=https%3A%2F%2Fapigiaytocanhan.dichvucong.gov.vn"
    )
    login, call = server.asked
    assert login.target == "/XrdAdapter/RestService/forward/bndp/public/v1/login" + routing
    assert call.target == "/XrdAdapter/RestService/forward/bndp/public/v1/user/papers" + routing
    assert call.headers["authorization"] == header
    assert (call.headers["content-type"], call.headers["charset"]) == ("application/json", "utf-8")
    assert "Nguyễn Văn Thanh".encode() in call.body


def test_the_environment_names_no_proxy(server, make_client, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    server.by_path(login=as_json({"session": "abc"}), call=as_json(ROWS))
    assert make_client().directory().servers


def directory_after(server, make_client, answer, **changes):
    """Ask for the directory; the call, not the login, gets `answer`, bytes or a function."""

    def decide(asked, connection):
        if asked.target.endswith("login"):
            return as_json({"session": "abc"})
        return answer(asked, connection) if callable(answer) else answer

    server.answer = decide
    return make_client(**changes).directory()


# Proves W.0-5.
@pytest.mark.parametrize(
    "answer",
    [
        as_json(ROWS),
        as_json(ROWS, status=201),
        # It is whole, whatever was announced.
        torn(http(as_json(ROWS).partition(b"\r\n\r\n")[2], length=False, Content_Length=9999)),
        chunked(as_json(ROWS).partition(b"\r\n\r\n")[2]),
        http(b"\xef\xbb\xbf" + as_json(ROWS).partition(b"\r\n\r\n")[2], length=False),
    ],
)
def test_answers_in_every_framing(server, make_client, answer):
    assert len(directory_after(server, make_client, answer).servers) == 1


# Proves W.0-7.
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["http://127.0.0.1:9/x", "/elsewhere", "http://[", "\xff://"])
def test_a_redirect_is_not_followed(server, make_client, status, location):
    answer = f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 2\r\n\r\n{{}}".encode("latin-1")
    with pytest.raises(AnswerNotUnderstood, match=str(status)):
        directory_after(server, make_client, answer)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        http(b""),
        http(b"<html>secret</html>"),
        http(b"[" * 100_000),
        http(b"\xff\xfe"),
        http(b"<html>secret</html>", status=500),
        http(b"{}", status=502),
        http(b'"text"', status=404),
        as_json({"error_code": 0}, status=500),
        http(b'{"result": [', Content_Encoding="gzip"),
        torn(chunked(b'{"result": [', end=b"")),
        chunked(b'{"result": [', end=b"zz\r\n"),
        torn(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n{}",
    ],
)
def test_answers_that_are_not_understood(server, make_client, answer):
    with pytest.raises(AnswerNotUnderstood) as caught:
        directory_after(server, make_client, answer)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("announce", [True, False])
def test_an_answer_beyond_its_bound_is_not_read_to_the_end(server, make_client, announce):
    sent = []

    def endless(_asked, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 99999999999\r\n" if announce else b"") + b"\r\n")
        while True:
            connection.sendall(b" " * 1_000_000)
            sent.append(1)

    with pytest.raises(AnswerNotUnderstood, match="33554432"):
        directory_after(server, make_client, endless)
    assert len(sent) < 60


def test_papers_have_a_smaller_bound(server, make_client):
    server.by_path(login=as_json({"session": "abc"}), papers=http(b" " * 9_000_000))
    with pytest.raises(AnswerNotUnderstood, match="8388608"):
        make_client().papers(QUESTION)


def silent(_asked, connection):
    connection.recv(1)


def slow_head(_asked, connection):
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 9999:
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def slow_body(_asked, connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


def slow_chunks(_asked, connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1\r\n \r\n")
        time.sleep(0.02)


@pytest.mark.parametrize("answer", [silent, slow_head, slow_body, slow_chunks])
def test_a_server_that_takes_its_time_times_out(server, make_client, answer):
    started = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        directory_after(server, make_client, answer, timeout=0.3)
    assert caught.value.blames_remote
    assert time.monotonic() - started < 15


def test_a_connection_that_is_never_taken_times_out(make_client):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for waiter in waiting:
            waiter.setblocking(False)
            waiter.connect_ex(address)
        client = make_client(ss_url=f"http://127.0.0.1:{address[1]}", connect_timeout=0.3, timeout=30)
        started = time.monotonic()
        with pytest.raises(TimedOut) as caught:
            client.directory()
        assert not caught.value.blames_remote
        assert 0.2 < time.monotonic() - started < 15
        for waiter in waiting:
            waiter.close()


def hang_up(_asked, connection):
    connection.shutdown(socket.SHUT_RDWR)


def reset(_asked, connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


@pytest.mark.parametrize("answer", [hang_up, reset, b"SSH-2.0-OpenSSH\r\n"])
def test_a_connection_that_breaks_before_the_answer(server, make_client, answer):
    """Whether our server broke it off or who is behind it nobody knows."""
    with pytest.raises(ConnectionBroken) as caught:
        directory_after(server, make_client, answer)
    assert (caught.value.blames_remote, caught.value.may_be_own_server, caught.value.blames_own_server) == (1, 1, 0)


def test_a_refused_port_no_tls_and_no_port(server, make_client):
    with socket.create_server(("127.0.0.1", 0)) as free:
        refused = f"http://127.0.0.1:{free.getsockname()[1]}"
    for url in (refused, server.url.replace("http", "https"), "http://127.0.0.1:99999"):
        with pytest.raises(SecurityServerUnreachable) as caught:
            make_client(ss_url=url).directory()
        assert caught.value.blames_own_server


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read_are_a_connection_that_fails_and_no_silence(
    server, make_client, tmp_path, monkeypatch, content
):
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    with pytest.raises(SecurityServerUnreachable) as caught:
        make_client(ss_url=server.url.replace("http", "https")).directory()
    assert not caught.value.is_trusted


def test_errors_hide_the_address_even_from_tracebacks(make_client):
    client = make_client(ss_url="http://127.0.0.1:9")
    with pytest.raises(SecurityServerUnreachable) as caught:
        client.download(client.file_request(1, "https://a.vn/a?cccd=001099000001", SERVER, "a.pdf"))
    assert caught.value.is_trusted
    assert "001099" not in caught.value.detail
    assert caught.value.__suppress_context__


@pytest.fixture
def certificate(tmp_path):
    if not shutil.which("openssl"):
        pytest.skip("needs openssl to make a certificate")
    pair = (tmp_path / "cert.pem", tmp_path / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", pair[0], "-keyout", pair[1]]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return pair


class TlsServer(ByteServer):
    """A `ByteServer` behind TLS."""

    def __init__(self, certificate):
        super().__init__()
        self.url = self.url.replace("http", "https")
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*certificate)

    def _serve(self, connection):
        try:
            wrapped = self._context.wrap_socket(connection, server_side=True)
        except OSError:
            return
        super()._serve(wrapped)


def test_tls_is_checked_and_everything_works_over_it(certificate, make_settings, monkeypatch):
    with TlsServer(certificate) as server:
        server.by_path(login=as_json({"session": "abc"}), call=as_json(ROWS))
        with Client(make_settings(ss_url=server.url), MemoryTokenStore()) as client:
            with pytest.raises(SecurityServerUnreachable) as caught:
                client.directory()
            assert not caught.value.is_trusted
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
        with Client(make_settings(ss_url=server.url), MemoryTokenStore()) as client:
            assert client.directory().servers
            server.answer = slow_body
            client.settings = make_settings(ss_url=server.url, timeout=0.3)
            with pytest.raises(TimedOut):
                client.directory()


def test_a_cancelled_exchange_wakes_its_reader(server):
    server.answer = slow_body
    session, exchange = open_session(1), Exchange(60)
    threading.Timer(0.2, exchange.cancel).start()
    started = time.monotonic()
    with pytest.raises((AnswerNotUnderstood, TimedOut)):
        with answer_to(session, "GET", server.url + "/", exchange, headers={}, timeouts=(60, 60)) as response:
            b"".join(chunks(response, exchange))
    assert time.monotonic() - started < 30
    exchange.cancel()
    session.close()


def test_cancelling_comes_too_late_for_a_connection_that_is_gone(server):
    server.answer = torn(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")
    session, exchange = open_session(1), Exchange(60)
    with answer_to(session, "GET", server.url + "/", exchange, headers={}, timeouts=(60, 60)):
        exchange.cancel()
        time.sleep(0.2)
        exchange.cancel()
    session.close()


def test_an_exchange_cancelled_before_it_began_reads_nothing(server):
    session, exchange = open_session(1), Exchange(60)
    exchange.cancel()
    with pytest.raises(TimedOut):
        with answer_to(session, "GET", server.url + "/", exchange, headers={}, timeouts=(60, 60)):
            pass
    session.close()
