from . import (
    applications,
    businesses,
    check,
    downloads,
    exports,
    following,
    health,
    look,
    papers,
    portal,
    portal_papers,
    sign_in,
)
