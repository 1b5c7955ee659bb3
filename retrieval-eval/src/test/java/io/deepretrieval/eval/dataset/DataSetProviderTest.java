// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.DataSetProvider;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data set from outside, found by its line in META-INF/services. */
final class DataSetProviderTest {
  @TempDir Path root;

  /** The database is one image; the query is the image that an option names. */
  public static final class Doors implements DataSetProvider {
    @Override
    public String name() {
      return "doors-2k";
    }

    @Override
    public RetrievalDataSet read(Path root, Options options, MissingImages missing)
        throws IOException {
      options.requireKnown(name(), "query");
      Path file = root.resolve("open.jpg");
      if (!Files.exists(file)) {
        file = missing.missing(file, new DataSetException(root, "open.jpg is missing"));
      }
      Query query =
          new Query(
              new DataSetImage("asked", root.resolve(options.text("query").orElse("closed.jpg"))),
              Optional.empty(),
              new Judgments(Set.of("open"), Set.of(), Set.of()));
      return RetrievalDataSet.of(name(), List.of(query), List.of(new DataSetImage("open", file)));
    }
  }

  /** Takes a name that is taken. */
  public static final class Zubud implements DataSetProvider {
    @Override
    public String name() {
      return "zubud";
    }

    @Override
    public RetrievalDataSet read(Path root, Options options, MissingImages missing) {
      throw new IllegalStateException("must not be read");
    }
  }

  /** Runs with the services of a directory of the test's resources. */
  private static <T> T with(String plugin, Callable<T> body) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    URL directory =
        Objects.requireNonNull(DataSetProviderTest.class.getResource("/" + plugin + "/"), plugin);
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {directory}, DataSetProviderTest.class.getClassLoader())) {
      thread.setContextClassLoader(loader);
      return body.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void setFromOutsideIsFoundByItsName() throws Exception {
    Files.createFile(root.resolve("open.jpg"));
    assertThat(DataSets.names()).hasSize(25).doesNotContain("doors-2k").isSorted();
    assertThat(with("plugin", DataSets::names)).hasSize(26).contains("doors-2k").isSorted();
    RetrievalDataSet set = with("plugin", () -> DataSets.read("doors-2k", root));
    assertThat(set.name()).isEqualTo("doors-2k");
    RetrievalDataSet other =
        with(
            "plugin",
            () -> DataSets.read("doors-2k", root, Options.NONE.with("query", "ajar.jpg")));
    assertThat(other.queries().get(0).image().file()).isEqualTo(root.resolve("ajar.jpg"));
    assertThatThrownBy(
            () ->
                with(
                    "plugin",
                    () -> DataSets.read("doors-2k", root, Options.NONE.with("size", "3"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("doors-2k has no option 'size'; known: query");
  }

  @Test
  void setFromOutsideTellsOfMissingImages() throws Exception {
    assertThatThrownBy(() -> with("plugin", () -> DataSets.read("doors-2k", root)))
        .isInstanceOf(DataSetException.class)
        .hasMessage(root + ": open.jpg is missing");
    List<String> missing = new ArrayList<>();
    RetrievalDataSet set =
        with(
            "plugin",
            () -> DataSets.readDespiteMissing("doors-2k", root, Options.NONE, missing::add));
    assertThat(missing).containsExactly(root + ": open.jpg is missing");
    assertThat(set.database()).hasSize(1);
  }

  @Test
  void unknownNameListsAlsoThoseFromOutside() {
    assertThatThrownBy(() -> with("plugin", () -> DataSets.read("windows", root)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("unknown data set 'windows'; known: doors-2k, dupimage, ");
  }

  @Test
  void nameThatIsTakenNamesBothProviders() {
    assertThatThrownBy(() -> with("twice", DataSets::names))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("data set 'zubud' must be provided once but is provided by ")
        .hasMessageContainingAll(ZubudProvider.class.getName(), Zubud.class.getName());
  }

  @Test
  void setsOfThisModuleHaveNoOptions() {
    for (String name : DataSets.names()) {
      assertThatThrownBy(() -> DataSets.read(name, root, Options.NONE.with("size", "3")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(name + " has no option 'size'; it has none");
    }
  }

  @Test
  void enlargedSetsNameTheirBase() {
    for (String name : DataSets.names()) {
      Optional<String> base = DataSets.providers().get(name).base();
      assertThat(base.isPresent()).as(name).isEqualTo(name.matches(".*(10\\dk|-1m)"));
      base.ifPresent(other -> assertThat(DataSets.share(name, other)).as(name).isTrue());
    }
  }

  @Test
  void landmarksOverlapWithBuildings() throws Exception {
    for (String name : DataSets.names()) {
      DataSetProvider provider = DataSets.providers().get(name);
      assertThat(provider.overlaps("GLDv2-clean"))
          .as(name)
          .isEqualTo(name.matches("r?(oxford|paris).*|gldv2.*"));
      assertThat(provider.overlaps("RGLDv2-clean")).as(name).isFalse();
      assertThat(provider.overlaps("SfM-120k")).as(name).isFalse();
      assertThat(provider.overlaps(name)).as(name).isTrue();
    }
    assertThat(with("plugin", () -> DataSets.providers().get("doors-2k")).overlaps("Doors 2k"))
        .isTrue();
    assertThat(with("plugin", () -> DataSets.share("DOORS-2K", "doors 2k"))).isTrue();
  }
}
