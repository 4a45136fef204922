"""The narrow-band E-model in formulas (ITU-T G.107), by the Recommendation's own parameters.

Everything here is arithmetic. Which codec has which constants, and when a score may be given at all, is the business
of `sipscope.media.mos`.
"""

from math import exp, log2, log10, sqrt

from sipscope.values import dataclass

MONITORING_R = 93.2
"""R with every parameter but delay, codec and loss at its default."""

VALIDATED_BURST_RATIO = 2.0
"""BurstR up to which G.107 validates its formula where loss is 2 % or more."""

# Default parameters of G.107, by its own symbols.
_SLR, _RLR, _STMR, _LSTR, _DS = 8.0, 2.0, 15.0, 18.0, 3.0
_TELR, _WEPL, _QDU, _NC, _NFOR, _PS, _PR = 65.0, 110.0, 1.0, -70.0, -64.0, 35.0, 35.0
_MINIMUM_DELAY_MS, _SENSITIVITY = 100.0, 1.0


def equipment_impairment(
    equipment: float, robustness: float | None, loss_percent: float, burst_ratio: float = 1.0
) -> float | None:
    """Ie,eff: what codec and loss take from R.

    Args:
        equipment: Ie, the codec's impairment without loss.
        robustness: Bpl, how well it bears loss; None where no value is published.
        loss_percent: Ppl.
        burst_ratio: BurstR, 1 for random loss.

    Returns:
        The impairment; None when there is loss and no robustness factor.
    """
    if not loss_percent:
        return float(equipment)
    if robustness is None:
        return None
    return equipment + (95 - equipment) * loss_percent / (loss_percent / burst_ratio + robustness)


def capped_burst_ratio(burst_ratio: float | None, loss_percent: float) -> float:
    """BurstR as the formula takes it: at least 1, and at most 2 where loss is 2 % or more."""
    ratio = max(1.0, burst_ratio if burst_ratio is not None else 1.0)
    return ratio if loss_percent < 2 else min(ratio, VALIDATED_BURST_RATIO)


def transmission_rating(delay_impairment: float, effective_equipment_impairment: float) -> float:
    """R in the monitoring form: everything else at its default."""
    return MONITORING_R - delay_impairment - effective_equipment_impairment


def mean_opinion_score(rating: float) -> float:
    """MOS of an R on the narrow-band scale, 1–4.5. The cubic dips below 1 for small R, so it is held there."""
    if rating <= 0:
        return 1.0
    if rating >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)


def delay_impairment_simple(delay_ms: float) -> float:
    """Id by the fit of Cole and Rosenbluth, good up to about 300 ms one way."""
    return 0.024 * delay_ms + (0.11 * (delay_ms - 177.3) if delay_ms > 177.3 else 0.0)


def delay_impairment_full(delay_ms: float) -> float:
    """Id by the full formulas with default parameters."""
    return full_rating(delay_ms).delay


@dataclass(frozen=True, slots=True, kw_only=True)
class FullRating:
    """The parts of R with default parameters and a given delay.

    Attributes:
        signal_to_noise: Ro.
        simultaneous: Is.
        delay: Id.
    """

    signal_to_noise: float
    simultaneous: float
    delay: float

    @property
    def rating(self) -> float:
        """R without equipment impairment."""
        return self.signal_to_noise - self.simultaneous - self.delay


def full_rating(delay_ms: float = 0.0) -> FullRating:
    """R by the full formulas with default parameters; T, Ta and half of Tr are the one-way delay in milliseconds."""
    noise = _noise()
    basic = 15 - 1.5 * (_SLR + noise)
    return FullRating(
        signal_to_noise=basic,
        simultaneous=_simultaneous(basic, noise, delay_ms),
        delay=_talker_echo(noise, delay_ms) + _listener_echo(basic, delay_ms) + _long_delay(delay_ms),
    )


def _noise() -> float:
    """No: all noise together, at the 0 dBr point."""
    overall = _SLR + _RLR
    room_send = _PS - _SLR - _DS - 100 + 0.004 * (_PS - overall - _DS - 14) ** 2
    effective_room = _PR + 10 * log10(1 + 10 ** ((10 - _LSTR) / 10))
    room_receive = _RLR - 121 + effective_room + 0.008 * (effective_room - 35) ** 2
    return 10 * log10(sum(10 ** (level / 10) for level in (_NC, room_send, room_receive, _NFOR + _RLR)))


def _simultaneous(basic: float, noise: float, delay_ms: float) -> float:
    """Is: too loud a connection, sidetone, quantisation."""
    x = _SLR + _RLR + 0.2 * (64 + noise - _RLR)
    loud = 20 * ((1 + (x / 8) ** 8) ** (1 / 8) - x / 8)
    s = -10 * log10(10 ** (-_STMR / 10) + exp(-delay_ms / 4) * 10 ** (-_TELR / 10))
    sidetone = (
        12 * (1 + ((s - 13) / 6) ** 8) ** (1 / 8)
        - 28 * (1 + ((s + 1) / 19.4) ** 35) ** (1 / 35)
        - 13 * (1 + ((s - 3) / 33) ** 13) ** (1 / 13)
        + 29
    )
    q = 37 - 15 * log10(_QDU)
    g = 1.07 + 0.258 * q + 0.0602 * q**2
    y = (basic - 100) / 15 + 46 / 8.4 - g / 9
    z = 46 / 30 - g / 40
    quantisation = 15 * log10(1 + 10**y + 10**z)
    together: float = loud + sidetone + quantisation
    return together


def _talker_echo(noise: float, delay_ms: float) -> float:
    """Idte: hearing oneself."""
    if delay_ms < 1:
        return 0.0
    echo = _TELR - 40 * log10((1 + delay_ms / 10) / (1 + delay_ms / 150)) + 6 * exp(-0.3 * delay_ms**2)
    difference = -1.5 * (noise - _RLR) - (80 + 2.5 * (echo - 14))
    return (difference / 2 + sqrt(difference**2 / 4 + 100) - 1) * (1 - exp(-delay_ms))


def _listener_echo(basic: float, delay_ms: float) -> float:
    """Idle: hearing the other party twice."""
    echo = 10.5 * (_WEPL + 7) / sqrt(sqrt(2 * delay_ms + 1))
    return (basic - echo) / 2 + sqrt((basic - echo) ** 2 / 4 + 169)


def _long_delay(delay_ms: float) -> float:
    """Idd: waiting for the other party."""
    if delay_ms <= _MINIMUM_DELAY_MS:
        return 0.0
    x, power = log2(delay_ms / _MINIMUM_DELAY_MS), 6 * _SENSITIVITY
    excess: float = (1 + x**power) ** (1 / power) - 3 * (1 + (x / 3) ** power) ** (1 / power) + 2
    return 25 * excess
