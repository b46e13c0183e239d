# The targets; "make help" prints the lines with "#:". The work is in ci/ and
# kernel-tree/, and ci/record.sh keeps the result of each target for "make results".

.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
export KERNEL_TREE DEBUG NO_INSTALL GUEST_TIMEOUT WHAT TESTS ROWS PATCHES MUTANTS
export VERSION RFC BASE OLD CONFIG LOCALVERSION TOPIC SOAK_S
RUN = @ci/record.sh $@

kernel:
	$(RUN) ci/build/kernel.sh series

#: make demo         boot the series, start containers and find them by namespacefs
demo:
	$(RUN) ci/test/demo.sh

#: make test         KUnit and the kselftests in QEMU (TESTS="view_test ..." TOPIC=)
test:
	$(RUN) ci/test/test.sh

#: make shell        boot the series with a prompt
shell: kernel
	@ci/guest/run.sh shell shell series

#: make apply        add a branch with the series to KERNEL_TREE=, on BASE= (HEAD)
apply:
	@ci/post/apply.sh

#: make deb          Debian packages in build/deb/ (CONFIG=FILE|running|cloud, LOCALVERSION=)
deb:
	$(RUN) ci/build/deb.sh

#: The series
#:   tree, refresh      make the git tree kernel-tree/linux; write patches/ from its commits
tree refresh:
	@kernel-tree/tree.sh $@

#:   check, docs        check the patches and scripts; the documentation
check:
	$(RUN) ci/check/check.sh

docs:
	$(RUN) ci/check/docs.sh

#:   coccicheck         the kernel's semantic patches on the files it touches
coccicheck:
	$(RUN) ci/check/coccicheck.sh

#:   topics             print the names of the parts that it is posted in
topics:
	@sed -n 's/^# topic: //p' series

#:   mbox               write it as mails, signed off by you (TOPIC= VERSION=N RFC=1 BASE=)
mbox:
	@ci/post/mbox.sh

#:   range-diff         show what changed since the commit OLD=
range-diff:
	@ci/post/range-diff.sh

#:   check-post         check apply, mbox and range-diff
check-post:
	$(RUN) ci/check/post.sh

#:   check-bases        try it on the kernels in kernel-tree/bases
check-bases:
	$(RUN) ci/check/bases.sh

#: The kernel
#:   kernel, stock      build/bzImage with the series; build/stock/bzImage without
stock:
	$(RUN) ci/build/kernel.sh stock

#:   builds             the configurations in ci/build/rows (ROWS="pid um" WHAT=objects)
builds:
	$(RUN) ci/build/builds.sh rows $(ROWS)

#:   bisect-test        build and boot each patch (PATCHES="FROM TO")
bisect-test:
	$(RUN) ci/build/builds.sh patches $(PATCHES)

#: Tests
#:   test-debug         test with KASAN, lockdep and kmemleak, and a minute of churn
test-debug:
	@DEBUG=1 ci/record.sh $@ ci/test/test.sh

#:   kunit              KUnit by kunit.py, with ARCH=um or another
kunit:
	$(RUN) kunit/run.sh

#:   churn, fuzz        for CHURN_S=, FUZZ_S= seconds (60); DEBUG=1 finds most
churn:
	@CHURN_S=$${CHURN_S:-60} TESTS=churn_test ci/record.sh $@ ci/test/test.sh

fuzz:
	@FUZZ_S=$${FUZZ_S:-60} TESTS=fuzz_test ci/record.sh $@ ci/test/test.sh

#:   faults             let each allocation fail in turn, and look for leaks
faults:
	@FLAVOUR=faults DEBUG= TESTS=faults_test ci/record.sh $@ ci/test/test.sh

#:   coverage           the lines of the series that the tests reach
coverage:
	@FLAVOUR=gcov DEBUG= ci/record.sh $@ ci/test/test.sh

#:   mutants            break the series in small ways; a test must notice (MUTANTS=)
mutants:
	$(RUN) ci/test/mutants.sh $(MUTANTS)

#:   regress            mainline's own selftests on stock and on the series
regress:
	$(RUN) ci/test/regress.sh

#:   mainline           show the faults of mainline that the series fixes
mainline:
	$(RUN) ci/test/mainline.sh

#:   real, check-deb    container tools in Debian; the packages of deb in Debian
real:
	$(RUN) ci/test/debian.sh real

check-deb:
	$(RUN) ci/test/debian.sh deb

#:   soak               an hour of load in Debian, or SOAK_S= seconds (FLAVOUR=kcsan)
soak:
	@FLAVOUR=$${FLAVOUR:-debug} DEBUG= ci/record.sh $@ ci/test/debian.sh soak

#:   lsm                what Yama, Landlock and SELinux deny, against the views
lsm:
	@FLAVOUR=lsm DEBUG= ci/record.sh $@ ci/test/debian.sh lsm

#:   bench, bench-check measure against stock: all rows (performance.md); CI's, as recorded
bench:
	$(RUN) ci/bench/bench.sh all

bench-check:
	$(RUN) ci/bench/bench.sh check

#:   results            when each of these passed last, and on which tree
results:
	@ci/record.sh

#:   clean              remove build/
clean:
	rm -rf build

#: For most of them
#:   KERNEL_TREE=DIR    take this Linux tree or git clone as the base; only apply changes
#:                      it, by a branch
#:   ARCH=, FLAVOUR=    kernel, demo, test, shell: ARCH=i386|arm64|riscv64|s390x,
#:                      FLAVOUR=debug|rt|kcsan|clang|compat; DEBUG=1 is debug
#:   NO_INSTALL=1       name missing packages, install none
#:   GUEST_TIMEOUT=S    the seconds that a guest may take (900; 3900 with these; Debian 1800)
help:
	@sed -n 's/^#: //p' Makefile

.PHONY: kernel demo test shell apply deb tree refresh check docs coccicheck topics mbox range-diff \
	check-post check-bases stock builds bisect-test test-debug kunit churn fuzz faults \
	coverage mutants regress mainline real check-deb soak lsm bench bench-check results clean help
