package dev.meshctl.model.resource;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code metadata.ownerReferences[]} with {@code controller: true}: who made an object. */
public record Owner(String kind, String name) {
  private static final String TEMPLATE_HASH = "pod-template-hash";

  /** A CronJob's Jobs end in the minute they were made for. */
  private static final Pattern OF_CRON_JOB = Pattern.compile("(.+)-\\d{8,10}");

  /** The maker of an object in {@code namespace}: both are in the same one. */
  public ResourceId in(String namespace) {
    return new ResourceId(kind, namespace, name);
  }

  /**
   * The workload as its author knows it, told from names alone: the Deployment of a ReplicaSet, the
   * CronJob of a Job.
   *
   * @param labels of a pod that this made
   */
  public String workloadOf(Map<String, String> labels) {
    String hash = labels.getOrDefault(TEMPLATE_HASH, "");
    if (kind.equals("ReplicaSet") && !hash.isEmpty() && name.endsWith("-" + hash)) {
      return name.substring(0, name.length() - hash.length() - 1);
    }
    Matcher byMinute = OF_CRON_JOB.matcher(name);
    return kind.equals("Job") && byMinute.matches() ? byMinute.group(1) : name;
  }
}
