// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/**
 * Nearest neighbors over descriptors: exact search by blocked matrix product, graphs of JVector,
 * and the store on disk.
 *
 * <p>Inner loops use {@code jdk.incubator.vector} if the JVM was started with it ({@code
 * --add-modules jdk.incubator.vector}); the module is not required.
 *
 * <p>The native parts of JavaCPP and OpenBLAS are modules of their own, named by platform, for
 * instance {@code org.bytedeco.openblas.linux.x86_64}; an application on the module path adds them
 * as roots.
 */
@NullMarked
module io.deepretrieval.index {
  requires static org.jspecify;
  requires transitive io.deepretrieval.api;
  requires com.google.common;
  requires io.deepretrieval.format;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.openblas;
  requires jvector;

  exports io.deepretrieval.index;

  provides io.deepretrieval.spi.IndexProvider with
      io.deepretrieval.index.ExactIndexProvider,
      io.deepretrieval.index.GraphIndexProvider;
}
