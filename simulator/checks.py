"""Checks of what is handed to the simulator, so that nonsense is said at once and to whom it came from."""


def check_texts(**values: object) -> None:
    """Raise ValueError for a value that is no text."""
    for name, value in values.items():
        if not isinstance(value, str):
            raise ValueError(f"{name} is a text, not {value!r}")


def check_counts(most: int, **values: object) -> None:
    """Raise ValueError for a value that is not a whole number from 0 to `most`."""
    for name, value in values.items():
        if type(value) is not int or not 0 <= value <= most:
            raise ValueError(f"{name} is a whole number from 0 to {most}, not {value!r}")
