// SPDX-License-Identifier: Apache-2.0
// The sensor of this kernel and the feed together: children of the test do things, and the events
// say what they did. Only watches; skipped where BPF may not be loaded.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "sensor/feed.h"
#include "sensor/load.h"

#include <cmocka.h> /* after ours: it makes a macro of fail */

enum { SEEN_MAX = 4096, PATIENCE = 2000 /* ms */ };

static struct sensor *sensor;
static struct feed *feed;
static char folder[64]; /* watched, ends in '/' */
static char why_not[1024];

/* What was told of processes of ours, as JSON. */
static struct seen {
	uint32_t pid;
	char *json;
} seen[SEEN_MAX];
static size_t seen_count, gap_count;

static bool is_ours(const struct process *process)
{
	for (; process; process = process->parent)
		if (process->pid == getpid())
			return true;
	return false;
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	const struct event *event = sighting->event;
	struct json_writer json = {0};

	if (event->kind == EVENT_sensor_gap)
		gap_count++;
	if (!is_ours(event->process) || seen_count == SEEN_MAX)
		return;
	event_write(event, &json);
	json_raw(&json, (struct text){"", 1}); /* its NUL */
	seen[seen_count++] = (struct seen){(uint32_t)event->process->pid, json.at};
}

static int64_t boot_offset(void)
{
	struct timespec real, boot;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (real.tv_sec - boot.tv_sec) * INT64_C(1000000000) + real.tv_nsec - boot.tv_nsec;
}

static int feed_start(struct error *err)
{
	struct feed_handover handover = {.boot_time = boot_offset(), .users = "root:x:0:0::/:\n"};
	until_return(fd_close) int fd = -1;

	for (enum wire_ring ring = 0; ring < WIRE_RINGS; ring++)
		handover.rings[ring] = sensor_ring(sensor, ring);
	feed = feed_new(&handover, on_sighting, NULL, err);
	if (!feed)
		return -1;
	fd = sensor_iterate(sensor, err);
	return fd < 0 ? -1 : feed_running(feed, fd, err);
}

