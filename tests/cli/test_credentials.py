"""Passwords that digests are checked with."""

import pytest

from sipscope.cli.credentials import passwords_in
from sipscope.errors import UsageError

SCRIPT = """
alice 192.0.2.10
reg   192.0.2.1
0.0   alice -> reg  OPTIONS uri=sip:z
      Authorization: Digest username="a",realm="z",nonce="n",uri="sip:z",response="00000000000000000000000000000000"
0.1   reg -> alice  403
"""


@pytest.fixture
def given(tmp_path):
    path = tmp_path / "passwords"
    path.write_text("# realm user password\nz a geheim zwei\n\nHome office\tbo\t#x y\n", "utf-8")
    return path


def test_fields_are_divided_by_blanks_or_by_tabs(given):
    assert passwords_in(str(given)).by_account == {("z", "a"): "geheim zwei", ("Home office", "bo"): "#x y"}


def test_passwords_are_not_in_the_text_of_their_table(given):
    assert "geheim" not in repr(passwords_in(str(given)))


def test_a_line_of_two_fields_is_refused_without_being_repeated(tmp_path):
    path = tmp_path / "passwords"
    path.write_text("z geheim\n", "utf-8")
    with pytest.raises(UsageError, match="line 1: give realm, user and password") as caught:
        passwords_in(str(path))
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_digest_is_checked_and_the_password_is_not_printed(run, capture, given, style):
    result = run("analyze", capture(SCRIPT), "--credentials", given, "--format", style)
    assert "AUTH-013" in result.output
    assert "geheim" not in result.output


def test_a_file_that_is_missing_is_a_usage_error(run, capture, tmp_path):
    assert run("analyze", capture(SCRIPT), "--credentials", tmp_path / "none").exit_code == 2
