package dev.meshctl.dataplane;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code grpc.health.v1.Health}, its messages as bytes. */
public final class GrpcHealth {
  private GrpcHealth() {}

  /**
   * @param answer to a question after a service whose name has four letters: 1 is SERVING, 2 is
   *     NOT_SERVING; after any other it is SERVICE_UNKNOWN
   */
  public static BindableService service(AtomicInteger answer) {
    MethodDescriptor<byte[], byte[]> check =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("grpc.health.v1.Health/Check")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();
    return () ->
        ServerServiceDefinition.builder("grpc.health.v1.Health")
            .addMethod(
                check,
                ServerCalls.asyncUnaryCall((request, observer) -> {
                  boolean asked = request.length == 6 && request[1] == 4;
                  observer.onNext(new byte[] {8, (byte) (asked ? answer.get() : 3)});
                  observer.onCompleted();
                }))
            .build();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
