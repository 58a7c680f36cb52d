"""Resizes images with BasicSR's port of MATLAB's imresize, for bicubic_test.go.

stdin: for each image width, height, channels, scale as uint32, then its bytes.
stdout: for each the result as float32, 0 to 255, not rounded."""

import importlib.util
import os
import struct
import sys

import numpy as np
import torch  # noqa: F401, the port needs it

package = importlib.util.find_spec("basicsr")  # its __init__ would import opencv, torchvision and more
if package is None:
    sys.exit("No module named 'basicsr'")
path = os.path.join(package.submodule_search_locations[0], "utils", "matlab_functions.py")
spec = importlib.util.spec_from_file_location("matlab_functions", path)
port = importlib.util.module_from_spec(spec)
spec.loader.exec_module(port)

while head := sys.stdin.buffer.read(16):
    width, height, channels, scale = struct.unpack("<4I", head)
    image = np.frombuffer(sys.stdin.buffer.read(width * height * channels), np.uint8)
    image = image.reshape(height, width, channels).astype(np.float32) / 255
    small = port.imresize(image, 1 / scale)
    sys.stdout.buffer.write(np.ascontiguousarray(small * 255, "<f4").tobytes())
