"""Who the people of a crowd are: sex, age and stature, drawn from stated distributions.

Both sexes are equally frequent. Of all people 14 % are 4 to 17 years old, 72 % 18 to 64 and 14 %
65 to 90, evenly within each group: a street's mixture, between the world's (25, 65 and 10 %, UN World
Population Prospects 2022) and that of ageing countries, without infants, who do not walk alone.

Stature is normal about the mean of age and sex, cut at three standard deviations:

- Children: the medians of WHO's growth references (2006 for 4 years, 2007 from 5 on), with 4.5 % of
  the median as standard deviation.
- Adults: 1.755 m (standard deviation 0.072) for men, 1.63 m (0.066) for women, between the world's
  and northern Europe's means of NCD-RisC 2016.
- From 30 years on people become smaller: men by 3 cm until 70 and 5 cm until 80, women by 5 and 8 cm
  (Sorkin, Muller and Andres 1999), carried on to 90.
"""

from dataclasses import dataclass

import numpy as np

AGE_GROUPS = ((4.0, 18.0, 0.14), (18.0, 65.0, 0.72), (65.0, 90.0, 0.14))
"""Youngest, oldest (years) and share of each group."""

ADULT_YEARS = 18.0
ADULT_STATURE_M = {"male": (1.755, 0.072), "female": (1.63, 0.066)}
"""Mean and standard deviation at the age of 18 to 30."""

CHILD_YEARS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
CHILD_STATURE_M = {
    "male": (
        *(1.033, 1.100, 1.160, 1.217, 1.273, 1.326, 1.378),
        *(1.431, 1.491, 1.560, 1.632, 1.690, 1.729, 1.752),
    ),
    "female": (
        *(1.027, 1.096, 1.151, 1.208, 1.266, 1.325, 1.386),
        *(1.450, 1.512, 1.564, 1.598, 1.617, 1.625, 1.629),
    ),
}
"""Medians by CHILD_YEARS."""

CHILD_SPREAD = 0.045
LOSS_YEARS = (30, 70, 80, 90)
LOSS_M = {"male": (0.0, 0.03, 0.05, 0.07), "female": (0.0, 0.05, 0.08, 0.11)}
LARGEST_DEVIATION = 3.0


@dataclass(frozen=True)
class Shape:
    """What makes a body: `muscle`, `weight` and `proportions` are anny's phenotypes, from 0 to 1."""

    gender: str
    age_years: float
    muscle: float
    weight: float
    proportions: float
    stature_m: float


def draw_shape(rng: np.random.Generator) -> Shape:
    """A random person of the population."""
    gender = str(rng.choice(["male", "female"]))
    youngest, oldest, _ = AGE_GROUPS[rng.choice(3, p=[share for *_, share in AGE_GROUPS])]
    age = float(rng.uniform(youngest, oldest))
    mean, spread = stature_at(gender, age)
    deviation = rng.normal()
    while abs(deviation) > LARGEST_DEVIATION:
        deviation = rng.normal()
    return Shape(
        gender=gender,
        age_years=age,
        muscle=rng.uniform(0.3, 0.8),
        weight=float(np.clip(rng.normal(0.5, 0.17), 0.2, 0.95)),
        proportions=rng.uniform(0.3, 0.8),
        stature_m=mean + spread * deviation,
    )


def stature_at(gender: str, age_years: float) -> tuple[float, float]:
    """Mean and standard deviation of the stature of a sex ("male", "female") at an age, m."""
    mean, spread = ADULT_STATURE_M[gender]
    if age_years < ADULT_YEARS:
        years = (*CHILD_YEARS, ADULT_YEARS)
        mean = float(np.interp(age_years, years, (*CHILD_STATURE_M[gender], mean)))
        return mean, min(spread, CHILD_SPREAD * mean)
    return mean - float(np.interp(age_years, LOSS_YEARS, LOSS_M[gender])), spread
