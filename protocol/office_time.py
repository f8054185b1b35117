"""Times as the portal writes them (wire §7)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

# Asia/Ho_Chi_Minh, which knows no summer time: a machine without a database of zones must not fail here.
OFFICE_TIME = timezone(timedelta(hours=7))


def office_time(moment: datetime | None) -> str:
    """Return `moment`, an aware datetime, as yyyyMMddHHmmss in Vietnam; "" for None. Raises ValueError for a naive one."""
    if moment is None:
        return ""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    # Not strftime, which writes the year 999 with three digits on some machines.
    local = moment.astimezone(OFFICE_TIME)
    return f"{local.year:04d}{local:%m%d%H%M%S}"


def as_utc(moment: datetime | None) -> datetime | None:
    """Return a naive `moment` of UTC, as databases keep it, as an aware one; None for None."""
    return moment.replace(tzinfo=timezone.utc) if moment else None
