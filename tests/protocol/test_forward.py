import dataclasses

import pytest

from protocol.forward import forward_request
from protocol.settings import Call, Service, Settings

SERVICE = Service("XrdAdapter", "mapi/call", "mapi/login")
SETTINGS = Settings("http://10.0.0.1:8080/", "H46", SERVICE, SERVICE)
DSTCODE = "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01"
PROVIDER = "https://apigiaytocanhan.dichvucong.gov.vn"
BASE = "http://10.0.0.1:8080/XrdAdapter/RestService/forward/mapi/call"
ENCODED = "VN%3AGOV%3A000.00.00.G22%3Avpcpcdvcqgsub01"
ENCODED_PROVIDER = "https%3A%2F%2Fapigiaytocanhan.dichvucong.gov.vn"


# Proves V.2-1, W.0-2.
@pytest.mark.parametrize(
    ("place", "query", "headers"),
    [
        ("query", f"?dstcode={ENCODED}&providerurl={ENCODED_PROVIDER}", {}),
        ("header", f"?providerurl={ENCODED_PROVIDER}", {"dstcode": DSTCODE}),
        ("both", f"?dstcode={ENCODED}&providerurl={ENCODED_PROVIDER}", {"dstcode": DSTCODE}),
    ],
)
def test_the_dstcode_goes_where_settings_want_it(place, query, headers):
    settings = dataclasses.replace(SETTINGS, dstcode_in=place)
    assert forward_request(settings, "XrdAdapter", Call("mapi/call", DSTCODE, PROVIDER)) == (BASE + query, headers)


@pytest.mark.parametrize("place", ["query", "header", "both"])
def test_what_is_empty_is_not_sent(place):
    settings = dataclasses.replace(SETTINGS, dstcode_in=place)
    assert forward_request(settings, "XrdAdapter", Call("mapi/call", " ")) == (BASE, {})


def test_adapter_and_path_are_encoded_and_their_outer_slashes_do_not_matter():
    url, _headers = forward_request(SETTINGS, "/Xrd Adapter/", Call("/mapi/gọi đi?x#y"))
    assert url == "http://10.0.0.1:8080/Xrd%20Adapter/RestService/forward/mapi/g%E1%BB%8Di%20%C4%91i%3Fx%23y"


def test_a_dstcode_cannot_add_a_header_of_its_own():
    settings = dataclasses.replace(SETTINGS, dstcode_in="header")
    _url, headers = forward_request(settings, "XrdAdapter", Call("a", "VN:GOV\r\nX-Evil: đ"))
    assert headers == {"dstcode": "VN:GOV%0D%0AX-Evil:%20%C4%91"}


# Proves W.7-2.
def test_parameters_of_a_call_stand_before_the_routing():
    url, _headers = forward_request(
        SETTINGS, "XrdAdapter", Call("mapi/call", DSTCODE), {"isUpdating": "True", "a": "b&c"}
    )
    assert url == f"{BASE}?isUpdating=True&a=b%26c&dstcode={ENCODED}"


# Proves W.0-3.
def test_a_call_leaves_to_its_service_what_it_does_not_say():
    service = Service("XrdAdapter", "mapi/call", "mapi/login", "s", "https://s", login_dstcode="l")
    assert service.call() == Call("mapi/call", "s", "https://s")
    assert service.call(Call(" mapi/g ", "", "https://g")) == Call("mapi/g", "s", "https://g")
    assert service.login == Call("mapi/login", "l", "https://s")
