from . import (
    applications,
    businesses,
    check,
    downloads,
    following,
    health,
    look,
    papers,
    portal,
    portal_papers,
    sign_in,
)