static int start(void **state)
{
	static const char *const sensitive[] = {"shadow"};
	const char *watched[] = {folder};
	struct sensor_options options = {
		.scope = SCOPE_all,
		.watched = watched,
		.watched_count = 1,
		.sensitive = sensitive,
		.sensitive_count = 1,
	};
	struct error err = {0};

	snprintf(folder, sizeof folder, "/tmp/saker-live-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	strcat(folder, "/");
	chmod(folder, 0755);
	sensor = sensor_open(&options, &err);
	if (!sensor || feed_start(&err) < 0)
		snprintf(why_not, sizeof why_not, "%s", err.text);
	return 0;
}

static int stop(void **state)
{
	feed_free(&feed);
	sensor_close(&sensor);
	for (size_t i = 0; i < seen_count; i++)
		free(seen[i].json);
	return rmdir(folder);
}

/* Whether the sensor was opened; where it could not be, the test is skipped. */
static void need_sensor(void)
{
	if (feed)
		return;
	print_message("no sensor here: %s\n", why_not);
	skip();
}

/* Something the child does; its result is its exit status. */
typedef int deed(const char *argument);

static pid_t do_in_child(deed *what, const char *argument, int *status)
{
	int ignored;
	pid_t pid = fork();

	if (!pid)
		_exit(what(argument));
	assert_int_equal(waitpid(pid, status ? status : &ignored, 0), pid);
	return pid;
}

static const char *find(pid_t pid, const char *kind, const char *part)
{
	char wanted[64];

	snprintf(wanted, sizeof wanted, "\"event.kind\":\"%s\"", kind);
	for (size_t i = 0; i < seen_count; i++)
		if ((!pid || seen[i].pid == (uint32_t)pid) && strstr(seen[i].json, wanted) &&
		    strstr(seen[i].json, part))
			return seen[i].json;
	return NULL;
}

/* The event of that process and kind whose JSON has that part, waited for. */
static const char *want(pid_t pid, const char *kind, const char *part)
{
	for (int waited = 0; waited < PATIENCE; waited += 10) {
		const char *found;

		feed_read(feed);
		found = find(pid, kind, part);
		if (found)
			return found;
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
	for (size_t i = 0; i < seen_count; i++)
		if (seen[i].pid == (uint32_t)pid)
			print_message("seen: %.2000s\n", seen[i].json);
	fail_msg("no %s with %s of process %d", kind, part, (int)pid);
	return "";
}

static void assert_part(const char *json, const char *part)
{
	if (!json || !strstr(json, part))
		fail_msg("no %s in %.3000s", part, json ? json : "nothing");
}

static void in_folder(char path[128], const char *name)
{
	snprintf(path, 128, "%s%s", folder, name);
}

static void file_make(const char *name, const char *content, mode_t mode)
{
	char path[128];
	until_return(fd_close) int fd = -1;

	in_folder(path, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	assert_int_equal(fchmod(fd, mode), 0);
}

static void file_remove(const char *name)
{
	char path[128];

	in_folder(path, name);
	assert_int_equal(unlink(path), 0);
}

static int run_true(const char *argument)
{
	char *args[] = {"true", "--marker", (char *)argument, NULL};
	char *env[] = {"HOME=/nowhere", "LD_LIBRARY_PATH=/marker", NULL};

	execve("/bin/true", args, env);
	return 1;
}

static void fork_exec_and_exit_are_told_with_their_facts(void **state)
{
	char path[4096], wanted[4200];
	const char *json;
	int status;
	pid_t pid;

	need_sensor();
	pid = do_in_child(run_true, "two words", &status);
	assert_int_equal(status, 0);
	want(pid, "process_fork", "");
	json = want(pid, "process_exec", "--marker");
	assert_non_null(realpath("/bin/true", path));
	snprintf(wanted, sizeof wanted, "\"process.executable\":\"%s\"", path);
	assert_part(json, wanted);
	assert_part(json, "\"process.invoked\":\"/bin/true\"");
	assert_part(json, "\"process.command_line\":\"true --marker two words\"");
	assert_part(json, "\"process.args\":[\"true\",\"--marker\",\"two words\"]");
	assert_part(json, "\"process.args_count\":3");
	assert_part(json, "LD_LIBRARY_PATH=/marker");
	assert_null(strstr(json, "/nowhere"));
	assert_non_null(getcwd(path, sizeof path));
	snprintf(wanted, sizeof wanted, "\"process.working_directory\":\"%s\"", path);
	assert_part(json, wanted);
	assert_part(json, "\"process.user.id\":0");
	assert_part(json, "\"process.user.name\":\"root\"");
	assert_part(json, "\"process.thread.name\":\"true\"");
	assert_part(json, "\"parent.executable\":");
	assert_part(json, "\"process.cgroup.path\":");
	assert_part(want(pid, "process_exit", ""), "\"process.exit_code\":0");
}

static int run_script(const char *argument)
{
	if (chdir(folder))
		return 1;
	execl(argument, argument, "argument", NULL);
	return 1;
}

static void a_script_is_told_apart_from_its_interpreter(void **state)
{
	char wanted[256];
	const char *json;
	int status;
	pid_t pid;

	need_sensor();
	file_make("x.sh", "#!/bin/sh\nexit 3\n", 0755);
	pid = do_in_child(run_script, "./x.sh", &status);
	assert_int_equal(WEXITSTATUS(status), 3);
	json = want(pid, "process_exec", "x.sh");
	snprintf(wanted, sizeof wanted, "\"process.script.path\":\"%sx.sh\"", folder);
	assert_part(json, wanted);
	assert_part(json, "\"process.interpreter\":\"/bin/sh\"");
	assert_part(json, "\"process.command_line\":\"/bin/sh ./x.sh argument\"");
	assert_part(want(pid, "process_exit", ""), "\"process.exit_code\":3");
	file_remove("x.sh");
}

static int copy_true(int to)
{
	until_return(fd_close) int from = open("/bin/true", O_RDONLY | O_CLOEXEC);
	struct stat stat;

	return fstat(from, &stat) ||
		sendfile(to, from, NULL, (size_t)stat.st_size) != stat.st_size;
}

static int run_memfd(const char *argument)
{
	int fd = memfd_create("marker", MFD_CLOEXEC);

	if (copy_true(fd))
		return 1;
	fexecve(fd, (char *[]){"[kworker/0:1]", NULL}, (char *[]){NULL});
	return 1;
}

static int run_deleted(const char *argument)
{
	char path[128];
	int out, fd;

	in_folder(path, "gone");
	out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	if (out < 0 || copy_true(out) || close(out))
		return 1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || unlink(path))
		return 1;
	fexecve(fd, (char *[]){"deleted", NULL}, (char *[]){NULL});
	return 1;
}

static void programs_without_a_name_on_disk_say_so(void **state)
{
	static const struct { deed *what; const char *line, *flag, *other;
	} cases[] = {
		{run_memfd, "[kworker/0:1]", "\"process.file.memfd\":true",
			"\"process.file.deleted\":true"},
		{run_deleted, "deleted", "\"process.file.deleted\":true",
			"\"process.file.memfd\":true"},
	};

	need_sensor();
	for (size_t i = 0; i < array_size(cases); i++) {
		char wanted[128];
		int status;
		pid_t pid = do_in_child(cases[i].what, NULL, &status);
		const char *json;

		assert_int_equal(status, 0);
		snprintf(wanted, sizeof wanted, "\"process.command_line\":\"%s\"", cases[i].line);
		json = want(pid, "process_exec", wanted);
		assert_part(json, cases[i].flag);
		assert_null(strstr(json, cases[i].other));
	}
}

static int run_long(const char *argument)
{
	size_t count = (size_t)atoi(argument) / 1000;
	char **args = memory_new((count + 3) * sizeof *args);

	args[0] = "true";
	for (size_t i = 1; i <= count; i++) {
		args[i] = memory_new(1000);
		memset(args[i], 'a' + (int)(i % 26), 999);
	}
	args[count + 1] = "the-tail";
	execv("/bin/true", args);
	return 1;
}

static void long_arguments_are_whole_or_say_that_they_are_cut(void **state)
{
	static const struct { const char *bytes, *length; bool is_cut; } cases[] = {
		{"1000", "\"process.args_length\":1014", false},
		{"5000", "\"process.args_length\":5014", false},
		{"40000", "\"process.args_length\":40014", false},
		{"100000", "\"process.args_length\":100014", false},
		{"200000", "\"process.args_length\":200014", true},
		{"1500000", "\"process.args_length\":1500014", true},
	};

	need_sensor();
	for (size_t i = 0; i < array_size(cases); i++) {
		int status;
		pid_t pid = do_in_child(run_long, cases[i].bytes, &status);
		const char *json;

		assert_int_equal(status, 0);
		json = want(pid, "process_exec", cases[i].length);
		assert_part(json, "the-tail\"");
		assert_int_equal(!!strstr(json, "\"process.args_cut\":true"), cases[i].is_cut);
		assert_int_equal(!!strstr(json, "\"process.args_hash\":\""), cases[i].is_cut);
	}
}

static int be_killed(const char *argument)
{
	return raise(SIGKILL);
}

static int rename_itself(const char *argument)
{
	return prctl(PR_SET_NAME, argument);
}

static void ends_and_names_are_told(void **state)
{
	const char *json;
	pid_t pid;

	need_sensor();
	pid = do_in_child(be_killed, NULL, NULL);
	assert_part(want(pid, "process_exit", ""), "\"process.exit_signal\":9");
	pid = do_in_child(rename_itself, "[diskio]", NULL);
	json = want(pid, "process_rename", "");
	assert_part(json, "\"process.thread.name\":\"[diskio]\"");
	assert_part(json, "\"process.thread.old_name\":\"");
}

static pid_t *grandchild; /* shared with the children */

static int fork_and_leave(const char *argument)
{
	pid_t self = getpid(), pid = fork();

	if (pid) {
		*grandchild = pid;
		return pid < 0;
	}
	while (getppid() == self)
		usleep(1000);
	return run_true(argument);
}

static void a_double_fork_does_not_escape_its_ancestry(void **state)
{
	char wanted[64];
	pid_t pid;

	need_sensor();
	grandchild = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid = do_in_child(fork_and_leave, "orphan", NULL);
	snprintf(wanted, sizeof wanted, "\"parent.pid\":%d", (int)pid);
	assert_part(want(*grandchild, "process_exec", "orphan"), wanted);
	munmap(grandchild, 4096);
}

static int use_files(const char *argument)
{
	struct timespec times[2] = {{.tv_sec = 1443225600}, {.tv_sec = 1443225600}};
	char path[128], other[128];
	int fd;

	in_folder(path, "page.php");
	in_folder(other, "moved.php");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, "marker", 6) != 6 || close(fd))
		return 1;
	if (utimensat(AT_FDCWD, path, times, 0) || chmod(path, 0755) || chdir(folder))
		return 1;
	return rename("page.php", other) || unlink("./moved.php");
}

