load helper

# events TEXT...: one event a word, SECONDS[:ZONE[:FARE]]
events() {
	local e
	for e; do
		IFS=: read -r s z f <<<"$e"
		printf '{"ts":"2026-11-21T10:%02d:%02d.000Z"%s%s}\n' $((s / 60)) $((s % 60)) \
		    "${z:+,\"zone\":\"$z\"}" "${f:+,\"fare\":$f}"
	done
}

# A result of the minute M, with the rest of its members.
result() {
	printf '{"window_start":"2026-11-21T10:%02d:00.000Z","window_end":"2026-11-21T10:%02d:00.000Z",%s}\n' \
	    "$1" $(($1 + 1)) "$2"
}

# Read lines from standard input of a pipe until one matches, 10 s at most.
wait_for() {
	local _
	for _ in $(seq 200); do
		grep -q -- "$1" "$2" 2>/dev/null && return 0
		sleep 0.05
	done
	return 1
}

@test "jwindow: counts by minute, in order, with .ts, 15s and count as defaults" {
	events 1 59 60 61 >in
	run -0 --separate-stderr jwindow --tumble 60s in
	[ "$output" = "$(result 0 '"count":2'; result 1 '"count":2')" ]
	[ -z "$stderr" ]
}

@test "jwindow: no window given is 2, and says how to give one" {
	run -2 --separate-stderr jwindow </dev/null
	[ "$stderr" = "jwindow: no window given: --tumble 60s, or another; see --help" ]
	run -2 --separate-stderr jwindow --tumble 60 </dev/null
	[[ $stderr == "jwindow: --tumble: "*60* ]]
	run -2 --separate-stderr jwindow --tumble 0 </dev/null
	[ "$stderr" = "jwindow: --tumble: 0 is no length" ]
}

# Options, a tab, and the message behind `jwindow: `; an event is there to be counted in vain.
refused() {
	local options want
	while IFS=$'\t' read -r options want; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr timeout 20 jwindow $options <<<'{"ts":1}'
		[ -z "$output" ]
		[ "$stderr" = "jwindow: $want" ] || { printf 'got  %s\nwant jwindow: %s\n' "$stderr" "$want"; return 1; }
	done
}

@test "jwindow: two kinds of windows are 2, and are named" {
	refused <<-'END'
	--tumble 1m --session 1m	--tumble and --session: only one kind of window at a time
	--tumble 1m --hop 5m/1m	--tumble and --hop: only one kind of window at a time
	--cumulate 1d/1h --count 3	--cumulate and --count: only one kind of window at a time
	--global --tumble 1m	--global and --tumble: only one kind of window at a time
	END
}

@test "jwindow: lengths that make no window are 2, with what to write" {
	refused <<-'END'
	--hop 5m	--hop: '5m' is no pair of lengths, such as 5m/1m (SIZE/SLIDE)
	--hop 5m/	--hop: '5m/' is no pair of lengths, such as 5m/1m (SIZE/SLIDE)
	--hop /1m	--hop: '/1m' is no pair of lengths, such as 5m/1m (SIZE/SLIDE)
	--hop 5m,1m	--hop: '5m,1m' is no pair of lengths, such as 5m/1m (SIZE/SLIDE)
	--hop 5m/0	--hop: 0 is no length
	--hop 1m/5m	--hop SIZE/SLIDE: 5m is more than 1m: events between the windows would be in none
	--hop 3652425d/1ms	--hop: each event would be in 315569520000000 windows: more than 16777216
	--hop 1mo/12h	--hop: 1mo and 12h: months go with months, days of a zone with days
	--cumulate 1h	--cumulate: '1h' is no pair of lengths, such as 1d/1h (MAX/STEP)
	--cumulate 1h/7m	--cumulate MAX/STEP: 1h is no multiple of 7m
	--cumulate 5m/1h	--cumulate MAX/STEP: 5m is no multiple of 1h
	--cumulate 3652425d/1ms	--cumulate: more than 8388608 steps
	--tumble 5m/1m	--tumble: '5m/1m' is no length: windows that overlap are --hop 5m/1m
	--tumble -5m	--tumble: '-5m' is not a duration: it cannot be negative, unlike 60s
	--tumble 4000000d	--tumble: '4000000d' is not a duration: it is too large, the limit is 3652425d
	--session 0	--session: 0 is no length
	--session 1mo	--session: '1mo' is not a duration: months and years have no fixed length; count days instead, such as 30d
	--tumble 1d --offset -6h	--offset: '-6h' is negative: windows of 1d that begin 6h earlier begin 18h later, too
	--tumble 5h --tz Europe/Paris	--tz: 5h is neither whole days, weeks, months or years nor a part of a day
	--hop 6h/1h --tz Europe/Paris	--tz: windows that hop are of whole days, weeks, months or years; --offset moves those of hours
	--hop 2d/12h --tz Europe/Paris	--hop: 2d and 12h: months go with months, days of a zone with days
	END
}

@test "jwindow: numbers of events are 2 when they are none" {
	refused <<-'END'
	--count 0	--count: '0' is no number of events, from 1 to 4294967295
	--count -3	--count: '-3' is no number of events, from 1 to 4294967295
	--count 1e6	--count: '1e6' is no number of events, from 1 to 4294967295
	--count 4294967296	--count: '4294967296' is no number of events, from 1 to 4294967295
	--count 3 --slide 0	--slide: '0' is no number of events, from 1 to 4294967295
	--count 3 --slide 5	--count 3 --slide 5: events between the windows would be in none: --slide is --count at most
	--count 4294967295 --slide 1	--count 4294967295 --slide 1: a window of more than 16777216 slides is too long to keep
	--tumble 1m --emit count=0	--emit count: '0' is no number of events, from 1 to 4294967295
	--tumble 1m --emit every=0	--emit every: 0 is no length
	--tumble 1m --emit every	--emit: 'every' is none of final, updates, every=10s, count=100
	--tumble 1m --emit now	--emit: 'now' is none of final, updates, every=10s, count=100
	END
}

