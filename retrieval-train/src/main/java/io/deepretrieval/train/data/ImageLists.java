// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Reads lists of images and classes. */
final class ImageLists {
  private static final Set<String> IMAGE_COLUMNS = Set.of("image", "path", "file", "filename");
  private static final Set<String> CLASS_COLUMNS = Set.of("label", "class", "group", "landmark_id");

  private static final Set<String> GLDV2_CLASS = Set.of("landmark_id");
  private static final Set<String> GLDV2_IMAGES = Set.of("id", "images");

  /** Ids of the Google Landmarks Dataset v2: 16 hexadecimal digits. */
  private static final Pattern GLDV2_ID = Pattern.compile("[0-9a-f]{16}");

  private static final CSVFormat COMMAS =
      CSVFormat.DEFAULT.builder().setIgnoreEmptyLines(false).setTrim(true).get();
  private static final CSVFormat TABS = COMMAS.builder().setDelimiter('\t').setQuote(null).get();

  private ImageLists() {}

  /** A line that is not blank. */
  private record Line(int number, List<String> cells) {
    String cell(int column) {
      return column < cells.size() ? cells.get(column) : "";
    }

    /** The first column with one of the names, or -1. */
    int column(Set<String> names) {
      for (int i = 0; i < cells.size(); i++) {
        if (names.contains(cells.get(i).toLowerCase(Locale.ROOT))) {
          return i;
        }
      }
      return -1;
    }
  }

  @FunctionalInterface
  private interface LineReader {
    void line(Line line) throws IOException;
  }

  static LabeledImages read(List<Path> files, Path root, MissingFiles missing) throws IOException {
    ImageCollector collector = new ImageCollector(files, root::resolve, missing);
    for (int i = 0; i < files.size(); i++) {
      Path file = files.get(i);
      String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
      if (isCsv(file)) {
        readTable(file, i, COMMAS, collector);
      } else if (name.endsWith(".tsv")) {
        readTable(file, i, TABS, collector);
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
    try (BufferedReader reader = open(file)) {
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
    } catch (CharacterCodingException e) {
      throw notUtf8(file, e);
    }
  }

  private static void readTable(Path file, int list, CSVFormat format, ImageCollector collector)
      throws IOException {
    int[] columns = {-1, -1};
    boolean[] begun = {false};
    forEachLine(
        file,
        format,
        line -> {
          if (!begun[0]) {
            begun[0] = true;
            int image = line.column(IMAGE_COLUMNS);
            int label = line.column(CLASS_COLUMNS);
            if (image >= 0 && label >= 0) {
              columns[0] = image;
              columns[1] = label;
              return;
            }
            if (isGldv2(line)) {
              throw new TrainingDataException(
                  file,
                  line.number(),
                  "header must not be that of the Google Landmarks Dataset v2, which is read by"
                      + " ofGldv2, but was '"
                      + String.join(",", line.cells())
                      + "'");
            }
            if (line.cells().size() == 2 && (image == 0 || label == 1)) {
              throw new TrainingDataException(
                  file,
                  line.number(),
                  "header must have a column 'image', 'path', 'file' or 'filename' and a column"
                      + " 'label', 'class', 'group' or 'landmark_id' but was '"
                      + String.join("', '", line.cells())
                      + "'");
            }
          }
          if (columns[0] < 0 && line.cells().size() != 2) {
            throw new TrainingDataException(
                file,
                line.number(),
                "line must have 2 columns, image and class, as there is no header"
                    + " 'image', 'label', but had "
                    + line.cells().size());
          }
          String image = line.cell(columns[0] < 0 ? 0 : columns[0]);
          String label = line.cell(columns[0] < 0 ? 1 : columns[1]);
          if (!image.isEmpty()) {
            image = ImageCollector.path(image, file, line.number());
          }
          collector.add(image, label, list, line.number());
        });
  }

  /** Whether a list has the columns of the Google Landmarks Dataset v2 and no others for images. */
  static boolean isGldv2(Path file) throws IOException {
    if (!isCsv(file)) {
      return false;
    }
    boolean[] is = {false};
    forEachLine(file, COMMAS, 1, line -> is[0] = isGldv2(line));
    return is[0];
  }

  private static boolean isGldv2(Line header) {
    return header.column(IMAGE_COLUMNS) < 0
        && header.column(GLDV2_CLASS) >= 0
        && header.column(GLDV2_IMAGES) >= 0;
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
        COMMAS,
        line -> {
          if (!begun[0]) {
            begun[0] = true;
            columns[0] = line.column(GLDV2_CLASS);
            columns[1] = line.column(Set.of("id"));
            columns[2] = line.column(Set.of("images"));
            if (columns[0] < 0 || columns[1] < 0 == columns[2] < 0) {
              throw new TrainingDataException(
                  file,
                  line.number(),
                  "header must have the columns landmark_id and either id or images but was '"
                      + String.join(",", line.cells())
                      + "'");
            }
            return;
          }
          String label = landmark(line.cell(columns[0]), file, line.number());
          String ids = line.cell(Math.max(columns[1], columns[2]));
          for (String id : columns[1] >= 0 ? new String[] {ids} : ids.split(" +", -1)) {
            if (!GLDV2_ID.matcher(id).matches()) {
              throw new TrainingDataException(
                  file,
                  line.number(),
                  "image id must be 16 hexadecimal digits but was '" + id + "'");
            }
            collector.add(id, label, 0, line.number());
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
  private static String landmark(String text, Path file, int line) throws TrainingDataException {
    try {
      return text.isEmpty() ? text : String.valueOf(Integer.parseInt(text));
    } catch (NumberFormatException e) {
      throw new TrainingDataException(
          file, line, "landmark_id must be a whole number but was '" + text + "'", e);
    }
  }

  private static void forEachLine(Path file, CSVFormat format, LineReader reader)
      throws IOException {
    forEachLine(file, format, Long.MAX_VALUE, reader);
  }

  /** Reads no more lines than that, blank ones aside. */
  private static void forEachLine(Path file, CSVFormat format, long most, LineReader reader)
      throws IOException {
    long read = 0;
    int number = 0;
    try (BufferedReader text = open(file);
        CSVParser parser = CSVParser.parse(text, format)) {
      Iterator<CSVRecord> records = parser.iterator();
      while (read < most && records.hasNext()) {
        CSVRecord line = records.next();
        number = (int) parser.getCurrentLineNumber();
        List<String> cells = new ArrayList<>(line.toList());
        if (!cells.stream().allMatch(String::isEmpty)) {
          reader.line(new Line(number, cells));
          read++;
        }
      }
    } catch (CharacterCodingException e) {
      throw notUtf8(file, e);
    } catch (UncheckedIOException e) {
      // The parser gives its own errors and those of the file in this wrapping.
      if (e.getCause() instanceof CharacterCodingException coding) {
        throw notUtf8(file, coding);
      }
      throw new TrainingDataException(
          file,
          number + 1L,
          "line cannot be read: " + Objects.requireNonNull(e.getCause()).getMessage(),
          e);
    }
  }

  private static BufferedReader open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new TrainingDataException(file, "file does not exist");
    }
    BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Files.newInputStream(file),
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)),
            1 << 16);
    try {
      reader.mark(1);
      if (reader.read() != '\uFEFF') {
        reader.reset();
      }
      return reader;
    } catch (IOException e) {
      reader.close();
      throw e;
    }
  }

  private static TrainingDataException notUtf8(Path file, CharacterCodingException e) {
    return new TrainingDataException(file, "text must be UTF-8 but is not", e);
  }
}
