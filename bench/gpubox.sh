#!/usr/bin/env bash
# What a GPU machine can tell of leaflitter, from one archive. The machine needs Linux, an
# NVIDIA driver (or Mesa) and libEGL; no display, network or Go.
#
#   make gpubox                      # elsewhere: packs out/gpubox.tar.gz
#   bench/gpubox.sh prove [flags] [ARCHIVE]     # are the bytes equal? two minutes
#   bench/gpubox.sh measure [flags] [ARCHIVE]   # how fast, and what limits it? eight minutes
#
#   -o DIR         directory for the results (default: gpubox-prove or gpubox-measure);
#                  report.md is what to read
#   -b BUNDLE.tgz  a file that holds all of them, at any time
#   -d DEVICE      as leaflitter devices lists them (default 0: hardware before software)
#   -t SECONDS     for all (default 180 and 480); what does not fit is left out and said
#
# ARCHIVE is what make gpubox packed (default: beside this script, then
# out/gpubox.tar.gz). The exit code is 1 when a step failed; the others ran all the same.
set -uo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
usage() { echo "usage: $0 prove|measure [-o DIR] [-b BUNDLE.tgz] [-d DEVICE] [-t SECONDS] [ARCHIVE]" >&2; exit 2; }
case ${1:-} in
prove | measure) part=$1; shift ;;
*) usage ;;
esac
flags=()
while getopts o:b:d:t: flag; do
	case $flag in
	o | b | d | t) flags+=("-$flag" "$OPTARG") ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -le 1 ] || usage
archive=${1:-}
if [ -z "$archive" ]; then
	for a in "$here/gpubox.tar.gz" "$here/../out/gpubox.tar.gz"; do [ -f "$a" ] && archive=$a && break; done
fi
[ -n "$archive" ] && [ -f "$archive" ] || { echo "gpubox.sh: there is no archive ${archive:-gpubox.tar.gz}; make gpubox packs it on a machine with Go" >&2; exit 1; }
work=$(mktemp -d) || exit 1
tar -xzf "$archive" -C "$work" && [ -x "$work/gpubox/gpubox" ] ||
	{ rm -rf "$work"; echo "gpubox.sh: $archive cannot be unpacked, or make gpubox did not pack it" >&2; exit 1; }
GPUBOX_UNPACKED=$work exec "$work/gpubox/gpubox" "$part" "${flags[@]}"
