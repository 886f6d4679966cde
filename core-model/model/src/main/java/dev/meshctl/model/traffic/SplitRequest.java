package dev.meshctl.model.traffic;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which split is asked for, or asked to be.
 *
 * @param host {@code reviews}, {@code reviews.shop}, or a full host name
 * @param namespace empty is any, as long as one namespace only has the host
 * @param rule name of the rule; may be empty where the host has one rule
 * @param weights by {@link HostSplit.Share#name}, in the order given; destinations not named get 0
 */
public record SplitRequest(
    String host, String namespace, String rule, Map<String, Integer> weights) {
  public SplitRequest {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /** Of the only host of that name and its only rule. */
  public static SplitRequest of(String host, Map<String, Integer> weights) {
    return new SplitRequest(host, "", "", weights);
  }
}
