#!/usr/bin/env bats
# What every tool promises of control lines.
load helper
load common

# --- control lines

forged_in_plain() {
	forged_lines >in
	sample "$1" <in >out
	[ "$(passed "$1" out)" -eq 18 ]
	[ "$(column "$1" 3)" != events ] || data <out | cmp - in
	[ ! -s err ]
}
@test "common: lines that look like control are data in a stream without hello" {
	each forged_in_plain $(readers)
}

forged_behind_hello() {
	forged_lines >in
	(stream "$(hello)"; cat in; stream "$(eos)") | sample "$1" >out
	# Written anew, some look like control lines of another stream.
	case $(column "$1" 3) in
	values) [ "$(wc -l <out)" -eq 20 ] ;;
	*) [ "$(passed "$1" out)" -eq 18 ] ;;
	esac
	[ "$(column "$1" 3)" != events ] || data <out | cmp - in
	[ ! -s err ]
}
@test "common: forged control lines are data in a stream with hello" {
	each forged_behind_hello $(readers)
}

hello_in_a_file() {
	local rc=0
	stream "$(hello 1)" "$(event 1)" "$(eos)" >in
	event 2 >>in
	sample --on-error=skip "$1" in >out
	[ "$(passed "$1" out)" -ge 2 ]
	(event 1; stream "$(hello 1)" "$(wm 5)") >in
	sample --on-error=skip "$1" <in >out
	[ "$(passed "$1" out)" -ge 1 ]
	messages "$1" err
}
@test "common: a hello in a file, or behind line 1, is no hello" {
	each hello_in_a_file $(filters)
}

control_passes() {
	stream "$(hello 1)" "$(event 1)" "$(wm 1795255200000)" "$(event 2)" "$(wm 1795255260000)" \
	    "$(eos)" >in
	sample "$1" <in >out
	diff <(tail -n +2 in) <(tail -n +2 out)
	sed -n 1p in | sed "s/\"there\"/\"there\",\"$1\"/; s/,\"c\":.*//" | "$AID/seal" | diff - <(sed -n 1p out)
	stream "$(hello 1)" "$(event 1)" "{\"\$mr\":\"$NONCE\",\"t\":\"end\"" "$(eos stop | sed 's/0$/42/')" >in
	sample "$1" <in >out
	diff <(tail -n +2 in) <(tail -n +2 out)
}
@test "common: a filter keeps every byte of control lines but hello's path" {
	each control_passes jfilter
}

# Of a stage that writes control lines, each is canonical, the first a hello, the last eos.
control_is_canonical() {
	events 1 5 | sample "$1" >out
	LC_ALL=C grep -a '^{"\$mr":"' out >control
	sed 's/,"c":"[0-9a-f]\{8\}"}$//' control | "$AID/seal" | diff - control
	[ "$(sed 's/^{"$mr":"[0-9a-f]\{32\}","t":"\([a-z]*\)".*/\1/' control | uniq | paste -sd' ')" = 'hello wm eos' ]
	[ "$(sed 's/^{"$mr":"\([0-9a-f]*\)".*/\1/' control | sort -u | wc -l)" -eq 1 ]
	grep -qF "\"path\":[\"$1\"],\"wm\":1,\"ok\":1," control
	sed -n 's/.*"t":"wm","ts":\(-\{0,1\}[0-9]*\),.*/\1/p' control | sort -nc
	head -n 1 out | grep -q '"t":"hello"'
	tail -n 1 out | grep -q '"t":"eos","how":"end","id":0'
	events 1 5 | sample "$1" >again
	[ "$(head -c 40 out)" != "$(head -c 40 again)" ]
}
@test "common: what makes watermarks writes hello, canonical lines and eos" {
	each control_is_canonical jwatermark
}

control_twice() {
	sample jwatermark < <(events 1 5) | "$1" --lag 1s --every 1ms >out
	[ "$(grep -c '"t":"hello"' out)" -eq 1 ]
	grep -q '"path":\["jwatermark","jwatermark.2"\]' out
	[ "$(grep -c '"t":"eos"' out)" -eq 1 ]
	"$1" <out >/dev/null
}
@test "common: watermarks can be declared again downstream" {
	each control_twice jwatermark
}

ends_without_eos() {
	local rc=0
	stream "$(hello 1)" "$(event 1)" "$(event 2)" | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err eos
	! grep -q '"t":"eos"' out || { echo "it wrote eos itself"; return 1; }
	rc=0
	stream "$(hello 1)" | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
	rc=0
	stream "$(hello 1)" | tr -d '\n' | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
	rc=0
	(stream "$(hello 1)" "$(event 1)" "$(event 2)"; stream "$(eos)" | tr -d '\n') | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
}
@test "common: a stream with hello that ends without eos is 4, with a message" {
	each ends_without_eos $(readers)
}

