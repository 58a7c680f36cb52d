# shellcheck shell=bash
# A Slurm cluster of three nodes in a box, for test.sh: everything on loopback, all state
# under $box. Each node is a PID namespace, so that killing its init is what a power cut is
# to a machine: slurmd, its slurmstepd and the tasks are gone at once, and nothing else.

: "${box:?}"
nodes=(n1 n2 n3)
declare -A node_pid=()

configure_box() {
	mkdir "$box"/{munge,state}
	head -c 128 /dev/urandom >"$box/munge/key"
	chmod 600 "$box/munge/key"
	# cred_expire shortens the two minutes that a requeued task waits. JobRequeue=0: tasks are
	# requeued because generate.sbatch asks for it.
	cat >"$box/slurm.conf" <<-END
		ClusterName=box
		SlurmctldHost=localhost(127.0.0.1)
		SlurmctldPort=17000
		SlurmUser=root
		AuthInfo=cred_expire=5,socket=$box/munge/socket
		CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
		ProctrackType=proctrack/linuxproc
		SelectType=select/cons_tres
		GresTypes=gpu
		ReturnToService=2
		JobRequeue=0
		SlurmdTimeout=10
		KillWait=5
		MinJobAge=3600
		SchedulerParameters=sched_min_interval=100000,batch_sched_delay=1
		StateSaveLocation=$box/state
		SlurmctldPidFile=$box/slurmctld.pid
		SlurmdSpoolDir=$box/spool-%n
		SlurmdPidFile=$box/%n.pid
		SlurmdParameters=config_overrides
		NodeName=n[1-3] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[17001-17003] CPUs=1 RealMemory=8192 Gres=gpu:1
		PartitionName=all Nodes=ALL Default=YES
	END
	echo "Name=gpu File=/dev/null" >"$box/gres.conf"
	export SLURM_CONF=$box/slurm.conf
}

start_node() {
	rm -f "$box/$1.pid" # as a boot does
	unshare --pid --fork --kill-child --mount-proc slurmd -D -N "$1" >>"$box/$1.out" 2>&1 &
	node_pid[$1]=$!
}

start_box() {
	munged --foreground --key-file="$box/munge/key" --socket="$box/munge/socket" --pid-file="$box/munge/pid" \
		--log-file="$box/munge/log" --seed-file="$box/munge/seed" >"$box/munged.out" 2>&1 &
	until_true 20 "munged to start" test -S "$box/munge/socket"
	slurmctld -D -c >"$box/slurmctld.out" 2>&1 &
	until_true 20 "slurmctld to start" scontrol ping
	for node in "${nodes[@]}"; do start_node "$node"; done
	for node in "${nodes[@]}"; do until_true 30 "node $node to come up" is_up "$node"; done
}

is_up() { [[ $(sinfo -h -n "$1" -o %t) =~ ^(idle|mix|alloc)$ ]]; }
is_down() { [[ $(sinfo -h -n "$1" -o %t) == down* ]]; }

# The first process of a node, as numbered here.
init_of() { pgrep -P "${node_pid[$1]}"; }

# The command lines of what runs on a node.
processes_of() {
	local pid
	for pid in $(descendants "$(init_of "$1")"); do
		tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null && echo
	done | grep .
}

descendants() {
	local child
	echo "$1"
	for child in $(pgrep -P "$1"); do descendants "$child"; done
}

# SIGKILL to the init of a namespace is SIGKILL to all of it, and unshare does not end
# before all of it is gone.
kill_node() {
	kill -KILL "$(init_of "$1")"
	wait "${node_pid[$1]}" || true
}
