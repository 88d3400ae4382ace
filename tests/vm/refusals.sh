# SPDX-License-Identifier: Apache-2.0
# Part of init (whose own signals are let through, since it is the first process): what the kernel refuses beside programs and connections, by rules and in defence of saker itself. The
# expectation is the same for the rungs lsm and modify; elsewhere it is told, and the process killed afterwards.

# refused COMMAND...: it fails with EPERM
refused() {
	"$@" 2>refused.out && return 1
	grep -qE 'not permitted' refused.out
}

engine_pid() {
	ps -o pid,args | awk '/role engine/ && !/awk/ { print $1; exit }'
}

mkdir -p /srv/keep /tmp/free
echo kept >/srv/keep/file
echo secret >/srv/keep/id_rsa
saker run --prevent --rules /refusals --store /var/lib/saker-refusals >run2 2>&1 &
parent=$!
test_that "saker runs with rules about files" run2 within 60 grep -q 'saker is watching' run2
if [ "$rung" != signal ]; then
	test_that "a file that is kept is not removed" run2 refused rm /srv/keep/file
	test_that "nor renamed" run2 refused mv /srv/keep/file /srv/keep/other
	test_that "nor written" run2 refused sh -c 'echo x 2>/dev/null >>/srv/keep/file || { echo not permitted >&2; false; }'
	test_that "nothing is made beside it" run2 refused touch /srv/keep/new
	test_that "a secret is not read" run2 refused cat /srv/keep/id_rsa
	test_that "it is all still there" run2 test "$(ls /srv/keep)" = "file
id_rsa"
	test_that "a module is not read from a temporary folder" run2 refused /actions/module /tmp/free
	test_that "a process is not attached to" run2 refused /actions/ptrace
	test_that "a BPF program is not loaded" run2 refused /actions/bpf_program
	test_that "its maps are not handed out" run2 refused /actions/bpf_objects
	test_that "saker is not killed" run2 refused sh -c "kill -KILL $(engine_pid)"
	test_that "saker is not stopped" run2 refused sh -c "kill -STOP $parent"
	test_that "its store is not removed" run2 refused rm /var/lib/saker-refusals/saker.db
	test_that "its store is not written" run2 refused sh -c 'true 2>/dev/null >>/var/lib/saker-refusals/saker.db || { echo not permitted >&2; false; }'
fi
test_that "other files are written and removed" run2 sh -c 'echo x >/tmp/free/x && mv /tmp/free/x /tmp/free/y && rm /tmp/free/y'
sleep 1
kill -INT $parent
wait $parent
saker detections --json --store /var/lib/saker-refusals >detections 2>errors
if [ "$rung" != signal ]; then
	for title in "Nothing is made in the kept folder" "Nothing is written in the kept folder" \
		"A kept secret is not read" "Nothing is removed from the kept folder" \
		"Nothing is renamed in the kept folder" "No module is loaded from a temporary folder" \
		"Nobody attaches to a traced action" "An action loads no BPF program"; do
		test_that "told: $title" detections detected "$title" '"prevention.result":"prevented"' \
			"\"prevention.rung\":\"$rung\""
	done
	test_that "told: who would have killed saker" errors sh -c \
		"events /var/lib/saker-refusals | grep '\"event.kind\":\"process_signal\"' | grep '\"call.operation\":\"SIGKILL\"' | grep -q '\"call.own\":true'"
fi

# Isolation of the whole host, which is tried nowhere else; what is noted begins again when saker does.
ip addr add 192.0.2.1/32 dev lo
ip addr add 192.0.2.2/32 dev lo
reaches() {
	nc -w 2 "$1" 9 </dev/null 2>&1 | grep -q refused
}
test_that "everything is reached before" errors reaches 192.0.2.2
test_that "the host is isolated" errors saker isolate --allow 192.0.2.1
test_that "what is allowed is reached" errors reaches 192.0.2.1
test_that "nothing else is" errors sh -c '! nc -w 2 192.0.2.2 9 </dev/null 2>&1 | grep -q refused'
rm -r /sys/fs/bpf/saker # what a reboot does
# the kernel takes a program away a moment after its name
reaches_soon() {
	reaches "$1" || { sleep 1; reaches "$1"; } || { sleep 3; reaches "$1"; }
}
test_that "after a reboot it is not" errors reaches_soon 192.0.2.2
saker run --rules /refusals --store /var/lib/saker-isolated >run3 2>&1 &
parent=$!
test_that "until saker runs again" run3 within 60 grep -q 'saker is watching' run3
test_that "which isolates it again" errors sh -c '! nc -w 2 192.0.2.2 9 </dev/null 2>&1 | grep -q refused'
kill -KILL $parent
sleep 1
test_that "and needs no process for it" errors sh -c '! nc -w 2 192.0.2.2 9 </dev/null 2>&1 | grep -q refused'
test_that "it is released" errors saker release
test_that "and everything is reached" errors reaches 192.0.2.2
