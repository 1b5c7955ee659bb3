// SPDX-License-Identifier: Apache-2.0

import io.deepretrieval.Backbone;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * Describes the images of a folder by poolings whose options the command line does not take, and
 * writes the vectors of each, float32 and little-endian, and its recipe into the current folder.
 *
 * <p>Usage: java -cp JAR Heads.java IMAGES WEIGHTS TRANSFORM THREADS, with weights of a resnet18
 * and a transform from its 512 channels to fewer.
 */
public final class Heads {
  private Heads() {}

  public static void main(String[] args) throws Exception {
    List<Path> images;
    try (Stream<Path> files = Files.list(Path.of(args[0]))) {
      images = files.sorted().toList();
    }
    String transform = args[2];
    List<String> heads =
        List.of(
            "cam classifier=" + transform,
            "cam classifier=" + transform + " top=5 class-whitening=" + transform,
            "r-mac levels=2 overlap=0.3 whole-map=true",
            "r-mac region-whitening=" + transform,
            "spoc mode=sum",
            "spoc mode=centre-prior",
            "gem p=4.25 eps=1e-4",
            "gem-mp p=2.5 channels=512",
            "mac",
            "crow",
            "neural-codes height=7 width=7");
    List<String> recipes = new ArrayList<>();
    Backbone network =
        Providers.backbones()
            .get("resnet18")
            .create(Options.NONE.with("weights", args[1]).with("threads", args[3]));
    for (int i = 0; i < heads.size(); i++) {
      String[] words = heads.get(i).split(" ");
      Options options = Options.NONE;
      for (int w = 1; w < words.length; w++) {
        String[] pair = words[w].split("=", 2);
        options = options.with(pair[0], pair[1]);
      }
      // Not closed: it would close the network, which the next one needs.
      DescriptorExtractor extractor =
          DescriptorExtractor.builder(
                  network, Providers.poolings().get(words[0]).create(options), decoder())
              .build();
      ByteBuffer values =
          ByteBuffer.allocate(4 * extractor.dimension() * images.size())
              .order(ByteOrder.LITTLE_ENDIAN);
      for (Path image : images) {
        for (float value : extractor.extract(ImageSource.of(image)).toArray()) {
          values.putFloat(value);
        }
      }
      recipes.add(i + " " + words[0] + " " + extractor.recipe());
      Files.write(Path.of(i + "-" + words[0] + ".f32"), values.array());
    }
    network.close();
    recipes.forEach(System.out::println);
  }

  /** Not the library's own, whose package may move. */
  private static ImageDecoder decoder() {
    return source -> {
      try (InputStream in = source.open()) {
        BufferedImage image = ImageIO.read(in);
        int[] pixels =
            image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        return RgbImage.ofPacked(image.getWidth(), image.getHeight(), pixels);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }
}
