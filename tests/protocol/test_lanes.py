"""Many files of several far systems: none holds up the others, none is asked for more than its share."""

import threading
import time
from collections import Counter

import pytest
from byte_server import http

from protocol.directory import Server
from protocol.links import lane_of

PDF = b"%PDF-1.7\n%%EOF\n"
COMPOSED = "http://10.9.9.9/VXPAdapter/RestService/forward/a.pdf?providerurl=https%3A%2F%2Fa.vn&dstcode="


def server_of(lane):
    return Server("000.00.00.H22", "Hà Giang", lane)


def requests_for(client, names):
    """Yield a request for each of `names`, "lane-number"."""
    for name in names:
        yield client.file_request(name, f"https://a.vn/{name}.pdf", server_of(name.partition("-")[0]), "a.pdf")


def names_of(lane, count):
    return [f"{lane}-{number}" for number in range(count)]


def name_of(asked):
    return asked.target.partition("?")[0].rpartition("/")[2].removesuffix(".pdf")


def keys_of(batches):
    """Return the keys of all results, in the order they came, and close their files."""
    keys = []
    for batch in batches:
        for result in batch:
            keys.append(result.key)
            result.download.close()
    return keys


@pytest.fixture
def silent(server):
    """Make all files of the lane "silent" wait for the event that is returned; others come at once."""
    gate = threading.Event()

    def answer(asked, _connection):
        if name_of(asked).startswith("silent"):
            gate.wait(5)
        return http(PDF)

    server.answer = answer
    yield gate
    gate.set()


@pytest.mark.parametrize(
    ("link", "chosen", "lane"),
    [
        ("https://a.vn/a.pdf", server_of("VN:GOV:H22:Store"), "vn:gov:h22:store"),
        (COMPOSED + "VN%3AGOV%3AH46:Store", server_of("VN:GOV:H22:store"), "vn:gov:h46:store"),
        (COMPOSED, server_of("VN:GOV:H22:store"), "vn:gov:h22:store"),
        (COMPOSED, None, ""),
    ],
)
def test_a_lane_is_the_dstcode_that_the_file_is_asked_of(make_client, link, chosen, lane):
    assert make_client().file_request(1, link, chosen, "a.pdf").lane == lane
    assert lane_of(link, chosen) == lane


def test_a_silent_lane_does_not_delay_the_others(make_client, silent):
    client = make_client(parallel_downloads=4, parallel_per_server=2)
    others = names_of("quick", 10)
    results = client.download_all(requests_for(client, names_of("silent", 6) + others))
    arrived = []
    while len(arrived) < len(others):
        arrived += keys_of([next(results)])
    assert sorted(arrived) == others
    silent.set()
    assert sorted(keys_of(results)) == names_of("silent", 6)


def test_neither_width_is_ever_exceeded_and_both_are_used(server, make_client):
    busy, most, guard, is_full = Counter(), Counter(), threading.Lock(), threading.Event()

    def answer(asked, _connection):
        lane = name_of(asked).partition("-")[0]
        with guard:
            busy.update([lane, "all"])
            most.update({key: max(0, busy[key] - most[key]) for key in (lane, "all")})
            if busy["all"] == 5:
                is_full.set()
        # The first of them until there are as many as may be.
        is_full.wait(4)
        time.sleep(0.03)
        with guard:
            busy.subtract([lane, "all"])
        return http(PDF)

    server.answer = answer
    client = make_client(parallel_downloads=5, parallel_per_server=2)
    names = [name for lane in "abc" for name in names_of(lane, 8)]
    assert sorted(keys_of(client.download_all(requests_for(client, names)))) == sorted(names)
    assert most == {"a": 2, "b": 2, "c": 2, "all": 5}


def test_only_so_many_wait_for_a_full_lane(make_client, silent):
    client = make_client(parallel_downloads=2, parallel_per_server=1)
    taken = []

    def source():
        for request in requests_for(client, [*names_of("silent", 3), "quick-0", *names_of("silent", 40)]):
            taken.append(request.key)
            yield request

    results = client.download_all(source())
    assert keys_of([next(results)]) == ["quick-0"]
    # One runs, eight wait: four for each of two slots.
    assert Counter(key.partition("-")[0] for key in taken) == {"silent": 9, "quick": 1}
    silent.set()
    assert len(keys_of(results)) == 43


def test_the_order_within_a_lane_is_kept(server, make_client):
    server.answer = lambda asked, connection: http(PDF)
    client = make_client(parallel_downloads=3, parallel_per_server=1)
    names = names_of("a", 9) + names_of("b", 3) + names_of("c", 5)
    keys_of(client.download_all(requests_for(client, names)))
    asked = [name_of(asked) for asked in server.asked]
    for lane in "abc":
        assert [name for name in asked if name[0] == lane] == [name for name in names if name[0] == lane]


def test_what_waits_when_the_time_is_up_is_not_started(server, make_client, clock_of_runs):
    def answer(asked, _connection):
        clock_of_runs.leap(61)
        return http(PDF)

    server.answer = answer
    client = make_client(parallel_downloads=4, parallel_per_server=1)
    source = requests_for(client, names_of("a", 5))
    assert keys_of(client.download_all(source, give_up_at=clock_of_runs.monotonic() + 60)) == ["a-0"]
    assert [name_of(asked) for asked in server.asked] == ["a-0"]
