// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import io.deepretrieval.Box;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Draws a data set of landmark photos and writes it in the layout of Oxford 5k.
 *
 * <p>Every landmark is a building with towers, domes, windows and ornaments of its own, in three
 * dimensions. It is seen from many places, far and near, in sun, rain and at night, behind people,
 * trees and cars. Distractors are images of other buildings of the same kinds. The first {@value
 * #QUERIES} views of a landmark are clear ones in daylight and serve as queries; of the others, one
 * in six shows only a part of it and one in six hardly anything.
 *
 * <p>How much of a landmark is visible is measured, not guessed: <em>good</em> is more than half of
 * its outline, <em>ok</em> at least a quarter, <em>junk</em> less. As in Oxford 5k, the image that
 * a query is cut out of is among its good ones.
 *
 * <p>Immutable and thread-safe. One seed gives the same bytes on the same JDK; two seeds have no
 * building in common.
 */
public final class SceneGenerator {
  /** Queries a landmark. */
  static final int QUERIES = 5;

  private static final double GOOD = 0.5;
  private static final double OK = 0.25;
  private static final int HOUSES = 18;
  private static final int CHUNK = 16;
  private static final int STREET = 1;
  private static final int LANDMARK = 2;
  private static final int DISTRACTOR = 3;
  private static final int PLACE = 4;

  private final long seed;
  private final int landmarks;
  private final int views;
  private final int distractors;
  private final int size;

  private SceneGenerator(Builder builder) {
    seed = builder.seed;
    landmarks = builder.landmarks;
    views = builder.views;
    distractors = builder.distractors;
    size = builder.size;
  }

  /**
   * Starts a generator.
   *
   * @return a builder with 10 landmarks of 15 views, 70 distractors and 256 pixels
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns how many images there will be.
   *
   * @return views of all landmarks and distractors
   */
  public int images() {
    return landmarks * views + distractors;
  }

  /**
   * Returns how many queries there will be.
   *
   * @return five a landmark
   */
  public int queries() {
    return landmarks * QUERIES;
  }

  /**
   * Draws all images and writes them as {@code jpg/*.jpg} and the ground truth as {@code gt/*.txt}.
   * Files of the same names are replaced.
   *
   * @param out directory to write to; made if it is absent
   * @param progress is told how many images are written after each of them
   * @throws IOException if a file cannot be written
   */
  public void writeOxford(Path out, IntConsumer progress) throws IOException {
    Path jpg = Files.createDirectories(out.resolve("jpg"));
    Path gt = Files.createDirectories(out.resolve("gt"));
    int written = 0;
    Photographer photographer = new Photographer(size);
    List<Building> street = street();
    for (int l = 0; l < landmarks; l++) {
      List<Taken> taken = landmark(photographer, street, l);
      written = write(taken, jpg, written, progress);
      writeGroundTruth(gt, landmarkName(l), taken);
    }
    for (int d = 0; d < distractors; d += CHUNK) {
      List<Taken> taken =
          inParallel(d, Math.min(distractors, d + CHUNK), i -> distractor(photographer, street, i));
      written = write(taken, jpg, written, progress);
    }
  }

  /**
   * Draws the landmarks and writes each into a folder of its own, for training. Images that show
   * less than a quarter of their landmark are left out, and there are no distractors.
   *
   * @param out directory to write to; made if it is absent
   * @param progress is told how many images are drawn after each landmark
   * @throws IOException if a file cannot be written
   */
  public void writeFolders(Path out, IntConsumer progress) throws IOException {
    Photographer photographer = new Photographer(size);
    List<Building> street = street();
    for (int l = 0; l < landmarks; l++) {
      Path folder = Files.createDirectories(out.resolve(landmarkName(l)));
      List<Taken> taken = landmark(photographer, street, l);
      write(taken.stream().filter(t -> t.visible >= OK).toList(), folder, 0, count -> {});
      progress.accept((l + 1) * views);
    }
  }

  private String landmarkName(int number) {
    List<Architect.Kind> kinds = kinds();
    return name(kinds.get(number % kinds.size()), number);
  }

  private List<Taken> landmark(Photographer photographer, List<Building> street, int number) {
    List<Architect.Kind> kinds = kinds();
    Building building =
        Architect.landmark(kinds.get(number % kinds.size()), Rng.of(seed, LANDMARK, number));
    Site place = Site.around(building, street, Rng.of(seed, PLACE, number));
    String landmark = landmarkName(number);
    return inParallel(
        0,
        views,
        v ->
            develop(
                landmark + String.format(Locale.ROOT, "_%06d", v),
                photographer.take(building, place, shot(v), seed, LANDMARK, number, v)));
  }

  /** A finished image and what is known of it. */
  private static final class Taken {
    final String name;
    final byte[] jpeg;
    final Box box;
    final double visible;

    Taken(String name, byte[] jpeg, Box box, double visible) {
      this.name = name;
      this.jpeg = jpeg;
      this.box = box;
      this.visible = visible;
    }
  }

  private Taken distractor(Photographer photographer, List<Building> street, int number) {
    Rng rng = Rng.of(seed, DISTRACTOR, number);
    Building building =
        rng.chance(0.5)
            ? Architect.landmark(rng.pick(List.of(Architect.Kind.values())), rng)
            : rng.pick(street);
    return develop(
        String.format(Locale.ROOT, "distractor_%06d", number),
        photographer.take(
            building,
            Site.around(building, street, rng),
            Shot.DISTRACTOR,
            seed,
            DISTRACTOR,
            number));
  }

  private static List<Taken> inParallel(int from, int to, IntFunction<Taken> task) {
    return IntStream.range(from, to).parallel().mapToObj(task).toList();
  }

  private static int write(List<Taken> taken, Path jpg, int before, IntConsumer progress)
      throws IOException {
    int written = before;
    for (Taken photo : taken) {
      Files.write(jpg.resolve(photo.name + ".jpg"), photo.jpeg);
      progress.accept(++written);
    }
    return written;
  }

  private List<Building> street() {
    List<Building> street = new ArrayList<>();
    for (int i = 0; i < HOUSES; i++) {
      street.add(Architect.house(Rng.of(seed, STREET, i)));
    }
    return street;
  }

  private List<Architect.Kind> kinds() {
    List<Architect.Kind> kinds = new ArrayList<>(List.of(Architect.Kind.values()));
    Rng rng = Rng.of(seed);
    for (int i = kinds.size() - 1; i > 0; i--) {
      Collections.swap(kinds, i, rng.between(0, i));
    }
    return kinds;
  }

  private static String name(Architect.Kind kind, int number) {
    String text = kind.name().toLowerCase(Locale.ROOT);
    return String.format(Locale.ROOT, "%s_%02d", text, number + 1);
  }

  private static Shot shot(int view) {
    if (view < QUERIES) {
      return Shot.QUERY;
    }
    return switch ((view - QUERIES) % 6) {
      case 2 -> Shot.OK;
      case 5 -> Shot.JUNK;
      default -> Shot.GOOD;
    };
  }

  private static void writeGroundTruth(Path gt, String landmark, List<Taken> taken)
      throws IOException {
    List<String> good = new ArrayList<>();
    List<String> ok = new ArrayList<>();
    List<String> junk = new ArrayList<>();
    for (Taken photo : taken) {
      (photo.visible > GOOD ? good : photo.visible >= OK ? ok : junk).add(photo.name);
    }
    for (int q = 1; q <= Math.min(QUERIES, taken.size()); q++) {
      Taken query = taken.get(q - 1);
      Box b = query.box;
      String line =
          String.format(
              Locale.ROOT,
              "oxc1_%s %.1f %.1f %.1f %.1f",
              query.name,
              b.x1(),
              b.y1(),
              b.x2(),
              b.y2());
      String stem = landmark + "_" + q;
      Files.write(gt.resolve(stem + "_query.txt"), List.of(line));
      Files.write(gt.resolve(stem + "_good.txt"), good);
      Files.write(gt.resolve(stem + "_ok.txt"), ok);
      Files.write(gt.resolve(stem + "_junk.txt"), junk);
    }
  }

  private static Taken develop(String name, Photo photo) {
    ImageWriter writer = jpegWriter();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(photo.jpegQuality());
      writer.setOutput(stream);
      writer.write(null, new IIOImage(photo.image(), null, null), param);
      stream.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory must not fail", e);
    } finally {
      writer.dispose();
    }
    return new Taken(name, bytes.toByteArray(), photo.box(), photo.visible());
  }

  /** The writer of the JDK, so that the bytes do not depend on plug-ins of the class path. */
  private static ImageWriter jpegWriter() {
    Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("jpeg");
    while (writers.hasNext()) {
      ImageWriter writer = writers.next();
      if (writer.getClass().getName().startsWith("com.sun.imageio.")) {
        return writer;
      }
    }
    throw new IllegalStateException("the Java runtime must have a JPEG writer but has none");
  }

  /** Options of a generator. For one thread; builds any number of times. */
  public static final class Builder {
    private long seed = 1;
    private int landmarks = 10;
    private int views = 15;
    private int distractors = 70;
    private int size = 256;

    private Builder() {}

    /**
     * Sets the seed; another one gives other buildings.
     *
     * @param value any number; 1 by default
     * @return this builder
     */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Sets how many landmarks there are.
     *
     * @param number at least 1; 10 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder landmarks(int number) {
      landmarks = atLeast(1, number, "landmarks");
      return this;
    }

    /**
     * Sets how many images each landmark has.
     *
     * @param number at least 5, one a query; 15 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 5
     */
    public Builder views(int number) {
      views = atLeast(QUERIES, number, "views");
      return this;
    }

    /**
     * Sets how many images show no landmark.
     *
     * @param number at least 0; 70 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 0
     */
    public Builder distractors(int number) {
      distractors = atLeast(0, number, "distractors");
      return this;
    }

    /**
     * Sets the longer side of the images.
     *
     * @param pixels at least 32; 256 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 32
     */
    public Builder size(int pixels) {
      size = atLeast(32, pixels, "size");
      return this;
    }

    private static int atLeast(int least, int value, String what) {
      if (value < least) {
        throw new IllegalArgumentException(
            what + " must be at least " + least + " but was " + value);
      }
      return value;
    }

    /**
     * Makes the generator.
     *
     * @return a generator of these options
     */
    public SceneGenerator build() {
      return new SceneGenerator(this);
    }
  }
}
