"""LeafLitterStream: which images, in which order, and where it goes on."""

import json
import multiprocessing
import pickle

import numpy as np
import pytest
import torch
from conftest import QUICK, generators
from torch.utils.data import DataLoader

from leaflitter import LeafLitterError, LeafLitterStream


def stream(binary, **more):
    return LeafLitterStream(**QUICK, binary=binary, **{"batch": 4, **more})


def indices(loader, index_of):
    """The indices of all images of a DataLoader or a stream."""
    return [index_of(image) for item in loader for image in (item if item.ndim == 4 else [item])]


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_images_are_those_of_generate(binary, index_of, workers):
    got = indices(DataLoader(stream(binary, epoch=64), batch_size=4, num_workers=workers), index_of)
    # Worker w gives w, w + W, ... in batches of four, the workers by turns.
    W = max(1, workers)
    assert got == [turn * 4 * W + w + k * W for turn in range(16 // W) for w in range(W) for k in range(4)]


@pytest.mark.parametrize("workers", [0, 2, 3])
@pytest.mark.parametrize("world", [1, 2, 3])
def test_ranks_and_workers_share_without_overlap_and_gap(binary, index_of, world, workers):
    got = []
    for rank in range(world):
        s = stream(binary, start=10, epoch=100, rank=rank, world=world)
        mine = indices(DataLoader(s, batch_size=5, num_workers=workers), index_of)
        got += mine
        s.close()
    assert sorted(got) == list(range(10, 110))


def test_rank_of_the_environment(binary, index_of, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "3")
    with stream(binary, epoch=30) as s:
        assert indices(s, index_of) == list(range(1, 30, 3))
    with stream(binary, epoch=30, rank=0, world=2) as s:
        assert indices(s, index_of) == list(range(0, 30, 2))
    monkeypatch.setenv("RANK", "3")
    with pytest.raises(LeafLitterError, match="rank is 3 of 3"):
        stream(binary)


def _rank(rank, world, binary, address, queue):
    import torch.distributed as dist

    dist.init_process_group("gloo", init_method=address, rank=rank, world_size=world)
    got = []
    for context in ("fork", "spawn"):
        s = stream(binary, epoch=48, numpy=True)
        for images in DataLoader(s, batch_size=4, num_workers=2, multiprocessing_context=context):
            got.append(images.numpy())
    queue.put(got)
    dist.destroy_process_group()


def test_rank_of_torch_distributed(binary, index_of, tmp_path):
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    ranks = [context.Process(target=_rank, args=(r, 2, binary, f"file://{tmp_path}/meet", queue)) for r in range(2)]
    for p in ranks:
        p.start()
    got = [index_of(image) for _ in ranks for batch in queue.get(timeout=120) for image in batch]
    for p in ranks:
        p.join()
    assert sorted(got) == sorted(2 * list(range(48)))


def test_whole_batches(binary, index_of):
    s = stream(binary, epoch=22, batch=8, batched=True)
    got = [b.shape for b in DataLoader(s, batch_size=None, num_workers=0)]
    assert got == [(8, 3, 32, 48), (8, 3, 32, 48), (6, 3, 32, 48)]
    assert indices(s, index_of) == list(range(22, 44))  # the next epoch
    s.set_epoch(0)
    assert sorted(indices(DataLoader(s, batch_size=None, num_workers=2), index_of)) == list(range(22))
    s.close()


def test_labels(binary, pictures):
    with stream(binary, labels=("depth", "id"), epoch=8) as s:
        for i, sample in enumerate(s):
            assert list(sample) == ["image", "id", "depth"]
            assert np.array_equal(sample["id"], pictures(i, "id")) and np.array_equal(sample["depth"], pictures(i, "depth"))
    with stream(binary, labels=("edge",), epoch=8, batched=True, numpy=True) as s:
        batch = next(iter(s))
        assert batch["edge"].shape == (4, 32, 48) and batch["image"].shape == (4, 3, 32, 48)


@pytest.mark.parametrize("workers,persistent", [(0, False), (2, False), (2, True)])
def test_epochs(binary, index_of, workers, persistent):
    s = stream(binary, epoch=32)
    loader = DataLoader(s, batch_size=4, num_workers=workers, persistent_workers=persistent)
    assert sorted(indices(loader, index_of)) == list(range(0, 32))
    assert sorted(indices(loader, index_of)) == list(range(32, 64))  # on its own
    s.set_epoch(4)
    assert sorted(indices(loader, index_of)) == list(range(128, 160))
    s.set_epoch(0)
    assert sorted(indices(loader, index_of)) == list(range(0, 32))
    del loader
    s.close()


def test_the_generator_goes_on_into_the_next_epoch(binary, index_of):
    with stream(binary, epoch=32) as s:
        assert indices(s, index_of) == list(range(32))
        running = generators(binary)
        assert len(running) == 1
        assert indices(s, index_of) == list(range(32, 64))
        assert generators(binary) == running
    with pytest.raises(LeafLitterError, match="no epoch 1"):
        stream(binary).set_epoch(1)


def test_a_break_goes_on_behind_what_was_given(binary, index_of):
    with stream(binary) as s:
        got = []
        for _ in range(3):
            for image in s:
                got.append(index_of(image))
                if len(got) % 7 == 0:
                    break
        assert got == list(range(21))
        first = iter(s)
        next(first)
        second = iter(s)
        with pytest.raises(LeafLitterError, match="newer one"):
            next(first)
        assert index_of(next(second)) == 22
        del second


def test_new_workers_give_nothing_twice(binary, index_of):
    s = stream(binary)
    seen = []
    for _ in range(3):
        batches = iter(DataLoader(s, batch_size=4, num_workers=2, prefetch_factor=2))
        for _ in range(3):
            seen += [index_of(image) for image in next(batches)]
        del batches
    assert len(set(seen)) == len(seen) == 36
    with pytest.raises(LeafLitterError, match="call set_epoch first|state_dict"):
        s.state_dict()


@pytest.mark.parametrize("workers", [0, 2, 3])
@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize("done", [1, 4, 5, 6])
def test_resume_in_the_same_order(binary, index_of, workers, batched, done):
    def loader(s):
        return DataLoader(s, batch_size=None if batched else 4, num_workers=workers)

    make = lambda: stream(binary, epoch=48, batched=batched)
    whole = make()
    want = indices(loader(whole), index_of)
    want_next = indices(loader(whole), index_of)
    broken = make()
    batches = iter(loader(broken))
    got = [index_of(image) for _ in range(done) for image in next(batches)]
    state = broken.state_dict() if workers == 0 else broken.state_dict(batches=done, batch_size=4, workers=workers)
    del batches
    state = json.loads(json.dumps(state))

    again = make()
    again.load_state_dict(state)
    batches = iter(loader(again))
    got += [index_of(image) for _ in range(2) for image in next(batches)]
    state = again.state_dict() if workers == 0 else again.state_dict(batches=2, batch_size=4, workers=workers)
    del batches

    last = make()
    last.load_state_dict(state)
    got += indices(loader(last), index_of)
    assert got == want
    assert indices(loader(last), index_of) == want_next
    for s in (whole, broken, again, last):
        s.close()


def test_resume_with_other_workers_and_ranks(binary, index_of):
    s = stream(binary, epoch=48)
    batches = iter(DataLoader(s, batch_size=4, num_workers=2))
    got = [index_of(image) for _ in range(4) for image in next(batches)]
    even, odd = s.state_dict(batches=4, batch_size=4, workers=2), s.state_dict(batches=3, batch_size=4, workers=2)
    del batches
    s = stream(binary, epoch=48)
    s.load_state_dict(even)
    assert sorted(got + indices(DataLoader(s, batch_size=4, num_workers=3), index_of)) == list(range(48))
    assert sorted(indices(DataLoader(s, batch_size=4, num_workers=3), index_of)) == list(range(48, 96))
    rest = []
    for rank in range(2):
        s = stream(binary, epoch=48, rank=rank, world=2)
        s.load_state_dict(even)
        rest += indices(s, index_of)
        s.close()
    assert sorted(got + rest) == list(range(48))
    s = stream(binary, epoch=48)
    s.load_state_dict(odd)
    with pytest.raises(LeafLitterError, match="2 workers stopped at different places, so 1 cannot"):
        iter(s)
    with pytest.raises(LeafLitterError, match="use 1 ranks"):
        stream(binary, epoch=48, rank=0, world=2).load_state_dict(odd)
    with pytest.raises(LeafLitterError, match="make the stream with the same"):
        stream(binary, epoch=49).load_state_dict(even)
    with pytest.raises(LeafLitterError, match="no state of a LeafLitterStream"):
        s.load_state_dict({"epoch": 3})


def test_a_pickled_copy_has_its_own_place(binary, index_of):
    with stream(binary, epoch=48) as s:
        images = iter(s)
        assert [index_of(next(images)) for _ in range(5)] == list(range(5))
        with pickle.loads(pickle.dumps(s)) as copy:
            assert index_of(next(iter(copy))) == 5
            assert index_of(next(images)) == 5
        del images


def test_bad_arguments(binary):
    for more, text in [
        ({"start": -1}, "start is -1"), ({"epoch": 0}, "epoch is 0"), ({"batch": 0}, "batch is 0"), ({"rank": 1}, "rank and world"),
        ({"rank": 2, "world": 2}, "rank is 2 of 2"), ({"labels": ["colour"]}, "no label 'colour'; choose from id"),
        ({"threads": 0}, "threads is 0"), ({"timeout": 0}, "timeout is 0"), ({"set": "a=1"}, "give a dictionary"),
    ]:  # fmt: skip
        with pytest.raises(LeafLitterError, match=text):
            stream(binary, **more)
