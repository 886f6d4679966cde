/*
 * PID 1 of a container with a runtime of meshctl: starts it, reaps, forwards signals, and starts a
 * next generation beside the present one when that asks for it. docs/adr/0019 says why it is C, and
 * what it speaks with the runtimes; dev.meshctl.cli.local.process.Succession does the same for a
 * mesh on one machine.
 *
 *   supervisor [--java PROGRAM] [--shipped DIR] [--state DIR] [--cgroup DIR] [--grace MILLIS]
 *              ROLE [ARGUMENT...]
 *
 * A runtime is a folder with ROLE.args, and is started as PROGRAM @DIR/ROLE.args ARGUMENT...
 *
 *            start              ready                watch over
 *   ALONE ----------> STARTING --------> WATCHING ----------------> ALONE (of the next; the old
 *     ^                  |                  |                              leaves when drained)
 *     |   dies, hangs    |    dies, hangs   |
 *     +------------------+------------------+   the old one goes on, or is started again
 *
 * No memory is allocated after the start. One thread.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  LINES = 8,              /* connections of runtimes */
  LINE_BYTES = 4096 + 256, /* a path and numbers */
  RUNTIMES = 4,           /* the old, the new, and those on their way out */
  ARGUMENTS = 64,
  MOST_PERCENT = 95,      /* of the container's memory, while two run */
  TICK_MILLIS = 100,      /* how often memory is looked at while two run */
  SILENCE_MILLIS = 10000, /* of one that has said that it lives, before it counts as hanging */
  KILL_MILLIS = 5000,     /* from SIGTERM to SIGKILL of one that is not wanted */
  CRASHES = 5,            /* in a row, before the container is given up */
  LONG_LIFE_MILLIS = 60000,
  BAD_USAGE = 2,
};

typedef enum { UNUSED, RUNNING, UNWANTED } Life;

typedef struct {
  Life life;
  pid_t pid;
  long generation;
  char dir[PATH_MAX];
  bool ready;
  long long born, heard, kill_at;
} Runtime;

typedef struct {
  int fd; /* 0 for none: that one is standard input */
  pid_t pid;
  size_t used;
  char text[LINE_BYTES];
} Line;

typedef enum { ALONE, STARTING, WATCHING } Phase;

static const char *java = "/opt/meshctl/jdk/bin/java";
static const char *shipped = "/opt/meshctl/runtime";
static const char *state = "/var/lib/meshctl";
static const char *cgroup = "/sys/fs/cgroup";
static const char *role;
static char **arguments;
/* Longer than any pod may take to end: in a container it is the kubelet whose patience counts. */
static long long grace_millis = 24 * 3600 * 1000LL;

static Runtime runtimes[RUNTIMES];
static Line lines[LINES];
static Runtime *present, *next;
static Phase phase = ALONE;
static long long deadline, watch_millis, drain_millis, overlap_bytes, stopping_at, restart_at;
static char last_good[PATH_MAX];
static long last_good_generation;
static int crashes, last_exit;
static int ended_by; /* the signal that asked us to end, or 0 */
static bool stopping;
static char socket_path[PATH_MAX];

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void say(const char *format, ...) {
  va_list rest;
  va_start(rest, format);
  char text[LINE_BYTES];
  int n = vsnprintf(text, sizeof text - 1, format, rest);
  va_end(rest);
  if (n < 0) return;
  if (n > (int)sizeof text - 2) n = sizeof text - 2;
  text[n++] = '\n';
  dprintf(STDERR_FILENO, "supervisor: %.*s", n, text);
}

static void fail(const char *what) {
  say("%s: %s", what, strerror(errno));
  exit(BAD_USAGE);
}

