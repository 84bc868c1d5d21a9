"""The planner's own file of places: read and located as an import would, but stored nowhere."""

import tempfile
from datetime import datetime
from pathlib import Path

import pandas as pd

from layers.catalog import Catalog, LayerSpec
from layers.geopackage import GeoPackageStore
from layers.hours import SEOUL
from layers.importing import ImportOptions, import_files
from layers.tables import Batch, ImportRecord


def read_candidates(path: Path, layer: LayerSpec, dong: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """Return the rows of a file as facilities of a layer, in the shape of ``layers.tables``.

    Encodings, columns, coordinates and duplicates are dealt with as by ``ansim import --layer``.

    Raises
    ------
    AnsimError
        As an import of the file.
    """
    with tempfile.TemporaryDirectory(prefix="ansim-") as folder:
        scratch = GeoPackageStore(Path(folder) / "scratch.gpkg")
        record = ImportRecord("", "", "dong", "dong", "", "", "", "", len(dong), len(dong), 0, 0)
        with scratch.write() as writer:
            writer.put(Batch("dong", "dong", None, dong), record)
        import_files([path], scratch, catalog, ImportOptions(layer=layer.id), now=datetime.now(SEOUL))
        rows = scratch.read(layer.id)
    return rows[rows["geometry"].notna()].reset_index(drop=True)
