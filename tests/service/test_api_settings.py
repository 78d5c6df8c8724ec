import sys

import pytest

pytest.importorskip("fastapi", reason="the service needs the extra api")

from ranker.app.service.serve_command import run_serve
from ranker.app.service.settings import ServiceSettings, read_settings
from ranker.errors import UsageError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ServiceSettings.model_fields:
        monkeypatch.delenv(f"CANDOR_{name.upper()}", raising=False)
    return tmp_path


def test_the_command_line_counts_before_the_environment_and_that_before_the_file(elsewhere, monkeypatch):
    (elsewhere / "candor.toml").write_text("port = 1\nthreads = 2\nhost = 'localhost'\n", encoding="utf-8")
    (elsewhere / ".env").write_text("CANDOR_THREADS=3\nOTHER=x\nCANDOR_DATA=elsewhere\n", encoding="utf-8")
    monkeypatch.setenv("CANDOR_PORT", "4")
    settings = read_settings(workers=5, host=None)
    assert (settings.port, settings.threads, settings.workers, settings.host) == (4, 3, 5, "localhost")


def test_a_setting_that_is_not_there_is_told_with_what_it_resembles(elsewhere):
    (elsewhere / "candor.toml").write_text("worker = 3\n", encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"candor.toml: there is no setting 'worker'; did you mean 'workers'\?"
    ):
        read_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "many"),
        ("port", "70000"),
        ("rate_admin", "often"),
        ("database", "no url"),
        ("sample_rate", "2"),
    ],
)
def test_a_setting_that_cannot_be_is_told_by_its_name(monkeypatch, name, value):
    monkeypatch.setenv(f"CANDOR_{name.upper()}", value)
    with pytest.raises(UsageError, match=f"CANDOR_{name.upper()}"):
        read_settings()


def test_a_file_that_cannot_be_read_is_told(elsewhere):
    (elsewhere / "candor.toml").write_text("port = = 3", encoding="utf-8")
    with pytest.raises(UsageError, match=r"candor.toml cannot be read"):
        read_settings()


def test_the_summary_names_every_setting_and_no_password():
    settings = read_settings(
        database="postgresql+psycopg://candor:geheim@db/log", rate_storage="async+redis://:geheim@cache:6379"
    )
    told = settings.summary()
    assert all(name in told for name in ServiceSettings.model_fields)
    assert "candor:***@db" in told
    assert "geheim" not in told
    assert "geheim" not in str(run_serve(show_settings=True, database=settings.database).machine)


def test_an_error_repeats_no_password(monkeypatch):
    monkeypatch.setenv("CANDOR_DATABASE", "postgresql//candor:geheim@db")
    with pytest.raises(UsageError) as caught:
        read_settings()
    assert "geheim" not in str(caught.value)


def test_anonymous_requests_are_for_this_machine_alone():
    with pytest.raises(UsageError, match="allow_anonymous"):
        read_settings(allow_anonymous=True, host="0.0.0.0")
    assert read_settings(allow_anonymous=True).allow_anonymous


def test_a_server_without_a_model_does_not_start():
    with pytest.raises(UsageError, match="no model is named"):
        run_serve()


def test_a_library_that_is_not_installed_is_told_with_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(UsageError, match=r"needs prometheus_client: pip install 'candor-rank\[api\]'"):
        run_serve(show_settings=True)
