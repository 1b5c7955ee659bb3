// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.deepretrieval.Recipe;
import io.deepretrieval.Similarity;
import io.deepretrieval.testkit.Jvm;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreLockTest {
  @TempDir Path temp;

  /** Opens a store for writing and says how that went. */
  static final class Opener {
    public static void main(String[] args) throws IOException {
      String said = "opened";
      try (DescriptorStore store = DescriptorStore.open(Path.of(args[0]))) {
        said += " " + store.size();
      } catch (IOException e) {
        said = e.getMessage();
      }
      System.out.println(said);
    }
  }

  private String inAnotherProcess() throws Exception {
    Process process = Jvm.of(Opener.class, temp.toString()).quick().start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).isZero();
    return said;
  }

  private DescriptorStore create() throws IOException {
    return DescriptorStore.create(temp, Recipe.NONE, Similarity.COSINE, 2);
  }

  @Test
  void aWriterIsRefusedByPidHostAndTimeOfTheOther() throws Exception {
    String holder =
        "must have one writer but is open for writing by pid "
            + ProcessHandle.current().pid()
            + " on host \\S+ since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
    try (DescriptorStore store = create()) {
      assertThat(store.size()).isZero();
      assertThatIOException()
          .isThrownBy(() -> DescriptorStore.open(temp))
          .withMessageMatching("store \\S+ " + holder);
      assertThat(inAnotherProcess()).matches("store \\S+ " + holder);
    }
    assertThat(inAnotherProcess()).isEqualTo("opened 0");
  }

  @Test
  void aRefusedWriterOfThisProcessDoesNotReleaseTheLockOfTheFirst() throws Exception {
    try (DescriptorStore store = create()) {
      assertThat(store.size()).isZero();
      for (Path path : List.of(temp, temp.resolve(".").resolve("../" + temp.getFileName()))) {
        assertThatIOException().isThrownBy(() -> DescriptorStore.open(path));
      }
      assertThatIOException()
          .isThrownBy(() -> create())
          .withMessage("store must be new but there is one in " + temp);
      assertThat(inAnotherProcess()).contains("must have one writer");
    }
  }

  @Test
  void aSymbolicLinkIsTheSameStore() throws Exception {
    Path link = temp.resolveSibling(temp.getFileName() + "-link");
    Files.createSymbolicLink(link, temp);
    try (DescriptorStore store = create()) {
      assertThat(store.size()).isZero();
      assertThatIOException().isThrownBy(() -> DescriptorStore.open(link));
      assertThat(inAnotherProcess()).contains("must have one writer");
    } finally {
      Files.delete(link);
    }
  }

  @Test
  void anotherClassLoaderOfThisProcessIsRefusedAndReleasesNothing() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry :
        System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    try (DescriptorStore store = create();
        URLClassLoader other =
            new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      assertThat(store.size()).isZero();
      Class<?> foreign = other.loadClass(DescriptorStore.class.getName());
      assertThat(foreign).isNotSameAs(DescriptorStore.class);
      assertThatIOException()
          .isThrownBy(
              () -> {
                try {
                  foreign.getMethod("open", Path.class).invoke(null, temp);
                } catch (java.lang.reflect.InvocationTargetException e) {
                  throw e.getCause();
                }
              })
          .withMessage(
              "store "
                  + temp
                  + " must have one writer but is open for writing by this process, through another"
                  + " class loader");
      assertThat(inAnotherProcess()).contains("must have one writer");
    }
    assertThat(inAnotherProcess()).isEqualTo("opened 0");
  }

  @Test
  void aWriterThatCouldNotOpenLeavesNoLock() throws Exception {
    create().close();
    Path manifest = temp.resolve("manifest");
    byte[] whole = Files.readAllBytes(manifest);
    Files.write(manifest, new byte[] {1});
    assertThatIOException().isThrownBy(() -> DescriptorStore.open(temp));
    Files.write(manifest, whole);
    DescriptorStore.open(temp).close();
  }
}
