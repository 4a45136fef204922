"""MESSAGEs outside of dialogs, joined by the two who write."""

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\nrelay 192.0.2.1\n"


def send(
    at: float, sender: str, receiver: str, call: int, answer: str = "200", text: str = "hi", more: str = ""
) -> str:
    return (
        f"{at} {sender} -> {receiver} MESSAGE call={call} new\n      Content-Type: text/plain\n{more}      | {text}\n"
        + (f"{at + 0.1} {receiver} -> {sender} {answer}\n" if answer else "")
    )


def told(trace):
    return [(item.parties[0][4:7], [message.sender[4:7] for message in item.messages]) for item in trace.conversations]


def test_messages_of_two_are_one_conversation_whoever_writes(trace_of):
    script = send(0, "alice", "bob", 1) + send(9, "bob", "alice", 2) + send(20, "alice", "bob", 3)
    assert told(trace_of(PARTIES + script)) == [("ali", ["ali", "bob", "ali"])]


def test_messages_to_another_are_another_conversation(trace_of):
    script = send(0, "alice", "bob", 1) + send(1, "alice", "carol", 2)
    assert told(trace_of(PARTIES + script)) == [("ali", ["ali"]), ("ali", ["ali"])]


def test_message_that_was_challenged_counts_once(trace_of):
    challenged = (
        send(0, "alice", "bob", 1, "401").rstrip("\n") + '\n      WWW-Authenticate: Digest realm="r", nonce="a"\n'
    )
    again = '      Authorization: Digest username="al", realm="r", nonce="a", uri="sip:bob@192.0.2.20", response="0"\n'
    (conversation,) = trace_of(PARTIES + challenged + send(1, "alice", "bob", 1, more=again)).conversations
    assert [(len(item.series.attempts), item.has_failed) for item in conversation.messages] == [(2, False)]


RELAYED = "      From: <sip:alice@192.0.2.10>;tag=r\n      To: <sip:relay@192.0.2.1>\n"


def test_message_that_a_server_sends_on_counts_once_and_fails_where_it_ended(trace_of):
    script = send(0, "alice", "relay", 1, "202") + send(0.5, "relay", "bob", 2, "404", more=RELAYED)
    (conversation,) = trace_of(PARTIES + script).conversations
    assert [(len(item.relays), item.has_failed) for item in conversation.messages] == [(1, True)]


def test_other_text_that_a_server_sends_is_a_message_of_its_own(trace_of):
    script = send(0, "alice", "relay", 1, "202") + send(0.5, "relay", "bob", 2, text="else", more=RELAYED)
    (conversation,) = trace_of(PARTIES + script).conversations
    assert [len(item.relays) for item in conversation.messages] == [0, 0]


def test_message_without_an_answer_has_failed(trace_of):
    (conversation,) = trace_of(PARTIES + send(0, "alice", "bob", 1, "") + "60 end\n").conversations
    assert [item.has_failed for item in conversation.messages] == [True]


def test_message_within_a_call_is_in_no_conversation(trace_of):
    call = (
        "0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n"
        "0.2 alice -> bob ACK\n3 alice -> bob MESSAGE\n      Content-Type: text/plain\n"
        "      | hi\n3.1 bob -> alice 200\n"
    )
    assert trace_of(PARTIES + call).conversations == ()
