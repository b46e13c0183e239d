// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench: what namespaces and the views of them cost, for a guest under QEMU with
 * -icount shift=0,sleep=off, whose clocks advance by 1 ns with each instruction.
 *
 *	bench ROW [NUMBER]
 *	bench TYPE [TIMES [WATCHER]]
 *
 * prints lines of a name and a number, in instructions for each operation if the
 * name does not say otherwise. Each row is a process of its own and leaves nothing.
 */

#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROC_VIEW	"/proc/namespaces"
#define FS_VIEW		"/sys/fs/namespaces"

#ifndef __NR_listns
#define __NR_listns	470
#endif
#ifndef NS_GET_ID
#define NS_GET_ID	_IOR(0xb7, 13, uint64_t)
#endif

/* struct ns_id_req, which a libc of the build machine need not know. */
struct list_req {
	uint32_t size, spare;
	uint64_t ns_id;
	uint32_t ns_type, spare2;
	uint64_t user_ns_id;
};

static long long clock_ns(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t))
		err(1, "clock_gettime");
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void report(const char *name, double value)
{
	printf("%s\t%.1f\n", name, value);
	fflush(stdout);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "%s", path);
	close(fd);
}

static void read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);

	if (len < 0)
		err(1, "%s", path);
	text[len] = 0;
	close(fd);
}

/*
 * An idle CPU lets the clock leap. This process keeps it busy when no other runs, and
 * its own time is known to the nanosecond.
 */
static pid_t spinner;
static clockid_t spinner_clock;

static void spin(void)
{
	struct sched_param param = {};

	spinner = fork();
	if (!spinner) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (sched_setscheduler(0, SCHED_IDLE, &param))
			err(1, "SCHED_IDLE");
		for (;;)
			;
	}
	if (spinner < 0 || clock_getcpuclockid(spinner, &spinner_clock))
		errx(1, "no spinner");
}

/* Instructions of everybody but the spinner. */
static long long work(void)
{
	return now() - (spinner ? clock_ns(spinner_clock) : 0);
}

/* Let what is freed after grace periods and by workers be freed. */
static void settle(int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

static void do_unshare(int flag)
{
	if (unshare(flag))
		err(1, "unshare(%#x)", flag);
}

static void do_clone(int flag)
{
	pid_t pid = syscall(__NR_clone, flag | SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		err(1, "clone(%#x)", flag);
}

#define MAX_ROUNDS	33

static const struct type {
	const char *name;
	int flag;
	bool clone;		/* and exit, and wait */
	bool settle;		/* others do part of the work, later */
	int rounds;
	int times;		/* each */
} types[] = {
	{ "uts",	CLONE_NEWUTS,		false, false, 1, 20000 },
	{ "cgroup",	CLONE_NEWCGROUP,	false, false, 1, 20000 },
	{ "time",	CLONE_NEWTIME,		false, false, 1, 10000 },
	{ "ipc",	CLONE_NEWIPC,		false, true, 17, 400 },
	{ "mnt",	CLONE_NEWNS,		false, true, 33, 100 },
	{ "net",	CLONE_NEWNET,		false, true, 33, 40 },
	{ "fork",	0,			true, true, 1, 1000 },
	{ "pid",	CLONE_NEWPID,		true, true, 1, 1000 },
	{ "user",	CLONE_NEWUSER,		true, true, 1, 1000 },
	{}
};

/*
 * The allocator of per-CPU memory searches for longer or shorter, by a tenth of a
 * mount namespace, as what lies around happens to be distributed. What has some of it
 * is measured in several rounds, each with more of it in use: another file system,
 * in a mount namespace that a process holds.
 */
static void disturb(void)
{
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNS) || mount("none", "/tmp", "tmpfs", 0, NULL))
		err(1, "a file system");
	for (;;)
		pause();
}

/* For the same reason a new mount namespace is to have few mounts: the root alone. */
static void leave_mounts(void)
{
	char line[512], path[256];
	FILE *f;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		err(1, "a mount namespace");
	f = fopen("/proc/self/mounts", "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %255s", path) == 1 && strcmp(path, "/"))
			umount2(path, MNT_DETACH);
	if (!f)
		err(1, "/proc/self/mounts");
	fclose(f);
}

static int cmp_double(const void *a, const void *b)
{
	const double *l = a, *r = b;

	return (*l > *r) - (*l < *r);
}

/* Who watches while namespaces are created: reads all that there is to read. */
static void by_inotify(const struct type *type, int ready)
{
	char path[64], buf[4096];
	int fd = inotify_init1(IN_CLOEXEC);

	snprintf(path, sizeof(path), "%s/%s", type->clone || type->flag ? FS_VIEW : "/tmp",
		 type->name);
	if (fd < 0 || inotify_add_watch(fd, path, IN_CREATE | IN_DELETE) < 0 ||
	    write(ready, "", 1) != 1)
		err(1, "watch of %s", path);
	while (read(fd, buf, sizeof(buf)) > 0)
		;
}

static void by_events(const struct type *type, int ready)
{
	struct pollfd pfd = { .fd = open(FS_VIEW "/events", O_RDONLY), .events = POLLPRI };
	char buf[4096];

	(void)type;
	if (pfd.fd < 0 || write(ready, "", 1) != 1)
		err(1, FS_VIEW "/events");
	while (pread(pfd.fd, buf, sizeof(buf), 0) > 0 && poll(&pfd, 1, -1) == 1)
		;
}

