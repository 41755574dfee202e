load helper

@test "jfilter: copies what passes, byte for byte" {
	printf '%s\n' '{"n": 1.0, "b":[ ]}' '{"n":2}' '{ "n":12345678901234567890 }' >in
	run -0 --separate-stderr jfilter '.n != 2' in
	[ "$output" = '{"n": 1.0, "b":[ ]}
{ "n":12345678901234567890 }' ]
	[ -z "$stderr" ]
}

@test "jfilter: -v copies what does not pass" {
	run -0 jfilter -v '.n > 1' <<<'{"n":1}
{"n":2}'
	[ "$output" = '{"n":1}' ]
}

@test "jfilter: any output neither null nor false passes the event, once" {
	run -0 jfilter '.a[]' <<<'{"a":[1,2,3]}
{"a":[]}
{"a":[null,false]}
{"a":[false,0]}'
	[ "$output" = '{"a":[1,2,3]}
{"a":[false,0]}' ]
}

@test "jfilter: -e is 1 if nothing passed, 0 if something did" {
	run -1 jfilter -e '.n > 5' <<<'{"n":1}'
	[ -z "$output" ]
	run -0 jfilter -e '.n > 0' <<<'{"n":1}'
	run -1 jfilter -e . </dev/null
}

@test "jfilter: --arg and --argjson name values" {
	run -0 jfilter --arg s "done" --argjson min 2 '.s == $s and .n >= $min' <<<'{"s":"done","n":1}
{"s":"done","n":2}
{"s":"open","n":3}'
	[ "$output" = '{"s":"done","n":2}' ]
	run -2 --separate-stderr jfilter --argjson min two '.' </dev/null
	[ "$stderr" = "jfilter: --argjson min: 'two' is not JSON" ]
	run -2 --separate-stderr jfilter --arg only
	[[ $stderr == "jfilter: no TEXT behind --arg NAME given; "* ]]
}

@test "jfilter: -f reads the expression from a file, comments and all" {
	printf '# completed rides\n.status == "completed"\n' >prog
	run -0 jfilter -f prog <<<'{"status":"completed"}
{"status":"cancelled"}'
	[ "$output" = '{"status":"completed"}' ]
	run -4 --separate-stderr jfilter -f missing </dev/null
	[ "$stderr" = "jfilter: cannot read 'missing': No such file or directory" ]
}

@test "jfilter: an expression that does not compile is 2, in one line" {
	run -2 --separate-stderr jfilter '.a ==' </dev/null
	[[ $stderr == "jfilter: expression '.a ==': syntax error"* ]]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	run -2 --separate-stderr jfilter 'nosuch(1)' </dev/null
	[[ $stderr == *"nosuch/1 is not defined"* ]]
}

@test "jfilter: an error of the expression makes a bad record" {
	printf '%s\n' '{"n":1}' '{"n":{}}' '{"n":3}' >in
	run -3 --separate-stderr jfilter '.n + 1' in
	[ "$output" = '{"n":1}' ]
	[[ $stderr == "jfilter: in:2: expression failed: object ({}) and number (1) cannot be added" ]]
	run -0 --separate-stderr jfilter --on-error skip '.n + 1' in
	[ "$output" = '{"n":1}
{"n":3}' ]
	[[ $stderr == "jfilter: 1 bad record skipped, the first: in:2: "* ]]
}

@test "jfilter: a malformed record is 3, is located, and keeps what passed" {
	printf '%s\n' '{"n":1.0}' '{oops' >in
	run -3 --separate-stderr jfilter .n in
	[ "$output" = '{"n":1.0}' ]
	[[ $stderr == "jfilter: in:2: "* ]]
}

@test "jfilter: the program does not see the environment" {
	export PGPASSWORD=canary
	run -1 jfilter -e 'env.PGPASSWORD // $ENV.PGPASSWORD' <<<'{}'
	[ -z "$output" ]
}

@test "jfilter: agrees with jq's select on random events" {
	seed=${MR_SEED:-$RANDOM}
	echo "seed $seed"
	awk -v seed="$seed" 'BEGIN {
		srand(seed)
		split("null true false 0 1 -1 0.5 1e3 \"\" \"a\" \"b\" [] [1] {} {\"x\":1}", v, " ")
		for (i = 0; i < 500; i++)
			printf "{\"a\":%s,\"b\":%s}\n", v[1 + int(rand() * 15)], v[1 + int(rand() * 15)]
	}' >in
	for expr in '.a == .b' '.a < .b' '.a' '.a and .b' '.a // .b' '(.a|type) == "number" and .a > 0' \
	    '[.a,.b] | unique | length > 1' '.a?' '.b | not'; do
		jq -c "select($expr)" in >want
		jfilter "$expr" in | jq -c . >got
		diff want got || { echo "expression $expr"; return 1; }
	done
}

@test "jfilter: an event on which libjq aborts is a bad record" {
	export ASAN_OPTIONS=detect_leaks=0	# what the aborted libjq held is lost
	printf '{"t":%s}\n' 1 1e300 3 >in
	run -0 --separate-stderr jfilter --engine libjq --on-error skip '.t | todate < "2000"' in
	[ "$output" = '{"t":1}
{"t":3}' ]
	[[ $stderr == *"in:2: expression failed: libjq gave up on this event" ]]
	run -2 --separate-stderr jfilter 'include "x"; .' in
	[ "$stderr" = "jfilter: expression 'include \"x\"; .': module not found: x" ]
}

@test "jfilter: options behind operands are refused, not taken for files" {
	run -2 --separate-stderr jfilter . in -v
	[ "$stderr" = "jfilter: '-v' stands behind '.': options come first; see jfilter --help" ]
	echo '{"a":1}' >-v
	run -0 jfilter -- . -v
	[ "$output" = '{"a":1}' ]
}

@test "jfilter: reading what it writes is refused" {
	echo '{"a":1}' >in
	run -2 --separate-stderr bash -c 'jfilter . in >>in'
	[ "$stderr" = "jfilter: 'in' is both input and output" ]
	run -2 --separate-stderr jfilter --dead in . in
	[ "$(cat in)" = '{"a":1}' ]
}

@test "jfilter: --metrics-file replaces nothing but a file" {
	mkfifo fifo
	ln -s nowhere link
	for path in fifo link .; do
		run -2 --separate-stderr jfilter --metrics-file "$path" . <<<'{}'
		[[ $stderr == "jfilter: --metrics-file '$path' is not a file: "* ]]
	done
	[ -p fifo ] && [ -L link ]
}
