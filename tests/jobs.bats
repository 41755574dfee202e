#!/usr/bin/env bats
# --jobs: whatever the number of threads, the same output, messages, status and counts.
load helper

CHUNK=${MR_BUILD:-$MR_TOP/build}/aid/chunk

# events SEED LINES WHAT+...: random events, of which one in some hundred is WHAT (crlf: some of
# all; cut: no LF at the end); a thousandth of them are of another shape anyway.
events() {
	awk -v seed="$1" -v lines="$2" -v what="$3" 'BEGIN {
		srand(seed)
		split("completed cancelled open", status, " ")
		long = sprintf("%5000s", ""); gsub(/ /, "x", long)
		every = 50 + int(rand() * 1000)
		nkinds = split(what, kinds, "+")
		for (i = 1; i <= lines; i++) {
			n = int(rand() * 100)
			end = "\n"
			line = sprintf("{\"id\":%d,\"status\":\"%s\",\"n\":%d,\"s\":\"%x\"}", i,
			    status[1 + int(rand() * 3)], n, rand() * 2 ^ 31)
			if (rand() < 0.001)
				line = sprintf("{ \"n\" : %d.50, \"x\":[%d, {}], \"status\": null}", n, i)
			if (what ~ /crlf/ && int(rand() * 3) == 0)
				end = "\r\n"
			if (int(rand() * every) == 0) {
				kind = kinds[1 + int(rand() * nkinds)]
				if (kind == "blank")
					line = int(rand() * 2) ? "" : " \t"
				if (kind == "broken")
					line = substr(line, 1, int(rand() * length(line)))
				if (kind == "utf8")
					sub(/"s":"/, "&\377", line)
				if (kind == "fails")
					line = sprintf("{\"id\":%d,\"n\":{},\"s\":\"x\"}", i)
				if (kind == "long")
					line = "{\"n\":1,\"s\":\"" long "\"}"
			}
			printf "%s%s", line, i == lines && what ~ /cut/ ? "" : end
		}
	}'
}

# once N TOOL ARGUMENT...: run it with N jobs; what it said and did to out.N, err.N, ...
# Standard input is the file `stdin`, in chunks of $size if that is set.
once() {
	local n=$1 tool=$2 rc=0
	shift 2
	rm -f dead metrics
	if [ -n "${size:-}" ]; then
		"$CHUNK" "$size" <stdin |
		    "$tool" --jobs "$n" --metrics-file metrics "$@" >"out.$n" 2>"err.$n" || rc=$?
	else
		"$tool" --jobs "$n" --metrics-file metrics "$@" <stdin >"out.$n" 2>"err.$n" || rc=$?
	fi
	echo "status $rc" >>"err.$n"
	cat metrics >>"err.$n"
	: >"dead.$n"
	[ ! -e dead ] || mv dead "dead.$n"
}

# same TOOL ARGUMENT...
same() {
	local n
	[ -e stdin ] || : >stdin
	once 1 "$@"
	for n in 2 3 7; do
		once $n "$@"
		cmp out.1 out.$n && diff err.1 err.$n && cmp dead.1 dead.$n ||
		    { echo "with --jobs $n, seed $seed: $*"; return 1; }
	done
}

pick_seed() {
	seed=${MR_SEED:-$RANDOM}
	echo "seed $seed"
}

@test "jobs: a number from 1 to 64, or status 2" {
	local tool n
	for tool in jfilter jmap; do
		for n in 0 -1 65 1000000000000000000000 two '' 1.5; do
			run -2 --separate-stderr $tool --jobs "$n" . </dev/null
			[ "$stderr" = "$tool: --jobs '$n' is not a whole number from 1 to 64" ]
		done
		for n in 1 64; do
			run -0 --separate-stderr $tool --jobs $n -- . <<<'{"a":1}'
			[ "$output" = '{"a":1}' ]
		done
	done
}

@test "jobs: the order and the bytes of the input, of files and of a pipe" {
	pick_seed
	events "$seed" 20000 none >in
	jq -c 'select(.n > 50)' in >want
	same jfilter '.n > 50' in
	jq -c . out.1 | cmp - want
	[ "$(wc -l <out.7)" -gt 1000 ]
	same jfilter -v '.status == "completed" and .n > 50' in
	same jmap 'select(.s | test("^[0-4]")) | {s: (.s | ascii_upcase), n: .s[0:3]}' in
	jq -c 'select(.s != null and (.s | test("^[0-4]"))) | .n' in >want
	same jmap -r 'select(.s != null and (.s | test("^[0-4]"))) | "\(.n)"' in
	cmp out.1 want
	mv in stdin
	for size in 100 5000 40000 1000000; do
		same jfilter '.n > 50'
		same jmap '.id, {n}'
	done
}

@test "jobs: bad records under every policy" {
	local what policy
	pick_seed
	for what in broken utf8 fails long blank+broken crlf+fails crlf+long+cut blank+cut blank+broken+utf8+fails; do
		seed=$((seed + 1))
		events "$seed" 12000 $what >in
		for policy in '--on-error fail' '--on-error skip' '--dead dead'; do
			same jfilter $policy --max-line 4000 '.n + 1 > 30' in
			same jmap $policy --max-line 4000 '.s, {id, m: (.n + 1)}' in
		done
	done
	[ -s dead.1 ]
}

@test "jobs: what is bad in a pipe is located, whatever one read yields" {
	pick_seed
	for size in 3000 60000 200000; do
		seed=$((seed + 1))
		{ events "$seed" 8000 blank+fails+crlf && echo '{oops' && echo '{"n":5}'; } >stdin
		same jmap '.n + 1'
		same jmap --on-error skip '.n + 1'
		grep -q ' stdin:' err.1
	done
}

