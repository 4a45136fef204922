"""Fills a database of an audit with calls that nobody made, by SQL: for measuring questions to it.

The same number of calls gives the same rows. Of ten calls seven are answered; the rest is busy, cancelled, refused or
unanswered. There are a thousand calls to a capture, 20 trunks, 7 products on each side, and a call each 50 ms.
"""

import re
from pathlib import Path

from sipscope.audit.store import Store

CALLS = 1_000_000
QUESTIONS = Path(__file__).parents[2] / "docs" / "how-to" / "audit-many-captures.md"

_START = "TIMESTAMP_NS '2026-01-31 00:00:00'"
_CAPTURE = "printf('night/%06d.pcap', i // 1000)"
_SOURCE = "'192.0.2.' || (i % 20)"
_DESTINATION = "'198.51.100.' || (i % 20 // 4)"
_AT = "make_timestamp_ns(epoch_ns({start}) + i * 50000000 + {later} * 1000000)"

_CALLS = f"""
INSERT INTO calls (capture, call, call_ids, caller, callee, source, destination, caller_agent, callee_agent,
    started_at, ringing_at, answered_at, ended_at, outcome, final_status, setup_ms, ringing_ms, talking_ms,
    streams, mos_min, loss_percent_max, jitter_ms_max, codecs, rules, errors, warnings)
SELECT {_CAPTURE}, i % 1000 + 1, ['call-' || i || '@example.com'], 'sip:a' || (i % 5000) || '@example.com',
    'sip:b' || (i % 7000) || '@example.net', {_SOURCE}, {_DESTINATION}, 'Phone/' || (i % 7), 'Server/' || (i // 7 % 7),
    {{at}}, {{ringing}}, CASE WHEN kind < 7 THEN {{answer}} END, {{end}},
    CASE WHEN kind < 7 THEN 'answered' WHEN kind = 7 THEN 'rejected' WHEN kind = 8 THEN 'cancelled'
         ELSE 'unanswered' END,
    CASE WHEN kind < 7 THEN 200 WHEN kind = 7 THEN 486 WHEN kind = 8 THEN 487 END,
    100 + i % 900, 2000 + i % 5000, CASE WHEN kind < 7 THEN 5000 + i % 300000 END,
    CASE WHEN kind < 7 THEN 2 ELSE 0 END, CASE WHEN kind < 7 THEN 3 + i % 140 / 100.0 END,
    CASE WHEN kind < 7 THEN i % 50 / 10.0 END, CASE WHEN kind < 7 THEN i % 200 / 10.0 END, ['PCMU'],
    CASE WHEN i % 20 = 0 THEN ['TXN-001'] ELSE [] END, (i % 20 = 0)::INT, (i % 9 = 0)::INT
FROM rows
"""

_INVITES = f"""
INSERT INTO attempts (capture, attempt, method, call, is_origin, is_partial, in_dialog, source, destination, agent,
    server, started_at, trying_at, provisional_at, final_at, final_status, outcome, requests, challenged, redirected,
    cancelled, replaces, retransmissions, setup_ms, ringing_ms, released_at, release_outcome)
SELECT {_CAPTURE}, 'a' || i, 'INVITE', i % 1000 + 1, true, false, false, {_SOURCE}, {_DESTINATION},
    'Phone/' || (i % 7), 'Server/' || (i // 7 % 7), {{at}}, {{trying}}, {{ringing}},
    CASE WHEN kind < 9 THEN {{answer}} END,
    CASE WHEN kind < 7 THEN 200 WHEN kind = 7 THEN 486 WHEN kind = 8 THEN 487 END,
    CASE WHEN kind < 7 THEN 'succeeded' WHEN kind < 9 THEN 'failed' ELSE 'unanswered' END, 1 + i % 2,
    i % 2 = 1, false, kind = 8, false, (i % 11 = 0)::INT, 100 + i % 900, 2000 + i % 5000,
    CASE WHEN kind < 7 THEN {{end}} END, CASE WHEN kind < 7 THEN 'succeeded' END
FROM rows
"""

_BYES = f"""
INSERT INTO attempts (capture, attempt, method, call, is_origin, is_partial, in_dialog, source, destination, agent,
    server, started_at, final_at, final_status, outcome, requests, challenged, redirected, cancelled, replaces,
    retransmissions)
SELECT {_CAPTURE}, 'b' || i, 'BYE', i % 1000 + 1, true, false, true, {_SOURCE}, {_DESTINATION},
    'Phone/' || (i % 7), 'Server/' || (i // 7 % 7), {{end}}, {{released}}, 200, 'succeeded', 1, false, false, false,
    false, 0
FROM rows WHERE kind < 7
"""