#define STARVED		"/sys/fs/cgroup/starved"

/* A second one, whose memory cgroup is at its limit, and which never reads. */
static void by_starved(const struct type *type, int ready)
{
	char path[64], usage[32] = "";
	int fd = inotify_init1(IN_CLOEXEC);

	(void)type;
	if (mkdir(STARVED, 0700) && errno != EEXIST)
		err(1, STARVED);
	write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	write_file(STARVED "/cgroup.procs", "0");
	snprintf(path, sizeof(path), FS_VIEW "/%s", type->name);
	if (fd < 0 || inotify_add_watch(fd, path, IN_CREATE | IN_DELETE) < 0 ||
	    mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) == MAP_FAILED)
		err(1, "a watch that starves");
	/* This takes back what CPUs have in stock for the cgroup, and kills nothing. */
	write_file(STARVED "/memory.high", "0");
	write_file(STARVED "/memory.high", "max");
	read_text(STARVED "/memory.current", usage, sizeof(usage));
	write_file(STARVED "/memory.max", usage);
	if (write(ready, "", 1) != 1)
		err(1, "write");
	for (;;)
		pause();
}

static const struct watcher {
	const char *name;
	void (*watch)(const struct type *type, int ready);
} watchers[] = {
	{ "inotify", by_inotify },
	{ "events", by_events },
};

static pid_t start_watcher(const struct watcher *watcher, const struct type *type)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe2(ready, O_CLOEXEC))
		err(1, "pipe");
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		watcher->watch(type, ready[1]);
		_exit(1);
	}
	close(ready[1]);
	if (pid < 0 || read(ready[0], &c, 1) != 1)
		errx(1, "%s does not watch", watcher->name);
	close(ready[0]);
	return pid;
}

/* With a watcher, or with NULL none. */
static void create_type(const struct type *type, const struct watcher *watcher, int times)
{
	void (*make)(int flag) = type->clone ? do_clone : do_unshare;
	bool later = type->settle || watcher;
	double cost[MAX_ROUNDS];
	pid_t watching = 0;
	long long start;
	char name[64];

	if (watcher)
		watching = start_watcher(watcher, type);
	if (type->rounds > 1)
		leave_mounts();
	if (later)
		spin();
	for (int i = 0; i < times / 10; i++)
		make(type->flag);
	if (later)
		settle(500);
	for (int round = 0; round < type->rounds; round++) {
		if (round) {
			disturb();
			settle(20);
		}
		start = work();
		for (int i = 0; i < times; i++)
			make(type->flag);
		if (later)
			settle(type->rounds > 1 ? 50 : 500);
		cost[round] = (double)(work() - start) / times;
	}
	qsort(cost, type->rounds, sizeof(*cost), cmp_double);
	snprintf(name, sizeof(name), "%s%s%s", type->name, watcher ? "_" : "",
		 watcher ? watcher->name : "");
	report(name, cost[type->rounds / 2]);
	if (watching)
		kill(watching, SIGKILL);
}

/*
 * Each in a process of its own, which none of the others has spoilt, with so many file
 * systems more in use: a boot with another number is another sample of what is noise.
 */
