import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The runtimes of all proxies replaced in waves under load, then bundles that should never have
 * been shipped. README.md says what is printed.
 */
final class Show {
  /** Of the faults, those whose bundle is refused wherever it is looked at. */
  private static final List<String> OF_THE_FILE = List.of("forged", "cut");

  private static final String ALL_FAULTS = "crash,hang,refuse,leak,fail,forged,cut";
  private static final Duration REST = Duration.ofSeconds(15);
  private static final int WARM = 2_000;

  private final Path root = Path.of(System.getProperty("meshctl.root"));
  private final Options options;
  private final Path scratch;
  private final Path key;
  private final Target target;
  private final Load load = new Load();
  private final List<long[]> before = new ArrayList<>();
  private final List<long[]> during = new ArrayList<>();
  private final List<Plot.Mark> marks = new ArrayList<>();
  private final List<long[]> letThrough = new ArrayList<>();
  private long letThroughWithin;
  private int rolledBack;
  private boolean well = true;

  private record Options(
      boolean json,
      boolean local,
      boolean kill,
      boolean quick,
      Optional<URI> gateway,
      Optional<String> image,
      Optional<String> shopImage,
      Optional<Path> bundle,
      Optional<Path> key,
      List<String> faults,
      int rounds,
      Optional<Path> svg) {
    static Options of(String[] words) {
      Map<String, String> said = new HashMap<>();
      for (int i = 0; i < words.length; i++) {
        boolean flag = List.of("--json", "--local", "--kill", "--quick").contains(words[i]);
        boolean value =
            List.of(
                    "--gateway",
                    "--image",
                    "--shop-image",
                    "--bundle",
                    "--key",
                    "--faults",
                    "--rounds",
                    "--svg")
                .contains(words[i]);
        if (!flag && (!value || i + 1 == words.length)) {
          throw new IllegalArgumentException(
              words[i] + " (expected: see the head of samples/live-patch/run)");
        }
        said.put(words[i], flag ? "" : words[++i]);
      }
      String faults = said.getOrDefault("--faults", ALL_FAULTS);
      return new Options(
          said.containsKey("--json"),
          said.containsKey("--local") || System.getenv().getOrDefault("KUBECONFIG", "").isEmpty(),
          said.containsKey("--kill"),
          said.containsKey("--quick"),
          Optional.ofNullable(said.get("--gateway")).map(URI::create),
          Optional.ofNullable(said.get("--image")),
          Optional.ofNullable(said.get("--shop-image")),
          Optional.ofNullable(said.get("--bundle")).map(Path::of),
          Optional.ofNullable(said.get("--key")).map(Path::of),
          faults.equals("none") ? List.of() : List.of(faults.split(",")),
          Integer.parseInt(said.getOrDefault("--rounds", "1")),
          Optional.ofNullable(said.get("--svg")).map(Path::of));
    }
  }

  private Show(Options options, Path scratch) {
    this.options = options;
    this.scratch = scratch;
    Map<String, String> environment = new HashMap<>(Map.of("MESHCTL_BUILD", "never"));
    if (options.local) {
      // A mesh of its own: nothing of the user's is touched.
      environment.put("MESHCTL_STATE_DIR", scratch.resolve("s").toString());
    }
    if (options.local || options.key.isEmpty()) {
      environment.put("XDG_CONFIG_HOME", scratch.resolve("c").toString());
    }
    Meshctl meshctl = new Meshctl(root, environment);
    this.key = options.key.orElse(scratch.resolve("c/meshctl/runtime-signing.pem"));
    this.target =
        options.local
            ? new LocalTarget(root, scratch.resolve("s"), meshctl)
            : new ClusterTarget(
                root,
                meshctl,
                environment,
                new ClusterTarget.Images(
                    options.image, options.shopImage, options.key.isPresent()),
                options.gateway,
                text -> say("step", text));
  }

  public static void main(String[] words) throws Exception {
    Options options;
    try {
      options = Options.of(words);
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(2);
      return;
    }
    // Short: sockets are in it.
    Path scratch = Files.createTempDirectory("lp");
    Show show = new Show(options, scratch);
    Thread ending = Thread.ofPlatform().unstarted(() -> show.end());
    Runtime.getRuntime().addShutdownHook(ending);
    try {
      System.exit(show.run() ? 0 : 1);
    } catch (IOException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(1);
    }
  }

  private void end() {
    try {
      target.close();
    } catch (IOException | InterruptedException left) {
      System.err.println("of what was made here something was left: " + left.getMessage());
    }
    try (Stream<Path> all = Files.walk(scratch)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException left) {
      System.err.println(scratch + " was left: " + left);
    }
  }

