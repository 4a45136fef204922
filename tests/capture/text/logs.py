"""One exchange, an OPTIONS and its answer, as each program logs it: 10.0.0.1:5060 asks, 10.0.0.2:5080 answers.

Every log is that of the side that answers, where the program logs one side.
"""

REQUEST = """\
OPTIONS sip:bob@10.0.0.2:5080 SIP/2.0
Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa1
From: <sip:alice@example.com>;tag=1
To: <sip:bob@example.com>
Call-ID: a84b4c76e66710
CSeq: 1 OPTIONS
Content-Length: 0
"""
RESPONSE = """\
SIP/2.0 200 OK
Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa1
From: <sip:alice@example.com>;tag=1
To: <sip:bob@example.com>;tag=2
Call-ID: a84b4c76e66710
CSeq: 1 OPTIONS
Content-Length: 0
"""


def indented(text: str, by: str) -> str:
    return "".join(by + line for line in text.splitlines(keepends=True))


def dotted(text: str) -> str:
    return "".join(line + ".\n" for line in text.splitlines())


PJSIP = "VERBOSE[812] res_pjsip_logger.c:"
ASTERISK_PJSIP = f"""\
[2026-05-01 10:00:00.250] {PJSIP} <--- Received SIP request (205 bytes) from UDP:10.0.0.1:5060 --->
{REQUEST}
[2026-05-01 10:00:00.251] {PJSIP} <--- Transmitting SIP response (190 bytes) to UDP:10.0.0.1:5060 --->
{RESPONSE}
"""
ASTERISK_SIP = f"""\
[May  1 10:00:00] VERBOSE[812] chan_sip.c:
[May  1 10:00:00] VERBOSE[812] chan_sip.c: <--- SIP read from UDP:10.0.0.1:5060 --->
{REQUEST}
<------------->
[May  1 10:00:00] VERBOSE[812] chan_sip.c: --- (7 headers 0 lines) ---
[May  1 10:00:00] VERBOSE[812] chan_sip.c:
<--- Transmitting (no NAT) to 10.0.0.1:5060 --->
{RESPONSE}

<------------>
"""
FREESWITCH = f"""\
recv 205 bytes from udp/[10.0.0.1]:5060 at 10:00:00.250000:
   ------------------------------------------------------------------------
{indented(REQUEST, "   ")}   \n   ------------------------------------------------------------------------
send 190 bytes to udp/[10.0.0.1]:5060 at 10:00:00.251000:
   ------------------------------------------------------------------------
{indented(RESPONSE, "   ")}   \n   ------------------------------------------------------------------------
"""
SNGREP = f"""\
2026/05/01 10:00:00.250000 10.0.0.1:5060 -> 10.0.0.2:5080
{REQUEST}

2026/05/01 10:00:00.251000 10.0.0.2:5080 -> 10.0.0.1:5060
{RESPONSE}

"""
NGREP = f"""\
interface: eth0 (10.0.0.0/255.255.255.0)
filter: ( port 5060 ) and (ip || ip6)
#
U 2026/05/01 10:00:00.250000 10.0.0.1:5060 -> 10.0.0.2:5080 #1
{dotted(REQUEST)}.

##
U 2026/05/01 10:00:00.251000 10.0.0.2:5080 -> 10.0.0.1:5060 #3
{dotted(RESPONSE)}.

exit
"""
KAMAILIO_SIPDUMP = f"""\
====================
tag: rcv
pid: 890
process: 1
time: 1777629600.250000
date: Fri May  1 10:00:00 2026
proto: udp ipv4
srcip: 10.0.0.1
srcport: 5060
dstip: 10.0.0.2
dstport: 5080
~~~~~~~~~~~~~~~~~~~~
{REQUEST}
||||||||||||||||||||
====================
tag: snd
pid: 890
process: 1
time: 1777629600.251000
date: Fri May  1 10:00:00 2026
proto: udp ipv4
srcip: 10.0.0.2
srcport: 5080
dstip: 10.0.0.1
dstport: 5060
~~~~~~~~~~~~~~~~~~~~
{RESPONSE}
||||||||||||||||||||
"""
CISCO_CUCM = f"""\
03797390.001 |10:00:00.250 |AppInfo  |SIPUdp - wait_SdlDataInd: Incoming SIP UDP message size 205 from 10.0.0.1:[5060]:
[212232,NET]
{REQUEST}
03797391.001 |10:00:00.251 |AppInfo  |SIPUdp - wait_SdlSPISignal: Outgoing SIP UDP message to 10.0.0.1:[5060]:
[212233,NET]
{RESPONSE}
"""
CISCO_IOS = f"""\
001756: May  1 10:00:00.250: //-1/xxxxxxxxxxxx/SIP/Msg/ccsipDisplayMsg:
Received:
{REQUEST}
001763: May  1 10:00:00.251: //-1/xxxxxxxxxxxx/SIP/Msg/ccsipDisplayMsg:
Sent:
{RESPONSE}
"""
ORACLE_SIPMSG = f"""\
May  1 10:00:00.250 On [0:0]10.0.0.2:5080 received from 10.0.0.1:5060
{REQUEST}

----------------------------------------
May  1 10:00:00.251 On [0:0]10.0.0.2:5080 sent to 10.0.0.1:5060
{RESPONSE}

----------------------------------------
"""
SIPP = f"""\
----------------------------------------------- 2026-05-01 10:00:00.250000
UDP message received [205] bytes :

{REQUEST}
----------------------------------------------- 2026-05-01 10:00:00.251000
UDP message sent (190 bytes):

{RESPONSE}
"""
BARE = f"{REQUEST}\n{RESPONSE}\n"

LOGS = {
    "asterisk-pjsip-log": ASTERISK_PJSIP,
    "asterisk-sip-log": ASTERISK_SIP,
    "freeswitch-siptrace": FREESWITCH,
    "sngrep-text": SNGREP,
    "ngrep-text": NGREP,
    "kamailio-sipdump": KAMAILIO_SIPDUMP,
    "cisco-cucm-sdl": CISCO_CUCM,
    "cisco-ios-ccsip": CISCO_IOS,
    "oracle-sipmsg": ORACLE_SIPMSG,
    "sipp-message-log": SIPP,
    "sip-text": BARE,
}
"""Each kind of log by its name."""
