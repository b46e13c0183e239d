# shellcheck shell=dash
# bench.sh: run the rows of /guest/rows in the guest, each line the arguments of
# bench. To create, nothing is mounted that the stock kernel lacks.
views=/sys/fs/namespaces
status=0
[ ! -d $views ] || umount $views
while read -r row number; do
	case $row in
	create | cgroup | fork | ipc | mnt | net | pid | time | user | uts) mounted= ;;
	*) mounted=1 ;;
	esac
	[ ! -d $views ] || [ -z "$mounted" ] || mount -t namespacefs none $views
	echo "# $row${number:+ $number}"
	# shellcheck disable=SC2086 # no number is no argument
	/guest/bench "$row" $number || { echo "# $row failed"; status=1; }
	[ ! -d $views ] || [ -z "$mounted" ] || umount $views
	sleep 1
done </guest/rows
exit $status
