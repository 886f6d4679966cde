/*
 * The node's part of capture where pods get no NET_ADMIN: one program, in the node agent's image and, as the agent puts
 * it there, in the node's folder of CNI plugins.
 *
 *   (called by a container runtime, CNI_COMMAND is set)  the plugin: hands a pod that asks to the agent, and leaves all
 *                                                        others alone by itself, whether there is an agent or not
 *   meshctl-cni enter NAMESPACE PROGRAM [WORD...]        runs a program of the image in a pod's network
 *   meshctl-cni ready SOCKET                             whether the agent captures pods here, for its readiness probe
 *
 * CNI specification 1.1 (and 0.3 to 1.0, whose results pass through unchanged). DEL, GC and STATUS need nothing: rules go
 * with their namespace, and the plugin serves all pods that do not ask even when the agent is away.
 *
 * To the agent: a Unix socket beside the plugin, which only root reaches. A byte with the descriptor of the pod's network
 * namespace (so the agent sees no namespaces but those it is given), the agent's "+", then "COMMAND BYTES POD\n" and
 * the configuration; the answer is "0\n" (well) or "1\n" (an error of CNI) and what is to be printed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_NAME "meshctl-cni.sock"
#define ANNOTATIONS "io.kubernetes.cri.pod-annotations"
#define ANNOTATION "meshctl.dev/capture"
#define VERSIONS "[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]"
enum { MAX_BYTES = 4 << 20, PATIENCE_SECONDS = 60 };
/* Of the specification, section 5, "Error". */
enum { VARIABLES = 4, DECODING = 6, CONFIGURATION = 7, TRY_AGAIN = 11 };

/* A part of a text; at is NULL where there is none. */
struct span {
  const char *at;
  size_t length;
};

/* ---- JSON, as far as a value can be found by its names; no value is ever changed ---- */

static const char *blank(const char *at, const char *end) {
  while (at < end && strchr(" \t\r\n", *at) && *at) at++;
  return at;
}

/* Behind the string that begins at its quote, or NULL. */
static const char *string_end(const char *at, const char *end) {
  for (at++; at < end; at++) {
    if (*at == '\\') at++;
    else if (*at == '"') return at + 1;
  }
  return NULL;
}

/* Behind any value, or NULL. Brackets are counted, not matched: who sends this writes JSON by a library. */
static const char *value_end(const char *at, const char *end) {
  int depth = 0;
  while (at && at < end) {
    if (*at == '"') {
      at = string_end(at, end);
    } else if (*at == '{' || *at == '[') {
      depth++, at++;
    } else if (*at == '}' || *at == ']') {
      if (depth == 0) return at;
      depth--, at++;
    } else if (*at == ',' && depth == 0) {
      return at;
    } else {
      at++;
      continue;
    }
    if (at && depth == 0) return at;
  }
  return depth == 0 ? at : NULL;
}

/* The value that an object has by a name; the last one, as with most readers. */
static struct span member(struct span object, const char *name) {
  struct span found = {NULL, 0};
  if (!object.at) return found;
  const char *end = object.at + object.length, *at = blank(object.at, end);
  if (at >= end || *at != '{') return found;
  at = blank(at + 1, end);
  while (at < end && *at == '"') {
    const char *key = at + 1, *after = string_end(at, end);
    if (!after) break;
    size_t key_length = (size_t)(after - 1 - key);
    at = blank(after, end);
    if (at >= end || *at != ':') break;
    at = blank(at + 1, end);
    const char *value = at;
    at = value_end(at, end);
    if (!at) break;
    const char *last = at;
    while (last > value && strchr(" \t\r\n", last[-1])) last--;
    if (key_length == strlen(name) && !memcmp(key, name, key_length))
      found = (struct span){value, (size_t)(last - value)};
    at = blank(at, end);
    if (at < end && *at == ',') at = blank(at + 1, end);
  }
  return found;
}

