"""The steps of an acceptance run in the guideline's order: what each needs, and what of the guideline and the wire it shows."""

from dataclasses import dataclass

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)


@dataclass(frozen=True, slots=True)
class StepKind:
    """`needs` are steps without whose success this one is not tried; `shows` ids of docs/requirements.toml.

    Of a file it depends on its link which of two is shown.

    `is_sending`: it belongs to the test case, which is written at the portal only where the administrator wants it.
    `setting`: the field of the company without which there is no such step.
    `is_once`: what it writes may stand there twice, so it is not made again where nobody knows what was answered.
    """

    title: str
    needs: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    is_sending: bool = False
    is_once: bool = False
    setting: str = ""


STEPS = {
    "login_directory": StepKind("Login to the directory and the catalogue", shows=("V.3-1",)),
    "directory": StepKind(
        "Directory of security servers (LayDanhMucSSTaiTep)", ("login_directory",), ("V.1-1", "V.1-2")
    ),
    "login_papers": StepKind("Login to the papers", shows=("V.3-1",)),
    "papers": StepKind("Papers of the test person", ("login_papers",), ("V.2-1", "V.2-2", "V.2-3", "V.2-6", "V.2-7")),
    "file": StepKind("A file of such a paper, through our security server", ("papers",), ("V.3-4", "V.3-5")),
    "own_file": StepKind("A file of ours, as other agencies fetch it", shows=("W.5-1",)),
    "agencies": StepKind("Agencies (LayDanhMucCoQuan)", ("login_directory",), ("II.2-1",)),
    "sectors": StepKind("Fields of administration (LayDanhMucLinhVuc)", ("login_directory",), ("II.2-1",)),
    "procedures": StepKind("List of procedures (LayDanhSachTTHC)", ("login_directory",), ("II.2-1",)),
    "procedure": StepKind("The test procedure (LayThuTuc)", ("login_directory",), ("II.2-1",)),
    "free_number": StepKind("The number of the test case is free (TraCuuHoSo)", ("login_directory",), (), True),
    "case": StepKind("A test case is told (DongBoHoSoMC)", ("free_number",), ("W.7-1", "W.7-2"), True, True),
    "progress": StepKind("Its progress (CapNhatTienDoHoSoMC)", ("case",), ("W.7-1",), True, True),
    "state": StepKind(
        "Its state by itself (DongBoTrangThaiHoSo)", ("case",), ("W.7-13",), True, True, "kho_dl_tell_states"
    ),
    "lookup": StepKind("It is looked up (TraCuuHoSo)", ("case",), (), True),
    # Also where nobody knows whether the case arrived.
    "withdrawal": StepKind("It is withdrawn, so that nothing stays open", ("free_number",), ("W.7-2",), True),
    "ports": StepKind("Ports of other security servers, as they were last checked", shows=("V.4-2",)),
}
KINDS = [(name, kind.title) for name, kind in STEPS.items()]

# In the words of docs/requirements.toml.
REQUIREMENTS = {
    "II.2-1": _lt("Procedures, their documents and results follow the national catalogue, with its codes."),
    "V.1-1": _lt(
        "The directory is asked for with session, unit code and the name of the service, in the headers as printed."
    ),
    "V.1-2": _lt("Code, name and destination code of each agency are read from the answer."),
    "V.2-1": _lt("Papers are asked for at the printed address, with destination code and provider address."),
    "V.2-2": _lt("The token stands in the header Authorization."),
    "V.2-3": _lt("Procedure, result codes, owner and channel are sent, no code twice."),
    "V.2-6": _lt("Error code 0 is success; everything else is an error that is shown with its message."),
    "V.2-7": _lt("All fields of each paper are read, and of its files all."),
    "V.3-1": _lt("The token is fetched first with the account that was issued, and again only when it is over."),
    "V.3-4": _lt(
        "A plain link is made into an address on our security server, with the owner's destination code from the directory "
        "(case 1)."
    ),
    "V.3-5": _lt("Of a composed link only the host is replaced (case 2)."),
    "V.4-2": _lt("Connections to the ports 5500 and 5577 of other security servers can be tried."),
    "W.5-1": _lt("Our papers are served with and without the prefix of the adapter, also below a path."),
    "W.7-1": _lt("A case and a step have every field."),
    "W.7-2": _lt("isUpdating is sent as the deployment wants it."),
    "W.7-13": _lt(
        "DongBoTrangThaiHoSo tells a new state where the agency wants it; a portal without it holds up nothing."
    ),
}
