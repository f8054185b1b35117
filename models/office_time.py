"""Days as an office in Vietnam has them; the database keeps moments in UTC."""

from datetime import datetime, time, timezone
from zoneinfo import ZoneInfo

OFFICE_TIMEZONE = "Asia/Ho_Chi_Minh"


def begin_of_day(day):
    """Return the moment at which `day` begins in Vietnam, naive and in UTC."""
    begin = datetime.combine(day, time.min, ZoneInfo(OFFICE_TIMEZONE))
    return begin.astimezone(timezone.utc).replace(tzinfo=None)
