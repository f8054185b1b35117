import dataclasses
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from protocol import links
from protocol.directory import Server
from protocol.errors import LinkNotUsable
from protocol.settings import Service, Settings

SERVICE = Service("XrdAdapter", "mapi/call", "mapi/login")
SETTINGS = Settings("http://10.0.0.1:8080", "H46", SERVICE, SERVICE)
DSTCODE = "VN:GOV:000.00.00.H22:hagiangvdxpsvc01"
HA_GIANG = Server("000.00.00.H22", "Hà Giang", DSTCODE)
ROUTING = "dstcode=VN%3AGOV%3A000.00.00.H22%3Ahagiangvdxpsvc01&providerurl=https%3A%2F%2Fdichvucong.hagiang.gov.vn"
FORWARD = "http://10.0.0.1:8080/VXPAdapter/RestService/forward/"
PLAIN = "https://dichvucong.hagiang.gov.vn/download/124.pdf"
# As printed in the guideline, V.3.
COMPOSED = (
    "http://IP-SS-BNĐP:8080/VXPAdapter/RestService/forward/download/124.pdf"
    f"?dstcode={DSTCODE}&providerurl=https://dichvucong.hagiang.gov.vn"
)


def compose(link, server=HA_GIANG, **changes):
    return links.compose(link, dataclasses.replace(SETTINGS, **changes), server)


# Proves V.3-4.
def test_the_two_cases_of_the_guideline():
    assert compose(PLAIN) == f"{FORWARD}download/124.pdf?{ROUTING}"
    assert compose(COMPOSED, server=None) == COMPOSED.replace("IP-SS-BNĐP", "10.0.0.1")


# Proves W.4-1.
def test_a_link_that_somebody_encoded_as_a_whole():
    assert compose(quote(PLAIN, safe="")) == compose(PLAIN)
    assert compose(quote(COMPOSED, safe="")) == compose(COMPOSED)
    assert links.link_key(quote(PLAIN, safe="")) == links.link_key(PLAIN)
    # Out of the source of a page.
    assert compose(COMPOSED.replace("?", "?id=7&").replace("&", "&amp;")) == compose(COMPOSED.replace("?", "?id=7&"))
    assert compose(f"{PLAIN}?a=1&amp;b=2").startswith(f"{FORWARD}download/124.pdf?a=1&amp;b=2&dstcode=")


# Proves V.3-5, W.4-1.
@pytest.mark.parametrize(
    "host",
    ["IP-SS-BNĐP:8080", "<IP>", "{ip}:8080", "203.0.113.9:8080", "ss", "u:p@ss:{port}", "<IP SS>:8080", "Địa chỉ SS"],
)
@pytest.mark.parametrize("adapter", ["VXPAdapter", "XrdAdapter"])
def test_a_composed_link_keeps_all_but_its_host(host, adapter):
    rest = f"/{adapter}/RestService/forward/document?id=7&t=9&dstcode={DSTCODE}&providerurl=https://a.vn"
    assert compose(f"http://{host}{rest}") == f"http://10.0.0.1:8080{rest}"
    assert links.is_composed(f"http://{host}{rest}")


# Proves W.4-1.
@pytest.mark.parametrize("placeholder", ["ip-ss-donvi", "IP-SS-DONVI", "Ip-Ss-BNĐP"])
def test_a_link_of_the_field_has_its_own_query_first_and_a_private_provider(placeholder):
    rest = (
        "/XrdAdapter/RestService/forward/service/vpcp/viewbill?token=a%2Bb&dstcode=VN:COM:0106001236:NganLuongPaymentSvc"
        "&providerurl=http://10.0.0.41:8083/"
    )
    assert compose(f"http://{placeholder}:8080{rest}", server=None) == f"http://10.0.0.1:8080{rest}"


# Proves W.4-1.
@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/a.pdf", "a.pdf?"),
        ("", "?"),
        ("/", "?"),
        ("/document?id=7&t=9", "document?id=7&t=9&"),
        ("/document?", "document?"),
        ("/a?b=1&&c=?/d", "a?b=1&&c=?/d&"),
        ("/a.pdf#page=2", "a.pdf?"),
        ("?id=7", "?id=7&"),
        ("/Giấy tờ.pdf", "Gi%E1%BA%A5y%20t%E1%BB%9D.pdf?"),
        ("/Gi%E1%BA%A5y%20t%E1%BB%9D.pdf", "Gi%E1%BA%A5y%20t%E1%BB%9D.pdf?"),
        ("/gi%e1%ba%a5y.pdf?q=%e1", "gi%e1%ba%a5y.pdf?q=%e1&"),
        ("/a+b.pdf?q=a+b", "a+b.pdf?q=a+b&"),
        ("/100%.pdf?q=5%", "100%25.pdf?q=5%25&"),
        ("/100%25.pdf", "100%25.pdf?"),
        ("/%zz", "%25zz?"),
        ("/a\r\nHost: b\x00.pdf?q=\nx", "a%0D%0AHost:%20b%00.pdf?q=%0Ax&"),
        ('/[a]|b^`{c}"<d>\\e.pdf', "%5Ba%5D%7Cb%5E%60%7Bc%7D%22%3Cd%3E%5Ce.pdf?"),
        ("/a/./b/../c", "a/c?"),
        ("/../../etc/passwd", "etc/passwd?"),
        ("/a/%2e%2E/%2e/b", "b?"),
        ("/a/b/..", "a/?"),
        ("/a/.", "a/?"),
        ("/..", "?"),
        ("//download//124.pdf", "/download//124.pdf?"),
        ("/a%2Fb.pdf", "a%2Fb.pdf?"),
        ("/a..b/...", "a..b/...?"),
        ("/\ud800.pdf", "%ED%A0%80.pdf?"),
    ],
)
def test_the_path_and_query_of_a_plain_link(path, sent):
    assert compose("https://dichvucong.hagiang.gov.vn" + path) == FORWARD + sent + ROUTING


