// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import io.deepretrieval.format.TableReader;
import io.deepretrieval.format.TableReader.Row;
import io.deepretrieval.format.TextFile;
import io.deepretrieval.format.TextFormatException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads lists of images and classes. */
final class ImageLists {
  private static final Set<String> IMAGE_COLUMNS = Set.of("image", "path", "file", "filename");
  private static final Set<String> CLASS_COLUMNS = Set.of("label", "class", "group", "landmark_id");

  private static final Set<String> GLDV2_CLASS = Set.of("landmark_id");
  private static final Set<String> GLDV2_IMAGES = Set.of("id", "images");

  /** Ids of the Google Landmarks Dataset v2: 16 hexadecimal digits. */
  private static final Pattern GLDV2_ID = Pattern.compile("[0-9a-f]{16}");

  private ImageLists() {}

  @FunctionalInterface
  private interface LineReader {
    void line(Row line) throws IOException;
  }

  static LabeledImages read(List<Path> files, Path root, MissingFiles missing) throws IOException {
    ImageCollector collector = new ImageCollector(files, root::resolve, missing);
    for (int i = 0; i < files.size(); i++) {
      Path file = files.get(i);
      String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
      if (isCsv(file)) {
        readTable(file, i, ',', collector);
      } else if (name.endsWith(".tsv")) {
        readTable(file, i, '\t', collector);
      } else {
        readPlain(file, i, collector);
      }
    }
    return collector.finish();
  }

  static LabeledImages readPlain(List<Path> files, Path root, MissingFiles missing)
      throws IOException {
    ImageCollector collector = new ImageCollector(files, root::resolve, missing);
    for (int i = 0; i < files.size(); i++) {
      readPlain(files.get(i), i, collector);
    }
    return collector.finish();
  }

