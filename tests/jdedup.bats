load helper

NONCE=0123456789abcdef0123456789abcdef
AID=${MR_BUILD:-$(dirname "$MR_BIN")}/aid

# A stream with a hello; the control lines among the arguments are sealed.
stream() {
	printf '%s\n' "{\"\$mr\":\"$NONCE\",\"t\":\"hello\",\"v\":1,\"p\":\"\",\"uid\":\"\",\"r\":0,\"path\":[],\"wm\":1,\"ok\":1" \
	    "$@" "{\"\$mr\":\"$NONCE\",\"t\":\"eos\",\"how\":\"end\",\"id\":0" | "$AID/seal"
}
wm() {
	printf '{"$mr":"%s","t":"wm","ts":%d,"idle":0\n' "$NONCE" "$1"
}

# events TIME KEY ...: numbered from 1
events() {
	local n=0
	while [ $# -gt 0 ]; do
		printf '{"ts":%s,"k":"%s","n":%d}\n' "$1" "$2" $((n += 1))
		shift 2
	done
}

# What a stream says, a word a line: numbers of events, w and the time of watermarks.
words() {
	jq -r 'if .t == "wm" then "w\(.ts)" elif .t then "\(.t)" else "\(.n)" end' | paste -sd' '
}

dedup() {
	jdedup --time-unit ms --key .k --within 10ms "$@"
}

# shuffled SEED N KEYS JITTER: N times in ms, each late by less than JITTER.
shuffled() {
	awk -v seed="$1" -v n="$2" -v keys="$3" -v jitter="$4" 'BEGIN {
		srand(7)
		for (i = 0; i < n; i++)
			k[i] = int(rand() * keys)
		srand(seed)
		for (i = 0; i < n; i++)
			printf "%.3f {\"ts\":%.0f,\"k\":%d,\"n\":%d}\n", i + rand() * jitter, 1795255200000 + i, k[i], i
	}' | sort -n | cut -d' ' -f2-
}

@test "jdedup: the earliest of a key and span is kept, whatever came first" {
	events 105 a 100 a 109 a 110 a 103 b 119 a 120 a >in
	run -0 --separate-stderr dedup in
	[ "$(words <<<"$output")" = '2 5 4 7' ]
	[ -z "$stderr" ]
}

@test "jdedup: --keep last is the latest of each span, in the order in which they began" {
	events 105 a 100 a 109 a 110 a 103 b 119 a 120 a >in
	run -0 --separate-stderr dedup --keep last in
	[ "$(words <<<"$output")" = '3 5 6 7' ]
}

@test "jdedup: --keep any is the first to arrive, and looks to both sides" {
	events 105 a 100 a 114 a 115 a 96 a 95 a 106 b >in
	run -0 --separate-stderr dedup --keep any in
	[ "$(words <<<"$output")" = '1 4 6 7' ]
}

@test "jdedup: of equal times the first to arrive is first, the last is last" {
	events 5 a 5 a 5 a >in
	[ "$(dedup in | words)" = 1 ]
	[ "$(dedup --keep last in | words)" = 3 ]
	[ "$(dedup --keep any in | words)" = 1 ]
}

@test "jdedup: a span ends at D to the nanosecond" {
	for t in 00.000001Z 00.010001Z 00.010000999Z; do
		printf '{"ts":"2026-11-21T10:00:%s","k":1,"n":%d}\n' $t $((n += 1))
	done >in
	[ "$(jdedup -k .k --within 10ms in | words)" = '1 2' ]
	[ "$(jdedup -k .k --within 10ms --keep last in | words)" = '3 2' ]
	[ "$(jdedup -k .k --within 10ms --keep any in | words)" = '1 2' ]
}

@test "jdedup: keys are values, whatever their spelling; a missing one is null" {
	printf '{"ts":1%s}\n' '' ',"k":null' ',"k":"st\u0061"' ',"k":"sta"' ',"k":1' ',"k":1.0' ',"k":1e0' \
	    ',"k":[1, 2]' ',"k":[1,2]' ',"k":true' ',"k":"1"' >in
	for keep in first any; do
		run -0 jdedup --key .k --within 1s --keep $keep in
		[ "$output" = "$(sed -n '1p;3p;5p;8p;10p;11p' in)" ]
	done
}