static void what_is_done_to_watched_files_is_told(void **state)
{
	static const struct { const char *kind, *name, *part; } cases[] = {
		{"file_create", "page.php", "\"file.extension\":\"php\""},
		{"file_write", "page.php", "\"file.size\":6"},
		{"file_time", "page.php", "\"file.mtime\":\"2015-09-26T00:00:00"},
		{"file_time", "page.php", "\"file.backdated_days\":"},
		{"file_mode", "page.php", "\"file.executable\":true"},
		{"file_rename", "moved.php", "page.php\""},
		{"file_delete", "moved.php", "\"file.name\":\"moved.php\""},
	};
	int status;
	pid_t pid;

	need_sensor();
	pid = do_in_child(use_files, NULL, &status);
	assert_int_equal(status, 0);
	for (size_t i = 0; i < array_size(cases); i++) {
		char wanted[256];

		snprintf(wanted, sizeof wanted, "\"file.path\":\"%s%s\"", folder, cases[i].name);
		assert_part(want(pid, cases[i].kind, wanted), cases[i].part);
	}
}

static int open_file(const char *argument)
{
	return open(argument, O_RDONLY | O_CLOEXEC) < 0;
}

static void the_reading_of_a_sensitive_name_is_told(void **state)
{
	char path[128];
	int status;
	pid_t pid;

	need_sensor();
	file_make("shadow", "root:*:1:::::\n", 0600);
	in_folder(path, "shadow");
	pid = do_in_child(open_file, path, &status);
	assert_int_equal(status, 0);
	want(pid, "file_open", path);
	file_remove("shadow");
}