static void create_each(const struct watcher *watcher, int used)
{
	int status;

	for (const struct type *type = types; type->name; type++) {
		pid_t pid;

		if (watcher && !type->flag)
			continue;
		pid = fork();
		if (!pid) {
			for (int i = 0; i < used; i++)
				disturb();
			create_type(type, watcher, type->times);
			if (spinner)
				kill(spinner, SIGKILL);
			exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			errx(1, "%s failed", type->name);
		settle(500);
	}
}

static void create(int used)
{
	create_each(NULL, used);
}

/* Make and remove a directory in tmpfs: what two events of inotify cost anywhere. */
static void create_dirs(const char *name, bool is_watched)
{
	static const struct type dirs = { .name = "dirs" };
	const int times = 20000;
	pid_t pid = 0;
	long long start;

	if (mkdir("/tmp/dirs", 0700))
		err(1, "/tmp/dirs");
	if (is_watched)
		pid = start_watcher(&watchers[0], &dirs);
	spin();
	start = work();
	for (int i = 0; i < times; i++)
		if (mkdir("/tmp/dirs/a", 0700) || rmdir("/tmp/dirs/a"))
			err(1, "/tmp/dirs/a");
	settle(500);
	report(name, (double)(work() - start) / times);
	kill(spinner, SIGKILL);
	spinner = 0;
	if (pid) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	rmdir("/tmp/dirs");
}

/* What those who create pay themselves, beside one that watches, and a second one. */
static void create_beside(const char *name, const struct watcher *second)
{
	pid_t pids[2] = { start_watcher(&watchers[0], types) };
	const int times = 20000;
	long long start;

	if (second)
		pids[1] = start_watcher(second, types);
	start = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (int i = 0; i < times; i++)
		do_unshare(types[0].flag);
	report(name, (double)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start) / times);
	for (int i = 0; i < 2; i++) {
		if (!pids[i])
			continue;
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

/* Unwatched first: the same with all that is mounted for it. */
static void watched(int used)
{
	static const struct watcher starved = { "starved", by_starved };

	create_each(NULL, used);
	for (unsigned int i = 0; i < sizeof(watchers) / sizeof(*watchers); i++)
		create_each(&watchers[i], used);
	create_dirs("dirs", false);
	create_dirs("dirs_inotify", true);
	create_beside("uts_own", NULL);
	create_beside("uts_own_starved", &starved);
}

/* Namespaces that a descriptor holds; fds[] and inums[] have them. */
static int *fds;
static uint32_t *inums;
static int held;

static void hold_init(int max)
{
	struct rlimit lim = { max + 1024, max + 1024 };
	char text[32];

	if (max + 1024 > 1048576) {
		snprintf(text, sizeof(text), "%d", (max + 1024 + 63) / 64 * 64);
		write_file("/proc/sys/fs/nr_open", text);
	}
	if (setrlimit(RLIMIT_NOFILE, &lim))
		err(1, "RLIMIT_NOFILE");
	/* The default is what half of the memory has room for in threads. */
	write_file("/proc/sys/user/max_uts_namespaces", "2000000");
	fds = mmap(NULL, max * sizeof(*fds), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	inums = mmap(NULL, max * sizeof(*inums), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (fds == MAP_FAILED || inums == MAP_FAILED)
		err(1, "mmap");
	/* Grow the table of descriptors now. */
	if (dup2(0, max + 1000) < 0)
		err(1, "dup2");
}

static void hold(int n)
{
	for (; held < n; held++) {
		do_unshare(CLONE_NEWUTS);
		fds[held] = open("/proc/self/ns/uts", O_RDONLY);
		if (fds[held] < 0)
			err(1, "open of the %dth namespace", held);
	}
}

static void find_inums(void)
{
	struct stat st;

	for (int i = 0; i < held; i++) {
		if (fstat(fds[i], &st))
			err(1, "fstat");
		inums[i] = st.st_ino;
	}
}

static void release(void)
{
	while (held)
		close(fds[--held]);
}

/* Lists of namespaces, by each way; each returns how many it has found. */
static char buffer[32768];

struct dirent64_raw {
	uint64_t ino;
	int64_t off;
	uint16_t len;
	uint8_t type;
	char name[];
};

/* To have looked at each name, and at the id that an inode number is, is part of it. */
static volatile unsigned int names;
static volatile uint64_t last_id;

static int list_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY), found = 0;
	long len;

	if (fd < 0)
		err(1, "%s", path);
	while ((len = syscall(__NR_getdents64, fd, buffer, sizeof(buffer))) > 0) {
		for (char *p = buffer; p < buffer + len;) {
			const struct dirent64_raw *d = (void *)p;

			names += d->name[0];
			last_id = d->ino;
			found += d->name[0] != '.';
			p += d->len;
		}
	}
	if (len < 0)
		err(1, "getdents64 of %s", path);
	close(fd);
	return found;
}

static int list_ns(int type)
{
	struct list_req req = { .size = sizeof(req), .ns_type = type };
	static uint64_t ids[1024];
	int found = 0;
	long n;

	while ((n = syscall(__NR_listns, &req, ids, 1024, 0)) > 0) {
		found += n;
		req.ns_id = ids[n - 1];
	}
	/* ENOENT if none comes after the last. */
	if (n < 0 && errno != ENOENT)
		err(1, "listns");
	return found;
}

/* What there is without any view: the links of every process. */
static int walk_proc(void)
{
	static const char *const links[] = {
		"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time",
		"time_for_children", "user", "uts",
	};
	char path[64], target[64];
	int found = 0;
	struct dirent *d;
	DIR *proc = opendir("/proc");

	if (!proc)
		err(1, "/proc");
	while ((d = readdir(proc))) {
		if (d->d_name[0] < '0' || d->d_name[0] > '9')
			continue;
		for (unsigned int i = 0; i < sizeof(links) / sizeof(*links); i++) {
			snprintf(path, sizeof(path), "%.20s/ns/%s", d->d_name, links[i]);
			found += readlinkat(dirfd(proc), path, target, sizeof(target)) > 0;
		}
	}
	closedir(proc);
	return found;
}

static void expect(const char *what, int found, int least)
{
	if (found < least)
		errx(1, "%s: %d found, and %d are there", what, found, least);
}

/* The second of two: what the first may have to make is there. */
static double cost_of_list(int (*list)(const char *), const char *path, int least)
{
	long long start;
	int found;

	expect(path, list(path), least);
	start = now();
	found = list(path);
	return (double)(now() - start) / found;
}

static int list_uts(const char *unused)
{
	return list_ns(CLONE_NEWUTS);
}

static int list_all(const char *unused)
{
	return list_ns(0);
}

static void list(int n)
{
	hold_init(n);
	hold(n);
	report("listns", cost_of_list(list_all, "listns", n));
	report("listns_uts", cost_of_list(list_uts, "listns", n));
	if (access(PROC_VIEW, F_OK))
		return;
	report("proc", cost_of_list(list_dir, PROC_VIEW, n));
	report("fs", cost_of_list(list_dir, FS_VIEW "/uts", n));
}

static void look_at_all(void)
{
	char path[64];
	struct stat st;

	for (int i = 0; i < held; i++) {
		snprintf(path, sizeof(path), PROC_VIEW "/uts:[%u]", inums[i]);
		if (lstat(path, &st))
			err(1, "%s", path);
		snprintf(path, sizeof(path), FS_VIEW "/uts/%u", inums[i]);
		if (lstat(path, &st))
			err(1, "%s", path);
	}
}

/*
 * Create and destroy, with both views mounted and n entries cached in each. Another
 * process holds them, for a fork not to copy its descriptors.
 */
static void views(int n)
{
	int pipes[2];
	pid_t pid;
	char c;

	if (pipe(pipes))
		err(1, "pipe");
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		hold_init(n);
		hold(n);
		find_inums();
		if (!access(PROC_VIEW, F_OK))
			look_at_all();
		else if (mount("peer", "/mnt", "tmpfs", 0, NULL))
			err(1, "a mount in the place of the view");
		if (write(pipes[1], "", 1) != 1)
			err(1, "write");
		for (;;)
			pause();
	}
	close(pipes[1]);
	if (pid < 0 || read(pipes[0], &c, 1) != 1)
		errx(1, "no namespaces to be cached");
	create(0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* List n times 1,000 namespaces: for profiles. */
static void again(int n)
{
	hold_init(1000);
	hold(1000);
	while (n--)
		list_dir(PROC_VIEW);
}

/* n processes, each with a UTS namespace of its own if own is set. */
static void children(int n, int flags, uid_t uid)
{
	int pipes[2], ready = 0;
	char c;

	if (pipe(pipes))
		err(1, "pipe");
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "the %dth fork", i);
		if (pid)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (flags)
			do_unshare(flags);
		if (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) ||
			    setresuid(uid, uid, uid)))
			_exit(1);
		/* A task that changed its uid is not dumpable until it asks for that. */
		prctl(PR_SET_DUMPABLE, 1);
		if (write(pipes[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	while (ready < n && read(pipes[0], &c, 1) == 1)
		ready++;
	close(pipes[0]);
	close(pipes[1]);
}

/* What lsns costs: the build machine's, or the newest, each with its libraries. */
static void cost_of_lsns(const char *name, const char *dir)
{
	char loader[64], program[64];
	long long start;
	int status;
	pid_t pid;

	snprintf(loader, sizeof(loader), "%s/ld.so", dir);
	snprintf(program, sizeof(program), "%s/lsns", dir);
	start = now();
	pid = fork();
	if (!pid) {
		int fd = open("/dev/null", O_WRONLY);

		dup2(fd, 1);
		execl(loader, "ld.so", "--library-path", dir, program, "-n", NULL);
		_exit(1);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		errx(1, "lsns fails");
	report(name, now() - start);
}

#define OLD_LSNS	"/guest/lsns"
#define NEW_LSNS	"/guest/newest"

/* What n processes hold, a namespace each: the whole of a listing. */
static void procs(int n)
{
	long long start;

	children(n, CLONE_NEWUTS, 0);
	expect(PROC_VIEW, list_dir(PROC_VIEW), n);
	start = now();
	list_dir(PROC_VIEW);
	report("procs_proc", now() - start);
	expect("/proc/*/ns", walk_proc(), n * 10);
	start = now();
	walk_proc();
	report("procs_walk", now() - start);
	cost_of_lsns("procs_lsns", OLD_LSNS);
	cost_of_lsns("procs_newest", NEW_LSNS);
}

/* Read a file to its end, and count the lines. */
static int read_lines(const char *path)
{
	int fd = open(path, O_RDONLY), lines = 0;
	long len;

	if (fd < 0)
		err(1, "%s", path);
	while ((len = read(fd, buffer, sizeof(buffer))) > 0)
		for (char *p = buffer; (p = memchr(p, '\n', buffer + len - p)); p++)
			lines++;
	if (len < 0)
		err(1, "%s", path);
	close(fd);
	return lines;
}

/* The table of n processes, and what there is without it; by n in the name. */
static void table(int n)
{
	long long start, all;
	char name[64];
	int lines;

	/* The defaults are what the memory has room for in threads. */
	write_file("/proc/sys/kernel/threads-max", "100000");
	write_file("/proc/sys/user/max_uts_namespaces", "100000");
	children(n, CLONE_NEWUTS, 0);
	expect(FS_VIEW "/procs", read_lines(FS_VIEW "/procs"), n);
	start = now();
	lines = read_lines(FS_VIEW "/procs");
	all = now() - start;
	snprintf(name, sizeof(name), "table_all_%d", n);
	report(name, all);
	snprintf(name, sizeof(name), "table_line_%d", n);
	report(name, (double)all / lines);
	expect("/proc/*/ns", walk_proc(), n * 10);
	start = now();
	walk_proc();
	snprintf(name, sizeof(name), "table_walk_%d", n);
	report(name, (double)(now() - start) / lines);
	/* It takes half an hour for more. */
	if (n > 1000)
		return;
	cost_of_lsns("table_lsns", OLD_LSNS);
	cost_of_lsns("table_newest", NEW_LSNS);
}

/* The same for a user that may see its own only, a hundred of n. */
static void unprivileged(int n)
{
	long long start, mine;
	int found;

	children(100, CLONE_NEWUTS, 1000);
	children(n - 100, 0, 1000);
	if (setgroups(0, NULL) || setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 1000))
		err(1, "setresuid");
	expect(PROC_VIEW, list_dir(PROC_VIEW), 101);
	start = now();
	found = list_dir(PROC_VIEW);
	mine = now() - start;
	report("user_found", found);
	report("user_proc", mine);
	expect("/proc/*/ns", walk_proc(), n * 10);
	start = now();
	walk_proc();
	report("user_walk", now() - start);
	expect(FS_VIEW "/procs", read_lines(FS_VIEW "/procs"), n);
	start = now();
	read_lines(FS_VIEW "/procs");
	report("user_table", now() - start);
}

/* The UTS namespaces in the view, without those that existed before. */
static int find_children(uint32_t *found, int max)
{
	DIR *dir = opendir(FS_VIEW "/uts");
	struct dirent *d;
	struct stat own;
	int nr = 0;

	if (!dir || stat("/proc/self/ns/uts", &own))
		err(1, FS_VIEW);
	while ((d = readdir(dir)) && nr < max)
		if (d->d_name[0] != '.' && strtoul(d->d_name, NULL, 10) != own.st_ino)
			found[nr++] = strtoul(d->d_name, NULL, 10);
	closedir(dir);
	return nr;
}

static void become_user(void)
{
	if (setgroups(0, NULL) || setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 1000))
		err(1, "setresuid");
}

/* Find nothing, and tell the median and the extremes of what each try costs. */
static void report_refused(const char *name, const char *format, const uint32_t *numbers, int n)
{
	double costs[512];
	char path[64], line[64];

	for (int i = 0; i < n; i++) {
		long long start;
		int fd;

		snprintf(path, sizeof(path), format, numbers[i]);
		start = now();
		fd = open(path, O_RDONLY);
		costs[i] = now() - start;
		if (fd >= 0 || errno != ENOENT)
			errx(1, "%s is not hidden", path);
	}
	qsort(costs, n, sizeof(*costs), cmp_double);
	report(name, costs[n / 2]);
	snprintf(line, sizeof(line), "%s_low", name);
	report(line, costs[n / 20]);
	snprintf(line, sizeof(line), "%s_high", name);
	report(line, costs[n - 1 - n / 20]);
}

/* The same in a container's own view, for the host's namespaces. */
static void refused_in_container(const uint32_t *numbers, const uint32_t *unused, int n)
{
	char map[32];
	int status;
	pid_t pid;

	/* A task that changed its uid is not dumpable until it asks for that. */
	prctl(PR_SET_DUMPABLE, 1);
	do_unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS);
	snprintf(map, sizeof(map), "0 %d 1", 1000);
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", map);
	write_file("/proc/self/gid_map", map);
	pid = fork();
	if (!pid) {
		if (mount("none", "/mnt", "namespacefs", 0, NULL))
			err(1, "a view of the container");
		children(44, 0, 0);
		report_refused("refused_view_outside", "/mnt/uts/%u", numbers, n);
		report_refused("refused_view_unused", "/mnt/uts/%u", unused, n);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		errx(1, "the container failed");
}

/*
 * The same for the namespace that the tasks of another user's container use: the caller
 * may inspect none of them, and must not learn by the time that there are any.
 */
static void refused_nested(void)
{
	uint32_t hidden[50], unused[50], number;
	pid_t container, pid;
	int status;

	container = fork();
	if (!container) {
		if (setgroups(0, NULL) || setresgid(1001, 1001, 1001) ||
		    setresuid(1001, 1001, 1001))
			err(1, "setresuid");
		do_unshare(CLONE_NEWUSER | CLONE_NEWUTS);
		children(40, 0, 0);
		pause();
	}
	settle(1000);
	if (container < 0 || find_children(&number, 1) != 1)
		errx(1, "the container of another user is not listed");
	for (int i = 0; i < 50; i++) {
		hidden[i] = number;
		unused[i] = number + 100000 + i;
	}
	pid = fork();
	if (!pid) {
		become_user();
		report_refused("refused_nested_hidden", FS_VIEW "/uts/%u", hidden, 50);
		report_refused("refused_nested_unused", FS_VIEW "/uts/%u", unused, 50);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		errx(1, "the container of another user failed");
	kill(container, SIGKILL);
	waitpid(container, NULL, 0);
	settle(1000);
}

/* A path of 4,069 bytes that passes through one namespace all the time. */
static void make_long_path(char *path, uint32_t number)
{
	char *end = stpcpy(path, FS_VIEW "/uts");

	while (end - path < 4060)
		end += sprintf(end, "/%u/..", number);
}

#define FROZEN		"/sys/fs/cgroup/frozen"

/* How long a task that walks a path again and again keeps the freezer waiting. */
static void freeze(const char *path)
{
	long long start, worst = 0;
	char events[256] = "";
	struct stat st;
	pid_t pid;

	if (mkdir(FROZEN, 0700))
		err(1, FROZEN);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		write_file(FROZEN "/cgroup.procs", "0");
		become_user();
		for (;;)
			stat(path, &st);
	}
	settle(100);
	for (int i = 0; i < 20; i++) {
		start = now();
		write_file(FROZEN "/cgroup.freeze", "1");
		do {
			sched_yield();
			read_text(FROZEN "/cgroup.events", events, sizeof(events));
		} while (!strstr(events, "frozen 1"));
		if (now() - start > worst)
			worst = now() - start;
		write_file(FROZEN "/cgroup.freeze", "0");
		settle(10 + i);
	}
	report("refused_freeze", worst);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/*
 * What a user pays to be refused n namespaces of root: those that no caller has looked at
 * before, those that root has, and numbers that were never used.
 */
static void refused(int n)
{
	uint32_t numbers[514], unused[512];
	char path[64], long_path[4096];
	long long start;
	struct stat st;

	if (n > 512)
		errx(2, "at most 512");
	if (find_children(numbers, 1))
		errx(1, "namespaces of another row are still there");
	refused_nested();
	children(n, CLONE_NEWUTS, 0);
	children(43, 0, 0);
	/* Two that the user may see, found last. */
	children(1, CLONE_NEWUTS, 1000);
	children(1, CLONE_NEWUTS, 1000);
	if (find_children(numbers, n + 2) != n + 2)
		errx(1, "not all are listed");
	for (int i = 0; i < n; i++)
		unused[i] = numbers[i] + 100000;
	for (int i = 0; i < n / 2; i++) {
		snprintf(path, sizeof(path), FS_VIEW "/uts/%u", numbers[i]);
		if (stat(path, &st))
			err(1, "%s", path);
		snprintf(path, sizeof(path), PROC_VIEW "/uts:[%u]", numbers[i]);
		if (lstat(path, &st))
			err(1, "%s", path);
	}
	start = now();
	for (int i = 0; i < n / 2; i++) {
		snprintf(path, sizeof(path), FS_VIEW "/uts/%u/hostname", numbers[i]);
		if (close(open(path, O_RDONLY)))
			err(1, "%s", path);
	}
	report("refused_root", (now() - start) * 2);
	make_long_path(long_path, numbers[n + 1]);
	freeze(long_path);
	become_user();
	start = now();
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), FS_VIEW "/uts/%u/hostname", numbers[i]);
		if (open(path, O_RDONLY) >= 0)
			errx(1, "%s is not hidden", path);
	}
	report("refused_all", now() - start);
	/* The path to one that is not refused, and one that passes through it often. */
	make_long_path(long_path, numbers[n]);
	snprintf(path, sizeof(path), FS_VIEW "/uts/%u", numbers[n]);
	start = now();
	if (stat(path, &st))
		err(1, "%s", path);
	report("refused_short", now() - start);
	start = now();
	if (stat(long_path, &st))
		err(1, "%s", long_path);
	report("refused_long", now() - start);
	report_refused("refused_fs_cached", FS_VIEW "/uts/%u", numbers, n / 2);
	report_refused("refused_fs_hidden", FS_VIEW "/uts/%u", numbers + n / 2, n / 2);
	report_refused("refused_fs_unused", FS_VIEW "/uts/%u", unused, n / 2);
	report_refused("refused_proc_cached", PROC_VIEW "/uts:[%u]", numbers, n / 2);
	report_refused("refused_proc_hidden", PROC_VIEW "/uts:[%u]", numbers + n / 2, n / 2);
	report_refused("refused_proc_unused", PROC_VIEW "/uts:[%u]", unused, n / 2);
	refused_in_container(numbers, unused, n / 2);
}

