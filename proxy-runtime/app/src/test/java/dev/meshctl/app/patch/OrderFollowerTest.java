package dev.meshctl.app.patch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.bundle.BundleFile;
import dev.meshctl.bundle.BundleStore;
import dev.meshctl.bundle.BundleWriter;
import dev.meshctl.bundle.Host;
import dev.meshctl.bundle.Manifest;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.model.xds.RuntimeOrder.Limits;
import dev.meshctl.model.xds.RuntimeOrder.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Between a supervisor and a control plane for which the test speaks, over real sockets. What runs
 * is 1.0, which came with the image, unless a test says otherwise.
 */
class OrderFollowerTest {
  private static final SigningKey KEY = SigningKey.generate();
  private static final String PROXY = "sidecar~10.0.0.1~reviews-0.shop~shop.svc";
  private static final RunningRuntime SHIPPED = new RunningRuntime("1.0", "");
  private static final Limits LIMITS =
      new Limits(Duration.ofSeconds(60), Duration.ofSeconds(300), Duration.ofSeconds(30));

  @TempDir private Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Clock clock = new Clock();
  private volatile long room = RuntimeReport.UNLIMITED;
  private SpokenSupervisor supervisor;
  private SpokenControlPlane plane;

  /** Stands still; that it is asked can be noticed. */
  private static final class Clock implements InstantSource {
    private volatile Runnable asked = () -> {};

    @Override
    public Instant instant() {
      return Instant.parse("2026-11-29T12:00:00Z");
    }

    @Override
    public long millis() {
      asked.run();
      return instant().toEpochMilli();
    }
  }

  @BeforeEach
  void speak() throws IOException {
    supervisor = SpokenSupervisor.listen(folder.resolve("s"));
    open.add(supervisor);
    plane = SpokenControlPlane.serve();
    open.add(plane);
    Files.writeString(folder.resolve("keys.pem"), KEY.trusted().pem());
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  /** No time passes; whoever is interrupted notices. */
  private static void pause(Duration length) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    Thread.yield();
  }

  private OrderFollower process(RunningRuntime running) throws IOException {
    return process(Optional.empty(), running);
  }

  private OrderFollower process(Optional<Path> predecessor, RunningRuntime running)
      throws IOException {
    Generation generation =
        new Generation(
            supervisor.socket(),
            0,
            folder.resolve("h"),
            predecessor,
            running.digest().isEmpty()
                ? folder.resolve("shipped")
                : folder.resolve("state/runtimes").resolve(running.digest()),
            folder.resolve("shipped"),
            folder.resolve("state"),
            folder.resolve("keys.pem"));
    CompletableFuture<OrderFollower> follower = new CompletableFuture<>();
    // It lives without saying so: no sign of life is between what the test waits for.
    SupervisorLine line =
        SupervisorLine.connect(
            supervisor.socket(),
            () -> false,
            length -> new CountDownLatch(1).await(),
            told -> follower.join().told(told));
    open.add(line);
    OrderFollower started =
        OrderFollower.start(
            PROXY,
            generation,
            running,
            line,
            plane.client(OrderFollowerTest::pause),
            new OrderFollower.Surroundings(
                OrderFollowerTest::pause, new Random(7), clock, () -> room));
    follower.complete(started);
    open.add(started);
    return started;
  }

  /** A bundle that the control plane has. */
  private RunningRuntime bundle(String version) throws IOException {
    Path contents = Files.createDirectories(folder.resolve("contents/lib"));
    Files.writeString(contents.resolve("a.jar"), version.repeat(100));
    Path file = folder.resolve(version + ".meshbundle");
    Host here = Host.here();
    BundleWriter.write(
        folder.resolve("contents"),
        new BundleWriter.Description(
            version,
            "",
            new Manifest.Requirements(here.javaFeature(), "", here.os(), here.arch()),
            123_000_000,
            List.of()),
        KEY,
        file,
        path -> {});
    String digest = BundleFile.verify(file, List.of(KEY.trusted())).digest();
    plane.has(digest, Files.readAllBytes(file));
    return new RunningRuntime(version, digest);
  }

