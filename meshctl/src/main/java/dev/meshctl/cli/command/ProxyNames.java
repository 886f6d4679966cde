package dev.meshctl.cli.command;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.context.MeshReplicas.Told;
import dev.meshctl.model.query.ProxyView;
import java.util.List;

/** What users call proxies: {@code reviews-v1-0.bookshop}. */
final class ProxyNames {
  private ProxyNames() {}

  static String of(ProxyView proxy) {
    return proxy.instance() + "." + proxy.namespace();
  }

  private static String of(Told told) {
    return of(told.proxy());
  }

  /**
   * The proxy of this id, name or beginning of a name.
   *
   * @throws CommandFailure where none or several answer to it
   */
  static Told find(List<Told> proxies, String asked) {
    for (Told told : proxies) {
      if (told.proxy().id().equals(asked) || of(told).equals(asked)) {
        return told;
      }
    }
    List<Told> close = proxies.stream().filter(p -> of(p).startsWith(asked)).toList();
    if (close.size() == 1) {
      return close.getFirst();
    }
    List<Told> listed = close.isEmpty() ? proxies : close;
    throw CommandFailure.refused(
        close.isEmpty()
            ? "no proxy is called " + asked
            : close.size() + " proxies are called " + asked + "…",
        listed.stream().map(ProxyNames::of).sorted().toList(),
        "name one of these");
  }
}
