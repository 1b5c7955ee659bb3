// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.Backbone;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.dl4j.checkpoint.RetrievalCheckpoint;
import io.deepretrieval.dl4j.keras.KerasBackboneProvider;
import io.deepretrieval.dl4j.keras.KerasNetworks;
import io.deepretrieval.dl4j.plan.GraphCompiler;
import io.deepretrieval.format.FileFuzz;
import io.deepretrieval.format.FileFuzz.Format;
import io.deepretrieval.format.Hdf5FileTest;
import io.deepretrieval.format.NamedTensors;
import io.deepretrieval.format.SafetensorsFile;
import io.deepretrieval.format.SafetensorsFile.Tensor;
import io.deepretrieval.format.TorchFileFuzzTest;
import io.deepretrieval.format.TorchFileTest;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads damaged weights of every format. Arguments: folder, files for each format and damage, seed,
 * and Keras files to damage beside the small ones.
 */
final class CheckpointFuzz {
  private final Path directory;

  private CheckpointFuzz(Path directory) {
    this.directory = directory;
  }

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    FileFuzz fuzz = new FileFuzz(directory);
    List<String> keras = Arrays.asList(args).subList(3, args.length);
    for (Format format : new CheckpointFuzz(directory).formats(keras)) {
      fuzz.of(format, Integer.parseInt(args[1]), Long.parseLong(args[2]));
    }
    System.out.println("done");
    System.exit(0);
  }

  private List<Format> formats(List<String> keras) throws IOException {
    List<Format> formats = new ArrayList<>();
    for (String name : List.of("zip.pth", "pickles.pth", "tar.pth")) {
      formats.add(new Format(name, torch(name), CheckpointFuzz::readTorch));
    }
    formats.add(new Format("cir.pth", torch("cir.pth"), file -> whiten(file, "retrieval-SfM-30k")));
    formats.add(
        new Format(
            "cir-whiten.pth",
            torch("cir-whiten.pth"),
            file -> RetrievalCheckpoint.readWhitening(file, "x")));
    formats.add(new Format("dir.pt", torch("dir.pt"), file -> whiten(file, "Landmarks_clean")));
    formats.add(safetensors());
    formats.add(network());
    for (String name : List.of("small.h5", "small-top.h5")) {
      formats.add(keras(Hdf5FileTest.resource(directory, name)));
    }
    formats.add(
        new Format(
            "types.h5",
            Files.readAllBytes(Hdf5FileTest.resource(directory, "types.h5")),
            CheckpointFuzz::readHdf5));
    for (String file : keras) {
      formats.add(keras(Path.of(file)));
    }
    return formats;
  }

  private byte[] torch(String name) throws IOException {
    return Files.readAllBytes(TorchFileTest.resource(directory, name));
  }

  private static void readTorch(Path file) throws IOException {
    TorchFileFuzzTest.readAll(file);
    try (NamedTensors tensors = NamedTensors.open(file)) {
      for (String name : tensors.names()) {
        tensors.read(name);
      }
    }
  }

  private static void whiten(Path file, String set) throws IOException {
    RetrievalCheckpoint checkpoint = RetrievalCheckpoint.read(file);
    if (checkpoint.whitenings().contains(set)) {
      checkpoint.whitening(set, false, 0.25);
    }
  }

  /** The reader names no file, its caller does. */
  private static void readHdf5(Path file) throws IOException {
    try {
      Hdf5FileTest.readAll(file);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private Format safetensors() throws IOException {
    Path file = directory.resolve("sound.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < 6; i++) {
      tensors.put("layer" + i + ".weight", new Tensor(List.of(3, i, 5), new float[15 * i]));
    }
    SafetensorsFile.write(file, Map.of("format", "pt"), tensors);
    Format format =
        new Format(
            "safetensors",
            Files.readAllBytes(file),
            damaged -> {
              SafetensorsFile.metadata(damaged);
              SafetensorsFile.read(damaged);
            });
    format.more.put("header", random -> Optional.of(FileFuzz.header(format.sound, random)));
    return format;
  }

  private Format network() throws IOException {
    Path small = Hdf5FileTest.resource(directory, "small.h5");
    Path file = directory.resolve("sound.network");
    NetworkFile.write(
        file,
        new NetworkFile.Content(
            "net",
            "out",
            Preprocessing.TORCH,
            GraphCompiler.compile(KerasNetworks.read(small), "out")),
        false);
    Files.delete(small);
    Format format =
        new Format(
            "trained network",
            Files.readAllBytes(file),
            damaged -> {
              try (Backbone backbone = NetworkBackbones.open(damaged, 1, 1)) {
                extract(backbone);
              }
            });
    format.more.put("header", random -> Optional.of(FileFuzz.header(format.sound, random)));
    return format;
  }

  private static Format keras(Path file) throws IOException {
    Format format =
        new Format(
            file.getFileName().toString(),
            Files.readAllBytes(file),
            damaged -> {
              try (Backbone backbone =
                  new KerasBackboneProvider()
                      .create(Options.of(Map.of("weights", damaged.toString(), "threads", "1")))) {
                extract(backbone);
              }
            });
    format.more.put(
        "model_config",
        random ->
            KerasFiles.with(
                format.sound, FileFuzz.mutated(KerasFiles.model(format.sound), random)));
    return format;
  }

  /** A network that was read runs; an image that is too small for it is no fault of the file. */
  private static void extract(Backbone backbone) {
    try {
      backbone.extract(FormulaWeights.image(40, 33));
    } catch (IllegalArgumentException | IllegalStateException e) {
      if (String.valueOf(e.getMessage()).isBlank()) {
        throw e;
      }
    }
  }
}
