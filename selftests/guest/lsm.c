// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Yama, Landlock and SELinux, which enforces the policy lsm.cil, deny of
 * /proc/<pid>/ns, and what the views show of the same namespaces. A pidfd of a task
 * opens them as well.
 */

#include "common.h"
#include <linux/landlock.h>
#include <sys/ptrace.h>

/* As many links as a task has, in the order of the ioctls of a pidfd from 1 on. */
static const char * const links[] = {
	"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time",
	"time_for_children", "user", "uts",
};

static unsigned int inum_of_file(int fd)
{
	struct stat st;

	return fd < 0 || fstat(fd, &st) ? 0 : st.st_ino;
}

/* Each of these returns the number of the namespace, or 0 if that is denied. */
static unsigned int by_link(pid_t pid, const char *link)
{
	return inum_of(pid, link);
}

static unsigned int by_opening(pid_t pid, const char *link)
{
	int fd = open_ns(pid, link);
	unsigned int inum = inum_of_file(fd);

	close(fd);
	return inum;
}

static unsigned int by_pidfd(pid_t pid, const char *link)
{
	int pidfd = syscall(__NR_pidfd_open, pid, 0), fd, i = 0;
	unsigned int inum;

	while (strcmp(links[i], link))
		i++;
	fd = ioctl(pidfd, _IO(0xff, i + 1), 0);
	inum = inum_of_file(fd);
	close(fd);
	close(pidfd);
	return inum;
}

static char *in_proc(const char *type, unsigned int inum)
{
	return str("/proc/namespaces/%s:[%u]", type, inum);
}

/* A task, its namespaces that the test does not share, and how many tasks there are. */
struct target {
	pid_t pid;
	unsigned int inum[NR_TYPES];
	int nr_tasks, nr_own;
};

/* Ways to ask a view for a namespace of a task. */
static bool proc_list(pid_t pid, const char *type, unsigned int inum)
{
	return listed("/proc/namespaces", str("%s:[%u]", type, inum)) > 0;
}

static bool proc_lstat(pid_t pid, const char *type, unsigned int inum)
{
	return !try_lstat(in_proc(type, inum));
}

static bool proc_readlink(pid_t pid, const char *type, unsigned int inum)
{
	return inum_of_link(in_proc(type, inum)) == inum;
}

static bool proc_open(pid_t pid, const char *type, unsigned int inum)
{
	return !try_open(in_proc(type, inum));
}

static bool fs_list(pid_t pid, const char *type, unsigned int inum)
{
	return listed(str("%s/%s", view, type), str("%u", inum)) > 0;
}

static bool fs_stat(pid_t pid, const char *type, unsigned int inum)
{
	return !try_stat(in_view(type, inum, ""));
}

static bool fs_read(pid_t pid, const char *type, unsigned int inum)
{
	return number_in(in_view(type, inum, "id"));
}

static bool fs_tasks(pid_t pid, const char *type, unsigned int inum)
{
	return has_line(cat(in_view(type, inum, "tasks")), str("%d", pid));
}

static bool fs_open(pid_t pid, const char *type, unsigned int inum)
{
	return !try_open(in_view(type, inum, "ns"));
}

static bool fs_table(pid_t pid, const char *type, unsigned int inum)
{
	const char *line = strstr(cat(str("%s/procs", view)), str("\n%d ", pid));
	const char *found = line ? strstr(line, str(" %u", inum)) : NULL;

	return found && found < strchrnul(line + 1, '\n');
}

#define WAY(fn)		{ #fn, fn }

static const struct {
	const char *name;
	bool (*tells)(pid_t pid, const char *type, unsigned int inum);
} ways[] = {
	WAY(proc_list), WAY(proc_lstat), WAY(proc_readlink), WAY(proc_open),
	WAY(fs_list), WAY(fs_stat), WAY(fs_read), WAY(fs_tasks), WAY(fs_open), WAY(fs_table),
};

/* What the links in /proc/<pid>/ns, a pidfd and both views show to the caller. */
struct told {
	bool links, pidfd, views;
};