  private static void readPlain(Path file, int list, ImageCollector collector) throws IOException {
    try (BufferedReader reader = TextFile.openUtf8(file)) {
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        String text = line.strip();
        if (text.isEmpty()) {
          continue;
        }
        int blank = text.length() - 1;
        while (blank >= 0 && !Character.isWhitespace(text.charAt(blank))) {
          blank--;
        }
        if (blank < 0) {
          throw new TrainingDataException(
              file, number, "line must be an image, a blank and a class but was '" + text + "'");
        }
        String image = ImageCollector.path(text.substring(0, blank).strip(), file, number);
        collector.add(image, text.substring(blank + 1), list, number);
      }
    } catch (TextFormatException e) {
      throw damaged(e);
    } catch (CharacterCodingException e) {
      throw new TrainingDataException(file, "text must be UTF-8 but is not", e);
    }
  }

  private static void readTable(Path file, int list, char delimiter, ImageCollector collector)
      throws IOException {
    int[] columns = {-1, -1};
    boolean[] begun = {false};
    forEachLine(
        file,
        delimiter,
        line -> {
          if (!begun[0]) {
            begun[0] = true;
            int image = column(line, IMAGE_COLUMNS);
            int label = column(line, CLASS_COLUMNS);
            if (image >= 0 && label >= 0) {
              columns[0] = image;
              columns[1] = label;
              return;
            }
            if (isGldv2(line)) {
              throw new TrainingDataException(
                  file,
                  line.line(),
                  "header must not be that of the Google Landmarks Dataset v2, which is read by"
                      + " ofGldv2, but was '"
                      + String.join(",", line.cells())
                      + "'");
            }
            if (line.cells().size() == 2 && (image == 0 || label == 1)) {
              throw new TrainingDataException(
                  file,
                  line.line(),
                  "header must have a column 'image', 'path', 'file' or 'filename' and a column"
                      + " 'label', 'class', 'group' or 'landmark_id' but was '"
                      + String.join("', '", line.cells())
                      + "'");
            }
          }
          if (columns[0] < 0 && line.cells().size() != 2) {
            throw new TrainingDataException(
                file,
                line.line(),
                "line must have 2 columns, image and class, as there is no header"
                    + " 'image', 'label', but had "
                    + line.cells().size());
          }
          String image = line.cell(columns[0] < 0 ? 0 : columns[0]);
          String label = line.cell(columns[0] < 0 ? 1 : columns[1]);
          if (!image.isEmpty()) {
            image = ImageCollector.path(image, file, (int) line.line());
          }
          collector.add(image, label, list, (int) line.line());
        });
  }

  /** Whether a list has the columns of the Google Landmarks Dataset v2 and no others for images. */
  static boolean isGldv2(Path file) throws IOException {
    if (!isCsv(file)) {
      return false;
    }
    try (TableReader table = TableReader.builder(file).delimiter(',').open()) {
      return table.next().filter(ImageLists::isGldv2).isPresent();
    } catch (TextFormatException e) {
      throw damaged(e);
    }
  }

  private static boolean isGldv2(Row header) {
    return header.column(IMAGE_COLUMNS).isEmpty()
        && header.column(GLDV2_CLASS).isPresent()
        && header.column(GLDV2_IMAGES).isPresent();
  }

  private static boolean isCsv(Path file) {
    return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".csv");
  }

  static LabeledImages readGldv2(Path file, Path images, MissingFiles missing) throws IOException {
    ImageCollector collector = new ImageCollector(List.of(file), id -> place(images, id), missing);
    int[] columns = {-1, -1, -1};
    boolean[] begun = {false};
    forEachLine(
        file,
        ',',
        line -> {
          if (!begun[0]) {
            begun[0] = true;
            columns[0] = column(line, GLDV2_CLASS);
            columns[1] = column(line, Set.of("id"));
            columns[2] = column(line, Set.of("images"));
            if (columns[0] < 0 || columns[1] < 0 == columns[2] < 0) {
              throw new TrainingDataException(
                  file,
                  line.line(),
                  "header must have the columns landmark_id and either id or images but was '"
                      + String.join(",", line.cells())
                      + "'");
            }
            return;
          }
          String label = landmark(line.cell(columns[0]), file, line.line());
          String ids = line.cell(Math.max(columns[1], columns[2]));
          for (String id : columns[1] >= 0 ? new String[] {ids} : ids.split(" +", -1)) {
            if (!GLDV2_ID.matcher(id).matches()) {
              throw new TrainingDataException(
                  file, line.line(), "image id must be 16 hexadecimal digits but was '" + id + "'");
            }
            collector.add(id, label, 0, (int) line.line());
          }
        });
    return collector.finish();
  }

  /** At {@code a/b/c/abc….jpg}, or flat if it is not there but here. */
  private static Path place(Path images, String id) {
    Path nested =
        images.resolve(id.charAt(0) + "/" + id.charAt(1) + "/" + id.charAt(2) + "/" + id + ".jpg");
    Path flat = images.resolve(id + ".jpg");
    return !Files.isRegularFile(nested) && Files.isRegularFile(flat) ? flat : nested;
  }

  /** The number without leading zeros: {@code 07} is the class {@code 7}. */
  private static String landmark(String text, Path file, long line) throws TrainingDataException {
    try {
      return text.isEmpty() ? text : String.valueOf(Integer.parseInt(text));
    } catch (NumberFormatException e) {
      throw new TrainingDataException(
          file, line, "landmark_id must be a whole number but was '" + text + "'", e);
    }
  }

  private static void forEachLine(Path file, char delimiter, LineReader reader) throws IOException {
    try (TableReader table = TableReader.builder(file).delimiter(delimiter).open()) {
      for (Optional<Row> row = table.next(); row.isPresent(); row = table.next()) {
        reader.line(row.get());
      }
    } catch (TextFormatException e) {
      throw damaged(e);
    }
  }

  /** The first column with one of the names, or -1. */
  private static int column(Row line, Set<String> names) {
    return line.column(names).orElse(-1);
  }

  private static TrainingDataException damaged(TextFormatException e) {
    TrainingDataException damaged = new TrainingDataException(String.valueOf(e.getMessage()));
    damaged.initCause(e);
    return damaged;
  }
}
