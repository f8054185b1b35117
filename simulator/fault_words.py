"""What each fault does, for people: in Vietnamese and in English."""

FAULT_WORDS = {
    "latency": ("Trả lời chậm", "answers late"),
    "unauthorized": ("Từ chối token (HTTP 401)", "refuses the token with HTTP 401"),
    "server_error": ("Máy chủ lỗi (HTTP 500)", "fails with HTTP 500"),
    "broken_json": ("JSON thiếu dấu đóng ngoặc", "JSON without its last bracket"),
    "cut_body": ("Đứt giữa chừng, thiếu dữ liệu", "fewer bytes than announced"),
    "wrong_type": ("Sai kiểu: chương trình thay cho tệp", "a program for a file, or a text for a list"),
    "error_page": ("Trang báo bảo trì thay cho nội dung", "a maintenance page, with HTTP 200"),
    "oversize": ("Nội dung quá lớn", "blanks behind the content up to a size"),
    "never_answer": ("Không bao giờ trả lời", "no answer until the client leaves"),
    "reset": ("Ngắt kết nối", "breaks the connection"),
    "redirect": ("Chuyển hướng sang địa chỉ khác", "points to another address"),
    "empty": ("Nội dung rỗng", "no content"),
    "base64": ("Tệp dạng base64", "the content as base64"),
    "json_base64": ("Tệp base64 trong JSON", "the content as base64 within JSON"),
    "no_length": ("Không báo độ dài", "no length; the end of the connection ends the content"),
    "token_error_200": ("Báo token hết hạn với HTTP 200", "refuses the token with HTTP 200"),
    "error_code": ("Cổng báo lỗi có mã", "an error of the portal with its code"),
    "null_result": ("Kết quả null", "success, and null for a result"),
    "slow_drip": ("Gửi nhỏ giọt", "a prefix at once, the rest a few bytes at a time"),
}
