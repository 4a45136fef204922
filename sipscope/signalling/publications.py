"""Publications: every PUBLISH joined with those before it by the entity-tag that it names (RFC 3903 §4.1, §8)."""

from collections.abc import Sequence
from dataclasses import field

from sipscope.model.message import Request
from sipscope.model.publication import Publication, PublicationOperation, PublicationStep
from sipscope.model.series import RequestSeries
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass

_CHALLENGES = frozenset({401, 407})


def publications_of(series: Sequence[RequestSeries]) -> tuple[Publication, ...]:
    """All publications by time of their first PUBLISH.

    A PUBLISH without an entity-tag begins one. One whose tag nobody was seen to give continues what began before the
    capture.
    """
    publishing = [item for one in series if one.method == "PUBLISH" for item in one.transactions]
    chains: list[_Chain] = []
    for transaction in sorted(publishing, key=lambda item: (item.started_at, item.first.frames)):
        request = transaction.request
        if request is not None and transaction.final_status not in _CHALLENGES:
            _join(chains, transaction, request)
    return tuple(
        Publication(
            id=f"p{number}",
            resource=chain.resource,
            event=chain.event,
            client=chain.client,
            steps=tuple(chain.steps),
        )
        for number, chain in enumerate(chains, start=1)
    )


@dataclass(slots=True)
class _Chain:
    """A publication while it is collected, with every tag that names it."""

    resource: str
    event: str
    client: str
    tags: set[str] = field(default_factory=set)
    steps: list[PublicationStep] = field(default_factory=list)


def _join(chains: list[_Chain], transaction: Transaction, request: Request) -> None:
    uri = request.request_uri
    resource = request.request_uri_text if uri is None else uri.address_of_record
    event = "" if request.event is None else request.event.value
    step = PublicationStep(operation=_operation(request), transaction=transaction)
    tag = step.asked_tag
    # The newest first: a compositor that gives a tag again means the newer state by it.
    chain = None
    if tag is not None:
        chain = next(
            (
                each
                for each in reversed(chains)
                if (each.resource, each.event) == (resource, event) and tag in each.tags
            ),
            None,
        )
    if chain is None:
        chain = _Chain(resource, event, transaction.key.client)
        chains.append(chain)
    chain.steps.append(step)
    chain.tags.update(each for each in (tag, step.given_tag) if each is not None)


def _operation(request: Request) -> PublicationOperation:
    if request.sip_if_match is None:
        return PublicationOperation.INITIAL
    if request.expires == 0:
        return PublicationOperation.REMOVE
    return PublicationOperation.MODIFY if request.body else PublicationOperation.REFRESH
