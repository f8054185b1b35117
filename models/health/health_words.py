"""The one place where a trouble becomes words for an administrator: what it is, what to do, and where."""

from odoo import fields
from odoo.tools import format_date

from ..common.office_time import moment_words


def trouble_words(env, trouble):
    """Return (what it is, what to do about it) in the language of `env`, each a sentence or two."""
    return _WORDS[trouble.kind](env, trouble.values)


def old_trouble_words(env, trouble):
    """Return the same of a trouble that an alarm has kept, maybe from a version that knew other kinds and facts."""
    try:
        return trouble_words(env, trouble)
    except (KeyError, TypeError, ValueError, AttributeError):
        return (
            env._("A trouble that an earlier version told of (%s)", trouble.kind),
            env._("This version does not know it any more. What is still wrong has an alarm of its own."),
        )


def place_of(kind):
    """Return the xmlid of the action that opens where a trouble of `kind` is seen to."""
    return _PLACES[kind]


def place_words(env, kind):
    """Return the words of the button that opens the place of `kind`."""
    return {
        "kho_dl.action_kho_dl_settings": env._("Open the settings"),
        "kho_dl.action_kho_dl_directory_refresh": env._("Directory refreshes"),
        "kho_dl.action_kho_dl_breaker": env._("Agencies that cannot be reached"),
        "kho_dl.action_kho_dl_health_failure": env._("Why they fail"),
        "kho_dl.action_kho_dl_outbox": env._("Messages to the portal"),
        "kho_dl.action_kho_dl_catalogue_sync": env._("National catalogue"),
        "kho_dl.action_kho_dl_trust_certificate": env._("Trusted certificates"),
        "kho_dl.action_kho_dl_journal_chain": env._("Seals of the journal"),
        "base.ir_cron_act": env._("Scheduled actions"),
        "base.ir_config_list_action": env._("System parameters"),
    }[_PLACES[kind]]


_PLACES = {
    "copied_database": "kho_dl.action_kho_dl_settings",
    "not_set_up": "kho_dl.action_kho_dl_settings",
    "account_refused": "kho_dl.action_kho_dl_settings",
    "account_ending": "kho_dl.action_kho_dl_settings",
    "own_server": "kho_dl.action_kho_dl_breaker",
    "actions_off": "base.ir_cron_act",
    "python": "base.ir_config_list_action",
    "library": "base.ir_config_list_action",
    "directory": "kho_dl.action_kho_dl_directory_refresh",
    "files_waiting": "kho_dl.action_kho_dl_health_failure",
    "files_failing": "kho_dl.action_kho_dl_health_failure",
    "messages_waiting": "kho_dl.action_kho_dl_outbox",
    "messages_rejected": "kho_dl.action_kho_dl_outbox",
    "agencies": "kho_dl.action_kho_dl_breaker",
    "catalogue": "kho_dl.action_kho_dl_catalogue_sync",
    "seal": "kho_dl.action_kho_dl_settings",
    "trust": "kho_dl.action_kho_dl_trust_certificate",
    "journal": "kho_dl.action_kho_dl_journal_chain",
    "journal_unsealed": "base.ir_cron_act",
    "journal_unchecked": "base.ir_cron_act",
    "journal_head": "kho_dl.action_kho_dl_journal_chain",
}


def _copied_database(env, _values):
    return (
        env._("This database is a copy: nothing is sent, fetched, given or sealed"),
        env._(
            "Where it is to work for the office in place of the other one, a system administrator confirms it in the bar "
            "at the bottom of the screen. Otherwise leave it so."
        ),
    )


def _not_set_up(env, _values):
    return (
        env._("The connection to the national store is not set up yet"),
        env._("Go through the first steps at the top of the settings."),
    )


def _account_refused(env, values):
    return (
        env._("The national portal refused our account on %(time)s", time=moment_words(env, values["on"])),
        env._(
            "Check account and password in the settings, and test the connection. Perhaps the portal changed the password."
        ),
    )


def _account_ending(env, values):
    day = format_date(env, values["until"])
    return (
        env._("Our account at the national portal: its last day is %(day)s", day=day),
        env._(
            "After that day nothing can be asked. Have the portal extend it, and enter the new last day in the settings."
        ),
    )


def _own_server(env, values):
    return (
        env._(
            "Our own security server cannot be reached since %(time)s",
            time=moment_words(env, values["since"]),
        ),
        env._("Ask whoever runs it whether it is on and its certificates are valid, then try it again."),
    )


def _actions_off(env, values):
    labels = {
        "ir_cron_refresh_directory": env._("the refresh of the directory"),
        "ir_cron_catalogue": env._("the synchronisation of the catalogue"),
        "ir_cron_enter": env._("the entering of results into the store"),
        "ir_cron_candidates": env._("the search for candidates of mappings"),
        "ir_cron_process": env._("the fetching of files"),
        "ir_cron_send": env._("the messages to the portal"),
        "ir_cron_links": env._("the changes of our links"),
        "ir_cron_empty_payloads": env._("the emptying of personal data"),
        "ir_cron_alarm": env._("the alarms"),
        "ir_cron_count_indicators": env._("the nightly count of the indicators"),
    }
    return (
        env._(
            "What should happen by itself is switched off: %(names)s",
            names=", ".join(labels.get(name, name) for name in values["names"]),
        ),
        env._("A system administrator switches it on again under Settings, Technical, Scheduled Actions."),
    )


