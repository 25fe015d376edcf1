"""PandaNet: backbone, feature pyramid, joined features, four heads (Fig. 3; spec, section 2)."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from pandanet_core.anchors import AnchorGrid, from_anchor_space
from pandanet_core.boxes import decode_boxes
from pandanet_core.network.backbones import make_backbone
from pandanet_core.network.config import NetworkConfig
from pandanet_core.network.layers import bias_of, convolution, convolutions

INPUT_MULTIPLE = 32
"""Sides of the input must be multiples of the coarsest stride."""

SCORE_PRIOR = 0.01
"""Scores start here: nearly every anchor is background."""

OUTPUT_STD = 0.01
"""Output weights start small, so that poses start at their bias, the mean pose."""

POSE3D_UNIT = 0.05
"""The 3D output counts in this share of the sum of bone lengths, about what joints differ from
their mean.

With outputs of such different sizes, one learning rate is too coarse for the smallest: poses in
their own unit stayed worse than the constant mean pose for the first thousands of pictures.
"""


@dataclass(frozen=True)
class HeadFeatures:
    """Features of the four heads, (B, C, rows, columns) each, just before the 1x1 output
    convolutions."""

    score: Tensor
    box: Tensor
    pose2d: Tensor
    pose3d: Tensor


@dataclass(frozen=True)
class AnchorOutputs:
    """What the network says at M anchors.

    Attributes:
        boxes: (M, 4) px of the input picture.
        pose2d: (M, K, 2) anchor space.
        pose2d_px: (M, K, 2) px of the input picture.
        pose3d: (M, K, 3) root-relative, bone lengths summing to about 1; (M, 0, 3) where it was not
            asked for.
    """

    boxes: Tensor
    pose2d: Tensor
    pose2d_px: Tensor
    pose3d: Tensor


class PandaNet(nn.Module):
    """The network; `anchors` (N_A, 2) px are part of it and travel with its weights."""

    anchors: Tensor

    def __init__(self, config: NetworkConfig, anchors: Tensor, joint_count: int) -> None:
        super().__init__()
        self.config = config
        self.joint_count = joint_count
        self.register_buffer("anchors", anchors.to(torch.float32).clone())
        pyramid, head = config.pyramid_channels, config.head_channels
        self.backbone = make_backbone(config.backbone)
        self.lateral = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels, pyramid, 1, bias=False), nn.BatchNorm2d(pyramid))
            for channels in self.backbone.channels
        )
        self.levels = nn.ModuleList(
            convolutions(pyramid, config.pyramid_convolutions) for _ in self.lateral
        )
        self.join = convolution(len(self.lateral) * pyramid, head * 4 if config.sub_pixel else head)
        self.score_head, self.box_head, self.pose2d_head, self.pose3d_head = (
            convolutions(head, config.head_convolutions) for _ in range(4)
        )
        count = len(anchors)
        self.score_out = nn.Conv2d(head, count, 1)
        self.box_out = nn.Conv2d(head, count * 4, 1)
        self.pose2d_out = nn.Conv2d(head, count * joint_count * 2, 1)
        self.pose3d_out = nn.Conv2d(head, count * joint_count * 3, 1)
        if not self.anchors.is_meta:
            self._start_outputs()

    def _start_outputs(self) -> None:
        """Not on the meta device, where torch would import its compiler to draw no numbers."""
        for output in (self.score_out, self.box_out, self.pose2d_out, self.pose3d_out):
            nn.init.normal_(output.weight, 0, OUTPUT_STD)
            nn.init.zeros_(bias_of(output))
        nn.init.constant_(bias_of(self.score_out), math.log(SCORE_PRIOR / (1 - SCORE_PRIOR)))

    def grid(self, height: int, width: int) -> AnchorGrid:
        """The anchor grid A for an input of height x width px."""
        stride = self.config.stride
        return AnchorGrid(self.anchors, stride, height // stride, width // stride)

    @torch.no_grad()
    def start_at_mean_pose(self, pose2d: Tensor, pose3d: Tensor) -> None:
        """Set the pose outputs' biases to mean poses over A+: (K, 2) anchor space and (K, 3)."""
        count = len(self.anchors)
        bias_of(self.pose2d_out).copy_(pose2d.reshape(1, -1).expand(count, -1).flatten())
        pose3d_bias = (pose3d / POSE3D_UNIT).reshape(1, -1)
        bias_of(self.pose3d_out).copy_(pose3d_bias.expand(count, -1).flatten())

    def forward(self, image: Tensor) -> HeadFeatures:
        """Features of the heads for normalised pictures (B, 3, H, W), sides multiples of 32."""
        pyramid = [
            lateral(feature)
            for lateral, feature in zip(self.lateral, self.backbone(image), strict=True)
        ]
        for level in (1, 0):
            pyramid[level] = pyramid[level] + _resize_like(pyramid[level + 1], pyramid[level])
        refined = [tower(feature) for tower, feature in zip(self.levels, pyramid, strict=True)]
        joined = self.join(torch.cat([_resize_like(level, refined[0]) for level in refined], 1))
        if self.config.sub_pixel:
            joined = functional.pixel_shuffle(joined, 2)
        pose2d, pose3d = self.pose2d_head(joined), self.pose3d_head(joined)
        if self.config.pose3d_sees_pose2d:
            pose3d = pose3d + pose2d
        return HeadFeatures(self.score_head(joined), self.box_head(joined), pose2d, pose3d)

    def score_logits(self, features: HeadFeatures) -> Tensor:
        """Ĉ before the sigmoid, (B, N_A, rows, columns)."""
        logits: Tensor = self.score_out(features.score.float())
        return logits

    def boxes_at(
        self,
        features: HeadFeatures,
        grid: AnchorGrid,
        picture: Tensor,
        anchor: Tensor,
        row: Tensor,
        column: Tensor,
    ) -> Tensor:
        """Predicted boxes (M, 4) px at M anchors given by picture, kind and cell."""
        offsets = self._read(features.box, self.box_out, picture, anchor, row, column)
        return decode_boxes(offsets, grid.boxes_at(anchor, row, column))

    def read_at(
        self,
        features: HeadFeatures,
        grid: AnchorGrid,
        picture: Tensor,
        anchor: Tensor,
        row: Tensor,
        column: Tensor,
        with_pose3d: bool = True,
    ) -> AnchorOutputs:
        """Everything predicted at M anchors; costs nothing elsewhere because the outputs are 1x1
        convolutions."""
        at = (picture, anchor, row, column)
        anchor_boxes = grid.boxes_at(anchor, row, column)
        pose2d = self._read(features.pose2d, self.pose2d_out, *at).unflatten(
            1, (self.joint_count, 2)
        )
        pose3d = pose2d.new_zeros(len(pose2d), 0, 3)
        if with_pose3d:
            values = self._read(features.pose3d, self.pose3d_out, *at)
            pose3d = values.unflatten(1, (self.joint_count, 3))
        boxes = decode_boxes(self._read(features.box, self.box_out, *at), anchor_boxes)
        pose2d_px = from_anchor_space(pose2d, anchor_boxes)
        return AnchorOutputs(boxes, pose2d, pose2d_px, pose3d * POSE3D_UNIT)

    def dense_outputs(self, features: HeadFeatures) -> tuple[Tensor, Tensor, Tensor]:
        """Dense maps for the debug views: box offsets (B, N_A, 4, H, W), 2D (B, N_A, K, 2, H, W),
        3D (B, N_A, K, 3, H, W)."""
        count, joints = len(self.anchors), self.joint_count
        box = self.box_out(features.box.float()).unflatten(1, (count, 4))
        pose2d = self.pose2d_out(features.pose2d.float()).unflatten(1, (count, joints, 2))
        pose3d = self.pose3d_out(features.pose3d.float()).unflatten(1, (count, joints, 3))
        return box, pose2d, pose3d * POSE3D_UNIT

    def _read(
        self,
        feature: Tensor,
        output: nn.Conv2d,
        picture: Tensor,
        anchor: Tensor,
        row: Tensor,
        column: Tensor,
    ) -> Tensor:
        """Values (M, C) of a 1x1 output convolution at M anchors only, in float32."""
        at_cells = feature.permute(0, 2, 3, 1)[picture, row, column].float()
        weight, bias = output.weight.flatten(1).float(), bias_of(output).float()
        if anchor.device.type == "cpu":
            return _linear_by_kind(at_cells, weight, bias, anchor, len(self.anchors))
        # A GPU would have to be waited for, to know how many anchors of each kind there are.
        every_kind = functional.linear(at_cells, weight, bias)
        by_kind = every_kind.unflatten(1, (len(self.anchors), -1))
        return by_kind[torch.arange(len(anchor), device=anchor.device), anchor]


def _linear_by_kind(
    inputs: Tensor, weight: Tensor, bias: Tensor, kind: Tensor, kinds: int
) -> Tensor:
    """Each line of `inputs` (M, C) through the linear map of its own kind (M,): the first of
    `kinds` equal parts of weight (kinds * D, C) and bias for kind 0, and so on; (M, D)."""
    in_order = bool((kind[1:] >= kind[:-1]).all())  # as A+ of one picture is
    order = None if in_order else kind.argsort(stable=True)
    sorted_inputs = inputs if order is None else inputs[order]
    counts = torch.bincount(kind, minlength=kinds).tolist()
    parts = zip(sorted_inputs.split(counts), weight.chunk(kinds), bias.chunk(kinds), strict=True)
    outputs = torch.cat([functional.linear(*part) for part in parts])
    return outputs if order is None else outputs[order.argsort()]


def _resize_like(feature: Tensor, other: Tensor) -> Tensor:
    if feature.shape[-2:] == other.shape[-2:]:
        return feature
    return functional.interpolate(feature, size=other.shape[-2:], mode="nearest")
