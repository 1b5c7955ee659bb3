// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.testkit.PatchBackbone;
import io.deepretrieval.testkit.Randoms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One image at a time; {@link BulkExtractionTest} has the rest. */
final class DescriptorExtractorTest {
  private static final int CHANNELS = 5;
  private static final ImageDecoder NO_DECODER =
      source -> {
        throw new ImageDecodeException(source.name(), "unknown", "there is no decoder", null);
      };

  /** Mean over the cells. */
  static final class MeanPooling implements Pooling {
    @Override
    public String recipe() {
      return "mean";
    }

    @Override
    public int dimension(int channels) {
      return channels;
    }

    @Override
    public float[] pool(FeatureMap map) {
      float[] out = new float[map.channels()];
      float[] values = map.sharedValues();
      for (int i = 0; i < values.length; i++) {
        out[i % out.length] += values[i] * out.length / values.length;
      }
      return out;
    }
  }

  /** Sums of two neighbors and a shift: shorter than its input, and order matters. */
  private record PairSums(String recipe, int inputDimension, float shift) implements Transform {
    @Override
    public int outputDimension() {
      return inputDimension - 1;
    }

    @Override
    public Descriptor apply(Descriptor descriptor) {
      float[] out = new float[descriptor.dimension() - 1];
      for (int i = 0; i < out.length; i++) {
        out[i] = descriptor.at(i) + descriptor.at(i + 1) + shift;
      }
      return Descriptor.copyOf(out, descriptor.recipe());
    }
  }

  /** Passes on to a backbone and keeps what it saw. */
  private static final class Watched implements Backbone {
    final Backbone inner = PatchBackbone.of(CHANNELS, 1);
    final List<List<RgbImage>> seen = new ArrayList<>();
    int closed;

    @Override
    public BackboneSpec spec() {
      return inner.spec();
    }

    @Override
    public List<FeatureMap> extract(List<RgbImage> images) {
      seen.add(List.copyOf(images));
      return inner.extract(images);
    }

    @Override
    public void close() {
      closed++;
      inner.close();
    }
  }

  private static DescriptorExtractor.Builder builder() {
    return builder(PatchBackbone.of(CHANNELS, 1));
  }

  private static DescriptorExtractor.Builder builder(Backbone backbone) {
    return DescriptorExtractor.builder(backbone, new MeanPooling(), NO_DECODER);
  }

  private static RgbImage image() {
    return Randoms.ofSeed(4).image(60, 40);
  }

  private static Descriptor pooled(RgbImage image) {
    try (Backbone backbone = PatchBackbone.of(CHANNELS, 1)) {
      return Descriptor.copyOf(new MeanPooling().pool(backbone.extract(image))).normalized();
    }
  }

  @Test
  void descriptorIsThePooledMapOfLengthOne() {
    try (DescriptorExtractor extractor = builder().build()) {
      Descriptor descriptor = extractor.extract(image());
      assertThat(descriptor.toArray()).isEqualTo(pooled(image()).toArray());
      assertThat(descriptor.norm()).isCloseTo(1, within(1e-6));
      assertThat(descriptor.recipe()).isEqualTo(extractor.recipe());
      assertThat(extractor.dimension()).isEqualTo(CHANNELS);
    }
  }

  @Test
  void withoutImageSizeTheImageIsTakenAsItIs() {
    Watched backbone = new Watched();
    try (DescriptorExtractor extractor = builder(backbone).build()) {
      RgbImage image = image();
      extractor.extract(image);
      assertThat(backbone.seen.get(0).get(0)).isSameAs(image);
    }
  }

  @Test
  void imageSizeShrinksAndNeverEnlarges() {
    Watched backbone = new Watched();
    RgbImage large = image();
    RgbImage small = Randoms.ofSeed(5).image(20, 30);
    try (DescriptorExtractor extractor = builder(backbone).imageSize(30).build()) {
      extractor.extract(List.of(large, small));
      assertThat(backbone.seen).hasSize(1);
      assertThat(backbone.seen.get(0)).containsExactly(Resampler.resample(large, 30, 20), small);
    }
  }

