#!/usr/bin/python3
"""The statistics of docs/statistics.md, written from the definitions with NumPy, SciPy and
OpenCV and nothing of leaflitter: slow, plain, all values in memory.

    independent.py SET AGAINST     prints a JSON object, name: number

SET and AGAINST are directories of pictures; 000000.id.png is the id label of 000000.png.
"""
import json
import os
import sys

import cv2
import numpy as np
import scipy.linalg
import scipy.ndimage
import scipy.spatial.distance
import scipy.stats

N = 128  # side of patches


def pictures(folder):
    for name in sorted(os.listdir(folder)):
        stem, ext = os.path.splitext(name)
        if ext.lower() not in (".png", ".jpg", ".jpeg") or "." in stem:
            continue
        bgr = cv2.imread(os.path.join(folder, name), cv2.IMREAD_COLOR)
        label = os.path.join(folder, stem + ".id.png")
        ids = cv2.imread(label, cv2.IMREAD_UNCHANGED) if os.path.exists(label) else None
        yield bgr[:, :, ::-1].astype(np.int64), ids


def luma(rgb):
    return np.floor((77 * rgb[:, :, 0] + 150 * rgb[:, :, 1] + 29 * rgb[:, :, 2]) / 256 + 0.5)


def spectra(y):
    """Power of the patches of one image, in squared grey levels per squared cycle a pixel."""
    h, w = y.shape
    rows, columns = h // N, w // N
    top, left = (h - rows * N) // 2, (w - columns * N) // 2
    side = np.sin(np.pi * (np.arange(N) + 0.5) / N) ** 2
    window = np.outer(side, side)
    for r in range(rows):
        for c in range(columns):
            patch = y[top + r * N : top + (r + 1) * N, left + c * N : left + (c + 1) * N]
            patch = patch - (window * patch).sum() / window.sum()
            yield np.abs(np.fft.fft2(window * patch)) ** 2 / (window**2).sum()


FREQ = np.fft.fftfreq(N, 1 / N)
KX, KY = np.meshgrid(FREQ, FREQ)
K = np.hypot(KX, KY)
BAND = (K >= 4) & (K < N / 4)


def rings(power):
    """Mean wave number (geometric) and mean power of the rings of the band."""
    k, p = [], []
    for r in range(12, 64):
        inside = BAND & (K >= 2 ** (r / 6) * (1 - 1e-12)) & (K < 2 ** ((r + 1) / 6) * (1 - 1e-12))
        if inside.any():
            k.append(scipy.stats.gmean(K[inside]))
            p.append(power[inside].mean())
    return np.array(k), np.array(p)


def slope(power):
    k, p = rings(power)
    return -scipy.stats.linregress(np.log(k), np.log(p)).slope if (p > 0).all() else np.nan


def angular(power):
    out = []
    theta = np.degrees(np.arctan2(KY, KX)) % 180
    for s in range(12):
        off = (theta - 15 * s + 90) % 180 - 90
        inside = BAND & (np.abs(off) < 7.5)
        out.append((power * K**2)[inside].mean())
    return np.array(out) / np.mean(out)


