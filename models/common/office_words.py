"""How many offices are named in a few words."""

# So many are named; the others are counted.
_MOST_NAMED = 3


def office_words(env, names):
    """Return the first of the `names` of offices, and how many more there are."""
    words, others = ", ".join(names[:_MOST_NAMED]), len(names) - _MOST_NAMED
    if others > 0:
        return env._("%(names)s and %(count)s more offices", names=words, count=others)
    return words
