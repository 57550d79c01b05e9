# common.bash - what the Bats files share: checks of the exit code and the output of `run'.

says() {
	grep -qF -- "$1" <<<"$output" || {
		printf 'expected "%s" in:\n%s\n' "$1" "$output"
		return 1
	}
}

exits() {
	[ "$status" -eq "$1" ] || {
		printf 'expected exit code %s, got %s:\n%s\n' "$1" "$status" "$output"
		return 1
	}
}
