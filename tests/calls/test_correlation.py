"""Which dialogs belong together, on what evidence, and which never do."""

import pytest

from sipscope.model.call import Correlation, CorrelationKind
from sipscope.model.defects import Confidence

PARTIES = """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
proxy 192.0.2.1 proxy
"""

FIRST_CALL = """
0.0  alice -> bob  INVITE
0.5  bob -> alice  200
0.6  alice -> bob  ACK
"""

CONSULTATION = """
2.0  bob -> carol  INVITE
2.5  carol -> bob  200
2.6  bob -> carol  ACK
"""

REPLACING = """
5.0  alice -> carol  INVITE call=3
     Replaces: 2@192.0.2.20;{tags}
5.5  carol -> alice  200
5.6  alice -> carol  ACK
"""

REFERRED = """
3.0  bob -> alice    REFER call=1
     Refer-To: <sip:carol@192.0.2.30>
3.1  alice -> bob    202
3.2  alice -> carol  INVITE
     {proof}
3.5  carol -> alice  200
3.6  alice -> carol  ACK
"""


def of_kind(correlations: tuple[Correlation, ...], kind: CorrelationKind) -> list[Correlation]:
    return [item for item in correlations if item.kind is kind]


# -- the same Call-ID


def test_hops_of_one_call_id_are_one_call(trace_of):
    trace = trace_of(PARTIES + "0 alice -> proxy INVITE\n0.1 proxy -> bob INVITE\n0.2 bob -> proxy 180\n")
    assert [len(call.invites) for call in trace.calls] == [2]


def test_edges_of_one_call_id_make_a_star(trace_of):
    trace = trace_of(
        PARTIES
        + """
0.0  alice -> proxy INVITE to=bob
0.1  proxy -> bob   INVITE
0.2  proxy -> carol INVITE
0.3  bob -> proxy   180 tag=b1
0.4  carol -> proxy 180 tag=c1
"""
    )
    edges = of_kind(trace.correlations, CorrelationKind.SAME_CALL_ID)
    assert {edge.first for edge in edges} == {trace.calls[0].invites[0].id}
    assert len(edges) == len(trace.calls[0].invites) + len(trace.calls[0].dialogs) - 1


def test_evidence_names_the_frames_it_stands_in(trace_of):
    trace = trace_of(PARTIES + "0 alice -> proxy INVITE\n0.1 proxy -> bob INVITE\n")
    assert [(edge.frames, edge.text) for edge in trace.correlations] == [((1, 2), "Both carry the same Call-ID.")]


def test_equal_tags_under_different_call_ids_join_nothing(trace_of):
    trace = trace_of(
        PARTIES
        + "0 alice -> bob INVITE call=1 from-tag=x\n0.1 bob -> alice 200 tag=y\n"
        + "1 alice -> bob INVITE call=2 from-tag=x\n1.1 bob -> alice 200 tag=y\n"
    )
    assert [len(call.dialogs) for call in trace.calls] == [1, 1]


def test_calls_of_the_same_moment_and_parties_stay_apart(trace_of):
    trace = trace_of(
        PARTIES + "0 alice -> bob INVITE call=1\n0 alice -> bob INVITE call=2\n0 bob -> carol INVITE call=3\n"
    )
    assert [call.call_ids for call in trace.calls] == [
        ("1@192.0.2.10",),
        ("2@192.0.2.10",),
        ("3@192.0.2.20",),
    ]


# -- Replaces


def replaced_by(trace_of, tags: str) -> tuple[Correlation, ...]:
    return trace_of(PARTIES + FIRST_CALL + CONSULTATION + REPLACING.format(tags=tags)).correlations


def test_replaces_links_the_invite_to_the_dialog_it_names(trace_of):
    trace = trace_of(PARTIES + FIRST_CALL + CONSULTATION + REPLACING.format(tags="to-tag=carol-2;from-tag=bob-2"))
    (edge,) = of_kind(trace.correlations, CorrelationKind.REPLACES)
    assert (edge.first, edge.second) == (trace.calls[1].dialogs[0].id, trace.calls[2].invites[0].id)
    assert (edge.confidence, edge.frames) == (Confidence.CERTAIN, (7,))


def test_call_that_replaces_another_stays_an_entry_of_its_own(trace_of):
    trace = trace_of(PARTIES + FIRST_CALL + CONSULTATION + REPLACING.format(tags="to-tag=carol-2;from-tag=bob-2"))
    assert len(trace.calls) == 3
    assert [bool(of_kind(call.correlations, CorrelationKind.REPLACES)) for call in trace.calls] == [False, True, True]


def test_replaces_with_swapped_tags_still_tells_which_dialog_was_meant(trace_of):
    assert len(of_kind(replaced_by(trace_of, "to-tag=bob-2;from-tag=carol-2"), CorrelationKind.REPLACES)) == 1


def test_replaces_that_names_no_dialog_in_view_links_nothing(trace_of):
    assert of_kind(replaced_by(trace_of, "to-tag=elsewhere;from-tag=bob-2"), CorrelationKind.REPLACES) == []


