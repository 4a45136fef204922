"""What the rules about Digest authentication share: challenges, credentials, and rounds of both (RFC 3261 §22)."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from sipscope.model.header_values import AuthenticationValue
from sipscope.model.message import Message, Request, Response
from sipscope.model.series import RequestSeries
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.rules.unanswered import DEADLINE
from sipscope.values import dataclass

CHALLENGING = frozenset({401, 407})
"""Statuses that challenge (RFC 3261 §22.2, §22.3)."""

ANSWERING = {"www-authenticate": "authorization", "proxy-authenticate": "proxy-authorization"}
"""The header field that answers each kind of challenge (RFC 3261 §22.2, §22.3)."""

SPELT = {
    "www-authenticate": "WWW-Authenticate",
    "proxy-authenticate": "Proxy-Authenticate",
    "authorization": "Authorization",
    "proxy-authorization": "Proxy-Authorization",
}
"""Header names as people write them."""

REJECTING = frozenset({400, 401, 403, 407})
"""Statuses by which servers reject credentials, or what they are written like."""

_QUOTED_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_PARAMETER = re.compile(r'(?:^|[,\s])(?P<name>[A-Za-z-]+)\s*=\s*(?P<quote>"?)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A challenge and the attempt that followed it in the same series.

    Attributes:
        challenged: The request that was challenged.
        challenge: The 401 or 407.
        retry: The request that followed.
        answer: The final response to that; None when none was seen.
    """

    challenged: Request
    challenge: Response
    retry: Request
    answer: Response | None


def rounds_of(series: RequestSeries) -> Iterator[Round]:
    """Every challenge of a series that has an attempt behind it, by time."""
    for before, after in pairwise(series.attempts):
        challenge, challenged, retry = before.final, before.first, after.first
        if challenge is None or challenge.status not in CHALLENGING:
            continue
        if isinstance(challenged, Request) and isinstance(retry, Request):
            yield Round(challenged=challenged, challenge=challenge, retry=retry, answer=after.final)


def is_digest(value: AuthenticationValue) -> bool:
    """Whether the scheme is Digest, and no extension of it by 3GPP, whose empty values are meant."""
    algorithm = (value.parameters.get("algorithm") or "").upper()
    return value.scheme.lower() == "digest" and not algorithm.startswith("AKA")


def digests(values: tuple[AuthenticationValue, ...]) -> list[AuthenticationValue]:
    """The Digest values with a realm among challenges or credentials."""
    return [value for value in values if is_digest(value) and value.parameters.get("realm") is not None]


def realm_of(value: AuthenticationValue) -> str:
    """The realm, empty when absent."""
    return value.parameters.get("realm") or ""


def nonce_of(value: AuthenticationValue) -> str:
    """The nonce, empty when absent."""
    return value.parameters.get("nonce") or ""


def is_stale(challenge: AuthenticationValue) -> bool:
    """Whether the challenge says that the nonce alone was at fault."""
    return (challenge.parameters.get("stale") or "").lower() == "true"


def answers_kind(credentials: AuthenticationValue, challenge: AuthenticationValue) -> bool:
    """Whether credentials stand in the header field that answers this kind of challenge."""
    return ANSWERING.get(challenge.header) == credentials.header


def answers(credentials: AuthenticationValue, challenge: AuthenticationValue) -> bool:
    """Whether credentials were made for exactly this challenge: kind, realm and nonce."""
    return (
        answers_kind(credentials, challenge)
        and realm_of(credentials) == realm_of(challenge)
        and nonce_of(credentials) == nonce_of(challenge)
    )


def is_rejection(answer: Response | None) -> bool:
    """Whether credentials were rejected, and not for the age of their nonce."""
    if answer is None or answer.status not in REJECTING:
        return False
    return not any(is_stale(challenge) for challenge in answer.challenges)


def quoting_of(message: Message, header: str) -> Iterator[tuple[str, bool]]:
    """Names of the parameters in the lines of a header field, lower-case, and whether the value of each is quoted."""
    for value in message.headers.all(header):
        # Without their content, nothing in quoted strings looks like a parameter.
        for found in _PARAMETER.finditer(_QUOTED_STRING.sub('""', value)):
            yield found["name"].lower(), bool(found["quote"])


def answered_later(series: RequestSeries, trace: Trace, realms: set[str]) -> bool:
    """Whether the client of a challenged series sends credentials for a realm in time, in whatever request."""
    at = series.attempts[-1].first.at
    start = bisect_left(trace.series, series.started_at, key=_started_at)
    for number in range(start, len(trace.series)):
        other = trace.series[number]
        if other.started_at > at + DEADLINE:
            return False
        if other.client == series.client and any(
            realm_of(value) in realms
            for item in other.transactions
            if item.started_at >= at and item is not series.transactions[-1]
            for value in item.first.credentials
        ):
            return True
    return False


def _started_at(series: RequestSeries) -> Instant:
    return series.started_at
