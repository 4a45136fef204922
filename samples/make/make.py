#!/usr/bin/env python3
"""Remakes the sample captures: make.py NAME... | all | list (as root)."""

from __future__ import annotations

import random
import sys
import time
from urllib.parse import quote

import offer_answer
import transfers
from lab import HERE, IP, PROXY, Lab, sh

SAMPLES = {}


def sample(name):
    def deco(fn):
        SAMPLES[name] = fn
        return fn
    return deco


@sample("basic-call.pcapng")
def basic_call(lab: Lab) -> None:
    lab.kamailio()
    for n in ("alice", "bob"):
        lab.host(n)
    bob = lab.baresip("bob", freq=660)
    alice = lab.baresip("alice", freq=440)
    alice.expect("200 OK")
    bob.expect("200 OK")
    lab.capture()
    alice.cmd(f"/dial sip:bob@{PROXY}")
    bob.expect("ncoming call")
    time.sleep(2)
    bob.cmd("/accept")
    alice.expect("established")
    time.sleep(7)
    alice.cmd("/hangup")
    time.sleep(1)
    lab.stop_capture()


@sample("topology-hiding.pcapng")
def topology_hiding(lab: Lab) -> None:
    lab.kamailio("WITH_TOPOLOGY_HIDING")
    alice, bob = phones(lab, "alice", "bob")
    lab.capture()
    alice.cmd(f"/dial sip:bob@{PROXY}")
    bob.expect("ncoming call")
    time.sleep(1)
    bob.cmd("/accept")
    alice.expect("established")
    time.sleep(3)
    alice.cmd("/hangup")
    time.sleep(1)
    lab.stop_capture()


@sample("b2bua.pcapng")
def b2bua(lab: Lab) -> None:
    """Held and resumed, busy, given up: three calls through sippy's B2BUA, without RTP."""
    lab.sippy(IP["bob"])
    lab.host("alice")
    lab.host("bob")
    bob = lab.baresip("bob", freq=660, reg="regint=0")
    alice = lab.baresip("alice", freq=440, reg="regint=0")
    time.sleep(2)
    lab.capture()
    alice.cmd(f"/dial sip:bob@{PROXY}")
    bob.expect("ncoming call")
    time.sleep(1)
    bob.cmd("/accept")
    alice.expect("established")
    time.sleep(2)
    alice.cmd("/hold")
    time.sleep(2)
    alice.cmd("/resume")
    time.sleep(2)
    bob.cmd("/hangup")
    for end in (lambda: bob.cmd("/hangup"), lambda: alice.cmd("/hangup")):
        time.sleep(2)
        bob.forget()
        alice.cmd(f"/dial sip:bob@{PROXY}")
        bob.expect("ncoming call")
        time.sleep(1.5)
        end()
    time.sleep(1.5)
    lab.stop_capture("sip")


def phones(lab: Lab, *names: str, **more):
    """baresip phones, registered with the proxy before the capture starts."""
    out = []
    for i, n in enumerate(names):
        if n not in lab.ips:
            lab.host(n)
        out.append(lab.baresip(n, freq=440 + 110 * i, **more))
    for p in out:
        p.expect("200 OK")
    return out


@sample("blind-transfer-baresip.pcapng")
def blind_transfer_baresip(lab: Lab) -> None:
    lab.kamailio()
    alice, bob, carol = phones(lab, "alice", "bob", "carol")
    lab.capture()
    alice.cmd(f"/dial sip:bob@{PROXY}")
    bob.expect("ncoming call")
    time.sleep(1.5)
    bob.cmd("/accept")
    alice.expect("established")
    time.sleep(3)
    bob.cmd("/hold")
    time.sleep(2)
    alice.forget()
    bob.cmd(f"/transfer sip:carol@{PROXY}")
    carol.expect("ncoming call")
    time.sleep(1.5)
    carol.cmd("/accept")
    alice.expect("established")
    time.sleep(4)
    carol.cmd("/hangup")
    time.sleep(1)
    lab.stop_capture()


@sample("hold-resume.pcapng")
def hold_resume(lab: Lab) -> None:
    lab.kamailio()
    alice, bob = phones(lab, "alice", "bob")
    lab.capture()
    alice.cmd(f"/dial sip:bob@{PROXY}")
    bob.expect("ncoming call")
    time.sleep(1.5)
    bob.cmd("/accept")
    alice.expect("established")
    time.sleep(3)
    alice.cmd("/hold")
    time.sleep(3)
    alice.cmd("/resume")
    time.sleep(3)
    alice.cmd("/hangup")
    time.sleep(1)
    lab.stop_capture()


