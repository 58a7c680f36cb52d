#!/usr/bin/env bash
# Fills a directory that make gpubox packs with what bench/gpubox.sh measure needs beside the
# binaries: the Python package, the programs in Python, and photographs.
#
#   bench/pack.sh DIR [PHOTOGRAPHS [IMAGES]]
#
# PHOTOGRAPHS to train on and IMAGES to evaluate on are directories; "" leaves one out. All of
# IMAGES is taken. Of PHOTOGRAPHS, where they do not all fit, so many as do, spread evenly over
# the names: the same every time. They lie in DIR/photos/train and DIR/photos/eval. The size of
# each part as it will be in the archive is printed, and more than LIMIT bytes (60,000,000) are
# refused: exit 1.
set -euo pipefail
limit=${LIMIT:-60000000}
fail() { echo "pack.sh: $*" >&2; exit 1; }
if [ $# -lt 1 ] || [ $# -gt 3 ]; then echo "usage: $0 DIR [PHOTOGRAPHS [IMAGES]]" >&2; exit 2; fi
to=$1 photographs=${2:-} images=${3:-}
[ -d "$to" ] || fail "there is no directory $to; make gpubox makes it"
for given in "$photographs" "$images"; do
	[ -z "$given" ] || [ -d "$given" ] || fail "there is no directory $given of photographs; give one that is there, or none"
done
here=$(cd "$(dirname "$0")" && pwd)

# The images in a directory, by name in the order of bytes.
list() { find -L "$1" -maxdepth 1 -type f ! -name '.*' | grep -iE '\.(png|jpe?g|bmp|tiff?|webp|ppm|pgm)$' | LC_ALL=C sort || true; }
packed() { tar -cz -C "$to" "$@" | wc -c; } # bytes in an archive

rm -rf "$to/photos" "$to/python" "$to/bench"
there=$(packed .)
mkdir -p "$to/python/src" "$to/bench/gpubox/python"
(cd "$here/../python/src" && find leaflitter -type f ! -name '*.pyc' -print0 | tar -c --null -T -) | tar -x -C "$to/python/src"
cp "$here"/gpubox/python/*.py "$to/bench/gpubox/python/"
cp "$here/training.py" "$to/bench/"
scripts=$(packed python bench)

evaluated=0
if [ -n "$images" ]; then
	mapfile -t files < <(list "$images")
	[ ${#files[@]} -gt 0 ] || fail "there are no images in $images; give a directory with photographs to evaluate on"
	mkdir -p "$to/photos/eval" && cp "${files[@]}" "$to/photos/eval/"
	evaluated=$(packed photos/eval)
fi
without=$((there + scripts + evaluated))
[ $without -le "$limit" ] || fail "binaries ($there), Python ($scripts) and images ($evaluated) are $without bytes, more than the $limit that may be carried; give fewer images"

trained=0 note="none"
if [ -n "$photographs" ]; then
	mapfile -t files < <(list "$photographs")
	[ ${#files[@]} -gt 0 ] || fail "there are no images in $photographs; give a directory with photographs to train on"
	# 2,000 bytes a file for the archive's own, 1 % for what does not shrink.
	room=$(((limit - without) * 99 / 100))
	mapfile -t chosen < <(stat -L -c '%s %n' "${files[@]}" | awk -v room="$room" '
		{ size[NR] = $1 + 2000; sum += size[NR]; sub(/^[0-9]+ /, ""); name[NR] = $0 }
		END {
			part = sum > room ? room / sum : 1
			for (i = 1; i <= NR; i++)
				if ((due += part) >= 1 - 1e-9 && used + size[i] <= room) { due--; used += size[i]; print name[i] }
		}')
	[ ${#chosen[@]} -gt 0 ] || fail "there is room for no photograph of $photographs in $limit bytes; pack fewer images"
	mkdir -p "$to/photos/train" && cp "${chosen[@]}" "$to/photos/train/"
	trained=$(packed photos/train)
	note="${#chosen[@]} of ${#files[@]}"
fi

all=$((without + trained))
printf '%10d bytes  binaries and what else was there\n' "$there"
printf '%10d bytes  Python package and programs\n' "$scripts"
printf '%10d bytes  images to evaluate on (%s)\n' "$evaluated" "$([ -n "$images" ] && list "$to/photos/eval" | wc -l || echo none)"
printf '%10d bytes  photographs to train on (%s)\n' "$trained" "$note"
printf '%10d bytes  of %d that may be carried\n' "$all" "$limit"
[ $all -le "$limit" ] || fail "all that is $all bytes, more than the $limit that may be carried; give fewer images"
