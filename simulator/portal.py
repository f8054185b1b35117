"""The national portal: login, directory, and the papers of a person (guideline V.1, V.2; logins as in the field)."""

from dataclasses import replace

from .answers import Answer, json_answer, portal_refusal, text_answer
from .case_register import LOOKUP, PROGRESS, STATE, SYNC_SERVICES, UPDATING, CaseRegister, Exists
from .national_catalogue import CATALOGUE_SERVICES, NationalCatalogue
from .profiles import PROFILES
from .question import Refused, read_question
from .request import DIRECTORY_CALL, DIRECTORY_LOGIN, LOOKUP_CALL, PAPERS_CALL, PAPERS_LOGIN, NotJson, Request
from .tokens import Tokens, is_account, is_unit
from .world import World

DIRECTORY_SERVICE = "LayDanhMucSSTaiTep"
_BAD_TOKEN = "Token không hợp lệ hoặc đã hết hạn"
_BAD_ACCOUNT = "Sai tên đăng nhập hoặc mật khẩu"


class Portal:
    """Answers what a security server forwards to the portal. Its methods may be called from any thread."""

    def __init__(self, world: World, token_lifetime: float) -> None:
        """`token_lifetime` in seconds."""
        self._world = world
        self.profile = PROFILES["printed"]
        self.register = CaseRegister(world)
        self.catalogue = NationalCatalogue()
        self.directory_tokens = Tokens(token_lifetime)
        self.papers_tokens = Tokens(token_lifetime)
        self._services = {
            DIRECTORY_LOGIN: self._log_in_to_directory,
            PAPERS_LOGIN: self._log_in_to_papers,
            DIRECTORY_CALL: self._directory,
            LOOKUP_CALL: self._directory,
            PAPERS_CALL: self._papers,
        }

    def answer(self, request: Request) -> Answer:
        """Return the answer to a call of one of the portal's four paths."""
        if request.method != "POST":
            return text_answer("Method Not Allowed", 405)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return portal_refusal(request.call, "415", "Content-Type phải là application/json", 415)
        own_query = [name for name, _value in request.own_query]
        if own_query and not (own_query == [UPDATING] and "query" in self.profile.updating_as):
            return portal_refusal(request.call, "400", "Tham số trên đường dẫn không hợp lệ", 400)
        try:
            body = request.json_object()
        except NotJson as error:
            return portal_refusal(request.call, "400", f"Nội dung không phải JSON hợp lệ: {error}", 400)
        answer = self._services[request.far_path](request, body)
        return replace(answer, content_type=self.profile.content_type)

    def _log_in_to_directory(self, request: Request, body: dict) -> Answer:
        if not is_account(body, self.profile.is_client_login):
            return portal_refusal(request.call, "2", _BAD_ACCOUNT)
        return json_answer({"session": self.directory_tokens.issue(), "error_code": 0})

    def _log_in_to_papers(self, request: Request, body: dict) -> Answer:
        if not is_account(body, self.profile.is_client_login):
            return portal_refusal(request.call, "401", _BAD_ACCOUNT, 401)
        tokens = self.papers_tokens
        return json_answer({self.profile.listed_under: {"access_token": tokens.issue(), "expires_in": tokens.lifetime}})

    def _directory(self, request: Request, body: dict) -> Answer:
        if not self.directory_tokens.accepts(body.get("session")):
            return portal_refusal(request.call, "401", _BAD_TOKEN, 401)
        if is_unit(body.get("madonvi")):
            service = body.get("service")
            is_lookup = service in (LOOKUP, *CATALOGUE_SERVICES)
            is_elsewhere = is_lookup and request.far_path != self.profile.lookup_path
            if is_elsewhere or (service == STATE and not self.profile.has_states):
                return portal_refusal(request.call, "5", "Dịch vụ không tồn tại")
            if service in SYNC_SERVICES:
                return self._sync(request, body, self.register)
            if service in CATALOGUE_SERVICES:
                return self._sync(request, body, self.catalogue)
        if body.keys() != {"session", "madonvi", "service"}:
            return portal_refusal(request.call, "3", "Yêu cầu đúng ba trường session, madonvi, service")
        if not is_unit(body["madonvi"]):
            return portal_refusal(request.call, "4", "Mã đơn vị không khớp với tài khoản")
        if body["service"] != DIRECTORY_SERVICE:
            return portal_refusal(request.call, "5", "Dịch vụ không tồn tại")
        rows = [
            {"MACOQUAN": agency.code, "TENCOQUAN": agency.name, "DSTCODE": agency.dstcode}
            for agency in self._world.agencies
        ]
        return json_answer({"result": rows})

    def _sync(self, request: Request, body: dict, asked: CaseRegister | NationalCatalogue) -> Answer:
        rest = {key: value for key, value in body.items() if key not in ("session", "service")}
        try:
            if UPDATING in rest or request.own_query:
                rest[UPDATING] = self._updating(request, rest)
            found = asked.answer(body["service"], rest)
        except Exists as refused:
            return portal_refusal(request.call, self.profile.exists_code, str(refused))
        except Refused as refused:
            return portal_refusal(request.call, "6", str(refused))
        if body["service"] == PROGRESS and self.profile.progress_words:
            return text_answer(self.profile.progress_words)
        return json_answer({"error_code": 0, "message": "Thành công", self.profile.listed_under: found})

    def _updating(self, request: Request, rest: dict) -> bool:
        """Return `isUpdating`, in whichever way it was sent. Raises Refused for one that this portal does not read."""
        sent = dict(request.own_query).get(UPDATING, rest.get(UPDATING))
        way = "query" if request.own_query else "boolean" if isinstance(sent, bool) else "string"
        if way not in self.profile.updating_as or str(sent) not in ("True", "False"):
            raise Refused("isUpdating không hợp lệ")
        return str(sent) == "True"

    def _papers(self, request: Request, body: dict) -> Answer:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self.papers_tokens.accepts(token):
            return portal_refusal(request.call, "401", _BAD_TOKEN, 401)
        try:
            question = read_question(body, self._world)
        except Refused as refused:
            return portal_refusal(request.call, "400", str(refused))
        found = self._world.find_papers(question.owner, question.asked)
        if self.profile.file_key != "TenFile":
            found = [self._with_own_keys(paper) for paper in found]
        return json_answer(
            {
                "errorCode": "0",
                "message": "Successfully",
                "signature": "Signature",
                "result": {"DanhSachGiayToKetQua": found},
            }
        )

    def _with_own_keys(self, paper: dict) -> dict:
        files = paper["DanhSachTepDinhKem"]
        if not isinstance(files, list):
            return paper
        renamed = [{self.profile.file_key: file.get("TenFile"), "DuongDan": file.get("DuongDan")} for file in files]
        return {**paper, "DanhSachTepDinhKem": renamed}