/* The caller is told this of each namespace that a task has for itself. */
static void expect_told(struct __test_metadata *_metadata, const struct target *t,
			struct told told)
{
	for (int i = 0; i < NR_TYPES; i++) {
		const char *type = types[i].name;
		unsigned int inum = t->inum[i];

		if (!inum)
			continue;
		EXPECT_EQ(told.links ? inum : 0, by_link(t->pid, type))
			TH_LOG("readlink of %s", type);
		EXPECT_EQ(told.links ? inum : 0, by_opening(t->pid, type))
			TH_LOG("opening the link of %s", type);
		EXPECT_EQ(told.pidfd ? inum : 0, by_pidfd(t->pid, type))
			TH_LOG("pidfd, %s", type);
		for (int w = 0; w < ARRAY_LEN(ways); w++) {
			EXPECT_EQ(told.views, ways[w].tells(t->pid, type, inum))
				TH_LOG("%s, %s", ways[w].name, type);
		}
	}
}

struct set {
	unsigned int nr, inum[1024];
};

static bool has(const struct set *set, unsigned int inum)
{
	for (unsigned int i = 0; i < set->nr; i++)
		if (set->inum[i] == inum)
			return true;
	return false;
}

static void add(struct set *set, unsigned int inum)
{
	if (inum && !has(set, inum) && set->nr < ARRAY_LEN(set->inum))
		set->inum[set->nr++] = inum;
}

/* Without the names of no task, for which atoi() is 0. */
static void add_of_tasks(struct set *set, unsigned int (*ask)(pid_t pid, const char *link))
{
	DIR *dir = opendir("/proc");
	struct dirent *d;

	while (dir && (d = readdir(dir)))
		for (int i = 0; atoi(d->d_name) && i < ARRAY_LEN(links); i++)
			add(set, ask(atoi(d->d_name), links[i]));
	if (dir)
		closedir(dir);
}

static void add_of_proc(struct set *set)
{
	DIR *dir = opendir("/proc/namespaces");
	const char *number;
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		number = strchr(d->d_name, '[');
		add(set, number ? atoll(number + 1) : 0);
	}
	if (dir)
		closedir(dir);
}

/* A directory without files is traversable only. */
static void add_below(struct set *set, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		if (d->d_type != DT_DIR || d->d_name[0] == '.')
			continue;
		if (!try_stat(str("%s/%s/id", path, d->d_name)))
			add(set, atoll(d->d_name));
		add_below(set, str("%s/%s", path, d->d_name));
	}
	if (dir)
		closedir(dir);
}

static void expect_same(struct __test_metadata *_metadata, const struct set *a,
			const struct set *b, const char *what)
{
	EXPECT_EQ(a->nr, b->nr)
		TH_LOG("%s", what);
	for (unsigned int i = 0; i < a->nr; i++) {
		EXPECT_TRUE(has(b, a->inum[i]))
			TH_LOG("%s: %u", what, a->inum[i]);
	}
}

/* All that the caller finds is what it is told of these tasks and its own namespaces. */
static void expect_all(struct __test_metadata *_metadata, int nr_links, int nr_pidfd,
		       int nr_views)
{
	struct set own = {}, by_links = {}, by_pidfds = {}, proc = {}, fs = {};

	for (int i = 0; i < ARRAY_LEN(links); i++)
		add(&own, by_link(getpid(), links[i]));
	ASSERT_EQ(NR_TYPES, own.nr);
	add_of_tasks(&by_links, by_link);
	add_of_tasks(&by_pidfds, by_pidfd);
	add_of_proc(&proc);
	add_below(&fs, view);
	EXPECT_EQ(own.nr + nr_links, by_links.nr);
	EXPECT_EQ(own.nr + nr_pidfd, by_pidfds.nr);
	EXPECT_EQ(nr_views < 0 ? 0 : own.nr + nr_views, proc.nr);
	expect_same(_metadata, &proc, &fs, "both views");
	if (nr_views == nr_links)
		expect_same(_metadata, &by_links, &proc, "the links and the views");
	if (nr_views == nr_pidfd)
		expect_same(_metadata, &by_pidfds, &proc, "pidfds and the views");
}

/* Change the SELinux domain of the caller. */
static int enter(const char *domain)
{
	return put("/proc/self/attr/current", str("u:r:%s", domain));
}

/* For hold_with(): a container of the user, with a task in all of its namespaces. */
static void container(struct __test_metadata *_metadata, void *domain)
{
	ASSERT_EQ(0, enter(domain));
	ASSERT_EQ(0, getuid() == USER ? 0 : become(USER));
	ASSERT_EQ(0, unshare(CLONE_NEWUSER | ALL_BUT_USER));
	hold(_metadata, 0);
}