/* The tasks of a PID namespace: one file, and the /proc of that namespace. */
static void tasks(int n)
{
	char path[PATH_MAX], out[32];
	struct stat st;
	int pipes[2];
	long long start, total;
	long len, sum = 0;
	pid_t pid;
	char c;
	int fd;

	if (pipe(pipes) || unshare(CLONE_NEWPID))
		err(1, "a PID namespace");
	pid = fork();
	if (!pid) {
		children(n, 0, 0);
		if (unshare(CLONE_NEWNS) || mount("proc", "/mnt", "proc", 0, NULL))
			err(1, "its /proc");
		list_dir("/mnt");
		start = now();
		expect("/proc", list_dir("/mnt"), n);
		total = now() - start;
		snprintf(out, sizeof(out), "%lld", total);
		if (write(pipes[1], out, sizeof(out)) != sizeof(out))
			err(1, "write");
		for (;;)
			pause();
	}
	if (read(pipes[0], out, sizeof(out)) != sizeof(out))
		errx(1, "the PID namespace did not come to be");
	report("tasks_proc", atof(out));
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	if (stat(path, &st))
		err(1, "%s", path);
	snprintf(path, sizeof(path), FS_VIEW "/pid/%lu/tasks", (unsigned long)st.st_ino);
	for (int i = 0; i < 2; i++) {
		int lines = 0;

		start = now();
		fd = open(path, O_RDONLY);
		if (fd < 0)
			err(1, "%s", path);
		while ((len = read(fd, buffer, sizeof(buffer))) > 0)
			for (long j = 0; j < len; j++)
				lines += buffer[j] == '\n';
		close(fd);
		total = now() - start;
		expect(path, lines, n);
	}
	report("tasks_fs", total);
	/* The same without looking at what was read. */
	start = now();
	fd = open(path, O_RDONLY);
	while ((len = read(fd, buffer, sizeof(buffer))) > 0)
		sum += len;
	close(fd);
	report("tasks_fs_read", now() - start);
	(void)c;
	kill(pid, SIGKILL);
}

