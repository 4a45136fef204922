"""Fixtures that more than one test folder uses."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sipscope import values

# Whoever changes a frozen value fails here; programs that users run don't take the time to look.
values.ENFORCED = True

# The same examples on every run, and no clock: a slow machine is no failure. For other examples, run pytest with
# `--hypothesis-profile=search`.
settings.register_profile(
    "same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("same")

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session", autouse=True)
def _gates_are_checked() -> None:
    """Rules run over the subjects that lack what they need too, and fail where they would speak of one."""
    from sipscope.rules import engine  # Imported here, behind ENFORCED.

    engine.CHECK_GATES = True


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference captures and texts beside the repository; tests that need it skip without it."""
    folder = Path(os.environ.get("SIPSCOPE_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("the folder of reference captures is not here; set SIPSCOPE_SHARED to name it")
    return folder


@pytest.fixture(scope="session")
def samples() -> Path:
    """The sample captures of the repository."""
    return REPOSITORY / "samples"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs tshark where it is missing, except in continuous integration, where missing is a failure."""
    if shutil.which("tshark") is not None or os.environ.get("CI"):
        return
    for item in items:
        if item.get_closest_marker("tshark"):
            item.add_marker(pytest.mark.skip(reason="tshark is not installed"))