/* For hold_with(): a process of the user. */
static void process(struct __test_metadata *_metadata, void *unused)
{
	ASSERT_EQ(0, become(USER));
}

static void know(struct __test_metadata *_metadata, struct target *t)
{
	for (int i = 0; i < NR_TYPES; i++) {
		unsigned int inum = inum_of(t->pid, types[i].name);

		ASSERT_NE(0, inum);
		t->inum[i] = inum == inum_of(getpid(), types[i].name) ? 0 : inum;
		t->nr_own += !!t->inum[i];
	}
}

static void start_container(struct __test_metadata *_metadata, const char *domain,
			    struct target *t)
{
	pid_t outer = hold_with(_metadata, 0, container, (void *)domain);

	*t = (struct target){ .nr_tasks = 2 };
	t->pid = number_in(str("/proc/%d/task/%d/children", outer, outer));
	ASSERT_LT(0, t->pid);
	know(_metadata, t);
	ASSERT_EQ(NR_TYPES, t->nr_own);
}

static void start_process(struct __test_metadata *_metadata, struct target *t)
{
	*t = (struct target){ .nr_tasks = 1 };
	t->pid = hold_with(_metadata, ALL_BUT_USER, process, NULL);
	know(_metadata, t);
	ASSERT_EQ(NR_TYPES - 1, t->nr_own);
}

static void use_view(void)
{
	strcpy(view, "/sys/fs/namespaces");
}

/* The audit records that the kernel logs from here on. */
static int follow_log(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	lseek(fd, 0, SEEK_END);
	return fd;
}

/* Records of one caller, up to the one of the time when it was named "marker". */
struct log {
	char *records[512];
	int nr;
};

static bool read_log(int fd, struct log *log)
{
	char record[8192];
	ssize_t len;

	log->nr = 0;
	for (int i = 0; i < 1000; i++) {
		while ((len = read(fd, record, sizeof(record) - 1)) > 0) {
			record[len] = '\0';
			if (!strstr(record, "audit("))
				continue;
			if (log->nr < ARRAY_LEN(log->records))
				log->records[log->nr++] = str("%s", record);
			if (strstr(record, "comm=\"marker\""))
				return true;
		}
		usleep(10000);
	}
	return false;
}

static int logged(const struct log *log, const char *a, const char *b, const char *c)
{
	int n = 0;

	for (int i = 0; i < log->nr; i++)
		n += strstr(log->records[i], a) && strstr(log->records[i], b) &&
		     strstr(log->records[i], c);
	return n;
}

/* List a directory, as a caller of that name. */
static void list_as(const char *name, const char *path)
{
	prctl(PR_SET_NAME, name);
	count(path);
}

FIXTURE(selinux)
{
	struct target target;
};

FIXTURE_VARIANT(selinux)
{
	const char *domain;
	bool root;
	struct told told;
};

FIXTURE_VARIANT_ADD(selinux, may_all)
{
	.domain = "may_all", .told = { .links = true, .pidfd = true, .views = true },
};

FIXTURE_VARIANT_ADD(selinux, no_proc)
{
	.domain = "no_proc", .told = {},
};

FIXTURE_VARIANT_ADD(selinux, no_file)
{
	.domain = "no_file", .told = {},
};

/* The limit: the views, as pidfds, do not ask for the labels of /proc/<pid>. */
FIXTURE_VARIANT_ADD(selinux, no_link)
{
	.domain = "no_link", .told = { .pidfd = true, .views = true },
};

FIXTURE_VARIANT_ADD(selinux, no_dir)
{
	.domain = "no_dir", .told = { .pidfd = true, .views = true },
};

/* A policy can keep callers out of the views as a whole. */
FIXTURE_VARIANT_ADD(selinux, no_views)
{
	.domain = "no_views", .told = { .links = true, .pidfd = true },
};

/* CAP_SYS_ADMIN sees all, as by listns(2), unless the policy denies it. */
FIXTURE_VARIANT_ADD(selinux, root_no_proc)
{
	.domain = "no_proc", .root = true, .told = { .views = true },
};

FIXTURE_VARIANT_ADD(selinux, root_no_admin)
{
	.domain = "no_admin", .root = true, .told = {},
};

FIXTURE_SETUP(selinux)
{
	use_view();
	ASSERT_EQ(1, number_in("/sys/fs/selinux/enforce"));
	start_container(_metadata, "target", &self->target);
}

