"""Reads HDF5 files with h5py and says whether they hold what they should.

A line of standard input is a request in JSON, a line of standard output its answer:
"ok" or what is wrong. The elements of a file, counted from its first item on, have
the values of `expected`, which the Go test computes for itself.
"""

import json
import os
import signal
import sys
import traceback

import h5py
import numpy as np


def expected(dtype, first, count):
    p = np.arange(first, first + count, dtype=np.uint64)
    if dtype == "uint8":
        return ((p * np.uint64(7) + p // np.uint64(251)) % np.uint64(256)).astype("<u1")
    if dtype == "uint16":
        return (p * np.uint64(40503) % np.uint64(65536)).astype("<u2")
    if dtype == "uint32":
        return (p * np.uint64(2654435761) % np.uint64(1 << 32)).astype("<u4")
    return (p * np.uint64(40503) % np.uint64(65536)).astype("<f4") / np.float32(8) - np.float32(1000)


def same(what, got, want):
    if got != want:
        raise AssertionError(f"{what} is {got!r}, want {want!r}")


def some(count):
    """All of few; of many the ends, where nodes of 8, 32 and 64 meet, and a sample."""
    if count <= 1100:
        return range(count)
    near = {i + d for i in range(0, count, 2048) for d in (-1, 0, 1)}
    return sorted({i for i in near | set(range(0, count, 97)) | {1, count - 2, count - 1} if 0 <= i < count})


def check_dataset(d, dtype, shape):
    same(f"shape of {d.name}", d.shape, tuple(shape))
    same(f"dtype of {d.name}", d.dtype, np.dtype(dtype))
    same(f"byte order of {d.name}", d.dtype.newbyteorder("<"), d.dtype)
    same(f"maxshape of {d.name}", d.maxshape, tuple(shape))
    same(f"filters of {d.name}", (d.compression, d.shuffle, d.fletcher32), (None, False, False))
    same(f"fill value of {d.name}", d.fillvalue.item(), 0)


def check_patches(f, r):
    names = [str(r["first"] + i).zfill(r["width"]) for i in range(r["count"])]
    same("the names", list(f.keys()), names)
    seen = []
    f.visititems(lambda name, item: seen.append((name, type(item))))
    same("the names visited", seen, [(n, h5py.Dataset) for n in names])
    same("a missing name", names[0] + "0" in f, False)
    size = int(np.prod(r["shape"]))
    for i in some(r["count"]):
        d = f[names[i]]
        check_dataset(d, r["dtype"], r["shape"])
        same(f"chunks of {names[i]}", d.chunks, None)
        same(f"offset of {names[i]}", d.id.get_offset(), r["offset"] + i * size * d.dtype.itemsize)
        want = expected(r["dtype"], i * size, size).reshape(r["shape"])
        if not np.array_equal(np.array(d), want):
            raise AssertionError(f"values of {names[i]} differ")


def check_array(f, r):
    same("the names", list(f.keys()), [r["name"]])
    seen = []
    f.visititems(lambda name, item: seen.append((name, type(item))))
    same("the names visited", seen, [(r["name"], h5py.Dataset)])
    d = f[r["name"]]
    check_dataset(d, r["dtype"], [r["count"], *r["shape"]])
    same("chunks", d.chunks, (1, *r["shape"]))
    same("number of chunks", d.id.get_num_chunks(), r["count"])
    size = int(np.prod(r["shape"]))
    want = expected(r["dtype"], 0, r["count"] * size).reshape(d.shape)
    if not np.array_equal(d[...], want):
        raise AssertionError("values of the whole array differ")
    chunks = some(r["count"])
    if r["count"] > 1100:  # libhdf5 looks through all chunks for each
        chunks = chunks[:3] + chunks[3 :: len(chunks) // 20] + chunks[-3:]
    for i in chunks:
        if not np.array_equal(d[i], want[i]):
            raise AssertionError(f"values of image {i} differ")
        c = d.id.get_chunk_info_by_coord((i,) + (0,) * len(r["shape"]))
        bytes_ = size * d.dtype.itemsize
        same(f"chunk {i}", (c.filter_mask, c.byte_offset, c.size), (0, r["offset"] + i * bytes_, bytes_))


def check(r):
    same("size of the file", os.path.getsize(r["path"]), r["size"])
    with h5py.File(r["path"], "r") as f:
        same("attributes", (len(f.attrs), len(f)), (0, 1 if r["name"] else r["count"]))
        (check_array if r["name"] else check_patches)(f, r)


def change(r):
    """libhdf5 finds its way in the file to insert and delete: its trees are whole."""
    size = int(np.prod(r["shape"]))
    names = [str(r["first"] + i).zfill(r["width"]) for i in range(r["count"])]
    with h5py.File(r["path"], "r+") as f:
        new = ["!"] + [n + "x" for n in names[::3]] + ["~"]
        for n in new:
            f[n] = n
        gone = names[1::2]
        for n in gone:
            del f[n]
    with h5py.File(r["path"], "r") as f:
        left = sorted(set(names + new) - set(gone))
        same("the names after a change", list(f.keys()), left)
        for i, n in enumerate(names[::2]):
            want = expected(r["dtype"], 2 * i * size, size).reshape(r["shape"])
            if not np.array_equal(np.array(f[n]), want):
                raise AssertionError(f"values of {n} differ after a change")


for line in sys.stdin:
    request = json.loads(line)
    signal.alarm(300)  # a broken tree can keep libhdf5 busy for ever: then die
    try:
        {"check": check, "change": change}[request["do"]](request)
        answer = "ok"
    except Exception as e:  # also what libhdf5 says of a broken file
        answer = "".join(traceback.format_exception_only(type(e), e)).strip()
        here = [c.lineno for c in traceback.extract_tb(e.__traceback__) if c.filename == __file__]
        answer += f" (line {here[-1]} of check.py)"
    print(json.dumps(answer), flush=True)
