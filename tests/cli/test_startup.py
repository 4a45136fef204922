"""Start-up stays light: what `--help` may import is listed here."""

import subprocess
import sys

ALLOWED_THIRD_PARTY = {"click", "sipscope"}

PROGRAM = """
import sys
before = {name.partition(".")[0] for name in sys.modules}
from sipscope.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
after = {name.partition(".")[0] for name in sys.modules} - before
print("\\nTHIRD PARTY " + " ".join(sorted(after - set(sys.stdlib_module_names))))
"""


def test_help_imports_click_and_nothing_else() -> None:
    result = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    third_party = {name for name in result.stdout.rpartition("THIRD PARTY ")[2].split() if not name.startswith("_")}
    assert third_party == ALLOWED_THIRD_PARTY


def test_help_does_not_import_the_model_or_the_rules() -> None:
    program = PROGRAM.replace(
        'print("\\\\nTHIRD',
        'print(sorted(name for name in sys.modules if name.startswith("sipscope.")));print("\\\\nTHIRD',
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "sipscope.rules" not in result.stdout
    assert "sipscope.pipeline" not in result.stdout


def test_the_end_searches_nothing_for_cycles() -> None:
    program = """
import atexit, gc
atexit.register(lambda: print("\\\\nFROZEN", gc.get_freeze_count()))
from sipscope.cli import main
main(["rules"])
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(result.stdout.rpartition("FROZEN")[2]) > 0