@sample("forked-call-cancel.pcapng")
def forked_call_cancel(lab: Lab) -> None:
    lab.kamailio()
    (alice,) = phones(lab, "alice")
    lab.host("bob")
    lab.host("bob2")
    bob = lab.baresip("bob", "bob", freq=550)
    bob2 = lab.baresip("bob2", "bob", freq=660)
    bob.expect("200 OK")
    bob2.expect("200 OK")
    lab.capture()
    alice.cmd(f"/dial sip:bob@{PROXY}")
    bob.expect("ncoming call")
    bob2.expect("ncoming call")
    time.sleep(2)
    bob2.cmd("/accept")
    alice.expect("established")
    time.sleep(5)
    bob2.cmd("/hangup")
    time.sleep(1)
    lab.stop_capture()


@sample("busy.pcapng")
def busy(lab: Lab) -> None:
    lab.kamailio()
    alice, bob = phones(lab, "alice", "bob")
    lab.capture()
    alice.cmd(f"/dial sip:bob@{PROXY}")
    bob.expect("ncoming call")
    time.sleep(1.5)
    bob.cmd("/hangup")
    time.sleep(1.5)
    lab.stop_capture()


@sample("cancelled.pcapng")
def cancelled(lab: Lab) -> None:
    lab.kamailio()
    alice, bob = phones(lab, "alice", "bob")
    lab.capture()
    alice.cmd(f"/dial sip:bob@{PROXY}")
    bob.expect("ncoming call")
    time.sleep(4)
    alice.cmd("/hangup")
    time.sleep(1.5)
    lab.stop_capture()


@sample("tcp-call.pcap")
def tcp_call(lab: Lab) -> None:
    lab.kamailio("WITH_TCP")
    lab.host("alice")
    lab.host("bob")
    lab.capture("udp or tcp")
    tcp = f';outbound="sip:{PROXY};transport=tcp"'
    alice, bob = phones(lab, "alice", "bob", account=tcp)
    time.sleep(0.5)
    alice.cmd(f"/dial sip:bob@{PROXY};transport=tcp")
    bob.expect("ncoming call")
    time.sleep(1.5)
    bob.cmd("/accept")
    alice.expect("established")
    time.sleep(6)
    alice.cmd("/hangup")
    time.sleep(1)
    lab.stop_capture()


@sample("digest-registration.pcapng")
def digest_registration(lab: Lab) -> None:
    lab.kamailio("WITH_AUTH")
    lab.host("alice")
    lab.capture()
    alice = lab.baresip("alice", reg="regint=15")
    alice.expect("200 OK")
    time.sleep(18)
    alice.cmd("/quit")
    time.sleep(2)
    lab.stop_capture()


def pair(lab: Lab, uac: str, uas: str, *, timeout: float = 60, bob_keys=None, alice_keys=None,
         more=None, flt: str = "udp") -> None:
    """One SIPp call from alice to bob, without a proxy."""
    lab.host("alice")
    lab.host("bob")
    lab.capture(flt)
    b = lab.sipp("bob", uas, rtp=16400, freq=620, keys=bob_keys)
    time.sleep(0.5)
    a = lab.sipp("alice", uac, lab.ips["bob"] + ":5060", rtp=16384, freq=440,
                 keys=alice_keys, extra=more)
    lab.wait(a, b, timeout=timeout)
    lab.stop_capture()


@sample("early-media-prack.pcapng")
def early_media_prack(lab: Lab) -> None:
    pair(lab, "prack_uac.xml", "prack_uas.xml")


@sample("dropped-media-line.pcapng")
def dropped_media_line(lab: Lab) -> None:
    pair(lab, "mline_uac.xml", "mline_uas.xml", alice_keys={"vport": "16386"})


@sample("refer-never-notified.pcapng")
def refer_never_notified(lab: Lab) -> None:
    pair(lab, "refer_uac.xml", "refer_uas.xml", bob_keys={"carol": IP["carol"]})


@sample("delayed-offer.pcapng")
def delayed_offer(lab: Lab) -> None:
    pair(lab, "delayed_uac.xml", "delayed_uas.xml")


@sample("ack-missing.pcapng")
def ack_missing(lab: Lab) -> None:
    pair(lab, "noack_uac.xml", "noack_uas.xml")