/* Find and read every id, and the same of descriptors that one has already. */
static void ids(int n)
{
	char id[32];
	struct stat st;
	uint64_t value;
	long long start;

	hold_init(n + 1000);
	hold(n);
	start = now();
	for (int i = 0; i < n; i++)
		if (fstat(fds[i], &st) || ioctl(fds[i], NS_GET_ID, &value))
			err(1, "NS_GET_ID");
	report("ids_ioctl", (double)(now() - start) / n);
	report("ids_list", cost_of_list(list_dir, PROC_VIEW, n));
	for (int turn = 0; turn < 2; turn++) {
		DIR *dir;
		struct dirent *d;
		int found = 0;

		start = now();
		dir = opendir(FS_VIEW "/uts");
		if (!dir)
			err(1, FS_VIEW);
		while ((d = readdir(dir))) {
			char name[280], *end;
			int fd;

			if (d->d_name[0] == '.')
				continue;
			end = stpcpy(name, d->d_name);
			memcpy(end, "/id", 4);
			fd = openat(dirfd(dir), name, O_RDONLY);
			if (fd < 0 || read(fd, id, sizeof(id)) <= 0)
				err(1, "%s", name);
			close(fd);
			found++;
		}
		closedir(dir);
		report(turn ? "ids_fs" : "ids_fs_cold", (double)(now() - start) / found);
	}
	/* What open, read and close of any file cost, for comparison. */
	start = now();
	for (int i = 0; i < n; i++) {
		int fd = open("/proc/sys/kernel/ostype", O_RDONLY);

		if (fd < 0 || read(fd, id, sizeof(id)) <= 0)
			err(1, "ostype");
		close(fd);
	}
	report("ids_any_procfs", (double)(now() - start) / n);
	write(open("/tmp/file", O_CREAT | O_WRONLY, 0600), "12345\n", 6);
	start = now();
	for (int i = 0; i < n; i++) {
		int fd = open("/tmp/file", O_RDONLY);

		if (fd < 0 || read(fd, id, sizeof(id)) <= 0)
			err(1, "/tmp/file");
		close(fd);
	}
	report("ids_any_tmpfs", (double)(now() - start) / n);
}

