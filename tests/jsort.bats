load helper

NONCE=0123456789abcdef0123456789abcdef
AID=${MR_BUILD:-$(dirname "$MR_BIN")}/aid

# A stream with a hello; the control lines among the arguments are sealed.
stream() {
	printf '%s\n' "{\"\$mr\":\"$NONCE\",\"t\":\"hello\",\"v\":1,\"p\":\"\",\"uid\":\"\",\"r\":0,\"path\":[],\"wm\":1,\"ok\":1" \
	    "$@" "{\"\$mr\":\"$NONCE\",\"t\":\"eos\",\"how\":\"end\",\"id\":0" | "$AID/seal"
}
wm() {
	printf '{"$mr":"%s","t":"wm","ts":%d,"idle":%d\n' "$NONCE" "$1" "${2:-0}"
}

# What a stream says, a word a line: times of events, w and the time of watermarks.
words() {
	jq -r 'if .t == "wm" then "w\(.ts)" + (if .idle == 1 then "i" else "" end)
	    elif .t then "\(.t)" else "\(.ts)" end' | paste -sd' '
}

# shuffled SEED N STEP JITTER: N times in ms, STEP apart, each late by less than JITTER.
shuffled() {
	awk -v seed="$1" -v n="$2" -v step="$3" -v jitter="$4" 'BEGIN {
		srand(seed)
		for (i = 0; i < n; i++)
			printf "%.3f {\"ts\":%.0f,\"n\":%d}\n", i * step + rand() * jitter, 1795255200000 + i * step, i
	}' | sort -n | cut -d' ' -f2-
}

@test "jsort: events come out in the order of time, ties as they came" {
	printf '{"ts":%d,"n":%d}\n' 5 1 3 2 5 3 4 4 3 5 >in
	run -0 --separate-stderr jsort --time-unit s in
	[ "$(jq -r .n <<<"$output" | paste -sd' ')" = '2 5 4 1 3' ]
	[ -z "$stderr" ]
}

@test "jsort: the bytes stay, CR LF and spaces and all" {
	printf ' { "ts" : 2.50 }\t\r\n{"ts":1.0,"s":"\\u00e9"}\n\n{"ts":1e0}' >in
	jsort --time-unit s in >out
	printf '{"ts":1.0,"s":"\\u00e9"}\n{"ts":1e0}\n { "ts" : 2.50 }\t\r\n' | cmp - out
}

@test "jsort: the time may be an expression" {
	printf '{"day":"2026-11-21","at":"%s"}\n' 10:00:02 10:00:01 >in
	run -0 jsort --time '.day + "T" + .at + "Z"' in
	[ "$(jq -r .at <<<"$output" | paste -sd' ')" = '10:00:01 10:00:02' ]
	run -3 --separate-stderr jsort --time '.day + 1' in
	[[ $stderr == 'jsort: in:1: .day + 1: '* ]]
}

@test "jsort: times are told apart to the nanosecond" {
	printf '{"ts":"2026-11-21T10:00:00.%s"}\n' 000000002Z 000000001Z 1Z 000000003Z >in
	run -0 jsort in
	[ "$(jq -r '.ts[20:29]' <<<"$output" | paste -sd' ')" = '000000001 000000002 000000003 1Z' ]
}

@test "jsort: shuffles within the lag give the same bytes, whatever the memory" {
	shuffled 1 20000 10 0 >want
	for seed in 2 3 4; do
		echo "seed $seed"
		shuffled $seed 20000 10 3000 >in
		cmp -s want in && false
		jsort --lag 3s in | cmp - want
		jsort --lag 1h in | cmp - want
	done
}

@test "jsort: what is more than --memory goes through files, in stages" {
	shuffled 5 120000 1 100000000 | jq -c '. + {pad: "0123456789012345678901234567890123456789"}' >in
	sort -t: -k2,2 -s in >want
	mkdir tmp
	TMPDIR=$PWD/tmp jsort --lag 1w --memory 1M --metrics-file m.prom in >out
	cmp want out
	[ "$(sed -n 's/^millrace_spilled_events_total{.*} //p' m.prom)" -gt 100000 ]
	[ -z "$(ls tmp)" ]
}

@test "jsort: an event is written when the watermark has come to it, no sooner" {
	mkfifo pipe
	jsort --time-unit ms --lag 10ms <pipe >out &
	exec 8>pipe
	printf '{"ts":%d}\n' 100 105 103 >&8
	printf '{"ts":%d}\n' 113 >&8
	until_true 10 grep -q 103 out
	[ "$(jq -r .ts out | paste -sd' ')" = '100 103' ]
	exec 8>&-
	wait
	[ "$(jq -r .ts out | paste -sd' ')" = '100 103 105 113' ]
}

@test "jsort: late events are dropped with a count, or kept in a file" {
	printf '{"ts":%d}\n' 1000 980 979 1000 >in
	run -0 --separate-stderr jsort --time-unit s --lag 20s in
	[ "$(jq -r .ts <<<"$output" | paste -sd' ')" = '980 1000 1000' ]
	[[ $stderr == 'jsort: late: 1 of 4 events (25 %) came too late for their place and were dropped; the latest was 21s behind the newest event: raise --lag to 22s, or '* ]]
	run -0 --separate-stderr jsort --time-unit s --lag 20s --late-to late in
	[[ $stderr == *': they are in late;'* ]]
	[ "$(cat late)" = '{"why":"late","watermark":"1970-01-01T00:16:20.000Z","time":"1970-01-01T00:16:19.000Z","line":{"ts":979}}' ]
	run -0 --separate-stderr jsort --time-unit s --lag 21s in
	[ -z "$stderr" ]
}

