package dev.meshctl.dataplane.balance;

import dev.meshctl.dataplane.resilience.OutlierDetector.Outcome;
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.SocketEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One choice of a host and its account: what the balancer costs a request. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BalancerBenchmark {
  @Param({"LEAST_REQUEST", "ROUND_ROBIN", "RANDOM", "RING_HASH", "MAGLEV"})
  public LoadBalancing policy = LoadBalancing.ROUND_ROBIN;

  @Param({"3", "1000"})
  public int hosts = 3;

  private final SplittableRandom dice = new SplittableRandom(1);
  private Balancer<Integer> balancer = balancer(LoadBalancing.ROUND_ROBIN);
  private long now;

  private Balancer<Integer> balancer(LoadBalancing by) {
    return new Balancer<>(
        new ClusterConfig(
            "up",
            new ClusterConfig.Discovery.Eds("up"),
            Duration.ofSeconds(1),
            by,
            new ClusterConfig.Transport.Plaintext(),
            ClusterConfig.UpstreamProtocol.HTTP1,
            ClusterConfig.CircuitBreakers.DEFAULT,
            Optional.empty(),
            ClusterConfig.ServiceRef.UNKNOWN,
            BalancingOptions.DEFAULT),
        new Balancer.Owner<>() {
          @Override
          public Integer open(Endpoint endpoint) {
            return endpoint.address().port();
          }

          @Override
          public void changed(Integer attachment, Endpoint endpoint) {}

          @Override
          public void close(Integer attachment) {}
        },
        dice,
        () -> true,
        0);
  }

  @Setup
  public void open() {
    balancer = balancer(policy);
    balancer.update(
        new LoadAssignment(
            "up",
            List.of(
                new LocalityEndpoints(
                    Locality.NONE,
                    0,
                    0,
                    IntStream.rangeClosed(1, hosts)
                        .mapToObj(port ->
                            new Endpoint(
                                new SocketEndpoint("127.0.0.1", port),
                                Health.HEALTHY,
                                1,
                                false,
                                WorkloadRef.UNKNOWN))
                        .toList()))));
  }

  @Benchmark
  public Host<Integer> choose() {
    Host<Integer> host = balancer.pick(dice.nextLong());
    balancer.started(host);
    balancer.ended(host, Outcome.SUCCESS, now++);
    return host;
  }
}
