"""The account of a capture: how many frames, what each set-aside one was, what the file lacks."""

from collections import Counter
from typing import TYPE_CHECKING

from sipscope.model.packets import LOSSES, CaptureFacts, CaptureInterface, Comment, EncryptedFlow, Gap, GapKind
from sipscope.model.time import SECOND

if TYPE_CHECKING:
    from sipscope.capture.native.records import Records
    from sipscope.model.time import Duration, Instant

LINK_TYPES = {
    0: "null",
    1: "ethernet",
    9: "ppp",
    12: "raw-ip",
    14: "raw-ip",
    50: "ppp",
    51: "pppoe",
    101: "raw-ip",
    108: "loop",
    113: "linux-cooked",
    228: "raw-ipv4",
    229: "raw-ipv6",
    276: "linux-cooked-v2",
}
"""Link types the native engine reads, by their number in the registry of draft-ietf-opsawg-pcaplinktype; 12 and 14
are what BSDs wrote for raw IP."""

GAPS_OF_A_KIND = 50
"""How many gaps of one kind are told one by one; the others are counted."""

COMMENTS_KEPT = 1000
"""How many comments are kept; the others are counted."""

_FRAMES_NAMED = 8
_FORWARD_STEP: "Duration" = 3600 * SECOND
_BACKWARD_STEP: "Duration" = SECOND


def link_type_name(number: int) -> str:
    """A link type's name, or its number where it is none that is read."""
    return LINK_TYPES.get(number, f"link-type-{number}")


