"""What a status means for a caller."""

import pytest

from sipscope.diagnosis.status_words import MEANINGS, meaning_of


@pytest.mark.parametrize("status", MEANINGS)
def test_words_continue_a_sentence_and_steps_are_sentences(status):
    meaning = MEANINGS[status]
    assert not meaning.words.endswith((".", "!", ","))
    assert not meaning.words[0].isupper()
    assert meaning.step[0].isupper()
    assert meaning.step.endswith((".", "?"))


@pytest.mark.parametrize(("status", "read_as"), [(499, 400), (599, 500), (699, 600)])
def test_unlisted_status_is_read_as_the_x00_of_its_class_and_said_to_be(status, read_as):
    assert meaning_of(status).words == f"an uncommon status, to be read as {read_as} ({MEANINGS[read_as].words})"


@pytest.mark.parametrize("status", [0, 199, 299, 700, 999])
def test_status_of_no_failure_class_is_not_guessed_at(status):
    assert meaning_of(status).words == "it ended without a known reason"


@pytest.mark.parametrize("status", [480, 486, 487, 600, 603, 607])
def test_what_people_decide_is_no_fault(status):
    assert meaning_of(status).is_user_behaviour


@pytest.mark.parametrize("status", [404, 408, 488, 500, 503])
def test_what_breaks_is_not_put_down_to_people(status):
    assert not meaning_of(status).is_user_behaviour