static void drop_caches(void)
{
	sync();
	write_file("/proc/sys/vm/drop_caches", "2");
	settle(1000);
	write_file("/proc/sys/vm/drop_caches", "2");
	settle(1000);
}

static double meminfo(const char *field)
{
	char line[128];
	FILE *f = fopen("/proc/meminfo", "r");
	double kib = -1;
	size_t len = strlen(field);

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, field, len) && line[len] == ':')
			kib = atof(line + len + 1);
	if (kib < 0)
		errx(1, "no %s in /proc/meminfo", field);
	fclose(f);
	return kib * 1024;
}

/* Bytes of slab for each of n, and what listing and looking at all adds and leaves. */
static void memory(int n)
{
	double slab, unreclaim, reclaim;

	hold_init(n);
	hold(1000);
	drop_caches();
	slab = meminfo("Slab");
	hold(n);
	find_inums();
	drop_caches();
	report("memory_bytes", (meminfo("Slab") - slab) / (n - 1000));
	if (access(PROC_VIEW, F_OK))
		return;
	/* A shrinker leaves a few hundred, whatever n is: they are there before and after. */
	look_at_all();
	drop_caches();
	slab = meminfo("Slab");
	reclaim = meminfo("SReclaimable");
	unreclaim = meminfo("SUnreclaim");
	expect(PROC_VIEW, list_dir(PROC_VIEW), n);
	expect(FS_VIEW, list_dir(FS_VIEW "/uts"), n);
	report("memory_listed_bytes", (meminfo("Slab") - slab) / n);
	look_at_all();
	report("memory_looked_shrinkable_bytes", (meminfo("SReclaimable") - reclaim) / n);
	report("memory_looked_other_bytes", (meminfo("SUnreclaim") - unreclaim) / n);
	drop_caches();
	report("memory_dropped_bytes", (meminfo("Slab") - slab) / n);
}

