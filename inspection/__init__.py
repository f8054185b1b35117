"""What the bytes of a file say: active content, encryption, text, signatures.

Pure Python on `pyHanko` and `pypdf`, nothing of Odoo nor of `protocol/`. Start at `sandbox.inspect_file`; what it calls
in its child process are `signatures.check_signatures` and `pdf.look_at_pdf`. No network, ever.

`identity.compare_owner` compares text with the owner of a case; it reads no file, and runs where it is called.
"""