@test "jdedup: several keys, given together or one by one, and expressions" {
	printf '{"ts":1,"a":%d,"b":%d,"n":%d}\n' 1 1 1 1 2 2 1 1 3 2 1 4 2 1 5 >in
	[ "$(jdedup -k .a,.b --within 1s in | words)" = '1 2 4' ]
	[ "$(jdedup -k .a -k .b --within 1s in | words)" = '1 2 4' ]
	[ "$(jdedup -k '[.a, .b] | add' --within 1s in | words)" = '1 2' ]
	run -3 --separate-stderr jdedup -k '.a + "x"' --within 1s in
	[[ $stderr == 'jdedup: in:1: .a + "x": '* ]]
}

@test "jdedup: the bytes stay" {
	printf ' { "ts" : 2.50 }\t\r\n{"ts":2.5}\n{"ts":3.0,"k":"\\u00e9"}' >in
	for keep in first any; do
		jdedup --time-unit s -k .k --within 1s --keep $keep in >out
		printf ' { "ts" : 2.50 }\t\r\n{"ts":3.0,"k":"\\u00e9"}\n' | cmp - out
	done
}

@test "jdedup: shuffles within the lag give the same bytes" {
	for keep in first last; do
		shuffled 1 5000 40 0 | dedup --within 100ms --keep $keep >want
		[ "$(wc -l <want)" -gt 1000 ]
		for seed in 2 3 4; do
			echo "seed $seed"
			shuffled $seed 5000 40 500 | dedup --within 100ms --lag 500ms --keep $keep | cmp - want
		done
	done
}

@test "jdedup: with copies of events any keeps what first keeps" {
	shuffled 1 3000 10 0 >once
	(cat once; sed 5q once; cat once) >twice
	jdedup --key .n --within 1h --keep any twice | cmp - once
	jdedup --key .n --within 1h twice | cmp - once
	(sed 5q once; shuffled 2 3000 10 100; sed 5q once) | jdedup --key .n --within 1h | cmp - once
}

@test "jdedup: equals group_by in jq" {
	shuffled 5 2000 30 0 >in
	dedup --within 1h in | jq -c .n >got
	jq -s -c '[group_by(.k)[] | min_by(.ts)] | sort_by(.ts)[].n' in | diff - got
	dedup --within 1h --keep last in | jq -c .n | sort -n >got
	jq -s -c '[group_by(.k)[] | max_by(.ts)] | sort_by(.ts)[].n' in | diff - got
}

@test "jdedup: what is held goes through files beyond --memory" {
	shuffled 6 60000 1000000 50000 | jq -c '. + {pad: "0123456789012345678901234567890123456789"}' >in
	dedup --within 1s --lag 1h in >want
	dedup --within 1s --lag 1h --memory 1M --metrics-file m.prom in | cmp - want
	[ "$(sed -n 's/^millrace_spilled_events_total{.*} //p' m.prom)" -gt 30000 ]
	[ "$(sed -n 's/^millrace_repeats_total{.*} //p' m.prom)" -eq $((60000 - $(wc -l <want))) ]
}

@test "jdedup: any writes at once; first when the watermark is there, with --lag 0s at once" {
	for options in '--keep any' '--lag 0s'; do
		mkfifo pipe
		# shellcheck disable=SC2086 # words
		dedup $options <pipe >out &
		exec 8>pipe
		events 100 a 101 a 102 b >&8
		until_true 10 grep -q '"b"' out
		[ "$(words <out)" = '1 3' ]
		exec 8>&-
		wait
		rm pipe
	done
}

@test "jdedup: what came late is a repeat if that can be told, else late" {
	events 100 a 118 b 105 a 106 c 150 b 111 a 109 a >in
	run -0 --separate-stderr dedup --lag 5ms in
	[ "$(words <<<"$output")" = '1 2 5' ]
	[[ $stderr == 'jdedup: late: 2 of 7 events ('*') came too late to tell what they repeat and were dropped; '* ]]
	run -0 --separate-stderr dedup --lag 5ms --late-to late in
	[ "$(jq -c .line.n late | paste -sd' ')" = '4 6' ]
	[ "$(jq -r .why late | sort -u)" = late ]
}

@test "jdedup: with any an event is late D behind the watermark" {
	events 100 a 130 b 115 a 114 c 1 d >in
	run -0 --separate-stderr dedup --lag 5ms --keep any --late-to late in
	[ "$(words <<<"$output")" = '1 2 3' ]
	[ "$(jq -c .line.n late | paste -sd' ')" = '4 5' ]
}