@pytest.mark.parametrize(
    ("link", "providerurl"),
    [
        ("HTTPS://Dvc.Gov.VN/a", "https://dvc.gov.vn"),
        ("http://dvc.gov.vn:8443/a", "http://dvc.gov.vn:8443"),
        ("https://user:word@dvc.gov.vn/a", "https://dvc.gov.vn"),
        ("https://a@b@dvc.gov.vn/a", "https://dvc.gov.vn"),
        ("https://[2001:db8::1]:8080/a", "https://[2001:db8::1]:8080"),
        ("  https://cổng.vn/a\n", "https://cổng.vn"),
        ("https://dvc.gov.vn\\@evil.vn/a", "https://dvc.gov.vn"),
    ],
)
def test_the_providerurl_of_a_plain_link(link, providerurl):
    assert dict(parse_qsl(urlsplit(compose(link)).query))["providerurl"] == providerurl


# Proves W.4-2.
@pytest.mark.parametrize(
    "link",
    [
        "",
        "124.pdf",
        "dichvucong.hagiang.gov.vn/download/124.pdf",
        "//dichvucong.hagiang.gov.vn/124.pdf",
        "ftp://dvc.gov.vn/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https:///a",
        "https://:8080/a",
        "https://user@/a",
        "https://a b/c",
        "https://a\r\nb/c",
        "https://a.vn/..%2f..%2fetc",
        "https://a.vn/..%5C..%5Cetc",
        "https://a.vn/..\\..\\etc",
        "https://a.vn/%252e%252e%252fetc",
        "https://a.vn/%2e%2e%2fetc",
        "https://a.vn/b/%252e%252e/etc",
        "https://a.vn/b/..;/etc",
        "https://a.vn/b/%2e%2e;x=1/etc",
        "https://a.vn/b/.%3b/etc",
        "https://a.vn/" + "a" * 8192,
        "https://a.vn/a?dstcode=VN:GOV:evil:sub",
        "https://a.vn/a?x=1&ProviderUrl=http://10.0.0.9",
        "https://a.vn/a?%64stcode=VN:GOV:evil:sub",
        COMPOSED.replace("download/", "..%2f"),
        f"{COMPOSED}&dstcode=VN:GOV:evil:sub",
        f"{COMPOSED}&ProviderUrl=http://10.0.0.9",
    ],
)
def test_what_cannot_be_composed(link):
    with pytest.raises(LinkNotUsable):
        compose(link)
    assert len(links.link_key(link)) == 64


def test_a_plain_link_needs_a_server():
    with pytest.raises(LinkNotUsable):
        compose(PLAIN, server=None)


@pytest.mark.parametrize("marker", ["?x=1", "?x=1&dstcode=", "?dstcode=&x=1"])
def test_a_composed_link_without_dstcode_gets_the_servers(marker):
    link = f"http://ss/XrdAdapter/RestService/forward/a{marker}"
    added = "http://10.0.0.1:8080/XrdAdapter/RestService/forward/a?x=1&" + ROUTING.partition("&")[0]
    assert compose(link) == added
    assert compose(link, server=None) == link.replace("//ss/", "//10.0.0.1:8080/")
    assert links.composed_dstcode(link) == ""


@pytest.mark.parametrize(
    "prefix",
    ["", "/gate/ss-7", "/"],
)
def test_a_composed_link_is_known_below_any_prefix_and_with_several_slashes(prefix):
    link = f"http://ss:8080{prefix}/xrd-2//restservice//forward//a/../../b.pdf?dstcode=x"
    assert compose(link, ss_url="http://gate/ss") == "http://gate/ss/xrd-2/RestService/forward/b.pdf?dstcode=x"
    assert links.is_composed(compose(link, ss_url="http://gate/ss"))