@test "jwindow: options that the window has no use for are 2" {
	refused <<-'END'
	--tumble 1m --slide 3	--slide is for --count; windows of time that overlap are --hop SIZE/SLIDE
	--tumble 5m --slide 1m	--slide: '1m' is no number of events: windows of time that slide are --hop SIZE/SLIDE
	--session 1m --timeout 5s	--timeout is for --count; other windows do not wait to be full
	--global --timeout 5s	--timeout is for --count; other windows do not wait to be full
	--session 1m --offset 5m	--offset is for --tumble, --hop and --cumulate; other windows begin with an event
	--count 3 --offset 5m	--offset is for --tumble, --hop and --cumulate; other windows begin with an event
	--session 1m --tz UTC	--tz is for --tumble, --hop and --cumulate; other windows go by no calendar
	--count 3 --late 5m	--late: no event is late for --count
	--global --late 5m	--late: no event is late for --global
	--count 3 --late-to late	--late-to: no event is late for --count
	--global --late-to late	--late-to: no event is late for --global
	--count 3 --emit updates	--emit: a window by --count is written once, when it is full; --slide writes more often, --timeout earlier
	--count 3 --wm	--wm: the results of --count have no watermark: an event of any time may come into the next
	--count 3 --lag 5s	--lag: --count goes by no watermark without --timeout
	--global --emit updates --idle 5s	--idle: --global goes by no watermark without --emit every=D
	END
	[ ! -e late ]
	run -0 jwindow --count 3 --timeout 5s --lag 5s --idle 5s <<<'{"ts":1}'
	run -0 jwindow --global --emit every=5s --lag 5s <<<'{"ts":1}'
}

# The picture in jwindow.1, 6 seconds a column: its events, or what it shows of a window as lines
# "first column, column behind the end, events".  A window that goes on outside is left out.
picture() {
	sed -n '/^\.Ss Windows/,/^\.Ed/p' "$MR_TOP/man/jwindow.1" | awk -v window="$1" '
	/^\./ { next }
	/^ *10:00/ { zero = index($0, "10:00") }
	/^events/ && window == "events" {
		for (i = zero; i <= length($0); i++)
			if (substr($0, i, 1) == "o")
				printf "{\"ts\":%d}\n", 1795255200 + 6 * (i - zero)
	}
	/^-/ { label = "" }
	{
		text = substr($0, 1, zero - 1)
		gsub(/\\ | +$|^ +/, "", text)
		if (text != "") label = label (label == "" ? "" : " ") text
		line[++n] = $0
		if (/^--/) first = n
		of[n] = first
		name[first] = label
	}
	END {
		for (i = 1; i <= n; i++) {
			if (!of[i] || name[of[i]] != window) continue
			rest = line[i]
			at = 0
			while (match(rest, /\[[= ]*[0-9]+[= ]*\)/)) {
				bar = substr(rest, RSTART, RLENGTH)
				start = at + RSTART - zero
				at += RSTART + RLENGTH - 1
				rest = substr(rest, RSTART + RLENGTH)
				gsub(/[^0-9]/, "", bar)
				print start, at - zero + 1, bar
			}
		}
	}' | sort -n -k 2 -k 1
}

@test "jwindow: the picture in its page is what happens" {
	local window total=0
	picture events >in
	[ "$(wc -l <in)" -eq 9 ]
	for window in '--tumble 1m' '--hop 2m/1m' '--cumulate 3m/1m' '--session 30s' '--count 3' \
	    '--count 4 --slide 2' --global; do
		picture "$window" >want
		# shellcheck disable=SC2086 # words
		jwindow $window in | jq -r 'def at: (sub("\\.000Z"; "Z") | sub("\\.001Z"; "Z") | fromdate - 1795255200) / 6;
		    (if .window_end | endswith("1Z") then 1 else 0 end) as $more |
		    "\(.window_start | at) \((.window_end | at) + $more) \(.count)"' >all
		awk '$1 >= 0 && $2 <= 41' all | sort -n -k 2 -k 1 >got
		echo "$window"
		diff want got
		total=$((total + $(wc -l <got)))
	done
	[ "$total" -eq 23 ]
}

@test "jwindow: empty input gives nothing" {
	run -0 --separate-stderr jwindow --tumble 60s </dev/null
	[ -z "$output" ]
	[ -z "$stderr" ]
}