_OTHERS = f"""
INSERT INTO attempts (capture, attempt, method, is_origin, is_partial, in_dialog, source, destination, agent, server,
    started_at, final_at, final_status, outcome, requests, challenged, redirected, cancelled, replaces,
    retransmissions)
SELECT {_CAPTURE}, 'r' || i, CASE WHEN i % 3 = 0 THEN 'OPTIONS' ELSE 'REGISTER' END, true, false, false, {_SOURCE},
    {_DESTINATION}, 'Phone/' || (i % 7), 'Server/' || (i // 7 % 7), {{at}}, {{trying}}, 200, 'succeeded', 2, true,
    false, false, false, 0
FROM rows WHERE kind < 5
"""

_REGISTRATIONS = f"""
INSERT INTO registrations (capture, registration, occurred_at, aor, outcome, expires_s)
SELECT {_CAPTURE}, 'r' || i, {{at}}, 'sip:a' || (i % 100) || '@example.com', 'registered', 3 FROM rows WHERE kind < 3
"""

_STREAMS = f"""
INSERT INTO streams (capture, stream, call, source, destination, codec, media_kind, first_packet_at, last_packet_at,
    packets, expected, lost, loss_percent, jitter_ms_mean, r_factor, mos)
SELECT {_CAPTURE}, 's' || i || '-' || side, i % 1000 + 1, {_SOURCE} || ':4000', {_DESTINATION} || ':5000', 'PCMU',
    'audio', {{answer}}, {{end}}, 1000, 1000 + i % 50, i % 50, i % 50 / 10.0, i % 200 / 10.0, 80, 3 + i % 140 / 100.0
FROM rows, (SELECT unnest([1, 2]) AS side) WHERE kind < 7
"""

_FINDINGS = f"""
INSERT INTO findings (capture, finding, call, rule, name, severity, confidence, text, occurred_at)
SELECT {_CAPTURE}, 'f' || i, i % 1000 + 1, 'TXN-' || lpad((i % 40)::VARCHAR, 3, '0'), 'rule-' || (i % 40),
    CASE WHEN i % 4 = 0 THEN 'error' ELSE 'warning' END, 'certain', 'It went wrong in call ' || i, {{at}}
FROM rows WHERE kind < 3
"""

_HOPS = """
INSERT INTO hops SELECT DISTINCT capture, source, destination, 5000, 7000, call % 97 FROM calls WHERE call <= 20
"""

_CAPTURES = """
INSERT INTO captures (capture, files, bytes, content, judgement, status, packets, first_packet_at, last_packet_at,
    calls, errors, warnings)
SELECT capture, [capture], 1000000, md5(capture), 'j', 'read', 20000, min(started_at), max(ended_at), count(*),
    sum(errors), sum(warnings)
FROM calls GROUP BY capture
"""


_COPIES = """
INSERT INTO captures (capture, files, bytes, content, judgement, status, same_as)
SELECT 'other/' || capture, files, bytes, content, judgement, 'duplicate', capture
FROM captures WHERE capture LIKE '%1.pcap'
"""


def write_store(path: Path, *, calls: int = CALLS) -> None:
    """Make a database with so many calls."""
    with Store(path) as store:
        store.query(f"CREATE TEMP TABLE rows AS SELECT range AS i, hash(range) % 10 AS kind FROM range({calls})")
        for form in (_CALLS, _INVITES, _BYES, _OTHERS, _REGISTRATIONS, _STREAMS, _FINDINGS):
            store.query(form.format_map(_times()))
        store.query(_HOPS)
        store.query(_CAPTURES)
        store.query(_COPIES)
        store.query("CHECKPOINT")


def questions() -> list[tuple[str, str]]:
    """The documented questions: the sentence in front of each, and its SQL."""
    text = QUESTIONS.read_text(encoding="utf-8")
    found = re.finditer(r"^(\S[^\n]*):\n\n```sql\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    return [(match[1], match[2]) for match in found]


def _times() -> dict[str, str]:
    later = {
        "at": "0",
        "trying": "20",
        "ringing": "(100 + i % 900)",
        "answer": "(2000 + i % 5000)",
        "end": "(7000 + i % 300000)",
        "released": "(7030 + i % 300000)",
    }
    return {name: _AT.format(start=_START, later=value) for name, value in later.items()}