/* A path from two parts; one that does not fit is a mistake of who started us. */
static void join(char *out, const char *folder, const char *name) {
  if (snprintf(out, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX) {
    errno = ENAMETOOLONG;
    fail(folder);
  }
}

/* ---- what is said to a runtime */

static void tell(const Runtime *to, const char *format, ...) {
  char text[LINE_BYTES];
  va_list rest;
  va_start(rest, format);
  int n = vsnprintf(text, sizeof text - 1, format, rest);
  va_end(rest);
  if (n < 0 || to == NULL || to->life == UNUSED) return;
  if (n > (int)sizeof text - 2) n = sizeof text - 2;
  text[n++] = '\n';
  for (Line *line = lines; line < lines + LINES; line++) {
    if (line->fd > 0 && line->pid == to->pid) {
      /* Some bytes to a socket of ours fit; whoever does not read them is hanging. */
      if (send(line->fd, text, n, MSG_DONTWAIT | MSG_NOSIGNAL) != n) {
        say("generation %ld does not listen", to->generation);
      }
    }
  }
}

/* ---- processes */

static Runtime *by_pid(pid_t pid) {
  for (Runtime *r = runtimes; r < runtimes + RUNTIMES; r++) {
    if (r->life != UNUSED && r->pid == pid) return r;
  }
  return NULL;
}

static void set_path(const char *name, const char *base, long generation) {
  char value[PATH_MAX];
  if (snprintf(value, sizeof value, "%s.%ld", base, generation) < (int)sizeof value) {
    setenv(name, value, 1);
  }
}

static void run(Runtime *r, const Runtime *predecessor) {
  char file[PATH_MAX + 32], number[24];
  char *command[ARGUMENTS + 3];
  int n = 0;
  snprintf(file, sizeof file, "@%s/%s.args", r->dir, role);
  command[n++] = (char *)java;
  command[n++] = file;
  for (char **a = arguments; *a != NULL && n < ARGUMENTS + 2; a++) command[n++] = *a;
  command[n] = NULL;
  char base[PATH_MAX];
  join(base, state, "run/h");
  snprintf(number, sizeof number, "%ld", r->generation);
  setenv("MESHCTL_GENERATION", number, 1);
  setenv("MESHCTL_RUNTIME", r->dir, 1);
  setenv("MESHCTL_SHIPPED", shipped, 1);
  setenv("MESHCTL_STATE", state, 1);
  setenv("MESHCTL_SUPERVISOR", socket_path, 1);
  set_path("MESHCTL_HANDOVER", base, r->generation);
  if (predecessor != NULL) {
    set_path("MESHCTL_PREDECESSOR", base, predecessor->generation);
  } else {
    unsetenv("MESHCTL_PREDECESSOR");
  }
  execv(java, command);
  fail(java);
}

/* Starts the runtime in dir; NULL where there is no room or no process to be had. */
static Runtime *start(const char *dir, long generation, const Runtime *predecessor) {
  Runtime *r = runtimes;
  while (r < runtimes + RUNTIMES && r->life != UNUSED) r++;
  if (r == runtimes + RUNTIMES) return NULL;
  *r = (Runtime){.life = RUNNING, .generation = generation, .born = now(), .heard = 0};
  snprintf(r->dir, sizeof r->dir, "%s", dir);
  pid_t parent = getpid();
  r->pid = fork();
  if (r->pid < 0) {
    say("fork: %s", strerror(errno));
    r->life = UNUSED;
    return NULL;
  }
  if (r->pid == 0) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(BAD_USAGE);
    run(r, predecessor);
  }
  setpgid(r->pid, r->pid);
  say("generation %ld of %s is pid %d", generation, dir, (int)r->pid);
  return r;
}

/* Not wanted any more: asked to end, and made to. */
static void end(Runtime *r, int signal) {
  if (r == NULL || r->life == UNUSED) return;
  r->life = UNWANTED;
  r->kill_at = now() + (signal == SIGKILL ? 0 : KILL_MILLIS);
  kill(-r->pid, signal);
}

/* ---- memory */

