// SPDX-License-Identifier: GPL-2.0
/*
 * boot: the only process of a guest whose kernel lacks something. It checks that the
 * views show the types of namespaces that the kernel has, and no others, that every
 * file can be read, and that a new namespace appears and disappears.
 *
 * The kernel's command line says what to expect, in its environment:
 *   types=cgroup,mnt	types of namespaces
 *   fs=proc,sysfs	which of proc, sysfs, namespacefs there are; procns is
 *			/proc/namespaces
 *   depth=all|types|none	how much namespacefs has, for patches before the last: the
 *			directories of the types, or nothing
 *   ids=high		let ids begin above 2^32, by a write to the kernel's memory
 *   end=off|restart	how to leave
 *
 * It is built with the kernel's nolibc, for any word size, and prints KTAP.
 */
#include <stdarg.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/nsfs.h>
#include <linux/reboot.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name;
	int flag;
} types[] = {
	{ "cgroup",	CLONE_NEWCGROUP },
	{ "ipc",	CLONE_NEWIPC },
	{ "mnt",	CLONE_NEWNS },
	{ "net",	CLONE_NEWNET },
	{ "pid",	CLONE_NEWPID },
	{ "time",	CLONE_NEWTIME },
	{ "user",	CLONE_NEWUSER },
	{ "uts",	CLONE_NEWUTS },
};

#define NR_INUMS	32

struct inums {
	unsigned int nr;
	unsigned long inum[NR_INUMS];
};

static const char *mountpoint;	/* of namespacefs, if it is there */
static int has_procns;
static unsigned int results;

/* Write a whole line at once: the kernel's log goes to the same console. */
static void line(const char *format, ...)
{
	char buf[512];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	write(1, buf, len < (int)sizeof(buf) ? len : (int)sizeof(buf) - 1);
}

static int check(int good, const char *what, const char *of)
{
	line("%s %u %s: %s\n", good ? "ok" : "not ok", ++results, of, what);
	return good;
}

/* Whether a word is in the list, which is separated by commas. */
static int in_list(const char *variable, const char *word)
{
	const char *list = getenv(variable);
	size_t len = strlen(word);

	while (list && *list) {
		if (!strncmp(list, word, len) && (!list[len] || list[len] == ','))
			return 1;
		list = strchr(list, ',');
		list += !!list;
	}
	return 0;
}

static void add(struct inums *inums, unsigned long inum)
{
	unsigned int i;

	if (inums->nr == NR_INUMS)
		return;
	for (i = inums->nr++; i && inums->inum[i - 1] > inum; i--)
		inums->inum[i] = inums->inum[i - 1];
	inums->inum[i] = inum;
}

/*
 * Call a function for each name in a directory. Returns their number, or -1 if the
 * directory cannot be read.
 */
static int each(const char *path, void (*fn)(const char *name, void *data), void *data)
{
	struct dirent entry, *result;
	DIR *dir = opendir(path);
	int n = 0;

	if (!dir)
		return -1;
	while (!readdir_r(dir, &entry, &result) && result) {
		if (!strcmp(entry.d_name, ".") || !strcmp(entry.d_name, ".."))
			continue;
		if (fn)
			fn(entry.d_name, data);
		n++;
	}
	closedir(dir);
	return n;
}

/* In the root of the view: a type, or one of the files beside them. */
static void count_type(const char *name, void *nr)
{
	static const char *const files[] = { "events", "inactive", "procs", "tasks" };

	for (unsigned int i = 0; i < ARRAY_SIZE(files); i++)
		if (!strcmp(name, files[i]))
			return;
	++*(int *)nr;
}

static void add_dir(const char *name, void *data)
{
	add(data, strtoul(name, NULL, 10));
}

/* The inums of a type in namespacefs. All here are one level deep. */
static int list_fs(const char *type, struct inums *inums)
{
	char path[64];

	inums->nr = 0;
	snprintf(path, sizeof(path), "%s/%s", mountpoint, type);
	return each(path, add_dir, inums);
}

struct of_type {
	const char *type;
	struct inums *inums;
};

static void add_link(const char *name, void *data)
{
	struct of_type *of = data;
	size_t len = strlen(of->type);

	if (!strncmp(name, of->type, len) && !strncmp(name + len, ":[", 2))
		add(of->inums, strtoul(name + len + 2, NULL, 10));
}

static int list_proc(const char *type, struct inums *inums)
{
	struct of_type of = { type, inums };

	inums->nr = 0;
	return each("/proc/namespaces", add_link, &of);
}

static int list(const char *type, struct inums *inums)
{
	return mountpoint ? list_fs(type, inums) : list_proc(type, inums);
}

static int same(const struct inums *a, const struct inums *b)
{
	return a->nr == b->nr && !memcmp(a->inum, b->inum, a->nr * sizeof(a->inum[0]));
}

