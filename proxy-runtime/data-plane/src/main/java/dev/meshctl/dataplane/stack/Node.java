package dev.meshctl.dataplane.stack;

import dev.meshctl.dataplane.route.RequestLayer;
import java.util.List;

/**
 * On a node, in the place of the kernel's rules for Services: it passes connections on, chosen by
 * where they were going and by whose they are, and looks at no request. So it has no layers, and
 * what it is told holds no HTTP: whatever a Service speaks goes through as it is.
 */
public final class Node {
  static final List<RequestLayer> LAYERS = List.of();

  private Node() {}
}
