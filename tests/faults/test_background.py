"""What waits is shared by as many workers as there are: by scheduled actions, or by jobs of the OCA's queue_job, from its package."""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from lib.cache import run_folder
from lib.odoo_source import find_odoo
from lib.pins import read_pins
from lib.venv import find_beside
from machine import Machine
from middle import ALL_ARE_THERE
from world import assert_exactly_once, rows_of

# More than are no work for two, and so many that the second comes while there is enough left.
FILES = 60
PATIENCE = 120  # seconds
# As if a clerk had chosen all and gone: no request works on it.
QUEUE = """
form = env["kho.dl.retrieve.wizard"].sudo().browse(env.context["form"])
form = form.with_user(form.create_uid).with_company(form.case_id.company_id)
servers = env["kho.dl.security.server"]._server_resolver()
values = [vals for line in form.line_ids for vals in line.candidate_id._prepare_retrievals(servers)]
form.env["kho.dl.retrieval"]._enqueue(values)
"""
WAKE = """
env["kho.dl.retrieval"].sudo()._wake()
"""
# Three jobs for the same work.
TREBLE = """
for _time in range(3):
    env["kho.dl.engine"].sudo().with_delay(channel="root.kho_dl.files")._job("files")
"""
SWITCH_ON = """
env["ir.cron"].search([("active", "=", True), ("cron_name", "=like", "Kho DL%")]).active = False
for name in ("process", "help_files_1", "help_files_2", "help_files_3"):
    env.ref(f"kho_dl.ir_cron_{name}").active = True
# Few files at once: how many more come with a second worker is what is asked here.
env.company.write({"kho_dl_parallel_downloads": 2, "kho_dl_parallel_per_server": 2, "kho_dl_total_timeout": 60})
env.cr.commit()
"""
# What the tests let Odoo do beyond its external API: to start a shell for each takes longer than what it does.
SCRIPTS = {"queue": QUEUE, "wake": WAKE, "treble": TREBLE}
MAKE_SCRIPTS = f"""
for name, code in {SCRIPTS!r}.items():
    values = {{"name": name, "model_id": env.ref("base.model_res_partner").id, "state": "code", "code": code}}
    print("script:", name, env["ir.actions.server"].create(values).id)
env.cr.commit()
"""
AT_WORK = "SELECT count(DISTINCT worker_key) FROM kho_dl_retrieval WHERE state = 'running'"
BEGINS = "id = (SELECT res_id FROM ir_model_data WHERE module = 'kho_dl' AND name = 'ir_cron_process')"
RESTS = f"UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 day' WHERE {BEGINS}"
IS_DUE = f"UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 minute' WHERE {BEGINS}"
BEGUN = "SELECT uuid, retry FROM queue_job WHERE state = 'started'"
# As if the minute had passed after which queue_job asks whether who began a job still lives.
A_MINUTE_LATER = """
UPDATE queue_job SET date_enqueued = date_enqueued - interval '1 minute'
 WHERE uuid = %s AND retry = %s AND state = 'started'
"""
ALL_HAVE_ENDED = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM queue_job WHERE state NOT IN ('done', 'failed'))"
JOBS = "SELECT channel, state, count(*) FROM queue_job GROUP BY channel, state"
# An action that has ended has the time of its next run.
HAS_RUN = f"SELECT nextcall > now() AT TIME ZONE 'UTC' FROM ir_cron WHERE {BEGINS}"
CHANNEL = "root.kho_dl.files"


@pytest.fixture(scope="module")
def own():
    """Processes of its own, and of Kho DL no scheduled actions but those that share the work."""
    pins = read_pins()
    with run_folder() as folder, contextlib.ExitStack() as stack:
        made = Machine(stack, find_odoo(pins), Path(sys.executable), folder, find_beside(pins))
        printed = made.odoo.shell(SWITCH_ON + MAKE_SCRIPTS)
        made.scripts = dict(line.split()[1:] for line in printed.splitlines() if line.startswith("script:"))
        yield made
        made.kill()


@pytest.fixture(scope="module")
def with_jobs(own):
    """The same after queue_job was installed."""
    if own.process:
        own.kill()
    own.odoo.install(addon="queue_job")
    return own


def start(machine, threads, jobs=None):
    """Have Odoo run with `threads` for scheduled actions, and so many jobs at once."""
    options = ["--workers=4", f"--max-cron-threads={threads}"]
    channels = {}
    if jobs is not None:
        # One that is killed at its very end is thought to run for a while, and takes the place of another.
        machine.database.wait_for(ALL_HAVE_ENDED)
        options.append("--load=base,web,queue_job")
        channels["ODOO_QUEUE_JOB_CHANNELS"] = f"root:{2 * jobs},{CHANNEL}:{jobs}"
    machine.start(*options, **channels)


