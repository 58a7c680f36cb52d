"""Files of weights: leaflitter's own, its training checkpoints, and the published FFDNets."""

from __future__ import annotations

import pickle
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any, Dict, Union

import torch

from .. import _files
from .._errors import LeafLitterError
from . import Network, Spec, build

_WEIGHTS, _TRAINING = "leaflitter-weights", "leaflitter-training"
_VERSION = 1


def save(network: Network, path: Union[str, Path]) -> None:
    """Write the network's weights and spec; the file has its name only when it is whole."""
    payload = {
        "format": _WEIGHTS,
        "version": _VERSION,
        "spec": asdict(network.spec),
        "weights": {name: tensor.detach().cpu() for name, tensor in network.state_dict().items()},
    }
    buffer = BytesIO()  # a full disk is then an OSError, where torch.save would raise its own
    torch.save(payload, buffer)
    with _files.whole(path) as file:
        file.write(buffer.getbuffer())


def load(path: Union[str, Path], ema: bool = True) -> Network:
    """The network of a file, on the CPU, in eval mode.

    Reads files of save(), checkpoints of leaflitter.train (their moving averages where they
    have them, unless ema is False), and published checkpoints of FFDNet: a bare state dict, or
    one under "state_dict". Nothing but tensors and plain values is ever unpickled. Raises
    LeafLitterError.
    """
    path = Path(path)
    payload = _read(path)
    if not isinstance(payload, dict):
        raise LeafLitterError(f"{path} holds no weights but {type(payload).__name__}; give a file of leaflitter.train or a published FFDNet checkpoint")
    kind = payload.get("format")
    if kind not in (_WEIGHTS, _TRAINING):
        return _published(path, payload)
    if payload.get("version") != _VERSION:
        raise LeafLitterError(f"{path} is of version {payload.get('version')} of {kind}, this leaflitter reads version {_VERSION}; use the leaflitter that wrote it")
    try:
        network = build(Spec(**payload["spec"]))
        weights = dict(payload["weights"])
        weights.update(payload.get("ema") or {} if ema else {})
    except (KeyError, TypeError, ValueError) as error:
        raise LeafLitterError(f"{path} says it is {kind} but lacks or garbles a part of it ({error}); the file is damaged, use another") from None
    return _filled(network, weights, path)


def _read(path: Path) -> Any:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LeafLitterError(f"the weights {path} cannot be read ({error.strerror or error}); give a file of leaflitter.train or a published FFDNet checkpoint") from None
    try:
        return torch.load(BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise LeafLitterError(f"{path} is not a file of weights, or holds objects other than tensors and plain values, which are not unpickled ({_first(error)})") from None
    except Exception as error:  # of zip files, of pickles and of PyTorch, whose types are many
        raise LeafLitterError(f"{path} is not a file that PyTorch wrote, or is damaged ({_first(error)}); give a file of leaflitter.train or a published FFDNet checkpoint") from None


def _first(error: Exception) -> str:
    """The beginning of an error's text; PyTorch's may run over many lines."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 120 else text[:117] + "..."


def _published(path: Path, payload: Dict[str, Any]) -> Network:
    """The published FFDNets: module.intermediate_dncnn.itermediate_dncnn.N (sic), where N counts
    convolutions, normalisations and ReLUs as FFDNet.body does."""
    weights: Dict[str, Any] = {}
    for name, tensor in payload.get("state_dict", payload).items():
        name = str(name)
        name = name[len("module.") :] if name.startswith("module.") else name
        weights[name.replace("intermediate_dncnn.itermediate_dncnn.", "body.", 1)] = tensor
    first = weights.get("body.0.weight")
    channels = {15: (3, False), 12: (3, True), 5: (1, False), 4: (1, True)}
    if not isinstance(first, torch.Tensor) or first.dim() != 4 or first.shape[1] not in channels:
        raise LeafLitterError(f"{path} is of an unknown format: neither leaflitter's nor a published FFDNet checkpoint; give one of these")
    images, blind = channels[first.shape[1]]
    return _filled(build(Spec("ffdnet", channels=images, blind=blind)), weights, path)


def _filled(network: Network, weights: Dict[str, Any], path: Path) -> Network:
    own = network.state_dict()
    # Files of early PyTorch lack the count of batches, which plays no part in the result.
    weights = {**{name: tensor for name, tensor in own.items() if name.endswith("num_batches_tracked")}, **weights}
    missing, unknown = sorted(own.keys() - weights.keys()), sorted(weights.keys() - own.keys())
    if missing or unknown:
        what = f"lacks {missing[0]} and {len(missing) - 1} more" if missing else f"has {unknown[0]} and {len(unknown) - 1} more that do not belong"
        raise LeafLitterError(f"{path} does not fit {network.spec}: it {what}; the file is of another network, or damaged")
    for name, tensor in own.items():
        given = weights[name]
        if not isinstance(given, torch.Tensor) or given.shape != tensor.shape:
            shape = tuple(given.shape) if isinstance(given, torch.Tensor) else type(given).__name__
            raise LeafLitterError(f"{path} does not fit {network.spec}: {name} is {shape}, not {tuple(tensor.shape)}; the file is of another network, or damaged")
        if not torch.isfinite(given).all():
            raise LeafLitterError(f"{path} has weights in {name} that are not finite; its training diverged, use an earlier checkpoint")
    network.load_state_dict(weights)
    network.eval()
    return network
