package dev.meshctl.cli.command;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.model.query.ProxyView;
import java.util.List;

/** What users call proxies: {@code reviews-v1-0.bookshop}. */
final class ProxyNames {
  private ProxyNames() {}

  static String of(ProxyView proxy) {
    return proxy.instance() + "." + proxy.namespace();
  }

  /**
   * The proxy of this id, name or beginning of a name.
   *
   * @throws CommandFailure where none or several answer to it
   */
  static ProxyView find(List<ProxyView> proxies, String asked) {
    for (ProxyView proxy : proxies) {
      if (proxy.id().equals(asked) || of(proxy).equals(asked)) {
        return proxy;
      }
    }
    List<ProxyView> close = proxies.stream().filter(p -> of(p).startsWith(asked)).toList();
    if (close.size() == 1) {
      return close.getFirst();
    }
    List<ProxyView> listed = close.isEmpty() ? proxies : close;
    throw CommandFailure.refused(
        close.isEmpty()
            ? "no proxy is called " + asked
            : close.size() + " proxies are called " + asked + "…",
        listed.stream().map(ProxyNames::of).sorted().toList(),
        "name one of these");
  }
}
