package dev.meshctl.injector.mutation;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a proxy mounts: who it is, whom it trusts, where it may write. */
final class PodVolumes {
  /** Of the workload, for the mesh's CA alone; the kubelet renews it. */
  static final String TOKEN = "/var/run/secrets/tokens/meshctl-token";

  static final String ROOT_CERTIFICATE = "/var/run/secrets/meshctl/root-cert.pem";
  static final String TEMPORARY = "meshctl-tmp";

  private static final int TOKEN_SECONDS = 3600;

  private PodVolumes() {}

  static ArrayNode of(ProxyOptions options) {
    ArrayNode volumes =
        Trees.list(
            Trees.object(
                "name",
                "meshctl-token",
                "projected",
                Trees.object(
                    "sources",
                    Trees.list(
                        Trees.object(
                            "serviceAccountToken",
                            Trees.object(
                                "audience",
                                "meshctl-ca",
                                "expirationSeconds",
                                TOKEN_SECONDS,
                                "path",
                                "meshctl-token"))))),
            Trees.object(
                "name",
                "meshctl-root-cert",
                "configMap",
                Trees.object("name", "meshctl-ca-root-cert")),
            Trees.object("name", "meshctl-data", "emptyDir", Trees.object()),
            Trees.object("name", TEMPORARY, "emptyDir", Trees.object()));
    options.userVolumes().forEach(volumes::add);
    return volumes;
  }

  static ArrayNode mounts(ProxyOptions options) {
    ArrayNode mounts =
        Trees.list(
            mount("meshctl-token", "/var/run/secrets/tokens", true),
            mount("meshctl-root-cert", "/var/run/secrets/meshctl", true),
            mount("meshctl-data", "/var/lib/meshctl", false),
            mount(TEMPORARY, "/tmp", false));
    List<ObjectNode> own = options.userVolumeMounts();
    own.forEach(mounts::add);
    return mounts;
  }

  static ObjectNode mount(String name, String path, boolean readOnly) {
    ObjectNode mount = Trees.object("name", name, "mountPath", path);
    return readOnly ? mount.put("readOnly", true) : mount;
  }
}
