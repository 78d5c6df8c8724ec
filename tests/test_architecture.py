"""The rooms of the house: who may import whom, and what stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = ("torch", "pyspark", "fastapi", "sqlalchemy", "shap", "captum", "transformers")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_each_layer_imports_only_those_below_it():
    result = run(
        sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "3 kept, 0 broken" in result.stdout


def test_the_import_contracts_can_fail(tmp_path):
    """A contract that silently passes is worse than none: break one on purpose."""
    for name in ("ranker", "fairness", "explain"):
        for file in (ROOT / name).rglob("*.py"):
            copy = tmp_path / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    kernel = tmp_path / "ranker" / "kernels" / "scoring.py"
    kernel.write_text("import ranker.app.cli\n" + kernel.read_text(encoding="utf-8"), encoding="utf-8")
    command = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c()"
    )
    result = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert "3 broken" in result.stdout


@pytest.mark.parametrize("package", ["ranker", "fairness", "explain"])
def test_importing_a_package_is_light(package):
    code = f"import sys, {package}; print(*sorted(m for m in sys.modules if '.' not in m))"
    loaded = run(sys.executable, "-c", code).stdout.split()
    assert package in loaded
    assert not {"numpy", "pandas", "sklearn", "numba", "interpret", *HEAVY} & set(loaded)


def test_the_help_of_the_command_line_loads_no_science():
    code = (
        "import sys; from typer.testing import CliRunner; from ranker.app.cli import app;"
        "r = CliRunner().invoke(app, ['--help']); assert r.exit_code == 0, r.output;"
        "print(*[m for m in ('numpy', 'pandas', 'interpret', 'fairlearn', 'numba') if m in sys.modules])"
    )
    result = run(sys.executable, "-c", code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == ""


def test_no_module_pickles():
    for file in [f for name in ("ranker", "fairness", "explain") for f in (ROOT / name).rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {"pickle", "joblib", "dill", "cloudpickle"} & set(names), file


def test_the_code_follows_its_own_style_rules():
    result = run(sys.executable, "-m", "ruff", "check", ".")
    assert result.returncode == 0, result.stdout
    result = run(sys.executable, "-m", "ruff", "format", "--check", ".")
    assert result.returncode == 0, result.stdout


def test_public_types_hold():
    result = run(sys.executable, "-m", "mypy")
    assert result.returncode == 0, result.stdout
