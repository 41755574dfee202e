#!/usr/bin/env bats
# What every tool promises of its place in a pipeline: output, signals, metrics, secrets.
load helper
load common

# --- the pipe

# Input that has everything in it.
everything() {
	printf '\xef\xbb\xbf'
	event 1 | sed 's/$/\r/'
	printf '\n'
	event 2 ',"s":"日本🚕"'
	printf '{"ts":"\xff"}\n'
	printf '{"ts":\n'
	event 3 ",\"s\":\"$(printf '%5000s' '' | tr ' ' x)\""
	awk 'BEGIN { for (i = 4; i < 60; i++) printf "{\"ts\":%.0f,\"n\":%d}\n", 1795255200000 + 60000 * i, i }'
	printf '%s' "$(event 60)"
}

chunks() {
	local n
	everything >in
	sample --dead=dead.whole "$1" <in >out.whole
	for n in 1 2 3 7 4096; do
		"$AID/chunk" $n <in | sample --dead=dead.$n "$1" >out.$n
		cmp <(data <out.whole) <(data <out.$n) || { echo "chunks of $n"; return 1; }
		cmp dead.whole dead.$n || { echo "dead letters of chunks of $n"; return 1; }
	done
	[ "$(passed "$1" out.whole)" -eq 60 ]
}
@test "common: input in reads of 1, 2, 3, 7 and 4096 bytes gives the same output" {
	each chunks $(filters)
}

chunked_control() {
	local n
	stream "$(hello 1)" "$(event 1)" "$(wm 1795255200000)" "$(event 2)" "$(eos)" >in
	sample "$1" <in >out.whole
	for n in 1 7 100; do
		"$AID/chunk" $n <in | sample "$1" >out.$n
		cmp out.whole out.$n
	done
}
@test "common: control lines in reads of 1, 7 and 100 bytes give the same output" {
	each chunked_control $(filters)
}

full_disk() {
	local rc=0
	events 1 9 | sample "$1" >/dev/full || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err 'standard output'
	rc=0
	events 1 100000 | sample "$1" >/dev/full || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err 'standard output'
}
@test "common: a full disk is 4" {
	each full_disk $(filters)
}

closed_output() {
	local rc=0
	events 1 9 | sample "$1" >&- || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err 'standard output'
}
@test "common: a standard output that is closed is 4" {
	each closed_output $(filters)
}

closed_input() {
	local rc=0
	arguments "$1"
	timeout 20 "$1" "${ARGS[@]}" <&- >out 2>err || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err stdin
	[ "$(data <out | wc -l)" -eq 0 ]
	rc=0
	timeout 20 "$1" "${ARGS[@]}" <&- >&- 2>err || rc=$?
	[ $rc -eq 4 ]
}
@test "common: a standard input that is closed is 4" {
	each closed_input $(readers)
}

# Bad records and messages do not get into the stream, nor the stream into them.
closed_descriptors() {
	mixed >in
	arguments "$1"
	timeout 20 "$1" --dead=dead "${ARGS[@]}" in 2>&- >out
	is_two_events "$1"
	[ "$(wc -l <dead)" -eq 3 ]
	arguments "$1"
	timeout 20 "$1" --on-error=skip "${ARGS[@]}" in 2>&- <&- >out
	is_two_events "$1"
	! grep -q "^$1:" out || { echo "a message in the stream"; return 1; }
}
@test "common: with standard error closed no message gets into the stream" {
	each closed_descriptors $(filters)
}

closed_reader() {
	local status
	arguments "$1"
	set +eE +o pipefail
	trap - ERR
	events 1 100000000 2>/dev/null | "$1" "${ARGS[@]}" 2>err | head -n 1 >out
	status=("${PIPESTATUS[@]}")
	set -eE
	[ "${status[1]}" -eq 141 ]
	[ ! -s err ]
	[ "$(wc -l <out)" -eq 1 ]
}
@test "common: a reader that left is a quiet SIGPIPE" {
	each closed_reader $(filters)
}

