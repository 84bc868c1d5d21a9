"""What can be wrong with a file or with what was asked of it. One named error each; the texts say what to do."""

from geo.errors import AnsimError


class ImportingError(AnsimError):
    """Root of the errors of importing."""

    code = "importing"


class BadOptionError(ImportingError):
    """An option of the import names something there is not."""

    code = "bad_option"


class UnreadableFileError(ImportingError):
    """The file is missing, empty, or not of the container its name or content says."""

    code = "unreadable_file"


class UnsafeFileError(ImportingError):
    """The file is too large, an archive that would fill the disk, or one that reaches outside itself."""

    code = "unsafe_file"


class PortalError(ImportingError):
    """The file is a portal's answer that holds no data but says why."""

    code = "portal_error"


class BadEncodingError(ImportingError):
    """The text cannot be decoded, or was already broken (mojibake) when it was saved."""

    code = "bad_encoding"


class UnknownFormError(ImportingError):
    """The header is of no known form and nothing says what the file is."""

    code = "unknown_form"


class LayerNeededError(UnknownFormError):
    """The columns are understood, but only ``--layer`` can say which layer they are of."""

    code = "layer_needed"


class LayerContradictedError(ImportingError):
    """``--layer`` names another layer than the headers of all the files do."""

    code = "layer_contradicted"


class ColumnNeededError(ImportingError):
    """A column that the layer cannot do without is not found."""

    code = "column_needed"


class CrsNeededError(ImportingError):
    """Projected coordinates without a word of their system."""

    code = "crs_needed"


class BoundariesOverlapError(ImportingError):
    """New boundaries lie over a part of a stored district that they do not replace."""

    code = "boundaries_overlap"


class OrphanedRowsError(ImportingError):
    """New boundaries lack dong of which rows are stored."""

    code = "orphaned_rows"


class MeasureNeededError(ImportingError):
    """A statistics grid that does not say what it counts."""

    code = "measure_needed"


class BoundariesNeededError(ImportingError):
    """Nothing can be located before the boundaries are loaded."""

    code = "boundaries_needed"


class SameDataTwiceError(ImportingError):
    """Two files of one command hold the same dataset of the same district, and neither is newer.

    ``file``: the one of them that came later.
    """

    code = "same_data_twice"

    def __init__(self, message: str, hint: str = "", *, file: str = "") -> None:
        super().__init__(message, hint)
        self.file = file


class NothingAcceptedError(ImportingError):
    """A file with rows, none of which can be accepted: the wrong system of coordinates, the wrong place."""

    code = "nothing_accepted"


class OlderDataError(ImportingError):
    """The file is older than what is stored."""

    code = "older_data"


class RowsVanishError(ImportingError):
    """The file would make more than a tenth of the stored rows vanish."""

    code = "rows_vanish"


class SecretAddressError(ImportingError):
    """The file lists shelters, whose addresses are secret (domain.md 8)."""

    code = "secret_address"