FIXTURE_TEARDOWN(selinux)
{
}

static bool listns_tells(unsigned int inum)
{
	struct ns_id_req req = { .size = sizeof(req) };
	__u64 id = number_in(in_view("uts", inum, "id")), ids[512];
	int nr = sys_listns(&req, ids, ARRAY_LEN(ids), 0);

	for (int i = 0; i < nr; i++)
		if (ids[i] == id)
			return true;
	return false;
}

TEST_F(selinux, told)
{
	const struct target *t = &self->target;
	pid_t pid = fork();
	int n = t->nr_own;

	ASSERT_LE(0, pid);
	if (pid) {
		reap(_metadata, pid);
		return;
	}
	if (!variant->root)
		ASSERT_EQ(0, become(USER));
	ASSERT_EQ(0, enter(variant->domain));
	expect_told(_metadata, t, variant->told);
	/* Other tasks of root start and end. */
	if (!variant->root)
		expect_all(_metadata, variant->told.links ? n : 0, variant->told.pidfd ? n : 0,
			   variant->told.views ? n : strcmp(variant->domain, "no_views") ? 0 : -1);
	if (variant->root && variant->told.views)
		EXPECT_TRUE(listns_tells(t->inum[NR_TYPES - 1]));
	_exit(_metadata->exit_code);
}

FIXTURE(selinux_log)
{
	struct target target;
};

/* Denials that are logged for each task, by a listing of a view and by one of the links. */
FIXTURE_VARIANT(selinux_log)
{
	const char *domain;
	int view, links;
	const char *denied, *class;	/* by the links */
};

FIXTURE_VARIANT_ADD(selinux_log, no_proc)
{
	.domain = "no_proc", .view = 1,
	.links = 1, .denied = "{ search }", .class = "tclass=dir",
};

FIXTURE_VARIANT_ADD(selinux_log, no_file)
{
	.domain = "no_file", .view = 1,
	.links = ARRAY_LEN(links), .denied = "{ read }", .class = "tclass=file",
};

FIXTURE_VARIANT_ADD(selinux_log, no_link)
{
	.domain = "no_link", .view = 0,
	.links = ARRAY_LEN(links), .denied = "{ read }", .class = "tclass=lnk_file",
};

FIXTURE_VARIANT_ADD(selinux_log, no_dir)
{
	.domain = "no_dir", .view = 0,
	.links = 1, .denied = "{ search }", .class = "tclass=dir",
};

FIXTURE_SETUP(selinux_log)
{
	use_view();
	ASSERT_EQ(1, number_in("/sys/fs/selinux/enforce"));
	start_container(_metadata, "target", &self->target);
}

FIXTURE_TEARDOWN(selinux_log)
{
}

/* What "ls -l" of each /proc/<pid>/ns asks for. */
static void list_links(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		if (!atoi(d->d_name) || count(str("/proc/%s/ns", d->d_name)) < 0)
			continue;
		for (int i = 0; i < ARRAY_LEN(links); i++)
			by_link(atoi(d->d_name), links[i]);
	}
	if (dir)
		closedir(dir);
}

/*
 * The hook of SELinux ignores PTRACE_MODE_NOAUDIT: a listing of a view logs a denial of
 * each task that it looks at and may not read, of which the caller named none.
 */
TEST_F(selinux_log, denials)
{
	const char *read = "avc:  denied  { read }", *file = "tclass=file";
	int fd = follow_log(), n = self->target.nr_tasks, proc, fs, ls;
	struct log log;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		ASSERT_EQ(0, become(USER));
		ASSERT_EQ(0, enter(variant->domain));
		list_as("proc", "/proc/namespaces");
		list_as("fs", str("%s/uts", view));
		prctl(PR_SET_NAME, "ls");
		list_links();
		prctl(PR_SET_NAME, "marker");
		by_link(self->target.pid, "uts");
		_exit(_metadata->exit_code);
	}
	reap(_metadata, pid);
	ASSERT_TRUE(read_log(fd, &log));
	proc = logged(&log, read, "comm=\"proc\"", file);
	fs = logged(&log, read, "comm=\"fs\"", file);
	ls = logged(&log, variant->denied, "comm=\"ls\"", variant->class);
	TH_LOG("logged for %d tasks: %d by a listing of /proc/namespaces, %d by one of uts/, %d by the links",
	       n, proc, fs, ls);
	EXPECT_EQ(n * variant->view, proc);
	EXPECT_EQ(n * variant->view, fs);
	EXPECT_EQ(n * variant->links, ls);
	/* These, that of the marker, and no other. */
	EXPECT_EQ(proc + fs + ls + 1, logged(&log, "avc:", variant->domain, ":target"));
	for (int i = 0; _metadata->exit_code && i < log.nr; i++)
		TH_LOG("%s", strchr(log.records[i], ';') + 1);
}

