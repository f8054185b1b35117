"""What helps where nobody tries again by itself; each once."""


def again(env):
    """Return what to do about what passes, mostly."""
    return env._("Try again later; if it stays so, tell your administrator.")


def again_in_a_moment(env):
    """Return what to do about what passes soon."""
    return env._("Please try again in a moment.")


def again_or_ask(env):
    """Return what to do about a file that may come late."""
    return env._("Try again later, or ask the applicant for the paper.")


def again_or_tell_them(env):
    """Return what to do about what the other side can mend."""
    return env._("Try again later; if it stays so, your administrator can tell that side.")