@test "jwindow: groups by several paths, names from the last key or as given" {
	printf '%s\n' '{"ts":1,"a":{"zone":"x"},"v":2}' '{"ts":2,"a":{"zone":"x"},"v":1}' '{"ts":3,"v":1}' >in
	run -0 --separate-stderr jwindow --tumble 10s --by '.a.zone, vendor=.v' in
	[ "$(jq -c 'del(.window_start,.window_end)' <<<"$output")" = \
'{"zone":"x","vendor":1,"count":1}
{"zone":"x","vendor":2,"count":1}
{"zone":null,"vendor":1,"count":1}' ]
}

@test "jwindow: --by and --agg can be given again" {
	run -0 jwindow --tumble 1s -b .a -b .b -a count -a 'sum(.b)' <<<'{"ts":1,"a":1,"b":2}'
	[[ $output == *',"a":1,"b":2,"count":1,"sum_b":2}' ]]
}

@test "jwindow: missing and null keys are one group, spellings of a value too" {
	printf '{"ts":1%s}\n' '' ',"k":null' ',"k":"st\u0061"' ',"k":"sta"' ',"k":1' ',"k":1.0' ',"k":1e0' \
	    ',"k":[1, 2]' ',"k":[1,2]' ',"k":true' ',"k":"1"' >in
	run -0 jwindow --tumble 1s --by .k in
	[ "$(jq -c '[.k,.count]' <<<"$output")" = '["1",1]
["sta",2]
[1,3]
[[1,2],2]
[null,2]
[true,1]' ]
}

@test "jwindow: results are ordered by window_end, then key bytes" {
	events 70:b 10:b 65:a 5:c 11:a >in
	run -0 jwindow --tumble 60s --lag 2m --by .zone in
	[ "$(jq -r '.window_end[14:16] + .zone' <<<"$output" | tr '\n' ' ')" = '01a 01b 01c 02a 02b ' ]
}

@test "jwindow: aggregates of numbers, exact" {
	printf '{"ts":1,"v":%s}\n' 0.1 0.2 1.50 -3 >in
	run -0 jwindow --tumble 1s \
	    --agg 'n=count, c=count(.v), sum(.v), avg(.v), min(.v), max(.v), first(.v), last(.v)' in
	[[ $output == *'"n":4,"c":4,"sum_v":-1.2,"avg_v":-0.3,"min_v":-3,"max_v":1.50,"first_v":0.1,"last_v":-3}' ]]
}

@test "jwindow: sums past 128 bits and below any double stay exact" {
	printf '{"ts":1,"v":%s}\n' 1e60 1e-40 -1e60 1e-40 >in
	run -0 jwindow --tumble 1s --agg 's=sum(.v)' in
	[[ $output == *'"s":0.0000000000000000000000000000000000000002}' ]]
}

@test "jwindow: null and missing are skipped, and null is left when nothing is" {
	printf '%s\n' '{"ts":1,"k":1,"v":null}' '{"ts":1,"k":1}' '{"ts":1,"k":2,"v":3}' '{"ts":1,"k":2}' >in
	run -0 jwindow --tumble 1s --by .k \
	    --agg 'count,c=count(.v),s=sum(.v),a=avg(.v),i=min(.v),x=max(.v),f=first(.v),l=last(.v)' in
	[ "$(jq -c 'del(.window_start,.window_end)' <<<"$output")" = \
'{"k":1,"count":2,"c":0,"s":null,"a":null,"i":null,"x":null,"f":null,"l":null}
{"k":2,"count":2,"c":1,"s":3,"a":3,"i":3,"x":3,"f":3,"l":3}' ]
}

@test "jwindow: first and last go by event time, ties by arrival, any type" {
	printf '{"ts":%s,"v":%s}\n' 20 '"b"' 10 '{"x": 1}' 10 '"tie"' 30.0000001 '[1]' 30 '"early"' >in
	run -0 jwindow --tumble 1m --time-unit s --agg 'first(.v),last(.v)' in
	[[ $output == *'"first_v":{"x": 1},"last_v":[1]}' ]]
}

@test "jwindow: min and max of strings, and of numbers beyond doubles" {
	printf '{"ts":1,"v":%s}\n' '"b"' '"\u0061"' '"\n"' >in
	run -0 jwindow --tumble 1s --agg 'min(.v),max(.v)' in
	[[ $output == *'"min_v":"\n","max_v":"b"}' ]]
	printf '{"ts":1,"v":%s}\n' 9007199254740993 9007199254740992 1e-400 >in
	run -0 jwindow --tumble 1s --agg 'min(.v),max(.v)' in
	[[ $output == *'"min_v":1e-400,"max_v":9007199254740993}' ]]
}

@test "jwindow: a value of another type is a bad record that leaves no trace" {
	printf '%s\n' '{"ts":1,"a":1,"b":1}' '{"ts":1,"a":1,"b":"x"}' '{"ts":1,"a":1,"b":1}' >in
	run -3 --separate-stderr jwindow --tumble 1s --agg 'sum(.a),sum(.b)' in
	[ "$stderr" = "jwindow: in:2: .b: sum needs a number, not a string" ]
	[ -z "$output" ]
	run -0 --separate-stderr jwindow --tumble 1s --agg 'sum(.a),sum(.b)' --on-error skip in
	[[ $output == *'"sum_a":2,"sum_b":2}' ]]
	run -0 --separate-stderr jwindow --tumble 1s --agg 'sum(.a),sum(.b)' --dead dead in
	[ "$(jq -r '.stage + " " + .why' dead)" = 'jwindow .b: sum needs a number, not a string' ]
}

@test "jwindow: numbers, times and strings in one group have an order" {
	printf '{"ts":1,"v":%s}\n' '"x"' '"2026-11-21T10:00:00Z"' 1 '"2026-11-21T10:30:00+01:00"' >in
	for i in 1 2; do
		run -0 jwindow --tumble 1s --agg 'min(.v),max(.v)' in
		[[ $output == *'"min_v":1,"max_v":"x"}' ]]
		sed -i '1!G;h;$!d' in
	done
	run -0 jwindow --tumble 1s --agg 'min(.v),max(.v)' <<<"$(grep Z in; grep + in)"
	[[ $output == *'"min_v":"2026-11-21T10:30:00+01:00","max_v":"2026-11-21T10:00:00Z"}' ]]
}

@test "jwindow: spreads and quantiles, exact to the last digit" {
	printf '{"ts":1,"v":%s}\n' 0.1 null 0.2 0.3 0.4 >in
	run -0 jwindow --tumble 1s --agg 'variance(.v),stddev(.v),var_pop(.v),stddev_pop(.v),
	    median(.v),p95=quantile(.v; 0.95),top=quantile(.v;1)' in
	[[ $output == *'"variance_v":0.016666666666666666,"stddev_v":0.12909944487358058,'* ]]
	[[ $output == *'"var_pop_v":0.0125,"stddev_pop_v":0.11180339887498948,'* ]]
	[[ $output == *'"median_v":0.25,"p95":0.385,"top":0.4}' ]]
	run -0 jwindow --tumble 1s --agg 'variance(.v),median(.v)' <<<'{"ts":1,"v":7}
{"ts":1001}'
	[[ ${lines[0]} == *'"variance_v":null,"median_v":7}' ]]
	[[ ${lines[1]} == *'"variance_v":null,"median_v":null}' ]]
}

@test "jwindow: distinct, top and collect take values of any type" {
	printf '{"ts":%s,"v":%s}\n' 3 '"b"' 2 1.0 3 '"\u0062"' 1 '{"x": 1}' 1 '{"x":1}' 4 null 5 2 >in
	run -0 jwindow --tumble 1m --time-unit s --agg 'distinct(.v),top(.v; 2),c=collect(.v; 4)' in
	[[ $output == *'"distinct_v":4,"top_v":[{"value":"b","count":2},{"value":{"x":1},"count":2}],"c":[{"x": 1},{"x":1},1.0,"b"]}' ]]
	run -0 jwindow --tumble 1m --agg 'distinct(.x),top(.x; 2),collect(.x)' in
	[[ $output == *'"distinct_x":0,"top_x":null,"collect_x":null}' ]]
}

@test "jwindow: any, all and rate" {
	printf '{"ts":%s,"v":%s}\n' 1 true 2 false 3 true 4 null >in
	run -0 jwindow --tumble 1m --time-unit s \
	    --agg 'any(.v),all(.v),any(.x),rate(per 1m),s=rate(.v; 1s),t=any(.v) where .ts == 2' in
	[[ $output == *'"any_v":true,"all_v":false,"any_x":null,"rate":4,"s":0.05,"t":false}' ]]
	run -3 --separate-stderr jwindow --tumble 1s --agg 'all(.v)' <<<'{"ts":1,"v":1}'
	[ "$stderr" = "jwindow: stdin:1: .v: all needs a boolean, not a number" ]
}

@test "jwindow: past 1000 values quantile and distinct estimate, within 1 % and 4 %" {
	seq 0 20000 | jq -c '{ts:1,v:.}' >in
	run -0 jwindow --tumble 1s --agg 'd=distinct(.v),p=quantile(.v;0.95)' in
	jq -e '(.d / 20001 - 1 | fabs) < 0.04 and (.p / 19000 - 1 | fabs) < 0.0079' <<<"$output"
	jwindow --tumble 1s --agg 'd=distinct(.v),p=quantile(.v;0.95)' <<<"$(shuf in)" >shuffled
	[ "$output" = "$(cat shuffled)" ]
}

@test "jwindow: --emit every does not look at windows that have not changed" {
	# 30000 windows come to be open, of which one changes from tick to tick
	seq 30000 | sed 's/.*/{"ts":&}/' >in
	run -0 timeout 20 jwindow --tumble 1s --lag 1d --emit every=1s in # each early, and at the end
	[ "${#lines[@]}" -eq 60000 ]
	run -0 timeout 20 jwindow --hop 2s/1s --lag 1d --emit every=1s in
	[ "${#lines[@]}" -eq 90000 ]
	# nor at groups of the one window
	seq 100000 | sed 's/.*/{"ts":&}/' >in
	timeout 10 jwindow --global --by .ts --lag 0 --emit every=1s in >out
	[ "$(wc -l <out)" -eq 200000 ]
	# and what changed in slices that are gone is forgotten
	run -0 jwindow --tumble 1s --lag 0 --emit every=10000d --max-state 100K in
	[ "${#lines[@]}" -eq 100000 ]
}

@test "jwindow: an event costs the same in however many windows, with --late, too" {
	# 20000 in time, and 10000 that are late for ten windows of 86400 slices each
	{ seq 20000; yes 19990 | head -10000; } | sed 's/.*/{"ts":&}/' >in
	timeout 20 jwindow --hop 1d/1s --lag 0 --late 1h in >out
	[ "$(wc -l <out)" -eq 206399 ]
	[ "$(jq -c '[.count,.revision]' <<<"$(tail -n 86400 out | head -1)")" = '[30000,0]' ]
}

@test "jwindow: every aggregate, in shared panes and merged sessions, is what one pane gives" {
	local seed=${SEED:-$RANDOM} window offset every='count,sum(.v),avg(.v),variance(.v),stddev(.v),median(.v),q=quantile(.v; 0.9),min(.s),max(.s),
	    first(.s),last(.s),distinct(.s),top(.s; 5),collect(.v; 50),any(.b),all(.b),rate(1m)'

	echo "SEED=$seed"
	# each time once: no ties, which the order of arrival decides
	awk -v seed="$seed" 'BEGIN { srand(seed); for (i = 0; i < 12000; i++)
		printf "{\"ts\":%d,\"k\":%d,\"v\":%.*f,\"s\":\"%c%d\",\"b\":%s}\n", i * 5, 3 * rand(),
		    3 * rand(), 200 * rand() - 100, 97 + 5 * rand(), 900 * rand(), rand() < .9 ? "true" : "false" }' >in
	jwindow --hop 8s/2s --time-unit ms --by .k --agg "$every" in | sort >hop
	for offset in 0s 2s 4s 6s; do
		jwindow --tumble 8s --offset $offset --time-unit ms --by .k --agg "$every" in
	done | sort >tumble
	[ "$(wc -l <hop)" -gt 90 ]
	cmp hop tumble
	shuf --random-source=<(yes "$seed") in >shuffled
	for window in '--hop 8s/2s' '--session 30ms' '--session 1s' '--cumulate 10s/1s'; do
		# shellcheck disable=SC2086 # words
		jwindow $window --time-unit ms --by .k --agg "$every" in >want
		# shellcheck disable=SC2086
		jwindow $window --lag 2m --time-unit ms --by .k --agg "$every" shuffled >got
		cmp want got
	done
}

@test "jwindow: top of more than 10000 different values is 4, with words" {
	seq 0 10000 | jq -c '{ts:1,v:.}' >in
	run -4 --separate-stderr jwindow --tumble 1s --agg 'top(.v;1)' in
	[[ $stderr == "jwindow: "*"top: a group has more than 10000 different values"* ]]
	[ -z "$output" ]
	run -4 jwindow --tumble 1s --agg 'top(.v;1)' --on-error skip in
	# results before it are written, and no part of it
	{ echo '{"ts":1,"k":"a","v":1}'; jq -c '.k = "b"' in; echo '{"ts":100}'; } >groups
	run -4 --separate-stderr jwindow --tumble 1s --by .k --agg 'n=count,top(.v;1)' groups
	[ "$(jq -c '[.k, .n]' <<<"$output")" = '["a",1]' ]
}

@test "jwindow: an argument that an aggregate does not take is 2, in words" {
	run -2 --separate-stderr jwindow --tumble 1s --agg 'quantile(.v; 95)' </dev/null
	[ "$stderr" = "jwindow: --agg: quantile: '95' is no number from 0 to 1" ]
	run -2 --separate-stderr jwindow --tumble 1s --agg 'top(.v)' </dev/null
	[ "$stderr" = "jwindow: --agg: top: a number is missing: top(.field; 3)" ]
	run -2 --separate-stderr jwindow --tumble 1s --agg 'rate' </dev/null
	[ "$stderr" = "jwindow: --agg: rate: a length of time is missing: rate(per 1m)" ]
}

@test "jwindow: numbers out of bounds are bad records" {
	run -3 --separate-stderr jwindow --tumble 1s --agg 'sum(.v)' <<<'{"ts":1,"v":1e1001}'
	[ "$stderr" = "jwindow: stdin:1: .v: sum: the number's exponent is beyond 1000" ]
	run -3 --separate-stderr jwindow --tumble 1s --agg 'avg(.v)' <<<'{"ts":1,"v":1e309}'
	[ "$stderr" = "jwindow: stdin:1: .v: avg: the number is beyond 1.7976931348623157e+308" ]
}

@test "jwindow: the time must be there and be one" {
	run -3 --separate-stderr jwindow --tumble 1s <<<'{"x":1}'
	[ "$stderr" = "jwindow: stdin:1: .ts: missing, where a time is expected" ]
	run -3 --separate-stderr jwindow --tumble 1s --time .a.t <<<'{"a":{"t":null}}'
	[ "$stderr" = "jwindow: stdin:1: .a.t: null, where a time is expected" ]
	run -3 --separate-stderr jwindow --tumble 1s <<<'{"ts":"noon"}'
	[[ $stderr == "jwindow: stdin:1: .ts: 'noon' is not a time"* ]]
	run -3 --separate-stderr jwindow --tumble 1s <<<'[1]'
	[[ $stderr == "jwindow: stdin:1: "* ]]
}

@test "jwindow: two columns of one name are 2" {
	for options in '--by .a,.b.a' '--by .count' '--by .window_start' '--agg n=count,n=count' \
	    '--by .n --agg n=count'; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr jwindow --tumble 1s $options </dev/null
		[[ $stderr == "jwindow: two columns of a result are named "* ]]
	done
	# those of rows that may be written again; of rows written once they are free
	for options in '--late 1s --agg revision=count' '--emit updates --by .final' \
	    '--emit every=1s --by final=.b'; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr jwindow --tumble 1s $options </dev/null
		[[ $stderr == "jwindow: two columns of a result are named "* ]]
	done
	run -2 --separate-stderr jwindow --session 1s --late 1s --by .retracted </dev/null
	[[ $stderr == "jwindow: two columns of a result are named 'retracted'"* ]]
	jwindow --tumble 1s --by .final --agg revision=count </dev/null
	jwindow --tumble 1s --late 1s --by .retracted </dev/null
}

@test "jwindow: expressions in --by, --agg, --time and where" {
	cat >in <<-'END'
	{"day":"1970-01-01","at":"00:00:01","status":"done","fare":10,"tip":0.25,"zone":"A, B"}
	{"day":"1970-01-01","at":"00:00:02","status":"open","fare":20,"zone":"A, B"}
	{"day":"1970-01-01","at":"00:01:00","status":"done","fare":5.5,"tip":null,"zone":"C)"}
	END
	run -0 --separate-stderr jwindow --tumble 1m --time '.day + " " + .at' \
	    --by 'z="\(.zone + ",")", big=.fare > 10' \
	    --agg 'n=count, done=count where .status == "done", paid=sum(.fare + (.tip // 0)) where .status == "done"' in
	[ "$output" = '{"window_start":"1970-01-01T00:00:00.000Z","window_end":"1970-01-01T00:01:00.000Z","z":"A, B,","big":false,"n":1,"done":1,"paid":10.25}
{"window_start":"1970-01-01T00:00:00.000Z","window_end":"1970-01-01T00:01:00.000Z","z":"A, B,","big":true,"n":1,"done":0,"paid":null}
{"window_start":"1970-01-01T00:01:00.000Z","window_end":"1970-01-01T00:02:00.000Z","z":"C),","big":false,"n":1,"done":1,"paid":5.5}' ]
}

@test "jwindow: an event on which an expression fails is a bad record without a trace" {
	printf '%s\n' '{"ts":1,"k":"a","v":1}' '{"ts":1,"k":"b","v":"x"}' '{"ts":1,"k":"c","v":2}' >in
	run -3 --separate-stderr jwindow --tumble 1s --by .k --agg 's=sum(.v + 1)' in
	[[ $stderr == "jwindow: in:2: .v + 1: expression failed: string (\"x\") and number (1) cannot be added" ]]
	run -0 --separate-stderr jwindow --tumble 1s --by .k --agg 's=sum(.v + 1)' --on-error skip in
	[ "$(jq -c '[.k, .s]' <<<"$output")" = '["a",2]
["c",3]' ]
	[[ $stderr == "jwindow: 1 bad record skipped"* ]]
}

@test "jwindow: expressions give what jmap in front gives" {
	seed=${SEED:-$RANDOM}
	echo "# SEED=$seed" >&3
	awk -v seed="$seed" 'BEGIN {
		srand(seed)
		split("\"a\" \"b\" null 1 1.0 true {\"x\":1} [2]", k, " ")
		split("1 2.50 -3 null 0 1e2", v, " ")
		split("\"done\" \"open\" null", s, " ")
		for (i = 0; i < 4000; i++)
			printf "{\"t\":{\"s\":%d},\"k\":%s,\"v\":%s,\"w\":%s,\"st\":%s}\n",
			    i / 10 + rand() * 9, k[1 + int(rand() * 8)], v[1 + int(rand() * 6)],
			    v[1 + int(rand() * 6)], s[1 + int(rand() * 3)]
	}' >in
	jmap '{ts: (.t.s * 1000 + 5), k: (.k | type), key: .k, d: (if .st == "done" then 1 else null end),
	    s: (.v + .w), m: (if .v != null then .v * 2 else null end), l: [.v, .w],
	    c: (if .v != null and (.v > 1 or .w > 1) then .v else null end)}' in >made
	for window in '--tumble 1m' '--hop 1m/20s' '--session 4s' '--count 7' '--tumble 1m --emit updates'; do
		# shellcheck disable=SC2086
		jwindow $window --time '.t.s * 1000 + 5' --time-unit ms --by 'k=.k | type, k2=.k' \
		    --agg 'n=count, d=count where .st == "done", s=sum(.v + .w), m=min(.v * 2) where .v != null,
			l=last([.v, .w]), c=count(.v // empty) where (.v, .w) > 1' in >got
		# shellcheck disable=SC2086
		jwindow $window --time-unit ms --by '.k, k2=.key' \
		    --agg 'n=count, d=count(.d), s=sum(.s), m=min(.m), l=last(.l), c=count(.c)' made >want
		[ "$(wc -l <want)" -gt 8 ]
		diff want got
	done
}

@test "jwindow: what is no list of paths or aggregates is 2, in words" {
	run -2 --separate-stderr jwindow --tumble 1s --by zone </dev/null
	[ "$stderr" = "jwindow: --by: 'zone' is no path: a path begins with '.'" ]
	run -2 --separate-stderr jwindow --tumble 1s --by '.a+1' </dev/null
	[ "$stderr" = "jwindow: --by: '.a+1' has no name: write NAME=.a+1" ]
	run -2 --separate-stderr jwindow --tumble 1s --agg 'n=count where .a +' </dev/null
	[[ $stderr == "jwindow: --agg: where: expression '.a +': "* ]]
	run -2 --separate-stderr jwindow --tumble 1s --time 'input' </dev/null
	[[ $stderr == "jwindow: --time: expression 'input': "* ]]
	run -2 --separate-stderr jwindow --tumble 1s --agg 'p95(.x)' </dev/null
	[ "$stderr" = "jwindow: --agg: no aggregate 'p95'; there are all any avg collect count distinct first last max median min quantile rate stddev stddev_pop sum top var_pop variance" ]
	refused <<-'END'
	--tumble 1s --agg mean(.x)	--agg: no aggregate 'mean': it is avg
	--tumble 1s --agg COUNT	--agg: no aggregate 'COUNT': it is count
	--tumble 1s --agg count(*)	--agg: 'count(*)': a path is missing: count(.field), or count alone for events
	--tumble 1s --agg sum()	--agg: 'sum()': a path is missing: sum(.field)
	--tumble 1s --agg sum(.x)as	--agg: 'sum(.x)as': nothing may follow ')'; a name stands in front: NAME=...
	END
	run -2 --separate-stderr jwindow --tumble 1s --agg 'sum' </dev/null
	[ "$stderr" = "jwindow: --agg: sum needs a path: sum(.field)" ]
	run -2 --separate-stderr jwindow --tumble 1s --agg 'sum(.x; 3)' </dev/null
	[ "$stderr" = "jwindow: --agg: sum: it takes no argument '3'" ]
	run -2 --separate-stderr jwindow --tumble 1s --time 'ts' </dev/null
	[[ $stderr == "jwindow: --time: "* ]]
}

@test "jwindow: --offset moves the bounds" {
	run -0 jwindow --tumble 1h --offset 15m <<<'{"ts":"2026-11-21T10:14:59.999Z"}
{"ts":"2026-11-21T10:15:00Z"}'
	[ "$(jq -r '.window_start[11:16]' <<<"$output" | tr '\n' ' ')" = '09:15 10:15 ' ]
	run -0 jwindow --tumble 1h --offset 75m <<<'{"ts":"2026-11-21T10:14:59.999Z"}'
	[ "$(jq -r '.window_start[11:16]' <<<"$output")" = '09:15' ]
}

@test "jwindow: windows before 1970 begin at or before their events" {
	run -0 jwindow --tumble 1m <<<'{"ts":"1969-12-31T23:59:59.999Z"}'
	[ "$(jq -r .window_start <<<"$output")" = 1969-12-31T23:59:00.000Z ]
}

@test "jwindow: --time and --time-unit say where and what the time is" {
	run -0 jwindow --tumble 1s --time '.meta["t"]' --time-unit us <<<'{"meta":{"t":5000000}}'
	[ "$(jq -r .window_start <<<"$output")" = 1970-01-01T00:00:05.000Z ]
	run -2 --separate-stderr jwindow --tumble 1s --time-unit hours </dev/null
	[[ $stderr == "jwindow: --time-unit: 'hours'"* ]]
}

@test "jwindow: a window fires when the watermark is 1 ms before its end" {
	mkfifo pipe
	jwindow --tumble 60s <pipe >out &
	exec 8>pipe
	events 5 >&8
	echo '{"ts":"2026-11-21T10:01:14.998Z"}' >&8
	echo '{"ts":"2026-11-21T10:00:59.999Z"}' >&8
	echo '{"ts":"2026-11-21T10:01:14.999Z"}' >&8
	wait_for '"count":2}' out
	[ "$(cat out)" = "$(result 0 '"count":2')" ]
	exec 8>&-
	wait
	[ "$(cat out)" = "$(result 0 '"count":2'; result 1 '"count":2')" ]
}

@test "jwindow: late events are counted, and kept by --late-to with why and the watermark" {
	events 5 80 6 70 7 >in
	run -0 --separate-stderr jwindow --tumble 60s in
	[ "$output" = "$(result 0 '"count":1'; result 1 '"count":2')" ]
	[ "$stderr" = "jwindow: late: 2 of 5 events (40 %) came when their window had fired and were dropped; the latest was 1m14s behind the newest event: raise --lag to 1m15s, or make watermarks per partition with ksrc --time" ]
	run -0 --separate-stderr jwindow --tumble 60s --late-to late in
	[[ $stderr == "jwindow: late: 2 of 5 events (40 %) came when their window had fired: they are in late; "* ]]
	[ "$(cat late)" = '{"why":"late","watermark":"2026-11-21T10:01:05.000Z","time":"2026-11-21T10:00:06.000Z","line":{"ts":"2026-11-21T10:00:06.000Z"}}
{"why":"late","watermark":"2026-11-21T10:01:05.000Z","time":"2026-11-21T10:00:07.000Z","line":{"ts":"2026-11-21T10:00:07.000Z"}}' ]
	run -0 jwindow --tumble 60s --lag 75s in		# the remedy is one
	[ "$output" = "$(result 0 '"count":3'; result 1 '"count":2')" ]
	jq -c .line late >again
	[ "$(cat again)" = "$(events 6 7)" ]
}

@test "jwindow: up to 1 % late needs no remedy" {
	{ events 5 80 6; for i in $(seq 200); do events 80; done; } >in
	run -0 --separate-stderr jwindow --tumble 60s in
	[ "$stderr" = "jwindow: late: 1 of 203 events (0.493 %) came when their window had fired and were dropped" ]
}

@test "jwindow: a file for late events that cannot be is 4" {
	run -4 --separate-stderr jwindow --tumble 60s --late-to no/such/dir </dev/null
	[[ $stderr == "jwindow: cannot open 'no/such/dir': "* ]]
	events 5 80 6 >in
	run -4 --separate-stderr jwindow --tumble 60s --late-to /dev/full in
	[[ $stderr == *"jwindow: cannot write /dev/full: "* ]]
	run -2 --separate-stderr jwindow --tumble 60s --late-to - in
	[ "$stderr" = "jwindow: --late-to: standard output carries the results" ]
}

@test "jwindow: watermarks of the stream decide, and --lag is not used" {
	events 5 80 6 >in
	run -0 --separate-stderr bash -c 'jwatermark --lag 75s <in | jwindow --tumble 60s'
	[ "$output" = "$(result 0 '"count":2'; result 1 '"count":1')" ]
	[ -z "$stderr" ]
	run -0 --separate-stderr bash -c 'jwatermark --lag 75s <in | jwindow --tumble 60s --lag 1s'
	[ "$output" = "$(result 0 '"count":2'; result 1 '"count":1')" ]
	[ "$stderr" = "jwindow: --lag is not used: the watermarks in the stream decide" ]
	run -0 --separate-stderr bash -c 'jwatermark --lag 15s <in | jwindow --tumble 60s'
	[[ $stderr == "jwindow: late: 1 of 3 events (33.3 %) "*"raise the --lag where the watermarks are made by 1m, "* ]]
}

@test "jwindow: control lines are eaten; --wm forwards watermarks behind the results" {
	events 5 80 100 200 >in
	run -0 bash -c 'jwatermark <in | jwindow --tumble 60s'
	[ "$(grep -c '\$mr' <<<"$output")" -eq 0 ]
	run -0 bash -c 'jwatermark <in | jwindow --tumble 60s --wm'
	[ "$(jq -c '[.t // "result", .ts // .count // .how // .wm]' <<<"$output")" = '["hello",1]
["wm",1795255140000]
["result",1]
["wm",1795255260000]
["result",2]
["wm",1795255380000]
["result",1]
["eos","end"]' ]
}

@test "jwindow: results of --wm go into a second jwindow, by start or end" {
	events 5 65 125 185 245 305 700 >in
	for time in .window_start .window_end; do
		run -0 --separate-stderr bash -c "jwindow --tumble 60s --wm in |
		    jwindow --tumble 90s --time $time --agg 'n=sum(.count)'"
		[ -z "$stderr" ]
		[ "$(jq -s 'map(.n) | add' <<<"$output")" -eq 7 ]
	done
}

@test "jwindow: --idle lets the clock close windows of a silent pipe" {
	mkfifo pipe
	jwindow --tumble 1s --lag 100ms --idle 200ms <pipe >out 2>err &
	exec 8>pipe
	echo '{"ts":1000.5}' >&8
	wait_for '"count":1}' out
	exec 8>&-
	wait
	[ "$(wc -l <out)" -eq 1 ]
}

@test "jwindow: --timeout writes what there is of a window when a pipe is silent" {
	mkfifo pipe
	jwindow --count 3 --timeout 300ms --agg 'l=collect(.fare)' <pipe >out &
	exec 8>pipe
	events 1::1 2::2 3::3 4::4 >&8
	wait_for '"l":\[4\]' out
	events 5::5 >&8
	wait_for '"l":\[5\]' out
	events 6::6 7::7 8::8 9::9 >&8
	exec 8>&-
	wait
	[ "$(jq -c .l out)" = '[1,2,3]
[4]
[5]
[6,7,8]
[9]' ]
	# of windows that slide, too
	jwindow --count 3 --slide 1 --timeout 300ms --lag 1h <pipe >out &
	exec 8>pipe
	events 1 2 3 4 >&8
	wait_for '"count":3' out
	exec 8>&-
	wait
	[ "$(jq -c .count out)" = '1
2
3
3' ]
	# a file is never silent
	events 1 2 >in
	[ "$(jwindow --count 3 --timeout 1ms --lag 1h in | jq .count)" = 2 ]
}

@test "jwindow: --idle without a live input has no effect" {
	events 5 >in
	run -0 jwindow --tumble 60s --idle 1ms in
	[ "$output" = "$(result 0 '"count":1')" ]
	run -0 jwindow --tumble 60s --idle 1ms <in
	[ "$output" = "$(result 0 '"count":1')" ]
}

@test "jwindow: TERM drops the windows still open, and says how many" {
	mkfifo pipe
	jwindow --tumble 60s <pipe >out 2>err &
	pid=$!
	exec 8>pipe
	events 5 6 100 >&8
	wait_for '"count":2}' out
	kill -TERM "$pid"
	wait "$pid"
	exec 8>&-
	[ "$(cat out)" = "$(result 0 '"count":2')" ]
	[ "$(cat err)" = "jwindow: stopped: dropped 1 open window with 1 event" ]
}

@test "jwindow: a stream whose upstream died gives its windows and 4" {
	events 5 6 >in
	run -4 --separate-stderr bash -c 'jwatermark in | head -n 3 | jwindow --tumble 60s'
	[ "$output" = "$(result 0 '"count":1')" ]
	[[ $stderr == *"jwindow: stdin: the stream ended without eos"* ]]
}

@test "jwindow: --max-ahead refuses a clock that is broken" {
	future=$(($(date +%s) + 86400))
	run -3 --separate-stderr jwindow --tumble 1s --max-ahead 1h <<<"{\"ts\":$future}"
	[[ $stderr == "jwindow: stdin:1: .ts is "*" ahead of the clock: more than --max-ahead 1h" ]]
	run -0 jwindow --tumble 1s --max-ahead 2d <<<"{\"ts\":$future}"
}

@test "jwindow: --max-state is a cap, with 4 and words" {
	seq 100000 | sed 's/.*/{"ts":1,"k":"key-number-&"}/' >in
	run -4 --separate-stderr jwindow --tumble 1s --by .k --max-state 1M in
	[[ $stderr == "jwindow: the state is over --max-state 1048576 bytes: "*" groups in 1 open window; a smaller --lag or window, or fewer keys, make it smaller" ]]
	[ -z "$output" ]
	# what would not help is not advised
	run -4 --separate-stderr jwindow --global --by .k --max-state 1M in
	[[ $stderr == *" open windows; fewer keys make it smaller" ]]
	run -4 --separate-stderr jwindow --count 3 --by .k --max-state 1M in
	[[ $stderr == *" open windows; fewer keys, a smaller --count or a --timeout make it smaller" ]]
	run -4 --separate-stderr jwindow --tumble 1s --agg 'collect(.k; 100000)' --max-state 1M in
	[[ $stderr == *": 1 group in 1 open window; aggregates that keep fewer values make it smaller" ]]
	run -0 jwindow --tumble 1s --by .k --max-state 100M in
	[ "${#lines[@]}" -eq 100000 ]
}

@test "jwindow: --metrics-file has the state and what was late" {
	events 5 80 6 >in
	run -0 jwindow --tumble 60s --metrics-file prom in
	grep -q '^millrace_late_events_total{pipeline="",stage="jwindow"} 1$' prom
	grep -q '^millrace_open_windows{.*} 0$' prom
	grep -q '^millrace_watermark_timestamp_seconds{.*} 1795255265$' prom
}

@test "jwindow: USR1 prints one line with windows, groups and the watermark" {
	mkfifo pipe
	jwindow --tumble 60s <pipe >out 2>err &
	pid=$!
	exec 8>pipe
	events 5 100 >&8
	wait_for '"count":1}' out
	kill -USR1 "$pid"
	wait_for watermark err
	[ "$(cat err)" = "jwindow: in 2, out 1, bad 0, late 0, windows 1, groups 1, watermark 2026-11-21T10:01:25.000Z" ]
	exec 8>&-
	wait
}

@test "jwindow: input in chunks of 1, 7 and 4096 bytes gives equal output" {
	# out of order, by up to 70 s: some is late
	for i in $(seq 300); do events "$((i + (i * 7919 % 140) / 2)):z$((i % 5)):$i.$((i % 100))"; done >in
	while read -r options; do
		# shellcheck disable=SC2086	# options are words
		jwindow $options --by .zone --agg 'n=count,s=sum(.fare)' in >want 2>late
		[ "$(wc -l <want)" -gt 20 ]
		for size in 1 7 4096; do
			# shellcheck disable=SC2086
			dd if=in obs=$size status=none |
			    jwindow $options --by .zone --agg 'n=count,s=sum(.fare)' >got 2>late.got
			cmp want got
			cmp late late.got
		done
	done <<-'end'
		--tumble 60s
		--tumble 30s --late 20s
		--tumble 60s --emit updates
		--tumble 60s --emit every=10s
		--tumble 1d --tz America/New_York --emit count=5
		--hop 60s/7s
		--cumulate 60s/10s
		--session 3s --lag 1s
		--session 6s --lag 1s --late 30s --emit updates
		--count 4 --slide 3
		--count 7 --timeout 10s
		--global --emit count=3
	end
}

@test "jwindow: shuffles within the lag give the same bytes" {
	for i in $(seq 600); do events "$i:z$((i * 7919 % 11)):$((i % 90)).$((i % 10))"; done >sorted
	jwindow --tumble 60s --by .zone \
	    --agg 'n=count,s=sum(.fare),a=avg(.fare),i=min(.fare),x=max(.fare),f=first(.fare),l=last(.fare)' sorted >want
	for seed in $(seq 20); do
		echo "# seed $seed"
		awk -v seed="$seed" 'BEGIN {srand(seed)} {printf "%06.2f\t%s\n", NR + rand() * 14.9, $0}' sorted |
		    sort -n | cut -f 2- >shuffled
		jwindow --tumble 60s --by .zone \
		    --agg 'n=count,s=sum(.fare),a=avg(.fare),i=min(.fare),x=max(.fare),f=first(.fare),l=last(.fare)' \
		    shuffled >got
		cmp want got
	done
}

@test "jwindow: equals the same computation in jq" {
	for i in $(seq 500); do events "$((i * 37 % 1800)):z$((i * 7 % 9)):$((i * 31 % 97)).5"; done >in
	jwindow --tumble 5m --lag 1h --by .zone --agg 'n=count,s=sum(.fare),x=max(.fare)' in >got
	jq -sc 'group_by([(.ts[:19] + "Z" | fromdate / 300 | floor), .zone])[] |
	    ((.[0].ts[:19] + "Z" | fromdate / 300 | floor) * 300) as $s |
	    {window_start: ($s | todate | .[:19] + ".000Z"), window_end: ($s + 300 | todate | .[:19] + ".000Z"),
	    zone: .[0].zone, n: length, s: (map(.fare) | add), x: (map(.fare) | max)}' in >want
	[ "$(wc -l <want)" -gt 50 ]
	diff want got
}
