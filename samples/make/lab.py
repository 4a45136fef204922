"""Network namespaces, phones, proxy and capture for the sample recordings."""

from __future__ import annotations

import json
import os
import pty
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent
PROXY = "192.0.2.1"
IP = {
    "proxy": PROXY,
    "alice": "192.0.2.10",
    "bob": "192.0.2.20",
    "bob2": "192.0.2.21",
    "carol": "192.0.2.30",
    "homer": "192.0.2.90",
}


def sh(cmd: str, check: bool = True) -> str:
    r = subprocess.run(cmd, shell=True, text=True, capture_output=True)
    if check and r.returncode:
        raise RuntimeError(f"{cmd}\n{r.stdout}{r.stderr}")
    return r.stdout


class Lab:
    """A bridge in a namespace of its own and one namespace per party."""

    def __init__(self, sample: str):
        self.sample = sample
        self.tag = f"sip{os.getpid()}"
        self.hub = f"{self.tag}-hub"
        self.keep = bool(os.environ.get("KEEP"))  # keep the working files, say more
        self.spaces: list[str] = []
        self.procs: list[subprocess.Popen] = []
        self.cap: subprocess.Popen | None = None
        self.tmp = Path(tempfile.mkdtemp(prefix="sipsample."))
        self.ips: dict[str, str] = {}

    def __enter__(self) -> "Lab":
        self._ns(self.hub)
        sh(f"ip -n {self.hub} link add br0 type bridge mcast_snooping 0")
        sh(f"ip -n {self.hub} link set br0 up")
        return self

    def __exit__(self, *exc) -> None:
        for p in reversed(self.procs):
            if p.poll() is None:
                p.terminate()
        for p in self.procs:
            try:
                p.wait(3)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
        for ns in self.spaces:
            for pid in sh(f"ip netns pids {ns}", check=False).split():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            sh(f"ip netns del {ns}", check=False)
        if not self.keep:
            shutil.rmtree(self.tmp, ignore_errors=True)
        else:
            print("kept", self.tmp)

    def _ns(self, ns: str) -> None:
        sh(f"ip netns add {ns}")
        self.spaces.append(ns)
        if ns.endswith("-v6"):
            return
        sh(f"ip netns exec {ns} sysctl -qw net.ipv6.conf.all.disable_ipv6=1 "
           "net.ipv6.conf.default.disable_ipv6=1", check=False)

    def host(self, name: str, ip: str | None = None, prefix: int = 24,
             bridge: str = "br0", v6: bool = False) -> str:
        """A party's namespace, plugged into the bridge."""
        ip = ip or IP[name]
        ns = f"{self.tag}-{name}"
        self._ns(ns)
        self.ips[name] = ip
        n = len(self.spaces)
        port = f"p{n}"
        sh(f"ip -n {self.hub} link add {port} type veth peer name eth0 netns {ns}")
        sh(f"ip -n {ns} link set eth0 address 02:00:5e:00:53:{n:02x}")
        # real checksums in the packets, no segmentation left to a card
        sh(f"ip netns exec {ns} ethtool -K eth0 tx off rx off tso off gso off gro off",
           check=False)
        sh(f"ip -n {self.hub} link set {port} master {bridge}")
        sh(f"ip -n {self.hub} link set {port} up")
        if v6:
            sh(f"ip netns exec {ns} sysctl -qw net.ipv6.conf.all.disable_ipv6=0 "
               "net.ipv6.conf.eth0.disable_ipv6=0")
            sh(f"ip -n {ns} addr add {ip}/64 dev eth0 nodad")
        else:
            sh(f"ip -n {ns} addr add {ip}/{prefix} dev eth0")
        sh(f"ip -n {ns} link set lo up")
        sh(f"ip -n {ns} link set eth0 up")
        return ip

    def run(self, name: str, argv: list[str], **kw) -> subprocess.Popen:
        ns = self.hub if name == "hub" else f"{self.tag}-{name}"
        if "stdout" not in kw:
            log = open(self.tmp / f"{name}.{len(self.procs)}.log", "wb")
            kw.update(stdout=log, stderr=subprocess.STDOUT)
        kw.setdefault("stdin", subprocess.DEVNULL)
        kw.setdefault("cwd", self.tmp)
        p = subprocess.Popen(["ip", "netns", "exec", ns, *argv], **kw)
        self.procs.append(p)
        return p

    # -- capture ----------------------------------------------------------
    def capture(self, flt: str = "udp", iface: str = "br0") -> None:
        raw = self.tmp / "raw.pcap"
        err = self.tmp / "tcpdump.err"
        with open(err, "wb") as e:
            self.cap = self.run(
                "hub", ["tcpdump", "-Z", "root", "-i", iface, "-n", "-s0", "-U",
                        "--immediate-mode", "-B", "4096", "-w", str(raw), flt],
                stdout=subprocess.DEVNULL, stderr=e)
        for _ in range(100):
            if b"listening" in err.read_bytes():
                break
            time.sleep(0.05)
        time.sleep(0.2)

    def stop_capture(self, flt: str | None = None) -> Path:
        """Ends the capture and writes the sample, with only what ``flt`` keeps."""
        time.sleep(0.5)
        assert self.cap is not None
        self.cap.send_signal(signal.SIGINT)
        self.cap.wait(5)
        raw = self.tmp / "raw.pcap"
        out = OUT / self.sample
        src = raw
        if flt:
            src = self.tmp / "kept.pcap"
            sh(f"tshark -r {raw} -Y '{flt}' -F pcap -w {src}")
        fmt = "pcapng" if out.suffix == ".pcapng" else "pcap"
        sh(f"editcap -F {fmt} {src} {out}")
        return out

    # -- stacks -----------------------------------------------------------
    def kamailio(self, *defines: str) -> None:
        self.host("proxy")
        argv = ["kamailio", "-f", str(HERE / "kamailio.cfg"), "-DD", "-E", "-w", str(self.tmp),
                "-Y", str(self.tmp), "-m", "32", "-M", "8", "-P", str(self.tmp / "kam.pid")]
        for d in defines:
            argv += ["-A", d]
        self.run("proxy", argv)
        time.sleep(1.5)

    def sippy(self, next_hop: str) -> None:
        """The B2BUA of the PyPI package sippy, which calls next_hop for every call that it gets."""
        self.host("proxy")
        program = os.environ.get("SIPPY_B2BUA", "b2bua_simple")
        env = dict(os.environ, SIPLOG_LOGFILE_FILE=str(self.tmp / "sippy.sip.log"))
        self.run("proxy", [program, "-f", "-l", PROXY, "-p", "5060", "-n", f"{next_hop}:5060"], env=env)
        time.sleep(1.5)

    def wav(self, freq: int) -> Path:
        import math
        import struct
        path = self.tmp / f"tone{freq}.wav"
        with wave.open(str(path), "wb") as w:
            w.setnchannels(1)
            w.setsampwidth(2)
            w.setframerate(8000)
            one = b"".join(struct.pack("<h", int(9000 * math.sin(2 * math.pi * freq * n / 8000)))
                           for n in range(8000))
            w.writeframes(one * 60)
        return path

    def baresip(self, name: str, user: str | None = None, freq: int = 440,
                account: str = "", reg: str = "regint=600", modules: tuple[str, ...] = (), contacts: str = "") -> "Console":
        user = user or name
        home = self.tmp / f"baresip-{name}"
        home.mkdir()
        tmpl = (HERE / "baresip" / "config").read_text()
        (home / "config").write_text(
            tmpl.replace("@IP@", self.ips[name]).replace("@WAV@", str(self.wav(freq)))
                .replace("@OUTWAV@", str(home / "heard.wav"))
            + "".join(f"module\t\t\t{module}.so\n" for module in modules))
        acc = (HERE / "baresip" / "accounts").read_text()
        (home / "accounts").write_text(
            acc.replace("@USER@", user).replace("@PROXY@", PROXY)
               .replace("@REG@", reg).replace("@MORE@", account))
        (home / "contacts").write_text(contacts)
        return Console(self, name, ["baresip", "-4", "-f", str(home)])

    def linphone(self, name: str) -> "Console":
        home = self.tmp / f"linphone-{name}"
        (home / ".local/share/linphone").mkdir(parents=True)
        # it takes the network for down without a default route
        sh(f"ip -n {self.tag}-{name} route replace default via {PROXY}")
        tmpl = (HERE / "linphone" / "linphonerc").read_text()
        (home / "linphonerc").write_text(
            tmpl.replace("@USER@", name).replace("@PROXY@", PROXY).replace("@IP@", self.ips[name]))
        env = dict(os.environ, HOME=str(home), TERM="dumb")
        return Console(self, name, ["linphonec", "-c", str(home / "linphonerc"), "-d", os.environ.get("LINPHONE_DEBUG", "0"),
                                    "-l", str(home / "log")], env=env)

    def agent(self, name: str, port: int, freq: float = 440.0) -> Path:
        """The media side of a SIPp phone; returns the FIFO it takes commands from."""
        fifo = self.tmp / f"{name}-{port}.fifo"
        ip = self.ips[name]
        os.mkfifo(fifo)
        self.run(name, [sys.executable, str(HERE / "rtp_agent.py"), ip, str(port), str(fifo),
                        "--freq", str(freq), "--cname", f"{name}@{ip}"])
        time.sleep(0.5)
        return fifo

    def sipp(self, name: str, scenario: str, target: str = "", *, port: int = 5060,
             rtp: int = 0, calls: int = 1, transport: str = "u1", freq: float = 440.0,
             peer: str = "bob", keys: dict[str, str] | None = None,
             extra: list[str] | None = None, cid: str = "", script: str = ""):
        ip = self.ips[name]
        k = {"ltag": f"{random.getrandbits(40):010x}", "sid": str(random.randint(10**9, 4 * 10**9)),
             "me": name, "peer": peer, "sdpaddr": ip, "fifo": "/dev/null", "mport": str(rtp)}
        k.update(keys or {})
        if rtp:
            k["fifo"] = str(self.agent(name, rtp, freq))
        argv = ["sipp", "-sf", str(HERE / "sipp" / scenario), "-i", ip, "-p", str(port),
                "-t", transport, "-m", str(calls), "-nostdin", "-trace_err",
                "-error_file", str(self.tmp / f"{name}.err"), "-mp", str(random.randrange(40000, 50000, 8)),
                "-cid_str", cid or f"{random.getrandbits(64):016x}-%u@{ip}", "-base_cseq", "1"]
        for key, value in k.items():
            argv += ["-key", key, value]
        argv += extra or []
        if target:
            argv.append(target)
        if script:  # for a scenario to start with <exec>
            path = self.tmp / f"{script}.sh"
            log = self.tmp / f"{script}.log"
            path.write_text(shlex.join(argv) + f" >{log} 2>&1 &\n")
            return path
        return self.run(name, argv)

    def wait(self, *procs: subprocess.Popen, timeout: float = 60) -> None:
        end = time.monotonic() + timeout
        for p in procs:
            try:
                rc = p.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                print("!! still running:", p.args[5:9])
                rc = None
            if rc:
                print("!! exit", rc, p.args[4:9])
                for e in self.tmp.glob("*.err"):
                    print(e.read_text()[-1500:])


class Console:
    """An interactive phone on a pseudo terminal."""

    def __init__(self, lab: Lab, name: str, argv: list[str], env=None):
        self.master, slave = pty.openpty()
        self.log = lab.tmp / f"{name}.console"
        self.proc = lab.run(name, argv, stdin=slave, stdout=slave, stderr=slave, env=env,
                            start_new_session=True)
        os.close(slave)
        self.seen = b""
        os.set_blocking(self.master, False)

    def pump(self) -> None:
        try:
            while True:
                d = os.read(self.master, 65536)
                if not d:
                    break
                self.seen += d
        except (BlockingIOError, OSError):
            pass
        self.log.write_bytes(self.seen)

    def cmd(self, line: str) -> None:
        self.pump()
        os.write(self.master, line.encode() + b"\n")

    def expect(self, pattern: str, timeout: float = 10.0, start: int | None = None) -> bool:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            self.pump()
            if re.search(pattern.encode(), self.seen):
                return True
            time.sleep(0.05)
        print(f"!! {self.log.name}: no {pattern!r}; tail: {self.seen[-600:].decode(errors='replace')}")
        return False

    def forget(self) -> None:
        self.pump()
        self.seen = b""
