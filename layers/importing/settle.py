"""Which layer or table each file of a command is for: by its header, by a reported guess, or by ``--layer``."""

from collections.abc import Sequence
from dataclasses import dataclass

from layers.catalog import Catalog
from layers.importing.errors import (
    LayerContradictedError,
    LayerNeededError,
    UnknownFormError,
)
from layers.importing.faults import Faults
from layers.importing.files import Source
from layers.importing.forms import Form, nearest_form
from layers.importing.identity import edition_name
from layers.importing.options import TABLE_LAYERS, ImportOptions
from layers.importing.raw import Raw
from layers.importing.secrecy import check_secrecy
from layers.importing.suggest import suggested_layer


@dataclass(frozen=True, eq=False)
class Reading:
    """A file as read, with its form if it has a known one."""

    source: Source
    raw: Raw
    form: Form | None
    forms: Sequence[Form]  # all there are, for saying which one it is like


@dataclass(frozen=True, eq=False)
class Settled:
    """What a file is for: a layer or area id or a table (``target``), the table of its rows, its dataset.

    ``own``: a file of no known form, whose dataset is its own (:func:`layers.importing.identity.edition_name`).
    """

    reading: Reading
    target: str
    table: str
    dataset: str
    note: str = ""
    own: bool = False


def settle(readings: Sequence[Reading], catalog: Catalog, options: ImportOptions, faults: Faults) -> list[Settled]:
    """Say what each file is for, in the order given. What is wrong with a file is taken by ``faults``.

    ``--layer`` is for the files whose header settles nothing; where there is none such, for those whose layer is
    only guessed.

    Raises
    ------
    LayerContradictedError
        Every header settles its layer and none is the one of ``--layer``.
    LayerNeededError, UnknownFormError
        A file is not settled and there is no ``--layer``.
    SecretAddressError
        See :func:`layers.importing.secrecy.check_secrecy`.
    """
    open_files = [r for r in readings if not _settles(r.form)]
    guesses = [r for r in readings if r.form is not None and r.form.id_form]
    layer_for = open_files or (guesses if options.layer else [])
    settled = []
    for reading in readings:
        own = options.of(reading.raw.file)
        by_option = reading in layer_for or (own is not options and own.layer is not None and reading in guesses)
        with faults.of(reading.source.name, reading.raw):
            one = _one(reading, catalog, own, by_option=by_option)
            if own is not options and own.layer not in {None, one.target}:
                raise _contradicted(one, own.layer)
            settled.append(one)
    if settled and options.layer and not layer_for and all(s.target != options.layer for s in settled):
        raise _contradicted(settled[0], options.layer)
    for one in settled:
        with faults.of(one.reading.source.name, one.reading.raw):
            check_secrecy(one.reading.raw, one.target, catalog, options.of(one.reading.raw.file))
    return [one for one in settled if one.reading.source.name not in faults.files]


def _contradicted(one: Settled, layer: str | None) -> LayerContradictedError:
    return LayerContradictedError(
        f"--layer {layer}: {one.reading.raw.file}은(는) 첫 줄로 보아 {one.target} 자료입니다", "--layer를 빼십시오"
    )


def _settles(form: Form | None) -> bool:
    return form is not None and bool(form.layer or form.table)


def _one(reading: Reading, catalog: Catalog, options: ImportOptions, *, by_option: bool) -> Settled:
    form = reading.form
    if by_option:
        if options.layer is None:
            raise _needs_layer(reading, catalog)
        table = _table_of(options.layer, catalog)
        if form is not None:
            return Settled(reading, options.layer, table, form.id)
        name = edition_name(reading.raw.file)
        note = f"own_dataset: '{name}' 자료로 저장합니다. 날짜만 다른 이름의 파일은 이것을 바꾸고, 다른 이름은 더합니다"
        dataset = f"own_{options.layer}/{name}" if name else f"own_{options.layer}"
        return Settled(reading, options.layer, table, dataset, note if name else "", own=True)
    if form is None:
        raise _needs_layer(reading, catalog)
    note = ""
    if form.id_form:
        note = (
            f"guessed_layer: 관리번호의 꼴로 보아 {catalog.layers[form.layer].name}({form.layer})로 짐작했습니다. "
            "아니면 --layer를 주십시오"
        )
    return Settled(reading, form.layer or form.table, form.table or "facility", form.id, note)


def _table_of(layer: str, catalog: Catalog) -> str:
    if layer in TABLE_LAYERS:
        return layer
    return "area" if layer in catalog.areas else "facility"


def _needs_layer(reading: Reading, catalog: Catalog) -> UnknownFormError:
    file, columns = reading.raw.file, ", ".join(reading.raw.header[:12])
    layers = ", ".join(catalog.layers)
    named = suggested_layer(file, catalog)
    hint = f"--layer를 주십시오 ({layers})"
    if named:
        hint = f"파일 이름으로 보아 --layer {named} 같습니다. 맞는 층을 주십시오 ({layers})"
    if reading.form is not None:
        return LayerNeededError(f"{file}: {reading.form.title} 꼴이지만 어떤 층인지 파일에 없습니다", hint)
    near = nearest_form(reading.raw, reading.forms)
    like = f"; {near[0].title}과 비슷하나 {', '.join(near[1][:3])} 열이 없습니다" if near and near[1] else ""
    return UnknownFormError(f"{file}: 모르는 양식입니다 (열: {columns}{like})", hint)
