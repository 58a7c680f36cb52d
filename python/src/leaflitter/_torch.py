"""PyTorch where it is installed: base classes, tensors, workers and ranks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

import numpy as np

from ._archive import Array, channels_first
from ._errors import LeafLitterError

if TYPE_CHECKING:
    import torch
    from torch.utils.data import Dataset as Dataset
    from torch.utils.data import IterableDataset as IterableDataset
else:
    try:
        import torch
        from torch.utils.data import Dataset, IterableDataset
    except ImportError:
        from typing import Generic, TypeVar

        torch = None
        _T = TypeVar("_T")

        class Dataset(Generic[_T]):
            pass

        class IterableDataset(Generic[_T]):
            pass


def convert(batch: Dict[str, Array], numpy: bool) -> Dict[str, Any]:
    """New memory of a batch: arrays, or the nearest types that PyTorch has.

    id is uint32 in NumPy and int32 in PyTorch, depth uint16 and int32; the rest is uint8.
    """
    out: Dict[str, Any] = {"image": channels_first(batch["image"])}
    for name, array in batch.items():
        if name != "image":
            out[name] = array.copy()
    if numpy or torch is None:
        return out
    for name, array in out.items():
        if name == "depth":
            array = array.astype(np.int32)
        elif name == "id":
            array = array.view(np.int32)
            if array.min() < 0:
                raise LeafLitterError("a leaf's number exceeds 2147483647, which PyTorch's int32 cannot hold; pass numpy=True")
        out[name] = torch.from_numpy(array)
    return out


def split(batch: Dict[str, Any]) -> List[Any]:
    """The samples of a batch: images, or dictionaries when there are labels."""
    if len(batch) == 1:
        return list(batch["image"])
    return [dict(zip(batch, parts)) for parts in zip(*batch.values())]


def placement() -> Tuple[int, int]:
    """This DataLoader worker's number and how many there are; 0 and 1 outside of one."""
    info = torch.utils.data.get_worker_info() if torch is not None else None
    return (0, 1) if info is None else (info.id, info.num_workers)


def in_worker() -> bool:
    """Whether this process is a DataLoader worker."""
    return torch is not None and torch.utils.data.get_worker_info() is not None


def iteration_seed() -> Optional[int]:
    """A number that the workers of one DataLoader iteration have in common; None outside."""
    info = torch.utils.data.get_worker_info() if torch is not None else None
    return None if info is None else int(info.seed) - int(info.id)


def rank_and_world(rank: Optional[int], world: Optional[int]) -> Tuple[int, int]:
    """The arguments if given, else torch.distributed's, else RANK and WORLD_SIZE, else 0 and 1."""
    if (rank is None) != (world is None):
        raise LeafLitterError("rank and world belong together; give both or neither")
    if rank is None or world is None:
        if torch is not None and torch.distributed.is_available() and torch.distributed.is_initialized():
            rank, world = torch.distributed.get_rank(), torch.distributed.get_world_size()
        else:
            try:
                rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
            except ValueError:
                raise LeafLitterError("RANK and WORLD_SIZE of the environment are no numbers; correct them, or pass rank= and world=") from None
    if not 0 <= rank < world:
        raise LeafLitterError(f"rank is {rank} of {world}; a rank is from 0 to world - 1")
    return rank, world


def threads(asked: Optional[int]) -> Optional[int]:
    """Threads of a generator: what was asked for, else this process's share of the cores.

    None, all cores, when no other worker or rank shares the machine.
    """
    if asked is not None:
        return asked
    sharing = placement()[1] * int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    if sharing == 1 and not in_worker():
        return None
    return max(1, cores() // sharing)


def cores() -> int:
    """Processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1
