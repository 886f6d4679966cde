package dev.meshctl.cli.check;

import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ProxyView.TypeStatus;
import dev.meshctl.model.query.ResourceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Whether proxies took what their control plane sent them; each thing that one refused, and why.
 */
final class ProxyFindings {
  private ProxyFindings() {}

  /**
   * What a control plane tells of one.
   *
   * @param refused resources that it sent back (NACK); empty where only a whole response was
   */
  record Told(ProxyView proxy, List<ResourceStatus> refused) {
    Told {
      refused = List.copyOf(refused);
    }

    String name() {
      return proxy.instance() + "." + proxy.namespace();
    }
  }

  static List<Told> ask(MeshClient client) {
    return client.proxies().stream()
        .map(proxy ->
            new Told(
                proxy,
                proxy.state() == ProxyView.State.REJECTED ? refused(client, proxy) : List.of()))
        .toList();
  }

  private static List<ResourceStatus> refused(MeshClient client, ProxyView proxy) {
    try {
      return client.resources(proxy.id()).stream()
          .filter(resource -> resource.state() == ResourceStatus.State.REFUSED)
          .toList();
    } catch (MeshQueryException.NotFound goneMeanwhile) {
      return List.of();
    }
  }

  /**
   * @param whereToLook what to do about one that is not connected
   */
  static List<Finding> of(String subject, List<Told> all, Function<ProxyView, String> whereToLook) {
    List<Finding> findings = new ArrayList<>();
    int synced = 0;
    for (Told each : all) {
      switch (each.proxy().state()) {
        case SYNCED -> synced++;
        case STALE ->
            findings.add(
                Finding.warning(
                    subject, each.name() + " has not acknowledged yet", "look again in a second"));
        case DISCONNECTED ->
            findings.add(
                Finding.error(
                    subject, each.name() + " is not connected", whereToLook.apply(each.proxy())));
        case REJECTED -> findings.addAll(refusals(subject, each));
      }
    }
    findings.addFirst(
        Finding.ok(subject, synced + " of " + all.size() + " proxies are up to date"));
    return findings;
  }

  private static List<Finding> refusals(String subject, Told told) {
    List<Finding> findings = new ArrayList<>();
    for (ResourceStatus resource : told.refused()) {
      findings.add(
          refusal(subject, told, word(resource.type()) + " " + resource.name(), resource.reason()));
    }
    for (TypeStatus type : told.proxy().types()) {
      boolean named = told.refused().stream().anyMatch(each -> each.type().equals(type.type()));
      if (!type.error().isEmpty() && !named) {
        findings.add(refusal(subject, told, word(type.type()), type.error()));
      }
    }
    return findings;
  }

  private static Finding refusal(String subject, Told told, String what, String why) {
    return Finding.error(
        subject,
        told.name() + " refused " + what + ": " + why,
        "its last good one stays in force there; correct the objects that it is made of, or update a"
            + " proxy that is older than the control plane");
  }

  private static String word(String type) {
    return type.toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