  /** As {@code bundle}, and it ran here: it is on the volume, packed and unpacked. */
  private RunningRuntime ran(String version) throws IOException {
    RunningRuntime runtime = bundle(version);
    Files.createDirectories(folder.resolve("state/runtimes").resolve(runtime.digest()));
    new BundleStore(folder.resolve("state/bundles"), clock)
        .add(folder.resolve(version + ".meshbundle"), List.of(KEY.trusted()));
    FollowedOrder.read(folder.resolve("state"))
        .ran(runtime.digest())
        .write(folder.resolve("state"));
    return runtime;
  }

  private static RuntimeOrder order(long generation, RunningRuntime to) {
    return order(generation, to, false);
  }

  private static RuntimeOrder order(long generation, RunningRuntime to, boolean rollback) {
    return new RuntimeOrder(
        generation,
        "patch-1",
        to.digest().isEmpty()
            ? new Target.Shipped(to.version())
            : new Target.Bundle(to.version(), to.digest(), rollback),
        LIMITS);
  }

  private String asked(long generation, RunningRuntime to) {
    return "start %d 60000 300000 30000 123000000 %s"
        .formatted(generation, folder.resolve("state/runtimes").resolve(to.digest()));
  }

  private List<String> names(String of) {
    try (Stream<Path> files = Files.list(folder.resolve("state").resolve(of))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException unread) {
      throw new UncheckedIOException(unread);
    }
  }

  private static List<Stage> stages(List<RuntimeReport> reports) {
    return reports.stream().map(RuntimeReport::stage).distinct().toList();
  }

  @Test
  void an_order_is_followed_stage_by_stage_until_the_next_process_takes_over() throws Exception {
    RunningRuntime next = bundle("1.1");
    OrderFollower follower = process(SHIPPED);
    plane.until(Stage.RUNNING, 0);

    follower.order(order(1, next));

    assertThat(supervisor.hear()).isEqualTo(asked(1, next));
    assertThat(folder.resolve("state/runtimes").resolve(next.digest()).resolve("lib/a.jar"))
        .hasContent("1.1".repeat(100));
    assertThat(stages(plane.until(Stage.STARTING, 1)))
        .containsExactly(Stage.FETCHING, Stage.VERIFYING, Stage.UNPACKING, Stage.STARTING);

    supervisor.say("started 1");
    supervisor.say("ready 1");

    RuntimeReport last = plane.until(Stage.HANDING_OVER, 1).getLast();
    assertThat(last.runningVersion()).as("what this process runs").isEqualTo("1.0");
  }

  @Test
  void an_order_that_is_overtaken_while_it_is_unpacked_is_not_started() throws Exception {
    RunningRuntime first = bundle("1.1");
    RunningRuntime second = bundle("1.2");
    OrderFollower follower = process(SHIPPED);
    Path whole = folder.resolve("state/bundles").resolve(first.digest() + ".meshbundle");
    AtomicBoolean overtaken = new AtomicBoolean();
    // Once it is whole the next that asks for the time is the report that it is unpacked.
    clock.asked =
        () -> {
          if (Files.exists(whole) && overtaken.compareAndSet(false, true)) {
            follower.order(order(2, second));
            // Unpacking does not notice.
            assertThat(Thread.interrupted()).isTrue();
          }
        };

    follower.order(order(1, first));

    assertThat(supervisor.hear()).isEqualTo(asked(2, second));
    assertThat(overtaken).isTrue();
    List<RuntimeReport> reports = plane.until(Stage.STARTING, 2);
    assertThat(reports)
        .as("of the first nothing more is said, and never that it failed")
        .noneMatch(report -> report.stage() == Stage.FAILED)
        .noneMatch(report -> report.stage() == Stage.STARTING && report.generation() == 1);
    assertThat(supervisor.unheard()).isZero();
    assertThat(names("runtimes")).containsExactly(second.digest());
  }

