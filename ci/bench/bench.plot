# bench.plot: what "bench.py data" prints, by gnuplot -e "data='FILE'".
set terminal svg size 720,480 font "sans,13" background "white"
set logscale xy
set format x "%.0f"
set xlabel "namespaces"
set ylabel "instructions"
set key outside bottom center horizontal maxrows 3
set grid
plot data using 1:2 with linespoints title "listns(2), an entry", \
	data using 1:3 with linespoints title "ls /proc/namespaces, an entry", \
	data using 1:4 with linespoints title "ls of namespacefs, an entry", \
	data using 1:5 with linespoints title "open in /proc/namespaces", \
	data using 1:6 with linespoints title "open of an id in namespacefs"