@sample("one-way-audio.pcapng")
def one_way_audio(lab: Lab) -> None:
    lab.host("alice")
    lab.host("bob", "203.0.113.20")
    sh(f"ip -n {lab.tag}-alice route add 203.0.113.0/24 dev eth0")
    sh(f"ip -n {lab.tag}-bob route add 192.0.2.0/24 dev eth0")
    # private addresses of others are not routed from alice's network
    sh(f"ip -n {lab.tag}-alice route add unreachable 10.0.0.0/8")
    lab.capture()
    for n, talk, keys in ((0, 3000, {}), (1, 8500, {"sdpaddr": "10.0.0.5"})):
        b = lab.sipp("bob", "call_uas.xml", rtp=16400 + 20 * n, freq=620, keys=keys)
        time.sleep(0.5)
        a = lab.sipp("alice", "call_uac.xml", "203.0.113.20:5060", rtp=16384 + 20 * n,
                     extra=["-d", str(talk)])
        lab.wait(a, b)
        time.sleep(0.5)
    lab.stop_capture()


@sample("attended-transfer-linphone.pcapng")
def attended_transfer_linphone(lab: Lab) -> None:
    lab.kamailio()
    ph = {}
    for i, n in enumerate(("alice", "bob", "carol")):
        lab.host(n)
        ph[n] = lab.linphone(n)
    time.sleep(3)
    for i, p in enumerate(ph.values()):
        p.cmd("soundcard use files")
        time.sleep(0.3)
        p.cmd(f"play {lab.wav(440 + 110 * i)}")
        time.sleep(0.3)
    alice, bob, carol = ph["alice"], ph["bob"], ph["carol"]
    lab.capture()
    alice.cmd(f"call sip:bob@{PROXY}")
    bob.expect("new incoming call")
    time.sleep(1)
    bob.cmd("answer")
    alice.expect("connected")
    time.sleep(1.5)
    bob.cmd("pause")
    time.sleep(1)
    bob.cmd(f"call sip:carol@{PROXY}")
    carol.expect("new incoming call")
    time.sleep(1)
    carol.cmd("answer")
    time.sleep(2)
    bob.cmd("calls")
    time.sleep(0.5)
    bob.cmd("transfer 1 --to-call 2")
    time.sleep(4)
    carol.cmd("terminate")
    time.sleep(1.5)
    lab.stop_capture("!stun")
    if lab.keep:
        for p in ph.values():
            p.pump()
            print(p.seen.decode(errors="replace")[-2500:])


@sample("blind-transfer.pcapng")
def blind_transfer(lab: Lab) -> None:
    for n in ("alice", "bob", "carol"):
        lab.host(n)
    a, b, c = (lab.ips[n] for n in ("alice", "bob", "carol"))
    lab.capture()
    pc = lab.sipp("carol", "call_uas.xml", rtp=16440, freq=700)
    pb = lab.sipp("bob", "blind_bob.xml", rtp=16400, freq=620, keys={"carol": c})
    a2 = lab.sipp("alice", "blind_alice2.xml", f"{c}:5060", port=5061, rtp=16404,
                  peer="carol", keys={"referrer": b}, script="alice-line2")
    pa = lab.sipp("alice", "blind_alice1.xml", f"{b}:5060", rtp=16384, keys={"line2": str(a2)})
    lab.wait(pa, pb, pc)
    lab.stop_capture()


@sample("attended-transfer.pcapng")
def attended_transfer(lab: Lab) -> None:
    """Two lines (ports 5060 and 5061) per phone, as one SIPp runs one scenario."""
    for n in ("alice", "bob", "carol"):
        lab.host(n)
    a, b, c = (lab.ips[n] for n in ("alice", "bob", "carol"))
    btag, ctag = (f"{random.getrandbits(40):010x}" for _ in range(2))
    cid = f"{random.getrandbits(64):016x}"
    replaces = f"{cid};to-tag={ctag}1;from-tag={btag}"
    lab.capture()
    pc = lab.sipp("carol", "attended_carol.xml", rtp=16440, freq=700, calls=2, keys={
        "ltag": ctag, "mport2": "16460", "sid2": str(random.randint(10**9, 4 * 10**9)),
        "fifo2": str(lab.agent("carol", 16460, 700))})
    b2 = lab.sipp("bob", "attended_bob2.xml", f"{c}:5060", port=5061, rtp=16420, freq=620,
                  peer="carol", cid=cid, keys={"ltag": btag}, script="bob-line2")
    a2 = lab.sipp("alice", "attended_alice2.xml", f"{c}:5060", port=5061, rtp=16404,
                  peer="carol", keys={"replaces": replaces, "referrer": b}, script="alice-line2")
    pb = lab.sipp("bob", "attended_bob1.xml", rtp=16400, freq=620, keys={
        "line2": str(b2), "carol": c, "replesc": quote(replaces, safe="-")})
    pa = lab.sipp("alice", "attended_alice1.xml", f"{b}:5060", rtp=16384, keys={"line2": str(a2)})
    lab.wait(pa, pb, pc)
    lab.stop_capture()


