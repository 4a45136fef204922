"""Encrypted connections in words and as plain values."""

from sipscope.model.network import Endpoint
from sipscope.model.packets import EncryptedFlow, TlsAlert
from sipscope.views.encrypted import LINES_SHOWN, encrypted_lines, encrypted_report
from tests.views.builders import START

CLIENT, SERVER = Endpoint("192.0.2.9", 40000), Endpoint("192.0.2.1", 5061)


def flow(**values) -> EncryptedFlow:
    return EncryptedFlow(**{"client": CLIENT, "server": SERVER, "frame": 4, "at": START, **values})


def test_flows_to_one_server_are_one_line():
    flows = [flow(version="TLS 1.3", server_name="sip.example")] * 2
    assert encrypted_lines(flows) == ["2 flows to 192.0.2.1:5061 (TLS 1.3, SNI sip.example), encrypted: give --keylog"]


def test_flow_that_tells_nothing_is_told_all_the_same():
    assert encrypted_lines([flow()]) == ["1 flow to 192.0.2.1:5061, encrypted: give --keylog"]


def test_a_collector_of_hep_is_told_as_such():
    (line,) = encrypted_lines([flow(server=Endpoint("192.0.2.1", 9060))])
    assert line == "1 flow to 192.0.2.1:9060, encrypted: HEP by its port: give --keylog"


def test_handshake_that_failed_is_told_with_its_alert():
    alert = TlsAlert(frame=7, sender=CLIENT, is_fatal=True, description="unknown_ca")
    found = flow(version="TLS 1.2", certificate_names=("a", "b"), alerts=(alert,), handshake_completed=False)
    (line,) = encrypted_lines([found])
    assert line.startswith("1 flow to 192.0.2.1:5061 (TLS 1.2, certificate a), encrypted")
    assert line.endswith("; 1 handshake not completed (the client sent unknown_ca)")


def test_servers_on_ports_of_sip_come_first_and_many_are_counted():
    flows = [flow(server=Endpoint("192.0.2.1", 443 + number)) for number in range(LINES_SHOWN + 1)]
    lines = encrypted_lines([*flows, flow()])
    assert lines[0].startswith("1 flow to 192.0.2.1:5061")
    assert (len(lines), lines[-1]) == (LINES_SHOWN + 1, "2 more servers: see the JSON report")


def test_report_has_every_field_and_none_for_what_was_not_seen():
    alert = TlsAlert(frame=7, sender=SERVER, is_fatal=True, description="handshake_failure")
    assert encrypted_report([flow(server_name="a", alerts=(alert,), client_bytes=517)]) == [
        {
            "client": "192.0.2.9:40000",
            "server": "192.0.2.1:5061",
            "packet": 4,
            "at": "2026-05-01T10:00:00.000000000Z",
            "version": None,
            "cipher_suite": None,
            "server_name": "a",
            "offered_protocols": [],
            "chosen_protocol": None,
            "certificate_names": [],
            "alerts": [{"packet": 7, "sender": "192.0.2.1:5061", "fatal": True, "description": "handshake_failure"}],
            "handshake_completed": None,
            "client_bytes": 517,
            "server_bytes": 0,
        }
    ]
