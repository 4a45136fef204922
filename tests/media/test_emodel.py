"""The E-model in formulas (ITU-T G.107)."""

import pytest

from sipscope.media.emodel import (
    capped_burst_ratio,
    delay_impairment_full,
    delay_impairment_simple,
    equipment_impairment,
    full_rating,
    mean_opinion_score,
    transmission_rating,
)

R = 0.05
MOS = 0.01


def test_default_parameters_give_the_published_rating():
    found = full_rating()
    assert found.signal_to_noise == pytest.approx(94.769, abs=0.001)
    assert found.simultaneous == pytest.approx(1.414, abs=0.001)
    assert found.delay == pytest.approx(0.149, abs=0.001)
    assert found.rating == pytest.approx(93.2062, abs=0.0005)


def test_default_parameters_give_a_mos_of_4_41():
    assert mean_opinion_score(full_rating().rating) == pytest.approx(4.409, abs=0.001)


@pytest.mark.parametrize(
    ("codec", "loss", "ratio", "delay", "rating", "score"),
    [
        ((11, 19), 2, 1, 150, 70.60, 3.625),
        ((0, 25.1), 3, 1.5, 250, 68.69, 3.535),
        ((11, 19), 5, 1, 200, 57.4, 2.96),
        ((0, 25.1), 0, 1, 50, 92.0, 4.38),
    ],
)
def test_worked_examples_with_the_simple_delay_term(
    codec: tuple[float, float], loss: float, ratio: float, delay: float, rating: float, score: float
):
    effective = equipment_impairment(*codec, loss, ratio)
    assert effective is not None
    found = transmission_rating(delay_impairment_simple(delay), effective)
    assert found == pytest.approx(rating, abs=R)
    assert mean_opinion_score(found) == pytest.approx(score, abs=MOS)


@pytest.mark.parametrize(
    ("codec", "loss", "ratio", "delay", "rating", "score"),
    [
        ((11, 19), 2, 1, 150, 70.54, 3.622),
        ((0, 25.1), 2, 1, 150, 82.53, 4.116),
        ((0, 25.1), 3, 1.5, 250, 68.66, 3.534),
        ((11, 19), 5, 1, 200, 57.3, 2.96),
    ],
)
def test_worked_examples_with_the_full_formulas(
    codec: tuple[float, float], loss: float, ratio: float, delay: float, rating: float, score: float
):
    effective = equipment_impairment(*codec, loss, ratio)
    assert effective is not None
    found = full_rating(delay).rating - effective
    assert found == pytest.approx(rating, abs=R)
    assert mean_opinion_score(found) == pytest.approx(score, abs=MOS)


@pytest.mark.parametrize(("delay", "impairment"), [(150, 3.82), (250, 14.18)])
def test_delay_impairment_of_the_full_formulas(delay: float, impairment: float):
    assert delay_impairment_full(delay) == pytest.approx(impairment, abs=0.01)


@pytest.mark.parametrize(("ratio", "effective"), [(1, 30.16), (2, 35.85)])
def test_bursts_make_unconcealed_loss_worse(ratio: float, effective: float):
    assert equipment_impairment(0, 4.3, 2, ratio) == pytest.approx(effective, abs=0.01)


@pytest.mark.parametrize(
    ("codec", "loss", "effective"), [((11, 19), 8, 35.9), ((11, 19), 16, 49.4), ((5, 10), 5, 35.0)]
)
def test_loss_tables_are_reproduced(codec: tuple[float, float], loss: float, effective: float):
    assert equipment_impairment(*codec, loss) == pytest.approx(effective, abs=0.05)


@pytest.mark.parametrize(("rating", "score"), [(90, 4.34), (80, 4.02), (70, 3.60), (60, 3.10), (50, 2.58)])
def test_mapping_to_mos(rating: float, score: float):
    assert mean_opinion_score(rating) == pytest.approx(score, abs=0.01)


@pytest.mark.parametrize(("rating", "score"), [(-5, 1.0), (3, 1.0), (100, 4.5), (120, 4.5)])
def test_mos_stays_within_its_scale(rating: float, score: float):
    assert mean_opinion_score(rating) == score


def test_loss_without_robustness_factor_has_no_impairment():
    assert equipment_impairment(20, None, 1.0) is None


def test_no_loss_needs_no_robustness_factor():
    assert equipment_impairment(20, None, 0.0) == 20


@pytest.mark.parametrize(("ratio", "loss", "used"), [(None, 5, 1), (0.7, 5, 1), (4, 5, 2), (4, 1, 4)])
def test_burst_ratio_is_held_where_the_formula_is_validated(ratio: float | None, loss: float, used: float):
    assert capped_burst_ratio(ratio, loss) == used
