// SPDX-License-Identifier: GPL-2.0-only
/*
 * mainline: faults of the kernel without the series, each shown by a program.
 *
 *	mainline NAME
 *
 * prints a line "NAME fault|none: what was seen". Without a name it shows all but
 * those that take a kernel of their own, in which it may be the only process.
 */

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef __NR_listns
#define __NR_listns	470
#endif
#define NS_GET_ID	_IOR(0xb7, 13, uint64_t)
#define NS_MNT_GET_NEXT	_IOR(0xb7, 11, struct mnt_info)
#define PIDFD_GET_UTS_NAMESPACE	_IO(0xFF, 10)

/* As in the uapi headers, which those of the build machine may be older than. */
struct list_req {
	uint32_t size, spare;
	uint64_t ns_id;
	uint32_t ns_type, spare2;
	uint64_t user_ns_id;
};

struct mnt_info {
	uint32_t size, nr_mounts;
	uint64_t mnt_ns_id;
};

/* How long to try to win a race. */
#define SECONDS	10

static bool in_time(time_t end)
{
	return time(NULL) < end;
}

static void say(const char *name, bool fault, const char *text)
{
	printf("%s %s: %s\n", name, fault ? "fault" : "none", text);
}

/* A member that has no meaning yet has to be zero, for it to be given one. */
static void spare(const char *name)
{
	struct list_req req = { .size = sizeof(req), .spare2 = 1 };
	uint64_t ids[8];
	long n = syscall(__NR_listns, &req, ids, 8, 0);

	if (n < 0 && errno != EINVAL)
		err(1, "listns");
	say(name, n >= 0, n < 0 ? "listns() refuses spare2 = 1" : "listns() takes spare2 = 1");
}

/* The id of a namespace that a process is in, or 0. */
static uint64_t id_of(const char *path)
{
	uint64_t id = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && ioctl(fd, NS_GET_ID, &id))
		id = 0;
	close(fd);
	return id;
}

