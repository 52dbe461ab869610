"""Where a flow finds its input and leaves its output.

On a developer's machine both lie beside the flow. A container mounts them elsewhere and says so with ``DATA_DIR`` and
``OUTPUT_DIR``.
"""

import os
from pathlib import Path


def data_file(flow_file: str, name: str) -> Path:
    """Return the path of an input file of the flow.

    Args:
        flow_file: ``__file__`` of the flow's module.
        name: The file's name; an absolute path stays as it is.

    Raises:
        FileNotFoundError: If there is no such file; the message lists the files that are there.
    """
    folder = Path(os.environ.get("DATA_DIR") or Path(flow_file).parent / "data")
    path = folder / name
    if not path.is_file():
        there = sorted(p.name for p in folder.glob("*")) if folder.is_dir() else []
        raise FileNotFoundError(f"no input file {path}; in that folder: {', '.join(there) or 'nothing'}")
    return path


def output_file(flow_file: str, name: str) -> Path:
    """Return the path of an output file of the flow, in a folder that exists.

    Args:
        flow_file: ``__file__`` of the flow's module.
        name: The file's name.
    """
    folder = Path(os.environ.get("OUTPUT_DIR") or Path(flow_file).parent / "output")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name
