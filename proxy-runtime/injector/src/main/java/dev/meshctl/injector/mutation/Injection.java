package dev.meshctl.injector.mutation;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What becomes of an object. */
public sealed interface Injection {
  /**
   * It has a sidecar now.
   *
   * @param object as it is to be
   * @param warnings one line each
   */
  record Injected(ObjectNode object, List<String> warnings) implements Injection {
    public Injected {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * It gets none.
   *
   * @param because completes "not injected: "
   */
  record Skipped(Reason reason, String because) implements Injection {}

  /**
   * It should have one, and what it asks for cannot be done.
   *
   * @param problems one line each, with code and fix
   */
  record Refused(List<String> problems) implements Injection {
    public Refused {
      problems = List.copyOf(problems);
    }
  }

  /** Why not. */
  enum Reason {
    NO_PODS,
    NOT_ASKED,
    OPTED_OUT,
    OTHER_REVISION,
    SYSTEM_NAMESPACE,
    HOST_NETWORK,
    WINDOWS,
    ALREADY_INJECTED
  }
}
