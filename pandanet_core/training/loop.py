"""The training loop, from the first line to the last."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, nullcontext
from pathlib import Path

import torch
from torch import Tensor, nn

from pandanet_core.allocator import give_back_free_memory
from pandanet_core.data.loader import AugmentedBatches, Batch, batches
from pandanet_core.data.mixture import Mixture
from pandanet_core.data.sample import Samples
from pandanet_core.errors import UserError
from pandanet_core.lab.lambda_history import STEPS_BETWEEN_POINTS
from pandanet_core.training.average import update_average
from pandanet_core.training.checkpoint import save_checkpoint
from pandanet_core.training.config import CONFIG_FILE, TrainingConfig, write_config
from pandanet_core.training.distributed.parallel import keep_gradients_here
from pandanet_core.training.distributed.ranks import ALONE, Ranks
from pandanet_core.training.distributed.shared_errors import in_step, raising_together
from pandanet_core.training.measures import LOSS_TERMS, summarise, tally
from pandanet_core.training.memory import (
    free_memory_bytes,
    is_out_of_memory,
    refuse_what_cannot_fit,
    what_fits,
)
from pandanet_core.training.micro_batches import split_batch
from pandanet_core.training.probes import Probes
from pandanet_core.training.run_folder.lambdas import opened_lambdas
from pandanet_core.training.run_folder.lock import locked
from pandanet_core.training.run_folder.log import opened_log
from pandanet_core.training.run_folder.resuming import checkpoint_to_resume
from pandanet_core.training.schedule import learning_rate_factor
from pandanet_core.training.state import Training, as_checkpoint, as_weights, begin, go_on
from pandanet_core.training.step import Portion
from pandanet_core.weights import save_weights

CHECKPOINTS = "checkpoints"
WEIGHTS_FILE = "weights.safetensors"

Log = Callable[[dict[str, float]], None]
Stop = Callable[[], bool]


def train(
    run: Path,
    samples: Samples | Mixture,
    config: TrainingConfig,
    resume: bool,
    on_step: Log,
    stop: Stop,
    ranks: Ranks = ALONE,
    new_data: bool = False,
) -> Training:
    """Train in a run folder until `config.steps` or until `stop` says so.

    Args:
        run: Folder for config.json, log.jsonl, lambdas.jsonl, checkpoints/, probes/ and
            weights.safetensors.
        samples: Training pictures.
        config: Every setting.
        resume: Go on from the folder's checkpoint.
        on_step: Called with each step's numbers.
        stop: Asked before each step, on every rank.
        ranks: This process among those that train together; the first one writes files.
        new_data: When going on, config.data may differ from the checkpoint's.

    Raises:
        UserError: The folder is in use, a file cannot be written, no checkpoint or one of other
            settings, too little memory; or the loss is no longer finite (the batch is saved).
        KeyboardInterrupt: `stop` said so before there was anything to keep.
    """
    device = choose_device(config.device, ranks)
    drawn = (samples, config.batch_size, config.augmentation, config.seed)
    data = AugmentedBatches(*drawn, ranks.rank, ranks.count)
    with ExitStack() as held:
        ranks.from_first(lambda: held.enter_context(locked(run)))
        if resume:
            left = ranks.from_first(lambda: checkpoint_to_resume(run, config, new_data))
            training = go_on(left, config, device, ranks)
            del left
        else:
            training = begin(AugmentedBatches(*drawn), config, device, ranks, stop)
        if device.type == "cpu":
            objective, free_bytes = training.objective, free_memory_bytes()
            raising_together(
                ranks, lambda: refuse_what_cannot_fit(objective, config, ranks, free_bytes)
            )
        log = held.enter_context(opened_run(run, training, config, ranks))
        give_back_free_memory()  # of which each process that prepares pictures would keep a copy
        endless = held.enter_context(closing(batches(data, training.step, config.workers)))
        probes = Probes(run, data, config)
        saved_at = began = time.monotonic()
        for batch in in_step(endless, ranks):
            if training.step >= config.steps or ranks.any(stop()):
                break
            got = time.monotonic()
            numbers = take_step(training, batch.to(device), config, run, ranks)
            numbers["pictures_per_s"] = config.batch_size / (time.monotonic() - began)
            numbers["waited_for_pictures_s"] = got - began
            log(numbers)
            on_step(numbers)
            if ranks.is_first and is_checkpoint_due(training.step, saved_at, config):
                save(run, training, config)
                saved_at = time.monotonic()
            if ranks.is_first and probes.are_due(training.step):
                probes.write(training.average, training.step)
            began = time.monotonic()
        if ranks.is_first:
            save(run, training, config)
    return training


@contextmanager
def opened_run(
    run: Path, training: Training, config: TrainingConfig, ranks: Ranks
) -> Iterator[Callable[[Mapping[str, float]], None]]:
    """What takes every step's numbers; the first rank keeps them, with a first checkpoint and
    settings, in the run folder. Where there are settings there is a checkpoint to go on from."""
    if not ranks.is_first:
        yield lambda numbers: None
        return
    if training.step == 0:
        save_checkpoint(run / CHECKPOINTS, as_checkpoint(training, config))
    write_config(run / CONFIG_FILE, config)
    lambdas = opened_lambdas(
        run,
        training.step,
        training.network.anchors,
        config.skeleton,
        training.loss_weights.state_dict(),
        training.history,
    )
    with opened_log(run, training.step, config.tensorboard) as log, lambdas as keep:

        def write(numbers: Mapping[str, float]) -> None:
            log(numbers)
            if training.step % STEPS_BETWEEN_POINTS == 0:
                keep(training.step, training.history[-1])

        yield write


def take_step(
    training: Training, batch: Batch, config: TrainingConfig, run: Path, ranks: Ranks = ALONE
) -> dict[str, float]:
    """One optimiser step on this rank's part of a batch; returns the whole batch's numbers to log.

    UserError where the loss or its gradient is not finite (the part is saved in `run`), or where
    memory is used up.
    """
    factor = learning_rate_factor(training.step, config.steps, config.optimiser)
    for group in training.optimiser.param_groups:
        group["lr"] = group["initial_lr"] * factor
    training.optimiser.zero_grad(set_to_none=True)
    sums = add_gradients_if_they_fit(training, batch, config, ranks)
    limit = config.optimiser.clip_norm or math.inf
    norm = nn.utils.clip_grad_norm_(training.network.parameters(), limit)
    task = training.loss_weights.task.detach().exp()
    lambdas = {f"lambda_{name}": value for name, value in zip(LOSS_TERMS, task, strict=True)}
    # All numbers leave the device at once: each time alone would wait for it.
    here = to_host({**sums, **lambdas, "gradient_norm": norm})
    whole = dict(zip(sums, ranks.sum([here[name] for name in sums]), strict=True))
    refuse_non_finite(whole, here["gradient_norm"], batch, training.step, run, ranks)

    training.optimiser.step()
    training.loss_weights.project()
    training.step += 1
    decay = config.optimiser.average_decay
    update_average(training.average, training.network, training.step, decay)
    if training.step % STEPS_BETWEEN_POINTS == 0:
        state = training.loss_weights.state_dict()
        training.history.append({name: value.clone().half().cpu() for name, value in state.items()})
    return {
        "step": float(training.step),
        "learning_rate": training.optimiser.param_groups[1]["lr"],
        "gradient_norm": here["gradient_norm"],
        **summarise(whole),
        **{name: here[name] for name in lambdas},
    }


def add_gradients(
    training: Training, batch: Batch, config: TrainingConfig, ranks: Ranks
) -> dict[str, Tensor]:
    """Forward and backward pass of a batch, part by part; afterwards every rank has the gradient of
    the whole batch. Returns the sums of `tally` over this rank's parts."""
    parts = split_batch(batch, config.micro_batch)
    positives = [training.objective.positives(part) for part in parts]
    positive_count = ranks.sum([sum(map(len, positives))])[0]
    pictures = len(batch.images) * ranks.count
    sums: dict[str, Tensor] = {}
    for part, found in zip(parts, positives, strict=True):
        portion = Portion(len(part.images) / pictures, positive_count)
        last = part is parts[-1]
        with nullcontext() if last else keep_gradients_here(training.model):
            result = training.model(part, found, portion)
            # Ranks' gradients are averaged, and the whole batch's gradient is their sum.
            (result.weighted.total * ranks.count).backward()
        for name, value in tally(result, part, training.mean_pose3d).items():
            sums[name] = sums[name] + value if name in sums else value
    return sums