/* The number in a file, or behind a word in it; -1 where there is none ("max"). */
static long long number_in(const char *folder, const char *name, const char *word) {
  char path[PATH_MAX], text[8192];
  join(path, folder, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return -1;
  text[n] = 0;
  const char *at = text;
  if (word != NULL) {
    size_t length = strlen(word);
    while (at != NULL && (strncmp(at, word, length) != 0 || at[length] != ' ')) {
      at = strchr(at, '\n');
      if (at != NULL) at++;
    }
    if (at == NULL) return -1;
    at += length + 1;
  }
  char *rest;
  long long value = strtoll(at, &rest, 10);
  return rest == at ? -1 : value;
}

/* What a limit of the container leaves: false where need more bytes do not fit. */
static bool fits(long long need, long long *used, long long *limit) {
  *limit = number_in(cgroup, "memory.max", NULL);
  *used = number_in(cgroup, "memory.current", NULL);
  long long cache = number_in(cgroup, "memory.stat", "inactive_file");
  if (*used < 0) { /* version 1 */
    *limit = number_in(cgroup, "memory/memory.limit_in_bytes", NULL);
    *used = number_in(cgroup, "memory/memory.usage_in_bytes", NULL);
    cache = number_in(cgroup, "memory/memory.stat", "total_inactive_file");
  }
  /* Pages of files that nobody looks at make room by themselves. */
  if (cache > 0 && *used > cache) *used -= cache;
  return *limit < 0 || *used < 0 || *used + need <= *limit;
}

static long long resident(pid_t pid) {
  char folder[64], path[80], text[128];
  snprintf(folder, sizeof folder, "/proc/%d", (int)pid);
  snprintf(path, sizeof path, "%s/statm", folder);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  long long all, pages;
  return sscanf(text, "%lld %lld", &all, &pages) == 2 ? pages * sysconf(_SC_PAGESIZE) : 0;
}

static void look_at_memory(void) {
  long long sum = 0;
  int running = 0;
  for (Runtime *r = runtimes; r < runtimes + RUNTIMES; r++) {
    if (r->life != UNUSED) {
      sum += resident(r->pid);
      running++;
    }
  }
  if (running > 1 && sum > overlap_bytes) overlap_bytes = sum;
}

/* ---- what is kept for a container that is started again */

static void remember(long generation, const char *dir) {
  char path[PATH_MAX], fresh[PATH_MAX];
  join(path, state, "current");
  join(fresh, state, "current.new");
  if (strcmp(dir, shipped) == 0) {
    unlink(path);
    return;
  }
  int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || dprintf(fd, "%ld %s\n", generation, dir) < 0 || fsync(fd) != 0 ||
      rename(fresh, path) != 0) {
    say("%s: %s", path, strerror(errno));
  }
  if (fd >= 0) close(fd);
}

/*
 * There while a remembered generation has started and was never ready: one whose container ended
 * like that is not tried again. When it is ready is a matter of the control plane too, so there is
 * no deadline here: the kubelet's probes have theirs.
 */
static void trying(bool on) {
  char path[PATH_MAX];
  join(path, state, "trying");
  if (on) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) close(fd);
  } else {
    unlink(path);
  }
}

static bool tried_in_vain(void) {
  char path[PATH_MAX];
  join(path, state, "trying");
  return access(path, F_OK) == 0;
}

/* The generation that ran last, where it is still there. */
static bool remembered(long *generation, char *dir) {
  char path[PATH_MAX], text[PATH_MAX + 32], args[PATH_MAX], name[64];
  join(path, state, "current");
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return false;
  text[n] = 0;
  char *end_of_line = strchr(text, '\n'), *rest;
  if (end_of_line == NULL) return false;
  *end_of_line = 0;
  *generation = strtol(text, &rest, 10);
  if (rest == text || *rest != ' ' || rest[1] != '/') return false;
  snprintf(dir, PATH_MAX, "%s", rest + 1);
  snprintf(name, sizeof name, "%s.args", role);
  join(args, dir, name);
  return access(args, R_OK) == 0;
}

/* ---- the order of things */

static void good(Runtime *r) {
  snprintf(last_good, sizeof last_good, "%s", r->dir);
  last_good_generation = r->generation;
  remember(r->generation, r->dir);
  trying(false);
}

/* The next one is not to be: why goes to who asked, and to the log. One that is still of its senses
 * ends what it has begun, while the old one takes what is new. */
static void take_back(const char *why, bool may_drain) {
  Runtime *failed = next;
  long generation = failed->generation;
  bool had_taken_over = phase == WATCHING;
  say("generation %ld failed: %s", generation, why);
  may_drain = may_drain && had_taken_over && present != NULL && present->life == RUNNING;
  if (!may_drain) end(failed, SIGKILL);
  next = NULL;
  phase = ALONE;
  deadline = 0;
  if (present != NULL && present->life == RUNNING) {
    if (had_taken_over) tell(present, "resume");
    if (may_drain) {
      tell(failed, "retire %lld", drain_millis);
      tell(failed, "leave");
      failed->life = UNWANTED;
      failed->kill_at = now() + drain_millis + KILL_MILLIS;
    }
    tell(present, "%s %ld %lld %s", had_taken_over ? "rolledback" : "failed", generation,
         overlap_bytes, why);
  } else {
    present = NULL;
    restart_at = now();
  }
}