@sample("invite-unanswered.pcapng")
def invite_unanswered(lab: Lab) -> None:
    """Nobody has 192.0.2.40: seven copies of the INVITE, then Timer B."""
    lab.kamailio()
    lab.host("alice")
    lab.host("bob")
    # an address that was in use until a moment ago: still in alice's ARP table
    sh(f"ip -n {lab.tag}-alice neigh add 192.0.2.40 lladdr 02:00:5e:00:53:40 dev eth0 nud permanent")
    lab.capture()
    bob = lab.baresip("bob", reg="regint=15")
    alice = lab.baresip("alice", reg="regint=0")
    bob.expect("200 OK")
    time.sleep(1)
    alice.cmd("/dial sip:dave@192.0.2.40")
    time.sleep(41)
    lab.stop_capture()


@sample("lossy-call.pcapng")
def lossy_call(lab: Lab) -> None:
    """bob's side of a lossy link; the tap is on alice's side."""
    lab.host("alice")
    sh(f"ip -n {lab.hub} link add br1 type bridge mcast_snooping 0")
    sh(f"ip -n {lab.hub} link set br1 up")
    lab.host("bob", bridge="br1")
    for n in (0, 1):
        sh(f"ip -n {lab.hub} link add wan{n} type veth peer name far{n}")
        sh(f"ip -n {lab.hub} link set wan{n} up")
        sh(f"ip -n {lab.hub} link set far{n} up promisc on")
        sh(f"ip -n {lab.hub} link set wan{n} master br{n}")
    lab.run("hub", [sys.executable, str(HERE / "impair.py"), "far0", "far1"])
    time.sleep(1)
    lab.capture()
    b = lab.sipp("bob", "call_uas.xml", rtp=16400, freq=620)
    a = lab.sipp("alice", "call_uac.xml", f"{lab.ips['bob']}:5060", rtp=16384, extra=["-d", "9000"])
    lab.wait(a, b)
    lab.stop_capture()


@sample("hep-call.pcapng")
def hep_call(lab: Lab) -> None:
    lab.host("homer")
    lab.kamailio("WITH_HEP")
    alice, bob = phones(lab, "alice", "bob")
    lab.capture("udp port 9060")
    alice.cmd(f"/dial sip:bob@{PROXY}")
    bob.expect("ncoming call")
    time.sleep(1)
    bob.cmd("/accept")
    alice.expect("established")
    time.sleep(2)
    alice.cmd("/hangup")
    time.sleep(1)
    lab.stop_capture()


@sample("ipv6-call.pcapng")
def ipv6_call(lab: Lab) -> None:
    lab.host("alice", "2001:db8::10", v6=True)
    lab.host("bob", "2001:db8::20", v6=True)
    lab.capture("udp")
    time.sleep(2)
    b = lab.sipp("bob", "call_uas.xml", rtp=16400, freq=620)
    a = lab.sipp("alice", "call_uac.xml", "[2001:db8::20]:5060", rtp=16384, extra=["-d", "4000"])
    lab.wait(a, b)
    lab.stop_capture()


@sample("session-timer-update.pcapng")
def session_timer_update(lab: Lab) -> None:
    pair(lab, "timer_uac.xml", "timer_uas.xml")


def negotiation(name: str):
    """A call of offer_answer.py, between two SIPp."""

    def make(lab: Lab) -> None:
        lab.host("alice")
        lab.host("bob")
        alice, bob = offer_answer.scenarios(name, lab.tmp)
        lab.capture()
        b = lab.sipp("bob", str(bob))
        time.sleep(0.3)
        a = lab.sipp("alice", str(alice), lab.ips["bob"] + ":5060", extra=["-deadcall_wait", "0"])
        lab.wait(a, b, timeout=30)
        lab.stop_capture()

    return make


@sample("offer-answer/clean-ice-dtls.pcapng")
def ice_and_dtls(lab: Lab) -> None:
    """Phones without a proxy that keep to what they always do; the signalling alone is kept."""
    for name in ("alice", "bob"):
        lab.host(name)
    more = {"reg": "regint=0", "account": ";medianat=ice;mediaenc=dtls_srtp", "modules": ("srtp", "dtls_srtp", "ice")}
    bob = lab.baresip("bob", freq=660, **more)
    alice = lab.baresip("alice", freq=440, **more)
    time.sleep(2)
    lab.capture()
    alice.cmd(f"/dial sip:bob@{lab.ips['bob']}")
    bob.expect("ncoming call")
    time.sleep(1)
    bob.cmd("/accept")
    alice.expect("established")
    time.sleep(2)
    alice.cmd("/hold")
    time.sleep(1)
    alice.cmd("/resume")
    time.sleep(1)
    bob.cmd("/hangup")
    time.sleep(1)
    lab.stop_capture("sip")


