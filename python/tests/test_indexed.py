"""LeafLitter, the map-style dataset."""

import multiprocessing
import pickle
import threading

import numpy as np
import pytest
import torch
from conftest import QUICK, generators
from torch.utils.data import DataLoader, Subset

from leaflitter import LeafLitter


def test_images_are_those_of_generate(binary, pictures):
    with LeafLitter(**QUICK, binary=binary) as ds:
        for i in (0, 63, 7, 7, 191):
            assert ds[i].dtype == torch.uint8 and ds[i].shape == (3, 32, 48)
            assert np.array_equal(ds[i].numpy(), pictures(i))


def test_like_a_sequence(binary, pictures):
    with LeafLitter(**QUICK, binary=binary, length=100) as ds:
        assert len(ds) == 100
        assert np.array_equal(ds[-1], pictures(99)) and np.array_equal(ds[-100], pictures(0))
        assert np.array_equal(ds[np.int64(5)], pictures(5)) and np.array_equal(ds[torch.tensor(5)], pictures(5))
        for i in (100, -101, 10**30):
            with pytest.raises(IndexError, match="length is 100"):
                ds[i]
        with pytest.raises(TypeError):
            ds["7"]
        assert sum(1 for _ in ds) == 100


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_random_order_over_workers(binary, pictures, workers):
    order = torch.randperm(192, generator=torch.Generator().manual_seed(1)).tolist()[:96]
    ds = LeafLitter(**QUICK, binary=binary)
    got = torch.cat(list(DataLoader(Subset(ds, order), batch_size=8, num_workers=workers)))
    assert all(np.array_equal(image, pictures(i)) for image, i in zip(got, order, strict=True))
    got = torch.cat(list(DataLoader(ds, sampler=order, batch_size=8, num_workers=workers)))
    assert all(np.array_equal(image, pictures(i)) for image, i in zip(got, order, strict=True))
    ds.close()


def test_spawned_workers(binary, pictures):
    ds = LeafLitter(**QUICK, binary=binary, length=8)
    got = torch.cat(list(DataLoader(ds, batch_size=2, num_workers=2, multiprocessing_context="spawn")))
    assert all(np.array_equal(image, pictures(i)) for i, image in enumerate(got))


def test_lists_longer_than_a_request(binary, pictures):
    order = [(7 * i) % 192 for i in range(200)]
    with LeafLitter(**QUICK, binary=binary, numpy=True) as ds:
        got = ds.__getitems__(order)
        assert len(got) == 200 and all(np.array_equal(image, pictures(i)) for image, i in zip(got, order))
        assert ds.__getitems__([]) == []


def test_labels(binary, pictures):
    kinds = ("edge", "id", "depth", "layer")
    with LeafLitter(**QUICK, binary=binary, labels=kinds) as ds:
        sample = ds[3]
        assert np.array_equal(sample["image"], pictures(3))
        types = {"id": torch.int32, "layer": torch.uint8, "depth": torch.int32, "edge": torch.uint8}
        for kind in kinds:
            assert sample[kind].dtype == types[kind] and sample[kind].shape == (32, 48)
            assert np.array_equal(sample[kind], pictures(3, kind))
        batch = next(iter(DataLoader(ds, batch_size=4, num_workers=2)))
        assert batch["depth"].shape == (4, 32, 48)
    with LeafLitter(**QUICK, binary=binary, labels="id,depth", numpy=True) as ds:
        assert sorted(ds[3]) == ["depth", "id", "image"]
        assert (ds[3]["id"].dtype, ds[3]["depth"].dtype) == (np.uint32, np.uint16)


def test_grey_and_settings(binary):
    with LeafLitter(preset="dead-leaves", size=16, binary=binary, set={"develop.grey": True, "leaves.r_min": 4}) as ds:
        a = ds[0]
        assert a.shape == (1, 16, 16)
    with LeafLitter(preset="dead-leaves", size=(16, 16), binary=binary, set=["develop.grey=true", "leaves.r_min=4"]) as ds:
        assert torch.equal(ds[0], a)


def test_a_pickled_copy_has_its_own_generator(binary, pictures):
    ds = LeafLitter(**QUICK, binary=binary)
    ds[1]
    copy = pickle.loads(pickle.dumps(ds))
    assert len(generators(binary)) == 1
    assert np.array_equal(copy[2], pictures(2)) and np.array_equal(ds[2], pictures(2))
    assert len(generators(binary)) == 2
    ds.close()
    copy.close()
    ds.close()
    assert np.array_equal(ds[4], pictures(4))  # close is no end
    ds.close()


def test_a_forked_copy_never_shares_the_pipe(binary, pictures):
    with LeafLitter(**QUICK, binary=binary) as ds:
        ds[0]

        def read(queue, first):
            queue.put(all(np.array_equal(ds[i % 192], pictures(i % 192)) for i in range(first, first + 30)))

        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        children = [context.Process(target=read, args=(queue, 11 * k)) for k in range(3)]
        for child in children:
            child.start()
        assert all(np.array_equal(ds[i], pictures(i)) for i in range(60))
        assert all(queue.get(timeout=60) for _ in children)
        for child in children:
            child.join()


def test_threads_take_turns(binary, pictures):
    wrong = []
    with LeafLitter(**QUICK, binary=binary) as ds:

        def read(first):
            wrong.extend(i for i in range(first, first + 40) if not np.array_equal(ds[i], pictures(i)))

        threads = [threading.Thread(target=read, args=(20 * k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == [] and len(generators(binary)) == 1
