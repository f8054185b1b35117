import base64


def content_of(value):
    """Return the bytes of `value`, base64 of a form; none of what is no base64, which only a program sends."""
    try:
        return base64.b64decode(value or b"")
    except (TypeError, ValueError):
        return b""
