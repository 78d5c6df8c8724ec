"""The log of decisions, and what stands beside it: reviews, objections, overrides, outcomes, keys.

Raises
------
UsageError
    On import, where SQLAlchemy is not installed.
"""

from ranker.app.decisions import needs  # noqa: F401 - before SQLAlchemy is imported
from ranker.app.decisions.acts import OUTCOMES, override, report_outcome
from ranker.app.decisions.entries import Decision, NewDecision, Recorded, ReviewWanted
from ranker.app.decisions.errors import (
    AlreadyDecidedError,
    StoreUnavailable,
    UnknownDecisionError,
    UnknownReviewError,
)
from ranker.app.decisions.groups import GroupCount, counts_by_group
from ranker.app.decisions.keys import ROLES, Key, NewKey, create_key, find_key, list_keys, revoke_key
from ranker.app.decisions.learning import ReviewedLabel, ReviewedLabels, reviewed_labels
from ranker.app.decisions.models import register_model, registered_models
from ranker.app.decisions.replay import Replayed, replay
from ranker.app.decisions.retention import Forgotten, expire, forget
from ranker.app.decisions.reviews import (
    REASONS,
    Objection,
    Review,
    add_to_queue,
    decide_review,
    file_objection,
    queue,
)
from ranker.app.decisions.store import Store, open_store
from ranker.app.decisions.verify import Fault, Verification, verify

__all__ = [
    "OUTCOMES",
    "REASONS",
    "ROLES",
    "AlreadyDecidedError",
    "Decision",
    "Fault",
    "Forgotten",
    "GroupCount",
    "Key",
    "NewDecision",
    "NewKey",
    "Objection",
    "Recorded",
    "Replayed",
    "Review",
    "ReviewWanted",
    "ReviewedLabel",
    "ReviewedLabels",
    "Store",
    "StoreUnavailable",
    "UnknownDecisionError",
    "UnknownReviewError",
    "Verification",
    "add_to_queue",
    "counts_by_group",
    "create_key",
    "decide_review",
    "expire",
    "file_objection",
    "find_key",
    "forget",
    "list_keys",
    "open_store",
    "override",
    "queue",
    "register_model",
    "registered_models",
    "replay",
    "report_outcome",
    "reviewed_labels",
    "revoke_key",
    "verify",
]
