// SPDX-License-Identifier: GPL-2.0
/*
 * keep uts FILE: make a UTS namespace with the host name "adrift", leave its file
 * descriptor unread in a unix socket, and no process in it.
 * keep net FILE: make a network namespace that only a socket in it keeps, so that it is
 * inactive.
 *
 * Type and inum are written to FILE. Ends when it is killed, and the namespace with it.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void send_fd(int sock, int fd)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} u = {};
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.buf, .msg_controllen = sizeof(u.buf),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	if (sendmsg(sock, &msg, 0) != 1)
		err(1, "sendmsg");
}

/* Write what is true of a namespace to a file that is not there yet. */
static void note(const char *file, const char *type, int fd)
{
	char tmp[256];
	struct stat st;
	FILE *f;

	if (fd < 0 || fstat(fd, &st))
		err(1, "/proc/self/ns/%s", type);
	snprintf(tmp, sizeof(tmp), "%s.new", file);
	f = fopen(tmp, "w");
	if (!f || fprintf(f, "%s %lu\n", type, (unsigned long)st.st_ino) < 0 || fclose(f))
		err(1, "%s", tmp);
}

/* The child's process, descriptor and all, is gone when this has returned. */
static void adrift(int sock, const char *file)
{
	int fd;

	if (unshare(CLONE_NEWUTS) || sethostname("adrift", 6))
		err(1, "unshare");
	fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	note(file, "uts", fd);
	send_fd(sock, fd);
}

static void keep_uts(const char *file)
{
	int sv[2], status;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv))
		err(1, "socketpair");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		adrift(sv[0], file);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		errx(1, "the child failed");
}

static void keep_net(const char *file)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd;

	if (own < 0 || unshare(CLONE_NEWNET))
		err(1, "unshare");
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	note(file, "net", fd);
	if (socket(AF_INET, SOCK_DGRAM, 0) < 0 || setns(own, CLONE_NEWNET))
		err(1, "a socket");
	close(own);
	close(fd);
}

int main(int argc, char **argv)
{
	char tmp[256];

	if (argc != 3)
		errx(2, "usage: keep uts|net FILE");
	if (!strcmp(argv[1], "net"))
		keep_net(argv[2]);
	else
		keep_uts(argv[2]);
	snprintf(tmp, sizeof(tmp), "%s.new", argv[2]);
	if (rename(tmp, argv[2]))
		err(1, "%s", argv[2]);
	for (;;)
		pause();
}
