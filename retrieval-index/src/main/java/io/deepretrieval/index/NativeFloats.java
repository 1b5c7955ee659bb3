// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.lang.ref.Cleaner;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Allocated floats outside the heap, not initialized.
 *
 * <p>Taken with malloc, because JavaCPP's own allocation counts against a limit made from the heap
 * size. Freed by hand; the cleaner is the net for owners that are dropped without being closed.
 */
final class NativeFloats implements RowMemory, AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final FloatPointer pointer;
  private final FloatBuffer floats;
  private final Cleaner.Cleanable cleanable;

  private NativeFloats(FloatPointer pointer) {
    this.pointer = pointer;
    this.floats = pointer.asBuffer();
    FloatPointer freed = new FloatPointer(pointer);
    this.cleanable = CLEANER.register(this, () -> Pointer.free(freed));
  }

  /** Allocates {@code count} floats, at most 2^28. */
  static NativeFloats allocate(int count) {
    Blas.load();
    Pointer raw = Pointer.malloc((long) Float.BYTES * count);
    if (raw == null || raw.isNull()) {
      throw new OutOfMemoryError("no native memory for " + count + " floats");
    }
    return new NativeFloats(new FloatPointer(raw).capacity(count));
  }

  @Override
  public FloatPointer pointer() {
    return pointer;
  }

  @Override
  public FloatBuffer floats() {
    return floats;
  }

  @Override
  public void requireSound() {}

  @Override
  public void free() {
    cleanable.clean();
  }

  @Override
  public void close() {
    free();
  }
}
