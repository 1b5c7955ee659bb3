// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.testkit.SmallDisk;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path directory;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void writesBytesTextLinesStreamsAndChannels() throws IOException {
    Path file = directory.resolve("file");
    AtomicFiles.write(file, new byte[] {1, 2, 3});
    assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
    AtomicFiles.write(file, "größer");
    assertThat(file).hasContent("größer");
    AtomicFiles.writeLines(file, List.of("a", "b"));
    assertThat(Files.readString(file)).isEqualTo("a\nb\n");
    AtomicFiles.writeText(file, out -> out.write("text"));
    assertThat(file).hasContent("text");
    AtomicFiles.writeStream(file, out -> out.write(7));
    assertThat(file).hasBinaryContent(new byte[] {7});
    AtomicFiles.writeStream(
        file,
        out -> {
          out.write(8);
          out.close();
        });
    assertThat(file).hasBinaryContent(new byte[] {8});
    AtomicFiles.writeChannel(
        file,
        channel -> {
          AtomicFiles.writeFully(channel, ByteBuffer.wrap(new byte[] {0, 2}));
          channel.position(0);
          AtomicFiles.writeFully(channel, ByteBuffer.wrap(new byte[] {1}));
        });
    assertThat(file).hasBinaryContent(new byte[] {1, 2});
    assertThat(names()).containsExactly("file");
  }

  @Test
  void permissionsAreThoseOfTheUmask() throws IOException {
    Path plain = Files.createFile(directory.resolve("plain"));
    Path file = directory.resolve("file");
    AtomicFiles.write(file, "text");
    assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(plain));
  }

  @Test
  void theFileIsThereOnlyWhenItIsWhole() throws IOException {
    Path file = directory.resolve("file");
    AtomicFiles.writeChannel(
        file,
        channel -> {
          AtomicFiles.writeFully(channel, ByteBuffer.wrap(new byte[100]));
          assertThat(file).doesNotExist();
          assertThat(names()).singleElement().asString().startsWith(".file.").endsWith(".part");
        });
    assertThat(file).hasSize(100);
  }

  @Test
  void whateverIsThrownLeavesTheOldFileAndNoTemporaryOne() throws IOException {
    Path file = directory.resolve("file");
    Files.writeString(file, "old");
    List<Throwable> failures =
        List.of(
            new InterruptedIOException("late"),
            new IllegalStateException("wrong"),
            new OutOfMemoryError("no room"),
            new StackOverflowError());
    for (Throwable failure : failures) {
      assertThatThrownBy(
              () ->
                  AtomicFiles.writeChannel(
                      file,
                      channel -> {
                        channel.write(ByteBuffer.wrap(new byte[10]));
                        fail(failure);
                      }))
          .isSameAs(failure);
      assertThat(file).hasContent("old");
      assertThat(names()).containsExactly("file");
    }
  }

  private static void fail(Throwable failure) throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    } else if (failure instanceof RuntimeException e) {
      throw e;
    }
    throw (Error) failure;
  }

  @Test
  void textThatUtf8CannotExpressIsRefused() throws IOException {
    Path file = directory.resolve("file");
    assertThatThrownBy(() -> AtomicFiles.write(file, "\uD800")).isInstanceOf(IOException.class);
    assertThat(names()).isEmpty();
  }

  @Test
  void aFileOfWhichNothingCameIsDropped() throws IOException {
    Path file = directory.resolve("file");
    FileChannel channel;
    try (AtomicFile atomic = AtomicFile.create(file)) {
      atomic.write(ByteBuffer.wrap(new byte[10]));
      channel = atomic.channel();
    }
    assertThat(channel.isOpen()).isFalse();
    assertThat(names()).isEmpty();
  }

  @Test
  void aDirectoryInTheWayStays() throws IOException {
    Path file = Files.createDirectory(directory.resolve("file"));
    Files.writeString(file.resolve("inside"), "stays");
    assertThatThrownBy(() -> AtomicFiles.write(file, "text"))
        .isInstanceOfAny(DirectoryNotEmptyException.class, FileSystemException.class);
    assertThat(file.resolve("inside")).hasContent("stays");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void theDirectoryMustExistUnlessItIsMade() throws IOException {
    Path file = directory.resolve("a/b/file");
    assertThatThrownBy(() -> AtomicFiles.write(file, "text"))
        .isInstanceOf(NoSuchFileException.class);
    AtomicFiles.createDirectoryOf(file);
    AtomicFiles.write(file, "text");
    assertThat(file).hasContent("text");
  }

  @Test
  void aRootDirectoryIsNoFile() {
    Path root = directory.toAbsolutePath().getRoot();
    assertThatThrownBy(() -> AtomicFiles.write(root, "text"))
        .isInstanceOf(IOException.class)
        .hasMessage(root + " must be a file but is a root directory");
    assertThatThrownBy(() -> AtomicFiles.createDirectoryOf(root))
        .hasMessage(root + " must be a file but is a root directory");
  }

  @Test
  void aNameAsLongAsTheFileSystemAllowsIsNotTooLong() throws IOException {
    Path file = directory.resolve("x".repeat(255));
    AtomicFiles.write(file, "text");
    assertThat(file).hasContent("text");
  }

  @Test
  void severalWritersOfOneFileDoNotMix() throws Exception {
    Path file = directory.resolve("file");
    ExecutorService executor = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String text = String.valueOf((char) ('a' + i)).repeat(100_000);
        running.add(
            executor.submit(
                () -> {
                  for (int round = 0; round < 10; round++) {
                    AtomicFiles.write(file, text);
                    assertThat(Files.readString(file).chars().distinct().count()).isEqualTo(1);
                  }
                  return null;
                }));
      }
      for (Future<?> future : running) {
        future.get();
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(file).hasSize(100_000);
    assertThat(names()).containsExactly("file");
  }

  /** A real full file system, where the tests may mount one. */
  @Test
  void aFullDiskLeavesTheOldFile() throws IOException {
    Optional<SmallDisk> mounted = SmallDisk.mount(directory.resolve("disk"), 64);
    Assumptions.assumeTrue(mounted.isPresent(), "may not mount a tmpfs");
    try (SmallDisk disk = mounted.get()) {
      Path file = disk.directory().resolve("file");
      AtomicFiles.write(file, "old");
      assertThatThrownBy(() -> AtomicFiles.write(file, new byte[1 << 20]))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left on device");
      assertThat(file).hasContent("old");
      assertThat(disk.directory()).isDirectoryNotContaining("glob:**.part");
      // What was written is freed.
      AtomicFiles.write(file, new byte[30_000]);
      assertThat(file).hasSize(30_000);
    }
  }
}
