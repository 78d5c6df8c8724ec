"""Bringing the applications of each job together with bounded memory: buckets of jobs, a file each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ranker.app.engine.columns import labels_of
from ranker.ranking.labels import natural_key

MOST_BUCKETS = 500  # files that are open at a time
COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Which job goes into which bucket.

    Buckets are ranges of the jobs in the order of the ranking, so that the buckets' rankings, one
    after the other, are the ranking of all. A hash would scatter them.

    Parameters
    ----------
    labels : (n_jobs,) Array of large_string
        The jobs in the order of the ranking.
    bucket : (n_jobs,) int64 array
        The bucket of each, not falling.
    n_buckets : int
        How many there are, from 1.
    """

    labels: pa.Array
    bucket: NDArray[np.int64]
    n_buckets: int

    def buckets_of(self, labels: pa.ChunkedArray | pa.Array) -> NDArray[np.int64]:
        """Return the bucket of each row; rows without a job, which are set aside, go into the first."""
        places = pc.index_in(labels, value_set=self.labels)
        if isinstance(places, pa.ChunkedArray):
            places = places.combine_chunks()
        rows = places.fill_null(-1).to_numpy(zero_copy_only=False)
        return np.where(rows < 0, 0, self.bucket[rows] if self.bucket.size else 0)


class JobCounter:
    """Counts the rows of each job, and sees whether they come job by job in the order of the ranking."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._last: str | None = None
        self.in_order = True

    def add(self, labels: pa.ChunkedArray) -> None:
        """Count the next rows by the labels of their jobs, null where there is none."""
        if not self.in_order:  # .1 us a row where jobs alternate; runs of one row each take .6
            for one in pc.value_counts(labels).to_pylist():
                self.count(one["values"], one["counts"])
            return
        runs = pc.run_end_encode(labels.combine_chunks())
        ends = runs.run_ends.to_pylist()
        start = 0
        for label, end in zip(runs.values.to_pylist(), ends, strict=True):
            if label is None:
                self.in_order = False
            elif self.in_order and label != self._last:
                falls = self._last is not None and natural_key(label) < natural_key(self._last)
                self.in_order = label not in self._counts and not falls
                self._last = label
            self.count(label, end - start)
            start = end

    def count(self, label: str | None, rows: int) -> None:
        """Count rows of one job, in whatever order."""
        if label is not None:
            self._counts[label] = self._counts.get(label, 0) + rows

    def plan(self, batch_rows: int) -> Plan:
        """Fill buckets with jobs up to a number of rows; a job that has more is a bucket of its own."""
        labels = sorted(self._counts, key=natural_key)
        sizes = [self._counts[label] for label in labels]
        # Few files open at a time: where batches are small beside the data, buckets are larger ones.
        room = max(batch_rows, -(-sum(sizes) // MOST_BUCKETS))
        bucket = np.zeros(len(labels), np.int64)
        current = held = 0
        for job, size in enumerate(sizes):
            if held and held + size > room:
                current, held = current + 1, 0
            bucket[job], held = current, held + size
        return Plan(pa.array(labels, pa.large_string()), bucket, current + 1)


def spill(tables: Iterable[pa.Table], job: str, plan: Plan, folder: Path) -> list[Path]:
    """Write rows into the files of their buckets, those of a bucket in the order in which they come.

    Returns
    -------
    list of Path
        A file of each bucket, in order.
    """
    paths = [folder / f"bucket-{number:04}.arrow" for number in range(plan.n_buckets)]
    writers: list[pa.RecordBatchStreamWriter | None] = [None] * plan.n_buckets
    try:
        for table in tables:
            if not table.num_rows:
                continue
            bucket = plan.buckets_of(labels_of(table.column(job)))
            order = np.argsort(bucket, kind="stable")
            table = table.take(pa.array(order)).combine_chunks()
            ends = np.flatnonzero(np.diff(bucket[order], append=-1)) + 1
            start = 0
            for end in ends.tolist():
                number = int(bucket[order[start]])
                if (writer := writers[number]) is None:
                    writer = pa.ipc.new_stream(str(paths[number]), table.schema, options=COMPRESSED)
                    writers[number] = writer
                writer.write_table(table.slice(start, end - start))
                start = end
    finally:
        for writer in writers:
            if writer is not None:
                writer.close()
    return [path for path, writer in zip(paths, writers, strict=True) if writer is not None]


def buckets(paths: Iterable[Path]) -> Iterator[pa.Table]:
    """Read bucket files back one by one, removing each, so that the disk holds no more than it must."""
    for path in paths:
        with pa.OSFile(str(path)) as source, pa.ipc.open_stream(source) as reader:
            table = reader.read_all()
        path.unlink()
        yield table


def whole_jobs(tables: Iterable[pa.Table], job: str, batch_rows: int) -> Iterator[pa.Table]:
    """Cut rows that come job by job into tables of whole jobs, of ``batch_rows`` rows or one job."""
    held: list[pa.Table] = []
    n_held = 0
    for table in tables:
        held.append(table)
        n_held += table.num_rows
        if n_held <= batch_rows:
            continue
        whole = pa.concat_tables(held)
        labels = labels_of(whole.column(job)).combine_chunks()
        firsts = np.append(
            0, np.flatnonzero(pc.not_equal(labels[1:], labels[:-1]).to_numpy(zero_copy_only=False)) + 1
        )
        start = 0
        while whole.num_rows - start > batch_rows:
            # The last job that has begun may go on in the next table, and is held back.
            ends = firsts[firsts > start]
            if not ends.size:
                break
            within = ends[ends <= start + batch_rows]
            end = int(within[-1] if within.size else ends[0])
            yield whole.slice(start, end - start)
            start = end
        held, n_held = [whole.slice(start)], whole.num_rows - start
    if n_held:
        yield pa.concat_tables(held)
