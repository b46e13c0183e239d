# What people type. The work is in kernel-tree/, selftests/guest/ and ci/.

.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
export KERNEL_TREE DEBUG NO_INSTALL GUEST_TIMEOUT WHAT TESTS
export VERSION RFC BASE OLD CONFIG LOCALVERSION
SHELL = bash

kernel:		## build the kernel of the series: build/bzImage (the default)
	@ci/kernel.sh series

demo:		## boot it, start containers in it and find them by namespacefs
	@ci/demo.sh

test:		## run KUnit and the kselftests in it
	@ci/test.sh

test-debug:	## the same on a kernel that finds faults: KASAN, lockdep, kmemleak
	@DEBUG=1 ci/test.sh

regress:	## mainline's own selftests on stock and on the series, compared
	@ci/regress.sh

mainline:	## show the faults of mainline that the series mends
	@ci/mainline.sh

builds:		## build with parts configured out, for 32 bits and for um (ROWS=)
	@ci/builds.sh $(ROWS)

coccicheck:	## look at what the series touches with the kernel's semantic patches
	@ci/coccicheck.sh

kunit:		## run KUnit under ARCH=um, by kunit.py
	@ci/kunit.sh

bisect-test:	## build and boot every patch by itself, without and with namespacefs (PATCHES=)
	@ci/bisect.sh $(PATCHES)

bench:		## measure the series against stock: Documentation/performance.md
	@ci/bench.sh

bench-check:	## no more than create, destroy and listing may cost (minutes)
	@ci/bench.sh check

shell:		## boot it with a prompt
	@ci/shell.sh

tree:		## fetch Linux and apply the series: kernel-tree/linux, a git tree
	@kernel-tree/tree.sh tree

refresh:	## write patches/ and series from the commits of kernel-tree/linux
	@kernel-tree/tree.sh refresh

stock:		## build the same kernel without the series: build/stock/bzImage
	@ci/kernel.sh stock

check:		## check the patches: refresh, quilt and git am, checkpatch, scripts
	@ci/check.sh

docs:		## check the documentation: htmldocs, kernel-doc, ABI, the manual page
	@ci/docs.sh

mbox:		## the series as mails, signed off by you: build/series.mbox
	@ci/mbox.sh

range-diff:	## what changed in the series since the commit OLD=
	@ci/range-diff.sh

apply:		## add a branch namespacefs with the series to KERNEL_TREE=, a git clone
	@ci/apply.sh

check-post:	## check these three, with git am, b4 and quilt
	@ci/check-post.sh

check-bases:	## try the series on other kernels of Debian
	@ci/check-bases.sh

deb:		## Debian packages of the kernel, in build/deb/
	@ci/deb.sh

check-deb:	## install them in a Debian guest and boot it with them
	@ci/check-deb.sh

real:		## find podman, nspawn, bubblewrap and Chromium in a Debian guest
	@ci/real.sh

churn:		## the churn test for CHURN_S seconds (60); DEBUG=1 finds most
	@CHURN_S=$${CHURN_S:-60} ci/stress.sh churn_test CHURN_S CHURN_SEED

fuzz:		## the fuzz test for FUZZ_S seconds for each user (60)
	@FUZZ_S=$${FUZZ_S:-60} ci/stress.sh fuzz_test FUZZ_S FUZZ_SEED

faults:		## let each allocation fail in turn, and look for leaks
	@FAULTS=1 DEBUG= ci/stress.sh faults_test

mutants:	## break the series in small ways; each must be noticed (an hour or more)
	@ci/mutants.sh $(MUTANTS)

coverage:	## print which lines of the series the tests reach
	@ci/coverage.sh

clean:		## remove build/
	rm -rf build

help:		## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 20
	@printf '\nVariables:\n'
	@printf '  %-17s %s\n' \
		'KERNEL_TREE=DIR' 'take this Linux tree or git clone as the base; it is not touched' \
		'DEBUG=1' 'with kernel, test, demo, shell: a kernel with KASAN and lockdep, slow' \
		'VERSION=N RFC=1' 'with mbox: the Nth posting, which CHANGES tells of; a request for comments' \
		'BASE=REV' 'with mbox, apply, range-diff and KERNEL_TREE: the commit to put the series on (HEAD)' \
		'OLD=REV' 'with range-diff: a commit of this repository' \
		'CONFIG=FILE' 'with deb: of this configuration; "running" takes that of the running kernel' \
		'LOCALVERSION=S' 'with deb: what the release ends in (-namespacefs)' \
		'TESTS=NAMES' 'with test and test-debug: these kselftests only, for example events_test' \
		'ROWS=NAMES' 'with builds: these rows of the table in ci/builds.sh' \
		'WHAT=objects' 'with builds: compile what the series touches, boot nothing' \
		'PATCHES="FROM TO"' 'with bisect-test: the patches with these numbers' \
		'NO_INSTALL=1' 'name the packages that are missing, install none' \
		'GUEST_TIMEOUT=S' 'how many seconds a guest may take (900, with DEBUG=1 3900)'

.PHONY: kernel demo test test-debug regress mainline builds coccicheck kunit \
	bisect-test bench bench-check shell tree refresh stock check docs mbox range-diff \
	apply check-post check-bases deb check-deb real churn fuzz faults mutants \
	coverage clean help
