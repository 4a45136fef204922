"""What TLS connections tell without keys; the bytes come from OpenSSL."""

import shutil
import ssl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sipscope.capture.native.encrypted import FLOWS_TOLD
from sipscope.model.packets import EncryptedFlow, TlsAlert
from tests.capture.builders import A4, B4, Content, ethernet, ipv4, pcap, tcp
from tests.capture.tls import Talk, certificate, contexts, handshake

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    return certificate(tmp_path_factory.mktemp("tls"))


def the_flow(content: Content) -> EncryptedFlow:
    assert content.adds_up
    assert not content.packets
    (flow,) = content.facts.encrypted_flows
    return flow


def test_tls_1_3_tells_version_cipher_and_names_of_its_hellos(reading, pem):
    talk = Talk()
    handshake(talk, *contexts(pem, version=TLS_1_3))
    flow = the_flow(reading(pcap(talk.frames)))
    assert (str(flow.client), str(flow.server), flow.frame) == (f"{A4}:40000", f"{B4}:5061", 1)
    assert (flow.version, flow.cipher_suite) == ("TLS 1.3", "TLS_AES_256_GCM_SHA384")
    assert (flow.server_name, flow.offered_protocols, flow.chosen_protocol) == ("sip.example", ("sip/2",), None)
    assert (flow.certificate_names, flow.alerts, flow.handshake_completed) == ((), (), True)