static int listener_port;
static int listener = -1;

static void listen_here(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof address;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(listener, 8), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &n), 0);
	listener_port = ntohs(address.sin_port);
}

static int connect_there(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)listener_port),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return connect(fd, (struct sockaddr *)&address, sizeof address) ? -1 : fd;
}

static int connect_and_greet(const char *argument)
{
	static const unsigned char hello[64] = {
		0xcd, 0xab, 0x34, 0x12, 0x32, 0x54, 0xcb, 0xed, 0x57, 0x69, 0x24, 0x9a};
	int fd = connect_there(), peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	char answer[64];

	return fd < 0 || peer < 0 || write(fd, hello, sizeof hello) != sizeof hello ||
		read(peer, answer, sizeof answer) != sizeof answer;
}

static void connections_and_known_payloads_are_told(void **state)
{
	char port[64];
	const char *json;
	int status;
	pid_t pid;

	need_sensor();
	listen_here();
	pid = do_in_child(connect_and_greet, NULL, &status);
	close(listener);
	assert_int_equal(status, 0);
	snprintf(port, sizeof port, "\"destination.port\":%d", listener_port);
	json = want(pid, "network_connect", port);
	assert_part(json, "\"destination.ip\":\"127.0.0.1\"");
	assert_part(json, "\"network.transport\":\"tcp\"");
	assert_part(json, "\"network.direction\":\"egress\"");
	json = want(pid, "network_accept", "");
	assert_part(json, "\"source.ip\":\"127.0.0.1\"");
	assert_part(json, port);
	assert_part(json, "\"network.direction\":\"ingress\"");
	json = want(pid, "network_payload", "\"network.signature\":\"derusbi-handshake-old\"");
	assert_part(json, port);
}

