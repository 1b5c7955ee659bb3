// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetProvider;
import java.util.Optional;
import java.util.regex.Pattern;

/** Buildings of Oxford and Paris, of which the second set of Google Landmarks has images too. */
abstract class BuildingsProvider extends StandardProvider {
  static final String OXFORD = "^r?(oxford|oxbuild|oxf?(?=[0-9]|$)).*";
  static final String PARIS = "^r?(paris|par(?=[0-9]|$)).*";

  private static final Pattern LANDMARKS = Pattern.compile(LandmarksProviders.SECOND);

  private final Optional<String> base;

  BuildingsProvider(String name, String versions, Reader reader) {
    super(name, versions, reader);
    this.base = Optional.empty();
  }

  /** A set with the images of a directory in its own or beside it. */
  BuildingsProvider(String name, String versions, String base, Reader reader, String distractors) {
    super(
        name,
        versions,
        (own, root, missing) ->
            Distractors.add(
                reader.read(base, root, missing),
                own,
                Distractors.directory(root, distractors),
                missing));
    this.base = Optional.of(base);
  }

  @Override
  public final Optional<String> base() {
    return base;
  }

  @Override
  public final boolean overlaps(String trainingSet) {
    return super.overlaps(trainingSet)
        || LANDMARKS.matcher(DataSetProvider.plain(trainingSet)).matches();
  }
}