# -- Join and Target-Dialog


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Join: 2@192.0.2.20;to-tag=carol-2;from-tag=bob-2", CorrelationKind.JOIN),
        ("Target-Dialog: 2@192.0.2.20;local-tag=carol-2;remote-tag=bob-2", CorrelationKind.TARGET_DIALOG),
    ],
    ids=["join", "target-dialog"],
)
def test_dialog_that_an_invite_names_is_linked_and_not_joined(trace_of, header, kind):
    naming = REPLACING.replace("Replaces: 2@192.0.2.20;{tags}", header)
    trace = trace_of(PARTIES + FIRST_CALL + CONSULTATION + naming)
    (edge,) = of_kind(trace.correlations, kind)
    assert (edge.first, edge.second) == (trace.calls[1].dialogs[0].id, trace.calls[2].invites[0].id)
    assert len(trace.calls) == 3


# -- Referred-By without its REFER

ON_BEHALF = """
{at}  alice -> carol  INVITE call=3
     Referred-By: <sip:{referrer}@192.0.2.20>
"""


def test_referred_by_links_to_the_call_with_the_referrer_where_the_refer_is_out_of_view(trace_of):
    trace = trace_of(PARTIES + FIRST_CALL + ON_BEHALF.format(at=3.0, referrer="bob"))
    (edge,) = of_kind(trace.correlations, CorrelationKind.REFERRED_BY)
    assert (edge.first, edge.second) == (trace.calls[0].dialogs[0].id, trace.calls[1].invites[0].id)
    assert (edge.confidence, len(trace.calls)) == (Confidence.LIKELY, 2)


@pytest.mark.parametrize(
    "flow",
    [
        pytest.param(ON_BEHALF.format(at=3.0, referrer="dave"), id="another referrer"),
        pytest.param(ON_BEHALF.format(at=0.3, referrer="bob"), id="not yet in the call"),
        pytest.param(
            "1.0 alice -> bob BYE\n1.1 bob -> alice 200\n" + ON_BEHALF.format(at=9.0, referrer="bob"),
            id="the call is long over",
        ),
        pytest.param(
            "1.0 bob -> alice INVITE call=9\n1.1 alice -> bob 200\n1.2 bob -> alice ACK\n"
            + ON_BEHALF.format(at=3.0, referrer="bob"),
            id="two calls with the referrer",
        ),
        pytest.param(
            ON_BEHALF.format(at=3.0, referrer="bob").replace("alice -> carol", "carol -> alice"), id="another sender"
        ),
    ],
)
def test_referred_by_links_nothing_where_its_call_is_in_doubt(trace_of, flow):
    assert of_kind(trace_of(PARTIES + FIRST_CALL + flow).correlations, CorrelationKind.REFERRED_BY) == []


# -- REFER


def referred(trace_of, proof: str) -> tuple[tuple[int, ...], list[Correlation]]:
    trace = trace_of(PARTIES + FIRST_CALL + REFERRED.format(proof=proof))
    return tuple(call.id for call in trace.calls), of_kind(trace.correlations, CorrelationKind.REFER)


def test_refer_links_the_call_to_the_one_it_brings_about_without_merging_them(trace_of):
    calls, edges = referred(trace_of, "Referred-By: <sip:bob@192.0.2.20>")
    assert (calls, len(edges)) == ((1, 2), 1)


def test_referred_by_is_direct_evidence(trace_of):
    _, (edge,) = referred(trace_of, "Referred-By: <sip:bob@192.0.2.20>")
    assert edge.confidence is Confidence.CERTAIN
    assert edge.frames == (4, 6)


def test_evidence_of_a_refer_is_told_in_words(trace_of):
    _, (edge,) = referred(trace_of, "Referred-By: <sip:bob@192.0.2.20>")
    assert edge.text.startswith("A REFER brought the INVITE about: ")
    assert "Referred-By" in edge.text


def test_prompt_call_of_the_transferee_elsewhere_is_linked_as_likely_at_most(trace_of):
    # A dial plan may rewrite the target wholly, so sender and time alone count, below what is called direct evidence.
    trace = trace_of(
        PARTIES
        + FIRST_CALL
        + """
dave 192.0.2.40
3.0  bob -> alice   REFER call=1
     Refer-To: <sip:carol@192.0.2.30>
3.1  alice -> bob   202
3.2  alice -> dave  INVITE
3.5  dave -> alice  200
"""
    )
    (edge,) = of_kind(trace.correlations, CorrelationKind.REFER)
    assert edge.confidence is Confidence.LIKELY


def test_late_call_of_the_transferee_elsewhere_is_not_linked_to_the_refer(trace_of):
    trace = trace_of(
        PARTIES
        + FIRST_CALL
        + """
dave 192.0.2.40
3.0  bob -> alice   REFER call=1
     Refer-To: <sip:carol@192.0.2.30>
3.1  alice -> bob   202
9.0  alice -> dave  INVITE
9.5  dave -> alice  200
"""
    )
    assert of_kind(trace.correlations, CorrelationKind.REFER) == []


def test_call_of_somebody_else_to_the_target_is_not_linked_to_the_refer(trace_of):
    trace = trace_of(
        PARTIES
        + FIRST_CALL
        + """
dave 192.0.2.40
3.0  bob -> alice   REFER call=1
     Refer-To: <sip:carol@192.0.2.30>
3.1  alice -> bob   202
3.2  dave -> carol  INVITE
3.5  carol -> dave  200
"""
    )
    assert of_kind(trace.correlations, CorrelationKind.REFER) == []


def test_refused_refer_links_nothing(trace_of):
    trace = trace_of(
        PARTIES + FIRST_CALL + "3 bob -> alice REFER\n     Refer-To: <sip:carol@192.0.2.30>\n3.1 alice -> bob 603\n"
    )
    assert [edge.kind for edge in trace.correlations] == [CorrelationKind.SAME_CALL_ID]