  private boolean run() throws Exception {
    Meshctl meshctl = target.meshctl();
    if (options.local && options.key.isPresent()) {
      // The mesh trusts the key of whoever starts it.
      Path own = Files.createDirectories(scratch.resolve("c/meshctl"));
      Files.copy(key, own.resolve("runtime-signing.pem"));
      Files.copy(Path.of(key + ".pub"), own.resolve("runtime-signing.pem.pub"));
    } else if (options.key.isEmpty()) {
      meshctl.must("runtime", "keygen");
    }
    if (options.local) {
      say("step", "starting the bookshop");
    }
    target.begin(Path.of(key + ".pub"));
    say("step", "building the next version");
    Path good = options.bundle.orElse(scratch.resolve("next.meshbundle"));
    if (options.bundle.isEmpty()) {
      List<String> build =
          new ArrayList<>(
              List.of(
                  "runtime",
                  "build",
                  "--version",
                  "0.2.0",
                  "--key",
                  key.toString(),
                  "--out",
                  good.toString(),
                  "-o",
                  "json"));
      if (options.quick) {
        build.add("--no-training");
      } else if (!options.local) {
        build.add("--linked");
      }
      meshctl.must(build.toArray(String[]::new));
    }
    JsonNode verified =
        meshctl
            .must("runtime", "verify", good.toString(), "--trust", key + ".pub", "-o", "json")
            .json();
    String version = verified.path("version").asString();
    Map<String, Path> bundles = new LinkedHashMap<>();
    Map<String, String> digests = new HashMap<>();
    List<String> versions = new ArrayList<>(List.of(version));
    bundles.put(version, good);
    for (int round = 2; round <= options.rounds; round++) {
      String next = above(version, 0, round - 1);
      versions.add(next);
      bundles.put(next, derived(good, "none", next));
    }
    for (String fault : options.faults) {
      String faulty = above(version, 1, 0) + "-" + fault;
      say("step", "making " + faulty);
      bundles.put(
          faulty,
          derived(good, options.local && OF_THE_FILE.contains(fault) ? "none" : fault, faulty));
    }

    for (Map.Entry<String, Path> each : bundles.entrySet()) {
      boolean refused = !options.local && OF_THE_FILE.stream().anyMatch(each.getKey()::endsWith);
      Meshctl.Said pushed =
          meshctl.run(
              target.asked(
                  "runtime",
                  "push",
                  each.getValue().toString(),
                  "--trust",
                  key + ".pub",
                  "-o",
                  "json"));
      if (refused != (pushed.exit() != 0)) {
        throw new IOException("push of " + each.getKey() + " ended with " + pushed.exit());
      }
      if (!refused) {
        digests.put(each.getKey(), pushed.json().path("digest").asString());
      } else {
        say("refused", each.getKey() + " by runtime push");
      }
    }
    int restartsBefore = target.restarts();

    URI way = target.gateway();
    load.add(
        4,
        "outside",
        Optional.empty(),
        List.of(
            way.resolve("/books"),
            way.resolve("/books/3"),
            way.resolve("/"),
            way.resolve("/recommendations")),
        20);
    target
        .within()
        .ifPresent(proxy ->
            load.add(
                2,
                "inside",
                Optional.of(proxy),
                List.of(
                    URI.create("http://catalog:9080/books"),
                    URI.create("http://reviews:9080/reviews/3")),
                20));
    Target.Counts began = target.customers();
    while (load.samples().size() < WARM) {
      Thread.sleep(100);
    }

    long patched = 0;
    int proxies = 0;
    for (String next : versions) {
      long from = System.currentTimeMillis();
      Thread.sleep(REST);
      long until = System.currentTimeMillis();
      before.add(new long[] {from, until});
      JsonNode seen =
          patch(
              next,
              List.of("--waves", "1,50%,100%", "--fallback", "5s"),
              options.kill && next.equals(version));
      during.add(new long[] {until, System.currentTimeMillis()});
      proxies = seen.path("proxies").size();
      patched = running(seen, next);
      check(
          phase(seen).equals("DONE") && patched == proxies,
          next + ": " + phase(seen) + ", on " + patched + " of " + proxies);
      if (!well) {
        // Nothing that follows would mean anything.
        say("wrong", newest(seen).path("problem").asString());
        load.close();
        return false;
      }
      figures(next, seen);
    }
    // The control plane knows them whole; what is altered now it has to see.
    meshctl.must(target.asked("runtime", "list"));
    for (String fault : options.faults) {
      String faulty = above(version, 1, 0) + "-" + fault;
      if (OF_THE_FILE.contains(fault) && digests.containsKey(faulty)) {
        target.tamper(digests.get(faulty), fault);
      }
    }
    String last = versions.getLast();
    for (String fault : options.faults) {
      String faulty = above(version, 1, 0) + "-" + fault;
      if (!digests.containsKey(faulty)) {
        continue;
      }
      if (OF_THE_FILE.contains(fault)) {
        leftAside(fault, faulty, digests.get(faulty), last, proxies);
        continue;
      }
      long from = System.currentTimeMillis();
      Target.Counts asked = target.customers();
      JsonNode seen =
          patch(
              faulty,
              List.of(
                  "--waves",
                  "1,100%",
                  "--fallback",
                  "30s",
                  "--ready",
                  fault.equals("hang") ? "15s" : "60s"),
              false);
      long on = running(seen, last);
      rolledBack += phase(seen).equals("RETURNED") && on == proxies ? 1 : 0;
      String problem = newest(seen).path("problem").asString();
      check(
          phase(seen).equals("RETURNED") && on == proxies,
          faulty + ": " + phase(seen) + ", " + on + " of " + proxies + " on " + last);
      long to = System.currentTimeMillis();
      // Who had asked by then has been answered.
      Thread.sleep(Duration.ofSeconds(2));
      Target.Counts within = target.customers().since(asked);
      long failed = failedBetween(from, to) + within.failed();
      if (fault.equals("fail")) {
        check(
            problem.startsWith("the gate: ") && failed > 0,
            "the gate did not trip by traffic: " + problem);
        letThrough.add(new long[] {from, to});
        letThroughWithin += within.failed();
      }
      print(
          Map.of(
              "fault",
              fault,
              "problem",
              problem,
              "failed",
              failed,
              "onGood",
              on,
              "tookMs",
              to - from));
    }
    Thread.sleep(Duration.ofSeconds(2));
    load.close();
    return end(
        proxies, patched, target.restarts() - restartsBefore, target.customers().since(began));
  }

