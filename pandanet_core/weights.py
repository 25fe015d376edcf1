"""Weights files: safetensors with everything needed to use them; never a pickle."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from pandanet_core.errors import UserError
from pandanet_core.files import part_path, publish, sha256_of, write_error
from pandanet_core.network.config import NetworkConfig
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.skeleton import Skeleton, skeleton_named
from pandanet_core.weights_notes import FORMAT, FORMAT_VERSION, LAMBDA_PREFIX, checked_notes

MEAN_POSE = "mean_pose3d"
NETWORK_PREFIX = "network."


@dataclass(frozen=True)
class Weights:
    """A network and what belongs to it.

    Attributes:
        network: In evaluation mode, float32.
        skeleton: What its joints are.
        mean_pose3d: (K, 3) mean root-relative pose of the training data, bone lengths summing to 1.
        loss_weights: log λ by name ("task", "anchor", "joint") and their history ("history.task",
            ...), if stored.
        name: File name without its ending.
        sha256: Hash of the file; empty when the weights come from no file.
        notes: Where they come from: training steps, data, version.
    """

    network: PandaNet
    skeleton: Skeleton
    mean_pose3d: Tensor
    loss_weights: Mapping[str, Tensor]
    name: str = ""
    sha256: str = ""
    notes: Mapping[str, Any] | None = None


def save_weights(path: Path, weights: Weights) -> None:
    """Write a weights file in float16, under a temporary name first; UserError when the disk does
    not take it."""
    tensors = {
        NETWORK_PREFIX + name: _compact(value)
        for name, value in weights.network.state_dict().items()
    }
    tensors |= {
        LAMBDA_PREFIX + name: value.detach().float().contiguous()
        for name, value in weights.loss_weights.items()
    }
    tensors[MEAN_POSE] = weights.mean_pose3d.float().contiguous()
    metadata = {
        "format": FORMAT,
        "format_version": str(FORMAT_VERSION),
        "network": json.dumps(weights.network.config.to_dict()),
        "skeleton": weights.skeleton.name,
        "notes": json.dumps(dict(weights.notes or {})),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(error, path) from error
    part = part_path(path)
    try:
        # Through Python's own file: safetensors' would be readable by its owner alone.
        part.write_bytes(save(tensors, metadata))
        publish(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise write_error(error, path) from error


def _compact(value: Tensor) -> Tensor:
    """Float16, but statistics and anchors, which are small and matter, in float32."""
    keep = value.dim() < 2 or not value.is_floating_point() or value.shape[-1:] == (2,)
    return (value if keep else value.half()).detach().contiguous()


def load_weights(path: Path) -> Weights:
    """Read a weights file; UserError when it is missing, damaged, foreign, or made for a newer
    version."""
    if not path.is_file():
        raise UserError(f"There is no weights file {path}; check the path.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a dict)
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(f"{path} is damaged or no weights file; fetch it again.") from error
    notes = checked_notes(path, metadata)
    skeleton = skeleton_named(metadata.get("skeleton", ""))
    network = _build_network(path, metadata, tensors, skeleton)
    return Weights(
        network=network,
        skeleton=skeleton,
        mean_pose3d=tensors[MEAN_POSE],
        loss_weights={
            name.removeprefix(LAMBDA_PREFIX): t
            for name, t in tensors.items()
            if name.startswith(LAMBDA_PREFIX)
        },
        name=path.stem,
        sha256=sha256_of([path]),
        notes=notes,
    )


def _build_network(
    path: Path, metadata: Mapping[str, str], tensors: Mapping[str, Tensor], skeleton: Skeleton
) -> PandaNet:
    try:
        config = NetworkConfig.from_dict(json.loads(metadata.get("network", "null")))
        state = {
            name.removeprefix(NETWORK_PREFIX): value
            for name, value in tensors.items()
            if name.startswith(NETWORK_PREFIX)
        }
        if "anchors" not in state:
            raise UserError(
                f"{path} has no anchors, without which nobody can be found; fetch it again."
            )
        _check_numbers(tensors, state["anchors"], skeleton)
        with torch.device("meta"):
            network = PandaNet(
                config, torch.zeros_like(state["anchors"], device="meta"), skeleton.joint_count
            )
        network.load_state_dict(
            {name: v.float() if v.is_floating_point() else v for name, v in state.items()},
            assign=True,
        )
    except (ValueError, KeyError, RuntimeError) as error:
        raise UserError(
            f"{path} does not fit the network and skeleton it names; fetch it again."
        ) from error
    return network.eval().requires_grad_(False)


def _check_numbers(tensors: Mapping[str, Tensor], anchors: Tensor, skeleton: Skeleton) -> None:
    """ValueError unless everything is finite and the shapes that no layer checks are right."""
    if not all(bool(value.isfinite().all()) for value in tensors.values()):
        raise ValueError("numbers that are not finite")
    if anchors.dim() != 2 or anchors.shape[1] != 2 or not len(anchors) or (anchors <= 0).any():
        raise ValueError("the anchors are no widths and heights")
    if tensors[MEAN_POSE].shape != (skeleton.joint_count, 3):
        raise ValueError("the mean pose has another number of joints")
