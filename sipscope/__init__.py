"""Why a VoIP call failed, from the capture alone.

The public interface is small and typed. Everything else is internal.

    >>> import sipscope
    >>> trace = sipscope.analyze("samples/basic-call.pcapng")  # doctest: +SKIP
    >>> [call.outcome for call in trace.calls]  # doctest: +SKIP
    [<CallOutcome.ANSWERED: 'answered'>]
"""

from typing import TYPE_CHECKING, Any

from sipscope import version

if TYPE_CHECKING:
    from sipscope.model.trace import Trace
    from sipscope.pipeline import Options, analyze

__version__ = version.VERSION

__all__ = ["Options", "Trace", "__version__", "analyze"]

_HOMES = {"Options": "sipscope.pipeline", "Trace": "sipscope.model.trace", "analyze": "sipscope.pipeline"}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that the command line starts light."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