static int open_cold(int i)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), PROC_VIEW "/uts:[%u]", inums[i]);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		err(1, "%s", path);
	close(fd);
	return fd;
}

/* Cost against the number of namespaces, for the plot, up to n. */
static void grow(int n)
{
	char name[64];

	hold_init(n);
	for (int m = 10; m <= n; m *= 10) {
		long long start, sum = 0, sum_fs = 0;

		hold(m);
		find_inums();
		settle(200);
		if (access(PROC_VIEW, F_OK))
			errx(1, "no " PROC_VIEW);
		/* What all opens need once, and 8 that are not cached. */
		open_cold(0);
		for (int i = 1; i <= 8; i++) {
			int which = m - 1 - (long)(m / 10 * 9 - 1) * (i - 1) / 8;

			if (m == 10)
				which = i;
			start = now();
			open_cold(which);
			sum += now() - start;
			snprintf(name, sizeof(name), FS_VIEW "/uts/%u/id", inums[which]);
			start = now();
			close(open(name, O_RDONLY));
			sum_fs += now() - start;
		}
		snprintf(name, sizeof(name), "open_proc_%d", m);
		report(name, sum / 8.0);
		snprintf(name, sizeof(name), "open_fs_%d", m);
		report(name, sum_fs / 8.0);
		snprintf(name, sizeof(name), "list_proc_%d", m);
		report(name, cost_of_list(list_dir, PROC_VIEW, m));
		snprintf(name, sizeof(name), "list_fs_%d", m);
		report(name, cost_of_list(list_dir, FS_VIEW "/uts", m));
		snprintf(name, sizeof(name), "list_listns_%d", m);
		report(name, cost_of_list(list_uts, "listns", m));
	}
}

/* Create, list and destroy as many; by n in the name. */
static void many(int n)
{
	char name[64];
	long long start;

	hold_init(n);
	hold(100);
	release();
	settle(500);
	spin();
	start = work();
	hold(n);
	snprintf(name, sizeof(name), "many_create_%d", n);
	report(name, (double)(work() - start) / n);
	snprintf(name, sizeof(name), "many_list_%d", n);
	report(name, cost_of_list(list_dir, PROC_VIEW, n));
	snprintf(name, sizeof(name), "many_list_fs_%d", n);
	report(name, cost_of_list(list_dir, FS_VIEW "/uts", n));
	snprintf(name, sizeof(name), "many_listns_%d", n);
	report(name, cost_of_list(list_uts, "listns", n));
	start = work();
	release();
	settle(2000);
	snprintf(name, sizeof(name), "many_destroy_%d", n);
	report(name, (double)(work() - start) / n);
	kill(spinner, SIGKILL);
}

