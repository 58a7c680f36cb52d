#!/usr/bin/env bash
# Everything that a GPU server can tell, in one run: devices, parity over all
# presets and 64 random configurations, throughput, profile. It needs Linux, an
# NVIDIA driver (or Mesa) and libEGL; no display, network or Go toolchain.
#
#   make gpubox                                   # elsewhere: packs out/gpubox.tar.gz
#   bench/gpubox.sh [-o DIR] [-d DEVICE] [-t SECONDS] [-n NAME] [ARCHIVE]
#
# ARCHIVE is what make gpubox packed (default: beside this script, then
# out/gpubox.tar.gz). DIR receives NAME.md and NAME.json (default: results/gpu). DEVICE as in
# leaflitter devices (default 0: hardware before software). SECONDS bound the
# throughput part (default 150). Exit 1 when parity fails; the report is written
# all the same.
set -uo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
out=results device=0 seconds=150 name=gpu
while getopts o:d:t:n: flag; do
	case $flag in
	o) out=$OPTARG ;; d) device=$OPTARG ;; t) seconds=$OPTARG ;; n) name=$OPTARG ;;
	*) echo "usage: $0 [-o DIR] [-d DEVICE] [-t SECONDS] [-n NAME] [ARCHIVE]" >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
archive=${1:-}
if [ -z "$archive" ]; then
	for a in "$here/gpubox.tar.gz" "$here/../out/gpubox.tar.gz"; do [ -f "$a" ] && archive=$a && break; done
fi
[ -n "$archive" ] && [ -f "$archive" ] || { echo "gpubox.sh: there is no archive ${archive:-gpubox.tar.gz}; make gpubox packs it on a machine with Go" >&2; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
tar -xzf "$archive" -C "$work" || { echo "gpubox.sh: $archive cannot be unpacked" >&2; exit 1; }
mkdir -p "$out" || exit 1
bin=$work/gpubox failed=0

# A step's output goes into the report, its errors too; a step that fails is said.
step() {
	local file=$1; shift
	"$@" >"$work/$file" 2>"$work/$file.err"
	local code=$?
	echo "$file: exit $code"
	if [ $code -ne 0 ]; then failed=1; echo "exit $code" >>"$work/$file.failed"; tail -5 "$work/$file.err"; fi
	return 0
}
json_of() { [ -s "$1" ] && cat "$1" || echo null; }

step devices "$bin/leaflitter" devices
step devices.json "$bin/leaflitter" devices --json
step presets "$bin/leaflitter" parity --all-presets --count 2 --size 256 --device "$device" --quiet --json
step default "$bin/leaflitter" parity --count 4 --device "$device" --quiet
step random "$bin/leaflitter" parity --random 64 --count 1 --seed 2 --device "$device" --quiet --json
step throughput "$bin/gpubox" -device "$device" -seconds "$seconds" -json "$work/throughput.json"

# leaflitter prints JSON with one field a line: count the verdicts.
verdict() {
	local equal differ
	equal=$(grep -c '"equal": true' "$work/$1"); differ=$(grep -c '"equal": false' "$work/$1")
	echo "$equal images equal in every stage and byte, $differ differ"
	grep '"first":' "$work/$1" | sort | uniq -c | sed 's/^/    /'
}
{
	echo "# GPU report"
	echo
	echo "leaflitter commit $(cat "$bin/commit"), $("$bin/leaflitter" version). Reproduce with \`make gpubox\` and \`bench/gpubox.sh\`."
	echo
	echo '```'; cat "$work/devices" "$work/devices.err"; echo '```'
	echo
	echo "## Parity with the CPU backend"
	echo
	echo "All presets, two images each at 256 x 256: $(verdict presets)"
	echo
	echo "64 random configurations: $(verdict random)"
	echo
	echo "The default preset at its full size:"
	echo
	echo '```'; cat "$work/default"; echo '```'
	for s in presets default random; do
		[ -f "$work/$s.failed" ] && { echo; echo "$s: $(cat "$work/$s.failed")"; echo '```'; tail -5 "$work/$s.err"; echo '```'; }
	done
	echo
	echo "## Throughput"
	echo
	cat "$work/throughput"
	[ -f "$work/throughput.failed" ] && { echo '```'; cat "$work/throughput.err"; echo '```'; }
} >"$out/$name.md"
{
	echo '{"commit": "'"$(cat "$bin/commit")"'", "devices": '; json_of "$work/devices.json"
	echo ', "parity_presets": '; json_of "$work/presets"
	echo ', "parity_random": '; json_of "$work/random"
	echo ', "throughput": '; json_of "$work/throughput.json"; echo '}'
} >"$out/$name.json"
echo "wrote $out/$name.md and $out/$name.json"
exit $failed
