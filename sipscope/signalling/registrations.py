"""Registration attempts: REGISTER with its challenges and corrections as one (RFC 3261 §10, §22)."""

from collections.abc import Sequence

from sipscope.model.header_values import Address
from sipscope.model.message import Message, Request
from sipscope.model.series import RequestSeries
from sipscope.model.subscription import Registration, RegistrationOutcome
from sipscope.model.transaction import Transaction, TransactionState


def registrations_of(series: Sequence[RequestSeries]) -> tuple[Registration, ...]:
    """All attempts to register, refresh, fetch or remove bindings, by time."""
    registering = [item for item in series if item.method == "REGISTER"]
    return tuple(_registration(number, item) for number, item in enumerate(registering, start=1))


def _address_of_record(message: Message) -> str:
    return "" if message.to is None else message.to.uri.address_of_record


def _registration(number: int, series: RequestSeries) -> Registration:
    attempt = series.transactions
    last = attempt[-1]
    final = last.final
    asked = () if last.request is None else last.request.contacts
    listed = final.contacts if final is not None and final.is_success else ()
    return Registration(
        id=f"r{number}",
        address_of_record=_address_of_record(attempt[0].first),
        contacts=listed or asked,
        outcome=_outcome(last),
        expires_s=_granted(last, asked, listed),
        attempts=attempt,
        series_id=series.id,
        asked_s=None if last.request is None else _asked(last.request),
    )


def _asked(request: Request) -> int | None:
    """Seconds asked for the first contact: its own parameter first, then Expires (RFC 3261 §10.2.1.1)."""
    own = next((contact.lifetime_s for contact in request.contacts), None)
    return request.expires if own is None else own


def _outcome(last: Transaction) -> RegistrationOutcome:
    final, request = last.final, last.request
    if final is None:
        timed_out = last.state is TransactionState.TIMED_OUT
        return RegistrationOutcome.UNANSWERED if timed_out else RegistrationOutcome.PENDING
    if not final.is_success:
        return RegistrationOutcome.REJECTED
    if request is None or (not request.contacts and not request.contact_is_star):
        return RegistrationOutcome.FETCHED
    return RegistrationOutcome.REMOVED if _asks_removal(last) else RegistrationOutcome.REGISTERED


def _asks_removal(last: Transaction) -> bool:
    """Whether every contact of the request has expiry 0 (RFC 3261 §10.2.2)."""
    request = last.request
    if request is None:
        return False
    expiries = [contact.parameters.get("expires") for contact in request.contacts]
    return all(text == "0" if text is not None else request.expires == 0 for text in expiries)


def _granted(last: Transaction, asked: Sequence[Address], listed: Sequence[Address]) -> int | None:
    """Seconds granted to the contact that was asked for: its own parameter first, then Expires (RFC 3261 §10.2.4)."""
    final = last.final
    if final is None or not final.is_success:
        return None
    wanted = {contact.uri.text for contact in asked}
    for contact in listed:
        seconds = contact.lifetime_s
        if (contact.uri.text in wanted or not wanted) and seconds is not None:
            return seconds
    return final.expires
