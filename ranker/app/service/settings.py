"""What a server is told before it starts: by the environment, by a file, by the command line."""

import json
import math
import secrets
import tomllib
from pathlib import Path
from typing import Any, Final, Literal

from limits import RateLimitItem, parse
from pydantic import Field as Pydantic
from pydantic import SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from ranker.app.served.limits import LIMITS, Limits
from ranker.errors import UsageError, did_you_mean

__all__ = ["FILE", "ServiceSettings", "read_settings"]

FILE: Final = "candor.toml"
PREFIX: Final = "CANDOR_"
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class ServiceSettings(BaseSettings):
    """A server's settings; an option of the command line counts before the environment, that before a file.

    In the environment, or a file ``.env``, a setting is called ``CANDOR_`` and its name: ``CANDOR_PORT``.
    In ``candor.toml`` it has its name alone.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        dotenv_filtering="only_existing",  # an .env is shared with others
        toml_file=FILE,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # a URL has a password in it
        protected_namespaces=(),
    )

    model: Path | None = None
    """Directory of a ranker, or of a classifier."""
    classifier: Path | None = None
    """Directory of a classifier, beside a ranker."""
    database: str = "sqlite:///candor-decisions.db"
    """Where decisions are logged: ``sqlite:///FILE`` or ``postgresql://USER@HOST/DATABASE``."""
    audit: Path | None = None
    """The model's report, as ``candor audit`` writes it; made in the background where none is named."""

    host: str = "127.0.0.1"
    port: int = Pydantic(default=8000, ge=0, le=65_535)
    proxies: str = ""
    """Addresses of proxies, with commas between, whose word on a caller's address and on TLS is taken."""
    workers: int = Pydantic(default=1, ge=1, le=256)
    """Processes; each loads the models."""
    threads: int = Pydantic(default=4, ge=1, le=256)
    """Threads of a worker that answer; more than one, as writing to the log waits for the disk."""

    keep_input: bool = True
    """Keep what answers were made from: without it no decision can be replayed, explained or corrected."""
    sample_rate: float = Pydantic(default=0.01, ge=0, le=1)
    """Share of rankings and classifications of which one case is put before a person, by chance."""
    watch: bool = True
    """Follow the log for drift; each worker does, with the extra monitor."""
    retention_days: int | None = Pydantic(default=None, ge=1)
    """Delete what stands in the log of people after so many days; hashes stay. Never by default."""

    body_bytes: int = Pydantic(default=4 << 20, ge=1)
    pool: int = Pydantic(default=LIMITS.candidates, ge=1)
    """Candidates of one request."""
    text: int = Pydantic(default=LIMITS.text, ge=1)
    """Characters of one text."""
    depth: int = Pydantic(default=LIMITS.depth, ge=1, le=100)
    """Lists and objects inside each other, in one record."""
    values: int = Pydantic(default=LIMITS.values, ge=1)
    """Values of one record."""

    rate_applicant: str = "60/minute"
    rate_recruiter: str = "100/second"
    rate_auditor: str = "600/minute"
    rate_admin: str = "100/second"
    rate_unknown: str = "60/minute"
    """Requests of one address without a key, or with a wrong one."""
    rate_storage: str = "async+memory://"
    """Where requests are counted: each worker counts its own by default, and lets in its share of a rate;
    ``async+redis://HOST`` counts for all."""

    body_seconds: float = Pydantic(default=10, gt=0)
    """For a body to arrive."""
    request_seconds: float = Pydantic(default=30, gt=0)
    """For a request to be answered."""
    shutdown_seconds: int = Pydantic(default=60, ge=1)
    """For accepted requests to be finished when the server is told to stop."""
    in_flight: int = Pydantic(default=512, ge=1)
    """Requests that a worker works on or lets wait; more are told to come again."""
    retry_after: int = Pydantic(default=1, ge=1)
    """When, in seconds."""
    key_seconds: float = Pydantic(default=5, ge=0)
    """How long a worker remembers a key; a revoked one is refused after this."""

    allow_anonymous: bool = False
    """Take requests without a key for a recruiter's: to try things out, on this machine alone."""
    session_secret: SecretStr = Pydantic(
        default_factory=lambda: SecretStr(secrets.token_hex(32)), min_length=32
    )
    """Signs who is signed in on the pages. Made anew at each start, for all workers, so that people sign in
    again; several servers behind one address need the same."""
    access_log: bool = True
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Say what counts before what."""
        return (init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls))

    @field_validator("rate_applicant", "rate_recruiter", "rate_auditor", "rate_admin", "rate_unknown")
    @classmethod
    def _readable_rate(cls, rate: str) -> str:
        try:
            parse(rate)
        except ValueError:
            raise ValueError("is no rate: write it such as '60/minute' or '10 per second'") from None
        return rate

    @field_validator("database")
    @classmethod
    def _readable_url(cls, url: str) -> str:
        try:
            make_url(url)
        except (ArgumentError, ValueError):
            raise ValueError(
                "is no URL of a database: write sqlite:///FILE or postgresql://USER@HOST/DATABASE"
            ) from None
        return url

    @property
    def limits(self) -> Limits:
        """What a body may hold."""
        return Limits(self.pool, self.text, self.depth, self.values)

    def rate_of(self, role: str) -> str:
        """Return how often a role may ask; ``unknown`` stands for whoever shows no key."""
        return str(getattr(self, f"rate_{role}"))

    @property
    def counts_apart(self) -> bool:
        """Whether each of several workers counts requests by itself."""
        return self.workers > 1 and self.rate_storage.partition("://")[0] in ("memory", "async+memory")

    def rate_here(self, role: str) -> RateLimitItem:
        """Return how often a role may ask one worker, so that all workers together let in no more than its rate.

        A connection that is kept stays with its worker, and so gets the worker's share: whoever wants the
        whole rate on each counts in one place, by ``rate_storage``.
        """
        rate = parse(self.rate_of(role))
        if not self.counts_apart:
            return rate
        kind, each = type(rate), rate.amount // self.workers
        if each:
            return kind(each, rate.multiples)
        return kind(1, rate.multiples * math.ceil(self.workers / rate.amount))

    def shown(self) -> dict[str, Any]:
        """Return all settings as JSON, without passwords."""
        told = json.loads(self.model_dump_json())
        return {
            **told,
            "database": make_url(self.database).render_as_string(hide_password=True),
            "rate_storage": _without_password(self.rate_storage),
        }

    def summary(self) -> str:
        """Lay all settings out, a line each, without passwords."""
        told = self.shown()
        width = max(map(len, told))
        return "\n".join(
            f"  {name:<{width}}  {_written(value)}{self._share(name)}" for name, value in told.items()
        )

    def _share(self, name: str) -> str:
        """Say of a rate how much of it each worker lets in."""
        prefix, _, role = name.partition("_")
        if prefix != "rate" or role == "storage" or not self.counts_apart:
            return ""
        here = self.rate_here(role)
        return f" ({here.amount} in {here.get_expiry()} s by each of {self.workers} workers)"


def read_settings(**given: Any) -> ServiceSettings:
    """Put a server's settings together.

    Parameters
    ----------
    **given
        Settings of the command line; those that are ``None`` are left to the environment and the file.

    Raises
    ------
    UsageError
        If a setting is unknown, cannot be what it is, or the file cannot be read; names all such settings.
    """
    try:
        settings = ServiceSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise UsageError(
            "; ".join(map(_told, error.errors(include_url=False, include_input=False)))
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{FILE} cannot be read: {error}") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"the settings cannot be read: {error}") from None
    if settings.allow_anonymous and settings.host not in LOOPBACK:
        raise UsageError(
            f"allow_anonymous lets anybody in who reaches {settings.host}: let the host be 127.0.0.1, or make "
            "keys with candor keys create"
        )
    return settings


def _told(error: Any) -> str:
    name = ".".join(str(step) for step in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{FILE}: there is no setting {name!r}{did_you_mean(name, ServiceSettings.model_fields)}"
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"the setting {name!r} ({PREFIX}{name.upper()}) {said[:1].lower()}{said[1:]}"


def _written(value: Any) -> str:
    if value is None:
        return "-"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _without_password(url: str) -> str:
    scheme, at, rest = url.rpartition("@")
    return f"{scheme.partition('://')[0]}://***@{rest}" if at else url
