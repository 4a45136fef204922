"""Why a VoIP call failed, from the capture alone.

The public interface is small and typed:

    >>> import sipscope
    >>> trace = sipscope.analyze("samples/basic-call.pcapng")  # doctest: +SKIP
"""
