#!/usr/bin/env bash
# Packs a directory that make gpubox filled, with what bench/gpubox.sh measure needs beside the
# binaries: the Python package, the programs in Python, and photographs.
#
#   bench/pack.sh DIR [PHOTOGRAPHS [IMAGES]]
#
# PHOTOGRAPHS to train on and IMAGES to evaluate on are directories that share no image; ""
# leaves one out. All of IMAGES is taken. Of PHOTOGRAPHS, where they do not all fit, so many as
# do, spread evenly over the names: the same every time. They lie in DIR/photos/train and
# DIR/photos/eval. The archive is DIR.tar.gz. Its size and that of each part in it are
# printed, and more than LIMIT bytes (60,000,000) are refused: exit 1, and no archive.
set -euo pipefail
fail() { echo "pack.sh: $*" >&2; exit 1; }
if [ $# -lt 1 ] || [ $# -gt 3 ]; then echo "usage: $0 DIR [PHOTOGRAPHS [IMAGES]]" >&2; exit 2; fi
limit=${LIMIT:-60000000}
[[ $limit =~ ^[1-9][0-9]{0,14}$ ]] || fail "LIMIT is $limit; give the bytes that may be carried, a whole number of at most 15 digits"
[ -d "$1" ] || fail "there is no directory $1; make gpubox makes it"
for given in "${@:2}"; do
	[ -z "$given" ] || [ -d "$given" ] || fail "there is no directory $given of photographs; give one that is there, or none"
done
# Absolute: none begins with a dash.
to=$(realpath -- "$1") photographs=${2:+$(realpath -- "$2")} images=${3:+$(realpath -- "$3")}
here=$(cd "$(dirname "$0")" && pwd)

# SIZE/NAME of each image in a directory, by name in the order of bytes. Names may hold
# anything and be too many for a command line: they end with a NUL and go through pipes.
list() {
	LC_ALL=C find -L "$1" -maxdepth 1 -type f ! -name '.*' \( -iname '*.png' -o -iname '*.jpg' -o -iname '*.jpeg' -o -iname '*.bmp' \
		-o -iname '*.tif' -o -iname '*.tiff' -o -iname '*.webp' -o -iname '*.ppm' -o -iname '*.pgm' \) -printf '%s/%f\0' 2>/dev/null | LC_ALL=C sort -z -t/ -k2
}
# The images of directory $1 that are given as SIZE/NAME go to $2, or their checksums to standard output.
names() { [ $# = 0 ] || printf './%s\0' "${@#*/}"; }
copy() {
	mkdir -p "$2"
	names "${@:3}" | (cd "$1" && xargs -0 cp -t "$2" --) 2>/dev/null || fail "not all images of $1 can be copied; see that they can be read, and that there is room"
}
sums() { names "${@:2}" | (cd "$1" && xargs -0r sha256sum --) 2>/dev/null; }
packed() { tar -cz -C "$to" "$@" | wc -c; } # bytes in an archive

trains=() evaluates=()
if [ -n "$photographs" ]; then
	mapfile -d '' -t trains < <(list "$photographs")
	[ ${#trains[@]} -gt 0 ] || fail "there are no images in $2; give a directory with photographs to train on"
fi
if [ -n "$images" ]; then
	mapfile -d '' -t evaluates < <(list "$images")
	[ ${#evaluates[@]} -gt 0 ] || fail "there are no images in $3; give a directory with photographs to evaluate on"
fi

# A network that is evaluated on what it was trained on would look better than it is.
if [ -n "$photographs" ] && [ -n "$images" ]; then
	[ "$photographs" != "$images" ] || fail "$2 is given both to train and to evaluate on; give two directories"
	declare -A size=() seen=()
	for one in "${evaluates[@]}"; do size[${one%%/*}]=1; done
	like=()
	for one in "${trains[@]}"; do [ -z "${size[${one%%/*}]:-}" ] || like+=("$one"); done
	evaluate_sums=$(sums "$images" "${evaluates[@]}") || fail "not all images of $3 can be read; make them readable, or remove them"
	train_sums=$(sums "$photographs" "${like[@]}") || fail "not all photographs of $2 can be read; make them readable, or remove them"
	# sha256sum marks a name that it had to escape by a backslash before the sum.
	while read -r line; do line=${line#\\}; seen[${line:0:64}]=${line#*./}; done <<<"$evaluate_sums"
	common=0 example=
	while read -r line; do
		line=${line#\\}
		if [ -n "$line" ] && [ -n "${seen[${line:0:64}]:-}" ]; then common=$((common + 1)) example="${line#*./} and ${seen[${line:0:64}]}"; fi
	done <<<"$train_sums"
	[ $common = 0 ] || fail "$common of the photographs to train on are also to be evaluated on ($example are the same); remove them from one of the two directories"
fi

rm -rf "$to/photos" "$to/python" "$to/bench" "$to.tar.gz" "$to.tar.gz.part"
there=$(packed .)
mkdir -p "$to/python/src" "$to/bench/gpubox/python"
(cd "$here/../python/src" && find leaflitter -type f ! -name '*.pyc' -print0 | tar -c --null -T -) | tar -x -C "$to/python/src"
cp "$here"/gpubox/python/*.py "$to/bench/gpubox/python/"
cp "$here/training.py" "$to/bench/"
scripts=$(packed python bench)

evaluated=0
if [ ${#evaluates[@]} -gt 0 ]; then
	copy "$images" "$to/photos/eval" "${evaluates[@]}"
	evaluated=$(packed photos/eval)
fi
without=$((there + scripts + evaluated))
[ $without -le "$limit" ] || fail "binaries ($there), Python ($scripts) and images ($evaluated) are $without bytes, more than the $limit that may be carried; give fewer images"

trained=0 note="none"
if [ ${#trains[@]} -gt 0 ]; then
	# 2,000 bytes a file for the archive's own, 1 % for what does not shrink.
	room=$(((limit - without) * 99 / 100)) sum=0
	for one in "${trains[@]}"; do sum=$((sum + ${one%%/*} + 2000)); done
	part=$((sum > room ? room : sum)) due=0 used=0 chosen=()
	for one in "${trains[@]}"; do
		due=$((due + part)) bytes=$((${one%%/*} + 2000))
		if [ $due -ge $sum ] && [ $((used + bytes)) -le $room ]; then
			due=$((due - sum)) used=$((used + bytes)) chosen+=("$one")
		fi
	done
	[ ${#chosen[@]} -gt 0 ] || fail "there is room for no photograph of $2 in $limit bytes; pack fewer images"
	copy "$photographs" "$to/photos/train" "${chosen[@]}"
	trained=$(packed photos/train)
	note="${#chosen[@]} of ${#trains[@]}"
fi

tar -czf "$to.tar.gz.part" -C "$(dirname "$to")" "$(basename "$to")" || fail "$to.tar.gz cannot be written; see that there is room"
all=$(stat -c %s "$to.tar.gz.part")
printf '%10d bytes  binaries and what else was there\n' "$there"
printf '%10d bytes  Python package and programs\n' "$scripts"
printf '%10d bytes  images to evaluate on (%s)\n' "$evaluated" "$([ ${#evaluates[@]} -gt 0 ] && echo ${#evaluates[@]} || echo none)"
printf '%10d bytes  photographs to train on (%s)\n' "$trained" "$note"
printf '%10d bytes  all in %s, of %d that may be carried\n' "$all" "$(basename "$to").tar.gz" "$limit"
[ "$all" -le "$limit" ] || { rm "$to.tar.gz.part"; fail "all that is $all bytes, more than the $limit that may be carried; give fewer images"; }
mv "$to.tar.gz.part" "$to.tar.gz"