@pytest.mark.parametrize(
    "link", ["https://a.vn/VXPAdapter/RestService/forwards/a", "https://a.vn/RestService/forward/a", PLAIN, "nonsense"]
)
def test_what_is_not_composed(link):
    assert not links.is_composed(link)
    assert links.composed_dstcode(link + "?dstcode=x") == ""


def test_a_composed_link_may_end_at_forward():
    assert (
        compose("http://ss/A/RestService/forward?dstcode=x") == "http://10.0.0.1:8080/A/RestService/forward/?dstcode=x"
    )


@pytest.mark.parametrize("link", [PLAIN, COMPOSED])
def test_a_header_carries_the_dstcode_where_settings_want_it(link):
    for place, headers in (("query", {}), ("header", {"dstcode": DSTCODE}), ("both", {"dstcode": DSTCODE})):
        settings = dataclasses.replace(SETTINGS, dstcode_in=place)
        url, sent = links.compose_request(link, settings, HA_GIANG)
        assert sent == headers
        # The query of a composed link is kept whatever the settings say.
        assert ("dstcode=" in url) == (place != "header" or link == COMPOSED)
        assert links.compose_request(url, settings, HA_GIANG) == (url, sent)


@pytest.mark.parametrize(
    ("link", "host"),
    [
        (PLAIN, "dichvucong.hagiang.gov.vn"),
        (COMPOSED, "dichvucong.hagiang.gov.vn"),
        (COMPOSED.replace("https://dich", "HTTPS%3A%2F%2FDich"), "dichvucong.hagiang.gov.vn"),
        (COMPOSED.replace("providerurl=https://", "providerUrl="), "dichvucong.hagiang.gov.vn"),
        ("https://u:p@A.vn:8443/x", "a.vn"),
        ("https://[::1]:8443/x", "[::1]"),
        (COMPOSED.partition("&")[0], ""),
        ("nonsense", ""),
    ],
)
def test_the_host_of_the_far_system(link, host):
    assert links.provider_host(link) == host


def test_the_dstcode_of_a_composed_link_is_decoded():
    assert links.composed_dstcode(COMPOSED) == DSTCODE
    assert links.composed_dstcode(COMPOSED.replace(":hagiang", "%3Ahagiang").replace("dstcode", "DstCode")) == DSTCODE


@pytest.mark.parametrize(
    "group",
    [
        [
            PLAIN,
            PLAIN + "#page=2",
            PLAIN + "?",
            PLAIN.replace("https", "HTTPS").replace("hagiang", "HaGiang"),
            PLAIN.replace(".vn/", ".vn:443/"),
            PLAIN.replace("download", "x/%2e./download"),
            PLAIN.replace("124", "%31%32%34"),
            COMPOSED,
            COMPOSED.replace("IP-SS-BNĐP:8080", "203.0.113.9").replace("VXP", "Xrd"),
            COMPOSED.replace("https://d", "https%3a%2F%2fd").replace("VN:", "VN%3A"),
            COMPOSED.replace(DSTCODE, "VN:GOV:other"),
            COMPOSED.replace("?", "?&").replace("forward/download", "forward/a/../download"),
            compose(PLAIN),
            compose(COMPOSED),
        ],
        [
            "https://a.vn/Giấy tờ (1).pdf?id=7&q=đ",
            "https://a.vn/Gi%E1%BA%A5y%20t%E1%BB%9D%20%281%29.pdf?id=7&q=%c4%91",
            "http://ss/A/RestService/forward/Giấy tờ (1).pdf?id=7&q=đ&dstcode=b&providerurl=https://a.vn",
        ],
        ["https://a.vn/base/b.pdf", "http://ss/A/RestService/forward/b.pdf?dstcode=b&providerurl=https://a.vn/base/"],
        ["http://ss/A/RestService/forward/b.pdf?dstcode=VN:B", "http://tt/B/RestService/forward/b.pdf?dstcode=vn%3Ab"],
        ["https://a.vn/50%.pdf", "https://a.vn/50%25.pdf"],
    ],
)
def test_all_forms_of_one_address_share_a_key(group):
    assert len({links.link_key(link) for link in group}) == 1


def test_different_files_have_different_keys():
    different = [
        PLAIN,
        PLAIN.replace("124", "125"),
        PLAIN.replace(".vn", ".vn:8443"),
        PLAIN.replace("hagiang", "caobang"),
        PLAIN + "?id=7",
        PLAIN + "?id=8",
        PLAIN + "?q=a+b",
        PLAIN + "?q=a%2Bb",
        PLAIN + "?q=a%20b",
        PLAIN + "?q=a%26b",
        PLAIN + "?q=a&b",
        PLAIN.replace("/124", "%2F124"),
        PLAIN.replace("/124", "//124"),
        COMPOSED.partition("&")[0],
        "nonsense",
        "",
    ]
    assert len({links.link_key(link) for link in different}) == len(different)
