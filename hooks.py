from .models import indicator_triggers


def uninstall_hook(env):
    """Take away what PostgreSQL would keep: functions go with no table, and triggers fail without theirs."""
    indicator_triggers.remove(env.cr)
