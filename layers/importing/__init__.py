"""Open-data files into the store: read, recognise, clean, locate, report, store. See ``docs/importing.md``."""

from layers.importing.options import ImportOptions
from layers.importing.report import FileReport, write_all_rejected, write_rejected, write_report
from layers.importing.run import import_files

__all__ = ["FileReport", "ImportOptions", "import_files", "write_all_rejected", "write_rejected", "write_report"]
