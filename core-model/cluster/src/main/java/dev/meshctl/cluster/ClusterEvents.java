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

  /** The API server cuts it anyway, but judges it first. */
  private static final int LONGEST_PREFIX = 200;

  /** {@code MicroTime} of the API: six digits, always. */
  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final ClusterObjects objects;
  private final Reporter reporter;

  public ClusterEvents(ClusterObjects objects, Reporter reporter) {
    this.objects = objects;
    this.reporter = reporter;
  }

  /**
   * Who tells.
   *
   * @param controller {@code meshctl.dev/control-plane}
   * @param instance the process: the pod's name
   */
  public record Reporter(String controller, String instance) {}

  /**
   * What is told of.
   *
   * @param uid and {@code resourceVersion}: empty where they are not known
   */
  public record Subject(
      ObjectKind kind, String namespace, String name, String uid, String resourceVersion) {
    /** One that need not be there yet, nor any more. */
    public static Subject named(ObjectKind kind, String namespace, String name) {
      return new Subject(kind, namespace, name, "", "");
    }

    /** An object as it is. */
    public static Subject of(ClusterObject object) {
      return new Subject(
          object.kind(),
          object.namespace().orElse("default"),
          object.name(),
          object.uid(),
          object.resourceVersion());
    }
  }

  /** Whether somebody should look. */
  public enum Type {
    NORMAL("Normal"),
    WARNING("Warning");

    private final String word;

    Type(String word) {
      this.word = word;
    }
  }

  /**
   * What happened.
   *
   * @param reason one word in capitals and small letters
   * @param note for people; what is longer than the API takes is cut off
   */
  public record News(Type type, String reason, String note) {}

  /** Makes an event. */
  public void tell(Subject about, News news, Instant now) throws ClusterException {
    objects.create(event(about, news, now));
  }

  private ClusterObject event(Subject about, News news, Instant now) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", "events.k8s.io/v1").put("kind", "Event");
    tree.putObject("metadata")
        .put("generateName", cut(about.name(), LONGEST_PREFIX) + "-")
        .put("namespace", about.namespace());
    tree.put("eventTime", MICRO_TIME.format(now));
    tree.put("reportingController", reporter.controller());
    tree.put("reportingInstance", reporter.instance());
    tree.put("action", news.reason()).put("reason", news.reason()).put("type", news.type().word);
    tree.put("note", cut(news.note(), LONGEST_NOTE));
    tree.putObject("regarding")
        .put("apiVersion", about.kind().apiVersion())
        .put("kind", about.kind().kind())
        .put("namespace", about.namespace())
        .put("name", about.name())
        .put("uid", about.uid())
        .put("resourceVersion", about.resourceVersion());
    return new ClusterObject(tree);
  }

  private static String cut(String text, int longest) {
    return text.length() > longest ? text.substring(0, longest) : text;
  }
}