@test "jdedup: watermarks of the stream decide, and hold for what follows them" {
	stream '{"ts":105,"k":1,"n":1}' '{"ts":100,"k":1,"n":2}' "$(wm 100)" '{"ts":101,"k":2,"n":3}' "$(wm 104)" \
	    '{"ts":109,"k":1,"n":4}' "$(wm 110)" "$(wm 111)" '{"ts":120,"k":2,"n":5}' "$(wm 120)" >in
	run -0 --separate-stderr dedup <in
	[ "$(words <<<"$output")" = 'hello 2 w100 3 w104 w110 w111 5 w120 eos' ]
	[ -z "$stderr" ]
	run -0 --separate-stderr dedup --keep last <in
	[ "$(words <<<"$output")" = 'hello w99 4 w100 3 w111 w119 5 eos' ]
	for n in 1 7 100; do
		"$AID/chunk" $n <in | dedup --keep last | diff <(echo "$output") -
	done
	run -0 --separate-stderr dedup --keep any <in
	[ "$(words <<<"$output")" = 'hello 1 w100 3 w104 w110 w111 5 w120 eos' ]
	[ "$(sed '1d;/"n"/d' <<<"$output")" = "$(sed '1d;/"n"/d' in)" ]
}

@test "jdedup: windows behind it lose nothing to lateness" {
	shuffled 8 3000 300 200 >in
	for keep in first last any; do
		jwatermark --time-unit ms --lag 200ms --every 10ms in | dedup --within 50ms --keep $keep >marked
		jwindow --time-unit ms --tumble 100ms <marked >got 2>err
		[ ! -s err ]
		grep -v '^{"$mr"' marked | jwindow --time-unit ms --tumble 100ms --lag 1h | cmp - got
	done
}

@test "jdedup: USR1 says what was dropped and what is known" {
	mkfifo pipe
	jdedup --time-unit ms --key .k --within 10ms --lag 0s <pipe >out 2>err &
	exec 8>pipe
	until_true 10 listens $!
	events 100 a 101 a 102 b 103 a >&8
	until_true 10 bash -c "kill -s USR1 $!; grep -q ', repeats 2, keys 2, late 0, held 0, spilled 0, watermark 1970-' err"
	exec 8>&-
	wait
}

@test "jdedup: a bad record, and TERM, lose nothing that is held" {
	(events 3 a 2 a 2 b; echo '{"ts":1,') >in
	run -3 --separate-stderr dedup in
	[ "$(words <<<"$output")" = '2 3' ]
	run -3 --separate-stderr dedup --keep last in
	[ "$(words <<<"$output")" = '1 3' ]
	mkfifo pipe
	jdedup --time-unit ms --key .k --within 10ms --keep last <pipe >out 2>err &
	exec 8>pipe
	until_true 10 listens $!
	events 3 a 2 a 2 b >&8
	until_true 10 bash -c "kill -s USR1 $!; grep -q 'held 3' err"
	kill $!
	wait $!
	exec 8>&-
	[ "$(words <out)" = '1 3' ]
}

@test "jdedup: --max-state is a cap, with 4" {
	shuffled 9 20000 1000000 0 >in
	for keep in first last any; do
		run -4 --separate-stderr dedup --within 1h --keep $keep --max-state 100K --lag 0s in
		[[ $stderr =~ ^'jdedup: the state is over --max-state 102400 bytes: '[0-9]+' keys; a smaller --within'[^$'\n']*$ ]]
		dedup --within 10ms --keep $keep --max-state 100K --lag 0s in >/dev/null
	done
}

@test "jdedup: --idle lets the clock release what is held" {
	mkfifo pipe
	jdedup -k .k --within 100ms --lag 100ms --idle 200ms --keep last <pipe >out &
	exec 8>pipe
	printf '{"ts":"2026-11-21T10:00:0%dZ"}\n' 2 1 >&8
	until_true 10 grep -q ':02Z' out
	exec 8>&-
	wait
}

@test "jdedup: bad options are 2" {
	run -2 --separate-stderr jdedup --within 1s </dev/null
	[ "$stderr" = 'jdedup: no key given: --key .id' ]
	run -2 --separate-stderr jdedup --key .id </dev/null
	[[ $stderr == 'jdedup: no bound given: --within 10m; '* ]]
	for options in '--within 10' '--within 0s' '--late 5s' '--keep none' '--key x+' '--key .a,,.b' '--memory 1' '--max-state x' \
	    '--late-to -'; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr jdedup $options --key .id --within 1s </dev/null
		[[ $stderr == "jdedup: ${options%% *}: "* ]] || { echo "$stderr"; false; }
	done
}