/* Read a file to its end. The beginning of it is left in the buffer. */
static int read_file(const char *path, char *buf, int size)
{
	char rest[256];
	int fd = open(path, O_RDONLY), len, n;

	if (fd < 0)
		return -1;
	len = read(fd, buf, size - 1);
	buf[len < 0 ? 0 : len] = 0;
	do
		n = len < 0 ? len : read(fd, rest, sizeof(rest));
	while (n > 0);
	close(fd);
	return n < 0 ? -1 : len;
}

/* Whether a line of the file is the number. */
static int has_number(const char *path, int number)
{
	char buf[4096], *at = buf;

	if (read_file(path, buf, sizeof(buf)) < 0)
		return 0;
	while (*at) {
		if (atoi(at) == number)
			return 1;
		at = strchr(at, '\n');
		if (!at)
			break;
		at++;
	}
	return 0;
}

struct files {
	char dir[64];
	int read, failed;
};

static void read_entry(const char *name, void *data)
{
	struct files *files = data;
	char path[128], buf[512];

	snprintf(path, sizeof(path), "%s/%s", files->dir, name);
	/* What the link "owner" leads to is a directory, and "ns" has no read. */
	if (name[0] >= '0' && name[0] <= '9')
		return;
	if (!strcmp(name, "ns") || !strcmp(name, "owner") ?
	    readlink(path, buf, sizeof(buf)) <= 0 : read_file(path, buf, sizeof(buf)) < 0) {
		line("# %s: error %d\n", path, errno);
		files->failed++;
	} else {
		files->read++;
	}
}

static void test_files(const char *type, const struct inums *inums)
{
	struct files files = {};

	for (unsigned int i = 0; i < inums->nr; i++) {
		snprintf(files.dir, sizeof(files.dir), "%s/%s/%lu", mountpoint, type,
			 inums->inum[i]);
		each(files.dir, read_entry, &files);
		snprintf(files.dir, sizeof(files.dir), "%s/%s/%lu/tasks", mountpoint, type,
			 inums->inum[i]);
	}
	check(inums->nr && !files.failed && files.read >= 3 * (int)inums->nr,
	      "every file can be read", type);
	/* This process is in the initial one, which is the first to be made. */
	check(inums->nr && has_number(files.dir, 1), "its tasks", type);
}

/* The table has a column for each type that is there, and one more if it has children. */
static void test_table(const char *file, const char *first)
{
	char path[64], want[256], buf[4096];
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", mountpoint, file);
	/* Earlier patches of the series do not have it. */
	if (access(path, F_OK))
		return;
	snprintf(want, sizeof(want), "%s", first);
	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++) {
		const char *type = types[i].name;

		if (!in_list("types", type))
			continue;
		len = strlen(want);
		snprintf(want + len, sizeof(want) - len, " %s", type);
		len = strlen(want);
		if (!strcmp(type, "pid") || !strcmp(type, "time"))
			snprintf(want + len, sizeof(want) - len, " %s_for_children", type);
	}
	strlcat(want, "\n1 ", sizeof(want));
	check(read_file(path, buf, sizeof(buf)) > 0 && !strncmp(buf, want, strlen(want)),
	      "has the columns of the kernel, and this process first", file);
}

/* A namespace that nothing holds any more may take a moment to disappear. */
static int list_becomes(const char *type, const struct inums *wanted)
{
	struct inums now;

	for (int i = 0; i < 100; i++) {
		if (list(type, &now) >= 0 && same(&now, wanted))
			return 1;
		usleep(100000);
	}
	return 0;
}

/*
 * In a child: a new namespace, with a child of its own in it, whose PID is
 * written to the pipe. Time and PID namespaces are for children only.
 */
static void be_in_new_namespace(int flag, int fd)
{
	int pid;

	if (unshare(flag))
		_exit(1);
	pid = fork();
	if (!pid) {
		for (;;)
			usleep(1000000);
	}
	if (pid < 0 || write(fd, &pid, sizeof(pid)) != sizeof(pid))
		_exit(2);
	waitpid(pid, NULL, 0);
	_exit(0);
}

static void test_new(const char *type, int flag)
{
	int shown = mountpoint || has_procns;
	struct inums before, during;
	unsigned long inum = 0;
	char path[64];
	int fds[2], child, pid, n;

	if ((shown && list(type, &before) < 0) || pipe(fds)) {
		check(0, "set up", type);
		return;
	}
	child = fork();
	if (!child) {
		close(fds[0]);
		be_in_new_namespace(flag, fds[1]);
	}
	close(fds[1]);
	n = read(fds[0], &pid, sizeof(pid));
	close(fds[0]);
	if (!check(n == sizeof(pid), "a new one is made", type)) {
		waitpid(child, NULL, 0);
		return;
	}
	if (shown) {
		list(type, &during);
		for (unsigned int i = 0; i < during.nr && !inum; i++)
			if (i == before.nr || during.inum[i] != before.inum[i])
				inum = during.inum[i];
		check(during.nr == before.nr + 1, "it is listed", type);
	}
	if (mountpoint) {
		snprintf(path, sizeof(path), "%s/%s/%lu/tasks", mountpoint, type, inum);
		check(has_number(path, pid), "its task is listed", type);
	}
	kill(pid, SIGKILL);
	waitpid(child, NULL, 0);
	if (shown)
		check(list_becomes(type, &before), "it goes", type);
}

