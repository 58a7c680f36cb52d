#!/usr/bin/env bash
# deploy/slurm/generate.sbatch on a real Slurm: twelve tasks on three nodes, of which one
# loses power in the middle of a shard; another task is told that its time is up. The data
# set must come out whole and with the bytes of a run by one undisturbed process.
#
#	make test-slurm [LEAFLITTER=PROGRAM]
#
# Needs Linux, root (for namespaces) and Debian's slurm-wlm, munge, iproute2 and procps; no
# systemd, no GPU and no network.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
LEAFLITTER=$(realpath "${LEAFLITTER:-$here/../../bin/leaflitter}")
export LEAFLITTER
limit=300 # seconds for everything

die() {
	[[ -z ${box:-} ]] || echo "$*" >"$box/cause" # to be repeated below the logs
	echo "test-slurm: $*" >&2
	exit 1
}

# Outside: a fresh folder, a time limit, namespaces that end with us, and the logs if it fails.
if [[ ${1:-} != inside ]]; then
	for program in slurmctld slurmd sbatch munged ip pgrep unshare; do
		command -v "$program" >/dev/null || die "$program is missing: install slurm-wlm munge iproute2 procps"
	done
	[[ $(id -u) == 0 ]] || die "needs root, for namespaces and for slurmd"
	[[ -x $LEAFLITTER ]] || die "$LEAFLITTER is no program: run make build, or set LEAFLITTER"
	box=$(mktemp -d)
	chmod 755 "$box" # munged wants its socket within reach of all users
	pid=
	# shellcheck disable=SC2317 # the trap calls it
	clean() { # to the first process of the namespace, which ends them all before unshare ends
		if [[ $pid ]] && pkill -KILL -P "$pid"; then wait "$pid" || true; fi
		rm -rf "$box"
	}
	trap clean EXIT
	trap 'exit 130' INT TERM HUP
	# An own loopback: no port is taken, and nothing can leave the machine.
	unshare --net --pid --fork --kill-child --mount-proc timeout --signal=KILL "$limit" "$0" inside "$box" &
	pid=$!
	code=0
	wait "$pid" || code=$?
	if ((code)); then
		for log in "$box"/*.out "$box"/logs/*; do
			[[ ! -s $log ]] || { echo "--- the end of ${log#"$box/"}" && tail -n 15 "$log"; } >&2
		done
		((code != 137)) || die "FAILED: not done after $limit s"
		cause=$(cat "$box/cause" 2>/dev/null || echo "exit $code")
		die "FAILED: $cause"
	fi
	exit
fi

# Inside.
box=$2
# shellcheck source=deploy/slurm/box.sh
. "$here/box.sh"

until_true() { # until_true SECONDS WHAT COMMAND...
	local end=$((SECONDS + $1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || die "waited too long for $what"
		sleep 0.05
	done
}

say() { echo "test-slurm: $SECONDS s: $*"; }

tasks=12 shards=24 hit=n2
unset "${!SLURM_@}" "${!SBATCH_@}" DEVICE TASKS MAX_RESTARTS DEEP
export OUTPUT=$box/train SHARDS=$shards SHARD_SIZE=64 SEED=7 FORMAT=webdataset PRESET=dead-leaves-pp BACKEND=cpu EXTRA="--size 128x128"

# What the script makes of what a lab sets.
expect() { # expect PATTERN: of the command line, with echo as the program
	[[ $(LEAFLITTER="echo" bash "$here/generate.sbatch" | tail -n 1) =~ $1 ]] || die "generate.sbatch passes no $1"
}
expect "^generate -o $OUTPUT .*--task auto --size 128x128$"
BACKEND=auto SLURM_JOB_GPUS=2 expect "--device cuda:2( |$)"
BACKEND=auto SLURM_JOB_GPUS=2 DEVICE=all expect "--device all( |$)"
TASKS=12 SLURM_ARRAY_TASK_ID=7 SLURM_CPUS_PER_TASK=3 expect "--task 7/12 --threads 3 "

ip link set lo up
# To glibc 127.0.0.1 alone is no network (AI_ADDRCONFIG), and Slurm asks it for one.
ip address add 127.0.0.2/8 dev lo
configure_box
mkdir "$box/logs"
cd "$box/logs"
start_box
say "three nodes are up"

job=$(sbatch --parsable --array=0-$((tasks - 1)) --cpus-per-task=1 --mem=1G "$here/generate.sbatch")
verify=$(sbatch --parsable --dependency="afterok:$job" --cpus-per-task=1 --mem=1G "$here/verify.sbatch")

record() { printf '%s/.leaflitter/%06d.json' "$OUTPUT" "$1"; }
running_on() { squeue -h -w "$1" -j "$job" -t RUNNING -o %K; }
half_done() { # the task on the node has made the first of its shards and not the last
	victim=$(running_on "$1")
	[[ $victim ]] && [[ -e $(record "$victim") && ! -e $(record $((victim + tasks))) ]]
}
field() { scontrol show job -o "$1" | grep -o " $2=[^ ]*" | cut -d= -f2; }

# Time is up for a task: Slurm would send this signal a minute before the limit.
until_true 60 "a task on n1 to be half done" half_done n1
timed=$victim
timeout 3 scancel --batch --signal=USR1 "${job}_$timed" || true # it would try again on the requeued task
say "task $timed, half done on n1, was told that its time is up"

# A node loses power.
until_true 60 "a task on $hit to be half done" half_done "$hit"
processes_of "$hit" >"$box/killed"
kill_node "$hit"
say "killed $hit while task $victim ran on it:" && sed 's/^/    /' "$box/killed"
grep -q slurmstepd "$box/killed" || die "no slurmstepd was killed"
grep -q "generate -o $OUTPUT" "$box/killed" || die "no leaflitter was killed"
[[ ! -e $(record $((victim + tasks))) ]] || die "task $victim was done before its node was killed: nothing tested"
left=$(find "$OUTPUT" -name 'tmp-*' | wc -l)
say "$left temporary files are left or in use"

until_true 60 "slurmctld to notice that $hit is down" is_down "$hit"
start_node "$hit"
until_true 60 "$hit to come back" is_up "$hit"
say "$hit is back"

ended() { [[ -z $(squeue -h -j "$1" -t PENDING,RUNNING,COMPLETING,SUSPENDED,CONFIGURING) ]]; }
until_true "$limit" "the array to end" ended "$job"
say "the array has ended"
restarts=0
for ((i = 0; i < tasks; i++)); do
	state=$(field "${job}_$i" JobState) again=$(field "${job}_$i" Restarts)
	[[ $state == COMPLETED ]] || die "task $i ended $state"
	restarts=$((restarts + again))
done
for i in "$victim" "$timed"; do
	(($(field "${job}_$i" Restarts) >= 1)) || die "task $i was not requeued"
done
until_true 60 "verify.sbatch to end" ended "$verify"
[[ $(field "$verify" JobState) == COMPLETED ]] || die "verify.sbatch ended $(field "$verify" JobState)"

"$LEAFLITTER" verify "$OUTPUT" --deep
[[ -z $(find "$OUTPUT" -name 'tmp-*') ]] || die "temporary files remain: $(find "$OUTPUT" -name 'tmp-*')"
"$LEAFLITTER" generate -o "$box/alone" --format "$FORMAT" --shards "$SHARDS" --shard-size "$SHARD_SIZE" --seed "$SEED" \
	--preset "$PRESET" --size 128x128 --backend cpu --task 0/1
diff -r "$box/alone" "$OUTPUT" || die "the bytes differ from those of one undisturbed process"
files=$(find "$OUTPUT" -type f | wc -l)
((files >= shards)) || die "only $files files for $shards shards"
say "$tasks tasks COMPLETED, $restarts restarts, $files files as one undisturbed process makes them"
echo "test-slurm: PASSED"
