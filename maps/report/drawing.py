"""Maps as SVG for paper, sharp at any size. Metres of EPSG:5179 inside, millimetres on the page."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from markupsafe import Markup

from geo.model import Floats, Geometries

Svg = Markup
Box = tuple[float, float, float, float]


@dataclass
class Frame:
    """A window of ground on paper.

    ``bounds``: west, south, east, north in metres; ``width_mm``: of the picture on the page; the height follows.
    ``taken``: boxes of what must not be written over, millimetres.
    """

    bounds: Box
    width_mm: float
    taken: list[Box] = field(default_factory=list)

    @property
    def metres_a_mm(self) -> float:
        """Metres of ground a millimetre of paper."""
        return (self.bounds[2] - self.bounds[0]) / self.width_mm

    @property
    def height_mm(self) -> float:
        """Height of the picture on the page."""
        return (self.bounds[3] - self.bounds[1]) / self.metres_a_mm

    def mm(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point (EPSG:5179, x, y) lies, millimetres from the upper left."""
        return (x - self.bounds[0]) / self.metres_a_mm, (self.bounds[3] - y) / self.metres_a_mm

    def path(self, geometries: Geometries | Sequence[Any]) -> str:
        """Return SVG path data of polygons and lines, in hundredths of a millimetre on paper."""
        parts, _ = shapely.get_parts(np.asarray(geometries, object), return_index=True)
        parts = shapely.get_parts(parts)
        rings = shapely.get_rings(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
        return "".join(self._line(shapely.get_coordinates(ring)[:-1]) + "Z" for ring in rings)

    def _line(self, xy: Floats) -> str:
        x, y = (xy[:, 0] - self.bounds[0]) / self.metres_a_mm, (self.bounds[3] - xy[:, 1]) / self.metres_a_mm
        return "M" + "L".join(f"{a:.2f} {b:.2f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))

    def squares(self, x: Floats, y: Floats, side_m: float) -> str:
        """Return path data of squares round their centres."""
        side = side_m / self.metres_a_mm
        left = (x - side_m / 2 - self.bounds[0]) / self.metres_a_mm
        top = (self.bounds[3] - y - side_m / 2) / self.metres_a_mm
        return "".join(
            f"M{a:.2f} {b:.2f}h{side:.2f}v{side:.2f}h-{side:.2f}Z"
            for a, b in zip(left.tolist(), top.tolist(), strict=True)
        )

    def room(self, x: float, y: float, width: float, height: float, *, must: bool) -> tuple[float, float] | None:
        """Find room for a box of letters at (x, y) mm or near it, and take it; None where there is none.

        ``must``: it may step further aside, as far as a map is wide.
        """
        tries = [(0.0, 0.0)] + [
            (radius * np.cos(angle), radius * np.sin(angle))
            for radius in (3.0, 4.5, 6.5, *(np.arange(9.0, self.width_mm, 2.5) if must else ()))
            for angle in np.linspace(-np.pi / 2, 3 * np.pi / 2, max(12, int(radius * 2)), endpoint=False)
        ]
        for dx, dy in tries:
            box = (x + dx - width / 2, y + dy - height / 2, x + dx + width / 2, y + dy + height / 2)
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= self.width_mm and box[3] <= self.height_mm
            if inside and not any(_meet(box, other) for other in self.taken):
                self.taken.append(box)
                return x + dx, y + dy
        return None


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


def short(text: str, most: int = 14) -> str:
    """Return a text that takes no more letters than there is room for."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def letters_mm(text: str, size_mm: float) -> float:
    """Return about how wide a text is: a Korean letter is as wide as high, others a little over half."""
    return size_mm * sum(0.96 if ord(letter) > 0x2E7F else 0.58 for letter in text)


def shape(data: str, look: str) -> Markup:
    """Return a path; ``look`` is the class of ``assets/report.css``."""
    return Svg('<path class="{}" d="{}" fill-rule="evenodd"/>').format(look, data) if data else Svg("")


def filled(data: str, colour: str) -> Markup:
    """Return a path filled with a colour."""
    return Svg('<path d="{}" fill="{}"/>').format(data, colour) if data else Svg("")


def words(x: float, y: float, text: str, look: str) -> Markup:
    """Return a text whose middle is at (x, y) mm."""
    return Svg('<text class="{}" x="{:.2f}" y="{:.2f}">{}</text>').format(look, x, y, text)


def badge(x: float, y: float, text: str, look: str) -> Markup:
    """Return a number in a box (``gap``) or a circle (``site``), its middle at (x, y) mm."""
    half = max(letters_mm(text, 2.4) / 2 + 0.7, 1.9)
    body = (
        Svg('<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="3.4" rx="0.5"/>').format(x - half, y - 1.7, 2 * half)
        if look == "gap"
        else Svg('<circle cx="{:.2f}" cy="{:.2f}" r="{:.2f}"/>').format(x, y, max(half, 2.0))
    )
    return Svg('<g class="badge {}">{}{}</g>').format(look, body, words(x, y + 0.9, text, "badge-text"))


def dot(x: float, y: float, look: str) -> Markup:
    """Return where a number belongs that stands elsewhere, or nowhere."""
    return Svg('<circle class="dot {}" cx="{:.2f}" cy="{:.2f}" r="0.6"/>').format(look, x, y)


# The same shape in another dress, told apart without colour: filled, hollow, hollow with a dot, half.
DRESSES = 3
_MARKERS = {
    "circle": '<circle class="{k}" cx="{x}" cy="{y}" r="{r}" fill="{c}"/>',
    "square": '<path class="{k}" d="M{x} {y}m-{r} -{r}h{d}v{d}h-{d}Z" fill="{c}"/>',
    "triangle": '<path class="{k}" d="M{x} {y}m0 -{r}l{r} {d}h-{d}Z" fill="{c}"/>',
    "diamond": '<path class="{k}" d="M{x} {y}m0 -{r}l{r} {r}l-{r} {r}l-{r} -{r}Z" fill="{c}"/>',
}


def marker(x: float, y: float, kind: str, colour: str, radius_mm: float, dress: int = 0) -> Markup:
    """Return a layer's marker at (x, y) mm. ``dress``: filled 0, hollow 1, hollow with a dot 2."""
    if dress:
        hollow = marker(x, y, kind, "#ffffff", radius_mm)
        dotted = Svg('<circle cx="{:.2f}" cy="{:.2f}" r="{:.2f}"/>').format(x, y + radius_mm * 0.2, radius_mm * 0.28)
        return hollow + (dotted if dress > 1 else "")
    numbers = {
        "x": f"{x:.2f}",
        "y": f"{y:.2f}",
        "r": f"{radius_mm:.2f}",
        "d": f"{2 * radius_mm:.2f}",
        "c": colour,
        "k": "mark",
    }
    return Svg(_MARKERS.get(kind, _MARKERS["circle"])).format(**numbers)


def scale_bar(frame: Frame) -> Markup:
    """Return a bar of a round length, lower left."""
    wanted = frame.metres_a_mm * frame.width_mm / 4
    step = 10 ** np.floor(np.log10(wanted))
    metres = float(next(k * step for k in (5, 2, 1) if k * step <= wanted))
    length, y = metres / frame.metres_a_mm, frame.height_mm - 2.0
    said = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    line = Svg('<path class="scale" d="M2 {:.2f}v1.2h{:.2f}v-1.2"/>').format(y - 1.2, length)
    under = Svg('<rect class="under" x="0.8" y="{:.2f}" width="{:.2f}" height="5.4"/>').format(y - 4, length + 2.4)
    return under + line + words(2 + length / 2, y - 1.0, said, "small")


def picture(frame: Frame, body: Markup, title: str) -> Markup:
    """Return the whole SVG, as wide on paper as the frame says; ``title`` is what a screen reader says."""
    return Svg(
        '<svg class="picture" viewBox="0 0 {0:.2f} {1:.2f}" style="width:{0:.2f}mm" role="img">'
        '<title>{2}</title><clipPath id="{3}"><rect width="{0:.2f}" height="{1:.2f}"/></clipPath>'
        '<g clip-path="url(#{3})">{4}</g></svg>'
    ).format(frame.width_mm, frame.height_mm, title, f"clip{zlib.crc32(repr((frame.bounds, title)).encode())}", body)
