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

@test "jwatermark: bad options are 2" {
	run -2 --separate-stderr jwatermark --lag 15
	[[ $stderr == "jwatermark: "*"'15'"* ]]
	run -2 --separate-stderr jwatermark --time 'ts +'
	[[ $stderr == "jwatermark: --time: expression 'ts +': "* ]]
	run -2 --separate-stderr jwatermark --time ts
	[ "$stderr" = "jwatermark: --time: 'ts' is no path: a path begins with '.'" ]
}
