"""Slots that are shared with others: no file starts without one, and who finds none asks again until the time is over."""

import time
from collections import Counter

from byte_server import http
from test_lanes import PDF, keys_of, names_of, requests_for

from protocol.slots import Slots


class SharedSlots(Slots):
    """Has `there` slots at the moment, whatever is wanted; keeps what was asked for."""

    def __init__(self, there):
        super().__init__()
        self.there, self.asked = there, []

    def hold(self, under_way):
        if not self.wanted - under_way:
            return
        self.held = +under_way
        for lane in self.wanted.elements():
            if self.held.total() < self.there and self.held[lane] < self.wanted[lane]:
                self.held[lane] += 1
        self.asked.append((self.wanted.total(), self.held.total()))


def test_no_more_are_under_way_than_there_are_slots(server, make_client):
    server.answer = lambda _asked, _connection: http(PDF)
    client, slots = make_client(parallel_downloads=4), SharedSlots(2)
    requests = requests_for(client, names_of("a", 4) + names_of("b", 4))
    assert len(keys_of(client.download_all(requests, slots=slots))) == 8
    assert max(held for _wanted, held in slots.asked) == 2
    assert max(wanted for wanted, _held in slots.asked) == 4
    assert not slots.wanted


def test_who_finds_no_slot_asks_again(server, make_client):
    server.answer = lambda _asked, _connection: http(PDF)

    class LateSlots(SharedSlots):
        def hold(self, under_way):
            self.there = 4 * (len(self.asked) > 2)
            super().hold(under_way)

    client, slots = make_client(parallel_downloads=4), LateSlots(0)
    assert len(keys_of(client.download_all(requests_for(client, names_of("a", 3)), slots=slots))) == 3
    assert slots.asked[:4] == [*[(3, 0)] * 3, (3, 3)]


def test_who_finds_none_in_time_asks_nobody_and_goes(server, make_client):
    client, slots = make_client(parallel_downloads=4), SharedSlots(0)
    began = time.monotonic()
    requests = requests_for(client, names_of("a", 3))
    assert list(client.download_all(requests, slots=slots, give_up_at=began + 0.5, grace=30)) == []
    assert 0.5 <= time.monotonic() - began < 10
    assert not server.asked


def test_what_is_not_wanted_any_more_needs_no_slot(server, make_client):
    server.answer = lambda _asked, _connection: http(PDF)
    client, slots = make_client(parallel_downloads=1), SharedSlots(1)
    requests = requests_for(client, names_of("a", 5))
    arriving = client.download_all(requests, slots=slots, is_wanted=lambda key: key == "a-4")
    assert keys_of(arriving) == ["a-4"]


def test_it_is_known_which_slots_are_needed_no_more(server, make_client):
    server.answer = lambda _asked, _connection: http(PDF)
    client, slots = make_client(), Slots()
    needed = []
    for results in client.download_all(requests_for(client, names_of("a", 2)), slots=slots):
        needed.append((len(results), Counter(slots.wanted)))
        for result in results:
            result.download.close()
    assert sum(count for count, _wanted in needed) == 2
    assert needed[-1][1] == Counter()