def do(machine, script, **context):
    """Have Odoo run one of the SCRIPTS."""
    machine.api("admin")("ir.actions.server", "run", [int(machine.scripts[script])], context=context)


def queued(machine):
    """Return (case, {file name: content}) with the files waiting, each of which takes its time at the other side."""
    number, expected = machine.new_owner(FILES, size=4000, agencies=4)
    case, form = machine.open_case(number)
    machine.far("POST", "faults", call="file", fault="slow_drip", times=None, bytes=2000, seconds=0.2)
    machine.database(RESTS)
    do(machine, "queue", form=form)
    return case, expected


def wake(machine):
    """Let the scheduled action begin."""
    machine.database(IS_DUE)
    machine.wake_scheduler()


def finish(machine, case, expected, meanwhile=lambda: None):
    """Wait until all is there, once; return how many workers were at it at once.

    Not how long it took: that is for `./dev/load`, on a machine that does nothing else.
    """
    began, most = time.monotonic(), 0
    wake(machine)
    while not machine.database(ALL_ARE_THERE, case):
        assert time.monotonic() < began + PATIENCE, rows_of(machine.database, case)
        most = max(most, machine.database(AT_WORK)[0][0])
        if not most:
            # Odoo's scheduler misses what is said while it looks, and then sleeps for a minute.
            machine.wake_scheduler()
        meanwhile()
        time.sleep(0.1)
    machine.far("DELETE", "faults")
    assert_exactly_once(machine.database, machine.filestore, case, expected)
    return most


# Proves K.3-5.
def test_two_scheduled_actions_do_more_than_one(own):
    for threads in (1, 2):
        start(own, threads)
        assert finish(own, *queued(own)) == threads


def test_the_worker_of_a_job_is_killed(with_jobs):
    start(with_jobs, 1, 1)
    killed, jobs = [], []

    def kill():
        if not killed and (killed.extend(with_jobs.pids_fetching()) or killed):
            jobs.extend(with_jobs.database(BEGUN))
            os.kill(killed[0], signal.SIGKILL)
            wake(with_jobs)
        for job in jobs:
            with_jobs.database(A_MINUTE_LATER, *job)

    finish(with_jobs, *queued(with_jobs), kill)
    assert killed


# Proves K.3-5.
def test_two_jobs_do_more_than_one(with_jobs):
    for jobs in (1, 2):
        start(with_jobs, 1, jobs)
        assert finish(with_jobs, *queued(with_jobs)) == jobs
    channels = {channel for channel, _state, _count in with_jobs.database(JOBS)}
    assert channels == {CHANNEL}


def test_no_more_jobs_wait_than_are_of_use(with_jobs):
    start(with_jobs, 1, 2)
    waiting = []
    count = f"SELECT count(*) FROM queue_job WHERE channel = '{CHANNEL}' AND state = 'pending'"
    finish(with_jobs, *queued(with_jobs), lambda: waiting.extend(with_jobs.database(count)[0]))
    assert max(waiting) <= 2, "one for each of two that call at the same moment"


def test_a_lost_job_and_a_doubled_one_do_no_harm(with_jobs):
    start(with_jobs, 1, 2)
    case, expected = queued(with_jobs)
    do(with_jobs, "wake")
    # The job runner may be taking it at this moment.
    with_jobs.database("DELETE FROM queue_job WHERE state = 'pending'")
    do(with_jobs, "treble")
    finish(with_jobs, case, expected)
    # Those that find nothing more to do have to end well, too.
    with_jobs.database.wait_for(ALL_HAVE_ENDED)
    assert with_jobs.database("SELECT count(*) FROM queue_job WHERE state = 'failed'") == [(0,)]


def test_where_no_job_runner_is_the_scheduled_action_works_itself(with_jobs):
    start(with_jobs, 1)
    case, expected = queued(with_jobs)
    do(with_jobs, "wake")
    [(waiting,)] = with_jobs.database("SELECT count(*) FROM queue_job WHERE state = 'pending'")
    assert waiting == 1
    wake(with_jobs)
    ends_at = time.monotonic() + PATIENCE
    while with_jobs.database(HAS_RUN) != [(True,)]:
        assert time.monotonic() < ends_at, "the scheduled action did not run"
        time.sleep(0.1)
        with_jobs.wake_scheduler()
    assert with_jobs.database(AT_WORK) == [(0,)], "a job may still come"
    with_jobs.database(
        "UPDATE queue_job SET date_created = date_created - interval '5 minutes' WHERE state = 'pending'"
    )
    finish(with_jobs, case, expected)
