"""Every compiled kernel made ready ahead, for an image: ``python -m api.ready``. They go into the user's cache."""

import tempfile
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path

from api.near_build import build
from api.near_data import NearData
from geo.coverage import warm as warm_cover
from geo.siting.ready import warm as warm_siting
from layers.catalog import load_catalog
from layers.hours import SEOUL
from layers.importing import ImportOptions, import_files
from layers.store import open_store


def main() -> None:
    """Compile what covers, chooses sites and answers phones: on the sample, in a folder that is thrown away."""
    warm_cover()
    warm_siting()
    catalog = load_catalog()
    with (
        tempfile.TemporaryDirectory(prefix="ansim-", ignore_cleanup_errors=True) as name,
        as_file(files("data").joinpath("sample")) as sample,
    ):
        folder = Path(name)
        store = open_store(str(folder / "s.gpkg"), catalog)
        import_files([sample], store, catalog, ImportOptions(made_up=True), now=datetime.now(SEOUL))
        near = build(str(folder / "s.gpkg"), (), catalog.method.stale_months, folder, "", tell=lambda _done, _of: None)
        NearData(folder / near).warm()


if __name__ == "__main__":
    main()