static void begin(Runtime *from, char *rest) {
  char dir[PATH_MAX];
  long generation;
  long long ready, drain, watch, need, used, limit;
  int at = 0;
  if (sscanf(rest, "%ld %lld %lld %lld %lld %n", &generation, &ready, &drain, &watch, &need,
             &at) != 5 ||
      at == 0 || rest[at] != '/' || strlen(rest + at) >= sizeof dir) {
    tell(from, "failed 0 0 not understood: %s", rest);
    return;
  }
  snprintf(dir, sizeof dir, "%s", rest + at);
  if (from != present || phase != ALONE || stopping) {
    tell(from, "failed %ld 0 another generation is on its way", generation);
    return;
  }
  if (generation <= present->generation) {
    tell(from, "failed %ld 0 it is not above the present generation %ld", generation,
         present->generation);
    return;
  }
  if (!fits(need, &used, &limit)) {
    tell(from,
         "failed %ld 0 memory: %lld bytes of the limit %lld are in use, and the new process needs"
         " %lld more beside the old one",
         generation, used, limit, need);
    return;
  }
  overlap_bytes = 0;
  drain_millis = drain;
  watch_millis = watch;
  next = start(dir, generation, present);
  if (next == NULL) {
    tell(from, "failed %ld 0 no process could be made", generation);
    return;
  }
  phase = STARTING;
  deadline = now() + ready;
  tell(from, "started %ld", generation);
}

/* The next one is the present one; the old one may stay until it has drained. */
static void settle(void) {
  Runtime *old = present;
  present = next;
  next = NULL;
  phase = ALONE;
  deadline = 0;
  crashes = 0;
  good(present);
  say("generation %ld holds", present->generation);
  tell(present, "settled %ld %lld", present->generation, overlap_bytes);
  if (old != NULL && old->life == RUNNING) {
    tell(old, "leave");
    old->life = UNWANTED;
    old->kill_at = now() + drain_millis + KILL_MILLIS;
  }
}

static void is_ready(Runtime *r) {
  r->ready = true;
  if (r == next && phase == STARTING) {
    phase = WATCHING;
    deadline = now() + watch_millis;
    tell(present, "ready %ld", r->generation);
    tell(present, "retire %lld", drain_millis);
    say("generation %ld serves", r->generation);
    if (watch_millis == 0) settle();
  } else if (r == present) {
    good(r);
  }
}

static void heard(Runtime *r, char *text) {
  r->heard = now();
  if (strcmp(text, "ready") == 0) {
    is_ready(r);
  } else if (strncmp(text, "start ", 6) == 0) {
    begin(r, text + 6);
  } else if (strncmp(text, "giveup ", 7) == 0) {
    if (r == next) take_back(text + 7, true);
  } else if (strcmp(text, "alive") != 0) {
    say("generation %ld says what is not understood: %.80s", r->generation, text);
  }
}

/* ---- ends */

static int code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void present_died(Runtime *dead, int code) {
  bool was_ready = dead->ready;
  present = NULL;
  last_exit = code;
  if (stopping) return;
  if (phase != ALONE) return; /* the next one is there, or fails and brings the last good back */
  if (code == 0) { /* it has done what it was to do: so has the container */
    stopping = true;
    return;
  }
  bool fallback = !was_ready && strcmp(dead->dir, shipped) != 0;
  if (!was_ready && !fallback) { /* what was shipped does not start: let the kubelet decide */
    stopping = true;
    return;
  }
  if (fallback) {
    say("generation %ld does not start again: what was shipped is started", dead->generation);
    snprintf(last_good, sizeof last_good, "%s", shipped);
    last_good_generation = 0;
    remember(0, shipped);
    trying(false);
  }
  crashes = now() - dead->born > LONG_LIFE_MILLIS ? 1 : crashes + 1;
  if (crashes > CRASHES) {
    say("%d deaths in a row: giving up", crashes);
    stopping = true;
    return;
  }
  restart_at = now() + (crashes == 1 ? 0 : 200LL << (crashes - 2));
}

static void died(pid_t pid, int status) {
  Runtime *r = by_pid(pid);
  if (r == NULL) return; /* an orphan that became ours */
  int code = code_of(status);
  say("generation %ld (pid %d) ended with %d", r->generation, (int)pid, code);
  kill(-pid, SIGKILL); /* what it left behind in its group */
  bool wanted = r->life == RUNNING;
  Runtime dead = *r;
  r->life = UNUSED;
  if (r == next) {
    char why[80];
    snprintf(why, sizeof why, "it ended with %d %s", code,
             phase == STARTING ? "before it was ready" : "within the watch period");
    take_back(why, false);
  } else if (r == present) {
    if (wanted) {
      present_died(&dead, code);
    } else {
      present = NULL;
      last_exit = code;
    }
  }
}

