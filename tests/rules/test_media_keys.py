"""Keys, groups and profiles of secured media."""

import pytest

from sipscope.model.description import Crypto
from sipscope.rules.media_keys import keys_of, masked, octets_of, suite_name


def test_key_is_what_stands_before_lifetime_and_identifier() -> None:
    crypto = Crypto("1", "AES_CM_128_HMAC_SHA1_80", "inline:AAAA|2^20|1:4;inline:BBBB|2^20|2:4")
    assert keys_of(crypto) == ("AAAA", "BBBB")


@pytest.mark.parametrize(("key", "octets"), [("A" * 40, 30), ("A" * 62, 46), ("A" * 62 + "==", 46), ("A!", None)])
def test_octets_of_a_key_are_those_of_its_base64(key: str, octets: int | None) -> None:
    assert octets_of(key) == octets


def test_masked_text_shows_four_characters() -> None:
    assert masked("line 7: a=crypto:1 X inline:WVNfX19z|2^20 KDR=1") == "line 7: a=crypto:1 X inline:WVNf… KDR=1"


@pytest.mark.parametrize("spelling", ["AES_CM_256_HMAC_SHA1_80", "aes_256_cm_hmac_sha1_80"])
def test_old_spelling_names_the_same_suite(spelling: str) -> None:
    assert suite_name(Crypto("1", spelling, "")) == "AES_256_CM_HMAC_SHA1_80"
