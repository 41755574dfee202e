load helper

# The event times of the wm lines of a stream, one a line.
watermarks() {
	sed -nE 's/^\{"\$mr":"[0-9a-f]{32}","t":"wm","ts":(-?[0-9]+),.*/\1/p'
}

@test "jwatermark: hello, events, watermarks behind them, eos" {
	printf '{"ts":%d}\n' 100000 101000 101500 105000 >in
	run -0 --separate-stderr jwatermark --time-unit ms --lag 2s in
	[ "$(head -n 1 <<<"$output" | jq -r '.t + " " + (.wm|tostring) + " " + (.path|tostring)')" = \
	    'hello 1 ["jwatermark"]' ]
	[ "$(tail -n 1 <<<"$output" | jq -r '.t + .how')" = eosend ]
	# 98000 at the first, 99000 a second on, nothing at 101500, 103000 behind the last
	[ "$(watermarks <<<"$output")" = '98000
99000
103000' ]
	[ "$(jq -c 'select(.ts and (has("t")|not))' <<<"$output")" = "$(cat in)" ]
}

@test "jwatermark: --every 0 writes one behind each event that advances it" {
	run -0 jwatermark --time-unit ms --lag 0 --every 0 <<<'{"ts":5}
{"ts":3}
{"ts":6}'
	[ "$(watermarks <<<"$output")" = '5
6' ]
	[ "$(sed -n 3p <<<"$output" | jq -r .t)" = wm ]
}

@test "jwatermark: a missing or bad time is a bad record" {
	run -3 --separate-stderr jwatermark <<<'{"x":1}'
	[[ $stderr == "jwatermark: stdin:1: .ts: "* ]]
	run -0 --separate-stderr jwatermark --on-error skip --time .at.t <<<'{"at":{"t":"2026-02-30T00:00:00Z"}}
{"at":{"t":"2026-02-28T00:00:00Z"}}'
	[ "$(grep -c '"at"' <<<"$output")" -eq 1 ]
	[[ $stderr == "jwatermark: 1 bad record skipped"* ]]
}

@test "jwatermark: --max-ahead refuses a clock that is broken" {
	future=$(($(date +%s) + 86400))
	run -3 --separate-stderr jwatermark --max-ahead 1h <<<"{\"ts\":$future}"
	[[ $stderr == "jwatermark: stdin:1: .ts: "*"ahead"* ]]
	run -0 jwatermark --max-ahead 2d <<<"{\"ts\":$future}"
}

@test "jwatermark: --idle lets the clock advance it while input is silent" {
	mkfifo pipe
	jwatermark --lag 0 --idle 200ms <pipe >out &
	exec 8>pipe
	echo '{"ts":1000000}' >&8
	for _ in $(seq 100); do
		[ "$(watermarks <out | tail -n 1)" -gt 1000000000 ] 2>/dev/null && break
		sleep 0.1
	done
	[ "$(watermarks <out | tail -n 1)" -gt 1000000000 ]
	exec 8>&-
	wait
}

@test "jwatermark: replaces the watermarks that come in" {
	printf '{"ts":%d}\n' 100 200 >in
	jwatermark --lag 50s in | jwatermark --lag 10s >out
	[ "$(watermarks <out)" = '90000
190000' ]
	[ "$(head -n 1 out | jq -c .path)" = '["jwatermark","jwatermark.2"]' ]
}

@test "jwatermark: jfilter passes its lines on" {
	printf '{"ts":%d}\n' 100 200 | jwatermark --lag 10s | jfilter '.ts > 100' >out
	[ "$(watermarks <out)" = '90000
190000' ]
	[ "$(head -n 1 out | jq -c .path)" = '["jwatermark","jfilter"]' ]
	[ "$(tail -n 1 out | jq -r .t)" = eos ]
}

@test "jwatermark: --time takes an expression" {
	printf '%s\n' '{"day":"1970-01-01","at":"00:00:05"}' '{"day":"1970-01-02","at":"00:00"}' >in
	run -0 jwatermark --lag 0 --time '.day + "T" + .at + "Z"' in
	[ "$(watermarks <<<"$output")" = '5000
86400000' ]
	run -3 --separate-stderr jwatermark --time '.day + .n.x[0] | .y' in
	[[ $stderr == "jwatermark: in:1: .day + .n.x[0] | .y: expression failed: Cannot index string with"* ]]
	run -3 --separate-stderr jwatermark --time 'empty' in
	[[ $stderr == "jwatermark: in:1: empty: "*missing* ]]
	# an expression that looks into values does not take the word of a stage before it
	run -3 --separate-stderr jwatermark --check none --time '.ts|length' <<<'{"ts":[1,2}'
	[[ $stderr == "jwatermark: stdin:1: cannot parse record: "* ]]
}

# --- punctuated watermarks

@test "jwatermark: --at moves the watermark where an event says, and nothing else does" {
	printf '%s\n' '{"ts":100}' '{"ts":500}' '{"upto":90}' '{"ts":120,"upto":null}' \
	    '{"ts":200,"upto":150}' '{"ts":300,"upto":80}' '{"ts":300,"upto":false}' '{"ts":400,"upto":true}' >in
	jwatermark --at .upto in >out
	[ "$(watermarks <out)" = '90000
150000
400000' ]
	# behind the event that says so, at once, whatever --every says
	jwatermark --at .upto --every 1h in >out
	[ "$(watermarks <out)" = '90000
150000
400000' ]
	[ "$(grep -A1 '"upto":150' out | tail -n 1 | jq -r .t)" = wm ]
	[ "$(grep -v '"[$]mr"' out)" = "$(cat in)" ]
	# with a lag the times of events count as well
	[ "$(jwatermark --at .upto --lag 400s in | watermarks)" = '-300000
100000
150000
400000' ]
}

@test "jwatermark: --at takes an expression; windows close where it says" {
	printf '%s\n' '{"ts":0}' '{"ts":61}' '{"ts":59}' '{"type":"done","ts":60}' '{"ts":58}' >in
	run -0 --separate-stderr bash -c "jwatermark --at '.type == \"done\"' in | jwindow --tumble 1m --agg n=count"
	[ "$(jq -c .n <<<"$output")" = '2
2' ]
	[[ $stderr == "jwindow: late: 1 of 5 events"* ]]
	run -0 jwatermark --at 'select(.type == "done") | .ts - 1' in
	[ "$(watermarks <<<"$output")" = 59000 ]
}

@test "jwatermark: --at that is no time is a bad record" {
	run -3 --separate-stderr jwatermark --at .x <<<'{"ts":1,"x":"soon"}'
	[[ $stderr == "jwatermark: stdin:1: .x: "* ]]
	run -3 --separate-stderr jwatermark --at .x <<<'{"x":true}'
	[[ $stderr == "jwatermark: stdin:1: .ts: missing"* ]]
	run -3 --separate-stderr jwatermark --at .x <<<'{"x":null}'
	[[ $stderr == "jwatermark: stdin:1: .ts: missing"* ]]
	run -3 --separate-stderr jwatermark --at .x --max-ahead 1h <<<'{"x":"9999-01-01"}'
	[[ $stderr == "jwatermark: stdin:1: .x: "*ahead* ]]
}

# --- partitions

@test "jwatermark: --partition keeps a watermark each, and writes the least" {
	printf '{"topic":"t","partition":%d,"payload":{"ts":%d}}\n' 0 100 1 10 0 200 1 20 1 150 0 300 >in
	jwatermark --time .payload.ts --partition .partition --lag 0 --every 0 in >out
	# the first event is all there is; the watermark never goes back
	[ "$(watermarks <out)" = '100000
150000' ]
	jwatermark --time .payload.ts --partition .partition --partitions 2 --lag 0 --every 0 in >out
	[ "$(watermarks <out)" = '10000
20000
150000' ]
	[ -z "$(jwatermark --time .payload.ts --partition .partition --partitions 3 in | watermarks)" ]
	[ "$(jwatermark --time .payload.ts --partition '.partition % 1' --lag 0 --every 0 in | watermarks)" = '100000
200000
300000' ]
}

@test "jwatermark: a slow partition is late without --partition, and not with it" {
	for i in $(seq 0 99); do
		printf '{"p":%d,"ts":%d}\n' 0 $((1000 + i * 10)) 1 $((i * 10))
	done >in
	run -0 --separate-stderr bash -c 'jwatermark --lag 5s in | jwindow --tumble 1m --agg n=count'
	[[ $stderr == "jwindow: late: 100 of 200 events"* ]]
	run -0 --separate-stderr bash -c 'jwatermark --partition .p --partitions 2 --lag 5s in | jwindow --tumble 1m --agg n=count'
	[ -z "$stderr" ]
	[ "$(jq -s 'map(.n) | add' <<<"$output")" -eq 200 ]
}

@test "jwatermark: a punctuation speaks for its partition" {
	printf '%s\n' '{"p":1,"ts":5,"upto":5}' '{"p":2,"ts":3}' '{"p":1,"ts":9,"upto":9}' \
	    '{"p":2,"upto":4}' '{"p":2,"upto":20}' >in
	[ "$(jwatermark --partition .p --partitions 2 --at .upto in | watermarks)" = '4000
9000' ]
}

@test "jwatermark: --idle lets go of a silent partition, which wakes up" {
	mkfifo pipe
	jwatermark --lag 0 --every 0 --partition .p --partitions 2 --idle 500ms <pipe >out &
	pid=$!
	exec 8>pipe
	printf '{"p":"%s","ts":%d}\n' a 1000 b 10 >&8
	until_true 10 grep -q '"ts":10000,' out
	# b says nothing more: in the end a alone decides
	until_true 10 eval "echo '{\"p\":\"a\",\"ts\":2000}' >&8; grep -q '\"ts\":2000000,' out"
	# b is back, behind: it holds the watermark, which does not go back
	printf '{"p":"%s","ts":%d}\n' b 20 a 3000 b 2500 >&8
	until_true 10 grep -q '"ts":2500000,' out
	kill -USR1 $pid
	exec 8>&-
	wait $pid
	[ "$(watermarks <out | grep -E '^(10000|2000000|2500000|3000000)$' | uniq)" = '10000
2000000
2500000' ]
}

@test "jwatermark: a key is no partition" {
	awk 'BEGIN { for (i = 0; i < 10050; i++) printf "{\"ts\":%d,\"id\":%d}\n", i, i }' >in
	run -3 --separate-stderr jwatermark --partition .id in
	[ "$stderr" = "jwatermark: in:10001: .id has more than 10000 values: it is no partition" ]
}

# --- how late events come

# Times that wander back by up to so many ms.
wander() {
	awk -v seed="$1" -v back="$2" -v n="$3" 'BEGIN {
		srand(seed)
		for (i = 0; i < n; i++) {
			d = rand() < 0.3 ? int(back * rand() ^ 4) : 0
			printf "{\"ts\":%d,\"p\":%d}\n", 1000000000 + i * 7 - d, rand() * 3
		}
	}'
}

@test "jwatermark: a length of time that is none names its option" {
	for option in --every --idle --lag --max-ahead; do
		run -2 --separate-stderr jwatermark $option 5 </dev/null
		[ "$stderr" = "jwatermark: $option: bare number '5': a duration needs a unit, such as 5s" ]
	done
}

@test "jwatermark: --advise is right: a window of 1 ms calls late what it says" {
	seed=${SEED:-$RANDOM}
	echo "# SEED=$seed" >&3
	wander "$seed" 5000 20000 >in
	for lag in 4s 250ms 1ms 0; do
		run -0 --separate-stderr jwatermark --advise --time-unit ms --lag $lag in
		[ -z "$stderr" ]
		says=$(sed -n 's/^with --lag .* late: \([0-9]*\) .*/\1/p' <<<"$output")
		is=$(jwindow --tumble 1ms --time-unit ms --lag $lag in 2>&1 >/dev/null |
		    sed -n 's/^jwindow: late: \([0-9]*\) of.*/\1/p')
		[ "$says" = "${is:-0}" ]
	done
	[ "$says" -gt 1000 ] # of lag 0
	# each row of the table
	grep -E '^(99|all)' <<<"$output" >rows
	[ "$(wc -l <rows)" -eq 4 ]
	while read -r name lag late; do
		case $name in 99) most=200 ;; 99.9) most=20 ;; 99.99) most=2 ;; *) most=0 ;; esac
		is=$(jwindow --tumble 1ms --time-unit ms --lag "$lag" in 2>&1 >/dev/null |
		    sed -n 's/^jwindow: late: \([0-9]*\) of.*/\1/p')
		[ "${is:-0}" = "$late" ]
		[ "$late" -le "$most" ]
	done < <(sed 's/ %//' rows)
	# the suggestion keeps its word
	says=$(grep '^suggestion: ' <<<"$output")
	lag=$(sed 's/^suggestion: --lag \([^,]*\),.*/\1/' <<<"$says")
	run -0 --separate-stderr jwindow --tumble 1ms --time-unit ms --lag "$lag" in
	if [[ $says == *"no event is late"* ]]; then
		[ -z "$stderr" ]
	else
		late=$(sed 's/.* with which \([0-9]*\) .*/\1/' <<<"$says")
		[[ $stderr == "jwindow: late: $late of 20000 "* ]]
	fi
}

@test "jwatermark: --advise by partition, of nothing, of a stream, without a stream" {
	for i in $(seq 0 99); do
		printf '{"p":%d,"ts":%d}\n' 0 $((1000 + i * 10)) 1 $((i * 10))
	done >in
	run -0 jwatermark --advise in
	[[ $output == *"behind    100 (50 %), by 16m40s at most"* ]]
	run -0 jwatermark --advise --partition .p in
	[[ $output == *$'\nbehind    0 (0 %)\n'* ]]
	[[ $output == *"suggestion: --lag 0s, with which no event is late" ]]
	run -0 jwatermark --advise </dev/null
	[ "$output" = 'events    0' ]
	run -0 bash -c 'jwatermark --lag 0 in | jwatermark --advise'
	[ "$(head -n 1 <<<"$output")" = 'events    200' ]
	[[ $output != *'$mr'* ]]
	run -2 --separate-stderr jwatermark --advise --at .x in
	[[ $stderr == "jwatermark: --advise "* ]]
	for options in '--every 1s' '--idle 1s' '--partition .p --partitions 2'; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr jwatermark --advise $options in
		[[ $stderr == "jwatermark: --advise writes no watermarks, and has no use for --"* ]]
	done
	run -2 --separate-stderr jwatermark --partitions 3 in
	[ "$stderr" = 'jwatermark: --partitions needs --partition' ]
	run -2 --separate-stderr jwatermark --partition .p --partitions 10001 in
	[[ $stderr == 'jwatermark: --partitions'* ]]
}

@test "jwatermark: --advise of a live stream ends with ^C and its report" {
	mkfifo pipe
	jwatermark --advise --metrics-file m.prom <pipe >out &
	pid=$!
	exec 8>pipe
	printf '{"ts":%d}\n' 100 90 >&8
	until_true 10 grep -qs '^millrace_records_in_total{.*} 2$' m.prom
	kill -INT $pid
	wait $pid
	exec 8>&-
	[ "$(head -n 2 out)" = 'events    2
behind    1 (50 %), by 10s at most' ]
}

@test "jwatermark: USR1 says how late events come, --metrics-file too" {
	mkfifo pipe
	jwatermark --lag 5s --partition .p --metrics-file m.prom <pipe >out 2>err &
	pid=$!
	exec 8>pipe
	{
		for i in $(seq 98); do echo "{\"ts\":$i}"; done
		echo '{"ts":97}'
		echo '{"ts":88}'
	} >&8
	until_true 10 grep -qs '^millrace_records_in_total{.*} 100$' m.prom
	kill -USR1 $pid
	until_true 10 grep -q behind err
	exec 8>&-
	wait $pid
	[ "$(cat err)" = 'jwatermark: in 100, out 100, bad 0, watermark 1970-01-01T00:01:33.000Z, partitions 1 (0 idle), behind p50 0s p90 0s p99 1.007s p99.9 10s max 10s, late 1 of 100 (1 %)' ]
	grep -q '^millrace_late_events_total{.*} 1$' m.prom
	grep -q '^millrace_event_delay_max_seconds{.*} 10$' m.prom
	grep -q '^millrace_event_delay_p99_seconds{.*} 1.007$' m.prom
	grep -q '^millrace_watermark_timestamp_seconds{.*} 93$' m.prom
}

@test "jwatermark: bad options are 2" {
	run -2 --separate-stderr jwatermark --lag 15
	[[ $stderr == "jwatermark: "*"'15'"* ]]
	run -2 --separate-stderr jwatermark --time 'ts +'
	[[ $stderr == "jwatermark: --time: expression 'ts +': "* ]]
	run -2 --separate-stderr jwatermark --time ts
	[ "$stderr" = "jwatermark: --time: 'ts' is no path: a path begins with '.'" ]
}
