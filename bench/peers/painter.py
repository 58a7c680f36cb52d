"""The painter's loop, front to back: one mask over the image a leaf.

Usage: painter.py LEAVES SIZE whole|box IDS
LEAVES holds float32 rows x, y, r^2, front to back; IDS receives the number of the leaf
of each pixel, 1 upwards, as uint32. Prints the seconds that drawing took.
"""

import sys
import time

import numpy as np


def draw(leaves, size, box):
    axis = np.arange(size, dtype=np.float32) + np.float32(0.5)
    xx, yy = np.meshgrid(axis, axis)
    ids = np.zeros((size, size), np.uint32)
    image = np.zeros((size, size, 3), np.uint8)
    colours = np.random.default_rng(0).integers(0, 256, (len(leaves), 3), np.uint8)
    uncovered = size * size
    for i, (x, y, a) in enumerate(leaves):
        if box:
            r = float(np.sqrt(a)) + 1
            rows = slice(max(0, int(y - r)), max(0, int(y + r) + 1))
            columns = slice(max(0, int(x - r)), max(0, int(x + r) + 1))
            mask = (xx[rows, columns] - x) ** 2 + (yy[rows, columns] - y) ** 2 <= a
            mask &= ids[rows, columns] == 0
            ids[rows, columns][mask] = i + 1
            image[rows, columns][mask] = colours[i]
        else:
            mask = (xx - x) ** 2 + (yy - y) ** 2 <= a
            mask &= ids == 0
            ids[mask] = i + 1
            image[mask] = colours[i]
        uncovered -= np.count_nonzero(mask)
        if uncovered == 0:
            break
    return ids


leaves = np.fromfile(sys.argv[1], np.float32).reshape(-1, 3)
start = time.perf_counter()
ids = draw(leaves, int(sys.argv[2]), sys.argv[3] == "box")
print(time.perf_counter() - start, np.__version__, sys.version.split()[0])
ids.tofile(sys.argv[4])