for _name in offer_answer.CALLS:
    sample(f"offer-answer/{_name}.pcapng")(negotiation(_name))


def blind(lab: Lab, carol, at_carol, at_alice=None) -> None:
    """bob holds alice and sends her to carol, where it goes wrong; then bob takes her back. The signalling alone."""
    alice, bob = phones(lab, "alice", "bob")
    phone = carol()
    lab.capture()
    alice.cmd(f"/dial sip:bob@{PROXY}")
    bob.expect("ncoming call")
    time.sleep(1)
    bob.cmd("/accept")
    alice.expect("established")
    time.sleep(1.5)
    bob.cmd("/hold")
    time.sleep(1)
    bob.cmd(f"/transfer sip:carol@{PROXY}")
    phone.expect("ncoming call")
    time.sleep(1.5)
    (alice if at_carol is None else phone).cmd(at_carol or at_alice)
    time.sleep(1.5)
    bob.cmd("/resume")
    time.sleep(1.5)
    bob.cmd("/hangup")
    time.sleep(1)
    lab.stop_capture("sip")


@sample("transfers/busy-baresip.pcapng")
def blind_busy(lab: Lab) -> None:
    lab.kamailio()
    blind(lab, lambda: phones(lab, "carol")[0], "/hangup")


@sample("transfers/declined-linphone.pcapng")
def blind_declined(lab: Lab) -> None:
    lab.kamailio()
    lab.host("carol")

    def carol():
        phone = lab.linphone("carol")
        time.sleep(3)
        return phone

    blind(lab, carol, "terminate")


@sample("transfers/cancelled-baresip.pcapng")
def blind_cancelled(lab: Lab) -> None:
    lab.kamailio()
    blind(lab, lambda: phones(lab, "carol")[0], None, "/hangup")


@sample("presence.pcapng")
def presence(lab: Lab) -> None:
    """alice watches bob, whose client publishes that he is there, then that he isn't, and takes it back."""
    lab.kamailio("WITH_PRESENCE")
    lab.host("alice")
    lab.host("bob")
    lab.capture()
    alice = lab.baresip("alice", modules=("contact", "presence"),
                        contacts=f'"bob" <sip:bob@{PROXY}>;presence=p2p\n')
    alice.expect("200 OK")
    time.sleep(2)
    lab.wait(lab.sipp("bob", "presence_publish.xml", f"{PROXY}:5060"))
    alice.cmd("/quit")
    time.sleep(2)
    lab.stop_capture("sip")


@sample("message-waiting.pcapng")
def message_waiting(lab: Lab) -> None:
    """A mailbox publishes that a message waits for alice, then that she has heard it."""
    lab.kamailio("WITH_PRESENCE")
    lab.host("alice")
    lab.host("carol")
    lab.capture()
    phone = lab.sipp("alice", "mwi_subscribe.xml", f"{PROXY}:5060")
    time.sleep(1)
    mailbox = lab.sipp("carol", "mwi_publish.xml", f"{PROXY}:5060", peer="alice")
    lab.wait(mailbox, phone)
    lab.stop_capture("sip")


def transfer(name: str):
    """A transfer of transfers.py: three parties over plain sockets, without RTP."""

    def make(lab: Lab) -> None:
        for party in transfers.ADDRESS:
            lab.host(party)
        script = transfers.write_script(name, lab.tmp)
        lab.capture()
        player = [sys.executable, str(HERE / "transfers.py"), str(script)]
        players = [lab.run(party, [*player, party]) for party in ("carol", "bob")]
        time.sleep(0.5)
        lab.wait(lab.run("alice", [*player, "alice"]), *players)
        lab.stop_capture()

    return make


for _name in transfers.CALLS:
    sample(f"transfers/{_name}.pcapng")(transfer(_name))


def main() -> None:
    want = sys.argv[1:]
    if not want or want == ["list"]:
        print("\n".join(SAMPLES))
        return
    if want == ["all"]:
        want = list(SAMPLES)
    for name in want:
        name = next(s for s in SAMPLES if s == name or s.rsplit(".", 1)[0] == name)
        with Lab(name) as lab:
            SAMPLES[name](lab)
        print(name, "made")


if __name__ == "__main__":
    main()
