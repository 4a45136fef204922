"""Roles of hosts: what transactions show of each, and how surely, where other hosts may be out of view."""

import pytest

from sipscope.calls.roles import host_roles_of, role_signs_of
from sipscope.model.call import Release
from sipscope.model.defects import Confidence
from sipscope.model.topology import Role

ESTABLISHED = """
alice 192.0.2.10
out   192.0.2.1 proxy {routing}
in    192.0.2.2 proxy {routing}
bob   192.0.2.20
0.00  alice -> out INVITE to=bob
      m=audio 4000 RTP/AVP 0
0.01  out -> in INVITE to=bob
      m=audio 4000 RTP/AVP 0
0.02  in -> bob INVITE to=bob
      m=audio 4000 RTP/AVP 0
1.00  bob -> in 200
      m=audio 5000 RTP/AVP 0
1.01  in -> out 200
      m=audio 5000 RTP/AVP 0
1.02  out -> alice 200
      m=audio 5000 RTP/AVP 0
"""

TWO_PROXIES = (
    ESTABLISHED.format(routing="")
    + """
1.03  alice -> bob ACK
9.00  alice -> bob BYE
9.01  bob -> alice 200
"""
)
"""Without Record-Route: ACK and BYE go direct."""

TWO_RECORDING_PROXIES = (
    ESTABLISHED.format(routing="record-route")
    + """
1.03  alice -> out ACK to=bob
1.04  out -> in ACK to=bob
1.05  in -> bob ACK to=bob
9.00  alice -> out BYE to=bob
9.01  out -> in BYE to=bob
9.02  in -> bob BYE to=bob
9.03  bob -> in 200
9.04  in -> out 200
9.05  out -> alice 200
"""
)

B2BUA = """
alice 192.0.2.10
sbc   192.0.2.1
bob   192.0.2.20
0.00  alice -> sbc INVITE call=1
      Session-ID: 11112222333344445555666677778888;remote=00000000000000000000000000000000
0.01  sbc -> bob INVITE call=2
      Session-ID: 11112222333344445555666677778888;remote=00000000000000000000000000000000
1.00  bob -> sbc 200 call=2
1.01  sbc -> alice 200 call=1
"""


@pytest.fixture
def roles_of(trace_of):
    """Roles with their confidence, by host."""

    def run(script: str) -> dict[str, dict[Role, Confidence]]:
        found = host_roles_of(role_signs_of(trace_of(script)))
        return {node: {item.role: item.confidence for item in roles} for node, roles in found.items()}

    return run


@pytest.mark.parametrize("script", [TWO_PROXIES, TWO_RECORDING_PROXIES], ids=["direct", "record-route"])
def test_call_through_two_proxies_has_the_four_roles_of_the_trapezoid(roles_of, script):
    roles = roles_of(script)
    assert {node: next(iter(found)) for node, found in roles.items()} == {
        "192.0.2.10": Role.USER_AGENT_CLIENT,
        "192.0.2.1": Role.OUTBOUND_PROXY,
        "192.0.2.2": Role.INBOUND_PROXY,
        "192.0.2.20": Role.USER_AGENT_SERVER,
    }


def test_proxy_in_view_on_both_sides_is_certain(roles_of):
    assert roles_of(TWO_PROXIES)["192.0.2.1"] == {Role.OUTBOUND_PROXY: Confidence.CERTAIN}


def test_only_proxy_on_the_way_is_neither_outbound_nor_inbound(roles_of):
    script = """
alice 192.0.2.10
pbx   192.0.2.1 proxy
bob   192.0.2.20
0.00  alice -> pbx INVITE to=bob
0.01  pbx -> bob INVITE to=bob
1.00  bob -> pbx 486
1.01  pbx -> alice 486
"""
    assert roles_of(script)["192.0.2.1"] == {Role.PROXY: Confidence.CERTAIN}


def test_proxy_seen_from_behind_alone_is_likely(roles_of):
    script = """
alice 192.0.2.10
pbx   192.0.2.1 proxy
bob   192.0.2.20
0.00  alice -> pbx INVITE to=bob unseen
0.01  pbx -> bob INVITE to=bob
1.00  bob -> pbx 486
"""
    assert roles_of(script)["192.0.2.1"] == {Role.PROXY: Confidence.LIKELY}


def test_cancel_of_a_proxy_does_not_make_it_a_client(roles_of):
    script = """
alice 192.0.2.10
pbx   192.0.2.1 proxy
bob   192.0.2.20
0.00  alice -> pbx INVITE to=bob
0.01  pbx -> bob INVITE to=bob
0.02  bob -> pbx 180
9.00  pbx -> bob CANCEL
9.01  bob -> pbx 200
9.02  bob -> pbx 487
"""
    assert Role.USER_AGENT_CLIENT not in roles_of(script)["192.0.2.1"]


def test_answer_with_another_hosts_contact_hardly_shows_a_user_agent(roles_of):
    script = """
alice 192.0.2.10
pbx   192.0.2.1
0.0   alice -> pbx INVITE
1.0   pbx -> alice 200
      Contact: <sip:bob@198.51.100.7>
"""
    assert roles_of(script)["192.0.2.1"] == {Role.USER_AGENT_SERVER: Confidence.POSSIBLE}


def test_host_that_records_its_route_is_a_proxy_though_what_is_behind_it_is_out_of_view(roles_of):
    script = """
alice 192.0.2.10
pbx   192.0.2.1
0.0   alice -> pbx INVITE
1.0   pbx -> alice 200
      Contact: <sip:bob@198.51.100.7>
      Record-Route: <sip:192.0.2.1;lr>
"""
    assert roles_of(script)["192.0.2.1"] == {Role.PROXY: Confidence.LIKELY}


