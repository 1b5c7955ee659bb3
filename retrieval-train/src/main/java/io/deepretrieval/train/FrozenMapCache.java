// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.format.Float16;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Maps by number in a file of float16, up to a number of bytes. A map that does not fit any more,
 * or has a value beyond float16, is not taken.
 *
 * <p>The file is deleted on {@link #close}. Thread-safe.
 */
public final class FrozenMapCache implements AutoCloseable {
  private record Place(long offset, int channels, int height, int width) {}

  private final Path file;
  private final long limit;
  private final FileChannel channel;
  private final Map<Long, Place> places = new HashMap<>();
  private long end;

  /**
   * Makes an empty cache.
   *
   * @param directory where its file is to be
   * @param limit most bytes, at least 0
   * @throws IOException if the file cannot be made
   * @throws IllegalArgumentException if the limit is negative
   */
  public FrozenMapCache(Path directory, long limit) throws IOException {
    if (limit < 0) {
      throw new IllegalArgumentException("limit must be at least 0 bytes but was " + limit);
    }
    this.limit = limit;
    this.file = Files.createTempFile(directory, "maps", ".f16");
    this.channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /**
   * Says whether a map is there.
   *
   * @param key its number
   * @return true if {@link #get} would find it
   */
  public synchronized boolean contains(long key) {
    return places.containsKey(key);
  }

  /**
   * Returns the bytes taken.
   *
   * @return at most the limit
   */
  public synchronized long bytes() {
    return end;
  }

  /**
   * Rounds a map as the cache does, so that it does not matter to what follows whether a map had
   * room in it.
   *
   * @param map the map
   * @return the map with float16 values, or the map itself if one of them is beyond float16
   */
  public static FeatureMap rounded(FeatureMap map) {
    float[] values = map.sharedValues();
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = Float16.toFloat(Float16.fromFloat(values[i]));
      if (!Float.isFinite(out[i])) {
        return map;
      }
    }
    return FeatureMap.ofOwned(map.channels(), map.height(), map.width(), out);
  }

  /**
   * Keeps a map, rounded to float16.
   *
   * @param key its number
   * @param map the map
   * @return true if it was kept
   * @throws IOException if the file cannot be written
   */
  public boolean put(long key, FeatureMap map) throws IOException {
    float[] values = map.sharedValues();
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length);
    for (float value : values) {
      short half = Float16.fromFloat(value);
      if (!Float.isFinite(Float16.toFloat(half))) {
        return false;
      }
      bytes.putShort(half);
    }
    bytes.flip();
    synchronized (this) {
      if (places.containsKey(key) || end + bytes.limit() > limit) {
        return false;
      }
      long at = end;
      while (bytes.hasRemaining()) {
        channel.write(bytes, at + bytes.position());
      }
      places.put(key, new Place(at, map.channels(), map.height(), map.width()));
      end = at + bytes.limit();
      return true;
    }
  }

  /**
   * Reads a map.
   *
   * @param key its number
   * @return the map as it was rounded, or nothing
   * @throws IOException if the file cannot be read
   */
  public Optional<FeatureMap> get(long key) throws IOException {
    Place place = place(key);
    if (place == null) {
      return Optional.empty();
    }
    float[] values = new float[place.channels * place.height * place.width];
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, place.offset + bytes.position()) < 0) {
        throw new IOException("cached maps must have " + end + " bytes but were cut: " + file);
      }
    }
    bytes.flip();
    for (int i = 0; i < values.length; i++) {
      values[i] = Float16.toFloat(bytes.getShort());
    }
    return Optional.of(FeatureMap.ofOwned(place.channels, place.height, place.width, values));
  }

  private synchronized @Nullable Place place(long key) {
    return places.get(key);
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }
}
