// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads damaged files of a format and ends with an error at anything but values or an IOException
 * that names the file. Prints a line for each damage.
 */
public final class FileFuzz {
  private static final int CUTS = 200;
  private static final long MOST_SECONDS = 30;

  /** A large file is read in a second rather than in a millisecond. */
  private static final int LARGE = 1 << 20;

  private static final long[] EXTREMES = {
    0,
    1,
    -1,
    0x7F,
    0xFF,
    Short.MAX_VALUE,
    0xFFFF,
    Integer.MAX_VALUE,
    0xFFFFFFFFL,
    1L << 31,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MAX_VALUE / 4,
    1L << 40,
    1 << 24,
    1 << 28
  };

  public interface Reading {
    void read(Path file) throws IOException;
  }

  /** Makes a damaged copy, or none where the damage does not fit. */
  public interface Damage {
    Optional<byte[]> of(Random random);
  }

  public static final class Format {
    final String name;
    public final byte[] sound;
    final Reading reading;
    public final Map<String, Damage> more = new LinkedHashMap<>();

    public Format(String name, byte[] sound, Reading reading) {
      this.name = name;
      this.sound = sound;
      this.reading = reading;
    }
  }

  private final Path directory;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread made = new Thread(task, "reader");
            made.setDaemon(true);
            return made;
          });

  public FileFuzz(Path directory) {
    this.directory = directory;
  }

  /**
   * Reads damaged files of a format.
   *
   * @param files of each damage; a twentieth of a large one
   */
  public void of(Format format, int files, long seed) throws Exception {
    int share = format.sound.length < LARGE ? files : files / 20;
    Path file = directory.resolve("damaged-" + format.name.replaceAll("[^a-z0-9.]", "-"));
    Files.write(file, format.sound);
    if (refused(format, file, "sound")) {
      throw new AssertionError(format.name + ": a sound file must be read");
    }
    cut(format, file);
    run(format, file, "flipped", share, seed, random -> Optional.of(flipped(format, random)));
    run(format, file, "numbers", share, seed, random -> Optional.of(overwritten(format, random)));
    for (Map.Entry<String, Damage> more : format.more.entrySet()) {
      run(format, file, more.getKey(), share, seed, more.getValue());
    }
  }

  private boolean refused(Format format, Path file, String what) throws Exception {
    Future<?> reading =
        thread.submit(
            () -> {
              format.reading.read(file);
              return null;
            });
    String where = format.name + ", " + what;
    try {
      reading.get(MOST_SECONDS, TimeUnit.SECONDS);
      return false;
    } catch (TimeoutException e) {
      Thread.getAllStackTraces()
          .forEach(
              (t, stack) -> {
                if (t.getName().equals("reader")) {
                  System.out.println(Arrays.toString(stack));
                }
              });
      throw new AssertionError(where + ": not read within " + MOST_SECONDS + " s", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException refusal
          && String.valueOf(refusal.getMessage()).contains(file.toString())) {
        return true;
      }
      throw new AssertionError(where + ": " + e.getCause(), e.getCause());
    }
  }

  private void cut(Format format, Path file) throws Exception {
    int end = format.sound.length;
    // The end of a tar is padding.
    while (format.name.equals("tar.pth") && format.sound[end - 1] == 0) {
      end--;
    }
    long begun = System.nanoTime();
    Files.write(file, format.sound);
    for (int i = CUTS - 1; i >= 0; i--) {
      int length = (int) ((long) end * i / CUTS);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(length);
      }
      if (!refused(format, file, "cut to " + length)) {
        throw new AssertionError(format.name + ": read although cut to " + length);
      }
    }
    report(format, "truncated", CUTS, CUTS, begun);
  }

  private void run(Format format, Path file, String what, int files, long seed, Damage damage)
      throws Exception {
    int refused = 0;
    long begun = System.nanoTime();
    for (int i = 0; i < files; i++) {
      Random random = new Random(seed + i);
      Optional<byte[]> bytes = damage.of(random);
      while (bytes.isEmpty()) {
        bytes = damage.of(random);
      }
      Files.write(file, bytes.get());
      refused += refused(format, file, what + ", seed " + (seed + i)) ? 1 : 0;
    }
    report(format, what, files, refused, begun);
  }

  private static void report(Format format, String what, int files, int refused, long begun) {
    System.out.printf(
        Locale.ROOT,
        "%s\t%s\t%d\t%d\t%d\t%.1f s%n",
        format.name,
        what,
        files,
        refused,
        files - refused,
        (System.nanoTime() - begun) / 1e9);
  }

  /** Half of the places are near what is no weight, where the format tells. */
  private static int place(Format format, Random random) {
    int length = format.sound.length;
    if (random.nextBoolean() && format.name.endsWith(".h5")) {
      int from = random.nextInt(length);
      for (int i = 0; i < length - 4; i++) {
        int at = (from + i) % (length - 4);
        String four = new String(format.sound, at, 4, StandardCharsets.ISO_8859_1);
        if (four.matches("TREE|SNOD|HEAP|GCOL")) {
          return Math.min(length - 1, at + random.nextInt(400));
        }
      }
    }
    return random.nextBoolean() ? random.nextInt(Math.min(length, 2048)) : random.nextInt(length);
  }

  private static byte[] flipped(Format format, Random random) {
    byte[] bytes = format.sound.clone();
    for (int f = 1 + random.nextInt(4); f > 0; f--) {
      bytes[place(format, random)] ^= (byte) (1 + random.nextInt(255));
    }
    return bytes;
  }

  /** Numbers of one to eight bytes that overflow, are negative or claim too much. */
  private static byte[] overwritten(Format format, Random random) {
    byte[] bytes = format.sound.clone();
    int width = 1 << random.nextInt(4);
    int at = Math.min(place(format, random), bytes.length - width);
    long value = EXTREMES[random.nextInt(EXTREMES.length)];
    boolean little = random.nextInt(4) > 0;
    for (int i = 0; i < width; i++) {
      bytes[at + (little ? i : width - 1 - i)] = (byte) (value >>> (8 * i));
    }
    return bytes;
  }

  public static byte[] header(byte[] sound, Random random) {
    ByteBuffer in = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) in.getLong();
    JsonObject header =
        JsonParser.parseString(new String(sound, 8, length, StandardCharsets.UTF_8))
            .getAsJsonObject();
    JsonObject metadata = header.getAsJsonObject("__metadata__");
    String inner = List.of("plan", "preprocessing", "none").get(random.nextInt(3));
    String json;
    if (metadata.has(inner)) {
      JsonElement plan = JsonParser.parseString(metadata.get(inner).getAsString());
      metadata.addProperty(inner, mutated(plan, random));
      json = header.toString();
    } else {
      json = mutated(header, random);
    }
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate(8 + text.length + sound.length - 8 - length)
            .order(ByteOrder.LITTLE_ENDIAN);
    return out.putLong(text.length)
        .put(text)
        .put(sound, 8 + length, sound.length - 8 - length)
        .array();
  }

  /** A value of JSON with one to three parts replaced, lost or doubled. */
  public static String mutated(JsonElement root, Random random) {
    JsonArray holder = new JsonArray();
    holder.add(root);
    for (int m = 1 + random.nextInt(3); m > 0; m--) {
      List<JsonElement> all = new ArrayList<>();
      collect(holder, all);
      JsonElement target = all.get(random.nextInt(all.size()));
      JsonElement other = all.get(random.nextInt(all.size())).deepCopy();
      if (target instanceof JsonObject object && object.size() > 0) {
        String key = List.copyOf(object.keySet()).get(random.nextInt(object.size()));
        if (random.nextInt(4) == 0) {
          object.remove(key);
        } else {
          object.add(key, replacement(object.get(key), other, random));
        }
      } else if (target instanceof JsonArray array && array.size() > 0) {
        int at = random.nextInt(array.size());
        switch (random.nextInt(4)) {
          case 0 -> array.remove(at);
          case 1 -> array.add(array.get(at).deepCopy());
          default -> array.set(at, replacement(array.get(at), other, random));
        }
      }
    }
    return holder.size() == 0 ? "" : holder.get(0).toString();
  }

  private static void collect(JsonElement element, List<JsonElement> into) {
    into.add(element);
    if (element.isJsonObject()) {
      element.getAsJsonObject().entrySet().forEach(entry -> collect(entry.getValue(), into));
    } else if (element.isJsonArray()) {
      element.getAsJsonArray().forEach(part -> collect(part, into));
    }
  }

  private static JsonElement replacement(JsonElement old, JsonElement other, Random random) {
    boolean number = old.isJsonPrimitive() && old.getAsJsonPrimitive().isNumber();
    switch (number ? random.nextInt(4) : random.nextInt(8)) {
      case 0, 1, 2 -> {
        return new JsonPrimitive(
            switch (random.nextInt(4)) {
              case 0 -> BigInteger.TWO.pow(8 * random.nextInt(20));
              case 1 -> random.nextInt(40) - 5;
              case 2 -> random.nextGaussian() * 1e300;
              default -> EXTREMES[random.nextInt(EXTREMES.length)];
            });
      }
      case 3 -> {
        return JsonNull.INSTANCE;
      }
      case 4 -> {
        JsonElement deep = new JsonArray();
        for (int i = random.nextInt(300); i > 0; i--) {
          JsonArray outer = new JsonArray();
          outer.add(deep);
          deep = outer;
        }
        return deep;
      }
      default -> {
        return other;
      }
    }
  }
}
