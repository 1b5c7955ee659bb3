// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Box;
import io.deepretrieval.Resampler;
import io.deepretrieval.RgbImage;
import io.deepretrieval.train.data.Sets;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AugmentationTest {
  private static final int DRAWS = 300;

  private static Augmentation.Builder with() {
    return Augmentation.builder();
  }

  private static Augmentation everything() {
    return with()
        .crop(0.3, 0.9)
        .aspect(0.75, 4 / 3.0)
        .size(24, 20)
        .flip(0.5)
        .brightness(0.3)
        .contrast(0.3)
        .saturation(0.3)
        .jpegQuality(40, 90)
        .build();
  }

  // ---- what is random

  @Test
  void withoutAStepGivesTheImageItself() {
    RgbImage image = Sets.noise(9, 5, 1);

    assertThat(with().build().apply(image, 7)).isSameAs(image);
  }

  @Test
  void aSeedGivesTheSameBytesOnEveryThread() {
    RgbImage image = Sets.noise(60, 44, 2);
    Augmentation steps = everything();
    List<RgbImage> alone =
        LongStream.range(0, 40).mapToObj(seed -> steps.apply(image, seed)).toList();

    List<RgbImage> together =
        LongStream.range(0, 40).parallel().mapToObj(seed -> steps.apply(image, seed)).toList();

    assertThat(together).isEqualTo(alone);
    assertThat(new HashSet<>(alone)).hasSize(40);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void leavingAStepOutDoesNotChangeTheOthers(long seed) {
    RgbImage image = Sets.noise(50, 40, seed);
    RgbImage cropped = with().crop(0.2, 0.8).build().apply(image, seed);

    assertThat(with().crop(0.2, 0.8).flip(1).build().apply(image, seed))
        .isEqualTo(cropped.mirrored());
    assertThat(with().crop(0.2, 0.8).brightness(0.5).contrast(0).build().apply(image, seed))
        .isEqualTo(with().brightness(0.5).build().apply(cropped, seed));
    assertThat(with().crop(0.2, 0.8).size(16, 16).build().apply(image, seed))
        .isEqualTo(Resampler.resample(cropped, 16, 16));
    assertThat(with().crop(0.2, 0.8).jpegQuality(30, 90).build().apply(image, seed))
        .isEqualTo(with().jpegQuality(30, 90).build().apply(cropped, seed));
  }

  @Test
  void imagesOfAnEpochAndEpochsOfAImageHaveSeedsOfTheirOwn() {
    Set<Long> seeds = new HashSet<>();
    for (int epoch = 0; epoch < 20; epoch++) {
      for (int image = 0; image < 50; image++) {
        seeds.add(Augmentation.seed(3, epoch, image));
        seeds.add(Augmentation.seed(4, epoch, image));
      }
    }

    assertThat(seeds).hasSize(2000);
    assertThat(Augmentation.seed(3, 5, 7)).isEqualTo(Augmentation.seed(3, 5, 7));
  }

  // ---- crop

  @Test
  void aCropIsAPartOfTheImageWithItsProportions() {
    RgbImage image = Sets.coordinates(120, 80);
    Augmentation steps = with().crop(0.25, 0.64).build();
    double least = 1;
    double most = 0;
    int left = 120;
    int right = 0;
    for (long seed = 0; seed < DRAWS; seed++) {
      RgbImage part = steps.apply(image, seed);
      int x = part.rgb(0, 0) >> 8;
      int y = part.rgb(0, 0) & 0xFF;
      assertThat(part)
          .as("seed %s", seed)
          .isEqualTo(image.crop(new Box(x, y, x + part.width(), y + part.height())));
      double share = part.width() * part.height() / 9600.0;
      least = Math.min(least, share);
      most = Math.max(most, share);
      left = Math.min(left, x);
      right = Math.max(right, x + part.width());
      // Sides are rounded to whole pixels: 60 and 40 of the smallest part to half a pixel.
      assertThat((double) part.width() / part.height())
          .as("seed %s", seed)
          .isCloseTo(1.5, within(0.04));
    }
    assertThat(least).isBetween(0.245, 0.27);
    assertThat(most).isBetween(0.62, 0.65);
    assertThat(left).isZero();
    assertThat(right).isEqualTo(120);
  }

  @Test
  void aCropHasRandomProportionsInTheirRange() {
    RgbImage image = Sets.coordinates(200, 200);
    Augmentation steps = with().crop(0.2, 0.3).aspect(0.5, 2).build();
    int wide = 0;
    for (long seed = 0; seed < DRAWS; seed++) {
      RgbImage part = steps.apply(image, seed);
      double ratio = (double) part.width() / part.height();
      assertThat(ratio).as("seed %s", seed).isBetween(0.49, 2.04);
      wide += ratio > 1 ? 1 : 0;
    }

    // Uniform in the logarithm: as many are wide as are high, 150 ± 4 standard deviations of 8.7.
    assertThat(wide).isBetween(115, 185);
  }

  @Test
  void proportionsThatDoNotFitGiveTheMiddle() {
    RgbImage image = Sets.coordinates(60, 60);

    assertThat(with().aspect(2, 2).build().apply(image, 1))
        .isEqualTo(image.crop(new Box(0, 15, 60, 45)));
    assertThat(with().aspect(0.5, 0.5).build().apply(image, 1))
        .isEqualTo(image.crop(new Box(15, 0, 45, 60)));
    assertThat(with().aspect(0.5, 2).crop(1, 1).build().apply(Sets.coordinates(7, 7), 1).width())
        .isEqualTo(7);
  }

  @Test
  void aTinyPartIsOnePixel() {
    RgbImage part = with().crop(1e-9, 1e-9).build().apply(Sets.coordinates(30, 20), 5);

    assertThat(part.width()).isEqualTo(1);
    assertThat(part.height()).isEqualTo(1);
  }

  // ---- size

  @Test
  void aFixedSizeTakesTheMiddleOfItsProportions() {
    RgbImage square = Sets.noise(60, 60, 3);

    assertThat(with().size(20, 10).build().apply(square, 1))
        .isEqualTo(Resampler.resample(square.crop(new Box(0, 15, 60, 45)), 20, 10));
    assertThat(with().size(10, 20).build().apply(square, 1))
        .isEqualTo(Resampler.resample(square.crop(new Box(15, 0, 45, 60)), 10, 20));
    assertThat(with().size(30, 30).build().apply(square, 1))
        .isEqualTo(Resampler.resample(square, 30, 30));
    assertThat(with().size(90, 90).build().apply(square, 1))
        .isEqualTo(Resampler.resample(square, 90, 90));
  }

  @Test
  void theLongerSideOnlyShrinks() {
    RgbImage wide = Sets.noise(90, 30, 4);
    RgbImage high = Sets.noise(31, 97, 4);
    Augmentation steps = with().longerSide(45).build();

    assertThat(steps.apply(wide, 1)).isEqualTo(Resampler.shrinkTo(wide, 45));
    assertThat(steps.apply(high, 1)).isEqualTo(Resampler.shrinkTo(high, 45));
    assertThat(with().longerSide(90).build().apply(wide, 1)).isSameAs(wide);
    assertThat(with().longerSide(500).build().apply(wide, 1)).isSameAs(wide);
  }

  @Test
  void theScaleComesAfterTheLongerSide() {
    RgbImage image = Sets.noise(80, 40, 5);

    assertThat(with().longerSide(40).scale(2, 2).build().apply(image, 1)).isSameAs(image);
    assertThat(with().longerSide(40).scale(0.5, 0.5).build().apply(image, 1))
        .isEqualTo(Resampler.resample(image, 20, 10));
    assertThat(with().scale(1.5, 1.5).build().apply(image, 1))
        .isEqualTo(Resampler.resample(image, 120, 60));
  }

  @Test
  void theScaleIsUniformInItsRange() {
    RgbImage image = Sets.plain(100, 10, 0);
    Augmentation steps = with().scale(0.5, 1.5).build();
    double sum = 0;
    for (long seed = 0; seed < DRAWS; seed++) {
      int width = steps.apply(image, seed).width();
      assertThat(width).as("seed %s", seed).isBetween(50, 150);
      sum += width;
    }

    // The mean of 300 draws deviates by 1.7.
    assertThat(sum / DRAWS).isCloseTo(100, within(7.0));
  }

  @Test
  void onlyAFixedSizeIsKnownBefore() {
    assertThat(with().size(24, 20).build().pixels()).isEqualTo(480);
    assertThat(with().longerSide(24).build().pixels()).isZero();
  }

  // ---- flip, color, JPEG

  @Test
  void flipsAsOftenAsAskedFor() {
    RgbImage image = Sets.coordinates(2, 1);
    int flipped = 0;
    for (long seed = 0; seed < 1000; seed++) {
      RgbImage out = with().flip(0.3).build().apply(image, seed);
      assertThat(out.equals(image) || out.equals(image.mirrored())).isTrue();
      flipped += out.equals(image) ? 0 : 1;
      assertThat(with().flip(0).build().apply(image, seed)).isSameAs(image);
      assertThat(with().flip(1).build().apply(image, seed)).isEqualTo(image.mirrored());
    }

    // Four standard deviations of 14.5.
    assertThat(flipped).isBetween(242, 358);
  }

  @Test
  void colorsVaryInTheirRange() {
    RgbImage gray = Sets.plain(1, 1, 0x646464);
    Augmentation steps = with().brightness(0.5).build();
    int least = 255;
    int most = 0;
    for (long seed = 0; seed < DRAWS; seed++) {
      int value = steps.apply(gray, seed).rgb(0, 0) & 0xFF;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }

    assertThat(least).isBetween(50, 53);
    assertThat(most).isBetween(147, 150);
  }

  @Test
  void eachColorStepDrawsItsOwnFactor() {
    Random random = new Random(6);
    RgbImage image = Sets.noise(8, 8, 6);
    long seed = random.nextLong();

    RgbImage all = with().brightness(0.2).contrast(0.4).saturation(0.6).build().apply(image, seed);

    assertThat(all).isNotEqualTo(image);
    assertThat(all).isNotEqualTo(with().brightness(0.2).build().apply(image, seed));
    assertThat(with().contrast(0.4).build().apply(image, seed)).isNotEqualTo(image);
    assertThat(with().saturation(0.6).build().apply(image, seed)).isNotEqualTo(image);
  }

  @Test
  void aVariationOfMoreThanOneStopsAtBlack() {
    assertThat(with().brightness(3).build()).hasToString("augmentation brightness=0.0..4.0");
  }

  @Test
  void jpegQualityIsDrawnFromItsRange() {
    RgbImage image = Sets.noise(16, 16, 7);
    Set<RgbImage> possible = new HashSet<>();
    for (int percent = 20; percent <= 24; percent++) {
      possible.add(JpegRoundTrip.INSTANCE.apply(image, percent));
    }
    Set<RgbImage> drawn = new HashSet<>();
    for (long seed = 0; seed < 100; seed++) {
      drawn.add(with().jpegQuality(20, 24).build().apply(image, seed));
    }

    assertThat(drawn).isEqualTo(possible);
  }

  @Test
  void onePixelPassesEveryStep() {
    RgbImage out = everything().apply(Sets.plain(1, 1, 0x40A0E0), 11);

    assertThat(out.width()).isEqualTo(24);
    assertThat(out.height()).isEqualTo(20);
  }

  // ---- words

  @Test
  void tellsItsStepsInOneLine() {
    assertThat(with().build()).hasToString("augmentation");
    assertThat(everything())
        .hasToString(
            "augmentation area=0.3..0.9 aspect=0.75..1.3333333333333333 size=24x20 flip=0.5"
                + " brightness=0.7..1.3 contrast=0.7..1.3 saturation=0.7..1.3 jpeg=40.0..90.0");
    assertThat(with().crop(0.5, 1).longerSide(362).scale(0.7, 1).build())
        .hasToString("augmentation area=0.5..1.0 aspect=kept longer-side=362 scale=0.7..1.0");
  }

  @Test
  void refusesWhatIsOutOfRange() {
    String crop = "crop must satisfy 0 < least <= most <= 1 but was ";
    refused(() -> with().crop(0, 0.5), crop + "0.0..0.5");
    refused(() -> with().crop(0.6, 0.5), crop + "0.6..0.5");
    refused(() -> with().crop(0.6, 1.1), crop + "0.6..1.1");
    refused(() -> with().crop(Double.NaN, 1), crop + "NaN..1.0");
    String aspect = "aspect must satisfy 0 < narrowest <= widest but was ";
    refused(() -> with().aspect(0, 1), aspect + "0.0..1.0");
    refused(() -> with().aspect(2, 1), aspect + "2.0..1.0");
    refused(() -> with().aspect(1, Double.POSITIVE_INFINITY), aspect + "1.0..Infinity");
    refused(() -> with().size(0, 3), "size must be at least 1x1 but was 0x3");
    refused(() -> with().size(3, -1), "size must be at least 1x1 but was 3x-1");
    refused(() -> with().longerSide(0), "longer side must be at least 1 but was 0");
    String scale = "scale must satisfy 0 < least <= most <= 16 but was ";
    refused(() -> with().scale(0, 1), scale + "0.0..1.0");
    refused(() -> with().scale(1, 17), scale + "1.0..17.0");
    refused(() -> with().flip(1.5), "flip probability must be in [0, 1] but was 1.5");
    refused(() -> with().flip(Double.NaN), "flip probability must be in [0, 1] but was NaN");
    refused(() -> with().brightness(-1), "brightness variation must be >= 0 but was -1.0");
    refused(
        () -> with().contrast(Double.POSITIVE_INFINITY),
        "contrast variation must be >= 0 but was Infinity");
    refused(() -> with().saturation(Double.NaN), "saturation variation must be >= 0 but was NaN");
    String jpeg = "JPEG quality must satisfy 1 <= worst <= best <= 100 but was ";
    refused(() -> with().jpegQuality(0, 50), jpeg + "0..50");
    refused(() -> with().jpegQuality(60, 50), jpeg + "60..50");
    refused(() -> with().jpegQuality(60, 101), jpeg + "60..101");
  }

  @Test
  void refusesAFixedSizeBesideAnother() {
    String rule =
        "a fixed size must stand without a longer side and a scale but was combined with ";
    refused(() -> with().size(2, 2).longerSide(5).build(), rule + "longer side 5");
    refused(() -> with().scale(0.5, 2).size(2, 2).build(), rule + "scale 0.5..2.0");
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
  }
}
