// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import io.deepretrieval.ImageSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One part of a retrieval-SfM database: images in clusters, each the reconstruction of a landmark
 * by structure from motion, and pairs of images that show the same points of it.
 *
 * <p>The file is a pickle of a dict {@code train}, {@code val} of dicts of lists or numpy arrays:
 *
 * <ul>
 *   <li>{@code cids}: the names of N images; that of {@code …abcdef} is the file {@code
 *       ef/cd/ab/…abcdef},
 *   <li>{@code cluster}: the cluster of each,
 *   <li>{@code qidxs}, {@code pidxs}: query and positive of each pair, images in [0, N).
 * </ul>
 *
 * <p>A pickle is a program. This reader knows the opcodes of plain data and of numpy arrays, in
 * protocols 0 to 5, and refuses any other by its name; nothing in it is run.
 *
 * <p>Immutable and thread-safe. Memory: that of the images, and 8 bytes a pair.
 *
 * @see <a href="https://arxiv.org/abs/1711.02512">F. Radenović, G. Tolias, O. Chum, Fine-tuning CNN
 *     Image Retrieval with No Human Annotation, TPAMI 2018</a>
 */
public final class SfmDatabase {
  /** Letters and digits, so that no part of one can be a path. */
  private static final Pattern CID = Pattern.compile("[0-9A-Za-z_-]{6,255}");

  /** A part of the file. */
  public enum Part {
    /** What is trained on. */
    TRAIN,
    /** What the training is measured with. */
    VAL;

    private String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final LabeledImages images;
  private final int[] queries;
  private final int[] positives;

  private SfmDatabase(LabeledImages images, int[] queries, int[] positives) {
    this.images = images;
    this.queries = queries;
    this.positives = positives;
  }

  /**
   * Reads a part of a database.
   *
   * @param file the pickle, for instance {@code retrieval-SfM-120k.pkl}
   * @param images the folder of the images, usually {@code ims} beside the file
   * @param part which part
   * @param missing what becomes of files that are not there; a pair that lacks one is left out
   * @return the images, whose classes are the clusters, and the pairs
   * @throws IOException if the pickle cannot be read, is damaged or asks for anything that is not
   *     data, or has no pair; the message names the file and the place in it
   */
  public static SfmDatabase read(Path file, Path images, Part part, MissingFiles missing)
      throws IOException {
    Objects.requireNonNull(images, "images");
    Objects.requireNonNull(missing, "missing");
    Table table = Table.of(file, part.key());
    String[] cids = table.cids();
    int[] clusters = table.numbers("cluster", Integer.MIN_VALUE, Integer.MAX_VALUE);
    int[] queries = table.numbers("qidxs", 0, cids.length - 1);
    int[] positives = table.numbers("pidxs", 0, cids.length - 1);
    table.checkPairs(cids, clusters, queries, positives);
    Present present = Present.of(table, images, cids, missing);
    List<String> classes = new ArrayList<>();
    for (int image : present.images) {
      classes.add(String.valueOf(clusters[image]));
    }
    String[] kept =
        Arrays.stream(present.images).mapToObj(image -> cids[image]).toArray(String[]::new);
    LabeledImages set =
        LabeledImages.of(i -> ImageSource.of(place(images, kept[i])), classes, present.skipped);
    int[] pairs = present.pairs(queries, positives);
    if (pairs.length == 0) {
      throw table.wrong("pairs must number at least 1 but were 0 of " + queries.length);
    }
    return new SfmDatabase(
        set,
        Arrays.stream(pairs).map(pair -> present.numbers[queries[pair]]).toArray(),
        Arrays.stream(pairs).map(pair -> present.numbers[positives[pair]]).toArray());
  }

  private static Path place(Path images, String cid) {
    int n = cid.length();
    return images.resolve(
        cid.substring(n - 2)
            + "/"
            + cid.substring(n - 4, n - 2)
            + "/"
            + cid.substring(n - 6, n - 4)
            + "/"
            + cid);
  }

  /** The images whose files exist. */
  private static final class Present {
    private final int[] images;
    private final int[] numbers;
    private final List<SkippedImage> skipped;

    private Present(int[] images, int[] numbers, List<SkippedImage> skipped) {
      this.images = images;
      this.numbers = numbers;
      this.skipped = skipped;
    }

    static Present of(Table table, Path folder, String[] cids, MissingFiles rule)
        throws TrainingDataException {
      int[] images = new int[cids.length];
      int[] numbers = new int[cids.length];
      List<SkippedImage> skipped = new ArrayList<>();
      int count = 0;
      for (int i = 0; i < cids.length; i++) {
        Path place = place(folder, cids[i]);
        if (rule == MissingFiles.UNCHECKED || Files.isRegularFile(place)) {
          numbers[i] = count;
          images[count++] = i;
        } else {
          numbers[i] = -1;
          String problem = table.name("cids", i) + ": file " + place + " does not exist";
          skipped.add(new SkippedImage(cids[i], problem));
        }
      }
      if (!skipped.isEmpty() && rule == MissingFiles.REFUSE) {
        throw new TrainingDataException(
            skipped.get(0).reason()
                + (skipped.size() == 1
                    ? ""
                    : " (nor do " + (skipped.size() - 1) + " more of " + cids.length + ")"));
      }
      if (count == 0) {
        throw table.wrong(
            "cids must have at least one image that exists but have "
                + (cids.length == 0 ? "none" : cids.length + " missing ones only"));
      }
      return new Present(Arrays.copyOf(images, count), numbers, skipped);
    }

