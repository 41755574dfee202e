load helper

# The judge is fetched and built once; where it cannot be, that is the reason to skip.
oracle() {
	"$MR_TESTS/jq/oracle" >/dev/null 2>why || skip "$(cat why)"
}

@test "jq: its own tests over jmap, no count falls and no group fails anew" {
	oracle
	run -0 "$MR_TESTS/jq/conform"
	echo "$output" | sed 's/^/# /' >&3
}

@test "jq: the same random programs and inputs give what jq 1.8 gives" {
	oracle
	run -0 "$MR_TESTS/jq/differ" --seed 1 --pairs 10000
}

@test "jq: other random programs and inputs give what jq 1.8 gives" {
	oracle
	run -0 "$MR_TESTS/jq/differ" --pairs 10000
	[[ $output == "seed "* ]]
	echo "# ${lines[0]}" >&3
}

@test "jq: what differed once differs no more" {
	oracle
	run -0 "$MR_TESTS/jq/differ" --list "$MR_TESTS/jq/pairs"
}

@test "jq: the runner of its tests finds nothing wrong with jq itself" {
	oracle
	run -0 "$MR_TESTS/jq/conform" -o man.test base64.test
	[[ $output == "man.test: 231 of 231 groups"* ]]
}
