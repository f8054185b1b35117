"""Faults of security servers: told apart, whatever they are written in, and never taken for the portal's own words."""

import pytest
from byte_server import as_json, http
from test_wire import QUESTION, SERVER

from protocol.errors import AnswerNotUnderstood, FileUnavailable, PortalRejected, SecurityServerFault, Trouble

# Code; what it is; whether ours says it; whether it can work later; whether our own server is to blame.
CODES = [
    ("Server.ServerProxy.AccessDenied", Trouble.ACCESS_DENIED, False, False, False),
    ("Server.ServerProxy.UnknownService", Trouble.UNKNOWN_SERVICE, False, False, False),
    ("Server.ServerProxy.ServiceDisabled", Trouble.UNKNOWN_SERVICE, False, False, False),
    ("Server.ClientProxy.UnknownMember", Trouble.UNKNOWN_MEMBER, True, False, False),
    ("Server.ClientProxy.MessageTooLarge", Trouble.TOO_LARGE, True, False, False),
    ("Server.ClientProxy.LoggingFailed.InternalError", Trouble.DISK_FULL, True, True, True),
    ("Server.ServerProxy.LoggingFailed", Trouble.DISK_FULL, False, True, False),
    ("Server.ClientProxy.SslAuthenticationFailed", Trouble.CERTIFICATE, True, True, False),
    ("Server.ClientProxy.NetworkError", Trouble.UNREACHABLE, True, True, False),
    ("Server.ServerProxy.ServiceFailed.HttpError", Trouble.SYSTEM_BEHIND, False, True, False),
    ("Server.ServerProxy.ServiceFailed.SslAuthenticationFailed", Trouble.CERTIFICATE, False, True, False),
    ("Server.ServerProxy.ServiceFailed.NetworkError", Trouble.SYSTEM_BEHIND, False, True, False),
    ("Client.BadRequest", Trouble.OTHER, True, True, False),
]


def as_soap(code, status):
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>{code}</faultcode><faultstring>secret</faultstring>"
        "</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
    return http(body.encode(), status, Content_Type="text/xml")


def as_soap_12(code, status):
    value = (
        "<env:Code><env:Value>env:Receiver</env:Value><env:Subcode><env:Value>{}</env:Value></env:Subcode></env:Code>"
    )
    return http(f"<env:Envelope><env:Fault>{value}</env:Fault></env:Envelope>".format(code).encode(), status)


def as_cdata(code, status):
    return as_soap(f"<![CDATA[{code}]]>", status)


def as_wrapped_soap(code, status):
    return as_json(as_soap(code, status).partition(b"\r\n\r\n")[2].decode(), status)


def as_json_of_soap(code, status):
    return as_json({"faultCode": code, "faultString": "secret"}, status)


def as_json_of_an_envelope(code, status):
    fault = {"faultcode": f"SOAP-ENV:{code}", "faultstring": "secret"}
    return as_json({"SOAP-ENV:Envelope": {"SOAP-ENV:Body": {"SOAP-ENV:Fault": fault}}}, status)


def as_nested_json(code, status):
    return as_json({"error": {"type": code, "message": "secret"}}, status)


def behind_an_odd_header(code, status):
    return as_json({"type": code, "message": "secret"}, status, X_Road_Error="true")


def as_plain_json(code, status):
    return as_json({"type": code, "message": "secret", "detail": "7f3a"}, status)


def with_header(code, status):
    return http(b"secret", status, X_Road_Error=code)


# Proves W.0-6.
@pytest.mark.parametrize(
    "written",
    [
        as_soap_12,
        as_cdata,
        as_wrapped_soap,
        as_json_of_soap,
        as_json_of_an_envelope,
        as_nested_json,
        behind_an_odd_header,
    ],
)
@pytest.mark.parametrize("status", [200, 500])
def test_a_fault_in_other_words(server, make_client, written, status):
    answer = written("Server.ServerProxy.AccessDenied", status)
    server.by_path(login=as_json({"session": "abc"}), papers=answer, document=answer)
    client = make_client()
    with pytest.raises(SecurityServerFault) as caught:
        client.papers(QUESTION)
    assert caught.value.trouble is Trouble.ACCESS_DENIED
    with pytest.raises(SecurityServerFault) as caught:
        client.download(client.file_request(1, "https://a.vn/document.pdf", SERVER, "a.pdf"))
    assert caught.value.trouble is Trouble.ACCESS_DENIED


# Proves W.0-6.
@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("written", [as_plain_json, as_soap, with_header])
@pytest.mark.parametrize(("code", "trouble", "is_ours", "is_transient", "blames_own"), CODES)
def test_a_fault_is_known_for_calls_and_files(
    server, make_client, code, trouble, is_ours, is_transient, blames_own, written, status
):
    client = make_client()
    answer = written(code, status)
    for login in (as_json({"session": "abc"}), answer):
        server.by_path(login=login, papers=answer, document=answer)
        with pytest.raises(SecurityServerFault) as caught:
            make_client().papers(QUESTION)
        assert (caught.value.code, caught.value.trouble, caught.value.is_ours) == (code, trouble, is_ours)
    with pytest.raises(SecurityServerFault) as caught:
        client.download(client.file_request(1, "https://a.vn/document.pdf", SERVER, "a.pdf"))
    fault = caught.value
    assert (fault.trouble, fault.is_ours, fault.is_transient) == (trouble, is_ours, is_transient)
    # Anybody can write such a text: only its header blames our own server for all that is behind it.
    blames_own = blames_own and written is with_header
    assert fault.blames_own_server == blames_own
    assert fault.blames_remote == (is_transient and not blames_own)
    assert "secret" not in str(fault)


@pytest.mark.parametrize(
    "answer",
    [
        as_json({"type": "Server Error", "message": "m", "error_code": 7}, 500),
        as_json({"type": "Server.ServerProxy.AccessDenied; drop", "message": "m"}, 500),
        as_json({"type": ["Server.ServerProxy.AccessDenied"], "message": "m"}, 500),
    ],
)
def test_the_portals_own_errors_stay_its_own(server, make_client, answer):
    server.by_path(login=as_json({"session": "abc"}), papers=answer)
    with pytest.raises(PortalRejected):
        make_client().papers(QUESTION)


def test_a_header_that_says_nothing_known_is_a_fault_all_the_same(server, make_client):
    server.by_path(
        login=as_json({"session": "abc"}), papers=as_json({"errorCode": "0", "result": None}, X_Road_Error="<x>")
    )
    with pytest.raises(SecurityServerFault) as caught:
        make_client().papers(QUESTION)
    assert (caught.value.code, caught.value.trouble) == ("?", Trouble.OTHER)


@pytest.mark.parametrize(
    "answer", [http(b"no", 502), http(b"<html>", 404), http(b"", 500), http(b"{", 500, Content_Encoding="gzip")]
)
def test_a_file_that_is_not_there_is_no_fault_of_a_security_server(server, make_client, answer):
    server.answer = lambda asked, connection: answer
    client = make_client()
    with pytest.raises(FileUnavailable):
        client.download(client.file_request(1, "https://a.vn/document.pdf", SERVER, "a.pdf"))


def test_what_is_too_odd_to_read_is_not_understood(server, make_client):
    server.by_path(login=as_json({"session": "abc"}), papers=http(b'{"type": ', 500))
    with pytest.raises(AnswerNotUnderstood):
        make_client().papers(QUESTION)
