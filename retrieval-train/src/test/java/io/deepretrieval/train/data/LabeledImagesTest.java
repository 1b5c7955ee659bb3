// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.ImageSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LabeledImagesTest {
  private static LabeledImages set(String... classes) {
    LabeledImages.Builder set = LabeledImages.builder();
    for (int i = 0; i < classes.length; i++) {
      set.add(Sets.source("image " + i), classes[i]);
    }
    return set.build();
  }

  @Test
  void imagesKeepTheirOrderAndClassesAreSortedByName() {
    LabeledImages set = set("eiffel", "defense", "triomphe", "defense");

    assertThat(set.size()).isEqualTo(4);
    assertThat(set.classCount()).isEqualTo(3);
    assertThat(set.classNames()).containsExactly("defense", "eiffel", "triomphe");
    assertThat(Sets.labels(set)).containsExactly(1, 0, 2, 0);
    assertThat(Sets.names(set)).containsExactly("image 0", "image 1", "image 2", "image 3");
    assertThat(set.imagesOf(0)).containsExactly(1, 3);
    assertThat(set.countOf(0)).isEqualTo(2);
    assertThat(set.imagesOf(2)).containsExactly(2);
    assertThat(set.skipped()).isEmpty();
    assertThat(set).hasToString("LabeledImages[4 images, 3 classes]");
  }

  @Test
  void wholeNumbersAreSortedByValue() {
    assertThat(set("10", "9", "-1", "100", "09").classNames())
        .containsExactly("-1", "09", "9", "10", "100");
  }

  @Test
  void oneNameThatIsNoNumberSortsAllByCharacters() {
    assertThat(set("10", "9", "b", "100").classNames()).containsExactly("10", "100", "9", "b");
    assertThat(set("10", "9", "1000000000000000000").classNames())
        .as("nineteen digits may be more than a long holds")
        .containsExactly("10", "1000000000000000000", "9");
  }

  @Test
  void arraysAreCopies() {
    LabeledImages set = set("a", "a", "b");

    Arrays.fill(set.imagesOf(0), 9);

    assertThat(set.imagesOf(0)).containsExactly(0, 1);
  }

  @Test
  void imagesAddedLaterDoNotChangeASet() {
    LabeledImages.Builder builder = LabeledImages.builder().add(Sets.source("x"), "a");
    LabeledImages one = builder.build();
    LabeledImages two = builder.add(Sets.source("y"), "b").build();

    assertThat(Sets.names(one)).containsExactly("x");
    assertThat(Sets.names(two)).containsExactly("x", "y");
  }

  @Test
  void refusesWhatIsNotThere() {
    LabeledImages set = set("a", "b");

    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> set.source(2));
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> set.label(-1));
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> set.imagesOf(2));
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> set.countOf(-1));
  }

  @Test
  void refusesABlankClassAndAnEmptySet() {
    ImageSource source = Sets.source("x.jpg");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabeledImages.builder().add(source, " "))
        .withMessage("class must not be blank but was ' ' (x.jpg)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabeledImages.builder().build())
        .withMessage("images must number at least 1 but were 0");
  }

  @Test
  void classesCanBeNumberedLikeThoseOfAnotherSet() {
    LabeledImages set = set("b", "a", "b").withClasses(List.of("z", "b", "a"));

    assertThat(Sets.labels(set)).containsExactly(1, 2, 1);
    assertThat(set.classNames()).containsExactly("z", "b", "a");
    assertThat(set.imagesOf(0)).isEmpty();
    assertThat(set.countOf(0)).isZero();
    assertThat(set.imagesOf(1)).containsExactly(0, 2);
  }

  @Test
  void refusesNamesThatLackAClassOrHaveOneTwice() {
    LabeledImages set = set("a", "b");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> set.withClasses(List.of("a", "c")))
        .withMessage("class of an image must be one of the 2 given but was 'b' (image 1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> set.withClasses(List.of("a", "b", "a")))
        .withMessage("classes must be different but 'a' is there twice");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aSplitHasEveryImageOnceAndNoClassTwice(long seed) {
    Random random = new Random(seed);
    LabeledImages set = Sets.random(random, 2 + random.nextInt(30), 5);
    double share = 0.01 + 0.98 * random.nextDouble();

    LabeledImages.Split split = set.splitByClass(share, seed);

    Set<String> classes = new HashSet<>(split.training().classNames());
    classes.addAll(split.validation().classNames());
    assertThat(classes).hasSize(set.classCount());
    int validation = split.validation().classCount();
    assertThat(validation)
        .isEqualTo(
            (int)
                Math.max(1, Math.min(set.classCount() - 1, Math.round(share * set.classCount()))));
    assertThat(split.training().classCount()).isEqualTo(set.classCount() - validation);
    Set<String> names = new HashSet<>(Sets.names(split.training()));
    names.addAll(Sets.names(split.validation()));
    assertThat(names).hasSize(set.size());
    assertThat(split.training().size() + split.validation().size()).isEqualTo(set.size());
    assertKeepsOrder(set, split.training());
    assertKeepsOrder(set, split.validation());
  }

  private static void assertKeepsOrder(LabeledImages set, LabeledImages part) {
    List<String> names = Sets.names(set);
    int before = -1;
    for (int i = 0; i < part.size(); i++) {
      int at = names.indexOf(part.source(i).name());
      assertThat(at).isGreaterThan(before);
      assertThat(part.classNames().get(part.label(i)))
          .isEqualTo(set.classNames().get(set.label(at)));
      before = at;
    }
  }

  @Test
  void aSplitDependsOnTheSeed() {
    LabeledImages set = Sets.ofSizes(IntStream.generate(() -> 2).limit(40).toArray());

    List<String> once = set.splitByClass(0.25, 1).validation().classNames();

    assertThat(set.splitByClass(0.25, 1).validation().classNames()).isEqualTo(once);
    assertThat(set.splitByClass(0.25, 2).validation().classNames()).isNotEqualTo(once);
    assertThat(once).hasSize(10);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void classesWithoutAnImageGoToTraining(long seed) {
    LabeledImages set = set("a", "b", "b").withClasses(List.of("a", "b", "c", "d", "e", "f"));

    LabeledImages.Split split = set.splitByClass(0.9, seed);

    assertThat(split.validation().classCount()).isEqualTo(1);
    assertThat(split.validation().size()).isPositive();
    assertThat(split.training().size()).isPositive();
    assertThat(split.training().classCount()).isEqualTo(5);
  }

  @Test
  void refusesASplitThatLeavesNothing() {
    LabeledImages set = set("a", "b");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> set.splitByClass(0, 1))
        .withMessage("validation share must be in (0, 1) but was 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> set.splitByClass(Double.NaN, 1))
        .withMessage("validation share must be in (0, 1) but was NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> set("a", "a").splitByClass(0.5, 1))
        .withMessage("a split needs at least 2 classes but had 1");
  }
}