/* An inactive mount namespace, of which an open file keeps the memory. */
static void inactive(const char *name)
{
	struct mnt_info info = {};
	uint64_t dead, ids[1024];
	struct list_req req = { .size = sizeof(req), .ns_type = CLONE_NEWNS };
	char path[64];
	int pipes[2], fd, next, listed = 0, opened = 0;
	pid_t pid;
	long n;

	if (pipe(pipes))
		err(1, "pipe");
	pid = fork();
	if (!pid) {
		if (unshare(CLONE_NEWNS) || write(pipes[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(pipes[0], path, 1) != 1)
		err(1, "unshare");
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
	dead = id_of(path);
	snprintf(path, sizeof(path), "/proc/%d/mountinfo", pid);
	if (open(path, O_RDONLY) < 0 || !dead)
		err(1, "%s", path);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);

	n = syscall(__NR_listns, &req, ids, 1024, 0);
	for (long i = 0; i < n; i++)
		listed += ids[i] == dead;
	fd = open("/proc/self/ns/mnt", O_RDONLY);
	while ((next = ioctl(fd, NS_MNT_GET_NEXT, &info)) >= 0) {
		close(fd);
		fd = next;
		opened += info.mnt_ns_id == dead;
	}
	if (errno != ENOENT)
		err(1, "NS_MNT_GET_NEXT");
	if (listed)
		errx(1, "the mount namespace is active yet");
	say(name, opened, opened ? "NS_MNT_GET_NEXT opens what listns() does not list" :
				   "neither listns() nor NS_MNT_GET_NEXT knows it");
}

static void write_offsets(const char *text)
{
	int fd = open("/proc/self/timens_offsets", O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "timens_offsets");
	close(fd);
}

/* One sets both clocks alike, all the time, and another sees them differ. */
static void offsets(const char *name)
{
	time_t end = time(NULL) + SECONDS;
	long long reads = 0, torn = 0;
	char path[64];
	int pipes[2];

	if (pipe(pipes))
		err(1, "pipe");
	snprintf(path, sizeof(path), "/proc/%d/timens_offsets", getpid());
	/* First: a child that is made later would be in it, and the offsets could not be set. */
	if (!fork()) {
		long mono, boot, mono_ns, boot_ns;

		if (read(pipes[0], &mono, 1) != 1)
			err(1, "read");
		while (in_time(end)) {
			FILE *f = fopen(path, "r");

			if (!f || fscanf(f, "monotonic %ld %ld boottime %ld %ld",
					 &mono, &mono_ns, &boot, &boot_ns) != 4)
				err(1, "%s", path);
			fclose(f);
			reads++;
			torn += mono != boot || mono_ns != boot_ns || mono != mono_ns;
		}
		printf("# %lld reads, %lld of offsets that differ\n", reads, torn);
		say(name, torn, torn ? "it shows offsets that were never set together" :
				       "it shows what was set");
		exit(0);
	}
	if (unshare(CLONE_NEWTIME))
		err(1, "unshare");
	write_offsets("monotonic 1 1\nboottime 1 1\n");
	if (write(pipes[1], "", 1) != 1)
		err(1, "write");
	while (in_time(end)) {
		write_offsets("monotonic 2 2\nboottime 2 2\n");
		write_offsets("monotonic 1 1\nboottime 1 1\n");
	}
	wait(NULL);
}

#define MANY	3000

/* A caller that pages by the last id, as documented, misses a late smaller id. */
static void pages(const char *name)
{
	static const struct {
		int flag;
		const char *path;
	} types[] = {
		{ CLONE_NEWIPC, "/proc/self/ns/ipc" },
		{ CLONE_NEWUTS, "/proc/self/ns/uts" },
	};
	struct {
		uint64_t ids[2][MANY];
		volatile int ready[2];
	} *made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rlimit limit = { MANY + 100, MANY + 100 };
	struct list_req req = { .size = sizeof(req) };
	static uint64_t listed[4 * MANY];
	int found = 0, missed = 0, again = 2;
	pid_t pids[2];
	char text[64];

	if (made == MAP_FAILED || setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "mmap");
	for (int t = 0; t < 2; t++) {
		pids[t] = fork();
		if (pids[t])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0; i < MANY; i++) {
			if (unshare(types[t].flag) || open(types[t].path, O_RDONLY) < 0)
				err(1, "the %dth namespace", i);
			made->ids[t][i] = id_of(types[t].path);
		}
		made->ready[t] = 1;
		for (;;)
			pause();
	}
	/* Once more when all are there, for what came last. */
	while (again) {
		bool ready = made->ready[0] && made->ready[1];
		long n = syscall(__NR_listns, &req, listed + found, 4 * MANY - found, 0);

		if (n > 0) {
			found += n;
			req.ns_id = listed[found - 1];
		}
		again -= ready;
	}
	for (int t = 0; t < 2; t++)
		for (int i = 0, j; i < MANY; i++) {
			for (j = 0; j < found && listed[j] != made->ids[t][i]; j++)
				;
			missed += j == found;
		}
	for (int t = 0; t < 2; t++)
		kill(pids[t], SIGKILL);
	snprintf(text, sizeof(text), "%d of %d that are there are on no page", missed, 2 * MANY);
	say(name, missed, text);
}

/* Inode number of a new UTS namespace, found without /proc. It stays open. */
static uint64_t new_uts(int pidfd)
{
	struct stat st;
	int fd;

	if (unshare(CLONE_NEWUTS))
		err(1, "unshare");
	fd = ioctl(pidfd, PIDFD_GET_UTS_NAMESPACE, 0);
	if (fd < 0 || fstat(fd, &st))
		err(1, "the UTS namespace of a pidfd");
	return st.st_ino;
}

/* Without PROC_FS, every namespace but the initial ones has the same inode number. */
static void inums(const char *name)
{
	int pidfd = syscall(__NR_pidfd_open, getpid(), 0);
	uint64_t first, second;
	char text[64];

	if (pidfd < 0)
		err(1, "pidfd_open");
	first = new_uts(pidfd);
	second = new_uts(pidfd);
	snprintf(text, sizeof(text), "two UTS namespaces at once are %llu and %llu",
		 (unsigned long long)first, (unsigned long long)second);
	say(name, first == second, text);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*show)(const char *name);
		bool alone;	/* in a kernel of its own */
	} faults[] = {
		{ "listns-spare2", spare },
		{ "mnt-get-next-inactive", inactive },
		{ "timens-offsets-torn", offsets },
		{ "listns-pages", pages },
		{ "inums-without-proc", inums, true },
	};

	for (unsigned int i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		pid_t pid;
		int status;

		if (argc > 1 ? strcmp(argv[1], faults[i].name) : faults[i].alone)
			continue;
		fflush(stdout);
		pid = fork();
		if (!pid) {
			faults[i].show(faults[i].name);
			exit(0);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			printf("%s unknown: the program failed\n", faults[i].name);
	}
	if (getpid() == 1) {
		printf("guest: end 0\n");
		fflush(stdout);
		reboot(RB_AUTOBOOT);
	}
	return 0;
}
