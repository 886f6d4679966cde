package dev.meshctl.model.testkit;

import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.validation.MeshValidator;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.validation.ValidationResult;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyNode.Capture;
import dev.meshctl.model.xds.ProxyNode.Role;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.translation.MeshTranslation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A scenario folder of translation: {@code in-*.yaml} (resources), {@code in-inventory.json} (what
 * runs), {@code in-node.json} (who asks; its {@code resources} may name a folder of the checkout to
 * take the YAML from). {@code out-TYPES.txt} has all resources of a type, {@code
 * out-TYPES-NAME.txt} one of them, as {@link RecordText}.
 */
public record TranslationScenario(
    Path folder, ValidatedMesh mesh, MeshInventory inventory, ProxyNode node) {
  private static final String TRUST_DOMAIN = "cluster.local";
  private static final String ROOT_NAMESPACE = "istio-system";
  private static final String SERVICE_ADDRESS_PREFIX = "10.96.0.";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** All scenario folders, by name. */
  public static List<TranslationScenario> all() {
    try (Stream<Path> folders = Files.list(root())) {
      return folders.filter(Files::isDirectory).sorted().map(TranslationScenario::read).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Folders of YAML as people have it, which says what should run and not what does. */
  public static List<TranslationScenario> samples() {
    Path samples = Judges.root().resolve("core-model/model/src/test/resources/scenarios/samples");
    try (Stream<Path> folders = Files.list(samples)) {
      return folders
          .filter(Files::isDirectory)
          .sorted()
          .map(folder -> {
            ValidatedMesh mesh = mesh(folder);
            return new TranslationScenario(
                folder, mesh, withAddresses(mesh), gateway("default", Map.of()));
          })
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the mesh asks for, with an address for each Service. */
  private static MeshInventory withAddresses(ValidatedMesh mesh) {
    Map<String, Integer> numbers = new HashMap<>();
    for (Service service : mesh.all(Service.class)) {
      numbers.put(
          service.metadata().namespace() + "/" + service.metadata().name(), numbers.size() + 1);
    }
    return new MeshInventory(
        MeshInventory.askedFor(mesh).instances(), numbers, SERVICE_ADDRESS_PREFIX);
  }

  private static Path root() {
    return Judges.root().resolve("core-model/model/src/test/resources/scenarios/translation");
  }

  public static TranslationScenario named(String name) {
    return read(root().resolve(name));
  }

  private static TranslationScenario read(Path folder) {
    JsonNode node = json(folder.resolve("in-node.json"));
    String resources = node.path("resources").asString("");
    return new TranslationScenario(
        folder,
        mesh(resources.isEmpty() ? folder : Judges.root().resolve(resources)),
        inventory(json(folder.resolve("in-inventory.json"))),
        node(node));
  }

  /** Files beside the inputs: what must come out. */
  public List<Path> expectations() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("in-"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public XdsSnapshot snapshot() {
    return MeshTranslation.of(mesh, inventory).snapshotFor(node);
  }

  /**
   * The snapshots of every proxy that could ask, by node id: the scenario's own node, a sidecar of
   * each workload with either kind of capture, and a gateway for each selector of a Gateway.
   */
  public Map<String, XdsSnapshot> everySnapshot() {
    Map<String, ProxyNode> nodes = new LinkedHashMap<>();
    if (!(node.capture() instanceof Capture.Proxyless)) {
      nodes.put(node.id(), node);
    }
    Set<String> workloads = new HashSet<>();
    for (WorkloadInstance instance : inventory.instances()) {
      if (instance.inMesh() && workloads.add(instance.namespace() + "/" + instance.workload())) {
        for (Capture how :
            List.of(
                new Capture.Transparent(instance.address()),
                new Capture.Explicit(instance.address(), "127.64.1.1", "127.64.17."))) {
          ProxyNode sidecar = sidecar(instance, how);
          nodes.put(sidecar.id(), sidecar);
        }
      }
    }
    mesh.all(IstioGateway.class)
        .forEach(gateway -> {
          ProxyNode edge = gateway(gateway.metadata().namespace(), gateway.selector());
          nodes.put(edge.id(), edge);
        });
    if (!mesh.all(KubernetesGateway.class).isEmpty()) {
      ProxyNode edge = gateway("default", Map.of());
      nodes.put(edge.id(), edge);
    }
    MeshTranslation translation = MeshTranslation.of(mesh, inventory);
    Map<String, XdsSnapshot> snapshots = new LinkedHashMap<>();
    nodes.forEach((id, who) -> snapshots.put(id, translation.snapshotFor(who)));
    return snapshots;
  }

  private static ProxyNode sidecar(WorkloadInstance instance, Capture how) {
    return new ProxyNode(
        "sidecar~" + instance.name() + "~" + how.getClass().getSimpleName(),
        Role.SIDECAR,
        instance.namespace(),
        instance.workload(),
        instance.name(),
        instance.serviceAccount(),
        instance.labels(),
        how);
  }

  private static ProxyNode gateway(String namespace, Map<String, String> labels) {
    return new ProxyNode(
        "router~" + namespace + "~" + new TreeMap<>(labels),
        Role.GATEWAY,
        namespace,
        "gateway",
        "gateway-0",
        "gateway",
        labels,
        new Capture.Edge("127.64.0.10"));
  }

  /**
   * The mesh that the YAML in {@code folder} makes; fails with its findings where it is invalid.
   */
  public static ValidatedMesh mesh(Path folder) {
    try {
      ParsedDocuments parsed = FolderSource.read(folder).documents();
      ValidationResult result =
          MeshValidator.validate(
              TRUST_DOMAIN, ROOT_NAMESPACE, parsed.resources(), parsed.diagnostics());
      return switch (result) {
        case ValidationResult.Valid valid -> valid.mesh();
        case ValidationResult.Invalid invalid ->
            throw new AssertionError(folder + ": " + invalid.diagnostics());
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode json(Path file) {
    return JSON.readTree(file.toFile());
  }

  private static MeshInventory inventory(JsonNode json) {
    List<WorkloadInstance> instances = new ArrayList<>();
    for (JsonNode instance : json.path("instances")) {
      Map<String, Integer> ports = new HashMap<>();
      instance.path("namedPorts").forEachEntry((name, port) -> ports.put(name, port.asInt()));
      instances.add(
          new WorkloadInstance(
              instance.path("name").asString(),
              instance.path("namespace").asString("default"),
              instance.path("workload").asString(),
              instance.path("serviceAccount").asString("default"),
              texts(instance.path("labels")),
              instance.path("address").asString(),
              ports,
              new Locality(
                  instance.path("region").asString(""), instance.path("zone").asString(""), ""),
              instance.path("ready").asBoolean(true),
              instance.path("inMesh").asBoolean(true)));
    }
    Map<String, Integer> numbers = new HashMap<>();
    json.path("serviceNumbers").forEachEntry((name, number) -> numbers.put(name, number.asInt()));
    return new MeshInventory(instances, numbers, json.path("serviceAddressPrefix").asString(""));
  }

  private static ProxyNode node(JsonNode json) {
    String namespace = json.path("namespace").asString("default");
    String instance = json.path("instance").asString();
    Role role = Role.valueOf(json.path("role").asString("SIDECAR"));
    JsonNode capture = json.path("capture");
    Capture how =
        switch (capture.path("kind").asString()) {
          case "transparent" ->
              new Capture.Transparent(
                  capture.path("podAddress").asString(), capture.path("otherAddress").asString(""));
          case "explicit" ->
              new Capture.Explicit(
                  capture.path("proxyAddress").asString(),
                  capture.path("workloadAddress").asString(),
                  capture.path("servicePrefix").asString());
          case "proxyless" -> new Capture.Proxyless();
          case "edge" -> new Capture.Edge(capture.path("bindAddress").asString());
          default -> throw new AssertionError("capture.kind: " + capture);
        };
    return new ProxyNode(
        role.name().toLowerCase(java.util.Locale.ROOT) + "~" + instance,
        role,
        namespace,
        json.path("workload").asString(),
        instance,
        json.path("serviceAccount").asString("default"),
        texts(json.path("labels")),
        how);
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new HashMap<>();
    object.forEachEntry((name, value) -> texts.put(name, value.asString()));
    return texts;
  }

  @Override
  public String toString() {
    return folder.getFileName().toString();
  }
}
