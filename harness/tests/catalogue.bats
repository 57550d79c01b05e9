# catalogue.bats - compat-tests/CATALOGUE.md and the ids of the scenarios say the same.

CATALOGUE=compat-tests/CATALOGUE.md

# The rows of the catalogue without their heading: id|behaviour|scenarios|programs|missing
rows() {
	sed -n '/^| id | behaviour |/,$ s/^| \(.*\) |$/\1/p' "$CATALOGUE" | sed '1,2d; s/ | /|/g'
}

# id and scenario, a pair a line, as the catalogue and as the scenarios' headers have it.
by_catalogue() {
	rows | awk -F'|' '$3 != "-" { n = split($3, s, ", *"); for (i = 1; i <= n; i++) print $1, s[i] }' | sort
}

by_headers() {
	find compat-tests/scenarios -name '*.scn' | sort | while read -r f; do
		s=${f#compat-tests/scenarios/}
		sed -n 's/^ids  *//p' "$f" | tr -s ' ' '\n' | sed "s,\$, ${s%.scn},"
	done | sort
}

@test "the catalogue has rows of five columns, and each id once" {
	[ "$(rows | wc -l)" -gt 100 ]
	[ "$(rows | awk -F'|' 'NF != 5')" = "" ]
	[ "$(rows | cut -d'|' -f1 | sort | uniq -d)" = "" ]
}

@test "each id in a scenario's header is one of the catalogue" {
	rows | cut -d'|' -f1 | sort -u >"$BATS_TEST_TMPDIR/known"
	by_headers >"$BATS_TEST_TMPDIR/pairs"
	[ "$(cut -d' ' -f2 "$BATS_TEST_TMPDIR/pairs" | sort -u | wc -l)" = \
		"$(find compat-tests/scenarios -name '*.scn' | wc -l)" ]
	run sh -c 'cut -d" " -f1 "$1" | sort -u | comm -23 - "$2"' sh "$BATS_TEST_TMPDIR/pairs" \
		"$BATS_TEST_TMPDIR/known"
	[ "$output" = "" ] || {
		printf 'no row of %s: %s\n' "$CATALOGUE" "$output"
		return 1
	}
}

@test "the catalogue names the scenarios that have the id in their header, and no others" {
	by_catalogue >"$BATS_TEST_TMPDIR/catalogue"
	by_headers >"$BATS_TEST_TMPDIR/headers"
	run diff "$BATS_TEST_TMPDIR/catalogue" "$BATS_TEST_TMPDIR/headers"
	[ "$output" = "" ] || {
		printf 'only in %s (<), only in a header (>):\n%s\n' "$CATALOGUE" "$output"
		return 1
	}
}

@test "the programs that the catalogue names exist" {
	rows | awk -F'|' '$4 != "-" { n = split($4, s, ", *"); for (i = 1; i <= n; i++) print s[i] }' | sort -u \
		>"$BATS_TEST_TMPDIR/programs"
	[ -s "$BATS_TEST_TMPDIR/programs" ]
	while read -r p; do
		case $p in
		selftests/*) grep -q "^${p#selftests/}[[:space:]]*\(both\|64\|32\)" compat-tests/selftests/list ;;
		tracers/*) [ -f "compat-tests/$p.sh" ] ;;
		*) [ -f "compat-tests/$p.c" ] ;;
		esac || {
			echo "$CATALOGUE names $p, which is not there"
			return 1
		}
	done <"$BATS_TEST_TMPDIR/programs"
}

@test "what nothing shows is called that, and nothing else is" {
	run sh -c "awk -F'|' '(\$3 == \"-\" && \$4 == \"-\") != (\$5 ~ /^not shown/) { print \$1 }'" <<<"$(rows)"
	[ "$output" = "" ] || {
		printf 'shown or not: %s\n' "$output"
		return 1
	}
}
