package dev.meshctl.bundle;

import dev.meshctl.bundle.BundleException.Reason;
import dev.meshctl.bundle.Manifest.Entry;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;

/**
 * A bundle as a file:
 *
 * <pre>
 * MESHBUNDLE1\n  length of the manifest (4 bytes, big-endian)  manifest (JSON)
 * SHA-256 of the signer's public key (32)  Ed25519 signature of magic and manifest (64)
 * the contents of the entries, one after the other, as the manifest lists them, and nothing else
 * </pre>
 */
public final class BundleFile {
  static final byte[] MAGIC = "MESHBUNDLE1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int SIGNATURE_BYTES = 64;
  private static final int CHUNK = 1 << 16;

  private BundleFile() {}

  static int headBytes(int manifestBytes) {
    return MAGIC.length + Integer.BYTES + manifestBytes + TrustedKey.ID_BYTES + SIGNATURE_BYTES;
  }

  /**
   * Reads all of {@code file} and finds it whole, unaltered, and signed by one of {@code trusted}.
   *
   * @throws BundleException where it is not; the message names the part
   */
  public static VerifiedBundle verify(Path file, Collection<TrustedKey> trusted)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      Head head = head(channel, trusted);
      Manifest manifest = Manifest.of(head.manifest);
      long expected = head.bytes + manifest.packedBytes();
      if (channel.size() < expected) {
        throw new BundleException(
            Reason.CUT_SHORT,
            "the file has " + channel.size() + " bytes (expected: " + expected + ")");
      }
      if (channel.size() > expected) {
        throw new BundleException(
            Reason.ALTERED,
            "the file has " + channel.size() + " bytes, and the manifest accounts for " + expected);
      }
      InputStream contents = Channels.newInputStream(channel);
      for (Entry entry : manifest.entries()) {
        checkPacked(contents, entry);
      }
      return new VerifiedBundle(
          file, manifest, Digests.of(head.manifest), head.signer, head.bytes, channel.size());
    }
  }

  /**
   * @param bytes of it, at which the contents begin
   */
  private record Head(byte[] manifest, String signer, long bytes) {}

  private static Head head(FileChannel channel, Collection<TrustedKey> trusted) throws IOException {
    byte[] magic = read(channel, MAGIC.length, "the head");
    if (!Arrays.equals(magic, MAGIC)) {
      throw new BundleException(Reason.MALFORMED, "it does not begin as a bundle does");
    }
    int length = ByteBuffer.wrap(read(channel, Integer.BYTES, "the head")).getInt();
    if (length < 0 || length > Manifest.MAX_BYTES) {
      throw new BundleException(
          Reason.TOO_LARGE,
          "the manifest: "
              + Integer.toUnsignedLong(length)
              + " bytes (expected: at most "
              + Manifest.MAX_BYTES
              + ")");
    }
    byte[] manifest = read(channel, length, "the manifest");
    byte[] id = read(channel, TrustedKey.ID_BYTES, "the signature");
    byte[] signature = read(channel, SIGNATURE_BYTES, "the signature");
    String signer = HexFormat.of().formatHex(id);
    TrustedKey key =
        trusted.stream()
            .filter(each -> each.isNamed(id))
            .findFirst()
            .orElseThrow(() ->
                new BundleException(
                    Reason.UNTRUSTED_KEY,
                    "signed by key "
                        + signer
                        + ", which is not trusted (trusted: "
                        + trusted.stream().map(TrustedKey::fingerprint).sorted().toList()
                        + ")"));
    if (!key.verifies(signature, MAGIC, manifest)) {
      throw new BundleException(
          Reason.BAD_SIGNATURE, "the signature of key " + signer + " is not that of the manifest");
    }
    return new Head(manifest, signer, headBytes(length));
  }

  private static byte[] read(FileChannel channel, int length, String part) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new BundleException(
            Reason.CUT_SHORT, "the file ends within " + part + ", at byte " + channel.position());
      }
    }
    return bytes.array();
  }

  /** What is packed is known to be right before any of it is unpacked. */
  private static void checkPacked(InputStream contents, Entry entry) throws IOException {
    var digest = Digests.sha256();
    byte[] chunk = new byte[CHUNK];
    long left = entry.packedSize();
    while (left > 0) {
      int read = contents.read(chunk, 0, (int) Math.min(chunk.length, left));
      if (read < 0) {
        throw new EOFException("the file shrank while " + entry.path() + " was read");
      }
      digest.update(chunk, 0, read);
      left -= read;
    }
    if (!Digests.hex(digest).equals(entry.packedSha256())) {
      throw new BundleException(
          Reason.ALTERED, entry.path() + ": its bytes are not those that were signed");
    }
  }
}
