load helper

@test "jmap: an output is a line, several are several, none is none" {
	run -0 --separate-stderr jmap '.a[]' <<<'{"a":[1,"x",{"b":null}]}
{"a":[]}
{"a":[[2]]}'
	[ "$output" = '1
"x"
{"b":null}
[2]' ]
	[ -z "$stderr" ]
	run -0 jmap 'select(.n > 1)' <<<'{"n":1}
{"n":2}'
	[ "$output" = '{"n":2}' ]
}

@test "jmap: what is not touched keeps its spelling, in compact JSON" {
	printf '%s\n' '{ "z": 12.50, "a": [1e400, 12345678901234567890] , "s":"\u00e9\/\u0041" }' >in
	run -0 jmap . in
	[ "$output" = '{"z":12.50,"a":[1e400,12345678901234567890],"s":"é/A"}' ]
	run -0 jmap '{s, z}' in
	[ "$output" = '{"s":"é/A","z":12.50}' ]
	run -0 jmap -S '{z, a: 1}' in
	[ "$output" = '{"a":1,"z":12.50}' ]
}

@test "jmap: duplicate keys, escaped keys and odd spacing mean what they mean to jq" {
	run -0 jmap '.a, .b.c' <<<'{"a":1,"\u0061":2,"b":{"c":1},"b":{"c":{"c":3}}}
{"a":{"a":9},"b" : { "c" : [ 1 , 2 ] } }'
	[ "$output" = '2
{"c":3}
{"a":9}
[1,2]' ]
}

@test "jmap: -r writes text, -j without newlines, and neither passes control lines" {
	run -0 jmap -r '.s, .n' <<<'{"s":"a \"b\"\n","n":"1"}'
	[ "$output" = 'a "b"

1' ]
	run -0 jmap -j '.s' <<<'{"s":"a"}
{"s":"b"}'
	[ "$output" = ab ]
	run -0 bash -c "jwatermark --every 0 <<<'{\"ts\":5}' | jmap -r .ts"
	[ "$output" = 5 ]
	run -0 bash -c "jwatermark --every 0 <<<'{\"ts\":5}' | jmap -c '{ts}' | grep -c '\$mr'"
	[ "$output" -ge 2 ]
}

@test "jmap: -n runs once; input and inputs read the events" {
	run -0 jmap -n '1, 2' </dev/null
	[ "$output" = '1
2' ]
	run -0 jmap -n 'reduce inputs as $x (0; . + $x.n)' <<<'{"n":1}
{"n":2}

{"n":39}'
	[ "$output" = 42 ]
	run -0 jmap -n '[input.n, input.n]' <<<'{"n":1}
{"n":2}
{"n":3}'
	[ "$output" = '[1,2]' ]
	run -0 jmap '[., input]' <<<'1
2
3
4'
	[ "$output" = '[1,2]
[3,4]' ]
	run -3 --separate-stderr jmap '[., input]' <<<'1'
	[[ $stderr == *"expression failed: break" ]]
}

@test "jmap: -n runs on null, whatever the program looks for in it" {
	local program
	for program in .a . '.a.b?, .[0]?' '{a, b: .c}' 'select(.a != 3) | .b' '"x\(.a)", .a[1:2]' '.a + 1' ..; do
		run -0 jmap -n "$program"
		[ "$output" = "$(jmap "$program" <<<null)" ]
	done
}

@test "jmap: a run that input led on and that fails is bad records: where it began, and where it failed" {
	printf '{"id":%s}\n' 0 1 2 3 4 >five
	run -0 --separate-stderr jmap --dead dead '[.id, (input.id | if . == 1 then error("no") else . end)]' five
	[ "$output" = '[2,3]' ]
	[ "$(jq -r '.where + " " + .raw' dead)" = 'five:1 {"id":0}
five:2 {"id":1}
five:5 {"id":4}' ]
	run -0 --separate-stderr jmap --on-error skip '[.id, input.id]' five
	[ "$output" = '[0,1]
[2,3]' ]
	[ "$stderr" = "jmap: 1 bad record skipped, the first: five:5: expression failed: break" ]
	run -3 --separate-stderr jmap '[.id, input.id]' five
	[ "$stderr" = "jmap: five:5: expression failed: break" ]
}

@test "jmap: -n writes an output when its input is there, not at the end" {
	mkfifo in
	jmap -n 'inputs | .n' <in >out &
	exec 8>in
	echo '{"n":1}' >&8
	until_true 10 grep -q 1 out
	exec 8>&-
	wait $!
}

@test "jmap: -s is refused, with what to do instead" {
	run -2 --separate-stderr jmap -s . </dev/null
	[ "$stderr" = "jmap: -s would hold the whole stream in memory: reduce it with jwindow, or use -n and 'reduce inputs'" ]
}

@test "jmap: an event the program fails on is bad as a whole" {
	printf '%s\n' '{"a":[1,2]}' '{"a":[1,{}]}' '{"a":[3]}' >in
	run -3 --separate-stderr jmap '.a[] + 1' in
	[ "$output" = '2
3' ]
	[ "$stderr" = "jmap: in:2: expression failed: object ({}) and number (1) cannot be added" ]
	run -0 --separate-stderr jmap --on-error skip '.a[] + 1' in
	[ "$output" = '2
3
4' ]
	run -0 jmap --dead dead '{x: (.a[0] + .a[1])}' in
	[ "$(jq -r .raw dead)" = '{"a":[1,{}]}' ]
}

@test "jmap: --args, --jsonargs, --rawfile and --slurpfile name values" {
	run -0 jmap --args '.n, $ARGS.positional' a "b c" <<<'{"n":1}'
	[ "$output" = '1
["a","b c"]' ]
	run -0 jmap --jsonargs -n '$ARGS.positional[1].x' 1 '{"x":[true]}' </dev/null
	[ "$output" = '[true]' ]
	printf 'two\nlines' >raw
	printf '{"a":1} [2]\n3' >slurp
	run -0 jmap -n --rawfile r raw --slurpfile s slurp '$r, $s, $ARGS.named.s[0]' </dev/null
	[ "$output" = '"two\nlines"
[{"a":1},[2],3]
{"a":1}' ]
	run -4 --separate-stderr jmap -n --slurpfile s missing . </dev/null
	[ "$stderr" = "jmap: cannot read 'missing': No such file or directory" ]
	run -2 --separate-stderr jmap -n --slurpfile s raw . </dev/null
	[ "$stderr" = "jmap: --slurpfile s: 'raw' is not JSON" ]
	run -2 --separate-stderr jmap -n --jsonargs . '{' </dev/null
	[ "$stderr" = "jmap: --jsonargs: '{' is not JSON" ]
}

@test "jmap: the environment is seen with --env alone" {
	export CANARY=1
	run -0 jmap -n '$ENV.CANARY, env.CANARY' </dev/null
	[ "$output" = 'null
null' ]
	run -0 jmap --env -n '$ENV.CANARY, env.CANARY' </dev/null
	[ "$output" = '"1"
"1"' ]
}

@test "jmap: --explain says which engine and why, --engine chooses" {
	run -0 jmap --explain '{a, b: (.c + 1)}'
	[[ $output == "engine: own, a plan"*"slot .[\"a\"]"* ]]
	run -0 jmap --explain 'select(.a) | .b[]'
	[[ $output == "engine: own, the machine"*"in front of it:"* ]]
	run -0 jmap --explain 'getpath(["a"]) | ltrimstr("x") | @base32d | input_line_number | modulemeta'
	[[ $output == "engine: libjq"* ]]
	run -2 --separate-stderr jmap --engine own modulemeta </dev/null
	[[ $stderr == *modulemeta* ]]
	run -0 jmap --engine libjq '.a + 1' <<<'{"a":1}'
	[ "$output" = 2 ]
	run -2 --separate-stderr jmap --engine v8 . </dev/null
	[ "$stderr" = "jmap: --engine 'v8' is none of auto, own, libjq" ]
}

@test "jmap: input_line_number and input_filename know the place" {
	printf '{"a":1}\n\n{"a":2}\n' >in
	run -0 jmap '[input_filename, input_line_number, .a]' in
	[ "$output" = '["in",1,1]
["in",3,2]' ]
}

@test "jmap: equals jq on random events" {
	seed=${MR_SEED:-$RANDOM}
	echo "seed $seed"
	awk -v seed="$seed" 'BEGIN {
		srand(seed)
		split("null true false 0 1 -1 0.5 1000 \"\" \"a\" \"é\" \"x=y\" [] [1] {} {\"x\":1}", v, " ")
		for (i = 0; i < 500; i++)
			printf "{\"a\":%s,\"b\":%s}\n", v[1 + int(rand() * 16)], v[1 + int(rand() * 16)]
	}' >in
	for expr in . '{b, a}' '[.a, .b] | sort' '.a // .b' '{k: "\(.a)-\(.b)"}' '.a?, .b?' '[.[] | tostring]' \
	    'to_entries' 'map_values(. == null)' '.c = .a' 'del(.a)' 'try (.a + .b) catch .' '[paths]' \
	    '.a as $x | [.b, $x]' 'if .a then .b else "none" end' '[.a, .b | type, length?]'; do
		jq -c "$expr" in >want
		jmap "$expr" in | jq -c . >got
		diff want got || { echo "expression $expr"; return 1; }
	done
}

@test "jmap: -n writes as it goes, and TERM ends a program without an end" {
	run -0 bash -c "jmap -n 'range(1e18)' | sed -n 100000p\;100000q"
	[ "$output" = 99999 ]
	for program in 'range(1e18)' 'last(range(1e18))' 'def f: f; f' 'reduce repeat(1) as $x (0; . + $x)'; do
		jmap -n "$program" >/dev/null &
		sleep 0.2
		kill -TERM $!
		wait $!
	done
}

@test "jmap: recursion without an end is an error of that event" {
	run -0 --separate-stderr jmap --on-error skip 'def f: 1 + f; if . == 1 then f else . end' <<<'1
2'
	[ "$output" = 2 ]
	[[ $stderr == *"stdin:1: expression failed: recursion deeper than 1000000 calls" ]]
}