def test_tls_1_2_tells_its_certificate_too(reading, pem):
    talk = Talk()
    handshake(talk, *contexts(pem, version=TLS_1_2))
    flow = the_flow(reading(pcap(talk.frames)))
    assert (flow.version, flow.cipher_suite) == ("TLS 1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
    assert flow.certificate_names == ("sip.example", "proxy.example", "sip:example")
    assert (flow.chosen_protocol, flow.handshake_completed) == ("sip/2", True)


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_certificate_that_is_refused_is_an_alert_of_the_client(reading, pem, version):
    talk = Talk()
    handshake(talk, *contexts(pem, version=version, trusts=False))
    flow = the_flow(reading(pcap(talk.frames)))
    (alert,) = flow.alerts
    assert alert == TlsAlert(frame=alert.frame, sender=flow.client, is_fatal=True, description="unknown_ca")
    assert flow.handshake_completed is False


def test_refusal_that_is_encrypted_is_known_by_its_length(reading, pem):
    whole, talk = Talk(), Talk()
    handshake(whole, *contexts(pem, version=TLS_1_3))
    hello, answer = (frame[54:] for frame in whole.frames[:2])
    talk.say(hello, is_client=True)
    talk.say(answer, is_client=False)
    talk.say(b"\x14\x03\x03\x00\x01\x01" + b"\x17\x03\x03\x00\x13" + bytes(19), is_client=True)
    flow = the_flow(reading(pcap(talk.frames)))
    assert (flow.version, flow.alerts, flow.handshake_completed) == ("TLS 1.3", (), False)


def test_versions_that_do_not_meet_are_an_alert_of_the_server(reading, pem):
    client, server = contexts(pem, version=TLS_1_2)
    server.minimum_version = TLS_1_3
    talk = Talk()
    handshake(talk, client, server)
    flow = the_flow(reading(pcap(talk.frames)))
    assert [(alert.sender, alert.description) for alert in flow.alerts] == [(flow.server, "protocol_version")]
    assert (flow.version, flow.handshake_completed) == (None, False)


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize("size", [100, 1400])
def test_bytes_are_counted_each_way_to_the_end(reading, pem, version, size):
    talk = Talk()
    handshake(talk, *contexts(pem, version=version), size=size, data=2500)
    flow = the_flow(reading(pcap(talk.frames, step=1000), window_bytes=1 << 16))
    assert (flow.client_bytes, flow.server_bytes) == (talk.sent[True], talk.sent[False])
    assert flow.handshake_completed is True


def test_one_direction_does_not_show_whether_the_handshake_completed(reading, pem):
    talk = Talk()
    handshake(talk, *contexts(pem, version=TLS_1_3))
    flow = the_flow(reading(pcap(talk.frames[:1])))
    assert (flow.server_name, flow.version, flow.handshake_completed) == ("sip.example", None, None)


@pytest.mark.parametrize(("flags", "is_client"), [(0x14, False), (0x11, False), (0x11, True)])
def test_hello_that_is_answered_by_the_end_of_the_connection_got_nowhere(reading, pem, flags, is_client):
    talk = Talk()
    handshake(talk, *contexts(pem, version=TLS_1_3))
    ends = {} if is_client else {"source": B4, "destination": A4}
    ports = talk.ports if is_client else talk.ports[::-1]
    end = ethernet(ipv4(tcp(b"", 5000, flags=flags, ports=ports), protocol=6, **ends))
    flow = the_flow(reading(pcap([talk.frames[0], end])))
    assert (flow.server_name, flow.version, flow.handshake_completed) == ("sip.example", None, False)


def test_end_of_the_connection_behind_the_handshake_is_no_failure(reading, pem):
    talk = Talk()
    handshake(talk, *contexts(pem, version=TLS_1_2))
    end = ethernet(ipv4(tcp(b"", 1000 + talk.sent[True], flags=0x11, ports=talk.ports), protocol=6))
    assert the_flow(reading(pcap([*talk.frames, end]))).handshake_completed is True


def test_connection_joined_in_the_middle_is_told_without_its_handshake(reading, pem):
    talk = Talk(ports=(5061, 40000))
    record = b"\x17\x03\x03\x00\x40" + bytes(64)
    talk.say(record * 3, is_client=True)
    flow = the_flow(reading(pcap(talk.frames)))
    assert (str(flow.client), str(flow.server)) == (f"{B4}:40000", f"{A4}:5061")
    assert (flow.version, flow.handshake_completed, flow.server_bytes) == (None, None, 207)


def test_hole_in_the_handshake_leaves_its_end_open(reading, pem):
    talk = Talk()
    handshake(talk, *contexts(pem, version=TLS_1_2), size=200)
    flow = the_flow(reading(pcap([*talk.frames[:3], *talk.frames[4:]])))
    assert (flow.server_name, flow.handshake_completed) == ("sip.example", None)


def test_ports_used_again_are_another_flow(reading, pem):
    frames = []
    for begin in (1000, 900_000):
        talk = Talk(begin=begin)
        talk.opening()
        handshake(talk, *contexts(pem, version=TLS_1_3), data=3)
        frames += talk.frames
    content = reading(pcap(frames))
    assert [flow.frame for flow in content.facts.encrypted_flows] == [2, 2 + len(frames) // 2]
    assert [flow.client_bytes for flow in content.facts.encrypted_flows][1] == talk.sent[True]


def test_flows_on_ports_of_sip_are_told_first_of_many(reading):
    record = b"\x17\x03\x03\x00\x40" + bytes(64)
    frames = []
    for number in range(FLOWS_TOLD + 20):
        talk = Talk(ports=(10000 + number, 443 if number < FLOWS_TOLD + 15 else 5061))
        talk.say(record, is_client=True)
        talk.say(record, is_client=False)
        frames += talk.frames
    facts = reading(pcap(frames)).facts
    assert len(facts.encrypted_flows) == FLOWS_TOLD
    assert sum(flow.server.port == 5061 for flow in facts.encrypted_flows) == 5
    assert facts.notes == ("20 more TLS connections are not told one by one.",)


def test_what_only_begins_like_tls_is_no_flow(reading):
    talk = Talk()
    talk.say(b"\x16\x03\x09\xff\xff" + bytes(80), is_client=True)
    assert reading(pcap(talk.frames)).facts.encrypted_flows == ()


@pytest.fixture(scope="module")
def whole(pem):
    talk = Talk()
    handshake(talk, *contexts(pem, version=TLS_1_2), size=300)
    return talk.frames


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_anywhere_is_survived(reading, whole, data):
    frames = [bytearray(frame) for frame in whole]
    for _ in range(data.draw(st.integers(1, 4))):
        frame = frames[data.draw(st.integers(0, len(frames) - 1))]
        frame[data.draw(st.integers(54, len(frame) - 1))] = data.draw(st.integers(0, 255))
    assert reading(pcap([bytes(frame) for frame in frames])).adds_up
