// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provide Google Landmarks, for retrieval and for recognition. */
public final class LandmarksProviders {
  static final String FIRST = "^(gld(v?1|$)|gl18|googlelandmarks(dataset)?(v?1|2018|$)).*";
  static final String SECOND = "^(gld|googlelandmarks(dataset)?)v?2.*";

  private static final String SOLUTION = "recognition_solution_v2.1.csv";

  private LandmarksProviders() {}

  /** Provides {@code gldv1}, described at {@link DataSets}. */
  public static final class First extends StandardProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public First() {
      super(
          "gldv1",
          FIRST,
          (name, root, missing) ->
              LandmarksReader.retrieval(name, root, "retrieval_solution.csv", missing));
    }
  }

  /** Provides {@code gldv1-recognition}, described at {@link DataSets}. */
  public static final class FirstRecognition extends StandardProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public FirstRecognition() {
      super(
          "gldv1-recognition",
          FIRST,
          (name, root, missing) ->
              LandmarksReader.recognition(
                  name, root, "recognition_solution.csv", "train.csv", missing));
    }
  }

  /** Provides {@code gldv2}, described at {@link DataSets}. */
  public static final class Second extends StandardProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public Second() {
      super(
          "gldv2",
          SECOND,
          (name, root, missing) ->
              LandmarksReader.retrieval(name, root, "retrieval_solution_v2.1.csv", missing));
    }
  }

  /** Provides {@code gldv2-recognition}, described at {@link DataSets}. */
  public static final class SecondRecognition extends StandardProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public SecondRecognition() {
      super(
          "gldv2-recognition",
          SECOND,
          (name, root, missing) ->
              LandmarksReader.recognition(name, root, SOLUTION, "train_clean.csv", missing));
    }
  }

  /** Provides {@code gldv2-recognition-full}, described at {@link DataSets}. */
  public static final class SecondRecognitionFull extends StandardProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public SecondRecognitionFull() {
      super(
          "gldv2-recognition-full",
          SECOND,
          (name, root, missing) ->
              LandmarksReader.recognition(name, root, SOLUTION, "train.csv", missing));
    }
  }
}