  @Test
  void boxIsCutOutFirstAndScaledByTheFactorOfItsImage() {
    Watched backbone = new Watched();
    RgbImage image = image();
    Box box = new Box(10, 8, 42, 40);
    try (DescriptorExtractor extractor = builder(backbone).imageSize(30).build()) {
      extractor.extract(image, box);
      assertThat(backbone.seen.get(0)).containsExactly(Resampler.resample(image.crop(box), 16, 16));
    }
  }

  @Test
  void boxOfASmallImageIsNotScaled() {
    Watched backbone = new Watched();
    RgbImage image = image();
    Box box = new Box(10, 8, 42, 40);
    try (DescriptorExtractor extractor = builder(backbone).imageSize(100).build()) {
      extractor.extract(image, box);
      assertThat(backbone.seen.get(0)).containsExactly(image.crop(box));
    }
  }

  @Test
  void scalesResampleTheSourceAndAverageTheirDirections() {
    Watched backbone = new Watched();
    RgbImage image = image();
    List<Double> scales = List.of(1.0, 0.5, 1.5);
    try (DescriptorExtractor extractor = builder(backbone).imageSize(30).scales(scales).build()) {
      Descriptor descriptor = extractor.extract(image);
      List<RgbImage> pyramid =
          List.of(
              Resampler.resample(image, 30, 20),
              Resampler.resample(image, 15, 10),
              Resampler.resample(image, 45, 30));
      assertThat(backbone.seen.get(0)).isEqualTo(pyramid);
      float[] mean = new float[CHANNELS];
      for (RgbImage level : pyramid) {
        Descriptor one = pooled(level);
        for (int i = 0; i < CHANNELS; i++) {
          mean[i] += one.at(i) / 3;
        }
      }
      Descriptor expected = Descriptor.copyOf(mean).normalized();
      for (int i = 0; i < CHANNELS; i++) {
        assertThat(descriptor.at(i)).isCloseTo(expected.at(i), within(1e-6f));
      }
    }
  }

  @Test
  void scalesMayBePooledByAPowerMeanThatKeepsTheSign() {
    RgbImage image = image();
    List<Double> scales = List.of(1.0, 0.5);
    try (DescriptorExtractor plain = builder().imageSize(30).scales(scales).build();
        DescriptorExtractor cubes =
            builder().imageSize(30).scales(scales).scaleExponent(3).build();
        DescriptorExtractor one = builder().imageSize(30).scaleExponent(3).build()) {
      assertThat(cubes.recipe().toString()).contains("scales=1.0,0.5 by power mean 3.0;");
      assertThat(cubes.recipe()).isNotEqualTo(plain.recipe());
      assertThat(one.recipe().toString()).contains("scales=1.0;");
      Descriptor a = pooled(Resampler.resample(image, 30, 20));
      Descriptor b = pooled(Resampler.resample(image, 15, 10));
      float[] mean = new float[CHANNELS];
      for (int i = 0; i < CHANNELS; i++) {
        mean[i] = (float) Math.cbrt((Math.pow(a.at(i), 3) + Math.pow(b.at(i), 3)) / 2);
      }
      Descriptor expected = Descriptor.copyOf(mean).normalized();
      Descriptor found = cubes.extract(image);
      for (int i = 0; i < CHANNELS; i++) {
        assertThat(found.at(i)).isCloseTo(expected.at(i), within(1e-6f));
      }
    }
    for (double p : new double[] {0, -1, Double.NaN, 101}) {
      assertThatThrownBy(() -> builder().scaleExponent(p))
          .hasMessage("scale exponent must be in (0, 100] but was " + p);
    }
  }

  @Test
  void viewsOfAQueryAreTurnsOfTheScaledPart() {
    RgbImage image = image();
    Box box = new Box(10, 8, 42, 30);
    Watched backbone = new Watched();
    try (DescriptorExtractor extractor = builder(backbone).scales(List.of(1.0, 0.5)).build()) {
      List<Descriptor> views =
          extractor.extract(image, Optional.of(box), QueryViews.ROTATIONS_AND_MIRROR);
      assertThat(views).hasSize(8);
      assertThat(views.get(0)).isEqualTo(extractor.extract(image, box));
      RgbImage part = image.crop(box);
      RgbImage half = Resampler.scale(part, 0.5);
      assertThat(backbone.seen.get(0).subList(0, 4))
          .containsExactly(part, half, part.turned(), half.turned());
    }
  }

