"""Texts as they stand on Vietnamese papers. All people, companies and numbers are invented."""

JUDICIAL_RECORD = """
BỘ CÔNG AN                          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
                                          Độc lập - Tự do - Hạnh phúc
PHIẾU LÝ LỊCH TƯ PHÁP SỐ 1
Số: 123456789/PLLTP
Căn cứ Luật Lý lịch tư pháp số 28/2009/QH12 ngày 17/06/2009;
XÁC NHẬN:
1. Họ và tên: NGUYỄN THỊ ÁNH ĐÀO          2. Giới tính: Nữ
3. Ngày, tháng, năm sinh: 09/02/1990
4. Nơi sinh: xã Võ Lao, tỉnh Lào Cai
5. Quốc tịch: Việt Nam
7. Số định danh cá nhân/CCCD/Hộ chiếu: 001190012345   Cấp ngày: 01/02/2022
8. Điện thoại: 0912345678
Tình trạng án tích: Không có án tích
TRƯỞNG PHÒNG
(Ký, ghi rõ họ và tên)
Lê Hồng Phúc
"""

BIRTH_CERTIFICATE = """
GIẤY KHAI SINH
Số: 12/2026
Họ, chữ đệm, tên: TRẦN MINH KHÔI
Ngày, tháng, năm sinh: 05/01/2026      Ghi bằng chữ: ngày năm tháng một năm hai nghìn hai mươi sáu
Giới tính: Nam     Dân tộc: Kinh     Quốc tịch: Việt Nam
Số định danh cá nhân: 001226000111
Họ, chữ đệm, tên người mẹ: NGUYỄN THỊ ÁNH ĐÀO
Năm sinh: 1990   Dân tộc: Kinh   Quốc tịch: Việt Nam
Họ, chữ đệm, tên người cha: TRẦN VĂN BÌNH
Năm sinh: 1988   Dân tộc: Kinh   Quốc tịch: Việt Nam
Họ, chữ đệm, tên người đi khai sinh: TRẦN VĂN BÌNH
Giấy tờ tùy thân: Căn cước công dân số 001088054321
"""

MARRIAGE_CERTIFICATE = """
GIẤY CHỨNG NHẬN KẾT HÔN
Họ, chữ đệm, tên vợ: NGUYỄN THỊ ÁNH ĐÀO
Ngày, tháng, năm sinh: 09/02/1990
Giấy tờ tùy thân: CCCD số 001190012345
Họ, chữ đệm, tên chồng: TRẦN VĂN BÌNH
Ngày, tháng, năm sinh: 02/09/1988
Giấy tờ tùy thân: CCCD số 001088054321
"""

PRACTICE_CERTIFICATE = """
SỞ Y TẾ TỈNH THỬ NGHIỆM
CHỨNG CHỈ HÀNH NGHỀ KHÁM BỆNH, CHỮA BỆNH
Số: 000123/TN-CCHN
Họ và tên người hành nghề: Phạm Quốc Hưng
Ngày sinh: 20/11/1985
Giấy chứng minh nhân dân số: 012 345 678   Ngày cấp: 01/02/2005
Văn bằng chuyên môn: Bác sĩ đa khoa
"""

COMPANY_REGISTRATION = """
GIẤY CHỨNG NHẬN ĐĂNG KÝ DOANH NGHIỆP
CÔNG TY TRÁCH NHIỆM HỮU HẠN MỘT THÀNH VIÊN
Mã số doanh nghiệp: 0101234567
Đăng ký lần đầu: ngày 05 tháng 06 năm 2019
1. Tên công ty
Tên công ty viết bằng tiếng Việt: CÔNG TY TRÁCH NHIỆM HỮU HẠN MỘT THÀNH VIÊN
THƯƠNG MẠI SÔNG HƯƠNG
Tên công ty viết bằng tiếng nước ngoài: SONG HUONG TRADING COMPANY LIMITED
Tên công ty viết tắt: SH TRADING
2. Địa chỉ trụ sở chính: Số 1 đường Thử Nghiệm        Điện thoại: 0241234567
4. Người đại diện theo pháp luật của công ty
* Họ và tên: LÊ THỊ THU CÚC     Giới tính: Nữ
Số giấy tờ pháp lý của cá nhân: 001175000222
"""
