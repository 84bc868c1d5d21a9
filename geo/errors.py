"""The root of every error this program raises on purpose."""


class AnsimError(Exception):
    """Something the user can mend: one clear line, and what to do about it.

    Parameters
    ----------
    message
        What was wrong and where (file, row, column, district). Korean, one line.
    hint
        What to do. Korean, one line; may be empty.

    Attributes
    ----------
    code
        Stable machine name of the class of error, snake_case English.
    """

    code = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} → {self.hint}" if self.hint else self.message


class NotMetresError(AnsimError):
    """Coordinates that should be EPSG:5179 metres look like degrees or are not finite."""

    code = "not_metres"


class BadSettingError(AnsimError):
    """A setting of the analysis is outside its meaning."""

    code = "bad_setting"


class NoDataError(AnsimError):
    """The analysis asks for data that is not loaded."""

    code = "no_data"
