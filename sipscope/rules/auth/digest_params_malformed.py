"""Credentials or a challenge are written in a way that strict peers reject: quotes, qop, or the length of the response.

What it finds
    Credentials without qop where the challenge offered it, or with one that was not offered; qop without cnonce or nc;
    cnonce without qop; uri, realm or another string without quotation marks; a response that is a hash of another
    length than the algorithm makes. As warnings: these, where the peer let them pass, qop of credentials or nc in
    quotation marks, and qop of a challenge without. Quotation marks around algorithm or stale are so common that they
    are information. The empty nonce and response of IMS clients are meant.
Why it matters
    Strict servers reject it and lenient ones don't: it works with one vendor and fails with another.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  401
              WWW-Authenticate: Digest realm="r", nonce="a", qop="auth"
        0.2   alice -> reg  REGISTER
              Authorization: Digest username="al", realm="r", nonce="a", uri=sip:192.0.2.1, response="0"
        0.3   reg -> alice  200
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  401
              WWW-Authenticate: Digest realm="r", nonce="a"
        0.2   alice -> reg  REGISTER
              Authorization: Digest username="al", realm="r", nonce="a", uri="sip:192.0.2.1", response="0"
        0.3   reg -> alice  200
What to check
    - username, realm, nonce, uri, response, opaque and cnonce stand in quotation marks; algorithm, stale, nc and qop of
      credentials don't.
    - A challenge that offers qop is answered with qop, cnonce and nc, together.
    - Does an element in between write the header field anew?
Sources
    RFC 3261 §22.4; RFC 3261 §25.1
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sipscope.model.defects import Severity
from sipscope.model.finding import Evidence
from sipscope.model.header_values import AuthenticationValue
from sipscope.model.message import Message, Response
from sipscope.model.series import RequestSeries
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.digest import SPELT, answers, digests, is_rejection, nonce_of, quoting_of
from sipscope.rules.exchanges import is_cut

_STRINGS = frozenset({"username", "realm", "nonce", "uri", "response", "opaque", "cnonce", "domain"})
_TOKENS = {"nc": WARNING, "qop": WARNING, "algorithm": INFO, "stale": INFO}
_HASH_DIGITS = {"MD5": 32, "MD5-SESS": 32, "SHA-256": 64, "SHA-256-SESS": 64}
_SHORTEST_HASH = 16
"""Fewer digits are no hash at all but what somebody put in its place who made a capture anonymous."""

_Fault = tuple[str, Severity]


@rule(
    "AUTH-009",
    name="digest-params-malformed",
    severity=ERROR,
    since="0.1",
    subject=RequestSeries,
    needs=(("authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate"),),
)
def digest_params_malformed(series: RequestSeries, _trace: Trace) -> Iterator[Hit]:
    """The uri is quoted, and qop is sent where it was offered (RFC 3261 §22.4, items 2 and 8)."""
    challenge: Response | None = None
    for attempt in series.attempts:
        request, final = attempt.first, attempt.final
        if request.credentials and not is_cut(request):
            yield from _credential_hits(series, request, challenge, final)
        challenge = final if final is not None and final.challenges and not is_cut(final) else None
        if challenge is not None:
            yield from _challenge_hits(series, challenge)


def _challenge_hits(series: RequestSeries, challenge: Response) -> Iterator[Hit]:
    for header, values in _by_header(challenge.challenges).items():
        faults = list(_challenge_faults(challenge, header)) if len(digests(values)) == len(values) else []
        if faults:
            yield _hit(series, challenge, header, faults, where=f"the {challenge.label}", evidence=())


def _credential_hits(
    series: RequestSeries, request: Message, challenge: Response | None, final: Response | None
) -> Iterator[Hit]:
    rejected = is_rejection(final)
    asked = [] if challenge is None else digests(challenge.challenges)
    for header, values in _by_header(request.credentials).items():
        # An empty nonce or response is how IMS clients tell their name before any challenge.
        given = [value for value in digests(values) if nonce_of(value) and value.parameters.get("response")]
        if len(given) != len(values):
            continue
        faults = list(_quoting_faults(quoting_of(request, header), tokens=_TOKENS))
        for value in given:
            offered = _offered([one for one in asked if answers(value, one)])
            faults += [(words, ERROR) for words in (*_qop_faults(value, offered), *_length_faults(value))]
        mild = [(words, severity if rejected or severity is not ERROR else WARNING) for words, severity in faults]
        if mild:
            where = f"{series.method} of {series.client}"
            evidence = [] if challenge is None else [Evidence(frame=challenge.frames[-1], note=challenge.label)]
            evidence += [] if final is None else [Evidence(frame=final.frames[-1], note=final.label)]
            yield _hit(series, request, header, mild, where=where, evidence=evidence)


def _by_header(values: tuple[AuthenticationValue, ...]) -> dict[str, tuple[AuthenticationValue, ...]]:
    return {value.header: tuple(one for one in values if one.header == value.header) for value in values}


def _quoting_faults(quoting: Iterable[tuple[str, bool]], *, tokens: Mapping[str, Severity]) -> Iterator[_Fault]:
    """Strings without quotation marks, and tokens that have them."""
    for name, quoted in quoting:
        if name in _STRINGS and not quoted:
            yield f"{name} isn't in quotation marks", ERROR
        elif name in tokens and quoted:
            yield f"{name} is in quotation marks", tokens[name]


def _challenge_faults(final: Response, header: str) -> Iterator[_Fault]:
    """As for credentials, but that qop is a string here (RFC 3261 §25.1, qop-options)."""
    quoting = list(quoting_of(final, header))
    yield from _quoting_faults(quoting, tokens={"algorithm": INFO, "stale": INFO})
    if ("qop", False) in quoting:
        yield "qop isn't in quotation marks", WARNING


def _offered(challenges: list[AuthenticationValue]) -> set[str]:
    texts = [challenge.parameters.get("qop") or "" for challenge in challenges]
    return {option.strip().lower() for text in texts for option in text.split(",") if option.strip()}


def _qop_faults(value: AuthenticationValue, offered: set[str]) -> Iterator[str]:
    parameters = value.parameters
    chosen = parameters.get("qop")
    if chosen is None:
        if offered:
            yield f"qop is absent, offered was “{', '.join(sorted(offered))}”"
        elif "cnonce" in parameters:
            yield "cnonce stands without qop"
        return
    if offered and chosen.strip().lower() not in offered:
        yield f"qop is “{chosen}”, offered was “{', '.join(sorted(offered))}”"
    lacking = [name for name in ("cnonce", "nc") if name not in parameters]
    if lacking:
        yield f"qop stands without {' and '.join(lacking)}"


def _length_faults(value: AuthenticationValue) -> Iterator[str]:
    algorithm = value.parameters.get("algorithm") or "MD5"
    response = value.parameters.get("response") or ""
    due = _HASH_DIGITS.get(algorithm.upper())
    is_hash = len(response) >= _SHORTEST_HASH and all(digit in "0123456789abcdefABCDEF" for digit in response)
    if due is not None and is_hash and len(response) != due:
        yield f"response has {len(response)} digits, {algorithm} makes {due}"


def _hit(
    series: RequestSeries,
    message: Message,
    header: str,
    faults: Sequence[_Fault],
    *,
    where: str,
    evidence: Sequence[Evidence],
) -> Hit:
    words = "; ".join(dict.fromkeys(text for text, _ in faults))
    return Hit(
        text=f"{SPELT[header]} in {where} is malformed: {words}.",
        evidence=(*evidence, Evidence(frame=message.frames[-1], note=f"{SPELT[header]}: {words}")),
        at=message.at,
        severity=max((severity for _, severity in faults), key=lambda severity: severity.rank),
        identity=(series.client, message.hop.source, header, words),
    )
