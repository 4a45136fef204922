"""The parameters of a format (`a=fmtp`) as names and values."""

from collections.abc import Mapping

from sipscope.model.description import RtpFormat


def parameters_of(rtp_format: RtpFormat) -> Mapping[str, str]:
    """Names in lower case with their values as they came; a name without a value has an empty one."""
    found: dict[str, str] = {}
    for part in (rtp_format.parameters or "").split(";"):
        name, _, value = part.partition("=")
        if name.strip():
            found.setdefault(name.strip().lower(), value.strip())
    return found


def format_line(rtp_format: RtpFormat) -> str:
    """The mapping of a format with its parameters as lines of SDP."""
    line = f"a=rtpmap:{rtp_format.payload_type} {rtp_format}"
    return (
        line if rtp_format.parameters is None else f"{line}, a=fmtp:{rtp_format.payload_type} {rtp_format.parameters}"
    )
