"""What the README promises of the demo: its main job, done as a clerk would, through Odoo's external API."""


def test_the_main_job_in_a_new_demo(demo):
    assert "✓ Phiếu lý lịch tư pháp" in demo.printed
    assert "✗" not in demo.printed
