# shellcheck shell=dash
# bench.sh: run the rows of /guest/rows in the guest, each line the arguments of
# bench. To create, nothing is mounted that the stock kernel lacks.
views=/sys/fs/namespaces
status=0
[ ! -d $views ] || umount $views
while read -r row number; do
	[ "$row" = create ] || [ ! -d $views ] || mount -t namespacefs none $views
	echo "# $row ${number:-}"
	# shellcheck disable=SC2086 # no number is no argument
	/guest/bench "$row" $number || { echo "# $row failed"; status=1; }
	[ "$row" = create ] || [ ! -d $views ] || umount $views
	sleep 1
done </guest/rows
exit $status
