package dev.meshctl.integration.served;

import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * gRPC's own xDS client, in a JVM with its jars: for each number on standard input it makes so many
 * calls, and prints who answered how many as {@code NAME=COUNT,...}; failures under their status.
 */
public final class GrpcXdsClient {
  static final MethodDescriptor<String, String> WHO =
      MethodDescriptor.<String, String>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("judged.Backend/Who")
          .setRequestMarshaller(new Text())
          .setResponseMarshaller(new Text())
          .build();

  private GrpcXdsClient() {}

  /** A message that is its text. */
  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * @param arguments the target, {@code xds:///HOST:PORT}; then {@code xds} to connect as the
   *     control plane says, otherwise it is in the clear
   */
  public static void main(String[] arguments) throws Exception {
    ChannelCredentials credentials = InsecureChannelCredentials.create();
    if (arguments.length > 1) {
      // Its own jars have it, ours do not.
      credentials =
          (ChannelCredentials)
              Class.forName("io.grpc.xds.XdsChannelCredentials")
                  .getMethod("create", ChannelCredentials.class)
                  .invoke(null, credentials);
    }
    ManagedChannel channel = Grpc.newChannelBuilder(arguments[0], credentials).build();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Map<String, Integer> seen = new TreeMap<>();
      for (int i = 0; i < Integer.parseInt(line); i++) {
        seen.merge(call(channel), 1, Integer::sum);
      }
      System.out.println("SEEN " + seen);
    }
    channel.shutdownNow();
  }

  private static String call(ManagedChannel channel) {
    try {
      return ClientCalls.blockingUnaryCall(
          channel, WHO, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), "");
    } catch (StatusRuntimeException failed) {
      System.out.println("FAILED " + failed.getStatus());
      return failed.getStatus().getCode().name();
    }
  }
}
