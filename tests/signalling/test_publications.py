"""Publications: chains of entity-tags (RFC 3903 §4, §8)."""

PARTIES = "alice 192.0.2.10\npa 192.0.2.1\n"


def publish(at: float, *, tag: str = "", given: str = "", expires: int = 600, body: bool = False, answer: str = "200"):
    lines = [f"{at} alice -> pa PUBLISH new call={at}", "      Event: presence", f"      Expires: {expires}"]
    lines += [f"      SIP-If-Match: {tag}"] if tag else []
    lines += ["      Content-Type: application/pidf+xml", "      | <presence/>"] if body else []
    lines += [f"{at + 0.1} pa -> alice {answer}"]
    lines += [f"      SIP-ETag: {given}", f"      Expires: {expires}"] if given else []
    return "\n".join(lines) + "\n"


def _told(trace):
    return [
        [(step.operation.value, step.asked_tag, step.given_tag) for step in item.steps] for item in trace.publications
    ]


def test_entity_tags_join_a_publication_from_its_beginning_to_its_end(trace_of):
    trace = trace_of(
        PARTIES
        + publish(0, given="a1", body=True)
        + publish(10, tag="a1", given="a2")
        + publish(20, tag="a2", given="a3", body=True)
        + publish(30, tag="a3", given="a4", expires=0)
    )
    assert _told(trace) == [
        [("initial", None, "a1"), ("refresh", "a1", "a2"), ("modify", "a2", "a3"), ("remove", "a3", "a4")]
    ]


def test_every_initial_publication_is_one_of_its_own(trace_of):
    trace = trace_of(PARTIES + publish(0, given="a1", body=True) + publish(10, given="b1", body=True))
    assert _told(trace) == [[("initial", None, "a1")], [("initial", None, "b1")]]


def test_unknown_tag_continues_what_began_before_the_capture(trace_of):
    trace = trace_of(PARTIES + publish(0, tag="x1", given="x2") + publish(10, tag="x2", given="x3"))
    (publication,) = trace.publications
    assert (publication.started_in_capture, len(publication.steps)) == (False, 2)


def test_refused_tag_stays_in_its_publication(trace_of):
    trace = trace_of(PARTIES + publish(0, given="a1", body=True) + publish(10, tag="a1", answer="412"))
    assert _told(trace) == [[("initial", None, "a1"), ("refresh", "a1", None)]]


def test_challenged_publish_is_no_step(trace_of):
    trace = trace_of(
        PARTIES
        + "0 alice -> pa PUBLISH new call=1\n      Event: presence\n      | x\n0.1 pa -> alice 401\n"
        + '      WWW-Authenticate: Digest realm="r", nonce="n"\n'
        + "0.2 alice -> pa PUBLISH new call=1 cseq=2\n      Event: presence\n      | x\n"
        + '      Authorization: Digest username="a", realm="r", nonce="n", uri="sip:pa", response="0"\n'
        + "0.3 pa -> alice 200\n      SIP-ETag: a1\n      Expires: 600\n"
    )
    assert _told(trace) == [[("initial", None, "a1")]]
