// A tool that turned against us: each act tries one way out of the cage. It says "out" when the way is open, else "held" and why.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

extern char **environ;

static int verdict(long result) {
	if (result >= 0) printf("out %ld\n", result);
	else printf("held %s\n", strerror(errno));
	return 0;
}

static void *idle(void *p) { return p; }

static long tcp(int port) {
	int s = socket(AF_INET, SOCK_STREAM, 0);
	if (s < 0) return -1;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	return connect(s, (void *)&a, sizeof a);
}

static long udp(int port) {
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	if (s < 0) return -1;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	return sendto(s, "x", 1, 0, (void *)&a, sizeof a);
}

static long raise_limit(int resource) {
	struct rlimit r;
	if (getrlimit(resource, &r)) return -1;
	r.rlim_max = r.rlim_cur = r.rlim_cur + 1;
	return setrlimit(resource, &r);
}

// Leaves a grandchild in a session of its own, which waits for ever.
static long orphan(void) {
	pid_t p = fork();
	if (p < 0) return -1;
	if (p == 0) {
		setsid();
		if (fork() == 0) for (;;) pause();
		_exit(0);
	}
	waitpid(p, 0, 0);
	return p;
}

int main(int argc, char **argv) {
	const char *act = argc > 1 ? argv[1] : "", *what = argc > 2 ? argv[2] : "";
	int n = atoi(what);
	char path[4096];
	snprintf(path, sizeof path, "%s/left-behind", what);
#define ACT(name) if (!strcmp(act, name))
	ACT("nothing") return 0;
	ACT("tcp") return verdict(tcp(n));
	ACT("udp") return verdict(udp(n));
	ACT("unix") return verdict(socket(AF_UNIX, SOCK_STREAM, 0));
	ACT("netlink") return verdict(socket(AF_NETLINK, SOCK_RAW, 0));
	ACT("io_uring") { char p[256] = {0}; return verdict(syscall(SYS_io_uring_setup, 1, p)); }
	ACT("read") return verdict(open(what, O_RDONLY));
	ACT("list") { DIR *d = opendir(what); return verdict(d ? 0 : -1); }
	ACT("create") return verdict(open(path, O_WRONLY | O_CREAT, 0600));
	ACT("overwrite") return verdict(open(what, O_WRONLY));
	ACT("truncate") return verdict(truncate(what, 0));
	ACT("remove") return verdict(unlink(what));
	ACT("rename") { snprintf(path, sizeof path, "%s.away", what); return verdict(rename(what, path)); }
	ACT("link") { snprintf(path, sizeof path, "%s.link", what); return verdict(link(what, path)); }
	ACT("chmod") return verdict(chmod(what, 0777));
	ACT("chown") return verdict(chown(what, getuid(), getgid()));
	ACT("touch") return verdict(utimensat(AT_FDCWD, what, 0, 0));
	ACT("label") return verdict(setxattr(what, "user.label", "x", 1, 0));
	ACT("scribble") return verdict(write(0, "x", 1));
	ACT("mkdir") return verdict(mkdir(path, 0700));
	ACT("symlink") return verdict(symlink("/etc/passwd", path));
	ACT("reopen") return verdict(open("/proc/self/fd/0", O_RDWR));
	ACT("fork") return verdict(fork());
	ACT("vfork") { pid_t p = vfork(); if (p == 0) _exit(0); return verdict(p); }
	ACT("thread") { pthread_t t; errno = pthread_create(&t, 0, idle, 0); return verdict(errno ? -1 : 0); }
	ACT("orphan") return verdict(orphan());
	ACT("shell") return verdict(execl("/bin/sh", "sh", "-c", "echo out", (char *)0));
	ACT("bomb") { for (int i = 0; i < 10000; i++) if (fork() < 0) return verdict(-1); return verdict(0); }
	ACT("namespace") return verdict(unshare(CLONE_NEWUSER));
	ACT("kill") return verdict(kill(n, 0));
	ACT("kill-all") return verdict(kill(-1, 0));
	ACT("tgkill") return verdict(syscall(SYS_tgkill, n, n, 0));
	ACT("prlimit") { struct rlimit r; return verdict(prlimit(n, RLIMIT_CPU, 0, &r)); }
	ACT("ptrace") return verdict(ptrace(PTRACE_ATTACH, n, 0, 0));
	ACT("peek") { char b[8]; struct iovec v = {b, 8}; return verdict(syscall(SYS_process_vm_readv, n, &v, 1, &v, 1, 0)); }
	ACT("mount") return verdict(mount("none", "/tmp", "tmpfs", 0, 0));
	ACT("setuid") return verdict(setuid(0));
	ACT("memfd") return verdict(syscall(SYS_memfd_create, "x", 0));
	ACT("shm") return verdict(shmget(IPC_PRIVATE, 1 << 20, 0600));
	ACT("bpf") return verdict(syscall(SYS_bpf, 0, 0, 0));
	ACT("keys") return verdict(syscall(SYS_keyctl, 0, -3, 1));
	ACT("raise-cpu") return verdict(raise_limit(RLIMIT_CPU));
	ACT("raise-memory") return verdict(raise_limit(RLIMIT_AS));
	ACT("raise-file") return verdict(raise_limit(RLIMIT_FSIZE));
	ACT("raise-files") return verdict(raise_limit(RLIMIT_NOFILE));
	ACT("session") return verdict(setsid());
	ACT("nice") { errno = 0; return verdict(setpriority(PRIO_PROCESS, 0, 0)); }
	ACT("uid") { errno = 0; return verdict(getuid() == 0 || geteuid() == 0 ? 0 : -1); }
	ACT("privileges") { errno = 0; return verdict(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? -1 : 0); }
	ACT("capabilities") {
		struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
		struct __user_cap_data_struct d[2] = {{0}};
		if (syscall(SYS_capget, &h, d)) return verdict(0);
		errno = 0;
		return verdict(d[0].effective | d[0].permitted | d[0].inheritable | d[1].effective | d[1].permitted | d[1].inheritable ? 0 : -1);
	}
	ACT("core") { struct rlimit r; getrlimit(RLIMIT_CORE, &r); errno = 0; return verdict(r.rlim_max ? 0 : -1); }
	ACT("descriptors") {
		for (int fd = 3; fd < 4096; fd++) if (fcntl(fd, F_GETFD) >= 0) return verdict(fd);
		return verdict(-1);
	}
	ACT("files") {
		for (int i = 0; i < 1000; i++) if (dup(0) < 0) return verdict(-1);
		return verdict(1000);
	}
	ACT("environment") { for (char **e = environ; *e; e++) puts(*e); return 0; }
	ACT("memory") {
		long mb = 0;
		for (char *p; mb < n && (p = malloc(1 << 20)); mb++) memset(p, 1, 1 << 20);
		return verdict(mb < n ? -1 : mb);
	}
	ACT("map") return verdict(mmap(0, (size_t)n << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED ? -1 : 0);
	ACT("flood") {
		static char b[1 << 16];
		long sum = 0;
		signal(SIGXFSZ, SIG_IGN);
		signal(SIGPIPE, SIG_IGN);
		memset(b, 'x', sizeof b);
		for (int i = 0; i < 1 << 14; i++) { ssize_t w = write(1, b, sizeof b); if (w < 0) return 7; sum += w; }
		return 0;
	}
	ACT("spin") { for (volatile unsigned long i = 0;; i++) {} }
	ACT("stubborn") { for (int s = 1; s < 64; s++) signal(s, SIG_IGN); for (;;) pause(); }
	ACT("abort") abort();
	ACT("unlinked") { fputs("tool: error while loading shared libraries: libpoppler.so.126: cannot open shared object file\n", stderr); return 127; }
	ACT("crash") { *(volatile int *)8 = 1; }
#if defined(__x86_64__)
	ACT("x32") return verdict(syscall(0x40000000 | SYS_socket, AF_INET, SOCK_STREAM, 0));
	ACT("i386") { long r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(20)); return verdict(r); }
#else
	ACT("x32") { errno = EPERM; return verdict(-1); }
	ACT("i386") raise(SIGSYS);
#endif
	printf("no such act: %s\n", act);
	return 9;
}