  @Test
  void transformsFollowInOrderEachOfLengthOne() {
    PairSums first = new PairSums("sums-a", CHANNELS, 0.5f);
    PairSums second = new PairSums("sums-b", CHANNELS - 1, -0.25f);
    try (DescriptorExtractor extractor = builder().transform(first).transform(second).build()) {
      Descriptor expected = second.apply(first.apply(pooled(image())).normalized()).normalized();
      assertThat(extractor.extract(image()).toArray()).isEqualTo(expected.toArray());
      assertThat(extractor.extract(image()).recipe()).isEqualTo(extractor.recipe());
      assertThat(extractor.dimension()).isEqualTo(CHANNELS - 2);
    }
  }

  @Test
  void recipeNamesEveryPart() {
    BackboneSpec spec = PatchBackbone.of(CHANNELS, 1).spec();
    String network =
        "backbone=patch; weights="
            + spec.weightsSha256()
            + "; layer=relu; preprocessing="
            + Preprocessing.UNIT.recipe();
    try (DescriptorExtractor plain = builder().build();
        DescriptorExtractor rich =
            builder()
                .imageSize(1024)
                .scales(List.of(1.0, 0.5))
                .transform(new PairSums("sums-a", CHANNELS, 0))
                .transform(new PairSums("sums-b", CHANNELS - 1, 0))
                .build()) {
      assertThat(plain.recipe())
          .hasToString(network + "; size=as is; scales=1.0; pooling=mean; transforms=none");
      assertThat(rich.recipe())
          .hasToString(
              network
                  + "; size=longer side 1024 lanczos3; scales=1.0,0.5; pooling=mean;"
                  + " transforms=sums-a > sums-b");
      assertThat(Recipe.parse(rich.recipe().toString())).isEqualTo(rich.recipe());
      assertThat(rich).hasToString("DescriptorExtractor[" + rich.recipe() + "]");
    }
  }

