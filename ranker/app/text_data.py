"""Labelled texts from a file, a folder of files, or the Hugging Face hub."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ranker.errors import SourceError, UsageError, did_you_mean
from ranker.records.ledger import Ledger
from ranker.records.readers import read_table
from ranker.text.held_out import copies_of

__all__ = ["LabelledTexts", "read_labelled_texts"]

TABLE: Final = "text"
# As published sets of résumés name them: ResumeAtlas, UpdatedResumeDataSet, Resume.csv.
TEXT_COLUMNS: Final = ("text", "resume", "resume_text", "resume_str", "cleaned_resume")
LABEL_COLUMNS: Final = ("category", "label", "labels")
# A folder's .json files are mostly about its data and not the data.
KINDS: Final = (".parquet", ".csv", ".jsonl")


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """What a classifier is trained on.

    Parameters
    ----------
    texts, labels : tuple of str
        ``n`` each; labels without space around them.
    places : tuple of str
        Where each was read: ``"resumes.csv, row 7"``.
    text_column, label_column : str
        Their columns, as the file names them.
    files : tuple of Path
        What was read.
    """

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    places: tuple[str, ...]
    text_column: str
    label_column: str
    files: tuple[Path, ...]


def read_labelled_texts(
    source: str | Path,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    ledger: Ledger,
) -> LabelledTexts:
    """Read texts and their labels; a row without either is set aside.

    So is the only text of a label: one text cannot both be learnt from and be judged by.

    Parameters
    ----------
    source : str or Path
        A ``.csv``, ``.parquet``, ``.json`` or ``.jsonl`` file, a folder of files of one of
        these kinds and of one shape, or the name of a data set on the Hugging Face hub.
    text_column, label_column : str, optional
        By default the one column that is named as usual, in any case.
    ledger : Ledger
        Takes every row's fate.

    Raises
    ------
    SourceError
        If nothing can be read there, a column is missing, or no text is left.
    UsageError
        If several columns could be meant, or the hub is asked for without its library.
    """
    files = _files(str(source))
    texts, labels, places = [], [], []
    columns: tuple[str, str] | None = None
    for file in files:
        one = Ledger()
        frame = read_table(file, table=TABLE, ledger=one)
        _take_over(ledger, one)
        names = [str(name) for name in frame.columns]
        columns = (
            _column(file, names, text_column, TEXT_COLUMNS, "text"),
            _column(file, names, label_column, LABEL_COLUMNS, "label"),
        )
        if columns[0] == columns[1]:
            raise UsageError(f"texts and labels cannot both be the column {columns[0]!r}: name two")
        for row, text, label in zip(frame.index, frame[columns[0]], frame[columns[1]], strict=True):
            place = f"{file.name}, row {row}"
            if (fault := _fault(text, label)) is None:
                texts.append(text)
                labels.append(str(label).strip())
                places.append(place)
            else:
                ledger.note(TABLE, place, "set_aside", fault[1], path=columns[fault[0]])
    kept = _learnable(texts, labels, places, ledger)
    ledger.kept[TABLE] = len(kept)
    if not kept or columns is None:
        first = next((f"; {fate.row}: {fate.reason}" for fate in ledger.fates), "")
        raise SourceError(f"{source}: none of {ledger.read.get(TABLE, 0)} rows can be learnt from{first}")
    return LabelledTexts(
        tuple(texts[i] for i in kept),
        tuple(labels[i] for i in kept),
        tuple(places[i] for i in kept),
        *columns,
        files,
    )


def _fault(text: Any, label: Any) -> tuple[int, str] | None:
    """Return which of the two columns is at fault, and why."""
    if text is None or (isinstance(text, str) and not text.strip()):
        return 0, "no text"
    if not isinstance(text, str):
        return 0, "not a text"
    if label is None or (isinstance(label, str) and not label.strip()):
        return 1, "no label"
    if not isinstance(label, (str, int)):
        return 1, "a label that is neither a text nor a whole number"
    return None


def _learnable(
    texts: Sequence[str], labels: Sequence[str], places: Sequence[str], ledger: Ledger
) -> list[int]:
    """Return the rows whose label has two texts that are no copies of each other."""
    copies = copies_of(texts).tolist()
    of_label: dict[str, set[int]] = defaultdict(set)
    for label, copy in zip(labels, copies, strict=True):
        of_label[label].add(copy)
    kept = []
    for i, label in enumerate(labels):
        if len(of_label[label]) >= 2:
            kept.append(i)
        else:
            ledger.note(TABLE, places[i], "set_aside", f"the only text of the label {label!r}, copies apart")
    return kept


def _column(file: Path, names: list[str], asked: str | None, usual: Sequence[str], what: str) -> str:
    if asked is not None:
        if asked not in names:
            raise SourceError(f"{file} has no column {asked!r}{did_you_mean(asked, names)}")
        return asked
    found = [name for name in names if name.strip().casefold() in usual]
    if len(found) > 1:
        raise UsageError(
            f"{file}: the {what}s may be in {found[0]!r} or in {found[1]!r}: say which, by --{what}-column"
        )
    if not found:
        raise SourceError(
            f"{file} has no column of {what}s by any usual name ({', '.join(usual)}): name one of "
            f"{', '.join(map(repr, names[:16]))} by --{what}-column"
        )
    return found[0]


def _take_over(ledger: Ledger, one: Ledger) -> None:
    for table, n in one.read.items():
        ledger.read[table] = ledger.read.get(table, 0) + n
    ledger.fates.extend(one.fates)


def _files(source: str) -> tuple[Path, ...]:
    path = Path(source)
    if path.is_dir():
        return _files_in(path)
    owner, _, name = source.partition("/")
    on_hub = not path.suffix and owner and name and "/" not in name and not owner.startswith((".", "~"))
    if path.exists() or not on_hub:
        return (path,)
    return _files_in(_downloaded(source))


def _files_in(folder: Path) -> tuple[Path, ...]:
    found = {kind: sorted(folder.rglob(f"*{kind}")) for kind in KINDS}
    there = [kind for kind in KINDS if found[kind]]
    if not there:
        raise SourceError(f"the folder {folder} holds no {', '.join(KINDS)} file")
    if len(there) > 1:
        raise SourceError(
            f"the folder {folder} holds {' and '.join(there)} files: give one file, or one kind"
        )
    return tuple(found[there[0]])


def _downloaded(name: str) -> Path:
    """Fetch a data set's files from the hub, or from its cache."""
    try:
        import huggingface_hub
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError:
        raise UsageError(
            f"there is no file or folder {name!r}, and the Hugging Face hub needs huggingface_hub: "
            "pip install 'candor-rank[text]'"
        ) from None
    try:
        return Path(
            huggingface_hub.snapshot_download(
                name, repo_type="dataset", allow_patterns=[f"*{kind}" for kind in KINDS]
            )
        )
    except (OSError, ValueError, HfHubHTTPError) as error:
        raise SourceError(
            f"there is no file or folder {name!r}, and the data set cannot be read from the Hugging Face hub: "
            f"{str(error).strip().splitlines()[0]}"
        ) from None
