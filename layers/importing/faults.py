"""What is wrong with single files: raised at once, or gathered so that the others go on."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from layers.importing.errors import ImportingError
from layers.importing.raw import Raw

_SAMPLE = 3


@dataclass(frozen=True)
class Fault:
    """Why one file (its name as reports have it) cannot be imported.

    ``header`` and ``sample``: its columns and first rows, as text, where it was read so far.
    """

    file: str
    error: ImportingError
    header: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()


class Faults:
    """Takes the faults of files.

    Parameters
    ----------
    found
        Where they are gathered, the oldest first; None: the first one is raised.
    """

    def __init__(self, found: list[Fault] | None = None) -> None:
        self._found = found
        if found is not None:
            found.clear()  # of an earlier try
        self._files: set[str] = set()

    @property
    def gathers(self) -> bool:
        """Faults are gathered, not raised."""
        return self._found is not None

    @property
    def files(self) -> Collection[str]:
        """The names of the sources that were left out."""
        return self._files

    def take(self, source: str, error: ImportingError, raw: Raw | None = None) -> None:
        """Gather what is wrong with a source, or raise it."""
        if self._found is None:
            raise error
        if source in self._files:  # a file of several layers: once is enough
            return
        self._files.add(source)
        sample = () if raw is None else tuple(
            tuple(column[i].as_py() for column in raw.columns) for i in range(min(_SAMPLE, len(raw)))
        )  # fmt: skip
        name, header = (source, ()) if raw is None else (raw.file, raw.header)
        self._found.append(Fault(name, error, header, sample))

    @contextmanager
    def of(self, source: str, raw: Raw | None = None) -> Iterator[None]:
        """Do something with a source; what is wrong with it is taken."""
        try:
            yield
        except ImportingError as error:
            self.take(source, error, raw)
