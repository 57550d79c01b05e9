# common.bash - what the Bats files share: checks of what `run' did, a QEMU and a checkout to play with.

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

# The command must fail.  Bats does not see the failure of `! command', nor of `a && b', before the last line.
refute() {
	if "$@"; then
		echo "expected to fail: $*"
		return 1
	fi
}

# For setup_file: a QEMU that is played ($FAKES/fake-qemu) and two kernels for it.
make_fakes() {
	export SRC=$PWD PTBED=$PWD/build/ptbed FAKES=$BATS_FILE_TMPDIR/fakes
	mkdir -p "$FAKES"
	${CC:-cc} -O1 -g -D_GNU_SOURCE -o "$FAKES/fake-qemu" harness/tests/fake-qemu.c \
		harness/frames.c harness/util.c -lz -lcrypto
	echo fake >"$FAKES/stock.bz"
	echo fake >"$FAKES/utrace.bz"
}

# checkout DIR: a checkout of its own with a family of two scenarios, four exact cases and a racy one.
checkout() {
	mkdir -p "$1/kernel-patches" "$1/compat-tests/scenarios/t" "$1/build"
	ln -s "$SRC/vm-images" "$1/vm-images"
	ln -s "$SRC/build/guest" "$1/build/guest"
	cat >"$1/compat-tests/scenarios/t/AXES" <<-'END'
		axis how = attach seize
		axis sig = SIGUSR1 SIGUSR2
	END
	cat >"$1/compat-tests/scenarios/t/stop.scn" <<-'END'
		title    A traced process that signals itself stops
		ids      S1
		outcome  exact
		param    how = attach seize
		param    sig = SIGUSR1 SIGUSR2

		roles
		  T   tracer
		  P   tracee

		steps
		  T                    | P
		  if $how == attach
		  need attach P        |
		  need wait P          |
		  need cont P          |
		  else
		  need seize P         |
		  end
		  nop >on              |
		                       | <on; raise $sig
		  wait P               |
		  cont P SIGKILL       |
		  wait P               |
	END
	cat >"$1/compat-tests/scenarios/t/race.scn" <<-'END'
		title    SIGKILL races with INTERRUPT
		ids      K1
		outcome  racy

		roles
		  T   tracer
		  P   tracee
		  O   outsider

		steps
		  T                    | P       | O
		  need seize P         |         |
		  nop >go              |         | <go
		  interrupt P          |         | kill P SIGKILL
		  wait P               |         |
		                       | pause   |
	END
}
