package dev.meshctl.cli.runtime;

import dev.meshctl.bundle.Manifest;
import dev.meshctl.bundle.VerifiedBundle;
import java.util.List;

/** What people are shown of a bundle. */
record BundleView(
    String file,
    String digest,
    String version,
    String buildId,
    String signer,
    long bytes,
    long unpackedBytes,
    Manifest.Requirements requires,
    List<String> programs,
    List<EntryView> entries) {

  /** What people are shown of an entry. */
  record EntryView(String path, long bytes, long packedBytes, String sha256) {}

  static BundleView of(VerifiedBundle bundle) {
    Manifest manifest = bundle.manifest();
    return new BundleView(
        bundle.file().toString(),
        bundle.digest(),
        manifest.version(),
        manifest.buildId(),
        bundle.signer(),
        bundle.fileBytes(),
        manifest.contentBytes(),
        manifest.requires(),
        manifest.programs().stream().map(Manifest.Program::name).toList(),
        manifest.entries().stream()
            .map(e -> new EntryView(e.path(), e.size(), e.packedSize(), e.sha256()))
            .toList());
  }

  /** Decimal megabytes, as disks count. */
  static String megabytes(long bytes) {
    return String.format(java.util.Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