  @Test
  void batchAndThreadsAreNoPartOfTheRecipe() {
    try (DescriptorExtractor one = builder().build();
        DescriptorExtractor other = builder().batch(3).decodeThreads(5).build()) {
      assertThat(other.recipe()).isEqualTo(one.recipe());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8})
  void vectorsDoNotDependOnTheCompany(int n) {
    try (DescriptorExtractor extractor =
        builder().imageSize(32).scales(List.of(1.0, 0.7)).build()) {
      Randoms random = Randoms.ofSeed(n);
      List<RgbImage> images = new ArrayList<>();
      List<Descriptor> single = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        images.add(random.image(20 + 7 * i, 40));
        single.add(extractor.extract(images.get(i)));
      }
      assertThat(extractor.extract(images)).as(random.note("images")).isEqualTo(single);
    }
  }

  @Test
  void noImageGivesNoDescriptor() {
    try (DescriptorExtractor extractor = builder().build()) {
      assertThat(extractor.extract(List.of())).isEmpty();
    }
  }

  @Test
  void transformOfAnotherDimensionIsRefusedWhenBuilt() {
    DescriptorExtractor.Builder builder =
        builder()
            .transform(new PairSums("sums-a", CHANNELS, 0))
            .transform(new PairSums("sums-b", CHANNELS, 0));
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "transform [sums-b] must take dimension 4 (what comes before it gives that) but takes"
                + " 5");
  }

  @Test
  void partsThatBreakTheirPromiseAreNamed() {
    Pooling longer =
        new Pooling() {
          @Override
          public String recipe() {
            return "longer";
          }

          @Override
          public int dimension(int channels) {
            return channels;
          }

          @Override
          public float[] pool(FeatureMap map) {
            return new float[] {1, 2};
          }
        };
    try (DescriptorExtractor extractor =
        DescriptorExtractor.builder(PatchBackbone.of(CHANNELS, 1), longer, NO_DECODER).build()) {
      assertThatThrownBy(() -> extractor.extract(image()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("pooling [longer] must give dimension 5 but gave 2");
    }
    Transform same =
        new Transform() {
          @Override
          public String recipe() {
            return "same";
          }

          @Override
          public int inputDimension() {
            return CHANNELS;
          }

          @Override
          public int outputDimension() {
            return 3;
          }

          @Override
          public Descriptor apply(Descriptor descriptor) {
            return descriptor;
          }
        };
    try (DescriptorExtractor extractor = builder().transform(same).build()) {
      assertThatThrownBy(() -> extractor.extract(image()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("transform [same] must give dimension 3 but gave 5");
    }
  }

  @Test
  void zeroVectorIsRefusedWithTheStepThatGaveIt() {
    Pooling zeros =
        new Pooling() {
          @Override
          public String recipe() {
            return "zeros";
          }

          @Override
          public int dimension(int channels) {
            return 2;
          }

          @Override
          public float[] pool(FeatureMap map) {
            return new float[2];
          }
        };
    try (DescriptorExtractor extractor =
        DescriptorExtractor.builder(PatchBackbone.of(CHANNELS, 1), zeros, source -> image())
            .build()) {
      String message =
          "descriptor must not be the zero vector but all 2 values were 0 after [zeros]";
      assertThatThrownBy(() -> extractor.extract(image()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
      assertThatThrownBy(() -> extractor.extract(ImageSource.of("a/b.jpg", new byte[0])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a/b.jpg: " + message);
    }
    Transform annihilating =
        new Transform() {
          @Override
          public String recipe() {
            return "times 0";
          }

          @Override
          public int inputDimension() {
            return CHANNELS;
          }

          @Override
          public int outputDimension() {
            return CHANNELS;
          }

          @Override
          public Descriptor apply(Descriptor descriptor) {
            return Descriptor.copyOf(new float[CHANNELS], descriptor.recipe());
          }
        };
    try (DescriptorExtractor extractor = builder().transform(annihilating).build()) {
      assertThatThrownBy(() -> extractor.extract(image()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "descriptor must not be the zero vector but all 5 values were 0 after [times 0]");
    }
  }

  @Test
  void decodeErrorPassesThrough() {
    try (DescriptorExtractor extractor = builder().build()) {
      assertThatThrownBy(() -> extractor.extract(ImageSource.of("a/b.jpg", new byte[0])))
          .isInstanceOf(ImageDecodeException.class)
          .hasMessage("cannot decode a/b.jpg (format unknown): there is no decoder");
    }
  }

  @Test
  void closingClosesTheBackboneAndEndsEverything() {
    Watched backbone = new Watched();
    DescriptorExtractor extractor = builder(backbone).build();
    extractor.close();
    extractor.close();
    assertThat(backbone.closed).isPositive();
    String message = "descriptor extractor is closed: [" + extractor.recipe() + "]";
    Box outside = new Box(1000, 1000, 1001, 1001);
    List<ThrowingCallable> calls =
        List.of(
            () -> extractor.extract(image()),
            () -> extractor.extract(List.of()),
            () -> extractor.extract(image(), outside),
            () -> extractor.extract(ImageSource.of("x", new byte[0])),
            () -> extractor.extractAll(List.of(), (item, descriptor) -> {}));
    for (ThrowingCallable call : calls) {
      assertThatThrownBy(call).isInstanceOf(IllegalStateException.class).hasMessage(message);
    }
    assertThat(backbone.seen).isEmpty();
    assertThatCode(extractor::recipe).doesNotThrowAnyException();
  }

  @Test
  void builderRefusesValuesOutOfRange() {
    DescriptorExtractor.Builder builder = builder();
    assertThatThrownBy(() -> builder.imageSize(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image size must be at least 1 but was 0");
    for (List<Double> scales :
        List.of(List.<Double>of(), List.of(0.0), List.of(1.0, 9.0), List.of(Double.NaN))) {
      assertThatThrownBy(() -> builder.scales(scales))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("scales must be one or more numbers in (0, 8] but were " + scales);
    }
    assertThatThrownBy(() -> builder.batch(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batch must be at least 1 but was 0");
    assertThatThrownBy(() -> builder.decodeThreads(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("decode threads must be at least 1 but was -1");
  }

  @Test
  void builderBuildsIndependentExtractors() {
    DescriptorExtractor.Builder builder = builder();
    try (DescriptorExtractor plain = builder.build();
        DescriptorExtractor shorter =
            builder.transform(new PairSums("sums-a", CHANNELS, 0)).build()) {
      assertThat(plain.dimension()).isEqualTo(CHANNELS);
      assertThat(shorter.dimension()).isEqualTo(CHANNELS - 1);
    }
  }
}
