"""What could be seen from where the capture was taken."""

import pytest

from sipscope.calls.vantage import vantage_of
from sipscope.model.packets import CaptureFacts, Gap, GapKind
from tests.calls.conftest import milliseconds

CALL = """
alice 192.0.2.10
bob   192.0.2.20
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
0.5  bob -> alice  200
     m=audio 5000 RTP/AVP 0
0.6  alice -> bob  ACK
1-2  alice => bob  PCMU
9    end
"""


@pytest.fixture
def vantage(trace_of):
    return trace_of(CALL).vantage


def test_signalling_is_seen_where_messages_went(vantage):
    assert vantage.sees_signalling("192.0.2.10", "192.0.2.20")
    assert vantage.sees_signalling("192.0.2.20", "192.0.2.10")


def test_signalling_between_others_is_not_seen(vantage):
    assert not vantage.sees_signalling("192.0.2.10", "192.0.2.30")


def test_time_of_the_last_message_is_kept_by_direction(vantage):
    times = {pair: milliseconds(at) for pair, at in vantage.signalling_pairs.items()}
    assert times == {("192.0.2.10", "192.0.2.20"): 600, ("192.0.2.20", "192.0.2.10"): 500}


def test_one_sided_capture_shows_one_direction(trace_of):
    vantage = trace_of("alice 192.0.2.10\nbob 192.0.2.20\n0 alice -> bob INVITE\n1 alice -> bob INVITE again\n").vantage
    assert vantage.sees_signalling("192.0.2.10", "192.0.2.20")
    assert not vantage.sees_signalling("192.0.2.20", "192.0.2.10")


def test_media_is_seen_between_two_hosts_when_it_went_one_way(vantage):
    assert vantage.sees_media_between("192.0.2.20", "192.0.2.10")


def test_media_is_seen_only_in_the_direction_it_went(vantage):
    assert vantage.sees_media_from_to("192.0.2.10", "192.0.2.20")
    assert not vantage.sees_media_from_to("192.0.2.20", "192.0.2.10")


def test_packets_of_all_streams_between_two_hosts_are_counted_together(trace_of):
    vantage = trace_of(CALL + "3-4 alice => bob PCMU ssrc=99\n").vantage
    assert vantage.media_pairs == {("192.0.2.10", "192.0.2.20"): 100}


def test_user_may_say_that_media_is_visible_here(trace_of):
    trace = trace_of(CALL)
    told = vantage_of(trace.facts, trace.messages, trace.streams, (), media_expected=True)
    assert told.sees_media_between("192.0.2.77", "192.0.2.78")


def test_capture_lasts_from_its_first_packet_to_its_last_one_of_any_kind(vantage):
    assert (milliseconds(vantage.first_at), milliseconds(vantage.last_at)) == (0, 9000)


def test_capture_without_messages_saw_nothing():
    vantage = vantage_of(CaptureFacts(path="x", format="pcap", engine="native"), (), (), ())
    assert (vantage.first_at, vantage.last_at, vantage.signalling_pairs) == (None, None, {})


@pytest.mark.parametrize(
    ("kind", "is_loss"),
    [
        (GapKind.DROPPED_BY_CAPTURE, True),
        (GapKind.FRAGMENT_MISSING, True),
        (GapKind.STREAM_BYTES_MISSING, True),
        (GapKind.TRUNCATED_FILE, False),
        (GapKind.UNREADABLE_BLOCK, False),
    ],
)
def test_capture_is_lossy_where_packets_are_missing_from_its_midst(kind, is_loss):
    gap = Gap(kind=kind, at=5, text="")
    vantage = vantage_of(CaptureFacts(path="x", format="pcap", engine="native"), (), (), (gap,))
    assert vantage.lossy_at == ((5,) if is_loss else ())


def test_loss_without_a_time_is_no_instant():
    gap = Gap(kind=GapKind.DROPPED_BY_CAPTURE, at=None, text="")
    vantage = vantage_of(CaptureFacts(path="x", format="pcap", engine="native"), (), (), (gap,))
    assert vantage.lossy_at == ()


def test_instants_of_loss_are_sorted():
    gaps = [Gap(kind=GapKind.DROPPED_BY_CAPTURE, at=at, text="") for at in (7, 3)]
    vantage = vantage_of(CaptureFacts(path="x", format="pcap", engine="native"), (), (), gaps)
    assert vantage.lossy_at == (3, 7)


def test_losses_beyond_those_told_one_by_one_count():
    facts = CaptureFacts(path="x", format="pcap", engine="native", more_losses_at=(9,))
    gap = Gap(kind=GapKind.DROPPED_BY_CAPTURE, at=7, text="")
    assert vantage_of(facts, (), (), (gap,)).lossy_at == (7, 9)
