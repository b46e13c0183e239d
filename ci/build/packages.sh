#!/bin/bash
# packages.sh PURPOSE...: have the programs that a purpose needs. On Debian, as
# root, install what is missing; NO_INSTALL=1 only names it.
. "$(dirname "$0")/../lib/common.sh"

# purpose package file-or-program
table='
fetch	debian-archive-keyring	/usr/share/keyrings/debian-archive-keyring.gpg
fetch	xz-utils	xz
tree	git	git
tree	patch	patch
build	gcc	gcc
build	libc6-dev	/usr/include/stdio.h
build	make	make
build	flex	flex
build	bison	bison
build	bc	bc
build	perl	perl
build	python3	python3
build	libelf-dev	/usr/include/libelf.h
build	libssl-dev	/usr/include/openssl/ssl.h
build	ccache	ccache
guest-x86_64	qemu-system-x86	qemu-system-x86_64
guest-i386	qemu-system-x86	qemu-system-x86_64
guest-arm64	qemu-system-arm	qemu-system-aarch64
guest-riscv64	qemu-system-misc	qemu-system-riscv64
guest-riscv64	opensbi	/usr/lib/riscv64-linux-gnu/opensbi
guest-s390x	qemu-system-misc	qemu-system-s390x
guest-s390x	qemu-system-data	/usr/share/qemu/s390-ccw.img
kernel-arm64	gcc-aarch64-linux-gnu	aarch64-linux-gnu-gcc
kernel-riscv64	gcc-riscv64-linux-gnu	riscv64-linux-gnu-gcc
kernel-s390x	gcc-s390x-linux-gnu	s390x-linux-gnu-gcc
kernel-clang	clang-19	clang-19
kernel-clang	lld-19	ld.lld-19
kernel-clang	llvm-19	llvm-ar-19
user-i386	gcc-i686-linux-gnu	i686-linux-gnu-gcc
user-i386	libc6-dev-i386-cross	/usr/i686-linux-gnu/lib/libc.a
user-compat	gcc-i686-linux-gnu	i686-linux-gnu-gcc
user-compat	libc6-dev-i386-cross	/usr/i686-linux-gnu/lib/libc.a
user-arm64	libc6-dev-arm64-cross	/usr/aarch64-linux-gnu/lib/libc.a
user-riscv64	libc6-dev-riscv64-cross	/usr/riscv64-linux-gnu/lib/libc.a
user-s390x	libc6-dev-s390x-cross	/usr/s390x-linux-gnu/lib/libc.a
guest	busybox-static	/bin/busybox
guest	cpio	cpio
guest	gcc	gcc
guest	libc6-dev	/usr/lib/x86_64-linux-gnu/libc.a
guest	python3	python3
tests	rsync	rsync
tests-gcov	gcovr	gcovr
bench	util-linux	lsns
bench	gnuplot-nox	gnuplot
strict	sparse	sparse
cocci	coccinelle	spatch
cocci	ocaml-nox	ocamlc
cocci	ocaml-findlib	ocamlfind
regress	libcap-dev	/usr/include/sys/capability.h
check	quilt	quilt
check	shellcheck	shellcheck
check	python3	python3
check	perl	perl
check	codespell	codespell
check	e2fsprogs	mke2fs
mbox	perl	perl
rootfs	mmdebstrap	mmdebstrap
rootfs	e2fsprogs	mke2fs
rootfs	debian-archive-keyring	/usr/share/keyrings/debian-archive-keyring.gpg
deb	dpkg-dev	dpkg-buildpackage
deb	debhelper	dh
deb	rsync	rsync
deb	kmod	depmod
deb	cpio	cpio
deb	openssl	openssl
post	b4	b4
post	quilt	quilt
post	perl	perl
post	python3	python3
check	python3-ply	/usr/lib/python3/dist-packages/ply
check	python3-git	/usr/lib/python3/dist-packages/git
lsm	secilc	secilc
docs	make	make
docs	gcc	gcc
docs	flex	flex
docs	bison	bison
docs	perl	perl
docs	python3	python3
docs	python3-sphinx	sphinx-build
docs	python3-yaml	/usr/lib/python3/dist-packages/yaml
docs	mandoc	mandoc
docs	groff	groff
'
missing=
for purpose; do
	while IFS='	' read -r for package what; do
		[ "$for" = "$purpose" ] || continue
		case $what in
		/*) [ -e "$what" ] && continue ;;
		*) command -v "$what" >/dev/null && continue ;;
		esac
		case " $missing " in *" $package "*) ;; *) missing="$missing $package" ;; esac
	done <<<"$table"
done
[ -n "$missing" ] || exit 0

[ -z "${NO_INSTALL:-}" ] || die "missing packages:$missing (NO_INSTALL is set; install them, or unset it)"
[ -r /etc/debian_version ] && command -v apt-get >/dev/null ||
	die "missing programs, by the names of Debian's packages:$missing; install them with your system's package manager"
[ "$(id -u)" = 0 ] || die "missing packages:$missing; run as root: apt-get install$missing"

say "installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # a list of words
if ! { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy \
	install --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
	tail -n 5 "$log" >&2
	die "apt-get could not install$missing; see the lines above, fix that, and run make again"
fi