idle_closed_reader() {
	mkfifo in out
	arguments "$1"
	"$1" "${ARGS[@]}" <in >out 2>err 3>&- &
	PID=$!
	exec 8>in 9<out
	events 1 3 >&8
	read -r -t 10 -u 9 _
	exec 9<&-
	until_true 5 gone $PID
	exec 8>&-
	rc=0
	wait $PID || rc=$?
	[ $rc -eq 141 ]
	[ ! -s err ]
}
@test "common: a reader that left is noticed while the input is silent" {
	each idle_closed_reader $(filters)
}

comes_out_at_once() {
	start_open "$1"
	events 1 3 >&8
	case $(column "$1" 3) in
	results) until_true 5 has_lines out 1 ;;
	events | values) until_true 5 has_lines out 3 ;;
	*) until_true 10 has_passed "$1" 3 ;;
	esac
	kill -0 $PID
	exec 8>&-
	exits $PID 20
	has_passed "$1" 3
}
has_passed() {
	[ "$(passed "$1" out)" -eq "$2" ]
}
@test "common: an event comes out while the input stays open" {
	each comes_out_at_once $(readers)
}

a_part_of_a_line_waits() {
	start_open "$1"
	event 1 >&8
	printf '{"ts":1795255' >&8
	until_true 5 has_lines out 1
	printf '320000}\n' >&8
	until_true 5 has_lines out 2
	exec 8>&-
	exits $PID 5
}
@test "common: a part of a line holds back nothing but itself" {
	each a_part_of_a_line_waits $(with 3 events | grep -v ksrc)
}

stops_on() {
	local signal=$1 tool=$2 rc=0
	start_open "$tool"
	events 1 3 >&8
	until_true 10 read_events "$tool"
	kill -s "$signal" $PID
	exits $PID 3 || rc=$?
	exec 8>&-
	[ $rc -eq 0 ]
	messages "$tool" err
	[ "$(column "$tool" 3)" = results ] || [ "$(passed "$tool" out)" -eq 3 ]
}
stops_on_term() { stops_on TERM "$1"; }
stops_on_int() { stops_on INT "$1"; }
@test "common: TERM while the input is open is 0 within 3 s, what was read is written" {
	each stops_on_term $(readers)
}

# A reader that reads no more holds a stage in its write; the second TERM kills it.
second_term_kills() {
	local rc=0
	events 1 100000 >in
	mkfifo out
	arguments "$1"
	"$1" "${ARGS[@]}" in >out 2>err 3>&- &
	PID=$!
	exec 9<out
	read -r -t 10 -u 9 _
	kill -s TERM $PID
	if ! until_true 2 gone $PID >/dev/null; then
		kill -s TERM $PID
		until_true 3 gone $PID
	fi
	wait $PID || rc=$?
	exec 9<&-
	# It may have seen the first before its pipe was full, and said what it dropped.
	[ $rc -eq 0 ] || { [ $rc -eq 143 ] && [ ! -s err ]; }
}
@test "common: a second TERM ends a stage whose reader does not read" {
	each second_term_kills $(filters)
}

stops_on_term_at_once() {
	local rc=0
	start_open "$1"
	kill -s TERM $PID
	exits $PID 3 || rc=$?
	exec 8>&-
	[ $rc -eq 0 ]
}
@test "common: TERM before the first event is 0 within 3 s" {
	each stops_on_term_at_once $(readers)
}

term_with_control() {
	local rc=0
	start_open "$1"
	stream "$(hello 1)" "$(event 1)" "$(event 2)" "$(event 3)" >&8
	until_true 10 read_events "$1"
	kill -s TERM $PID
	exits $PID 3 || rc=$?
	exec 8>&-
	[ $rc -eq 0 ]
	[ "$(column "$1" 3)" = results ] || grep -q '"t":"eos","how":"stop"' out
}
@test "common: TERM in a stream with control lines ends it with eos stop" {
	each term_with_control $(filters)
}