  @Test
  void an_order_that_is_overtaken_while_its_bundle_comes_is_let_go() throws Exception {
    RunningRuntime first = bundle("1.1");
    RunningRuntime second = bundle("1.2");
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    open.add(never::countDown);
    plane.whenAsked(digest -> {
      if (digest.equals(first.digest())) {
        asked.countDown();
        await(never);
      }
    });
    OrderFollower follower = process(SHIPPED);
    follower.order(order(1, first));
    assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();

    follower.order(order(2, second));

    assertThat(supervisor.hear()).isEqualTo(asked(2, second));
    assertThat(plane.until(Stage.STARTING, 2)).noneMatch(report -> report.stage() == Stage.FAILED);
    assertThat(names("bundles"))
        .as("what came of the first is gone")
        .containsExactly(second.digest() + ".meshbundle");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void an_order_to_go_back_while_the_new_process_is_watched_makes_it_give_up() throws Exception {
    RunningRuntime next = bundle("1.1");
    OrderFollower old = process(SHIPPED);
    old.order(order(1, next));
    assertThat(supervisor.hear()).startsWith("start 1 ");
    supervisor.say("ready 1");
    plane.until(Stage.HANDING_OVER, 1);
    OrderFollower fresh = process(Optional.of(folder.resolve("h")), next);
    fresh.serving();
    assertThat(plane.until(Stage.WATCHING, 1).getLast().runningVersion()).isEqualTo("1.1");

    old.order(order(2, SHIPPED));
    fresh.order(order(2, SHIPPED));

    assertThat(supervisor.hear()).isEqualTo("giveup order 2 is to go back");
    assertThat(supervisor.unheard()).as("no third process").isZero();

    supervisor.say("rolledback 1 4096 it gave up: order 2 is to go back");

    RuntimeReport back = plane.until(Stage.ROLLED_BACK, 1).getLast();
    assertThat(back.runningVersion()).isEqualTo("1.0");
    assertThat(back.reason()).isEqualTo("it gave up: order 2 is to go back");
    assertThat(back.overlapBytes()).isEqualTo(4096);
    assertThat(plane.until(Stage.DONE, 2).getLast().runningVersion())
        .as("the order to go back is followed by who never left")
        .isEqualTo("1.0");
    assertThat(supervisor.unheard()).isZero();
  }

  @Test
  void an_order_to_go_on_waits_until_the_process_that_is_watched_is_settled() throws Exception {
    RunningRuntime next = bundle("1.1");
    RunningRuntime later = bundle("1.2");
    OrderFollower fresh = process(Optional.of(folder.resolve("h")), next);
    fresh.serving();

    fresh.order(order(2, later));
    assertThat(supervisor.unheard()).as("it is watched").isZero();
    supervisor.say("settled 1 8192");

    assertThat(supervisor.hear()).isEqualTo(asked(2, later));
    List<RuntimeReport> reports = plane.until(Stage.STARTING, 2);
    assertThat(stages(reports).subList(0, 2)).containsExactly(Stage.WATCHING, Stage.DONE);
    assertThat(FollowedOrder.read(folder.resolve("state")).ranBefore())
        .as("the way back to it is known")
        .containsExactly(next.digest());
  }

  @Test
  void what_the_supervisor_refuses_or_sees_fail_is_reported_in_its_words_and_not_tried_again()
      throws Exception {
    RunningRuntime next = bundle("1.1");
    OrderFollower follower = process(SHIPPED);
    follower.order(order(1, next));
    assertThat(supervisor.hear()).startsWith("start 1 ");

    supervisor.say("failed 1 0 memory: 900 bytes of the limit 1000 are in use");

    RuntimeReport failed = plane.until(Stage.FAILED, 1).getLast();
    assertThat(failed.reason()).isEqualTo("memory: 900 bytes of the limit 1000 are in use");
    assertThat(failed.runningVersion()).isEqualTo("1.0");

    follower.order(order(1, next));
    process(SHIPPED).order(order(1, next));
    // The next generation is heard of next: the first was not said again meanwhile.
    follower.order(order(2, next));
    assertThat(supervisor.hear()).startsWith("start 2 ");
  }

  @Test
  void what_memory_the_container_has_left_is_said_with_each_stage() throws Exception {
    RunningRuntime next = bundle("1.1");
    room = 300_000_000;
    OrderFollower follower = process(SHIPPED);
    assertThat(plane.until(Stage.RUNNING, 0).getLast().roomBytes()).isEqualTo(300_000_000);

    room = 200_000_000;
    follower.order(order(1, next));

    assertThat(plane.until(Stage.STARTING, 1).getLast().roomBytes()).isEqualTo(200_000_000);
  }

  @Test
  void the_same_order_twice_is_followed_once() throws Exception {
    RunningRuntime next = bundle("1.1");
    OrderFollower follower = process(SHIPPED);

    follower.order(order(1, next));
    follower.order(order(1, next));
    assertThat(supervisor.hear()).startsWith("start 1 ");
    follower.order(order(1, next));
    supervisor.say("ready 1");
    follower.order(order(1, next));

    assertThat(stages(plane.until(Stage.HANDING_OVER, 1)))
        .containsExactly(
            Stage.RUNNING,
            Stage.FETCHING,
            Stage.VERIFYING,
            Stage.UNPACKING,
            Stage.STARTING,
            Stage.HANDING_OVER);
    assertThat(supervisor.unheard()).isZero();
  }

  @Test
  void an_order_for_what_runs_is_done_at_once() throws Exception {
    RunningRuntime running = ran("1.1");
    OrderFollower follower = process(running);

    follower.order(order(1, running));

    assertThat(stages(plane.until(Stage.DONE, 1))).containsExactly(Stage.RUNNING, Stage.DONE);
    assertThat(supervisor.unheard()).isZero();
  }

  @Test
  void what_was_shipped_is_started_without_fetching_anything() throws Exception {
    OrderFollower follower = process(ran("1.1"));

    follower.order(order(1, SHIPPED));

    assertThat(supervisor.hear())
        .isEqualTo("start 1 60000 300000 30000 0 " + folder.resolve("shipped"));
  }

  @Test
  void a_supervisor_that_goes_while_the_next_process_starts_fails_the_order() throws Exception {
    RunningRuntime next = bundle("1.1");
    OrderFollower follower = process(SHIPPED);
    follower.order(order(1, next));
    assertThat(supervisor.hear()).startsWith("start 1 ");

    supervisor.vanish();

    assertThat(plane.until(Stage.FAILED, 1).getLast().reason()).isEqualTo("the supervisor is gone");

    follower.order(order(2, next));
    assertThat(plane.until(Stage.FAILED, 2).getLast().reason()).isEqualTo("the supervisor is gone");
  }

  @Test
  void a_version_goes_down_only_by_an_order_to_go_back_to_what_ran_here() throws Exception {
    RunningRuntime before = ran("1.1");
    RunningRuntime never = bundle("1.0.5");
    RunningRuntime running = ran("1.2");
    OrderFollower follower = process(running);

    follower.order(order(1, before));
    assertThat(plane.until(Stage.FAILED, 1).getLast().reason()).contains("1.1").contains("1.2");
    follower.order(order(2, never, true));
    assertThat(plane.until(Stage.FAILED, 2).getLast().reason()).contains("1.0.5");
    follower.order(order(3, before, true));

    assertThat(supervisor.hear()).isEqualTo(asked(3, before));
  }

  @Test
  void the_volume_holds_what_runs_what_ran_before_and_what_comes() throws Exception {
    RunningRuntime old = ran("1.0.1");
    RunningRuntime before = ran("1.1");
    RunningRuntime running = ran("1.2");
    RunningRuntime next = bundle("1.3");
    RunningRuntime failed = bundle("1.3.1");
    String begun = "ab".repeat(32);
    BundleStore store = new BundleStore(folder.resolve("state/bundles"), clock);
    store.add(folder.resolve("1.3.1.meshbundle"), List.of(KEY.trusted()));
    try (BundleStore.Transfer transfer = store.incoming(begun)) {
      transfer.append(ByteBuffer.wrap(new byte[100]));
    }
    assertThat(names("bundles"))
        .contains(old.digest() + ".meshbundle", failed.digest() + ".meshbundle", begun + ".part");
    CompletableFuture<List<String>> whileItComes = new CompletableFuture<>();
    plane.whenAsked(digest -> whileItComes.complete(names("bundles")));
    OrderFollower follower = process(running);

    follower.order(order(1, next));

    assertThat(supervisor.hear()).isEqualTo(asked(1, next));
    assertThat(whileItComes.join())
        .as("room is made before anything comes")
        .containsExactlyInAnyOrder(
            before.digest() + ".meshbundle",
            running.digest() + ".meshbundle",
            next.digest() + ".part");
    assertThat(names("bundles"))
        .containsExactlyInAnyOrder(
            before.digest() + ".meshbundle",
            running.digest() + ".meshbundle",
            next.digest() + ".meshbundle");
    assertThat(names("runtimes")).containsExactlyInAnyOrder(running.digest(), next.digest());
  }
}
