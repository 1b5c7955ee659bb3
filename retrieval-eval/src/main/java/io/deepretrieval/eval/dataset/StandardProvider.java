// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetProvider;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What the providers of this package share: a name, a reader without options, the versions. */
abstract class StandardProvider implements DataSetProvider {
  /** Reads one layout. */
  @FunctionalInterface
  interface Reader {
    RetrievalDataSet read(String name, Path root, MissingImages missing) throws IOException;
  }

  private final String name;
  private final Pattern versions;
  private final Reader reader;

  /** A set of which no other version is known. */
  StandardProvider(String name, Reader reader) {
    this(name, Pattern.quote(DataSetProvider.plain(name)), reader);
  }

  StandardProvider(String name, String versions, Reader reader) {
    this.name = name;
    this.versions = Pattern.compile(versions);
    this.reader = reader;
  }

  /** Of a set whose layout no public record decides: a list of groups goes first. */
  static Reader orGroups(Reader reader) {
    return (name, root, missing) ->
        Files.exists(root.resolve(GroupsReader.LIST))
            ? GroupsReader.read(name, root, missing)
            : reader.read(name, root, missing);
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final RetrievalDataSet read(Path root, Options options, MissingImages missing)
      throws IOException {
    options.requireKnown(name);
    return reader.read(name, root, missing);
  }

  @Override
  public final Pattern versions() {
    return versions;
  }
}
