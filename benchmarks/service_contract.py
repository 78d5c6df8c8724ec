"""The service tried against its own description, and with what no client should send.

    python -m benchmarks.service_contract              # under four minutes; writes results/service_contract.*
    python -m benchmarks.service_contract --quick      # 5 examples an operation; nothing is written

schemathesis makes requests from the server's own OpenAPI document, good ones and bad ones, by itself and in
chains of calls, and holds every answer against the document: all its checks, with the key of an admin, whom
no route is closed to. An answer of 401, 403, 404, 409 or 422 to a well-formed body is no fault where a body
names a job or a candidate that its own records do not hold. Then requests that no library sends: oversized,
deeply nested, wrong-typed, NaN, not UTF-8, slow, broken off; each has to be told a 4xx or see the connection
closed, and the server has to answer the next one.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.service_parts.hostile import Tried, hostile
from benchmarks.service_parts.pools import key_for, made
from benchmarks.service_parts.results import table, write
from benchmarks.service_parts.server import Server, candor, complaints

CASES, EXAMPLES = 2_000, 130
CONFIG = """\
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]
"""
RUN = "from schemathesis.cli import schemathesis; schemathesis()"


@dataclass(frozen=True, slots=True)
class Contract:
    """What schemathesis found.

    Parameters
    ----------
    cases : int
        Requests it made.
    exit_code : int
        Its own; 0 where no check failed.
    failures : tuple of str
        Checks that failed, each once with its operation.
    said : str
        The end of what it said.
    """

    cases: int
    exit_code: int
    failures: tuple[str, ...]
    said: str


def tried(server: Server, key: str, folder: Path, *, examples: int, seconds: float, seed: int) -> Contract:
    """Let schemathesis try a server."""
    (folder / "schemathesis.toml").write_text(CONFIG, "utf-8")
    url = f"http://127.0.0.1:{server.port}"
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        RUN,
        "--config-file",
        str(folder / "schemathesis.toml"),
        "run",
    ]
    command += [f"{url}/openapi.json", "-H", f"Authorization: Bearer {key}", "--checks", "all", "--no-color"]
    command += ["--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure", "--no-shrink"]
    command += ["--generation-database", "none", "--suppress-health-check", "all", "--warnings", "off"]
    command += ["--report", "ndjson", "--report-ndjson-path", str(folder / "events.ndjson")]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=max(60, seconds)
    )
    said = done.stdout + done.stderr
    return Contract(cases_in(said), done.returncode, failures_in(said), said[-3_000:])


def cases_in(said: str) -> int:
    """Read how many requests were made from the summary."""
    found = re.search(r"([\d,]+) generated", said)
    return int(found[1].replace(",", "")) if found else 0


def failures_in(said: str) -> tuple[str, ...]:
    """Read which checks failed, by operation."""
    out, operation = [], ""
    for line in said.splitlines():
        if found := re.match(r"_+ ((?:GET|POST|PUT|DELETE|Stateful)\b.*?) _+$", line):
            operation = found[1]
        elif operation and (found := re.match(r"- (.+)$", line.strip())):
            out.append(f"{operation}: {found[1]}")
    return tuple(dict.fromkeys(out))


def tell(contract: Contract | None, hostiles: list[Tried], said: tuple[str, ...]) -> str:
    """Lay it out."""
    lines = []
    if contract is not None:
        lines.append(f"schemathesis: {contract.cases:,} cases, exit code {contract.exit_code}.")
        lines += [f"- {failure}" for failure in contract.failures]
        lines.append("")
    laid = [[one.name, one.told, one.alive, one.good] for one in hostiles]
    lines.append(table(["sent", "told", "server alive", "as it should be"], laid))
    lines += [f"- in the server's log: {one}" for one in said]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Try, tell, write; the exit code says whether nothing failed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.service_contract",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="5 examples an operation; nothing is written")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="most of an operation")
    parser.add_argument("--minutes", type=float, default=10, help="after which schemathesis is given up")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--hostile-only", action="store_true", help="leave schemathesis out; nothing is written"
    )
    parser.add_argument("--model", type=Path, help="a folder where the ranker is kept from run to run")
    given = parser.parse_args(arguments)
    begin = time.monotonic()
    contract = None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = made(given.model or folder / "made", 2)
        url = f"sqlite:///{folder / 'decisions.db'}"
        key = key_for(url, "admin")
        with candor(small.model, url, folder / "server", workers=1, body_seconds=2, threads=2) as server:
            hostiles = hostile(server, key, small.bodies(5)[0])
            if given.hostile_only:
                pass
            elif find_spec("schemathesis") is None:
                print("schemathesis is not installed: pip install schemathesis", file=sys.stderr)
            else:
                examples = 5 if given.quick else given.examples
                seconds = 60 * given.minutes
                contract = tried(server, key, folder, examples=examples, seconds=seconds, seed=given.seed)
        said = complaints(server.errors())
    text = tell(contract, hostiles, said)
    print(text)
    if contract is not None and contract.exit_code:
        print(contract.said)
    print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
    enough = contract is not None and contract.cases >= CASES
    if not given.quick and enough:
        told = {**asdict(contract), "said": None} if contract is not None else None
        figures = {"seed": given.seed, "schemathesis": told, "hostile": [asdict(one) for one in hostiles]}
        write("service_contract", json.loads(json.dumps(figures)), text)
    good = all(one.good for one in hostiles) and (contract is None or contract.exit_code == 0) and not said
    return 0 if good and (given.quick or given.hostile_only or enough) else 1


if __name__ == "__main__":
    sys.exit(main())
