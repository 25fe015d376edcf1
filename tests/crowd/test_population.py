"""Sampled people against the distributions that people/population.py states."""

import numpy as np
import pytest
from scipy.stats import kstest, truncnorm

from pandanet_core.crowd.people.bodies import SKIN_VERTICES, BodyModel
from pandanet_core.crowd.people.population import Shape, draw_shape

PEOPLE = 6000


@pytest.fixture(scope="module")
def people() -> list[Shape]:
    rng = np.random.default_rng(0)
    return [draw_shape(rng) for _ in range(PEOPLE)]


def statures(people: list[Shape], gender: str, youngest: float, oldest: float) -> np.ndarray:
    return np.array(
        [p.stature_m for p in people if p.gender == gender and youngest <= p.age_years < oldest]
    )


def test_sexes_and_ages_have_their_shares(people: list[Shape]) -> None:
    ages = np.array([person.age_years for person in people])
    assert np.mean([person.gender == "male" for person in people]) == pytest.approx(0.5, abs=0.02)
    assert np.mean(ages < 18) == pytest.approx(0.14, abs=0.015)
    assert np.mean(ages >= 65) == pytest.approx(0.14, abs=0.015)
    assert (ages.min(), ages.max()) == (pytest.approx(4, abs=0.1), pytest.approx(90, abs=0.3))
    adults = ages[(ages >= 18) & (ages < 65)]
    assert kstest(adults, "uniform", (18, 47)).pvalue > 0.01


@pytest.mark.parametrize(
    ("gender", "mean", "spread"), [("male", 1.755, 0.072), ("female", 1.63, 0.066)]
)
def test_young_adults_are_normally_tall(
    people: list[Shape], gender: str, mean: float, spread: float
) -> None:
    tall = statures(people, gender, 18, 30)
    assert len(tall) > 400
    assert kstest((tall - mean) / spread, truncnorm(-3, 3).cdf).pvalue > 0.01


@pytest.mark.parametrize(
    ("gender", "age", "median"),
    # WHO growth reference 2007, medians in cm at whole years.
    [("male", 6, 116.0), ("male", 10, 137.8), ("male", 14, 163.2)]
    + [("female", 6, 115.1), ("female", 10, 138.6), ("female", 14, 159.8)],
)
def test_children_are_as_tall_as_their_growth_reference(
    gender: str, age: int, median: float
) -> None:
    rng = np.random.default_rng(age)
    many = [draw_shape(rng) for _ in range(12_000)]
    tall = statures(many, gender, age - 0.5, age + 0.5)
    error_m = 4 * 0.05 * tall.mean() / np.sqrt(len(tall))
    assert len(tall) > 30
    assert np.median(tall) == pytest.approx(median / 100, abs=max(0.015, error_m))
    assert tall.std() / tall.mean() == pytest.approx(0.047, abs=0.02)


def test_the_old_have_shrunk(people: list[Shape]) -> None:
    for gender, loss in (("male", 0.047), ("female", 0.076)):
        young, old = statures(people, gender, 18, 30), statures(people, gender, 75, 84)
        assert young.mean() - old.mean() == pytest.approx(loss, abs=0.02)


def test_bodies_are_as_tall_as_drawn_and_grow_out_of_large_heads() -> None:
    pytest.importorskip("anny")
    model = BodyModel()
    head_shares = []
    for age in (5.0, 12.0, 30.0, 85.0):
        body = model.body(Shape("female", age, 0.5, 0.5, 0.5, 1.0 + 0.01 * age))
        height = np.ptp(body.vertices[:SKIN_VERTICES, 2])
        assert height == pytest.approx(1.0 + 0.01 * age, abs=1e-6)
        chin_to_top = (
            body.vertices[:SKIN_VERTICES, 2].max() - body.heads[model.rig.index("head")][2]
        )
        head_shares.append(chin_to_top / height)
    assert head_shares[0] > head_shares[1] > head_shares[2] * 1.02
    assert head_shares[3] == pytest.approx(head_shares[2], rel=0.1)
