"""Passwords that the user gives, to check digests with; they are held beside a trace and never shown."""

from collections.abc import Mapping
from dataclasses import field

from sipscope.values import dataclass


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords by account; neither its text nor a comparison tells them.

    Attributes:
        by_account: Password by realm and user.
    """

    by_account: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False, compare=False)

    def __bool__(self) -> bool:
        """Whether there is one at all."""
        return bool(self.by_account)

    def of(self, realm: str, user: str) -> str | None:
        """The password of a user in a realm; None where it isn't given."""
        return self.by_account.get((realm, user))
