"""Files that come with PandaNet are found, or their absence is explained."""

from pathlib import Path

import pytest

from pandanet_core.assets import asset_path
from pandanet_core.errors import UserError


def test_an_asset_is_found_in_a_checkout() -> None:
    assert asset_path("README.md") == Path(__file__).parents[2] / "assets" / "README.md"


@pytest.mark.parametrize("name", ["weights/nothing.safetensors", "weights"])
def test_an_absent_asset_is_a_sentence_that_names_it(name: str) -> None:
    with pytest.raises(UserError, match=rf"{name}.* missing: install PandaNet again"):
        asset_path(name)