@test "jobs: several files, each with lines of its own" {
	local i files=()
	pick_seed
	for i in 1 2 3 4 5 6 7 8; do
		events $((seed + i)) $((i % 3 * 3000 + 300)) fails+blank$([ $i = 5 ] && echo +cut) >f$i
		files+=("f$i")
	done
	{ printf '\xef\xbb\xbf' && cat f1 && echo '{oops'; } >f9
	: >f10
	events "$seed" 3000 fails >stdin
	same jfilter --dead dead '.n + 1 > 30' "${files[@]}" f10 - f9 f3 f3
	grep -q '"where":"f9:' dead.1
	same jfilter '.n + 1 > 30' f10 "${files[@]}"
	same jmap .n "${files[@]}" missing
}

@test "jobs: long lines among short ones" {
	local i
	pick_seed
	for i in 1 2 3; do
		events $((seed + i)) 3000 none
		printf '{"n":60,"s":"%s"}\n' "$(head -c $((i * 700000)) /dev/zero | tr '\0' x)"
	done >in
	events "$seed" 3000 cut >>in
	same jfilter '.n > 50' in
	same jfilter --on-error skip --max-line 1M '.n > 50' in
	mv in stdin
	size=150000 same jmap '.n, (.s | length)'
}

@test "jobs: much output of few lines" {
	events 1 1500 none >in
	same jmap 'range(2000)' in
	[ "$(wc -l <out.7)" -eq 3000000 ]
}

@test "jobs: -e is 1 if nothing passed, 0 if something did" {
	pick_seed
	events "$seed" 10000 none >in
	same jfilter -e '.n > 1000' in
	grep -qx 'status 1' err.1
	same jfilter -e '.id == 7001' in
	grep -qx 'status 0' err.1
	same jfilter -e '.id == 7001' in missing
	echo '{"id":10001}' >>in
	same jfilter -e '.id == 10001' in
}

@test "jobs: arguments of the program are there in each thread" {
	events 1 8000 none >in
	printf '{"a":[1.50,"x"]} nan 12345678901234567890' >slurp
	same jmap --arg a "text" --argjson b '{"k":[1,{"z":null}]}' --slurpfile c slurp \
	    '.id, $a, $b, $c, ($b.k[1].z = .n), ($c[1] | isnan), $ARGS.named.a' in
	same jmap --jsonargs '.id as $i | $ARGS.positional[$i % 3] | tojson' 1 '[2.0]' '"x"' <in
	same jfilter --argjson n 40 '.n > $n' in
	[ -s out.1 ]
}

@test "jobs: what one thread alone can do runs in one" {
	pick_seed
	events "$seed" 6000 blank >in
	same jmap '[input_filename, input_line_number, .n]' in
	same jmap '[.n, input.n]' in
	same jmap -n 'reduce inputs as $x (0; . + $x.n)' in
	same jmap --engine libjq '.n' in
	same jmap 'select(.id % 100 == 0) | debug(.n) | .id' in
	same jfilter '.n > 50 or (.id | tojson | stderr | false)' in
	same jmap --on-error skip 'if .id % 500 == 0 then "no\n" | halt_error else .id end' in
}

@test "jobs: a stream with control lines" {
	events 1 6000 none | jq -c '. + {ts: input_line_number}' >in
	jwatermark --every 0 in >stdin
	grep -q '"\$mr"' stdin
	same jfilter '.n > 50'
	same jmap '{ts, n}'
	size=50000 same jmap -r '.n'
	head -c 300000 stdin >half
	mv half stdin
	same jfilter '.n > 50'
}

@test "jobs: what was read is written before more is waited for" {
	events 1 9000 none >in
	mkfifo pipe
	jmap --jobs 3 .id <pipe >out 2>err &
	exec 8>pipe
	cat in >&8
	all_there() { [ "$(wc -l <out)" -eq "$1" ]; }
	until_true 20 all_there 9000
	cat in >&8
	until_true 20 all_there 18000
	kill -USR1 $!
	until_true 20 grep -qx 'jmap: in 18000, out 18000, bad 0' err
	echo '{"id":1}' >&8
	until_true 20 all_there 18001
	exec 8>&-
	wait $!
}

@test "jobs: TERM ends it with 0, and what is written is a beginning" {
	local pid
	events 1 60000 none >in
	jmap --jobs 3 '[range(.n)] | add' in >want
	jmap --jobs 3 '[range(.n)] | add, ([range(20000)] | length | empty)' in >out &
	pid=$!
	until_true 20 test -s out
	kill -TERM $pid
	wait $pid
	[ "$(wc -l <out)" -lt 60000 ]
	head -n "$(wc -l <out)" want | cmp - out
	mkfifo pipe
	jfilter --jobs 2 '.n >= 0' <pipe >out &
	pid=$!
	exec 8>pipe
	cat in >&8
	kill -TERM $pid
	wait $pid
	exec 8>&-
	head -n "$(wc -l <out)" in | cmp - out
}

@test "jobs: a reader that leaves, a full disk" {
	events 1 60000 none >in
	run -141 bash -c 'set -o pipefail; jmap --jobs 3 .id in | head -n 1 >/dev/null'
	run -4 --separate-stderr bash -c 'jmap --jobs 3 .id in >/dev/full'
	[[ $stderr == "jmap: cannot write standard output: "* ]]
}
