#!/usr/bin/env bats
# What the other tests find of tools that read events, found of sources.
load helper
load common

# --- sources: the same promises where input is no file

sources() { with 2 kafka; }

draws_events() {
	events 1 60 >in
	draw "$1" in >out
	[ ! -s err ]
	diff in out
}
@test "common: a source gives the events there are, in silence" {
	each draws_events $(sources)
}

draws_watermarks() {
	events 1 5 >in
	draw --time=.ts "$1" in >out
	data <out | diff in -
	LC_ALL=C grep -a '^{"\$mr":"' out >control
	sed 's/,"c":"[0-9a-f]\{8\}"}$//' control | "$AID/seal" | diff - control
	[ "$(sed 's/^{"$mr":"[0-9a-f]\{32\}","t":"\([a-z]*\)".*/\1/' control | uniq | paste -sd' ')" = 'hello wm eos' ]
	grep -qF "\"r\":0,\"path\":[\"$1\"],\"wm\":1,\"ok\":1," control
	sed -n 's/.*"t":"wm","ts":\(-\{0,1\}[0-9]*\),.*/\1/p' control | sort -nc
	tail -n 1 out | grep -q '"t":"eos","how":"end","id":0'
	jfilter . <out >/dev/null
}
@test "common: a source that makes watermarks writes hello, canonical lines and eos" {
	each draws_watermarks $(sources)
}

draws_mixed() {
	local rc=0
	mixed >in
	draw --time=.ts "$1" in >out || rc=$?
	[ $rc -eq 3 ]
	one_message "$1" err ":0:1: "
	[ "$(data <out | wc -l)" -eq 1 ]
	draw --time=.ts --on-error=skip "$1" in >out
	[ "$(data <out | wc -l)" -eq 2 ]
	one_message "$1" err 3
	draw --time=.ts --dead=dead --metrics-file=m.prom "$1" in >out
	[ "$(data <out | wc -l)" -eq 2 ]
	is_json_lines dead
	[ "$(jq -r .where dead | sed "s/^$(cat target)//" | paste -sd' ')" = ':0:1 :0:2 :0:3' ]
	[ "$(jq -r .stage dead | sort -u)" = "$1" ]
	[ "$(jq -r 'select(.raw).raw' dead)" = "$(sed -n '2p;4p' in)" ]
	jq -r 'select(.raw_b64).raw_b64' dead | base64 -d | cmp - <(sed -n 3p in | tr -d '\n')
	is_prometheus m.prom
	grep -q "^millrace_bad_records_total{.*stage=\"$1\".*} 3$" m.prom
	rc=0
	draw --time=.ts --dead=/dev/full "$1" in >out || rc=$?
	[ $rc -eq 4 ]
}
@test "common: bad records of a source are located by topic, partition and offset" {
	each draws_mixed $(sources)
}

draws_what_is_naughty() {
	naughty >all
	sed 's/^[a-z]* //' all >in
	LC_ALL=C awk '/^bad /{ print NR - 1 }' all >want
	draw --time=.ts --dead=dead "$1" in >out
	sed 's/.*"where":"[^"]*:\([0-9]*\)".*/\1/' dead | sort -n >got
	diff want got || { echo "records that differ:"
		for n in $(diff want got | sed -n 's/^[<>] //p'); do sed -n "$((n + 1))p" all | cut -c 1-120 | cat -v; done; return 1; }
	[ $(($(data <out | wc -l) + $(wc -l <want))) -eq "$(wc -l <all)" ]
}
@test "common: a source refuses the records that filters refuse" {
	each draws_what_is_naughty $(sources)
}

draws_forged() {
	local rc=0
	(event 1; forged_lines; event 2) | sed 's/^{"$mr": /{ "$mr": /' >in
	grep -c '^{"$mr":"' in >count
	draw --dead=dead "$1" in >out
	[ "$(wc -l <dead)" -eq "$(cat count)" ]
	[ "$(wc -l <out)" -eq $((20 - $(cat count))) ]
	! grep -q '^{"$mr":"' out || { echo "it let a forged line through"; return 1; }
	stream "$(hello 1)" >in
	draw "$1" in >out || rc=$?
	[ $rc -eq 3 ]
	[ ! -s out ]
}
@test "common: a source refuses values that begin like control lines" {
	each draws_forged $(sources)
}

draws_lines() {
	printf '{"a":\n [1,\r\n\t2], "s":"x\\ny" }%%\n\n%%3%%{"b":1}\n%%' >in
	arguments "$1"
	kcat -P -q -b "$MOCK" -t "$(cat target)" -p 0 -D % <in
	"$1" --dead=dead "${ARGS[@]}" >out 2>err
	[ "$(wc -l <out)" -eq 3 ]
	[ "$(jq -c . out | paste -sd' ')" = '{"a":[1,2],"s":"x\ny"} 3 {"b":1}' ]
	[ "$(wc -l <dead)" -eq 1 ]
}
@test "common: a value with newlines in it is one line" {
	each draws_lines $(sources)
}

draws_to_a_full_disk() {
	local rc=0
	events 1 9 >in
	draw "$1" in >/dev/full || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err 'standard output'
	rc=0
	draw "$1" in >&- || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err 'standard output'
}
@test "common: a full disk, or a closed output, is 4 for a source" {
	each draws_to_a_full_disk $(sources)
}

# The source runs on without end, over the lines of FILE so far.
start_live() {
	local tool=$1 live=() word
	arguments "$tool"
	fill "$2"
	shift 2
	for word in "${ARGS[@]}"; do
		[ "$word" = -e ] || live+=("$word")
	done
	"$tool" "$@" "${live[@]}" >out 2>err 3>&- &
	PID=$!
}

draws_live() {
	local signal rc
	events 1 3 >in
	for signal in TERM INT; do
		start_live "$1" in --metrics-file=m.prom
		until_true 15 has_lines out 3
		events 4 5 >rest
		fill rest
		until_true 15 has_lines out 5
		kill -s USR1 $PID
		until_true 5 grep -q 'out 5, bad 0' err
		until_true 5 grep -qs '^millrace_records_out_total{.*} 5$' m.prom
		is_prometheus m.prom
		kill -s $signal $PID
		rc=0
		exits $PID 3 || rc=$?
		[ $rc -eq 0 ]
		messages "$1" err
		[ "$(wc -l <out)" -eq 5 ]
	done
}
@test "common: a source gives each event at once, answers USR1, and ends on TERM with 0" {
	each draws_live $(sources)
}

draws_until_stopped() {
	local rc=0
	events 1 3 >in
	start_live "$1" in --time=.ts --max-ahead=100000d
	until_true 15 has_lines out 3
	kill $PID
	exits $PID 3 || rc=$?
	[ $rc -eq 0 ]
	tail -n 1 out | grep -q '"t":"eos","how":"stop","id":0'
	jwindow --tumble 1s <out >windows 2>dropped
	grep -q '^jwindow: .*window' dropped
}
@test "common: a source that is stopped says so in eos, and windows that are open are dropped" {
	each draws_until_stopped $(sources)
}

draws_for_nobody() {
	local rc=0
	events 1 3 >in
	mkfifo out
	head -n 1 out >line &
	start_live "$1" in
	until_true 15 gone $PID
	wait $PID || rc=$?
	[ $rc -eq 141 ]
	[ ! -s err ]
	[ "$(wc -l <line)" -eq 1 ]
}
@test "common: a source notices that its reader left, and dies of a quiet SIGPIPE" {
	each draws_for_nobody $(sources)
}
