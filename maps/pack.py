"""Numbers, points, polygons and text made small enough to sit inside one HTML file.

The reading side is ``assets/unpack.js``; ``tests/maps/test_pack.py`` holds the two together in a browser.

Numbers are zigzag LEB128 varints (seven bits a byte, least significant first, high bit: more follows;
the coding of Protocol Buffers' ``sint64``) in base64. Places are WGS84 in steps of 1e-6 degree (about
0.1 m), each the difference from the one before. Text columns are constant, listed, or front coded, and the
long ones deflated (RFC 1951), to be inflated when a popup first asks for them.
"""

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import Floats, to_lonlat
from geo.model import Geometries, Ints

STEPS_PER_DEGREE = 1_000_000
_LONG = 400  # letters of a text column from which deflating it pays
Packed = dict[str, Any]


def pack_integers(values: Ints) -> str:
    """Return int64 (n,) as base64 of zigzag varints; '' where n is 0."""
    signed = np.asarray(values, np.int64)
    zigzag = ((signed << 1) ^ (signed >> 63)).view(np.uint64)
    septets = np.ones(len(zigzag), np.int64)
    for bits in range(7, 64, 7):
        septets += zigzag >= np.uint64(1 << bits)
    ends = np.cumsum(septets)
    packed = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    for place in range(int(septets.max(initial=0))):
        has = septets > place
        septet = (zigzag[has] >> np.uint64(7 * place)).astype(np.uint8) & 0x7F
        septet[septets[has] > place + 1] |= 0x80
        packed[(ends - septets)[has] + place] = septet
    return base64.b64encode(packed.tobytes()).decode("ascii")


def steps(x: Floats, y: Floats) -> NDArray[np.int64]:
    """Return points (EPSG:5179 metres, x, y; float64 (n,)) as int64 (n, 2): lon, lat in 1e-6 degree."""
    lon, lat = to_lonlat(x, y)
    return np.rint(np.column_stack([lon, lat]) * STEPS_PER_DEGREE).astype(np.int64).reshape(-1, 2)


def pack_places(places: NDArray[np.int64]) -> str:
    """Return int64 (n, 2) lon, lat steps as differences, lon and lat in turn."""
    return pack_integers(np.diff(places, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel())


def near_order(places: NDArray[np.int64]) -> Ints:
    """Return an order of the places, int64 (n,), in which neighbours in space are neighbours in the list.

    The order is along Morton's curve (Morton 1966), on about 10 m; ties stay in the order given. Small
    differences and shared beginnings of addresses pack tighter.
    """
    if len(places) == 0:
        return np.zeros(0, np.int64)
    square = (places - places.min(axis=0)) // 100
    return np.argsort(_spread_bits(square[:, 0]) | _spread_bits(square[:, 1]) << 1, kind="stable")


def _spread_bits(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Put a zero between the bits of values of up to 31 bits."""
    spread = values & 0x7FFFFFFF
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        spread = (spread | spread << shift) & mask
    return spread


def pack_polygons(geometries: Geometries) -> Packed:
    """Return polygons as rings: how many rings each has, how many places each ring, and the places.

    Parameters
    ----------
    geometries
        Object array (n,), EPSG:5179 metres: polygons, multipolygons, collections holding them, or None.
        What is no polygon is left out, so that an entry may have no rings. Holes are rings like the
        others: they are drawn by the even-odd rule. The closing place of a ring is not repeated.
    """
    polygons, owner = shapely.get_parts(np.asarray(geometries, object), return_index=True)
    # A second time: a collection's parts may be multipolygons.
    polygons, inner = shapely.get_parts(polygons, return_index=True)
    owner = owner[inner]
    is_polygon = shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON
    rings, of_polygon = shapely.get_rings(polygons[is_polygon], return_index=True)
    coordinates, of_ring = shapely.get_coordinates(rings, return_index=True)
    last = np.append(of_ring[1:] != of_ring[:-1], True) if len(of_ring) else np.zeros(0, bool)
    coordinates, of_ring = coordinates[~last], of_ring[~last]
    return {
        "rings": pack_integers(np.bincount(owner[is_polygon][of_polygon], minlength=len(geometries))),
        "sizes": pack_integers(np.bincount(of_ring, minlength=len(rings))),
        "places": pack_places(steps(coordinates[:, 0], coordinates[:, 1])),
    }


def pack_texts(texts: Sequence[str]) -> Packed:
    """Return a column of texts in the smallest of three forms, in the same order; a long one deflated.

    ``{"all": text}`` where all are the same; ``{"list": [...], "pick": integers}`` where few differ;
    else ``{"shared": integers, "rest": [...]}``: each begins with the first ``shared`` characters
    (Unicode code points) of the one before. ``{"deflated": base64}`` is the JSON of one of these in UTF-8, through
    raw DEFLATE (a lone surrogate, which UTF-8 cannot hold, is a question mark).
    """
    plain = _plain_texts(texts)
    said = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    if len(said) < _LONG:
        return plain
    return {"deflated": base64.b64encode(_deflated(said.encode("utf-8", "replace"))).decode("ascii")}


def unpack_form(packed: Packed) -> Packed:
    """Return the form that a column of texts has beneath its deflation: what an audit of a file has to look at."""
    if "deflated" not in packed:
        return packed
    form: Packed = json.loads(zlib.decompress(base64.b64decode(packed["deflated"]), -zlib.MAX_WBITS))
    return form


def _deflated(data: bytes) -> bytes:
    maker = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return maker.compress(data) + maker.flush()


def _plain_texts(texts: Sequence[str]) -> Packed:
    distinct = list(dict.fromkeys(texts))
    if len(distinct) <= 1:
        return {"all": distinct[0] if distinct else ""}
    if len(distinct) <= max(len(texts) // 4, 1):
        number = {text: i for i, text in enumerate(distinct)}
        return {"list": distinct, "pick": pack_integers(np.array([number[text] for text in texts]))}
    shared = _shared_with_previous(texts)
    rest = [text[count:] for text, count in zip(texts, shared.tolist(), strict=True)]
    return {"shared": pack_integers(shared), "rest": rest}


def _shared_with_previous(texts: Sequence[str]) -> Ints:
    """Return how many first characters each text shares with the one before it, int64 (n,)."""
    lengths = np.array([len(text) for text in texts])
    width = int(min(lengths.max(initial=0), 64))
    if width == 0:
        return np.zeros(len(texts), np.int64)
    letters = np.array([text[:width] for text in texts], dtype=f"U{width}").view(np.uint32).reshape(len(texts), width)
    differs = letters[1:] != letters[:-1]
    first = np.where(differs.any(axis=1), differs.argmax(axis=1), width)
    # numpy pads with NUL: the padding is not part of either text.
    first = np.minimum(first, np.minimum(lengths[1:], lengths[:-1]))
    return np.concatenate([[0], first]).astype(np.int64)
