package dev.meshctl.dataplane.testing;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A gRPC service {@code test.Echo} of plain bytes, with a method of each kind. */
public final class GrpcEcho {
  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
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
      };

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder(BYTES, BYTES)
        .setType(type)
        .setFullMethodName("test.Echo/" + name)
        .build();
  }

  public static final MethodDescriptor<byte[], byte[]> UNARY = method("Unary", MethodType.UNARY);
  public static final MethodDescriptor<byte[], byte[]> FAIL = method("Fail", MethodType.UNARY);
  public static final MethodDescriptor<byte[], byte[]> MANY =
      method("Many", MethodType.SERVER_STREAMING);
  public static final MethodDescriptor<byte[], byte[]> CHAT =
      method("Chat", MethodType.BIDI_STREAMING);

  private GrpcEcho() {}

  public static ServerServiceDefinition service() {
    return ServerServiceDefinition.builder("test.Echo")
        .addMethod(
            UNARY,
            ServerCalls.asyncUnaryCall((request, responses) -> {
              responses.onNext(request);
              responses.onCompleted();
            }))
        .addMethod(
            FAIL,
            ServerCalls.asyncUnaryCall((request, responses) ->
                responses.onError(
                    Status.FAILED_PRECONDITION.withDescription("not now").asException())))
        .addMethod(
            MANY,
            ServerCalls.asyncServerStreamingCall((request, responses) -> {
              for (int i = 0; i < 200; i++) {
                responses.onNext(request);
              }
              responses.onCompleted();
            }))
        .addMethod(
            CHAT,
            ServerCalls.asyncBidiStreamingCall(responses ->
                new StreamObserver<>() {
                  @Override
                  public void onNext(byte[] value) {
                    responses.onNext(value);
                  }

                  @Override
                  public void onError(Throwable t) {}

                  @Override
                  public void onCompleted() {
                    responses.onCompleted();
                  }
                }))
        .build();
  }
}