  /** What was altered in the control plane's store is given to nobody, and no patch leads to it. */
  private void leftAside(
      String fault, String faulty, String digest, String last, int proxies) throws Exception {
    Meshctl meshctl = target.meshctl();
    long from = System.currentTimeMillis();
    int exit = meshctl.run(target.asked("runtime", "patch", "--to", faulty)).exit();
    boolean given = false;
    for (JsonNode each : meshctl.must(target.asked("runtime", "list", "-o", "json")).json()) {
      given |= each.path("digest").asString().equals(digest);
    }
    JsonNode seen = meshctl.run(target.asked("runtime", "status", "-o", "json")).json();
    long on = running(seen, last);
    check(
        exit != 0 && !given && on == proxies,
        faulty + ": " + exit + ", " + given + ", " + on + " of " + proxies + " on " + last);
    rolledBack += exit != 0 && on == proxies ? 1 : 0;
    long to = System.currentTimeMillis();
    print(
        Map.of(
            "fault",
            fault,
            "problem",
            "the control plane gives it to nobody",
            "failed",
            failedBetween(from, to),
            "onGood",
            on,
            "tookMs",
            to - from));
  }

  private boolean end(int proxies, long patched, int restarts, Target.Counts within)
      throws IOException {
    List<Load.Sample> samples = load.samples();
    List<String> failures =
        samples.stream()
            .map(s ->
                s.failure().isEmpty() || isLetThrough(s)
                    ? ""
                    : (s.atMillis() - samples.getFirst().atMillis())
                        + " ms, "
                        + s.from()
                        + ": "
                        + s.failure())
            .filter(f -> !f.isEmpty())
            .toList();
    failures.stream().limit(20).forEach(failure -> say("failure", failure));
    long failed = failures.size() + within.failed() - letThroughWithin;
    if (options.svg.isPresent()) {
      Files.writeString(
          options.svg.get(), Plot.of(samples, before.getFirst()[0], during.getFirst()[1], marks));
    }
    check(failed == 0 && restarts == 0, failed + " requests failed, " + restarts + " restarts");
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("requests", samples.size() + within.sent());
    line.put("failed", failed);
    line.put("proxies", proxies);
    line.put("patched", patched);
    line.put("rolledBack", rolledBack);
    line.put("containerRestarts", restarts);
    line.put("p99BeforeMs", quantile(before));
    line.put("p99DuringMs", quantile(during));
    System.out.println(Meshctl.JSON.writeValueAsString(line));
    return well;
  }

  private double quantile(List<long[]> windows) {
    long[] all =
        windows.stream()
            .flatMapToLong(w ->
                load.samples().stream()
                    .filter(s -> s.atMillis() >= w[0] && s.atMillis() < w[1])
                    .mapToLong(Load.Sample::micros))
            .sorted()
            .toArray();
    return all.length == 0
        ? -1
        : Math.round(all[(int) Math.min(all.length - 1, all.length * 0.99)] / 10.0) / 100.0;
  }

  /** Of those that were asked in that time. */
  private long failedBetween(long from, long to) {
    return load.samples().stream()
        .filter(s -> s.atMillis() >= from && s.atMillis() <= to && !s.failure().isEmpty())
        .count();
  }

