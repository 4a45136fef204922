"""Which INVITE a REFER brought about: a score of evidence, each piece in words (RFC 3515 §2.4.3, RFC 3892, RFC 3891).

An INVITE that left before the REFER came speaks against it; one INVITE serves one REFER only.
"""

from collections.abc import Iterator, Sequence

from sipscope.model.dialog import Dialog, Party
from sipscope.model.header_values import Address, DialogReference, Uri
from sipscope.model.message import Request
from sipscope.model.time import MILLISECOND, SECOND, Duration, Instant
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass

DIRECT = 70
PROBABLE = 45
BEFORE: Duration = 200 * MILLISECOND
"""A B2BUA may send the INVITE a moment before the REFER passes the tap."""
AFTER: Duration = 30 * SECOND
PROMPT: Duration = 5 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteSeries:
    """An INVITE over its attempts (challenge, redirect, retry) and hops: equal Call-ID and From tag.

    Attributes:
        attempts: Every transaction, by time.
    """

    attempts: tuple[Transaction, ...]

    @property
    def first(self) -> Transaction:
        """The first attempt on its first hop."""
        return self.attempts[0]

    @property
    def last(self) -> Transaction:
        """The newest attempt, on its first hop."""
        newest = max(_number(item) for item in self.attempts)
        return next(item for item in self.attempts if _number(item) == newest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The best candidate.

    Attributes:
        series: The INVITE.
        score: Points.
        evidence: In words.
    """

    series: InviteSeries
    score: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a REFER asks for, and of whom.

    Attributes:
        refer: The REFER.
        target: Refer-To.
        replaces: The Replaces header embedded in Refer-To.
        referred_by: Referred-By of the REFER, else the identity of the transferor.
        transferee: The party that got the REFER; None out of dialog.
        transferee_address: IP address that the REFER was sent to.
        accepted_at: When it was accepted.
        known_call_ids: Call-IDs of the dialogs that were there before.
        told_at: When a final result was reported; None when none was.
    """

    refer: Request
    target: Address
    replaces: DialogReference | None
    referred_by: Address | None
    transferee: Party | None
    transferee_address: str
    accepted_at: Instant
    known_call_ids: frozenset[str]
    told_at: Instant | None = None


def series_of(transactions: Sequence[Transaction]) -> tuple[InviteSeries, ...]:
    """Dialog-creating INVITEs grouped into attempts, by time."""
    found: dict[tuple[str | None, str | None], list[Transaction]] = {}
    for transaction in transactions:
        if transaction.is_dialog_creating_invite:
            found.setdefault((transaction.first.call_id, transaction.first.from_tag), []).append(transaction)
    return tuple(InviteSeries(attempts=tuple(attempts)) for attempts in found.values())


def triggered_by(reference: Reference, candidates: Sequence[InviteSeries]) -> Match | None:
    """The candidate with the highest score of at least `PROBABLE`, the earliest of equals.

    Where it failed and the transferee tried again, it is the last try that counts.
    """
    matches = list(_matches(reference, candidates))
    best = max(matches, key=lambda match: match.score, default=None)
    while best is not None:
        retry = _retry_of(best, matches, reference)
        if retry is None:
            return best
        best = retry
    return None


def _matches(reference: Reference, candidates: Sequence[InviteSeries]) -> Iterator[Match]:
    since, until = span_of(reference)
    for series in candidates:
        request = series.first.request
        if request is None or not since <= request.at <= until or request.call_id in reference.known_call_ids:
            continue
        match = _scored(reference, series, request)
        if match.score >= PROBABLE:
            yield match


def _retry_of(failed: Match, matches: Sequence[Match], reference: Reference) -> Match | None:
    """A further INVITE under another Call-ID, sent soon after a failure and before the result was told."""
    final = failed.series.last.final
    if final is None or final.is_success:
        return None
    latest = final.at + PROMPT
    if reference.told_at is not None:
        latest = min(latest, reference.told_at)
    # Only those behind it: where a log tells no times, a failed INVITE began when it failed.
    behind = matches[1 + next(place for place, match in enumerate(matches) if match is failed) :]
    return next(
        (match for match in behind if match.score >= DIRECT and final.at <= match.series.first.started_at <= latest),
        None,
    )


def span_of(reference: Reference) -> tuple[Instant, Instant]:
    """When the first and the last INVITE may leave that a REFER triggers."""
    return reference.refer.at - BEFORE, reference.accepted_at + AFTER


def _scored(reference: Reference, series: InviteSeries, request: Request) -> Match:
    pieces = list(_evidence(reference, series, request))
    return Match(series=series, score=sum(points for points, _ in pieces), evidence=tuple(words for _, words in pieces))


def _evidence(reference: Reference, series: InviteSeries, request: Request) -> Iterator[tuple[int, str]]:
    if reference.replaces is not None and _same_reference(reference.replaces, series):
        yield 45, "it carries the Replaces header of Refer-To"
    yield from _target_evidence(reference.target.uri, request)
    if _names_referrer(reference, request):
        yield 25, "its Referred-By names the transferor"
    yield from _sender_evidence(reference, series, request)
    if request.at <= reference.accepted_at + PROMPT:
        yield 10, "it left within 5 s of the acceptance"
    if request.at < reference.refer.at:
        yield -60, "but it left before the REFER"


def _same_reference(wanted: DialogReference, series: InviteSeries) -> bool:
    for attempt in series.attempts:
        found = None if attempt.request is None else attempt.request.replaces
        if found is not None and (found.call_id, found.to_tag, found.from_tag) == (
            wanted.call_id,
            wanted.to_tag,
            wanted.from_tag,
        ):
            return True
    return False


def _target_evidence(target: Uri, request: Request) -> Iterator[tuple[int, str]]:
    uris = [uri for uri in (request.request_uri, request.to.uri if request.to else None) if uri is not None]
    if any(_same_address(target, uri) for uri in uris):
        yield 30, "it is sent to the address of Refer-To"
    elif target.user and any(uri.user == target.user for uri in uris):
        yield 15, "it is sent to the user of Refer-To"


def _same_address(one: Uri, other: Uri) -> bool:
    return (one.user, one.host) == (other.user, other.host)


def _names_referrer(reference: Reference, request: Request) -> bool:
    named, wanted = request.referred_by, reference.referred_by
    return named is not None and wanted is not None and _same_address(named.uri, wanted.uri)


def _sender_evidence(reference: Reference, series: InviteSeries, request: Request) -> Iterator[tuple[int, str]]:
    party = reference.transferee
    hosts = {reference.transferee_address}
    if party is not None:
        hosts.add(party.endpoint.address)
        if party.contact is not None:
            hosts.add(party.contact.uri.host)
    if any(attempt.hop.source.address in hosts for attempt in series.attempts):
        yield 25, "it comes from the transferee's address"
    if party is None:
        return
    if party.address is not None and request.from_ is not None and _same_address(party.address.uri, request.from_.uri):
        yield 15, "its From is the transferee"
    if party.user_agent is not None and party.user_agent == request.user_agent:
        yield 5, "its User-Agent is the transferee's"


def _number(transaction: Transaction) -> int:
    cseq = transaction.first.cseq
    return 0 if cseq is None else cseq.number


def known_call_ids(dialog: Dialog | None, replaces: DialogReference | None) -> frozenset[str]:
    """Call-IDs that the triggered INVITE can't have: the dialog of the REFER, and the one to be replaced."""
    found = set() if dialog is None else {dialog.key.call_id}
    if replaces is not None:
        found.add(replaces.call_id)
    return frozenset(found)
