"""The response of Digest credentials, by the worked examples of the RFCs."""

import pytest

from sipscope.rules.digest_response import response_due

HTTP = {"username": "Mufasa", "uri": "/dir/index.html", "nc": "00000001", "qop": "auth"}
BASIC_EXAMPLE = HTTP | {
    "realm": "testrealm@host.com",
    "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
    "cnonce": "0a4f113b",
}
SHA_EXAMPLE = HTTP | {
    "realm": "http-auth@example.org",
    "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
}


@pytest.mark.parametrize(
    ("parameters", "password", "due"),
    [
        (BASIC_EXAMPLE, "Circle Of Life", "6629fae49393a05397450978507c4ef1"),
        (SHA_EXAMPLE | {"algorithm": "MD5"}, "Circle of Life", "8ca523f5e9506fed4657c9700eebdbec"),
        (
            SHA_EXAMPLE | {"algorithm": "SHA-256"},
            "Circle of Life",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ],
    ids=["RFC 2617", "RFC 7616, MD5", "RFC 7616, SHA-256"],
)
def test_worked_examples_hold(parameters: dict[str, str], password: str, due: str) -> None:
    assert response_due(parameters, "GET", b"", password) == due


def test_without_qop_neither_count_nor_client_nonce_is_hashed() -> None:
    plain = {name: BASIC_EXAMPLE[name] for name in ("username", "realm", "nonce", "uri")}
    # MD5 of "939e7578ed9e3c518a452acee763bce9:dcd98b7102dd2f0e8b11d0f600bfb0c093:39aff3a2bab6126f332b942af96d3366".
    assert response_due(plain, "GET", b"", "Circle Of Life") == "670fd8c2df070c60b045671b8b24ff02"


def test_the_body_is_hashed_where_its_integrity_is_to_be_shown() -> None:
    whole = BASIC_EXAMPLE | {"qop": "auth-int"}
    one, other = (response_due(whole, "GET", body, "Circle Of Life") for body in (b"", b"x"))
    assert one != other


@pytest.mark.parametrize(
    "change",
    [{"algorithm": "MD5-sess"}, {"algorithm": "AKAv1-MD5"}, {"nonce": ""}, {"cnonce": ""}, {"qop": "other"}],
    ids=str,
)
def test_what_cannot_be_computed_is_not_known(change: dict[str, str]) -> None:
    assert response_due(BASIC_EXAMPLE | change, "GET", b"", "Circle Of Life") is None
