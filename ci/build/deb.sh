#!/bin/bash
# deb.sh: Debian packages of the kernel of the series, in build/deb/, by the kernel's
# own bindeb-pkg.
#   CONFIG=PATH     a configuration, /boot/config-* for example; CONFIG=running takes
#                   that of the running kernel, and CONFIG=cloud that of Debian's kernel
#                   for clouds. Without it, that of make real: small, and built within minutes
#   LOCALVERSION=   the end of the release (-namespacefs)
. "$(dirname "$0")/../lib/common.sh"

suffix=${LOCALVERSION:--namespacefs}
[[ $suffix =~ ^[-+.~a-z0-9]*$ ]] ||
	die "LOCALVERSION=$suffix becomes part of a package's name: small letters, digits and - + . ~ only"
lock
"$top/ci/build/packages.sh" build deb
"$top/kernel-tree/tree.sh" tree

config=${CONFIG:-}
case $config in
running)
	config=/boot/config-$(uname -r)
	[ -r "$config" ] || { config=/proc/config.gz; [ -r "$config" ]; } ||
		die "the configuration of the running kernel is neither in /boot nor in /proc/config.gz; name one with CONFIG=PATH"
	;;
cloud) config=$("$top/ci/build/cached.sh" cloud) ;;
esac
# bindeb-pkg leaves the packages beside the objects. These are as deep as those of
# make kernel, or the compiler cache would miss.
out=$build/deb
name=guest
if [ -n "$config" ]; then
	[ -r "$config" ] || die "CONFIG=$config can't be read; name a kernel's configuration, or leave it out"
	name=$(basename "$config" .gz)-$(sha256sum <"$config" | cut -c1-8) name=${name#.}
	need_space "$build" 10000 "a kernel with a distribution's configuration"
else
	need_space "$build" 3000 "a kernel build"
fi
obj=$out/$name
mkdir -p "$obj"

if [ -z "$config" ]; then
	# As of make real, or the compiler cache would miss.
	"$top/ci/build/config.sh" "$tree" "$obj" guest kunit series debian
else
	case $config in
	*.gz) zcat "$config" ;;
	*.xz) xz -dc "$config" ;;
	*) cat "$config" ;;
	esac >"$obj/.config.new" ||
		die "CONFIG=$config is no configuration"
	grep -q '^CONFIG_[A-Z0-9_]*=' "$obj/.config.new" ||
		die "CONFIG=$config is no configuration of a kernel: it has no line CONFIG_...="
	# Without a distribution's own keys signing fails; debugging information takes
	# ten times the space.
	cat >>"$obj/.config.new" <<-END
		CONFIG_NAMESPACE_FS=y
		CONFIG_SYSTEM_TRUSTED_KEYS=""
		CONFIG_SYSTEM_REVOCATION_KEYS=""
		CONFIG_MODULE_SIG_KEY="certs/signing_key.pem"
		CONFIG_DEBUG_INFO_NONE=y
		# CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT is not set
		# CONFIG_DEBUG_INFO_DWARF4 is not set
		# CONFIG_DEBUG_INFO_DWARF5 is not set
		# CONFIG_LOCALVERSION_AUTO is not set
		CONFIG_LOCALVERSION=""
	END
	make -s -C "$tree" O="$obj" KCONFIG_CONFIG=.config.new olddefconfig >"$obj/config.log" 2>&1 || {
		tail -n 5 "$obj/config.log" >&2
		die "olddefconfig fails with CONFIG=$config, see above"
	}
	grep -qx 'CONFIG_NAMESPACE_FS=y' "$obj/.config.new" ||
		die "CONFIG=$config does not allow CONFIG_NAMESPACE_FS=y, which depends on: $(sed -n '/^config NAMESPACE_FS/,/^config/s/^\tdepends on //p' "$tree/fs/namespacefs/Kconfig" | paste -sd' ')"
	cmp -s "$obj/.config.new" "$obj/.config" || cp "$obj/.config.new" "$obj/.config"
	rm -f "$obj/.config.new" "$obj/.config.new.old"
fi

KDEB_PKGVERSION=$(make -s -C "$tree" kernelversion)-1
export KDEB_PKGVERSION KDEB_SOURCENAME=linux-upstream KDEB_CHANGELOG_DIST=unstable
export DEB_BUILD_PROFILES=pkg.linux-upstream.nokerneldbg
export DEBFULLNAME=namespacefs DEBEMAIL=namespacefs@localhost
say "building the packages (without CONFIG= 7 to 15 minutes on two cores the first time, with a distribution's hours)"
log=$obj/build.log
rm -f "$out"/*.deb "$out"/*.changes "$out"/*.buildinfo
# -d: dpkg would ask for packages that bindeb-pkg does not need here.
kmake "$log" "$tree" "$obj" LOCALVERSION="$suffix" DPKG_FLAGS=-d bindeb-pkg &&
	ls "$out"/linux-image-*"$suffix"_*.deb >/dev/null 2>&1 ||
	die "the packages do not build; the whole log is in ${log#"$top/"}"
say "in ${out#"$top/"}:"
(cd "$out" && ls -- *.deb) | sed 's/^/    /' >&2
say "install with: dpkg -i ${out#"$top/"}/linux-image-*.deb"
