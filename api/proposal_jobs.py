"""What a process does for proposals: writes a call to a file, as the command does."""

from api.analysis_jobs import Tell, file_of
from geo.proposals import Round
from maps.proposal_files import write_proposals


def written(made: Round, kind: str, *, tell: Tell) -> bytes:
    """Return a call as a file."""
    del tell
    return file_of(f".{kind}", lambda path: write_proposals(made, path))
