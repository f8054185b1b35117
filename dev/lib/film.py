"""Pictures out of a browser: still ones, and one that moves, with the pointer that a browser without a window lacks."""

import io

from PIL import Image, ImageDraw

from .console import Failure, say

_MOST_STILL, _MOST_MOVING = 150_000, 2_000_000  # bytes
_SIZE = (1200, 675)
_ARROW = ((0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (12, 12))


def save_still(path, *screenshots):
    """Save screenshots, one beside the other, as a small PNG."""
    images = [_image(each) for each in screenshots]
    gap = 12 if len(images) > 1 else 0
    width = sum(image.width + gap for image in images) - gap
    sheet = Image.new("RGB", (width, max(image.height for image in images)), "#d8d8d8")
    x = 0
    for image in images:
        sheet.paste(image, (x, 0))
        x += image.width + gap
    sheet.quantize(200, dither=Image.Dither.NONE).save(path, optimize=True)
    _check_size(path, _MOST_STILL)


class Film:
    """What somebody does on a page, click by click."""

    def __init__(self, page):
        self.page, self._frames, self._pointer = page, [], (700, 420)

    def show(self, milliseconds):
        """Show the page as it is for so long."""
        self._add(self._screen(), milliseconds)

    def click(self, selector, words="", then=900):
        """Move the pointer, press, and show what comes of it for ``then`` milliseconds."""
        goal = self.page.place(selector, words)
        self._glide(goal)
        self.page.click(selector, words)
        self.show(then)

    def scan(self, text):
        """Type ``text`` at once, as a scanner does, with the Enter at its end."""
        self.page.type(text)
        self.show(500)
        self.page.press_enter()
        self.show(1200)

    def save(self, path):
        """Save it as an animated WebP."""
        images = [image for image, _milliseconds in self._frames]
        times = [milliseconds for _image, milliseconds in self._frames]
        images[0].save(path, save_all=True, append_images=images[1:], duration=times, loop=0, quality=80, method=4)
        _check_size(path, _MOST_MOVING)
        say(f"  {sum(times) / 1000:.0f} s, {len(images)} frames")

    def _screen(self):
        return _image(self.page.screenshot())

    def _glide(self, goal):
        (x, y), screen = self._pointer, self._screen()
        for part in (0.35, 0.7, 0.9, 1):
            self._pointer = (x + (goal[0] - x) * part, y + (goal[1] - y) * part)
            self._add(screen.copy(), 60)
        self._frames[-1] = (self._frames[-1][0], 350)

    def _add(self, screen, milliseconds):
        x, y = self._pointer
        arrow = [(x + 1.4 * right, y + 1.4 * down) for right, down in _ARROW]
        ImageDraw.Draw(screen).polygon(arrow, fill="black", outline="white")
        self._frames.append((screen.resize(_SIZE, Image.Resampling.LANCZOS), milliseconds))


def _image(screenshot):
    return Image.open(io.BytesIO(screenshot)).convert("RGB")


def _check_size(path, most):
    size = path.stat().st_size
    if size > most:
        raise Failure(f"{path.name} has {size:,} bytes, more than {most:,}: show less on it.")
    say(f"✓ {path.name} ({size:,} bytes)")