static void reap(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) died(pid, status);
}

static void stop(int signal) {
  say("signal %d: ending", signal);
  stopping = true;
  ended_by = signal;
  stopping_at = now() + grace_millis;
  if (phase == WATCHING) { /* it is the next one that serves, and whose end is ours */
    if (present != NULL) {
      present->life = UNWANTED;
      present->kill_at = stopping_at;
    }
    present = next;
  } else if (phase == STARTING) {
    end(next, SIGKILL);
  }
  next = NULL;
  phase = ALONE;
  for (Runtime *r = runtimes; r < runtimes + RUNTIMES; r++) {
    if (r->life != UNUSED) kill(r->pid, SIGTERM);
  }
}

/* ---- time */

/* What is about to be killed for want of memory is the pair; better the new one alone. */
static bool memory_runs_out(void) {
  long long used, limit;
  fits(0, &used, &limit);
  return limit > 0 && used > limit / 100 * MOST_PERCENT;
}

static void on_time(void) {
  long long t = now();
  if (phase == STARTING && t >= deadline) {
    take_back("it was not ready in time", false);
  } else if (phase == WATCHING && next->heard > 0 && t - next->heard > SILENCE_MILLIS) {
    take_back("it hangs: nothing was heard of it", false);
  } else if (phase != ALONE && memory_runs_out()) {
    take_back("memory: the container's limit is all but reached", false);
  } else if (phase == WATCHING && t >= deadline) {
    settle();
  }
  for (Runtime *r = runtimes; r < runtimes + RUNTIMES; r++) {
    if (r->life == UNWANTED && t >= r->kill_at) {
      kill(-r->pid, SIGKILL);
      r->kill_at = t + KILL_MILLIS;
    }
    if (stopping && stopping_at > 0 && r->life != UNUSED && t >= stopping_at) {
      kill(-r->pid, SIGKILL);
    }
  }
  if (restart_at > 0 && t >= restart_at && !stopping && present == NULL && phase == ALONE) {
    restart_at = 0;
    present = start(last_good, last_good_generation, NULL);
    if (present == NULL) restart_at = t + 1000;
  }
}

static int pause_millis(void) {
  int running = 0;
  for (Runtime *r = runtimes; r < runtimes + RUNTIMES; r++) running += r->life != UNUSED;
  /* A tick while anything is going on; otherwise we sleep until somebody speaks or dies. */
  return running > 1 || phase != ALONE || restart_at > 0 || stopping ||
                 (present != NULL && !present->ready)
             ? TICK_MILLIS
             : -1;
}

/* ---- lines */

static void accept_line(int server) {
  int fd = accept4(server, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  struct ucred peer;
  socklen_t size = sizeof peer;
  for (Line *line = lines; line < lines + LINES; line++) {
    if (line->fd == 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
        by_pid(peer.pid) != NULL) {
      line->fd = fd;
      line->pid = peer.pid;
      line->used = 0;
      return;
    }
  }
  close(fd); /* who is none of our runtimes has nothing to say here */
}

static void read_line(Line *line) {
  ssize_t n = read(line->fd, line->text + line->used, sizeof line->text - 1 - line->used);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    close(line->fd);
    line->fd = 0;
    return;
  }
  line->used += (size_t)n;
  char *newline;
  while ((newline = memchr(line->text, '\n', line->used)) != NULL) {
    *newline = 0;
    Runtime *from = by_pid(line->pid);
    if (from != NULL && from->life == RUNNING) heard(from, line->text);
    size_t taken = (size_t)(newline + 1 - line->text);
    line->used -= taken;
    memmove(line->text, newline + 1, line->used);
  }
  if (line->used == sizeof line->text - 1) { /* longer than any line */
    close(line->fd);
    line->fd = 0;
  }
}

static int listen_here(void) {
  char folder[PATH_MAX];
  join(folder, state, "run");
  if (mkdir(folder, 0700) != 0 && errno != EEXIST) fail(folder);
  join(socket_path, folder, "s");
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  if (strlen(socket_path) >= sizeof at.sun_path) {
    errno = ENAMETOOLONG;
    fail(socket_path);
  }
  strcpy(at.sun_path, socket_path);
  unlink(socket_path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || chmod(socket_path, 0600) != 0 ||
      listen(fd, LINES) != 0) {
    fail(socket_path);
  }
  return fd;
}

