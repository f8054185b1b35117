"""The ways in which portals of the field speak: what of wire.md one of them does, and the others do not."""

from dataclasses import dataclass

from .catalogue import PORTAL_DSTCODE
from .request import DIRECTORY_CALL, DIRECTORY_LOGIN, LOOKUP_CALL, PAPERS_CALL, PAPERS_LOGIN

# Behind which two deployments log in, where the guideline prints the other one.
LOGIN_DSTCODE = "VN:GOV:000.00.00.G22:vpcpdvcprovider"


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to speak.

    `login_dstcode` is where logins are answered, where that is another system than what they are for; `lookup_path` is where the catalogue and cases are looked up.
    `updating_as` are the ways in which `isUpdating` may be sent, as `protocol.settings` has them; `exists_code` is the code
    for a case that is there already. `listed_under` names what look-ups answer in, `file_key` the name of a file;
    `progress_words` are all the answer that progress gets; `has_states` says whether it offers DongBoTrangThaiHoSo.
    """

    login_dstcode: str = ""
    lookup_path: str = DIRECTORY_CALL
    updating_as: frozenset[str] = frozenset({"string", "boolean"})
    exists_code: str = "6"
    listed_under: str = "result"
    file_key: str = "TenFile"
    is_client_login: bool = False
    content_type: str = "application/json; charset=utf-8"
    progress_words: str = ""
    has_states: bool = False

    def dstcodes(self, path: str) -> frozenset[str]:
        """Return the dstcodes behind which calls to `path` are answered; the guideline prints none for the directory."""
        if path in (DIRECTORY_LOGIN, PAPERS_LOGIN) and self.login_dstcode:
            return frozenset({self.login_dstcode})
        return frozenset({PORTAL_DSTCODE} if path in (PAPERS_LOGIN, PAPERS_CALL) else {"", PORTAL_DSTCODE})


_FIELD = {
    "login_dstcode": LOGIN_DSTCODE,
    "lookup_path": LOOKUP_CALL,
    "exists_code": "-3",
    "listed_under": "data",
    "file_key": "TenTep",
    "content_type": "text/html",
    "progress_words": "Cập nhật tiến độ thành công",
    "has_states": True,
}
PROFILES = {
    "printed": Profile(),
    "field_2024": Profile(updating_as=frozenset({"string"}), **_FIELD),
    "client_2026": Profile(updating_as=frozenset({"string", "query"}), is_client_login=True, **_FIELD),
}
