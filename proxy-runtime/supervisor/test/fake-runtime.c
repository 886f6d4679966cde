/*
 * Stands for "java" in tests of the supervisor: fake-runtime @DIR/ROLE.args ARGUMENT... does what
 * DIR/behaviour says, writes what it hears to DIR/heard, and says what a test puts into DIR/say.
 *
 *   crash  hang  ready  ready-crash  ready-exit  mute  deaf  orphan  slow-leave
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char dir[4096];

static void in(char *path, const char *name) { snprintf(path, 4200, "%s/%s", dir, name); }

static int read_file(const char *name, char *text, int size) {
  char path[4200];
  in(path, name);
  int fd = open(path, O_RDONLY);
  if (fd < 0) return -1;
  int n = (int)read(fd, text, (size_t)size - 1);
  close(fd);
  if (n >= 0) text[n] = 0;
  return n;
}

static void append(const char *name, const char *text, int n) {
  char path[4200];
  in(path, name);
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (fd >= 0) {
    if (write(fd, text, (size_t)n) != n) exit(9);
    close(fd);
  }
}

static void note(const char *name, const char *value) {
  if (value != NULL) {
    char line[4300];
    append("environment", line, snprintf(line, sizeof line, "%s=%s\n", name, value));
  }
}

static volatile sig_atomic_t terminated;
static void on_term(int signal) {
  (void)signal;
  terminated = 1;
}

int main(int count, char **words) {
  snprintf(dir, sizeof dir, "%s", words[1] + 1);
  if (access(dir, R_OK) != 0) return 1; /* as java has it */
  *strrchr(dir, '/') = 0;
  for (int i = 2; i < count; i++) note("argument", words[i]);
  note("MESHCTL_GENERATION", getenv("MESHCTL_GENERATION"));
  note("MESHCTL_PREDECESSOR", getenv("MESHCTL_PREDECESSOR"));
  note("MESHCTL_HANDOVER", getenv("MESHCTL_HANDOVER"));
  char pid[32];
  append("pids", pid, snprintf(pid, sizeof pid, "%d\n", (int)getpid()));
  char how[64] = "";
  read_file("behaviour", how, sizeof how);
  how[strcspn(how, "\n")] = 0;
  if (strcmp(how, "crash") == 0) return 3;
  signal(SIGTERM, strcmp(how, "deaf") == 0 ? SIG_IGN : on_term);
  if (strcmp(how, "orphan") == 0 && fork() == 0) {
    if (fork() == 0) { /* its parent ends at once, so it is the supervisor's */
      setpgid(0, 0);
      char me[32];
      append("orphans", me, snprintf(me, sizeof me, "%d\n", (int)getpid()));
      usleep(200000);
    }
    _exit(0);
  }
  int line = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  snprintf(at.sun_path, sizeof at.sun_path, "%s", getenv("MESHCTL_SUPERVISOR"));
  if (connect(line, (struct sockaddr *)&at, sizeof at) != 0) return 8;
  if (strcmp(how, "hang") != 0) dprintf(line, "%s", "ready\nalive\n");
  int ticks = 0;
  while (1) {
    char text[5000];
    struct pollfd polled = {.fd = line, .events = POLLIN};
    if (poll(&polled, 1, 10) > 0) {
      int n = (int)read(line, text, sizeof text - 1);
      if (n <= 0) return 7;
      text[n] = 0;
      append("heard", text, n);
      if (strstr(text, "leave\n") != NULL && strcmp(how, "slow-leave") != 0) return 0;
    }
    if (terminated) {
      append("heard", "TERM\n", 5);
      return 143;
    }
    int n = read_file("say", text, sizeof text);
    if (n > 0) {
      char path[4200];
      in(path, "say");
      unlink(path);
      if (write(line, text, (size_t)n) != n) return 6;
    }
    ticks++;
    if (strcmp(how, "mute") != 0 && ticks % 50 == 0) dprintf(line, "alive\n");
    if (ticks == 20 && strcmp(how, "ready-crash") == 0) return 4;
    if (ticks == 20 && strcmp(how, "ready-exit") == 0) return 0;
  }
}
