// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.ImageSource;
import io.deepretrieval.train.data.DataReport.SameBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DataReportTest {
  /** Name, class and bytes of each image. */
  private static LabeledImages set(String... images) {
    LabeledImages.Builder set = LabeledImages.builder();
    for (int i = 0; i < images.length; i += 3) {
      set.add(
          ImageSource.of(images[i], images[i + 2].getBytes(StandardCharsets.UTF_8)), images[i + 1]);
    }
    return set.build();
  }

  @Test
  void cleanDataAreClean() {
    LabeledImages training = set("1", "a", "x", "2", "a", "y", "3", "b", "z", "4", "b", "w");

    assertThat(DataReport.of(training).isClean()).isTrue();
    assertThat(DataReport.of(training, set("5", "c", "v")).isClean()).isTrue();
    assertThat(DataReport.of(training).lines()).isEmpty();
  }

  @Test
  void findsTheSameBytesInTwoClasses() {
    DataReport report =
        DataReport.of(set("1", "a", "x", "2", "b", "x", "3", "a", "x", "4", "b", "y"));

    assertThat(report.conflicts()).containsExactly(new SameBytes("1", "a", "2", "b"));
    assertThat(report.isClean()).isFalse();
    assertThat(report.lines())
        .containsExactly("same bytes in two classes: 1 (class a) and 2 (class b)");
  }

  @Test
  void theSameBytesInOneClassAreNoConflict() {
    assertThat(DataReport.of(set("1", "a", "x", "2", "a", "x")).isClean()).isTrue();
  }

  @Test
  void findsTrainingImagesInValidation() {
    DataReport report =
        DataReport.of(
            set("1", "a", "x", "2", "a", "y"),
            set("3", "c", "y", "4", "c", "z", "5", "d", "z", "6", "d", "u"));

    assertThat(report.leaks()).containsExactly(new SameBytes("2", "a", "3", "c"));
    assertThat(report.conflicts()).containsExactly(new SameBytes("4", "c", "5", "d"));
    assertThat(report.lines())
        .containsExactly(
            "same bytes in two classes: 4 (class c) and 5 (class d)",
            "same bytes in training and validation: 2 (class a) and 3 (class c)");
  }

  @Test
  void findsClassesOfBothParts() {
    LabeledImages training = set("1", "b", "x", "2", "b", "y", "3", "a", "z", "4", "a", "w");

    assertThat(DataReport.of(training, set("5", "b", "u", "6", "a", "v")).sharedClasses())
        .containsExactly("a", "b");
    assertThat(
            DataReport.of(training, set("5", "c", "u").withClasses(List.of("a", "b", "c")))
                .sharedClasses())
        .as("classes without an image are not there")
        .isEmpty();
  }

  @Test
  void findsClassesOfOneImage() {
    DataReport report = DataReport.of(set("1", "a", "x", "2", "b", "y", "3", "b", "z"));

    assertThat(report.singletons()).containsExactly("a");
    assertThat(report.lines()).containsExactly("class of one image: a");
  }

  @Test
  void listsWhatCannotBeReadAndGoesOn() {
    // The first breaks after some bytes, which must not count for the next image.
    LabeledImages set =
        LabeledImages.builder()
            .add(ImageSource.of("broken", DataReportTest::broken), "a")
            .add(Sets.source("same"), "a")
            .add(ImageSource.of("copy", "same".getBytes(StandardCharsets.UTF_8)), "b")
            .add(Sets.source("other"), "b")
            .build();

    DataReport report = DataReport.of(set);

    assertThat(report.unreadable())
        .containsExactly(new SkippedImage("broken", "broken: java.io.IOException: disk failed"));
    assertThat(report.conflicts()).containsExactly(new SameBytes("same", "a", "copy", "b"));
    assertThat(report.lines())
        .startsWith("image cannot be read: broken: java.io.IOException: disk failed");
  }

  private static InputStream broken() {
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("disk failed");
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            throw new IOException("disk failed");
          }
        };
    return new SequenceInputStream(new ByteArrayInputStream(new byte[] {1, 2, 3}), failing);
  }
}
