"""The real files beside the project, imported, and a service's key: what several measurements begin with."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
REAL = ROOT / ".." / "shared" / "data" / "seoul"
IMPORT = ("--layer", "cctv", "--measure", "population")  # what the headers of those files leave open
COMMAND = (sys.executable, str(ROOT / "cli.py"))


def real_store(folder: Path) -> Path:
    """Return a new store in the folder that holds the real files."""
    store = folder / "real.gpkg"
    subprocess.run(
        [*COMMAND, "import", str(REAL), *IMPORT, "--store", str(store)], check=True, stdout=subprocess.DEVNULL
    )
    return store


def planner_key(store: Path, keys: Path | None = None) -> str:
    """Return a planner's key, new in the file ``keys`` (by default where the store's are)."""
    made = [*COMMAND, "keys", "create", "--role", "planner", "--name", "bench", "--store", str(store)]
    made += [] if keys is None else ["--keys", str(keys)]
    done = subprocess.run(made, check=True, capture_output=True, text=True)
    return done.stdout.strip()
