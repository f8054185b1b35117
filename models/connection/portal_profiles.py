"""The ways in which portals of the field speak, each a set of settings (wire "Forwarding", §1, §7)."""

# Behind which deployments of the field log in, where the guideline prints the system that is asked.
LOGIN_DSTCODE = "VN:GOV:000.00.00.G22:vpcpdvcprovider"
_AS_PRINTED = {
    "kho_dl_directory_login_dstcode": False,
    "kho_dl_papers_login_dstcode": False,
    "kho_dl_lookup_path": False,
    "kho_dl_login_as": "password",
    "kho_dl_updating_as": "string",
}
_FIELD_2024 = {
    **_AS_PRINTED,
    "kho_dl_directory_login_dstcode": LOGIN_DSTCODE,
    "kho_dl_papers_login_dstcode": LOGIN_DSTCODE,
    "kho_dl_lookup_path": "mapi/g",
}
PROFILE_WORDS = [
    ("printed", "As the guideline prints it"),
    ("field_2024", "In the field, 2024"),
    ("client_2026", "2026, with a client's id and secret"),
]
PROFILES = {
    "printed": _AS_PRINTED,
    "field_2024": _FIELD_2024,
    "client_2026": {**_FIELD_2024, "kho_dl_login_as": "client"},
}


def profile_of(record):
    """Return the name of the profile that `record`, a company or its settings, has; False for a way of its own."""
    return next(
        (
            name
            for name, values in PROFILES.items()
            if all((record[field] or False) == value for field, value in values.items())
        ),
        False,
    )