static bool is_text(struct span value) {
  if (!value.at || value.length < 3 || *value.at != '"') return false;
  for (size_t i = 1; i + 1 < value.length; i++)
    if (!strchr(" \t", value.at[i])) return true;
  return false;
}

/* ---- the plugin ---- */

static struct span configuration;

static void print_version(void) {
  struct span version = member(configuration, "cniVersion");
  if (is_text(version)) printf("%.*s", (int)version.length, version.at);
  else printf("\"1.0.0\"");
}

static int fail(int code, const char *details, const char *format, ...) {
  char message[1024];
  va_list words;
  va_start(words, format);
  vsnprintf(message, sizeof message, format, words);
  va_end(words);
  /* Paths and the system's words are all that stands in it. */
  for (char *c = message; *c; c++)
    if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ') *c = '\'';
  printf("{\"cniVersion\":");
  print_version();
  printf(",\"code\":%d,\"msg\":\"meshctl: %s\",\"details\":\"%s\"}\n", code, message, details);
  return 1;
}

/* All of a descriptor; NULL where it is too much or breaks. */
static char *read_all(int from, size_t *length) {
  size_t room = 64 << 10;
  char *bytes = malloc(room + 1);
  for (*length = 0; bytes;) {
    if (*length == room) {
      if (room >= MAX_BYTES) break;
      char *more = realloc(bytes, (room *= 2) + 1);
      if (!more) break;
      bytes = more;
    }
    ssize_t n = read(from, bytes + *length, room - *length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    if (n == 0) {
      bytes[*length] = 0;
      return bytes;
    }
    *length += (size_t)n;
  }
  free(bytes);
  return NULL;
}

static bool write_all(int to, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = send(to, bytes, length, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes += n;
    length -= (size_t)n;
  }
  return true;
}

/* Connected to the agent, or -1 and why in errno. */
static int connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address.sun_path, path);
  int agent = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  if (agent < 0 || setsockopt(agent, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
      setsockopt(agent, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0 ||
      connect(agent, (struct sockaddr *)&address, sizeof address) < 0) {
    int why = errno;
    if (agent >= 0) close(agent);
    errno = why;
    return -1;
  }
  return agent;
}

static bool send_descriptor(int agent, int descriptor) {
  char byte = 'N';
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control = {0};
  struct iovec part = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  return sendmsg(agent, &message, MSG_NOSIGNAL) == 1;
}

/* NAMESPACE/NAME of the pod for the agent's log, "-" where the runtime says nothing of it. */
static void pod(char *name, size_t room) {
  const char *words = getenv("CNI_ARGS");
  const char *parts[2] = {"K8S_POD_NAMESPACE=", "K8S_POD_NAME="};
  size_t length = 0;
  for (int i = 0; i < 2; i++) {
    const char *at = words ? strstr(words, parts[i]) : NULL;
    size_t part = at ? strcspn(at += strlen(parts[i]), "; \n") : 0;
    if (part == 0 || length + part + 2 > room) {
      strcpy(name, "-");
      return;
    }
    if (i == 1) name[length++] = '/';
    memcpy(name + length, at, part);
    name[length += part] = 0;
  }
}

/* The agent's answer, "0\n..." or "1\n..."; NULL and why in errno where there is none. */
static char *ask(const char *path, int namespace, const char *command, struct span input) {
  int agent = connect_to(path);
  if (agent < 0) return NULL;
  char name[600], head[700], go, *answer = NULL;
  pod(name, sizeof name);
  int head_length = snprintf(head, sizeof head, "%s %zu %s\n", command, input.length, name);
  size_t length = 0;
  errno = 0;
  if (send_descriptor(agent, namespace) && recv(agent, &go, 1, 0) == 1 && go == '+' &&
      write_all(agent, head, (size_t)head_length) && write_all(agent, input.at, input.length))
    answer = read_all(agent, &length);
  int why = errno ? errno : ECONNRESET;
  close(agent);
  if (answer && length >= 2 && (answer[0] == '0' || answer[0] == '1') && answer[1] == '\n') return answer;
  free(answer);
  errno = why;
  return NULL;
}

/* Beside this program: whoever put it here listens there. */
static bool socket_path(char *path, size_t room) {
  char self[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length <= 0) return false;
  self[length] = 0;
  return snprintf(path, room, "%s/" SOCKET_NAME, dirname(self)) < (int)room;
}

static int hand_to_agent(const char *command) {
  const char *network = getenv("CNI_NETNS");
  int namespace = network && *network ? open(network, O_RDONLY | O_CLOEXEC) : -1;
  if (namespace < 0)
    return fail(VARIABLES, "", "CNI_NETNS: %s: %s", network ? network : "", network ? strerror(errno) : "is missing");
  char path[PATH_MAX];
  char *answer = socket_path(path, sizeof path) ? ask(path, namespace, command, configuration) : NULL;
  if (!answer)
    return fail(TRY_AGAIN, "pods that do not ask for the mesh start without it",
                "this pod asks the node to capture its traffic, and the node agent does not answer (%s: %s); is a pod of "
                "DaemonSet meshctl-node-agent running on this node?",
                path, strerror(errno));
  fputs(answer + 2, stdout);
  return answer[0] == '0' ? 0 : 1;
}

static int plugin(const char *command) {
  if (!strcmp(command, "VERSION")) {
    puts("{\"cniVersion\":\"1.1.0\",\"supportedVersions\":" VERSIONS "}");
    return 0;
  }
  bool adds = !strcmp(command, "ADD"), checks = !strcmp(command, "CHECK");
  if (!adds && !checks) {
    if (!strcmp(command, "DEL") || !strcmp(command, "GC") || !strcmp(command, "STATUS")) return 0;
    return fail(VARIABLES, "this program is called by a container runtime", "CNI_COMMAND: '%s'", command);
  }
  configuration.at = read_all(STDIN_FILENO, &configuration.length);
  struct span inside = configuration;
  if (!inside.at || !*(inside.at = blank(inside.at, configuration.at + configuration.length)) || *inside.at != '{')
    return fail(DECODING, "", "the configuration on standard input is no object");
  struct span previous = member(configuration, "prevResult");
  if (!previous.at)
    return fail(CONFIGURATION, "", "no prevResult: this plugin comes after one that makes a pod's network");
  if (is_text(member(member(member(configuration, "runtimeConfig"), ANNOTATIONS), ANNOTATION)))
    return hand_to_agent(command);
  if (adds) printf("%.*s\n", (int)previous.length, previous.at);
  return 0;
}

/* ---- in the agent's container ---- */

static int enter(char **words) {
  int namespace = open(words[0], O_RDONLY | O_CLOEXEC);
  if (namespace < 0 || setns(namespace, CLONE_NEWNET) < 0) {
    fprintf(stderr, "the pod's network %s cannot be entered: %s\n", words[0], strerror(errno));
    return 126;
  }
  execvp(words[1], words + 1);
  fprintf(stderr, "%s: %s\n", words[1], strerror(errno));
  return 127;
}

static int ready(const char *path) {
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  char *answer = ask(path, nothing, "READY", (struct span){"", 0});
  if (!answer) {
    printf("%s: %s\n", path, strerror(errno));
    return 1;
  }
  puts(answer + 2);
  return answer[0] == '0' ? 0 : 1;
}

int main(int count, char **words) {
  if (count > 3 && !strcmp(words[1], "enter")) return enter(words + 2);
  if (count == 3 && !strcmp(words[1], "ready")) return ready(words[2]);
  const char *command = getenv("CNI_COMMAND");
  if (count > 1) {
    fprintf(stderr, "usage: meshctl-cni enter NAMESPACE PROGRAM [WORD...] | ready SOCKET; as a CNI plugin without words\n");
    return 2;
  }
  return plugin(command ? command : "");
}
