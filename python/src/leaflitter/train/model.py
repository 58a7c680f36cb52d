"""A network in training: its optimiser, its moving average, one step."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import torch
from torch.nn import functional as F

from .. import networks
from .._errors import LeafLitterError
from . import degrade, schedule
from .options import Options


class Model:
    """network, optimiser and ema (its weights and statistics averaged over steps, None without)."""

    def __init__(self, options: Options, device: Any, state: Optional[Dict[str, Any]]) -> None:
        """Untrained, drawn from the options' seed; or as a checkpoint has it."""
        self.options, self.device, self.task = options, device, options.parsed_task
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            self.network = networks.build(options.spec)
        if state is not None:
            self.network.load_state_dict(state["weights"])
        self.network.to(device)
        if device.type == "cuda":
            self.network.to(memory_format=torch.channels_last)
        kind = torch.optim.AdamW if options.optimiser == "adamw" else torch.optim.Adam
        self.optimiser = kind(self.network.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay)
        self.ema: Optional[Dict[str, Any]] = None
        if options.ema:
            self.ema = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}
        if state is not None:
            self.optimiser.load_state_dict(state["optimizer"])
            for name, tensor in (self.ema or {}).items():
                tensor.copy_(state["ema"][name])

    def step(self, images: Any, step: int) -> Tuple[Any, Any]:
        """Train on clean images, uint8 B x C x P x P on the device; the loss and the gradient's norm, tensors."""
        o = self.options
        given, clean, sigma = degrade.pairs(images, self.task, o.seed, step)
        for group in self.optimiser.param_groups:
            group["lr"] = schedule.rate(o.schedule, o.learning_rate, step, o.iterations, o.warmup)
        self.network.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=o.precision == "bf16"):
            restored = self.network(given, sigma if self.network.needs_sigma else None)
        loss = _LOSSES[o.loss](restored.float(), clean)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), o.clip or float("inf"))
        self.optimiser.step()
        if self.ema is not None:
            average(self.ema, self.network.state_dict(), min(o.ema, (1 + step) / (10 + step)))
        return loss.detach(), norm

    def averaged(self) -> networks.Network:
        """The network to be used: with the moving averages, in eval mode, on the device."""
        network = networks.build(self.options.spec)
        network.load_state_dict(self.network.state_dict() if self.ema is None else self.ema)
        network.to(self.device)
        network.eval()
        return network


def average(ema: Dict[str, Any], weights: Dict[str, Any], decay: float) -> None:
    """ema = decay * ema + (1 - decay) * weights; counts are copied.

    The caller lets the decay grow as (1 + step) / (10 + step) at first, or the untrained
    weights would weigh in for long.
    """
    for name, tensor in weights.items():
        if tensor.is_floating_point():
            ema[name].lerp_(tensor, 1 - decay)
        else:
            ema[name].copy_(tensor)


def set_precision(options: Options, device: Any) -> None:
    """Let PyTorch use TF32 or not. Raises LeafLitterError where the device has no such numbers."""
    if options.precision == "tf32" and device.type != "cuda":
        raise LeafLitterError("tf32 is of NVIDIA's GPUs; on the CPU give --precision fp32 or bf16")
    if device.type == "cuda" and options.precision != "fp32" and torch.cuda.get_device_capability(device) < (8, 0):
        raise LeafLitterError(f"{torch.cuda.get_device_name(device)} computes neither in bf16 nor in tf32, which NVIDIA's GPUs do from Ampere on; give --precision fp32")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.precision == "tf32"
    torch.backends.cudnn.benchmark = device.type == "cuda"


def _charbonnier(a: Any, b: Any) -> Any:
    return torch.sqrt((a - b) ** 2 + 1e-6).mean()


_LOSSES: Dict[str, Any] = {"l1": F.l1_loss, "l2": F.mse_loss, "charbonnier": _charbonnier}
