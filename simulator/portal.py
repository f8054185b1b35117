"""The national portal: accounts and tokens, the directory, the papers of a person (guideline V.1–V.2)."""

import secrets
import threading
import time

from .answers import Answer, json_answer
from .world import PAPERS_PROVIDERURL, PORTAL_DSTCODE, World

USERNAME, PASSWORD, UNIT_CODE = "h46", "h46-demo", "H46"
DIRECTORY_SERVICE = "LayDanhMucSSTaiTep"
_IN_PERSON = ("1", "3")


class Portal:
    """Answers what a security server forwards to the portal. Its methods may be called from any thread."""

    def __init__(self, world: World, token_lifetime: float) -> None:
        self._world = world
        self._token_lifetime = token_lifetime
        self._lock = threading.Lock()
        self._tokens: dict[str, float] = {}

    def expire_tokens(self) -> None:
        """Let every token given out so far be expired."""
        with self._lock:
            self._tokens.clear()

    def directory_login(self, body: dict) -> Answer:
        """Answer `mapi/login`."""
        token = self._log_in(body)
        if token is None:
            return json_answer({"session": None, "error_code": 2, "message": "Sai tài khoản hoặc mật khẩu"})
        return json_answer({"session": token, "error_code": 0})

    def papers_login(self, body: dict) -> Answer:
        """Answer `bndp/public/v1/login`."""
        token = self._log_in(body)
        if token is None:
            return json_answer({"errorCode": "401", "message": "Sai tài khoản hoặc mật khẩu"}, 401)
        result = {"access_token": token, "token_type": "bearer", "expires_in": self._token_lifetime}
        return json_answer({"errorCode": "0", "message": "Successfully", "result": result})

    def call(self, body: dict) -> Answer:
        """Answer `mapi/call`: the directory is the one service."""
        if not self._is_valid(body.get("session")):
            return json_answer({"error_code": 401, "message": "Session không hợp lệ hoặc đã hết hạn"}, 401)
        if body.get("madonvi") != UNIT_CODE:
            return json_answer({"error_code": 3, "message": "Mã đơn vị không đúng"})
        if body.get("service") != DIRECTORY_SERVICE:
            return json_answer({"error_code": 4, "message": "Không có dịch vụ này"})
        rows = [
            {"MACOQUAN": agency.code, "TENCOQUAN": agency.name, "DSTCODE": agency.dstcode}
            for agency in list(self._world.agencies)
        ]
        return json_answer({"result": rows})

    def papers(self, body: dict, authorization: str, dstcode: str, providerurl: str) -> Answer:
        """Answer `bndp/public/v1/user/papers`."""
        if (dstcode, providerurl) != (PORTAL_DSTCODE, PAPERS_PROVIDERURL):
            return json_answer({"errorCode": "404", "message": "Không tìm thấy dịch vụ"}, 404)
        if not self._is_valid(authorization.removeprefix("Bearer ").strip()):
            return json_answer({"errorCode": "401", "message": "Token không hợp lệ hoặc đã hết hạn"}, 401)
        problem = self._problem(body)
        if problem:
            return json_answer({"errorCode": "400", "message": problem, "signature": "", "result": None})
        codes = {row["MaKetQua"]: row.get("SoKyHieu", "") for row in body["DanhSachDanhMucKetQua"]}
        found = self._world.papers_of(body["SoDinhDanhChuSoHuu"], codes)
        return json_answer(
            {
                "errorCode": "0",
                "message": "Successfully",
                "signature": "Signature",
                "result": {"DanhSachGiayToKetQua": [_public(paper) for paper in found]},
            }
        )

    def _log_in(self, body: dict) -> str | None:
        if (body.get("username"), body.get("password")) != (USERNAME, PASSWORD):
            return None
        token = secrets.token_urlsafe(48)
        with self._lock:
            self._tokens[token] = time.monotonic() + self._token_lifetime
        return token

    def _is_valid(self, token: object) -> bool:
        with self._lock:
            return self._tokens.get(token, 0.0) > time.monotonic()

    def _problem(self, body: dict) -> str | None:
        """Return why the portal rejects the question, in its words; None when it does not."""
        required = ["MaThuTuc", "SoDinhDanhChuSoHuu", "KenhThucHien"]
        if body.get("KenhThucHien") in _IN_PERSON:
            required += ["SoDinhDanhNguoiYeuCau", "HoTenNguoiYeuCau"]
        for key in required:
            if not isinstance(body.get(key), str) or not body[key]:
                return f"Thiếu trường bắt buộc {key}"
        if body["KenhThucHien"] not in ("1", "2", "3"):
            return "Kênh thực hiện không hợp lệ"
        return self._problem_of_codes(body["MaThuTuc"], body.get("DanhSachDanhMucKetQua"))

    def _problem_of_codes(self, procedure: str, rows: object) -> str | None:
        allowed = self._world.procedures.get(procedure)
        if allowed is None:
            return f"Không có thủ tục {procedure}"
        if not isinstance(rows, list) or not rows:
            return "Danh sách danh mục kết quả rỗng"
        for row in rows:
            code = row.get("MaKetQua") if isinstance(row, dict) else None
            if code not in allowed:
                return f"Mã kết quả {code} không thuộc thủ tục {procedure}"
            if self._world.results[code][1] and not row.get("SoKyHieu"):
                return f"Mã kết quả {code} cần số ký hiệu"
        return None


def _public(paper: object) -> object:
    if isinstance(paper, dict):
        return {key: value for key, value in paper.items() if key != "_raw"}
    return paper
