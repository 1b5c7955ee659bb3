// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.ImageSource;
import io.deepretrieval.Recipe;
import io.deepretrieval.Similarity;
import io.deepretrieval.cli.run.CachingProvider;
import io.deepretrieval.index.DescriptorStore;
import io.deepretrieval.testkit.Jvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code evaluate} over made vectors that a cache holds, in a process of its own with a bounded
 * heap. Small by default; {@code -Devaluation.distractors=1000000 -Devaluation.heap=2g} for the
 * full size. The line of figures goes to {@code target/evaluation-scale.tsv}.
 */
class EvaluationScaleTest {
  private static final int QUERIES = 70;
  private static final int DATABASE = Integer.getInteger("evaluation.database", 140);
  private static final int DISTRACTORS = Integer.getInteger("evaluation.distractors", 500);
  private static final String HEAP = System.getProperty("evaluation.heap", "512m");
  private static final int DIMENSION = 2048;
  private static final long SEED = 20261130;
  private static final int FOLDER = 1000;
  private static final List<String> NETWORK = List.of("--backbone", "resnet50", "--seed", "3");

  @TempDir Path temp;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final float[] normals = normals();

  /** Options of an extractor without a command around them. */
  @Command
  private static final class Holder {
    @Mixin private final ExtractionOptions extraction = new ExtractionOptions();
  }

  private static float[] normals() {
    Random gaussian = new Random(SEED);
    float[] values = new float[1 << 20];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) gaussian.nextGaussian();
    }
    return values;
  }

  /** A center and noise, of length 1; a piece of a long line of normals for speed. */
  private Descriptor vector(float[] center, Recipe recipe) {
    int from = random.nextInt(normals.length - DIMENSION);
    float[] values = new float[DIMENSION];
    double sum = 0;
    for (int j = 0; j < DIMENSION; j++) {
      values[j] = center[j] + normals[from + j];
      sum += (double) values[j] * values[j];
    }
    float scale = (float) (1 / Math.sqrt(sum));
    for (int j = 0; j < DIMENSION; j++) {
      values[j] *= scale;
    }
    return Descriptor.copyOf(values, recipe);
  }

  private static void add(DescriptorStore store, Path image, Descriptor vector) throws IOException {
    // Nothing reads it: its vector is in the cache.
    Files.createFile(image);
    String key = CachingProvider.key(image, Optional.empty());
    store.add(key, vector, CachingProvider.metadata(ExtractionItem.of(key, ImageSource.of(image))));
  }

  private void make(Path root, Path distractors, Path cache) throws IOException {
    Holder holder = new Holder();
    new CommandLine(holder).parseArgs(NETWORK.toArray(String[]::new));
    Recipe recipe;
    try (DescriptorExtractor extractor = holder.extraction.open()) {
      recipe = extractor.recipe();
      assertThat(extractor.dimension()).isEqualTo(DIMENSION);
    }
    Files.createDirectories(root.resolve("jpg"));
    try (DescriptorStore store =
        DescriptorStore.create(
            CachingProvider.store(cache, recipe), recipe, Similarity.COSINE, DIMENSION)) {
      StringBuilder list = new StringBuilder("image\tgroup\trole\n");
      float[] center = new float[DIMENSION];
      for (int i = 0; i < DATABASE; i++) {
        int group = (int) ((long) i * QUERIES / DATABASE);
        boolean first = i == 0 || group != (int) ((i - 1L) * QUERIES / DATABASE);
        if (first) {
          int from = random.nextInt(normals.length - DIMENSION);
          for (int j = 0; j < DIMENSION; j++) {
            // Cosines of about 0.08 within a group, whose deviation among strangers is 0.022.
            center[j] = 0.3f * normals[from + j];
          }
        }
        add(store, root.resolve("jpg/p" + i + ".jpg"), vector(center, recipe));
        list.append("p" + i + "\tg" + group + "\t" + (first ? "both" : "database") + "\n");
      }
      Files.writeString(root.resolve("list.tsv"), list);
      float[] zero = new float[DIMENSION];
      for (int i = 0; i < DISTRACTORS; i++) {
        Path folder = distractors.resolve(String.format(Locale.ROOT, "%04d", i / FOLDER));
        if (i % FOLDER == 0) {
          Files.createDirectories(folder);
          store.commit();
        }
        add(store, folder.resolve(i + ".jpg"), vector(zero, recipe));
      }
      store.commit();
    }
  }

  @Test
  void cachedVectorsAreScoredFastAndInBoundedMemory() throws Exception {
    Path root = temp.resolve("data");
    Path distractors = temp.resolve("distractors");
    Path cache = temp.resolve("cache");
    make(root, distractors, cache);
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("evaluate", "--dataset", "groups", "--root", root.toString()));
    if (DISTRACTORS > 0) {
      arguments.addAll(List.of("--distractors", distractors.toString()));
    }
    arguments.addAll(List.of("--cache", cache.toString()));
    arguments.addAll(NETWORK);
    Path log = temp.resolve("log");
    long start = System.nanoTime();
    Process process =
        Jvm.of(Main.class, arguments.toArray(String[]::new)).options("-Xmx" + HEAP).start(log);
    long resident = 0;
    while (!process.waitFor(50, TimeUnit.MILLISECONDS)) {
      resident = Math.max(resident, privateBytes(process.pid()));
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    String out = Files.readString(log);
    assertThat(process.exitValue()).as(out).isZero();
    assertThat(out)
        .contains(
            "cache: " + (DATABASE + DISTRACTORS) + " vectors were there, 0 added in ",
            "0 images skipped");
    double search = number(out, "search ([0-9.]+) s");
    double score = number(out, "standard: mAP ([0-9.]+)");
    // Groups overlap: neither all nor nothing is found.
    assertThat(score).isBetween(0.05, 0.99);
    String line =
        String.format(
            Locale.ROOT,
            "%d\t%d\t%s\t%.2f\t%.2f\t%d\t%.4f%n",
            DATABASE,
            DISTRACTORS,
            HEAP,
            seconds,
            search,
            resident >> 20,
            score);
    Files.writeString(
        Path.of("target", "evaluation-scale.tsv"),
        "database\tdistractors\theap\tseconds\tsearch seconds\tprivate MB\tmAP\n" + line);
  }

  private static double number(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  /** Resident memory that is not of mapped files; 0 where there is no such record. */
  private static long privateBytes(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("RssAnon:")) {
          return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
      return 0;
    } catch (IOException e) {
      return 0; // Not Linux, or it has ended.
    }
  }
}