class Ledger:
    """What is known of the capture so far."""

    def __init__(self) -> None:
        self.frames = 0
        self._set_aside: Counter[str] = Counter()
        self._gaps: list[Gap] = []
        self._gap_counts: Counter[GapKind] = Counter()
        self._more_losses: dict[int, Instant] = {}
        self._notes: list[str] = []
        self._link_types: dict[str, None] = {}
        self._first: Instant | None = None
        self._last: Instant | None = None
        self._previous: Instant | None = None
        self._cut: list[int] = []
        self._cut_count = 0
        self._longer_count = 0
        self._interfaces: list[CaptureInterface] = []
        self._written_by: dict[str, None] = {}
        self._names: dict[str, str] = {}
        self._comments: list[Comment] = []
        self._comment_count = 0
        self._encrypted_flows: tuple[EncryptedFlow, ...] = ()

    def set_aside(self, reason: str, count: int = 1) -> None:
        """Count frames that carry nothing for us."""
        if count:
            self._set_aside[reason] += count

    def gap(self, gap: Gap) -> None:
        """Keep what the file lacks; of each kind, only so many."""
        self._gap_counts[gap.kind] += 1
        if self._gap_counts[gap.kind] <= GAPS_OF_A_KIND:
            self._gaps.append(gap)
        elif gap.kind in LOSSES and gap.at is not None:
            # What isn't told must still keep rules from taking it for a fault.
            self._more_losses.setdefault(gap.at // SECOND, gap.at)

    def note(self, sentence: str) -> None:
        """Keep a sentence about how the file was read, once."""
        if sentence not in self._notes:
            self._notes.append(sentence)

    def link_type(self, number: int) -> None:
        """Keep the name of a link type the file names."""
        self._link_types.setdefault(link_type_name(number))

    def interface(self, interface: CaptureInterface) -> None:
        """Keep an interface with all that its section told of it."""
        self._interfaces.append(interface)

    def written_by(self, words: str) -> None:
        """Keep what a section says of the machine or program that wrote it."""
        self._written_by.setdefault(words)

    def name(self, address: str, name: str) -> None:
        """Keep the name of an address; the first one stands."""
        self._names.setdefault(address, name)

    def comment(self, comment: Comment) -> None:
        """Keep a comment; only so many."""
        self._comment_count += 1
        if self._comment_count <= COMMENTS_KEPT:
            self._comments.append(comment)

    def encrypted(self, flows: tuple[EncryptedFlow, ...], untold: int) -> None:
        """Keep the TLS connections; `untold` are as many as were too many."""
        self._encrypted_flows = flows
        if untold:
            self.note(f"{untold} more TLS connections are not told one by one.")

    def file_is_cut(self, last_number: int, rest: int) -> None:
        """The file ends inside a record; `rest` bytes of it are there."""
        behind = f"after frame {last_number}" if last_number else "before the first frame"
        self.gap(
            Gap(
                kind=GapKind.TRUNCATED_FILE,
                frames=(last_number,) if last_number else (),
                text=f"The file ends in the middle of a record, {rest} bytes {behind}.",
                at=self._previous,
            )
        )

    def records(self, records: "Records") -> None:
        """Take a batch of records into the account: times, cut frames, steps of the clock."""
        self.frames += len(records)
        first, last = int(records.at.min()), int(records.at.max())
        self._first = first if self._first is None else min(self._first, first)
        self._last = last if self._last is None else max(self._last, last)
        self._clock_steps(records)
        cut = records.captured < records.original
        if cut.any():
            numbers = cut.nonzero()[0]
            self._cut_count += len(numbers)
            room = _FRAMES_NAMED - len(self._cut)
            self._cut.extend(int(number) + records.first_number for number in numbers[:room])
        self._longer_count += int((records.captured > records.original).sum())

    def facts(self, *, path: str, file_format: str) -> CaptureFacts:
        """Everything so far."""
        return CaptureFacts(
            path=path,
            format=file_format,
            engine="native",
            link_types=tuple(self._link_types),
            frames=self.frames,
            first_packet_at=self._first,
            last_packet_at=self._last,
            set_aside=dict(sorted(self._set_aside.items())),
            gaps=tuple(self._gaps) + self._summaries(),
            more_losses_at=tuple(sorted(self._more_losses.values())),
            notes=tuple(self._notes) + self._oddities(),
            interfaces=tuple(self._interfaces),
            cut_frames=self._cut_count,
            written_by=tuple(self._written_by),
            names=dict(self._names),
            comments=tuple(self._comments),
            encrypted_flows=self._encrypted_flows,
        )

    def _clock_steps(self, records: "Records") -> None:
        """Find where time jumps more than an hour ahead or runs back more than a second between frames."""
        at = records.at
        before = self._previous
        self._previous = int(at[-1])
        if before is not None:
            self._clock_step(before, int(at[0]), records.first_number)
        if int(at.max()) - int(at.min()) <= _BACKWARD_STEP:
            return
        steps = at[1:] - at[:-1]
        for row in ((steps > _FORWARD_STEP) | (steps < -_BACKWARD_STEP)).nonzero()[0].tolist():
            self._clock_step(int(at[row]), int(at[row + 1]), records.first_number + row + 1)

    def _clock_step(self, before: "Instant", after: "Instant", number: int) -> None:
        step = after - before
        if -_BACKWARD_STEP <= step <= _FORWARD_STEP:
            return
        way = "ahead" if step > 0 else "back"
        self.gap(
            Gap(
                kind=GapKind.CLOCK_STEP,
                frames=(number - 1, number),
                text=f"Time goes {way} by {abs(step) / SECOND:.3f} s between frames {number - 1} and {number}.",
                at=after,
            )
        )

    def _summaries(self) -> tuple[Gap, ...]:
        """One gap for all frames the snap length cut, and one for each kind of which there were too many."""
        summaries = []
        if self._cut_count:
            text = f"{self._cut_count} of {self.frames} frames were cut by the snap length of the capture."
            summaries.append(Gap(kind=GapKind.SNAP_LENGTH, frames=tuple(self._cut), text=text))
        for kind, count in self._gap_counts.items():
            if count > GAPS_OF_A_KIND:
                text = f"{count - GAPS_OF_A_KIND} more of the kind {kind} are not told one by one."
                summaries.append(Gap(kind=kind, text=text))
        return tuple(summaries)

    def _oddities(self) -> tuple[str, ...]:
        sentences = []
        if self._longer_count:
            sentences.append(
                f"{self._longer_count} records hold more bytes than they say the packet had; "
                "the lengths in the IP headers decide."
            )
        if self._comment_count > COMMENTS_KEPT:
            sentences.append(f"{self._comment_count - COMMENTS_KEPT} more comments of the file are not kept.")
        return tuple(sentences)
