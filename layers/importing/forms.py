"""The forms of the catalog, and recognising which one a file has: by its header, never by its name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from layers.catalog import Catalog, FormSpec
from layers.importing.raw import Raw
from layers.importing.text import filled, plain

_GUESS_SHARE = 0.95  # of the ids must look like the form's before a generic header is taken for it


@dataclass(frozen=True)
class Form:
    """A ``[[form]]`` of the catalog. Header names are plain (:func:`layers.importing.text.plain`).

    Attributes
    ----------
    id
        The dataset: several forms of one dataset (a file and its API) share it.
    layer
        Layer id the header settles, '' where it settles a table, or nothing (``--layer`` then says).
    table
        Key of :data:`layers.tables.TABLES`, '' for facilities.
    header
        Each entry the names one needed column may have.
    optional, any_more
        Names that may be there as well; whether any others may.
    columns
        Role to the names its column may have.
    dead
        Column to the texts that make a row dead: equal, or part of the cell where longer than one letter.
    geometry
        ``polygon`` where the file must hold polygons, '' where it does not matter.
    kind
        Of an ``address_point``: shop or entrance; of an ``area``: its id, where no column says it.
    id_form
        Pattern the ids must have: the header alone is too generic to claim, so the form is a guess.
    layer_column, layer_of
        Plain name of the column that says of which layer a row is, and its texts: of a file of several layers.
        Rows with any other text are of ``layer``.
    unused
        Why nothing is imported of such a file, '' for all others.
    """

    id: str
    title: str
    layer: str = ""
    table: str = ""
    header: tuple[frozenset[str], ...] = ()
    optional: frozenset[str] = frozenset()
    any_more: bool = False
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dead: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    crs: str = ""
    geometry: str = ""
    id_form: str = ""
    layer_column: str = ""
    layer_of: Mapping[str, str] = field(default_factory=dict)
    unused: str = ""
    kind: str = ""
    open_24h: bool = False

    def fits(self, names: frozenset[str]) -> bool:
        """Say whether plain column names are this form's header."""
        if not self.header or not all(alternatives & names for alternatives in self.header):
            return False
        if self.any_more:
            return True
        return names <= frozenset().union(*self.header) | self.optional

    def lacks(self, names: frozenset[str]) -> list[str]:
        """Return the needed names that are not there."""
        return [min(alternatives) for alternatives in self.header if not alternatives & names]


def load_forms(catalog: Catalog) -> tuple[Form, ...]:
    """Return the catalog's forms in its order."""
    return tuple(map(_form, catalog.forms))


def is_known_header(cells: Sequence[str], forms: Iterable[Form]) -> bool:
    """Say whether cells, as read, are the header of one of the forms."""
    names = frozenset(filter(None, map(plain, cells)))
    return any(form.fits(names) for form in forms)


def recognise(raw: Raw, forms: Sequence[Form], area_names: frozenset[str]) -> Form | None:
    """Return the form of a file, None where there is none.

    Parameters
    ----------
    raw
        The file.
    forms
        In catalog order. Of those that fit, one that allows no further columns comes before one that does, then
        one with more needed columns, then the earlier.
    area_names
        Plain names and ids of the catalog's areas: a form of areas fits only where its kind column holds one.
    """
    names = frozenset(map(plain, raw.header))
    fitting = [form for form in forms if form.fits(names) and _content_fits(raw, form, area_names)]
    return min(fitting, key=lambda form: (form.any_more, -len(form.header)), default=None)


def nearest_form(raw: Raw, forms: Sequence[Form]) -> tuple[Form, list[str]] | None:
    """Return the form whose header is most like the file's with what is missing, None where none is half alike."""
    names = frozenset(map(plain, raw.header))

    def share(form: Form) -> float:
        return 1 - len(form.lacks(names)) / len(form.header) if form.header else 0.0

    best = max(forms, key=share, default=None)
    return (best, best.lacks(names)) if best is not None and share(best) >= 0.5 else None


def _content_fits(raw: Raw, form: Form, area_names: frozenset[str]) -> bool:
    if form.geometry == "polygon":
        if raw.geometry is None:
            return False
        kinds = {g.geom_type for g in raw.geometry if g is not None}
        if not kinds or not kinds <= {"Polygon", "MultiPolygon", "GeometryCollection"}:
            return False
    if form.table == "area" and not form.kind:
        cells = _cells(raw, form.columns.get("kind", ()))
        return any(plain(cell) in area_names for cell in cells)
    if form.id_form:
        ids = [cell for cell in _cells(raw, form.columns["source_id"]) if cell]
        pattern = re.compile(form.id_form)
        return bool(ids) and sum(pattern.search(cell) is not None for cell in ids) >= _GUESS_SHARE * len(ids)
    return True


def _cells(raw: Raw, names: Sequence[str]) -> list[str]:
    index = next((i for i in map(raw.find, names) if i is not None), None)
    if index is None:
        return []
    column = raw.columns[index]
    return list(column.filter(filled(column)).unique().to_pylist())


def _form(spec: FormSpec) -> Form:
    columns: dict[str, tuple[str, ...]] = {str(role): names for role, names in spec.columns.items()}
    header = tuple(frozenset(map(plain, entry.split("|"))) for entry in spec.header)
    column, texts = next(iter(spec.layers.items()), ("", {}))
    return Form(
        id=spec.id,
        title=spec.title or spec.id,
        layer=spec.layer,
        table=spec.table,
        header=header or tuple(frozenset(map(plain, names)) for names in columns.values()),
        optional=frozenset(map(plain, spec.optional)),
        any_more=not header if spec.open is None else spec.open,
        columns=columns,
        dead=spec.dead,
        crs=spec.crs,
        geometry=spec.geometry,
        id_form=spec.id_form,
        layer_column=plain(column),
        layer_of={plain(text): layer for text, layer in texts.items()},
        unused=spec.unused,
        kind=spec.kind,
        open_24h=spec.open_24h,
    )