/* The low half of the address of the kernel's counter of ids, or 0. */
static unsigned long counter_address(void)
{
	static const char name[] = " namespace_cookie";
	int fd = open("/proc/kallsyms", O_RDONLY), kept = 0, len;
	char buf[4096 + 1], *found, *start;

	while (fd >= 0 && (len = read(fd, buf + kept, sizeof(buf) - 1 - kept)) > 0) {
		len += kept;
		buf[len] = 0;
		found = strstr(buf, name);
		if (found) {
			/* "address type name": the last eight digits of the address */
			for (start = found; start > buf && start[-1] != ' '; start--)
				;
			start--;
			*start = 0;
			close(fd);
			return start - buf < 8 ? 0 : strtoul(start - 8, NULL, 16);
		}
		/* A line may go on in the next piece. */
		kept = len < 128 ? len : 128;
		memmove(buf, buf + len - kept, kept);
	}
	close(fd);
	return 0;
}

/* It is an u64, and the kernel is where it was linked to, in the first GiB of memory. */
static int make_ids_high(void)
{
	unsigned long address = counter_address();
	unsigned int one = 1;
	int fd, good;

	mknod("/mem", S_IFCHR | 0600, makedev(1, 1));
	fd = open("/mem", O_WRONLY);
	good = address && fd >= 0 && lseek(fd, (address & 0x3fffffff) + 4, SEEK_SET) > 0 &&
	       write(fd, &one, sizeof(one)) == sizeof(one);
	close(fd);
	return good;
}

/* What a listing returns for a name, in structures of 64 bits or of the word size. */
struct found {
	unsigned long long ino;
	int err;	/* of the end of the listing */
};

static void find_name(int nr, const char *wanted, struct found *found)
{
	const int is_64 = nr == __NR_getdents64, word = is_64 ? 8 : sizeof(long);
	const int name_at = 2 * word + 2 + is_64;
	char buf[4096] __attribute__((aligned(8)));
	int fd = open("/proc/namespaces", O_RDONLY), len;

	*found = (struct found){};
	while ((len = __nolibc_syscall3(nr, fd, buf, sizeof(buf))) > 0) {
		unsigned short size;

		for (char *at = buf; at < buf + len; at += size) {
			memcpy(&size, at + 2 * word, sizeof(size));
			if (!strcmp(at + name_at, wanted))
				memcpy(&found->ino, at, word);
		}
	}
	found->err = len;
	close(fd);
}

/*
 * The id of a namespace as an inode number, for programs of this word size: by three
 * ways that have 64 bits for it, and by those that may not.
 */
static void test_ids(void)
{
	const int high = in_list("ids", "high");
	/* An id that does not fit into a word of this size gives EOVERFLOW. */
	const int too_long = high && sizeof(long) == 4 ? -EOVERFLOW : 0;
	char path[64], name[64] = "", link[96], text[32] = "", id_path[96];
	unsigned long long id, ioctl_id = 0;
	struct found found;
	struct statx stx = {};
	char stat_buf[256];
	int fds[2], child, pid, fd, len;

	if (pipe(fds))
		return;
	child = fork();
	if (!child) {
		close(fds[0]);
		be_in_new_namespace(CLONE_NEWUTS, fds[1]);
	}
	close(fds[1]);
	len = read(fds[0], &pid, sizeof(pid));
	close(fds[0]);
	if (!check(len == sizeof(pid), "a namespace is made", "ids"))
		return;
	snprintf(path, sizeof(path), "/proc/%d/ns/uts", pid);
	readlink(path, name, sizeof(name) - 1);
	snprintf(link, sizeof(link), "/proc/namespaces/%s", name);
	snprintf(id_path, sizeof(id_path), "%s/uts/%lu/id", mountpoint,
		 strtoul(name + 5, NULL, 10));
	read_file(id_path, text, sizeof(text));
	id = strtoull(text, NULL, 10);
	check(!!(id >> 32) == high, high ? "are above 2^32" : "are below 2^32", "ids");

	fd = open(path, O_RDONLY);
	check(!ioctl(fd, NS_GET_ID, &ioctl_id) && ioctl_id == id, "NS_GET_ID has it", "ids");
	close(fd);
	check(!__nolibc_syscall5(__NR_statx, AT_FDCWD, link, AT_SYMLINK_NOFOLLOW, STATX_INO, &stx) &&
	      stx.stx_ino == id, "statx has it", "ids");
	find_name(__NR_getdents64, name, &found);
	check(!found.err && found.ino == id, "getdents64 has it", "ids");

	check(__nolibc_syscall2(__NR_lstat, link, stat_buf) == too_long,
	      too_long ? "lstat fails with EOVERFLOW" : "lstat succeeds", "ids");
	find_name(__NR_getdents, name, &found);
	check(found.err == too_long && found.ino == (too_long ? 0 : id),
	      too_long ? "getdents fails with EOVERFLOW" : "getdents has it", "ids");
	/* Initial namespaces have small ids. */
	readlink("/proc/self/ns/uts", name, sizeof(name) - 1);
	snprintf(link, sizeof(link), "/proc/namespaces/%s", name);
	check(!__nolibc_syscall2(__NR_lstat, link, stat_buf), "lstat of an initial one succeeds",
	      "ids");
	kill(pid, SIGKILL);
	waitpid(child, NULL, 0);
}

