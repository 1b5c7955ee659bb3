// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.internal.ImageWalker.Found;
import io.deepretrieval.internal.ImageWalker.LeftOut;
import io.deepretrieval.internal.ImageWalker.Links;
import io.deepretrieval.internal.ImageWalker.Reason;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageWalkerTest {
  @TempDir Path temp;

  private Path root = Path.of("");

  @BeforeEach
  void makeRoot() throws IOException {
    root = Files.createDirectory(temp.resolve(".root"));
  }

  private void touch(String... names) throws IOException {
    for (String name : names) {
      Path file = root.resolve(name);
      AtomicFiles.createDirectoryOf(file);
      Files.createFile(file);
    }
  }

  private static List<String> names(Found found) {
    return found.images().stream().map(found::name).toList();
  }

  @Test
  void takesEveryEndingInAnyCaseAndSortsByPath() throws IOException {
    for (String ending : ImageWalker.ENDINGS) {
      touch("x." + ending);
    }
    touch("b/1.JPG", "a/2.jpg", "a-b.Png", "a.png", "B.gif");
    Found found = ImageWalker.of(Links.FOLLOWED).walk(root);
    assertThat(names(found))
        .containsExactly(
            "B.gif", "a-b.Png", "a.png", "a/2.jpg", "b/1.JPG", "x.bmp", "x.gif", "x.jpeg", "x.jpg",
            "x.png", "x.tif", "x.tiff", "x.webp");
    assertThat(found.leftOut()).isEmpty();
    assertThat(found.counts()).isEmpty();
  }

  @Test
  void saysWhatIsLeftOutAndWhy() throws IOException {
    touch("1.jpg", "jpg", "notes.txt", "._1.jpg", ".cache/2.jpg", "skip/3.jpg", "a/skip/4.jpg");
    Found found = ImageWalker.of(Links.FOLLOWED).excluding(Set.of("skip")).walk(root);
    assertThat(names(found)).containsExactly("1.jpg");
    assertThat(found.leftOut())
        .containsExactly(
            new LeftOut("._1.jpg", Reason.HIDDEN),
            new LeftOut(".cache", Reason.HIDDEN),
            new LeftOut("a/skip", Reason.EXCLUDED),
            new LeftOut("jpg", Reason.ENDING),
            new LeftOut("notes.txt", Reason.ENDING),
            new LeftOut("skip", Reason.EXCLUDED));
    assertThat(found.counts())
        .isEqualTo(Map.of(Reason.HIDDEN, 2, Reason.EXCLUDED, 2, Reason.ENDING, 2));
  }

  @Test
  void linksToFilesAreFilesAndThoseToDirectoriesAsAsked() throws IOException {
    touch("a/1.jpg", "a/._link.jpg");
    Files.createSymbolicLink(root.resolve("b"), root.resolve("a"));
    Files.createSymbolicLink(root.resolve("one.jpg"), root.resolve("a/1.jpg"));
    Files.createSymbolicLink(root.resolve("nothing.jpg"), root.resolve("none"));
    assertThat(names(ImageWalker.of(Links.FOLLOWED).walk(root)))
        .containsExactly("a/1.jpg", "b/1.jpg", "nothing.jpg", "one.jpg");
    Found found = ImageWalker.of(Links.LEFT_OUT).walk(root);
    assertThat(names(found)).containsExactly("a/1.jpg", "nothing.jpg", "one.jpg");
    assertThat(found.leftOut())
        .containsExactly(new LeftOut("a/._link.jpg", Reason.HIDDEN), new LeftOut("b", Reason.LINK));
    assertThat(names(ImageWalker.of(Links.LEFT_OUT).walk(root.resolve("b"))))
        .containsExactly("1.jpg");
  }

  @Test
  void aLinkIntoItselfIsAnErrorOnlyWhereItIsFollowed() throws IOException {
    touch("a/1.jpg");
    Files.createSymbolicLink(root.resolve("a/again"), root.resolve("a"));
    assertThatThrownBy(() -> ImageWalker.of(Links.FOLLOWED).walk(root))
        .isInstanceOf(FileSystemLoopException.class);
    Found found = ImageWalker.of(Links.LEFT_OUT).walk(root);
    assertThat(names(found)).containsExactly("a/1.jpg");
    assertThat(found.leftOut()).containsExactly(new LeftOut("a/again", Reason.LINK));
  }

  @Test
  void whatIsNoFileIsLeftOut() throws IOException {
    Path device = Path.of("/dev/null");
    Assumptions.assumeTrue(Files.exists(device), "wants a device");
    Files.createSymbolicLink(root.resolve("endless.jpg"), device);
    assertThat(ImageWalker.of(Links.FOLLOWED).walk(root).leftOut())
        .containsExactly(new LeftOut("endless.jpg", Reason.NO_FILE));
  }

  @Test
  void aFileIsNoDirectory() throws IOException {
    touch("1.jpg");
    assertThatThrownBy(() -> ImageWalker.of(Links.FOLLOWED).walk(root.resolve("1.jpg")))
        .isInstanceOf(NotDirectoryException.class)
        .hasMessage(root.resolve("1.jpg").toString());
  }

  @Test
  void namesAloneTellToo() {
    assertThat(ImageWalker.isImage(Path.of("a/b.TIFF"))).isTrue();
    assertThat(ImageWalker.isImage(Path.of("a/.b.tiff"))).isFalse();
    assertThat(ImageWalker.isImage(Path.of(".jpg"))).isFalse();
    assertThat(ImageWalker.isHidden(Path.of("a/.b"))).isTrue();
    assertThat(ImageWalker.isHidden(Path.of(".a/b"))).isFalse();
  }
}
