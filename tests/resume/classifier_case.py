"""A small classifier, trained once a process on generated résumés."""

import json
import tempfile
from functools import cache
from pathlib import Path

from ranker.records.generated_resumes import generate_resumes
from ranker.records.ledger import Ledger
from ranker.records.resumes import RawResume, read_domains, read_resumes
from ranker.resume.cleaning import Cleaner, Vocabulary
from ranker.resume.training import Settings, Trained, train_classifier

SETTINGS = Settings(labels="resumes", outer_bags=2, interactions=2)


@cache
def written() -> tuple[dict[str, tuple[str, ...]], tuple[RawResume, ...]]:
    """Domains and résumés as written, dirty and with labels by people."""
    with tempfile.TemporaryDirectory() as folder:
        generate_resumes(folder, n=500, seed=11, dirt=0.3, label_noise=0.1)
        ledger = Ledger()
        domains = read_domains(Path(folder) / "domains.json", ledger)
        return domains, tuple(read_resumes(Path(folder) / "resumes.jsonl", ledger))


@cache
def trained(settings: Settings = SETTINGS) -> Trained:
    """What training makes of them."""
    domains, raws = written()
    return train_classifier(raws, domains, Cleaner(Vocabulary.from_domains(domains)), settings, Ledger())


def raw(value, place="r.json") -> RawResume:
    """A résumé as a file would give it."""
    return RawResume(place, json.loads(json.dumps(value)))
