import pytest

from protocol.agencies import national_forms, resolve, successors
from protocol.directory import Server
from protocol.errors import ServerUnknown


def server(code, sub="ss01", hosts=()):
    return Server(code, f"Agency {code}", f"VN:GOV:{code}:{sub}", hosts)


OFFICE = server("000.00.00.G22")
HA_GIANG = server("000.00.00.H22", hosts=("dichvucong.hagiang.gov.vn",))
DEPARTMENT = server("000.00.10.H22")
ALL = (OFFICE, HA_GIANG, DEPARTMENT)
LINK = "https://nowhere.vn/a.pdf"


@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("G22.99", ("000.00.99.G22", "000.00.00.G22")),
        ("H22.10.05", ("000.05.10.H22", "000.00.10.H22", "000.00.00.H22")),
        ("h22.10.05.123 ", ("123.05.10.H22", "000.05.10.H22", "000.00.10.H22", "000.00.00.H22")),
        ("G22", ("000.00.00.G22",)),
        ("000.05.10.H22", ("000.05.10.H22", "000.00.10.H22", "000.00.00.H22")),
        ("H22.100", ()),
        ("H22.1.2", ()),
        ("H22.01.02.03.04", ()),
        ("000.00.00.00.H22", ()),
        ("H22.", ()),
        ("", ()),
    ],
)
def test_national_forms(code, forms):
    assert national_forms(code) == forms


# Proves W.3-2.
@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("000.00.00.H22", HA_GIANG),
        (" 000.00.00.h22 ", HA_GIANG),
        ("G22.99", OFFICE),
        ("H22.10.05", DEPARTMENT),
        ("H22.11.05", HA_GIANG),
        ("000.00.11.H22", HA_GIANG),
    ],
)
def test_by_code_the_nearest_agency_first(code, found):
    assert resolve(code, LINK, ALL) is found


def test_a_directory_may_use_short_codes_itself():
    short = server("G22")
    assert resolve("G22.99", LINK, [HA_GIANG, short]) is short
    assert resolve("000.00.00.G22", LINK, [HA_GIANG, short]) is short


# Proves W.3-2.
@pytest.mark.parametrize(
    "link",
    [
        "https://DichVuCong.hagiang.gov.vn:443/a",
        "http://ss/A/RestService/forward/a?providerurl=https%3A%2F%2Fdichvucong.hagiang.gov.vn",
    ],
)
@pytest.mark.parametrize("code", ["", "H99", "nonsense"])
def test_by_the_host_where_no_code_helps(code, link):
    assert resolve(code, link, ALL) is HA_GIANG


# Proves W.3-2.
@pytest.mark.parametrize("code", ["", "H99.01"])
def test_who_is_not_known_is_not_guessed(code):
    with pytest.raises(ServerUnknown) as caught:
        resolve(code, LINK, [*ALL, server("")])
    assert (caught.value.agency_code, caught.value.candidates) == (code, ())


def test_a_composed_link_brings_its_own_dstcode():
    composed = "http://ss/A/RestService/forward/a?dstcode={}"
    assert resolve("G22", composed.format("vn%3Agov:000.00.00.H22:ss01"), ALL) is HA_GIANG
    assert resolve("G22", composed.format("VN:GOV:unknown"), ALL) is None


def test_several_servers_of_one_agency_are_told_apart_by_the_host_or_not_at_all():
    first = server("000.00.00.H22", "one", ("a.vn", "both.vn"))
    second = server("000.00.00.H22", "two", ("b.vn", "both.vn"))
    assert resolve("H22", "https://b.vn/x", [first, second]) is second
    for link in (LINK, "https://both.vn/x", "nonsense"):
        with pytest.raises(ServerUnknown) as caught:
            resolve("000.00.00.H22", link, [first, second])
        assert caught.value.candidates == (first, second)
    with pytest.raises(ServerUnknown) as caught:
        resolve("", "https://both.vn/x", [first, second])
    assert caught.value.candidates == (first, second)


def test_two_rows_that_lead_to_one_place_are_one_server():
    twin = Server("000.00.00.H22", "Ha Giang", HA_GIANG.dstcode.lower())
    assert resolve("H22", LINK, [HA_GIANG, twin]) is HA_GIANG


MERGED = {"H22": ("H60",), "000.00.00.H61": ("H60", "H62"), "H60": ("000.00.00.H60x",), "A1": ("A2",), "A2": ("A1",)}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("H22", ("H60", "000.00.00.H60x")),
        # An office goes with its agency, in either form.
        ("H22.10.05", ("H60", "000.00.00.H60x")),
        ("000.00.10.H22", ("H60", "000.00.00.H60x")),
        ("h61", ("H60", "H62", "000.00.00.H60x")),
        ("A1", ("A2",)),
        ("H99", ()),
        ("", ()),
    ],
)
def test_successors_of_a_closed_code(code, found):
    assert successors(code, MERGED) == found


def test_papers_of_a_closed_code_come_from_the_successor():
    tuyen_quang = Server("000.00.00.H60", "Tuyên Quang", "VN:GOV:000.00.00.H60:a")
    lang_son = Server("000.00.00.H37", "Lạng Sơn", "VN:GOV:000.00.00.H37:a", ("old.gov.vn",))
    link = "https://old.gov.vn/a.pdf"
    merged = {"H22": ("H60",)}
    assert resolve("H22.10", link, [tuyen_quang, lang_son], merged) == tuyen_quang
    # As long as the directory names it, a code is not closed.
    old = Server("000.00.00.H22", "Hà Giang", "VN:GOV:000.00.00.H22:a")
    assert resolve("H22.10", link, [tuyen_quang, lang_son, old], merged) == old
    # Without a successor the host decides, and without both somebody must.
    assert resolve("H23", link, [tuyen_quang, lang_son], merged) == lang_son
    with pytest.raises(ServerUnknown):
        resolve("H23", "https://x.vn/a.pdf", [tuyen_quang, lang_son], merged)


def test_of_several_successors_the_host_decides_or_somebody_must():
    first = server("000.00.00.H40", hosts=("a.vn",))
    second = server("000.00.00.H30")
    divided = {"H22": ("H40",), "000.00.00.H22": ("H30",)}
    assert resolve("H22", "https://a.vn/x.pdf", [first, second], divided) == first
    with pytest.raises(ServerUnknown) as caught:
        resolve("H22", "https://b.vn/x.pdf", [first, second], divided)
    assert set(caught.value.candidates) == {first, second}


def test_an_office_that_was_moved_goes_before_its_agency():
    moved = server("000.00.00.H30")
    assert resolve("H22.10", "https://x.vn/a.pdf", [HA_GIANG, moved], {"H22.10": ("H30",)}) == moved
    # As long as the directory names the office itself, it was not moved.
    assert resolve("H22.10", "https://x.vn/a.pdf", [HA_GIANG, moved, DEPARTMENT], {"H22.10": ("H30",)}) == DEPARTMENT