static void test_type(const char *type, int flag)
{
	struct inums in_fs, in_proc, self;
	char path[64], target[64];
	int len, failed;

	if (!in_list("types", type)) {
		if (mountpoint)
			check(list_fs(type, &in_fs) < 0, "has no directory", type);
		if (has_procns)
			check(list_proc(type, &in_proc) >= 0 && !in_proc.nr, "has no link", type);
		/* Without cgroups, CLONE_NEWCGROUP is ignored. Other types give EINVAL. */
		failed = unshare(flag) ? errno : 0;
		check(failed == EINVAL || (flag == CLONE_NEWCGROUP && !failed), "cannot be made",
		      type);
		return;
	}
	if (mountpoint && check(list_fs(type, &in_fs) > 0, "has a directory", type))
		test_files(type, &in_fs);
	if (has_procns) {
		check(list_proc(type, &in_proc) > 0 && in_proc.nr, "has a link", type);
		snprintf(path, sizeof(path), "/proc/self/ns/%s", type);
		len = readlink(path, target, sizeof(target) - 1);
		target[len < 0 ? 0 : len] = 0;
		self.nr = 0;
		add_link(target, &(struct of_type){ type, &self });
		check(self.nr && self.inum[0] == in_proc.inum[0], "is the one of init", type);
		if (mountpoint)
			check(same(&in_fs, &in_proc), "is the same in both views", type);
	}
	test_new(type, flag);
}

int main(void)
{
	const char *end = getenv("end");
	int wanted = 0, found = 0, failed;

	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/mnt", 0755);
	line("TAP version 13\n# types %s, file systems %s\n", getenv("types") ?: "none",
	     getenv("fs") ?: "none");
	failed = !!mount("none", "/proc", "proc", 0, NULL);
	check(failed != in_list("fs", "proc"), "is there as configured", "proc");
	has_procns = !access("/proc/namespaces", F_OK);
	check(has_procns == in_list("fs", "procns"), "is there as configured", "/proc/namespaces");
	failed = !!mount("none", "/sys", "sysfs", 0, NULL);
	check(failed != in_list("fs", "sysfs"), "is there as configured", "sysfs");

	if (in_list("fs", "namespacefs")) {
		mountpoint = failed ? "/mnt" : "/sys/fs/namespaces";
		check(!mount("none", mountpoint, "namespacefs", 0, NULL), "can be mounted",
		      "namespacefs");
		for (unsigned int i = 0; i < ARRAY_SIZE(types); i++)
			wanted += !in_list("depth", "none") && in_list("types", types[i].name);
		check(each(mountpoint, count_type, &found) >= 0 && found == wanted, "has a directory for each type",
		      "namespacefs");
	} else {
		check(mount("none", "/mnt", "namespacefs", 0, NULL) && errno == ENODEV,
		      "is not there", "namespacefs");
		check(access("/sys/fs/namespaces", F_OK) && errno == ENOENT,
		      "has no mount point", "namespacefs");
	}
	if (mountpoint && !in_list("depth", "all"))
		mountpoint = NULL;
	if (mountpoint) {
		test_table("procs", "tgid");
		test_table("tasks", "tid");
	}
	if (in_list("ids", "high"))
		check(make_ids_high(), "can be changed", "ids");
	if (mountpoint && has_procns && in_list("types", "uts"))
		test_ids();
	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++)
		test_type(types[i].name, types[i].flag);
	line("1..%u\nguest: end 0\n", results);
	reboot(end && !strcmp(end, "off") ? LINUX_REBOOT_CMD_POWER_OFF :
					    LINUX_REBOOT_CMD_RESTART);
	return 1;
}
