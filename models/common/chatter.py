from markupsafe import Markup


def bullet_list(title, lines):
    """Return `title` above `lines` as markup; whatever they hold stays text."""
    items = Markup().join(Markup("<li>%s</li>") % line for line in lines)
    return Markup("<p>%s</p><ul>%s</ul>") % (title, items)
