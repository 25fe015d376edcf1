"""The training loop, from the first line to the last."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from pandanet_core.data.loader import AugmentedBatches, Batch, batches
from pandanet_core.data.mixture import Mixture
from pandanet_core.data.sample import Samples
from pandanet_core.errors import UserError
from pandanet_core.files import write_error
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.skeleton import JTA22, Skeleton
from pandanet_core.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from pandanet_core.training.config import (
    CONFIG_FILE,
    TrainingConfig,
    write_config,
)
from pandanet_core.training.schedule import learning_rate_factor
from pandanet_core.training.state import Training, begin, go_on
from pandanet_core.training.step import StepResult, measure, run_step
from pandanet_core.weights import Weights, save_weights

HISTORY_EVERY = 100
"""Steps between two entries of the λ history."""

Log = Callable[[dict[str, float]], None]
Stop = Callable[[], bool]


def train(
    run: Path,
    samples: Samples | Mixture,
    config: TrainingConfig,
    resume: bool,
    on_step: Log,
    stop: Stop,
) -> Training:
    """Train in a run folder until `config.steps` or until `stop` says so.

    Args:
        run: Folder for config.json, log.jsonl, checkpoints/ and weights.safetensors.
        samples: Training pictures.
        config: Every setting.
        resume: Go on from the folder's checkpoint.
        on_step: Called with each step's numbers.
        stop: Asked after each step.

    Raises:
        UserError: The loss is no longer finite (the batch is saved), a file cannot be written, no
            checkpoint.
    """
    device = choose_device(config.device)
    data = AugmentedBatches(samples, config.batch_size, config.augmentation, config.seed)
    if resume:
        training = go_on(load_checkpoint(run / "checkpoints"), config, device)
        forget_later_steps(run / "log.jsonl", training.step)
    else:
        training = begin(data, config, device)
    saved_at = time.monotonic()
    try:
        run.mkdir(parents=True, exist_ok=True)
        write_config(run / CONFIG_FILE, config)
        with (run / "log.jsonl").open("a", buffering=1) as log:
            for batch in batches(data, training.step, config.workers):
                if training.step >= config.steps or stop():
                    break
                began = time.monotonic()
                numbers = take_step(training, batch.to(device), config, run)
                numbers["pictures_per_s"] = config.batch_size / (time.monotonic() - began)
                log.write(json.dumps(numbers) + "\n")
                on_step(numbers)
                if time.monotonic() - saved_at > config.checkpoint_every_s:
                    save(run, training, config)
                    saved_at = time.monotonic()
    except OSError as error:
        raise write_error(error, run) from error
    save(run, training, config)
    return training


def take_step(
    training: Training, batch: Batch, config: TrainingConfig, run: Path
) -> dict[str, float]:
    """One optimiser step; returns the numbers to log."""
    factor = learning_rate_factor(training.step, config.steps, config.optimiser)
    for group in training.optimiser.param_groups:
        group["lr"] = group["initial_lr"] * factor
    result = run_step(
        training.network, training.loss_weights, batch, config.selection, config.bfloat16
    )
    training.optimiser.zero_grad(set_to_none=True)
    total = result.weighted.total
    total.backward()
    limit = config.optimiser.clip_norm or math.inf
    norm = nn.utils.clip_grad_norm_(training.network.parameters(), limit)
    if not math.isfinite(total.item()) or not math.isfinite(norm.item()):
        raise_non_finite(result, batch, training.step, run)
    training.optimiser.step()
    training.loss_weights.project()
    training.step += 1
    update_average(
        training.average, training.network, training.step, config.optimiser.average_decay
    )
    if training.step % HISTORY_EVERY == 0:
        training.history.append(
            {
                name: value.detach().clone().half()
                for name, value in training.loss_weights.state_dict().items()
            }
        )
    task = training.loss_weights.task.detach().exp()
    lambdas = {
        f"lambda_{name}": float(v)
        for name, v in zip(("classification", "box", "pose2d", "pose3d"), task, strict=True)
    }
    numbers = measure(result, batch, training.mean_pose3d.to(batch.pose3d.device))
    return {
        "step": float(training.step),
        "learning_rate": factor,
        "gradient_norm": norm.item(),
        **numbers,
        **lambdas,
    }


@torch.no_grad()
def update_average(average: PandaNet, network: PandaNet, step: int, decay: float) -> None:
    """Move the running mean of the weights towards the network; early steps count more."""
    keep = min(decay, (1 + step) / (10 + step))
    for mean, value in zip(
        average.state_dict().values(), network.state_dict().values(), strict=True
    ):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - keep)
        else:
            mean.copy_(value)


def save(run: Path, training: Training, config: TrainingConfig) -> None:
    """Write the checkpoint and the averaged weights."""
    state = {
        "network": training.network.state_dict(),
        "average": training.average.state_dict(),
        "loss_weights": training.loss_weights.state_dict(),
        "optimiser": training.optimiser.state_dict(),
        "mean_pose3d": training.mean_pose3d,
        "history": training.history,
    }
    save_checkpoint(run / "checkpoints", Checkpoint(training.step, state))
    save_weights(run / "weights.safetensors", as_weights(training, JTA22, config))


def as_weights(training: Training, skeleton: Skeleton, config: TrainingConfig) -> Weights:
    """The averaged network with its λ and their history, ready to be saved."""
    lambdas = {
        name: value.detach().cpu() for name, value in training.loss_weights.state_dict().items()
    }
    for name in training.history[0] if training.history else ():
        lambdas[f"history.{name}"] = torch.stack([entry[name] for entry in training.history]).cpu()
    notes = {
        "steps": training.step,
        "pictures": training.step * config.batch_size,
        "data": list(config.data),
    }
    return Weights(training.average, skeleton, training.mean_pose3d.cpu(), lambdas, notes=notes)


def forget_later_steps(log: Path, step: int) -> None:
    """Cut a log back to the checkpoint's step: what came later was lost and will come again."""
    if log.exists():
        kept = [line for line in log.read_text().splitlines() if _step_of(line) <= step]
        log.write_text("".join(line + "\n" for line in kept))


def _step_of(line: str) -> float:
    """Step of a line of the log; a line cut off by a kill counts as later than all."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return math.inf


def raise_non_finite(result: StepResult, batch: Batch, step: int, run: Path) -> None:
    """Save the batch and stop with a UserError that names the broken terms."""
    terms = {name: value.item() for name, value in vars(result.weighted).items()}
    broken = [name for name, value in terms.items() if not math.isfinite(value)] or ["the gradient"]
    torch.save(vars(batch), run / "non_finite_batch.pt")
    raise UserError(
        f"Step {step}: {', '.join(broken)} is no longer finite; its batch is saved as "
        f"{run / 'non_finite_batch.pt'}."
    )


def choose_device(wanted: str) -> torch.device:
    """The device to train on; UserError when a GPU is asked for and none is there."""
    if wanted == "cuda" and not torch.cuda.is_available():
        raise UserError("No CUDA device is available; train with --device cpu.")
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(wanted)
