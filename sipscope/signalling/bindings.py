"""Bindings of addresses of record over time, as the answers to REGISTER tell them (RFC 3261 §10.2, §10.3)."""

from collections.abc import Sequence
from dataclasses import field

from sipscope.model.header_values import Address
from sipscope.model.message import Response
from sipscope.model.subscription import Binding, BindingEvent, BindingEventKind, Registration, RegistrationOutcome
from sipscope.model.time import SECOND, Instant
from sipscope.values import dataclass

_Key = tuple[object, ...]

_MADE = frozenset({BindingEventKind.ADDED, BindingEventKind.REFRESHED, BindingEventKind.LISTED})


@dataclass(slots=True)
class _Draft:
    """A binding while its history is collected."""

    address_of_record: str
    contact: Address
    history: list[BindingEvent] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """Whether nothing has ended it."""
        return bool(self.history) and self.history[-1].kind in _MADE

    def expire(self, at: Instant) -> None:
        """Note the expiry, if it came before an instant."""
        last = self.history[-1] if self.history else None
        if last is None or last.expires_s is None or not self.is_live:
            return
        end = last.at + last.expires_s * SECOND
        if end <= at:
            self.add(BindingEventKind.EXPIRED, end, last.frame, None, last.registration_id)

    def add(self, kind: BindingEventKind, at: Instant, frame: int, expires_s: int | None, registration_id: str) -> None:
        """Note what happened."""
        self.history.append(
            BindingEvent(kind=kind, at=at, frame=frame, expires_s=expires_s, registration_id=registration_id)
        )


def bindings_of(registrations: Sequence[Registration], capture_ended_at: Instant | None) -> tuple[Binding, ...]:
    """All bindings that a capture tells of, by time of what is known of them first."""
    drafts: dict[_Key, _Draft] = {}
    of_record: dict[str, list[_Draft]] = {}
    accepted = [item for item in registrations if item.final is not None and item.final.is_success]
    for item in sorted(accepted, key=lambda item: 0 if item.final is None else item.final.at):
        if item.final is not None:
            _apply(drafts, of_record, item, item.final)
    if capture_ended_at is not None:
        for draft in drafts.values():
            draft.expire(capture_ended_at)
    found = sorted((draft for draft in drafts.values() if draft.history), key=lambda draft: draft.history[0].at)
    return tuple(_binding(number, draft) for number, draft in enumerate(found, start=1))


def _apply(drafts: dict[_Key, _Draft], of_record: dict[str, list[_Draft]], item: Registration, final: Response) -> None:
    """What one accepted REGISTER changes."""
    own = of_record.setdefault(item.address_of_record, [])
    # A refresh that was sent in time counts, however late its answer comes.
    for draft in own:
        draft.expire(final.at if item.request is None else item.request.at)
    request = item.request
    if request is not None and request.contact_is_star and item.outcome is RegistrationOutcome.REMOVED:
        for draft in own:
            _remove(draft, item, final)
        return
    asked = () if request is None else request.contacts
    listed = {_key(item, contact): contact for contact in final.contacts}
    for contact in asked:
        key = _key(item, contact)
        draft = _draft(drafts, own, item, contact)
        told = listed.get(key)
        wanted = contact.lifetime_s if contact.lifetime_s is not None or request is None else request.expires
        if wanted == 0:
            _remove(draft, item, final)
        else:
            _keep(draft, item, final, told)
    keys = {_key(item, contact) for contact in asked}
    for key, contact in listed.items():
        if key not in keys:
            draft = _draft(drafts, own, item, contact)
            if not draft.is_live:
                draft.add(BindingEventKind.LISTED, final.at, final.frames[-1], contact.lifetime_s, item.id)


def _draft(drafts: dict[_Key, _Draft], own: list[_Draft], item: Registration, contact: Address) -> _Draft:
    key = _key(item, contact)
    if key not in drafts:
        drafts[key] = _Draft(item.address_of_record, contact)
        own.append(drafts[key])
    drafts[key].contact = contact
    return drafts[key]


def _keep(draft: _Draft, item: Registration, final: Response, told: Address | None) -> None:
    seconds = None if told is None else told.lifetime_s
    granted = final.expires if seconds is None else seconds
    kind = BindingEventKind.REFRESHED if draft.is_live else BindingEventKind.ADDED
    draft.add(kind, final.at, final.frames[-1], granted, item.id)


def _remove(draft: _Draft, item: Registration, final: Response) -> None:
    if draft.is_live or not draft.history:
        draft.add(BindingEventKind.REMOVED, final.at, final.frames[-1], None, item.id)


def _key(item: Registration, contact: Address) -> _Key:
    """What makes a binding the same: with outbound the instance and reg-id (RFC 5626 §6), else the contact."""
    instance, reg_id = _instance(contact), contact.parameters.get("reg-id")
    if instance is not None and reg_id is not None:
        return (item.address_of_record, instance, reg_id)
    uri = contact.uri
    transport = (uri.parameters.get("transport") or "").lower()
    return (item.address_of_record, uri.scheme, uri.user, uri.host, uri.port, transport)


def _instance(contact: Address) -> str | None:
    text = contact.parameters.get("+sip.instance")
    return None if text is None else text.strip("<>")


def _binding(number: int, draft: _Draft) -> Binding:
    return Binding(
        id=f"b{number}",
        address_of_record=draft.address_of_record,
        contact=draft.contact,
        instance=_instance(draft.contact),
        reg_id=draft.contact.parameters.get("reg-id"),
        history=tuple(draft.history),
    )
