"""Every call of the captures that other people made, as its frames tell it."""

from collections import Counter
from pathlib import Path

import pytest

import sipscope
from sipscope.model.call import Call
from sipscope.model.header_values import Address
from sipscope.model.trace import Trace
from tests.reference_table import captures_in

STORIES = {
    "OISF__suricata-verify__sip_compact_form.pcap": """
        1 816666 > 97239287044: open; establish:caller
    """,
    "OISF__suricata-verify__sip_header_multi_val.pcap": """
        1 816666 > 97239287044: open; establish:caller
    """,
    "arkime__arkime__gtp-iphone.pcap": """
        40 +88270006 > 122: answered 200 by callee; establish:caller accept:callee release:callee
    """,
    "goffinet__sip_captures__RTP-Protocol.pcap": """
        1 MP114.FXS1 > 101: answered 200 by callee; establish:caller reliable-provisional:caller accept:callee
            release:callee
    """,
    "goffinet__sip_captures__SIP-Call-Flow-Over-TCP.pcap": """
        3 101 > 201: answered 200 by callee; establish:caller accept:callee release:callee
    """,
    # The callee's BYE of frame 777 is the first. Of the second call nothing but the 408 is in view.
    "goffinet__sip_captures__private-test-sip-2.pcapng": """
        11 telephone2 > telephone1: answered 200 by callee; establish:caller accept:callee release:callee
        727 telephone2 > telephone1: unanswered 408 by network
    """,
    # Asterisk joins the media of both legs directly in frames 35 and 37, and takes its own back in 406, before its BYE.
    "goffinet__sip_captures__sip-2phones-B2BUA-Asterisk.pcapng": """
        19 telephone1 > 2302: answered 200 by caller; establish:caller accept:callee session-change:callee
            session-change:caller release:caller session-change:caller
    """,
    # The CANCEL of frame 247 has no answer, and its INVITE a 408. In calls 2 and 3 the proxy that had sent 407 refuses.
    "irontec__sngrep__aaa.pcap": """
        223 816666 > 97239287044: cancelled 408 by caller; establish:caller cancel:caller
        321 voi18062 > 0097239287044: rejected 403 by network; establish:caller refuse
        548 35104723 > 0097239287044: rejected 403 by network; establish:caller refuse
        602 35104723 > 35104724: rejected 480 by callee; establish:caller refuse:callee
    """,
    "irontec__sngrep__ipip.pcap": """
        1 1bdaa608131517540000 > 1bdaa608131517540000: answered 200 by caller; establish:caller accept:callee
            release:caller
    """,
    # Two early dialogs; the 200 of frame 26 is for the second, and only the one of frame 28 reaches the caller.
    "irontec__sngrep__ipv6frag.pcap": """
        2 sipp > mcr: answered 200 by caller; establish:caller fork reliable-provisional:caller
            session-change:caller reliable-provisional:caller session-change:caller accept:callee release:caller
    """,
    # The SBC passes the INVITE of frame 23 on in frame 27, with Call-ID and tags of its own; the offer of T.38 in frame
    # 1398 is refused in 1404.
    "ntop__nDPI__FAX-Call-t38-CA-TDM-SIP-FB-1.pcap": """
        23 unavailable > 061963177: answered 200 by caller; establish:caller accept:callee telephone-event:callee
            session-change:callee session-change-refused:callee session-change:caller release:caller
    """,
    "open5gs__open5gs__ipsec_to_ipsec_call.pcapng": """
        18 0498765432100 > 0398765432100;phone-context=0498765432100: answered 200; establish:caller
            reliable-provisional:caller session-change:caller accept:callee
    """,
    # The media of frame 22 is 6 ms ahead of the 200: no early media.
    "realjimmy__sample-captures__Asterisk_ZFONE_XLITE.pcap": """
        15 10009 > 10008: answered 200 by callee; establish:caller accept:callee session-change:callee
            release:callee
    """,
    # Three INVITEs without To tag are answered with one tag, two of them after their CANCELs of frames 6 and 7.
    "realjimmy__sample-captures__DTMFsipinfo.pcap": """
        1 admind > echo: answered 200; establish:caller accept:callee cancel:caller cancel:caller
            session-change:caller session-change:caller digits:caller session-change:callee digits:caller
    """,
    # The digits come from an address in no SDP, to the port of the callee.
    "realjimmy__sample-captures__SIP_DTMF2.cap": """
        7 2502 > 2504: rejected 603 by callee; establish:caller refuse:callee
        14 2502 > 2504: answered 200; establish:caller accept:callee digits:caller
    """,
    "realjimmy__sample-captures__h263-over-rtp.pcap": """
        1 matthew > auto: answered 200; establish:caller accept:callee
    """,
    "realjimmy__sample-captures__sip-rtp-g722.pcap": """
        1 sipp > test: answered 200 by callee; establish:caller accept:callee release:callee
    """,
    "realjimmy__sample-captures__sip-rtp-g729a.pcap": """
        1 sipp > test: answered 200 by callee; establish:caller accept:callee release:callee
    """,
    "realjimmy__sample-captures__sip-rtp-opus.pcap": """
        1 sipp > test: answered 200 by callee; establish:caller accept:callee release:callee
    """,
    # The callee holds in frame 45, calls the target in 53, holds it in 94, and is refused the transfer in 118. What the
    # PBX does to the target in frames 128 to 135 comes after the caller's BYE of frame 124.
    "sipcapture__heplify__erspan_sip_ipv4_udp.pcapng": """
        21 20008777 > 20008909: answered 200 by callee; establish:caller accept:callee hold:callee
            attended-transfer:callee release:callee
        53 20008909 > 20008910: answered 200 by caller; establish:caller accept:callee hold:caller
            session-change:caller release:caller resume:caller session-change:caller
    """,
    # Calls under way when the capture begins are open: who called whom isn't in view. Other To tags in 200 than in 180
    # are forks. The CANCELs of frames 515 and 847 come from a proxy's side, so nobody is named.
    "sipcapture__heplify__sip_ipv4_tcp_fragmented.pcap": """
        2 540454 > 699818: answered 200 by caller; establish:caller accept:callee release:caller
        12 499705 > 79283840774: rejected 486 by callee; refuse:callee
        35 79263776264 > 699800: answered 200; establish:caller accept:callee
        47 maxus.lan > 699810: unanswered; establish:caller
        79 493179 > 79210088228: open; release
        86 493124 > 0406: open; release
        91 79325324632 > 699800: answered 200 by caller; establish:caller accept:callee release:caller
        104 562735 > 699818: answered 200 by caller; establish:caller accept:callee release:caller
        133 699810 > 79202719250: open; release
        159 79106234918 > 699800: answered 200 by caller; establish:caller accept:callee release:caller
        170 79036196941 > 699820: answered 200 by caller; establish:caller fork accept:callee release:caller
        205 79774729882 > 699800: answered 200; establish:caller accept:callee
        216 79120117777 > 699820: answered 200 by caller; establish:caller accept:callee release:caller
        240 402446 > 12336: open; release
        261 79266522236 > 699800: open; release
        269 493153 > 0496: open; release
        291 79299144627 > 699820: answered 200; establish:caller fork accept:callee
        304 411276 > 63239: open; release
        350 699810 > 79052959595: open
        354 493020 > 79270262646: answered 200 by caller; accept:callee release:caller
        377 499701 > 40820: answered 200; establish:caller reliable-provisional:caller accept:callee
        403 79535823956 > 699800: answered 200; establish:caller accept:callee
        419 512523 > 411404: open; release
        449 402446 > 15256: answered 200 by caller; establish:caller reliable-provisional:caller accept:callee
            release:caller
        484 493060 > 79165323185: open; release
        490 493187 > 79670386223: open; release
        494 699800 > 79069856196: open; release
        507 699810 > 79095512314: open
        517 499700 > 79320955749: cancelled 487; cancel
        536 441130 > 12382: answered 200 by caller; establish:caller accept:callee release:caller
        559 403592 > 12054: cancelled 487; establish:caller cancel
        580 699810 > 79854682032: open
        593 79286654510 > 699810: answered 200; establish:caller accept:callee
        622 699820 > 79057536307: open; release
        627 564868 > 699818: answered 200; establish:caller accept:callee
        661 699800 > 74991963727: open
        666 74957804731 > 699800: answered 200 by caller; establish:caller accept:callee release:caller
        740 499703 > 79526377771: answered 200; establish:caller reliable-provisional:caller accept:callee
        759 79276762686 > 0496: answered 200; establish:caller accept:callee
        769 571263 > 699818: answered 200 by caller; establish:caller accept:callee release:caller
        798 79270885091 > 699800: answered 200; establish:caller accept:callee
        840 79189242174 > 0496: open; release
        879 12919 > 402067: open; release
        894 79135045333 > 699800: answered 200; establish:caller accept:callee
        924 555 > 499743: open; release
        944 499722 > 79150864378: rejected 403 by network; establish:caller refuse
        955 571769 > 699818: answered 200; establish:caller accept:callee
        984 79094587330 > 699810: answered 200; establish:caller accept:callee
        1013 402446 > 12484: answered 200 by callee; establish:caller accept:callee release:callee
        1067 493173 > 79081370738: answered 200 by callee; establish:caller reliable-provisional:caller
            accept:callee release:callee
        1086 493059 > 79834118147: open; release
        1136 403483 > 12082: open; release
        1146 493102 > 62112: answered 200; establish:caller accept:callee
        1166 493060 > 79168078191: open; establish:caller reliable-provisional:caller
        1193 481334 > 54018: answered 200; establish:caller accept:callee
        1225 79639005545 > 699810: answered 200; establish:caller accept:callee
        1267 563187 > 699818: answered 200; establish:caller accept:callee
        1368 79527186718 > 699800: answered 200; establish:caller accept:callee
        1385 493099 > 25061: answered 200; establish:caller accept:callee
        1414 88888 > 493153: open; release
        1421 699800 > 79659827582: open; release
        1452 524596 > 699820: answered 200; establish:caller fork accept:callee
        1511 431110 > 572105: open; release
        1526 699800 > 79112718460: open; release
        1531 79834206360 > 699810: open; establish:caller
    """,
    # 1.4 ms behind its own 100 a server refuses, with the text nocallee: nothing that the callee said.
    "sipcapture__heplify__sip_sctp.pcap": """
        2 9171969136 > 9275890000: rejected 403 by network; establish:caller refuse
    """,
    # The WebSocket leg and the leg behind FreeSWITCH; the ACK of frame 15 has a branch of its own, and makes no fork.
    "sipcapture__heplify__sip_tcp_websocket.pcap": """
        11 12675941249_Uclx8s21Ck82KTJtkFC1ltbEbcHGKjXLrsz2bdJVWGX > +12263382742: answered 200 by caller;
            establish:caller accept:callee release:caller
    """,
    # A 487 to an INVITE that isn't in view: the request before it is an INVITE1.
    "snort3__snort3_demo__user_defined_method.pcap": """
        2 111 > 4321: cancelled 487
    """,
    # The second one rings when the capture ends.
    "t0data__PCAP_wireshark__SIP_CALL_RTP_G711": """
        1 200.57.7.195 > francisco: answered 200; establish:caller accept:callee
        2964 5514540002 > francisco: open; establish:caller
    """,
    "zeek__zeek__invalid-content-length.pcap": """
        1 alice > bob: answered 200; establish:caller accept:callee
    """,
}
"""By capture, a line for each call: the frame with its first message, who called whom, how it ended, by whom, and its
services. Read against the frames with tshark; a capture that isn't here has no call."""