    /** The pairs that have both images. */
    int[] pairs(int[] queries, int[] positives) {
      int[] pairs = new int[queries.length];
      int count = 0;
      for (int i = 0; i < queries.length; i++) {
        if (numbers[queries[i]] >= 0 && numbers[positives[i]] >= 0) {
          pairs[count++] = i;
        }
      }
      return Arrays.copyOf(pairs, count);
    }
  }

  /** One part of the pickle. */
  private record Table(Path file, String part, Map<?, ?> values) {
    static Table of(Path file, String part) throws IOException {
      Object all = SfmPickle.read(file);
      if (!(all instanceof Map<?, ?> parts)) {
        throw new TrainingDataException(file, "pickle must be a dict but is none");
      }
      if (!(parts.get(part) instanceof Map<?, ?> values)) {
        throw new TrainingDataException(
            file,
            "pickle must have a dict '"
                + part
                + "' but has "
                + (parts.containsKey(part) ? "something else" : SfmPickle.keys(parts)));
      }
      return new Table(file, part, values);
    }

    TrainingDataException wrong(String problem) {
      return new TrainingDataException(file, part + ": " + problem);
    }

    String name(String column, int at) {
      return file + ": " + part + ": " + column + "[" + at + "]";
    }

    private List<?> column(String name) throws TrainingDataException {
      List<?> column = SfmPickle.elements(values.get(name));
      if (column == null) {
        throw wrong(
            "must have a list or a numpy array '"
                + name
                + "' but has "
                + (values.containsKey(name) ? "something else" : SfmPickle.keys(values)));
      }
      return column;
    }

    private TrainingDataException wrong(
        String column, int at, String rule, @Nullable Object found) {
      String text =
          String.valueOf(found instanceof List || found instanceof Map ? "a list or dict" : found);
      return new TrainingDataException(
          name(column, at)
              + " must be "
              + rule
              + " but was '"
              + text.substring(0, Math.min(100, text.length()))
              + "'");
    }

    String[] cids() throws TrainingDataException {
      List<?> column = column("cids");
      String[] cids = new String[column.size()];
      for (int i = 0; i < cids.length; i++) {
        if (!(column.get(i) instanceof String cid) || !CID.matcher(cid).matches()) {
          throw wrong("cids", i, "at least 6 letters and digits", column.get(i));
        }
        cids[i] = cid;
      }
      return cids;
    }

    int[] numbers(String name, int least, int most) throws TrainingDataException {
      List<?> column = column(name);
      int[] numbers = new int[column.size()];
      for (int i = 0; i < numbers.length; i++) {
        // Databases that came from MATLAB have whole numbers as floats; doubles hold every int.
        double value = column.get(i) instanceof Number number ? number.doubleValue() : Double.NaN;
        if (!(value >= least && value <= most && value == Math.rint(value))) {
          throw wrong(name, i, "a whole number in [" + least + ", " + most + "]", column.get(i));
        }
        numbers[i] = (int) value;
      }
      return numbers;
    }

    void checkPairs(String[] cids, int[] clusters, int[] queries, int[] positives)
        throws TrainingDataException {
      if (clusters.length != cids.length) {
        throw wrong(
            "cluster must have one for each of "
                + cids.length
                + " cids but has "
                + clusters.length);
      }
      if (positives.length != queries.length) {
        throw wrong(
            "pidxs must have one for each of "
                + queries.length
                + " qidxs but has "
                + positives.length);
      }
      for (int i = 0; i < queries.length; i++) {
        if (queries[i] == positives[i] || clusters[queries[i]] != clusters[positives[i]]) {
          throw new TrainingDataException(
              name("pidxs", i)
                  + " must be another image of the query's cluster but is image "
                  + positives[i]
                  + " of cluster "
                  + clusters[positives[i]]
                  + " for image "
                  + queries[i]
                  + " of cluster "
                  + clusters[queries[i]]);
        }
      }
    }
  }

  /**
   * Returns the images.
   *
   * @return those of the part whose files exist; their classes are the clusters
   */
  public LabeledImages images() {
    return images;
  }

  /**
   * Returns the number of pairs.
   *
   * @return at least 1
   */
  public int pairCount() {
    return queries.length;
  }

  /**
   * Returns the query of a pair.
   *
   * @param pair in [0, {@link #pairCount})
   * @return an image
   * @throws IndexOutOfBoundsException if there is no such pair
   */
  public int query(int pair) {
    Objects.checkIndex(pair, queries.length);
    return queries[pair];
  }

  /**
   * Returns the positive of a pair.
   *
   * @param pair in [0, {@link #pairCount})
   * @return another image of the query's cluster
   * @throws IndexOutOfBoundsException if there is no such pair
   */
  public int positive(int pair) {
    Objects.checkIndex(pair, positives.length);
    return positives[pair];
  }

  @Override
  public String toString() {
    return "SfmDatabase["
        + images.size()
        + " images, "
        + images.classCount()
        + " clusters, "
        + queries.length
        + " pairs]";
  }
}
