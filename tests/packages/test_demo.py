"""What the README promises of the demo: its main job, done as a clerk would, through Odoo's external API."""

import lib.demo
import pytest
from lib.main_job import do_main_job


@pytest.fixture
def nobodys_demo(folder, monkeypatch):
    """The demo's database in a folder of this run, and not the one that somebody keeps."""
    place = folder / "demo"
    place.mkdir()
    monkeypatch.setattr(lib.demo, "checkout_dir", lambda: place)


def test_the_main_job_in_a_new_demo(nobodys_demo, pins, capsys):
    with lib.demo.running_demo(pins, 8700, fresh=True) as (odoo, port, _server):
        do_main_job(odoo, port)
    printed = capsys.readouterr().out
    assert "✓ Phiếu lý lịch tư pháp" in printed
    assert "✗" not in printed
