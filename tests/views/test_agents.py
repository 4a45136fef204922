from dataclasses import replace

import pytest

from sipscope.model.packets import AgentRecord
from sipscope.pipeline import analyze, reconstruct
from sipscope.views.agents import agent_words, correlation_ids
from sipscope.views.show import show_of
from tests.capture.builders import pcap
from tests.capture.hep import carried, chunk, hep3
from tests.trace_script import capture_of

SCRIPT = "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n0.5 bob -> alice 486\n"


@pytest.fixture
def message(tmp_path):
    path = tmp_path / "call.pcap"
    path.write_bytes(capture_of(SCRIPT))
    return reconstruct(str(path)).messages[0]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (AgentRecord(), "capture agent"),
        (AgentRecord(number=2001), "capture agent 2001"),
        (AgentRecord(number=7, name="edge-1"), "capture agent 7 (edge-1)"),
        (AgentRecord(number=7, name="edge-1", vendor="Kamailio"), "capture agent 7 (edge-1, Kamailio)"),
    ],
)
def test_an_agent_is_told_by_what_it_says_of_itself(message, agent, words):
    assert agent_words([replace(message, agent=agent)]) == (words,)


def test_each_agent_is_told_once(message):
    agents = (AgentRecord(number=2, correlation_id="a"), AgentRecord(number=1), AgentRecord(number=2))
    assert agent_words([message, *(replace(message, agent=agent) for agent in agents)]) == (
        "capture agent 1",
        "capture agent 2",
    )


def test_correlation_ids_that_are_call_ids_need_not_be_told(message):
    ids = (message.call_id, "elsewhere", "elsewhere", None)
    told = [replace(message, agent=AgentRecord(correlation_id=each)) for each in ids]
    assert correlation_ids(told) == ("elsewhere",)


def test_the_page_of_a_call_tells_its_agents(tmp_path):
    path = tmp_path / "call.pcap"
    path.write_bytes(capture_of(SCRIPT))
    messages = reconstruct(str(path)).messages
    path.write_bytes(pcap([carried(hep3(each.payload, extra=chunk(17, b"session-7"))) for each in messages]))
    facts = {row[0].text: row[1].text for row in show_of(analyze(str(path)), 1).tables[0].rows}
    assert (facts["told by"], facts["correlation ids"]) == ("capture agent 2001", "session-7")
