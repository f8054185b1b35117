"""What must hold for every link that anybody can write."""

from urllib.parse import unquote

from hypothesis import assume, example, given
from hypothesis import strategies as st

from protocol import links
from protocol.directory import Server
from protocol.errors import LinkNotUsable
from protocol.settings import Service, Settings

SERVICE = Service("XrdAdapter", "mapi/call", "mapi/login")
SETTINGS = Settings("http://10.0.0.1:8080/gate", "H46", SERVICE, SERVICE)
ELSEWHERE = Settings("https://ss.h22.gov.vn", "H22", SERVICE, SERVICE)
SERVER = Server("000.00.00.H22", "Hà Giang", "VN:GOV:000.00.00.H22:hagiangvdxpsvc01")
OURS = "http://10.0.0.1:8080/gate/"
FORWARD = "/RestService/forward/"

PIECES = st.one_of(
    st.sampled_from(
        ["..", ".", "%2e%2E", "%2f", "%5c", "%252e", "/", "//", "\\", ";", "%", "+", " ", "a", "Giấy", "é"]
    ),
    st.sampled_from(
        ["XrdAdapter/RestService/forward/", "?", "&", "#", "@", "http://", "dstcode=", "%31", "\r\n", "\x00"]
    ),
    st.text(max_size=4),
)
TAILS = st.lists(PIECES, max_size=12).map("".join)
HOSTS = st.sampled_from(["a.vn", "A.vn:8443", "u:p@a.vn", "IP-SS-BNĐP:8080", "<IP>", "[::1]"])
PLAIN = st.builds(lambda host, tail: f"https://{host}/{tail}", HOSTS, TAILS)
COMPOSED = st.builds(
    lambda host, tail: (
        f"http://{host}/XrdAdapter/RestService/forward/{tail}"
        f"{'&' if '?' in tail else '?'}dstcode=VN:GOV:x:y&providerurl=https://a.vn"
    ),
    HOSTS,
    TAILS.filter(lambda tail: "#" not in tail),
)
LINKS = st.one_of(PLAIN, COMPOSED, st.text())


def composed(link, settings=SETTINGS):
    try:
        return links.compose(link, settings, SERVER)
    except LinkNotUsable:
        assume(False)


@given(LINKS)
@example("https://a.vn/../../..//%2e%2e/x")
@example("http://ss/A/RestService/forward/../../../x?dstcode=y")
def test_only_our_host_is_ever_addressed_and_no_path_escapes(link):
    url = composed(link)
    assert url.startswith(OURS)
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url
    assert "#" not in url
    prefix, marker, path = url.removeprefix(OURS).partition("?")[0].partition(FORWARD)
    assert marker
    assert "/" not in prefix
    for _decoding in range(3):
        for segment in path.replace("\\", "/").split("/"):
            assert segment.partition(";")[0] != ".."
        path = unquote(path)


@given(LINKS)
def test_composing_again_changes_nothing(link):
    once = composed(link)
    assert composed(once) == once


@given(LINKS)
def test_composing_a_composed_link_changes_only_the_host(link):
    there = composed(link, ELSEWHERE)
    assert composed(there) == OURS + there.removeprefix("https://ss.h22.gov.vn/")


@given(LINKS)
def test_a_link_keeps_its_key_and_its_far_host_on_every_security_server(link):
    here, there = composed(link), composed(link, ELSEWHERE)
    assert links.link_key(here) == links.link_key(there)
    assert links.provider_host(here) == links.provider_host(there) == links.provider_host(link)
    # A composed link without dstcode and providerurl says nothing of its place before it is sent.
    assume(not links.is_composed(link) or links.composed_dstcode(link) or links.provider_host(link))
    assert links.link_key(link) == links.link_key(here)


QUERY = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='#"<>\\^`{|}[]'))


@given(QUERY.filter(lambda query: "dstcode" not in query and "providerurl" not in query and query))
def test_the_links_own_query_survives_byte_for_byte(query):
    assume(query.count("%") == 0 or unquote(query, errors="ignore").count("%") == 0)
    url = composed(f"https://a.vn/document?{query}")
    assert url.partition("?")[2].startswith(f"{query}&dstcode=")


@given(st.text())
def test_the_own_query_means_the_same_after_encoding(value):
    assume(not {"%", "&", "#"} & set(value) and "dstcode" not in value and "providerurl" not in value)
    value = value.strip()
    url = composed(f"https://a.vn/document?id={value}")
    sent = url.partition("?id=")[2].partition("&dstcode=")[0]
    assert unquote(sent, errors="surrogatepass") == value


@given(st.text())
def test_nothing_that_is_only_looked_at_raises(link):
    links.link_key(link)
    links.provider_host(link)
    links.is_composed(link)
    links.composed_dstcode(link)
