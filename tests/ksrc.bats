load helper
load mock

@test "ksrc: -e prints what is there, byte for byte, and ends" {
	printf '%s\n' '{"n": 1.0}' '[1, 2]' '"ä"' '{ "a":1e400}' | put
	run -0 --separate-stderr ksrc -e "$T"
	[ "$output" = '{"n": 1.0}
[1, 2]
"ä"
{ "a":1e400}' ]
	[ -z "$stderr" ]
}

@test "ksrc: all partitions, one partition, several topics, -t" {
	for p in 0 1 2 3; do echo "{\"p\":$p}" | put $p; done
	echo '{"p":"other"}' | kcat -P -b "$MOCK" -t "$T-2" -p 3
	run -0 ksrc -e "$T"
	[ "$(sort <<<"$output")" = '{"p":0}
{"p":1}
{"p":2}
{"p":3}' ]
	run -0 ksrc -e -p 2 "$T"
	[ "$output" = '{"p":2}' ]
	run -0 ksrc -e -t "$T-2" "$T" "$T"
	[ "$(wc -l <<<"$output")" -eq 5 ]
}

@test "ksrc: -o N, -N, end, and what the broker does not have" {
	seq 10 | put
	run -0 ksrc -e -p 0 -o 7 "$T"
	[ "$output" = '8
9
10' ]
	run -0 ksrc -e -p 0 -o -2 "$T"
	[ "$output" = '9
10' ]
	run -0 ksrc -e -p 0 -o -100 "$T"
	[ "$(wc -l <<<"$output")" -eq 10 ]
	run -0 ksrc -e -o end "$T"
	[ -z "$output" ]
	run -4 ksrc -e -p 0 -o 11 "$T"
	[ "$output" = "ksrc: $T:0: the broker has offsets 0 to 10, not 11: check -o" ]
}

@test "ksrc: -c ends after so many lines" {
	seq 1000 | put
	run -0 ksrc -c 3 "$T"
	[ "$output" = '1
2
3' ]
	run -0 ksrc -c 0 "$T"
	[ -z "$output" ]
}

@test "ksrc: what comes later comes out at once; TERM ends it with 0" {
	echo 1 | put
	ksrc "$T" >out 3>&- &
	pid=$!
	until_true 10 test -s out
	echo 2 | put 1
	until_true 5 eval '[ "$(wc -l <out)" -eq 2 ]'
	kill $pid
	wait $pid
	[ "$(cat out)" = '1
2' ]
}

@test "ksrc: -e does not follow what is written while it reads" {
	seq 2000 | put
	# A reader that waits until more was written: the pinned end is older.
	ksrc -e "$T" 3>&- | { read -r; seq 5 | put; cat; } >out
	[ "$(wc -l <out)" -eq 1999 ]
}

@test "ksrc: null values are skipped and counted, empty ones are bad" {
	printf 'k:\nk:1\n:2\n' | kcat -P -b "$MOCK" -t "$T" -p 0 -K: -Z
	run -0 --separate-stderr ksrc -e "$T"
	[ "$output" = '1
2' ]
	[ "$stderr" = 'ksrc: 1 record with a null value skipped: -J writes them' ]
	run -0 --separate-stderr ksrc -q -e "$T"
	[ -z "$stderr" ]
	printf 'k:\n' | kcat -P -b "$MOCK" -t "$T" -p 0 -K:
	run -3 --separate-stderr ksrc -e "$T"
	[[ $stderr == "ksrc: $T:0:3: cannot parse record: "* ]]
}

@test "ksrc: a JSON text with line ends in it becomes one line" {
	printf '{\n "a":\r\n [1,\n2]}\n|"x"\n|' | kcat -P -b "$MOCK" -t "$T" -p 0 -D'|'
	run -0 ksrc -e "$T"
	[ "$output" = '{  "a":   [1, 2]}
"x"' ]
}

@test "ksrc: what is not one JSON text is a bad record with its place" {
	printf '{"a":1}|{"a":\n|{} {}|x\xffy|{"$mr":"0123"}|{"b":1}|' | kcat -P -b "$MOCK" -t "$T" -p 1 -D'|'
	run -3 --separate-stderr ksrc -e "$T"
	[ "$output" = '{"a":1}' ]
	[[ $stderr == "ksrc: $T:1:1: cannot parse record: "* ]]
	run -0 --separate-stderr ksrc -e --on-error skip "$T"
	[ "$output" = '{"a":1}
{"b":1}' ]
	[[ $stderr == *'4 bad records skipped'*"$T:1:1"* ]]
	run -0 --separate-stderr ksrc -e --dead dead "$T"
	[ "$(jq -r .where dead)" = "$T:1:1
$T:1:2
$T:1:3
$T:1:4" ]
	[ "$(sed -n 3p dead | jq -r .raw_b64 | base64 -d | od -An -tx1 | tr -d ' ')" = 78ff79 ]
	[ "$(sed -n 4p dead | jq -r .raw)" = '{"$mr":"0123"}' ]
}

@test "ksrc: --check none does not look, but a line is a line and control is not forged" {
	printf '{"a":|b\nc|{"$mr":"0123"}|' | kcat -P -b "$MOCK" -t "$T" -p 0 -D'|'
	run -0 --separate-stderr ksrc -e --check none --on-error skip "$T"
	[ "$output" = '{"a":
b c' ]
	[[ $stderr == *"1 bad record skipped"*"imitates a control line"* ]]
}

@test "ksrc: --max-line holds for values" {
	printf '"%0100d"\n1\n' 0 | put
	run -0 --separate-stderr ksrc -e --max-line 64 --on-error skip "$T"
	[ "$output" = 1 ]
	[[ $stderr == *"longer than --max-line 64"* ]]
}

@test "ksrc: -K writes the key before the value" {
	printf 'a:1\n:2\n' | kcat -P -b "$MOCK" -t "$T" -p 0 -K:
	run -0 ksrc -e -K ' => ' "$T"
	[ "$output" = 'a => 1
 => 2' ]
}

@test "ksrc: -J is kcat's envelope, lossless" {
	printf 'k:v\n' | kcat -P -b "$MOCK" -t "$T" -p 0 -K: -H a=1 -H a=2 -H e=
	printf 'k:\n' | kcat -P -b "$MOCK" -t "$T" -p 0 -K: -Z
	printf '\xff\x00:\xfe\x01\n' | kcat -P -b "$MOCK" -t "$T" -p 0 -K:
	ksrc -e -J "$T" >out
	[ "$(sed -n 1p out | jq -c '[.topic, .partition, .offset, .tstype, .headers, .key, .payload, .broker]')" = \
	    "[\"$T\",0,0,\"create\",[[\"a\",\"1\"],[\"a\",\"2\"],[\"e\",\"\"]],\"k\",\"v\",1]" ]
	[ "$(sed -n 2p out | jq -c '[.key, .payload, has("headers")]')" = '["k",null,false]' ]
	[ "$(sed -n 3p out | jq -c '[.key_b64, .payload_b64, has("key"), has("payload")]')" = \
	    '["/wA=","/gE=",false,false]' ]
	# the names and values kcat itself gives
	kcat -C -q -e -J -b "$MOCK" -t "$T" -p 0 | head -n 2 | jq -c 'del(.headers)' >kcat
	[ "$(head -n 2 out | jq -c 'del(.headers)')" = "$(cat kcat)" ]
}

# The event times of the wm lines of a stream.
watermarks() {
	jq -r 'select(.t=="wm") | .ts' <<<"$1"
}

@test "ksrc: --time writes hello, watermarks of the slowest partition, eos" {
	printf '{"ts":%d}\n' 100000 102000 | put 0
	printf '{"ts":%d}\n' 100500 104000 | put 1
	run -0 --separate-stderr ksrc -e --time .ts --time-unit ms --lag 1s "$T"
	[ "$(head -n 1 <<<"$output" | jq -c '[.t, .wm, .ok, .path]')" = '["hello",1,1,["ksrc"]]' ]
	[ "$(tail -n 1 <<<"$output" | jq -c '[.t, .how]')" = '["eos","end"]' ]
	[ "$(jq -c 'select(.t|not) | .ts' <<<"$output" | tr '\n' ' ')" = '100000 100500 104000 102000 ' ]
	# of the one behind; when both have ended eos says all
	[ "$(watermarks "$output" | tr '\n' ' ')" = '99000 101000 ' ]
}

@test "ksrc: without --time there are no control lines" {
	echo '{}' | put
	run -0 ksrc -e "$T"
	[ "$output" = '{}' ]
}

@test "ksrc: an event without its time, or far ahead, is a bad record" {
	printf '%s\n' '{"ts":"2026-01-01T00:00:00Z"}' '{"a":1}' '{"ts":"soon"}' | put
	run -0 --separate-stderr ksrc -e --time .ts --on-error skip "$T"
	[[ $stderr == *"2 bad records skipped, the first: $T:0:1: .ts: "* ]]
	printf '{"ts":"2090-01-01T00:00:00Z"}\n' | put
	run -0 --separate-stderr ksrc -e --time .ts --on-error skip "$T"
	[[ $stderr == *"2 bad records"* ]]		# with -e nothing is ahead
	run -3 --separate-stderr ksrc -o 3 -p 0 --time .ts "$T"
	[[ $stderr == "ksrc: $T:0:3: .ts: "* ]]
	run -0 ksrc -c 1 -o 3 -p 0 --time .ts --max-ahead 9999w "$T"
}

@test "ksrc: an idle partition stops holding the watermark back" {
	printf '{"ts":%d}\n' 100000 | put 0
	ksrc --time .ts --time-unit ms --lag 0 --idle 1s "$T" >out 3>&- &
	pid=$!
	until_true 10 eval 'grep -q "\"t\":\"wm\",\"ts\":1[0-9]*" out'
	kill $pid
	wait $pid
	[ "$(tail -n 1 out | jq -c '[.t, .how]')" = '["eos","stop"]' ]
}

@test "ksrc: partitions loaded one after the other come out in the order of time" {
	for p in 0 1 2 3; do
		for ((i = p; i < 4000; i += 4)); do printf '{"ts":%d}\n' $((1700000000000 + i * 60000)); done |
		    put $p
	done
	ksrc -e --time .ts "$T" | jq -r 'select(.t|not) | .ts' >out
	[ "$(wc -l <out)" -eq 4000 ]
	# never further back than a second, though each batch spans hours
	awk '{ if ($1 < max - 61000) bad++; if ($1 > max) max = $1 } END { exit bad != 0 }' out
}

@test "ksrc: -G commits what it wrote, -e works with it" {
	seq 5 | put
	run -0 --separate-stderr ksrc -e -G "g$T" "$T"
	[ "$output" = '1
2
3
4
5' ]
}

@test "ksrc: no broker: status 4 after --retry-for, with the address" {
	KAFKA_BROKERS=127.0.0.1:1 run -4 --separate-stderr ksrc --retry-for 300ms x
	[[ $stderr == "ksrc: no broker at '127.0.0.1:1' answers for 300ms: "*"Connection refused"*"KAFKA_BROKERS"* ]]
	run -4 --separate-stderr ksrc --retry-for 300ms -b nosuch.invalid x
	[[ $stderr == *"nosuch.invalid"*"resolve"* ]]
}

@test "ksrc: TERM while no broker answers ends it with 0" {
	ksrc -b 127.0.0.1:1 --retry-for inf x 2>err 3>&- &
	pid=$!
	until_true 10 grep -q 'trying for ever' err
	kill $pid
	wait $pid
}

@test "ksrc: configuration: file, KCAT_CONFIG, home, environment, -X, -b" {
	echo 1 | put
	unset KAFKA_BROKERS
	printf '# a comment\n\n bootstrap.servers = %s \ntopic.auto.offset.reset=error\n' "$MOCK" >conf
	run -0 ksrc -F conf -e "$T"
	[ "$output" = 1 ]
	KCAT_CONFIG=conf run -0 ksrc -e "$T"
	[ "$output" = 1 ]
	mkdir -p home/.config && cp conf home/.config/kcat.conf
	HOME=$PWD/home run -0 ksrc -e "$T"
	[ "$output" = 1 ]
	echo "$MOCK" >address
	KAFKA_BROKERS=127.0.0.1:1 run -0 ksrc -X bootstrap.servers=@address -e "$T"
	[ "$output" = 1 ]
	A=$MOCK run -0 ksrc -X bootstrap.servers=env:A -e "$T"
	[ "$output" = 1 ]
	run -0 ksrc -X bootstrap.servers=127.0.0.1:1 -b "$MOCK" -e "$T"
	[ "$output" = 1 ]
}

@test "ksrc: wrong use is 2 and names what is wrong" {
	wrong() {
		local words=$1
		shift
		run -2 --separate-stderr ksrc "$@"
		[[ $stderr == "ksrc: "*"$words"* ]] || { echo "$stderr"; return 1; }
		[ -z "$output" ]
	}
	wrong 'no topic given'
	wrong "-o 'nowhere'" -o nowhere t
	wrong '-o stored needs -G' -o stored t
	wrong '-p has no use with -G' -p 0 -G g t
	wrong '-K has no use with -J' -K: -J t
	wrong '--time has no use with -K' -K: --time .ts t
	wrong "no.such.property" -X no.such.property=1 t
	wrong "is not name=value" -X list t
	wrong "queued.min.messages" -X queued.min.messages=many t
	wrong "the variable is not set" -X sasl.username=env:NO_SUCH_VARIABLE t
	wrong "cannot open 'nosuch'" -F nosuch t
	printf 'a=b\n' >conf
	wrong "conf:1: property 'a'" -F conf t
	wrong "--retry-for" --retry-for 5 t
	wrong '--time' --time ts t
	MILLRACE_STATE=/nowhere wrong 'unset MILLRACE_STATE' t
	run -2 ksrc -p 9 -e "$T"
	[[ $output == *"topic '$T' has no partition 9, it has 4" ]]
}

@test "ksrc: a secret on the command line is refused, and never shown" {
	run -2 --separate-stderr ksrc -X sasl.password=hunter2 t
	[[ $stderr == *'sasl.password=@FILE'* ]]
	[[ $stderr != *hunter2* ]]
}

@test "ksrc: USR1 prints a line of status, --metrics-file the lag" {
	seq 3 | put
	ksrc --metrics-file m.prom "$T" >out 2>err 3>&- &
	pid=$!
	until_true 10 eval '[ "$(wc -l <out)" -eq 3 ]'
	kill -USR1 $pid
	until_true 5 grep -q 'out 3, bad 0, lag 0, null 0' err
	until_true 5 grep -q 'millrace_kafka_lag_records{pipeline="",stage="ksrc"} 0' m.prom
	kill $pid
	wait $pid
}

@test "ksrc: a closed reader ends it, quietly" {
	seq 100000 | put
	run -141 --separate-stderr bash -c 'set -o pipefail; ksrc "$T" | head -n 1'
	[ -z "$stderr" ]
	run -4 bash -c 'ksrc -e "$T" >/dev/full'
}

@test "ksrc: -M serves until TERM" {
	ksrc -M 3 >address 3>&- &
	pid=$!
	until_true 5 test -s address
	[ "$(tr ',' '\n' <address | wc -l)" -eq 3 ]
	echo '{}' | ksink -b "$(cat address)" x
	run -0 ksrc -b "$(cat address)" -e x
	[ "$output" = '{}' ]
	kill $pid
	wait $pid
}

@test "ksrc: options that mean nothing without --time are refused without it" {
	run -2 --separate-stderr ksrc --lag 5m t
	[ "$stderr" = "ksrc: --lag needs --time" ]
}

@test "ksrc: a group without a name is refused" {
	run -2 --separate-stderr ksrc -G '' -e t
	[ "$stderr" = "ksrc: -G: the group has no name" ]
}