def _directory(env, values):
    since = values["since"]
    return (
        env._("The directory of security servers is out of date"),
        env._(
            "No refresh has worked since %(since)s. See what the last one said, correct it, and refresh again.",
            since=moment_words(env, since) if since else env._("the beginning"),
        ),
    )


def _files_waiting(env, values):
    return (
        env._(
            "Files are waiting to be fetched since %(time)s (%(count)s in all)",
            time=moment_words(env, values["since"]),
            count=values["count"],
        ),
        env._("See why they fail. If there is no reason, look whether Odoo's scheduled actions are run at all."),
    )


def _files_failing(env, values):
    return (
        env._(
            "%(failed)s of the last %(closed)s files could not be attached",
            failed=values["failed"],
            closed=values["closed"],
        ),
        env._("See the causes, correct them, and try all of them again."),
    )


def _messages_waiting(env, values):
    return (
        env._(
            "The portal was not told of our cases since %(time)s (%(count)s messages)",
            time=moment_words(env, values["since"]),
            count=values["count"],
        ),
        env._("See the reason beside the waiting messages. They are sent by themselves once it is gone."),
    )


def _messages_rejected(env, values):
    return (
        env._("The portal refused %(count)s messages about our cases", count=values["count"]),
        env._("Read the portal's words, have the cases corrected, and send the messages again."),
    )


def _agencies(env, values):
    names = ", ".join(values["names"])
    if values["others"]:
        names = env._("%(names)s and %(count)s more", names=names, count=values["others"])
    return (
        env._(
            "Agencies cannot be reached since %(time)s: %(names)s",
            time=moment_words(env, values["since"]),
            names=names,
        ),
        env._(
            "Their files come by themselves once they answer. If it lasts, ask the agency, or check the access rights."
        ),
    )


def _catalogue(env, values):
    return (
        env._(
            "The catalogue of procedures could not be synchronised on %(time)s", time=moment_words(env, values["on"])
        ),
        env._("Read why on the run. What was brought in stays; let the run go on once the reason is gone."),
    )


def _seal(env, values):
    day = format_date(env, _day(values["until"]))
    return (
        env._("The certificate of the agency's seal: its last day is %(day)s", day=day),
        env._(
            "After that day no certified copy can be made. Have it renewed, and enter the new key file in the settings."
        ),
    )


def _trust(env, values):
    day = format_date(env, _day(values["until"]))
    return (
        env._("The trusted certificate “%(name)s”: its last day is %(day)s", name=values["name"], day=day),
        env._(
            "Add the issuer's new certificate, and archive this one when nothing signed under it is expected any more."
        ),
    )


def _journal(env, values):
    return (
        env._("The journal is broken at position %(position)s", position=values["position"] or "–"),
        env._(
            "A row was changed or taken away, past Odoo. Change nothing, keep a copy of the database, and "
            "compare with the seals that were sent away. The page tells which row it is."
        ),
    )


def _journal_unsealed(env, values):
    return (
        env._("Rows of the journal wait to be sealed since %(time)s", time=moment_words(env, values["since"])),
        env._(
            "Check that the scheduled action “Kho DL: seal closed rows of the journal” runs. Where it does, press “Verify "
            "journal”: a journal that was changed by hand cannot be sealed on; the server's log tells why."
        ),
    )


def _journal_unchecked(env, values):
    return (
        env._("The journal has not been checked since %(time)s", time=moment_words(env, values["since"])),
        env._(
            "Check that the scheduled action “Kho DL: check the seals of the journal” runs. Where it does, the check itself fails: the "
            "server's log tells why. Rows go on being sealed."
        ),
    )


def _journal_head(env, _values):
    return (
        env._("The last seal of the journal could not be sent away"),
        env._(
            "The page tells why. Until it goes out, nothing outside this database shows whether rows were sealed anew."
        ),
    )


def _python(env, values):
    return (
        env._("No file can be looked into: the Python for it cannot be used (%(fault)s)", fault=values["fault"]),
        env._(
            "Correct the system parameter “kho_dl.python”, or empty it. Files wait until then; nothing was lost, and "
            "no certified copy can be made."
        ),
    )


def _library(env, values):
    return (
        env._(
            "Files are looked into with pyHanko %(version)s, which has a known security fault",
            version=values["version"],
        ),
        env._(
            "Install pyHanko 0.36.2 or later. Where Odoo's own packages forbid it, put it into a Python environment of "
            "its own, and name that in the system parameter “kho_dl.python”."
        ),
    )


def _day(moment):
    """Return the day of `moment`, which an alarm keeps as text."""
    return fields.Datetime.to_datetime(moment).date()


_WORDS = {
    "copied_database": _copied_database,
    "not_set_up": _not_set_up,
    "account_refused": _account_refused,
    "account_ending": _account_ending,
    "own_server": _own_server,
    "actions_off": _actions_off,
    "python": _python,
    "library": _library,
    "directory": _directory,
    "files_waiting": _files_waiting,
    "files_failing": _files_failing,
    "messages_waiting": _messages_waiting,
    "messages_rejected": _messages_rejected,
    "agencies": _agencies,
    "catalogue": _catalogue,
    "seal": _seal,
    "trust": _trust,
    "journal": _journal,
    "journal_unsealed": _journal_unsealed,
    "journal_unchecked": _journal_unchecked,
    "journal_head": _journal_head,
}
