/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sockets - TCP as programs in a container use it, well and badly (tests of --network fast)
 *
 *	sockets ask IP PORT			a blocking connection; prints what it asked from
 *	sockets where IP PORT			begins a connection; prints what it goes out from
 *	sockets watch IP PORT			told to epoll before it is connected; prints the data that came
 *	sockets options IP PORT			prints which options outlive the connection
 *	sockets nested IP PORT			from a network namespace of its own
 *	sockets alarm IP PORT			a connection that a signal interrupts
 *	sockets threads IP PORT			eight at once
 *	sockets race IP PORT FORBIDDEN PORT	tries by all means to lead a socket of the host elsewhere
 *	sockets local PATH			asks a unix socket, and prints the data that came
 *	sockets serve PORT [twice|v6]		binds, prints the port that it hears of, serves one client
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { RACES = 3000, SWAPPED = 50, THREADS = 8, WAIT_MS = 5000, IDLE = 77 };

static struct sockaddr_in to;

static in_port_t port_of(const char *text)
{
	return htons((uint16_t)strtoul(text, NULL, 10));
}

static int tcp(int flags)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}

static int try_connect(int fd, const struct sockaddr_in *a)
{
	return connect(fd, (const struct sockaddr *)a, sizeof *a) < 0 ? -errno : 0;
}

static struct sockaddr_in address(const char *ip, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = port_of(port) };

	if (inet_pton(AF_INET, ip, &a.sin_addr) != 1)
		exit(2);
	return a;
}

static void print_name(const char *word, int fd)
{
	struct sockaddr_in a = { 0 };
	socklen_t size = sizeof a;
	char text[INET_ADDRSTRLEN];

	(void)getsockname(fd, (struct sockaddr *)&a, &size);
	printf("%s %s\n", word, inet_ntop(AF_INET, &a.sin_addr, text, sizeof text));
}

static int ask(void)
{
	char answer[5] = { 0 };
	int fd = tcp(0);
	int r = try_connect(fd, &to);

	if (r < 0) {
		printf("failed %s\n", strerrorname_np(-r));
		return 1;
	}
	print_name("from", fd);
	if (write(fd, "GET / HTTP/1.0\r\n\r\n", 18) != 18 || read(fd, answer, 4) != 4)
		return 1;
	printf("%s\n", answer);
	return 0;
}

static int where(void)
{
	int fd = tcp(SOCK_NONBLOCK);
	int r = try_connect(fd, &to);

	if (r < 0 && r != -EINPROGRESS) {
		printf("failed %s\n", strerrorname_np(-r));
		return 1;
	}
	print_name("from", fd);
	return 0;
}

static int watch(void)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), fd = tcp(SOCK_NONBLOCK), error = 0;
	struct epoll_event e = { .events = EPOLLOUT | EPOLLET, .data.u64 = 0x123456789abcdef0 },
			   got = { 0 };
	socklen_t size = sizeof error;

	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
	int r = try_connect(fd, &to);
	/* The socket that nobody has connected may have been told of before. */
	if (epoll_wait(epoll, &got, 1, WAIT_MS) != 1)
		return 1;
	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	printf("%s %llx %s\n", strerrorname_np(-r), (unsigned long long)got.data.u64,
	       error ? strerrorname_np(error) : "connected");
	printf("cloexec %d nonblock %d\n", !!(fcntl(fd, F_GETFD) & FD_CLOEXEC),
	       !!(fcntl(fd, F_GETFL) & O_NONBLOCK));
	print_name("from", fd);
	return epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &e) < 0;
}

static int number(int fd, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	(void)getsockopt(fd, level, name, &value, &size);
	return value;
}

static int options(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1, idle = IDLE, buffer = 100000;

	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	if (try_connect(fd, &to) < 0)
		return 1;
	print_name("from", fd);
	printf("%d %d %d %d %d\n", number(fd, SOL_SOCKET, SO_KEEPALIVE),
	       number(fd, IPPROTO_TCP, TCP_KEEPIDLE), number(fd, IPPROTO_TCP, TCP_NODELAY),
	       number(fd, SOL_SOCKET, SO_RCVBUF), !!(fcntl(fd, F_GETFD) & FD_CLOEXEC));
	return 0;
}

static int nested(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) {
		printf("unshare %s\n", strerrorname_np(errno));
		return 1;
	}
	return ask();
}

static volatile sig_atomic_t rang;

static void ring(int number_of)
{
	(void)number_of;
	rang = 1;
}

static int interrupted(void)
{
	const struct sigaction action = { .sa_handler = ring };
	const struct itimerval soon = { .it_value = { .tv_usec = 100000 } };

	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &soon, NULL);
	int r = try_connect(tcp(0), &to);
	printf("%s %d\n", r ? strerrorname_np(-r) : "connected", rang);
	return 0;
}

static void *ask_often(void *failures)
{
	for (int i = 0; i < 20; i++) {
		int fd = tcp(0);
		if (try_connect(fd, &to) < 0)
			atomic_fetch_add((atomic_int *)failures, 1);
		(void)close(fd);
	}
	return NULL;
}