FIXTURE(landlock)
{
	struct target outside;
};

FIXTURE_SETUP(landlock)
{
	use_view();
	start_container(_metadata, "base", &self->outside);
}

FIXTURE_TEARDOWN(landlock)
{
}

/* Enter a domain of Landlock. What it handles does not matter. */
static int restrict_self(void)
{
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_CHAR,
	};
	int fd = syscall(__NR_landlock_create_ruleset, &attr, sizeof(attr), 0);

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ?:
	       syscall(__NR_landlock_restrict_self, fd, 0) ?: close(fd);
}

static void outside_and_inside(struct __test_metadata *_metadata, void *arg)
{
	const struct told yes = { true, true, true }, no = {};
	struct target *outside = arg, inside;

	expect_told(_metadata, outside, yes);
	expect_all(_metadata, outside->nr_own, outside->nr_own, outside->nr_own);
	ASSERT_EQ(0, restrict_self());
	expect_told(_metadata, outside, no);
	expect_all(_metadata, 0, 0, 0);
	start_container(_metadata, "base", &inside);
	expect_told(_metadata, outside, no);
	expect_told(_metadata, &inside, yes);
	expect_all(_metadata, inside.nr_own, inside.nr_own, inside.nr_own);
}

TEST_F(landlock, told)
{
	as_user(_metadata, outside_and_inside, &self->outside);
}

static void list_and_read(struct __test_metadata *_metadata, void *arg)
{
	const struct target *outside = arg;

	ASSERT_EQ(0, restrict_self());
	for (int i = 0; i < 3; i++) {
		list_as("views", "/proc/namespaces");
		list_as("views", str("%s/uts", view));
	}
	prctl(PR_SET_NAME, "marker");
	EXPECT_EQ(0, by_link(outside->pid, "uts"));
}

/* Landlock logs what /proc/<pid>/ns denies, and no listing of a view. */
TEST_F(landlock, logged)
{
	int fd = follow_log();
	struct log log;

	as_user(_metadata, list_and_read, &self->outside);
	ASSERT_TRUE(read_log(fd, &log));
	EXPECT_EQ(1, logged(&log, "blockers=ptrace", "", ""));
}

FIXTURE(yama)
{
	struct target container, process;
};

FIXTURE_VARIANT(yama)
{
	const char *scope;
	int attach;
};

/* In this order: nothing is below 3 again. */
FIXTURE_VARIANT_ADD(yama, scope_0)
{
	.scope = "0", .attach = 0,
};

FIXTURE_VARIANT_ADD(yama, scope_1)
{
	.scope = "1", .attach = EPERM,
};

FIXTURE_VARIANT_ADD(yama, scope_2)
{
	.scope = "2", .attach = EPERM,
};

FIXTURE_VARIANT_ADD(yama, scope_3)
{
	.scope = "3", .attach = EPERM,
};

FIXTURE_SETUP(yama)
{
	use_view();
	start_container(_metadata, "base", &self->container);
	start_process(_metadata, &self->process);
	ASSERT_EQ(0, put("/proc/sys/kernel/yama/ptrace_scope", variant->scope));
}

FIXTURE_TEARDOWN(yama)
{
}

/* Yama restricts attaching, but not reading: what is told is the same in each scope. */
TEST_F(yama, told)
{
	const struct told yes = { true, true, true };
	pid_t pid = fork();
	int n;

	ASSERT_LE(0, pid);
	if (pid) {
		reap(_metadata, pid);
		return;
	}
	ASSERT_EQ(0, become(USER));
	expect_told(_metadata, &self->container, yes);
	expect_told(_metadata, &self->process, yes);
	n = self->container.nr_own + self->process.nr_own;
	expect_all(_metadata, n, n, n);
	EXPECT_EQ(variant->attach, ptrace(PTRACE_SEIZE, self->process.pid, 0, 0) ? errno : 0);
	_exit(_metadata->exit_code);
}

TEST_HARNESS_MAIN
