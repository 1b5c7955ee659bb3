// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Which profiles are converted by. */
final class ColourProfilesTest {
  private static final byte[] SRGB = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();
  private static final byte[] LINEAR = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
  private static final byte[] GREY = ICC_Profile.getInstance(ColorSpace.CS_GRAY).getData();

  private final ColourProfiles profiles = new ColourProfiles();

  @Test
  void srgbIsUsableAndNeedsNoConversion() {
    assertThat(profiles.usable(SRGB, 3)).isTrue();
    assertThat(profiles.toApply(SRGB, 3)).isNull();
  }

  @Test
  void otherColoursAreConverted() {
    assertThat(profiles.toApply(LINEAR, 3)).isNotNull();
    assertThat(profiles.toApply(GREY, 1)).isNotNull();
  }

  @Test
  void wrongNumberOfChannelsIsUnusable() {
    assertThat(profiles.usable(LINEAR, 1)).isFalse();
    assertThat(profiles.usable(LINEAR, 4)).isFalse();
    assertThat(profiles.usable(GREY, 3)).isFalse();
    assertThat(profiles.toApply(GREY, 3)).isNull();
  }

  @Test
  void absentAndDamagedProfilesAreUnusable() {
    assertThat(profiles.usable(null, 3)).isFalse();
    assertThat(profiles.toApply(null, 3)).isNull();
    assertThat(profiles.usable(new byte[0], 3)).isFalse();
    assertThat(profiles.usable(Arrays.copyOf(LINEAR, 200), 3)).isFalse();
  }

  @Test
  void verdictOutlivesManyOtherProfiles() {
    for (int i = 0; i < 100; i++) {
      byte[] other = Arrays.copyOf(LINEAR, LINEAR.length + i + 1);
      profiles.usable(other, 3);
    }

    assertThat(profiles.toApply(LINEAR, 3)).isNotNull();
    assertThat(profiles.toApply(SRGB, 3)).isNull();
  }
}
