"""A model as a directory of JSON, Arrow and text that a person can open; never pickle."""

import hashlib
import json
import os
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from ranker.errors import ModelError

FORMAT, VERSION = "candor-model", 1
MANIFEST = "manifest.json"
LIBRARIES = ("interpret-core", "fairlearn", "numpy")


def write_directory(directory: Path, files: dict[str, Any], facts: dict[str, Any]) -> None:
    """Write a model directory; it appears whole or not at all.

    Parameters
    ----------
    directory : Path
        Where; an earlier model there is replaced, anything else is left alone.
    files : dict of str to dict, DataFrame or str
        By name: ``.json`` takes a dict, ``.arrow`` a DataFrame, any other a text.
    facts : dict
        Goes into the manifest, which also holds the hash of every file.

    Raises
    ------
    ModelError
        If the directory exists and holds something that is no model, or cannot be written.
    """
    check_place(directory)
    directory = directory.resolve()  # a link is followed, not replaced
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
        _fill(draft, directory, files, facts)
    except OSError as error:
        raise ModelError(f"{directory} cannot be written: {error.strerror}") from None


def check_place(directory: Path) -> None:
    """Refuse a place where no model can be written; asked before training, which takes long.

    Raises
    ------
    ModelError
        If something else is there, or nothing may be written there.
    """
    directory = directory.resolve()
    if directory.exists() and not (directory.is_dir() and _is_ours(directory)):
        raise ModelError(f"{directory} exists and is no model of Candor: name another place, or remove it")
    if directory.exists() and (strays := _strays(directory)):
        raise ModelError(
            f"{directory} holds {strays[0]!r}, which is not part of the model there and would be lost: move it"
        )
    folder = next(parent for parent in directory.absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise ModelError(f"{directory} cannot be written: {folder} is no folder that may be written to")


def _fill(draft: Path, directory: Path, files: dict[str, Any], facts: dict[str, Any]) -> None:
    """Write a draft and put it in the directory's place."""
    try:
        for name, content in files.items():
            _write(draft / name, content)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "libraries": {name: version(name) for name in LIBRARIES},
            **facts,
            "files": {name: file_hash(draft / name) for name in sorted(files)},
        }
        _write(draft / MANIFEST, manifest)
        draft.chmod(0o755)
        if directory.exists():
            # Out of the way first, so that no kill leaves half of either model in its place.
            retired = draft.with_name(draft.name + "-retired")
            os.replace(directory, retired)
            os.replace(draft, directory)
            shutil.rmtree(retired)
        else:
            os.replace(draft, directory)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _is_ours(directory: Path) -> bool:
    try:
        return not any(directory.iterdir()) or _manifest(directory).get("format") == FORMAT
    except (ModelError, OSError):
        return False


def _strays(directory: Path) -> list[str]:
    held = sorted(path.name for path in directory.iterdir())
    return (
        [name for name in held if name not in (MANIFEST, *_manifest(directory).get("files", ()))]
        if held
        else []
    )


def _write(path: Path, content: Any) -> None:
    if path.suffix == ".json":
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")
    elif path.suffix == ".arrow":
        table = pa.Table.from_pandas(content, preserve_index=False)
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    else:
        path.write_text(content, encoding="utf-8", newline="\n")


def read_directory(directory: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a model directory back.

    Returns
    -------
    (manifest, files)
        Files by name: dicts, DataFrames and texts.

    Raises
    ------
    ModelError
        If it is no model directory, of another version, incomplete, or altered since it
        was written; the file is named.
    """
    if not directory.is_dir():
        raise ModelError(
            f"there is no model directory {directory}: make one with candor train TASK.toml --out DIR"
        )
    manifest = _manifest(directory)
    if manifest.get("format") != FORMAT:
        raise ModelError(f"{directory} is no model of Candor: it has no {MANIFEST} that says so")
    if manifest.get("version") != VERSION:
        raise ModelError(
            f"{directory} has version {manifest.get('version')!r}, this Candor reads {VERSION}: train anew"
        )
    hashes = manifest.get("files")
    if not isinstance(hashes, dict) or any(Path(name).name != name for name in hashes):
        raise ModelError(f"{directory / MANIFEST} names no files: train anew")
    files: dict[str, Any] = {}
    for name, expected in hashes.items():
        path = directory / name
        if not path.is_file():
            raise ModelError(f"{directory} is incomplete: {name} is missing")
        if file_hash(path) != expected:
            raise ModelError(
                f"{path} was altered after training (its hash differs): train anew, or restore it"
            )
        files[name] = _read(path)
    return manifest, files


def _manifest(directory: Path) -> dict[str, Any]:
    manifest = _json(directory / MANIFEST) if (directory / MANIFEST).is_file() else {}
    return manifest if isinstance(manifest, dict) else {}


def _read(path: Path) -> Any:
    if path.suffix == ".json":
        return _json(path)
    try:
        if path.suffix == ".arrow":
            with pa.memory_map(str(path)) as source:
                return pa.ipc.open_file(source).read_all().to_pandas().astype(object)
        return path.read_text(encoding="utf-8")
    except (pa.ArrowException, ValueError, OSError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from None


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def frame_text(frame: pd.DataFrame) -> str:
    """Return a table as CSV text whose numbers read back to the last bit."""
    return frame.to_csv(index=False, lineterminator="\n")