def haar(y):
    """Coefficients by scale and orientation: difference of the means of two halves."""
    h, w = (s // 8 * 8 for s in y.shape)
    y = y[:h, :w]
    for scale in (1, 2, 3):
        half = 2 ** (scale - 1)
        m = y.reshape(h // half, half, w // half, half).mean(axis=(1, 3))
        a, b, c, d = m[::2, ::2], m[::2, 1::2], m[1::2, ::2], m[1::2, 1::2]
        yield (a + c - b - d) / 2, (a + b - c - d) / 2, (a + d - b - c) / 2


def lab(rgb):
    """CIE L*a*b* (D65), float."""
    c = rgb[::2, ::2].reshape(-1, 3) / 255
    c = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    m = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    t = c @ m.T / m.sum(axis=1)
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


def entropies(y):
    h, w = (s // 16 * 16 for s in y.shape)
    blocks = (y[:h, :w] // 8).reshape(h // 16, 16, w // 16, 16).swapaxes(1, 2).reshape(-1, 256)
    return [scipy.stats.entropy(np.unique(b, return_counts=True)[1], base=2) for b in blocks]


def blur(y):
    found = []
    for axis in (1, 0):
        v = y if axis == 1 else y.T
        strong = scipy.ndimage.uniform_filter1d(v.astype(float), 9, axis=1)
        inner = slice(4, v.shape[1] - 4)  # where the filter stays inside
        d, b = np.abs(np.diff(v[:, inner], axis=1)), np.abs(np.diff(strong[:, inner], axis=1))
        if d.sum() > 0:
            found.append((d.sum() - np.maximum(d - b, 0).sum()) / d.sum())
    return max(found) if found else np.nan


def objects(ids):
    n = ids.max() + 1
    area = np.bincount(ids.ravel(), minlength=n)
    boundary = np.zeros(n, int)
    edges = pairs = 0
    for a, b in ((ids[:, :-1], ids[:, 1:]), (ids[:-1], ids[1:])):
        differ = a != b
        edges, pairs = edges + differ.sum(), pairs + differ.size
        boundary += np.bincount(a[differ], minlength=n) + np.bincount(b[differ], minlength=n)
    return area[area > 0], boundary[area > 0], edges, pairs


class Measured:
    def __init__(self, folder):
        self.power, self.patches, self.slopes = 0, 0, []
        self.gradient, self.haar = ([], []), [([], [], []) for _ in range(3)]
        self.left, self.right, self.lab, self.entropy, self.blur = [], [], [], [], []
        self.area, self.boundary, self.edges, self.pairs, self.labelled = [], [], 0, 0, 0
        for rgb, ids in pictures(folder):
            y = luma(rgb)
            mine = list(spectra(y))
            self.power, self.patches = self.power + sum(mine), self.patches + len(mine)
            self.slopes.append(slope(sum(mine)))
            self.gradient[0].append(np.diff(y, axis=1).ravel())
            self.gradient[1].append(np.diff(y, axis=0).ravel())
            for scale, bands in enumerate(haar(y)):
                for o, band in enumerate(bands):
                    self.haar[scale][o].append(band.ravel())
            self.left.append((y[:, :-1] // 4).ravel())
            self.right.append((y[:, 1:] // 4).ravel())
            self.lab.append(lab(rgb))
            self.entropy += entropies(y)
            self.blur.append(blur(y))
            if ids is not None:
                area, boundary, edges, pairs = objects(ids.astype(np.int64))
                self.area.append(area)
                self.boundary.append(boundary)
                self.edges, self.pairs, self.labelled = self.edges + edges, self.pairs + pairs, self.labelled + 1
        self.power = self.power / self.patches
        self.gradient = [np.concatenate(g) for g in self.gradient]
        self.haar = [[np.concatenate(b) for b in s] for s in self.haar]
        self.left, self.right, self.lab = map(np.concatenate, (self.left, self.right, self.lab))
        self.chroma = np.hypot(self.lab[:, 1], self.lab[:, 2])
        self.joint = np.histogram2d(self.left, self.right, bins=np.arange(65) - 0.5)[0]
        self.joint /= self.joint.sum()
        if self.area:
            self.area, self.boundary = np.concatenate(self.area), np.concatenate(self.boundary)

    def information(self):
        return scipy.stats.entropy(self.joint.ravel(), np.outer(self.joint.sum(1), self.joint.sum(0)).ravel(), base=2)


ORIENTATIONS = ("horizontal", "vertical", "diagonal")


def numbers(m):
    a = angular(m.power)
    out = {
        "spectrum.slope": slope(m.power),
        "spectrum.slope_mean": np.nanmean(m.slopes),
        "spectrum.slope_sd": np.nanstd(m.slopes),
        "spectrum.cardinal": (a[0] + a[6]) / (a[3] + a[9]),
        "neighbours.mutual_information": m.information(),
        "neighbours.correlation": np.corrcoef(m.left, m.right)[0, 1],
        "colour.chroma": (m.chroma // 2 * 2 + 1).mean(),
        "entropy.mean": np.mean(m.entropy),
        "entropy.sd": np.std(m.entropy),
        "blur.mean": np.nanmean(m.blur),
        "blur.sd": np.nanstd(m.blur),
    }
    for i, v in enumerate(m.gradient):
        out[f"gradients.{i}.sd"], out[f"gradients.{i}.kurtosis"] = v.std(), scipy.stats.kurtosis(v, fisher=False)
    for i in range(9):
        v = m.haar[i // 3][i % 3]
        out[f"wavelets.{i}.sd"], out[f"wavelets.{i}.kurtosis"] = v.std(), scipy.stats.kurtosis(v, fisher=False)
    cov = np.cov(m.lab.T, bias=True)
    for i in range(3):
        out[f"colour.mean.{i}"] = m.lab[:, i].mean()
        for j in range(3):
            out[f"colour.covariance.{i}.{j}"] = cov[i, j]
    if m.labelled:
        out["objects.objects"] = len(m.area)
        out["objects.per_image"] = len(m.area) / m.labelled
        out["objects.area_mean"] = m.area.mean()
        out["objects.boundary_mean"] = m.boundary.mean()
        out["objects.edge_density"] = m.edges / m.pairs
        out["objects.boundary_per_image"] = m.edges / m.labelled
    return out


def distances(a, b):
    out = {}

    def w1(name, p, q):
        # SciPy sorts all values; the same over the values that occur, with their numbers.
        (u, m), (v, n) = np.unique(p, return_counts=True), np.unique(q, return_counts=True)
        out[name + ".w1"] = scipy.stats.wasserstein_distance(u, v, m, n)

    def js(name, p, q):
        out[name + ".js"] = scipy.spatial.distance.jensenshannon(np.ravel(p), np.ravel(q), base=2) ** 2

    def both(name, p, q, edges, binned=True):
        """W1 of the values' bins (or, not binned, of the values) and JS of the histogram."""
        h, g = np.histogram(p, edges)[0], np.histogram(q, edges)[0]
        js(name, h, g)
        if binned:
            centres = (edges[:-1] + edges[1:]) / 2
            out[name + ".w1"] = scipy.stats.wasserstein_distance(centres, centres, h, g)
        else:
            w1(name, p, q)

    out["spectrum.slope"] = slope(a.power) - slope(b.power)
    decibels = 10 * np.log10(rings(a.power)[1] / rings(b.power)[1])
    out["spectrum.level"], out["spectrum.shape"] = decibels.mean(), decibels.std()
    out["spectrum.angular"] = np.abs(angular(a.power) - angular(b.power)).mean()
    for i in range(2):
        both("gradient." + ORIENTATIONS[i], a.gradient[i], b.gradient[i], np.arange(-255.5, 256), False)
    for s in range(3):
        for i, o in enumerate(ORIENTATIONS):
            both(f"wavelet.scale{s + 1}.{o}", a.haar[s][i], b.haar[s][i], np.arange(-257, 258, 2), False)
    out["neighbours.information"] = a.information() - b.information()
    js("neighbours", a.joint, b.joint)
    c, d = np.cov(a.lab.T, bias=True), np.cov(b.lab.T, bias=True)
    root = scipy.linalg.sqrtm(c)
    cross = np.trace(scipy.linalg.sqrtm(root @ d @ root)).real
    out["colour.frechet"] = np.sqrt(((a.lab.mean(0) - b.lab.mean(0)) ** 2).sum() + np.trace(c) + np.trace(d) - 2 * cross)
    # Lab is kept in units of 1/256, so that white is in the bin of L = 100.
    p, q = np.floor(a.lab * 256 + 0.5) / 256, np.floor(b.lab * 256 + 0.5) / 256
    both("colour.lightness", p[:, 0], q[:, 0], np.arange(0, 102))
    both("colour.a", p[:, 1], q[:, 1], np.arange(-128, 129, 2))
    both("colour.b", p[:, 2], q[:, 2], np.arange(-128, 129, 2))
    both("colour.chroma", np.hypot(p[:, 1], p[:, 2]), np.hypot(q[:, 1], q[:, 2]), np.arange(0, 201, 2))
    plane = [np.histogram2d(v[:, 1], v[:, 2], bins=np.arange(-128, 129, 4))[0] for v in (p, q)]
    js("colour.plane", *plane)
    both("entropy", a.entropy, b.entropy, np.arange(51) / 10)
    edges = np.arange(1001) / 1000
    h, g = (np.histogram(v.blur, edges)[0] for v in (a, b))
    out["blur.w1"] = scipy.stats.wasserstein_distance(edges[:-1], edges[:-1], h, g)
    if a.labelled and b.labelled:
        out["objects.edge_density"] = a.edges / a.pairs - b.edges / b.pairs
        for name, u, v in (("area", a.area, b.area), ("boundary", a.boundary, b.boundary)):
            octaves = [2 * np.log2(np.maximum(x, 1)) + 1e-9 for x in (u, v)]
            h, g = (np.histogram(x, np.arange(65))[0] for x in octaves)
            out[f"objects.{name}.w1"] = scipy.stats.wasserstein_distance(np.arange(64) / 2, np.arange(64) / 2, h, g)
            js("objects." + name, h, g)
    return out


def main():
    a, b = Measured(sys.argv[1]), Measured(sys.argv[2])
    out = {"distances." + k: v for k, v in distances(a, b).items()}
    out.update({"set." + k: v for k, v in numbers(a).items()})
    out.update({"against." + k: v for k, v in numbers(b).items()})
    json.dump({k: float(v) for k, v in out.items()}, sys.stdout, indent=1)


main()
