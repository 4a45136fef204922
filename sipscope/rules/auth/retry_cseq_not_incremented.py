"""A request is sent again with credentials, and with the CSeq of the one that was challenged.

What it finds
    Behind a 401 or 407 the same request with the credentials that it asked for, whose CSeq number is not higher. A
    retry with another Call-ID is a new request.
Why it matters
    The server takes it for an old request: it answers 500, repeats its challenge, or says nothing. A registrar ignores
    the update.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER cseq=1
        0.1   reg -> alice  401
              WWW-Authenticate: Digest realm="example.org", nonce="a"
        0.2   alice -> reg  REGISTER cseq=1
              Authorization: Digest username="al", realm="example.org", nonce="a", uri="sip:192.0.2.1", response="0"
        0.3   reg -> alice  200
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER cseq=1
        0.1   reg -> alice  401
              WWW-Authenticate: Digest realm="example.org", nonce="a"
        0.2   alice -> reg  REGISTER cseq=2
              Authorization: Digest username="al", realm="example.org", nonce="a", uri="sip:192.0.2.1", response="0"
        0.3   reg -> alice  200
What to check
    - The client raises CSeq by one, and keeps Call-ID and From tag.
    - Does a proxy or B2BUA answer the challenge itself? It must raise the number too, and so must be in the dialog.
Sources
    RFC 3261 §22.2; RFC 3261 §22.3; RFC 3261 §8.1.3.5
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.series import RequestSeries
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.digest import Round, nonce_of, rounds_of


@rule(
    "AUTH-003",
    name="retry-cseq-not-incremented",
    severity=ERROR,
    since="0.1",
    subject=RequestSeries,
    needs=("several attempts", ("response 401", "response 407")),
)
def retry_cseq_not_incremented(series: RequestSeries, _trace: Trace) -> Iterator[Hit]:
    """A request that is sent again with its credentials has the next CSeq (RFC 3261 §22.2)."""
    if len(series.attempts) < 2:
        return
    for item in rounds_of(series):
        before, after = item.challenged.cseq, item.retry.cseq
        if before is not None and after is not None and after.number <= before.number and _answers(item):
            yield _hit(series, item, before.number, after.number)


def _answers(item: Round) -> bool:
    """Whether the retry has a nonce of the challenge that the challenged request did not have."""
    offered = {nonce_of(value) for value in item.challenge.challenges}
    before = {nonce_of(value) for value in item.challenged.credentials}
    return bool((offered - before) & {nonce_of(value) for value in item.retry.credentials})


def _hit(series: RequestSeries, item: Round, before: int, after: int) -> Hit:
    answer = "" if item.answer is None or item.answer.is_success else f" It was answered {item.answer.label}."
    return Hit(
        text=(
            f"{series.method} was sent again with credentials and CSeq {after}, but the challenged one had CSeq "
            f"{before}; the number must rise by one.{answer}"
        ),
        evidence=(
            Evidence(frame=item.challenged.frames[-1], note=f"CSeq: {before} {series.method}"),
            Evidence(frame=item.challenge.frames[-1], note=item.challenge.label),
            Evidence(frame=item.retry.frames[-1], note=f"CSeq: {after} {series.method}, with credentials"),
        ),
        at=item.retry.at,
        identity=(series.client, series.call_id, item.retry.cseq),
    )
