"""Every header set of the open data, verbatim: recognised by its header alone, whatever the file is called."""

import csv
import io
from pathlib import Path

import pytest

from layers.catalog import load_catalog
from layers.importing.forms import is_known_header, load_forms, recognise
from layers.importing.read_text import read_text
from layers.importing.synonyms import plain_areas

# name, dataset, layer or table, and the header as published
LINES = (Path(__file__).parent / "header_sets.tsv").read_text(encoding="utf-8").splitlines()[1:]
HEADERS = {line.split("\t")[0]: tuple(line.split("\t")[1:]) for line in LINES}
CATALOG = load_catalog()
FORMS = load_forms(CATALOG)
AREAS = frozenset(plain_areas({area.id: area.name for area in CATALOG.areas.values()}))
# The cells a form looks at beside its header: an id's own look, since that header alone is too generic.
CELLS = {"관리번호": "강_47_2-103", "gid": "다사468423"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949"])
@pytest.mark.parametrize("name", HEADERS)
def test_every_header_set_is_recognised(name, encoding):
    dataset, target, header = HEADERS[name]
    columns = next(csv.reader([header]))
    row = [CELLS.get(column, "관악구 신림동 1") for column in columns]
    text = io.StringIO()
    csv.writer(text).writerow(row)
    content = f"{header}\n{text.getvalue()}".encode(encoding)
    raw = read_text(content, "아무 이름.csv", lambda cells: is_known_header(cells, FORMS))
    form = recognise(raw, FORMS, AREAS)
    assert form is not None
    assert (form.id, form.layer or form.table) == (dataset, target)
    # Every column that a role is read from is there under its own name: none is lost to a misspelling.
    for role, names in form.columns.items():
        assert any(raw.find(own) is not None for own in names) or role in {"name", "district", "data_date"}, role


@pytest.mark.parametrize("name", [name for name in HEADERS if "API" not in name])
def test_the_columns_may_stand_in_any_order_and_under_a_title(name):
    dataset, _, header = HEADERS[name]
    columns = next(csv.reader([header]))[::-1]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["공개용 자료"])
    writer.writerow(columns)
    writer.writerow([CELLS.get(column, "관악구 신림동 1") for column in columns])
    raw = read_text(text.getvalue().encode(), "표.csv", lambda cells: is_known_header(cells, FORMS))
    form = recognise(raw, FORMS, AREAS)
    assert form is not None
    assert form.id == dataset