@test "jsort: watermarks of the stream decide, and come behind what they released" {
	stream '{"ts":30}' '{"ts":10}' "$(wm 10)" '{"ts":20}' '{"ts":10}' "$(wm 25)" '{"ts":24}' "$(wm 25 1)" \
	    '{"ts":40}' >in
	run -0 --separate-stderr jsort --time-unit ms <in
	[ "$(words <<<"$output")" = 'hello 10 w10 10 20 w25 w25i 30 40 eos' ]
	[[ $stderr == 'jsort: late: 1 of 6 events '*' raise the --lag where the watermarks are made by 1s, '* ]]
	for n in 1 7 100; do
		"$AID/chunk" $n <in | jsort --time-unit ms 2>/dev/null | diff <(echo "$output") -
	done
}

@test "jsort: with parts of a millisecond watermarks are a millisecond less" {
	stream '{"ts":10.5}' "$(wm 10)" '{"ts":10.25}' "$(wm 11)" '{"ts":12}' "$(wm 12)" >in
	run -0 --separate-stderr jsort --time-unit ms <in
	[ "$(words <<<"$output")" = 'hello w9 10.25 10.5 w10 12 w11 eos' ]
	[ -z "$stderr" ]
	stream '{"ts":10}' "$(wm 10)" '{"ts":12.5}' "$(wm 10)" >in # never back
	[ "$(jsort --time-unit ms <in | words)" = 'hello 10 w10 12.5 eos' ]
}

@test "jsort: windows behind it are those without it" {
	shuffled 6 3000 20 4000 | sed 's/,"n"/.25,"n"/' >in
	jwatermark --time-unit ms --lag 4s in >marked
	jwindow --time-unit ms --tumble 1s <marked >want
	[ "$(wc -l <want)" -gt 50 ]
	jsort --time-unit ms <marked | jwindow --time-unit ms --tumble 1s 2>err | cmp - want
	[ ! -s err ]
	jsort --time-unit ms --lag 4s --wm in | jwindow --time-unit ms --tumble 1s 2>err | cmp - want
	[ ! -s err ]
}

@test "jsort: --wm makes watermarks that hold, one each second of event time" {
	printf '{"ts":%d}\n' 10 11 30 31 >in
	run -0 jsort --time-unit s --lag 10s --wm in
	[ "$(words <<<"$output")" = 'hello w0 w1000 10 11 w20000 w21000 30 31 eos' ]
	run -0 jsort --time-unit s --lag 10s in
	[ "$(words <<<"$output")" = '10 11 30 31' ]
}

@test "jsort: a stream without watermarks stays one, and its end line stays behind the events" {
	stream '{"ts":30}' '{"ts":10}' "{\"\$mr\":\"$NONCE\",\"t\":\"end\"" | sed 's/"wm":1,/"wm":0,/; s/,"c":"[0-9a-f]*"}$//' |
	    "$AID/seal" >in
	run -0 --separate-stderr jsort --time-unit ms <in
	[ "$(words <<<"$output")" = 'hello 10 30 end eos' ]
}

@test "jsort: --idle lets the clock release what is held" {
	mkfifo pipe
	jsort --lag 100ms --idle 200ms <pipe >out &
	exec 8>pipe
	printf '{"ts":"2026-11-21T10:00:0%dZ"}\n' 2 1 >&8
	until_true 10 grep -q ':02Z' out
	exec 8>&-
	wait
	[ "$(wc -l <out)" -eq 1 ]
}

@test "jsort: a bad record, and a stage upstream that died, lose nothing that is held" {
	printf '{"ts":%s}\n' 3 2 x >in
	run -3 --separate-stderr jsort --time-unit s in
	[ "$output" = $'{"ts":2}\n{"ts":3}' ]
	[[ $stderr == "jsort: in:3: "* ]]
	stream '{"ts":3}' '{"ts":2}' | sed '$d' >torn
	run -4 --separate-stderr jsort --time-unit s <torn
	[ "$(words <<<"$output")" = 'hello 2 3' ]
}

@test "jsort: TERM writes what is held" {
	mkfifo pipe
	jsort <pipe >out 2>err &
	exec 8>pipe
	until_true 10 listens $!
	printf '{"ts":%d}\n' 12 11 >&8
	until_true 10 bash -c "kill -s USR1 $!; grep -q 'held 2' err"
	kill $!
	wait $!
	exec 8>&-
	[ "$(cat out)" = $'{"ts":11}\n{"ts":12}' ]
	[ -z "$(grep -v 'held 2\|held 0' err)" ]
}

@test "jsort: a full disk for temporary files is 4, and named" {
	shuffled 7 50000 1 100000000 >in
	run -4 --separate-stderr bash -c 'ulimit -f 100; trap "" XFSZ; TMPDIR=/tmp jsort --lag 1w --memory 1M in | cat >/dev/null; exit ${PIPESTATUS[0]}'
	[ "$stderr" = "jsort: cannot write a temporary file in '/tmp': File too large" ]
	run -4 --separate-stderr env TMPDIR=/nonexistent jsort --lag 1w --memory 1M in
	[ "$stderr" = "jsort: cannot make a temporary file in '/nonexistent': No such file or directory" ]
}

@test "jsort: bad options are 2" {
	for options in '--lag 15' '--late 5s' '--memory 12' '--memory x' '--late-to -' '--time ts+' '--time-unit h' '--max-line 2G'; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr jsort $options </dev/null
		[[ $stderr == "jsort: ${options%% *}: "* ]] || { echo "$stderr"; false; }
	done
}

@test "jsort: --max-ahead refuses a clock that is broken" {
	run -3 --separate-stderr jsort --max-ahead 1h <<<"{\"ts\":$(($(date +%s) + 86400))}"
	[[ $stderr == "jsort: stdin:1: .ts is "*" ahead of the clock: more than --max-ahead 1h" ]]
}