  /** Asked while a version served that fails requests, and the gate had not tripped. */
  private boolean isLetThrough(Load.Sample sample) {
    return letThrough.stream()
        .anyMatch(time -> sample.atMillis() >= time[0] && sample.atMillis() <= time[1]);
  }

  /** One patch to its end, whichever. */
  private JsonNode patch(String version, List<String> how, boolean kill) throws Exception {
    say("step", "patching to " + version);
    List<String> words =
        new ArrayList<>(
            List.of(
                "runtime",
                "patch",
                "--to",
                version,
                "--soak",
                "5s",
                "--drain",
                "10s",
                "--gate",
                Path.of(System.getProperty("show.home"), "slo.yaml").toString(),
                "--watch",
                "-o",
                "json"));
    words.addAll(how);
    Process runner = target.meshctl().start(target.asked(words.toArray(String[]::new)));
    JsonNode last = follow(runner, version, kill);
    runner.waitFor();
    if (kill) {
      say("step", "the runner is dead, and so is the control plane");
      for (int tries = 0; tries < 100; tries++) {
        if (target.meshctl().run(target.asked("runtime", "list")).exit() == 0) {
          break;
        }
      }
      Process another =
          target.meshctl().start(target.asked("runtime", "status", "--watch", "-o", "json"));
      last = follow(another, version, false);
      another.waitFor();
    }
    return last;
  }

  /**
   * Reads views to the end; with {@code kill}, ends the runner and the control plane in between.
   */
  private JsonNode follow(Process runner, String version, boolean kill) throws Exception {
    JsonNode last = Meshctl.JSON.createObjectNode();
    String told = "";
    try (var lines = runner.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        last = Meshctl.JSON.readTree(line);
        JsonNode patch = newest(last);
        String now =
            patch.path("phase").asString().toLowerCase(Locale.ROOT)
                + ", wave "
                + (patch.path("wave").asInt() + 1);
        if (!now.equals(told)) {
          say("patch", version + ": " + now);
          marks.add(new Plot.Mark(System.currentTimeMillis(), version + " " + now));
          told = now;
        }
        if (kill && patch.path("wave").asInt() >= 1) {
          runner.destroyForcibly().waitFor();
          target.killControlPlane();
          return last;
        }
      }
    }
    return last;
  }

  private static JsonNode newest(JsonNode view) {
    JsonNode patches = view.path("patches");
    return patches.path(patches.size() - 1);
  }

  private static String phase(JsonNode view) {
    return newest(view).path("phase").asString();
  }

  private static long running(JsonNode view, String version) {
    long on = 0;
    for (JsonNode proxy : view.path("proxies")) {
      on += proxy.path("runningVersion").asString().equals(version) ? 1 : 0;
    }
    return on;
  }

  /** What each proxy took. */
  private void figures(String version, JsonNode view) {
    List<Double> seconds = new ArrayList<>();
    List<Double> both = new ArrayList<>();
    for (JsonNode proxy : view.path("proxies")) {
      JsonNode took = proxy.path("took");
      seconds.add(
          took.isNumber() ? took.asDouble() : Duration.parse(took.asString()).toMillis() / 1e3);
      both.add(proxy.path("overlapBytes").asLong() / 1e6);
    }
    seconds.sort(null);
    both.sort(null);
    print(
        Map.of(
            "version",
            version,
            "proxySecondsMedian",
            seconds.get(seconds.size() / 2),
            "proxySecondsMost",
            seconds.getLast(),
            "bothMBMedian",
            both.get(both.size() / 2),
            "bothMBMost",
            both.getLast()));
  }

  private Path derived(Path good, String fault, String version) throws Exception {
    Path out = scratch.resolve(version + ".meshbundle");
    FaultyBundle.main(
        new String[] {good.toString(), key.toString(), fault, version, out.toString()});
    return out;
  }

  /** A later version. */
  private static String above(String version, int minor, int patch) {
    String[] parts = version.split("[.+-]");
    return parts[0]
        + "."
        + (Integer.parseInt(parts[1]) + minor)
        + "."
        + (minor > 0 ? patch : Integer.parseInt(parts[2]) + patch);
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      well = false;
      say("wrong", otherwise);
    }
  }

  private void say(String what, String text) {
    if (options.json) {
      print(Map.of(what, text));
    } else {
      System.out.println(
          Instant.now().toString().substring(11, 19)
              + "  "
              + (what.equals("step") || what.equals("patch") ? "" : what + ": ")
              + text);
    }
  }

  private void print(Map<String, Object> line) {
    System.out.println(Meshctl.JSON.writeValueAsString(new java.util.TreeMap<>(line)));
  }
}
