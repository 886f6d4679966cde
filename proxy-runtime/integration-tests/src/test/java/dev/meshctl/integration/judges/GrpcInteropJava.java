package dev.meshctl.integration.judges;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Runs many cases of gRPC's Java interoperability client in one JVM, with its jars on the class
 * path: its own main runs one and exits.
 */
public final class GrpcInteropJava {
  private GrpcInteropJava() {}

  /**
   * Prints {@code PASSED route case} or {@code FAILED route case why} for each.
   *
   * @param arguments the cases with commas between, then {@code route=port} for each route
   */
  public static void main(String[] arguments) throws Exception {
    try (ExecutorService ways = Executors.newCachedThreadPool()) {
      for (int i = 1; i < arguments.length; i++) {
        String[] route = arguments[i].split("=", -1);
        ways.execute(() -> {
          for (String name : arguments[0].split(",", -1)) {
            System.out.println(outcome(route[0], route[1], name));
          }
        });
      }
    }
    // Channels of the client keep threads of their own.
    System.exit(0);
  }

  private static String outcome(String route, String port, String name) {
    try {
      return run(route, port, name);
    } catch (ReflectiveOperationException unusable) {
      return "FAILED " + route + " " + name + " " + why(unusable);
    }
  }

  private static String run(String route, String port, String name)
      throws ReflectiveOperationException {
    Class<?> type = Class.forName("io.grpc.testing.integration.TestServiceClient");
    Object client = type.getConstructor().newInstance();
    String[] words = {
      "--server_host=127.0.0.1",
      "--server_port=" + port,
      "--use_tls=false",
      "--soak_iterations=10",
      // The machine may be busy, and that is not what is judged.
      "--soak_per_iteration_max_acceptable_latency_ms=10000",
      "--soak_overall_timeout_seconds=60",
      "--test_case=" + name
    };
    call(client, "parseArgs", new Class<?>[] {String[].class}, (Object) words);
    call(client, "setUp", new Class<?>[0]);
    try {
      call(client, "run", new Class<?>[0]);
      return "PASSED " + route + " " + name;
    } catch (InvocationTargetException failed) {
      return "FAILED " + route + " " + name + " " + why(failed);
    } finally {
      call(client, "tearDown", new Class<?>[0]);
    }
  }

  private static void call(Object client, String name, Class<?>[] types, Object... values)
      throws ReflectiveOperationException {
    Method method = client.getClass().getDeclaredMethod(name, types);
    method.setAccessible(true);
    method.invoke(client, values);
  }

  private static String why(Throwable failed) {
    Throwable cause = failed;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause).replace('\n', ' ');
  }
}