status_on_usr1() {
	start_open "$1"
	events 1 3 >&8
	until_true 10 read_events "$1"
	messages "$1" err
	grep -q ', bad 0' err
	event 4 >&8
	exec 8>&-
	exits $PID 20
	messages "$1" err
	[ "$(passed "$1" out)" -eq 4 ]
}
@test "common: USR1 prints a line of status, and the tool goes on" {
	each status_on_usr1 $(readers)
}

# --- metrics

metrics_file() {
	mixed | sample --on-error=skip --metrics-file=m.prom "$1" >out
	is_prometheus m.prom
	grep -q "^millrace_records_in_total{.*stage=\"$1\".*} 5$" m.prom
	grep -q "^millrace_bad_records_total{.*stage=\"$1\".*} 3$" m.prom
	[ "$(ls m.prom*)" = m.prom ]
}
@test "common: --metrics-file is Prometheus text, and right at the end" {
	each metrics_file $(readers)
}

metrics_odd_pipeline() {
	stream "$(hello 1 | sed 's/"p":""/"p":"a\\"b\\\\c\\nd{}"/')" "$(event 1)" "$(eos)" |
	    sample --metrics-file=m.prom "$1" >out
	is_prometheus m.prom
}
@test "common: a pipeline's name is escaped in metrics" {
	each metrics_odd_pipeline $(readers)
}

metrics_while_it_runs() {
	start_open "$1" --metrics-file=m.prom
	events 1 3 >&8
	until_true 10 grep -qs '^millrace_records_in_total{.*} 3$' m.prom
	is_prometheus m.prom
	exec 8>&-
	exits $PID 20
}
@test "common: --metrics-file is kept while the input is open" {
	each metrics_while_it_runs $(readers)
}

metrics_cannot_be_written() {
	local rc=0
	event 1 | sample --metrics-file=nosuch/m.prom "$1" >out || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err nosuch/m.prom
}
@test "common: metrics that cannot be written are 4" {
	each metrics_cannot_be_written $(readers)
}

# --- secrets

no_secret_is_said() {
	local rc canary=c4n4ry
	export PGPASSWORD=$canary SECRET=$canary
	echo $canary >secret
	chmod 600 secret
	: >said
	run_quietly() {
		rc=0
		timeout 20 "$@" </dev/null >>said 2>&1 || rc=$?
		[ $rc -ne 0 ]
		[ $rc -ne 124 ]
	}
	case $1 in
	ksrc | ksink)
		run_quietly "$1" --retry-for 1s -b 127.0.0.1:1 -X sasl.username=u -X sasl.password=@secret -X security.protocol=sasl_plaintext -X sasl.mechanism=PLAIN -e t
		run_quietly "$1" --retry-for 1s -b 127.0.0.1:1 -X sasl.username=u -X sasl.password=env:SECRET -X nosuch.property=1 -e t
		run_quietly "$1" --retry-for 1s -b 127.0.0.1:1 -X ssl.key.password=@secret -X ssl.key.location=nosuch -X security.protocol=ssl -v -e t
		;;
	pgsink)
		run_quietly "$1" --retry-for 1s -d 'host=127.0.0.1 port=1 user=u dbname=d' t
		run_quietly "$1" --retry-for 1s -d "postgresql://u:$canary@127.0.0.1:1/d" t
		run_quietly "$1" --retry-for 1s -d "host=127.0.0.1 port=1 password=$canary nosuch=1" t
		run_quietly "$1" --retry-for 1s -d "postgresql://u:$canary@127.0.0.1:x/d" t
		;;
	esac
	! grep -q $canary said || { echo "the secret was said:"; grep $canary said; return 1; }
}
@test "common: no message has a secret in it" {
	each no_secret_is_said $(with 4 kafka postgres)
}

no_environment_for_programs() {
	[ -z "$(echo '{}' | SECRET=c4n4ry "$1" '$ENV.SECRET == "c4n4ry" or env.SECRET == "c4n4ry"')" ]
}
@test "common: an expression does not see the environment" {
	each no_environment_for_programs jfilter
}