LOAD = "goffinet__sip_captures__uac-uas-scenario-sipp.pcapng"
"""771 calls of a load generator, one like the other."""

DAMAGED = {"ntop__nDPI__fuzz-2006-06-26-2594.pcap"}
"""Captures whose bytes were changed on purpose: no story of them is true."""


@pytest.fixture(scope="module")
def paths(shared: Path) -> list[Path]:
    return [path for path in captures_in(shared / "captures") if path.name not in DAMAGED]


def test_every_call_is_told_as_its_frames_tell_it(paths: list[Path]) -> None:
    told = {path.name: stories_of(sipscope.analyze(str(path))) for path in paths if path.name != LOAD}
    assert {name: calls for name, calls in told.items() if calls} == {
        name: lines_of(text) for name, text in STORIES.items()
    }


def test_calls_of_a_load_generator_end_as_their_frames_tell_it(paths: list[Path]) -> None:
    (path,) = [path for path in paths if path.name == LOAD]
    endings = Counter(story_of(call).partition(": ")[2] for call in sipscope.analyze(str(path)).calls)
    assert endings == {
        "answered 200 by caller; establish:caller accept:callee release:caller": 768,
        "answered 200; establish:caller accept:callee": 3,
    }


def lines_of(text: str) -> list[str]:
    """The calls of a block of text; a line that is indented further goes on with the call above it."""
    lines: list[str] = []
    for line in text.strip("\n").splitlines()[:-1]:
        if line.startswith(" " * 12):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line.strip())
    return lines


def stories_of(trace: Trace) -> list[str]:
    return [story_of(call) for call in trace.calls]


def story_of(call: Call) -> str:
    firsts = [*(item.first for item in call.invites[:1]), *(dialog.transactions[0].first for dialog in call.dialogs)]
    frame = min(message.frames[-1] for message in firsts)
    by = None if call.released_by is None else f"by {call.released_by}"
    ended = " ".join(str(word) for word in (call.outcome, call.final_status, by) if word is not None)
    services = " ".join(
        service.name if service.by is None else f"{service.name}:{service.by}" for service in call.services
    )
    told = f"{ended}; {services}" if services else ended
    return f"{frame} {party_of(call.caller)} > {party_of(call.callee)}: {told}"


def party_of(address: Address | None) -> str:
    return "nobody" if address is None else address.uri.user or address.uri.host
