"""What a final status means for a caller, in plain words, and what to look at (RFC 3261 §21)."""

from collections.abc import Mapping

from sipscope.values import dataclass


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    """One status.

    Attributes:
        words: What happened, to follow "The call was refused: ".
        step: What to check first.
        is_user_behaviour: People decided so; nothing is broken.
    """

    words: str
    step: str
    is_user_behaviour: bool = False


MEANINGS: Mapping[int, StatusMeaning] = {
    400: StatusMeaning("the request was not understood", "Look for syntax findings on the INVITE at that hop."),
    401: StatusMeaning("it asks for credentials, and got none that it accepts", "Check user name, password and realm."),
    402: StatusMeaning("payment is required", "Ask the provider about credit."),
    403: StatusMeaning("it is forbidden", "Compare From and asserted identity with the account; check barring."),
    404: StatusMeaning("the number or user is unknown there", "Compare the digits sent with the format expected."),
    405: StatusMeaning("the method is not allowed there", "Read Allow in the response."),
    406: StatusMeaning("no acceptable content could be given", "Compare Accept with what the peer offers."),
    407: StatusMeaning(
        "a proxy asks for credentials, and got none that it accepts", "Check user name, password and realm."
    ),
    408: StatusMeaning("something downstream did not answer in time", "Find the hop that fell silent."),
    410: StatusMeaning("the number is gone", "Ask for the new number."),
    413: StatusMeaning("the request is too large", "Shorten the SDP, or use TCP."),
    414: StatusMeaning("the Request-URI is too long", "Shorten the Request-URI and its parameters."),
    415: StatusMeaning("the body type is not supported", "Compare Content-Type with Accept in the response."),
    416: StatusMeaning("the URI scheme is not supported", "Compare tel, sip and sips in the Request-URI."),
    420: StatusMeaning("an extension that was required is not supported", "Compare Require with Unsupported."),
    421: StatusMeaning("the peer insists on an extension", "Compare Supported with Require in the response."),
    422: StatusMeaning("the session interval is too small", "Raise Session-Expires to Min-SE of the response."),
    428: StatusMeaning("it wants a signed caller identity", "Have the INVITE signed (Identity) on the way out."),
    433: StatusMeaning("anonymous calls are not accepted", "Send the caller's identity, without Privacy."),
    436: StatusMeaning("the certificate of the Identity could not be fetched", "Open the URI in Identity-Info."),
    437: StatusMeaning("the certificate of the Identity is not trusted", "Check its issuer and its expiry."),
    438: StatusMeaning("the Identity signature does not verify", "See who changed From, To or Date after signing."),
    480: StatusMeaning(
        "the callee is not available now", "Was the phone registered, or did it ring out?", is_user_behaviour=True
    ),
    481: StatusMeaning("the dialog is unknown there", "Compare Call-ID and tags with those of the dialog."),
    482: StatusMeaning("the request went in a loop", "Follow Via to the two elements that send it to each other."),
    483: StatusMeaning("the request passed too many hops", "Follow Via to the elements that repeat."),
    484: StatusMeaning("the number is incomplete", "Check the dial plan and the digit timer."),
    485: StatusMeaning("the user is ambiguous", "Read the Contacts of the response."),
    486: StatusMeaning("the callee is busy", "Nothing is broken; check the line limit.", is_user_behaviour=True),
    487: StatusMeaning("the request was cancelled", "See who sent the CANCEL, and its Reason.", is_user_behaviour=True),
    488: StatusMeaning("the offer is not acceptable", "Compare codecs, transport profile and address family."),
    489: StatusMeaning("the event package is not supported", "Read Allow-Events in the response."),
    491: StatusMeaning("two requests crossed", "Both sides should retry after different times."),
    493: StatusMeaning("the body could not be decrypted", "Compare the certificate used with the callee's."),
    494: StatusMeaning("a security agreement is required", "Compare Security-Client with Security-Server."),
    500: StatusMeaning("the server failed", "Look at that server's log; check CSeq order."),
    501: StatusMeaning("the method is not implemented there", "Read Allow in the response."),
    502: StatusMeaning("a gateway got a bad answer from beyond", "Read Reason and its Q.850 cause."),
    503: StatusMeaning("the service is unavailable", "Overload, no trunk, or maintenance; was Retry-After kept?"),
    504: StatusMeaning("a server downstream did not answer in time", "Find the next hop that fell silent."),
    505: StatusMeaning("the SIP version is not supported", "Look at the start line."),
    513: StatusMeaning("the message is too large", "Shorten the SDP, or use TCP."),
    580: StatusMeaning("a precondition could not be met", "Compare the curr and des lines of the SDP."),
    600: StatusMeaning("the callee is busy everywhere", "Nothing is broken.", is_user_behaviour=True),
    603: StatusMeaning("the callee declined", "Read Reason; people and call filters decline.", is_user_behaviour=True),
    604: StatusMeaning("the callee exists nowhere", "Compare the digits sent with the format expected."),
    606: StatusMeaning("the offer is not acceptable anywhere", "Compare codecs, transport profile and addresses."),
    607: StatusMeaning("the call is unwanted", "The callee blocked the caller.", is_user_behaviour=True),
    608: StatusMeaning("call filtering rejected it", "Check the caller's reputation.", is_user_behaviour=True),
}


def meaning_of(status: int) -> StatusMeaning:
    """What a status means; an unlisted one is read as the x00 of its class, and said to be (RFC 3261 §8.1.3.2)."""
    if status in MEANINGS:
        return MEANINGS[status]
    general = MEANINGS.get(status // 100 * 100)
    if general is None:
        return StatusMeaning("it ended without a known reason", "Read the messages.")
    words = f"an uncommon status, to be read as {status // 100 * 100} ({general.words})"
    return StatusMeaning(words, "Read the reason phrase, Reason and Warning of the response.")