def add_gradients_if_they_fit(
    training: Training, batch: Batch, config: TrainingConfig, ranks: Ranks
) -> dict[str, Tensor]:
    """As add_gradients; UserError says how many pictures fit where memory is used up."""
    try:
        return add_gradients(training, batch, config, ranks)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
    # Only now, without the error, are the step's values gone and the memory is free to try less.
    raise UserError(what_fits(training.objective, batch, config.micro_batch, ranks))


def to_host(values: dict[str, Tensor]) -> dict[str, float]:
    """Scalars by name as Python numbers."""
    return dict(zip(values, torch.stack(list(values.values())).tolist(), strict=True))


def refuse_non_finite(
    sums: dict[str, float], norm: float, batch: Batch, step: int, run: Path, ranks: Ranks
) -> None:
    """Save the batch, if the disk takes it, and raise a UserError that names the broken terms, if
    one is not finite."""
    broken = [name for name in LOSS_TERMS if not math.isfinite(sums[f"loss_{name}"])]
    if not broken and not math.isfinite(norm):
        broken = ["the gradient"]
    if broken:
        own = f"_of_rank_{ranks.rank}" if ranks.count > 1 else ""
        path = run / f"non_finite_batch{own}.pt"
        try:
            torch.save(vars(batch), path)
            kept = f"is saved as {path}"
        except (OSError, RuntimeError):  # the second is torch's for a full disk
            path.unlink(missing_ok=True)
            kept = f"could not be saved as {path}"
        raise UserError(f"Step {step}: {', '.join(broken)} is no longer finite; its batch {kept}.")


def is_checkpoint_due(step: int, saved_at: float, config: TrainingConfig) -> bool:
    """Whether it is time, `saved_at` being that of the last one on the monotonic clock."""
    every = config.checkpoint_every_steps
    late = time.monotonic() - saved_at > config.checkpoint_every_s
    return late or (every is not None and step % every == 0)


def save(run: Path, training: Training, config: TrainingConfig) -> None:
    """Write the checkpoint and the averaged weights."""
    save_checkpoint(run / CHECKPOINTS, as_checkpoint(training, config))
    save_weights(run / WEIGHTS_FILE, as_weights(training, config))


def choose_device(wanted: str, ranks: Ranks = ALONE) -> torch.device:
    """The device that this rank trains on; UserError when a GPU is asked for and none is there."""
    if wanted == "cuda" and not torch.cuda.is_available():
        raise UserError("No CUDA device is available; train with --device cpu.")
    if wanted == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    if ranks.local_rank >= torch.cuda.device_count():
        raise UserError(
            f"This machine has {torch.cuda.device_count()} CUDA devices, too few for its "
            f"{ranks.count_here} processes; start one process a device."
        )
    torch.cuda.set_device(ranks.local_rank)
    torch.backends.cudnn.benchmark = True  # all batches have the same shape
    return torch.device("cuda", ranks.local_rank)
