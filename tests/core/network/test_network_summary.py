"""What a network costs: against torch's own counter, and against published figures."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from pandanet_core.network.config import (
    FULL,
    FULL_STRIDE_8,
    SMALL,
    SMALL_REPVGG,
    NetworkConfig,
)
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.network.summary import NetworkSummary, describe_network


@pytest.mark.parametrize(
    "config", [FULL, FULL_STRIDE_8, SMALL, SMALL_REPVGG], ids=["full", "full-8", "small", "repvgg"]
)
def test_parameters_and_flops_are_those_that_torch_counts(config: NetworkConfig) -> None:
    summary = describe_network(config, 256, 160, joint_count=17, anchor_count=6)
    with torch.device("meta"):
        network = PandaNet(config, torch.zeros(6, 2), 17)
        with FlopCounterMode(display=False) as counter:
            features = network(torch.zeros(1, 3, 160, 256))
            network.score_logits(features)
            network.dense_outputs(features)
    by_part = counter.get_flop_counts()
    assert summary.flops == counter.get_total_flops()
    assert summary.parts[0].multiply_adds * 2 == sum(by_part["PandaNet.backbone"].values())
    assert summary.parts[3].multiply_adds * 2 == sum(by_part["PandaNet.score_head"].values())
    assert summary.total.parameters == sum(p.numel() for p in network.parameters())
    assert summary.anchors == 6 * (160 // config.stride) * (256 // config.stride)


def backbone_of(summary: NetworkSummary) -> tuple[int, int]:
    backbone = summary.parts[0]
    assert backbone.name == "backbone"
    return backbone.parameters, backbone.multiply_adds


def test_darknet53_costs_what_its_authors_say() -> None:
    """18.7 billion operations at 256 x 256 (YOLOv3, Table 2); 41.6 million with its classifier."""
    parameters, multiply_adds = backbone_of(describe_network(FULL, 256, 256))
    assert 2 * multiply_adds == pytest.approx(18.7e9, rel=0.01)
    assert parameters + 1024 * 1000 + 1000 == 41_609_928


def test_efficientnet_lite0_costs_what_its_authors_say() -> None:
    """0.39 billion multiply-adds at 224 x 224 with last convolution and classifier: B0's, which has
    the same layers and squeeze-and-excitation of under a million (Tan and Le, 2019, Table 2)."""
    parameters, multiply_adds = backbone_of(describe_network(SMALL, 224, 224))
    last_convolution, classifier = 7 * 7 * 320 * 1280, 1280 * 1000
    assert multiply_adds + last_convolution + classifier == pytest.approx(0.39e9, rel=0.02)
    assert 2.9e6 < parameters < 4.7e6


def test_the_table_has_a_row_for_each_part_and_their_sum() -> None:
    summary = describe_network(SMALL, 512, 320)
    heading, *rows, total, where = summary.to_text().splitlines()
    assert heading.split() == ["part", "parameters", "multiply-adds", "share"]
    assert [row[:14].strip() for row in rows] == [part.name for part in summary.parts]
    numbers = [int(row[14:28].replace(",", "")) for row in rows]
    assert numbers == [part.parameters for part in summary.parts]
    assert int(total[14:28].replace(",", "")) == sum(numbers)
    assert total.endswith("100.0%")
    assert "512 x 320" in where
    assert f"{10 * 40 * 64:,} anchors" in where
