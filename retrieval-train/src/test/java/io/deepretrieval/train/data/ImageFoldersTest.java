// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageFoldersTest {
  @TempDir Path root;

  @Test
  void readsAFolderAClassInTheOrderOfThePaths() throws IOException {
    Sets.touch(root, "b/2.jpg", "b/1.PNG", "a/deep/er/x.jpeg", "a/w.webp", "a/t.tiff");

    LabeledImages set = LabeledImages.ofFolders(root);

    assertThat(set.classNames()).containsExactly("a", "b");
    assertThat(Sets.labels(set)).containsExactly(0, 0, 0, 1, 1);
    assertThat(Sets.names(set).stream().map(n -> root.relativize(Path.of(n)).toString()))
        .containsExactly("a/deep/er/x.jpeg", "a/t.tiff", "a/w.webp", "b/1.PNG", "b/2.jpg");
    assertThat(new String(set.source(4).open().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("b/2.jpg");
    assertThat(set.skipped()).isEmpty();
  }

  @Test
  void foldersThatAreNumbersAreSortedByValue() throws IOException {
    Sets.touch(root, "10/a.jpg", "9/a.jpg", "100/a.jpg");

    LabeledImages set = LabeledImages.ofFolders(root);

    assertThat(set.classNames()).containsExactly("9", "10", "100");
    assertThat(Sets.labels(set)).containsExactly(1, 2, 0);
  }

  @Test
  void listsWhatIsNoImage() throws IOException {
    Sets.touch(root, "readme.txt", "a/1.jpg", "a/notes.txt", "a/noending", "a/.hidden.jpg");
    Sets.touch(root, "b/only.csv", ".git/1.jpg", "a/.thumbs/1.jpg");

    LabeledImages set = LabeledImages.ofFolders(root);

    assertThat(Sets.names(set)).containsExactly(root.resolve("a/1.jpg").toString());
    assertThat(set.skipped())
        .containsExactly(
            new SkippedImage("a/noending", root + ": file has no ending of an image"),
            new SkippedImage("a/notes.txt", root + ": file has no ending of an image"),
            new SkippedImage("b/only.csv", root + ": file has no ending of an image"),
            new SkippedImage("b", root + ": class folder has no image"),
            new SkippedImage("readme.txt", root + ": file lies in no class folder"));
  }

  @Test
  void followsLinks() throws IOException {
    Path elsewhere = Files.createDirectories(root.resolve("elsewhere/images"));
    Sets.touch(elsewhere, "1.jpg");
    Path set = Files.createDirectory(root.resolve("set"));
    Files.createSymbolicLink(set.resolve("a"), elsewhere);

    assertThat(Sets.names(LabeledImages.ofFolders(set)))
        .containsExactly(set.resolve("a/1.jpg").toString());
  }

  @Test
  void refusesLinksInACircle() throws IOException {
    Sets.touch(root, "a/1.jpg");
    Files.createSymbolicLink(root.resolve("a/again"), root.resolve("a"));

    assertThatExceptionOfType(FileSystemLoopException.class)
        .isThrownBy(() -> LabeledImages.ofFolders(root))
        .withMessageContaining(root.resolve("a/again").toString());
  }

  @Test
  void refusesAFolderThatIsNotThere() {
    Path missing = root.resolve("missing");

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofFolders(missing))
        .withMessage(missing + ": folder does not exist");
  }

  @Test
  void refusesAFolderWithoutAnImage() throws IOException {
    Sets.touch(root, "1.jpg", "a/readme.txt");

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofFolders(root))
        .withMessage(root + ": folder must have at least one folder with an image but has none");
  }
}
