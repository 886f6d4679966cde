package dev.meshctl.model.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** A self-signed certificate with its key, made by the JDK's keytool for one test run. */
public record TestIdentity(String certificatePem, String keyPem) {
  private static final char[] PASSWORD = "test-only".toCharArray();

  /** For {@code localhost} and a workload of the mesh. */
  public static TestIdentity create(Path folder) throws Exception {
    Path store = folder.resolve("identity.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "own",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=test",
                "-ext",
                "san=uri:spiffe://cluster.local/ns/test/sa/test,dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .inheritIO()
            .start();
    if (!keytool.waitFor(1, TimeUnit.MINUTES) || keytool.exitValue() != 0) {
      keytool.destroyForcibly();
      throw new IllegalStateException("keytool made no certificate");
    }
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
    return new TestIdentity(
        pem("CERTIFICATE", keys.getCertificate("own").getEncoded()),
        pem("PRIVATE KEY", keys.getKey("own", PASSWORD).getEncoded()));
  }

  /** {@code cert.pem} and {@code key.pem} in {@code folder}. */
  public TestIdentity write(Path folder) throws IOException {
    Files.writeString(folder.resolve("cert.pem"), certificatePem);
    Files.writeString(folder.resolve("key.pem"), keyPem);
    return this;
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }
}
