// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import io.deepretrieval.Backbone;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.spi.BackboneProvider;
import io.deepretrieval.spi.Options;
import java.io.IOException;

/**
 * The backbone {@code onnx}: an {@code .onnx} file, run by ONNX Runtime.
 *
 * <p>Options: {@code weights} (the file, required), {@code layer} (name of the output; default: the
 * only one, or what the file's metadata says), {@code preprocessing} (required where the metadata
 * has none), {@code patch} and {@code prefix-tokens} for the tokens of a vision transformer, {@code
 * stride}, {@code device} ({@code cpu}, the default, or {@code cuda} or {@code cuda:N}), {@code
 * threads}, {@code concurrency}.
 */
public final class OnnxBackboneProvider implements BackboneProvider {
  /** Makes a provider, for {@link java.util.ServiceLoader}. */
  public OnnxBackboneProvider() {}

  @Override
  public String name() {
    return "onnx";
  }

  @Override
  public Backbone create(Options options) throws IOException {
    options.requireKnown(
        "backbone onnx",
        "weights",
        "layer",
        "preprocessing",
        "patch",
        "prefix-tokens",
        "stride",
        "device",
        "threads",
        "concurrency");
    OnnxBackbone.Builder builder =
        OnnxBackbone.builder(
            options
                .path("weights")
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "backbone onnx must have the option weights")));
    options.text("layer").ifPresent(builder::output);
    options.text("preprocessing").map(Preprocessing::named).ifPresent(builder::preprocessing);
    options.text("device").ifPresent(builder::device);
    if (options.text("patch").isPresent()) {
      builder.patch(options.integer("patch", 1));
    }
    if (options.text("prefix-tokens").isPresent()) {
      builder.prefixTokens(options.integer("prefix-tokens", 0));
    }
    if (options.text("stride").isPresent()) {
      builder.stride(options.integer("stride", 1));
    }
    return builder
        .threads(options.integer("threads", 0))
        .concurrency(options.integer("concurrency", 1))
        .build();
  }
}
