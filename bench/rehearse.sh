#!/usr/bin/env bash
# A rehearsal of bench/gpubox.sh on a machine without a GPU: both parts run, from the
# archive alone, in a bare Debian without network, Go or compilers, with Mesa for OpenGL
# and Python with PyTorch (a CPU's) and what training needs. It needs root and debootstrap.
#
#   bench/rehearse.sh [-o DIR] [ARCHIVE]
#
# ARCHIVE is what make gpubox packed (default: out/gpubox.tar.gz). DIR receives prove and
# measure, a directory each, and their bundles (default: out/rehearsal); those of an earlier
# rehearsal are removed, and nothing else in it. The bare system is
# made once, in out/rehearsal-root; remove that directory to have it made anew.
# Variables: PARTS to rehearse (prove measure), PROVE and MEASURE (flags of theirs), PACKAGES
# of the bare system when it is made.
set -euo pipefail
cd "$(dirname "$0")/.."
out=out/rehearsal root=$PWD/out/rehearsal-root
while getopts o: flag; do
	case $flag in
	o) out=$OPTARG ;;
	*) echo "usage: $0 [-o DIR] [ARCHIVE]" >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
archive=${1:-out/gpubox.tar.gz}
packages=${PACKAGES:-libegl1,libgl1-mesa-dri,python3,python3-numpy,python3-torch,python3-pil,python3-tqdm,python3-matplotlib}
[ -f "$archive" ] || { echo "rehearse.sh: there is no archive $archive; make gpubox packs it" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "rehearse.sh: making a bare Debian and entering it need root; run it as root" >&2; exit 1; }
for tool in debootstrap unshare chroot; do
	command -v "$tool" >/dev/null || { echo "rehearse.sh: $tool is missing; install debootstrap and util-linux" >&2; exit 1; }
done

# The mirror and the release are those of this machine's own apt.
# shellcheck disable=SC1091,SC2016
if [ ! -e "$root/made" ]; then
	release=$(. /etc/os-release && echo "$VERSION_CODENAME")
	mirror=$(apt-get indextargets --format '$(CODENAME) $(SITE)' 'Created-By: Packages' | awk -v r="$release" '$1 == r { print $2; exit }')
	[ -n "$mirror" ] || { echo "rehearse.sh: apt is not configured with a mirror of Debian $release" >&2; exit 1; }
	rm -rf "$root"
	debootstrap --variant=minbase --include="$packages" "$release" "$root" "$mirror" >out/rehearsal-root.log 2>&1 ||
		{ tail -5 out/rehearsal-root.log >&2; echo "rehearse.sh: debootstrap failed; all it said is in out/rehearsal-root.log" >&2; exit 1; }
	touch "$root/made"
fi
# Debian's packages for training bring a compiler, which the machine has not.
find "$root/usr/bin" -regextype posix-extended -regex '.*/(.*-)?(gcc|g[+][+]|cc|c[+][+]|c99|c89|cpp|as|ld|gold|ld.gold|ld.bfd)(-[0-9.]+)?' -delete
for tool in go gcc cc c++ ld nvidia-smi; do
	if chroot "$root" /bin/sh -c "command -v $tool" >/dev/null; then echo "rehearse.sh: the bare system has $tool; remove $root" >&2; exit 1; fi
done

rm -rf "${out:?}"/{prove,measure}{,.tgz} "$root/box" && mkdir -p "$out" "$root/box"
cp bench/gpubox.sh "$archive" "$root/box/"
failed=0
for part in ${PARTS:-prove measure}; do
	# Much more time than either takes: a slow machine must not leave steps out.
	if [ "$part" = prove ]; then read -ra flags <<<"${PROVE:--t 1800}"; else read -ra flags <<<"${MEASURE:--t 1800}"; fi
	echo "== $part"
	# Namespaces of its own: no network but an unconfigured loopback, and none of this
	# machine's processes or mounts.
	code=0
	# shellcheck disable=SC2016 # the inner shell expands them
	unshare --net --pid --mount --fork --kill-child bash -c '
		root=$1; shift
		mount -t proc proc "$root/proc" && mount -t tmpfs tmpfs "$root/tmp" && mount --rbind /dev "$root/dev" ||
			{ echo "rehearse.sh: the bare system cannot be mounted" >&2; exit 1; }
		if [ "$(chroot "$root" /usr/bin/python3 -c "import socket; print(*(name for _, name in socket.if_nameindex()))")" != lo ]; then
			echo "rehearse.sh: there is a network; nothing would be shown" >&2; exit 1
		fi
		exec chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/nonexistent "$@"
	' rehearse "$root" /box/gpubox.sh "$part" -o "/box/$part" -b "/box/$part.tgz" "${flags[@]}" || code=$?
	echo "$part: exit $code"
	[ $code = 0 ] || failed=1
	cp -r "$root/box/$part" "$root/box/$part.tgz" "$out/" 2>/dev/null || true
	if ! grep -q '"outcomes"' "$out/$part/steps.json" || grep -q '"left out"' "$out/$part/steps.json"; then
		echo "$part: not all of it was rehearsed" >&2
		failed=1
	fi
done
echo "the reports are $out/prove/report.md and $out/measure/report.md"
exit $failed