/*
 * On three CPUs that take turns, and advance one clock. Two churn or spin, the
 * third lists or spins: a spinner takes as much of the clock as a lister, and shares
 * no lock with the others.
 */
static volatile unsigned long *counts;

static pid_t on_cpu(int cpu, bool churn)
{
	pid_t pid = fork();
	cpu_set_t set;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "CPU %d", cpu);
	for (;;) {
		if (churn) {
			do_unshare(CLONE_NEWUTS);
			counts[cpu]++;
		}
	}
}

static void churn_turn(const char *name, bool churn, bool lists, int n)
{
	long long start, end, rounds = 0;
	unsigned long before;
	pid_t pids[2];
	char key[64];
	int found = 1;

	for (int i = 0; i < 2; i++)
		pids[i] = on_cpu(i, churn);
	settle(200);
	before = counts[0] + counts[1];
	start = now();
	do {
		if (lists) {
			found = list_dir(PROC_VIEW);
			expect(PROC_VIEW, found, n);
			rounds++;
		}
		end = now();
	} while (end - start < 1000000000LL);
	snprintf(key, sizeof(key), "churn_list_%s", name);
	if (lists)
		report(key, (double)(end - start) / rounds / found);
	snprintf(key, sizeof(key), "churn_each_%s", name);
	if (churn)
		report(key, (double)(end - start) / (counts[0] + counts[1] - before));
	for (int i = 0; i < 2; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

static void churn(int n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(2, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "this takes three CPUs");
	counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	hold_init(n);
	hold(n);
	list_dir(PROC_VIEW);
	churn_turn("rest", false, true, n);
	churn_turn("both", true, true, n);
	churn_turn("alone", true, false, n);
}

/* Enough for what the kernel does now and then on that CPU not to count. */
#define ATTACK_ROUNDS	2000

/*
 * List the UTS namespaces on one CPU, while six processes of a user, on another, try to
 * create what is hidden, which takes the lock of the directory, or do nothing with it.
 */
static void attack_turn(const char *name, bool attack, const uint32_t *numbers, int n)
{
	pid_t pids[6];
	char path[64], line[32];
	long long start, worst = 0, sum = 0;
	cpu_set_t set;

	for (int i = 0; i < 6; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		CPU_ZERO(&set);
		CPU_SET(0, &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			err(1, "this takes two CPUs");
		become_user();
		for (int j = 0;; j++) {
			snprintf(path, sizeof(path), "%s/uts/%u", attack ? FS_VIEW : "/tmp",
				 numbers[j % n]);
			if (open(path, attack ? O_CREAT | O_RDWR : O_RDONLY, 0600) >= 0)
				errx(1, "%s is not hidden", path);
		}
	}
	CPU_ZERO(&set);
	CPU_SET(1, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "this takes two CPUs");
	settle(200);
	for (int i = 0; i < ATTACK_ROUNDS; i++) {
		start = now();
		list_dir(FS_VIEW "/uts");
		start = now() - start;
		sum += start;
		if (start > worst)
			worst = start;
	}
	for (int i = 0; i < 6; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	snprintf(line, sizeof(line), "attack_%s", name);
	report(line, (double)sum / ATTACK_ROUNDS);
	snprintf(line, sizeof(line), "attack_%s_worst", name);
	report(line, worst);
}

static void attack(int n)
{
	uint32_t numbers[64];
	int nr;

	children(64, CLONE_NEWUTS, 0);
	children(n - 64, 0, 0);
	nr = find_children(numbers, 64);
	attack_turn("rest", false, numbers, nr);
	attack_turn("six", true, numbers, nr);
}

static const struct {
	const char *name;
	void (*row)(int n);
	int n;
} rows[] = {
	{ "create",	create,	0 },
	{ "watched",	watched, 0 },
	{ "list",	list,	10000 },
	{ "again",	again,	500 },
	{ "views",	views,	10000 },
	{ "procs",	procs,	2000 },
	{ "table",	table,	1000 },
	{ "unprivileged",	unprivileged,	5000 },
	{ "refused",	refused,	400 },
	{ "attack",	attack,	2000 },
	{ "tasks",	tasks,	5000 },
	{ "ids",	ids,	10000 },
	{ "memory",	memory,	100000 },
	{ "grow",	grow,	100000 },
	{ "many",	many,	10000 },
	{ "churn",	churn,	10000 },
};

int main(int argc, char **argv)
{
	const struct watcher *watcher = NULL;

	if (argc < 2)
		errx(2, "usage: bench ROW [NUMBER]");
	/* One type, as often as one likes: for profiles. */
	for (const struct type *type = types; type->name; type++) {
		if (strcmp(argv[1], type->name))
			continue;
		for (unsigned int i = 0; argc > 3 && i < sizeof(watchers) / sizeof(*watchers); i++)
			if (!strcmp(argv[3], watchers[i].name))
				watcher = &watchers[i];
		create_type(type, watcher, argc > 2 ? atoi(argv[2]) : type->times);
		if (spinner)
			kill(spinner, SIGKILL);
		return 0;
	}
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(argv[1], rows[i].name))
			continue;
		rows[i].row(argc > 2 ? atoi(argv[2]) : rows[i].n);
		return 0;
	}
	errx(2, "there is no row %s", argv[1]);
}
