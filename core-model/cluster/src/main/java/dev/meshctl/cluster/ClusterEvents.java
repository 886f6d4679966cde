package dev.meshctl.cluster;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells people of what became of an object, where {@code kubectl describe} and {@code kubectl get
 * events} show it.
 *
 * <p>Source: {@code events.k8s.io/v1}. Thread: any; blocking.
 */
public final class ClusterEvents {
  private static final int LONGEST_NOTE = 1000;

  /** {@code MicroTime} of the API: six digits, always. */
  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final ClusterObjects objects;
  private final String reporter;

  /**
   * @param reporter the process that tells: the pod's name
   */
  public ClusterEvents(ClusterObjects objects, String reporter) {
    this.objects = objects;
    this.reporter = reporter;
  }

  /** What happened. */
  public enum Type {
    NORMAL("Normal"),
    WARNING("Warning");

    private final String word;

    Type(String word) {
      this.word = word;
    }
  }

  /**
   * Makes an event.
   *
   * @param about in a namespace
   * @param reason one word in capitals and small letters
   */
  public void tell(ClusterObject about, Type type, String reason, String note, Instant now)
      throws ClusterException {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", "events.k8s.io/v1").put("kind", "Event");
    String namespace = about.namespace().orElse("default");
    tree.putObject("metadata")
        .put(
            "name",
            about.name() + "." + Long.toHexString(now.toEpochMilli()) + "." + suffix(reason))
        .put("namespace", namespace);
    tree.put("eventTime", MICRO_TIME.format(now));
    tree.put("reportingController", "meshctl.dev/control-plane");
    tree.put("reportingInstance", reporter);
    tree.put("action", reason).put("reason", reason).put("type", type.word);
    tree.put("note", note.length() > LONGEST_NOTE ? note.substring(0, LONGEST_NOTE) : note);
    tree.putObject("regarding")
        .put("apiVersion", about.kind().apiVersion())
        .put("kind", about.kind().kind())
        .put("namespace", namespace)
        .put("name", about.name())
        .put("uid", about.uid())
        .put("resourceVersion", about.resourceVersion());
    objects.create(new ClusterObject(tree));
  }

  private static String suffix(String reason) {
    return reason.toLowerCase(Locale.ROOT);
  }
}
