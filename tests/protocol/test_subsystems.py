import pytest

from protocol.subsystems import parse_dstcode


# Proves V.4-1.
def test_the_guidelines_example():
    portal = parse_dstcode("VN:GOV:000.00.00.G22:vpcpcdvcqgsub01")
    assert (portal.instance, portal.member_class) == ("VN", "GOV")
    assert (portal.member_code, portal.subsystem_code) == ("000.00.00.G22", "vpcpcdvcqgsub01")
    assert portal.subject == "SUBSYSTEM:VN:GOV:000.00.00.G22:vpcpcdvcqgsub01"
    assert portal.keyword == "G22"


def test_companies_have_subsystems_too():
    company = parse_dstcode(" VN:COM:0101234567:svc ")
    assert (company.member_class, company.keyword) == ("COM", "0101234567")


@pytest.mark.parametrize("text", ["", "VN", "VN:GOV:000.00.00.G22", "VN:GOV::svc", "VN:GOV:G22:svc:getFile", ":::"])
def test_what_is_no_subsystem(text):
    assert parse_dstcode(text) is None