@pytest.mark.parametrize(
    ("lines", "role"),
    [
        ("0 alice -> box REGISTER\n1 box -> alice 200", Role.REGISTRAR),
        ("0 alice -> box INVITE\n1 box -> alice 302\n      Contact: <sip:bob@192.0.2.99>", Role.REDIRECT_SERVER),
        ("0 alice -> box INVITE\n1 box -> alice 200\n      Contact: <sip:192.0.2.1>;isfocus", Role.CONFERENCE_FOCUS),
        ("0 alice -> box INVITE\n1 box -> alice 200\n      Server: Example-SIPGateway/1.2", Role.GATEWAY),
        ("0 box -> alice NOTIFY\n      Event: presence\n1 alice -> box 200", Role.PRESENCE_AGENT),
    ],
    ids=lambda value: value.value if isinstance(value, Role) else "",
)
def test_server_is_known_by_what_it_answers(roles_of, lines, role):
    assert role in roles_of(f"alice 192.0.2.10\nbox 192.0.2.1\n{lines}\n")["192.0.2.1"]


def test_phone_that_rings_and_redirects_is_no_redirect_server(roles_of):
    script = """
alice 192.0.2.10
bob   192.0.2.20
0 alice -> bob INVITE
1 bob -> alice 180
2 bob -> alice 302
      Contact: <sip:carol@192.0.2.30>
"""
    assert roles_of(script)["192.0.2.20"] == {Role.USER_AGENT_SERVER: Confidence.LIKELY}


def test_host_between_two_legs_of_a_call_is_a_b2bua(roles_of):
    assert roles_of(B2BUA)["192.0.2.1"][Role.B2BUA] is Confidence.CERTAIN


def test_every_sign_of_a_role_has_frames(trace_of):
    assert all(sign.frames for sign in role_signs_of(trace_of(TWO_RECORDING_PROXIES)))


def test_host_that_sends_a_stream_on_is_a_media_relay(roles_of):
    script = """
alice 192.0.2.10
relay 192.0.2.1
bob   192.0.2.20
0     alice -> bob OPTIONS
0.1   bob -> alice 200
1-3   alice => relay PCMU ssrc=77 from=192.0.2.10:4000 to=192.0.2.1:5000
1-3   relay => bob PCMU ssrc=77 from=192.0.2.1:5002 to=192.0.2.20:6000
"""
    assert roles_of(script)["192.0.2.1"] == {Role.MEDIA_RELAY: Confidence.CERTAIN}


def test_echo_is_no_media_relay(roles_of):
    script = """
alice 192.0.2.10
box   192.0.2.1
0     alice -> box OPTIONS
0.1   box -> alice 200
1-3   alice => box PCMU ssrc=77 from=192.0.2.10:4000 to=192.0.2.1:5000
1-3   box => alice PCMU ssrc=77 from=192.0.2.1:5000 to=192.0.2.10:4000
"""
    assert Role.MEDIA_RELAY not in roles_of(script)["192.0.2.1"]


def test_user_agent_that_asks_for_proxy_credentials_is_no_proxy(roles_of):
    script = """
alice 192.0.2.10
pbx   192.0.2.1
0.0   alice -> pbx INVITE
0.1   pbx -> alice 407
0.2   alice -> pbx ACK
0.3   alice -> pbx INVITE new call=2
1.0   pbx -> alice 200
"""
    assert roles_of(script)["192.0.2.1"] == {Role.USER_AGENT_SERVER: Confidence.CERTAIN}


@pytest.mark.parametrize("script", [TWO_PROXIES, TWO_RECORDING_PROXIES], ids=["direct", "record-route"])
def test_call_through_two_proxies_is_one_call_that_the_caller_ended(trace_of, script):
    (call,) = trace_of(script).calls
    assert (call.outcome.value, call.released_by) == ("answered", Release.CALLER)


def test_redirect_server_and_the_phone_it_names_have_their_roles(roles_of):
    script = """
alice 192.0.2.10
box   192.0.2.1
carol 192.0.2.30
0.0  alice -> box INVITE
0.1  box -> alice 302
     Contact: <sip:carol@192.0.2.30>
0.2  alice -> box ACK
0.3  alice -> carol INVITE new
1.0  carol -> alice 200
1.1  alice -> carol ACK
"""
    roles = roles_of(script)
    assert (roles["192.0.2.1"], roles["192.0.2.30"]) == (
        {Role.REDIRECT_SERVER: Confidence.LIKELY},
        {Role.USER_AGENT_SERVER: Confidence.CERTAIN},
    )


def test_proxy_that_tries_a_second_gateway_stays_a_proxy(roles_of):
    script = """
alice 192.0.2.10
pbx   192.0.2.1 proxy
one   192.0.2.21
two   192.0.2.22
0.00  alice -> pbx INVITE to=two
0.01  pbx -> one INVITE to=two
0.10  one -> pbx 503
0.11  pbx -> one ACK
0.12  pbx -> two INVITE to=two
1.00  two -> pbx 200
1.01  pbx -> alice 200
"""
    roles = roles_of(script)
    assert roles["192.0.2.1"] == {Role.PROXY: Confidence.CERTAIN}
    assert roles["192.0.2.22"] == {Role.USER_AGENT_SERVER: Confidence.CERTAIN}
