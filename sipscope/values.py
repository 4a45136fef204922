"""The `dataclass` of values: frozen for whoever checks types, and made five times faster than a frozen one.

`dataclasses.dataclass(frozen=True)` sets each field of a new object by a call of `object.__setattr__`. A large capture
makes millions of objects, and that was a fifth of a run. So whether something changes a value is proved before the
program runs: mypy takes this decorator for the one of `dataclasses` and refuses the assignment; tests run with the
classes truly frozen, see `ENFORCED`. A value can be a key, as a frozen one can.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses

ENFORCED = False
"""Whether a change of a frozen value raises while the program runs. Who wants it, as the tests do, sets it before any
class is made."""

if not TYPE_CHECKING:

    def dataclass(*, frozen=False, **options):
        """As `dataclasses.dataclass`; what is `frozen` has a hash made of its fields, and refuses changes if ENFORCED.

        Args:
            frozen: Whether nothing changes its objects.
            options: Whatever else `dataclasses.dataclass` takes.
        """

        def made(cls):
            if ENFORCED:
                return dataclasses.dataclass(frozen=frozen, **options)(cls)
            hashed = frozen and options.get("eq", True) and "__hash__" not in cls.__dict__
            return dataclasses.dataclass(unsafe_hash=hashed, **options)(cls)

        return made


__all__ = ["ENFORCED", "dataclass"]