torn_is_no_event() {
	local rc=0
	(stream "$(hello 1)" "$(event 1)"; event 2 | tr -d '\n') | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
	case $(column "$1" 3) in
	results) ;;
	*) [ "$(passed "$1" out)" -eq 1 ] ;;
	esac
}
@test "common: a torn last line of a stream with hello is no event" {
	each torn_is_no_event $(readers)
}

# broken TOOL LINE...: a stream with the hello and these lines is 4, with a place.
broken() {
	local tool=$1 rc=0
	shift
	(stream "$(hello 1)" "$(event 1)"; printf '%s\n' "$@"; event 2; stream "$(eos)") | sample "$tool" >out || rc=$?
	[ $rc -eq 4 ] || { echo "status $rc for $*"; return 1; }
	one_message "$tool" err stdin:3:
	case $(column "$tool" 3) in
	events) [ "$(passed "$tool" out)" -eq 1 ] ;;
	esac
}

broken_control() {
	local good ts='"ts":1795255260000'
	good=$(stream "$(wm 1795255260000)")
	broken "$1" "${good%??????????}00000000\"}"
	broken "$1" "${good%?} }"
	broken "$1" "$good "
	broken "$1" "$good"$'\r'
	broken "$1" " $good"
	broken "$1" "${good/wm/vm}"
	broken "$1" "${good/\"idle\":0/\"idle\": 0}"
	broken "$1" "$(stream "{\"\$mr\":\"$NONCE\",\"t\":\"nosuch\"")"
	broken "$1" "$(stream "{\"\$mr\":\"$NONCE\",\"t\":\"wm\",\"idle\":0,$ts")"
	broken "$1" "$(stream "{\"\$mr\":\"$NONCE\", \"t\":\"wm\",$ts,\"idle\":0")"
	broken "$1" "{\"\$mr\":\"$NONCE\",\"t\":\"wm\",$ts,\"idle\":0}"
	broken "$1" "{\"a\":\"$NONCE\",$ts}"
	broken "$1" "[\"$NONCE\"]"
	broken "$1" "{\"\\u0024mr\":\"$NONCE\",$ts}"
	broken "$1" "$(stream "$(hello 1)")"
	broken "$1" "$(stream "{\"\$mr\":\"$NONCE\",\"t\":\"barrier\",\"id\":1,\"n\":1,\"done\":null,\"src\":{},\"st\":{}")"
}
@test "common: a control line that is broken, rewritten or of run mode is 4" {
	each broken_control $(filters)
}

broken_control_of_a_sink() {
	local good
	good=$(stream "$(wm 1795255260000)")
	broken "$1" "${good%??????????}00000000\"}"
	broken "$1" "$(stream "$(hello 1)")"
	broken "$1" "$(stream "{\"\$mr\":\"$NONCE\",\"t\":\"barrier\",\"id\":1,\"n\":1,\"done\":null,\"src\":{},\"st\":{}")"
}
@test "common: a sink that meets a broken control line is 4" {
	each broken_control_of_a_sink $(with 3 kafka postgres)
}

broken_hello() {
	local good line rc
	good=$(stream "$(hello 1)")
	for line in "${good%??????????}00000000\"}" "${good/\"v\":1/\"v\":2}" \
	    "$(stream "$(hello 1 | sed 's/"v":1/"v":2/')")" "$(stream "$(hello 1 | sed 's/"wm":1,"ok":1/"ok":1,"wm":1/')")"; do
		rc=0
		(printf '%s\n' "$line"; event 1; stream "$(eos)") | sample "$1" >out || rc=$?
		[ $rc -eq 4 ] || { echo "status $rc for $line"; return 1; }
		one_message "$1" err stdin:1:
	done
}
@test "common: a hello that is broken or of another version is 4" {
	each broken_hello $(readers)
}

behind_eos() {
	local rc=0
	stream "$(hello 1)" "$(event 1)" "$(eos)" "$(event 2)" | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err stdin:4:
	rc=0
	stream "$(hello 1)" "$(event 1)" "$(eos)" "$(eos)" | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
}
@test "common: a line behind eos is 4" {
	each behind_eos $(readers)
}

run_mode() {
	local rc=0
	stream "$(hello 1 | sed 's/"r":0/"r":7/')" "$(event 1)" "$(eos)" | sample "$1" >out || rc=$?
	[ $rc -eq 2 ]
	[ ! -s out ]
	one_message "$1" err MILLRACE_STATE
}
@test "common: a stream in run mode without a state directory is 2, naming MILLRACE_STATE" {
	each run_mode $(readers)
}

control_and_bad_records() {
	(stream "$(hello 1 0)" "$(event 1)" "$(wm 5)"; printf '{oops\n'; stream "$(event 2)" "$(eos)") >in
	sample --dead=dead "$1" <in >out
	is_two_events "$1"
	[ "$(jq -r .where dead)" = stdin:4 ]
}
@test "common: control lines count in line numbers, and are never dead letters" {
	each control_and_bad_records $(readers)
}