static int signals(void) {
  sigset_t all;
  sigemptyset(&all);
  sigaddset(&all, SIGCHLD);
  sigaddset(&all, SIGTERM);
  sigaddset(&all, SIGINT);
  sigaddset(&all, SIGHUP);
  sigaddset(&all, SIGQUIT);
  sigprocmask(SIG_BLOCK, &all, NULL);
  signal(SIGPIPE, SIG_IGN);
  int fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) fail("signalfd");
  return fd;
}

static void on_signals(int fd) {
  struct signalfd_siginfo info;
  while (read(fd, &info, sizeof info) == sizeof info) {
    switch (info.ssi_signo) {
      case SIGCHLD:
        break; /* reaped below: one may stand for many */
      case SIGTERM:
      case SIGINT:
        stop((int)info.ssi_signo);
        break;
      default: /* such as SIGQUIT, which asks a JVM for its threads */
        if (present != NULL) kill(present->pid, (int)info.ssi_signo);
    }
  }
  reap();
}

static bool nothing_runs(void) {
  for (Runtime *r = runtimes; r < runtimes + RUNTIMES; r++) {
    if (r->life != UNUSED) return false;
  }
  return true;
}

static int serve(void) {
  int server = listen_here(), signal_fd = signals();
  long generation = 0;
  char dir[PATH_MAX];
  snprintf(last_good, sizeof last_good, "%s", shipped);
  if (remembered(&generation, dir) && tried_in_vain()) {
    say("generation %ld did not start: what was shipped is started", generation);
    remember(0, shipped);
    trying(false);
  } else if (remembered(&generation, dir)) {
    trying(true);
    snprintf(last_good, sizeof last_good, "%s", dir);
    last_good_generation = generation;
  }
  present = start(last_good, last_good_generation, NULL);
  if (present == NULL) return BAD_USAGE;
  while (true) {
    struct pollfd polled[LINES + 2];
    int n = 0;
    polled[n++] = (struct pollfd){.fd = signal_fd, .events = POLLIN};
    polled[n++] = (struct pollfd){.fd = server, .events = POLLIN};
    for (Line *line = lines; line < lines + LINES; line++) {
      polled[n++] = (struct pollfd){.fd = line->fd > 0 ? line->fd : -1, .events = POLLIN};
    }
    if (poll(polled, (nfds_t)n, pause_millis()) < 0 && errno != EINTR) fail("poll");
    for (int i = 0; i < LINES; i++) {
      if (lines[i].fd > 0 && polled[i + 2].revents != 0) read_line(&lines[i]);
    }
    if (polled[1].revents != 0) accept_line(server);
    on_signals(signal_fd);
    look_at_memory();
    on_time();
    if (stopping && present == NULL) {
      /* What is left only drains, or was never to serve alone. */
      for (Runtime *r = runtimes; r < runtimes + RUNTIMES; r++) {
        if (r->life == RUNNING) end(r, SIGTERM);
      }
      if (nothing_runs()) {
        unlink(socket_path);
        /* Ended by what was passed on: as asked. */
        return ended_by != 0 && last_exit == 128 + ended_by ? 0 : last_exit;
      }
    }
  }
}

static const char *value(int *i, int count, char **words) {
  if (*i + 1 >= count) {
    say("%s wants a value", words[*i]);
    exit(BAD_USAGE);
  }
  return words[++*i];
}

int main(int count, char **words) {
  int i = 1;
  for (; i < count && words[i][0] == '-'; i++) {
    if (strcmp(words[i], "--java") == 0) {
      java = value(&i, count, words);
    } else if (strcmp(words[i], "--shipped") == 0) {
      shipped = value(&i, count, words);
    } else if (strcmp(words[i], "--state") == 0) {
      state = value(&i, count, words);
    } else if (strcmp(words[i], "--cgroup") == 0) {
      cgroup = value(&i, count, words);
    } else if (strcmp(words[i], "--grace") == 0) {
      grace_millis = atoll(value(&i, count, words));
    } else {
      say("what is %s? (expected: [--java PROGRAM] [--shipped DIR] [--state DIR] [--cgroup DIR]"
          " [--grace MILLIS] ROLE [ARGUMENT...])",
          words[i]);
      return BAD_USAGE;
    }
  }
  if (i >= count || count - i - 1 > ARGUMENTS) {
    say("a role and at most %d arguments are expected", ARGUMENTS);
    return BAD_USAGE;
  }
  role = words[i];
  arguments = words + i + 1;
  prctl(PR_SET_CHILD_SUBREAPER, 1); /* as PID 1 is, wherever we run */
  return serve();
}
