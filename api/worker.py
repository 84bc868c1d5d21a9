"""The application in a process that serves and does nothing else."""

import gc

from api.app import AnsimApi, create_app

_YOUNG = 20_000  # objects between two looks for garbage: what a question makes goes by itself, with no cycles


def make() -> AnsimApi:
    """Make the application; what stands then is never looked through for garbage, which would hold up phones."""
    app = create_app()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)
    return app
