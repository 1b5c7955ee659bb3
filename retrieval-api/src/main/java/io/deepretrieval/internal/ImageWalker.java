// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.internal;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the images below a directory. The rules, which are the same wherever a folder of images is
 * read:
 *
 * <ul>
 *   <li>An image is a file with one of the {@link #ENDINGS}, in lower or upper case; its content is
 *       not looked at.
 *   <li>Files and directories whose name begins with a dot are left out: file managers leave such
 *       behind, {@code ._photo.jpg} for instance. The directory itself may have such a name.
 *   <li>{@link Links} says whether a link to a directory is entered; that to look into always is. A
 *       link to a file is the file. One to nothing is an image if it is called so: the decoder says
 *       what is wrong with it.
 *   <li>The order is that of the paths from the directory as text, with slashes, so that it is the
 *       same on every machine.
 * </ul>
 */
public final class ImageWalker {
  /** The endings of image files, the usual ones first. */
  public static final List<String> ENDINGS =
      List.of("jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp");

  private static final Set<String> ENDING_SET = Set.copyOf(ENDINGS);

  /** What becomes of links to directories. */
  public enum Links {
    /** They are entered; a link that leads into itself is an error. */
    FOLLOWED,
    /** They are left out. */
    LEFT_OUT
  }

  /** Why an entry of a directory is no image. */
  public enum Reason {
    /** Its name begins with a dot. */
    HIDDEN,
    /** It has no ending of an image. */
    ENDING,
    /** It is a directory of a name that the caller excludes. */
    EXCLUDED,
    /** It is a link to a directory, and those are left out. */
    LINK,
    /** It is called an image but is no file: a pipe, a socket or a device. */
    NO_FILE
  }

  /**
   * What was left out.
   *
   * @param path from the directory, with slashes
   * @param reason why
   */
  public record LeftOut(String path, Reason reason) {}

  /**
   * What was found.
   *
   * @param directory where was looked
   * @param images the files, sorted
   * @param leftOut everything else, sorted; of a directory that was not entered only itself
   */
  public record Found(Path directory, List<Path> images, List<LeftOut> leftOut) {
    /**
     * Copies the lists.
     *
     * @param directory where was looked
     * @param images the files, sorted
     * @param leftOut everything else, sorted
     */
    public Found {
      images = List.copyOf(images);
      leftOut = List.copyOf(leftOut);
    }

    /**
     * Returns the path of an image from the directory.
     *
     * @param image one of those found
     * @return the path with slashes, on every platform
     */
    public String name(Path image) {
      return ImageWalker.name(directory, image);
    }

    /**
     * Counts what was left out.
     *
     * @return how many by reason; 0 is not listed
     */
    public Map<Reason, Integer> counts() {
      Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
      leftOut.forEach(left -> counts.merge(left.reason, 1, Integer::sum));
      return counts;
    }
  }

  private final Links links;
  private final Set<String> excluded;

  private ImageWalker(Links links, Set<String> excluded) {
    this.links = links;
    this.excluded = excluded;
  }

  /**
   * Makes a walker.
   *
   * @param links what becomes of links to directories
   * @return a walker, which keeps no state
   */
  public static ImageWalker of(Links links) {
    return new ImageWalker(links, Set.of());
  }

  /**
   * Leaves out directories by name, wherever they lie.
   *
   * @param names of the directories
   * @return a walker that passes them over
   */
  public ImageWalker excluding(Set<String> names) {
    return new ImageWalker(links, Set.copyOf(names));
  }

  /**
   * Whether a file is one by its name: it has an ending of an image and is not hidden.
   *
   * @param file need not exist
   * @return whether it is called an image
   */
  public static boolean isImage(Path file) {
    String name = fileName(file);
    return !isHidden(name) && hasEnding(name);
  }

  /**
   * Whether a file or directory is passed over because of its name.
   *
   * @param file need not exist
   * @return whether its name begins with a dot
   */
  public static boolean isHidden(Path file) {
    return isHidden(fileName(file));
  }

  /**
   * Looks into a directory and all below.
   *
   * @param directory where to begin; may be a link
   * @return the images and what was left out
   * @throws NotDirectoryException if it is no directory
   * @throws IOException if a directory cannot be read, or a followed link leads into itself
   */
  public Found walk(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    Visitor visitor = new Visitor(directory);
    // Followed by the platform in any case, which then tells what a link leads to.
    Files.walkFileTree(
        directory, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, visitor);
    Comparator<Path> byName = Comparator.comparing(image -> name(directory, image));
    visitor.images.sort(byName);
    visitor.leftOut.sort(Comparator.comparing(LeftOut::path));
    return new Found(directory, visitor.images, visitor.leftOut);
  }

  private static String name(Path directory, Path file) {
    return directory.relativize(file).toString().replace('\\', '/');
  }

  private static String fileName(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static boolean isHidden(String name) {
    return name.startsWith(".");
  }

  private static boolean hasEnding(String name) {
    int dot = name.lastIndexOf('.');
    return dot > 0 && ENDING_SET.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }

  private final class Visitor extends SimpleFileVisitor<Path> {
    private final Path start;
    private final List<Path> images = new ArrayList<>();
    private final List<LeftOut> leftOut = new ArrayList<>();

    Visitor(Path start) {
      this.start = start;
    }

    private void leaveOut(Path file, Reason reason) {
      leftOut.add(new LeftOut(name(start, file), reason));
    }

    /** Why a directory is not entered. */
    private Optional<Reason> closed(Path directory) {
      if (directory.equals(start)) {
        return Optional.empty();
      }
      String name = fileName(directory);
      if (isHidden(name)) {
        return Optional.of(Reason.HIDDEN);
      }
      if (excluded.contains(name)) {
        return Optional.of(Reason.EXCLUDED);
      }
      return links == Links.LEFT_OUT && Files.isSymbolicLink(directory)
          ? Optional.of(Reason.LINK)
          : Optional.empty();
    }

    @Override
    public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
      Optional<Reason> reason = closed(at);
      reason.ifPresent(why -> leaveOut(at, why));
      return reason.isPresent() ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path at, BasicFileAttributes attributes) {
      String name = fileName(at);
      if (isHidden(name)) {
        leaveOut(at, Reason.HIDDEN);
      } else if (!hasEnding(name)) {
        leaveOut(at, Reason.ENDING);
      } else if (attributes.isOther()) {
        leaveOut(at, Reason.NO_FILE);
      } else {
        images.add(at);
      }
      return FileVisitResult.CONTINUE;
    }

    /** What is not entered may be unreadable or a link into itself. */
    @Override
    public FileVisitResult visitFileFailed(Path at, IOException e) throws IOException {
      leaveOut(at, closed(at).orElseThrow(() -> e));
      return FileVisitResult.CONTINUE;
    }
  }
}