static int bind_raw(const char *argument)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(31802),
	};
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);

	return fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address);
}

static void a_raw_socket_is_told_with_the_port_it_was_bound_to(void **state)
{
	int status;
	pid_t pid;

	need_sensor();
	pid = do_in_child(bind_raw, NULL, &status);
	if (status) {
		print_message("no raw socket may be made here\n");
		skip();
	}
	assert_part(want(pid, "network_raw", "\"source.port\":31802"),
		"\"network.transport\":\"raw\"");
}

static void what_ran_before_has_the_same_identity_as_what_is_seen_live(void **state)
{
	char wanted[128], buffer[FIELD_BUFFER], path[4096] = "";
	const struct process *self;
	pid_t pid;

	need_sensor();
	self = feed_process(feed, (uint32_t)getpid());
	assert_non_null(self);
	assert_int_not_equal(readlink("/proc/self/exe", path, sizeof path - 1), -1);
	assert_true(text_is(self->executable, path));
	assert_non_null(self->parent);
	assert_int_equal(self->parent->pid, getppid());
	entity_text(self->entity, buffer);
	snprintf(wanted, sizeof wanted, "\"parent.entity_id\":\"%s\"", buffer);
	pid = do_in_child(run_true, "identity", NULL);
	assert_part(want(pid, "process_exec", "identity"), wanted);
}

/* Without a copy of this process, which a sanitizer makes slow. */
static void spawn_true(void)
{
	char *args[] = {"true", "many", NULL}, *env[] = {NULL};
	int status;
	pid_t pid;

	assert_int_equal(posix_spawn(&pid, "/bin/true", NULL, NULL, args, env), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* Many programs in a row: each is told, or a gap is. */
static void nothing_is_missing_without_a_gap(void **state)
{
	enum { RUNS = 1000 };
	size_t told = 0;
	struct feed_numbers before, after;

	need_sensor();
	for (size_t i = 0; i < seen_count; i++)
		free(seen[i].json);
	seen_count = 0;
	before = feed_numbers(feed);
	for (int i = 0; i < RUNS; i++) {
		spawn_true();
		feed_read(feed);
		for (size_t k = 0; k < seen_count; k++) {
			told += !!strstr(seen[k].json, "\"event.kind\":\"process_exec\"");
			free(seen[k].json);
		}
		seen_count = 0;
	}
	after = feed_numbers(feed);
	assert_int_equal(told + (after.missing - before.missing), RUNS);
	assert_int_equal(gap_count, after.gaps);
	assert_int_equal(after.missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fork_exec_and_exit_are_told_with_their_facts),
		cmocka_unit_test(a_script_is_told_apart_from_its_interpreter),
		cmocka_unit_test(programs_without_a_name_on_disk_say_so),
		cmocka_unit_test(long_arguments_are_whole_or_say_that_they_are_cut),
		cmocka_unit_test(ends_and_names_are_told),
		cmocka_unit_test(a_double_fork_does_not_escape_its_ancestry),
		cmocka_unit_test(what_is_done_to_watched_files_is_told),
		cmocka_unit_test(the_reading_of_a_sensitive_name_is_told),
		cmocka_unit_test(connections_and_known_payloads_are_told),
		cmocka_unit_test(a_raw_socket_is_told_with_the_port_it_was_bound_to),
		cmocka_unit_test(what_ran_before_has_the_same_identity_as_what_is_seen_live),
		cmocka_unit_test(nothing_is_missing_without_a_gap),
	};

	return cmocka_run_group_tests_name("feed live", tests, start, stop);
}