static int threads(void)
{
	pthread_t all[THREADS];
	atomic_int failures = 0;

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&all[i], NULL, ask_often, &failures) != 0)
			return 1;
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(all[i], NULL);
	printf("failures %d\n", failures);
	return failures > 0;
}

/* --- leading a socket of the host elsewhere ---------------------------------------------------- */

static struct sockaddr_in forbidden;
static _Alignas(8) union {
	struct sockaddr any;
	struct sockaddr_in in4;
	struct sockaddr_un un;
} shared;
static atomic_int stop;
static int host_socket, unix_socket;

static void *swap(void *unused)
{
	const struct sockaddr_un nobody = { .sun_family = AF_UNIX, .sun_path = "/nobody" };

	(void)unused;
	while (!stop) {
		memcpy(&shared, &nobody, sizeof forbidden);
		(void)dup2(unix_socket, SWAPPED);
		memcpy(&shared, &forbidden, sizeof forbidden);
		(void)dup2(host_socket, SWAPPED);
	}
	return NULL;
}

static int is_elsewhere(void)
{
	struct sockaddr_in a = { 0 };
	socklen_t size = sizeof a;

	return getpeername(host_socket, (struct sockaddr *)&a, &size) == 0;
}

static int race(void)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	pthread_t other;
	int elsewhere = 0;

	host_socket = tcp(0);
	unix_socket = socket(AF_UNIX, SOCK_STREAM, 0);
	if (try_connect(host_socket, &to) < 0)
		return 1;
	print_name("from", host_socket);
	(void)connect(host_socket, &none, sizeof none);
	printf("plainly %s\n", strerrorname_np(-try_connect(host_socket, &forbidden)));
	if (sendto(host_socket, "x", 1, MSG_FASTOPEN, (const struct sockaddr *)&forbidden,
		   sizeof forbidden) < 0)
		printf("fast open %s\n", strerrorname_np(errno));
	if (syscall(SYS_io_uring_setup, 1, NULL) < 0)
		printf("io_uring %s\n", strerrorname_np(errno));
	(void)dup2(unix_socket, SWAPPED);
	if (pthread_create(&other, NULL, swap, NULL) != 0)
		return 1;
	for (int i = 0; i < RACES && !elsewhere; i++) {
		(void)connect(SWAPPED, &shared.any, sizeof forbidden);
		elsewhere = is_elsewhere();
	}
	stop = 1;
	(void)pthread_join(other, NULL);
	printf("%s\n", elsewhere ? "elsewhere" : "held");
	return elsewhere;
}

/* --- serving ----------------------------------------------------------------------------------- */

static int bound(const char *port, int v6)
{
	const struct sockaddr_in6 all = { .sin6_family = AF_INET6, .sin6_port = port_of(port) };
	const struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = port_of(port) };
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r = v6 ? bind(fd, (const struct sockaddr *)&all, sizeof all)
		   : bind(fd, (const struct sockaddr *)&a, sizeof a);

	if (r < 0 || listen(fd, 8) < 0) {
		printf("%s\n", strerrorname_np(errno));
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int serve(const char *port, const char *how)
{
	struct sockaddr_in6 a = { 0 };
	socklen_t size = sizeof a;
	char client[INET6_ADDRSTRLEN], line[256];
	int v6 = how && strcmp(how, "v6") == 0;
	int fd = bound(port, v6);

	if (fd < 0)
		return 1;
	(void)getsockname(fd, (struct sockaddr *)&a, &size);
	printf("port %d\n", ntohs(a.sin6_port)); /* the same place in both families */
	if (how && strcmp(how, "twice") == 0)
		(void)bound(port, 0);
	(void)fflush(stdout);
	size = sizeof a;
	int one = accept(fd, (struct sockaddr *)&a, &size);
	if (one < 0)
		return 1;
	const void *ip = v6 ? (const void *)&a.sin6_addr
			    : (const void *)&((const struct sockaddr_in *)&a)->sin_addr;
	(void)inet_ntop(v6 ? AF_INET6 : AF_INET, ip, client, sizeof client);
	(void)!read(one, line, sizeof line);
	(void)dprintf(one, "HTTP/1.0 200 OK\r\n\r\n%s\n", client);
	printf("client %s\n", client);
	return 0;
}

static int local(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char text[256];
	ssize_t n;

	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) < 0) {
		perror("connect");
		return 1;
	}
	if (write(fd, "who?\n", 5) != 5 || shutdown(fd, SHUT_WR) < 0)
		return 1;
	while ((n = read(fd, text, sizeof text)) > 0)
		(void)fwrite(text, 1, (size_t)n, stdout);
	return n < 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} modes[] = { { "ask", ask },	      { "where", where },   { "watch", watch },
		      { "options", options }, { "nested", nested }, { "alarm", interrupted },
		      { "threads", threads }, { "race", race } };

	if (argc >= 3 && strcmp(argv[1], "serve") == 0)
		return serve(argv[2], argc > 3 ? argv[3] : NULL);
	if (argc == 3 && strcmp(argv[1], "local") == 0)
		return local(argv[2]);
	if (argc < 4)
		return 2;
	to = address(argv[2], argv[3]);
	if (argc > 5)
		forbidden = address(argv[4], argv[5]);
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			return modes[i].run();
	return 2;
}
