"""Days as an office in Vietnam has them; the database keeps moments in UTC."""

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo.tools import format_datetime

OFFICE_TIMEZONE = "Asia/Ho_Chi_Minh"


def begin_of_day(day):
    """Return the moment at which `day` begins in Vietnam, naive and in UTC; the first one that there is, of the first day."""
    if day == date.min:
        return datetime.min
    begin = datetime.combine(day, time.min, ZoneInfo(OFFICE_TIMEZONE))
    return begin.astimezone(timezone.utc).replace(tzinfo=None)


def end_of_day(day):
    """Return the moment at which `day` has ended in Vietnam, naive and in UTC; the last one that there is, of the last day."""
    return datetime.max if day == date.max else begin_of_day(day + timedelta(days=1))


def day_of(moment):
    """Return the day in Vietnam in which `moment`, naive and in UTC, lies."""
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(OFFICE_TIMEZONE)).date()


def moment_words(env, moment):
    """Return `moment` (naive UTC, or as text) in words, in the zone of the context, of the user, or of the office."""
    zone = env.context.get("tz") or env.user.tz or OFFICE_TIMEZONE
    return format_datetime(env, moment, tz=zone, dt_format="HH:mm dd/MM/yyyy")


def in_office_time(model):
    """Return `model` with moments as the office has them: of what leaves it, whatever clock the computer there shows."""
    return model.with_context(tz=OFFICE_TIMEZONE)


def is_night(moment):
    """Whether nobody works at `moment`, naive and in UTC: from 20:00 to 6:00 in Vietnam."""
    hour = moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(OFFICE_TIMEZONE)).hour
    return hour >= 20 or hour < 6
