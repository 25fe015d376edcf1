"""The catalogue of outfits: what is worn together, with its lengths and fabrics.

Every row is told from every other one by its cut or its fabrics. Hats and bags are drawn beside the
outfit: HAT_SHARE of all people wear a hat, BAG_SHARE carry a bag.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pandanet_core.crowd.people.clothes.fabrics import Fabric

HAT_SHARE, BAG_SHARE = 0.28, 0.36
LENGTHS_VARY = 0.02
"""Sleeves and legs differ by so much of the limb between two people in the same outfit."""


class Hat(StrEnum):
    """What is worn on the head."""

    CAP = "cap"
    BRIM = "brimmed hat"
    BEANIE = "beanie"
    HOOD = "hood"
    SCARF = "headscarf"


class Bag(StrEnum):
    """What is carried."""

    BACKPACK = "backpack"
    HANDBAG = "handbag"
    SHOULDER_BAG = "shoulder bag"


@dataclass(frozen=True)
class Top:
    """Shirt, jumper or the upper part of a dress.

    Attributes:
        fabric: Its cloth.
        sleeve: Share of the arm: 0 sleeveless, 0.27 T-shirt, 1 to the wrist.
        hem_m: How far it reaches below the hip joints (negative: above).
        neck_m: Depth of a V-neck; 0 round.
        collar_m: How far it reaches up the neck.
        loose_m: How far cloth stands off the body.
        tucked: Into trousers or skirt.
    """

    fabric: Fabric
    sleeve: float = 0.97
    hem_m: float = 0.03
    neck_m: float = 0.0
    collar_m: float = 0.0
    loose_m: float = 0.009
    tucked: bool = False


@dataclass(frozen=True)
class Trousers:
    """Trousers, leggings or shorts.

    Attributes:
        fabric: Its cloth.
        leg: Where they end: 0 at the hip, 0.5 at the knee, 1 at the ankle.
        width_m: Least radius of the legs below the knee; 0 follows the skin.
        bib: A bib in front, and straps.
    """

    fabric: Fabric
    leg: float = 0.97
    width_m: float = 0.07
    bib: bool = False


@dataclass(frozen=True)
class Skirt:
    """A skirt, or the lower part of a dress.

    Attributes:
        fabric: Its cloth.
        leg: Where it ends, as of Trousers.
        flare: How much wider than a narrow one it is at the ankle, as a share.
    """

    fabric: Fabric
    leg: float = 0.5
    flare: float = 0.0


@dataclass(frozen=True)
class Jacket:
    """Worn over the top, open in front.

    Attributes:
        fabric: Its cloth.
        sleeve, hem_m: As of Top.
        open_m: Half the width of the opening; 0 closed.
        leg: Where a coat's skirts end, as of Skirt; 0: no coat.
        loose_m: How much further than the top it stands off.
        collar_m: As of Top.
    """

    fabric: Fabric
    sleeve: float = 0.97
    hem_m: float = 0.08
    open_m: float = 0.05
    leg: float = 0.0
    loose_m: float = 0.012
    collar_m: float = 0.0


@dataclass(frozen=True)
class Shoes:
    """Shoes.

    Attributes:
        shaft_m: Where they end above the ankle (negative: below).
        sole_m: How thick the sole is.
        pale_sole: A white sole; dark otherwise.
    """

    shaft_m: float = 0.0
    sole_m: float = 0.02
    pale_sole: bool = False


@dataclass(frozen=True)
class Outfit:
    """What is worn together; `worn_by` is "male", "female" or "both", `hats` what suits it."""

    name: str
    worn_by: str
    top: Top
    bottom: Trousers | Skirt
    shoes: Shoes = Shoes()
    jacket: Jacket | None = None
    one_piece: bool = False
    hats: tuple[Hat, ...] = (Hat.CAP, Hat.BRIM, Hat.BEANIE)
    always_hat: bool = False


F = Fabric
TRAINERS, BOOTS = Shoes(0.0, 0.025, pale_sole=True), Shoes(0.1, 0.025)
LEATHER_SHOES, LOW_SHOES = Shoes(-0.015, 0.015), Shoes(-0.035, 0.008)
JEANS, SLIM_JEANS = Trousers(F.DENIM), Trousers(F.DENIM, width_m=0.0)
CHINOS, LEGGINGS = Trousers(F.PLAIN), Trousers(F.DARK, 0.96, width_m=0.0)
SHORTS, SPORTS_SHORTS = Trousers(F.PLAIN, 0.42), Trousers(F.DARK, 0.27)
SUIT_TROUSERS, WIDE_TROUSERS = Trousers(F.WOOL, 0.99), Trousers(F.PLAIN, 0.98, width_m=0.105)
T_SHIRT = Top(F.PLAIN, 0.27)
SHIRT = Top(F.PLAIN, neck_m=0.05, collar_m=0.012, loose_m=0.012)
HOODED = Top(F.PLAIN, hem_m=0.05, collar_m=0.02, loose_m=0.02)

OUTFITS: tuple[Outfit, ...] = (
    Outfit("T-shirt and jeans", "both", T_SHIRT, JEANS, TRAINERS),
    Outfit("striped T-shirt and slim jeans", "both", Top(F.HOOPS, 0.27), SLIM_JEANS, TRAINERS),
    Outfit("T-shirt and shorts", "both", T_SHIRT, SHORTS, TRAINERS),
    Outfit("printed T-shirt and denim shorts", "both", Top(F.BLOTCHES, 0.3, loose_m=0.015),
           Trousers(F.DENIM, 0.38), TRAINERS),
    Outfit("vest and sports shorts", "both", Top(F.PLAIN, 0.02, neck_m=0.05), SPORTS_SHORTS, TRAINERS),
    Outfit("polo shirt and chinos", "male", Top(F.PLAIN, 0.3, neck_m=0.04, collar_m=0.012),
           CHINOS, LEATHER_SHOES),
    Outfit("checked shirt and jeans", "both", Top(F.CHECKS, neck_m=0.05, loose_m=0.014, hem_m=0.08),
           JEANS, BOOTS),
    Outfit("short-sleeved checked shirt", "male", Top(F.CHECKS, 0.33, neck_m=0.06, loose_m=0.015),
           Trousers(F.PLAIN, 0.5), TRAINERS),
    Outfit("shirt tucked into suit trousers", "male",
           Top(F.PALE, neck_m=0.04, collar_m=0.012, tucked=True), SUIT_TROUSERS, LEATHER_SHOES),
    Outfit("striped shirt and chinos", "both", Top(F.STRIPES, neck_m=0.05, loose_m=0.012),
           CHINOS, LEATHER_SHOES),
    Outfit("hooded jumper and jeans", "both", HOODED, JEANS, TRAINERS, hats=(Hat.HOOD, Hat.CAP)),
    Outfit("hooded jumper and leggings", "female", HOODED, LEGGINGS, TRAINERS,
           hats=(Hat.HOOD, Hat.BEANIE)),
    Outfit("tracksuit", "both", Top(F.SPORT, loose_m=0.017, collar_m=0.02),
           Trousers(F.SPORT, width_m=0.075), TRAINERS, one_piece=True),
    Outfit("knitted jumper and chinos", "both", Top(F.KNIT, loose_m=0.016), CHINOS, LEATHER_SHOES),
    Outfit("polo-neck and wool trousers", "both", Top(F.KNIT, collar_m=0.05), SUIT_TROUSERS,
           LEATHER_SHOES),
    Outfit("long jumper and leggings", "female", Top(F.KNIT, hem_m=0.1, loose_m=0.02), LEGGINGS, BOOTS),
    Outfit("suit", "male", SHIRT, SUIT_TROUSERS, LEATHER_SHOES, Jacket(F.WOOL, open_m=0.035)),
    Outfit("blazer and jeans", "both", T_SHIRT, SLIM_JEANS, LEATHER_SHOES,
           Jacket(F.WOOL, open_m=0.07)),
    Outfit("denim jacket and chinos", "both", T_SHIRT, CHINOS, TRAINERS,
           Jacket(F.DENIM, hem_m=-0.02, open_m=0.06)),
    Outfit("leather jacket and jeans", "both", T_SHIRT, SLIM_JEANS, BOOTS,
           Jacket(F.LEATHER, hem_m=-0.02, open_m=0.04, collar_m=0.01)),
    Outfit("quilted jacket and jeans", "both", SHIRT, JEANS, BOOTS,
           Jacket(F.QUILTED, hem_m=0.04, open_m=0.0, loose_m=0.03, collar_m=0.035)),
    Outfit("quilted waistcoat and shirt", "both", Top(F.CHECKS), JEANS, BOOTS,
           Jacket(F.QUILTED, 0.0, hem_m=0.02, open_m=0.03, loose_m=0.022)),
    Outfit("cardigan over a T-shirt", "female", T_SHIRT, SLIM_JEANS, LOW_SHOES,
           Jacket(F.KNIT, hem_m=0.1, open_m=0.08)),
    Outfit("waistcoat and shirt", "male", Top(F.PALE, collar_m=0.012), SUIT_TROUSERS,
           LEATHER_SHOES, Jacket(F.WOOL, 0.0, hem_m=-0.03, open_m=0.03, loose_m=0.006)),
    Outfit("open shirt over a vest", "both", Top(F.PALE, 0.05), Trousers(F.PLAIN, 0.45), TRAINERS,
           Jacket(F.CHECKS, 0.33, hem_m=0.06, open_m=0.09, loose_m=0.008)),
    Outfit("rain jacket and walking trousers", "both", SHIRT, Trousers(F.DARK, width_m=0.08), BOOTS,
           Jacket(F.BRIGHT, hem_m=0.1, open_m=0.0, loose_m=0.02, collar_m=0.045),
           hats=(Hat.HOOD, Hat.BEANIE)),
    Outfit("long coat and trousers", "both", SHIRT, SUIT_TROUSERS, LEATHER_SHOES,
           Jacket(F.WOOL, hem_m=0.06, open_m=0.025, leg=0.52, collar_m=0.02),
           hats=(Hat.BRIM, Hat.BEANIE)),
    Outfit("trench coat and jeans", "both", SHIRT, JEANS, BOOTS,
           Jacket(F.PALE, hem_m=0.06, open_m=0.05, leg=0.42, collar_m=0.02)),
    Outfit("winter coat to the calves", "female", SHIRT, LEGGINGS, BOOTS,
           Jacket(F.QUILTED, hem_m=0.06, open_m=0.0, leg=0.66, loose_m=0.022, collar_m=0.04),
           hats=(Hat.HOOD, Hat.BEANIE)),
    Outfit("boiler suit", "both", Top(F.DARK, neck_m=0.03, loose_m=0.014),
           Trousers(F.DARK, width_m=0.08), BOOTS, one_piece=True, hats=(Hat.CAP,)),
    Outfit("hi-vis waistcoat and work trousers", "both", T_SHIRT, Trousers(F.DARK, width_m=0.08),
           BOOTS, Jacket(F.HI_VIS, 0.0, hem_m=0.06, open_m=0.02), hats=(Hat.CAP, Hat.BEANIE)),
    Outfit("hi-vis suit", "male", Top(F.HI_VIS, loose_m=0.016), Trousers(F.HI_VIS, width_m=0.08),
           BOOTS, one_piece=True, hats=(Hat.CAP,)),
    Outfit("dungarees and T-shirt", "both", Top(F.HOOPS, 0.3), Trousers(F.DENIM, 0.95, bib=True),
           TRAINERS),
    Outfit("short dungarees", "female", T_SHIRT, Trousers(F.DENIM, 0.36, bib=True), TRAINERS),
    Outfit("camouflage jacket and trousers", "male", Top(F.CAMOUFLAGE, loose_m=0.016, hem_m=0.08),
           Trousers(F.CAMOUFLAGE, width_m=0.08), BOOTS, one_piece=True, hats=(Hat.CAP, Hat.BRIM)),
    Outfit("football kit", "both", Top(F.STRIPES, 0.3, loose_m=0.014), Trousers(F.PALE, 0.4), TRAINERS),
    Outfit("running tights and vest", "both", Top(F.BRIGHT, 0.02, hem_m=-0.04), LEGGINGS, TRAINERS),
    Outfit("crop top and wide trousers", "female", Top(F.PLAIN, 0.1, hem_m=-0.14), WIDE_TROUSERS,
           LOW_SHOES),
    Outfit("blouse and wide trousers", "female", Top(F.DOTS, 0.85, neck_m=0.07, tucked=True),
           Trousers(F.DARK, 0.98, width_m=0.1), LOW_SHOES),
    Outfit("blouse and pencil skirt", "female", Top(F.PALE, 0.97, neck_m=0.06, tucked=True),
           Skirt(F.WOOL, 0.5, -0.12), LOW_SHOES),
    Outfit("T-shirt and mini skirt", "female", T_SHIRT, Skirt(F.DENIM, 0.22), TRAINERS),
    Outfit("jumper and flared skirt", "female", Top(F.KNIT), Skirt(F.CHECKS, 0.46, 0.4), BOOTS),
    Outfit("long skirt and vest", "female", Top(F.PLAIN, 0.05, neck_m=0.04), Skirt(F.BLOTCHES, 0.9, 0.1),
           LOW_SHOES),
    Outfit("summer dress", "female", Top(F.BLOTCHES, 0.04, neck_m=0.08), Skirt(F.BLOTCHES, 0.45, 0.35),
           LOW_SHOES, one_piece=True, hats=(Hat.BRIM,)),
    Outfit("dotted dress with sleeves", "female", Top(F.DOTS, 0.5), Skirt(F.DOTS, 0.52, 0.2),
           LOW_SHOES, one_piece=True, hats=(Hat.BRIM,)),
    Outfit("narrow dress", "female", Top(F.DARK, 0.2, neck_m=0.04), Skirt(F.DARK, 0.4, -0.08),
           LOW_SHOES, one_piece=True),
    Outfit("long dress", "female", Top(F.BRIGHT, 0.04, neck_m=0.09), Skirt(F.BRIGHT, 0.94, 0.1),
           LOW_SHOES, one_piece=True),
    Outfit("long dress and headscarf", "female", Top(F.PLAIN, 0.99, loose_m=0.018),
           Skirt(F.PLAIN, 0.95, 0.1), LOW_SHOES, one_piece=True, hats=(Hat.SCARF,), always_hat=True),
    Outfit("tunic, trousers and headscarf", "female", Top(F.DOTS, 0.97, hem_m=0.06, loose_m=0.015),
           Trousers(F.PLAIN), LOW_SHOES, hats=(Hat.SCARF,), always_hat=True),
    Outfit("robe", "male", Top(F.PALE, 0.98, loose_m=0.018), Skirt(F.PALE, 0.92, 0.0), LOW_SHOES,
           one_piece=True, hats=(Hat.CAP,)),
)  # fmt: skip


def outfits_for(gender: str) -> tuple[Outfit, ...]:
    """What somebody may wear."""
    return tuple(outfit for outfit in OUTFITS if outfit.worn_by in (gender, "both"))


def draw_hat(rng: np.random.Generator, outfit: Outfit | None) -> Hat | None:
    """A hat that suits an outfit (None: bought clothes), or none."""
    if outfit is not None and outfit.always_hat:
        return outfit.hats[0]
    if rng.random() >= HAT_SHARE:
        return None
    hats = outfit.hats if outfit else (Hat.CAP, Hat.BRIM, Hat.BEANIE)
    return hats[int(rng.integers(len(hats)))]


def draw_bag(rng: np.random.Generator, gender: str) -> Bag | None:
    """A bag, or none; handbags are carried by women."""
    if rng.random() >= BAG_SHARE:
        return None
    bags = tuple(Bag) if gender == "female" else (Bag.BACKPACK, Bag.SHOULDER_BAG)
    return bags[int(rng.integers(len(bags)))]
